//! Findings for a person.

use super::template::Texts;
use super::values::put_value;
use super::{Context, Layout, Severities};
use crate::EditEntry;
use crate::escape::{Escape, Plain, display};
use crate::number::put_number;
use claims::Problem;
use edits::{Finding, Outcome};

pub(super) fn layout(edit: &EditEntry) -> Layout {
    let (info, severity) = (edit.info(), edit.severity());
    let mut name = b"  ".to_vec();
    Plain::put(&format!("{} {}", info.id, info.name), &mut name);
    name.extend_from_slice(b"  ");
    let mut source = Vec::new();
    let policy = edit.policy().unwrap_or_default();
    let parts = [("", info.source.as_ref()), ("CARC ", &info.carc), ("RARC ", &info.rarc), ("policy ", policy)];
    for (label, text) in parts {
        if !text.is_empty() {
            source.extend_from_slice(if source.is_empty() { b"".as_slice() } else { SEPARATOR });
            Plain::put(label, &mut source);
            Plain::put(text, &mut source);
        }
    }
    let (messages, not_evaluated) = Texts::of::<Plain>(info);
    let severities = Severities::of(info, severity, |severity| severity.name().into());
    Layout { name, severities, source, messages, not_evaluated }
}

const INDENT: &[u8] = b"\n    ";
const SEPARATOR: &[u8] = " · ".as_bytes();

pub(super) fn write(layout: &Layout, finding: &Finding, cx: &Context<'_>, out: &mut Vec<u8>) {
    if !cx.file.is_empty() {
        Plain::put(cx.file, out);
        out.extend_from_slice(if cx.in_segments { b" segment " } else { b":" });
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
    match (finding.outcome, finding.suppressed) {
        (Outcome::Fail, None) => out.extend_from_slice(layout.severity(finding)),
        _ => out.extend_from_slice(finding.status().as_bytes()),
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
    if finding.suppressed.is_some() {
        out.extend_from_slice(INDENT);
        let parts = ["suppressed_by", "suppressed_until", "suppressed_because", "suppressed_at"];
        for (label, name) in ["suppressed by ", " until ", ": ", " · "].into_iter().zip(parts) {
            out.extend_from_slice(label.as_bytes());
            if let Some(value) = finding.value(name) {
                put_value::<Plain>(value, out);
            }
        }
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
