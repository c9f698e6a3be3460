//! A small codeset, and policies written for it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use codes::{Code, Date};
use codeset::{Codeset, ImageBuilder, Release, Row, SystemBuilder, SystemId, flags};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).unwrap()
}

pub const PROCEDURES: [&str; 12] =
    ["10060", "10061", "11042", "20610", "36415", "80053", "99211", "99212", "99213", "99214", "G0438", "J1100"];
pub const DIAGNOSES: [&str; 8] = ["E109", "E119", "E1165", "I10", "M545", "S72001A", "Z0000", "Z7984"];
pub const MODIFIERS: [&str; 6] = ["25", "59", "76", "LT", "RT", "GA"];
pub const PLACES: [&str; 3] = ["10", "11", "21"];
pub const REVENUE: [&str; 3] = ["0301", "0450", "0510"];

/// A codeset of a few codes, for 2024 to 2026. 99211 ended with 2024; J1100 is for telehealth.
pub fn codeset() -> Codeset {
    let mut image = ImageBuilder::new();
    let systems: [(SystemId, &[&str]); 5] = [
        (SystemId::Diagnosis, &DIAGNOSES),
        (SystemId::Procedure, &PROCEDURES),
        (SystemId::Modifier, &MODIFIERS),
        (SystemId::PlaceOfService, &PLACES),
        (SystemId::Revenue, &REVENUE),
    ];
    for ((id, codes), release) in systems.into_iter().zip(0u16..) {
        let mut system = SystemBuilder::new(id);
        for code in codes {
            let to = if *code == "99211" { day("2024-12-31") } else { day("2026-12-31") };
            let mut row = Row::new(day("2024-01-01"), Some(to), release);
            row.flags = match *code {
                "J1100" => flags::procedure::TELEHEALTH,
                "21" => flags::place::FACILITY,
                "25" | "59" => flags::modifier::NCCI,
                _ => 0,
            };
            if *code == "G0438" {
                (row.age_low, row.age_high) = (18, 64);
            }
            system.add(Code::parse(code.as_bytes()).unwrap(), row, None);
        }
        if id == SystemId::Diagnosis {
            for category in ["E10", "E11", "E116", "S72"] {
                let row = Row::new(day("2024-01-01"), Some(day("2026-12-31")), release).header();
                system.add(Code::parse(category.as_bytes()).unwrap(), row, None);
            }
        }
        image.release(Release::new("test", id.name(), day("2024-01-01"), Some(day("2026-12-31"))));
        image.system(system).unwrap();
    }
    Codeset::from_bytes(&image.finish().unwrap()).unwrap()
}

/// What every policy of the tests begins with.
pub const HEAD: &str = "[policy]\nid = \"T\"\nversion = \"1\"\nname = \"Test\"\nsource = \"none\"\n\
                        [applies]\npayers = [\"*\"]\n";

/// An edit of this condition, as TOML.
pub fn edit(id: &str, unit: &str, condition: &str) -> String {
    format!(
        "[[edit]]\nid = \"{id}\"\ntitle = \"t\"\nunit = \"{unit}\"\nfails_when = '''\n{condition}'''\n\
         message = \"m\"\nfix = \"f\"\n"
    )
}

/// The messages that these sources of the crate can tell, by the words before their first placeholder.
pub fn messages(files: &[&str]) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut messages = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let calls = ["problems.error", "problems.warn", "self.wrong("];
        for (at, _) in calls.iter().flat_map(|call| code.match_indices(call)) {
            let rest = &code[at..(at + 400).min(code.len())];
            let first = rest.split('"').nth(1).unwrap_or_default();
            let words = first.split('{').next().unwrap().trim();
            if words.len() > 12 {
                messages.insert(words.to_owned());
            }
        }
    }
    messages
}

/// All that is told in the cases of a folder.
pub fn told_in(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|own| own == "txt") {
            all.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    all
}

/// Compares what is told of each case with the text beside it; with `BLESS=1` writes it there.
pub fn compare(cases: &[PathBuf], told: impl Fn(&Path) -> String) {
    let mut wrong = Vec::new();
    for case in cases {
        let (expected_path, got) = (case.with_extension("txt"), told(case));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&expected_path, &got).unwrap();
        }
        let expected = std::fs::read_to_string(&expected_path).unwrap_or_default();
        if got != expected {
            wrong.push(format!("{}: expected\n{expected}\ngot\n{got}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
