//! Findings in every format, byte for byte, with every kind of value and what formats must escape.
//!
//! After a wanted change, `BLESS=1 cargo test -p cleanclaim-report` rewrites the files in `tests/golden`.

#![allow(clippy::unwrap_used, reason = "tests")]

use claims::{Claim, ClaimBatch, Columns, Field, Line, Place};
use cleanclaim_report::{Context, EditEntry, FindingWriter, Format};
use codes::{Code, Date, DateRange, Modifier, Money, Units};
use codeset::{Codeset, ImageBuilder, Release};
use edits::{ClaimTypes, EditInfo, Finding, Fires, Message, Outcome, Severity, Unit, Value};
use std::borrow::Cow::{Borrowed, Owned};
use std::path::Path;

fn info(id: &'static str, name: &'static str, messages: Vec<Message>) -> EditInfo {
    EditInfo {
        id: Borrowed(id),
        name: Borrowed(name),
        severity: Severity::Error,
        snip: 6,
        carc: Borrowed(""),
        rarc: Borrowed(""),
        source: Borrowed(""),
        doc: Borrowed(""),
        unit: Unit::Line,
        claims: ClaimTypes::ALL,
        on_by_default: true,
        tables: &[],
        fields: &[],
        fires: Fires::ALWAYS,
        messages: Owned(messages),
    }
}

fn message(text: &'static str, fix: &'static str) -> Message {
    Message { text: Borrowed(text), fix: Borrowed(fix), at_most: None }
}

fn code(text: &str) -> Code {
    Code::parse(text.as_bytes()).unwrap()
}

fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).unwrap()
}

/// What findings refer to, with all that is awkward in it.
struct Run {
    edits: Vec<EditEntry>,
    batch: ClaimBatch,
    codeset: Codeset,
    file: &'static str,
}

impl Run {
    fn new() -> Run {
        let plain = EditInfo {
            carc: Borrowed("236"),
            rarc: Borrowed("N115"),
            source: Borrowed("NCCI manual ch. I; MLN1783722"),
            ..info(
                "PTP002",
                "ptp-needs-modifier",
                vec![
                    message(
                        "{column_2} is not paid with {column_1} on {date}; the pair asks for a modifier",
                        "Add a modifier if {column_2} stands apart.",
                    ),
                    message("{modifier} releases {column_2}", "Nothing to do."),
                ],
            )
        };
        let every = info(
            "PAY001",
            "every-value",
            vec![message(
                "{code} {diagnosis} {codes} {diagnoses} {modifier} {date} {days} {open} {periods} {count} {lines} \
                 {money} {units} {field} {text} {unknown}",
                "Nothing.",
            )],
        );
        let awkward = EditInfo {
            source: Borrowed("a \"policy\", of\nours"),
            carc: Borrowed("="),
            ..info(
                "PAY \"2\"",
                "quoted,name",
                vec![message("{given} \"is\" a\tbad, \\ value", "{given}"), message("", "")],
            )
        };
        let edits = vec![
            EditEntry::owned(plain, Severity::Error),
            EditEntry::owned(every, Severity::Warning),
            EditEntry::owned(awkward, Severity::Info),
        ];

        let mut batch = ClaimBatch::new(Columns::ALL);
        let numbered = |number: &str| Line { line_number: Some(number.to_owned()), ..Line::default() };
        let mut push = |id: &str, lines: Vec<Line>| {
            batch.push(&Claim { claim_id: id.to_owned(), lines, ..Claim::default() });
        };
        push("C1", vec![numbered("1"), numbered("7")]);
        push("=HYPERLINK(\"x\"),\u{1b}[2J\r\nÅ", vec![numbered("1")]);
        push("", Vec::new());
        push("-42", Vec::new());

        let mut image = ImageBuilder::new();
        for label in ["NCCI PTP 2025Q4", "a \"label\", with\u{7} all"] {
            let mut release = Release::new("table", "procedures", day("20240101"), None);
            release.label = label.to_owned();
            image.release(release);
        }
        let codeset = Codeset::from_bytes(&image.finish().unwrap()).unwrap();
        Run { edits, batch, codeset, file: "claims.csv" }
    }

    fn write(&self, format: Format, findings: &[Finding]) -> String {
        let Run { edits, batch, codeset, file } = self;
        let context = Context { edits, batch, codeset, file, in_segments: false };
        let writer = FindingWriter::new(format);
        let mut out = Vec::new();
        writer.head(&mut out);
        for finding in findings {
            writer.write(finding, &context, &mut out);
        }
        String::from_utf8(out).unwrap()
    }
}

