//! Small publishers' files of several releases: what they come to, whatever order they are loaded in, and with an image
//! that some of them were made to before.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use cleanclaim_compile::CompileError;
use cleanclaim_compile::assemble::{Assembled, Build, Recognised, Taken};
use codes::{Code, Date};
use codeset::{Codeset, RelationId, SystemId, TaxonomyCode};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).unwrap()
}

fn code(text: &str) -> Code {
    Code::parse(text.as_bytes()).unwrap()
}

/// A folder of files.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    fn add(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn build(base: Option<&Codeset>, files: &[PathBuf]) -> Assembled {
    let build = base.map_or_else(Build::new, |base| Build::new().base(base.clone()));
    build.files(files, &|_| {}).unwrap_or_else(|error| panic!("{error}"))
}

fn opened(built: &Assembled) -> Codeset {
    Codeset::from_bytes(&built.image).unwrap()
}

/// The days of a code's rows that may be reported.
fn days(codeset: &Codeset, id: SystemId, text: &str) -> Vec<String> {
    let system = codeset.system(id).unwrap();
    let Some(ordinal) = system.ordinal(code(text)) else { return vec!["unknown".to_owned()] };
    system.rows(ordinal).iter().filter(|row| row.is_billable()).map(|row| row.days().to_string()).collect()
}

fn codes_file(codes: &[&str]) -> String {
    codes.iter().map(|code| format!("{code:7} Title of {code}\r\n")).collect()
}

fn order_file(rows: &[(&str, bool)]) -> String {
    let row = |(code, billable): &(&str, bool)| {
        let title = format!("Title of {code}");
        format!("00001 {code:7} {} {title:60} {title}\r\n", u8::from(*billable))
    };
    rows.iter().map(row).collect()
}

fn hcpcs_file(rows: &[(&str, &str, &str, &str, &str)]) -> String {
    let mut text = "HCPC,SEQNUM,RECID,LONG DESCRIPTION,COV,ADD DT,ACT EFF DT,TERM DT,ACTION CD\n".to_owned();
    for (code, added, effective, terminated, action) in rows {
        let record = if code.len() == 2 { 7 } else { 3 };
        text += &format!("{code},0010,{record},Title of {code},C,{added},{effective},{terminated},{action}\n");
    }
    text
}

fn ptp_file(rows: &[(&str, &str, &str, u8)]) -> String {
    let mut text = "column1\tcolumn2\tdeleted\tmod\trationale\n".to_owned();
    for (first, second, deleted, indicator) in rows {
        text += &format!("{first}\t{second}\t{deleted}\t{indicator}\tMore extensive procedure\n");
    }
    text
}

fn official_ptp(rows: &[(&str, &str, &str, &str, u8)]) -> String {
    let mut text =
        "Column1/Column2 Edits\nColumn 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit \
                    Rationale\n\t\tprior to 1996\tDate\tDate\t0=not allowed\t\n"
            .to_owned();
    for (first, second, effective, deleted, indicator) in rows {
        text += &format!("{first}\t{second}\t\t{effective}\t{deleted}\t{indicator}\tStandards of practice\n");
    }
    text
}

fn pair_days(codeset: &Codeset, id: RelationId, first: &str, second: &str) -> Vec<String> {
    let system = codeset.system(SystemId::Procedure).unwrap();
    let (relation, target) = (codeset.relation(id).unwrap(), system.ordinal(code(second)));
    let links = relation.links(system.ordinal(code(first)).unwrap());
    let of_pair = links.filter(|link| Some(link.target) == target);
    let mut found: Vec<_> = of_pair.map(|link| (link.class.days().from, link.class)).collect();
    found.sort_by_key(|(from, _)| *from);
    found.iter().map(|(_, class)| format!("{} {}", class.value, class.days())).collect()
}

