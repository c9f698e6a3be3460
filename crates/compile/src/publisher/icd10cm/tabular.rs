//! The tabular list: the hierarchy of ICD-10-CM with its notes, as XML.
//!
//! The list does not spell out the codes that a 7th character completes. They are made here as CMS makes them in the
//! order file: the code padded to six characters with the placeholder X, then the character; the title, a comma, then
//! the text of the character. The characters are those of the nearest of the code and its ancestors that defines any.

use super::runs::Orders;
use super::title::plain;
use super::{DAMAGED_ROW, Diagnosis, Reference, Run, Targets};
use crate::publisher::release::{Calendar, ReleaseFacts};
use crate::publisher::text::{At, squeezed};
use crate::publisher::{Document, Kind, Placed, PublisherError, Refusal};
use codes::Code;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;
use std::path::Path;

const ROOT: &str = "ICD10CM.tabular";
/// Elements within one another. The lists so far have 14.
const DEPTH: usize = 64;
/// The length of a code whose last character is a 7th character.
const WHOLE: usize = 7;

/// The tabular list, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tabular {
    /// The codes and headers in tabular order, those with 7th characters written out: what the order file lists.
    pub list: Document<Diagnosis>,
    /// The notes, in the list's order.
    pub notes: Vec<Placed<Note>>,
}

/// A note that names other codes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What the note says of the codes that it names.
    pub kind: NoteKind,
    /// What it stands at, by its name in the list: a code, or a section or chapter by its first and last category.
    pub owner: Run,
    /// The codes that it stands on: a code with all below it, or those of a section or chapter.
    pub on: Vec<Run>,
    /// Its words.
    pub text: Box<str>,
    /// The codes that it names. A run in tabular order is given as the runs that it comes to in the order of codes.
    pub targets: Targets,
}

/// What a note says of the codes that it names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NoteKind {
    /// Not coded here: the two are not reported together.
    Excludes1,
    /// Not included here: the two may be reported together.
    Excludes2,
    /// The underlying condition, which goes first.
    CodeFirst,
    /// What is reported besides, and after.
    UseAdditional,
    /// What may be reported besides, in either order.
    CodeAlso,
}

impl NoteKind {
    /// Every kind.
    pub const ALL: [NoteKind; 5] =
        [NoteKind::Excludes1, NoteKind::Excludes2, NoteKind::CodeFirst, NoteKind::UseAdditional, NoteKind::CodeAlso];

    /// The element that holds the notes of this kind.
    pub const fn element(self) -> &'static str {
        match self {
            NoteKind::Excludes1 => "excludes1",
            NoteKind::Excludes2 => "excludes2",
            NoteKind::CodeFirst => "codeFirst",
            NoteKind::UseAdditional => "useAdditionalCode",
            NoteKind::CodeAlso => "codeAlso",
        }
    }
}

/// Whether the text begins as the tabular list does.
pub(crate) fn is_tabular(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let head = &head[start..head.len().min(start + 1_000)];
    let root = format!("<{ROOT}");
    head.starts_with(b"<") && head.windows(root.len()).any(|window| window == root.as_bytes())
}

/// Reads the tabular list.
///
/// # Errors
/// When the file is not well-formed XML in UTF-8, or its root is not that of the tabular list. A code that cannot be
/// is refused by itself.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::icd10cm;
/// let xml = br#"<ICD10CM.tabular><version>2026</version><chapter><desc>Injury (S00-T88)</desc><section id="S00-S09">
/// <diag><name>S00</name><desc>Superficial injury of head</desc>
///   <sevenChrDef><extension char="A">initial encounter</extension></sevenChrDef>
///   <diag><name>S00.0</name><desc>Superficial injury of scalp</desc></diag>
/// </diag></section></chapter></ICD10CM.tabular>"#;
/// let tabular = icd10cm::tabular("tabular.xml".as_ref(), xml)?;
/// let last = &tabular.list.rows[2].row;
/// assert_eq!((last.code.to_string().as_str(), last.billable), ("S000XXA", true));
/// assert_eq!(&*last.title, "Superficial injury of scalp, initial encounter");
/// # Ok::<(), cleanclaim_compile::publisher::PublisherError>(())
/// ```
pub fn tabular(path: &Path, bytes: &[u8]) -> Result<Tabular, PublisherError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => {
            let line = newlines(&bytes[..error.valid_up_to()]) + 1;
            let found = format!("byte {:#04x}", bytes[error.valid_up_to()]);
            return Err(At { path, line }.wrong("the text", "UTF-8", &found, "save the file as UTF-8").into());
        }
    };
    let mut parser = Parser { path, ..Parser::new(path, text) };
    while parser.step()? {}
    Ok(parser.finish())
}

