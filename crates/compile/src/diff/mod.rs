//! What two images say differently, code by code and pair by pair, by days.
//!
//! Both images list their codes in the same order, so they are compared as two sorted lists are merged, and nothing is
//! kept but what belongs to the code at hand (notes and articles, which are few, are read whole). Only days for which both
//! images answer are compared, see [`diff`].

mod codes_of;
mod listed;
mod pairs;
mod stretch;
mod words;

use codes::DateRange;
use codeset::{AttributeId, Codeset, Coverage, Notes, RelationId, SystemId, Taxonomies};
use serde_json::{Value, json};
use std::fmt;

/// How something differs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ChangeKind {
    /// The newer image says something where the older one says nothing.
    Added,
    /// The older image says something where the newer one says nothing.
    Removed,
    /// They say different things.
    Changed,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [ChangeKind; 3] = [ChangeKind::Added, ChangeKind::Removed, ChangeKind::Changed];

    /// The name in NDJSON: `added`.
    pub const fn name(self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed => "changed",
        }
    }

    /// The sign in text: `+`.
    pub const fn sign(self) -> char {
        match self {
            ChangeKind::Added => '+',
            ChangeKind::Removed => '-',
            ChangeKind::Changed => '~',
        }
    }
}

/// One difference: of one code, pair, note or article, on days that follow one another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The part of the image, as `codesets inspect` names it: `icd10cm`, `ptp-hospital`, `mue-practitioner`.
    pub part: &'static str,
    /// How it differs.
    pub kind: ChangeKind,
    /// What it is about: a code; the two codes of a pair; a code and its modifier; where a note stands, and its kind; an
    /// article and a code in it.
    pub codes: Vec<String>,
    /// The days on which it differs; `None` for a title, which has no days.
    pub days: Option<DateRange>,
    /// What the older image says, in words; empty where it says nothing.
    pub before: String,
    /// What the newer image says, in words; empty where it says nothing.
    pub after: String,
}

impl Change {
    /// The change as a JSON object of one line.
    pub fn json(&self) -> Value {
        let [before, after] = match self.kind {
            ChangeKind::Added => [None, Some(&self.after)],
            ChangeKind::Removed => [Some(&self.before), None],
            ChangeKind::Changed => [Some(&self.before), Some(&self.after)],
        };
        json!({
            "part": self.part,
            "kind": self.kind.name(),
            "codes": self.codes,
            "from": self.days.map(|days| days.from.to_string()),
            "to": self.days.and_then(|days| days.to).map(|day| day.to_string()),
            "before": before,
            "after": after,
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.sign(), self.codes.join(" "))?;
        if let Some(days) = self.days {
            write!(f, "  {days}")?;
        }
        match self.kind {
            ChangeKind::Added => write!(f, "  {}", self.after),
            ChangeKind::Removed => write!(f, "  {}", self.before),
            ChangeKind::Changed => write!(f, "  {} -> {}", self.before, self.after),
        }
    }
}

/// What came of one part of the images.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartDiff {
    /// The part, as `codesets inspect` names it.
    pub part: &'static str,
    /// How many rows or pairs the older image has; `None` when it does not hold the part.
    pub old: Option<usize>,
    /// How many rows or pairs the newer image has; `None` when it does not hold the part.
    pub new: Option<usize>,
    /// The days for which the older image answers.
    pub old_covers: Vec<DateRange>,
    /// The days for which the newer image answers.
    pub new_covers: Vec<DateRange>,
    /// Changes by kind, in the order of [`ChangeKind::ALL`].
    pub counts: [u64; 3],
}

impl PartDiff {
    /// How many changes of this kind there are.
    pub fn count(&self, kind: ChangeKind) -> u64 {
        self.counts[kind as usize]
    }

    /// Whether the part says the same in both images on all days that were compared, and both or neither hold it.
    pub fn is_same(&self) -> bool {
        self.counts == [0; 3] && self.old.is_some() == self.new.is_some() && self.old_covers == self.new_covers
    }

    /// The part's totals as a JSON object.
    pub fn json(&self) -> Value {
        let covers = |all: &[DateRange]| all.iter().map(DateRange::to_string).collect::<Vec<_>>();
        json!({
            "part": self.part,
            "old_rows": self.old,
            "new_rows": self.new,
            "old_covers": covers(&self.old_covers),
            "new_covers": covers(&self.new_covers),
            "added": self.count(ChangeKind::Added),
            "removed": self.count(ChangeKind::Removed),
            "changed": self.count(ChangeKind::Changed),
        })
    }
}

/// What takes the changes and counts them.
struct Sink<'t> {
    take: &'t mut dyn FnMut(Change),
    counts: [u64; 3],
}

