//! The Medicare Coverage Database, published by CMS: which diagnoses the articles of the contractors accept for which
//! procedures, where, and from when to when. Read from the tables of the csv download, from answers of the Coverage API,
//! whose rows have the same columns, and from an article exported with its state and policy.
//!
//! Codes of a group of diagnoses are for the codes of a group of procedures only as the paragraphs of the groups say.
//! Neither the download nor the API has that as a table; an exported article says it in the paragraph.

use super::columns::{self, Cell, Column, Header, Record, date, needed, optional};
use super::text::{At, decode};
use super::{Document, Kind, PublisherError, Refusal, named};
use codes::{Code, Date, Modifier};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// Stands for "there is no code" in lists of codes.
const NO_CODE: [&str; 2] = ["XX000", "XX001"];

/// One version of an article.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ArticleVersion {
    /// The number: 56781 of A56781.
    pub article: u32,
    /// The version.
    pub version: u32,
}

/// One row of any table of the database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CoverageRow {
    /// A version of an article.
    Article {
        /// Which.
        article: ArticleVersion,
        /// The kind of article, by the database's number.
        kind: u32,
        /// The title.
        title: Box<str>,
        /// The first day, where given.
        effective: Option<Date>,
        /// The last day, where given.
        end: Option<Date>,
        /// The status, a letter: A, active; R, retired; …
        status: Box<str>,
    },
    /// A procedure that an article is about.
    Procedure {
        /// Of which article.
        article: ArticleVersion,
        /// In which group of procedures.
        group: u32,
        /// The code. None where the article says that it is about no codes.
        code: Option<Code>,
        /// The row is marked as a part of a range.
        range: bool,
    },
    /// A diagnosis that supports medical necessity, or does not.
    Diagnosis {
        /// Of which article.
        article: ArticleVersion,
        /// In which group of such diagnoses.
        group: u32,
        /// The code. None where the article says that there is none.
        code: Option<Code>,
        /// Whether it supports.
        covered: bool,
        /// The row is marked as a part of a range.
        range: bool,
        /// An asterisk: the group's paragraph says more.
        asterisk: bool,
    },
    /// That a group of diagnoses supports a group of procedures. The database says it in prose alone; an exported article
    /// says it in a form that is read, and users may give it as a table.
    Pairing {
        /// Of which article.
        article: ArticleVersion,
        /// The group of diagnoses that support.
        diagnoses: u32,
        /// The group of procedures.
        procedures: u32,
        /// The group of which a diagnosis must be there too, where one must.
        with: Option<u32>,
    },
    /// A modifier that an article speaks of.
    Modifier {
        /// Of which article.
        article: ArticleVersion,
        /// In which group of modifiers.
        group: u32,
        /// The modifier. None where the article says that there is none.
        modifier: Option<Modifier>,
    },
    /// A type of bill on which the procedures are reported, without its frequency: 013x is 013.
    BillType {
        /// Of which article.
        article: ArticleVersion,
        /// The type as the database has it.
        code: Box<str>,
    },
    /// A revenue code under which the procedures are reported.
    Revenue {
        /// Of which article.
        article: ArticleVersion,
        /// The code as the database has it.
        code: Box<str>,
    },
    /// The contractor whose article it is.
    ArticleContractor {
        /// Which article.
        article: ArticleVersion,
        /// The contractor, by the database's number.
        contractor: u32,
        /// The version of the contractor's entry.
        contractor_version: u32,
    },
    /// A state in which an article holds.
    ArticleState {
        /// Which article.
        article: ArticleVersion,
        /// The state, by the database's number.
        state: u32,
    },
    /// A state in which an exported article holds.
    ArticleInState {
        /// Which article.
        article: ArticleVersion,
        /// The postal abbreviation.
        state: [u8; 2],
    },
    /// The policy that an article belongs to, or another article.
    Related {
        /// Which article.
        article: ArticleVersion,
        /// The number of the policy: 33577 of L33577.
        policy: Option<u32>,
        /// The number of the other article.
        other: Option<u32>,
    },
    /// The national determination that an article applies.
    National {
        /// Which article.
        article: ArticleVersion,
        /// The determination, by the database's number.
        determination: u32,
    },
    /// A contractor.
    Contractor {
        /// By the database's number.
        contractor: u32,
        /// The version of the entry.
        version: u32,
        /// The number that claims have.
        number: Box<str>,
        /// The name.
        name: Box<str>,
    },
    /// A state that a contractor serves.
    Jurisdiction {
        /// The contractor, by the database's number.
        contractor: u32,
        /// The version of the contractor's entry.
        version: u32,
        /// The state, by the database's number.
        state: u32,
        /// The first day, where given.
        from: Option<Date>,
        /// The last day, where given.
        to: Option<Date>,
    },
    /// What number a state has in the database.
    State {
        /// The number.
        state: u32,
        /// The postal abbreviation, or what the database has in its place.
        abbreviation: Box<str>,
    },
}

