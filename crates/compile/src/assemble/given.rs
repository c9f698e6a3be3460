//! What a build is given: the files that were read, and the base image, with all their releases in order.

use super::Part;
use super::input::Input;
use super::period::{FIRST_OF_ROWS, Period};
use super::systems::ADDENDA;
use crate::publisher::{Kind, Publication, PublisherError};
use codes::{Date, DateRange};
use codeset::{Codeset, Release};
use std::cmp::Ordering;
use std::collections::HashMap;

/// What ends the label of a release that corrects another.
const CORRECTED: &str = " (corrected)";

/// What a file has to say about one part of the image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Share {
    /// Id of the table: `ncci-mue-practitioner`.
    pub(crate) table: &'static str,
    /// The system, relation or other part that its rows go to, as [`Release::part`].
    pub(crate) part: &'static str,
    /// How long the release answers by itself.
    pub(crate) period: Period,
}

/// One file with its releases.
pub(crate) struct File {
    pub(crate) input: Input,
    /// The first day of its release: as the user says, or else as the file and its name say.
    pub(crate) effective: Option<Date>,
    /// Why the file is set aside, if it is.
    pub(crate) aside: Option<Aside>,
    /// Its releases: their parts, and the numbers by which rows refer to them.
    shares: Vec<(Share, u16)>,
}

impl File {
    /// The parts of the image that its rows go to.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        self.shares.iter().map(|(share, _)| share.part)
    }
}

/// Why a file that was read is not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Aside {
    /// Another file of the same day has the same content: its name.
    SameContent(String),
    /// Nothing says when it takes effect.
    NoDate,
    /// Neither content nor name says to whose claims its rows apply.
    NoSetting,
    /// A correction of the same release was given: its name.
    Corrected(String),
    /// It tells what changed, and the list that it changes was not given.
    NoList,
    /// No part of the image takes its rows.
    NoPart,
}

/// Files and base, in order.
pub(crate) struct Given<'a> {
    base: Option<&'a Codeset>,
    files: Vec<File>,
    releases: Vec<Release>,
    /// The new numbers of the base's releases.
    renumbered: Vec<u16>,
}

/// A publication with its release in one part.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) publication: &'a Publication,
    /// The number of the release.
    pub(crate) release: u16,
    /// The days that the release answers for by itself.
    pub(crate) days: DateRange,
}

impl<'a> Given<'a> {
    pub(crate) fn new(
        base: Option<&'a Codeset>,
        inputs: Vec<Input>,
        effective: &[(Option<String>, Date)],
        parts: &[Part],
    ) -> Given<'a> {
        let mut files: Vec<File> = Vec::with_capacity(inputs.len());
        let mut by_content: HashMap<(u64, Option<Date>), String> = HashMap::new();
        let mut releases: Vec<Release> = base.map(|base| base.releases().to_vec()).unwrap_or_default();
        let base_releases = releases.clone();
        let mut of_files: Vec<Vec<(Share, Release)>> = Vec::new();
        let corrections = corrections(&inputs);
        for input in inputs {
            let mut shares = Vec::new();
            let mut aside = None;
            let mut day = None;
            if let Ok(Some(publication)) = &input.content {
                let facts = publication.facts();
                let said = effective.iter().rev().find(|(name, _)| match name {
                    Some(name) => input.path.to_string_lossy().ends_with(name.as_str()),
                    None => true,
                });
                day = said.map(|(_, day)| *day).or(facts.release.effective);
                let found: Vec<Share> = parts.iter().flat_map(|part| (part.shares)(publication)).collect();
                if !found.is_empty() && found.iter().all(|share| share.period == Period::OfRows) {
                    day = Some(FIRST_OF_ROWS);
                }
                aside = match by_content.get(&(input.digest, day)) {
                    Some(first) => Some(Aside::SameContent(first.clone())),
                    None if lacks_setting(publication) => Some(Aside::NoSetting),
                    None if found.is_empty() => Some(Aside::NoPart),
                    None if corrections.contains_key(&(publication.kind(), facts.release.label.clone())) => {
                        let by = corrections.get(&(publication.kind(), facts.release.label.clone()));
                        Some(Aside::Corrected(by.cloned().unwrap_or_default()))
                    }
                    None if day.is_none() => Some(Aside::NoDate),
                    None => None,
                };
                if let (None, Some(day)) = (&aside, day) {
                    by_content.insert((input.digest, Some(day)), input.name.clone());
                    for share in found {
                        let days = share.period.days(day);
                        let mut release = Release::new(share.table, share.part, days.from, days.to);
                        release.label.clone_from(&facts.release.label);
                        release.publisher = publisher(publication).to_owned();
                        release.file.clone_from(&input.name);
                        release.obtained = "the publisher's file, read by codesets build".to_owned();
                        release.rows = facts.read;
                        release.digest = input.digest;
                        // A file that the base was built from is there already, under the name it had then.
                        let known = base_releases.iter().find(|known| same(known, &release));
                        let release = known.cloned().unwrap_or(release);
                        releases.push(release.clone());
                        shares.push((share, release));
                    }
                }
            }
            of_files.push(shares);
            files.push(File { input, effective: day, aside, shares: Vec::new() });
        }
        without_list(&mut files, &mut of_files, &mut releases);
        releases.sort_by(order);
        releases.dedup();
        let number = |release: &Release| releases.iter().position(|known| known == release).unwrap_or(0) as u16;
        let renumbered = base_releases.iter().map(number).collect();
        for (file, shares) in files.iter_mut().zip(of_files) {
            file.shares = shares.into_iter().map(|(share, release)| (share, number(&release))).collect();
        }
        Given { base, files, releases, renumbered }
    }

    /// The image that is extended.
    pub(crate) fn base(&self) -> Option<&'a Codeset> {
        self.base
    }

    /// The number that a release of the base has now.
    pub(crate) fn renumbered(&self, release: u16) -> u16 {
        self.renumbered.get(usize::from(release)).copied().unwrap_or(release)
    }

    /// The base's releases of a part, with the numbers that they have now.
    pub(crate) fn base_releases(&self, part: &str) -> impl Iterator<Item = (u16, &'a Release)> {
        let releases = self.base.map(Codeset::releases).unwrap_or_default();
        let numbers = self.renumbered.clone();
        releases
            .iter()
            .zip(numbers)
            .filter(move |(release, _)| release.part == part)
            .map(|(release, number)| (number, release))
    }

    /// The files that have something to say about a part, in the order of their releases.
    pub(crate) fn publications(&self, part: &str) -> Vec<Source<'_>> {
        let mut found: Vec<Source<'_>> = Vec::new();
        for file in self.files.iter().filter(|file| file.aside.is_none()) {
            let (Ok(Some(publication)), Some(day)) = (&file.input.content, file.effective) else { continue };
            for (share, release) in file.shares.iter().filter(|(share, _)| share.part == part) {
                found.push(Source { publication, release: *release, days: share.period.days(day) });
            }
        }
        found.sort_by_key(|given| given.release);
        found
    }

    /// All files, in order of their names.
    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }

    /// All releases, by number.
    pub(crate) fn releases(&self) -> &[Release] {
        &self.releases
    }
}

