use crate::contract::{edit, tables};
use crate::fees::{self, Fees, Rows};
use crate::{ClaimFacts, Fires, Grounds, Kind, LineFacts, Lookup, Reason, Recorder, Unit, Value, px};
use claims::Field;
use codes::{Code, Date, Modifier};
use codeset::{AttributeId, Codeset, HcpcsFacts, SystemId};

/// The fee schedule's status of services that Medicare does not cover.
const NON_COVERED: u8 = b'N';
/// The HCPCS file's coverage letters of the same: non-covered, and non-covered by statute.
const COVERAGE_NON_COVERED: [u8; 2] = [b'M', b'S'];

/// The modifiers that say that the service is not, or may not be, covered, and who is liable then.
///
/// Source: Medicare Claims Processing Manual chapter 1 §60.4 and chapter 30 §50 and §60.
const LIABILITY: [(Modifier, &str); 4] = [
    (Modifier::new(b"GY"), "excluded by statute, the patient is liable"),
    (Modifier::new(b"GX"), "a voluntary notice was given, the patient is liable"),
    (Modifier::new(b"GA"), "a required notice (ABN) is on file, the patient is liable"),
    (Modifier::new(b"GZ"), "expected to be denied and no notice was given, the provider is liable"),
];

edit! {
    /// # What it checks
    /// On a professional claim to a payer that follows Medicare, no line has a procedure that Medicare does not cover, on
    /// the line's first day of service, unless a modifier says that this is known: status N in the Medicare Physician Fee
    /// Schedule or, of HCPCS Level II codes, the coverage letter M (non-covered) or S (non-covered by statute).
    ///
    /// # Why a payer denies it
    /// The service is outside the benefit. Without a modifier the denial (CARC 96) may leave the provider liable, or be
    /// taken for an error.
    ///
    /// # Example
    /// `A9270` (non-covered item, coverage M). With `GY` it is bypassed: the denial is wanted, for another insurer or the
    /// patient.
    ///
    /// # How to fix
    /// Do not bill it to Medicare; where a denial is wanted add GY (excluded by statute), GX (voluntary notice), GA
    /// (required notice on file) or GZ (no notice).
    ///
    /// # Bypass
    /// GY, GX, GA or GZ on the line: the finding says what liability the modifier means.
    ///
    /// # Source
    /// Status indicators of the Medicare Physician Fee Schedule relative value file; coverage code of the HCPCS Level II
    /// file (CMS); Medicare Claims Processing Manual chapter 1 §60.
    ///
    /// # Tables
    /// fee-schedule for all codes and hcpcs-facts for HCPCS Level II, of the line's date: either may say that a code is
    /// not covered. Where neither does, and one cannot tell (it is not loaded, or the date is outside its releases), the
    /// line is not evaluated; nor is it where no table lists the code, or where the code is not valid on the date (PX003
    /// says so). Lines without a procedure pass, as do all lines for
    /// a payer that does not follow Medicare. Institutional and dental claims are not looked at.
    pub struct PxNonCovered;
    id: "PX022", name: "px-noncovered",
    severity: Warning, snip: 6, carc: "96", rarc: "N425",
    source: "MPFS relative value file, status indicator; HCPCS Level II file, coverage code",
    unit: Line, claims: PROFESSIONAL, default: ON,
    tables: [tables::PROCEDURES], fields: [], fires: Fires::NON_COVERED,
    messages: [
        "{procedure} is not covered by Medicare on {date} ({said}) and the line has none of GY, GX, GA and GZ; a payer that \
         follows Medicare would deny it"
            => "Do not bill {procedure} to Medicare; where a denial is wanted add GY, GX, GA or GZ, as the notice to the \
                patient was.",
        "{procedure} is not covered by Medicare on {date} ({said}); modifier {modifier} says so: {liability}"
            => "Leave it so if the denial is wanted; otherwise do not bill {procedure} to Medicare.",
    ],
    check: check,
    of_kind: of_kind,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    if !claim.settings.follows_medicare {
        return;
    }
    if let Some(reason) = fees::no_answer(claim).filter(|_| !claim.could_fire(Fires::LETTERED_PROCEDURE)) {
        return out.skip_all(Unit::Line, reason);
    }
    for (number, line) in (0..).zip(claim.lines) {
        if line.procedure == Lookup::Absent {
            continue;
        }
        let (said, release) = match non_covered(claim, line) {
            Ok(Some(found)) => found,
            Ok(None) => continue,
            Err(reason) => {
                out.skip_line(number, reason);
                continue;
            }
        };
        let known = LIABILITY.into_iter().find(|(modifier, _)| line.has_modifier(*modifier));
        let finding = match known {
            Some((modifier, liability)) => {
                let Some(finding) = out.bypass_line(number, Field::Procedure, 1) else { continue };
                finding.with("modifier", Value::Modifier(modifier)).with("liability", Value::Text(liability.to_owned()))
            }
            None => match claim.lacks(Field::Modifier(1)) {
                Some(reason) => {
                    out.skip_line(number, reason);
                    continue;
                }
                None => out.fail_line(number, Field::Procedure, 0),
            },
        };
        finding
            .with("procedure", Value::Code(line.row.procedure))
            .with("said", Value::Text(said.to_owned()))
            .from_release(release);
        if let Some(date) = line.date {
            finding.with("date", Value::Date(date));
        }
    }
}

