//! What rows say, in words.

use codes::Code;
use codeset::{RelationId, Row, RowKind, Side, System, SystemId};

/// What a row of a code says beside its days and release.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Says {
    header: bool,
    status: String,
    ages: (u8, u8),
    flags: u32,
}

impl Says {
    pub(super) fn of(row: &Row) -> Says {
        Says {
            header: row.kind() == RowKind::Header,
            status: row.status().to_owned(),
            ages: (row.age_low, row.age_high),
            flags: row.flags,
        }
    }

    pub(super) fn words(&self, id: SystemId) -> String {
        let mut words = vec![if self.header { "header" } else { "valid" }.to_owned()];
        if !self.status.is_empty() {
            words.push(format!("status {}", self.status));
        }
        if self.ages.0 > 0 || self.ages.1 < 124 {
            words.push(format!("ages {} to {}", self.ages.0, self.ages.1));
        }
        let known = id.flag_names().iter().filter(|(_, bit)| self.flags & bit != 0);
        words.extend(known.map(|(name, _)| (*name).to_owned()));
        words.join(", ")
    }
}

/// What the value of a pair says.
pub(super) fn value(id: RelationId, value: u16) -> String {
    match id {
        RelationId::PtpHospital | RelationId::PtpPractitioner => format!("indicator {value}"),
        RelationId::AddOn => format!("type {value}"),
        RelationId::DiagnosisSide => Side::of(value).map_or_else(String::new, |side| format!("side {side:?}")),
        RelationId::ModifierConflict | RelationId::DiagnosisSuccessor => "pair".to_owned(),
    }
}

/// A run of codes by the shortest names that mean just it, so that a code that is new within it does not change them.
pub(super) fn run(system: &System, first: Code, last: Code) -> String {
    let end = system.prefix(last).end;
    let start = system.ordinal(first).map_or(0, |ordinal| ordinal.0);
    let named = (3..=last.len()).map(|length| last.prefix(length)).find(|&prefix| {
        let own = system.prefix(prefix);
        own.end == end && own.start >= start
    });
    match named {
        Some(named) if named != first => format!("{first}-{named}"),
        _ => first.to_string(),
    }
}

/// All that is said, with commas between; `None` for nothing.
pub(super) fn joined<V>(all: &[V], words: impl Fn(&V) -> String) -> Option<String> {
    (!all.is_empty()).then(|| all.iter().map(words).collect::<Vec<_>>().join("; "))
}
