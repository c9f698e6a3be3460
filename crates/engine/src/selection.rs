//! Which edits run, and how much each matters.

use crate::edit_set::{Calls, EditSet};
use crate::suppress::Suppressing;
use codeset::Codeset;
use edits::{Edit, EditInfo, OfKind, Reason, Settings, Severity, fmt, registry};
use policy::{BuiltinChange, Policies, Policy};
use report::EditEntry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a site chose among the edits.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// Run only these, when there are any: ids, names, or the beginning of ids (`PTP`, `DX0`).
    pub select: Vec<String>,
    /// Do not run these, whatever selects them.
    pub ignore: Vec<String>,
    /// Severities other than an edit's own, in order: the last that matches holds.
    pub severity: Vec<(String, Severity)>,
}

/// A choice that names no edit.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChoiceError {
    /// Nothing has this id, name or beginning.
    #[error(
        "no edit is called {given:?}; give an id (PTP002), a name (ptp-needs-modifier) or the beginning of ids (PTP); `cleanclaim edits` lists them"
    )]
    NoSuchEdit {
        /// What was given.
        given: String,
    },
    /// More edits than findings can number.
    #[error("the policies have {got} edits, of which at most 65,000 can run together; give fewer policies at a time")]
    TooManyEdits {
        /// How many there are, with the built-in ones.
        got: usize,
    },
    /// The policies were compiled against another codeset.
    #[error(
        "the policies were compiled against codeset {expected}, claims are judged by {got}; compile them against it"
    )]
    OtherCodeset {
        /// The policies' codeset.
        expected: String,
        /// The one that claims are judged by.
        got: String,
    },
    /// The selected edits are all ignored.
    #[error("no edit is left to run: all that is selected is ignored too")]
    Nothing,
}

/// An edit as the engine runs it.
pub(crate) struct Active {
    pub(crate) edit: &'static dyn Edit,
    /// The first table that it needs and the codeset lacks.
    pub(crate) lacks: Option<Reason>,
    /// Whether it judges what the reader could not read, and so claims that are unreadable too.
    pub(crate) of_reader: bool,
}

/// The place in a scrubber's list under which an edit reports, or that it does not run.
pub(crate) type Number = Option<u16>;

/// Under which numbers the active edits report on some claims.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// The number of each active edit.
    pub(crate) numbers: Vec<Number>,
    /// Those that run.
    pub(crate) runs: EditSet,
}

impl Plan {
    pub(crate) fn new(numbers: Vec<Number>) -> Plan {
        let runs = EditSet::of_plan(&numbers);
        Plan { numbers, runs }
    }

    /// The number of the active edit at this place.
    #[inline]
    pub(crate) fn number(&self, place: usize) -> Number {
        self.numbers.get(place).copied().flatten()
    }
}

/// The edits of a scrubber: all that exist, and those that run.
pub(crate) struct Selection {
    /// No other selection of the process has this number.
    pub(crate) number: u64,
    pub(crate) entries: Vec<EditEntry>,
    /// The built-in edits that run on some claim.
    pub(crate) active: Vec<Active>,
    /// Which of the active edits a claim calls for.
    pub(crate) calls: Calls,
    /// The active edits that can tell of kinds of claims that they judge none, by their places.
    pub(crate) of_kinds: Vec<(usize, OfKind)>,
    /// What holds for claims to which no policy applies.
    pub(crate) plan: Plan,
    pub(crate) policies: Option<PolicySelection>,
    /// What built-in edits ask for, on claims whose payer's policy says nothing else.
    pub(crate) settings: Settings,
    /// What the site does not want reported.
    pub(crate) suppressing: Option<Suppressing>,
    /// Whether nothing is judged but how the claims could be read.
    pub(crate) reading_alone: bool,
}

/// The policies of a scrubber, and the numbers of their edits.
pub(crate) struct PolicySelection {
    pub(crate) policies: Arc<Policies>,
    /// For each policy, the number of each of its edits.
    pub(crate) numbers: Vec<Vec<Number>>,
    /// For each policy, the active edits that it changes, each with its number then.
    pub(crate) changes: Vec<Vec<(usize, Number)>>,
}

