//! Code sets: what a policy writes of them, made ranges of ordinals.

use crate::document::{CsvPart, Document, SetPart};
use crate::near::nearest;
use crate::ranges::{CodeSet, Ranges};
use crate::source::{Files, Problems, Span};
use crate::text::Text;
use codes::Code;
use codeset::{Codeset, Row, System, SystemId};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// The sets of a policy: those that it names, and those that its conditions write out.
#[derive(Clone, Default)]
pub(crate) struct Sets {
    all: Vec<CodeSet>,
    named: BTreeMap<String, Named>,
    interned: HashMap<(SystemId, Ranges), u32>,
}

#[derive(Clone, Copy)]
enum Named {
    Is(u32, SystemId),
    /// What is wrong with it has been told.
    Broken,
}

/// The most near codes that are offered for one that is unknown.
const MOST_NEAR: usize = 3;

impl Sets {
    /// The set of this name.
    pub(crate) fn find(&self, name: &str) -> Option<(u32, SystemId)> {
        match self.named.get(name) {
            Some(&Named::Is(set, system)) => Some((set, system)),
            Some(Named::Broken) | None => None,
        }
    }

    /// Whether the set is there but wrong, which has been told.
    pub(crate) fn is_broken(&self, name: &str) -> bool {
        matches!(self.named.get(name), Some(Named::Broken))
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.named.keys().cloned().collect()
    }

    /// The set of these ordinals; the same set has the same number.
    pub(crate) fn intern(&mut self, system: SystemId, ranges: Ranges) -> u32 {
        let next = self.all.len() as u32;
        let all = &mut self.all;
        *self.interned.entry((system, ranges)).or_insert_with_key(|(system, ranges)| {
            all.push(CodeSet::new(*system, ranges.clone()));
            next
        })
    }

    pub(crate) fn get(&self, set: u32) -> Option<&CodeSet> {
        self.all.get(set as usize)
    }

    pub(crate) fn all(&self) -> &[CodeSet] {
        &self.all
    }

    /// Compiles what the policy says of its sets.
    pub(crate) fn compile(document: &Document, codeset: &Codeset, files: &Files, problems: &mut Problems) -> Sets {
        let (mut sets, parts, torn) = (Sets::default(), &document.sets, document.torn);
        let by_name: BTreeMap<&str, &SetPart> = parts.iter().map(|part| (part.name.value.as_str(), part)).collect();
        let mut compiler = Compiler { sets: &mut sets, by_name, codeset, files, problems, under_way: Vec::new(), torn };
        for part in parts {
            compiler.named(part);
        }
        sets
    }
}

struct Compiler<'c> {
    sets: &'c mut Sets,
    by_name: BTreeMap<&'c str, &'c SetPart>,
    codeset: &'c Codeset,
    files: &'c Files,
    problems: &'c mut Problems,
    under_way: Vec<String>,
    /// Whether what is not there may stand in what cannot be read.
    torn: bool,
}

/// What an element of a list of codes says.
enum Element {
    Ranges(Ranges),
    /// The system is not in the codeset, so that nothing can be said.
    NotLoaded,
}

