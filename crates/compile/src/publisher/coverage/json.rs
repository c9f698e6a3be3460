//! Answers of the Coverage API, and articles exported with their state and policy.

use super::tables::{ICD10, TABLES, icd10};
use super::{ArticleVersion, CoverageRow};
use crate::publisher::columns::{self, Header, Record};
use crate::publisher::text::{At, decode};
use crate::publisher::{Document, PublisherError};
use codes::Code;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

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

pub(super) fn read(document: &mut Document<CoverageRow>, bytes: &[u8]) -> Result<(), PublisherError> {
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
