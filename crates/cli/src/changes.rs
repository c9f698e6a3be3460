//! What another policy or another codeset changes, claim by claim and in dollars.

use crate::args::DiffFormat;
use crate::counted;
use crate::failure::Failure;
use cleanclaim::{ChangeTotals, ClaimChange, ClaimReader, Difference, EditChange, Money, Scrubber, compare};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::io::{self, Write};

/// Scrubs the claims by both scrubbers, and writes which claims change and what that comes to; whether any does.
pub fn tell(
    (old, new): (&Scrubber, &Scrubber),
    mut reader: Box<dyn ClaimReader>,
    names: [&str; 2],
    format: DiffFormat,
    out: &mut impl Write,
) -> Result<bool, Failure> {
    let file = reader.name().to_owned();
    let mut written = Ok(());
    let totals = compare(old, new, &mut *reader, &mut |change| {
        if written.is_ok() {
            written = match format {
                DiffFormat::Text => text(&change, out),
                DiffFormat::Ndjson => writeln!(out, "{}", object(&change, &file)),
            };
        }
    })?;
    written.and_then(|()| summary(&totals, names, format, out)).map_err(Failure::writing("the answer"))?;
    Ok(totals.changed > 0)
}

fn text(change: &ClaimChange, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "claim {}", change.claim_id)?;
    for (sign, all) in [("+", &change.newly_failing), ("-", &change.newly_passing)] {
        for Difference { line, edit } in all {
            match line {
                Some(line) => writeln!(out, "  {sign} {edit} on line {line}")?,
                None => writeln!(out, "  {sign} {edit} on the claim")?,
            }
        }
    }
    let (fail, pass) = (change.charge_newly_failing, change.charge_newly_passing);
    writeln!(out, "    {fail} newly fail, {pass} newly pass\n")
}

fn object(change: &ClaimChange, file: &str) -> Value {
    let all = |all: &[Difference]| -> Value {
        all.iter().map(|own| json!({"line_number": own.line, "edit": own.edit})).collect()
    };
    json!({
        "claim_id": change.claim_id,
        "at": {"file": file, "offset": change.place.offset, "row": change.place.row},
        "newly_failing": all(&change.newly_failing),
        "newly_passing": all(&change.newly_passing),
        "charge_newly_failing": change.charge_newly_failing.to_string(),
        "charge_newly_passing": change.charge_newly_passing.to_string(),
    })
}

fn dollars(cents: i128) -> String {
    i64::try_from(cents).map_or("(too much)".to_owned(), |cents| Money::from_cents(cents).to_string())
}

fn summary(totals: &ChangeTotals, [old, new]: [&str; 2], format: DiffFormat, out: &mut impl Write) -> io::Result<()> {
    let (fail, pass) = (dollars(totals.charge_newly_failing), dollars(totals.charge_newly_passing));
    let ChangeTotals { claims, changed, lines_newly_failing, lines_newly_passing, .. } = totals;
    let ChangeTotals { claims_newly_failing, claims_newly_passing, by_edit, .. } = totals;
    match format {
        DiffFormat::Text => {
            // What costs most stands first.
            let mut edits: Vec<(&String, &EditChange)> = by_edit.iter().collect();
            edits.sort_by_key(|(_, own)| Reverse(own.charge_newly_failing + own.charge_newly_passing));
            if !edits.is_empty() {
                let head = ["EDIT", "CLAIMS FAIL", "CHARGES FAIL", "CLAIMS PASS", "CHARGES PASS"];
                let [edit, fail, fail_charges, pass, pass_charges] = head;
                writeln!(out, "{edit:<10} {fail:>12} {fail_charges:>16} {pass:>12} {pass_charges:>16}")?;
                for (edit, own) in edits {
                    let EditChange { claims_newly_failing: fail, claims_newly_passing: pass, .. } = own;
                    let charges = [own.charge_newly_failing, own.charge_newly_passing].map(dollars);
                    writeln!(out, "{edit:<10} {fail:>12} {:>16} {pass:>12} {:>16}", charges[0], charges[1])?;
                }
                writeln!(out)?;
            }
            writeln!(out, "from {old} to {new}")?;
            let form = |count: u64, one: &'static str, many: &'static str| if count == 1 { one } else { many };
            writeln!(out, "{changed} of {} {}", counted(*claims, "claim"), form(*changed, "changes", "change"))?;
            writeln!(
                out,
                "{} that {} clean newly {}, {claims_newly_passing} {} clean",
                counted(*claims_newly_failing, "claim"),
                form(*claims_newly_failing, "was", "were"),
                form(*claims_newly_failing, "fails", "fail"),
                form(*claims_newly_passing, "becomes", "become"),
            )?;
            let (lines, fails) = (counted(*lines_newly_failing, "line"), form(*lines_newly_failing, "fails", "fail"));
            writeln!(out, "{lines} newly {fails}, of charges {fail}")?;
            let (lines, passes) = (counted(*lines_newly_passing, "line"), form(*lines_newly_passing, "passes", "pass"));
            writeln!(out, "{lines} newly {passes}, of charges {pass}")
        }
        DiffFormat::Ndjson => {
            let edit = |(edit, own): (&String, &EditChange)| {
                json!({
                    "edit": edit,
                    "claims_newly_failing": own.claims_newly_failing,
                    "claims_newly_passing": own.claims_newly_passing,
                    "charge_newly_failing": dollars(own.charge_newly_failing),
                    "charge_newly_passing": dollars(own.charge_newly_passing),
                })
            };
            let summary = json!({"summary": {
                "claims": claims,
                "changed": changed,
                "claims_newly_failing": claims_newly_failing,
                "claims_newly_passing": claims_newly_passing,
                "lines_newly_failing": lines_newly_failing,
                "lines_newly_passing": lines_newly_passing,
                "charge_newly_failing": fail,
                "charge_newly_passing": pass,
                "by_edit": by_edit.iter().map(edit).collect::<Vec<_>>(),
            }});
            writeln!(out, "{summary}")
        }
    }
}
