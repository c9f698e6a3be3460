//! Which edits run, and how much each matters.

use codeset::Codeset;
use edits::{Edit, EditInfo, Reason, Severity, fmt, registry};
use report::EditEntry;

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
pub enum ChoiceError {
    /// Nothing has this id, name or beginning.
    #[error(
        "no edit is called {given:?}; give an id (PTP002), a name (ptp-needs-modifier) or the beginning of ids (PTP); `cleanclaim edits` lists them"
    )]
    NoSuchEdit {
        /// What was given.
        given: String,
    },
    /// The selected edits are all ignored.
    #[error("no edit is left to run: all that is selected is ignored too")]
    Nothing,
}

/// An edit as the engine runs it.
pub(crate) struct Active {
    pub(crate) edit: &'static dyn Edit,
    /// Its place in the scrubber's list, by which findings name it.
    pub(crate) number: u16,
    /// The first table that it needs and the codeset lacks.
    pub(crate) lacks: Option<Reason>,
    /// Whether it judges what the reader could not read, and so claims that are unreadable too.
    pub(crate) of_reader: bool,
}

/// The edits of a scrubber: all that exist, and those that run.
pub(crate) struct Selection {
    pub(crate) entries: Vec<EditEntry>,
    pub(crate) active: Vec<Active>,
}

impl Selection {
    pub(crate) fn new(choice: &Choice, codeset: &Codeset) -> Result<Selection, ChoiceError> {
        Selection::among(registry::all(), choice, codeset)
    }

    /// What the choice leaves of these edits, in the order of their ids.
    pub(crate) fn among(
        edits: Vec<&'static dyn Edit>,
        choice: &Choice,
        codeset: &Codeset,
    ) -> Result<Selection, ChoiceError> {
        let all_named = choice.select.iter().chain(&choice.ignore).chain(choice.severity.iter().map(|(name, _)| name));
        for given in all_named {
            if !edits.iter().any(|edit| names(given, edit.info())) {
                return Err(ChoiceError::NoSuchEdit { given: given.clone() });
            }
        }
        let named_in = |list: &[String], info: &EditInfo| list.iter().any(|given| names(given, info));
        let mut selection = Selection { entries: Vec::new(), active: Vec::new() };
        for (edit, number) in edits.into_iter().zip(0u16..) {
            let info = edit.info();
            let chosen = choice.severity.iter().rev().find(|(given, _)| names(given, info));
            let severity = chosen.map_or(info.severity, |&(_, severity)| severity);
            selection.entries.push(EditEntry::new(info, severity));
            let selected = if choice.select.is_empty() { info.on_by_default } else { named_in(&choice.select, info) };
            if selected && !named_in(&choice.ignore, info) {
                let missing = info.tables.iter().find(|table| !table.is_in(codeset));
                selection.active.push(Active {
                    edit,
                    number,
                    lacks: missing.map(|table| Reason::TableNotLoaded(table.name())),
                    of_reader: fmt::is_format_edit(info),
                });
            }
        }
        if selection.active.is_empty() {
            return Err(ChoiceError::Nothing);
        }
        Ok(selection)
    }
}

/// Whether what a user gave names the edit: its id, its name, or a beginning of its id that ends before or
/// within the digits.
fn names(given: &str, info: &EditInfo) -> bool {
    let given = given.trim();
    !given.is_empty() && (info.name == given || info.id.starts_with(&given.to_ascii_uppercase()))
}