#[test]
fn a_code_that_disappears_and_returns_has_two_intervals_and_a_missing_year_is_a_hole() {
    let files = Files::new();
    let paths = [
        files.add("icd10cm-codes-2018.txt", &codes_file(&["A000", "A001", "B20"])),
        files.add("icd10cm-codes-2019.txt", &codes_file(&["A000", "B20"])),
        files.add("icd10cm-codes-2020.txt", &codes_file(&["A000", "A001", "B20"])),
        files.add("icd10cm-codes-2022.txt", &codes_file(&["A000", "A001", "B20"])),
    ];
    let codeset = opened(&build(None, &paths));
    let id = SystemId::Diagnosis;
    assert_eq!(days(&codeset, id, "A000"), ["2017-10-01 to 2020-09-30", "2021-10-01 to 2022-09-30"]);
    assert_eq!(
        days(&codeset, id, "A001"),
        ["2017-10-01 to 2018-09-30", "2019-10-01 to 2020-09-30", "2021-10-01 to 2022-09-30"]
    );
    let system = codeset.system(id).unwrap();
    assert!(system.covers(day("2020-09-30")) && !system.covers(day("2020-10-01")) && !system.covers(day("2022-10-01")));
    // The header is there while a code below it is.
    let header = system.ordinal(code("A00")).unwrap();
    assert!(system.row_on(header, day("2018-12-01")).is_some_and(|row| !row.is_billable()));
    assert!(system.row_on(header, day("2021-01-01")).is_none());
    assert_eq!(system.title(system.ordinal(code("A001")).unwrap()), Some("Title of A001"));
}

#[test]
fn an_update_in_april_ends_the_list_of_october_the_day_before() {
    let files = Files::new();
    let paths = [
        files.add("icd10cm-codes-2025.txt", &codes_file(&["A000", "B20"])),
        files.add("icd10cm-codes-April-2025.txt", &codes_file(&["A001", "B20"])),
    ];
    let codeset = opened(&build(None, &paths));
    assert_eq!(days(&codeset, SystemId::Diagnosis, "A000"), ["2024-10-01 to 2025-03-31"]);
    assert_eq!(days(&codeset, SystemId::Diagnosis, "A001"), ["2025-04-01 to 2025-09-30"]);
    let covers: Vec<String> =
        codeset.releases().iter().filter(|release| release.part == "icd10cm").map(|r| r.covers().to_string()).collect();
    assert_eq!(covers, ["2024-10-01 to 2025-03-31", "2025-04-01 to 2025-09-30"]);
}

#[test]
fn the_same_content_under_another_name_is_set_aside_and_changes_nothing() {
    let files = Files::new();
    let once = files.add("one/icd10cm-codes-2025.txt", &codes_file(&["A000", "B20"]));
    let again = files.add("two/icd10cm-codes-2025-copy.txt", &codes_file(&["A000", "B20"]));
    let alone = build(None, std::slice::from_ref(&once));
    let twice = build(None, &[again.clone(), once.clone(), once.clone()]);
    // The name that comes first is kept: that of the copy.
    assert_eq!(twice.summary.files.iter().filter(|file| file.aside.is_some()).count(), 2);
    assert_eq!(build(None, &[once.clone(), once.clone()]).image, alone.image);
    assert_eq!(build(Some(&opened(&alone)), &[once]).image, alone.image);
    assert_eq!(build(Some(&opened(&alone)), &[again]).image, alone.image, "under another name, over the image");
}

#[test]
fn two_files_of_one_day_that_differ_are_a_conflict_with_both_places() {
    let files = Files::new();
    let paths = [
        files.add("icd10cm-codes-2025.txt", &codes_file(&["A000", "B20"])),
        files.add(
            "icd10cm-order-2025.txt",
            &order_file(&[("A00", false), ("A000", true), ("A001", true), ("B20", true)]),
        ),
    ];
    let built = build(None, &paths);
    assert!(!built.summary.is_clean());
    let told: Vec<String> = built.summary.first_conflicts.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "icd10cm A001: icd10cm-order-2025.txt:3 says a code that may be reported, icd10cm-codes-2025.txt says nothing; \
          the first was taken"
        ]
    );
    assert_eq!(days(&opened(&built), SystemId::Diagnosis, "A001"), ["2024-10-01 to 2025-09-30"]);
    let titled = files.add(
        "other/icd10cm-order-2025.txt",
        &order_file(&[("A00", false), ("A000", true), ("B20", true)]).replace("Title of B20", "Another title"),
    );
    let built = build(None, &[paths[0].clone(), titled]);
    let told: Vec<String> = built.summary.first_conflicts.iter().map(ToString::to_string).collect();
    assert!(
        told[0].starts_with("titles:icd10cm B20: icd10cm-codes-2025.txt:2 says \"Title of B20\"")
            && told[0].contains("icd10cm-order-2025.txt:3 says \"Another title\""),
        "{told:?}"
    );
}

