//! What becomes of each kind of table, on tables small enough to read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/small.rs"]
mod small;

use cleanclaim_compile::diff::{PartDiff, diff};
use codes::{Code, Date};
use codeset::{Codeset, NoteKind, RelationId, Release, Row, RowKind, SystemId, flags};
use small::Small;

fn code(text: &str) -> Code {
    Code::parse(text.as_bytes()).unwrap()
}

fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).unwrap()
}

fn opened() -> Codeset {
    Codeset::from_bytes(&Small::new().built().image).unwrap()
}

/// A code's rows as text: days, then H for headers.
fn rows(codeset: &Codeset, id: SystemId, text: &str) -> Vec<String> {
    let system = codeset.system(id).unwrap();
    let ordinal = system.ordinal(code(text)).unwrap_or_else(|| panic!("{text}"));
    let written = |row: &Row| {
        let days = row.days();
        let to = days.to.map(|to| to.to_string()).unwrap_or_default();
        format!("{}..{to}{}", days.from, if row.kind() == RowKind::Header { " H" } else { "" })
    };
    system.rows(ordinal).iter().map(written).collect()
}

fn value(codeset: &Codeset, id: RelationId, from: &str, to: &str, on: &str) -> Option<u16> {
    let (relation, system) = (codeset.relation(id).unwrap(), codeset.system(id.system()).unwrap());
    let ordinal = |text: &str| system.ordinal(code(text)).unwrap_or_else(|| panic!("{text}"));
    relation.on(ordinal(from), ordinal(to), day(on)).map(|class| class.value)
}

#[test]
fn a_header_is_there_on_the_days_of_the_codes_below_it_unless_it_is_a_code_itself() {
    let codeset = opened();
    let rows = |text| rows(&codeset, SystemId::Diagnosis, text);
    // A code until 2017, a header since, without a gap between the codes below it.
    assert_eq!(rows("A047"), ["2015-10-01..2017-09-30", "2017-10-01..2027-03-31 H"]);
    assert_eq!(rows("A04"), ["2015-10-01..2027-03-31 H"]);
    assert_eq!(rows("A0472"), ["2018-10-01..2020-09-30", "2021-10-01..2027-03-31"]);
    // Every beginning of three characters or more, the placeholder's too, on the same days.
    for header in ["O03", "O037", "O0371", "O0371X"] {
        assert_eq!(rows(header), ["2016-10-01..2016-12-31 H", "2017-02-01..2017-03-31 H"], "{header}");
    }
    // Two letters first, as since FY2026.
    assert_eq!(rows("QA0"), ["2025-10-01..2027-03-31 H"]);
    assert_eq!(codeset.system(SystemId::Diagnosis).unwrap().ordinal(code("A0")), None);
    // A listed header without codes is known, on no day.
    assert_eq!(rows("C77"), [""; 0]);
}

#[test]
fn diagnoses_keep_their_flags_and_say_what_those_could_set_off() {
    let codeset = opened();
    let system = codeset.system(SystemId::Diagnosis).unwrap();
    let ordinal = |text: &str| system.ordinal(code(text)).unwrap();
    let row = system.row_on(ordinal("O0371XA"), day("2016-10-01")).unwrap();
    assert_eq!(row.flags, flags::diagnosis::FEMALE | flags::diagnosis::MATERNITY);
    assert_eq!(system.could(ordinal("O0371XA")), flags::could::AGE | flags::could::SEX);
    // One of its rows has the flag, the other has not.
    assert_eq!(system.could(ordinal("A0472")), flags::could::FIRST_PLACE);
    assert_eq!(system.could(ordinal("A0471")), 0);
    assert_eq!(system.could(ordinal("O0371")), 0);
}

