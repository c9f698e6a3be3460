//! Generated claims through the edits: they find what was planted, all of it, and nothing else.

use claims::{ClaimBatch, ClaimReader, CsvOptions, CsvReader, Input};
use cleanclaim_generate::{Generator, Plan, plantable};
use codeset::Codeset;
use edits::{Counts, Edit, FactsBuilder, Recorder, Scratch, Show, registry};
use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

/// Claim id, line number or nothing, edit, outcome, field.
type Row = [String; 5];

#[test]
fn the_edits_find_what_was_planted_and_nothing_else() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codesets");
    let codeset = Codeset::from_bytes(&compile::Sources::open(folder)?.compile()?.image)?;
    for (seed, uniform) in [(1, false), (2, true)] {
        let plan = Plan { lines: 40_000, seed, error_rate: 0.4, uniform, ..Plan::default() };
        let (mut text, mut planted) = (Vec::new(), Vec::new());
        let made = Generator::new(&codeset, plan)?.write_csv(&mut text, Some(&mut planted))?;
        let planted = expected(&String::from_utf8(planted)?);
        let (found, claims, lines) = scrub(&codeset, &text)?;
        assert_eq!((claims, lines), (made.claims, made.lines));
        let unexpected: Vec<&Row> = found.difference(&planted).take(5).collect();
        let missing: Vec<&Row> = planted.difference(&found).take(5).collect();
        assert!(unexpected.is_empty() && missing.is_empty(), "unexpected {unexpected:?}, missing {missing:?}");
        let edits: BTreeSet<&str> = found.iter().filter(|row| row[3] == "fail").map(|row| row[2].as_str()).collect();
        assert_eq!(edits.into_iter().collect::<Vec<_>>(), plantable().collect::<Vec<_>>());
    }
    Ok(())
}

fn expected(planted: &str) -> BTreeSet<Row> {
    let row = |line: &str| {
        let mut fields = line.split(',').map(str::to_owned);
        [(); 5].map(|()| fields.next().unwrap_or_default())
    };
    planted.lines().skip(1).map(row).collect()
}

/// Runs the edits that errors can be planted of over a CSV.
fn scrub(codeset: &Codeset, text: &[u8]) -> Result<(BTreeSet<Row>, u64, u64), Box<dyn Error>> {
    let known: Vec<&str> = plantable().collect();
    let edits: Vec<&dyn Edit> = registry::all().into_iter().filter(|edit| known.contains(&&*edit.info().id)).collect();
    assert_eq!(edits.len(), known.len(), "every edit that errors can be planted of is there");
    let mut reader =
        CsvReader::new(Input::from_reader("claims.csv", std::io::Cursor::new(text.to_vec()))?, CsvOptions::default())?;
    let (parser, mut batch) = (reader.parser(), ClaimBatch::default());
    let (mut found, mut claims, mut lines) = (BTreeSet::new(), 0, 0);
    while let Some(chunk) = reader.next_chunk()? {
        parser.parse(&chunk, &mut batch);
        let mut builder = FactsBuilder::new(codeset);
        for claim in batch.iter() {
            claims += 1;
            lines += claim.lines().len() as u64;
            let facts = builder.build(claim, &mut &*codeset);
            let (mut findings, mut scratch) = (Vec::new(), Scratch::default());
            for (number, edit) in (0..).zip(&edits) {
                let info = edit.info();
                if !info.claims.contains(facts.claim_type()) || !facts.could_fire(info.fires) {
                    continue;
                }
                let show = Show { bypassed: true, ..Show::default() };
                let mut out = Recorder::new(&facts, number, show, &mut findings, &mut scratch);
                edit.check(&facts, &mut out);
                out.finish(&mut Counts::default());
            }
            for finding in findings {
                let line = finding.line.and_then(|line| facts.lines.get(line as usize));
                found.insert([
                    claim.id().to_owned(),
                    line.map(|line| line.row.number.to_string()).unwrap_or_default(),
                    edits[usize::from(finding.edit)].info().id.to_string(),
                    finding.outcome.name().to_owned(),
                    finding.field.map(|field| field.to_string()).unwrap_or_default(),
                ]);
            }
        }
        reader.recycle(chunk.into_bytes());
    }
    Ok((found, claims, lines))
}
