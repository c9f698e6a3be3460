//! Every published unit limit, and every published indicator of the fee schedule, through the edits that read them.
//!
//! What is expected is worked out from CMS's files as read here, not through the image. One row in twenty of the fee
//! schedules; all of them when the environment has `CLEANCLAIM_WHOLE_TABLES=1`, as in CI. The files are not part of the
//! repository: without them the tests say that they are skipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "../crates/compile/tests/support/fees.rs"]
mod fees;

use cleanclaim::{
    ClaimReader, Code, Codeset, CsvOptions, CsvReader, Date, Format, Input, Scrubber, SystemId, embedded, scrub_readers,
};
use compile::assemble::Build;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// A published file, decompressed; without the files, says so where it is seen and gives nothing.
fn published(test: &str, name: &str) -> Option<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");
    if !Path::new(folder).is_dir() {
        // Not `eprintln!`, which a passing test keeps to itself.
        let notice = format!("SKIPPED: publisher tables not found at {folder}: {test}\n");
        std::io::stderr().write_all(notice.as_bytes()).unwrap();
        return None;
    }
    let bytes = std::fs::read(Path::new(folder).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let bytes = if name.ends_with(".zst") { zstd::decode_all(&bytes[..]).unwrap() } else { bytes };
    Some(String::from_utf8(bytes).unwrap())
}

/// The default codeset, extended by these files.
fn extended(files: &[(&str, &str)]) -> Codeset {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let name = Path::new(name).file_name().unwrap().to_string_lossy();
        std::fs::write(folder.path().join(name.trim_end_matches(".zst")), content).unwrap();
    }
    let built =
        Build::new().base(embedded()).files(&[folder.path()], &|_| {}).unwrap_or_else(|error| panic!("{error}"));
    Codeset::from_bytes(&built.image).unwrap()
}

fn is_known(codeset: &Codeset, procedure: &str) -> bool {
    let system = codeset.system(SystemId::Procedure).unwrap();
    let ordinal = system.ordinal(Code::parse(procedure.as_bytes()).unwrap());
    ordinal.is_some_and(|ordinal| !system.rows(ordinal).is_empty())
}

/// Whether the lists of the day do not have a code.
fn is_ended(codeset: &Codeset, procedure: &str, day: Date) -> bool {
    let (system, code) = (codeset.system(SystemId::Procedure).unwrap(), Code::parse(procedure.as_bytes()).unwrap());
    let row = system.ordinal(code).and_then(|ordinal| system.row_on(ordinal, day));
    system.covers_code(code, day) && row.is_none()
}

/// Claims as CSV, and what the edits must report of each: line, edit and outcome, in order.
struct Claims {
    csv: String,
    expected: Vec<(String, Vec<String>)>,
}

const COLUMNS: &str = "claim_id,claim_type,bill_type,revenue_code,contractor,procedure,modifier_1,place_of_service,\
                       service_from,units,unit_basis,dx_1\n";

impl Claims {
    fn new() -> Claims {
        Claims { csv: COLUMNS.to_owned(), expected: Vec::new() }
    }

    /// Scrubs what there is, compares, counts the outcomes, and begins anew.
    fn judge(&mut self, scrubber: &Scrubber, seen: &mut HashMap<String, u64>) {
        let Claims { csv, expected } = std::mem::replace(self, Claims::new());
        let input = Input::from_reader("claims.csv", std::io::Cursor::new(csv.into_bytes())).expect("readable");
        let reader: Box<dyn ClaimReader> =
            Box::new(CsvReader::new(input, CsvOptions::default()).unwrap_or_else(|error| panic!("{error}")));
        let mut out = Vec::new();
        let summary = scrub_readers(scrubber, [reader], Format::Csv, &mut out).expect("runs");
        assert_eq!(summary.tally.claims_read, expected.len() as u64);
        let mut found: HashMap<&str, Vec<String>> = HashMap::new();
        let out = String::from_utf8(out).expect("UTF-8");
        for line in out.lines().skip(1) {
            // claim_id, line_number, edit, name, outcome, severity; none of them is quoted.
            let cells: Vec<&str> = line.splitn(7, ',').collect();
            let severity = if cells[4] == "fail" { cells[5] } else { "" };
            let told = format!("{} {} {} {severity}", cells[1], cells[2], cells[4]);
            found.entry(cells[0]).or_default().push(told.trim_end().to_owned());
        }
        for (id, expected) in &expected {
            let got = found.remove(id.as_str()).unwrap_or_default();
            assert_eq!(&got, expected, "{id}");
            for told in expected {
                *seen.entry(told.split_once(' ').expect("a line").1.to_owned()).or_default() += 1;
            }
        }
        assert!(found.is_empty());
    }
}

