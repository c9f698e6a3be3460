//! Pairs of relations.

use super::Sink;
use super::codes_of::{merged, shown, systems};
use super::stretch::{Piece, Window};
use super::words;
use codes::Code;
use codeset::{Codeset, Ordinal, Relation, RelationId, System};

/// A pair's second code and what holds when.
type Linked = (Code, Piece<u16>);

/// Pairs, code by code: the codes that each leads to are sorted in both images.
pub(super) fn relation(images: [&Codeset; 2], id: RelationId, sink: &mut Sink<'_>) {
    let Some([old, new]) = systems(images, id.system()) else { return };
    let [Some(pairs_old), Some(pairs_new)] = images.map(|image| image.relation(id)) else { return };
    let window = Window::of(pairs_old.coverage(), pairs_new.coverage());
    if window.is_empty() {
        return;
    }
    let (mut all_old, mut all_new) = (Vec::new(), Vec::new());
    for (source, [ordinal_old, ordinal_new]) in merged(old, new) {
        linked(pairs_old, old, ordinal_old, &mut all_old);
        linked(pairs_new, new, ordinal_new, &mut all_new);
        let (mut rest_old, mut rest_new) = (all_old.as_slice(), all_new.as_slice());
        while let Some(target) = least(rest_old, rest_new) {
            let (own_old, own_new) = (take(&mut rest_old, target), take(&mut rest_new, target));
            // Most pairs are the same in both, and stay so when what one image says is taken to go on.
            if own_old == own_new && !own_old.iter().any(|(_, piece)| window.may_go_on(piece)) {
                continue;
            }
            let pieces = |own: &[Linked]| own.iter().map(|(_, piece)| piece.clone()).collect::<Vec<_>>();
            window.differences(&mut pieces(own_old), &mut pieces(own_new), |days, before, after| {
                let codes = || vec![shown(id.system(), source), shown(id.system(), target)];
                let says = |all: &[u16]| words::joined(all, |value| words::value(id, *value));
                sink.tell(id.name(), codes, Some(days), (says(before), says(after)));
            });
        }
    }
}

fn linked(pairs: &Relation, codes: &System, source: Option<Ordinal>, all: &mut Vec<Linked>) {
    all.clear();
    let Some(source) = source else { return };
    let links = pairs.links(source);
    all.extend(links.map(|link| (codes.code(link.target), Piece::new(link.class.days(), link.class.value))));
}

fn least(old: &[Linked], new: &[Linked]) -> Option<Code> {
    let first = |all: &[Linked]| all.first().map(|(code, _)| *code);
    match (first(old), first(new)) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Takes the pairs with this code off the front.
fn take<'l>(rest: &mut &'l [Linked], target: Code) -> &'l [Linked] {
    let count = rest.iter().take_while(|(code, _)| *code == target).count();
    let (own, after) = rest.split_at(count);
    *rest = after;
    own
}