fn finding(claim: u32, line: Option<u32>, edit: u16, values: Vec<(&'static str, Value)>) -> Finding {
    Finding {
        claim,
        line,
        edit,
        outcome: Outcome::Fail,
        field: None,
        item: 0,
        message: 0,
        values,
        release: None,
        place: Place { offset: 120, row: 2 },
        suppressed: None,
    }
}

fn pair() -> Vec<(&'static str, Value)> {
    vec![
        ("column_1", Value::Code(code("29881"))),
        ("column_2", Value::Code(code("29877"))),
        ("date", Value::Date(day("20250131"))),
    ]
}

fn every_value() -> Vec<(&'static str, Value)> {
    let open = DateRange { from: day("20240101"), to: None };
    let closed = DateRange::closed(day("20191001"), day("20200930"));
    vec![
        ("code", Value::Code(code("99213"))),
        ("diagnosis", Value::Diagnosis(code("E1165"))),
        ("codes", Value::Codes(vec![code("99213"), code("J1100")])),
        ("diagnoses", Value::Diagnoses(vec![code("E1165"), code("I10"), Code::ABSENT])),
        ("modifier", Value::Modifier(Modifier::new(b"59"))),
        ("date", Value::Date(day("20250131"))),
        ("days", Value::Days(closed)),
        ("open", Value::Days(open)),
        ("periods", Value::Periods(vec![closed, open])),
        ("count", Value::Count(-3)),
        ("lines", Value::Lines(vec![1, 22])),
        ("money", Value::Money(Money::from_cents(1250))),
        ("units", Value::Units(Units::from_thousandths(1500))),
        ("field", Value::Field(Field::Diagnosis(3))),
        ("text", Value::Text("Zoë's \"text\", {count}".to_owned())),
        ("no_code", Value::Code(Code::ABSENT)),
        ("bad_code", Value::Diagnosis(Code::MALFORMED)),
        ("no_modifier", Value::Modifier(Modifier::ABSENT)),
        ("no_codes", Value::Codes(Vec::new())),
    ]
}

fn findings() -> Vec<Finding> {
    let given = |text: &str| vec![("given", Value::Text(text.to_owned()))];
    let reason = vec![("reason", Value::Text("table ptp-practitioner is not in the codeset".to_owned()))];
    vec![
        Finding { field: Some(Field::Procedure), release: Some(0), ..finding(0, Some(1), 0, pair()) },
        Finding {
            outcome: Outcome::Bypassed,
            message: 1,
            field: Some(Field::Modifier(1)),
            ..finding(0, Some(0), 0, [pair(), vec![("modifier", Value::Modifier(Modifier::new(b"XS")))]].concat())
        },
        Finding { outcome: Outcome::NotEvaluated, ..finding(0, None, 0, reason) },
        finding(0, None, 1, every_value()),
        Finding { release: Some(1), ..finding(1, Some(0), 2, given("=1+1\u{1b}[31m\n")) },
        finding(2, None, 2, given("\u{2028}\u{7f}\0 -1")),
        Finding { message: 1, ..finding(3, Some(9), 2, Vec::new()) },
        // What no run makes, and what must not stop one.
        Finding { claim: 99, edit: 99, release: Some(99), ..finding(0, Some(0), 0, Vec::new()) },
        Finding { message: 99, ..finding(0, Some(u32::MAX), 0, Vec::new()) },
    ]
}

#[test]
fn every_format_is_written_byte_for_byte() {
    let run = Run::new();
    for (format, golden) in
        [(Format::Text, "findings.txt"), (Format::Ndjson, "findings.ndjson"), (Format::Csv, "findings.csv")]
    {
        let written = run.write(format, &findings());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(golden);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &written).unwrap();
        }
        assert_eq!(written, std::fs::read_to_string(&path).unwrap(), "{golden}");
    }
}

