//! TOML tables, read with the place of everything in them: what is misspelt, missing or of the wrong kind is told with
//! file, line and column, all of it at once. What payers write and what a site writes are read by this.

use crate::near::nearest;
use crate::source::{Files, Problems, Span};
use crate::text::Text;
use codes::{ClaimType, Date};
use edits::{ProviderIdentity, Settings, Severity, TimelyFiling};
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads the files that a file names.
pub(crate) trait Loader {
    /// The file's text, or why it cannot be had.
    fn load(&self, path: &Path) -> Result<String, String>;
}

/// Files of the disk.
pub(crate) struct Disk;

impl Loader for Disk {
    fn load(&self, path: &Path) -> Result<String, String> {
        claims::read_text_file(path).map_err(|error| error.to_string())
    }
}

/// No files at all: for what is given as text.
pub(crate) struct NoFiles;

impl Loader for NoFiles {
    fn load(&self, _: &Path) -> Result<String, String> {
        Err("what is given as text names no files".to_owned())
    }
}

/// What is said about the parameters of built-in edits.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub(crate) struct SettingsPart {
    pub(crate) timely_filing: Option<Option<TimelyFiling>>,
    pub(crate) provider_identity: Option<ProviderIdentity>,
    pub(crate) follows_medicare: Option<bool>,
    pub(crate) requires_ndc: Option<bool>,
}

impl SettingsPart {
    /// Changes what it says something about.
    pub(crate) fn settle(self, settings: &mut Settings) {
        let SettingsPart { timely_filing, provider_identity, follows_medicare, requires_ndc } = self;
        settings.timely_filing = timely_filing.unwrap_or(settings.timely_filing);
        settings.provider_identity = provider_identity.unwrap_or(settings.provider_identity);
        settings.follows_medicare = follows_medicare.unwrap_or(settings.follows_medicare);
        settings.requires_ndc = requires_ndc.unwrap_or(settings.requires_ndc);
    }
}

pub(crate) type Value<'t> = &'t Spanned<DeValue<'t>>;

/// One TOML table while it is read: every key that nobody asks for is unknown.
pub(crate) struct Table<'t> {
    pub(crate) table: &'t DeTable<'t>,
    pub(crate) file: usize,
    pub(crate) span: Span,
    pub(crate) known: Vec<&'static str>,
    pub(crate) what: &'static str,
}

impl<'t> Table<'t> {
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Value<'t>> {
        self.known.push(key);
        self.table.iter().find(|(own, _)| own.get_ref() == key).map(|(_, value)| value)
    }

    pub(crate) fn span_of(&self, value: Value<'t>) -> Span {
        Span::new(self.file, value.span())
    }
}

/// First and last day, each where given.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Days {
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
    pub(crate) span: Span,
}

/// Reads tables, and tells what is wrong with them.
pub(crate) struct Toml<'r> {
    /// Whether a file is torn: what seems to be missing may stand in what cannot be read.
    pub(crate) torn: bool,
    pub(crate) files: &'r mut Files,
    pub(crate) problems: &'r mut Problems,
}