#[test]
fn the_newest_list_that_names_a_code_gives_its_title() {
    let files = Files::new();
    let old = files.add("icd10cm-codes-2023.txt", "A000    Old title\r\nB20     Only here\r\n");
    let new = files.add("icd10cm-codes-2025.txt", "A000    New title\r\n");
    let title = |built: &Assembled, text: &str| {
        let codeset = opened(built);
        let system = codeset.system(SystemId::Diagnosis).unwrap();
        system.title(system.ordinal(code(text)).unwrap()).unwrap().to_owned()
    };
    for built in [
        build(None, &[old.clone(), new.clone()]),
        build(Some(&opened(&build(None, std::slice::from_ref(&old)))), std::slice::from_ref(&new)),
        build(Some(&opened(&build(None, std::slice::from_ref(&new)))), std::slice::from_ref(&old)),
    ] {
        assert_eq!((title(&built, "A000"), title(&built, "B20")), ("New title".to_owned(), "Only here".to_owned()));
    }
}

#[test]
fn a_file_that_says_no_day_is_set_aside_until_the_user_says_it() {
    let files = Files::new();
    let path = files.add("codes.txt", &codes_file(&["A000", "B20"]));
    let built = build(None, std::slice::from_ref(&path));
    let aside = built.summary.files[0].aside.as_deref().unwrap();
    assert!(aside.contains("--effective"), "{aside}");
    assert!(!built.summary.is_clean());
    assert!(opened(&built).system(SystemId::Diagnosis).is_none());
    let all = Build::new().effective(None, day("2024-10-01"));
    let named = Build::new().effective(Some("codes.txt"), day("2024-10-01")).effective(Some("x"), day("1999-10-01"));
    for build in [all, named] {
        let built = build.files(std::slice::from_ref(&path), &|_| {}).unwrap();
        assert!(built.summary.is_clean());
        assert_eq!(days(&opened(&built), SystemId::Diagnosis, "B20"), ["2024-10-01 to 2025-09-30"]);
    }
}

#[test]
fn a_table_of_nobody_s_claims_is_set_aside() {
    let files = Files::new();
    let path = files.add("pairs_20240701.tsv", &ptp_file(&[("11042", "97597", "99991231", 1)]));
    let built = build(None, &[path]);
    let aside = built.summary.files[0].aside.as_deref().unwrap();
    assert!(aside.contains("to whose claims"), "{aside}");
    assert!(!built.summary.is_clean() && opened(&built).relation(RelationId::PtpPractitioner).is_none());
}

#[test]
fn rows_that_are_refused_are_told_and_too_many_of_them_stop_the_build() {
    let files = Files::new();
    let mut codes: Vec<String> = (0..200).map(|number| format!("A{number:03}")).collect();
    codes.push("B".to_owned());
    let names: Vec<&str> = codes.iter().map(String::as_str).collect();
    let path = files.add("icd10cm-codes-2025.txt", &codes_file(&names).replace("A000 ", "A0001"));
    let built = build(None, std::slice::from_ref(&path));
    assert_eq!((built.summary.files[0].read, built.summary.files[0].refused), (201, 1));
    assert!(
        built.summary.refused_rows().contains("icd10cm-codes-2025.txt:201: code"),
        "{}",
        built.summary.refused_rows()
    );
    assert!(built.summary.text(5).contains("201 rows read, 200 taken, 1 refused"), "{}", built.summary.text(5));
    let json: serde_json::Value = serde_json::from_str(&built.summary.json()).unwrap();
    assert_eq!(json["files"][0]["refused_rows"][0]["line"], 201);
    let strict = Build::new().refuse_limit(0.001).files(&[&path], &|_| {});
    let Err(CompileError::TooManyRefused { refused: 1, read: 201, .. }) = strict else { panic!("{strict:?}") };
    assert!(strict.err().unwrap().to_string().contains("icd10cm-codes-2025.txt:201"));
}