/// Sets aside addenda for which nothing answers on the day before their first day: they stand for no list then.
fn without_list(files: &mut [File], of_files: &mut [Vec<(Share, Release)>], releases: &mut Vec<Release>) {
    let mut addenda: Vec<usize> = (0..files.len())
        .filter(|&place| of_files.get(place).is_some_and(|own| own.iter().any(|(share, _)| share.table == ADDENDA)))
        .collect();
    // Addenda may change what other addenda came to.
    addenda.sort_by_key(|&place| files.get(place).and_then(|file| file.effective));
    let mut refused: Vec<Release> = Vec::new();
    for place in addenda {
        let (Some(file), Some(own)) = (files.get_mut(place), of_files.get_mut(place)) else { continue };
        let Some((share, before)) =
            own.first().zip(file.effective).map(|((share, _), day)| (share.part, day.previous()))
        else {
            continue;
        };
        let answers = |release: &Release| release.part == share && release.covers().contains(before);
        if !releases.iter().any(|release| answers(release) && !refused.contains(release)) {
            file.aside = Some(Aside::NoList);
            refused.extend(own.drain(..).map(|(_, release)| release));
        }
    }
    releases.retain(|release| !refused.contains(release));
}

/// Whether a file is of one of several tables of one form, and nothing says of which.
fn lacks_setting(publication: &Publication) -> bool {
    match publication {
        Publication::NcciPtp(ptp) => ptp.table.is_none(),
        Publication::NcciMue(mues) => mues.table.is_none(),
        _ => false,
    }
}

/// Releases of which a correction is given too, by kind and label: the name of the correction.
fn corrections(inputs: &[Input]) -> HashMap<(Kind, String), String> {
    let read = inputs.iter().filter_map(|input| Some((input, input.content.as_ref().ok()?.as_ref()?)));
    let correction = read.filter_map(|(input, publication)| {
        let corrected = publication.facts().release.label.strip_suffix(CORRECTED)?.to_owned();
        Some(((publication.kind(), corrected), input.name.clone()))
    });
    correction.collect()
}

/// Whether a release is of the same content in the same place.
fn same(known: &Release, release: &Release) -> bool {
    known.digest == release.digest
        && (&known.table, &known.part) == (&release.table, &release.part)
        && known.covers().from == release.covers().from
}

/// The order of releases: what rows are compared by when two of them are equal in all else.
fn order(a: &Release, b: &Release) -> Ordering {
    let key = |release: &Release| (release.covers().from, release.digest, release.rows);
    (&a.part, &a.table, a.covers().from, &a.label, &a.file, key(a)).cmp(&(
        &b.part,
        &b.table,
        b.covers().from,
        &b.label,
        &b.file,
        key(b),
    ))
}

/// Who publishes files of this kind.
fn publisher(publication: &Publication) -> &'static str {
    match publication {
        Publication::Icd10cmOrder(_)
        | Publication::Icd10cmCodes(_)
        | Publication::Icd10cmTabular(_)
        | Publication::Icd10cmOrderAddenda(_)
        | Publication::Icd10cmCodesAddenda(_) => "NCHS and CMS",
        Publication::Taxonomy(_) => "NUCC",
        Publication::Cpt(_) => "AMA",
        Publication::BillTypes(_) => "NUBC",
        Publication::RemarkCodes(_) => "X12",
        _ => "CMS",
    }
}

/// Why a file could not be read, for the summary.
pub(crate) fn failure(file: &File) -> Option<&PublisherError> {
    file.input.content.as_ref().err()
}
