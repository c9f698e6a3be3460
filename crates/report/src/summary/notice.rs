//! What somebody should look at, besides findings.

use super::{FileCounts, Summary};
use edits::Severity;

/// Something about a run that somebody should look at: its choices, or what became of its claims.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// How much it matters.
    pub severity: Severity,
    /// What it is, for programs.
    pub kind: &'static str,
    /// Where: a file, and its line where it has one.
    pub place: String,
    /// What is the matter.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl Summary {
    /// What is to be said of the run: *unanswered* (warning) of an input of which the acknowledgment leaves out claims, and
    /// what its suppressions did not do.
    pub fn notices(&self) -> Vec<Notice> {
        let unanswered = self.files.iter().filter(|file| file.unanswered > 0).map(unanswered);
        unanswered.chain(self.notices_of_suppressions()).collect()
    }

    /// Whether some notice matters at least so much.
    pub fn has_notices_at_least(&self, severity: Severity) -> bool {
        self.notices().iter().any(|notice| notice.severity >= severity)
    }
}

/// Claims are judged wherever they stand, but answered by transaction sets.
fn unanswered(file: &FileCounts) -> Notice {
    let claims =
        if file.unanswered == 1 { "1 claim stands".to_owned() } else { format!("{} claims stand", file.unanswered) };
    Notice {
        severity: Severity::Warning,
        kind: "unanswered-claims",
        place: file.file.clone(),
        message: format!(
            "{claims} in no transaction set 837 (ST to SE) of a group of claims (GS01 HC): judged, but not in the acknowledgment"
        ),
        fix: "Have the envelope around the claims mended: a receiver would not take them.".to_owned(),
    }
}
