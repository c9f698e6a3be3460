//! The publishers' files of the shared tables, all of them, over the default image: what they come to, and where they and
//! the tables of the default image differ.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use cleanclaim_compile::assemble::{Assembled, Build, Conflict, Recognised};
use cleanclaim_compile::publisher::hcpcs::RecordKind;
use cleanclaim_compile::publisher::{Publication, read};
use codes::{Code, CodeKind, Date};
use codeset::{Codeset, RelationId, Row, SystemId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The folders of publishers' files. That of excerpts is not among them: an excerpt is no release.
const FOLDERS: [&str; 6] = ["icd10cm", "hcpcs", "mpfs", "ncci", "supporting", "mcd"];

/// What is no publisher's file of a kind that is read, and why.
const NOT_READ: [(&str, &str); 14] = [
    ("HCPCS17_recordlayout.txt", "a document"),
    ("HCPCS18_recordlayout.txt", "a document"),
    ("HCPCS2019_recordlayout.txt", "a document"),
    ("RVU25D.txt", "a document"),
    ("MCD_CSV_HEADERS.md", "a document"),
    ("cms_coverage_api_openapi_v1.5.json.zst", "a document"),
    ("ANES2025.csv", "amounts"),
    ("documents_latest_2025-08.csv.zst", "titles of documents, no codes"),
    ("mcd_observed_rows.csv", "rows of several tables, quoted"),
    ("pycomorb_icd10cm_yearly_changes.csv.zst", "a source of the default tables"),
    ("rbcs_202406.tsv.zst", "a classification of codes, which no edit reads"),
    ("terminology__admit_source.csv", "codes that no edit reads"),
    ("terminology__admit_type.csv", "codes that no edit reads"),
    ("terminology__", "codes that no edit reads, or that the default tables have"),
];

fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).unwrap()
}

/// How the whole build is told what the files do not say themselves.
fn build() -> Build {
    // The list of 2021 has the codes of 2021-01-01 (J12.82 among them), and its name the fiscal year alone.
    Build::new()
        .base(support::codeset().clone())
        .effective(Some("icd10cm-tabular-2021.xml.zst"), day("2021-01-01"))
        .effective(Some("terminology__bill_type.csv"), day("2023-04-01"))
}

fn folders(data: &Path) -> Vec<PathBuf> {
    FOLDERS.iter().map(|name| data.join(name)).collect()
}

fn whole(test: &str) -> Option<&'static (Assembled, Codeset)> {
    static BUILT: OnceLock<(Assembled, Codeset)> = OnceLock::new();
    let data = support::publisher_file(test, "")?;
    Some(BUILT.get_or_init(|| {
        let built = build().files(&folders(&data), &|_| {}).unwrap_or_else(|error| panic!("{error}"));
        let codeset = Codeset::from_bytes(&built.image).unwrap();
        (built, codeset)
    }))
}

fn publication(path: &Path) -> Publication {
    let bytes = std::fs::read(path).unwrap();
    let bytes =
        if path.extension().is_some_and(|end| end == "zst") { zstd::decode_all(&bytes[..]).unwrap() } else { bytes };
    read(path, &bytes).unwrap().unwrap()
}

