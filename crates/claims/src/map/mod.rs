//! Column maps: what a file's own columns mean for the fields of a claim.

mod near;
mod plan;
mod recipe;

use crate::{Field, line_and_column, read_text_file};
pub(crate) use near::nearest;
pub(crate) use plan::{Name, Plan};
pub(crate) use recipe::Recipe;
use recipe::{Template, Values};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use toml::Spanned;
use toml::de::DeTable;

/// What a column map file could not be used for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// The file cannot be read.
    #[error("{name}: cannot be read: {source}")]
    Open {
        /// The map's file.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no column map.
    #[error("{name}:{line}:{column}: {what}")]
    Content {
        /// The map's file.
        name: String,
        /// Line, from 1.
        line: usize,
        /// Character in the line, from 1.
        column: usize,
        /// What is wrong, and what to do.
        what: String,
    },
}

/// Names that a file's columns have, and the fields they stand for; and what else of the file's form differs.
///
/// - `delimiter`: the separator, where the header does not show it.
/// - `dates = "DD-MON-YYYY"`: days are written as `27-OCT-1999`; `dates = "MM/DD/YYYY"`: as `10/27/1999`, or `1/2/1999`
///   for the second of January. What is written otherwise is read as without it; a year has four digits.
/// - `trailing_delimiter = true`: a row may end with more separators than the header, with nothing after them.
/// - `other_columns = "ignore"`: the file has columns that the map does not know, and the map knows columns that the
///   file does not have; neither is told.
/// - `[columns]`: for a column's name, the field; or `line_diagnosis`, the diagnosis of a line itself: the line points
///   at it among the claim's diagnoses, after which it is put where it is not among them. The rest of the line's
///   pointers is then not known, so edits about pointers themselves are not evaluated.
/// - `[values."COLUMN"]`: for what stands in the column, what it means in the field; `""` means not given.
/// - `[fields]`: for a field, of what it is made: text with columns in braces, or a list of such texts, put together
///   with colons. What stands before an empty column is left out with it, and a text whose first column is empty
///   is left out whole; `{A?B}` is column B where A is empty, `{A|-}` has `-` stand for an empty column. Text without a column is the same on all rows.
///
/// ```
/// use cleanclaim_claims::ColumnMap;
/// let map = ColumnMap::parse("map.toml", r#"
///     delimiter = ";"
///     [columns]
///     "CPT/HCPCS" = "procedure"
///     [values."CPT/HCPCS"]
///     NONE = ""
///     [fields]
///     bill_type = "{FACILITY}{CARE}{FREQUENCY}"
///     claim_type = "I"
/// "#)?;
/// let error = ColumnMap::parse("map.toml", "columns.Proc = 'procedur'").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "map.toml:1:16: \"procedur\" is no column of a claim; did you mean \"procedure\"?",
/// );
/// # Ok::<(), cleanclaim_claims::MapError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ColumnMap {
    /// By the file's own name, in lower case and trimmed.
    columns: BTreeMap<String, Target>,
    /// By the file's own name, too.
    values: BTreeMap<String, Arc<Values>>,
    made: Vec<(Field, Vec<Template>)>,
    pub(crate) delimiter: Option<u8>,
    dates: Option<Dates>,
    pub(crate) trailing_delimiter: bool,
    /// Whether neither columns that the map does not know are told, nor those that the file does not have.
    quiet: bool,
}

/// What a column is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    /// The text of a field.
    Field(Field),
    /// The diagnosis of a line itself.
    LineDiagnosis,
}

/// The name of [`Target::LineDiagnosis`].
const LINE_DIAGNOSIS: &str = "line_diagnosis";

/// The map of the CMS claim files, and its name.
const RIF: (&str, &str) = ("rif", include_str!("rif.toml"));

const NOT_TOML: &str = "the file is not TOML; give a column map, with [columns], [values] or [fields]";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapFile {
    delimiter: Option<Spanned<String>>,
    dates: Option<Dates>,
    #[serde(default)]
    trailing_delimiter: bool,
    other_columns: Option<OtherColumns>,
    #[serde(default)]
    columns: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    values: BTreeMap<Spanned<String>, BTreeMap<String, String>>,
    #[serde(default)]
    fields: BTreeMap<Spanned<String>, Spanned<Templates>>,
}