const AT_A_TIME: usize = 40_000;

#[test]
fn every_unit_limit_is_kept_up_to_and_exceeded_one_above() {
    // File, claim type, bill type and revenue code, contractor.
    let settings = [
        ("ncci/ncci_mue_prac_20240701.tsv.zst", "P,,,"),
        ("ncci/ncci_mue_out_20240701.tsv.zst", "I,131,0510,"),
        ("ncci/ncci_mue_dme_20240701.tsv", "P,,,17013"),
    ];
    let mut tables = Vec::new();
    for (name, _) in settings {
        let Some(content) = published("unit limits", name) else { return };
        tables.push((name, content));
    }
    let files: Vec<(&str, &str)> = tables.iter().map(|(name, content)| (*name, content.as_str())).collect();
    let codeset = extended(&files);
    let scrubber = Scrubber::builder(codeset.clone()).select("MUE").show_not_evaluated(true).build().expect("edits");
    let (mut claims, mut seen, mut rows) = (Claims::new(), HashMap::new(), 0);
    for ((name, setting), (_, content)) in settings.into_iter().zip(&tables) {
        for (turn, line) in content.lines().skip(1).enumerate() {
            let cells: Vec<&str> = line.split('\t').collect();
            let (procedure, scope): (&str, &str) = (cells[0], cells[2]);
            let limit: u32 = cells[1].parse().expect("units");
            let edit = format!("MUE00{scope}");
            let known = is_known(&codeset, procedure);
            let day = ["2024-07-01", "2024-08-15", "2024-09-30"][turn % 3];
            // The units of each line, and which of them are above the limit.
            let mut cases = vec![(vec![limit], vec![false]), (vec![limit + 1], vec![true])];
            if limit > 0 {
                cases.push((vec![limit - 1], vec![false]));
                cases.push((vec![limit - 1, 1], vec![false, false]));
            }
            // Of a day, two lines are above the limit together; by line, each is within it.
            let by_day = scope != "1";
            cases.push((vec![limit, 1], vec![by_day && limit > 0, by_day || limit == 0]));
            for (number, (lines, above)) in cases.into_iter().enumerate() {
                let id = format!("{procedure}-{number}-{}", &name[14..17]);
                let mut expected = Vec::new();
                for (place, (units, above)) in lines.into_iter().zip(above).enumerate() {
                    let modifier = ["", "59", "RT", "76"][(turn + place) % 4];
                    writeln!(claims.csv, "{id},{setting},{procedure},{modifier},11,{day},{units},UN,Z0000").unwrap();
                    if !known {
                        expected.extend((1..=3).map(|edit| format!("{} MUE00{edit} not-evaluated", place + 1)));
                    } else if above {
                        expected.push(format!("{} {edit} fail error", place + 1));
                    }
                }
                claims.expected.push((id, expected));
            }
            rows += 1;
            if claims.expected.len() >= AT_A_TIME {
                claims.judge(&scrubber, &mut seen);
            }
        }
    }
    claims.judge(&scrubber, &mut seen);
    assert_eq!(rows, 14_677 + 14_628 + 2_928);
    let fails = |edit: &str| seen.get(&format!("{edit} fail error")).copied().unwrap_or_default();
    assert!(["MUE001", "MUE002", "MUE003"].into_iter().all(|edit| fails(edit) > 100), "{seen:?}");
}

