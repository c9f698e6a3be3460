//! Findings as the rows of a Parquet file.
//!
//! Workers write each finding as a row of cells, one after another: a length and so many bytes, or no length where the
//! cell is null. Whoever joins what they wrote, in input order, puts the cells into columns.

use super::template::Texts;
use super::values::put_object;
use super::{Context, Layout, Severities};
use crate::EditEntry;
use crate::escape::{Escape, Json, display};
use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field as Column, Schema, SchemaRef};
use edits::{Finding, Severity};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::io::{self, Write};
use std::sync::{Arc, LazyLock};

/// The columns, in the order of the cells; of texts and of numbers.
const COLUMNS: [(&str, bool); 18] = [
    ("claim_id", false),
    ("line_number", true),
    ("edit", false),
    ("name", false),
    ("outcome", false),
    ("severity", false),
    ("field", false),
    ("values", false),
    ("message", false),
    ("fix", false),
    ("source", false),
    ("carc", false),
    ("rarc", false),
    ("policy", false),
    ("release", false),
    ("file", false),
    ("offset", true),
    ("row", true),
];
/// Findings that are put into columns together, and those that are encoded together.
const BATCH: usize = 8 * 1024;
const ROW_GROUP: usize = 16 * BATCH;
/// Stands for the length of a null.
const NULL: u32 = u32::MAX;

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let column = |(name, number)| Column::new(name, if number { DataType::Int64 } else { DataType::Utf8 }, true);
    Arc::new(Schema::new(COLUMNS.map(column).to_vec()))
});

/// Text as it stands: it has a length, so nothing in it can end it.
enum Raw {}

impl Escape for Raw {
    fn put(text: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(text.as_bytes());
    }
}

pub(super) fn layout(edit: &EditEntry) -> Layout {
    let (info, severity) = (edit.info(), edit.severity());
    let (mut name, mut source) = (Vec::new(), Vec::new());
    for text in [&info.id, &info.name] {
        text_cell(text, &mut name);
    }
    let written = |severity: Severity| {
        let mut level = Vec::new();
        text_cell(severity.name(), &mut level);
        level
    };
    let severities = Severities::of(info, severity, written);
    for text in [&info.source, &info.carc, &info.rarc, edit.policy().unwrap_or_default()] {
        text_cell(text, &mut source);
    }
    let (messages, not_evaluated) = Texts::of::<Raw>(info);
    Layout { name, severities, source, messages, not_evaluated }
}

pub(super) fn write(layout: &Layout, finding: &Finding, cx: &Context<'_>, out: &mut Vec<u8>) {
    text_cell(cx.claim_id(finding).unwrap_or_default(), out);
    match cx.line_number(finding) {
        Some(number) => number_cell(number.into(), out),
        None => out.extend_from_slice(&NULL.to_le_bytes()),
    }
    out.extend_from_slice(&layout.name);
    text_cell(finding.status(), out);
    out.extend_from_slice(layout.severity(finding));
    cell(out, |out| finding.field.iter().for_each(|field| display::<Raw>(field, out)));
    cell(out, |out| put_object::<Json>(&finding.values, out));
    let texts = layout.texts(finding);
    cell(out, |out| texts.message.fill::<Raw>(finding, out));
    cell(out, |out| texts.fix.fill::<Raw>(finding, out));
    out.extend_from_slice(&layout.source);
    text_cell(cx.release(finding), out);
    text_cell(cx.file, out);
    number_cell(finding.place.offset, out);
    number_cell(finding.place.row, out);
}

/// Appends a cell; an empty one is null.
fn cell(out: &mut Vec<u8>, put: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend_from_slice(&NULL.to_le_bytes());
    let start = out.len();
    put(out);
    if let Ok(length) = u32::try_from(out.len() - start)
        && length > 0
        && length < NULL
        && let Some(place) = out.get_mut(at..start)
    {
        place.copy_from_slice(&length.to_le_bytes());
    } else {
        out.truncate(start);
    }
}

fn text_cell(text: &str, out: &mut Vec<u8>) {
    cell(out, |out| out.extend_from_slice(text.as_bytes()));
}

fn number_cell(number: u64, out: &mut Vec<u8>) {
    cell(out, |out| out.extend_from_slice(&i64::try_from(number).unwrap_or(i64::MAX).to_le_bytes()));
}

/// A column being filled.
enum Filled {
    Texts(StringBuilder),
    Numbers(Int64Builder),
}

/// Gathers findings into columns and writes them.
pub(super) struct Table {
    columns: Vec<Filled>,
    rows: usize,
    /// It keeps count of what it wrote, so what it wrote can be taken away.
    writer: ArrowWriter<Vec<u8>>,
}

impl Table {
    pub(super) fn new() -> io::Result<Table> {
        let properties = WriterProperties::builder()
            .set_created_by("cleanclaim".to_owned())
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(&SCHEMA), options);
        let column = |(_, number)| match number {
            true => Filled::Numbers(Int64Builder::new()),
            false => Filled::Texts(StringBuilder::new()),
        };
        Ok(Table { columns: COLUMNS.map(column).into(), rows: 0, writer: writer.map_err(io::Error::other)? })
    }

    /// Takes the findings that a worker wrote.
    pub(super) fn add(&mut self, mut written: &[u8], out: &mut dyn Write) -> io::Result<()> {
        while !written.is_empty() {
            for column in &mut self.columns {
                let (value, rest) = next(written).ok_or_else(|| io::Error::other("a finding is not whole"))?;
                written = rest;
                match column {
                    Filled::Texts(texts) => {
                        texts.append_option(value.map(|text| str::from_utf8(text).unwrap_or_default()))
                    }
                    Filled::Numbers(numbers) => {
                        let number = value.and_then(|bytes| bytes.first_chunk::<8>());
                        numbers.append_option(number.map(|bytes| i64::from_le_bytes(*bytes)));
                    }
                }
            }
            self.rows += 1;
            if self.rows == BATCH {
                self.encode()?;
            }
        }
        out.write_all(self.writer.inner())?;
        self.writer.inner_mut().clear();
        Ok(())
    }

    /// Writes the rest, and what ends the file.
    pub(super) fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.encode()?;
        self.writer.finish().map_err(io::Error::other)?;
        out.write_all(self.writer.inner())
    }

    fn encode(&mut self) -> io::Result<()> {
        let array = |column: &mut Filled| -> ArrayRef {
            match column {
                Filled::Texts(texts) => Arc::new(texts.finish()),
                Filled::Numbers(numbers) => Arc::new(numbers.finish()),
            }
        };
        let columns = self.columns.iter_mut().map(array).collect();
        self.rows = 0;
        let batch = RecordBatch::try_new(Arc::clone(&SCHEMA), columns).map_err(io::Error::other)?;
        self.writer.write(&batch).map_err(io::Error::other)
    }
}

/// The next cell, and what follows it.
fn next(written: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let (length, rest) = written.split_first_chunk::<4>()?;
    match u32::from_le_bytes(*length) {
        NULL => Some((None, rest)),
        length => rest.split_at_checked(length as usize).map(|(value, rest)| (Some(value), rest)),
    }
}
