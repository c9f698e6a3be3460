//! Errors of lines: duplicates, revenue codes, places of service, provider numbers.

use super::Bench;
use claims::Field;
use codes::{Modifier, Money, Npi};

/// A line once more, alike in all.
pub(super) fn duplicate(bench: &mut Bench<'_, '_>) -> Option<()> {
    let place = bench.any_line();
    let line = *bench.claim.lines.get(place)?;
    if line.modifiers.iter().any(|&modifier| is_repeat(modifier)) {
        return None;
    }
    bench.claim.lines.push(line);
    bench.claim.add_up();
    let last = bench.claim.lines.len() - 1;
    bench.fails(Some(last), Field::Procedure, format!("repeats line {}", place + 1))
}

/// A line's procedure once more, of other units and charge.
pub(super) fn suspect_duplicate(bench: &mut Bench<'_, '_>) -> Option<()> {
    let place = bench.any_line();
    let mut line = *bench.claim.lines.get(place)?;
    // A modifier may say that the service was repeated or given elsewhere on the body.
    line.modifiers = [Modifier::ABSENT; 4];
    *bench.claim.lines.get_mut(place)? = line;
    line.units += 1;
    line.charge = Money::from_cents(line.charge.cents() + 100 * i64::from(bench.draw.between(1, 90)));
    bench.claim.lines.push(line);
    bench.claim.add_up();
    let last = bench.claim.lines.len() - 1;
    bench.fails(Some(last), Field::Procedure, format!("repeats line {} with other units and charge", place + 1))
}

fn is_repeat(modifier: Modifier) -> bool {
    [Modifier::new(b"76"), Modifier::new(b"77"), Modifier::new(b"91")].contains(&modifier)
}

/// A revenue code that there is not.
pub(super) fn revenue_code(bench: &mut Bench<'_, '_>) -> Option<()> {
    let (place, wrong) = (bench.any_line(), bench.draw.pick(&bench.from.no_revenue_codes)?);
    bench.claim.lines.get_mut(place)?.revenue = wrong;
    bench.fails(Some(place), Field::RevenueCode, format!("{wrong} is no revenue code"))
}

/// A place of service that there is not.
pub(super) fn place(bench: &mut Bench<'_, '_>) -> Option<()> {
    let (place, wrong) = (bench.any_line(), bench.draw.pick(&bench.from.no_places)?);
    bench.claim.lines.get_mut(place)?.place = wrong;
    bench.fails(Some(place), Field::PlaceOfService, format!("{wrong} is no place of service"))
}

/// A provider's number of which a digit is wrong, or is missing.
pub(super) fn npi(bench: &mut Bench<'_, '_>) -> Option<()> {
    let place = bench.any_line();
    let rendering = bench.claim.lines.get(place)?.rendering_npi;
    let of_line = rendering.is_some() && bench.draw.once_in(2);
    let right = if of_line { rendering? } else { bench.claim.billing_npi? };
    let wrong = match bench.draw.below(4) {
        // The last digit left out.
        0 => right / 10,
        _ => right / 10 * 10 + (right + 1 + u64::from(bench.draw.below(9))) % 10,
    };
    if Npi::parse(wrong.to_string().as_bytes()).is_some() {
        return None;
    }
    let note = format!("{wrong} is no NPI; {right} was meant");
    if of_line {
        bench.claim.lines.get_mut(place)?.rendering_npi = Some(wrong);
        bench.fails(Some(place), Field::RenderingNpi, note)
    } else {
        bench.claim.billing_npi = Some(wrong);
        bench.fails(None, Field::BillingNpi, note)
    }
}