/// The rows of one code.
struct OfCode<'s> {
    schedule: &'s fees::Schedule,
    code: &'s str,
    /// Whether some release lists it.
    known: bool,
    /// Whether the lists of the day do not.
    ended: bool,
}

impl<'s> OfCode<'s> {
    fn row(&self, modifier: &str) -> Option<&'s [String; 8]> {
        self.schedule.get(&(self.code.to_owned(), modifier.to_owned()))
    }

    /// The row that holds for a line with the modifier.
    fn of_line(&self, modifier: &str) -> Option<&'s [String; 8]> {
        self.row(modifier).or_else(|| self.row(""))
    }

    /// What the edits report of a line with the modifier, in the order of their ids.
    fn expected(&self, modifier: &str, place: &str) -> Vec<String> {
        let edits = |outcome: &dyn Fn(&str) -> Option<&'static str>, ids: &[&str]| -> Vec<String> {
            ids.iter().filter_map(|id| Some(format!("1 {id} {}", outcome(id)?))).collect()
        };
        let open = |ids: &[&str]| edits(&|_| Some("not-evaluated"), ids);
        let of_modifier: &[&str] = match modifier {
            "26" | "TC" => &["MOD010"],
            "50" => &["MOD011"],
            "80" => &["MOD012"],
            "62" => &["MOD013"],
            "66" => &["MOD014"],
            _ => &[],
        };
        let at_facility: &[&str] = if place == "22" && !self.is_home_visit() { &["POS002"] } else { &[] };
        let always = ["PX020", "PX021", "PX022"];
        let row = self.of_line(modifier);
        let any = row.or_else(|| ["26", "TC", "53"].into_iter().find_map(|component| self.row(component)));
        let outcome = |id: &str| -> Option<&'static str> {
            let fail = |bad: bool, told| bad.then_some(told);
            if id == "MOD010" {
                let allowed: &[&str] = if modifier == "26" { &["1", "6"] } else { &["1"] };
                return any
                    .map_or(Some("not-evaluated"), |row| fail(!allowed.contains(&row[1].as_str()), "fail error"));
            }
            if id == "POS002" && self.is_home_visit() {
                return Some("fail warning");
            }
            let Some([status, pc_tc, _, _, bilateral, assistant, co_surgeons, team]) = row else {
                // A code of which the schedule lists a component only.
                return Some("not-evaluated");
            };
            let status = status.as_str();
            match id {
                "MOD011" => fail(["0", "2", "9"].contains(&bilateral.as_str()), "fail error"),
                "MOD012" => match assistant.as_str() {
                    "2" => None,
                    "0" => Some("fail info"),
                    _ => Some("fail error"),
                },
                "MOD013" => Some(if ["0", "9"].contains(&co_surgeons.as_str()) { "fail error" } else { "fail info" }),
                "MOD014" => fail(["0", "9"].contains(&team.as_str()), "fail error"),
                "POS002" => fail(pc_tc == "5", "fail warning"),
                "PX020" => fail(status == "I", "fail error"),
                "PX021" => fail(status == "B", "fail warning"),
                // Without the HCPCS file, only codes that the schedule calls non-covered, and CPT, can be told.
                "PX022" if status == "N" => Some("fail warning"),
                "PX022" => fail(self.code.starts_with(|first: char| first.is_ascii_alphabetic()), "not-evaluated"),
                _ => None,
            }
        };
        if !self.known || self.ended {
            let mut all = open(of_modifier);
            all.extend(if self.is_home_visit() && place == "22" {
                edits(&outcome, &["POS002"])
            } else {
                open(at_facility)
            });
            all.extend(open(&always));
            return all;
        }
        let place_edits: &[&str] = if place == "22" { &["POS002"] } else { &[] };
        [of_modifier, place_edits, &always].into_iter().flat_map(|ids| edits(&outcome, ids)).collect()
    }

    fn is_home_visit(&self) -> bool {
        ("99341"..="99350").contains(&self.code)
    }
}

/// The modifiers that the edits look at, and none.
const MODIFIERS: [&str; 8] = ["", "26", "TC", "50", "80", "62", "66", "53"];

