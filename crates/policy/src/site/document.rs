//! A site's file as it is written: TOML read into what each part says, with its places.

use super::suppression::{Codes, Covered, CoveredLines, Suppression};
use super::{Choices, FORMATS};
use crate::source::{Files, Problems, Span};
use crate::tables::{Loader, SettingsPart, Table, Toml, Value, date, integer};
use crate::text::Text;
use claims::{ClaimFormat, ColumnMap};
use codes::{Code, Date, Modifier, Npi};
use edits::Severity;
use std::path::{Path, PathBuf};

/// All that a site's files say.
#[derive(Default)]
pub(super) struct Document {
    pub(super) choices: Choices,
    pub(super) select: Vec<Text>,
    pub(super) ignore: Vec<Text>,
    pub(super) severity: Vec<(Text, Severity)>,
    pub(super) settings: SettingsPart,
    /// Each with the edits that it names, where they stand.
    pub(super) suppressions: Vec<(Vec<Text>, Suppression)>,
}

/// The most suppressions of a site: a run numbers them in 16 bits.
const MOST_SUPPRESSIONS: usize = 10_000;

/// The sections that a site's file may have.
const SECTIONS: &[&str] = &["[scrub]", "[severity]", "[settings]", "[[suppression]]"];
/// Those of a file of suppressions.
const SUPPRESSIONS: &[&str] = &["[[suppression]]"];

pub(super) struct Reader<'r> {
    loader: &'r dyn Loader,
    toml: Toml<'r>,
    document: Document,
}

