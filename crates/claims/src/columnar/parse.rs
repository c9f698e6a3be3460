//! Rows of typed columns into claims.

use super::cell::Text;
use super::layout::{At, Layout, Table};
use crate::map::Recipe;
use crate::reader::{Chunk, ChunkParser};
use crate::values::{self, OpenClaim, OpenLine};
use crate::{ClaimBatch, Field, Place, ProblemKind};

/// The most bytes of a value, as in a CSV.
const MAX_VALUE: usize = 64 * 1024;

/// Turns the chunks of one file into claims.
pub(super) struct ColumnarParser {
    layout: Layout,
}

impl ColumnarParser {
    pub(super) fn new(layout: Layout) -> ColumnarParser {
        ColumnarParser { layout }
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl ChunkParser for ColumnarParser {
    fn parse(&self, chunk: &Chunk, batch: &mut ClaimBatch) {
        batch.clear();
        batch.columns = self.layout.plan.columns;
        let Some(rows) = &chunk.rows else { return };
        let mut run = Run {
            layout: &self.layout,
            batch,
            open: None,
            rows: 0,
            head: vec![Vec::new(); self.layout.plan.claim_columns.len() + self.layout.plan.claim_recipes.len()],
            like_head: None,
            disagreed: 0,
            scratch: Vec::new(),
            made: Vec::new(),
            id: Vec::new(),
        };
        let mut place = chunk.start;
        for part in &rows.parts {
            let table = self.layout.table(part);
            for row in 0..part.num_rows() {
                if self.layout.is_nested() {
                    run.claim(&table, row, place)
                } else {
                    run.row(&table, row, place)
                }
                place.row += 1;
            }
            // Rows of the next part are not compared with rows of this one.
            run.like_head = None;
        }
        run.close();
    }
}

/// One chunk being parsed.
struct Run<'a> {
    layout: &'a Layout,
    batch: &'a mut ClaimBatch,
    open: Option<OpenClaim>,
    /// Rows of the open claim so far.
    rows: u32,
    /// What the first row of the open claim has in the claim's columns, and after them what its recipes make of it.
    head: Vec<Vec<u8>>,
    /// A row of the table at hand that was found to agree with the first.
    like_head: Option<usize>,
    /// Which of them are already found to disagree in the open claim.
    disagreed: u128,
    scratch: Vec<u8>,
    made: Vec<u8>,
    id: Vec<u8>,
}

impl Run<'_> {
    /// A row that is a line.
    fn row(&mut self, table: &Table<'_>, row: usize, place: Place) {
        let at = At { row, line: row };
        if !self.read_id(table, at, place) {
            return;
        }
        if self.open.as_ref().is_none_or(|open| open.id(self.batch) != self.id) {
            self.begin(place);
            self.take_head(table, at, place);
        } else {
            self.compare(table, row, place);
        }
        self.rows += 1;
        self.line(table, at, self.rows, place);
    }

    /// A row that is a claim.
    fn claim(&mut self, table: &Table<'_>, row: usize, place: Place) {
        let mut at = At { row, line: usize::MAX };
        if !self.read_id(table, at, place) {
            return;
        }
        self.begin(place);
        self.take_head(table, at, place);
        for (line, ordinal) in table.lines(row).zip(1..) {
            at.line = line;
            self.line(table, at, ordinal, place);
        }
        self.close();
    }

    /// Reads the row's claim id; a row without one is a claim by itself, and unreadable.
    fn read_id(&mut self, table: &Table<'_>, at: At, place: Place) -> bool {
        let kind = match table.text_at(self.layout.plan.id_column, at, &mut self.scratch) {
            Text::Is(id) if id.len() <= MAX_VALUE => {
                self.id.clear();
                self.id.extend_from_slice(id);
                return true;
            }
            Text::Is(_) => ProblemKind::TooLong { limit: MAX_VALUE as u32 },
            Text::Absent => ProblemKind::NoClaimId,
            Text::NotUtf8(at) => ProblemKind::NotUtf8 { at: at as u32 },
        };
        self.id.clear();
        self.begin(place);
        if let Some(open) = self.open.as_mut() {
            open.problem(self.batch, kind, Some(Field::ClaimId), place);
        }
        self.close();
        false
    }

    /// Reads the claim's own fields from its first row.
    fn take_head(&mut self, table: &Table<'_>, at: At, place: Place) {
        let Some(open) = self.open.as_mut() else { return };
        let plan = &self.layout.plan;
        let (columns, recipes) = self.head.split_at_mut(plan.claim_columns.len());
        for (&(source, field), head) in plan.claim_columns.iter().zip(columns) {
            head.clear();
            match table.text_at(source, at, &mut self.scratch) {
                Text::Absent => {}
                Text::Is(text) if text.len() <= MAX_VALUE => {
                    head.extend_from_slice(text);
                    open.set(self.batch, field, text, place);
                }
                bad => open.problem(self.batch, unreadable(&bad), Some(field), place),
            }
            match table.beyond(source, at, &mut self.scratch) {
                Text::Absent => {}
                Text::Is(text) => open.too_many_diagnoses(self.batch, text, place),
                bad => open.problem(self.batch, unreadable(&bad), Some(field), place),
            }
        }
        for (recipe, head) in plan.claim_recipes.iter().zip(recipes) {
            head.clear();
            make(recipe, table, at, &mut self.scratch, head);
            if !head.is_empty() {
                open.set(self.batch, recipe.field, head, place);
            }
        }
        if table.is_marked(at.row) {
            open.problem(self.batch, ProblemKind::NotAClaim { found: values::MARKED.into() }, None, place);
        }
        self.like_head = Some(at.row);
    }