type ReadRow = fn(&Record<'_>) -> Result<CoverageRow, Refusal>;

/// A table of the database: its columns, and what its rows are.
struct Table {
    columns: &'static [Column],
    row: ReadRow,
}

const ARTICLE: Column = needed(&["articleid"]);
const VERSION: Column = needed(&["articleversion"]);

/// Those with more of their columns in common with others come first.
const TABLES: [Table; 16] = [
    Table {
        columns: &[
            ARTICLE,
            VERSION,
            needed(&["articletype"]),
            needed(&["title"]),
            needed(&["articleeffdate"]),
            needed(&["articleenddate"]),
            needed(&["status"]),
        ],
        row: article,
    },
    Table {
        columns: &[ARTICLE, VERSION, needed(&["hcpccodegroup"]), needed(&["hcpccodeid"]), optional(&["range"])],
        row: procedure,
    },
    Table {
        columns: &[
            ARTICLE,
            VERSION,
            needed(&["icd10coveredgroup"]),
            needed(&["icd10codeid"]),
            optional(&["range"]),
            optional(&["asterisk"]),
        ],
        row: covered,
    },
    Table {
        columns: &[ARTICLE, VERSION, needed(&["icd10noncoveredgroup"]), needed(&["icd10codeid"]), optional(&["range"])],
        row: noncovered,
    },
    Table {
        columns: &[ARTICLE, VERSION, needed(&["hcpcmodifiergroup"]), needed(&["hcpcmodifiercodeid"])],
        row: modifier,
    },
    // No table of the database: what its prose says, as a user writes it down.
    Table {
        columns: &[
            ARTICLE,
            VERSION,
            needed(&["icd10coveredgroup"]),
            needed(&["hcpccodegroup"]),
            optional(&["andicd10coveredgroup"]),
        ],
        row: pairing,
    },
    Table { columns: &[ARTICLE, VERSION, needed(&["billcodeid"])], row: bill_type },
    Table { columns: &[ARTICLE, VERSION, needed(&["revenuecodeid"])], row: revenue },
    Table {
        columns: &[ARTICLE, VERSION, needed(&["contractorid"]), needed(&["contractorversion"])],
        row: article_contractor,
    },
    Table { columns: &[ARTICLE, VERSION, needed(&["rlcdid"]), needed(&["rarticleid"])], row: related },
    Table { columns: &[ARTICLE, VERSION, needed(&["rncdid"])], row: national },
    Table { columns: &[ARTICLE, VERSION, needed(&["stateid"])], row: article_state },
    // The API's documentation has the names of a policy's columns here.
    Table { columns: &[needed(&["lcdid"]), needed(&["lcdversion"]), needed(&["stateid"])], row: article_state },
    Table {
        columns: &[
            needed(&["contractorid"]),
            needed(&["contractorversion"]),
            needed(&["contractornumber"]),
            needed(&["contractorbusname"]),
        ],
        row: contractor,
    },
    Table {
        columns: &[
            needed(&["contractorid"]),
            needed(&["contractorversion"]),
            needed(&["stateid"]),
            needed(&["activedate"]),
            needed(&["termdate"]),
        ],
        row: jurisdiction,
    },
    Table { columns: &[needed(&["stateid"]), needed(&["stateabbrev"]), needed(&["description"])], row: state },
];

/// Whether a file is a table or an article of the database. Of a text, the beginning is enough.
pub(crate) fn is_coverage(bytes: &[u8]) -> bool {
    let text = decode(&bytes[..bytes.len().min(super::HEAD)]);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with('{') {
        let has = |key: &str| text.contains(&format!("\"{key}\""));
        return (has("policies") && has("associated_documents")) || (has("meta") && has("data") && has("article_id"));
    }
    table_of(bytes).is_some()
}

fn table_of(bytes: &[u8]) -> Option<&'static Table> {
    TABLES.iter().find(|table| columns::which(bytes, &[(Kind::Coverage, table.columns)]).is_some())
}

