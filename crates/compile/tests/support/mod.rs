//! The default image, and a plain reading of the tables that it was made from as their publishers give them.
//! Nothing here uses the crate's own readers or the tables in `codesets/`.

#![allow(dead_code)]

use cleanclaim_compile::{Built, Sources};
use codes::{Code, Date};
use codeset::{Codeset, System, SystemId};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The folder of the default tables.
pub fn codesets() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../codesets"))
}

/// The default image, compiled once a test program.
pub fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        Sources::open(codesets()).and_then(|sources| sources.compile()).unwrap_or_else(|error| panic!("{error}"))
    })
}

/// The default image, opened once a test program.
pub fn codeset() -> &'static Codeset {
    static CODESET: OnceLock<Codeset> = OnceLock::new();
    CODESET.get_or_init(|| Codeset::from_bytes(&built().image).unwrap())
}

pub fn system(id: SystemId) -> &'static System {
    codeset().system(id).unwrap()
}

/// A file of the publishers' tables; without them, says so where it is seen and gives nothing.
pub fn publisher_file(test: &str, name: &str) -> Option<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    if !Path::new(folder).is_dir() {
        // Not `eprintln!`, which a passing test keeps to itself.
        let notice = format!("SKIPPED: publisher tables not found at {folder}: {test}\n");
        std::io::stderr().write_all(notice.as_bytes()).unwrap();
        return None;
    }
    Some(Path::new(folder).join(name))
}

/// A file's text, decompressed if it is compressed.
pub fn text(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let bytes =
        if path.extension().is_some_and(|end| end == "zst") { zstd::decode_all(&bytes[..]).unwrap() } else { bytes };
    String::from_utf8(bytes).unwrap()
}

/// A tab-separated table with a header.
pub struct Raw {
    text: String,
}

impl Raw {
    pub fn read(path: &Path) -> Raw {
        Raw { text: text(path) }
    }

    pub fn columns(&self) -> Vec<&str> {
        self.text.lines().next().unwrap().split('\t').collect()
    }

    /// The cells of these columns, row by row.
    pub fn rows<'a, const N: usize>(&'a self, names: [&str; N]) -> impl Iterator<Item = [&'a str; N]> {
        let columns = self.columns();
        let places = names.map(|name| columns.iter().position(|column| *column == name).expect(name));
        self.text.lines().skip(1).map(move |line| {
            let cells: Vec<&str> = line.split('\t').collect();
            places.map(|place| cells[place])
        })
    }
}

pub fn code(text: &str) -> Code {
    Code::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"))
}

pub fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"))
}

/// A day as the I/OCE writes it: 0 is none.
pub fn optional_day(text: &str) -> Option<Date> {
    (text != "0" && !text.is_empty()).then(|| day(text))
}

/// The quarters of the I/OCE: each version with its first and last day, in order and without gaps.
pub struct Versions(Vec<(u32, Date, Date)>);

impl Versions {
    pub fn read(path: &Path) -> Versions {
        let mut versions: Vec<(u32, Date, Date)> = Raw::read(path)
            .rows(["version", "date_started", "date_ended"])
            .map(|[version, from, to]| (version.parse().unwrap(), day(from), day(to)))
            .collect();
        versions.sort();
        // The newest version's end stands open in the table, as 2036-03-31; it answers for its quarter only.
        let last = versions.last_mut().unwrap();
        assert_eq!((last.0, last.1), (103, day("2026-04-01")));
        last.2 = day("2026-06-30");
        assert!(versions.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0 && pair[0].2.next() == pair[1].1));
        Versions(versions)
    }

    pub fn on(&self, day: Date) -> Option<u32> {
        self.0.iter().find(|(_, from, to)| (*from..=*to).contains(&day)).map(|(version, ..)| *version)
    }

    pub fn first_day(&self, version: u32) -> Date {
        self.0.iter().find(|(number, ..)| *number == version).unwrap().1
    }

    pub fn last_day(&self, version: u32) -> Date {
        self.0.iter().find(|(number, ..)| *number == version).unwrap().2
    }

    /// The first and last day of every quarter, and the days before the first and after the last.
    pub fn edges(&self) -> Vec<Date> {
        let mut days: Vec<Date> = self.0.iter().flat_map(|(_, from, to)| [*from, *to]).collect();
        days.push(days[0].previous());
        days.push(days[days.len() - 2].next());
        days.sort();
        days
    }
}