#[test]
fn titles_reach_known_codes_and_make_no_coverage() {
    let codeset = opened();
    let system = codeset.system(SystemId::Diagnosis).unwrap();
    let title = |text: &str| system.title(system.ordinal(code(text)).unwrap());
    assert_eq!(title("A04"), Some("Other bacterial intestinal infections"));
    assert_eq!(title("A0471"), None);
    assert_eq!(system.ordinal(code("C770")), None);
    let places = codeset.system(SystemId::PlaceOfService).unwrap();
    assert_eq!(places.title(places.ordinal(code("10")).unwrap()), Some("Telehealth Provided in Patient's Home"));
    let parts: Vec<&str> = codeset.releases().iter().map(|release| release.part.as_str()).collect();
    assert!(parts.contains(&"titles:icd10cm") && parts.contains(&"titles:procedures"), "{parts:?}");
    let titles = "release = \"release of icd10cm-titles\"\ncovers = [\"";
    let list = Small::new().list().replace(&format!("{titles}2019-07-01"), &format!("{titles}2001-01-01"));
    let codeset = Codeset::from_bytes(&Small::new().put("sources.toml", list).built().image).unwrap();
    assert!(codeset.releases().iter().any(|release| release.covers().from == day("2001-01-01")));
    let system = codeset.system(SystemId::Diagnosis).unwrap();
    assert_eq!(system.coverage()[0].from, day("2019-07-01"));
    assert_eq!(system.coverage().len(), 1);
}

#[test]
fn procedures_are_cut_to_the_days_of_approval() {
    let codeset = opened();
    let rows = |text| rows(&codeset, SystemId::Procedure, text);
    assert_eq!(rows("99213"), ["2019-07-01..2026-06-30"]);
    assert_eq!(rows("90658"), ["2024-08-01..2024-12-31"]);
    // The emergency ended inside one quarter and before the next.
    assert_eq!(rows("U0003"), ["2023-04-01..2023-05-11"]);
    // Approval ended before the quarter began: known, on no day.
    assert_eq!(rows("0001A"), [""; 0]);
    let system = codeset.system(SystemId::Procedure).unwrap();
    let ordinal = system.ordinal(code("90658")).unwrap();
    let row = system.rows(ordinal)[0];
    assert_eq!((row.age_low, row.age_high, row.status()), (3, 124, "L"));
    assert_eq!(row.flags, flags::procedure::VACCINE | flags::procedure::NCCI_COLUMN_1);
    assert_eq!(system.could(ordinal), flags::could::AGE);
    assert_eq!(rows("99292"), [""; 0], "a code that only a relation names");
}

#[test]
fn modifiers_begin_when_they_are_activated() {
    let codeset = opened();
    assert_eq!(rows(&codeset, SystemId::Modifier, "59"), ["2019-07-01..2026-06-30"]);
    assert_eq!(rows(&codeset, SystemId::Modifier, "CT"), ["2020-01-15..2026-06-30"]);
    assert_eq!(rows(&codeset, SystemId::Modifier, "FX"), [""; 0]);
    for (one, other) in [("CT", "FX"), ("FX", "CT")] {
        assert_eq!(value(&codeset, RelationId::ModifierConflict, one, other, "2026-06-30"), Some(0));
        assert_eq!(value(&codeset, RelationId::ModifierConflict, one, other, "2026-07-01"), None);
    }
}

#[test]
fn pairs_change_their_indicator_between_two_days_and_those_of_indicator_9_are_none() {
    let codeset = opened();
    let on = |one, two, day| value(&codeset, RelationId::PtpHospital, one, two, day);
    assert_eq!(on("99291", "36000", "2019-06-30"), None);
    assert_eq!(on("99291", "36000", "2019-07-01"), Some(0));
    assert_eq!(on("99291", "36000", "2020-12-31"), Some(0));
    assert_eq!(on("99291", "36000", "2021-01-01"), Some(1));
    assert_eq!(on("36000", "99291", "2021-01-01"), None);
    assert_eq!(on("99291", "0001A", "2019-07-01"), None);
    let system = codeset.system(SystemId::Procedure).unwrap();
    let could = |text: &str| system.could(system.ordinal(code(text)).unwrap());
    assert_eq!(could("99291"), flags::could::PTP_HOSPITAL_COLUMN_1);
    assert_eq!(could("99213"), flags::could::PTP_HOSPITAL_COLUMN_2);
    assert_eq!(system.ordinal(code("36410")), None, "only a pair of indicator 9 names it");
}