impl Toml<'_> {
    /// What a file says, of which this is the text; nothing where it is not TOML, which is told. `sections` are those that
    /// such a file may have.
    pub(crate) fn parse<'t>(
        &mut self,
        file: usize,
        text: &'t str,
        sections: &'static [&'static str],
    ) -> Option<Spanned<DeTable<'t>>> {
        let (root, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Some(root);
        }
        if !has_any(root.get_ref(), sections) {
            self.not_of_kind(file, &errors, sections);
            return None;
        }
        for error in &errors {
            let span = Span::new(file, error.span().unwrap_or(0..0));
            self.problems.error(&span, "the file is not TOML", error.message().to_owned());
        }
        None
    }

    /// Tells that a file is neither TOML nor evidently of the kind that is asked for, by the sections that it might have.
    /// It may be a file of claims, given by mistake, so nothing of its text is shown.
    pub(crate) fn not_of_kind(&mut self, file: usize, errors: &[toml::de::Error], sections: &[&str]) {
        self.files.keep_back(file);
        let Some(first) = errors.iter().min_by_key(|error| error.span().map_or(0, |span| span.start)) else { return };
        let span = Span::new(file, first.span().unwrap_or(0..0));
        let sections = sections.join(", ");
        let help =
            format!("give a TOML file with some of {sections}; nothing of this one is shown, as it may be claims");
        self.problems.error_with_help(&span, "the file is not TOML", first.message(), help);
    }

    /// The parameters of built-in edits, `settings` as far as they are not given.
    pub(crate) fn settings(&mut self, mut table: Table<'_>, mut settings: SettingsPart) -> SettingsPart {
        if let Some(text) = self.text(&mut table, "timely_filing") {
            match timely_filing(&text.value) {
                Some(limit) => settings.timely_filing = Some(limit),
                None => self.problems.error(
                    &text.span,
                    format!("{:?} is no limit for filing", text.value),
                    "\"90 days\", \"12 months\", \"calendar-year\" or \"none\"",
                ),
            }
        }
        let identities = [("rendering", ProviderIdentity::Rendering), ("billing", ProviderIdentity::Billing)];
        settings.provider_identity =
            self.one_of(&mut table, "provider_identity", &identities).or(settings.provider_identity);
        settings.follows_medicare = self.boolean(&mut table, "follows_medicare").or(settings.follows_medicare);
        settings.requires_ndc = self.boolean(&mut table, "requires_ndc").or(settings.requires_ndc);
        self.finish(&table);
        settings
    }

    pub(crate) fn states(&mut self, table: &mut Table<'_>) -> Vec<String> {
        let states = self.texts(table, "states");
        for state in &states {
            if state.value.len() != 2 || !state.value.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                self.problems.error(&state.span, format!("{:?} is no state", state.value), "two letters, as \"NY\"");
            }
        }
        states.into_iter().map(|state| state.value.to_ascii_uppercase()).collect()
    }

    pub(crate) fn claim_types(&mut self, table: &mut Table<'_>) -> Vec<ClaimType> {
        let mut types = Vec::new();
        for text in self.texts(table, "claim_types") {
            match ClaimType::parse(text.value.as_bytes()) {
                Some(claim_type) => types.push(claim_type),
                None => self.problems.error(
                    &text.span,
                    format!("{:?} is no type of claim", text.value),
                    "\"P\" professional, \"I\" institutional or \"D\" dental",
                ),
            }
        }
        types
    }

    pub(crate) fn days(&mut self, table: &mut Table<'_>) -> Days {
        let mut days = Days { span: table.span.clone(), ..Days::default() };
        for key in ["from", "to"] {
            let Some(value) = table.take(key) else { continue };
            let span = table.span_of(value);
            match date(value) {
                Some(day) if key == "from" => days.from = Some(day),
                Some(day) => days.to = Some(day),
                None => self.problems.error(&span, format!("`{key}` is no date"), "write it as 2026-01-31"),
            }
            days.span = span;
        }
        if let (Some(from), Some(to)) = (days.from, days.to)
            && from > to
        {
            self.problems.error(&days.span, "these days are none", format!("{to} is before {from}"));
        }
        days
    }

    pub(crate) fn severity(&mut self, table: &mut Table<'_>) -> Option<Severity> {
        let severities = [Severity::Error, Severity::Warning, Severity::Info].map(|own| (own.name(), own));
        self.one_of(table, "severity", &severities)
    }

    pub(crate) fn one_of<T: Copy>(&mut self, table: &mut Table<'_>, key: &'static str, all: &[(&str, T)]) -> Option<T> {
        let text = self.text(table, key)?;
        let found = all.iter().find(|(name, _)| *name == text.value).map(|&(_, value)| value);
        if found.is_none() {
            let names: Vec<String> = all.iter().map(|(name, _)| format!("{name:?}")).collect();
            self.problems.error(
                &text.span,
                format!("{:?} is no {key}", text.value),
                format!("one of {}", names.join(", ")),
            );
        }
        found
    }

    pub(crate) fn boolean(&mut self, table: &mut Table<'_>, key: &'static str) -> Option<bool> {
        let value = table.take(key)?;
        if value.get_ref().as_bool().is_none() {
            self.wrong_kind(&table.span_of(value), &format!("`{key}`"), "true or false", value);
        }
        value.get_ref().as_bool()
    }

    pub(crate) fn required_text(&mut self, table: &mut Table<'_>, key: &'static str) -> Text {
        let present = table.table.iter().any(|(own, _)| own.get_ref() == key);
        match self.text(table, key) {
            Some(text) if text.value.trim().is_empty() => {
                self.problems.error(&text.span, format!("`{key}` is empty"), "say it");
                text
            }
            Some(text) => text,
            None => {
                if !present && !self.torn {
                    let message = format!("{} has no `{key}`", table.what);
                    self.problems.error(&table.span, message, format!("needs `{key}`"));
                }
                Text::made("", table.span.clone())
            }
        }
    }

    pub(crate) fn text(&mut self, table: &mut Table<'_>, key: &'static str) -> Option<Text> {
        let value = table.take(key)?;
        self.text_value(value, table.file, key)
    }

    pub(crate) fn text_value(&mut self, value: Value<'_>, file: usize, key: &str) -> Option<Text> {
        let span = Span::new(file, value.span());
        match value.get_ref() {
            DeValue::String(text) => Some(Text::new(text, span, self.files.text(file))),
            _ => {
                self.wrong_kind(&span, &format!("`{key}`"), "a text in quotes", value);
                None
            }
        }
    }

    pub(crate) fn texts(&mut self, table: &mut Table<'_>, key: &'static str) -> Vec<Text> {
        table.take(key).map_or_else(Vec::new, |value| self.text_list(value, table.file, key))
    }

    pub(crate) fn text_list(&mut self, value: Value<'_>, file: usize, key: &str) -> Vec<Text> {
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_kind(&Span::new(file, value.span()), &format!("`{key}`"), "a list of texts", value);
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items.iter() {
            texts.extend(self.text_value(item, file, key));
        }
        texts
    }

    pub(crate) fn table_of<'t>(
        &mut self,
        table: &mut Table<'t>,
        key: &'static str,
        what: &'static str,
    ) -> Option<Table<'t>> {
        let value = table.take(key)?;
        let span = table.span_of(value);
        match value.get_ref().as_table() {
            Some(own) => Some(Table { table: own, file: table.file, span: self.head(span), known: Vec::new(), what }),
            None => {
                self.wrong_kind(&span, what, "a table", value);
                None
            }
        }
    }

    pub(crate) fn tables_of<'t>(
        &mut self,
        table: &mut Table<'t>,
        key: &'static str,
        what: &'static str,
    ) -> Vec<Table<'t>> {
        let Some(value) = table.take(key) else { return Vec::new() };
        let file = table.file;
        let Some(items) = value.get_ref().as_array() else {
            let message = format!("{what} is written with two brackets");
            let span = self.head(table.span_of(value));
            self.problems.error(&span, message, format!("[[{key}]]"));
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(items.len());
        for item in items.iter() {
            let span = Span::new(file, item.span());
            match item.get_ref().as_table() {
                Some(own) => tables.push(Table { table: own, file, span: self.head(span), known: Vec::new(), what }),
                None => self.wrong_kind(&span, what, "a table", item),
            }
        }
        tables
    }

    /// A table's span covers all of it; what is told of the table as a whole points at its first line only.
    pub(crate) fn head(&self, span: Span) -> Span {
        let text = self.files.text(span.file).get(span.range.clone()).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default().trim_end();
        Span::new(span.file, span.range.start..span.range.start + line.len())
    }

    /// Tells of the keys that mean nothing.
    pub(crate) fn finish(&mut self, table: &Table<'_>) {
        for (key, _) in table.table {
            let name = key.get_ref().as_ref();
            if table.known.contains(&name) {
                continue;
            }
            let span = Span::new(table.file, key.span());
            let message = format!("{} has no `{name}`", table.what);
            match nearest(name, table.known.iter().copied()) {
                Some(near) => {
                    self.problems.error_with_help(&span, message, "not known", format!("did you mean `{near}`?"));
                }
                None => {
                    let mut known = table.known.clone();
                    known.sort_unstable();
                    known.dedup();
                    let help = format!("there are {}", known.join(", "));
                    self.problems.error_with_help(&span, message, "not known", help);
                }
            }
        }
    }

    pub(crate) fn wrong_kind(&mut self, span: &Span, what: &str, expected: &str, got: Value<'_>) {
        let got = match got.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.problems.error(span, format!("{what} is {got}"), format!("expected {expected}"));
    }
}

