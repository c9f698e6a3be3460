//! Every mistake in a source table is refused with its file, line, column, what was expected, what was found and
//! what to do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/small.rs"]
mod small;

use cleanclaim_compile::{CompileError, Sources};
use small::Small;

/// The message, without the folder.
fn refusal(small: &Small) -> String {
    let (folder, outcome) = small.compile();
    let error = outcome.expect_err("a mistake that is not noticed");
    let message = error.to_string();
    assert!(message.contains(&folder), "{message}");
    message.replace(&format!("{folder}/"), "")
}

#[test]
fn every_kind_of_wrong_cell_is_refused_where_it_is() {
    // file, what stands there, what is put in its place, how the message begins, what it says to do
    for (file, old, new, expected, advice) in [
        (
            "icd10cm/codes.tsv",
            "A0471\t",
            "a0471\t",
            "3: code: expected an ICD-10-CM code without its dot, in capitals (3 to 7 letters and digits), found \"a0",
            "correct the code",
        ),
        ("icd10cm/codes.tsv", "A0471\t", "A04.71\t", "3: code: expected an ICD-10-CM code", "correct the code"),
        ("icd10cm/codes.tsv", "A0471\t", "A0\t", "3: code: expected an ICD-10-CM code", "correct the code"),
        ("icd10cm/codes.tsv", "A0471\t", "A047111X\t", "3: code: expected an ICD-10-CM code", "correct the code"),
        (
            "icd10cm/codes.tsv",
            "A0471\t",
            "\t",
            "3: code: expected an ICD-10-CM code without its dot, in capitals (3 to 7 letters and digits), found noth",
            "leave its row out",
        ),
        (
            "icd10cm/notes.tsv",
            "code-first",
            "codefirst",
            "2: kind: expected excludes1, excludes2, code-first, use-additional, found \"codefirst\"",
            "correct the kind",
        ),
        ("icd10cm/notes.tsv", "A04-A05", "A05-A04", "3: owner: expected a run of codes", "in order"),
        ("icd10cm/notes.tsv", "O03-QA0", "O03-", "3: targets: expected an ICD-10-CM code", "correct the code"),
        ("icd10cm/notes.tsv", "O03-QA0", "O03  QA0", "3: targets: expected an ICD-10-CM code", "correct the code"),
        (
            "icd10cm/notes.tsv",
            "QA0\texamples",
            "QA0\tsome",
            "2: examples: expected examples, or nothing",
            "correct the word",
        ),
        (
            "icd10cm/codes.tsv",
            "2015-10-01",
            "2015-10-32",
            "2: valid_from: expected a date YYYY-MM-DD of the calendar, found \"2015-10-32\"",
            "correct the date",
        ),
        ("icd10cm/codes.tsv", "2015-10-01", "20151001", "2: valid_from: expected a date", "correct the date"),
        (
            "icd10cm/codes.tsv",
            "2017-09-30",
            "",
            "2: valid_to: expected a date YYYY-MM-DD of the calendar, found nothing",
            "correct the date",
        ),
        (
            "icd10cm/codes.tsv",
            "2017-09-30",
            "2015-09-30",
            "2: valid_to: expected a date on or after 2015-10-01, found \"2015-09-30\"",
            "in order",
        ),
        (
            "icd10cm/codes.tsv",
            "unspecified",
            "unspecifed",
            "3: flags: expected flags of manifestation ecodepdx",
            "correct the name",
        ),
        (
            "icd10cm/codes.tsv",
            "unspecified",
            "unspecified ",
            "3: flags: expected flags of manifestation",
            "correct the name",
        ),
        (
            "icd10cm/codes.tsv",
            "2018-10-01\t",
            "2018-10-01\t\t",
            "4: the row: expected 4 cells separated by tabs, found 5",
            "a cell for each column",
        ),
        (
            "icd10cm/codes.tsv",
            "A047\t2015-10-01\t2017-09-30\t\n",
            "A047\t2015-10-01\t2017-09-30\n",
            "2: the row: expected 4 cells separated by tabs, found 3",
            "a cell for each column",
        ),
        (
            "icd10cm/codes.tsv",
            "2018-10-01\t2020-09-30\t\n",
            "2018-10-01\t2020-09-30\t\n\n",
            "5: the row: expected 4 cells separated by tabs, found 1",
            "a cell for each column",
        ),
        (
            "icd10cm/codes.tsv",
            "valid_from",
            "from",
            "1: the header: expected the columns \"code valid_from valid_to flags\", found \"code from valid_to ",
            "name the columns so",
        ),
        (
            "icd10cm/codes.tsv",
            "\tflags\n",
            "\tflags\r\n",
            "1: the header: expected the columns \"code valid_from valid_to flags\", found \"code valid_from \
             valid_to flags\\r\"",
            "LF alone",
        ),
        (
            "icd10cm/codes.tsv",
            "A0472\t2021-10-01",
            "A0472\t2020-09-30",
            "5: the row's days: expected no two rows of A0472 on one day, found 2020-09-30 to 2027-03-31, and \
             2018-10-01 to 2020-09-30 at icd10cm/codes.tsv:4",
            "leave it out",
        ),
        ("icd10cm/successors.tsv", "A0479", "A047-9", "3: successor: expected an ICD-10-CM code", "correct the code"),
        (
            "icd10cm/successors.tsv",
            "A0479",
            "A0471",
            "3: the row's days: expected no two rows of A047 with A0471 on one day",
            "leave it out",
        ),
        (
            "icd10cm/titles.tsv",
            "infections\theader",
            "infections\tHeader",
            "2: listed_as: expected billable or header, found \"Header\"",
            "correct the word",
        ),
        (
            "procedures/titles.tsv",
            "Cov-19 amp prb hgh thruput",
            "",
            "2: title: expected a name, found nothing",
            "leave its row out",
        ),
        (
            "procedures/codes.tsv",
            "99213\t",
            "9921\t",
            "4: code: expected a CPT or HCPCS code in capitals (5 characters), found \"9921\"",
            "correct the code",
        ),
        (
            "procedures/codes.tsv",
            "\t3\t124",
            "\t3\t125",
            "3: age_hi: expected a whole number from 0 to 124, found \"125\"",
            "correct the number",
        ),
        (
            "procedures/codes.tsv",
            "\t3\t124",
            "\t+3\t124",
            "3: age_lo: expected a whole number from 0 to 124, found \"+3\"",
            "correct the number",
        ),
        (
            "procedures/codes.tsv",
            "\t3\t124",
            "\t3\t2",
            "3: age_hi: expected an age of 3 or more, found \"2\"",
            "in order",
        ),
        (
            "procedures/codes.tsv",
            "\tJ2\t",
            "\tJ21\t",
            "5: status: expected a status indicator of one or two capitals or digits, found \"J21\"",
            "correct the indicator",
        ),
        ("procedures/codes.tsv", "\tJ2\t", "\tj2\t", "5: status: expected a status indicator", "correct the indicator"),
        ("procedures/codes.tsv", "2020-12-11", "2020-12", "2: approved: expected a date", "correct the date"),
        (
            "modifiers/codes.tsv",
            "59\t",
            "#0\t",
            "2: modifier: expected a modifier in capitals (2 letters or digits), found \"#0\"",
            "correct the code",
        ),
        (
            "modifiers/conflicts.tsv",
            "CT\tFX",
            "CT\tCT",
            "2: modifier_2: expected another modifier than the first, found \"CT\"",
            "each pair once",
        ),
        (
            "revenue/codes.tsv",
            "0450",
            "450",
            "2: code: expected a revenue code (4 digits, leading zeros kept), found \"450\"",
            "correct the code",
        ),
        (
            "pos/codes.tsv",
            "2022-01-01\t2023-12-31\tyes",
            "2022-01-01\t2023-12-31\tYes",
            "2: facility: expected yes or no, found \"Yes\"",
            "correct the word",
        ),
        (
            "pos/codes.tsv",
            "2023-12-31",
            "",
            "3: the row's days: expected no two rows of 10 on one day, found 2024-01-01 on, and 2022-01-01 on \
             at pos/codes.tsv:2",
            "leave it out",
        ),
        (
            "ncci/hospital_ptp.tsv",
            "2020-12-31\t36000 99213",
            "2020-12-31\t36000 9921",
            "2: column_2: expected a CPT or HCPCS code in capitals (5 characters), found \"9921\"",
            "correct the code",
        ),
        (
            "ncci/hospital_ptp.tsv",
            "2020-12-31\t36000 99213",
            "2020-12-31\t36000  99213",
            "2: column_2: expected a CPT or HCPCS code in capitals (5 characters), found nothing",
            "correct the code",
        ),
        (
            "ncci/hospital_ptp.tsv",
            "99291\t1",
            "99291\t2",
            "3: indicator: expected 0, 1 or 9, found \"2\"",
            "correct the indicator",
        ),
        (
            "ncci/hospital_ptp.tsv",
            "2021-01-01",
            "2020-12-31",
            "3: the row's days: expected no two rows of 99291 with 36000 on one day",
            "leave it out",
        ),
        (
            "addon/type1.tsv",
            "99291\n",
            "\n",
            "2: primaries: expected a CPT or HCPCS code in capitals (5 characters), found nothing",
            "correct the code",
        ),
        ("addon/type2.tsv", "0054T", "0054B", "2: addon: expected a CPT or HCPCS code", "correct the code"),
    ] {
        let message = refusal(&Small::new().with(file, old, new));
        let expected = format!("{file}:{expected}");
        assert!(message.starts_with(&expected), "{file}: {old:?} became {new:?}:\n{message}\n{expected}");
        assert!(message.contains(advice), "{message}");
    }
}