impl Sink<'_> {
    fn tell(
        &mut self,
        part: &'static str,
        codes: impl FnOnce() -> Vec<String>,
        days: Option<DateRange>,
        (before, after): (Option<String>, Option<String>),
    ) {
        let kind = match (&before, &after) {
            (None, None) => return,
            (None, Some(_)) => ChangeKind::Added,
            (Some(_), None) => ChangeKind::Removed,
            (Some(_), Some(_)) => ChangeKind::Changed,
        };
        self.counts[kind as usize] += 1;
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        (self.take)(Change { part, kind, codes: codes(), days, before, after });
    }
}

/// Tells what `new` says otherwise than `old`, part by part, in order of codes and days; gives the totals of every part
/// that either image holds.
///
/// Releases are not compared, only what they say. Compared are days for which both images answer; beyond the last day of
/// the image that ends earlier, what it says on that day is taken to go on. So with the image of a quarter and that of
/// the next, a code that the next one does not list is removed from its first day, and one that goes on is no change. A
/// part that only one image holds is one line of the totals and no change. Articles have days of their own, and are
/// compared on all days.
///
/// ```
/// use cleanclaim_compile::diff::{ChangeKind, diff};
/// use codes::{Code, Date};
/// use codeset::{Codeset, ImageBuilder, Release, Row, SystemBuilder, SystemId};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let day = |text: &str| Date::parse(text.as_bytes()).ok_or("no date");
/// let image = |places: &[&[u8]], to: &str| -> Result<Codeset, Box<dyn std::error::Error>> {
///     let (from, to) = (day("2026-07-01")?, Some(day(to)?));
///     let mut system = SystemBuilder::new(SystemId::PlaceOfService);
///     for code in places {
///         system.add(Code::parse(code).ok_or("no code")?, Row::new(from, to, 0), None);
///     }
///     let mut image = ImageBuilder::new();
///     image.release(Release::new("pos-codes", SystemId::PlaceOfService.name(), from, to));
///     image.system(system)?;
///     Ok(Codeset::from_bytes(&image.finish()?)?)
/// };
/// let (old, new) = (image(&[b"11"], "2026-09-30")?, image(&[b"11", b"12"], "2026-12-31")?);
/// let mut changes = Vec::new();
/// let parts = diff(&old, &new, &mut |change| changes.push(change));
/// assert_eq!(changes.len(), 1);
/// assert_eq!((changes[0].kind, changes[0].codes[0].as_str()), (ChangeKind::Added, "12"));
/// assert_eq!(parts[0].count(ChangeKind::Added), 1);
/// # Ok(())
/// # }
/// ```
pub fn diff(old: &Codeset, new: &Codeset, take: &mut dyn FnMut(Change)) -> Vec<PartDiff> {
    let mut parts = Vec::new();
    let mut part = |name: &'static str, sides: [Option<(usize, &[DateRange])>; 2], compare: &dyn Fn(&mut Sink<'_>)| {
        if sides.iter().all(Option::is_none) {
            return;
        }
        let mut sink = Sink { take: &mut *take, counts: [0; 3] };
        compare(&mut sink);
        let covers = |side: Option<(usize, &[DateRange])>| side.map_or_else(Vec::new, |(_, covers)| covers.to_vec());
        let ([old, new], counts) = (sides, sink.counts);
        parts.push(PartDiff {
            part: name,
            old: old.map(|(rows, _)| rows),
            new: new.map(|(rows, _)| rows),
            old_covers: covers(old),
            new_covers: covers(new),
            counts,
        });
    };
    let both = [old, new];
    for id in SystemId::ALL {
        let sides = both.map(|image| image.system(id).map(|own| (own.row_count(), own.coverage())));
        part(id.name(), sides, &|sink| codes_of::system(both, id, sink));
    }
    let sides = both.map(|image| image.taxonomies().map(|own| (own.len(), own.coverage())));
    part(Taxonomies::PART, sides, &|sink| codes_of::taxonomies(both, sink));
    for id in RelationId::ALL {
        let sides = both.map(|image| image.relation(id).map(|own| (own.len(), own.coverage())));
        part(id.name(), sides, &|sink| pairs::relation(both, id, sink));
    }
    for id in AttributeId::ALL {
        let sides = both.map(|image| image.attributes(id).map(|own| (own.len(), own.coverage())));
        part(id.name(), sides, &|sink| codes_of::attributes(both, id, sink));
    }
    let sides = both.map(|image| image.notes().map(|own| (own.len(), own.coverage())));
    part(Notes::NAME, sides, &|sink| listed::notes(both, sink));
    let sides = both.map(|image| image.articles().map(|own| (own.len(), own.coverage())));
    part(Coverage::NAME, sides, &|sink| listed::articles(both, sink));
    parts
}