/// How days are written.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dates {
    #[serde(rename = "DD-MON-YYYY")]
    NamedMonths,
    #[serde(rename = "MM/DD/YYYY")]
    MonthFirst,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum OtherColumns {
    Ignore,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text with columns in braces, as {NAME}, or a list of such texts")]
enum Templates {
    One(String),
    Several(Vec<String>),
}

impl ColumnMap {
    /// The map of this name that the program carries: `rif`, for the pipe-separated claim files of CMS (carrier,
    /// durable medical equipment, outpatient, inpatient, and others of that form).
    ///
    /// ```
    /// assert!(cleanclaim_claims::ColumnMap::named("rif").is_some());
    /// ```
    pub fn named(name: &str) -> Option<ColumnMap> {
        let (own, text) = RIF;
        // A test sees that it can be read.
        (name == own).then(|| ColumnMap::parse(own, text).ok()).flatten()
    }

    /// Reads a column map from a TOML file.
    ///
    /// # Errors
    ///
    /// [`MapError`] when the file cannot be read, or as [`ColumnMap::parse`].
    pub fn open(path: impl AsRef<Path>) -> Result<ColumnMap, MapError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        match read_text_file(path) {
            Ok(text) => ColumnMap::parse(&name, &text),
            Err(source) => Err(MapError::Open { name, source }),
        }
    }

    /// Reads a column map from the text of the file `name`.
    ///
    /// # Errors
    ///
    /// [`MapError`] with line and column when the text is no TOML, has unknown keys, gives a name twice, maps to
    /// a column that does not exist, or names a separator that is none.
    pub fn parse(name: &str, text: &str) -> Result<ColumnMap, MapError> {
        let error = |at: usize, what: String| {
            let (line, column) = line_and_column(text, at);
            MapError::Content { name: name.to_owned(), line, column, what }
        };
        let file: MapFile = toml::from_str(text).map_err(|toml| {
            let (table, errors) = DeTable::parse_recoverable(text);
            let is_map = ["columns", "values", "fields"].iter().any(|part| table.get_ref().contains_key(*part));
            let what = match (errors.is_empty(), is_map) {
                (true, _) => toml.message().to_owned(),
                (false, true) => format!("the map is not TOML from here on: {}", toml.message()),
                // It may be a file of claims, given by mistake: nothing of it is quoted.
                (false, false) => format!("{NOT_TOML} ({})", toml.message()),
            };
            error(toml.span().map_or(0, |span| span.start), what)
        })?;
        let twice = |own: &Spanned<String>| {
            let what = format!("\"{}\" stands twice, counting upper and lower case as one", own.get_ref());
            error(own.span().start, what)
        };
        let no_column = |name: &Spanned<String>| {
            let hint = nearest(name.get_ref()).map_or(String::new(), |field| format!("; did you mean \"{field}\"?"));
            error(name.span().start, format!("\"{}\" is no column of a claim{hint}", name.get_ref()))
        };
        let mut map = ColumnMap {
            dates: file.dates,
            trailing_delimiter: file.trailing_delimiter,
            quiet: matches!(file.other_columns, Some(OtherColumns::Ignore)),
            ..ColumnMap::default()
        };
        if let Some(given) = file.delimiter {
            map.delimiter = Some(match given.get_ref().as_bytes() {
                &[byte] if byte == b'\t' || byte.is_ascii_punctuation() && byte != b'"' => byte,
                _ => {
                    let what = "a separator is one character of punctuation, or a tab (\"\\t\")";
                    return Err(error(given.span().start, what.to_owned()));
                }
            });
        }
        for (own, target) in file.columns {
            let Some(field) = Target::from_name(target.get_ref()) else { return Err(no_column(&target)) };
            if map.columns.insert(normal(own.get_ref()), field).is_some() {
                return Err(twice(&own));
            }
        }
        for (own, values) in file.values {
            let values = values.into_iter().map(|(text, meant)| (text.into_bytes(), meant.into_bytes())).collect();
            if map.values.insert(normal(own.get_ref()), Arc::new(values)).is_some() {
                return Err(twice(&own));
            }
        }
        for (name, texts) in file.fields {
            let field = Field::from_name(&normal(name.get_ref()));
            let Some(field) = field.filter(|&field| field != Field::ClaimId) else { return Err(no_column(&name)) };
            if map.made.iter().any(|&(made, _)| made == field) {
                return Err(twice(&name));
            }
            let at = texts.span().start;
            let texts = match texts.into_inner() {
                Templates::One(text) => vec![text],
                Templates::Several(texts) => texts,
            };
            let templates: Option<Vec<Template>> = texts.iter().map(|text| Template::parse(text)).collect();
            match templates {
                Some(templates) => map.made.push((field, templates)),
                None => {
                    return Err(error(
                        at,
                        "a column's name stands in braces, as {NAME}, and nothing else does".to_owned(),
                    ));
                }
            }
        }
        Ok(map)
    }

    /// What a column of this name is for.
    pub(crate) fn target(&self, name: &str) -> Option<Target> {
        let name = normal(name);
        self.columns.get(&name).copied().or_else(|| Target::from_name(&name))
    }

    /// Whether the map reads a column of this name, for whatever it is for.
    pub(crate) fn knows(&self, name: &str) -> bool {
        let normal = normal(name);
        let mut places = self.made.iter().flat_map(|(_, templates)| templates).flat_map(|template| &template.places);
        self.target(name).is_some() || places.any(|place| place.columns.contains(&normal))
    }
}

