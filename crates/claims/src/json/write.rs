//! Claims as JSON of our own schema.

use super::own::{INPUT_FIELDS, Member, OF_CLAIM, OF_LINE};
use crate::values::trim;
use crate::{ClaimView, Columns, Field};

/// Appends a claim as one line of our own schema, with its line end. Every value is a text, as
/// [`ClaimView::push_field`] gives it; what is not given is left out. A claim that could not be read whole is marked
/// `"unreadable": true`, so that nobody takes what is there for all of it.
///
/// ```
/// use cleanclaim_claims::{Claim, ClaimBatch, Columns, write_claim};
/// let mut batch = ClaimBatch::new(Columns::ALL);
/// batch.push(&Claim { claim_id: "C1".into(), diagnoses: vec!["e11.9".into()], ..Claim::default() });
/// let mut text = Vec::new();
/// write_claim(&batch.claim(0), &mut text);
/// assert_eq!(text, b"{\"claim_id\":\"C1\",\"claim_type\":\"P\",\"diagnoses\":[\"E119\"],\"lines\":[]}\n");
/// ```
pub fn write_claim(claim: &ClaimView<'_>, out: &mut Vec<u8>) {
    let mut text = String::new();
    let mut object = Object::begin(out);
    for &(name, member) in OF_CLAIM.iter() {
        text.clear();
        match member {
            // An id is always there, so that a claim without one is seen to have none.
            Member::One(Field::ClaimId) => object.text(name, claim.id()),
            Member::One(field) => {
                claim.push_field(field, &mut text);
                object.text_if_any(name, &text);
            }
            Member::Joined(field) => {
                claim.push_field(field, &mut text);
                object.joined_if_any(name, &text);
            }
            Member::Diagnoses => {
                let count = claim.written_diagnoses();
                let mut codes = Vec::with_capacity(count.into());
                for number in 1..=count {
                    let mut code = String::new();
                    claim.push_field(Field::Diagnosis(number), &mut code);
                    codes.push(code);
                }
                object.list_if_any(name, codes.iter().map(String::as_str));
            }
            Member::Unreadable if claim.row.unreadable => object.name(name).extend_from_slice(b"true"),
            Member::Unreadable | Member::Modifiers | Member::InputFields => {}
            Member::Lines => {
                let out = object.name(name);
                out.push(b'[');
                for line in 0..claim.lines().len() {
                    if line > 0 {
                        out.push(b',');
                    }
                    write_line(claim, line, &mut text, out);
                }
                out.push(b']');
            }
        }
    }
    object.end();
    out.push(b'\n');
}

/// What comes after the opening brace of the first claim of a file whose input could not give every field: so that an edit
/// that is not evaluated for want of a column is not evaluated on the file either. Nothing if it could give all.
///
/// ```
/// use cleanclaim_claims::{Columns, Field, input_fields};
/// let columns = Columns::NONE.with(Field::ClaimId).with(Field::Procedure);
/// assert_eq!(input_fields(columns).as_deref(), Some("\"input_fields\":[\"claim_id\",\"procedure\"],"));
/// assert_eq!(input_fields(Columns::ALL), None);
/// ```
pub fn input_fields(columns: Columns) -> Option<String> {
    if Field::all().all(|field| columns.has(field)) {
        return None;
    }
    let names = Field::all().filter(|&field| columns.has(field)).map(|field| format!("\"{field}\""));
    Some(format!("\"{INPUT_FIELDS}\":[{}],", names.collect::<Vec<_>>().join(",")))
}

/// The fields that the first claim of a file says its input could give. It must be the claim's first member.
pub(super) fn read_input_fields(head: &[u8]) -> Option<Columns> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let head = head.strip_prefix(b"[").unwrap_or(head).trim_ascii_start();
    let name =
        head.strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"")?.strip_prefix(INPUT_FIELDS.as_bytes())?;
    let value = name.strip_prefix(b"\"")?.trim_ascii_start().strip_prefix(b":")?;
    let names: Vec<String> = serde_json::Deserializer::from_slice(value).into_iter().next()?.ok()?;
    Some(names.iter().filter_map(|name| Field::from_name(name)).fold(Columns::NONE, Columns::with))
}

fn write_line(claim: &ClaimView<'_>, line: usize, text: &mut String, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    for &(name, member) in OF_LINE.iter() {
        text.clear();
        match member {
            Member::One(field) => {
                claim.push_line_field(line, field, text);
                object.text_if_any(name, text);
            }
            Member::Joined(field) => {
                claim.push_line_field(line, field, text);
                object.joined_if_any(name, text);
            }
            Member::Modifiers => {
                // One beyond those that there is a place for, where it was told.
                let mut modifiers: Vec<String> = (1..=Field::MODIFIERS + 1)
                    .map(|number| {
                        let mut modifier = String::new();
                        claim.push_line_field(line, Field::Modifier(number), &mut modifier);
                        modifier
                    })
                    .collect();
                while modifiers.pop_if(|modifier| modifier.is_empty()).is_some() {}
                object.list_if_any(name, modifiers.iter().map(String::as_str));
            }
            Member::Diagnoses | Member::Lines | Member::Unreadable | Member::InputFields => {}
        }
    }
    object.end();
}

/// An object that is being written.
struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl Object<'_> {
    fn begin(out: &mut Vec<u8>) -> Object<'_> {
        out.push(b'{');
        Object { out, empty: true }
    }

    /// Writes a member's name, and gives where its value goes.
    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        put_text(self.out, name);
        self.out.push(b':');
        self.out
    }

    fn text(&mut self, name: &str, text: &str) {
        put_text(self.name(name), text);
    }

    fn text_if_any(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.text(name, text);
        }
    }

    /// The codes that one field holds, as an array; or as the text, where it is no plain list of codes and the items of
    /// an array would be read back as another text.
    fn joined_if_any(&mut self, name: &str, text: &str) {
        let plain = |item: &str| !item.is_empty() && trim(item.as_bytes()).len() == item.len();
        if text.split(':').all(plain) {
            self.list_if_any(name, text.split(':'));
        } else {
            self.text_if_any(name, text);
        }
    }

    fn list_if_any<'t>(&mut self, name: &str, items: impl Iterator<Item = &'t str>) {
        let mut items = items.peekable();
        if items.peek().is_none() {
            return;
        }
        let out = self.name(name);
        out.push(b'[');
        for (place, item) in items.enumerate() {
            if place > 0 {
                out.push(b',');
            }
            put_text(out, item);
        }
        out.push(b']');
    }

    fn end(self) {
        self.out.push(b'}');
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    // Only fails when the writer does, and memory does not.
    let _ = serde_json::to_writer(out, text);
}