#[test]
fn ndjson_is_one_object_a_line_with_the_documented_fields_in_order() {
    let run = Run::new();
    let written = run.write(Format::Ndjson, &findings());
    assert_eq!(written.lines().count(), findings().len());
    let order = [
        "claim_id",
        "line_number",
        "edit",
        "name",
        "outcome",
        "severity",
        "field",
        "values",
        "message",
        "fix",
        "source",
        "carc",
        "rarc",
        "policy",
        "release",
        "at",
    ];
    for line in written.lines() {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        assert_eq!(object.len(), order.len());
        let places: Vec<usize> = order.iter().map(|key| line.find(&format!("\"{key}\":")).unwrap()).collect();
        assert!(places.is_sorted(), "{line}");
    }
}

#[test]
fn a_message_may_matter_less_than_the_edits_others_and_never_more() {
    let mut run = Run::new();
    for (usual, at_most, expected) in [
        (Severity::Error, None, Severity::Error),
        (Severity::Error, Some(Severity::Info), Severity::Info),
        (Severity::Warning, Some(Severity::Info), Severity::Info),
        (Severity::Info, Some(Severity::Warning), Severity::Info),
    ] {
        let messages = vec![message("It is wrong", "Mend it."), Message { at_most, ..message("It is odd", "Look.") }];
        run.edits[0] = EditEntry::owned(info("PTP002", "ptp-needs-modifier", messages), usual);
        for (number, severity) in [(0, usual), (1, expected)] {
            let told = Finding { message: number, ..finding(0, None, 0, Vec::new()) };
            assert_eq!(run.edits[0].severity_of(&told), severity);
            let ndjson = run.write(Format::Ndjson, std::slice::from_ref(&told));
            let object: serde_json::Value = serde_json::from_str(&ndjson).unwrap();
            assert_eq!(object["severity"], severity.name());
            assert!(run.write(Format::Csv, std::slice::from_ref(&told)).contains(&format!(",fail,{severity},")));
            assert!(run.write(Format::Text, &[told]).contains(&format!("ptp-needs-modifier  {severity}")));
        }
    }
}

