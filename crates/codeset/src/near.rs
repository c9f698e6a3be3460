//! Codes within one edit of a code, found by walking the FST.

use codes::Code;
use fst::Automaton;

/// Accepts what is one character changed, added or left out away from a code, and the code itself.
///
/// The automaton that the crate `fst` builds for this serves texts of any length and alphabet, and takes longer to
/// build than the walk takes. Codes have eight bytes at most, so here a state is two small sets of places: those
/// reached without an edit, and those reached with one.
pub(crate) struct OneEdit {
    bytes: [u8; 8],
    length: u32,
}

/// Bit *n*: the first *n* characters of the code are accounted for.
#[derive(Clone, Copy)]
pub(crate) struct State {
    exact: u16,
    edited: u16,
}

impl OneEdit {
    pub(crate) fn of(code: Code) -> OneEdit {
        OneEdit { bytes: code.to_bytes(), length: code.len() as u32 }
    }

    /// With the characters that may be left out once: a place reached without an edit is left by one.
    fn skipping(&self, exact: u16, edited: u16) -> State {
        let within = (1u16 << (self.length + 1)) - 1;
        State { exact: exact & within, edited: (edited | exact << 1) & within }
    }
}

impl Automaton for OneEdit {
    type State = State;

    fn start(&self) -> State {
        self.skipping(1, 0)
    }

    fn is_match(&self, state: &State) -> bool {
        (state.exact | state.edited) >> self.length & 1 == 1
    }

    fn can_match(&self, state: &State) -> bool {
        state.exact | state.edited != 0
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        let places = self.bytes.iter().take(self.length as usize).zip(0u32..);
        let same = places.filter(|&(own, _)| *own == byte).fold(0u16, |same, (_, place)| same | 1 << place);
        let onward = |places: u16| (places & same) << 1;
        // The byte was added before a place, or stands for the one at it.
        let edited = onward(state.edited) | state.exact | state.exact << 1;
        self.skipping(onward(state.exact), edited)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use fst::automaton::Levenshtein;

    #[test]
    fn it_accepts_what_the_general_automaton_accepts() {
        let mut state = 3u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut accepted = 0;
        for _ in 0..300 {
            let text: Vec<u8> = (0..1 + random(8)).map(|_| b"AB12"[random(4) as usize]).collect();
            let code = Code::parse(&text).unwrap();
            let (own, general) = (OneEdit::of(code), Levenshtein::new(&code.to_string(), 1).unwrap());
            for _ in 0..200 {
                let mut other = text.clone();
                for _ in 0..random(3) {
                    let place = random(other.len() as u64 + 1) as usize;
                    match random(3) {
                        0 if place < other.len() => other[place] = b"AB12"[random(4) as usize],
                        1 if place < other.len() && other.len() > 1 => drop(other.remove(place)),
                        _ => other.insert(place, b"AB12"[random(4) as usize]),
                    }
                }
                let matches = own.is_match(&other.iter().fold(own.start(), |state, &byte| own.accept(&state, byte)));
                let expected = other.iter().fold(general.start(), |state, &byte| general.accept(&state, byte));
                assert_eq!(matches, general.is_match(&expected), "{code} {}", String::from_utf8_lossy(&other));
                accepted += u32::from(matches);
            }
        }
        assert!(accepted > 10_000);
    }
}
