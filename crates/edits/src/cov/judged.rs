//! The articles that hold for a line, and the diagnoses that it rests on.

use crate::{ClaimFacts, Finding, LineFacts, Lookup, Reason, Recorder, Unit, Value};
use claims::{Field, Given};
use codes::{Code, Date, Modifier};
use codeset::{Article, Coverage, Ordinal, SystemId};

/// For messages: no loaded article holds for the claim's contractor or state.
const NO_ARTICLES: &str = "coverage (articles of the contractor or state)";
/// For messages: which groups of an article belong together is not among the facts that are loaded.
pub(super) const PAIRING: &str = "coverage (which groups of an article belong together)";

/// The modifiers that say who bears a service that Medicare does not, each with the place of its message behind those
/// of the edit itself. Claims manual ch. 1 §60.4.
const LIABILITY: [Modifier; 4] =
    [Modifier::new(b"GA"), Modifier::new(b"GX"), Modifier::new(b"GY"), Modifier::new(b"GZ")];

/// What a line is judged by.
pub(super) struct Judged<'f> {
    pub(super) line: u32,
    pub(super) procedure: Code,
    pub(super) date: Date,
    /// The articles in force, with the procedure's group in each.
    pub(super) articles: Vec<(Article<'f>, u32)>,
    /// An article holds for the contractor, but which version of it on this date is not loaded.
    pub(super) unknown_version: bool,
    /// The diagnoses that the line points to, or all of the claim, as far as they are valid.
    pub(super) diagnoses: Vec<Ordinal>,
    /// One of them is not valid on the date.
    pub(super) unknown_diagnosis: bool,
    /// It rests on some of them, and which is not known: a professional line without pointers, on a claim of several
    /// diagnoses.
    pub(super) unpointed: bool,
}

/// For which of the diagnoses a line would be denied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Denial {
    None,
    Some,
    Each,
}

/// Why a line cannot be judged of which it is not known on which of the diagnoses it rests.
pub(super) const UNPOINTED: Reason = Reason::FieldAbsent(Field::DxPointers);

/// Hands `report` every line that an article holds for, and skips those that cannot be judged.
pub(super) fn each_line<'f>(
    claim: &ClaimFacts<'f>,
    out: &mut Recorder<'_>,
    mut report: impl FnMut(&Judged<'f>, &mut Recorder<'_>),
) {
    let (Some(coverage), Some(system)) = (claim.codeset.articles(), claim.system(SystemId::Procedure)) else { return };
    if claim.has_all_procedures()
        && let Err(reason) = jurisdiction_of(claim, coverage)
    {
        return out.skip_all(Unit::Line, reason);
    }
    let mut jurisdiction = None;
    for (line, number) in claim.lines.iter().zip(0u32..) {
        if line.procedure == Lookup::Absent {
            continue;
        }
        let jurisdiction = *jurisdiction.get_or_insert_with(|| jurisdiction_of(claim, coverage));
        let found = jurisdiction.and_then(|jurisdiction| {
            let procedure = line.procedure.ordinal().ok_or(Reason::CodeNotValid(system.id().name()))?;
            judge(claim, coverage, (line, number), system.code(procedure), procedure, jurisdiction)
        });
        match found {
            Err(reason) => out.skip_line(number, reason),
            Ok(None) => {}
            Ok(Some(judged)) => report(&judged, out),
        }
    }
}

/// The contractor, or else the state, by which the claim's articles are found.
fn jurisdiction_of(claim: &ClaimFacts<'_>, coverage: &Coverage) -> Result<Code, Reason> {
    let contractor = Code::parse(claim.claim.batch.text(claim.claim.row.contractor).trim().as_bytes());
    let state = claim.claim.row.state;
    let given = [contractor.unwrap_or(Code::ABSENT), state].into_iter().filter(|code| !code.is_empty());
    let mut any = false;
    for code in given {
        any = true;
        if coverage.knows(code) {
            return Ok(code);
        }
    }
    if any { Err(Reason::TableNotLoaded(NO_ARTICLES)) } else { Err(Reason::FieldAbsent(Field::Contractor)) }
}

fn judge<'f>(
    claim: &ClaimFacts<'f>,
    coverage: &'f Coverage,
    (line, number): (&LineFacts<'_>, u32),
    procedure: Code,
    ordinal: Ordinal,
    jurisdiction: Code,
) -> Result<Option<Judged<'f>>, Reason> {
    let mut own = coverage.of(ordinal).filter(|(article, _)| article.holds_in(jurisdiction)).peekable();
    if own.peek().is_none() {
        return Ok(None);
    }
    let bill = match claim.claim.row.bill_type {
        Given::Is(bill) if claim.is_institutional() => Some(bill.facility_and_care()),
        _ => None,
    };
    let date = line.governing_date()?;
    let (mut articles, mut later) = (Vec::new(), Vec::new());
    for (article, group) in own.filter(|(article, _)| bill.is_none_or(|bill| article.holds_for_bill(bill))) {
        if article.days().contains(date) {
            articles.push((article, group));
        } else if article.days().from > date {
            later.push(article.number());
        }
    }
    // An article that names the procedure later may have had a version before that did, which is not loaded; where the
    // version of the day is, it says whether it does.
    let unknown_version = later.iter().any(|&number| !coverage.has_version_on(number, date));
    if articles.is_empty() {
        return if unknown_version { Err(Reason::DateOutsideReleases(Coverage::NAME)) } else { Ok(None) };
    }
    let (mut diagnoses, mut unknown_diagnosis) = (Vec::new(), false);
    let mut given = 0;
    for (place, dx) in claim.given_diagnoses() {
        if !claim.is_institutional() && place < 32 && line.pointed & (1 << place) == 0 {
            continue;
        }
        given += 1;
        let known = dx.lookup.ordinal().filter(|&known| {
            claim
                .system(SystemId::Diagnosis)
                .and_then(|system| system.row_on(known, date))
                .is_some_and(|row| row.is_billable())
        });
        match known {
            Some(known) => diagnoses.push(known),
            None => unknown_diagnosis = true,
        }
    }
    if given == 0 {
        return Err(Reason::FieldAbsent(Field::DxPointers));
    }
    let unpointed = !claim.is_institutional() && line.is_unpointed() && given > 1;
    let line = number;
    Ok(Some(Judged { line, procedure, date, articles, unknown_version, diagnoses, unknown_diagnosis, unpointed }))
}