/// A cell without the apostrophe that keeps spreadsheets from computing it.
fn bare(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

#[test]
fn csv_says_what_ndjson_says() {
    let run = Run::new();
    let table = run.write(Format::Csv, &findings());
    let objects = run.write(Format::Ndjson, &findings());
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().unwrap().clone();
    let mut rows = 0;
    for (row, object) in reader.records().zip(objects.lines()) {
        let (row, object) = (row.unwrap(), serde_json::from_str::<serde_json::Value>(object).unwrap());
        for (column, cell) in header.iter().zip(&row) {
            let value = object.get(column).unwrap_or_else(|| &object["at"][column]);
            match value {
                serde_json::Value::Null => assert_eq!(cell, "", "{column}"),
                serde_json::Value::String(text) => assert_eq!(bare(cell), text, "{column}"),
                serde_json::Value::Object(_) => {
                    assert_eq!(&serde_json::from_str::<serde_json::Value>(cell).unwrap(), value);
                }
                other => assert_eq!(cell, other.to_string(), "{column}"),
            }
            let computed = cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']) && cell != "-42";
            assert!(!computed, "{column} {cell:?}");
        }
        rows += 1;
    }
    assert_eq!(rows, findings().len());
}

#[test]
fn messages_are_those_of_the_finding_itself() {
    let run = Run::new();
    for finding in findings() {
        let Some(edit) = run.edits.get(usize::from(finding.edit)) else { continue };
        let object: serde_json::Value =
            serde_json::from_str(&run.write(Format::Ndjson, std::slice::from_ref(&finding))).unwrap();
        let given = |text: String| if text.is_empty() { serde_json::Value::Null } else { text.into() };
        assert_eq!(object["message"], serde_json::Value::from(finding.message(edit.info()).to_string()));
        assert_eq!(object["fix"], given(finding.fix(edit.info()).to_string()));
    }
}

#[test]
fn text_sends_no_control_character_but_line_feeds() {
    let text = Run::new().write(Format::Text, &findings());
    assert!(!text.chars().any(|character| character.is_control() && character != '\n'), "{text:?}");
    assert_eq!(text.split_terminator("\n\n").count(), findings().len());
}

#[test]
fn a_claim_that_came_from_no_file_has_no_place_in_one() {
    let run = Run { file: "", ..Run::new() };
    assert!(run.write(Format::Text, &findings()).starts_with("claim C1 line 7  PTP002"));
    assert!(run.write(Format::Ndjson, &findings()).contains(r#""at":{"file":null,"offset":120,"row":2}"#));
}

#[test]
fn formats_are_found_by_their_names() {
    for &format in Format::ALL {
        assert_eq!(Format::from_name(format.name()), Some(format));
        assert_eq!(FindingWriter::new(format).format(), format);
    }
    assert_eq!(Format::from_name("NDJSON"), None);
}

/// What a sentence must not have, whatever its edit.
fn faults(text: &str) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if text.contains("  ") || text.trim() != text {
        faults.push("has spaces to spare");
    }
    if text.chars().any(char::is_control) {
        faults.push("has a control character");
    }
    let mut depth = 0i32;
    for character in text.chars() {
        depth += i32::from(character == '{') - i32::from(character == '}');
        if !(0..=1).contains(&depth) {
            faults.push("has a brace without its other");
            break;
        }
    }
    if depth != 0 {
        faults.push("has an open brace");
    }
    let named = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    if named
        .into_iter()
        .any(|name| name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
    {
        faults.push("has a placeholder that is no name");
    }
    faults
}

#[test]
fn every_edit_says_what_and_what_to_do_in_the_house_style() {
    let mut wrong = Vec::new();
    for edit in edits::registry::all() {
        let info = edit.info();
        if info.source.is_empty() {
            wrong.push(format!("{}: no source", info.id));
        }
        for (number, message) in info.messages.iter().enumerate() {
            let mut all: Vec<String> = Vec::new();
            all.extend(faults(&message.text).iter().map(|fault| format!("message {fault}")));
            all.extend(faults(&message.fix).iter().map(|fault| format!("fix {fault}")));
            if message.text.is_empty() || message.text.ends_with('.') {
                all.push("message is empty or ends in a full stop".to_owned());
            }
            if !message.fix.ends_with('.') {
                all.push("fix does not end in a full stop".to_owned());
            }
            wrong.extend(all.iter().map(|fault| format!("{} [{number}]: {fault}", info.id)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_has_what_the_objects_have() {
    use arrow_array::cast::AsArray;
    use arrow_array::{Array, RecordBatch, types::Int64Type};
    use cleanclaim_report::FindingFile;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    let run = Run::new();
    let Run { edits, batch, codeset, file } = &run;
    let context = Context { edits, batch, codeset, file, in_segments: false };
    let write = |parts: usize| {
        let (mut joined, mut out) = (FindingFile::new(Format::Parquet), Vec::new());
        joined.begin(&mut out).unwrap();
        // More than are put into columns together.
        for _ in 0..1000 {
            for some in findings().chunks(findings().len().div_ceil(parts)) {
                let mut written = Vec::new();
                some.iter().for_each(|finding| joined.writer().write(finding, &context, &mut written));
                joined.add(&written, &mut out).unwrap();
            }
        }
        joined.finish(&mut out).unwrap();
        out
    };
    let bytes = write(1);
    assert!(bytes == write(3));
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, &bytes).unwrap();
    let batches = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().with_batch_size(1 << 20).build().unwrap();
    let batches: Vec<RecordBatch> = batches.map(Result::unwrap).collect();
    assert_eq!(batches.len(), 1);
    let table = &batches[0];
    let objects: Vec<serde_json::Value> =
        run.write(Format::Ndjson, &findings()).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(table.num_rows(), 1000 * objects.len());
    for (column, name) in table.columns().iter().zip(table.schema().fields().iter().map(|field| field.name().clone())) {
        for row in 0..table.num_rows() {
            let object = &objects[row % objects.len()];
            let expected = match name.as_str() {
                "file" | "offset" | "row" => &object["at"][&name],
                _ => &object[&name],
            };
            if column.is_null(row) {
                // An edit without a message says nothing, for which the objects have an empty text.
                assert!(expected.is_null() || name == "message" && *expected == "", "{name} {expected}");
            } else if let Some(numbers) = column.as_primitive_opt::<Int64Type>() {
                assert_eq!(expected.as_i64(), Some(numbers.value(row)), "{name}");
            } else {
                let text = column.as_string::<i32>().value(row);
                match name.as_str() {
                    "values" => assert_eq!(*expected, serde_json::from_str::<serde_json::Value>(text).unwrap()),
                    _ => assert_eq!(expected.as_str(), Some(text), "{name}"),
                }
            }
        }
    }
    // No findings are a table without rows.
    let (joined, mut out) = (FindingFile::new(Format::Parquet), Vec::new());
    joined.finish(&mut out).unwrap();
    assert!(out.starts_with(b"PAR1"));
}
