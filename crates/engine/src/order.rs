//! What must be looked at in the order of the input: which claims of a chunk came before, as another claim or as rows of
//! the same one that lie apart.
//!
//! Any worker parses a chunk. The one that brings the chunk whose turn it is looks, and goes on to scrub it, with all of
//! it still at hand; chunks that come too early wait for the worker of the one before.

use crate::across::{Earlier, Episodes, Window};
use claims::{ClaimBatch, ClaimIdWindow, Field, Problem, ProblemKind};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A chunk that has been parsed.
pub(crate) struct Parsed {
    /// Where in the input it begins, and its bytes there.
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) batch: ClaimBatch,
    /// The hashes of the claims' ids.
    pub(crate) ids: Vec<Option<u64>>,
    pub(crate) episodes: Episodes,
}

/// A chunk that has been looked at.
pub(crate) struct Looked {
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) batch: ClaimBatch,
    pub(crate) ids: Vec<Option<u64>>,
    /// The claims before its own.
    pub(crate) earlier: Vec<Earlier>,
}

/// The claims so far, and the chunks that wait for their turn.
pub(crate) struct InOrder {
    next: u64,
    waiting: BTreeMap<u64, Result<Box<Parsed>, u64>>,
    window: Window,
    /// Where rows make claims.
    ids: Option<ClaimIdWindow>,
}

impl InOrder {
    /// Of an input whose first chunk is number 0, after the claims of this window.
    pub(crate) fn new(window: Window, ids: Option<ClaimIdWindow>) -> InOrder {
        InOrder { next: 0, waiting: BTreeMap::new(), window, ids }
    }

    /// Takes a chunk, or the place of one that could not be parsed.
    pub(crate) fn take(&mut self, number: u64, parsed: Result<Box<Parsed>, u64>) {
        self.waiting.insert(number, parsed);
    }

    /// Looks at the chunk whose turn it is, if it is there; gives its number too. `Err` with the chunk's place when the
    /// program itself failed.
    pub(crate) fn turn(&mut self) -> Option<(u64, Result<Looked, u64>)> {
        let parsed = self.waiting.remove(&self.next)?;
        let number = self.next;
        self.next += 1;
        let looked = parsed.and_then(|parsed| {
            let offset = parsed.offset;
            catch_unwind(AssertUnwindSafe(|| self.look(*parsed))).map_err(|_| offset)
        });
        Some((number, looked))
    }

    fn look(&mut self, parsed: Parsed) -> Looked {
        let Parsed { offset, bytes, mut batch, ids, episodes } = parsed;
        if let Some(own) = &mut self.ids {
            find_apart(&mut batch, &ids, own);
        }
        Looked { earlier: self.window.look(episodes), offset, bytes, batch, ids }
    }

    /// Memory of claims that are forgotten, to be filled again.
    pub(crate) fn spare(&mut self) -> Option<Episodes> {
        self.window.spare()
    }

    /// The claims so far.
    pub(crate) fn into_window(self) -> Window {
        self.window
    }
}

/// Says which claims' rows lie apart. Known only where the chunks come in input order.
pub(crate) fn find_apart(batch: &mut ClaimBatch, ids: &[Option<u64>], window: &mut ClaimIdWindow) {
    window.approach(ids);
    let mut apart = Vec::new();
    for (&id, claim) in ids.iter().zip(0u32..) {
        if window.seen_hash(id) {
            let place = batch.claim(claim).row.place;
            let (kind, field) = (ProblemKind::RowsApart, Some(Field::ClaimId));
            apart.push(Problem { kind, claim, line: None, field, place });
        }
    }
    batch.add_problems(apart);
}

#[cfg(test)]
mod tests {
    use super::*;
    use claims::{Claim, Columns};

    /// A chunk of one claim.
    fn parsed(id: &str) -> Box<Parsed> {
        let mut batch = ClaimBatch::new(Columns::ALL);
        batch.push(&Claim { claim_id: id.to_owned(), ..Claim::default() });
        let ids = vec![ClaimIdWindow::hash(id)];
        Box::new(Parsed { offset: 0, bytes: 0, batch, ids, episodes: Episodes::default() })
    }

    /// Looks at all whose turn it is: their numbers, and whether their claim's rows lie apart; the place of what failed.
    fn turns(in_order: &mut InOrder) -> Vec<(u64, Result<bool, u64>)> {
        let turn =
            || in_order.turn().map(|(number, looked)| (number, looked.map(|own| !own.batch.problems.is_empty())));
        std::iter::from_fn(turn).collect()
    }

    #[test]
    fn chunks_are_looked_at_in_the_order_of_their_numbers_however_they_come() {
        let mut in_order = InOrder::new(Window::default(), Some(ClaimIdWindow::default()));
        in_order.take(2, Ok(parsed("A")));
        in_order.take(1, Err(77));
        assert_eq!(turns(&mut in_order), []);
        in_order.take(0, Ok(parsed("A")));
        // The chunk that failed is told in its turn, and is no claim between.
        assert_eq!(turns(&mut in_order), [(0, Ok(false)), (1, Err(77)), (2, Ok(false))]);
        in_order.take(4, Ok(parsed("A")));
        assert_eq!(turns(&mut in_order), []);
        in_order.take(3, Ok(parsed("B")));
        assert_eq!(turns(&mut in_order), [(3, Ok(false)), (4, Ok(true))]);
    }

    #[test]
    fn a_repeat_is_none_where_rows_make_no_claims() {
        let mut in_order = InOrder::new(Window::default(), None);
        for (number, id) in (0..).zip(["A", "B", "A"]) {
            in_order.take(number, Ok(parsed(id)));
        }
        assert_eq!(turns(&mut in_order), [(0, Ok(false)), (1, Ok(false)), (2, Ok(false))]);
    }

    #[test]
    fn what_lies_apart_is_told_after_the_other_problems_of_each_claim() {
        let mut batch = ClaimBatch::new(Columns::ALL);
        let mut ids = Vec::new();
        for number in 0..6 {
            let received_date = (number % 3 > 0).then(|| "no day".to_owned());
            batch.push(&Claim { claim_id: format!("C{}", number % 4), received_date, ..Claim::default() });
            ids.push(ClaimIdWindow::hash(&format!("C{}", number % 4)));
        }
        find_apart(&mut batch, &ids, &mut ClaimIdWindow::default());
        let apart = |claim: u32| {
            let told = |own: &Problem| own.kind == ProblemKind::RowsApart;
            batch.problems_of(claim).iter().map(told).collect::<Vec<_>>()
        };
        let all: [&[bool]; 6] = [&[], &[false], &[false], &[], &[false, true], &[false, true]];
        assert_eq!((0..6).map(apart).collect::<Vec<_>>(), all);
    }
}
