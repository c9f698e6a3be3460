//! Findings as rows of a CSV.

use super::template::{Template, Texts};
use super::values::put_object;
use super::{Context, Layout, Severities};
use crate::EditEntry;
use crate::escape::{JsonInQuoted, Quoted, cell, display, looks_like_formula};
use crate::number::put_number;
use edits::Finding;

/// The columns. Messages, fixes and values are always quoted, the rest where they must be.
pub(super) const HEADER: &[u8] = b"claim_id,line_number,edit,name,outcome,severity,field,values,message,fix,\
source,carc,rarc,policy,release,file,offset,row\n";

pub(super) fn layout(edit: &EditEntry) -> Layout {
    let (info, severity) = (edit.info(), edit.severity());
    let mut name = Vec::new();
    for text in [&info.id, &info.name] {
        name.push(b',');
        cell(text, &mut name);
    }
    name.push(b',');
    let mut source = Vec::new();
    for text in [&info.source, &info.carc, &info.rarc, edit.policy().unwrap_or_default()] {
        source.push(b',');
        cell(text, &mut source);
    }
    source.push(b',');
    let (messages, not_evaluated) = Texts::of::<Quoted>(info);
    let severities = Severities::of(info, severity, |severity| format!(",{severity},").into_bytes());
    Layout { name, severities, source, messages, not_evaluated }
}

pub(super) fn write(layout: &Layout, finding: &Finding, cx: &Context<'_>, out: &mut Vec<u8>) {
    cell(cx.claim_id(finding).unwrap_or_default(), out);
    out.push(b',');
    if let Some(number) = cx.line_number(finding) {
        put_number(number.into(), out);
    }
    out.extend_from_slice(&layout.name);
    out.extend_from_slice(finding.status().as_bytes());
    out.extend_from_slice(layout.severity(finding));
    if let Some(field) = finding.field {
        display::<Quoted>(&field, out);
    }
    out.extend_from_slice(b",\"");
    put_object::<JsonInQuoted>(&finding.values, out);
    out.extend_from_slice(b"\",");
    let texts = layout.texts(finding);
    sentence(&texts.message, finding, out);
    out.push(b',');
    sentence(&texts.fix, finding, out);
    out.extend_from_slice(&layout.source);
    cell(cx.release(finding), out);
    out.push(b',');
    cell(cx.file, out);
    out.push(b',');
    put_number(finding.place.offset, out);
    out.push(b',');
    put_number(finding.place.row, out);
    out.push(b'\n');
}

fn sentence(template: &Template, finding: &Finding, out: &mut Vec<u8>) {
    if template.is_empty() {
        return;
    }
    out.push(b'"');
    let start = out.len();
    template.fill::<Quoted>(finding, out);
    // Most sentences begin with a letter; one that begins with what a claim holds might not.
    if looks_like_formula(out.get(start..).unwrap_or_default()) {
        out.insert(start, b'\'');
    }
    out.push(b'"');
}
