//! The tables of the csv downloads: `current_article.zip`, `current_lcd.zip` and `ncd.zip`. The columns are those of the
//! downloads of 2026; answers of the Coverage API have most of them under the same names.

use super::{ArticleVersion, CoverageRow, PolicyVersion};
use crate::publisher::Refusal;
use crate::publisher::columns::{Cell, Column, Record, date, needed, optional};
use codes::{Code, Date, Modifier};

/// Stands for "there is no code" in lists of codes.
const NO_CODE: [&str; 2] = ["XX000", "XX001"];

type ReadRow = fn(&Record<'_>) -> Result<CoverageRow, Refusal>;

/// A table of the database: its columns, and what its rows are.
pub(super) struct Table {
    pub(super) columns: &'static [Column],
    pub(super) row: ReadRow,
}

const ARTICLE: Column = needed(&["articleid"]);
const ARTICLE_VERSION: Column = needed(&["articleversion"]);
const POLICY: Column = needed(&["lcdid"]);
const POLICY_VERSION: Column = needed(&["lcdversion"]);
const GROUP: Column = needed(&["hcpccodegroup"]);
const PROCEDURE: Column = needed(&["hcpccodeid"]);
const DIAGNOSIS: Column = needed(&["icd10codeid"]);
const RANGE: Column = optional(&["range"]);
const CONTRACTOR: Column = needed(&["contractorid"]);
const CONTRACTOR_VERSION: Column = needed(&["contractorversion"]);
const STATE: Column = needed(&["stateid"]);
const RELATED: [Column; 2] = [needed(&["rlcdid"]), needed(&["rarticleid"])];
const NATIONAL: Column = needed(&["rncdid"]);
const RETIRES: Column = needed(&["retiredt"]);

/// Those with more of their columns in common with others come first.
pub(super) const TABLES: [Table; 25] = [
    Table {
        columns: &[
            ARTICLE,
            ARTICLE_VERSION,
            needed(&["articletype"]),
            needed(&["title"]),
            needed(&["articleeffdate"]),
            needed(&["articleenddate"]),
            needed(&["status"]),
            optional(&["articlepubdate"]),
            optional(&["articlerevenddate"]),
            optional(&["dateretired"]),
            optional(&["displayid"]),
        ],
        row: article,
    },
    Table { columns: &[ARTICLE, ARTICLE_VERSION, GROUP, PROCEDURE, RANGE], row: article_procedure },
    Table {
        columns: &[ARTICLE, ARTICLE_VERSION, needed(&["icd10coveredgroup"]), DIAGNOSIS, RANGE, optional(&["asterisk"])],
        row: covered,
    },
    Table {
        columns: &[ARTICLE, ARTICLE_VERSION, needed(&["icd10noncoveredgroup"]), DIAGNOSIS, RANGE],
        row: noncovered,
    },
    Table {
        columns: &[ARTICLE, ARTICLE_VERSION, needed(&["hcpcmodifiergroup"]), needed(&["hcpcmodifiercodeid"])],
        row: modifier,
    },
    // No table of the database: what its prose says, as a user writes it down.
    Table {
        columns: &[
            ARTICLE,
            ARTICLE_VERSION,
            needed(&["icd10coveredgroup"]),
            GROUP,
            optional(&["andicd10coveredgroup"]),
        ],
        row: pairing,
    },
    Table { columns: &[ARTICLE, ARTICLE_VERSION, needed(&["billcodeid"])], row: bill_type },
    Table { columns: &[ARTICLE, ARTICLE_VERSION, needed(&["revenuecodeid"])], row: revenue },
    Table { columns: &[ARTICLE, ARTICLE_VERSION, CONTRACTOR, CONTRACTOR_VERSION], row: article_contractor },
    Table { columns: &[ARTICLE, ARTICLE_VERSION, RELATED[0], RELATED[1]], row: article_related },
    Table { columns: &[ARTICLE, ARTICLE_VERSION, NATIONAL], row: article_national },
    Table { columns: &[ARTICLE, ARTICLE_VERSION, STATE], row: article_state },
    Table { columns: &[ARTICLE, RETIRES], row: article_retires },
    Table {
        columns: &[
            POLICY,
            POLICY_VERSION,
            needed(&["title"]),
            needed(&["origdeteffdate"]),
            needed(&["entdetenddate"]),
            needed(&["status"]),
            optional(&["reveffdate"]),
            optional(&["revenddate"]),
            optional(&["dateretired"]),
            optional(&["displayid"]),
        ],
        row: policy,
    },
    Table { columns: &[POLICY, POLICY_VERSION, GROUP, PROCEDURE, RANGE], row: policy_procedure },
    Table { columns: &[POLICY, POLICY_VERSION, CONTRACTOR, CONTRACTOR_VERSION], row: policy_contractor },
    Table { columns: &[POLICY, POLICY_VERSION, RELATED[0], RELATED[1]], row: policy_related },
    Table { columns: &[POLICY, POLICY_VERSION, NATIONAL], row: policy_national },
    // The API's documentation has these names for an article's states too; they are taken at their word.
    Table { columns: &[POLICY, POLICY_VERSION, STATE], row: policy_state },
    Table { columns: &[POLICY, RETIRES], row: policy_retires },
    Table {
        columns: &[needed(&["ncdid"]), needed(&["ncdvrsnnum"]), needed(&["ncdmnlsect"]), needed(&["ncdmnlsecttitle"])],
        row: determination,
    },
    // The same of the API.
    Table {
        columns: &[
            needed(&["documentid"]),
            needed(&["documentversion"]),
            needed(&["documentdisplayid"]),
            needed(&["benefitcategory"]),
        ],
        row: determination,
    },
    Table {
        columns: &[
            CONTRACTOR,
            CONTRACTOR_VERSION,
            needed(&["contractornumber", "contractnumber"]),
            needed(&["contractorbusname", "contractorname"]),
        ],
        row: contractor,
    },
    Table {
        columns: &[CONTRACTOR, CONTRACTOR_VERSION, STATE, needed(&["activedate"]), needed(&["termdate"])],
        row: jurisdiction,
    },
    Table { columns: &[STATE, needed(&["stateabbrev"]), needed(&["description"])], row: state },
];

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

fn article_of(record: &Record<'_>) -> Result<ArticleVersion, Refusal> {
    Ok(ArticleVersion { article: number(record.get(0))?, version: number(record.get(1))? })
}

fn policy_of(record: &Record<'_>) -> Result<PolicyVersion, Refusal> {
    Ok(PolicyVersion { policy: number(record.get(0))?, version: number(record.get(1))? })
}

/// The earliest of the days that these columns have.
fn first_of(record: &Record<'_>, columns: &[usize]) -> Result<Option<Date>, Refusal> {
    columns.iter().try_fold(None, |first: Option<Date>, &column| {
        let day = optional_day(record.get(column))?;
        Ok([first, day].into_iter().flatten().min())
    })
}

/// The first of these columns that has a day.
fn either(record: &Record<'_>, columns: &[usize]) -> Result<Option<Date>, Refusal> {
    columns.iter().try_fold(None, |found: Option<Date>, &column| match found {
        None => optional_day(record.get(column)),
        found => Ok(found),
    })
}

/// A document whose number is displayed with a D before it is proposed.
fn is_proposed(cell: Cell<'_>) -> bool {
    cell.text.starts_with(['D', 'd'])
}

fn article(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::Article {
        article: article_of(record)?,
        kind: number(record.get(2))?,
        title: record.get(3).text.into(),
        // An article that was never revised has the day of its publication alone.
        effective: either(record, &[4, 7])?,
        end: first_of(record, &[5, 8, 9])?,
        status: record.get(6).text.into(),
        proposed: is_proposed(record.get(10)),
    })
}