/// Reads a table of the csv download, an answer of the API, or an exported article.
///
/// # Errors
/// When the first row is the header of none of the tables that are read, or a JSON text is not of a shape that is read.
pub fn coverage(path: &Path, bytes: &[u8]) -> Result<Document<CoverageRow>, PublisherError> {
    let mut document = Document::new(Kind::Coverage, path.to_owned(), named::release(path));
    if bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start().first() == Some(&b'{') {
        json(&mut document, bytes)?;
    } else if let Some(table) = table_of(bytes) {
        columns::read(&mut document, bytes, table.columns, &mut |_| {}, &mut |record| (table.row)(record))?;
    } else {
        let advice = "load the tables of current_article.zip as CMS publishes them";
        let expected = "the header of a table of the coverage database";
        return Err(At { path, line: 1 }.wrong("the header", expected, "none in the first rows", advice).into());
    }
    Ok(document)
}

/// The cell's number; the database's own numbers are whole.
fn number(cell: Cell<'_>) -> Result<u32, Refusal> {
    let digits = !cell.text.is_empty() && cell.text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| cell.text.parse().ok())
        .flatten()
        .ok_or_else(|| cell.wrong("a whole number", "correct the number, or leave the row out"))
}

/// A number, or nothing: an empty cell or 0.
fn optional_number(cell: Cell<'_>) -> Result<Option<u32>, Refusal> {
    if cell.text.is_empty() { Ok(None) } else { Ok(Some(number(cell)?).filter(|&number| number != 0)) }
}

/// A date, with midnight after it or not, or nothing.
fn optional_day(cell: Cell<'_>) -> Result<Option<Date>, Refusal> {
    if matches!(cell.text, "" | "N/A") {
        return Ok(None);
    }
    let day = match cell.text.split_once([' ', 'T']) {
        Some((day, time)) if time.starts_with("00:00") || time.starts_with("12:00:00 AM") => day,
        _ => cell.text,
    };
    date(day).map(Some).ok_or_else(|| cell.wrong("a date (YYYY-MM-DD or MM/DD/YYYY)", "correct the date"))
}

fn is_marked(cell: Cell<'_>) -> bool {
    !matches!(cell.text, "" | "N" | "n" | "0" | "false" | "null")
}

fn version_of(record: &Record<'_>) -> Result<ArticleVersion, Refusal> {
    Ok(ArticleVersion { article: number(record.get(0))?, version: number(record.get(1))? })
}

fn article(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let (effective, end) = (optional_day(record.get(4))?, optional_day(record.get(5))?);
    Ok(CoverageRow::Article {
        article: version_of(record)?,
        kind: number(record.get(2))?,
        title: record.get(3).text.into(),
        effective,
        end,
        status: record.get(6).text.into(),
    })
}

