//! How many clean claims stand in an envelope of an 837 that a receiver rejects whole.
//!
//! What is wrong with an envelope may be seen at its end only, when its claims were judged and counted long ago. So batches
//! give what happens in them, and what is open is followed in input order.

use claims::{ClaimBatch, Envelope, Fault, Structure};

/// What happens to the envelopes that are open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Event {
    /// So many clean claims.
    Clean(u64),
    Begins(Envelope),
    Ends(Envelope),
    /// What is open of this is rejected.
    Rejected(Envelope),
}

/// What happens in a batch.
#[derive(Default, Debug)]
pub(crate) struct Happened {
    /// With the byte offsets, and what comes first of equal ones.
    events: Vec<(u64, u8, Event)>,
}

impl Happened {
    pub(crate) fn clear(&mut self) {
        self.events.clear();
    }

    /// Clean claims, the first of which begins here.
    pub(crate) fn clean(&mut self, claims: u64, offset: u64) {
        if claims > 0 {
            self.events.push((offset, 1, Event::Clean(claims)));
        }
    }

    /// A fault, told at this place, for which a receiver rejects the envelope.
    pub(crate) fn rejected(&mut self, envelope: Envelope, fault: &Structure, offset: u64) {
        // What is wrong with a header is of the envelope that it opens; all else is of the one before.
        let of_header =
            matches!(fault.segment.as_str(), "ISA" | "GS" | "ST") && !matches!(fault.fault, Fault::NoTrailer);
        self.events.push((offset, if of_header { 2 } else { 0 }, Event::Rejected(envelope)));
    }

    /// The batch's envelopes, after all else: puts everything in order.
    pub(crate) fn envelopes(&mut self, batch: &ClaimBatch) {
        let marks = batch.envelopes.iter();
        self.events.extend(marks.map(|mark| {
            let event = if mark.begins { Event::Begins(mark.envelope) } else { Event::Ends(mark.envelope) };
            (mark.place.offset, 1, event)
        }));
        self.events.sort_by_key(|&(offset, rank, _)| (offset, rank));
    }
}

/// The envelopes that are open in an input.
#[derive(Default)]
pub(crate) struct Open {
    /// Interchange, group, transaction set.
    levels: [Level; 3],
}

#[derive(Clone, Copy, Default)]
struct Level {
    /// Clean claims in it, but for those of envelopes in it that are open, or were rejected.
    clean: u64,
    rejected: bool,
}

impl Open {
    /// Follows what happened in the next batch: how many clean claims it has come out to be in rejected envelopes.
    pub(crate) fn follow(&mut self, happened: &Happened) -> u64 {
        let mut rejected = 0;
        for &(_, _, event) in &happened.events {
            match event {
                Event::Clean(claims) => self.levels[Envelope::Set as usize].clean += claims,
                Event::Begins(envelope) | Event::Ends(envelope) => rejected += self.close(envelope),
                Event::Rejected(envelope) => self.levels[envelope as usize].rejected = true,
            }
        }
        rejected
    }

    /// The input ends.
    pub(crate) fn end(&mut self) -> u64 {
        self.close(Envelope::Interchange)
    }

    /// Closes what is open from this envelope in: how many clean claims were in what is rejected.
    fn close(&mut self, envelope: Envelope) -> u64 {
        let mut rejected = 0;
        let mut within = 0;
        for level in self.levels.iter_mut().skip(envelope as usize).rev() {
            let own = std::mem::take(level);
            let clean = own.clean + std::mem::take(&mut within);
            if own.rejected {
                rejected += clean;
            } else {
                within = clean;
            }
        }
        if let Some(around) = (envelope as usize).checked_sub(1).and_then(|around| self.levels.get_mut(around)) {
            around.clean += within;
        }
        rejected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Envelope::{Group, Interchange, Set};

    /// Follows these events, and then the end of the input.
    fn rejected(events: &[Event]) -> u64 {
        let mut open = Open::default();
        let events = events.iter().zip(0..).map(|(&event, offset)| (offset, 1, event)).collect();
        open.follow(&Happened { events }) + open.end()
    }

    #[test]
    fn clean_claims_are_counted_once_whatever_is_rejected_around_them() {
        let (begins, ends, clean, bad) = (Event::Begins, Event::Ends, Event::Clean, Event::Rejected);
        let two = [begins(Set), clean(2), ends(Set), begins(Set), clean(3)];
        assert_eq!(rejected(&two), 0);
        assert_eq!(rejected(&[&two[..], &[bad(Set), ends(Set)]].concat()), 3);
        assert_eq!(rejected(&[&[begins(Set), bad(Set), clean(1), ends(Set)], &two[..]].concat()), 1);
        let group = [&[begins(Group)], &two[..], &[bad(Set), ends(Set)]].concat();
        assert_eq!(rejected(&[&group[..], &[bad(Group), ends(Group), begins(Group), clean(7)]].concat()), 5);
        assert_eq!(rejected(&[&[begins(Interchange)], &group[..], &[ends(Group), bad(Interchange)]].concat()), 5);
        // Without trailers, and without any envelope.
        assert_eq!(rejected(&[begins(Interchange), begins(Group), begins(Set), clean(4), bad(Interchange)]), 4);
        assert_eq!(rejected(&[clean(4), bad(Set), begins(Set), clean(1)]), 4);
    }
}