/// Whether the table has any of these sections, which are given as they are written, with their brackets.
pub(crate) fn has_any(root: &DeTable<'_>, sections: &[&str]) -> bool {
    let is_section = |value: &DeValue<'_>| match value {
        DeValue::Table(_) => true,
        DeValue::Array(items) => items.iter().any(|item| item.get_ref().is_table()),
        _ => false,
    };
    let is_known = |key: &str| sections.iter().any(|own| own.trim_matches(['[', ']']) == key);
    root.iter().any(|(key, value)| is_known(key.get_ref()) && is_section(value.get_ref()))
}

pub(crate) fn integer(value: Value<'_>) -> Option<i64> {
    let number = value.get_ref().as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

pub(crate) fn date(value: Value<'_>) -> Option<Date> {
    match value.get_ref() {
        DeValue::String(text) => Date::parse(text.as_bytes()),
        DeValue::Datetime(moment) if moment.time.is_none() => {
            let day = moment.date?;
            Date::new(i32::from(day.year), day.month, day.day)
        }
        _ => None,
    }
}

fn timely_filing(text: &str) -> Option<Option<TimelyFiling>> {
    match text {
        "none" => Some(None),
        "calendar-year" => Some(Some(TimelyFiling::CalendarYear)),
        _ => {
            let (number, unit) = text.split_once(' ')?;
            let number = number.parse().ok().filter(|&number: &u16| number > 0)?;
            match unit {
                "day" | "days" => Some(Some(TimelyFiling::Days(number))),
                "month" | "months" => Some(Some(TimelyFiling::Months(number))),
                _ => None,
            }
        }
    }
}
