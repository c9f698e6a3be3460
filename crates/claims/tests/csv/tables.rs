//! Random tables, against the plain reader of the `csv` crate.

use crate::support::{cases, each_batch, given, options};
use cleanclaim_claims::ProblemKind;
use codes::Code;
use proptest::prelude::*;
use std::collections::BTreeSet;

const COLUMNS: [&str; 10] =
    ["payer_id", "claim_id", "procedure", "service_from", "dx_1", "note", "dx_2", "ndc", "modifier_1", "charge"];

/// A claim as a table of texts says it.
#[derive(Debug, Default, PartialEq)]
struct Plain {
    id: String,
    unreadable: bool,
    /// Payer and two diagnoses, once a readable row gave them.
    head: Option<[String; 3]>,
    disagrees: BTreeSet<String>,
    /// Line number, procedure, date, note, NDC, modifier, charge.
    lines: Vec<[String; 7]>,
}

fn reference(text: &[u8]) -> Vec<Plain> {
    let mut claims: Vec<Plain> = Vec::new();
    let mut rows = 0;
    for record in csv::ReaderBuilder::new().flexible(true).from_reader(text).records() {
        let record = record.unwrap();
        if record.iter().all(|field| field.trim_matches([' ', '\t']).is_empty()) {
            continue;
        }
        let value = |name: &str| {
            let column = COLUMNS.iter().position(|own| *own == name).unwrap();
            record.get(column).unwrap_or_default().trim_matches([' ', '\t']).to_owned()
        };
        let id = value("claim_id");
        if id.is_empty() || claims.last().is_none_or(|last| last.id != id) {
            claims.push(Plain { id: id.clone(), ..Plain::default() });
            rows = 0;
        }
        rows += 1;
        let claim = claims.last_mut().unwrap();
        if id.is_empty() || record.len() != COLUMNS.len() {
            claim.unreadable = true;
            continue;
        }
        let own = ["payer_id", "dx_1", "dx_2"];
        let head = claim.head.get_or_insert_with(|| own.map(value));
        for (name, first) in own.iter().zip(head) {
            let here = value(name);
            if !here.is_empty() && here != *first {
                claim.disagrees.insert((*name).to_owned());
            }
        }
        let [code, date, note, ndc, modifier, charge] =
            ["procedure", "service_from", "note", "ndc", "modifier_1", "charge"].map(value);
        claim.lines.push([rows.to_string(), code, date, note, ndc, modifier, charge]);
    }
    claims
}

fn ours(text: &[u8], chunk_bytes: usize) -> Vec<Plain> {
    let mut claims = Vec::new();
    each_batch(text, options(chunk_bytes), |batch| {
        for view in batch.iter() {
            let mut claim = Plain { id: view.id().to_owned(), unreadable: view.row.unreadable, ..Plain::default() };
            if !view.lines().is_empty() {
                let dx = |number: usize| view.diagnoses().get(number).map_or(String::new(), Code::to_string);
                claim.head = Some([batch.text(view.row.payer).to_owned(), dx(0), dx(1)]);
            }
            for problem in batch.problems.iter().filter(|problem| problem.claim == view.index) {
                match (&problem.kind, problem.field) {
                    (ProblemKind::Disagrees, Some(field)) => {
                        assert!(claim.disagrees.insert(field.to_string()), "once a field and claim");
                    }
                    (ProblemKind::ColumnCount { .. } | ProblemKind::NoClaimId, _) => assert!(view.row.unreadable),
                    other => panic!("{other:?}"),
                }
            }
            claim.lines.extend(view.lines().iter().map(|line| {
                [
                    line.number.to_string(),
                    line.procedure.to_string(),
                    given(line.service_from).replace('-', ""),
                    batch.text(line.note).to_owned(),
                    batch.text(line.ndc).to_owned(),
                    line.modifiers[0].to_string(),
                    given(line.charge),
                ]
            }));
            claims.push(claim);
        }
    });
    claims
}

fn one_of(texts: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    proptest::sample::select(texts.to_vec()).prop_map(str::to_owned)
}

fn any_row() -> impl Strategy<Value = Vec<String>> {
    let text = "[a\",;\n\r é日\t|]{0,12}";
    // Only a note may have line ends.
    let line = "[a\",; é日\t|]{0,12}";
    (
        one_of(&["P", "P", "P", "Q", "", " P "]),
        one_of(&["A", "A", "A", "B", "\"B\"", "C,C", " A ", "é", ""]),
        one_of(&["99213", "J1100", ""]),
        one_of(&["20240101", "20231231", ""]),
        one_of(&["I10", "I10", "I10", "E119", ""]),
        text,
        one_of(&["", "", "E119", "I10"]),
        line,
        one_of(&["25", "LT", ""]),
        one_of(&["12.50", "0.00", ""]),
    )
        .prop_map(|(payer, id, code, date, dx, note, second, ndc, modifier, charge)| {
            vec![payer, id, code, date, dx, note, second, ndc, modifier, charge]
        })
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn random_tables_are_read_as_a_plain_reader_reads_them(
        rows in proptest::collection::vec((any_row(), 0..40usize), 0..40),
        always_quoted in any::<bool>(),
        carriage_returns in any::<bool>(),
        size in 1..3000usize,
    ) {
        let style = if always_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let end = if carriage_returns { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer =
            csv::WriterBuilder::new().flexible(true).quote_style(style).terminator(end).from_writer(Vec::new());
        writer.write_record(COLUMNS).unwrap();
        for (mut row, cut) in rows {
            // One row in ten has a field too few or too many.
            match cut {
                0 => row.truncate(9),
                1 => row.truncate(2),
                2 => row.push(String::new()),
                _ => {}
            }
            writer.write_record(row).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let expected = reference(&text);
        for size in [size, 1, 50, 1 << 20] {
            prop_assert_eq!(&ours(&text, size), &expected, "chunks of {} bytes", size);
        }
    }
}