#[test]
fn what_is_not_recognised_or_damaged_is_told() {
    let files = Files::new();
    let paths = [files.add("readme.txt", "nothing of interest"), files.add("broken.zip", "PK\u{3}\u{4}x")];
    let built = build(None, &paths);
    let found: Vec<&Recognised> = built.summary.files.iter().map(|file| &file.recognised).collect();
    assert!(matches!(found[..], [Recognised::Failed(_), Recognised::Not]), "{found:?}");
    assert!(!built.summary.is_clean());
    let missing = Build::new().files(&["no such file"], &|_| {});
    assert!(matches!(missing, Err(CompileError::Publisher(_))));
}

#[test]
fn codes_of_hcpcs_keep_their_own_days_and_the_newest_file_wins_on_the_last() {
    let files = Files::new();
    let paths = [
        files.add(
            "HCPC2024_JAN_ANWEB.csv",
            &hcpcs_file(&[
                ("A4206", "19900101", "19900101", "", "N"),
                ("J0120", "20000101", "20240101", "20240331", "D"),
                ("J0130", "20000101", "20240101", "20240630", "D"),
                ("J0190", "20000101", "20240101", "20240331", "D"),
                ("K0001", "20000101", "20000101", "", "N"),
                ("LT", "19900101", "19900101", "", "N"),
            ]),
        ),
        files.add(
            "HCPC2024_JUL_ANWEB.csv",
            &hcpcs_file(&[
                ("A4206", "19900101", "19900101", "", "N"),
                // Reactivated after it had ended.
                ("J0120", "20000101", "20240701", "", "R"),
                // The end was put off.
                ("J0130", "20000101", "20240701", "20240930", "D"),
                // The end was removed after it had passed.
                ("J0190", "20000101", "20240701", "", "F"),
                ("LT", "19900101", "19900101", "", "N"),
            ]),
        ),
    ];
    let codeset = opened(&build(None, &paths));
    let of = |text| days(&codeset, SystemId::Procedure, text);
    assert_eq!(of("A4206"), ["1990-01-01 to 2024-09-30"], "as far as a file vouches for it");
    assert_eq!(of("J0120"), ["2000-01-01 to 2024-03-31", "2024-07-01 to 2024-09-30"]);
    assert_eq!(of("J0130"), ["2000-01-01 to 2024-09-30"]);
    assert_eq!(of("J0190"), ["2000-01-01 to 2024-03-31", "2024-07-01 to 2024-09-30"]);
    assert_eq!(of("K0001"), ["2000-01-01 to 2024-03-31"], "a file without it says nothing of when it ended");
    assert_eq!(days(&codeset, SystemId::Modifier, "LT"), ["1990-01-01 to 2024-09-30"]);
    let system = codeset.system(SystemId::Procedure).unwrap();
    for (text, on, covered) in [
        ("A4206", "2024-03-31", true),
        ("A4206", "2024-04-01", false),
        ("A4206", "2024-07-01", true),
        // Of these, CMS's files say nothing.
        ("99213", "2024-07-01", false),
        ("D0120", "2024-07-01", false),
    ] {
        assert_eq!(system.covers_code(code(text), day(on)), covered, "{text} {on}");
    }
    let modifiers = codeset.system(SystemId::Modifier).unwrap();
    for (text, covered) in [("LT", true), ("A1", true), ("59", false), ("P1", false), ("1P", false)] {
        assert_eq!(modifiers.covers_code(code(text), day("2024-07-01")), covered, "{text}");
    }
}

#[test]
fn pairs_in_force_hold_in_their_quarter_alone_and_an_end_without_a_beginning_is_left_out() {
    let files = Files::new();
    let path = files.add(
        "ncci_ptp_prac_20240701.tsv",
        &ptp_file(&[
            ("11042", "97597", "99991231", 1),
            ("11042", "97598", "20240630", 0),
            ("11042", "97602", "20240815", 0),
            ("11042", "97605", "99991231", 9),
        ]),
    );
    let codeset = opened(&build(None, &[path]));
    let of = |second| pair_days(&codeset, RelationId::PtpPractitioner, "11042", second);
    assert_eq!(of("97597"), ["1 2024-07-01 to 2024-09-30"]);
    assert_eq!(of("97602"), ["0 2024-07-01 to 2024-08-15"]);
    for second in ["97598", "97605"] {
        assert!(of(second).is_empty());
    }
    let relation = codeset.relation(RelationId::PtpPractitioner).unwrap();
    assert_eq!(relation.coverage().iter().map(ToString::to_string).collect::<Vec<_>>(), ["2024-07-01 to 2024-09-30"]);
    assert!(codeset.relation(RelationId::PtpHospital).is_none());
}

