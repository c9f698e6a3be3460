use super::working_days::next_working_day;
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Reason, Recorder, TimelyFiling, Value};
use claims::{Field, Given};
use codes::Date;

edit! {
    /// # What it checks
    /// The claim was submitted within the payer's time: Medicare's, unless a policy of the payer sets another. Medicare
    /// takes claims for one calendar year after the service. On a professional or dental claim each line's first day
    /// of service counts, on an institutional one the last day of the statement. A service of 29 February may be
    /// submitted until 28 February of the next year. A last day on a Saturday, a Sunday or a federal holiday moves to
    /// the next working day.
    ///
    /// # Why a payer denies it
    /// Late claims are denied with CARC 29 (the time limit for filing has expired), and the patient may not be billed
    /// instead.
    ///
    /// # Example
    /// A service of 2024-10-05 may be submitted until 2025-10-06: the fifth is a Sunday.
    ///
    /// # How to fix
    /// Check the dates of service and of submission. If they are right and an exception holds (a payer's own error,
    /// retroactive entitlement), send the claim with its evidence; otherwise write the charge off.
    ///
    /// # Bypass
    /// A replacement or void (claim frequency 7 or 8) is bypassed: it has the payer's limits for adjustments, which
    /// count from the first claim's payment.
    ///
    /// # Source
    /// 42 CFR 424.44; Medicare Claims Processing Manual ch. 1 §70. Federal holidays: 5 U.S.C. 6103, Juneteenth from
    /// 2021.
    ///
    /// # Tables
    /// None. Not evaluated: a claim that does not say when it was submitted or received, or the days that count.
    pub struct TimelyFilingLimit;
    id: "CLM004", name: "timely-filing",
    severity: Error, snip: 7, carc: "29", rarc: "",
    source: "42 CFR 424.44; Medicare Claims Processing Manual ch. 1 §70",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [Field::ReceivedDate], fires: Fires::ALWAYS,
    messages: [
        "The service of {date} could be submitted until {limit}, and the claim is of {received_date}; a payer would deny \
         it as late"
            => "Check both dates; if they are right, send the claim with evidence of an exception, or write the charge \
                off.",
        "The service of {date} could be submitted until {limit}, and the claim is of {received_date}; as a replacement or \
         void it has the payer's limits for adjustments"
            => "Make sure that the payer still takes an adjustment of the first claim.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(limit) = claim.settings.timely_filing else { return };
    let row = claim.claim.row;
    let Given::Is(received) = row.received_date else {
        out.skip_claim(Reason::FieldAbsent(Field::ReceivedDate));
        return;
    };
    if claim.is_institutional() {
        match row.statement_to.value() {
            Some(day) => judge(claim, out, limit, received, day, None),
            None => out.skip_claim(Reason::FieldAbsent(Field::StatementTo)),
        }
        return;
    }
    if claim.day_of_lines().is_some_and(|day| is_plainly_in_time(limit, received, day)) {
        return;
    }
    for (number, line) in (0..).zip(claim.lines) {
        match line.date {
            Some(day) => judge(claim, out, limit, received, day, Some(number)),
            None => out.skip_claim(Reason::FieldAbsent(Field::ServiceFrom)),
        }
    }
}

/// Whether a claim is in time whatever the calendar says: nearly all are, by months.
#[inline]
fn is_plainly_in_time(limit: TimelyFiling, received: Date, day: Date) -> bool {
    received.days().saturating_sub(day.days()) <= limit.fewest_days()
}

fn judge(
    claim: &ClaimFacts<'_>,
    out: &mut Recorder<'_>,
    limit: TimelyFiling,
    received: Date,
    day: Date,
    line: Option<u32>,
) {
    if is_plainly_in_time(limit, received, day) {
        return;
    }
    let last = next_working_day(limit.last_day(day));
    if received <= last {
        return;
    }
    let finding = if claim.replaces_another() {
        out.bypass_claim(line, Field::ReceivedDate, 1)
    } else {
        Some(match line {
            Some(line) => out.fail_claim_at_line(line, Field::ReceivedDate, 0),
            None => out.fail_claim(Field::ReceivedDate, 0),
        })
    };
    if let Some(finding) = finding {
        finding
            .with("date", Value::Date(day))
            .with("limit", Value::Date(last))
            .with("received_date", Value::Date(received));
    }
}
