//! The image file: a header of 64 bytes, sections aligned to 64, and a directory at the end.
//!
//! | bytes | header |
//! |---|---|
//! | 0–7 | label `CLNCLAIM` |
//! | 8–11 | format version |
//! | 12–15 | byte-order mark `0x01020304` |
//! | 16–23 | length of the file |
//! | 24–39 | offset and length of the directory |
//! | 40–47 | xxh3 of the directory |
//! | 48–55 | zero |
//! | 56–63 | xxh3 of bytes 0–55 |
//!
//! Every byte is covered: the header and directory by their checksums, each section by its own, and the padding
//! between them must be zero. All numbers are little-endian.

use crate::BuildError;
use crate::attributes::{AttributeId, AttributesBuilder};
use crate::bytes::{ALIGNMENT, Bytes, View};
use crate::coverage::{Coverage, CoverageBuilder};
use crate::error::OpenError;
use crate::notes::{Notes, NotesBuilder};
use crate::relation::RelationBuilder;
use crate::system::{SystemBuilder, SystemId};
use crate::taxonomy::{self, TaxonomyRow};
use bytemuck::Pod;
use codes::{Code, Date, DateRange};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

const LABEL: &[u8; 8] = b"CLNCLAIM";
/// The version of the format that this program writes and reads.
pub(crate) const VERSION: u32 = 4;
const BYTE_ORDER: u32 = 0x0102_0304;
const HEADER: usize = 64;
/// The most that a directory may take: a bound for the decoder, far above any real one.
const DIRECTORY_LIMIT: usize = 64 << 20;

/// One dated publication of a table, as the image's rows refer to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Release {
    /// Short id of the table: `icd10cm-codes`.
    pub table: String,
    /// The system, relation or table of attributes that its rows are in.
    pub part: String,
    /// Label of the release: `MCE v43.1`.
    pub label: String,
    /// Who publishes it.
    pub publisher: String,
    /// The source file that was read, by its name within its folder.
    pub file: String,
    /// How the file was obtained.
    pub obtained: String,
    /// How many rows were read from it.
    pub rows: u64,
    /// xxh3 of the source file's bytes, unpacked: the same content, by whatever name, is the same file.
    pub digest: u64,
    /// First day for which the table answers, as days since 1970-01-01.
    covers_from: i32,
    /// Last day for which the table answers, `None` while it is current without an end.
    covers_to: Option<i32>,
}

impl Release {
    /// A release of a table whose rows go to the system, relation or table of attributes `part`, answering for these days.
    pub fn new(table: &str, part: &str, from: Date, to: Option<Date>) -> Release {
        Release {
            table: table.to_owned(),
            part: part.to_owned(),
            label: String::new(),
            publisher: String::new(),
            file: String::new(),
            obtained: String::new(),
            rows: 0,
            digest: 0,
            covers_from: from.days(),
            covers_to: to.map(Date::days),
        }
    }

    /// Says for which days the table answers.
    pub fn set_covers(&mut self, days: DateRange) {
        (self.covers_from, self.covers_to) = (days.from.days(), days.to.map(Date::days));
    }

    /// The days for which the table answers.
    pub fn covers(&self) -> DateRange {
        DateRange { from: Date::from_days(self.covers_from), to: self.covers_to.map(Date::from_days) }
    }
}

/// A section of the file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Section {
    /// Its name: `icd10cm.fst`.
    pub name: String,
    /// Where it begins.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    checksum: u64,
}

/// What the image's end says of the rest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Directory {
    pub(crate) id: String,
    pub(crate) releases: Vec<Release>,
    pub(crate) sections: Vec<Section>,
}

impl Directory {
    pub(crate) fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    pub(crate) fn view<T: Pod>(&self, bytes: &Arc<Bytes>, name: &str) -> Result<View<T>, OpenError> {
        let inconsistent = |detail: &str| OpenError::Inconsistent { part: name.to_owned(), detail: detail.to_owned() };
        let section = self.section(name).ok_or_else(|| inconsistent("the section is missing"))?;
        let (offset, length) = (section.offset as usize, section.length as usize);
        View::new(bytes, offset..offset.saturating_add(length))
            .ok_or_else(|| inconsistent("the section is cut, misaligned, or no whole number of entries"))
    }

