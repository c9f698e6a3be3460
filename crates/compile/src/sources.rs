//! The list of source tables, `sources.toml`, and what is made of it.

use crate::could::{could_of_row, could_of_side};
use crate::error::{CompileError, Located};
use crate::headers::headers;
use crate::merge;
use crate::rows::{CodeRow, NoteRow, PairRow, Table, TitleRow};
use crate::summary::{Summary, TableSummary};
use crate::tables::{Part, READERS, Reader};
use crate::tsv::Text;
use codes::{Code, Date};
use codeset::{Codeset, ImageBuilder, NewNote, NotesBuilder, RelationId, Release, SystemBuilder, SystemId};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The name of the list in a folder of tables.
const LIST: &str = "sources.toml";

/// A folder of source tables with its list.
pub struct Sources {
    folder: PathBuf,
    sources: Vec<Source>,
}

/// A finished image and what went into it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Built {
    /// The image, as [`Codeset::from_bytes`] reads it and [`crate::write_atomically`] stores it.
    pub image: Vec<u8>,
    /// What was read, taken and left out.
    pub summary: Summary,
}

struct Source {
    file: String,
    reader: &'static Reader,
    release: Release,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    table: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: Spanned<String>,
    /// For the reader of the list; the table's id says as much.
    #[serde(rename = "system")]
    _system: String,
    table: Spanned<String>,
    release: String,
    covers: Spanned<(String, String)>,
    publisher: String,
    obtained: String,
    /// For the reader of the list.
    #[serde(rename = "licence")]
    _licence: String,
}

impl Sources {
    /// Reads the list, not yet the tables.
    ///
    /// # Errors
    /// When the list is missing, is no TOML of the right shape, or names a kind of table that has no reader: the
    /// error names the list's line.
    pub fn open(folder: impl AsRef<Path>) -> Result<Sources, CompileError> {
        let folder = folder.as_ref().to_owned();
        let path = folder.join(LIST);
        let text =
            std::fs::read_to_string(&path).map_err(|source| CompileError::Read { path: path.clone(), source })?;
        let line_at = |place: usize| text.bytes().take(place).filter(|&byte| byte == b'\n').count() as u32 + 1;
        let list: List = toml::from_str(&text).map_err(|error| CompileError::Sources {
            path: path.clone(),
            line: line_at(error.span().map_or(0, |span| span.start)),
            detail: error.message().to_owned(),
        })?;
        let mut sources = list
            .table
            .into_iter()
            .map(|entry| {
                source(entry).map_err(|Wrong { place, key, expected, found, advice }| {
                    let (path, line, column) = (path.clone(), line_at(place), key.to_owned());
                    Located { path, line, column, expected, found, advice: advice.to_owned() }.into()
                })
            })
            .collect::<Result<Vec<Source>, CompileError>>()?;
        // The image depends on what the list says, not on its order.
        sources.sort_by(|a, b| (&a.file, &a.release.table).cmp(&(&b.file, &b.release.table)));
        Ok(Sources { folder, sources })
    }

    /// The files of the tables.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.sources.iter().map(|source| self.folder.join(&source.file))
    }

    /// Reads the tables and compiles them to an image. The same tables give the same bytes.
    ///
    /// # Errors
    /// When a table cannot be read or says something that cannot be: the error names its file, line and column.
    pub fn compile(&self) -> Result<Built, CompileError> {
        let paths: Vec<PathBuf> = self.files().collect();
        let mut image = ImageBuilder::new();
        let mut summary = Summary::default();
        let mut content = Content::default();
        for (source, path) in self.sources.iter().zip(&paths) {
            let bytes =
                std::fs::read(path).map_err(|error| CompileError::Read { path: path.clone(), source: error })?;
            let mut release = source.release.clone();
            // Rows name their release before it is added, because it counts them.
            let number = summary.tables.len() as u16;
            let table = (source.reader.read)(Text::new(path, &bytes)?, number)?;
            release.rows = table.read;
            release.digest = xxhash_rust::xxh3::xxh3_64(&bytes);
            image.release(release);
            summary.tables.push(content.take(source, table, number));
        }
        content.build(&mut image, &mut summary, &paths)?;
        let image = image.finish()?;
        Codeset::from_bytes(&image).map_err(CompileError::Unreadable)?;
        summary.image_size = image.len() as u64;
        Ok(Built { image, summary })
    }
}

/// What is wrong with an entry of the list, at a byte of it.
struct Wrong {
    place: usize,
    key: &'static str,
    expected: String,
    found: String,
    advice: &'static str,
}