fn procedure(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let code = match record.get(3) {
        cell if NO_CODE.contains(&cell.text) => None,
        cell => Some(cell.procedure()?),
    };
    let (article, group) = (version_of(record)?, number(record.get(2))?);
    Ok(CoverageRow::Procedure { article, group, code, range: is_marked(record.get(4)) })
}

fn covered(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    diagnosis(record, true)
}

fn noncovered(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    diagnosis(record, false)
}

fn diagnosis(record: &Record<'_>, covered: bool) -> Result<CoverageRow, Refusal> {
    let code = match record.get(3) {
        cell if NO_CODE.contains(&cell.text) => None,
        cell => Some(icd10(cell.text).ok_or_else(|| cell.wrong(ICD10, "correct the code, or leave the row out"))?),
    };
    let (range, asterisk) = (is_marked(record.get(4)), covered && is_marked(record.get(5)));
    let (article, group) = (version_of(record)?, number(record.get(2))?);
    Ok(CoverageRow::Diagnosis { article, group, code, covered, range, asterisk })
}

const ICD10: &str = "an ICD-10-CM code (3 to 7 letters and digits, a dot after the third or not)";

fn icd10(text: &str) -> Option<Code> {
    Code::parse_diagnosis(text.as_bytes()).filter(|code| code.has_diagnosis_form())
}

fn modifier(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let cell = record.get(3);
    let modifier = if NO_CODE.contains(&cell.text) {
        None
    } else {
        let parsed = Modifier::parse(cell.text.as_bytes()).filter(|modifier| !modifier.is_absent());
        Some(parsed.ok_or_else(|| cell.wrong("a modifier (2 letters or digits)", "correct it, or leave the row out"))?)
    };
    Ok(CoverageRow::Modifier { article: version_of(record)?, group: number(record.get(2))?, modifier })
}

fn pairing(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let (diagnoses, procedures) = (number(record.get(2))?, number(record.get(3))?);
    Ok(CoverageRow::Pairing {
        article: version_of(record)?,
        diagnoses,
        procedures,
        with: optional_number(record.get(4))?,
    })
}

/// Letters and digits, which are kept as they are.
fn plain(cell: Cell<'_>, expected: &str) -> Result<Box<str>, Refusal> {
    if !cell.text.is_empty() && cell.text.len() <= 8 && cell.text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(cell.text.into());
    }
    Err(cell.wrong(expected, "correct the code, or leave the row out"))
}

fn bill_type(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::BillType { article: version_of(record)?, code: plain(record.get(2), "a type of bill")? })
}

fn revenue(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::Revenue { article: version_of(record)?, code: plain(record.get(2), "a revenue code")? })
}

fn article_contractor(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let (contractor, contractor_version) = (number(record.get(2))?, number(record.get(3))?);
    Ok(CoverageRow::ArticleContractor { article: version_of(record)?, contractor, contractor_version })
}

fn related(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let (policy, other) = (optional_number(record.get(2))?, optional_number(record.get(3))?);
    Ok(CoverageRow::Related { article: version_of(record)?, policy, other })
}

fn national(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::National { article: version_of(record)?, determination: number(record.get(2))? })
}

fn article_state(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::ArticleState { article: version_of(record)?, state: number(record.get(2))? })
}

fn contractor(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::Contractor {
        contractor: number(record.get(0))?,
        version: number(record.get(1))?,
        number: record.get(2).text.into(),
        name: record.get(3).text.into(),
    })
}

fn jurisdiction(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let (from, to) = (optional_day(record.get(3))?, optional_day(record.get(4))?);
    let (contractor, version) = (number(record.get(0))?, number(record.get(1))?);
    Ok(CoverageRow::Jurisdiction { contractor, version, state: number(record.get(2))?, from, to })
}

fn state(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::State { state: number(record.get(0))?, abbreviation: record.get(1).text.into() })
}

