//! Contractors and the states that they serve.

use crate::publisher::coverage::CoverageRow;
use codes::{Code, Date};
use codeset::NewArticle;
use std::collections::{BTreeMap, BTreeSet};

/// For whom a document holds: contractors and states, by the database's numbers.
#[derive(Default)]
pub(super) struct Held {
    pub(super) contractors: BTreeSet<u32>,
    pub(super) states: BTreeSet<u32>,
}

/// What the files say of contractors and states.
#[derive(Default)]
pub(super) struct Places {
    numbers: BTreeMap<u32, BTreeSet<Code>>,
    /// The states that a contractor serves, with the last day where there is one.
    served: BTreeMap<u32, BTreeSet<(u32, Option<Date>)>>,
    states: BTreeMap<u32, Code>,
}

impl Places {
    /// Takes what a row says of them.
    pub(super) fn take(&mut self, row: &CoverageRow) {
        match row {
            CoverageRow::Contractor { contractor, number, .. } => {
                self.numbers.entry(*contractor).or_default().extend(Code::parse(number.trim().as_bytes()));
            }
            CoverageRow::Jurisdiction { contractor, state, to, .. } => {
                self.served.entry(*contractor).or_default().insert((*state, *to));
            }
            CoverageRow::State { state, abbreviation } => {
                let letters = abbreviation.len() == 2 && abbreviation.bytes().all(|byte| byte.is_ascii_alphabetic());
                if let Some(code) = Code::parse(abbreviation.as_bytes()).filter(|_| letters) {
                    self.states.insert(*state, code);
                }
            }
            _ => {}
        }
    }

    /// Gives an article the numbers of contractors, and states: those named, or else those that the contractors serve
    /// while it holds.
    pub(super) fn hold(&self, article: &mut NewArticle, held: &Held) {
        let Held { contractors, states } = held;
        let numbers = contractors.iter().filter_map(|contractor| self.numbers.get(contractor)).flatten();
        article.jurisdictions.extend(numbers.copied());
        let from = article.from;
        let served = contractors.iter().filter_map(|contractor| self.served.get(contractor)).flatten();
        let served = served.filter(|(_, to)| to.is_none_or(|to| to >= from)).map(|(state, _)| state);
        let own: Vec<&u32> = if states.is_empty() { served.collect() } else { states.iter().collect() };
        article.jurisdictions.extend(own.into_iter().filter_map(|state| self.states.get(state)).copied());
    }
}