#[test]
fn official_pairs_keep_their_days_in_part_files_and_the_newest_quarter_wins() {
    let files = Files::new();
    let old = files.add(
        "ccipra-v321r0-f1.txt",
        &official_ptp(&[("0001A", "0591T", "20220101", "*", 1), ("11042", "97597", "20100101", "*", 1)]),
    );
    let parts = [
        files.add(
            "ccipra-v322r0-f1.txt",
            &official_ptp(&[
                ("0001A", "0591T", "20220101", "20231231", 1),
                // Deleted, then back, and not released by a modifier any more.
                ("11000", "11001", "20000101", "20051231", 1),
                ("11000", "11001", "20100101", "*", 0),
            ]),
        ),
        files.add("ccipra-v322r0-f2.txt", &official_ptp(&[("97597", "97598", "20100101", "20100101", 9)])),
    ];
    let all = [old, parts[0].clone(), parts[1].clone()];
    let codeset = opened(&build(None, &all));
    let of = |first, second| pair_days(&codeset, RelationId::PtpPractitioner, first, second);
    assert_eq!(of("0001A", "0591T"), ["1 2022-01-01 to 2023-12-31"]);
    assert_eq!(of("11000", "11001"), ["1 2000-01-01 to 2005-12-31", "0 2010-01-01 on"]);
    assert_eq!(of("11042", "97597"), ["1 2010-01-01 on"], "a file that lacks a pair does not end it");
    let relation = codeset.relation(RelationId::PtpPractitioner).unwrap();
    assert_eq!(relation.coverage().iter().map(ToString::to_string).collect::<Vec<_>>(), ["1996-01-01 to 2026-09-30"]);
    // A list of pairs in force says nothing more on days that the official files answer for.
    let list = files.add("ncci_ptp_prac_20240701.tsv", &ptp_file(&[("11042", "97597", "99991231", 0)]));
    let both = build(None, &[all.to_vec(), vec![list]].concat());
    assert_eq!(pair_days(&opened(&both), RelationId::PtpPractitioner, "11042", "97597"), ["1 2010-01-01 on"]);
}

#[test]
fn add_ons_that_the_editor_leaves_out_are_the_official_files_as_long_as_it_answers() {
    let files = Files::new();
    let header = "Add_On_Code\tAOC_Del_DT\tPrimary_Code\tPrimary_Code_Del_DT\tAOC_Edit_Eff_DT\tAOC_Edit_Del_DT\t\
                  AOC_Edit_Type\tSpecial_Instruction_Notes\n";
    let rows = "0836T\t\t88177\t\t20240101\t\t1\t\n99292\t\t99213\t\t20130401\t\t1\t\n";
    let file = files.add("AOC_V2024Q3-MCR.txt", &format!("{header}{rows}"));
    let base = support::codeset();
    let days = |codeset: &Codeset, first, second| pair_days(codeset, RelationId::AddOn, first, second);
    assert_eq!(days(base, "0836T", "88177"), ["1 2024-01-01 to 2024-03-31"]);
    let extended = opened(&build(Some(base), std::slice::from_ref(&file)));
    let of_file = ["1 2024-01-01 to 2024-03-31", "1 2024-04-01 to 2024-09-30", "1 2026-07-01 on"];
    assert_eq!(days(&extended, "0836T", "88177"), of_file);
    let of_editor = days(base, "99292", "99291");
    assert_eq!(days(&extended, "99292", "99291"), of_editor, "what the editor has of a code stands");
    assert_eq!(days(&extended, "99292", "99213"), ["1 2013-04-01 to 2019-06-30", "1 2026-07-01 on"]);
    // A later file says the same, and an image extended by one after the other is the image of both.
    let later = files.add("AOC_V2025Q1-MCR.txt", &format!("{header}{rows}0846T\t\t88350\t\t20240101\t\t1\t\n"));
    let both = build(Some(base), &[file, later.clone()]);
    assert!(build(Some(&extended), &[later]).image == both.image, "{}", both.summary.text(3));
    let codeset = opened(&both);
    assert_eq!(days(&codeset, "0836T", "88177"), [of_file[0], "1 2024-04-01 to 2025-03-31", of_file[2]]);
}

