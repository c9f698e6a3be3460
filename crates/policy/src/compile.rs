//! From what a policy's files say to a policy that runs: everything checked, and told at once if something is wrong.

use crate::applies::{Payers, types};
use crate::cel;
use crate::check::{Checker, Scope};
use crate::dead::{Finder, Judged, Shadow};
use crate::document::{BuiltinPart, Document, EditPart, Reader};
use crate::index::Index;
use crate::near::nearest;
use crate::need::{Need, need};
use crate::ops::Bool;
use crate::policy::{BuiltinChange, Example, Placeholder, Policy, PolicyEdit, Shown};
use crate::sets::Sets;
use crate::source::{FileProblem, Files, PolicyError, Problems, Span};
use crate::tables::Loader;
use crate::text::Text;
use claims::{Claim, Field};
use codeset::Codeset;
use edits::{EditInfo, Fires, Message, Outcome, Severity, Unit, registry};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use xxhash_rust::xxh3::Xxh3;

/// The most edits of one policy.
const MOST_EDITS: usize = 50_000;

/// Reads and compiles a policy: the policy with its warnings, or all that is wrong.
pub(crate) fn compile(
    path: &Path,
    text: String,
    loader: &dyn Loader,
    codeset: &Codeset,
) -> Result<(Policy, Vec<FileProblem>), PolicyError> {
    let (mut files, mut problems) = (Files::default(), Problems::default());
    let mut reader = Reader::new(loader, &mut files, &mut problems);
    reader.main(path, text);
    let document = reader.document;
    let policy = Compiler { codeset, files: &files, problems: &mut problems, document: &document }.policy();
    let warnings = problems.settle(&files)?;
    Ok((policy, warnings))
}

struct Compiler<'c> {
    codeset: &'c Codeset,
    files: &'c Files,
    problems: &'c mut Problems,
    document: &'c Document,
}

/// An edit whose conditions are compiled.
struct Compiled {
    edit: PolicyEdit,
    need: Need,
}