    /// The days that the releases of a system, relation or table of attributes answer for, merged, in order.
    pub(crate) fn coverage(&self, part: &str) -> Vec<DateRange> {
        self.coverage_of_any(&[part])
    }

    /// The days that the releases of any of these parts answer for, merged, in order.
    pub(crate) fn coverage_of_any(&self, parts: &[&str]) -> Vec<DateRange> {
        let of_parts = self.releases.iter().filter(|release| parts.contains(&release.part.as_str()));
        let mut ranges: Vec<DateRange> = of_parts.map(Release::covers).collect();
        ranges.sort_by_key(|range| range.from);
        let mut merged: Vec<DateRange> = Vec::new();
        for range in ranges {
            match merged.last_mut() {
                Some(last) if last.to.is_none_or(|end| range.from <= end.next()) => {
                    last.to = match (last.to, range.to) {
                        (Some(a), Some(b)) => Some(a.max(b)),
                        _ => None,
                    };
                }
                _ => merged.push(range),
            }
        }
        merged
    }
}

/// Collects the sections of an image that is being written.
pub(crate) struct SectionWriter {
    bytes: Vec<u8>,
    sections: Vec<Section>,
}

impl SectionWriter {
    pub(crate) fn add<T: Pod>(&mut self, name: String, values: &[T]) {
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGNMENT), 0);
        let content: &[u8] = bytemuck::cast_slice(values);
        self.sections.push(Section {
            name,
            offset: self.bytes.len() as u64,
            length: content.len() as u64,
            checksum: xxh3_64(content),
        });
        self.bytes.extend_from_slice(content);
    }
}

/// Builds an image. The same releases in the same order, with the same systems and relations in any order, give
/// the same bytes.
#[derive(Default)]
pub struct ImageBuilder {
    releases: Vec<Release>,
    systems: BTreeMap<SystemId, SystemBuilder>,
    relations: BTreeMap<crate::RelationId, RelationBuilder>,
    attributes: BTreeMap<AttributeId, AttributesBuilder>,
    notes: Option<NotesBuilder>,
    taxonomies: Option<Vec<TaxonomyRow>>,
    articles: Option<CoverageBuilder>,
}

impl ImageBuilder {
    /// An image with nothing in it.
    pub fn new() -> ImageBuilder {
        ImageBuilder::default()
    }

    /// Adds a release and gives the number by which rows refer to it.
    pub fn release(&mut self, release: Release) -> u16 {
        self.releases.push(release);
        (self.releases.len() - 1) as u16
    }

    /// Adds a system.
    ///
    /// # Errors
    /// [`BuildError::Twice`] when it is there already.
    pub fn system(&mut self, system: SystemBuilder) -> Result<(), BuildError> {
        let id = system.id();
        match self.systems.insert(id, system) {
            None => Ok(()),
            Some(_) => Err(BuildError::Twice { name: id.name() }),
        }
    }

    /// Adds a relation.
    ///
    /// # Errors
    /// [`BuildError::Twice`] when it is there already.
    pub fn relation(&mut self, relation: RelationBuilder) -> Result<(), BuildError> {
        let id = relation.id();
        match self.relations.insert(id, relation) {
            None => Ok(()),
            Some(_) => Err(BuildError::Twice { name: id.name() }),
        }
    }

    /// Adds a table of attributes. Its codes get the bit of [`crate::flags::could`] that says so.
    ///
    /// # Errors
    /// [`BuildError::Twice`] when it is there already.
    pub fn attributes(&mut self, attributes: AttributesBuilder) -> Result<(), BuildError> {
        let id = attributes.id();
        match self.attributes.insert(id, attributes) {
            None => Ok(()),
            Some(_) => Err(BuildError::Twice { name: id.name() }),
        }
    }

    /// Adds the notes of the tabular list.
    ///
    /// # Errors
    /// [`BuildError::Twice`] when they are there already.
    pub fn notes(&mut self, notes: NotesBuilder) -> Result<(), BuildError> {
        match self.notes.replace(notes) {
            None => Ok(()),
            Some(_) => Err(BuildError::Twice { name: Notes::NAME }),
        }
    }