#[test]
fn every_file_loads_or_is_known_to_be_none_that_is_read() {
    let Some((built, _)) = whole("every_file_loads_or_is_known_to_be_none_that_is_read") else { return };
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for file in &built.summary.files {
        let name = Path::new(&file.path).file_name().unwrap().to_string_lossy().into_owned();
        match &file.recognised {
            Recognised::As(kind) => {
                *kinds.entry(kind).or_insert(0) += 1;
                assert_eq!(file.refused, 0, "{name}");
                assert!(file.read > 0, "{name}");
            }
            Recognised::Not => assert!(NOT_READ.iter().any(|(not, _)| name.starts_with(not)), "{name}"),
            Recognised::Failed(error) => panic!("{error}"),
        }
    }
    for (kind, count) in [
        ("ICD-10-CM order file", 2),
        ("ICD-10-CM codes file", 1),
        ("ICD-10-CM tabular list (XML)", 3),
        ("HCPCS Level II contractor file, fixed width", 4),
        ("HCPCS Level II table (xlsx or csv)", 4),
        ("Physician Fee Schedule relative value file", 22),
        ("NCCI procedure-to-procedure edits", 2),
        ("NCCI medically unlikely edits", 3),
        ("NCCI add-on codes", 1),
        ("NUCC provider taxonomy", 4),
        ("adjustment reason and remark codes", 1),
        ("places of service", 1),
        ("types of bill", 1),
        ("Clinical Laboratory Fee Schedule", 1),
        ("Medicare Coverage Database", 1),
    ] {
        assert_eq!(kinds.get(kind), Some(&count), "{kind}");
    }
    let corrected = built.summary.files.iter().find(|file| file.path.ends_with("rvu24a_jan.masked.tsv.zst")).unwrap();
    assert!(corrected.aside.as_deref().is_some_and(|aside| aside.contains("rvu24ar")), "{:?}", corrected.aside);
}

#[test]
fn files_and_default_tables_differ_where_it_is_listed_and_nowhere_else() {
    let Some((built, _)) = whole("files_and_default_tables_differ_where_it_is_listed_and_nowhere_else") else { return };
    let listed =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differences/hcpcs_and_editor.tsv"));
    let listed = listed.unwrap();
    let listed: Vec<Vec<&str>> = listed.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    // What two files of HCPCS say against one another stands beside it.
    let (added, found): (Vec<_>, Vec<_>) = built
        .summary
        .first_conflicts
        .iter()
        .filter(|conflict| conflict.part == "procedures")
        .partition(|conflict| conflict.says[0].starts_with("that it was added"));
    let said = |conflict: &&Conflict| (conflict.about.clone(), conflict.says[0].clone(), conflict.says[1].clone());
    let found: Vec<_> = found.iter().map(said).collect();
    let expected = listed.iter().map(|row| (row[0].to_owned(), row[1].to_owned(), row[2].to_owned()));
    assert_eq!(found, expected.collect::<Vec<_>>());
    let on = |day: &str| format!("that it was added on {day}");
    let expected = [
        ("G9890", "2018-01-01", "2018-04-01"),
        ("G9891", "2018-01-01", "2018-04-01"),
        ("C9058", "2020-04-01", "2019-11-15"),
    ];
    let expected = expected.map(|(code, one, other)| (code.to_owned(), on(one), on(other)));
    assert_eq!(added.iter().map(said).collect::<Vec<_>>(), expected);
    let counts: Vec<(&str, u64)> =
        built.summary.conflicts.iter().map(|(part, count)| (part.as_str(), *count)).collect();
    assert_eq!(
        counts,
        [
            // The editor takes some codes for type 2 that the add-on file lists primaries of, and dates others otherwise.
            ("add-on", 331),
            // H54.512 has one code below it, H54.512A, and no list has it; in two lists.
            ("icd10cm headers", 2),
            // 66 begins on 2024-08-01; the table of 2024-06-28 has it already.
            ("pos", 1),
            // 39 of the list, and 3 of files of HCPCS that give other days on which a code was added.
            ("procedures", 37),
            // Pairs of M0245, M0246 and Q0245, monoclonal antibodies whose authorisation the editor ends on 2023-12-14.
            ("ptp-hospital", 131),
        ]
    );
    for conflict in built.summary.first_conflicts.iter().filter(|conflict| conflict.part == "ptp-hospital") {
        assert!(["M0245", "M0246", "Q0245"].iter().any(|code| conflict.about.contains(code)), "{conflict}");
        assert_eq!(conflict.says[0], "no pair on 2024-07-01");
    }
}

