//! The edits of a run, as findings refer to them.

use crate::finding::{Format, Layout};
use edits::{EditInfo, Finding, Severity};
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// An edit of a run. A finding names it by its place in the run's list.
///
/// It keeps, for each format that is written, all that every finding of the edit repeats, put into the format's
/// form at the first finding: so writing a finding is mostly copying.
///
/// ```
/// use cleanclaim_report::EditEntry;
/// use edits::Severity;
/// for edit in edits::registry::all() {
///     let entry = EditEntry::new(edit.info(), Severity::Warning);
///     assert_eq!((&entry.info().id, entry.severity()), (&edit.info().id, Severity::Warning));
/// }
/// ```
#[derive(Clone)]
pub struct EditEntry {
    info: Cow<'static, EditInfo>,
    severity: Severity,
    policy: Option<Arc<str>>,
    shadow: bool,
    layouts: [OnceLock<Layout>; Format::ALL.len()],
}

impl EditEntry {
    /// A built-in edit, with how much its failures matter in this run.
    pub const fn new(info: &'static EditInfo, severity: Severity) -> EditEntry {
        EditEntry::of(Cow::Borrowed(info), severity)
    }

    /// An edit that was made while the program runs, as those of policies are.
    pub const fn owned(info: EditInfo, severity: Severity) -> EditEntry {
        EditEntry::of(Cow::Owned(info), severity)
    }

    const fn of(info: Cow<'static, EditInfo>, severity: Severity) -> EditEntry {
        let layouts = [const { OnceLock::new() }; Format::ALL.len()];
        EditEntry { info, severity, policy: None, shadow: false, layouts }
    }

    /// The edit as this policy (`ID@VERSION#HASH`) has it; every finding of it says so.
    #[must_use]
    pub fn of_policy(mut self, policy: Arc<str>) -> EditEntry {
        self.policy = Some(policy);
        self
    }

    /// An edit whose outcomes are counted but not reported, or one that is reported.
    #[must_use]
    pub fn shadow(mut self, shadow: bool) -> EditEntry {
        self.shadow = shadow;
        self
    }

    /// The policy that the edit is of, or that changes it for its payers.
    pub fn policy(&self) -> Option<&str> {
        self.policy.as_deref()
    }

    /// Whether its outcomes are counted but not reported.
    pub fn is_shadow(&self) -> bool {
        self.shadow
    }

    /// What is known of the edit.
    pub fn info(&self) -> &EditInfo {
        &self.info
    }

    /// How much its failures matter in this run: its own severity, unless the run overrides it.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// How much a finding of the edit matters: less than its failures mostly do where its message says so.
    pub fn severity_of(&self, finding: &Finding) -> Severity {
        let message = self.info.messages.get(usize::from(finding.message));
        message.and_then(|message| message.at_most).map_or(self.severity, |most| most.min(self.severity))
    }

    /// What findings of the edit repeat in this format.
    #[inline]
    pub(crate) fn layout(&self, format: Format) -> &Layout {
        self.layouts[format as usize].get_or_init(|| Layout::new(format, self))
    }
}

impl fmt::Debug for EditEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EditEntry({} {} {})", self.info.id, self.info.name, self.severity)
    }
}