    /// Sets the provider taxonomy, in any order. Of a code that two rows have on one day, either may answer.
    pub fn taxonomies(&mut self, rows: Vec<TaxonomyRow>) {
        self.taxonomies = Some(rows);
    }

    /// Adds the coverage articles.
    ///
    /// # Errors
    /// [`BuildError::Twice`] when they are there already.
    pub fn articles(&mut self, articles: CoverageBuilder) -> Result<(), BuildError> {
        match self.articles.replace(articles) {
            None => Ok(()),
            Some(_) => Err(BuildError::Twice { name: Coverage::NAME }),
        }
    }

    /// The finished image.
    ///
    /// # Errors
    /// When rows of a code overlap, a relation or a table of attributes names a code that its system lacks, or a
    /// count is beyond the format.
    pub fn finish(mut self) -> Result<Vec<u8>, BuildError> {
        if self.releases.len() > usize::from(u16::MAX) {
            let limit = usize::from(u16::MAX);
            return Err(BuildError::TooMany { what: "releases".to_owned(), count: self.releases.len(), limit });
        }
        if let Some(procedures) = self.systems.get_mut(&SystemId::Procedure) {
            for (code, bit) in self.attributes.values().flat_map(|table| table.codes()) {
                procedures.could(code, bit);
            }
        }
        let mut writer = SectionWriter { bytes: vec![0; HEADER], sections: Vec::new() };
        let mut ordinals: BTreeMap<SystemId, BTreeMap<Code, u32>> = BTreeMap::new();
        for (id, system) in self.systems {
            ordinals.insert(id, system.ordinals());
            system.write(&mut writer)?;
        }
        let none = BTreeMap::new();
        for (id, relation) in self.relations {
            relation.write(ordinals.get(&id.system()).unwrap_or(&none), &mut writer)?;
        }
        for attributes in self.attributes.into_values() {
            attributes.write(ordinals.get(&SystemId::Procedure).unwrap_or(&none), &mut writer)?;
        }
        if let Some(notes) = self.notes {
            let codes: Vec<Code> = ordinals.get(&SystemId::Diagnosis).unwrap_or(&none).keys().copied().collect();
            notes.write(&codes, &mut writer)?;
        }
        if let Some(rows) = self.taxonomies {
            taxonomy::write(rows, &mut writer);
        }
        if let Some(articles) = self.articles {
            let of = |id: SystemId| ordinals.get(&id).unwrap_or(&none);
            articles.write(of(SystemId::Procedure), of(SystemId::Diagnosis), &mut writer)?;
        }
        let SectionWriter { mut bytes, sections } = writer;
        bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
        let config = bincode::config::standard();
        let encode = |directory: &Directory| {
            bincode::serde::encode_to_vec(directory, config)
                .map_err(|error| BuildError::Encode { part: "the directory".to_owned(), detail: error.to_string() })
        };
        // The id names the content: sections and releases, not the program that wrote them.
        let mut directory = Directory { id: String::new(), releases: self.releases, sections };
        let mut content = encode(&directory)?;
        content.extend_from_slice(&xxh3_128(&bytes[HEADER..]).to_le_bytes());
        directory.id = format!("cc{VERSION}-{:016x}", xxh3_64(&content));
        let encoded = encode(&directory)?;

        let offset = bytes.len() as u64;
        bytes.extend_from_slice(&encoded);
        let length = bytes.len() as u64;
        let header = &mut bytes[..HEADER];
        header[..8].copy_from_slice(LABEL);
        header[8..12].copy_from_slice(&VERSION.to_le_bytes());
        header[12..16].copy_from_slice(&BYTE_ORDER.to_le_bytes());
        header[16..24].copy_from_slice(&length.to_le_bytes());
        header[24..32].copy_from_slice(&offset.to_le_bytes());
        header[32..40].copy_from_slice(&(encoded.len() as u64).to_le_bytes());
        header[40..48].copy_from_slice(&xxh3_64(&encoded).to_le_bytes());
        let checksum = xxh3_64(&header[..56]);
        header[56..64].copy_from_slice(&checksum.to_le_bytes());
        Ok(bytes)
    }
}

fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    bytes.get(offset..offset + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_ne_bytes)
}

fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    bytes.get(offset..offset + 8).and_then(|eight| eight.try_into().ok()).map_or(0, u64::from_ne_bytes)
}