/// An answer of the API, or an article exported with its state and policy.
#[derive(Deserialize)]
#[serde(untagged)]
enum Json {
    Answer { data: Vec<BTreeMap<String, serde_json::Value>> },
    Export { abbreviation: String, policies: Vec<Policy> },
}

#[derive(Deserialize)]
struct Policy {
    lcd_id: String,
    associated_documents: Associated,
}

#[derive(Deserialize)]
struct Associated {
    related_local_coverage_documents: Vec<Exported>,
}

#[derive(Deserialize)]
struct Exported {
    id: String,
    url: String,
    article_content: BTreeMap<String, Group>,
}

#[derive(Deserialize)]
struct Group {
    paragraph: String,
    codes: Vec<GroupCode>,
}

#[derive(Deserialize)]
struct GroupCode {
    code: String,
}

fn json(document: &mut Document<CoverageRow>, bytes: &[u8]) -> Result<(), PublisherError> {
    let path = document.path.clone();
    let text = decode(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let wrong = |line: usize, found: &str| -> PublisherError {
        let advice = "load the answers of the Coverage API as they are";
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        At { path: &path, line }.wrong("the text", "JSON with `data`, or with `policies`", found, advice).into()
    };
    // Once for what is no JSON at all, which has a line and a column.
    if let Err(error) = serde_json::from_str::<&RawValue>(&text) {
        return Err(wrong(error.line(), &error.to_string()));
    }
    match serde_json::from_str::<Json>(&text).map_err(|error| wrong(1, &error.to_string()))? {
        Json::Answer { data } => answer(document, &path, &data),
        Json::Export { abbreviation, policies } => {
            let mut export = Export { document, path: &path, text: &text, place: 0, line: 1 };
            for policy in &policies {
                export.policy(&abbreviation, policy);
            }
        }
    }
    Ok(())
}

/// Rows of an answer are counted from 1: what CMS sends is one line.
fn answer(document: &mut Document<CoverageRow>, path: &Path, data: &[BTreeMap<String, serde_json::Value>]) {
    for (row, number) in data.iter().zip(1u32..) {
        let at = At { path, line: number };
        let titles: Vec<String> = row.keys().cloned().collect();
        let cells: Vec<Cow<'_, str>> = row
            .values()
            .map(|value| match value {
                serde_json::Value::String(text) => Cow::Borrowed(text.as_str()),
                serde_json::Value::Null => Cow::Borrowed(""),
                other => Cow::Owned(other.to_string()),
            })
            .collect();
        let found = TABLES.iter().find_map(|table| Some((table, Header::of(table.columns, &titles)?)));
        let read = match found {
            Some((table, header)) => (table.row)(&Record::new(&header, at, &cells)),
            None => {
                let advice = "load answers about articles: codes, groups, contractors, jurisdictions";
                let found = titles.join(", ");
                Err(at.wrong("the row", "the columns of a table of the coverage database", &found, advice))
            }
        };
        document.push(number, read);
    }
}

/// An exported article. Lines are found by going on in the text to each value in turn.
struct Export<'a> {
    document: &'a mut Document<CoverageRow>,
    path: &'a Path,
    text: &'a str,
    place: usize,
    line: u32,
}

impl<'a> Export<'a> {
    /// Goes on to where a string stands, and gives the line.
    fn line_of(&mut self, text: &str) -> u32 {
        let rest = self.text.get(self.place..).unwrap_or_default();
        // A string with escapes in it is not found; the line before it must do.
        let found = serde_json::to_string(text).ok().and_then(|quoted| rest.find(&quoted));
        if let Some(found) = found {
            self.line += rest[..found].bytes().filter(|&byte| byte == b'\n').count() as u32;
            self.place += found;
        }
        self.line
    }