fn newlines(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u32
}

/// A chapter, a section or a code.
struct Node {
    /// The code, once its name is read and is one. Chapters and sections have none.
    code: Option<Code>,
    /// The codes that a section's id names, or a chapter's title.
    range: Option<Run>,
    title: String,
    line: u32,
    parent: Option<usize>,
    is_code: bool,
    /// The 7th characters that it defines, with their texts.
    sevenths: Vec<(u8, String)>,
}

/// Where the parser is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    Root,
    Version,
    /// A chapter, section or code, by its number.
    Node(usize),
    Name,
    Title,
    Notes(NoteKind),
    /// Notes of other kinds, which may say where 7th characters do not apply.
    OtherNotes,
    Note,
    Sevenths,
    Seventh(u8),
    /// Anything else, with all in it.
    Skipped,
}

struct Found {
    kind: NoteKind,
    node: usize,
    text: String,
    line: u32,
}

/// 7th characters that a category's codes do not take: `7th characters D and S do not apply to codes in category S06
/// with 6th character 7 - …, or 8 - …`.
struct Exception {
    category: Code,
    place: usize,
    values: Vec<u8>,
    sevenths: Vec<u8>,
}

struct Parser<'a> {
    path: &'a Path,
    reader: Reader<&'a [u8]>,
    source: &'a [u8],
    /// The line at this byte of the source.
    counted: (usize, u32),
    frames: Vec<Frame>,
    text: String,
    nodes: Vec<Node>,
    notes: Vec<Found>,
    exceptions: Vec<Exception>,
    year: Option<i32>,
    refused: Vec<Refusal>,
}

