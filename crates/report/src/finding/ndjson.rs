//! Findings as one JSON object a line.

use super::template::Texts;
use super::values::put_object;
use super::{Context, Layout, Severities};
use crate::EditEntry;
use crate::escape::{Escape, Json, display};
use crate::number::put_number;
use edits::Finding;

pub(super) fn layout(edit: &EditEntry) -> Layout {
    let (info, severity) = (edit.info(), edit.severity());
    let mut name = b",\"edit\":".to_vec();
    string(&info.id, &mut name);
    name.extend_from_slice(b",\"name\":");
    string(&info.name, &mut name);
    name.extend_from_slice(b",\"outcome\":\"");
    let mut source = b",\"source\":".to_vec();
    string_or_null(&info.source, &mut source);
    source.extend_from_slice(b",\"carc\":");
    string_or_null(&info.carc, &mut source);
    source.extend_from_slice(b",\"rarc\":");
    string_or_null(&info.rarc, &mut source);
    source.extend_from_slice(b",\"policy\":");
    string_or_null(edit.policy().unwrap_or_default(), &mut source);
    source.extend_from_slice(b",\"release\":");
    let (messages, not_evaluated) = Texts::of::<Json>(info);
    let written = |severity| format!("\",\"severity\":\"{severity}\",\"field\":").into_bytes();
    let severities = Severities::of(info, severity, written);
    Layout { name, severities, source, messages, not_evaluated }
}

pub(super) fn write(layout: &Layout, finding: &Finding, cx: &Context<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"claim_id\":");
    string_or_null(cx.claim_id(finding).unwrap_or_default(), out);
    out.extend_from_slice(b",\"line_number\":");
    match cx.line_number(finding) {
        Some(number) => put_number(number.into(), out),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(&layout.name);
    out.extend_from_slice(finding.status().as_bytes());
    out.extend_from_slice(layout.severity(finding));
    match finding.field {
        Some(field) => {
            out.push(b'"');
            display::<Json>(&field, out);
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"values\":");
    put_object::<Json>(&finding.values, out);
    let texts = layout.texts(finding);
    out.extend_from_slice(b",\"message\":\"");
    texts.message.fill::<Json>(finding, out);
    if texts.fix.is_empty() {
        out.extend_from_slice(b"\",\"fix\":null");
    } else {
        out.extend_from_slice(b"\",\"fix\":\"");
        texts.fix.fill::<Json>(finding, out);
        out.push(b'"');
    }
    out.extend_from_slice(&layout.source);
    string_or_null(cx.release(finding), out);
    out.extend_from_slice(b",\"at\":{\"file\":");
    string_or_null(cx.file, out);
    out.extend_from_slice(b",\"offset\":");
    put_number(finding.place.offset, out);
    out.extend_from_slice(b",\"row\":");
    put_number(finding.place.row, out);
    out.extend_from_slice(b"}}\n");
}

fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    Json::put(text, out);
    out.push(b'"');
}

#[inline]
fn string_or_null(text: &str, out: &mut Vec<u8>) {
    if text.is_empty() {
        out.extend_from_slice(b"null");
    } else {
        string(text, out);
    }
}