impl Target {
    fn from_name(name: &str) -> Option<Target> {
        let name = normal(name);
        if name == LINE_DIAGNOSIS { Some(Target::LineDiagnosis) } else { Field::from_name(&name).map(Target::Field) }
    }
}

/// A column's name as it compares.
pub(crate) fn normal(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_map_is_read_by_name_without_case() {
        let map = ColumnMap::parse("m", "delimiter = \"\\t\"\n[columns]\n\" My Code \" = 'Procedure'\n").unwrap();
        assert_eq!(map.columns.get("my code"), Some(&Target::Field(Field::Procedure)));
        assert_eq!(map.delimiter, Some(b'\t'));
        let empty = ColumnMap::parse("m", "").unwrap();
        assert!(empty.columns.is_empty() && empty.delimiter.is_none());
    }

    #[test]
    fn faults_are_located() {
        for (text, said) in [
            ("[columns]\n\"é\" = \"proc\"", "m:2:7: \"proc\" is no column of a claim; did you mean \"procedure\"?"),
            ("[columns]\na = \"xyzzy\"", "m:2:5: \"xyzzy\" is no column of a claim"),
            ("[columns]\na = 1", "m:2:5: "),
            ("[columns]\nA = 'units'\na = 'charge'", "m:3:1: \"a\" stands twice"),
            ("\ndelimiter = ', '", "m:2:13: a separator is one character"),
            ("delimiter = '\"'", "m:1:13: a separator is one character"),
            ("delimiter = 'x'", "m:1:13: a separator is one character"),
            ("colums = 1", "m:1:1: unknown field `colums`"),
            ("dates = 'MM/DD'", "m:1:9: unknown variant `MM/DD`"),
            (
                "[fields]\nbill_tipe = '{a}'",
                "m:2:1: \"bill_tipe\" is no column of a claim; did you mean \"bill_type\"?",
            ),
            ("[fields]\nclaim_id = '{a}'", "m:2:1: \"claim_id\" is no column of a claim"),
            ("[fields]\nbill_type = '{a'", "m:2:13: a column's name stands in braces"),
            ("[fields]\nnote = 'a'\nNote = 'b'", "m:2:1: \"note\" stands twice"),
            ("[values]\nA = {}\na = {}", "m:3:1: \"a\" stands twice"),
            ("[fields]\nnote = 1", "m:2:8: expected a text with columns in braces"),
            ("[columns]\na = 'units'\na = 'charge'", "m:3:1: the map is not TOML from here on: duplicate key"),
            ("[columns", "m:1:9: the map is not TOML from here on: unclosed table"),
            ("[column", "m:1:8: the file is not TOML; give a column map"),
            ("QX77,DOEJANE\nQX77,DOEJANE\n", "m:1:5: the file is not TOML; give a column map"),
        ] {
            let error = ColumnMap::parse("m", text).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
            assert!(!error.contains("QX77") && !error.contains("DOEJANE"), "{error}");
        }
        assert!(ColumnMap::open("/no/such/map.toml").unwrap_err().to_string().starts_with("/no/such/map.toml: "));
    }

    #[test]
    fn the_map_that_the_program_carries_can_be_read() {
        let (name, text) = RIF;
        let map = ColumnMap::parse(name, text).unwrap();
        assert!(map.quiet && map.dates == Some(Dates::NamedMonths) && map.delimiter == Some(b'|'));
        assert!(ColumnMap::named(name).is_some());
        assert!(ColumnMap::named("").is_none());
    }
}
