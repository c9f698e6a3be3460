//! The Medicare Coverage Database, published by CMS: which diagnoses the articles of the contractors accept for which
//! procedures, where, and from when to when; the policies (LCDs) that the articles belong to, and the national
//! determinations (NCDs) that both apply. Read from the tables of the csv downloads, from answers of the Coverage API,
//! whose rows have the same columns, and from an article exported with its state and policy.
//!
//! Codes of a group of diagnoses are for the codes of a group of procedures only as the paragraphs of the groups say.
//! Neither the download nor the API has that as a table; an exported article says it in the paragraph.

mod json;
mod tables;

use super::columns;
use super::release::{Calendar, ReleaseFacts};
use super::text::{At, decode};
use super::{Document, Kind, PublisherError};
use codes::{Code, Date, Modifier};
use std::path::Path;
use tables::TABLES;

/// One version of an article.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ArticleVersion {
    /// The number: 56781 of A56781.
    pub article: u32,
    /// The version.
    pub version: u32,
}

/// One version of a policy, a local coverage determination.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PolicyVersion {
    /// The number: 33577 of L33577.
    pub policy: u32,
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
        /// The first day: that of the revision, or else of the article.
        effective: Option<Date>,
        /// The last day, where given: the first of the ends that the row has.
        end: Option<Date>,
        /// The status, a letter: A, active; R, retired; …
        status: Box<str>,
        /// It is proposed, and in force on no day: DA56781.
        proposed: bool,
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
    /// The day on which an article will be retired.
    ArticleRetires {
        /// The number of the article, all its versions.
        article: u32,
        /// The day.
        on: Date,
    },
    /// A version of a policy.
    Policy {
        /// Which.
        policy: PolicyVersion,
        /// The title.
        title: Box<str>,
        /// The first day: that of the revision, or else of the policy.
        effective: Option<Date>,
        /// The last day, where given: the first of the ends that the row has.
        end: Option<Date>,
        /// The status, a letter: A, active; R, retired; …
        status: Box<str>,
        /// It is proposed, and in force on no day: DL33577.
        proposed: bool,
    },
    /// A procedure that a policy is about. Policies of most contractors leave them to their articles; those on equipment
    /// and supplies have them.
    PolicyProcedure {
        /// Of which policy.
        policy: PolicyVersion,
        /// In which group of procedures.
        group: u32,
        /// The code. None where the policy says that it is about no codes.
        code: Option<Code>,
        /// The row is marked as a part of a range.
        range: bool,
    },
    /// The contractor whose policy it is.
    PolicyContractor {
        /// Which policy.
        policy: PolicyVersion,
        /// The contractor, by the database's number.
        contractor: u32,
        /// The version of the contractor's entry.
        contractor_version: u32,
    },
    /// A state in which a policy holds.
    PolicyState {
        /// Which policy.
        policy: PolicyVersion,
        /// The state, by the database's number.
        state: u32,
    },
    /// An article that belongs to a policy, or another policy.
    PolicyRelated {
        /// Which policy.
        policy: PolicyVersion,
        /// The number of the article.
        article: Option<u32>,
        /// The number of the other policy.
        other: Option<u32>,
    },
    /// The national determination that a policy applies.
    PolicyNational {
        /// Which policy.
        policy: PolicyVersion,
        /// The determination, by the database's number.
        determination: u32,
    },
    /// The day on which a policy will be retired.
    PolicyRetires {
        /// The number of the policy, all its versions.
        policy: u32,
        /// The day.
        on: Date,
    },
    /// A version of a national determination. It has no lists of codes.
    Determination {
        /// By the database's number.
        determination: u32,
        /// The version.
        version: u32,
        /// The section of the National Coverage Determinations Manual: 220.6.17.
        section: Box<str>,
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

/// Whether a file is a table or an article of the database. Of a text, the beginning is enough.
pub(crate) fn is_coverage(bytes: &[u8]) -> bool {
    let text = decode(&bytes[..bytes.len().min(super::HEAD)]);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with('{') {
        let has = |key: &str| text.contains(&format!("\"{key}\""));
        let answers = ["article_id", "lcd_id", "contractor_id", "state_id", "document_display_id"];
        return (has("policies") && has("associated_documents"))
            || (has("meta") && has("data") && answers.iter().any(|key| has(key)));
    }
    table_of(bytes).is_some()
}

fn table_of(bytes: &[u8]) -> Option<&'static tables::Table> {
    TABLES.iter().find(|table| columns::which(bytes, &[(Kind::Coverage, table.columns)]).is_some())
}

/// Reads a table of the csv download, an answer of the API, or an exported article.
///
/// # Errors
/// When the first row is the header of none of the tables that are read, or a JSON text is not of a shape that is read.
pub fn coverage(path: &Path, bytes: &[u8]) -> Result<Document<CoverageRow>, PublisherError> {
    let mut document = Document::new(Kind::Coverage, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Civil));
    if bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start().first() == Some(&b'{') {
        json::read(&mut document, bytes)?;
    } else if let Some(table) = table_of(bytes) {
        columns::read(&mut document, bytes, table.columns, &mut |_| {}, &mut |record| (table.row)(record))?;
    } else {
        let advice = "load the tables of current_article.zip, current_lcd.zip and ncd.zip as CMS publishes them";
        let expected = "the header of a table of the coverage database";
        return Err(At { path, line: 1 }.wrong("the header", expected, "none in the first rows", advice).into());
    }
    Ok(document)
}