fn policy(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::Policy {
        policy: policy_of(record)?,
        title: record.get(2).text.into(),
        effective: either(record, &[6, 3])?,
        end: first_of(record, &[4, 7, 8])?,
        status: record.get(5).text.into(),
        proposed: is_proposed(record.get(9)),
    })
}

/// A group of procedures, the code if there is one, and whether it is a part of a range.
fn procedure(record: &Record<'_>) -> Result<(u32, Option<Code>, bool), Refusal> {
    let code = match record.get(3) {
        cell if NO_CODE.contains(&cell.text) => None,
        cell => Some(cell.procedure()?),
    };
    Ok((number(record.get(2))?, code, is_marked(record.get(4))))
}

fn article_procedure(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let (group, code, range) = procedure(record)?;
    Ok(CoverageRow::Procedure { article: article_of(record)?, group, code, range })
}

fn policy_procedure(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let (group, code, range) = procedure(record)?;
    Ok(CoverageRow::PolicyProcedure { policy: policy_of(record)?, group, code, range })
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
    let (article, group) = (article_of(record)?, number(record.get(2))?);
    Ok(CoverageRow::Diagnosis { article, group, code, covered, range, asterisk })
}

/// What a diagnosis looks like, for messages.
pub(super) const ICD10: &str = "an ICD-10-CM code (3 to 7 letters and digits, a dot after the third or not)";

