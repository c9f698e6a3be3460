//! Where a columnar file has the fields of a claim.

use super::cell::{Cell, Ranges, Text, fault, lists};
use super::write::UNREADABLE;
use crate::map::{Name, Plan, Target};
use crate::values::of_claim;
use crate::{ColumnMap, Field};
use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_schema::{DataType, Schema};
use std::ops::Range;

/// The column of nested service lines.
const LINES: &str = "lines";

/// How a file's columns are read.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) plan: Plan,
    sources: Vec<Source>,
    /// The column that holds nested lines, when a row is a claim.
    lines: Option<usize>,
    /// The column that says whether a claim could not be read whole when the file was written.
    unreadable: Option<usize>,
}

/// Where a field stands. What the plan calls a column is a source.
#[derive(Clone, Copy, Debug)]
struct Source {
    /// The file's column, or with `child` the column of nested lines.
    column: usize,
    child: Option<usize>,
    /// Of a list, the element.
    element: Option<usize>,
    field: Option<Field>,
}

impl Layout {
    /// The layout of a file with this schema, or all that is wrong with it.
    pub(super) fn new(schema: &Schema, map: &ColumnMap) -> Result<Layout, Vec<String>> {
        let (mut names, mut sources, mut faults, mut ignored) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let lines = schema.fields().iter().position(|column| column.name().trim().eq_ignore_ascii_case(LINES));
        let lines = lines.filter(|&place| struct_in(schema.field(place).data_type()).is_some());
        let is_mark = |column: &arrow_schema::Field| {
            column.name() == UNREADABLE && *column.data_type() == DataType::Boolean && map.target(UNREADABLE).is_none()
        };
        let unreadable = schema.fields().iter().position(|column| is_mark(column));
        let mut add = |name: &str, data_type: &DataType, column: usize, child: Option<usize>| {
            let is_list =
                matches!(data_type, DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(_, _));
            let target = map.target(name).or_else(|| is_list.then(|| list_target(name)).flatten());
            let shown = if child.is_some() { format!("{LINES}.{name}") } else { name.to_owned() };
            if child.is_some()
                && let Some(Target::Field(field)) = target
                && of_claim(field)
            {
                ignored.push(format!("column \"{shown}\" is ignored: {field} belongs to the claim, not to its lines"));
                return;
            }
            let field = match target {
                Some(Target::Field(field)) => Some(field),
                Some(Target::LineDiagnosis) | None => None,
            };
            if target.is_some() || map.knows(name) {
                faults.extend(fault(data_type, field).map(|fault| format!("column \"{shown}\" {fault}")));
            }
            // A list of diagnoses or modifiers is as many columns as there may be.
            let numbered: Vec<Field> = match field.filter(|_| is_list) {
                Some(Field::Diagnosis(first)) => (first..=Field::DIAGNOSES).map(Field::Diagnosis).collect(),
                Some(Field::Modifier(first)) => (first..=Field::MODIFIERS).map(Field::Modifier).collect(),
                _ => {
                    names.push(Name { name: name.to_owned(), shown, target });
                    sources.push(Source { column, child, element: None, field });
                    return;
                }
            };
            for (element, field) in numbered.into_iter().enumerate() {
                let (name, shown) = (format!("{name}[{element}]"), format!("{shown}[{element}]"));
                names.push(Name { name, shown, target: Some(Target::Field(field)) });
                sources.push(Source { column, child, element: Some(element), field: Some(field) });
            }
        };
        for (column, field) in schema.fields().iter().enumerate() {
            match struct_in(field.data_type()).filter(|_| lines == Some(column)) {
                Some(children) => {
                    for (child, field) in children.iter().enumerate() {
                        add(field.name(), field.data_type(), column, Some(child));
                    }
                }
                None if unreadable == Some(column) => {}
                None => add(field.name(), field.data_type(), column, None),
            }
        }
        if !names.iter().any(|name| name.target.is_some() || map.knows(&name.name)) {
            faults.push("no column has a name that is known".to_owned());
        }
        let mut plan = Plan::new(&names, map, faults)?;
        plan.notices.extend(ignored);
        Ok(Layout { plan, sources, lines, unreadable })
    }