impl Compiler<'_> {
    fn named(&mut self, part: &SetPart) -> Option<(u32, SystemId)> {
        let name = part.name.value.clone();
        match self.sets.named.get(&name) {
            Some(&Named::Is(set, system)) => return Some((set, system)),
            Some(Named::Broken) => return None,
            None => {}
        }
        if self.under_way.contains(&name) {
            self.problems.error(&part.name.span, format!("set {name} is made of itself"), "goes round in a circle");
            return None;
        }
        self.under_way.push(name.clone());
        let compiled = self.compile(part);
        self.under_way.pop();
        let named = compiled.map_or(Named::Broken, |(set, system)| Named::Is(set, system));
        self.sets.named.insert(name, named);
        compiled
    }

    fn compile(&mut self, part: &SetPart) -> Option<(u32, SystemId)> {
        let before = self.problems.errors();
        let system = self.system_of(part)?;
        let mut ranges = Ranges::default();
        for text in &part.codes {
            if let Some(Element::Ranges(own)) = self.element(text, system) {
                ranges = ranges.union(&own);
            }
        }
        if let Some(csv) = &part.csv {
            ranges = ranges.union(&self.csv(csv, system));
        }
        if part.codes.is_empty() && !part.names_csv && !self.torn {
            let label = "needs `codes` or `csv`";
            self.problems.error(&part.name.span, format!("set {} has no codes", part.name.value), label);
        }
        let mut only: Option<Ranges> = None;
        for text in &part.only {
            if let Some(Element::Ranges(own)) = self.element(text, system) {
                only = Some(only.unwrap_or_default().union(&own));
            }
        }
        if let Some(only) = only {
            ranges = ranges.intersection(&only);
        }
        for text in &part.except {
            if let Some(Element::Ranges(own)) = self.element(text, system) {
                if own.intersection(&ranges).is_empty() && self.problems.errors() == before {
                    let help = "leave it out, or look whether another code was meant";
                    let message = format!("{} takes nothing away", text.value);
                    self.problems.warn(&text.span, message, "not in the set", help);
                }
                ranges = ranges.difference(&own);
            }
        }
        if self.problems.errors() > before {
            return None;
        }
        if part.names_csv && part.csv.is_none() {
            return None;
        }
        if ranges.is_empty() && self.torn {
            return None;
        }
        if ranges.is_empty() && self.codeset.system(system).is_some() {
            let label = "nothing is left in it";
            self.problems.error(&part.name.span, format!("set {} is empty", part.name.value), label);
            return None;
        }
        Some((self.sets.intern(system, ranges), system))
    }

    /// The set's system: as it says, else that of the sets that it is made of.
    fn system_of(&mut self, part: &SetPart) -> Option<SystemId> {
        let names: Vec<&str> = SystemId::ALL.iter().map(|id| id.name()).collect();
        if let Some(text) = &part.system {
            let found = SystemId::from_name(&text.value);
            if found.is_none() {
                let help = match nearest(&text.value, names.iter().copied()) {
                    Some(near) => format!("did you mean {near:?}?"),
                    None => format!("there are {}", names.join(", ")),
                };
                let message = format!("there is no code system {:?}", text.value);
                self.problems.error_with_help(&text.span, message, "not known", help);
            }
            return found;
        }
        let of_sets = part.codes.iter().find_map(|text| text.value.trim().strip_prefix("sets."));
        let Some(other) = of_sets else {
            if self.torn {
                return None;
            }
            let message = format!("set {} does not say of which system its codes are", part.name.value);
            let help = format!("system = one of {}", names.join(", "));
            self.problems.error_with_help(&part.name.span, message, "needs `system`", help);
            return None;
        };
        let other = self.by_name.get(other).copied()?;
        self.named(other).map(|(_, system)| system)
    }

    /// What one text says: a code, a range, a category with all below, or another set.
    fn element(&mut self, text: &Text, id: SystemId) -> Option<Element> {
        let value = text.value.trim();
        if let Some(name) = value.strip_prefix("sets.") {
            let Some(part) = self.by_name.get(name).copied() else {
                if self.torn {
                    return None;
                }
                let help = match nearest(name, self.by_name.keys().copied()) {
                    Some(near) => format!("did you mean sets.{near}?"),
                    None => "a set is given under [sets.name]".to_owned(),
                };
                self.problems.error_with_help(&text.span, format!("there is no set {name}"), "not known", help);
                return None;
            };
            let (set, system) = self.named(part)?;
            if system != id {
                let message = format!("set {name} is of the system {}, this one of {}", system.name(), id.name());
                self.problems.error(&text.span, message, "of another system");
                return None;
            }
            return self.sets.get(set).map(|set| Element::Ranges(set.ranges.clone()));
        }
        let Some(system) = self.codeset.system(id) else { return Some(Element::NotLoaded) };
        written(self.problems, value, &text.span, system).map(Element::Ranges)
    }

    /// The codes of a column of a CSV.
    fn csv(&mut self, part: &CsvPart, id: SystemId) -> Ranges {
        let text = self.files.text(part.file);
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let wanted = part.column.value.trim();
        let column = reader.headers().ok().and_then(|headers| {
            headers.iter().position(|own| own.trim_start_matches('\u{feff}').eq_ignore_ascii_case(wanted))
        });
        let Some(column) = column else {
            let message = format!("the list has no column {wanted:?}");
            self.problems.error(&part.place, message, "its first line names the columns");
            return Ranges::default();
        };
        let Some(system) = self.codeset.system(id) else { return Ranges::default() };
        let mut ranges: Vec<Range<u32>> = Vec::new();
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let at = error.position().map_or(0, |place| place.byte() as usize);
                    let span = Span::new(part.file, at..at);
                    self.problems.error(&span, "the list cannot be read as CSV", "from here on");
                    break;
                }
            }
            let Some(value) = record.get(column).filter(|value| !value.is_empty()) else { continue };
            let start = record.position().map_or(0, |place| place.byte() as usize);
            let at = text.get(start..).and_then(|rest| rest.find(value)).map_or(start, |at| start + at);
            let span = Span::new(part.file, at..at + value.len());
            if let Some(own) = written(self.problems, value, &span, system) {
                ranges.extend(own.iter());
            }
        }
        Ranges::of(ranges)
    }
}

