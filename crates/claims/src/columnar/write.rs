//! Writes claims as Parquet, one row a claim with nested lines.

use crate::values::of_claim;
use crate::{ClaimBatch, ClaimView, Columns, Field};
use arrow_array::builder::{BooleanBuilder, StringBuilder};
use arrow_array::{ArrayRef, ListArray, RecordBatch, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, DataType, Field as Column, FieldRef, Fields, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::metadata::{FileMetaData, KeyValue};
use parquet::file::properties::WriterProperties;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, LazyLock};

/// Claims that are encoded together.
const ROW_GROUP: usize = 64 * 1024;
/// The metadata that names the fields which the input could give.
const GIVEN: &str = "cleanclaim.fields";
/// What tells that a claim could not be read whole.
pub(super) const UNREADABLE: &str = "unreadable";

/// Claims as the rows of a Parquet file, to be written by a [`ParquetWriter`]. Made in any thread.
#[derive(Clone)]
pub struct ParquetRows {
    rows: RecordBatch,
    columns: Columns,
}

/// Writes claims as Parquet: one row a claim, with its service lines in `lines`, its diagnoses and their modifiers as
/// lists, and every other field in the column of its name.
///
/// Every value is text, as [`ClaimView::push_field`] gives it: what a claim has that is no date or amount must not be
/// lost, since it is what is to be looked at. What is not given is null. A claim that could not be read whole has a
/// true `unreadable`. The file's metadata names the fields that the input could give at all, so that an edit that is not
/// evaluated for want of a column is not evaluated on the file either. The same claims in the same batches give the same bytes.
///
/// ```
/// use cleanclaim_claims::{Claim, ClaimBatch, Columns, ParquetRows, ParquetWriter};
/// let mut batch = ClaimBatch::new(Columns::ALL);
/// batch.push(&Claim { claim_id: "C1".into(), ..Claim::default() });
/// let (mut writer, mut file) = (ParquetWriter::new()?, Vec::new());
/// writer.write(&ParquetRows::of(&batch)?, &mut file)?;
/// writer.finish(&mut file)?;
/// assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct ParquetWriter {
    /// It keeps count of what it wrote, so what it wrote can be taken away.
    writer: ArrowWriter<Vec<u8>>,
    /// The fields that any of the inputs could give.
    columns: Columns,
}

/// Columns being filled.
struct Gathered {
    claims: Texts,
    unreadable: BooleanBuilder,
    diagnoses: Lists,
    lines: Vec<usize>,
    line_texts: Texts,
    modifiers: Lists,
    text: String,
}

/// The fields of a claim, and of a line, that have columns of their own, in the columns' order.
static OF_CLAIM: LazyLock<Vec<Field>> = LazyLock::new(|| own_columns(true));
static OF_LINE: LazyLock<Vec<Field>> = LazyLock::new(|| own_columns(false));
static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let mut columns = texts_of(&OF_CLAIM);
    columns.insert(1, Arc::new(Column::new(UNREADABLE, DataType::Boolean, false)));
    columns.push(Arc::new(Column::new("diagnoses", list(item(DataType::Utf8, true)), false)));
    columns.push(Arc::new(Column::new("lines", list(line_item()), false)));
    Arc::new(Schema::new(columns))
});

fn own_columns(claims: bool) -> Vec<Field> {
    let listed = |field: &Field| matches!(field, Field::Diagnosis(_) | Field::Modifier(_));
    Field::all().filter(|field| !listed(field) && of_claim(*field) == claims).collect()
}

fn texts_of(fields: &[Field]) -> Vec<FieldRef> {
    fields.iter().map(|field| Arc::new(Column::new(field.to_string(), DataType::Utf8, true))).collect()
}

fn line_columns() -> Fields {
    let mut columns = texts_of(&OF_LINE);
    columns.push(Arc::new(Column::new("modifiers", list(item(DataType::Utf8, true)), false)));
    columns.into()
}

fn line_item() -> FieldRef {
    item(DataType::Struct(line_columns()), false)
}

fn item(data_type: DataType, nullable: bool) -> FieldRef {
    Arc::new(Column::new("element", data_type, nullable))
}

fn list(item: FieldRef) -> DataType {
    DataType::List(item)
}

/// Columns of text.
struct Texts(Vec<StringBuilder>);

impl Texts {
    fn new(count: usize) -> Texts {
        Texts((0..count).map(|_| StringBuilder::new()).collect())
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        self.0.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect()
    }
}

/// Lists of text.
#[derive(Default)]
struct Lists {
    lengths: Vec<usize>,
    items: StringBuilder,
}

impl Lists {
    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let offsets = OffsetBuffer::from_lengths(self.lengths.drain(..));
        let items = Arc::new(self.items.finish());
        Ok(Arc::new(ListArray::try_new(item(DataType::Utf8, true), offsets, items, None)?))
    }
}

/// Appends a text; nothing is null.
fn append(column: &mut StringBuilder, text: &str) {
    column.append_option((!text.is_empty()).then_some(text));
}

