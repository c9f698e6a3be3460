//! A policy's files as they are written: TOML read into what each part says, with its places. What is misspelt,
//! missing or of the wrong kind is told here; what it means is checked later.

use crate::source::{Files, Problems, Span};
use crate::tables::{Days, Loader, SettingsPart, Table, Toml, Value, date, has_any, integer};
use crate::text::Text;
use crate::torn::torn;
use codes::{ClaimType, Date};
use edits::{Severity, Unit};
use std::path::{Component, Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// All that a policy's files say.
#[derive(Default)]
pub(crate) struct Document {
    pub(crate) header: Header,
    pub(crate) applies: Applies,
    pub(crate) settings: SettingsPart,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) sets: Vec<SetPart>,
    pub(crate) builtins: Vec<BuiltinPart>,
    pub(crate) edits: Vec<EditPart>,
    /// Whether some of the files is not TOML, so that what seems to be missing may stand in what cannot be read.
    pub(crate) torn: bool,
}

#[derive(Default)]
pub(crate) struct Header {
    pub(crate) id: Text,
    pub(crate) version: Text,
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) days: Days,
}

/// The claims that a policy applies to.
#[derive(Clone, Default, Debug)]
pub(crate) struct Applies {
    /// Payer ids and patterns.
    pub(crate) payers: Vec<String>,
    pub(crate) except_payers: Vec<String>,
    pub(crate) claim_types: Vec<ClaimType>,
    pub(crate) states: Vec<String>,
    /// Claim filing indicators.
    pub(crate) plans: Vec<String>,
    pub(crate) contractors: Vec<String>,
}

pub(crate) struct Parameter {
    pub(crate) name: Text,
    pub(crate) value: ParameterValue,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ParameterValue {
    Bool(bool),
    /// In thousandths.
    Number(i64),
    Text(String),
    Date(Date),
}

pub(crate) struct SetPart {
    pub(crate) name: Text,
    pub(crate) system: Option<Text>,
    pub(crate) codes: Vec<Text>,
    pub(crate) only: Vec<Text>,
    pub(crate) except: Vec<Text>,
    /// Whether a list is named, whether it could be read or not.
    pub(crate) names_csv: bool,
    pub(crate) csv: Option<CsvPart>,
}

/// A list of codes read from a CSV.
pub(crate) struct CsvPart {
    pub(crate) file: usize,
    pub(crate) column: Text,
    pub(crate) place: Span,
}

pub(crate) struct BuiltinPart {
    pub(crate) edits: Vec<Text>,
    pub(crate) enabled: Option<bool>,
    pub(crate) severity: Option<Severity>,
    pub(crate) carc: Option<String>,
    pub(crate) rarc: Option<String>,
    pub(crate) span: Span,
}

#[derive(Default)]
pub(crate) struct EditPart {
    pub(crate) id: Text,
    pub(crate) title: String,
    pub(crate) unit: Option<Unit>,
    pub(crate) severity: Option<Severity>,
    pub(crate) snip: Option<u8>,
    pub(crate) fails_when: Text,
    pub(crate) unless: Option<Text>,
    pub(crate) released: Option<Text>,
    pub(crate) message: Text,
    pub(crate) fix: Text,
    pub(crate) source: String,
    pub(crate) carc: String,
    pub(crate) rarc: String,
    pub(crate) field: Option<Text>,
    pub(crate) claim_types: Vec<ClaimType>,
    pub(crate) days: Days,
    pub(crate) shadow: bool,
    pub(crate) examples: Vec<ExamplePart>,
}

pub(crate) struct ExamplePart {
    pub(crate) name: String,
    pub(crate) claim: serde_json::Value,
    pub(crate) claim_span: Span,
    pub(crate) expect: Vec<Text>,
    /// Whether one outcome a line is given.
    pub(crate) by_line: bool,
    pub(crate) line: Option<usize>,
    pub(crate) span: Span,
}

/// The sections that a policy's file may have.
const SECTIONS: &[&str] = &["[policy]", "[applies]", "[settings]", "[parameters]", "[sets]", "[[builtin]]", "[[edit]]"];

/// The most files that one policy may be made of.
const MOST_FILES: usize = 1000;

pub(crate) struct Reader<'r> {
    pub(crate) loader: &'r dyn Loader,
    toml: Toml<'r>,
    pub(crate) document: Document,
    read: Vec<PathBuf>,
}

