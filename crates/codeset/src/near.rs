//! Codes within one edit of a code, found by walking the FST.

use codes::Code;
use fst::raw::{Fst, Node, Output};

/// The values of all that is one character changed, added or left out away from a code, and of the code itself maybe;
/// in no order, and some more than once.
///
/// The walk goes along the code, and at each of its places tries every edit there is: then all that follows must be as
/// in the code, which few branches are for more than a step. An automaton would look at thousands of branches.
pub(crate) fn within_one_edit<D: AsRef<[u8]>>(fst: &Fst<D>, code: Code) -> Vec<u64> {
    let bytes = code.to_bytes();
    let mut rest = bytes.get(..code.len()).unwrap_or_default();
    let (mut node, mut output) = (fst.root(), Output::zero());
    let mut found = Vec::new();
    loop {
        let after = rest.split_first();
        for transition in node.transitions() {
            let (next, so_far) = (fst.node(transition.addr), output.cat(transition.out));
            // The character was added, or stands for that of the code.
            found.extend(follow(fst, next, so_far, rest));
            found.extend(after.and_then(|(_, after)| follow(fst, next, so_far, after)));
        }
        let Some((&own, after)) = after else { return found };
        // The code's character was left out.
        found.extend(follow(fst, node, output, after));
        let Some(place) = node.find_input(own) else { return found };
        let transition = node.transition(place);
        (node, output, rest) = (fst.node(transition.addr), output.cat(transition.out), after);
    }
}

/// The value at the end of `rest`, followed from a node.
fn follow<'f, D: AsRef<[u8]>>(fst: &'f Fst<D>, mut node: Node<'f>, mut output: Output, rest: &[u8]) -> Option<u64> {
    for &byte in rest {
        let transition = node.transition(node.find_input(byte)?);
        (node, output) = (fst.node(transition.addr), output.cat(transition.out));
    }
    node.is_final().then(|| output.cat(node.final_output()).value())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// All texts that are one edit away from one, of these characters.
    fn plainly(text: &[u8], characters: &[u8]) -> BTreeSet<Vec<u8>> {
        let mut all = BTreeSet::new();
        for place in 0..=text.len() {
            let (before, after) = text.split_at(place);
            for &character in characters {
                all.insert([before, &[character], after].concat());
                if let [_, after @ ..] = after {
                    all.insert([before, &[character], after].concat());
                }
            }
            if let [_, after @ ..] = after {
                all.insert([before, after].concat());
            }
        }
        all
    }

    #[test]
    fn it_finds_what_trying_all_edits_finds() {
        const CHARACTERS: &[u8] = b"AB12";
        let mut state = 3u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut text = move || -> Vec<u8> {
            (0..1 + random(8)).map(|_| CHARACTERS[random(CHARACTERS.len() as u64) as usize]).collect()
        };
        let codes: BTreeSet<Vec<u8>> = (0..20_000).map(|_| text()).collect();
        let codes: BTreeMap<Vec<u8>, u64> = codes.into_iter().zip(7..).collect();
        let fst = fst::Map::from_iter(codes.iter().map(|(text, &value)| (text, value))).unwrap();
        let mut near = 0;
        for _ in 0..2_000 {
            let text = text();
            let found: BTreeSet<u64> = within_one_edit(fst.as_fst(), Code::parse(&text).unwrap()).into_iter().collect();
            let expected = plainly(&text, CHARACTERS);
            let expected: BTreeSet<u64> = expected.iter().filter_map(|text| codes.get(text).copied()).collect();
            let own = codes.get(&text).copied();
            let without_own = |all: &BTreeSet<u64>| -> BTreeSet<u64> {
                all.iter().copied().filter(|&value| Some(value) != own).collect()
            };
            assert_eq!(without_own(&found), without_own(&expected), "{}", String::from_utf8_lossy(&text));
            near += expected.len();
        }
        assert!(near > 10_000, "{near}");
    }
}
