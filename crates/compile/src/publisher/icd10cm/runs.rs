//! Runs of codes, in tabular order and in the order of their characters.
//!
//! Notes name runs in tabular order: M1A stands before M10 there, so `M05-M14` has it; D3A stands before D37, so
//! `D37-D48` does not. By their characters it is the other way round in both. Codes are looked up by their
//! characters, so runs are turned into runs of that order, as many as it takes.

use codes::Code;
use std::collections::HashMap;
use std::fmt;

/// All codes from the first to the last in the order of their characters, and all codes below the last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Run {
    /// The first code.
    pub first: Code,
    /// The last code: the first, where a run is one code and those below it.
    pub last: Code,
}

impl Run {
    /// Whether the code is one of these.
    pub fn contains(self, code: Code) -> bool {
        self.first <= code && code.prefix(self.last.len()) <= self.last
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first.diagnosis())?;
        if self.last != self.first {
            write!(f, "-{}", self.last.diagnosis())?;
        }
        Ok(())
    }
}

/// The codes of one list in both orders.
pub(super) struct Orders {
    tabular: Vec<Code>,
    /// For each code in tabular order, the place behind the last code below it.
    ends: Vec<usize>,
    places: HashMap<Code, usize>,
    sorted: Vec<Code>,
}

impl Orders {
    pub(super) fn new(tabular: Vec<Code>) -> Orders {
        let mut ends = vec![0; tabular.len()];
        let mut open: Vec<usize> = Vec::new();
        for (place, &code) in tabular.iter().enumerate() {
            while let Some(&above) = open.last()
                && !code.starts_with(tabular[above])
            {
                ends[above] = place;
                open.pop();
            }
            open.push(place);
        }
        for above in open {
            ends[above] = tabular.len();
        }
        let places = tabular.iter().zip(0..).map(|(&code, place)| (code, place)).collect();
        let mut sorted = tabular.clone();
        sorted.sort_unstable();
        Orders { tabular, ends, places, sorted }
    }

    pub(super) fn has(&self, code: Code) -> bool {
        self.places.contains_key(&code)
    }

    /// The run that a note names; nothing when one of the two is no code of the list, or the run goes backward.
    pub(super) fn named(&self, run: Run) -> Option<Vec<Run>> {
        let (&from, &last) = (self.places.get(&run.first)?, self.places.get(&run.last)?);
        let to = self.ends[last];
        if from > last {
            return None;
        }
        let mut whole = Vec::new();
        let mut place = from;
        while place < to {
            let code = self.tabular[place];
            if code != run.last && run.last.starts_with(code) {
                // A header above the run's end: some of what is below it, but not the header.
                place += 1;
            } else {
                whole.push(code);
                place = self.ends[place];
            }
        }
        Some(self.joined(whole))
    }

    /// The fewest runs that hold these codes, with all below them, and no other codes of the list but headers of
    /// some of them.
    pub(super) fn joined(&self, mut whole: Vec<Code>) -> Vec<Run> {
        whole.sort_unstable();
        let mut runs: Vec<Run> = Vec::new();
        for code in whole {
            let behind =
                runs.last().map(|run| self.sorted.partition_point(|&other| other.prefix(run.last.len()) <= run.last));
            let between = behind.map(|behind| &self.sorted[behind..]).into_iter().flatten();
            let next = between.copied().find(|&other| other == code || !code.starts_with(other));
            match runs.last_mut() {
                Some(run) if run.contains(code) => {}
                Some(run) if next == Some(code) => run.last = code,
                _ => runs.push(Run { first: code, last: code }),
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        super::super::code(text).unwrap_or_default()
    }

    fn orders() -> Orders {
        let codes = "M04 M050 M059 M1A M1A0 M1A9 M10 M100 M109 M14 M140 M15 D36 D3A D3A0 D37 D370 D48";
        Orders::new(codes.split(' ').map(code).collect())
    }

    fn named(first: &str, last: &str) -> Option<String> {
        let runs = orders().named(Run { first: code(first), last: code(last) })?;
        Some(runs.iter().map(Run::to_string).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn runs_are_those_of_the_tabular_order() {
        for (first, last, expected) in [
            ("M10", "M14", Some("M10-M14")),
            ("M04", "M15", Some("M04-M1A")),
            ("M059", "M14", Some("M05.9-M14 M1A")),
            ("M04", "M14", Some("M04-M14 M1A")),
            ("D37", "D48", Some("D37 D48")),
            ("D36", "D48", Some("D36-D48")),
            ("M1A0", "M100", Some("M10.0 M1A.0-M1A.9")),
            ("M109", "M140", Some("M10.9-M14.0")),
            ("D37", "D37", Some("D37")),
            ("D48", "D37", None),
            ("D00", "D37", None),
        ] {
            assert_eq!(named(first, last).as_deref(), expected, "{first}-{last}");
        }
    }

    #[test]
    fn whole_codes_are_joined_over_headers_alone() {
        let joined = |text: &str| {
            let runs = orders().joined(text.split(' ').map(code).collect());
            runs.iter().map(Run::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(joined("M059 M100 M109"), "M05.9-M10.9");
        assert_eq!(joined("M100 M14"), "M10.0 M14");
        assert_eq!(joined("M14 M14"), "M14");
    }
}