/// Why the editor and the files of HCPCS differ about a code, as the editor's own table and the files say.
fn reason(rows: &[&BTreeMap<&str, &str>], listed: bool) -> &'static str {
    let all = |column: &str, value: &str| rows.iter().all(|row| row[column] == value);
    let any = |column: &str, value: &str| rows.iter().any(|row| row[column] == value);
    let edit = |number: &str| any("mid_quarter_date_edit", number) && !any("date_approved", "0");
    if all("description", "Payer Only code") && !listed {
        // Medicare puts such a code on a claim itself; no provider reports it, and HCPCS does not list it.
        "payer-only"
    } else if any("cms_mid_quarter_termination", "1") && listed {
        // May be reported until the end of the public health emergency alone (edit 124); HCPCS ends it on no day.
        "emergency"
    } else if edit("110") && listed {
        // The editor has the day on which the drug was first marketed; HCPCS that on which the code was added.
        "marketing"
    } else {
        "none"
    }
}

#[test]
fn every_difference_between_editor_and_hcpcs_has_a_reason_that_the_tables_give() {
    let test = "every_difference_between_editor_and_hcpcs_has_a_reason_that_the_tables_give";
    let Some(path) = support::publisher_file(test, "ioce/data_hcpcs.tsv.zst") else { return };
    let text = support::text(&path);
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let rows: Vec<BTreeMap<&str, &str>> =
        lines.map(|line| header.iter().copied().zip(line.split('\t')).collect()).collect();
    let mut of_code: BTreeMap<&str, Vec<&BTreeMap<&str, &str>>> = BTreeMap::new();
    for row in &rows {
        of_code.entry(row["key"].split('|').next().unwrap()).or_default().push(row);
    }
    let mut listed = BTreeSet::new();
    let folder = support::publisher_file(test, "hcpcs").unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().contains("recordlayout")
            && let Publication::HcpcsRecords(records) | Publication::HcpcsTable(records) = publication(&path)
        {
            listed.extend(records.rows.iter().map(|placed| placed.row.code.to_string()));
        }
    }
    let table = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differences/hcpcs_and_editor.tsv"));
    let table = table.unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let [code, editor, files, why] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        assert_eq!(reason(&of_code[code], listed.contains(code)), why, "{line}");
        *counts.entry(why).or_insert(0) += 1;
        // The day that the editor has in the place of the file's is the one that its edit is about.
        let approved = of_code[code].iter().map(|row| row["date_approved"]).find(|day| *day != "0");
        if let ("marketing", Some(approved)) = (why, approved) {
            assert!(editor.starts_with(&day(approved).to_string()) && !files.starts_with(&editor[..10]), "{line}");
        }
    }
    let counts: Vec<_> = counts.into_iter().collect();
    assert_eq!(counts, [("emergency", 1), ("marketing", 3), ("payer-only", 30)]);
    // And no code that Medicare alone puts on claims is listed by any of the files.
    let payer_only = |rows: &[&BTreeMap<&str, &str>]| rows.iter().all(|row| row["description"] == "Payer Only code");
    let own: Vec<&&str> = of_code.iter().filter(|(_, rows)| payer_only(rows)).map(|(code, _)| code).collect();
    assert!(own.len() == 30 && own.iter().all(|code| !listed.contains(**code)), "{own:?}");
}

