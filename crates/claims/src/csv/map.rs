//! Column maps: a file's own column names for the fields of a claim.

use crate::Field;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

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

/// Names that a file's columns have, and the fields they stand for; and the separator, where the header does not
/// show it.
///
/// ```
/// use cleanclaim_claims::ColumnMap;
/// let map = ColumnMap::parse("map.toml", r#"
///     delimiter = ";"
///     [columns]
///     "CPT/HCPCS" = "procedure"
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
    pub(super) columns: BTreeMap<String, Field>,
    pub(super) delimiter: Option<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapFile {
    delimiter: Option<Spanned<String>>,
    #[serde(default)]
    columns: BTreeMap<Spanned<String>, Spanned<String>>,
}

impl ColumnMap {
    /// Reads a column map from a TOML file.
    ///
    /// # Errors
    ///
    /// [`MapError`] when the file cannot be read, or as [`ColumnMap::parse`].
    pub fn open(path: impl AsRef<Path>) -> Result<ColumnMap, MapError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
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
            let before = text.get(..at).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            MapError::Content { name: name.to_owned(), line, column, what }
        };
        let file: MapFile = toml::from_str(text)
            .map_err(|toml| error(toml.span().map_or(0, |span| span.start), toml.message().to_owned()))?;
        let mut map = ColumnMap::default();
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
            let Some(field) = Field::from_name(&normal(target.get_ref())) else {
                let hint =
                    nearest(target.get_ref()).map_or(String::new(), |field| format!("; did you mean \"{field}\"?"));
                let what = format!("\"{}\" is no column of a claim{hint}", target.get_ref());
                return Err(error(target.span().start, what));
            };
            let at = own.span().start;
            let key = normal(own.get_ref());
            if map.columns.insert(key, field).is_some() {
                let what = format!("\"{}\" stands twice, counting upper and lower case as one", own.get_ref());
                return Err(error(at, what));
            }
        }
        Ok(map)
    }
}

/// A column's name as it compares.
pub(super) fn normal(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Names that other systems give to the fields, letters and digits alone.
const OTHER_NAMES: &[(&str, Field)] = &[
    ("claim", Field::ClaimId),
    ("claimno", Field::ClaimId),
    ("claimnumber", Field::ClaimId),
    ("claimcontrolnumber", Field::ClaimId),
    ("clmid", Field::ClaimId),
    ("clmno", Field::ClaimId),
    ("icn", Field::ClaimId),
    ("cpt", Field::Procedure),
    ("cptcode", Field::Procedure),
    ("cpthcpcs", Field::Procedure),
    ("hcpcs", Field::Procedure),
    ("hcpcscd", Field::Procedure),
    ("hcpcscode", Field::Procedure),
    ("proc", Field::Procedure),
    ("proccode", Field::Procedure),
    ("procedurecode", Field::Procedure),
    ("rev", Field::RevenueCode),
    ("revcode", Field::RevenueCode),
    ("revenue", Field::RevenueCode),
    ("revcntr", Field::RevenueCode),
    ("dos", Field::ServiceFrom),
    ("dosfrom", Field::ServiceFrom),
    ("dateofservice", Field::ServiceFrom),
    ("fromdate", Field::ServiceFrom),
    ("servicedate", Field::ServiceFrom),
    ("servicefromdate", Field::ServiceFrom),
    ("dosto", Field::ServiceTo),
    ("todate", Field::ServiceTo),
    ("thrudate", Field::ServiceTo),
    ("servicetodate", Field::ServiceTo),
    ("diag1", Field::Diagnosis(1)),
    ("diagnosis", Field::Diagnosis(1)),
    ("diagnosis1", Field::Diagnosis(1)),
    ("diagnosiscode1", Field::Diagnosis(1)),
    ("dx", Field::Diagnosis(1)),
    ("icd", Field::Diagnosis(1)),
    ("icd1", Field::Diagnosis(1)),
    ("icd10", Field::Diagnosis(1)),
    ("icddgnscd1", Field::Diagnosis(1)),
    ("principaldx", Field::Diagnosis(1)),
    ("principaldiagnosis", Field::Diagnosis(1)),
    ("pos", Field::PlaceOfService),
    ("npi", Field::BillingNpi),
    ("dob", Field::BirthDate),
    ("dateofbirth", Field::BirthDate),
    ("gender", Field::Sex),
    ("mod", Field::Modifier(1)),
    ("mod1", Field::Modifier(1)),
    ("mod2", Field::Modifier(2)),
    ("mod3", Field::Modifier(3)),
    ("mod4", Field::Modifier(4)),
    ("qty", Field::Units),
    ("quantity", Field::Units),
    ("amount", Field::Charge),
    ("chargeamount", Field::Charge),
    ("linecharge", Field::Charge),
    ("totalcharge", Field::ClaimTotal),
    ("tob", Field::BillType),
    ("typeofbill", Field::BillType),
];

/// The field that a name which is none was probably meant for.
pub(super) fn nearest(name: &str) -> Option<Field> {
    let bare = bare(name);
    if bare.is_empty() {
        return None;
    }
    if let Some(&(_, field)) = OTHER_NAMES.iter().find(|(other, _)| *other == bare) {
        return Some(field);
    }
    // One slip in four letters; never between names that differ in their number alone.
    let most = bare.len() / 4;
    Field::all()
        .map(|field| (distance(&bare, &self::bare(&field.to_string())), field))
        .filter(|&(distance, field)| {
            distance == 0 || distance <= most.min(2) && digits(&bare) == digits(&field.to_string())
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, field)| field)
}

fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn digits(name: &str) -> String {
    name.chars().filter(char::is_ascii_digit).collect()
}

/// Levenshtein's distance, of short ASCII names.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let cost = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_map_is_read_by_name_without_case() {
        let map = ColumnMap::parse("m", "delimiter = \"\\t\"\n[columns]\n\" My Code \" = 'Procedure'\n").unwrap();
        assert_eq!(map.columns.get("my code"), Some(&Field::Procedure));
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
            ("[columns", "m:1:"),
        ] {
            let error = ColumnMap::parse("m", text).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
        }
        assert!(ColumnMap::open("/no/such/map.toml").unwrap_err().to_string().starts_with("/no/such/map.toml: "));
    }

    #[test]
    fn near_misses_are_found() {
        for (name, field) in [
            ("Claim ID", Some(Field::ClaimId)),
            ("claimid", Some(Field::ClaimId)),
            ("procedur", Some(Field::Procedure)),
            ("DX1", Some(Field::Diagnosis(1))),
            ("dx-12", Some(Field::Diagnosis(12))),
            ("modifer_2", Some(Field::Modifier(2))),
            ("modifier_5", None),
            ("service_form", Some(Field::ServiceFrom)),
            ("CPT", Some(Field::Procedure)),
            ("colour", None),
            ("dx_26", None),
            ("", None),
        ] {
            assert_eq!(nearest(name), field, "{name}");
        }
    }
}
