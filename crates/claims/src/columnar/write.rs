//! Writes claims as Parquet, one row a claim with nested lines.

use crate::values::of_claim;
use crate::{ClaimView, Field};
use arrow_array::builder::{BooleanBuilder, StringBuilder};
use arrow_array::{ArrayRef, ListArray, RecordBatch, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, DataType, Field as Column, FieldRef, Fields, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, LazyLock};

/// Claims gathered before they are encoded, and encoded before they are written.
const BATCH: usize = 4096;
const ROW_GROUP: usize = 16 * BATCH;
/// What tells that a claim could not be read whole.
pub(super) const UNREADABLE: &str = "unreadable";

/// Writes claims as Parquet: one row a claim, with its service lines in `lines`, its diagnoses and their modifiers as
/// lists, and every other field in the column of its name.
///
/// Every value is text, as [`ClaimView::push_field`] gives it: what a claim has that is no date or amount must not be
/// lost, since it is what is to be looked at. What is not given is null. A claim that could not be read whole has a
/// true `unreadable`. The same claims give the same bytes.
///
/// ```
/// use cleanclaim_claims::{Claim, ClaimBatch, Columns, ParquetWriter};
/// let mut batch = ClaimBatch::new(Columns::ALL);
/// batch.push(&Claim { claim_id: "C1".into(), ..Claim::default() });
/// let mut writer = ParquetWriter::new(Vec::new())?;
/// for claim in batch.iter() {
///     writer.write(&claim)?;
/// }
/// assert!(writer.finish()?.starts_with(b"PAR1"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct ParquetWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
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

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn new(out: W) -> io::Result<ParquetWriter<W>> {
        let properties = WriterProperties::builder()
            .set_created_by("cleanclaim".to_owned())
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        // The types are Parquet's own: Arrow's schema beside them would say nothing more.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(out, Arc::clone(&SCHEMA), options).map_err(failed)?;
        Ok(ParquetWriter {
            writer,
            claims: Texts::new(OF_CLAIM.len()),
            unreadable: BooleanBuilder::new(),
            diagnoses: Lists::default(),
            lines: Vec::new(),
            line_texts: Texts::new(OF_LINE.len()),
            modifiers: Lists::default(),
            text: String::new(),
        })
    }

    /// Writes a claim.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write(&mut self, claim: &ClaimView<'_>) -> io::Result<()> {
        let text = &mut self.text;
        for (&field, column) in OF_CLAIM.iter().zip(&mut self.claims.0) {
            text.clear();
            claim.push_field(field, text);
            append(column, text);
        }
        self.unreadable.append_value(claim.row.unreadable);
        let count = claim.diagnoses().len();
        self.diagnoses.lengths.push(count.min(Field::DIAGNOSES.into()));
        for number in (1..=Field::DIAGNOSES).take(count) {
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
            let modifiers = (1..=Field::MODIFIERS).rev().find(|&number| {
                text.clear();
                claim.push_line_field(line, Field::Modifier(number), text);
                !text.is_empty()
            });
            let count = modifiers.unwrap_or_default();
            self.modifiers.lengths.push(count.into());
            for number in 1..=count {
                text.clear();
                claim.push_line_field(line, Field::Modifier(number), text);
                append(&mut self.modifiers.items, text);
            }
        }
        if self.lines.len() < BATCH { Ok(()) } else { self.encode() }
    }

    /// Ends the file and gives back what it was written to.
    ///
    /// # Errors
    /// When it cannot be written to; the file is then no file.
    pub fn finish(mut self) -> io::Result<W> {
        self.encode()?;
        self.writer.into_inner().map_err(failed)
    }

    fn encode(&mut self) -> io::Result<()> {
        let batch = self.batch().map_err(io::Error::other)?;
        self.writer.write(&batch).map_err(failed)
    }

    fn batch(&mut self) -> Result<RecordBatch, ArrowError> {
        let mut line_columns_of = self.line_texts.finish();
        line_columns_of.push(self.modifiers.finish()?);
        let count = self.lines.iter().sum();
        let structs = StructArray::try_new_with_length(line_columns(), line_columns_of, None, count)?;
        let offsets = OffsetBuffer::from_lengths(self.lines.drain(..));
        let mut columns = self.claims.finish();
        columns.insert(1, Arc::new(self.unreadable.finish()));
        columns.push(self.diagnoses.finish()?);
        columns.push(Arc::new(ListArray::try_new(line_item(), offsets, Arc::new(structs), None)?));
        RecordBatch::try_new(Arc::clone(&SCHEMA), columns)
    }
}

/// What the encoder says; of a failed write, the failure itself, so that a broken pipe is seen to be one.
fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

impl<W: Write + Send> fmt::Debug for ParquetWriter<W> {
    // Counts only: what is gathered is patient data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParquetWriter({} claims gathered)", self.lines.len())
    }
}