#[test]
fn every_indicator_of_every_quarter_is_judged_as_the_schedule_says() {
    let mut schedules = Vec::new();
    for (name, from) in fees::SCHEDULES {
        let Some(content) = published("fee schedules", &format!("mpfs/{name}")) else { return };
        schedules.push((name, from, content));
    }
    let files: Vec<(&str, &str)> = schedules.iter().map(|(name, _, content)| (*name, content.as_str())).collect();
    let codeset = extended(&files);
    let mut builder = Scrubber::builder(codeset.clone()).show_bypassed(true).show_not_evaluated(true);
    for edit in ["MOD010", "MOD011", "MOD012", "MOD013", "MOD014", "PX020", "PX021", "PX022", "PX024", "POS002"] {
        builder = builder.select(edit);
    }
    let scrubber = builder.build().expect("edits");
    let step = if std::env::var("CLEANCLAIM_WHOLE_TABLES").is_ok_and(|whole| whole == "1") { 1 } else { 20 };
    let (mut claims, mut seen) = (Claims::new(), HashMap::new());
    for (quarter, (_, from, content)) in schedules.iter().enumerate() {
        let schedule = fees::schedule(content);
        let first = Date::parse(from.as_bytes()).expect("a day");
        let last = Date::from_days(first.days() + 89);
        let mut codes: Vec<&str> = schedule.keys().map(|(code, _)| code.as_str()).collect();
        codes.dedup();
        for (turn, &code) in codes.iter().enumerate().skip(quarter % step).step_by(step) {
            let known = is_known(&codeset, code);
            let day = if turn % 2 == 0 { first } else { last };
            let of_code = OfCode { schedule: &schedule, code, known, ended: is_ended(&codeset, code, day) };
            for (place, modifiers) in [("11", &MODIFIERS[..]), ("22", &MODIFIERS[..1])] {
                for &modifier in modifiers {
                    let id = format!("{code}-{modifier}-{place}-{day}");
                    writeln!(claims.csv, "{id},P,,,,{code},{modifier},{place},{day},1,UN,Z0000").unwrap();
                    let mut expected = of_code.expected(modifier, place);
                    if place == "11" && of_code.is_home_visit() {
                        expected.push("1 POS002 fail warning".to_owned());
                    }
                    expected.sort();
                    claims.expected.push((id, expected));
                }
            }
            // Beside a visit: the global period.
            if known && code != "99213" {
                let id = format!("{code}-visit-{day}");
                writeln!(claims.csv, "{id},P,,,,99213,,11,{day},1,UN,Z0000").unwrap();
                writeln!(claims.csv, "{id},P,,,,{code},,11,{day},1,UN,Z0000").unwrap();
                let mut expected = Vec::new();
                let row = of_code.row("").filter(|_| !of_code.ended);
                if row.is_some_and(|row| ["000", "010", "090"].contains(&row[2].as_str())) {
                    expected.push("1 PX024 fail warning".to_owned());
                }
                let mut own: Vec<String> = of_code.expected("", "11");
                // Beside the visit, which is active, P and T are bundled.
                if row.is_some_and(|row| ["P", "T"].contains(&row[0].as_str())) {
                    own.push("1 PX021 fail warning".to_owned());
                }
                if of_code.is_home_visit() {
                    own.push("1 POS002 fail warning".to_owned());
                }
                own.sort();
                expected.extend(own.into_iter().map(|told| told.replacen('1', "2", 1)));
                claims.expected.push((id, expected));
            }
            if claims.expected.len() >= AT_A_TIME {
                claims.judge(&scrubber, &mut seen);
            }
        }
    }
    claims.judge(&scrubber, &mut seen);
    for edit in ["MOD010", "MOD011", "MOD012", "MOD013", "MOD014", "PX020", "PX021", "PX022", "PX024", "POS002"] {
        let fails: u64 =
            seen.iter().filter(|(told, _)| told.starts_with(&format!("{edit} fail"))).map(|(_, n)| n).sum();
        assert!(fails > 20, "{edit}: {seen:?}");
    }
    assert!(seen["MOD012 fail info"] > 100 && seen["MOD013 fail info"] > 100, "{seen:?}");
}