fn source(entry: Entry) -> Result<Source, Wrong> {
    let table = entry.table.as_ref();
    let reader = READERS.iter().find(|reader| reader.table == table).ok_or_else(|| Wrong {
        place: entry.table.span().start,
        key: "table",
        expected: READERS.iter().map(|reader| reader.table).collect::<Vec<_>>().join(", "),
        found: format!("{table:?}"),
        advice: "correct the id, or add a reader of this kind of table",
    })?;
    let (from, to) = entry.covers.as_ref();
    let first = Date::parse(from.as_bytes());
    let last = if to.is_empty() { Some(None) } else { Date::parse(to.as_bytes()).map(Some) };
    let (Some(first), Some(last)) = (first, last) else {
        return Err(Wrong {
            place: entry.covers.span().start,
            key: "covers",
            expected: "two dates YYYY-MM-DD, the second empty while the table is current".to_owned(),
            found: format!("{from:?} and {to:?}"),
            advice: "correct the dates",
        });
    };
    let mut release = Release::new(reader.table, &reader.part.name(), first, last);
    release.label = entry.release;
    release.publisher = entry.publisher;
    release.obtained = entry.obtained;
    release.file = entry.file.into_inner();
    Ok(Source { file: release.file.clone(), reader, release })
}

/// What the tables hold, sorted by where it goes.
#[derive(Default)]
struct Content {
    rows: BTreeMap<SystemId, Vec<CodeRow>>,
    pairs: BTreeMap<RelationId, Vec<PairRow>>,
    /// With the number of the table in the summary.
    titles: BTreeMap<SystemId, Vec<(usize, TitleRow)>>,
    mentioned: BTreeMap<SystemId, Vec<Code>>,
    notes: NotesBuilder,
    tables: usize,
}

impl Content {
    fn take(&mut self, source: &Source, table: Table, release: u16) -> TableSummary {
        let Table { read, rows, pairs, titles, notes, mentioned, skipped } = table;
        let system = match source.reader.part {
            Part::System(id) | Part::Titles(id) => id,
            Part::Relation(id) => id.system(),
            Part::Notes => SystemId::Diagnosis,
        };
        let taken = (rows.len() + pairs.len() + notes.len()) as u64;
        // A list speaks for the days that it is the list of, whatever the lists before and after it say.
        let days = source.release.covers();
        for NoteRow { kind, owner, on, targets, examples } in notes {
            let on = if on.is_empty() { vec![owner] } else { on };
            let (from, to) = (days.from, days.to);
            self.notes.add(NewNote { kind, owner, on, targets, examples, from, to, release });
        }
        if let Part::System(id) = source.reader.part {
            self.rows.entry(id).or_default().extend(rows);
        }
        if let Part::Relation(id) = source.reader.part {
            self.pairs.entry(id).or_default().extend(pairs);
        }
        let number = self.tables;
        self.titles.entry(system).or_default().extend(titles.into_iter().map(|title| (number, title)));
        self.mentioned.entry(system).or_default().extend(mentioned);
        self.tables += 1;
        TableSummary {
            table: source.release.table.clone(),
            file: source.file.clone(),
            part: source.release.part.clone(),
            read,
            taken,
            skipped: skipped.into_iter().map(|(reason, count)| (reason.to_owned(), count)).collect(),
        }
    }

    fn build(mut self, image: &mut ImageBuilder, summary: &mut Summary, paths: &[PathBuf]) -> Result<(), CompileError> {
        let mut systems: BTreeMap<SystemId, SystemBuilder> = BTreeMap::new();
        for (&id, rows) in &mut self.rows {
            merge::order_rows(rows, paths)?;
            let mut system = merge::system(id, rows);
            for row in rows.iter() {
                system.could(row.code, could_of_row(id, &row.row));
            }
            if id == SystemId::Diagnosis {
                for (code, row) in headers(rows) {
                    system.add(code, row, None);
                    summary.header_rows += 1;
                }
            }
            systems.insert(id, system);
        }
        for (id, codes) in self.mentioned {
            mention(&mut systems, id, codes, 0);
        }
        for (id, mut pairs) in self.pairs {
            merge::order_pairs(&mut pairs, paths)?;
            let (at_source, at_target) = could_of_side(id);
            mention(&mut systems, id.system(), merge::side(&pairs, |pair| pair.source), at_source);
            mention(&mut systems, id.system(), merge::side(&pairs, |pair| pair.target), at_target);
            image.relation(merge::relation(id, &pairs))?;
        }
        for (id, titles) in self.titles {
            let mut unknown: BTreeMap<usize, u64> = BTreeMap::new();
            for (table, TitleRow { code, title, header }) in titles {
                let known = systems.get_mut(&id).is_some_and(|system| {
                    if header {
                        system.mention(code);
                    }
                    system.title(code, &title)
                });
                match summary.tables.get_mut(table) {
                    Some(table) if known && table.part.starts_with("titles:") => table.taken += 1,
                    _ if !known => *unknown.entry(table).or_insert(0) += 1,
                    _ => {}
                }
            }
            for (table, count) in unknown {
                if let Some(table) = summary.tables.get_mut(table) {
                    table.skipped.push(("titles of codes that no table dates".to_owned(), count));
                }
            }
        }
        if !self.notes.is_empty() {
            image.notes(self.notes)?;
        }
        for system in systems.into_values() {
            image.system(system)?;
        }
        Ok(())
    }
}

/// Makes codes known to their system, with what may be concluded from them.
fn mention(systems: &mut BTreeMap<SystemId, SystemBuilder>, id: SystemId, codes: Vec<Code>, could: u32) {
    let system = systems.entry(id).or_insert_with(|| SystemBuilder::new(id));
    for code in codes {
        system.mention(code);
        system.could(code, could);
    }
}