impl<'r> Reader<'r> {
    pub(super) fn new(loader: &'r dyn Loader, files: &'r mut Files, problems: &'r mut Problems) -> Reader<'r> {
        Reader { loader, toml: Toml { torn: false, files, problems }, document: Document::default() }
    }

    /// Reads the site's file, and the files of suppressions that it names.
    pub(super) fn read(mut self, path: &Path, text: String) -> Document {
        let mut named = Vec::new();
        self.file(path, text, ("a configuration", SECTIONS), |own, table, folder| {
            if let Some(scrub) = own.toml.table_of(table, "scrub", "[scrub]") {
                named = own.scrub(scrub, folder);
            }
            if let Some(value) = table.take("severity") {
                own.severity(value, table);
            }
            if let Some(settings) = own.toml.table_of(table, "settings", "[settings]") {
                own.document.settings = own.toml.settings(settings, own.document.settings);
            }
        });
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut read: Vec<PathBuf> = Vec::new();
        for name in named {
            let path = folder.join(&name.value);
            if read.contains(&path) {
                self.toml.problems.error(&name.span, "the file of suppressions is named twice", "named before");
                continue;
            }
            match self.loader.load(&path) {
                Ok(text) => self.file(&path, text, ("a file of suppressions", SUPPRESSIONS), |_, _, _| {}),
                Err(error) => self.toml.problems.error(&name.span, "the file of suppressions cannot be read", error),
            }
            read.push(path);
        }
        self.document
    }

    /// Reads a file: what `more` does, and its suppressions.
    fn file(
        &mut self,
        path: &Path,
        text: String,
        (what, sections): (&'static str, &'static [&'static str]),
        mut more: impl FnMut(&mut Reader<'r>, &mut Table<'_>, &Path),
    ) {
        let file = self.toml.files.add(path.display().to_string(), text);
        let text = self.toml.files.text(file).to_owned();
        let Some(root) = self.toml.parse(file, &text, sections) else { return };
        let start = Span::new(file, 0..text.find('\n').unwrap_or(text.len()));
        let mut table = Table { table: root.get_ref(), file, span: start, known: Vec::new(), what };
        more(self, &mut table, path.parent().unwrap_or(Path::new("")));
        for suppression in self.toml.tables_of(&mut table, "suppression", "a [[suppression]]") {
            self.suppression(suppression, path);
        }
        self.toml.finish(&table);
    }

    /// Reads `[scrub]`, and gives the files of suppressions that it names.
    fn scrub(&mut self, mut table: Table<'_>, folder: &Path) -> Vec<Text> {
        let beside = |text: Text| folder.join(text.value);
        let toml = &mut self.toml;
        let mut choices = Choices {
            codeset: toml.text(&mut table, "codeset").map(beside),
            policies: toml.texts(&mut table, "policies").into_iter().map(beside).collect(),
            group: toml.boolean(&mut table, "group"),
            ..Choices::default()
        };
        choices.map = toml.text(&mut table, "map").map(|text| match ColumnMap::named(&text.value) {
            Some(_) => PathBuf::from(text.value),
            None => folder.join(text.value),
        });
        let formats = ClaimFormat::ALL.map(|format| (format.name(), format));
        choices.input_format = toml.one_of(&mut table, "input_format", &formats);
        let formats = FORMATS.map(|format| (format, format));
        choices.format = toml.one_of(&mut table, "format", &formats).map(str::to_owned);
        let severities = [Severity::Error, Severity::Warning, Severity::Info].map(|own| (own.name(), Some(own)));
        let [error, warning, info] = severities;
        choices.fail_on = toml.one_of(&mut table, "fail_on", &[error, warning, info, ("never", None)]);
        choices.threads = table.take("threads").and_then(|value| {
            let threads = integer(value).and_then(|given| u16::try_from(given).ok());
            let threads = threads.filter(|given| (1..=1024).contains(given));
            if threads.is_none() {
                let span = table.span_of(value);
                toml.problems.error(&span, "`threads` is no number of threads", "a number from 1 to 1024");
            }
            threads
        });
        for text in toml.texts(&mut table, "show") {
            match text.value.as_str() {
                "bypassed" => choices.show.bypassed = true,
                "not-evaluated" => choices.show.not_evaluated = true,
                "suppressed" => choices.show.suppressed = true,
                "fail" => {}
                _ => toml.problems.error(
                    &text.span,
                    format!("{:?} is no outcome to show", text.value),
                    "one of \"fail\", \"bypassed\", \"not-evaluated\", \"suppressed\"",
                ),
            }
        }
        self.document.select = self.toml.texts(&mut table, "select");
        self.document.ignore = self.toml.texts(&mut table, "ignore");
        self.document.choices = choices;
        let named = self.toml.texts(&mut table, "suppressions");
        self.toml.finish(&table);
        named
    }

    fn severity(&mut self, value: Value<'_>, from: &Table<'_>) {
        let Some(table) = value.get_ref().as_table() else {
            self.toml.wrong_kind(&from.span_of(value), "[severity]", "a table", value);
            return;
        };
        for (key, value) in table {
            let edit = Text::made(key.get_ref(), Span::new(from.file, key.span()));
            let Some(text) = self.toml.text_value(value, from.file, key.get_ref()) else { continue };
            match Severity::from_name(&text.value) {
                Some(severity) => self.document.severity.push((edit, severity)),
                None => self.toml.problems.error(
                    &text.span,
                    format!("{:?} is no severity", text.value),
                    "one of \"error\", \"warning\", \"info\"",
                ),
            }
        }
        // As they stand in the file: a table of TOML has no order of its own.
        self.document.severity.sort_by_key(|(edit, _)| edit.span.range.start);
    }

    fn suppression(&mut self, mut table: Table<'_>, path: &Path) {
        let edits = self.toml.texts(&mut table, "edits");
        if edits.is_empty() {
            let help = "edits = [\"CLM007\"]   # ids, names, or the beginning of ids";
            self.toml.problems.error_with_help(&table.span, "no edit is named", "needs `edits`", help);
        }
        let who = self.toml.required_text(&mut table, "who").value;
        let why = self.toml.required_text(&mut table, "why").value;
        let until = self.day(&mut table, "until");
        if !table.table.iter().any(|(key, _)| key.get_ref() == "until") {
            let help = "until = 2026-12-31   # the last day on which it holds";
            let message = "a [[suppression]] does not say until when";
            self.toml.problems.error_with_help(&table.span, message, "needs `until`", help);
        }
        let claims = self.covered(&mut table);
        let every_claim = self.toml.boolean(&mut table, "every_claim").unwrap_or(false);
        self.toml.finish(&table);
        match (every_claim, claims == Covered::default()) {
            (false, true) => {
                let help = "claims, payers, claim_types, billing_npis, rendering_npis, procedures, diagnoses, modifiers, \
                            revenue_codes, places_of_service, service_from and service_to say it; or every_claim = true";
                let message = "a [[suppression]] does not say for which claims";
                self.toml.problems.error_with_help(&table.span, message, "of which claims?", help);
            }
            (true, false) => {
                let message = "a [[suppression]] is for every claim and for some";
                self.toml.problems.error(&table.span, message, "leave `every_claim` out, or all that chooses claims");
            }
            _ => {}
        }
        if self.document.suppressions.len() == MOST_SUPPRESSIONS {
            let message = format!("there are more than {MOST_SUPPRESSIONS} suppressions");
            self.toml.problems.error(&table.span, message, "one too many");
        }
        let (Some(until), true) = (until, self.document.suppressions.len() < MOST_SUPPRESSIONS) else { return };
        let (line, _) = claims::line_and_column(self.toml.files.text(table.file), table.span.range.start);
        let place = format!("{}:{line}", path.display());
        let names = edits.iter().map(|edit| edit.value.clone()).collect();
        self.document.suppressions.push((edits, Suppression { edits: names, who, why, until, claims, place }));
    }

    /// The claims that a suppression is for.
    fn covered(&mut self, table: &mut Table<'_>) -> Covered {
        let values = |texts: Vec<Text>| texts.into_iter().map(|text| text.value).collect::<Vec<_>>();
        let covered = Covered {
            claim_ids: values(self.toml.texts(table, "claims")),
            payers: values(self.toml.texts(table, "payers")),
            claim_types: self.toml.claim_types(table),
            billing_npis: self.npis(table, "billing_npis"),
            diagnoses: self.codes(table, "diagnoses", Code::parse_diagnosis),
            lines: CoveredLines {
                rendering_npis: self.npis(table, "rendering_npis"),
                procedures: self.codes(table, "procedures", Code::parse),
                modifiers: self.modifiers(table),
                revenue_codes: self.codes(table, "revenue_codes", Code::parse),
                places_of_service: self.codes(table, "places_of_service", Code::parse),
                service_from: self.day(table, "service_from"),
                service_to: self.day(table, "service_to"),
            },
        };
        let CoveredLines { service_from, service_to, .. } = covered.lines;
        if let (Some(from), Some(to)) = (service_from, service_to)
            && from > to
        {
            self.toml.problems.error(&table.span, "these days are none", format!("{to} is before {from}"));
        }
        covered
    }

    fn day(&mut self, table: &mut Table<'_>, key: &'static str) -> Option<Date> {
        let value = table.take(key)?;
        let day = date(value);
        if day.is_none() {
            let span = table.span_of(value);
            self.toml.problems.error(&span, format!("`{key}` is no date"), "write it as 2026-01-31");
        }
        day
    }

    fn npis(&mut self, table: &mut Table<'_>, key: &'static str) -> Vec<Npi> {
        let mut npis = Vec::new();
        for text in self.toml.texts(table, key) {
            match Npi::parse(text.value.trim().as_bytes()) {
                Some(npi) => npis.push(npi),
                None => self.toml.problems.error(
                    &text.span,
                    format!("{:?} is no NPI", text.value),
                    "ten digits, the last a check digit",
                ),
            }
        }
        npis
    }

    fn modifiers(&mut self, table: &mut Table<'_>) -> Vec<Modifier> {
        let mut modifiers = Vec::new();
        for text in self.toml.texts(table, "modifiers") {
            let modifier = Modifier::parse(text.value.trim().as_bytes()).filter(|own| !own.is_malformed());
            match modifier.filter(|own| !own.is_absent()) {
                Some(modifier) => modifiers.push(modifier),
                None => {
                    let message = format!("{:?} is no modifier", text.value);
                    self.toml.problems.error(&text.span, message, "two letters or digits");
                }
            }
        }
        modifiers
    }

    /// Codes as policies write them: one, a range with both ends, or all with a beginning.
    fn codes(&mut self, table: &mut Table<'_>, key: &'static str, parse: fn(&[u8]) -> Option<Code>) -> Vec<Codes> {
        let one = |text: &str| {
            let code = parse(text.trim().as_bytes());
            code.filter(|code| !code.is_absent() && !code.is_malformed())
        };
        let mut codes = Vec::new();
        for text in self.toml.texts(table, key) {
            let value = text.value.trim();
            let parsed = match (value.strip_suffix('*'), value.split_once('-')) {
                (Some(beginning), _) => one(beginning.trim_end_matches('.')).map(Codes::Beginning),
                (None, Some((first, last))) => one(first).zip(one(last)).map(|(first, last)| Codes::Range(first, last)),
                (None, None) => one(value).map(Codes::One),
            };
            match parsed {
                Some(Codes::Range(first, last)) if first > last => {
                    self.toml.problems.error(&text.span, "this range has no codes", "its end is before its start");
                }
                Some(parsed) => codes.push(parsed),
                None => self.toml.problems.error(
                    &text.span,
                    format!("{:?} is no code of `{key}`", text.value),
                    "a code, a range \"99202-99215\", or a beginning \"J*\"",
                ),
            }
        }
        codes
    }
}