#[test]
fn pairs_that_two_parts_of_a_release_have_differently_are_a_conflict() {
    let files = Files::new();
    let paths = [
        files.add("ccipra-v322r0-f1.txt", &official_ptp(&[("11000", "11001", "20100101", "*", 0)])),
        files.add("ccipra-v322r0-f2.txt", &official_ptp(&[("11000", "11001", "20150101", "*", 1)])),
    ];
    let built = build(None, &paths);
    let told: Vec<String> = built.summary.first_conflicts.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "ptp-practitioner 11000 with 11001: ccipra-v322r0-f1.txt:4 says 0 on 2010-01-01 on, ccipra-v322r0-f2.txt:4 says \
          1 on 2015-01-01 on; the first was taken"
        ]
    );
    assert!(built.summary.first_conflicts.iter().all(|conflict| conflict.taken == Taken::First));
}

#[test]
fn taxonomies_remarks_places_and_bill_types_are_dated() {
    let files = Files::new();
    let taxonomy = |rows: &[&str]| {
        let row = |code: &&str| format!("{code},Group,Class,,\n");
        format!("Code,Grouping,Classification,Specialization,Notes\n{}", rows.iter().map(row).collect::<String>())
    };
    let remarks = |rows: &str| format!("adj_code\tadj_type\tadj_start_date\tadj_last_modified\tadj_end_date\n{rows}");
    let paths = [
        files.add("nucc_taxonomy_250.csv", &taxonomy(&["207Q00000X", "208D00000X"])),
        files.add("nucc_taxonomy_251.csv", &taxonomy(&["207Q00000X"])),
        files.add("carc_rarc_20240618.tsv", &remarks("45\tCARC\t1995-01-01\t\t\nN56\tRARC\t2000-01-01\t\t\n")),
        files.add("carc_rarc_20250618.tsv", &remarks("45\tCARC\t1995-01-01\t\t2025-01-31\n")),
        files.add("pos_codes_20240628.tsv", "pos_code\tpos_type\tpos_name\n11\tNon-Facility\tOffice\n21\tFacility\tInpatient\n35\tUnassigned\tUnassigned\n"),
        files.add("bill_types_20230401.csv", "bill_type_code,deprecated,deprecated_date\n131,0,\n751,1,2005-10-01\n"),
    ];
    let built = build(None, &paths);
    assert!(built.summary.is_clean(), "{}", built.summary.text(9));
    let codeset = opened(&built);
    let taxonomies = codeset.taxonomies().unwrap();
    let of = |text: &str| {
        let rows = taxonomies.rows_of(TaxonomyCode::parse(text.as_bytes()).unwrap());
        rows.iter().map(|row| row.days().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(of("207Q00000X"), ["2025-04-01 to 2026-03-31"]);
    assert_eq!(of("208D00000X"), ["2025-04-01 to 2025-09-30"]);
    assert_eq!(days(&codeset, SystemId::AdjustmentReason, "45"), ["1995-01-01 to 2025-01-31"]);
    assert_eq!(days(&codeset, SystemId::RemittanceRemark, "N56"), ["2000-01-01 on"], "absence ends nothing");
    assert_eq!(days(&codeset, SystemId::BillType, "131"), ["2023-04-01 on"]);
    assert!(days(&codeset, SystemId::BillType, "751").is_empty());
    let places = codeset.system(SystemId::PlaceOfService).unwrap();
    let facility = |text| {
        let row = places.row_on(places.ordinal(code(text))?, day("2025-01-01"))?;
        Some(row.has(codeset::flags::place::FACILITY))
    };
    assert_eq!((facility("11"), facility("21"), facility("35")), (Some(false), Some(true), None));
    assert_eq!(build(Some(&codeset), &[]).image, built.image, "an image is what it was made from");
}

const NOTICE: &str = "CPT copyright 2026 American\r\nMedical Association. All rights reserved.\r\n\r\n";

#[test]
fn lists_of_the_ama_give_codes_for_a_year_and_the_longest_descriptor() {
    let files = Files::new();
    let tabs = format!("{NOTICE}00100\tAn invented service, in full\r\n0001F\tAnother one\r\n");
    let counted =
        format!("{NOTICE}0010001 An invented service,{:43}\r\n0010002 in full{:57}\r\n0001F01 Another one\r\n", "", "");
    let medium =
        format!("{NOTICE}00100 An invented service, shortened somewhat\r\n0001F Another\r\n99999 Only here\r\n");
    let short = format!("{NOTICE}00100 INVENTED SVC\r\n0001F ANOTHER\r\n");
    let title = |paths: &[PathBuf], text: &str| {
        let codeset = opened(&build(None, paths));
        let system = codeset.system(SystemId::Procedure).unwrap();
        assert_eq!(days(&codeset, SystemId::Procedure, text), ["2026-01-01 to 2026-12-31"]);
        assert!(system.covers_code(code("99213"), day("2026-07-01")), "a list of CPT says what is not in it");
        for other in ["0001U", "A4206", "D0120"] {
            assert!(!system.covers_code(code(other), day("2026-07-01")), "{other}");
        }
        system.title(system.ordinal(code(text)).unwrap()).unwrap().to_owned()
    };
    let [tabs, counted, medium, short] =
        [("LONGULT", &tabs), ("LONGULF", &counted), ("MEDU", &medium), ("SHORTU", &short)]
            .map(|(name, text)| files.add(&format!("CPT_{name}_2026.txt"), text));
    assert_eq!(title(&[short.clone(), tabs.clone()], "00100"), "An invented service, in full");
    assert_eq!(title(std::slice::from_ref(&counted), "00100"), "An invented service, in full");
    assert_eq!(title(&[short.clone(), medium.clone()], "00100"), "An invented service, shortened somewhat");
    assert_eq!(title(std::slice::from_ref(&short), "0001F"), "ANOTHER");
    let agreeing = build(None, &[tabs.clone(), counted, short.clone()]);
    assert!(agreeing.summary.is_clean(), "{}", agreeing.summary.text(5));
    let differing = build(None, &[tabs.clone(), medium]);
    let told: Vec<String> = differing.summary.first_conflicts.iter().map(ToString::to_string).collect();
    assert!(matches!(&told[..], [one] if one.contains("99999") && one.contains("says nothing")), "{told:?}");
    assert_eq!(
        build(Some(&opened(&build(None, std::slice::from_ref(&tabs)))), std::slice::from_ref(&short)).image,
        build(None, &[tabs, short]).image
    );
    // Without the notice, five digits and words may be anything.
    let places = files.add("2026.txt", "00100 Somewhere\r\n00101 Elsewhere\r\n");
    assert_eq!(build(None, &[places]).summary.files[0].recognised, Recognised::Not);
    let broken = files.add("other/SHORTU_2026.txt", &format!("{NOTICE}00100 A\r\n00101 B\r\n0010x C\r\n00100 D\r\n00102\r\n00103 E\r\n00104 F\r\n00105 G\r\n00106 H\r\n00107 I\r\n00108 I\r\n00109 I\r\n"));
    let built = Build::new().refuse_limit(1.0).files(&[broken], &|_| {}).unwrap();
    let lines: Vec<u32> = built.summary.files[0].refusals.iter().map(|refusal| refusal.line).collect();
    assert_eq!(lines, [6, 7, 8]);
}

/// A code list a year, and one in some Aprils.
fn lists() -> impl Strategy<Value = BTreeMap<(i32, bool), BTreeSet<usize>>> {
    let codes = proptest::collection::btree_set(0..CODES.len(), 1..CODES.len());
    proptest::collection::btree_map((2018..2025, any::<bool>()), codes, 1..7)
}

const CODES: [&str; 8] = ["A000", "A001", "A0101", "B20", "B200X1", "E1165", "S72001A", "S72001D"];
const PAIRS: [(&str, &str); 4] = [("11042", "97597"), ("11042", "97598"), ("97597", "11042"), ("G0101", "99213")];

fn list_file(files: &Files, (year, april): (i32, bool), codes: &BTreeSet<usize>) -> PathBuf {
    let names: Vec<&str> = codes.iter().map(|&code| CODES[code]).collect();
    let name = if april { format!("icd10cm-codes-April-{year}.txt") } else { format!("icd10cm-codes-{year}.txt") };
    files.add(&name, &codes_file(&names))
}

fn pairs_file(files: &Files, quarter: u8, pairs: &[(usize, u8, bool)]) -> PathBuf {
    let day = format!("{}{:02}01", 2020 + i32::from(quarter / 4), quarter % 4 * 3 + 1);
    let mut seen = BTreeSet::new();
    let rows: Vec<_> = pairs
        .iter()
        .filter(|(pair, ..)| seen.insert(*pair))
        .map(|&(pair, indicator, ends)| {
            // The quarter's second month, or none.
            let end = if ends { format!("{}15", day.get(..6).unwrap()) } else { "99991231".to_owned() };
            (PAIRS[pair].0, PAIRS[pair].1, end, indicator)
        })
        .collect();
    let rows: Vec<_> = rows.iter().map(|(a, b, end, indicator)| (*a, *b, end.as_str(), *indicator)).collect();
    files.add(&format!("ncci_ptp_prac_{day}.tsv"), &ptp_file(&rows))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn lists_answer_as_the_newest_of_their_fiscal_year_does(lists in lists(), order in any::<u64>()) {
        let files = Files::new();
        let mut paths: Vec<PathBuf> = lists.iter().map(|(&of, codes)| list_file(&files, of, codes)).collect();
        let length = paths.len();
        paths.rotate_left(usize::try_from(order).unwrap_or(0) % length);
        let codeset = opened(&build(None, &paths));
        let system = codeset.system(SystemId::Diagnosis).unwrap();
        let first = |year: i32, april: bool| {
            if april { Date::new(year, 4, 1).unwrap() } else { Date::new(year - 1, 10, 1).unwrap() }
        };
        for year in 2017..2026 {
            for (month, dom) in [(1, 15), (3, 31), (4, 1), (9, 30), (10, 1)] {
                let on = Date::new(year, month, dom).unwrap();
                let fiscal = if month >= 10 { year + 1 } else { year };
                let of_year = lists.iter().filter(|((of, april), _)| *of == fiscal && first(*of, *april) <= on);
                let newest = of_year.max_by_key(|((of, april), _)| first(*of, *april));
                prop_assert_eq!(system.covers(on), newest.is_some(), "{}", on);
                for (place, text) in CODES.iter().enumerate() {
                    let held = newest.is_some_and(|(_, codes)| codes.contains(&place));
                    let row = system.ordinal(code(text)).and_then(|ordinal| system.row_on(ordinal, on));
                    prop_assert_eq!(row.is_some_and(codeset::Row::is_billable), held, "{} {}", text, on);
                }
            }
        }
    }

    #[test]
    fn an_image_extended_is_the_image_of_all_in_whatever_order(
        lists in lists(),
        quarters in proptest::collection::btree_map(
            0u8..12, proptest::collection::vec((0..PAIRS.len(), 0u8..2, any::<bool>()), 1..4), 0..5),
        choice in any::<u64>(),
    ) {
        let files = Files::new();
        let mut paths: Vec<PathBuf> = lists.iter().map(|(&of, codes)| list_file(&files, of, codes)).collect();
        paths.extend(quarters.iter().map(|(&quarter, pairs)| pairs_file(&files, quarter, pairs)));
        let all = build(None, &paths);
        let (base, rest): (Vec<_>, Vec<_>) =
            paths.into_iter().enumerate().partition(|(place, _)| choice >> (place % 64) & 1 == 1);
        let [base, rest] = [base, rest].map(|some| some.into_iter().map(|(_, path)| path).rev().collect::<Vec<_>>());
        let extended = build(Some(&opened(&build(None, &base))), &rest);
        prop_assert!(extended.image == all.image, "{}", extended.summary.text(3));
    }
}

#[test]
fn folders_archives_and_threads_make_no_difference() {
    let files = Files::new();
    let (a, b) = (codes_file(&["A000", "B20"]), codes_file(&["A001", "B20"]));
    let paths = [files.add("x/icd10cm-codes-2024.txt", &a), files.add("y/z/icd10cm-codes-2025.txt", &b)];
    let listed = build(None, &paths).image;
    let folder: &Path = files.0.path();
    for threads in [1, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let built = pool.install(|| Build::new().files(&[folder], &|_| {})).unwrap();
        assert!(built.image == listed, "{threads} threads");
    }
}