#[test]
fn add_ons_lead_to_their_primaries_and_those_without_a_list_to_themselves() {
    let codeset = opened();
    let on = |one, two| value(&codeset, RelationId::AddOn, one, two, "2024-01-01");
    assert_eq!(on("99292", "99291"), Some(1));
    assert_eq!(on("99291", "99292"), None);
    assert_eq!(on("0054T", "0054T"), Some(2));
    assert_eq!(on("20701", "11011"), Some(3));
    assert_eq!(on("20701", "20701"), None);
    let system = codeset.system(SystemId::Procedure).unwrap();
    let could = |text: &str| system.could(system.ordinal(code(text)).unwrap());
    assert_eq!(could("99292") & could("0054T") & could("20701"), flags::could::ADD_ON);
    assert_eq!(could("11011"), 0);
}

#[test]
fn a_successor_is_the_answer_from_the_day_after_the_last() {
    let codeset = opened();
    let on = |to, day| value(&codeset, RelationId::DiagnosisSuccessor, "A047", to, day);
    assert_eq!(on("A0471", "2017-09-30"), None);
    assert_eq!(on("A0471", "2017-10-01"), Some(0));
    assert_eq!(on("A0479", "2199-12-31"), Some(0));
}

#[test]
fn places_of_service_change_their_rate_and_may_have_no_end() {
    let codeset = opened();
    assert_eq!(rows(&codeset, SystemId::PlaceOfService, "10"), ["2022-01-01..2023-12-31", "2024-01-01.."]);
    let system = codeset.system(SystemId::PlaceOfService).unwrap();
    let ordinal = system.ordinal(code("10")).unwrap();
    let facility = |on| system.row_on(ordinal, day(on)).map(|row| row.has(flags::place::FACILITY));
    assert_eq!((facility("2023-12-31"), facility("2024-01-01")), (Some(true), Some(false)));
}

#[test]
fn every_row_names_the_release_that_it_is_from() {
    let codeset = opened();
    for system in SystemId::ALL.into_iter().filter_map(|id| codeset.system(id)) {
        let id = system.id();
        for (ordinal, _) in system.iter() {
            for row in system.rows(ordinal) {
                assert_eq!(codeset.releases()[usize::from(row.release)].part, id.name());
            }
        }
    }
    for id in RelationId::ALL {
        for class in codeset.relation(id).map(|relation| relation.classes().to_vec()).unwrap_or_default() {
            assert_eq!(codeset.releases()[usize::from(class.release)].part, id.name());
        }
    }
    let release = codeset.releases().iter().find(|release| release.table == "ncci-hospital-ptp").unwrap();
    assert_eq!(release.label, "release of ncci-hospital-ptp");
    assert_eq!((release.publisher.as_str(), release.obtained.as_str()), ("CMS", "by hand"));
    assert_eq!((release.file.as_str(), release.rows), ("ncci/hospital_ptp.tsv", 3));
    assert_eq!(release.covers().to_string(), "2019-07-01 to 2026-06-30");
}