impl<'f> Judged<'f> {
    /// Whether some article in force says which diagnoses support the procedure.
    pub(super) fn lists_covered(&self) -> bool {
        self.articles.iter().any(|(article, group)| article.lists_covered(*group))
    }

    /// Whether the diagnoses support the procedure by some article in force.
    pub(super) fn is_supported(&self) -> bool {
        self.is_supported_by(&self.diagnoses)
    }

    fn is_supported_by(&self, diagnoses: &[Ordinal]) -> bool {
        self.articles.iter().any(|(article, group)| article.supports(*group, diagnoses.iter().copied()))
    }

    /// Whether the line is supported whichever of the diagnoses it rests on, where that is not known.
    pub(super) fn is_supported_by_each(&self) -> bool {
        !self.unpointed || !self.unknown_diagnosis && self.diagnoses.iter().all(|&one| self.is_supported_by(&[one]))
    }

    /// Whether a line of which it is not known on which of the diagnoses it rests is denied for each of them, or for none.
    pub(super) fn denial_of_each(&self) -> Denial {
        let denied = |code: Ordinal| self.articles.iter().any(|(article, _)| article.denies(code));
        let diagnoses = || self.diagnoses.iter().copied();
        if diagnoses().all(|code| !denied(code) || self.is_supported_by(&[code])) {
            Denial::None
        } else if !self.unknown_diagnosis && diagnoses().all(denied) && !self.is_supported() {
            Denial::Each
        } else {
            Denial::Some
        }
    }

    /// The first article that says which diagnoses support the procedure; one that names the procedure itself, if there is
    /// one. Without such an article it is not known which of the diagnoses are for this procedure.
    pub(super) fn listing(&self) -> Result<Article<'f>, Reason> {
        let own = self.articles.iter().find(|(article, group)| names(*group) && article.lists_covered(*group));
        own.map(|&(article, _)| article).ok_or(Reason::TableNotLoaded(PAIRING))
    }

    /// Passes a line that no article in force speaks against, unless one could whose version of the day is not loaded.
    pub(super) fn pass(&self, out: &mut Recorder<'_>) {
        if self.unknown_version {
            out.skip_line(self.line, Reason::DateOutsideReleases(Coverage::NAME));
        }
    }

    /// Why a line that would fail cannot be judged after all: what is not known could be what supports it.
    pub(super) fn doubt(&self) -> Option<Reason> {
        if self.unknown_diagnosis {
            Some(Reason::CodeNotValid(SystemId::Diagnosis.name()))
        } else if self.unknown_version {
            Some(Reason::DateOutsideReleases(Coverage::NAME))
        } else {
            None
        }
    }

    /// Reports the line as failed, or as released by a modifier of liability: its message is `first` or one of the next
    /// four.
    pub(super) fn fail<'o>(
        &self,
        claim: &ClaimFacts<'_>,
        out: &'o mut Recorder<'_>,
        first: u8,
        article: Article<'_>,
    ) -> Option<&'o mut Finding> {
        let row = claim.lines.get(self.line as usize);
        let released = LIABILITY.into_iter().zip(first + 1..).find_map(|(modifier, message)| {
            let place = row?.row.modifiers.iter().position(|&own| own == modifier)?;
            Some((modifier, place as u8 + 1, message))
        });
        let finding = match released {
            Some((modifier, place, message)) => {
                out.bypass_line(self.line, Field::Modifier(place), message)?.with("modifier", Value::Modifier(modifier))
            }
            None => out.fail_line(self.line, Field::DxPointers, first),
        };
        Some(named(
            finding.with("procedure", Value::Code(self.procedure)).with("date", Value::Date(self.date)),
            article,
        ))
    }

    /// The diagnoses that the line rests on, for messages.
    pub(super) fn shown(&self, claim: &ClaimFacts<'_>) -> Value {
        let code = |ordinal: &Ordinal| claim.system(SystemId::Diagnosis).map(|system| system.code(*ordinal));
        Value::Diagnoses(self.diagnoses.iter().filter_map(code).collect())
    }
}

/// Whether a group of procedures is one that the article has itself, and not from its policy.
pub(super) fn names(group: u32) -> bool {
    group != Coverage::OF_POLICY
}

/// Gives a finding its article, and the policies and national determinations that this carries out.
pub(super) fn named<'o>(finding: &'o mut Finding, article: Article<'_>) -> &'o mut Finding {
    let finding = finding
        .with("article", Value::Text(format!("A{}", article.number())))
        .with("version", Value::Count(i64::from(article.version())))
        .from_release(article.release());
    let bases: Vec<String> = article.bases().map(|basis| basis.to_string()).collect();
    if bases.is_empty() { finding } else { finding.with("carries_out", Value::Text(bases.join(", "))) }
}