impl Compiler<'_> {
    fn policy(mut self) -> Policy {
        let document = self.document;
        let mut sets = Sets::compile(document, self.codeset, self.files, self.problems);
        let parameters: BTreeMap<_, _> =
            document.parameters.iter().map(|own| (own.name.value.clone(), own.value.clone())).collect();
        let mut used = Vec::new();
        let builtins = document.builtins.iter().flat_map(|part| self.builtin(part)).collect();
        if document.edits.len() > MOST_EDITS {
            let span = &document.header.id.span;
            let message = format!("the policy has more than {MOST_EDITS} edits");
            self.problems.error(span, message, "split it into several policies");
        }
        let mut scope = Scope {
            codeset: self.codeset,
            sets: &mut sets,
            parameters: &parameters,
            used: &mut used,
            torn: document.torn,
        };
        let (mut edits, mut needs) = (Vec::new(), Vec::new());
        let mut ids: BTreeMap<&str, ()> = BTreeMap::new();
        let builtin_ids: BTreeSet<String> = registry::all().iter().map(|edit| edit.info().id.to_string()).collect();
        let mut parts = Vec::new();
        // Of too many none is looked at: the policy is refused in any case.
        let looked_at = if document.edits.len() > MOST_EDITS { 0 } else { MOST_EDITS };
        for part in document.edits.iter().take(looked_at) {
            let id = part.id.value.as_str();
            if !id.is_empty() && ids.insert(id, ()).is_some() {
                self.problems.error(&part.id.span, format!("two edits are called {id}"), "called so before");
            }
            if builtin_ids.contains(id) {
                let help = "to change a built-in edit for these payers, write [[builtin]]";
                let message = format!("{id} is the id of a built-in edit");
                self.problems.error_with_help(&part.id.span, message, "taken", help);
            }
            let Some(compiled) = self.edit(part, &mut scope) else { continue };
            edits.push(compiled.edit);
            needs.push(compiled.need);
            parts.push(part);
        }
        for parameter in &document.parameters {
            // Only when every condition was understood is it known that none uses it.
            if !used.contains(&format!("params.{}", parameter.name.value)) && self.problems.errors() == 0 {
                let message = format!("no edit uses the parameter {}", parameter.name.value);
                self.problems.warn(&parameter.name.span, message, "not used", "leave it out, or use it");
            }
        }
        for set in &document.sets {
            used.extend(set.codes.iter().chain(&set.only).chain(&set.except).map(|own| own.value.trim().to_owned()));
        }
        for set in &document.sets {
            // A file of sets that many policies include may well have more than one of them needs.
            let in_main_file = set.name.span.file == 0;
            if in_main_file && !used.contains(&format!("sets.{}", set.name.value)) && self.problems.errors() == 0 {
                let message = format!("no edit uses the set {}", set.name.value);
                self.problems.warn(&set.name.span, message, "not used", "leave it out, or use it");
            }
        }
        let index = Index::new(&needs, self.codeset);
        self.dead(&parts, &edits, &needs, (&index, &sets));
        let hash = self.hash();
        let header = &document.header;
        let label = format!("{}@{}#{hash}", header.id.value, header.version.value);
        Policy {
            id: header.id.value.clone(),
            version: header.version.value.clone(),
            name: header.name.clone(),
            hash,
            files: self.files.paths(),
            label: label.into(),
            payers: Payers::new(&document.applies, &header.days),
            settings: document.settings,
            builtins,
            edits,
            sets,
            parameters,
            index,
            codeset: self.codeset.id().to_owned(),
        }
    }

    /// The hash of all files that the policy is made of, in the order they were read.
    fn hash(&self) -> String {
        let mut hash = Xxh3::new();
        for file in &self.files.0 {
            hash.update(&(file.text.len() as u64).to_le_bytes());
            hash.update(file.text.as_bytes());
        }
        format!("{:016x}", hash.digest())
    }

    fn builtin(&mut self, part: &BuiltinPart) -> Vec<BuiltinChange> {
        let all = registry::all();
        let mut changes = Vec::new();
        for text in &part.edits {
            let before = changes.len();
            for edit in all.iter().filter(|edit| edit.info().is_named(&text.value)) {
                changes.push(BuiltinChange {
                    id: edit.info().id.to_string(),
                    enabled: part.enabled,
                    severity: part.severity,
                    carc: part.carc.clone(),
                    rarc: part.rarc.clone(),
                });
            }
            if changes.len() == before {
                let help = "an id (PTP002), a name (ptp-needs-modifier) or the beginning of ids (PTP)";
                let message = format!("no built-in edit is called {:?}", text.value);
                self.problems.error_with_help(&text.span, message, "not known", help);
            }
        }
        if part.enabled == Some(false) && (part.severity.is_some() || part.carc.is_some() || part.rarc.is_some()) {
            let help = "what does not run has no severity";
            self.problems.warn(&part.span, "the edits are switched off and changed too", "switched off", help);
        }
        changes
    }

    fn edit(&mut self, part: &EditPart, scope: &mut Scope<'_>) -> Option<Compiled> {
        let unit = part.unit.unwrap_or(Unit::Line);
        let (fails_when, unless);
        let (condition, field, released);
        let mut failed = false;
        {
            let parsed = cel::parse(&part.fails_when, self.problems);
            let mut checker = Checker::new(scope, self.problems, unit);
            condition = parsed.as_ref().and_then(|node| checker.condition(node));
            field = checker.first_field;
            fails_when = parsed;
        }
        match &part.unless {
            Some(text) => {
                let parsed = cel::parse(text, self.problems);
                let mut checker = Checker::new(scope, self.problems, unit);
                released = parsed.as_ref().and_then(|node| checker.condition(node));
                failed |= released.is_none();
                unless = parsed;
            }
            None => (released, unless) = (None, None),
        }
        if let (Some(text), None) = (&part.released, &part.unless) {
            let message = "`released` says why a line is released, but nothing releases one";
            self.problems.error(&text.span, message, "needs `unless`");
        }
        let field = match &part.field {
            None => field.unwrap_or(if unit == Unit::Line { Field::Procedure } else { Field::ClaimId }),
            Some(text) => Field::from_name(&text.value).unwrap_or_else(|| {
                let help = "as in the header of a CSV: procedure, modifier_1, charge";
                let message = format!("claims have no field {:?}", text.value);
                self.problems.error_with_help(&text.span, message, "not known", help);
                Field::ClaimId
            }),
        };
        let mut placeholders = Vec::new();
        let message = self.message(&part.message, unit, scope, &mut placeholders);
        let fix = self.message(&part.fix, unit, scope, &mut placeholders);
        let released_text = match &part.released {
            Some(text) => self.message(text, unit, scope, &mut placeholders),
            None => "This would fail, but the policy releases it.".to_owned(),
        };
        let examples = self.examples(part, unit);
        let claims = types(&part.claim_types).and(types(&self.document.applies.claim_types));
        if claims.is_empty() {
            let help = "its claim_types and those of [applies] have none in common";
            let message = format!("edit {} is never judged", part.id.value);
            self.problems.warn(&part.id.span, message, "for no type of claim", help);
        }
        let header = &self.document.header;
        let within = |from: Option<codes::Date>, to: Option<codes::Date>| from.zip(to).is_some_and(|(f, t)| f > t);
        if within(part.days.from, header.days.to) || within(header.days.from, part.days.to) {
            let message = format!("edit {} is never in force", part.id.value);
            let help = "its days and those of the policy have none in common";
            self.problems.warn(&part.days.span, message, "outside the policy's days", help);
        }
        if failed {
            return None;
        }
        let condition = condition?;
        let source = if part.source.is_empty() { &header.source } else { &part.source };
        let severity = part.severity.unwrap_or(Severity::Error);
        let info = EditInfo {
            id: part.id.value.clone().into(),
            name: slug(&part.title).into(),
            severity,
            snip: part.snip.unwrap_or(7),
            carc: part.carc.clone().into(),
            rarc: part.rarc.clone().into(),
            source: source.clone().into(),
            doc: documentation(part).into(),
            unit,
            claims,
            on_by_default: true,
            tables: &[],
            fields: &[],
            fires: Fires::ALWAYS,
            messages: Cow::Owned(vec![
                Message { text: message.into(), fix: fix.into(), at_most: None },
                Message { text: released_text.into(), fix: "".into(), at_most: None },
            ]),
        };
        let need = need(&condition, scope.sets);
        let parts = fails_when.map(|node| (part.fails_when.clone(), node));
        let unless_parts = part.unless.clone().zip(unless);
        let edit = PolicyEdit {
            info,
            condition,
            unless: released,
            from: part.days.from,
            to: part.days.to,
            field,
            shadow: part.shadow,
            placeholders,
            examples,
            parts,
            unless_parts,
        };
        Some(Compiled { edit, need })
    }

    /// Warns of edits that can never fail, and of those that fail only where another does.
    fn dead(&mut self, parts: &[&EditPart], edits: &[PolicyEdit], needs: &[Need], (index, sets): (&Index, &Sets)) {
        let finder = Finder::new(sets, self.codeset);
        let days = &self.document.header.days;
        let judged: Vec<Judged<'_>> = edits
            .iter()
            .map(|edit| Judged {
                unit: edit.info.unit,
                claims: edit.info.claims,
                severity: edit.info.severity,
                shadow: edit.shadow,
                condition: &edit.condition,
                unless: edit.unless.as_ref(),
                from: edit.from,
                to: edit.to,
            })
            .collect();
        for (((part, own), need), place) in parts.iter().zip(&judged).zip(needs).zip(0usize..) {
            let id = &part.id.value;
            let span = part.fails_when.span_of(0, part.fails_when.value.len());
            let never =
                |help: &'static str| (format!("edit {id} never fails"), "never true".to_owned(), help.to_owned());
            if own.claims.is_empty() {
                // That it is never judged has been told.
                continue;
            }
            let told = if *own.condition == Bool::Const(false) {
                Some(never("leave it out or mend it"))
            } else if *own.condition == Bool::Const(true) {
                let help = "mend the condition; an edit that fails on everything says nothing";
                Some((format!("edit {id} fails on everything"), "always true".to_owned(), help.to_owned()))
            } else if need.is_impossible() {
                Some(never("the sets that it asks for have no code in common"))
            } else if finder.never_true(own, days.from, days.to) {
                Some(never("parts of it, or its days, contradict each other"))
            } else if finder.always_released(own) {
                let help = "mend `unless`; it is true wherever the condition is";
                Some((format!("edit {id} never fails"), "always released".to_owned(), help.to_owned()))
            } else {
                finder.shadowing(place, &judged, needs, index).map(|(other, shadow)| {
                    let other = parts.get(other).map_or("another", |own| own.id.value.as_str());
                    let message = format!("edit {id} is shadowed by {other}");
                    match shadow {
                        Shadow::Same => {
                            let help =
                                format!("leave one of the two out; {other} says the same of the same codes and days");
                            (message, "the same condition".to_owned(), help)
                        }
                        Shadow::Wider => {
                            let help =
                                format!("leave it out, or make it severer; wherever it fails, {other} fails too");
                            (message, format!("a narrower condition than that of {other}"), help)
                        }
                    }
                })
            };
            if let Some((message, label, help)) = told {
                self.problems.warn(&span, message, label, help);
            }
        }
    }

    /// Compiles the placeholders of a message; gives the message with each under its own name.
    fn message(
        &mut self,
        text: &Text,
        unit: Unit,
        scope: &mut Scope<'_>,
        placeholders: &mut Vec<Placeholder>,
    ) -> String {
        let mut written = String::with_capacity(text.value.len());
        let mut at = 0;
        while let Some(open) = text.value.get(at..).and_then(|rest| rest.find(['{', '}'])).map(|found| at + found) {
            written.push_str(text.value.get(at..open).unwrap_or_default());
            let rest = text.value.get(open + 1..).unwrap_or_default();
            let Some(length) = rest.find('}').filter(|_| text.value.as_bytes().get(open) == Some(&b'{')) else {
                let message = "a brace of the message has no partner";
                self.problems.error(&text.span_of(open, open + 1), message, "as in {line.procedure}");
                return text.value.clone();
            };
            let inner = rest.get(..length).unwrap_or_default();
            let trimmed = inner.trim();
            let start = open + 1 + inner.find(trimmed).unwrap_or(0);
            if let Some(name) = self.placeholder(text, (start, start + trimmed.len()), unit, scope, placeholders) {
                written.push('{');
                written.push_str(name);
                written.push('}');
            }
            at = open + 1 + length + 1;
        }
        written.push_str(text.value.get(at..).unwrap_or_default());
        written
    }

    fn placeholder(
        &mut self,
        text: &Text,
        (from, to): (usize, usize),
        unit: Unit,
        scope: &mut Scope<'_>,
        placeholders: &mut Vec<Placeholder>,
    ) -> Option<&'static str> {
        let value = text.value.get(from..to).unwrap_or_default();
        let span = text.span_of(from, to);
        if value.is_empty() {
            let outer = text.span_of(from.saturating_sub(1), to + 1);
            self.problems.error(&outer, "the placeholder is empty", "as in {line.procedure}");
            return None;
        }
        if let Some(own) = placeholders.iter().find(|own| own.name == value) {
            return Some(own.name);
        }
        let node = cel::parse(&text.part(from, to), self.problems)?;
        let typed = Checker::new(scope, self.problems, unit).typed(&node)?;
        let Some(shown) = Shown::of(typed) else {
            let label = "a code, number, date, text, list of codes or list of lines";
            self.problems.error(&span, "this cannot be shown in a message", label);
            return None;
        };
        let name = interned(value);
        placeholders.push(Placeholder { name, shown });
        Some(name)
    }

    fn examples(&mut self, part: &EditPart, unit: Unit) -> Vec<Example> {
        let mut examples = Vec::with_capacity(part.examples.len());
        for own in &part.examples {
            let mut expected = Vec::with_capacity(own.expect.len());
            for text in &own.expect {
                match Outcome::ALL.into_iter().find(|outcome| outcome.name() == text.value) {
                    Some(outcome) => expected.push(outcome),
                    None => self.problems.error(
                        &text.span,
                        format!("{:?} is no outcome", text.value),
                        "\"fail\", \"pass\", \"bypassed\" or \"not-evaluated\"",
                    ),
                }
            }
            let mut claim: Claim = match serde_json::from_value(own.claim.clone()) {
                Ok(claim) => claim,
                Err(error) => {
                    self.not_a_claim(&own.claim_span, &error.to_string());
                    continue;
                }
            };
            if claim.claim_id.is_empty() {
                claim.claim_id = "example".to_owned();
            }
            if own.by_line && expected.len() != claim.lines.len() {
                let label = format!("the claim has {} lines, `expect` {} outcomes", claim.lines.len(), expected.len());
                self.problems.error(&own.span, format!("example {:?} does not fit its claim", own.name), label);
                continue;
            }
            if unit == Unit::Claim && (own.by_line || own.line.is_some()) {
                let message = format!("example {:?} asks for lines", own.name);
                self.problems.error(&own.span, message, "the edit is judged once a claim");
                continue;
            }
            if own.line.is_some_and(|line| line > claim.lines.len()) {
                let label = format!("the claim has {} lines", claim.lines.len());
                self.problems.error(&own.span, format!("example {:?} has no such line", own.name), label);
                continue;
            }
            examples.push(Example { name: own.name.clone(), claim, expected, by_line: own.by_line, line: own.line });
        }
        if examples.is_empty() && part.examples.is_empty() {
            let help = "[[edit.example]]\nname = \"…\"\nclaim = { … }\nexpect = \"fail\"";
            let message = format!("edit {} has no example", part.id.value);
            self.problems.warn(&part.id.span, message, "never tried", help);
        }
        examples
    }
}