impl ParquetWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// When the encoder cannot be set up, which does not happen.
    pub fn new() -> io::Result<ParquetWriter> {
        let properties = WriterProperties::builder()
            .set_created_by("cleanclaim".to_owned())
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        // The types are Parquet's own: Arrow's schema beside them would say nothing more.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(&SCHEMA), options);
        Ok(ParquetWriter { writer: writer.map_err(io::Error::other)?, columns: Columns::NONE })
    }

    /// Writes claims after those before.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write(&mut self, rows: &ParquetRows, out: &mut dyn Write) -> io::Result<()> {
        self.writer.write(&rows.rows).map_err(io::Error::other)?;
        self.columns = Field::all().filter(|&field| rows.columns.has(field)).fold(self.columns, Columns::with);
        out.write_all(self.writer.inner())?;
        self.writer.inner_mut().clear();
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When `out` cannot be written to; it is then no file.
    pub fn finish(mut self, out: &mut dyn Write) -> io::Result<()> {
        let given: Vec<_> =
            Field::all().filter(|&field| self.columns.has(field)).map(|field| field.to_string()).collect();
        self.writer.append_key_value_metadata(KeyValue::new(GIVEN.to_owned(), given.join(",")));
        let rest = self.writer.into_inner().map_err(io::Error::other)?;
        out.write_all(&rest)
    }
}

impl ParquetRows {
    /// The claims of a batch.
    ///
    /// # Errors
    /// When the rows cannot be put together, which does not happen.
    pub fn of(batch: &ClaimBatch) -> io::Result<ParquetRows> {
        let mut gathered = Gathered {
            claims: Texts::new(OF_CLAIM.len()),
            unreadable: BooleanBuilder::new(),
            diagnoses: Lists::default(),
            lines: Vec::new(),
            line_texts: Texts::new(OF_LINE.len()),
            modifiers: Lists::default(),
            text: String::new(),
        };
        batch.iter().for_each(|claim| gathered.add(&claim));
        let rows = gathered.finish().map_err(io::Error::other)?;
        Ok(ParquetRows { rows, columns: batch.columns })
    }
}

/// Of these fields, those that the metadata of a file, or of its schema, says could be given, where it says so.
pub(super) fn given(columns: Columns, schema: &Schema, file: Option<&FileMetaData>) -> Columns {
    let of_file = file.and_then(FileMetaData::key_value_metadata);
    let of_file = of_file.and_then(|all| all.iter().find(|one| one.key == GIVEN)?.value.as_deref());
    let Some(said) = of_file.or(schema.metadata().get(GIVEN).map(String::as_str)) else { return columns };
    let names = said.split(',').filter_map(Field::from_name);
    names.filter(|&field| columns.has(field)).fold(Columns::NONE, Columns::with)
}

impl Gathered {
    fn add(&mut self, claim: &ClaimView<'_>) {
        let text = &mut self.text;
        for (&field, column) in OF_CLAIM.iter().zip(&mut self.claims.0) {
            text.clear();
            claim.push_field(field, text);
            append(column, text);
        }
        self.unreadable.append_value(claim.row.unreadable);
        let count = claim.written_diagnoses();
        self.diagnoses.lengths.push(count.into());
        for number in 1..=count {
            text.clear();
            claim.push_field(Field::Diagnosis(number), text);
            append(&mut self.diagnoses.items, text);
        }
        self.lines.push(claim.lines().len());
        for line in 0..claim.lines().len() {
            for (&field, column) in OF_LINE.iter().zip(&mut self.line_texts.0) {
                text.clear();
                claim.push_line_field(line, field, text);
                append(column, text);
            }
            let last = (1..=Field::MODIFIERS + 1).rev().find(|&number| {
                text.clear();
                claim.push_line_field(line, Field::Modifier(number), text);
                !text.is_empty()
            });
            let count = last.unwrap_or_default();
            self.modifiers.lengths.push(count.into());
            for number in 1..=count {
                text.clear();
                claim.push_line_field(line, Field::Modifier(number), text);
                append(&mut self.modifiers.items, text);
            }
        }
    }

    fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let mut of_lines = self.line_texts.finish();
        of_lines.push(self.modifiers.finish()?);
        let count = self.lines.iter().sum();
        let structs = StructArray::try_new_with_length(line_columns(), of_lines, None, count)?;
        let offsets = OffsetBuffer::from_lengths(self.lines);
        let mut columns = self.claims.finish();
        columns.insert(1, Arc::new(self.unreadable.finish()));
        columns.push(self.diagnoses.finish()?);
        columns.push(Arc::new(ListArray::try_new(line_item(), offsets, Arc::new(structs), None)?));
        RecordBatch::try_new(Arc::clone(&SCHEMA), columns)
    }
}

impl fmt::Debug for ParquetRows {
    // Counts only: rows are patient data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParquetRows({} claims)", self.rows.num_rows())
    }
}

impl fmt::Debug for ParquetWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParquetWriter({} claims gathered)", self.writer.in_progress_rows())
    }
}
