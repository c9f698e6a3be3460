use crate::contract::{edit, tables};
use crate::fees::{self, Fees};
use crate::same_day::{Giver, Givers};
use crate::{ClaimFacts, Fires, Lookup, Recorder, Unit, Value};
use claims::Field;
use codes::Date;

/// Always part of another service.
pub(super) const BUNDLED: u8 = b'B';
/// Part of a physician's service of the day, if it is incident to it.
pub(super) const BUNDLED_OR_EXCLUDED: u8 = b'P';
/// Paid only where nothing else under the schedule is, that day.
pub(super) const INJECTION: u8 = b'T';
/// The statuses of services that are paid under the schedule: active, priced by the contractor, restricted.
const PAYABLE: [u8; 3] = [b'A', b'C', b'R'];

edit! {
    /// # What it checks
    /// On a professional claim to a payer that follows Medicare, no line has a procedure that the Medicare Physician Fee
    /// Schedule takes as part of another service, by its status on the line's first day of service: B (always bundled)
    /// fails by itself; P (bundled or excluded) and T (paid only alone) fail beside another procedure of the same
    /// provider and day that is paid under the schedule (status A, C or R).
    ///
    /// # Why a payer denies it
    /// The payment for the other service includes it. It may be billed neither to Medicare nor to the patient. Payers
    /// answer CARC 97.
    ///
    /// # Example
    /// `99024` (visit after surgery, status B) is never paid. `36591` (blood from a port, status T) is not paid beside a
    /// visit, `99213`, of the same day.
    ///
    /// # How to fix
    /// Remove the line, or keep it at no charge where it is reported for the record.
    ///
    /// # Bypass
    /// None. Whether a payer follows Medicare is a setting of its policy; without one it does.
    ///
    /// # Source
    /// Status indicators of the Medicare Physician Fee Schedule relative value file (CMS; Attachment A of its layout);
    /// Medicare Claims Processing Manual chapter 12 §20.3.
    ///
    /// # Tables
    /// fee-schedule, of the line's date. The provider is the rendering provider, else the billing one. A date outside its
    /// quarters, a code that it does not list and one that is not valid that day are not evaluated; as other service of the
    /// day such codes do not count. Lines without a procedure pass, as do all lines for a payer that does not follow
    /// Medicare. Institutional and dental claims are not looked at.
    pub struct PxBundled;
    id: "PX021", name: "px-bundled",
    severity: Warning, snip: 6, carc: "97", rarc: "",
    source: "MPFS relative value file, status indicator; Claims Processing Manual chapter 12 §20.3",
    unit: Line, claims: PROFESSIONAL, default: ON,
    tables: [tables::FEE_SCHEDULE], fields: [], fires: Fires::FEE_STATUS,
    messages: [
        "{procedure} is always part of another service on {date} (status B); a payer that follows Medicare would not pay \
         it, alone or beside others"
            => "Remove {procedure}, or keep it at no charge if it is reported for the record; it may not be billed to the \
                patient.",
        "{procedure} is part of the other services of the provider and day (status {status}), here of {other} on line \
         {other_line}, on {date}; a payer that follows Medicare would not pay it beside them"
            => "Remove {procedure}; the payment for {other} includes it.",
    ],
    check: check,
    of_kind: fees::of_kind,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    if !claim.settings.follows_medicare {
        return;
    }
    if let Some(reason) = fees::no_answer(claim) {
        return out.skip_all(Unit::Line, reason);
    }
    let givers = Givers::of(claim);
    let mut payable: Option<Vec<(Giver, Date, u32)>> = None;
    for (number, line) in (0u32..).zip(claim.lines) {
        if line.procedure == Lookup::Absent {
            continue;
        }
        let Fees { indicators, release } = match Fees::of(claim, line) {
            Ok(fees) => fees,
            Err(reason) => {
                out.skip_line(number, reason);
                continue;
            }
        };
        let Some(date) = line.date else { continue };
        let other = match indicators.status {
            BUNDLED => None,
            BUNDLED_OR_EXCLUDED | INJECTION => {
                let payable = payable.get_or_insert_with(|| all_payable(claim, givers));
                let giver = givers.giver(line);
                let at = payable.partition_point(|&(one, day, _)| (one, day) < (giver, date));
                let first = payable.get(at).filter(|&&(one, day, _)| (one, day) == (giver, date));
                match first.and_then(|&(.., place)| claim.lines.get(place as usize)) {
                    Some(other) => Some(other),
                    None => continue,
                }
            }
            _ => continue,
        };
        let finding = out
            .fail_line(number, Field::Procedure, u8::from(other.is_some()))
            .with("procedure", Value::Code(line.row.procedure))
            .with("status", Value::Text(char::from(indicators.status).to_string()))
            .with("date", Value::Date(date))
            .from_release(release);
        if let Some(other) = other {
            finding
                .with("other", Value::Code(other.row.procedure))
                .with("other_line", Value::Count(other.row.number.into()));
        }
    }
}

/// The lines that are paid under the schedule, those of one provider and day together, in input order.
fn all_payable(claim: &ClaimFacts<'_>, givers: Givers) -> Vec<(Giver, Date, u32)> {
    let entry = |(place, line)| {
        let fees = Fees::of(claim, line).ok()?;
        PAYABLE.contains(&fees.indicators.status).then_some((givers.giver(line), line.date?, place))
    };
    let mut payable: Vec<_> = (0u32..).zip(claim.lines).filter_map(entry).collect();
    payable.sort_unstable();
    payable
}