#[test]
fn lists_of_diagnoses_agree_with_one_another_and_with_the_dated_table_code_by_code() {
    let test = "lists_of_diagnoses_agree_with_one_another_and_with_the_dated_table_code_by_code";
    let Some((_, codeset)) = whole(test) else { return };
    let dated = support::system(SystemId::Diagnosis);
    let system = codeset.system(SystemId::Diagnosis).unwrap();
    for (name, on, reportable) in [
        ("icd10cm-order-Jan-2021.txt.zst", "2021-01-01", 72_621),
        ("icd10cm-tabular-2021.xml.zst", "2021-01-01", 72_621),
        ("icd10cm-codes-2024.txt.zst", "2023-10-01", 74_044),
        ("icd10cm-tabular-April-2025.xml.zst", "2025-04-01", 0),
        ("icd10cm-tabular-April-2026.xml.zst", "2026-04-01", 74_719),
        ("icd10cm_order_April_2026.RECONSTRUCTED.txt.zst", "2026-04-01", 74_719),
    ] {
        let path = support::publisher_file(test, &format!("icd10cm/{name}")).unwrap();
        let list = match publication(&path) {
            Publication::Icd10cmOrder(list) | Publication::Icd10cmCodes(list) => list,
            Publication::Icd10cmTabular(tabular) => tabular.list,
            other => panic!("{:?}", other.kind()),
        };
        let on = day(on);
        // From this list alone, without the dated table.
        let alone = Build::new().effective(None, on).files(&[&path], &|_| {}).unwrap();
        assert!(alone.summary.conflicts.iter().all(|(part, _)| part == "icd10cm headers"), "{name}");
        let alone = Codeset::from_bytes(&alone.image).unwrap();
        let alone = alone.system(SystemId::Diagnosis).unwrap();
        let row = |system: &codeset::System, code: Code| {
            let row = system.row_on(system.ordinal(code)?, on)?;
            Some(row.is_billable())
        };
        let mut seen = BTreeSet::new();
        for placed in &list.rows {
            let (code, billable) = (placed.row.code, placed.row.billable);
            for (which, system) in [("dated table", dated), ("whole image", system), ("list alone", alone)] {
                assert_eq!(row(system, code), Some(billable), "{code} of {name} in the {which}");
            }
            let title = alone.title(alone.ordinal(code).unwrap());
            assert_eq!(title, Some(&*placed.row.title), "{code} of {name}");
            if name.contains("April-2026") || name.contains("April_2026") {
                // The newest list of all.
                assert_eq!(system.title(system.ordinal(code).unwrap()), title, "{code}");
            }
            if billable {
                seen.insert(code);
            }
        }
        for (which, system) in [("dated table", dated), ("whole image", system), ("list alone", alone)] {
            let valid = system.iter().filter(|(_, code)| row(system, *code) == Some(true)).map(|(_, code)| code);
            assert!(valid.collect::<BTreeSet<_>>() == seen, "{name}, {which}");
        }
        assert!(reportable == 0 || seen.len() == reportable, "{name} {}", seen.len());
    }
    assert_eq!(system.coverage(), dated.coverage());
}