    /// The file's columns that are read.
    pub(super) fn columns(&self) -> Vec<usize> {
        let mut read = vec![false; self.sources.len()];
        let plan = &self.plan;
        let plain = plan.claim_columns.iter().chain(&plan.line_columns).map(|(source, _)| *source);
        let made = plan.claim_recipes.iter().chain(&plan.line_recipes).flat_map(|recipe| recipe.columns());
        for source in plain.chain(made).chain(plan.line_diagnosis).chain([plan.id_column]) {
            read[source] = true;
        }
        let read = self.sources.iter().zip(read).filter(|(_, read)| *read).map(|(source, _)| source.column);
        let mut columns: Vec<usize> = read.chain(self.lines).chain(self.unreadable).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// The layout of batches that have only these of the file's columns.
    pub(super) fn projected(mut self, columns: &[usize]) -> Layout {
        let place = |column: usize| columns.iter().position(|&kept| kept == column);
        for source in &mut self.sources {
            // One that is not read is not asked for: `usize::MAX` is no column.
            source.column = place(source.column).unwrap_or(usize::MAX);
        }
        self.lines = self.lines.and_then(place);
        self.unreadable = self.unreadable.and_then(place);
        self
    }

    /// Whether a row is a claim.
    pub(super) fn is_nested(&self) -> bool {
        self.lines.is_some()
    }

    /// The claim ids of a batch.
    pub(super) fn ids<'b>(&self, batch: &'b RecordBatch) -> Cell<'b> {
        let column = self.sources.get(self.plan.id_column).and_then(|source| batch.columns().get(source.column));
        column.map_or(Cell::Empty, |column| Cell::new(column.as_ref(), Some(Field::ClaimId), None))
    }

    /// All columns of a batch.
    pub(super) fn table<'b>(&self, batch: &'b RecordBatch) -> Table<'b> {
        let lines = self.lines.and_then(|column| Lines::of(batch.columns().get(column)?.as_ref()));
        let sources = self.sources.iter().map(|source| {
            let array = match (source.child, &lines) {
                (None, _) => batch.columns().get(source.column).map(AsRef::as_ref),
                (Some(child), Some(lines)) => lines.children.get(child).copied(),
                (Some(_), None) => None,
            };
            let cell = array.map_or(Cell::Empty, |array| Cell::new(array, source.field, source.element));
            // The last element that there is a place for knows whether there are more.
            let last =
                matches!(source.field, Some(Field::Diagnosis(Field::DIAGNOSES) | Field::Modifier(Field::MODIFIERS)));
            let most = source.element.filter(|_| last).map(|element| element + 1);
            (cell, source.child.is_some(), most)
        });
        let unreadable = self.unreadable.and_then(|column| batch.columns().get(column)?.as_boolean_opt());
        Table { sources: sources.collect(), lines, unreadable }
    }
}

/// The field that a list of this name begins with.
fn list_target(name: &str) -> Option<Target> {
    match crate::map::normal(name).as_str() {
        "diagnoses" => Some(Target::Field(Field::Diagnosis(1))),
        "modifiers" => Some(Target::Field(Field::Modifier(1))),
        _ => None,
    }
}

/// The fields of the structs that a list holds.
fn struct_in(list: &DataType) -> Option<&arrow_schema::Fields> {
    match list {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => match item.data_type() {
            DataType::Struct(fields) => Some(fields),
            _ => None,
        },
        _ => None,
    }
}

/// The columns of a batch.
pub(super) struct Table<'b> {
    /// Each with whether it is a line's, and how many elements its list may have.
    sources: Vec<(Cell<'b>, bool, Option<usize>)>,
    lines: Option<Lines<'b>>,
    unreadable: Option<&'b BooleanArray>,
}

/// Nested lines.
struct Lines<'b> {
    list: &'b dyn Array,
    range: Ranges<'b>,
    structs: &'b dyn Array,
    children: Vec<&'b dyn Array>,
}

/// Where a line stands: its claim's row, and the place of its struct among the nested ones.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) row: usize,
    pub(super) line: usize,
}

impl<'b> Lines<'b> {
    fn of(list: &'b dyn Array) -> Option<Lines<'b>> {
        let (range, structs) = lists(list)?;
        let children = structs.as_struct_opt()?.columns().iter().map(AsRef::as_ref).collect();
        Some(Lines { list, range, structs, children })
    }
}

impl Table<'_> {
    /// What stands in a source; `line` counts where the source is a nested line's.
    pub(super) fn text_at<'s>(&'s self, source: usize, at: At, scratch: &'s mut Vec<u8>) -> Text<'s> {
        let Some((cell, of_line, _)) = self.sources.get(source) else { return Text::Absent };
        match &self.lines {
            Some(lines) if *of_line => {
                if lines.structs.is_null(at.line) {
                    Text::Absent
                } else {
                    cell.text_at(at.line, scratch)
                }
            }
            _ => cell.text_at(at.row, scratch),
        }
    }

    /// What a list has after the last element that there is a place for, which the source is.
    pub(super) fn beyond<'s>(&'s self, source: usize, at: At, scratch: &'s mut Vec<u8>) -> Text<'s> {
        match self.sources.get(source) {
            Some((cell, of_line, Some(most))) => {
                cell.element_after(if *of_line { at.line } else { at.row }, *most, scratch)
            }
            _ => Text::Absent,
        }
    }

    /// Whether two rows certainly have the same in a claim's source.
    pub(super) fn surely_same(&self, source: usize, a: usize, b: usize) -> bool {
        self.sources.get(source).is_some_and(|(cell, ..)| cell.surely_same(a, b))
    }

    /// Whether a claim is marked as one that could not be read whole.
    pub(super) fn is_marked(&self, row: usize) -> bool {
        self.unreadable.is_some_and(|marks| row < marks.len() && marks.is_valid(row) && marks.value(row))
    }

    /// The nested lines of a claim.
    pub(super) fn lines(&self, row: usize) -> Range<usize> {
        match &self.lines {
            Some(lines) if !lines.list.is_null(row) => (lines.range)(row),
            _ => 0..0,
        }
    }
}