/// A code, a range of codes, or a category with all below it.
fn written(problems: &mut Problems, value: &str, span: &Span, system: &System) -> Option<Ranges> {
    let id = system.id();
    if let Some(stem) = value.strip_suffix('*') {
        let stem = stem.strip_suffix('.').unwrap_or(stem);
        let range = parsed(problems, stem, span, id).map(|prefix| system.prefix(prefix))?;
        if range.is_empty() {
            let message = format!("no code of the system {} begins with {stem}", id.name());
            problems.error(span, message, "the range is empty");
            return None;
        }
        return Some(Ranges::of([range]));
    }
    if let Some((from, to)) = value.split_once('-') {
        let (from, to) = (parsed(problems, from.trim(), span, id), parsed(problems, to.trim(), span, id));
        let (from, to) = (from?, to?);
        let range = at_or_after(system, from)..system.prefix(to).end;
        if from > to || range.is_empty() {
            let label = if from > to { "its end is before its beginning" } else { "no code lies within" };
            problems.error(span, format!("the range {value} is empty"), label);
            return None;
        }
        return Some(Ranges::of([range]));
    }
    let code = parsed(problems, value, span, id)?;
    match system.ordinal(code).filter(|&ordinal| !system.rows(ordinal).is_empty()) {
        Some(ordinal) => {
            let billable = system.rows(ordinal).iter().any(Row::is_billable);
            if !billable && id == SystemId::Diagnosis {
                let help = format!("{value}.* is the category with all codes below it");
                let message = format!("{value} is a category, which no claim may report");
                problems.warn(span, message, "never on a claim", help);
            }
            Some(Ranges::one(ordinal))
        }
        None => {
            unknown(problems, span, system, code);
            None
        }
    }
}

fn parsed(problems: &mut Problems, value: &str, span: &Span, id: SystemId) -> Option<Code> {
    let parsed = match id {
        SystemId::Diagnosis => Code::parse_diagnosis(value.as_bytes()),
        SystemId::Revenue if value.len() == 3 => Code::parse(format!("0{value}").as_bytes()),
        _ => Code::parse(value.as_bytes()),
    };
    let code = parsed.filter(|code| !code.is_absent());
    if code.is_none() {
        let label = "a code (99213), a range (99202-99215), a category (E11.*) or a set (sets.name)";
        problems.error(span, format!("{value:?} is no code"), label);
    }
    code
}

/// The ordinal of the first code that is not before this one.
fn at_or_after(system: &System, code: Code) -> u32 {
    let (mut low, mut high) = (0u32, system.len() as u32);
    while low < high {
        let middle = low + (high - low) / 2;
        if system.code(codeset::Ordinal(middle)) < code {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Tells that no loaded release lists the code.
pub(crate) fn unknown(problems: &mut Problems, span: &Span, system: &System, code: Code) {
    let shown = |code: Code| {
        if system.id() == SystemId::Diagnosis { code.diagnosis().to_string() } else { code.to_string() }
    };
    let message = format!("no loaded release of the system {} has {}", system.id().name(), shown(code));
    let near: Vec<String> = system.near(code, None, MOST_NEAR).into_iter().map(shown).collect();
    let help = match near.as_slice() {
        [] => "a codeset with a release that has it can be given by --codeset".to_owned(),
        near => format!("did you mean {}?", near.join(", ")),
    };
    problems.error_with_help(span, message, "unknown code", help);
}