#[test]
fn files_of_hcpcs_merge_to_the_days_that_they_give() {
    let test = "files_of_hcpcs_merge_to_the_days_that_they_give";
    let Some(folder) = support::publisher_file(test, "hcpcs") else { return };
    let alone = Build::new().files(&[&folder], &|_| {}).unwrap();
    // Three codes, of which later files say that they were added on other days.
    assert_eq!(alone.summary.conflicts, [("procedures".to_owned(), 3)]);
    let codeset = Codeset::from_bytes(&alone.image).unwrap();
    let procedures = codeset.system(SystemId::Procedure).unwrap();
    let covers: Vec<String> =
        procedures.coverage_of(Code::parse(b"A4206").unwrap()).iter().map(ToString::to_string).collect();
    assert_eq!(covers, ["2017-01-01 to 2020-12-31", "2025-10-01 to 2025-12-31"]);
    let mut last: BTreeMap<(bool, Code), Option<Date>> = BTreeMap::new();
    let mut listed = Vec::new();
    let files = [
        "HCPC17_CONTR_ANWEB.txt.zst",
        "HCPC2018_CONTR_ANWEB_disc.txt.zst",
        "HCPC2019_CONTR_ANWEB.txt.zst",
        "HCPC2020_ANWEB_w_disclaimer.txt.zst",
        "HCPC2020_04_anweb.xlsx",
        "HCPC2020_07_anweb.xlsx",
        "HCPC2020_10_anweb.xlsx",
        "HCPC2025_OCT_ANWEB.xlsx",
    ];
    for name in files {
        let (Publication::HcpcsRecords(records) | Publication::HcpcsTable(records)) = publication(&folder.join(name))
        else {
            panic!("{name}");
        };
        let first = records.release.effective.unwrap();
        for placed in &records.rows {
            let record = &placed.row;
            let is_procedure = record.kind == RecordKind::Procedure;
            let id = if is_procedure { SystemId::Procedure } else { SystemId::Modifier };
            // A file is published for codes that begin later in its quarter or year too.
            let begun =
                record.added.is_none_or(|added| added <= first) && record.effective.is_none_or(|day| day <= first);
            if begun && record.terminated.is_none_or(|end| end >= first) {
                listed.push((id, record.code, first));
            }
            last.insert((is_procedure, record.code), record.terminated);
        }
    }
    for &(id, code, on) in &listed {
        let system = codeset.system(id).unwrap();
        // A later file may say that the code had ended before: G0477 in 2018, of 2016.
        let ended = last[&(id == SystemId::Procedure, code)].is_some_and(|end| end < on);
        assert_eq!(system.row_on(system.ordinal(code).unwrap(), on).is_some(), !ended, "{code} on {on}");
    }
    for ((is_procedure, code), end) in last {
        let id = if is_procedure { SystemId::Procedure } else { SystemId::Modifier };
        let system = codeset.system(id).unwrap();
        let rows = system.rows(system.ordinal(code).unwrap());
        if let (Some(end), Some(row)) = (end, rows.last()) {
            assert_eq!(row.days().to, Some(end), "{code}: the newest file has the last word");
        }
        assert!(rows.windows(2).all(|pair| pair[0].days().to.is_some_and(|end| end < pair[1].days().from)), "{code}");
    }
    // Codes without rows are those that the list of unlisted codes alone names.
    let listed = || procedures.iter().filter(|(ordinal, _)| !procedures.rows(*ordinal).is_empty());
    assert!(listed().count() > 8_000);
    assert!(listed().all(|(ordinal, _)| procedures.title(ordinal).is_some()));
}

#[test]
fn pairs_of_practitioners_are_those_of_the_file() {
    let Some((built, codeset)) = whole("pairs_of_practitioners_are_those_of_the_file") else { return };
    let file = built.summary.files.iter().find(|file| file.path.contains("ptp_prac")).unwrap();
    assert_eq!((file.read, file.taken, file.refused), (2_546_017, 2_546_017, 0));
    let path =
        support::publisher_file("pairs_of_practitioners_are_those_of_the_file", "ncci/ncci_ptp_prac_20240701.tsv.zst");
    let text = support::text(&path.unwrap());
    let relation = codeset.relation(RelationId::PtpPractitioner).unwrap();
    let system = codeset.system(SystemId::Procedure).unwrap();
    let ordinal = |text: &str| system.ordinal(Code::parse(text.as_bytes()).unwrap()).unwrap();
    let (mut counts, mut pairs) = (BTreeMap::new(), 0);
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        *counts.entry(cells[3]).or_insert(0) += 1;
        let in_force = cells[2] == "99991231" && cells[3] != "9";
        let on = |text: &str| relation.on(ordinal(cells[0]), ordinal(cells[1]), day(text)).map(|class| class.value);
        if in_force {
            pairs += 1;
            for at in ["2024-07-01", "2024-09-30"] {
                assert_eq!(on(at).map(|value| value.to_string()).as_deref(), Some(cells[3]), "{line}");
            }
            assert_eq!(on("2024-06-30").or(on("2024-10-01")), None, "{line}");
        }
    }
    assert_eq!(relation.len(), pairs);
    assert_eq!(counts.values().sum::<u64>(), 2_546_017);
    assert!(counts.keys().all(|indicator| ["0", "1", "9"].contains(indicator)), "{counts:?}");
}

