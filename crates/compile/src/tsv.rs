//! Tab-separated text: one header row, no quoting, LF line ends; every field knows its place.

use crate::error::{CompileError, Located};
use codes::{Code, Date, DateRange};
use codeset::flags::Flag;
use std::path::Path;

/// How the codes of a system look. Longer forms than these are no code of the system, whatever the table says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Diagnosis,
    Procedure,
    Modifier,
    PlaceOfService,
    Revenue,
}

impl Form {
    fn fits(self, code: Code) -> bool {
        match self {
            // Not `Code::has_diagnosis_form`: since FY2026 a category may begin with two letters (QA0).
            Form::Diagnosis => (3..=7).contains(&code.len()) && code.at(0).is_ascii_uppercase(),
            Form::Procedure => code.procedure_kind().is_some(),
            Form::Modifier => code.len() == 2,
            Form::PlaceOfService => code.len() == 2 && (0..2).all(|place| code.at(place).is_ascii_digit()),
            Form::Revenue => code.len() == 4 && (0..4).all(|place| code.at(place).is_ascii_digit()),
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Form::Diagnosis => "an ICD-10-CM code without its dot, in capitals (3 to 7 letters and digits)",
            Form::Procedure => "a CPT or HCPCS code in capitals (5 characters)",
            Form::Modifier => "a modifier in capitals (2 letters or digits)",
            Form::PlaceOfService => "a place-of-service code (2 digits)",
            Form::Revenue => "a revenue code (4 digits, leading zeros kept)",
        }
    }
}

/// One table's text.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    path: &'a Path,
    content: &'a str,
}

/// One cell, with its place.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) text: &'a str,
    column: &'static str,
    line: u32,
    path: &'a Path,
}