#[test]
fn an_add_on_of_two_types_with_one_primary_is_refused_across_the_files() {
    let message =
        refusal(&Small::new().with("addon/type1.tsv", "99291\n", "99291\n20701\t2025-01-01\t2026-06-30\t11011\n"));
    assert!(message.contains("20701 with 11011"), "{message}");
    assert!(message.contains("addon/type1.tsv:3") && message.contains("addon/type3.tsv:2"), "{message}");
}

#[test]
fn text_that_is_not_utf_8_is_refused_at_its_line() {
    let mut bytes = Small::new().text("procedures/titles.tsv").into_bytes();
    bytes.extend_from_slice(b"A0021\tCaf\xe9\n");
    let message = refusal(&Small::new().put("procedures/titles.tsv", bytes));
    assert!(message.starts_with("procedures/titles.tsv:3: the text: expected UTF-8, found byte 0xe9"), "{message}");
}

#[test]
fn an_empty_table_wants_its_header_and_a_header_alone_is_a_table() {
    let message = refusal(&Small::new().put("revenue/codes.tsv", ""));
    assert!(message.starts_with("revenue/codes.tsv:1: the header: expected the columns"), "{message}");
    Small::new().put("revenue/codes.tsv", "code\tfrom\tto\tstatus\tflags\n").built();
}