#[test]
fn codes_of_the_fee_schedule_are_known_where_no_table_has_days() {
    let test = "codes_of_the_fee_schedule_are_known_where_no_table_has_days";
    let Some(path) = support::publisher_file(test, "mpfs/PPRRVU2025_Oct.masked.csv.zst") else { return };
    let both = [path.clone(), path.with_file_name("PPRRVU2025_Oct.masked.txt.zst")];
    let built = Build::new().files(&both, &|_| {}).unwrap();
    assert_eq!(built.summary.conflicts, [], "csv and fixed width are the same");
    let alone = Codeset::from_bytes(&built.image).unwrap();
    let system = alone.system(SystemId::Procedure).unwrap();
    let on = day("2025-10-01");
    let editor = support::system(SystemId::Procedure);
    let valid = |system: &codeset::System, code: Code| {
        system.ordinal(code).is_some_and(|ordinal| system.row_on(ordinal, on).is_some_and(Row::is_billable))
    };
    let mut only_editor: Vec<String> = Vec::new();
    for (_, code) in editor.iter().filter(|(_, code)| valid(editor, *code)) {
        let kind = code.procedure_kind().unwrap();
        if matches!(kind, CodeKind::CptCategory1 | CodeKind::CptCategory2 | CodeKind::CptCategory3)
            && !valid(system, code)
        {
            only_editor.push(code.to_string());
        }
    }
    // Two vaccines: the schedule does not list all codes, so it must not be taken for saying that one is not valid.
    assert_eq!(only_editor, ["90631", "90695"]);
    assert!(system.iter().filter(|(_, code)| valid(system, *code)).all(|(_, code)| valid(editor, code)));
    assert!(!system.covers_code(Code::parse(b"90631").unwrap(), on));
    assert!(system.iter().all(|(ordinal, _)| system.title(ordinal).is_none()), "no descriptors");
}

#[test]
fn versions_of_the_taxonomy_answer_for_their_half_years() {
    let Some((_, codeset)) = whole("versions_of_the_taxonomy_answer_for_their_half_years") else { return };
    let taxonomies = codeset.taxonomies().unwrap();
    let covers: Vec<String> = taxonomies.coverage().iter().map(ToString::to_string).collect();
    assert_eq!(covers, ["2022-04-01 to 2022-09-30", "2024-04-01 to 2024-09-30", "2025-04-01 to 2026-03-31"]);
    for (name, on) in [("220", "2022-04-01"), ("240", "2024-04-01"), ("250", "2025-04-01"), ("251", "2025-10-01")] {
        let path = support::publisher_file("taxonomy", &format!("supporting/nucc_taxonomy_{name}.csv.zst")).unwrap();
        let Publication::Taxonomy(version) = publication(&path) else { panic!("{name}") };
        let on = day(on);
        let mut held = 0;
        for placed in &version.rows {
            let row = &placed.row;
            let used = row.inactive.is_none_or(|end| end > on) && row.effective.is_none_or(|first| first <= on);
            assert_eq!(taxonomies.row_on(row.code, on).is_some(), used, "{} on {on}", row.code);
            held += usize::from(used);
        }
        assert_eq!(taxonomies.rows().iter().filter(|row| row.holds_on(on)).count(), held, "{name}");
        assert!(held > 850, "{name} {held}");
    }
}

#[test]
fn the_same_files_in_another_order_give_the_same_bytes() {
    let Some((built, _)) = whole("the_same_files_in_another_order_give_the_same_bytes") else { return };
    let data = support::publisher_file("the_same_files_in_another_order_give_the_same_bytes", "").unwrap();
    let mut folders = folders(&data);
    folders.reverse();
    folders.push(data.join("icd10cm"));
    let again = build().files(&folders, &|_| {}).unwrap();
    assert!(again.image == built.image);
}
