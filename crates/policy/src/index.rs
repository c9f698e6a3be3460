//! From the codes of a claim to the edits that could fail on them.

use crate::need::{Need, Where};
use crate::ranges::Ranges;
use codeset::{Codeset, Ordinal};

/// Beyond so many segments a table from ordinal to segment is faster than a search.
const MANY_SEGMENTS: usize = 256;
/// The most entries of all segments of a place together. Edits that would go beyond it are looked at always.
const MOST_ENTRIES: usize = 4_000_000;

/// The edits of a policy by the codes that they need.
#[derive(Default, Debug)]
pub(crate) struct Index {
    /// Edits that any claim could set off.
    pub(crate) always: Vec<u32>,
    places: [Segments; Where::ALL.len()],
}

/// Stretches of ordinals within which the same edits are needed.
#[derive(Default, Debug)]
struct Segments {
    /// All edits of this place.
    edits: Vec<u32>,
    /// The first ordinal of each segment.
    starts: Vec<u32>,
    /// Where each segment's edits begin in `entries`, and the end.
    first: Vec<u32>,
    entries: Vec<u32>,
    /// The segment of each ordinal.
    direct: Option<Box<[u32]>>,
}

impl Index {
    /// An index of edits by their needs.
    pub(crate) fn new(needs: &[Need], codeset: &Codeset) -> Index {
        let mut index = Index::default();
        let mut by_place: [Vec<(u32, &Ranges)>; Where::ALL.len()] = Default::default();
        for (need, edit) in needs.iter().zip(0u32..) {
            // The place where the fewest of its codes will do.
            let share = |place: Where, ranges: &Ranges| {
                let all = codeset.system(place.system()).map_or(1, codeset::System::len).max(1) as u64;
                ranges.count().saturating_mul(1_000_000) / all
            };
            let best = Where::ALL
                .into_iter()
                .filter_map(|place| need.at(place).map(|ranges| (share(place, ranges), place, ranges)))
                .min_by_key(|&(share, place, _)| (share, place));
            match best {
                Some((_, place, ranges)) => {
                    if let Some(own) = by_place.get_mut(place as usize) {
                        own.push((edit, ranges));
                    }
                }
                None => index.always.push(edit),
            }
        }
        for ((place, own), segments) in Where::ALL.into_iter().zip(&by_place).zip(&mut index.places) {
            let all = codeset.system(place.system()).map_or(0, codeset::System::len);
            *segments = Segments::new(own, all, &mut index.always);
        }
        index.always.sort_unstable();
        index
    }

    /// Whether some edit is found by codes of this place.
    #[inline]
    pub(crate) fn uses(&self, place: Where) -> bool {
        self.places.get(place as usize).is_some_and(|segments| !segments.edits.is_empty())
    }

    /// Every edit that is found by codes of this place.
    pub(crate) fn all(&self, place: Where) -> &[u32] {
        self.places.get(place as usize).map_or(&[], |segments| segments.edits.as_slice())
    }

    /// The edits that this code could set off.
    #[inline]
    pub(crate) fn at(&self, place: Where, ordinal: Ordinal) -> &[u32] {
        self.places.get(place as usize).map_or(&[], |segments| segments.at(ordinal))
    }
}

impl Segments {
    fn new(edits: &[(u32, &Ranges)], all: usize, always: &mut Vec<u32>) -> Segments {
        let mut starts: Vec<u32> =
            edits.iter().flat_map(|(_, ranges)| ranges.iter().flat_map(|range| [range.start, range.end])).collect();
        starts.sort_unstable();
        starts.dedup();
        let segment = |ordinal: u32| starts.partition_point(|&start| start < ordinal) as u32;
        let spans = |ranges: &Ranges| ranges.iter().map(|range| segment(range.start)..segment(range.end)).collect();
        let mut placed: Vec<(usize, u32, Vec<std::ops::Range<u32>>)> = edits
            .iter()
            .map(|(edit, ranges)| {
                let spans: Vec<std::ops::Range<u32>> = spans(ranges);
                (spans.iter().map(|span| span.len()).sum(), *edit, spans)
            })
            .collect();
        // Those that cover least first, so that the broadest are the ones left out when they are too many.
        placed.sort_by_key(|&(entries, edit, _)| (entries, edit));
        let mut total = 0;
        let mut lists: Vec<Vec<u32>> = vec![Vec::new(); starts.len()];
        let mut own = Vec::with_capacity(edits.len());
        for (entries, edit, spans) in placed {
            total += entries;
            if total > MOST_ENTRIES {
                always.push(edit);
                continue;
            }
            own.push(edit);
            for at in spans.into_iter().flatten() {
                if let Some(list) = lists.get_mut(at as usize) {
                    list.push(edit);
                }
            }
        }
        own.sort_unstable();
        let (mut first, mut entries) = (vec![0u32], Vec::new());
        for list in &mut lists {
            list.sort_unstable();
            entries.extend_from_slice(list);
            first.push(entries.len() as u32);
        }
        let direct = (starts.len() > MANY_SEGMENTS)
            .then(|| (0..all as u32).map(|ordinal| starts.partition_point(|&start| start <= ordinal) as u32).collect());
        Segments { edits: own, starts, first, entries, direct }
    }

    #[inline]
    fn at(&self, ordinal: Ordinal) -> &[u32] {
        let after = match &self.direct {
            Some(direct) => direct.get(ordinal.index()).copied().unwrap_or(0) as usize,
            None => self.starts.partition_point(|&start| start <= ordinal.0),
        };
        // Before the first segment there is nothing.
        let Some(segment) = after.checked_sub(1) else { return &[] };
        match (self.first.get(segment), self.first.get(segment + 1)) {
            (Some(&from), Some(&to)) => self.entries.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }
}