/// What an entry of a scrubber's list stands for.
enum Role {
    Builtin(usize),
    /// A built-in edit as a policy changes it.
    Changed {
        policy: usize,
        builtin: usize,
    },
    OfPolicy {
        policy: usize,
        edit: usize,
    },
}

/// How many selections there were.
static SELECTIONS: AtomicU64 = AtomicU64::new(0);

/// The most edits of a scrubber: findings number them in 16 bits.
const MOST_EDITS: usize = 65_000;

impl Selection {
    pub(crate) fn new(
        choice: &Choice,
        codeset: &Codeset,
        policies: Option<&Arc<Policies>>,
    ) -> Result<Selection, ChoiceError> {
        Selection::among(registry::all(), choice, codeset, policies)
    }

    /// What the choice leaves of these edits and those of policies, in the order of their ids.
    pub(crate) fn among(
        edits: Vec<&'static dyn Edit>,
        choice: &Choice,
        codeset: &Codeset,
        policies: Option<&Arc<Policies>>,
    ) -> Result<Selection, ChoiceError> {
        let all: &[Policy] = policies.map_or(&[], |own| own.all());
        if let Some(own) = policies
            && own.codeset() != codeset.id()
        {
            let (expected, got) = (own.codeset().to_owned(), codeset.id().to_owned());
            return Err(ChoiceError::OtherCodeset { expected, got });
        }
        choice.check(&edits, all)?;
        let changes: Vec<Vec<(usize, &BuiltinChange)>> = all.iter().map(|own| changed(own, &edits)).collect();
        let mut roles = roles(&edits, &changes, all, choice);
        if roles.len() > MOST_EDITS {
            return Err(ChoiceError::TooManyEdits { got: roles.len() });
        }
        // Stable: a built-in edit stands before what policies make of it, and those in the order of the policies.
        roles.sort_by(|(a, ..), (b, ..)| a.info().id.cmp(&b.info().id));
        let (mut entries, mut active, mut plan) = (Vec::new(), Vec::new(), Vec::new());
        let mut numbers: Vec<Vec<Number>> = all.iter().map(|own| vec![None; own.edits().len()]).collect();
        let (mut own_number, mut changed_number) = (vec![None; edits.len()], vec![Vec::new(); all.len()]);
        for ((entry, role, runs), number) in roles.into_iter().zip(0u16..) {
            entries.push(entry);
            let number = runs.then_some(number);
            match role {
                Role::Builtin(builtin) => own_number[builtin] = number,
                Role::Changed { policy, builtin } => changed_number[policy].push((builtin, number)),
                Role::OfPolicy { policy, edit } => numbers[policy][edit] = number,
            }
        }
        // Where each built-in edit that runs on some claim is in the list of those.
        let mut place = vec![None; edits.len()];
        for (builtin, &edit) in edits.iter().enumerate() {
            let runs_somewhere = own_number[builtin].is_some()
                || changed_number.iter().flatten().any(|&(own, number)| own == builtin && number.is_some());
            if runs_somewhere {
                let missing = edit.info().tables.iter().find(|table| !table.is_in(codeset));
                place[builtin] = Some(active.len());
                plan.push(own_number[builtin]);
                active.push(Active {
                    edit,
                    lacks: missing.map(|table| Reason::TableNotLoaded(table.name())),
                    of_reader: fmt::is_format_edit(edit.info()),
                });
            }
        }
        if active.len() > EditSet::MOST {
            return Err(ChoiceError::TooManyEdits { got: active.len() });
        }
        if active.is_empty() && numbers.iter().flatten().all(Option::is_none) {
            return Err(ChoiceError::Nothing);
        }
        let policies = policies.map(|own| PolicySelection {
            policies: Arc::clone(own),
            numbers,
            changes: changed_number
                .into_iter()
                .map(|own| own.into_iter().filter_map(|(builtin, number)| Some((place[builtin]?, number))).collect())
                .collect(),
        });
        Ok(Selection {
            number: SELECTIONS.fetch_add(1, Ordering::Relaxed),
            reading_alone: policies.is_none() && active.iter().all(|own| own.of_reader),
            entries,
            calls: Calls::of(&active),
            of_kinds: active.iter().enumerate().filter_map(|(at, own)| Some((at, own.edit.of_kind()?))).collect(),
            active,
            plan: Plan::new(plan),
            policies,
            settings: Settings::DEFAULT,
            suppressing: None,
        })
    }

