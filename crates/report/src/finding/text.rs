//! Findings for a person.

use super::template::Texts;
use super::{Context, Layout};
use crate::escape::{Escape, Plain, display};
use crate::number::put_number;
use claims::Problem;
use edits::{EditInfo, Finding, Outcome, Severity};

pub(super) fn layout(info: &EditInfo, severity: Severity) -> Layout {
    let mut name = b"  ".to_vec();
    Plain::put(&format!("{} {}", info.id, info.name), &mut name);
    name.extend_from_slice(b"  ");
    let mut source = Vec::new();
    for (label, text) in [("", &info.source), ("CARC ", &info.carc), ("RARC ", &info.rarc)] {
        if !text.is_empty() {
            source.extend_from_slice(if source.is_empty() { b"".as_slice() } else { SEPARATOR });
            Plain::put(label, &mut source);
            Plain::put(text, &mut source);
        }
    }
    let (messages, not_evaluated) = Texts::of::<Plain>(info);
    Layout { name, severity: severity.name().into(), source, messages, not_evaluated }
}

const INDENT: &[u8] = b"\n    ";
const SEPARATOR: &[u8] = " · ".as_bytes();

pub(super) fn write(layout: &Layout, finding: &Finding, cx: &Context<'_>, out: &mut Vec<u8>) {
    if !cx.file.is_empty() {
        Plain::put(cx.file, out);
        out.push(b':');
        put_number(finding.place.row, out);
        out.extend_from_slice(b"  ");
    }
    if finding.claim == Problem::NO_CLAIM {
        out.extend_from_slice(b"no claim");
    } else {
        out.extend_from_slice(b"claim ");
        Plain::put(cx.claim_id(finding).unwrap_or("(no id)"), out);
    }
    if let Some(number) = cx.line_number(finding) {
        out.extend_from_slice(b" line ");
        put_number(number.into(), out);
    }
    out.extend_from_slice(&layout.name);
    // What did not fail has no severity that a person should act on.
    match finding.outcome {
        Outcome::Fail => out.extend_from_slice(&layout.severity),
        other => out.extend_from_slice(other.name().as_bytes()),
    }
    let texts = layout.texts(finding);
    if !texts.message.is_empty() {
        out.extend_from_slice(INDENT);
        texts.message.fill::<Plain>(finding, out);
    }
    if !texts.fix.is_empty() {
        out.extend_from_slice(INDENT);
        out.extend_from_slice(b"fix: ");
        texts.fix.fill::<Plain>(finding, out);
    }
    let mut between = INDENT;
    if let Some(field) = finding.field {
        out.extend_from_slice(between);
        out.extend_from_slice(b"field ");
        display::<Plain>(&field, out);
        between = SEPARATOR;
    }
    // Where in an 837.
    for (label, name) in [("loop ", "loop"), ("element ", "element")] {
        if let Some(value) = finding.value(name) {
            out.extend_from_slice(between);
            Plain::put(label, out);
            display::<Plain>(value, out);
            between = SEPARATOR;
        }
    }
    if !layout.source.is_empty() {
        out.extend_from_slice(between);
        out.extend_from_slice(&layout.source);
        between = SEPARATOR;
    }
    let release = cx.release(finding);
    if !release.is_empty() {
        out.extend_from_slice(between);
        out.extend_from_slice(b"release ");
        Plain::put(release, out);
    }
    out.extend_from_slice(b"\n\n");
}