impl<'a> Parser<'a> {
    fn new(path: &'a Path, text: &'a str) -> Parser<'a> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Parser {
            path,
            reader,
            source: text.as_bytes(),
            counted: (0, 1),
            frames: Vec::new(),
            text: String::new(),
            nodes: Vec::new(),
            notes: Vec::new(),
            exceptions: Vec::new(),
            year: None,
            refused: Vec::new(),
        }
    }

    /// Where the parser stands in the file.
    fn at(&mut self) -> At<'a> {
        let place = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX).min(self.source.len());
        let (from, line) = self.counted;
        if place > from {
            self.counted = (place, line + newlines(&self.source[from..place]));
        }
        At { path: self.path, line: self.counted.1 }
    }

    fn malformed(&mut self, expected: &str, found: &str) -> PublisherError {
        self.at().wrong("the XML", expected, found, "download the file again").into()
    }

    /// Takes one piece of the XML; says whether there may be more.
    fn step(&mut self) -> Result<bool, PublisherError> {
        match self.reader.read_event() {
            Ok(Event::Start(start)) => {
                let frame = self.frame(&start)?;
                if self.frames.len() >= DEPTH {
                    return Err(self.malformed(&format!("at most {DEPTH} elements within one another"), "more"));
                }
                self.frames.push(frame);
                self.text.clear();
            }
            Ok(Event::End(_)) => {
                let frame = self.frames.pop();
                self.end(frame);
                self.text.clear();
            }
            Ok(Event::Text(text)) => self.text.push_str(&text.xml10_content()),
            Ok(Event::CData(text)) => self.text.push_str(&text.into_inner()),
            Ok(Event::GeneralRef(reference)) => {
                let character = reference.resolve_char_ref().ok().flatten();
                match (character, resolve_predefined_entity(&reference)) {
                    (Some(character), _) => self.text.push(character),
                    (None, Some(text)) => self.text.push_str(text),
                    (None, None) => {
                        let found = format!("&{};", &*reference);
                        return Err(self.malformed("the entities of XML itself", &found));
                    }
                }
            }
            Ok(Event::Eof) => {
                if !self.frames.is_empty() || self.nodes.is_empty() {
                    return Err(self.malformed("the whole list, to its end", "the end of the file"));
                }
                return Ok(false);
            }
            Ok(Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_)) => {}
            Err(error) => return Err(self.malformed("well-formed XML", &error.to_string())),
        }
        Ok(true)
    }

    fn frame(&mut self, start: &BytesStart<'_>) -> Result<Frame, PublisherError> {
        let name = start.name();
        let element: &str = name.as_ref();
        Ok(match (self.frames.last().copied(), element) {
            (None, ROOT) if self.nodes.is_empty() => Frame::Root,
            (None, other) => return Err(self.malformed(&format!("the element {ROOT}"), other)),
            (Some(Frame::Root), "version") => Frame::Version,
            (Some(Frame::Root), "chapter") => self.node(None, false),
            (Some(Frame::Node(parent)), "section") => {
                let range = self.attribute(start, "id")?.as_deref().and_then(range);
                let frame = self.node(Some(parent), false);
                if let Some(node) = self.nodes.last_mut() {
                    node.range = range;
                }
                frame
            }
            (Some(Frame::Node(parent)), "diag") => self.node(Some(parent), true),
            (Some(Frame::Node(node)), "name") if self.nodes[node].is_code => Frame::Name,
            (Some(Frame::Node(_)), "desc") => Frame::Title,
            (Some(Frame::Node(_)), "sevenChrDef") => Frame::Sevenths,
            (Some(Frame::Node(_)), "notes") => Frame::OtherNotes,
            (Some(Frame::Node(_)), other) => match NoteKind::ALL.iter().find(|kind| kind.element() == other) {
                Some(&kind) => Frame::Notes(kind),
                None => Frame::Skipped,
            },
            (Some(Frame::Notes(_) | Frame::OtherNotes), "note") => Frame::Note,
            (Some(Frame::Sevenths), "extension") => match self.attribute(start, "char")?.as_deref() {
                Some(text) if text.len() == 1 && text.bytes().all(is_seventh) => Frame::Seventh(text.as_bytes()[0]),
                other => {
                    let found = other.unwrap_or_default();
                    let refusal = self.at().wrong("extension, char", "a capital or digit", found, DAMAGED_ROW);
                    self.refused.push(refusal);
                    Frame::Skipped
                }
            },
            _ => Frame::Skipped,
        })
    }

    fn attribute(&mut self, start: &BytesStart<'_>, name: &str) -> Result<Option<String>, PublisherError> {
        match start.try_get_attribute(name) {
            Ok(found) => Ok(found.map(|attribute| attribute.value.trim().to_owned())),
            Err(error) => Err(self.malformed("well-formed attributes", &error.to_string())),
        }
    }

    fn node(&mut self, parent: Option<usize>, is_code: bool) -> Frame {
        let line = self.at().line;
        let number = self.nodes.len();
        let (title, sevenths) = (String::new(), Vec::new());
        self.nodes.push(Node { code: None, range: None, title, line, parent, is_code, sevenths });
        Frame::Node(number)
    }

    /// Keeps the text of an element that ends.
    fn end(&mut self, frame: Option<Frame>) {
        let above = self.frames.last().copied();
        let owner = self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Node(number) => Some(*number),
            _ => None,
        });
        match (frame, above, owner) {
            (Some(Frame::Version), ..) => self.year = self.text.trim().parse().ok(),
            (Some(Frame::Name), _, Some(owner)) => {
                let text = self.text.trim();
                match super::dotted_code(text) {
                    Some(code) => self.nodes[owner].code = Some(code),
                    None => {
                        let text = text.to_owned();
                        let expected = "an ICD-10-CM code with its dot after the third character";
                        let refusal = self.at().wrong("diag, name", expected, &text, DAMAGED_ROW);
                        self.refused.push(refusal);
                    }
                }
            }
            (Some(Frame::Title), _, Some(owner)) => {
                let title = plain(&self.text);
                let node = &mut self.nodes[owner];
                if !node.is_code && node.range.is_none() {
                    // A chapter has no id, but its title ends with its range: "… diseases (A00-B99)".
                    let within = title.strip_suffix(')').and_then(|title| title.rsplit_once('('));
                    node.range = within.and_then(|(_, text)| range(text));
                }
                node.title = title;
            }
            (Some(Frame::Seventh(character)), _, Some(owner)) => {
                let text = plain(&self.text);
                self.nodes[owner].sevenths.push((character, text));
            }
            (Some(Frame::Note), Some(Frame::Notes(kind)), Some(node)) => {
                let text = squeezed(&self.text);
                let line = self.at().line;
                self.notes.push(Found { kind, node, text, line });
            }
            (Some(Frame::Note), Some(Frame::OtherNotes), _) => {
                let text = squeezed(&self.text);
                if text.contains("do not apply") && text.contains("7th character") {
                    match exception(&text) {
                        Some(exception) => self.exceptions.push(exception),
                        None => {
                            let expected = "7th characters … do not apply to codes in category … with … character …";
                            let refusal = self.at().wrong("notes, note", expected, &text, DAMAGED_ROW);
                            self.refused.push(refusal);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn finish(self) -> Tabular {
        let Parser { path, nodes, notes, exceptions, year, refused, .. } = self;
        let release = match year {
            Some(year) => ReleaseFacts::of_year(path, Calendar::Fiscal, year),
            None => ReleaseFacts::of_name(path, Calendar::Fiscal),
        };
        let mut list = Document::new(Kind::Icd10cmTabular, path.to_owned(), release);
        for refusal in refused {
            list.push(refusal.line, Err(refusal));
        }
        expand(path, &nodes, &exceptions, &mut list);
        let orders = Orders::new(list.rows.iter().map(|placed| placed.row.code).collect());
        let on = stands_on(&nodes, &orders);
        let mut placed = Vec::with_capacity(notes.len());
        for Found { kind, node, text, line } in notes {
            let at = At { path, line };
            if on[node].is_empty() {
                list.push(line, Err(at.wrong("note", "a note on codes of the list", &text, DAMAGED_ROW)));
                continue;
            }
            let targets = in_order(Targets::of(&text), &orders, at, &mut list);
            let on = on[node].clone();
            let named = nodes[node].code.map(|code| Run { first: code, last: code }).or(nodes[node].range);
            let whole = on.first().zip(on.last()).map(|(first, last)| Run { first: first.first, last: last.last });
            let Some(owner) = named.or(whole) else { continue };
            placed.push(Placed { line, row: Note { kind, owner, on, text: text.into(), targets } });
        }
        Tabular { list, notes: placed }
    }
}

/// Fills the list with every code, those with 7th characters written out.
fn expand(path: &Path, nodes: &[Node], exceptions: &[Exception], list: &mut Document<Diagnosis>) {
    // Once, in 2021, a code stands below one that it does not begin with: H54.512A below H54.511.
    let above = |node: &Node| node.parent.map(|parent| &nodes[parent]).and_then(|parent| parent.code);
    let misplaced = |node: &Node| match (node.code, above(node)) {
        (Some(code), Some(above)) => !code.starts_with(above) || code == above,
        _ => false,
    };
    let mut has_children = vec![false; nodes.len()];
    for node in nodes.iter().filter(|node| node.is_code && !misplaced(node)) {
        if let Some(parent) = node.parent {
            has_children[parent] = true;
        }
    }
    let mut seen: HashMap<Code, u32> = HashMap::new();
    // For each node the nearest that defines 7th characters: itself, or one above.
    let mut defining: Vec<Option<usize>> = Vec::with_capacity(nodes.len());
    for (number, node) in nodes.iter().enumerate() {
        let inherited = node.parent.filter(|_| !misplaced(node)).and_then(|parent| defining[parent]);
        let definer = if node.sevenths.is_empty() { inherited } else { Some(number) };
        defining.push(definer);
        let Some(code) = node.code else { continue };
        let at = At { path, line: node.line };
        if let Some(above) = above(node).filter(|_| misplaced(node)) {
            let expected = format!("a code below {}", above.diagnosis());
            list.flaws.push(at.wrong("diag, name", expected, &code.to_string(), "the code is taken as it is"));
        }
        let sevenths = definer.map(|number| &nodes[number].sevenths[..]).unwrap_or_default();
        let completed = !has_children[number] && code.len() < WHOLE && !sevenths.is_empty();
        let mut push = |code: Code, billable: bool, title: String| {
            let row = if title.is_empty() {
                Err(at.wrong("diag, desc", "a title", &title, DAMAGED_ROW))
            } else if let Some(first) = seen.insert(code, node.line) {
                let expected = format!("each code once; it is on line {first} too");
                Err(at.wrong("diag, name", expected, &code.to_string(), DAMAGED_ROW))
            } else {
                Ok(Diagnosis { code, billable, short: None, title: title.into() })
            };
            list.push(node.line, row);
        };
        push(code, !has_children[number] && !completed, node.title.clone());
        if completed {
            for (seventh, text) in sevenths {
                if exceptions.iter().all(|exception| exception.allows(code, *seventh)) {
                    push(with_seventh(code, *seventh), true, format!("{}, {text}", node.title));
                }
            }
        }
    }
}

/// The codes that a note on each chapter, section or code stands on.
fn stands_on(nodes: &[Node], orders: &Orders) -> Vec<Vec<Run>> {
    let mut whole: Vec<Vec<Code>> = vec![Vec::new(); nodes.len()];
    for (number, node) in nodes.iter().enumerate() {
        let Some(code) = node.code.filter(|&code| orders.has(code)) else { continue };
        whole[number].push(code);
        // What is above a category is a section and a chapter.
        let mut above = node.parent;
        while let Some(parent) = above.filter(|&parent| !nodes[parent].is_code) {
            whole[parent].push(code);
            above = nodes[parent].parent;
        }
    }
    let runs = |(codes, node): (Vec<Code>, &Node)| match node.range {
        // Some sections, such as V00-V99, have their codes in the sections that follow them.
        Some(range) if codes.is_empty() => orders.named(range).unwrap_or_else(|| vec![range]),
        _ => orders.joined(codes),
    };
    whole.into_iter().zip(nodes).map(runs).collect()
}

/// The targets with each run as the runs that it comes to in the order of codes.
fn in_order(targets: Targets, orders: &Orders, at: At<'_>, list: &mut Document<Diagnosis>) -> Targets {
    let Targets::Codes(references) = targets else { return targets };
    let mut found = Vec::with_capacity(references.len());
    for Reference { run, only } in references {
        for code in [run.first, run.last] {
            if !orders.has(code) && (code == run.last || run.first != run.last) {
                let advice = "the note is taken as it is";
                list.flaws.push(at.wrong("note", "codes of the list", &code.diagnosis().to_string(), advice));
                if run.first == run.last {
                    break;
                }
            }
        }
        let runs = orders.named(run).unwrap_or_else(|| vec![run]);
        found.extend(runs.into_iter().map(|run| Reference { run, only: only.clone() }));
    }
    Targets::Codes(found)
}

impl Exception {
    fn allows(&self, code: Code, seventh: u8) -> bool {
        !(code.starts_with(self.category)
            && self.values.contains(&code.at(self.place - 1))
            && self.sevenths.contains(&seventh))
    }
}

fn is_seventh(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// The code, padded, with its 7th character.
fn with_seventh(code: Code, seventh: u8) -> Code {
    let mut bytes = *b"XXXXXXX";
    bytes[..code.len().min(WHOLE)].copy_from_slice(&code.to_bytes()[..code.len().min(WHOLE)]);
    bytes[WHOLE - 1] = seventh;
    Code::parse(&bytes).unwrap_or(Code::MALFORMED)
}

/// `A00-A09`, or `B10` alone.
fn range(id: &str) -> Option<Run> {
    let (first, last) = id.split_once('-').unwrap_or((id, id));
    Some(Run { first: super::code(first.trim())?, last: super::code(last.trim())? })
}

fn exception(text: &str) -> Option<Exception> {
    let one = |text: &str| match text.trim().as_bytes() {
        [byte] if is_seventh(*byte) => Some(*byte),
        _ => None,
    };
    let (sevenths, rest) = text.split_once("7th characters ")?.1.split_once(" do not apply to codes in category ")?;
    let sevenths = sevenths.replace(" and ", ",").split(',').map(one).collect::<Option<Vec<u8>>>()?;
    let (category, rest) = rest.split_once(" with ")?;
    let (ordinal, values) = rest.split_once("th character ")?;
    let place = ordinal.trim().parse().ok().filter(|place| (4..=6).contains(place))?;
    let values = values.split(", or ").map(|value| one(value.split_once(" - ").map_or(value, |(value, _)| value)));
    Some(Exception { category: super::code(category.trim())?, place, values: values.collect::<Option<_>>()?, sevenths })
}
