//! What two files say against one another.

use super::given::Given;
use std::fmt;

/// How many conflicts of a part are kept with their places. The rest are counted.
const KEPT: u64 = 1_000;

/// A place in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The file's name, as the release carries it.
    pub file: String,
    /// The line of a text, or the row of a sheet, counted from 1; 0 where it is not known, as of rows of an image.
    pub line: u32,
}

/// Two rows that cannot both be right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// The part of the image.
    pub part: String,
    /// What they are about: a code, or a pair.
    pub about: String,
    /// What each says.
    pub says: [String; 2],
    /// Where the two stand.
    pub places: [Place; 2],
    /// What was taken.
    pub taken: Taken,
}

/// What was taken of two rows that cannot both be right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// The first.
    First,
    /// The days of either.
    Both,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.says;
        let [at_first, at_second] = &self.places;
        let taken = match self.taken {
            Taken::First => "the first was taken",
            Taken::Both => "the days of both were taken",
        };
        write!(f, "{} {}: {at_first} says {first}, {at_second} says {second}; {taken}", self.part, self.about)
    }
}

/// Conflicts as they are found: the first thousand of each part whole, all of them counted.
pub(crate) struct Conflicts {
    names: Vec<String>,
    pub(crate) counts: std::collections::BTreeMap<String, u64>,
    pub(crate) first: Vec<Conflict>,
}

/// One side of a conflict: the release, the line, and what the row says.
pub(crate) struct Side {
    pub(crate) release: u16,
    pub(crate) line: u32,
    pub(crate) says: String,
}

impl Conflicts {
    pub(crate) fn new(given: &Given<'_>) -> Conflicts {
        let names = given.releases().iter().map(|release| release.file.clone()).collect();
        Conflicts { names, counts: std::collections::BTreeMap::new(), first: Vec::new() }
    }

    /// That two rows cannot both be right, of which the first was taken.
    pub(crate) fn push(&mut self, part: &str, about: impl fmt::Display, taken: Side, other: Side) {
        self.add(part, about, taken, other, Taken::First);
    }

    /// That two rows have different days, and those of both were taken.
    pub(crate) fn push_both(&mut self, part: &str, about: impl fmt::Display, one: Side, other: Side) {
        self.add(part, about, one, other, Taken::Both);
    }

    fn add(&mut self, part: &str, about: impl fmt::Display, first: Side, other: Side, taken: Taken) {
        let count = self.counts.entry(part.to_owned()).or_insert(0);
        *count += 1;
        if *count <= KEPT {
            let place = |side: &Side| Place {
                file: self.names.get(usize::from(side.release)).cloned().unwrap_or_default(),
                line: side.line,
            };
            let places = [place(&first), place(&other)];
            let says = [first.says, other.says];
            self.first.push(Conflict { part: part.to_owned(), about: about.to_string(), says, places, taken });
        }
    }
}