#[test]
fn a_missing_table_is_refused_by_name() {
    let message = refusal(&Small::new().remove("addon/type2.tsv"));
    assert!(message.starts_with("cannot read addon/type2.tsv: "), "{message}");
    let error = Sources::open("no such folder").err().unwrap();
    assert!(matches!(&error, CompileError::Read { path, .. } if path.ends_with("sources.toml")), "{error}");
}

#[test]
fn mistakes_in_the_list_are_refused_at_their_line() {
    let list = Small::new().list();
    for (old, new, expected) in [
        ("table = \"pos-codes\"", "table = \"pos\"", "sources.toml:84: table: expected icd10cm-codes, icd10cm-titles"),
        ("obtained = \"by hand\"\n", "", "sources.toml:1: missing field `obtained`"),
        ("publisher", "published", "sources.toml:7: unknown field `published`"),
        ("covers = [\"2019-07-01\", \"2026-06-30\"]", "covers = [\"2019-07-01\"]", "sources.toml:6: "),
        ("[\"2019-07-01\", ", "[\"\", ", "sources.toml:6: covers: expected two dates YYYY-MM-DD"),
        ("\"2026-06-30\"]", "\"2026-06-31\"]", "sources.toml:6: covers: expected two dates YYYY-MM-DD"),
        ("[[table]]", "[[table]", "sources.toml:1: "),
    ] {
        let message = refusal(&Small::new().put("sources.toml", list.replacen(old, new, 1)));
        assert!(message.starts_with(expected), "{new:?}: {message}");
    }
}