    fn at(&self, line: u32) -> At<'a> {
        At { path: self.path, line }
    }

    fn policy(&mut self, abbreviation: &str, policy: &Policy) {
        self.line_of(&policy.lcd_id);
        for exported in &policy.associated_documents.related_local_coverage_documents {
            let line = self.line_of(&exported.id);
            let version = exported.url.rsplit_once("ver=").and_then(|(_, version)| version.parse().ok());
            let (Some(article), Some(version)) = (numbered(&exported.id, 'A'), version) else {
                let advice = "export the article again";
                let found = format!("{} {}", exported.id, exported.url);
                let expected = "an article such as A56781, with its version (ver=) in the address";
                self.document.push(line, Err(self.at(line).wrong("id and url", expected, &found, advice)));
                continue;
            };
            let article = ArticleVersion { article, version };
            let state = <[u8; 2]>::try_from(abbreviation.as_bytes()).ok().filter(|state| state.is_ascii());
            let in_state = state.map(|state| CoverageRow::ArticleInState { article, state }).ok_or_else(|| {
                self.at(line).wrong("abbreviation", "the two letters of a state", abbreviation, "correct the state")
            });
            self.document.push(line, in_state);
            let policy_number = numbered(&policy.lcd_id, 'L').ok_or_else(|| {
                self.at(line).wrong("lcd_id", "a policy such as L33577", &policy.lcd_id, "correct the number")
            });
            let related =
                policy_number.map(|policy| CoverageRow::Related { article, policy: Some(policy), other: None });
            self.document.push(line, related);
            for (name, group) in &exported.article_content {
                self.group(article, name, group);
            }
        }
    }

    fn group(&mut self, article: ArticleVersion, name: &str, group: &Group) {
        let line = self.line_of(name);
        let number = name.strip_prefix("Group ").and_then(|rest| rest.strip_suffix(" Paragraph"));
        let Some(number) = number.and_then(|number| number.parse::<u32>().ok()) else {
            let advice = "export the article again";
            let refusal = self.at(line).wrong("article_content", "a group such as \"Group 1 Paragraph\"", name, advice);
            self.document.push(line, Err(refusal));
            return;
        };
        // The export does not say which list a group is from, but its paragraph does.
        let paragraph = group.paragraph.to_ascii_lowercase();
        let denies = ["not support", "noncovered", "non-covered", "not covered", "not medically"];
        if denies.iter().any(|words| paragraph.contains(words)) {
            let advice = "load the article's tables, which tell covered diagnoses from those that are not";
            let refusal =
                self.at(line).wrong("paragraph", "diagnoses that support necessity", &group.paragraph, advice);
            self.document.push(line, Err(refusal));
            return;
        }
        let procedures = applicable(&group.paragraph);
        if !procedures.is_empty() {
            let pairing = CoverageRow::Pairing { article, diagnoses: number, procedures: number, with: None };
            self.document.push(line, Ok(pairing));
        }
        for code in procedures {
            let row = CoverageRow::Procedure { article, group: number, code: Some(code), range: false };
            self.document.push(line, Ok(row));
        }
        for GroupCode { code: text } in &group.codes {
            let line = self.line_of(text);
            let row = icd10(text)
                .map(|code| CoverageRow::Diagnosis {
                    article,
                    group: number,
                    code: Some(code),
                    covered: true,
                    range: false,
                    asterisk: false,
                })
                .ok_or_else(|| self.at(line).wrong("code", ICD10, text, "correct the code, or leave it out"));
            self.document.push(line, row);
        }
    }
}

fn numbered(text: &str, letter: char) -> Option<u32> {
    text.strip_prefix(letter)?.parse().ok()
}

/// The procedures in "Applicable to codes 93306, 93307, C8923 (coverage criteria …)".
fn applicable(paragraph: &str) -> Vec<Code> {
    let Some((_, list)) = paragraph.split_once("Applicable to codes ") else { return Vec::new() };
    let mut codes = Vec::new();
    for word in list.split_whitespace() {
        match columns::procedure(word.trim_end_matches([',', ';', ':', '.'])) {
            Some(code) => codes.push(code),
            None if word == "and" => {}
            None => break,
        }
    }
    codes
}