impl<'r> Reader<'r> {
    pub(crate) fn new(loader: &'r dyn Loader, files: &'r mut Files, problems: &'r mut Problems) -> Reader<'r> {
        Reader { loader, toml: Toml { torn: false, files, problems }, document: Document::default(), read: Vec::new() }
    }

    /// Reads a policy's main file and all that it includes.
    pub(crate) fn main(&mut self, path: &Path, text: String) {
        self.read.push(plain(path));
        self.file(path, text, true);
    }

    fn file(&mut self, path: &Path, text: String, main: bool) {
        let file = self.toml.files.add(path.display().to_string(), text);
        let mut text = self.toml.files.text(file).to_owned();
        let (root, errors) = DeTable::parse_recoverable(&text);
        if !errors.is_empty() {
            self.document.torn = true;
            self.toml.torn = true;
            if !has_any(root.get_ref(), SECTIONS) {
                self.toml.not_of_kind(file, &errors, SECTIONS);
                return;
            }
            let torn = torn(&text);
            for (range, message) in torn.errors {
                self.toml.problems.error(&Span::new(file, range), "the file is not TOML", message);
            }
            if !torn.is_readable {
                return;
            }
            text = torn.text;
        }
        let (root, _) = DeTable::parse_recoverable(&text);
        let start = Span::new(file, 0..text.find('\n').unwrap_or(text.len()));
        let mut table = Table { table: root.get_ref(), file, span: start, known: Vec::new(), what: "a policy file" };
        if let Some(header) = self.toml.table_of(&mut table, "policy", "[policy]") {
            if main {
                self.header(header);
            } else {
                self.toml.problems.error(
                    &header.span,
                    "an included file has a [policy] of its own",
                    "only the file that includes it has one",
                );
            }
        } else if main && !self.document.torn {
            let help = "[policy]\nid = \"ACME\"\nversion = \"2026.1\"\nname = \"Acme Health\"";
            self.toml.problems.error_with_help(&table.span, "the file has no [policy]", "begin with it", help);
        }
        if let Some(applies) = self.toml.table_of(&mut table, "applies", "[applies]") {
            if main {
                self.applies(applies);
            } else {
                self.toml.problems.error(
                    &applies.span,
                    "an included file has an [applies] of its own",
                    "only the file that includes it has one",
                );
            }
        } else if main && !self.document.torn {
            let help = "[applies]\npayers = [\"ACME*\"]   # or [\"*\"] for every payer";
            let message = "the file does not say which payers the policy applies to";
            self.toml.problems.error_with_help(&table.span, message, "no [applies]", help);
        }
        if let Some(settings) = self.toml.table_of(&mut table, "settings", "[settings]") {
            if main {
                self.document.settings = self.toml.settings(settings, self.document.settings);
            } else {
                self.toml.problems.error(
                    &settings.span,
                    "an included file has [settings] of its own",
                    "only the file that includes it has some",
                );
            }
        }
        if let Some(parameters) = table.take("parameters") {
            self.parameters(parameters, file);
        }
        if let Some(sets) = table.take("sets") {
            self.sets(sets, file, path);
        }
        for builtin in self.toml.tables_of(&mut table, "builtin", "a [[builtin]]") {
            self.builtin(builtin);
        }
        for edit in self.toml.tables_of(&mut table, "edit", "an [[edit]]") {
            self.edit(edit);
        }
        let includes = self.toml.texts(&mut table, "include");
        self.toml.finish(&table);
        for include in includes {
            self.include(path, &include);
        }
    }

    fn include(&mut self, from: &Path, include: &Text) {
        let path = beside(from, &include.value);
        if self.read.contains(&path) {
            self.toml.problems.error(&include.span, "the file is included twice", "included before");
            return;
        }
        if self.read.len() >= MOST_FILES {
            self.toml.problems.error(
                &include.span,
                format!("the policy has more than {MOST_FILES} files"),
                "one too many",
            );
            return;
        }
        self.read.push(path.clone());
        match self.loader.load(&path) {
            Ok(text) => self.file(&path, text, false),
            Err(error) => self.toml.problems.error(&include.span, "the included file cannot be read", error),
        }
    }

    fn header(&mut self, mut table: Table<'_>) {
        let id = self.toml.required_text(&mut table, "id");
        let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if !id.value.is_empty() && (id.value.len() > 40 || !id.value.chars().all(fits)) {
            self.toml.problems.error(
                &id.span,
                format!("{:?} is no id of a policy", id.value),
                "upper-case letters, digits, - and _, at most 40",
            );
        }
        let version = self.toml.required_text(&mut table, "version");
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
        if !version.value.is_empty() && (version.value.len() > 40 || !version.value.chars().all(fits)) {
            self.toml.problems.error(
                &version.span,
                format!("{:?} is no version", version.value),
                "letters, digits, ., -, _ and +, at most 40",
            );
        }
        let name = self.toml.required_text(&mut table, "name").value;
        let source = self.toml.text(&mut table, "source").map(|text| text.value).unwrap_or_default();
        let days = self.toml.days(&mut table);
        self.toml.finish(&table);
        self.document.header = Header { id, version, name, source, days };
    }

    fn applies(&mut self, mut table: Table<'_>) {
        let payers = self.toml.texts(&mut table, "payers");
        if payers.is_empty() && !self.document.torn {
            let help = "payers = [\"*\"] applies to every payer";
            self.toml.problems.error_with_help(&table.span, "no payers are given", "needs `payers`", help);
        }
        let values = |texts: Vec<Text>| texts.into_iter().map(|text| text.value).collect::<Vec<_>>();
        let applies = Applies {
            payers: values(payers),
            except_payers: values(self.toml.texts(&mut table, "except_payers")),
            claim_types: self.toml.claim_types(&mut table),
            states: self.toml.states(&mut table),
            plans: values(self.toml.texts(&mut table, "plans")),
            contractors: values(self.toml.texts(&mut table, "contractors")),
        };
        self.toml.finish(&table);
        self.document.applies = applies;
    }

    fn parameters(&mut self, value: Value<'_>, file: usize) {
        let span = Span::new(file, value.span());
        let Some(table) = value.get_ref().as_table() else {
            self.toml.wrong_kind(&span, "[parameters]", "a table", value);
            return;
        };
        for (key, value) in table {
            let span = Span::new(file, value.span());
            let known = match value.get_ref() {
                DeValue::Boolean(given) => Some(ParameterValue::Bool(*given)),
                DeValue::String(text) => Some(ParameterValue::Text(text.to_string())),
                DeValue::Integer(number) => thousandths(&number.to_string()).map(ParameterValue::Number),
                DeValue::Float(number) => thousandths(number.as_str()).map(ParameterValue::Number),
                DeValue::Datetime(_) => date(value).map(ParameterValue::Date),
                DeValue::Array(_) | DeValue::Table(_) => None,
            };
            let Some(known) = known else {
                let help = "a list of codes is a set: [sets.name]";
                let label = "a number of at most three decimals, a text, a date, true or false";
                self.toml.problems.error_with_help(&span, format!("{} is no parameter", key.get_ref()), label, help);
                continue;
            };
            let name = self.name(key, file, "a parameter");
            if self.document.parameters.iter().any(|own| own.name.value == name.value) {
                self.toml.problems.error(
                    &name.span,
                    format!("parameter {} is given twice", name.value),
                    "given before",
                );
            }
            self.document.parameters.push(Parameter { name, value: known });
        }
    }

    /// A name that conditions can use.
    fn name(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, file: usize, what: &str) -> Text {
        let span = Span::new(file, key.span());
        let value = key.get_ref().as_ref();
        let mut bytes = value.bytes();
        let first = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        if !(first && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')) {
            self.toml.problems.error(
                &span,
                format!("{value:?} is no name of {what}"),
                "letters, digits and _, a letter first",
            );
        }
        Text::new(value, span, self.toml.files.text(file))
    }

    fn sets(&mut self, value: Value<'_>, file: usize, path: &Path) {
        let Some(sets) = value.get_ref().as_table() else {
            self.toml.wrong_kind(&Span::new(file, value.span()), "[sets]", "a table", value);
            return;
        };
        for (key, value) in sets {
            let name = self.name(key, file, "a set");
            let span = Span::new(file, value.span());
            let Some(table) = value.get_ref().as_table() else {
                let help = format!("[sets.{}]\nsystem = \"procedures\"\ncodes = [\"99202-99215\"]", name.value);
                self.toml.problems.error_with_help(&span, "a set is a table", "not a table", help);
                continue;
            };
            let mut table = Table { table, file, span: name.span.clone(), known: Vec::new(), what: "a set" };
            let part = SetPart {
                system: self.toml.text(&mut table, "system"),
                codes: self.toml.texts(&mut table, "codes"),
                only: self.toml.texts(&mut table, "only"),
                except: self.toml.texts(&mut table, "except"),
                names_csv: table.table.iter().any(|(own, _)| own.get_ref() == "csv"),
                csv: self.csv(&mut table, path),
                name,
            };
            self.toml.finish(&table);
            if self.document.sets.iter().any(|own| own.name.value == part.name.value) {
                let message = format!("set {} is given twice", part.name.value);
                self.toml.problems.error(&part.name.span, message, "given before");
                continue;
            }
            self.document.sets.push(part);
        }
    }

    fn csv(&mut self, table: &mut Table<'_>, path: &Path) -> Option<CsvPart> {
        let file = self.toml.text(table, "csv");
        let column = self.toml.text(table, "column");
        let file = file?;
        let listed = beside(path, &file.value);
        let name = listed.display().to_string();
        let column = column.unwrap_or_else(|| Text::made("code", file.span.clone()));
        if let Some(number) = self.toml.files.0.iter().position(|own| own.name == name) {
            return Some(CsvPart { file: number, column, place: file.span });
        }
        match self.loader.load(&listed) {
            Ok(text) => {
                let number = self.toml.files.add(name, text);
                // A list may be a file of claims by mistake. A code at fault is named, not the row that it is in.
                self.toml.files.keep_back(number);
                Some(CsvPart { file: number, column, place: file.span })
            }
            Err(error) => {
                self.toml.problems.error(&file.span, "the list of codes cannot be read", error);
                None
            }
        }
    }

    fn builtin(&mut self, mut table: Table<'_>) {
        let part = BuiltinPart {
            edits: self.toml.texts(&mut table, "edits"),
            enabled: self.toml.boolean(&mut table, "enabled"),
            severity: self.toml.severity(&mut table),
            carc: self.toml.text(&mut table, "carc").map(|text| text.value),
            rarc: self.toml.text(&mut table, "rarc").map(|text| text.value),
            span: table.span.clone(),
        };
        // Nothing is switched off without a reason that can be read later.
        self.toml.required_text(&mut table, "reason");
        if part.edits.is_empty() && !self.document.torn {
            let help = "edits = [\"PTP002\"]";
            self.toml.problems.error_with_help(&table.span, "no edit is named", "needs `edits`", help);
        }
        let says_something =
            part.enabled.is_some() || part.severity.is_some() || part.carc.is_some() || part.rarc.is_some();
        if !says_something && !self.document.torn {
            let label = "needs `enabled`, `severity`, `carc` or `rarc`";
            self.toml.problems.error(&table.span, "nothing is changed about these edits", label);
        }
        self.toml.finish(&table);
        self.document.builtins.push(part);
    }

    fn edit(&mut self, mut table: Table<'_>) {
        let units = [("line", Unit::Line), ("claim", Unit::Claim)];
        let id = self.toml.required_text(&mut table, "id");
        let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
        let formed = id.value.bytes().all(fits)
            && id.value.starts_with(|c: char| c.is_ascii_uppercase())
            && id.value.ends_with(|c: char| c.is_ascii_digit())
            && id.value.len() <= 24;
        if !id.value.is_empty() && !formed {
            self.toml.problems.error_with_help(
                &id.span,
                format!("{:?} is no id of an edit", id.value),
                "upper-case letters, digits and -, a letter first and a digit last, at most 24",
                "an id is for ever: never used again for another edit",
            );
        }
        let snip = table.take("snip").and_then(|value| {
            let level = integer(value).and_then(|level| u8::try_from(level).ok()).filter(|l| (1..=7).contains(l));
            if level.is_none() {
                let label = "a number from 1 to 7";
                self.toml.problems.error(&table.span_of(value), "`snip` is no WEDI SNIP level", label);
            }
            level
        });
        let title = self.toml.required_text(&mut table, "title");
        let part = EditPart {
            id,
            title: title.value,
            unit: self.toml.one_of(&mut table, "unit", &units),
            severity: self.toml.severity(&mut table),
            snip,
            fails_when: self.toml.required_text(&mut table, "fails_when"),
            unless: self.toml.text(&mut table, "unless"),
            released: self.toml.text(&mut table, "released"),
            message: self.toml.required_text(&mut table, "message"),
            fix: self.toml.required_text(&mut table, "fix"),
            source: self.toml.text(&mut table, "source").map(|text| text.value).unwrap_or_default(),
            carc: self.toml.text(&mut table, "carc").map(|text| text.value).unwrap_or_default(),
            rarc: self.toml.text(&mut table, "rarc").map(|text| text.value).unwrap_or_default(),
            field: self.toml.text(&mut table, "field"),
            claim_types: self.toml.claim_types(&mut table),
            days: self.toml.days(&mut table),
            shadow: self.toml.boolean(&mut table, "shadow").unwrap_or(false),
            examples: {
                let examples = self.toml.tables_of(&mut table, "example", "an [[edit.example]]");
                examples.into_iter().filter_map(|example| self.example(example)).collect()
            },
        };
        self.toml.finish(&table);
        if part.source.is_empty() && self.document.header.source.is_empty() && !self.document.torn {
            let label = "needs `source`, or the policy one for all";
            self.toml.problems.error(&part.id.span, format!("edit {} does not say its source", part.id.value), label);
        }
        self.document.edits.push(part);
    }

    fn example(&mut self, mut table: Table<'_>) -> Option<ExamplePart> {
        let name = self.toml.required_text(&mut table, "name").value;
        let claim = table.take("claim");
        let (expect, by_line) = match table.take("expect") {
            None if self.document.torn => (Vec::new(), false),
            None => {
                let label = "needs `expect`: \"fail\", \"pass\", \"bypassed\" or \"not-evaluated\"";
                self.toml.problems.error(&table.span, "the example does not say what comes out", label);
                (Vec::new(), false)
            }
            Some(value) if value.get_ref().is_array() => (self.toml.text_list(value, table.file, "expect"), true),
            Some(value) => (self.toml.text_value(value, table.file, "expect").into_iter().collect(), false),
        };
        let line = table.take("line").and_then(|value| {
            let line = integer(value).and_then(|line| usize::try_from(line).ok()).filter(|&line| line > 0);
            if line.is_none() {
                self.toml.problems.error(&table.span_of(value), "`line` is no line of the claim", "lines count from 1");
            }
            line
        });
        self.toml.finish(&table);
        let Some(claim) = claim else {
            if !self.document.torn {
                self.toml.problems.error(&table.span, "the example has no claim", "needs `claim`");
            }
            return None;
        };
        if !claim.get_ref().is_table() {
            self.toml.wrong_kind(&table.span_of(claim), "`claim`", "a table", claim);
            return None;
        }
        Some(ExamplePart {
            name,
            claim: json(claim.get_ref()),
            claim_span: table.span_of(claim),
            expect,
            by_line,
            line,
            span: table.span,
        })
    }
}

/// The file that is called so beside this one.
fn beside(file: &Path, name: &str) -> PathBuf {
    plain(&file.parent().unwrap_or(Path::new("")).join(name))
}

/// The path without steps that lead nowhere, so that a file has one name.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// A decimal number of at most three places, in thousandths.
pub(crate) fn thousandths(text: &str) -> Option<i64> {
    codes::Units::parse(text.replace('_', "").as_bytes()).map(codes::Units::thousandths)
}

/// A claim of an example as JSON, every scalar as the text that a claim's field is.
fn json(value: &DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => number.to_string().into(),
        DeValue::Float(number) => number.as_str().into(),
        DeValue::Boolean(given) => given.to_string().into(),
        DeValue::Datetime(moment) => moment.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let fields = table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())));
            serde_json::Value::Object(fields.collect())
        }
    }
}
