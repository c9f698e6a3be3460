//! CPT, as the AMA gives it to who has its licence: lists of codes with their descriptors.
//!
//! The AMA's layouts (file layouts of the CPT data files; NLM, "CPT source information", UMLS): a copyright notice from the
//! first line on; then, delimited by tabs, code and long descriptor (`LONGULT.txt`, `LONGUT.txt`); or in fixed columns,
//! 1-5 code, 6-7 a number that counts the lines of one descriptor, 9-80 the long descriptor (`LONGULF.txt`,
//! `LONGUF.txt`); or 1-5 code, 7 on the medium (`MEDU.txt`) or short (`SHORTU.txt`, at most 28 characters) descriptor.

use super::release::{Calendar, ReleaseFacts};
use super::text::{At, columns, lines, squeezed, width};
use super::{Document, Kind, Placed, Refusal};
use codes::{Code, CodeKind};
use std::path::Path;

/// The longest short descriptor.
const SHORT: usize = 28;
/// The notice, which no list of other codes of five digits has.
const NOTICE: &str = "american medical association";
/// How many lines are looked at to recognise a list.
const LOOKED_AT: usize = 1_000;
const DAMAGED_ROW: &str = "take the file again from the AMA's download; if the row is so there, report it";

/// Which descriptor a list gives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Descriptor {
    /// The whole.
    Long,
    /// Shortened to 48 characters, 100 in older files.
    Medium,
    /// Shortened to 28 characters.
    Short,
}

/// A code with its descriptor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CptCode {
    /// The code.
    pub code: Code,
    /// The AMA's descriptor.
    pub descriptor: Box<str>,
}

/// One list, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cpt {
    /// Which descriptor it gives.
    pub descriptor: Descriptor,
    /// The codes.
    pub list: Document<CptCode>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Tabs,
    /// With the number of the line at 6-7.
    Counted,
    Plain,
}

/// Reads a list of the AMA.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::cpt::{Descriptor, cpt};
/// let text = b"CPT copyright American Medical Association\r\n\r\n99999\tAn invented service\r\n";
/// let list = cpt("CPT-2026.zip/LONGULT.txt".as_ref(), text);
/// assert_eq!((list.descriptor, &*list.list.rows[0].row.descriptor), (Descriptor::Long, "An invented service"));
/// assert_eq!(list.list.release.effective.map(|day| day.to_string()).as_deref(), Some("2026-01-01"));
/// ```
pub fn cpt(path: &Path, bytes: &[u8]) -> Cpt {
    let mut list: Document<CptCode> =
        Document::new(Kind::Cpt, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Civil));
    let layout = layout(bytes).unwrap_or(Layout::Plain);
    let (mut notice, mut continued, mut longest) = (0, 0, 0);
    let mut below = false;
    // The number of the line before, within its descriptor.
    let mut counted = 0;
    for (line, text) in lines(bytes) {
        below |= code_of(&text).is_some();
        if !below || text.trim().is_empty() {
            notice += 1;
            continue;
        }
        let at = At { path, line };
        match row(at, layout, &text) {
            Ok((code, number, descriptor)) => match list.rows.last_mut() {
                Some(Placed { row, .. }) if layout == Layout::Counted && row.code == code && number == counted + 1 => {
                    row.descriptor = format!("{} {descriptor}", row.descriptor).into();
                    (continued, counted) = (continued + 1, number);
                }
                last => {
                    let again = last.is_some_and(|last| last.row.code >= code && layout != Layout::Counted);
                    let first = layout != Layout::Counted || number == 1;
                    counted = number;
                    longest = longest.max(descriptor.chars().count());
                    let known = again && list.rows.iter().any(|placed| placed.row.code == code);
                    list.push(
                        line,
                        if known || !first {
                            let expected = if first { "each code once" } else { "the lines of a descriptor in order" };
                            Err(at.wrong("code (columns 1-5)", expected, &code.to_string(), DAMAGED_ROW))
                        } else {
                            Ok(CptCode { code, descriptor: descriptor.into() })
                        },
                    );
                }
            },
            Err(refusal) => list.push(line, Err(refusal)),
        }
    }
    list.leave_out("lines of the notice, and blank ones", notice);
    list.leave_out("lines that go on with a descriptor", continued);
    let descriptor = match layout {
        Layout::Tabs | Layout::Counted => Descriptor::Long,
        Layout::Plain if longest <= SHORT => Descriptor::Short,
        Layout::Plain => Descriptor::Medium,
    };
    Cpt { descriptor, list }
}

/// Whether the text begins as a list of the AMA does: with its notice, then codes.
pub(crate) fn is_cpt(head: &[u8]) -> bool {
    layout(head).is_some()
}

fn layout(bytes: &[u8]) -> Option<Layout> {
    let mut seen = String::new();
    let mut noticed = false;
    let mut rows = Vec::new();
    for (_, line) in lines(bytes).take(LOOKED_AT) {
        if rows.is_empty() && code_of(&line).is_none() {
            seen.push_str(&squeezed(&line).to_ascii_lowercase());
            seen.push(' ');
            noticed |= seen.contains(NOTICE);
        } else if !line.trim().is_empty() {
            rows.push(line);
        }
    }
    if !noticed || rows.is_empty() {
        return None;
    }
    let all = |test: &dyn Fn(&str) -> bool| rows.iter().filter(|row| test(row)).count() * 10 >= rows.len() * 8;
    let digits =
        |row: &str| columns(row, 6, 7).len() == 2 && columns(row, 6, 7).bytes().all(|byte| byte.is_ascii_digit());
    if all(&|row| columns(row, 6, 6) == "\t") {
        Some(Layout::Tabs)
    } else if all(&|row| digits(row) && columns(row, 8, 8) == " ") {
        Some(Layout::Counted)
    } else {
        all(&|row| columns(row, 6, 6) == " ").then_some(Layout::Plain)
    }
}

/// The CPT code that a line begins with.
fn code_of(line: &str) -> Option<Code> {
    let text = columns(line, 1, 5);
    let capitals = text.len() == 5 && !text.bytes().any(|byte| byte.is_ascii_lowercase());
    Code::parse(text.as_bytes()).filter(|code| capitals && code.procedure_kind().is_some_and(CodeKind::is_cpt))
}

fn row(at: At<'_>, layout: Layout, line: &str) -> Result<(Code, u8, String), Refusal> {
    let expected = "a CPT code (5 characters)";
    let code =
        code_of(line).ok_or_else(|| at.wrong("code (columns 1-5)", expected, columns(line, 1, 5), DAMAGED_ROW))?;
    let (between, from) = match layout {
        Layout::Tabs => ("\t", 7),
        Layout::Counted => ("", 9),
        Layout::Plain => (" ", 7),
    };
    let number = match layout {
        Layout::Counted => columns(line, 6, 7)
            .parse()
            .map_err(|_| at.wrong("sequence number (columns 6-7)", "two digits", columns(line, 6, 7), DAMAGED_ROW))?,
        _ if columns(line, 6, 6) == between => 1,
        _ => {
            let expected = if layout == Layout::Tabs { "a tab" } else { "a space" };
            return Err(at.wrong("column 6", expected, columns(line, 6, 6), DAMAGED_ROW));
        }
    };
    let descriptor = squeezed(columns(line, from, width(line).max(from)));
    if descriptor.is_empty() {
        return Err(at.wrong(format!("descriptor (from column {from})"), "a descriptor", "", DAMAGED_ROW));
    }
    Ok((code, number, descriptor))
}