/// What a file is that begins with these bytes but is no image.
fn kind_of(beginning: &[u8]) -> &'static str {
    match beginning {
        [] => "an empty file",
        _ if LABEL.starts_with(beginning) => "a part of it",
        [b'P', b'K', 3 | 5, ..] => "a zip archive",
        [0x1f, 0x8b, ..] => "a gzip file",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "a zstd file",
        [b'P', b'A', b'R', b'1', ..] => "a Parquet file",
        [0xef, 0xbb, 0xbf, ..] => "text",
        _ if beginning.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => "text",
        _ => "other bytes",
    }
}

/// Reads and checks the header and the directory; with `verify`, every section and the padding too.
pub(crate) fn read_directory(bytes: &[u8], verify: bool) -> Result<Directory, OpenError> {
    if bytes.get(..8) != Some(LABEL) {
        let expected = String::from_utf8_lossy(LABEL).into_owned();
        return Err(OpenError::Label { expected, found: kind_of(bytes.get(..8).unwrap_or(bytes)) });
    }
    if bytes.len() < HEADER {
        return Err(OpenError::Length { expected: HEADER as u64, found: bytes.len() as u64 });
    }
    let mark = u32_at(bytes, 12);
    if mark != BYTE_ORDER && mark == BYTE_ORDER.swap_bytes() {
        return Err(OpenError::ByteOrder { expected: BYTE_ORDER, found: mark });
    }
    let version = u32_at(bytes, 8);
    if version != VERSION {
        let advice = if version > VERSION {
            "it is newer than this program: update cleanclaim, or rebuild the image with this one"
        } else {
            "it is older than this program: rebuild it with `cleanclaim codesets build`"
        };
        return Err(OpenError::Version { expected: VERSION, found: version, advice });
    }
    let checksum = |part: &str, expected: u64, content: &[u8]| match xxh3_64(content) {
        found if found == expected => Ok(()),
        found => Err(OpenError::Checksum { part: part.to_owned(), expected, found }),
    };
    checksum("the header", u64_at(bytes, 56), &bytes[..56])?;
    if mark != BYTE_ORDER {
        return Err(OpenError::ByteOrder { expected: BYTE_ORDER, found: mark });
    }
    let length = u64_at(bytes, 16);
    if length != bytes.len() as u64 {
        return Err(OpenError::Length { expected: length, found: bytes.len() as u64 });
    }
    let (offset, extent) = (u64_at(bytes, 24) as usize, u64_at(bytes, 32) as usize);
    let inconsistent = |part: &str, detail: String| OpenError::Inconsistent { part: part.to_owned(), detail };
    let encoded = bytes
        .get(offset..offset.saturating_add(extent))
        .filter(|_| offset.saturating_add(extent) == bytes.len())
        .ok_or_else(|| inconsistent("the directory", format!("{extent} bytes at {offset} do not end the file")))?;
    checksum("the directory", u64_at(bytes, 40), encoded)?;
    let config = bincode::config::standard().with_limit::<DIRECTORY_LIMIT>();
    let (directory, _): (Directory, usize) = bincode::serde::decode_from_slice(encoded, config)
        .map_err(|error| inconsistent("the directory", error.to_string()))?;
    if verify {
        let mut end = HEADER;
        for section in &directory.sections {
            let (start, length) = (section.offset as usize, section.length as usize);
            let content = bytes
                .get(start..start.saturating_add(length))
                .ok_or_else(|| inconsistent(&section.name, "it lies outside the file".to_owned()))?;
            check_padding(bytes, end, start)?;
            checksum(&section.name, section.checksum, content)?;
            end = start + length;
        }
        check_padding(bytes, end, offset)?;
    }
    Ok(directory)
}

fn check_padding(bytes: &[u8], from: usize, to: usize) -> Result<(), OpenError> {
    match bytes.get(from..to) {
        Some(padding) if padding.len() < ALIGNMENT && padding.iter().all(|&byte| byte == 0) => Ok(()),
        _ => Err(OpenError::Inconsistent {
            part: "the padding".to_owned(),
            detail: format!("bytes {from} to {to} are no run of fewer than {ALIGNMENT} zeros"),
        }),
    }
}
