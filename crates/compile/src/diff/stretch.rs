//! On which days two timelines differ.

use codes::{Date, DateRange};

/// What holds during some days.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Piece<V> {
    pub(super) from: i32,
    /// The last day; `i32::MAX` when no end is known.
    pub(super) to: i32,
    pub(super) value: V,
}

impl<V> Piece<V> {
    pub(super) fn new(days: DateRange, value: V) -> Piece<V> {
        Piece { from: days.from.days(), to: last(days), value }
    }
}

fn last(days: DateRange) -> i32 {
    days.to.map_or(i32::MAX, Date::days)
}

/// The days on which two images can be compared.
///
/// A publication answers until the next one. So that a code of last quarter's image does not count as gone, what the
/// image that ends earlier says on its last day is taken to go on for as long as the other answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Window {
    days: Vec<(i32, i32)>,
    /// The last day for which the older and the newer image answer, and the last of both.
    ends: [i32; 2],
    horizon: i32,
}

impl Window {
    /// Of what both answer for.
    pub(super) fn of(old: &[DateRange], new: &[DateRange]) -> Window {
        let end = |all: &[DateRange]| all.iter().copied().map(last).max();
        let (Some(end_old), Some(end_new)) = (end(old), end(new)) else {
            return Window { days: Vec::new(), ends: [i32::MAX; 2], horizon: i32::MAX };
        };
        let horizon = end_old.max(end_new);
        let days = |all: &[DateRange], end: i32| {
            let mut days: Vec<(i32, i32)> = all.iter().map(|own| (own.from.days(), last(*own))).collect();
            if end < horizon {
                days.push((end + 1, horizon));
            }
            days.sort_unstable();
            days
        };
        let (old, new) = (days(old, end_old), days(new, end_new));
        let mut both = Vec::new();
        for &(from, to) in &old {
            let shared = new.iter().map(|own| (from.max(own.0), to.min(own.1)));
            both.extend(shared.filter(|(from, to)| from <= to));
        }
        both.sort_unstable();
        let mut days: Vec<(i32, i32)> = Vec::new();
        for (from, to) in both {
            match days.last_mut() {
                Some(own) if from <= own.1.saturating_add(1) => own.1 = own.1.max(to),
                _ => days.push((from, to)),
            }
        }
        Window { days, ends: [end_old, end_new], horizon }
    }

    /// All days: for what is published with days of its own.
    pub(super) fn always() -> Window {
        Window { days: vec![(i32::MIN, i32::MAX)], ends: [i32::MAX; 2], horizon: i32::MAX }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// Whether the piece ends where one of the images does, so that it may be taken to go on.
    pub(super) fn may_go_on<V>(&self, piece: &Piece<V>) -> bool {
        self.ends[0] != self.ends[1] && self.ends.contains(&piece.to)
    }

    /// Has what holds on the image's last day go on, until the image says something of a later day.
    fn extend<V>(&self, pieces: &mut [Piece<V>], image: usize) {
        let end = self.ends.get(image).copied().unwrap_or(i32::MAX);
        let later = pieces.iter().map(|piece| piece.from).filter(|&from| from > end).min();
        let to = later.map_or(self.horizon, |from| (from - 1).min(self.horizon));
        for piece in pieces.iter_mut().filter(|piece| piece.to == end) {
            piece.to = to;
        }
    }

    /// Tells every stretch of days on which the two differ, with what each says then, in order.
    pub(super) fn differences<V: Ord + Clone>(
        &self,
        old: &mut [Piece<V>],
        new: &mut [Piece<V>],
        mut tell: impl FnMut(DateRange, &[V], &[V]),
    ) {
        self.extend(old, 0);
        self.extend(new, 1);
        if old == new {
            return;
        }
        for &(first, end) in &self.days {
            let mut cuts: Vec<i32> = vec![first];
            for piece in old.iter().chain(new.iter()) {
                cuts.push(piece.from);
                if piece.to < i32::MAX {
                    cuts.push(piece.to + 1);
                }
            }
            cuts.retain(|cut| (first..=end).contains(cut));
            cuts.sort_unstable();
            cuts.dedup();
            let mut before: Option<(i32, i32, Vec<V>, Vec<V>)> = None;
            for (place, &cut) in cuts.iter().enumerate() {
                let to = cuts.get(place + 1).map_or(end, |next| next - 1);
                let (of_old, of_new) = (on(old, cut), on(new, cut));
                match &mut before {
                    Some((_, last, a, b)) if *a == of_old && *b == of_new => *last = to,
                    _ => {
                        if let Some(stretch) = before.replace((cut, to, of_old, of_new)) {
                            told(stretch, &mut tell);
                        }
                    }
                }
            }
            if let Some(stretch) = before {
                told(stretch, &mut tell);
            }
        }
    }
}

fn told<V: Ord>((from, to, old, new): (i32, i32, Vec<V>, Vec<V>), tell: &mut impl FnMut(DateRange, &[V], &[V])) {
    if old != new {
        let to = (to != i32::MAX).then(|| Date::from_days(to));
        tell(DateRange { from: Date::from_days(from), to }, &old, &new);
    }
}

/// What holds on the day, in order and once.
fn on<V: Ord + Clone>(pieces: &[Piece<V>], day: i32) -> Vec<V> {
    let holding = pieces.iter().filter(|piece| piece.from <= day && day <= piece.to);
    let mut values: Vec<V> = holding.map(|piece| piece.value.clone()).collect();
    values.sort_unstable();
    values.dedup();
    values
}
