use super::repeats::{self, Compared, REPEAT_MODIFIERS, Repeats, Rest};
use crate::contract::edit;
use crate::{ClaimFacts, Reason, Recorder, Value};
use claims::Field;
use codes::{Money, Units};

edit! {
    /// # What it checks
    /// No two lines are equal in patient, provider, dates of service, procedure, modifiers, place of service, units and
    /// charge: lines of one claim, or of two claims of the run to the same payer, the later of which fails. The provider is
    /// the line's rendering provider, or the billing provider where the line names none; on an institutional claim it is
    /// the facility. The order of modifiers does not matter. Institutional lines have no place of service; their revenue
    /// code is compared instead, and across claims the type of bill. Of a claim that is equal to an earlier one as a whole,
    /// which DUP010 says, each line is a duplicate too.
    ///
    /// # Why a payer denies it
    /// Lines that agree in all of these are exact duplicates, which Medicare's systems deny without a look, unless
    /// a modifier says that the service was repeated.
    ///
    /// # Example
    /// 71046 with modifier 26 twice on 2024-03-05, each of 1 unit and 90.00.
    ///
    /// # How to fix
    /// Remove the second line if it was entered twice. If the service was repeated, put the units on one line, or
    /// give the second line 76 (same provider), 77 (another) or 91 (laboratory test). To correct a line of a claim that
    /// was sent, send a replacement of that claim (frequency 7), not another claim.
    ///
    /// # Bypass
    /// Modifier 76, 77 or 91 on the lines.
    ///
    /// # Source
    /// Medicare Claims Processing Manual ch. 1 §120, detection of duplicate claims (CR 8121).
    ///
    /// # Tables
    /// None. Lines without a procedure, which sum up a department by its revenue code, and lines with a HIPPS rate
    /// code pass. A line without date of service, with a procedure that no code could be, or that repeats provider,
    /// dates, procedure, modifiers and place of another while one of them lacks units or charge is not evaluated; nor is
    /// one whose procedure and day stand on an earlier claim too while one of the two does not name the provider.
    /// An empty place of service equals another empty one: on an 837 the lines then take the claim's. Earlier claims are
    /// those of the same run, patient, payer and day, as far back as 131,072 claims; those of frequency 7 or 8 and those
    /// without patient id have none and are none. Dental claims, whose fields do not tell the tooth, are not looked at.
    pub struct DuplicateLine;
    id: "DUP001", name: "duplicate-line",
    severity: Error, snip: 4, carc: "18", rarc: "",
    source: "Medicare Claims Processing Manual ch. 1 §120; CR 8121",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [], fields: [], fires: repeats::FIRES,
    messages: [
        "{procedure} on {date} repeats line {first_line}: same provider, modifiers, place, units ({units}) and charge \
         ({charge}); a payer would deny it as an exact duplicate"
            => "Remove this line if it was entered twice; if the service was repeated, add 76, 77 or 91.",
        "{procedure} on {date} repeats line {first_line}: same provider, modifiers, place, units ({units}) and charge \
         ({charge}); modifier {modifier} says that the service was repeated"
            => "Keep the documentation that the service was repeated.",
        "{procedure} on {date} repeats line {first_line} of claim {other_claim}, which came before: same provider, \
         modifiers, place, units ({units}) and charge ({charge}); a payer would deny it as an exact duplicate"
            => "Remove this line if it was entered twice; if the service was repeated, add 76, 77 or 91; to correct the \
                other claim, send a replacement of it with claim frequency 7.",
        "{procedure} on {date} repeats line {first_line} of claim {other_claim}, which came before: same provider, \
         modifiers, place, units ({units}) and charge ({charge}); modifier {modifier} says that the service was repeated"
            => "Keep the documentation that the service was repeated.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    repeats::skip_incomparable(claim, out);
    let repeats = Repeats::of(claim);
    for group in repeats.groups() {
        let mut lines: Vec<(Rest, usize)> = group.iter().map(|line| line.rest(claim)).zip(0..).collect();
        lines.sort_unstable();
        for alike in lines.chunk_by(|a, b| a.0 == b.0) {
            let alike: Vec<Compared<'_>> = alike.iter().filter_map(|&(_, at)| group.get(at).copied()).collect();
            compare(&repeats, out, &alike);
        }
    }
}

/// Compares the amounts of lines that are alike in all else, which are in input order.
fn compare(repeats: &Repeats<'_>, out: &mut Recorder<'_>, alike: &[Compared<'_>]) {
    let mut complete: Vec<(Units, Money, usize)> =
        (0..).zip(alike).filter_map(|(at, line)| line.amounts().map(|(units, charge)| (units, charge, at))).collect();
    complete.sort_unstable();
    let mut repeated: Vec<(usize, usize)> = complete
        .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .filter_map(<[_]>::split_first)
        .flat_map(|(first, rest)| rest.iter().map(|&(_, _, at)| (at, first.2)))
        .collect();
    repeated.sort_unstable();
    let mut repeated = repeated.into_iter().peekable();
    let mut unknown: Option<Reason> = None;
    for (at, line) in alike.iter().enumerate() {
        let missing = missing(line);
        let first = repeated.next_if(|(own, _)| *own == at).and_then(|(_, first)| alike.get(first));
        if let Compared::Own(place, _) = line {
            match first {
                Some(first) => report(out, line, first),
                None => {
                    let unnamed = || repeats.lacks_provider(*place);
                    if let Some(reason) = missing.filter(|_| at > 0).or(unknown).or_else(unnamed) {
                        out.skip_line(*place, reason);
                    }
                }
            }
        }
        unknown = unknown.or(missing);
    }
}

/// What the line lacks to be compared.
fn missing(line: &Compared<'_>) -> Option<Reason> {
    let units = line.units().is_none().then_some(Field::Units);
    units.or_else(|| line.charge().is_none().then_some(Field::Charge)).map(Reason::FieldAbsent)
}

/// Reports a line of the claim that repeats `first`.
fn report(out: &mut Recorder<'_>, line: &Compared<'_>, first: &Compared<'_>) {
    let &Compared::Own(place, facts) = line else { return };
    let modifier = REPEAT_MODIFIERS.into_iter().find(|&modifier| facts.has_modifier(modifier));
    let across = 2 * u8::from(matches!(first, Compared::Before(..)));
    let finding = match modifier {
        None => Some(out.fail_line(place, Field::Procedure, across)),
        Some(_) => out.bypass_line(place, Field::Procedure, across + 1),
    };
    let Some(finding) = finding else { return };
    finding.with("procedure", Value::Code(facts.row.procedure));
    first.tell(finding);
    if let Some(date) = facts.date {
        finding.with("date", Value::Date(date));
    }
    if let Some((units, charge)) = line.amounts() {
        finding.with("units", Value::Units(units)).with("charge", Value::Money(charge));
    }
    if let Some(modifier) = modifier {
        finding.with("modifier", Value::Modifier(modifier));
    }
}
