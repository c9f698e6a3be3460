//! The list of codes that are not otherwise classified: text in columns, a description over as many lines as it
//! needs.
//!
//! Columns: 1-5 code, 12-91 description, 100-107 the day added, 120-127 the last day. Lines that go on repeat the code
//! and have no dates.

use crate::publisher::release::{Calendar, ReleaseFacts};
use crate::publisher::text::{At, columns, lines, squeezed};
use crate::publisher::{Document, Kind, Placed, Refusal};
use codes::{Code, Date};
use std::path::Path;

const DAMAGED_ROW: &str = "download the file again; if the row is so in the publisher's file, report it";

/// A code that stands for what has no code of its own: it needs a description on the claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NocCode {
    /// The code.
    pub code: Code,
    /// What it stands for.
    pub long: Box<str>,
    /// The day on which it began.
    pub added: Date,
    /// Its last day.
    pub terminated: Option<Date>,
}

impl NocCode {
    /// Whether the code really stands for what has none. CMS finds the codes of its list by letters that may stand in
    /// other words too (diagNOStic, NOt used), so most of them name one service: `A9500` is a tracer.
    ///
    /// What the description says decides, by the words that X12 gives for non-specific codes (005010X222A1, SV101-7):
    /// not otherwise classified or specified, NOC, NOS, unlisted, unspecified, unclassified, miscellaneous. A named drug
    /// that is "not otherwise specified" is that drug, and a reason that is so no service at all.
    pub fn is_unlisted(&self) -> bool {
        let long = self.long.to_ascii_lowercase();
        let has_word = |word: &str| {
            let mut words = long.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
            words.any(|own| own == word)
        };
        let by_itself = ["not otherwise classified", "unlisted", "unspecified", "unclassified", "miscellaneous"];
        if by_itself.iter().any(|words| long.contains(words)) || has_word("noc") {
            return true;
        }
        (long.contains("not otherwise specified") || has_word("nos"))
            && !long.starts_with("injection, ")
            && !long.contains("reason not otherwise specified")
    }
}

/// Reads the list of codes that are not otherwise classified.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::hcpcs;
/// let text = "HCPCS\t   LONG DESCRIPTION\t   ADD DATE   TERM DATE\r\n\
///     A4223      Infusion supplies not used with external infusion pump, per cassette or bag             20050101\r\n\
///     A4223      (list drugs separately)\r\n";
/// let document = hcpcs::noc("NOC_Codes_2017.txt".as_ref(), text.as_bytes());
/// assert!(document.rows[0].row.long.ends_with("bag (list drugs separately)"));
/// assert!(!document.rows[0].row.is_unlisted());
/// ```
pub fn noc(path: &Path, bytes: &[u8]) -> Document<NocCode> {
    let release = ReleaseFacts::of_name(path, Calendar::Civil);
    let mut document: Document<NocCode> = Document::new(Kind::HcpcsNoc, path.to_owned(), release);
    let (mut headings, mut continuations) = (0, 0);
    // The code of the line before, and whether it was refused.
    let mut before: Option<(Code, bool)> = None;
    for (line, text) in lines(bytes) {
        if text.trim().is_empty() || is_header(&text) {
            headings += 1;
            continue;
        }
        match row(At { path, line }, &text) {
            Ok((code, long, None)) if before.is_some_and(|(last, _)| last == code) => {
                continuations += 1;
                match document.rows.last_mut() {
                    Some(Placed { row, .. }) if row.code == code => row.long = format!("{} {long}", row.long).into(),
                    _ => {}
                }
            }
            Ok((code, long, Some((added, terminated)))) => {
                before = Some((code, false));
                document.release.saw(Some(added));
                document.push(line, Ok(NocCode { code, long: long.into(), added, terminated }));
            }
            Ok((code, ..)) => {
                before = Some((code, true));
                let expected = "the day on which the code was added";
                document
                    .push(line, Err(At { path, line }.wrong("ADD DATE (columns 100-107)", expected, "", DAMAGED_ROW)));
            }
            Err(refusal) => {
                before = None;
                document.push(line, Err(refusal));
            }
        }
    }
    document.leave_out("headings and blank lines", headings);
    document.leave_out("rows that go on with a description", continuations);
    document
}

type Days = (Date, Option<Date>);

fn row(at: At<'_>, text: &str) -> Result<(Code, String, Option<Days>), Refusal> {
    let code_text = columns(text, 1, 5);
    let code = Code::parse(code_text.as_bytes()).filter(|code| code.procedure_kind().is_some());
    let expected = "a procedure code in capitals (5 characters)";
    let code = code.ok_or_else(|| at.wrong("HCPCS (columns 1-5)", expected, code_text, DAMAGED_ROW))?;
    let long = squeezed(columns(text, 12, 91));
    if long.is_empty() {
        return Err(at.wrong("LONG DESCRIPTION (columns 12-91)", "a description", &long, DAMAGED_ROW));
    }
    let date = |from: usize, name: &str| {
        let text = columns(text, from, from + 7).trim();
        match Date::parse(text.as_bytes()).filter(|_| text.len() == 8) {
            _ if text.is_empty() => Ok(None),
            Some(date) => Ok(Some(date)),
            None => {
                let column = format!("{name} (columns {from}-{})", from + 7);
                Err(at.wrong(column, "a date YYYYMMDD, or nothing", text, DAMAGED_ROW))
            }
        }
    };
    let (added, terminated) = (date(100, "ADD DATE")?, date(120, "TERM DATE")?);
    Ok((code, long, added.map(|added| (added, terminated))))
}

fn is_header(text: &str) -> bool {
    text.starts_with("HCPCS") && text.contains("LONG DESCRIPTION") && text.contains("ADD DATE")
}

/// Whether the text begins as the list does.
pub(crate) fn is_noc(head: &[u8]) -> bool {
    let mut all = lines(head).filter(|(_, text)| !text.trim().is_empty());
    let headed = all.by_ref().take(5).any(|(_, text)| is_header(&text));
    headed && all.next().is_some_and(|(line, text)| row(At { path: Path::new(""), line }, &text).is_ok())
}