impl<'a> Text<'a> {
    pub(crate) fn new(path: &'a Path, bytes: &'a [u8]) -> Result<Text<'a>, CompileError> {
        match std::str::from_utf8(bytes) {
            Ok(content) => Ok(Text { path, content }),
            Err(error) => {
                let before = &bytes[..error.valid_up_to()];
                Err(Located {
                    path: path.to_owned(),
                    line: before.iter().filter(|&&byte| byte == b'\n').count() as u32 + 1,
                    column: "the text".to_owned(),
                    expected: "UTF-8".to_owned(),
                    found: format!("byte {:#04x}", bytes[error.valid_up_to()]),
                    advice: "save the file as UTF-8".to_owned(),
                }
                .into())
            }
        }
    }

    /// The rows below a header that must name exactly these columns.
    pub(crate) fn records<const N: usize>(
        self,
        columns: [&'static str; N],
    ) -> Result<impl Iterator<Item = Result<[Field<'a>; N], CompileError>>, CompileError> {
        let body = self.content.strip_suffix('\n').unwrap_or(self.content);
        let mut lines = body.split('\n').zip(1u32..);
        let (header, _) = lines.next().unwrap_or_default();
        if header != columns.join("\t") {
            return Err(Located {
                path: self.path.to_owned(),
                line: 1,
                column: "the header".to_owned(),
                expected: format!("the columns {:?}", columns.join(" ")),
                found: format!("{:?}", header.replace('\t', " ")),
                advice: "name the columns so, in this order, separated by tabs, the line ended by LF alone".to_owned(),
            }
            .into());
        }
        Ok(lines.map(move |(text, line)| self.record(columns, text, line)))
    }

    fn record<const N: usize>(
        self,
        columns: [&'static str; N],
        text: &'a str,
        line: u32,
    ) -> Result<[Field<'a>; N], CompileError> {
        let mut cells = text.split('\t');
        let mut short = false;
        let fields = columns.map(|column| {
            let text = cells.next().unwrap_or_else(|| {
                short = true;
                ""
            });
            Field { text, column, line, path: self.path }
        });
        if short || cells.next().is_some() {
            return Err(Located {
                path: self.path.to_owned(),
                line,
                column: "the row".to_owned(),
                expected: format!("{N} cells separated by tabs"),
                found: format!("{}", text.split('\t').count()),
                advice: "give every row a cell for each column, empty where there is nothing".to_owned(),
            }
            .into());
        }
        Ok(fields)
    }
}

impl<'a> Field<'a> {
    pub(crate) fn line(self) -> u32 {
        self.line
    }

    /// That this cell does not hold what it should.
    pub(crate) fn wrong(self, expected: impl Into<String>, advice: impl Into<String>) -> CompileError {
        let found = if self.text.is_empty() { "nothing".to_owned() } else { format!("{:?}", self.text) };
        Located {
            path: self.path.to_owned(),
            line: self.line,
            column: self.column.to_owned(),
            expected: expected.into(),
            found,
            advice: advice.into(),
        }
        .into()
    }

    /// A code of this form, written as the image writes it.
    pub(crate) fn code(self, form: Form) -> Result<Code, CompileError> {
        Code::parse(self.text.as_bytes())
            .filter(|&code| code.to_bytes()[..code.len()] == *self.text.as_bytes() && form.fits(code))
            .ok_or_else(|| self.wrong(form.expected(), "correct the code, or leave its row out"))
    }

    /// A part of the cell, with the cell's place.
    pub(crate) fn part(self, text: &'a str) -> Field<'a> {
        Field { text, ..self }
    }

    /// One or more codes separated by single spaces.
    pub(crate) fn codes(self, form: Form) -> Result<Vec<Code>, CompileError> {
        self.text.split(' ').map(|text| Field { text, ..self }.code(form)).collect()
    }

    pub(crate) fn date(self) -> Result<Date, CompileError> {
        Some(self.text)
            .filter(|text| text.len() == 10)
            .and_then(|text| Date::parse(text.as_bytes()))
            .ok_or_else(|| self.wrong("a date YYYY-MM-DD of the calendar", "correct the date"))
    }

    pub(crate) fn optional_date(self) -> Result<Option<Date>, CompileError> {
        if self.text.is_empty() { Ok(None) } else { self.date().map(Some) }
    }

    /// A small number of at most `most`.
    pub(crate) fn number(self, most: u8) -> Result<u8, CompileError> {
        Some(self.text)
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|text| text.parse().ok())
            .filter(|&number| number <= most)
            .ok_or_else(|| self.wrong(format!("a whole number from 0 to {most}"), "correct the number"))
    }

    /// The bits of flag names separated by single spaces.
    pub(crate) fn flags(self, names: &[Flag]) -> Result<u32, CompileError> {
        if self.text.is_empty() {
            return Ok(0);
        }
        self.text.split(' ').try_fold(0, |bits, text| match names.iter().find(|(name, _)| *name == text) {
            Some((_, bit)) => Ok(bits | bit),
            None => {
                let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
                let advice = "correct the name, or teach the codeset's flags this one";
                Err(Field { text, ..self }.wrong(format!("flags of {}", known.join(" ")), advice))
            }
        })
    }

    /// A name or title, which may not be empty.
    pub(crate) fn name(self) -> Result<String, CompileError> {
        if self.text.is_empty() {
            return Err(self.wrong("a name", "name the code, or leave its row out of a list of titles"));
        }
        Ok(self.text.to_owned())
    }

    /// A status indicator: one or two capitals or digits, or nothing.
    pub(crate) fn status(self) -> Result<[u8; 2], CompileError> {
        let known = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        match self.text.as_bytes() {
            [] => Ok([0; 2]),
            [a] if known(a) => Ok([*a, 0]),
            [a, b] if known(a) && known(b) => Ok([*a, *b]),
            _ => Err(self.wrong("a status indicator of one or two capitals or digits", "correct the indicator")),
        }
    }
}

/// The days from one cell's date to another's, both within; no end when the second is empty.
pub(crate) fn days(from: Field<'_>, to: Field<'_>) -> Result<DateRange, CompileError> {
    let (first, last) = (from.date()?, to.optional_date()?);
    match last {
        Some(day) if day < first => {
            Err(to.wrong(format!("a date on or after {first}"), "put the row's first and last day in order"))
        }
        _ => Ok(DateRange { from: first, to: last }),
    }
}

/// As [`days`], for a table whose intervals all end.
pub(crate) fn closed_days(from: Field<'_>, to: Field<'_>) -> Result<DateRange, CompileError> {
    to.date()?;
    days(from, to)
}