    /// Compares a further row's claim fields with the first row's.
    fn compare(&mut self, table: &Table<'_>, row: usize, place: Place) {
        let Some(open) = self.open.as_mut() else { return };
        let (plan, at) = (&self.layout.plan, At { row, line: row });
        let like = self.like_head;
        let mut agrees = true;
        for (number, &(source, field)) in plan.claim_columns.iter().enumerate() {
            if like.is_some_and(|like| table.surely_same(source, like, row)) {
                continue;
            }
            let head = self.head.get(number).map_or(&[][..], Vec::as_slice);
            let kind = match table.text_at(source, at, &mut self.scratch) {
                Text::Is(text) if text.len() <= MAX_VALUE => {
                    if text == head || values::same_value(field, head, text) {
                        continue;
                    }
                    ProblemKind::Disagrees
                }
                Text::Absent => {
                    agrees &= head.is_empty();
                    continue;
                }
                bad => unreadable(&bad),
            };
            agrees = false;
            if self.disagreed >> number & 1 == 0 {
                self.disagreed |= 1 << number;
                open.problem(self.batch, kind, Some(field), place);
            }
        }
        for (number, recipe) in (plan.claim_columns.len()..).zip(&plan.claim_recipes) {
            self.made.clear();
            make(recipe, table, at, &mut self.scratch, &mut self.made);
            let head = self.head.get(number).map_or(&[][..], Vec::as_slice);
            let known = self.made.is_empty() || self.disagreed >> number & 1 == 1;
            if !known && !values::same_value(recipe.field, head, &self.made) {
                self.disagreed |= 1 << number;
                open.problem(self.batch, ProblemKind::Disagrees, Some(recipe.field), place);
            }
        }
        if agrees {
            self.like_head = Some(row);
        }
    }

    fn line(&mut self, table: &Table<'_>, at: At, ordinal: u32, place: Place) {
        let Some(open) = self.open.as_mut() else { return };
        let plan = &self.layout.plan;
        let mut line = open.line(self.batch, ordinal, place);
        for &(source, field) in &plan.line_columns {
            match table.text_at(source, at, &mut self.scratch) {
                Text::Absent => {}
                Text::Is(text) if text.len() <= MAX_VALUE => line.set(self.batch, field, text),
                bad => problem(open, &line, self.batch, unreadable(&bad), field),
            }
            match table.beyond(source, at, &mut self.scratch) {
                Text::Absent => {}
                Text::Is(text) => line.too_many_modifiers(self.batch, text),
                bad => problem(open, &line, self.batch, unreadable(&bad), field),
            }
        }
        for recipe in &plan.line_recipes {
            self.made.clear();
            make(recipe, table, at, &mut self.scratch, &mut self.made);
            if !self.made.is_empty() {
                line.set(self.batch, recipe.field, &self.made);
            }
        }
        if let Some(source) = plan.line_diagnosis {
            match table.text_at(source, at, &mut self.scratch) {
                Text::Absent => {}
                Text::Is(text) if text.len() <= MAX_VALUE => open.set_line_diagnosis(self.batch, &mut line, text),
                bad => problem(open, &line, self.batch, unreadable(&bad), Field::DxPointers),
            }
        }
        open.push(self.batch, line);
    }

    fn begin(&mut self, place: Place) {
        self.close();
        self.open = Some(OpenClaim::open(self.batch, &self.id, place));
        (self.rows, self.disagreed, self.like_head) = (0, 0, None);
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            open.close(self.batch);
        }
    }
}

/// Why a value cannot be read; a text that can be is too long.
fn unreadable(text: &Text<'_>) -> ProblemKind {
    match text {
        Text::NotUtf8(at) => ProblemKind::NotUtf8 { at: *at as u32 },
        _ => ProblemKind::TooLong { limit: MAX_VALUE as u32 },
    }
}

/// Records a problem that makes the claim unreadable, at its line.
fn problem(open: &mut OpenClaim, line: &OpenLine, batch: &mut ClaimBatch, kind: ProblemKind, field: Field) {
    open.mark_unreadable();
    line.problem(batch, kind, Some(field));
}

/// Appends what a recipe makes of a row.
fn make(recipe: &Recipe, table: &Table<'_>, at: At, scratch: &mut Vec<u8>, out: &mut Vec<u8>) {
    recipe.write(out, |source, out| {
        if let Text::Is(text) = table.text_at(source, at, scratch) {
            out.extend_from_slice(text);
        }
    });
}
