//! Interchanges that were wrapped at some column, as listings and mainframes' records are: line ends stand within
//! segments, where they mean nothing.

use super::separators::Separators;
use crate::input::{Input, ReadError};

/// The columns at which text is wrapped.
const COLUMNS: std::ops::RangeInclusive<usize> = 32..=256;

/// The column at which an input is wrapped that begins so. `None` when its segments end its lines, or nothing but them
/// ends anything.
pub(super) fn column(head: &[u8]) -> Option<usize> {
    let text = head.trim_ascii_start();
    if !text.starts_with(b"ISA") {
        return None;
    }
    let start: Vec<u8> = text.iter().copied().filter(|byte| !is_line_end(*byte)).take(2 * *COLUMNS.end()).collect();
    let terminator = Separators::of_isa(&start)?.separators.segment;
    let mut lines: Vec<&[u8]> =
        text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
    // What follows the last line end may go on.
    lines.pop();
    let column = lines.first()?.len();
    let full = |line: &&&[u8]| line.len() == column;
    let within = lines.iter().filter(full).filter(|line| line.last() != Some(&terminator)).count();
    // The last line of an interchange may be shorter, and the next begin on its own.
    let fits = lines.iter().all(|line| line.len() == column || line.len() < column && line.last() == Some(&terminator));
    (COLUMNS.contains(&column) && fits && within * 2 > lines.len() && !is_line_end(terminator)).then_some(column)
}

/// As [`Input::append`], without line ends.
pub(super) fn append_unwrapped(input: &mut Input, to: &mut Vec<u8>, most: usize) -> Result<usize, ReadError> {
    let before = to.len();
    while to.len() == before && input.append(to, most)? > 0 {
        unwrap(to, before);
    }
    Ok(to.len() - before)
}

/// Takes out line ends from `from` on.
pub(super) fn unwrap(text: &mut Vec<u8>, from: usize) {
    let mut kept = from;
    for at in from..text.len() {
        if !is_line_end(text[at]) {
            text[kept] = text[at];
            kept += 1;
        }
    }
    text.truncate(kept);
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &str =
        "ISA*00*          *00*          *ZZ*A              *ZZ*B              *240105*1200*^*00501*000000001*0*P*:~";

    fn wrapped(text: &str, column: usize, line_end: &str) -> String {
        let lines: Vec<String> =
            text.as_bytes().chunks(column).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        lines.join(line_end)
    }

    #[test]
    fn a_wrapped_interchange_is_told_from_one_of_lines() {
        let text = format!("{ISA}{}", "NM1*85*2*CLINIC*****XX*1234567893~HL*2*1*22*0~".repeat(20));
        for line_end in ["\n", "\r\n"] {
            for at in [72, 80, 106, 132] {
                assert_eq!(column(wrapped(&text, at, line_end).as_bytes()), Some(at), "{at}");
            }
            let two = format!("{}{line_end}{}", wrapped(&text, 80, line_end), wrapped(&text, 80, line_end));
            assert_eq!(column(two.as_bytes()), Some(80));
            assert_eq!(column(text.replace('~', &format!("~{line_end}")).as_bytes()), None);
        }
        assert_eq!(column(text.as_bytes()), None);
        assert_eq!(column(format!("{text}\n").as_bytes()), None);
        // A line end in a note is that segment's fault.
        let note = format!("{}NTE*ADD*one\ntwo~\n", text.replace('~', "~\n"));
        assert_eq!(column(note.as_bytes()), None);
        for text in ["", "ISA", "ISA*\n\n", "claim_id,procedure\nA,99213\n"] {
            assert_eq!(column(text.as_bytes()), None);
        }
    }

    #[test]
    fn line_ends_are_taken_out() {
        let mut text = b"a\nb\r\nc\n".to_vec();
        unwrap(&mut text, 2);
        assert_eq!(text, b"a\nbc");
    }
}