#[test]
fn notes_hold_for_everything_below_their_owner_and_on_the_days_of_their_list() {
    let codeset = opened();
    let (system, notes) = (codeset.system(SystemId::Diagnosis).unwrap(), codeset.notes().unwrap());
    let ordinal = |text: &str| system.ordinal(code(text)).unwrap();
    let owner = |one: &str, other: &str, on: &str| {
        notes.excludes1(ordinal(one), ordinal(other), day(on)).map(|note| note.owner().first.to_string())
    };
    // The note of the section holds for A047.1 alone; that of the subcategory for both codes below it.
    for (code, other, expected) in [
        ("A0471", "A0472", Some("A047")),
        ("A0472", "A0472", Some("A047")),
        ("A0472", "A0471", None),
        ("A0471", "A0471", None),
        ("A0471", "O0371XA", Some("A04")),
        ("A0471", "O0371XD", Some("A04")),
        ("A0471", "QA00101", Some("A04")),
        ("A0472", "QA00101", None),
        ("QA00101", "A0471", None),
    ] {
        assert_eq!(owner(code, other, "2022-01-01").as_deref(), expected, "{code} {other}");
    }
    for (on, holds) in [("2019-06-30", false), ("2019-07-01", true), ("2026-06-30", true), ("2026-07-01", false)] {
        assert_eq!(owner("A0471", "A0472", on).is_some(), holds, "{on}");
        assert_eq!(notes.covers(day(on)), holds, "{on}");
    }
    let first: Vec<_> = notes.of(ordinal("A0471"), NoteKind::CodeFirst, day("2022-01-01")).collect();
    assert!(first.len() == 1 && first[0].names_examples() && first[0].names(ordinal("QA00101")));
    assert_eq!(notes.of(ordinal("QA00101"), NoteKind::CodeFirst, day("2022-01-01")).count(), 0);
    assert_eq!((notes.len(), notes.iter().count()), (3, 3));
}

#[test]
fn the_summary_accounts_for_every_row() {
    let summary = Small::new().built().summary;
    let of = |file: &str| {
        let table = summary.tables.iter().find(|table| table.file == file).unwrap();
        let skipped: Vec<u64> = table.skipped.iter().map(|(_, count)| *count).collect();
        (table.read, table.taken, skipped)
    };
    assert_eq!(of("icd10cm/codes.tsv"), (7, 7, vec![]));
    assert_eq!(of("icd10cm/titles.tsv"), (4, 3, vec![1]));
    assert_eq!(of("procedures/codes.tsv"), (6, 4, vec![2]));
    assert_eq!(of("modifiers/codes.tsv"), (3, 2, vec![1]));
    assert_eq!(of("modifiers/conflicts.tsv"), (1, 2, vec![]));
    assert_eq!(of("ncci/hospital_ptp.tsv"), (3, 4, vec![2]));
    assert_eq!(of("addon/type3.tsv"), (1, 2, vec![]));
    let text = summary.to_string();
    assert!(text.contains("ncci/hospital_ptp.tsv          3 rows read,        4 taken into ptp-hospital"), "{text}");
    assert!(text.contains("2 left out: pairs of indicator 9"), "{text}");
    assert!(summary.tables.is_sorted_by_key(|table| &table.file));
}

#[test]
fn the_order_of_the_list_and_of_the_rows_does_not_matter() {
    let small = Small::new();
    let image = small.built().image;
    assert!(small.built().image == image, "the same tables twice");
    let mut turned = small.clone();
    turned.reverse_list();
    for file in Small::names() {
        let text = turned.text(file);
        let (header, rows) = text.split_once('\n').unwrap();
        let mut rows: Vec<&str> = rows.lines().collect();
        rows.reverse();
        turned = turned.put(file, format!("{header}\n{}\n", rows.join("\n")));
    }
    assert_same(&turned.built().image, &image);
}

#[test]
fn a_last_line_need_not_be_ended() {
    let small = Small::new();
    let text = small.text("pos/codes.tsv");
    let image = small.clone().put("pos/codes.tsv", text.trim_end_matches('\n')).built().image;
    assert_same(&image, &small.built().image);
}

/// Whether two images say the same of everything. Their bytes differ where their tables' do: a release keeps the digest of
/// the file that it was read from.
fn assert_same(one: &[u8], other: &[u8]) {
    let [one, other] = [one, other].map(|image| Codeset::from_bytes(image).unwrap());
    let mut changes = Vec::new();
    let parts = diff(&one, &other, &mut |change| changes.push(change.json().to_string()));
    assert!(!parts.is_empty() && parts.iter().all(PartDiff::is_same), "{changes:#?}");
    let told = |codeset: &Codeset| -> Vec<Release> {
        let undigested = |release: &Release| {
            let mut own = release.clone();
            own.digest = 0;
            own
        };
        codeset.releases().iter().map(undigested).collect()
    };
    assert_eq!(told(&one), told(&other));
}
