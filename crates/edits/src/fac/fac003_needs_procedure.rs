use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Reason, Recorder, Value};
use claims::{Field, Given};
use codes::Code;
use codeset::{SystemId, flags};

edit! {
    /// # What it checks
    /// On an outpatient bill (13x, 74x, 75x and 76x; 12x and 14x without condition code 41) a line whose revenue code
    /// asks for a procedure has one: the revenue code's status is neither N (packaged) nor F (paid at cost), and it is
    /// none of those that the I/OCE spares.
    ///
    /// # Why a payer denies it
    /// Outpatient services are paid by procedure. Without one the line cannot be priced; Medicare returns the claim
    /// (I/OCE edit 48), other payers answer CARC 16 with M20 (missing HCPCS).
    ///
    /// # Example
    /// Revenue code `0360` (operating room) without a procedure on a `0131` bill.
    ///
    /// # How to fix
    /// Enter the CPT or HCPCS code of the service, or the revenue code under which it may stand without one.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// I/OCE edit 48 (its text names the bills, and its table of bills by type of bill has no others), its revenue codes'
    /// status indicators and the flag by which it spares some.
    ///
    /// # Tables
    /// revenue. A revenue code with status Z or B asks for a procedure, as does E1. Not evaluated: a date outside the
    /// releases, a revenue code that is not in force (FAC002's), a claim without type of bill. Other bills pass.
    pub struct RevenueNeedsProcedure;
    id: "FAC003", name: "revenue-code-needs-procedure",
    severity: Error, snip: 6, carc: "16", rarc: "M20",
    source: "I/OCE edit 48",
    unit: Line, claims: INSTITUTIONAL, default: ON,
    tables: [tables::REVENUE_CODES], fields: [], fires: Fires::NO_PROCEDURE,
    messages: [
        "Revenue code {revenue} on {date} asks for a procedure on an outpatient bill ({bill_type}), and the line has \
         none; a payer cannot price the line"
            => "Enter the CPT or HCPCS code of the service.",
    ],
    check: check,
}

/// Bills that the edit is for, whatever their condition codes.
const ALWAYS: [u8; 4] = [13, 74, 75, 76];
/// Bills that it is for unless condition code 41 (partial hospitalization) is on them.
const UNLESS_PARTIAL: [u8; 2] = [12, 14];
const PARTIAL_HOSPITALIZATION: Code = Code::new(b"41");
/// The statuses of revenue codes whose lines need no procedure: packaged, and paid at cost.
const NEED_NONE: [&str; 2] = ["N", "F"];

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Revenue) else { return };
    let without = |line: &crate::LineFacts<'_>| line.row.procedure.is_absent() && !line.row.revenue_code.is_absent();
    let bill = match claim.claim.row.bill_type {
        Given::Is(bill) => bill,
        Given::Absent | Given::Invalid => {
            for (number, _) in (0..).zip(claim.lines).filter(|(_, line)| without(line)) {
                out.skip_line(number, Reason::FieldAbsent(Field::BillType));
            }
            return;
        }
    };
    let care = bill.facility_and_care();
    let partial = claim.claim.conditions().contains(&PARTIAL_HOSPITALIZATION);
    if !ALWAYS.contains(&care) && (!UNLESS_PARTIAL.contains(&care) || partial) {
        return;
    }
    for (number, line) in (0..).zip(claim.lines).filter(|(_, line)| without(line)) {
        // A line without a date is of the statement's first day.
        let date = match line.date.or(claim.claim.row.statement_from.value()) {
            Some(date) => date,
            None => {
                out.skip_line(number, Reason::FieldAbsent(Field::ServiceFrom));
                continue;
            }
        };
        let row = line.revenue.ordinal().and_then(|ordinal| system.row_on(ordinal, date));
        let Some(row) = row else {
            let reason = if system.covers(date) { Reason::CodeNotValid } else { Reason::DateOutsideReleases };
            out.skip_line(number, reason(SystemId::Revenue.name()));
            continue;
        };
        // The total of the claim is no service.
        if NEED_NONE.contains(&row.status()) || row.has(flags::revenue::SPARED_FROM_PROCEDURE) || is_total(line) {
            continue;
        }
        out.fail_line(number, Field::Procedure, 0)
            .with("revenue", Value::Code(line.row.revenue_code))
            .with("date", Value::Date(date))
            .with("bill_type", Value::Text(bill.to_string()))
            .from_release(row.release);
    }
}

/// Whether the line is the total, revenue code 0001.
fn is_total(line: &crate::LineFacts<'_>) -> bool {
    const TOTAL: Code = Code::new(b"0001");
    line.row.revenue_code == TOTAL
}