/// Why no line of claims of this kind can be judged: none is in the HCPCS file, and the fee schedule says nothing.
fn of_kind(kind: &Kind, grounds: &Grounds<'_>) -> Option<Reason> {
    if kind.could_fire(Fires::LETTERED_PROCEDURE) { None } else { fees::of_kind(kind, grounds) }
}

/// What says that the line's procedure is not covered, with its release.
fn non_covered(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> Result<Option<(&'static str, u16)>, Reason> {
    if let Some(reason) = px::not_in_force(claim, line) {
        return Err(reason);
    }
    let fees = Fees::of(claim, line);
    if let Ok(fees) = fees
        && fees.indicators.status == NON_COVERED
    {
        return Ok(Some(("fee schedule status N", fees.release)));
    }
    let fees = fees.map(|_| None);
    let coverage = match coverage(claim.codeset, line.row.procedure, line.procedure, line.date) {
        // CPT, which the fee schedule alone knows.
        None => return fees,
        Some(coverage) => coverage,
    };
    match (coverage, fees) {
        (Ok((Some(letter), release)), _) if COVERAGE_NON_COVERED.contains(&letter) => {
            let said = if letter == b'M' { "HCPCS coverage M" } else { "HCPCS coverage S, by statute" };
            Ok(Some((said, release)))
        }
        // One table that lists the code is enough, if the other was asked too.
        (Ok(_), Ok(_) | Err(Reason::CodeNotListed(_))) | (Err(Reason::CodeNotListed(_)), Ok(_)) => Ok(None),
        (Err(reason), _) | (_, Err(reason)) => Err(reason),
    }
}

/// The HCPCS file's coverage letter, if it gives one, and its release; or why it cannot tell.
type Coverage = Result<(Option<u8>, u16), Reason>;

/// Whether a code is covered on a day whatever the line's modifiers, as far as fee schedule and HCPCS file can tell.
pub(crate) fn is_plainly_covered(
    codeset: &Codeset,
    code: Code,
    lookup: Lookup,
    day: Option<Date>,
    fees: &Rows<'_>,
) -> bool {
    let covered = |coverage: &Coverage| match coverage {
        Ok((letter, _)) => Some(!letter.is_some_and(|letter| COVERAGE_NON_COVERED.contains(&letter))),
        Err(Reason::CodeNotListed(_)) => None,
        Err(_) => Some(false),
    };
    let coverage = coverage(codeset, code, lookup, day).as_ref().map(covered);
    match (fees.all_are(|fees| fees.status != NON_COVERED), fees) {
        // One table that lists the code is enough.
        (Some(covered), _) => covered && coverage.flatten() != Some(false),
        (None, Rows::NotListed) => coverage.flatten() == Some(true),
        (None, _) => false,
    }
}

/// Whether the HCPCS file may have the code: CPT is known to the fee schedule alone.
pub(crate) fn may_be_in_hcpcs(code: Code) -> bool {
    code.at(0).is_ascii_alphabetic()
}

/// The HCPCS file's coverage letter, if it gives one, and its release; nothing for codes that it cannot have.
fn coverage(codeset: &Codeset, code: Code, lookup: Lookup, day: Option<Date>) -> Option<Coverage> {
    let id = AttributeId::HcpcsFacts;
    if !may_be_in_hcpcs(code) {
        return None;
    }
    let found = || {
        let table = codeset.attributes(id).ok_or(Reason::TableNotLoaded(id.name()))?;
        let ordinal = lookup.ordinal().ok_or(Reason::CodeNotValid(SystemId::Procedure.name()))?;
        let date = day.ok_or(Reason::FieldAbsent(Field::ServiceFrom))?;
        if !table.covers(date) {
            return Err(Reason::DateOutsideReleases(id.name()));
        }
        let row = table.row_on(ordinal, date).ok_or(Reason::CodeNotListed(id.name()))?;
        Ok((HcpcsFacts::from_value(row.value).coverage, row.release))
    };
    Some(found())
}
