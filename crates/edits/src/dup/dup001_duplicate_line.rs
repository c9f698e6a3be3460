use super::repeats::{self, Entry, REPEAT_MODIFIERS, Rest};
use crate::contract::edit;
use crate::{ClaimFacts, LineFacts, Reason, Recorder, Value};
use claims::Field;
use codes::{Modifier, Money, Units};

edit! {
    /// # What it checks
    /// No two lines of a claim are equal in provider, dates of service, procedure, modifiers, place of service,
    /// units and charge. The provider is the line's rendering provider, or the billing provider where the line
    /// names none; on an institutional claim it is the facility. The order of modifiers does not matter. Institutional lines have no place of service; their
    /// revenue code is compared instead. The later line fails.
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
    /// give the second line 76 (same provider), 77 (another) or 91 (laboratory test).
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
    /// dates, procedure, modifiers and place of another while one of them lacks units or charge is not evaluated.
    /// An empty place of service equals another empty one: on an 837 the lines then take the claim's. Dental
    /// claims, whose fields do not tell the tooth, are not looked at.
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
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    repeats::skip_incomparable(claim, out);
    let entries = repeats::entries(claim);
    for group in repeats::groups(&entries) {
        let mut lines: Vec<(Rest, u32)> = group
            .iter()
            .filter_map(|entry: &Entry| Some((Rest::of(claim, claim.lines.get(entry.line as usize)?), entry.line)))
            .collect();
        lines.sort_unstable();
        for alike in lines.chunk_by(|a, b| a.0 == b.0) {
            compare(claim, out, alike);
        }
    }
}

/// Compares the amounts of lines that are alike in all else, which are in input order.
fn compare(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>, alike: &[(Rest, u32)]) {
    let lines = || alike.iter().filter_map(|&(_, place)| Some((place, claim.lines.get(place as usize)?)));
    let mut complete: Vec<(Units, Money, u32)> = lines()
        .filter_map(|(place, line)| repeats::amounts(line).map(|(units, charge)| (units, charge, place)))
        .collect();
    complete.sort_unstable();
    let mut repeated: Vec<(u32, u32)> = complete
        .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .filter_map(<[_]>::split_first)
        .flat_map(|(first, rest)| rest.iter().map(|&(_, _, place)| (place, first.2)))
        .collect();
    repeated.sort_unstable();
    let mut repeated = repeated.into_iter().peekable();
    let mut unknown: Option<Reason> = None;
    for (number, (place, line)) in lines().enumerate() {
        let missing = missing(line);
        if let Some((_, first)) = repeated.next_if(|(own, _)| *own == place) {
            report(claim, out, place, first);
        } else if let Some(reason) = missing.filter(|_| number > 0).or(unknown) {
            out.skip_line(place, reason);
        }
        unknown = unknown.or(missing);
    }
}

/// What the line lacks to be compared.
fn missing(line: &LineFacts<'_>) -> Option<Reason> {
    let units = line.row.units.value().is_none().then_some(Field::Units);
    units.or_else(|| line.row.charge.value().is_none().then_some(Field::Charge)).map(Reason::FieldAbsent)
}

fn report(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>, place: u32, first: u32) {
    let (Some(line), Some(first)) = (claim.lines.get(place as usize), claim.lines.get(first as usize)) else { return };
    let modifier: Option<Modifier> = REPEAT_MODIFIERS.into_iter().find(|&modifier| line.has_modifier(modifier));
    let finding = match modifier {
        None => Some(out.fail_line(place, Field::Procedure, 0)),
        Some(_) => out.bypass_line(place, Field::Procedure, 1),
    };
    let Some(finding) = finding else { return };
    finding
        .with("procedure", Value::Code(line.row.procedure))
        .with("first_line", Value::Count(first.row.number.into()));
    if let Some(date) = line.date {
        finding.with("date", Value::Date(date));
    }
    if let Some((units, charge)) = repeats::amounts(line) {
        finding.with("units", Value::Units(units)).with("charge", Value::Money(charge));
    }
    if let Some(modifier) = modifier {
        finding.with("modifier", Value::Modifier(modifier));
    }
}