    /// Whether the edit of this number runs on some claim.
    pub(crate) fn runs(&self, number: u16) -> bool {
        let is = |own: &Number| *own == Some(number);
        self.plan.numbers.iter().any(is)
            || self.policies.as_ref().is_some_and(|own| {
                own.numbers.iter().flatten().any(is) || own.changes.iter().flatten().any(|(_, number)| is(number))
            })
    }
}

/// The built-in edits that a policy changes, by their places; of several changes to one the last holds.
fn changed<'p>(policy: &'p Policy, edits: &[&'static dyn Edit]) -> Vec<(usize, &'p BuiltinChange)> {
    let of = |edit: &&'static dyn Edit| policy.builtins().iter().rev().find(|change| edit.info().id == change.id);
    edits.iter().enumerate().filter_map(|(place, edit)| Some((place, of(edit)?))).collect()
}

/// An entry for every edit, as it is and as policies change it, and whether it runs.
fn roles(
    edits: &[&'static dyn Edit],
    changes: &[Vec<(usize, &BuiltinChange)>],
    policies: &[Policy],
    choice: &Choice,
) -> Vec<(EditEntry, Role, bool)> {
    let mut roles = Vec::new();
    for (builtin, edit) in edits.iter().enumerate() {
        let info = edit.info();
        let entry = EditEntry::new(info, choice.severity_of(info).unwrap_or(info.severity));
        roles.push((entry, Role::Builtin(builtin), choice.takes(info, info.on_by_default)));
    }
    for (policy, (own, changes)) in policies.iter().zip(changes).enumerate() {
        for &(builtin, change) in changes {
            let mut info = edits[builtin].info().clone();
            let severity = choice.severity_of(&info).or(change.severity).unwrap_or(info.severity);
            // A site's own choice of edits says what runs at all; a policy only switches off among those.
            let runs =
                choice.takes(&info, change.enabled.unwrap_or(info.on_by_default)) && change.enabled != Some(false);
            if let Some(carc) = &change.carc {
                info.carc = carc.clone().into();
            }
            if let Some(rarc) = &change.rarc {
                info.rarc = rarc.clone().into();
            }
            let entry = EditEntry::owned(info, severity).of_policy(Arc::clone(own.label()));
            roles.push((entry, Role::Changed { policy, builtin }, runs));
        }
        for (edit, one) in own.edits().iter().enumerate() {
            let info = one.info();
            let severity = choice.severity_of(info).unwrap_or(info.severity);
            let entry = EditEntry::owned(info.clone(), severity).of_policy(Arc::clone(own.label()));
            let runs = choice.takes(info, true);
            roles.push((entry.shadow(one.is_shadow()), Role::OfPolicy { policy, edit }, runs));
        }
    }
    roles
}

impl Choice {
    /// Checks that everything that is named exists.
    fn check(&self, edits: &[&'static dyn Edit], policies: &[Policy]) -> Result<(), ChoiceError> {
        let all_named = self.select.iter().chain(&self.ignore).chain(self.severity.iter().map(|(name, _)| name));
        for given in all_named {
            let of_policies = || policies.iter().flat_map(Policy::edits).any(|edit| edit.info().is_named(given));
            if !edits.iter().any(|edit| edit.info().is_named(given)) && !of_policies() {
                return Err(ChoiceError::NoSuchEdit { given: given.clone() });
            }
        }
        Ok(())
    }

    /// Whether the edit runs that by default would, or would not. One that would not is selected by its whole id or name
    /// alone, not with its family.
    fn takes(&self, info: &EditInfo, by_default: bool) -> bool {
        let named_in = |list: &[String]| list.iter().any(|given| info.is_named(given));
        let selected = match by_default {
            true => self.select.is_empty() || named_in(&self.select),
            false => self.select.iter().any(|given| info.is_named_in_full(given)),
        };
        selected && !named_in(&self.ignore)
    }

    /// The severity that the site gives it.
    fn severity_of(&self, info: &EditInfo) -> Option<Severity> {
        let chosen = self.severity.iter().rev().find(|(given, _)| info.is_named(given));
        chosen.map(|&(_, severity)| severity)
    }
}
