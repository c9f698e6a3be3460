use super::across::{self, Released};
use super::pairs::{self, NEVER};
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Recorder, Value};
use claims::Field;

edit! {
    /// # What it checks
    /// No two procedures of one patient, provider and date of service are an NCCI procedure-to-procedure (PTP) pair
    /// with the indicator 0, which no modifier releases. The pair must be active on the date of service. The
    /// provider is the line's rendering provider, or the billing provider where the line names none; a claim that
    /// names neither has one provider. On an institutional claim the provider is the facility.
    ///
    /// Lines of other claims count too: claims of the same patient and payer that came before in the same run, within
    /// 131,072 claims, if they name the provider and replace or void no other. The finding is on the later claim.
    ///
    /// # Why a payer denies it
    /// NCCI lists pairs of which one service is part of the other, or that cannot both be done on one day. A payer
    /// that follows NCCI would pay column 1 and deny column 2, whatever modifier is on it.
    ///
    /// # Example
    /// On an outpatient hospital bill, 45380 (colonoscopy with biopsy) and 45378 (diagnostic colonoscopy) on one
    /// day: 45378 is column 2 with indicator 0, and 59 on it changes nothing.
    ///
    /// # How to fix
    /// Report the column-1 procedure alone, or the column-2 procedure alone if that is the one that was done. The
    /// patient may not be billed for the other.
    ///
    /// # Bypass
    /// None: indicator 0 means that no modifier is taken.
    ///
    /// # Source
    /// NCCI policy manual for Medicare ch. I, section E; CMS MLN1783722 "How to use the Medicare NCCI tools"; I/OCE
    /// edit 20. Pairs with indicator 9, deleted from their first day, do not exist here.
    ///
    /// # Tables
    /// ptp-practitioner for professional claims and ambulatory surgery centres (bill type 83x), ptp-hospital for other
    /// outpatient institutional claims; neither stands in for the other. Inpatient bills (11x, 18x, 21x, 41x) and bill
    /// types 43x, 71x and 77x pass: the I/OCE does not pair their lines. On bills of critical access hospitals (85x)
    /// lines for professional fees (revenue codes 096x to 098x) are paired among themselves, as the I/OCE does. Lines
    /// without a procedure, or with a HIPPS rate code, pass. An institutional claim without type of bill, a date outside
    /// the table's releases, and a procedure that no release lists are not evaluated, nor is a column-2 line whose column
    /// 1 would be such a procedure, or a line that would be paired with such a procedure of an earlier claim. Units and
    /// charges do not matter: a line of zero or negative units counts.
    pub struct PtpNever;
    id: "PTP001", name: "ptp-never",
    severity: Error, snip: 5, carc: "236", rarc: "",
    source: "NCCI policy manual ch. I; CMS MLN1783722; I/OCE edit 20",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES], fields: [], fires: pairs::FIRES,
    messages: [
        "{procedure} (column 2) and {column_1} (column 1, line {column_1_line}) are on {date} by the same provider; \
         NCCI never pays the two together (indicator 0), so a payer would deny {procedure} with or without a modifier"
            => "Remove {procedure}, or {column_1} if {procedure} is the service that was given.",
        "{procedure} (column 2) and {column_1} (column 1, line {other_line} of claim {other_claim}) are on {date} by \
         the same provider; NCCI never pays the two together (indicator 0), so a payer would deny {procedure} with or \
         without a modifier"
            => "Remove {procedure}, or take {column_1} off claim {other_claim} if {procedure} is the service that was \
                given.",
        "{column_1} (column 1) and {procedure} (column 2, line {other_line} of claim {other_claim}) are on {date} by \
         the same provider; NCCI never pays the two together (indicator 0), so a payer that has paid {procedure} would \
         deny or take back one of them"
            => "Take {procedure} off claim {other_claim}, or remove {column_1} if {procedure} is the service that was \
                given.",
    ],
    check: check,
    of_kind: pairs::of_kind,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    pairs::evaluate(claim, out, NEVER, |out, place, pairs| {
        let (Some(line), Some(first)) = (claim.lines.get(place as usize), claim.lines.get(pairs.column_1 as usize))
        else {
            return;
        };
        let finding = out.fail_line(place, Field::Procedure, 0);
        finding
            .with("procedure", Value::Code(line.row.procedure))
            .with("column_1", Value::Code(first.row.procedure))
            .with("column_1_line", Value::Count(first.row.number.into()))
            .with("indicator", Value::Count(NEVER.into()))
            .from_release(pairs.class.release);
        if let Some(date) = line.date {
            finding.with("date", Value::Date(date));
        }
        let others = pairs.other_lines(claim);
        if !others.is_empty() {
            finding.with("other_column_1_lines", Value::Lines(others));
        }
    });
    for pair in across::pairs(claim, NEVER) {
        if let Some(reason) = pair.released.and_then(Released::unknown) {
            out.skip_line(pair.line, reason);
            continue;
        }
        let finding = out.fail_line(pair.line, Field::Procedure, if pair.is_column_1 { 2 } else { 1 });
        across::tell(claim, &pair, finding);
    }
}
