//! One image of many publishers' files, and of an image that was built before.
//!
//! Files are read in parallel and in whatever order they come; from then on nothing depends on that order. Every file
//! has a release for each part of the image that it says something about. Releases are put in order and numbered
//! before anything is merged, and those of the base image, with the files that they are from, are among them. Then each
//! `Part` merges what is its own: from the base, which is read back as the publications that it was made of, and from
//! the files.

mod attributes;
mod conflicts;
mod coverage;
mod given;
mod input;
mod notes;
mod period;
mod relations;
mod seed;
mod snapshots;
mod summary;
mod systems;

pub use conflicts::{Conflict, Place, Taken};
pub use input::Progress;
pub use summary::{AssemblySummary, FileSummary, Recognised};

use crate::error::CompileError;
use crate::publisher::{Limits, Publication};
use codes::Date;
use codeset::{Codeset, ImageBuilder, SystemBuilder, SystemId};
use conflicts::Conflicts;
use given::{Given, Share};
use std::collections::BTreeMap;
use std::path::Path;

/// A part of the image that is merged by itself.
///
/// A part whose table is published whole every quarter makes a [`snapshots::Snapshot`] of each of
/// [`Given::publications`] and, with the number and days that [`Given::base_releases`] gives, one of each release of
/// the base: what the base's section answers on the release's first day. [`snapshots::merge`] does the rest; its rows go
/// to `assembly.image`. The part's name in its shares is the name by which its section finds its coverage.
pub(crate) struct Part {
    /// The releases that a file makes in this part: none when the file says nothing about it.
    pub(crate) shares: fn(&Publication) -> Vec<Share>,
    /// Merges what is given and puts it into the image.
    pub(crate) merge: fn(&Given<'_>, &mut Assembly) -> Result<(), CompileError>,
}

/// Every part, in the order in which they are merged: systems before what relates their codes.
const PARTS: &[Part] = &[
    systems::DIAGNOSES,
    systems::PROCEDURES,
    systems::PLACES,
    systems::REMARKS,
    systems::BILL_TYPES,
    systems::KEPT,
    systems::TAXONOMIES,
    relations::PTP,
    relations::ADD_ONS,
    relations::KEPT,
    attributes::PART,
    notes::PART,
    coverage::PART,
];

/// An image that is being put together.
pub(crate) struct Assembly {
    /// For sections that are not systems: relations, attributes, notes.
    pub(crate) image: ImageBuilder,
    /// The systems. Any part may make codes known to them, and say what may be concluded from a code.
    pub(crate) systems: BTreeMap<SystemId, SystemBuilder>,
    /// What files say against one another.
    pub(crate) conflicts: Conflicts,
    /// The days that releases answer for, as far as they are others than the release's own period, by number.
    pub(crate) covers: BTreeMap<u16, codes::DateRange>,
}

impl Assembly {
    /// The system, made if it is not there.
    pub(crate) fn system(&mut self, id: SystemId) -> &mut SystemBuilder {
        self.systems.entry(id).or_insert_with(|| SystemBuilder::new(id))
    }
}

/// How to build an image from publishers' files.
#[derive(Clone)]
pub struct Build {
    base: Option<Codeset>,
    effective: Vec<(Option<String>, Date)>,
    limits: Limits,
    refuse_limit: f64,
}

/// A finished image and what went into it.
#[derive(Clone, PartialEq, Debug)]
pub struct Assembled {
    /// The image, as [`Codeset::from_bytes`] reads it and [`crate::write_atomically`] stores it.
    pub image: Vec<u8>,
    /// What was read, taken, refused and left out, and what files say against one another.
    pub summary: AssemblySummary,
}

impl Default for Build {
    fn default() -> Build {
        Build { base: None, effective: Vec::new(), limits: Limits::default(), refuse_limit: 0.01 }
    }
}

impl Build {
    /// A build from files alone.
    pub fn new() -> Build {
        Build::default()
    }

    /// Extends this image. Its rows keep their releases.
    #[must_use]
    pub fn base(mut self, codeset: Codeset) -> Build {
        self.base = Some(codeset);
        self
    }

    /// The first day of the release of the files whose name, or path in an archive, ends so; of all files, when no name
    /// is given. It is taken instead of what file and name say.
    #[must_use]
    pub fn effective(mut self, name: Option<&str>, day: Date) -> Build {
        self.effective.push((name.map(str::to_owned), day));
        self
    }

    /// How much is read at most.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Build {
        self.limits = limits;
        self
    }

    /// The share of a file's rows above which refused rows stop the build: 0.01 at first, one in a hundred.
    #[must_use]
    pub fn refuse_limit(mut self, share: f64) -> Build {
        self.refuse_limit = share;
        self
    }

    /// Reads files, folders and archives, and builds the image. The same content gives the same bytes, in whatever
    /// order it is named and on however many threads. `progress` is told what is done, on any thread.
    ///
    /// # Errors
    /// When a path cannot be read, more rows of a file are refused than the limit allows, or the merged tables do not
    /// fit the image. What is wrong with single files and rows is in the summary.
    pub fn files<P: AsRef<Path>>(
        &self,
        paths: &[P],
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<Assembled, CompileError> {
        let read = input::read(paths, &self.limits, progress)?;
        self.check_refused(&read)?;
        progress(Progress::Merging);
        let given = Given::new(self.base.as_ref(), read, &self.effective, PARTS);
        let mut assembly = Assembly {
            image: ImageBuilder::new(),
            systems: BTreeMap::new(),
            conflicts: Conflicts::new(&given),
            covers: BTreeMap::new(),
        };
        for part in PARTS {
            (part.merge)(&given, &mut assembly)?;
        }
        progress(Progress::Merged);
        let Assembly { mut image, systems, conflicts, covers } = assembly;
        for (number, release) in given.releases().iter().enumerate() {
            let mut release = release.clone();
            if let Some(days) = u16::try_from(number).ok().and_then(|number| covers.get(&number)) {
                release.set_covers(*days);
            }
            image.release(release);
        }
        for system in systems.into_values() {
            image.system(system)?;
        }
        let image = image.finish()?;
        Codeset::from_bytes(&image).map_err(CompileError::Unreadable)?;
        let summary = AssemblySummary::new(&given, conflicts, image.len() as u64);
        Ok(Assembled { image, summary })
    }

    fn check_refused(&self, read: &[input::Input]) -> Result<(), CompileError> {
        for publication in read.iter().filter_map(|input| input.content.as_ref().ok()?.as_ref()) {
            let facts = publication.facts();
            let refused = facts.refused.count();
            if refused as f64 > self.refuse_limit * facts.read as f64 {
                return Err(CompileError::TooManyRefused {
                    path: facts.path.to_owned(),
                    refused,
                    read: facts.read,
                    percent: self.refuse_limit * 100.0,
                    first: facts.refused.first().first().cloned().map(Box::new),
                });
            }
        }
        Ok(())
    }
}