impl Compiler<'_> {
    /// Tells why an example's claim is none; at the field that claims do not have, where that is why.
    fn not_a_claim(&mut self, span: &Span, error: &str) {
        let (what, known) = error.split_once(", expected one of ").unwrap_or((error, ""));
        let Some(name) = what.strip_prefix("unknown field `").and_then(|rest| rest.strip_suffix('`')) else {
            self.problems.error(span, "the example is no claim", error.to_owned());
            return;
        };
        let within = self.files.text(span.file).get(span.range.clone()).unwrap_or_default();
        let at = within.find(name).map_or(span.clone(), |at| {
            let start = span.range.start + at;
            Span::new(span.file, start..start + name.len())
        });
        let known = known.split(", ").map(|own| own.trim_matches('`'));
        let help = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "the fields are named as the columns of a CSV of claims are".to_owned(),
        };
        self.problems.error_with_help(&at, format!("a claim or line has no `{name}`"), "not known", help);
    }
}

/// A title as a name: lower case with hyphens.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// What `cleanclaim edits ID` prints.
fn documentation(part: &EditPart) -> String {
    let mut text = format!("{}\n\n# What it checks\nFails when: {}\n", part.title, part.fails_when.value.trim());
    if let Some(unless) = &part.unless {
        text.push_str(&format!("\n# Bypass\nReleased when: {}\n", unless.value.trim()));
    }
    text
}

/// A name that lives as long as the program. Values of findings are named by such; a policy's names are few, and the
/// same name is kept only once, however often policies are loaded.
fn interned(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(own) = names.get(name) {
        return own;
    }
    let own: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(own);
    own
}