pub(super) fn icd10(text: &str) -> Option<Code> {
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
    Ok(CoverageRow::Modifier { article: article_of(record)?, group: number(record.get(2))?, modifier })
}

fn pairing(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let (diagnoses, procedures) = (number(record.get(2))?, number(record.get(3))?);
    Ok(CoverageRow::Pairing {
        article: article_of(record)?,
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
    Ok(CoverageRow::BillType { article: article_of(record)?, code: plain(record.get(2), "a type of bill")? })
}

fn revenue(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::Revenue { article: article_of(record)?, code: plain(record.get(2), "a revenue code")? })
}

fn article_contractor(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let (contractor, contractor_version) = (number(record.get(2))?, number(record.get(3))?);
    Ok(CoverageRow::ArticleContractor { article: article_of(record)?, contractor, contractor_version })
}

fn policy_contractor(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let (contractor, contractor_version) = (number(record.get(2))?, number(record.get(3))?);
    Ok(CoverageRow::PolicyContractor { policy: policy_of(record)?, contractor, contractor_version })
}

fn article_related(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let (policy, other) = (optional_number(record.get(2))?, optional_number(record.get(3))?);
    Ok(CoverageRow::Related { article: article_of(record)?, policy, other })
}

fn policy_related(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let (other, article) = (optional_number(record.get(2))?, optional_number(record.get(3))?);
    Ok(CoverageRow::PolicyRelated { policy: policy_of(record)?, article, other })
}

fn article_national(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::National { article: article_of(record)?, determination: number(record.get(2))? })
}

fn policy_national(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::PolicyNational { policy: policy_of(record)?, determination: number(record.get(2))? })
}

fn article_state(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::ArticleState { article: article_of(record)?, state: number(record.get(2))? })
}

fn policy_state(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::PolicyState { policy: policy_of(record)?, state: number(record.get(2))? })
}

/// The day of a retirement that is announced.
fn retires(record: &Record<'_>) -> Result<Date, Refusal> {
    let cell = record.get(1);
    optional_day(cell)?.ok_or_else(|| cell.wrong("a date", "correct the date, or leave the row out"))
}

fn article_retires(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::ArticleRetires { article: number(record.get(0))?, on: retires(record)? })
}

fn policy_retires(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    Ok(CoverageRow::PolicyRetires { policy: number(record.get(0))?, on: retires(record)? })
}

fn determination(record: &Record<'_>) -> Result<CoverageRow, Refusal> {
    let cell = record.get(2);
    let numbers = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    if cell.text.split('.').count() > 4 || !cell.text.split('.').all(numbers) {
        return Err(cell.wrong("a section of the manual, such as 220.6.17", "correct it, or leave the row out"));
    }
    let (determination, version) = (number(record.get(0))?, number(record.get(1))?);
    Ok(CoverageRow::Determination { determination, version, section: cell.text.into() })
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
