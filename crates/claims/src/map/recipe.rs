//! Fields whose text is made of a file's columns: joined, translated, or put into the form that fields take.

use super::Dates;
use crate::Field;
use codes::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a file writes in a column, and what that means in the field; nothing, where it means that none is given.
pub(crate) type Values = BTreeMap<Vec<u8>, Vec<u8>>;

/// Places for columns with text between them: `{CODE}@{DAY}`. What stands before an empty column is left out with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) places: Vec<TemplatePlace>,
    pub(crate) last: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplatePlace {
    /// What stands before it.
    pub(crate) before: String,
    /// The columns' names, of which the first that is not empty is taken.
    pub(crate) columns: Vec<String>,
    /// What stands there where all are empty.
    pub(crate) default: String,
}

impl Template {
    /// Reads a template; `None` when its braces do not pair, or name nothing.
    pub(crate) fn parse(text: &str) -> Option<Template> {
        let (mut places, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, next) = after.split_once('}')?;
            let (columns, default) = inside.split_once('|').unwrap_or((inside, ""));
            let columns: Vec<String> = columns.split('?').map(super::normal).collect();
            if columns.iter().any(String::is_empty) || before.contains('}') || inside.contains('{') {
                return None;
            }
            places.push(TemplatePlace { before: before.to_owned(), columns, default: default.to_owned() });
            rest = next;
        }
        (!rest.contains('}')).then(|| Template { places, last: rest.to_owned() })
    }

    /// The column of this name, as it stands.
    pub(crate) fn of_column(name: &str) -> Template {
        let place = TemplatePlace { before: String::new(), columns: vec![name.to_owned()], default: String::new() };
        Template { places: vec![place], last: String::new() }
    }
}

/// How the text of a field is made from a row.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) field: Field,
    pub(crate) items: Vec<Item>,
}

/// One item of a list; most fields are a list of one.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) parts: Vec<Part>,
    pub(crate) last: Vec<u8>,
}

/// A place for a column, with what stands before it.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) before: Vec<u8>,
    /// Of the named columns those that the file has.
    pub(crate) columns: Vec<Column>,
    pub(crate) default: Vec<u8>,
}

/// A column and how its text is put into the form that the field takes.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) number: usize,
    pub(crate) values: Option<Arc<Values>>,
    pub(crate) dates: Option<Dates>,
}

impl Recipe {
    /// Appends the field's text, nothing where it is not given. `append` appends the trimmed text of a column.
    pub(crate) fn write(&self, out: &mut Vec<u8>, mut append: impl FnMut(usize, &mut Vec<u8>)) {
        let start = out.len();
        // The end of the last item that was given: defaults after it say nothing.
        let mut given = start;
        for item in &self.items {
            let before = out.len();
            if before > start {
                out.push(b':');
            }
            let at = out.len();
            if item.write(out, &mut append) {
                given = out.len();
            } else if out.len() == at {
                out.truncate(before);
            }
        }
        out.truncate(given);
    }

    /// The columns that it reads.
    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> {
        let parts = self.items.iter().flat_map(|item| &item.parts);
        parts.flat_map(|part| &part.columns).map(|column| column.number)
    }

    /// Whether any row can have the field.
    pub(crate) fn can_give(&self) -> bool {
        self.items.iter().any(|item| item.parts.is_empty() || item.parts.iter().any(|part| !part.columns.is_empty()))
    }
}

impl Item {
    /// Appends the item and says whether it is given, which its first column decides. Of an item that is not, only
    /// defaults are appended.
    fn write(&self, out: &mut Vec<u8>, append: &mut impl FnMut(usize, &mut Vec<u8>)) -> bool {
        let start = out.len();
        let mut given = self.parts.is_empty();
        for (place, part) in self.parts.iter().enumerate() {
            let before = out.len();
            out.extend_from_slice(&part.before);
            let at = out.len();
            for column in &part.columns {
                append(column.number, out);
                column.translate(at, out);
                if out.len() > at {
                    break;
                }
            }
            let full = out.len() > at;
            if place == 0 {
                given = full;
            }
            if !full {
                out.truncate(before);
                out.extend_from_slice(&part.default);
            }
            if !given {
                break;
            }
        }
        if given && out.len() > start || self.parts.is_empty() {
            out.extend_from_slice(&self.last);
        }
        given
    }
}

impl Column {
    /// Puts what stands from `at` into the form that the field takes.
    fn translate(&self, at: usize, out: &mut Vec<u8>) {
        let text = out.get(at..).unwrap_or_default();
        if let Some(meant) = self.values.as_ref().and_then(|values| values.get(text)) {
            out.truncate(at);
            out.extend_from_slice(meant);
        } else if let Some(day) = self.dates.and_then(|dates| dates.read(text)) {
            out.truncate(at);
            out.extend_from_slice(day.to_string().as_bytes());
        }
    }
}

impl Dates {
    /// Reads a day that is written so.
    fn read(self, text: &[u8]) -> Option<Date> {
        match self {
            Dates::NamedMonths => named_month(text),
            Dates::MonthFirst => month_first(text),
        }
    }
}

/// Reads a day as `10/27/1999`; a month and a day below ten may have one digit.
fn month_first(text: &[u8]) -> Option<Date> {
    let mut parts = text.split(|byte| *byte == b'/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let short = |part: &[u8]| (1..=2).contains(&part.len());
    if parts.next().is_some() || !short(month) || !short(day) || year.len() != 4 {
        return None;
    }
    let year = number(year)?;
    Date::new(year, number(month)? as u8, number(day)? as u8).filter(|_| YEARS.contains(&year))
}

/// Reads a day as `27-OCT-1999`, in any case.
fn named_month(text: &[u8]) -> Option<Date> {
    const MONTHS: [&[u8; 3]; 12] =
        [b"JAN", b"FEB", b"MAR", b"APR", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OCT", b"NOV", b"DEC"];
    let [a, b, b'-', c, d, e, b'-', year @ ..] = text else { return None };
    let month = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(&[*c, *d, *e]))? + 1;
    let (day, year) = (number(&[*a, *b])?, (year.len() == 4).then(|| number(year))??);
    Date::new(year, month as u8, day as u8).filter(|_| YEARS.contains(&year))
}

/// The years that a date may be of.
const YEARS: std::ops::Range<i32> = 1800..2200;

/// Reads a few digits.
fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i32::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn made(templates: &[&str], row: &[(&str, &str)]) -> String {
        let values = Values::from([(b"000".to_vec(), Vec::new()), (b"O".to_vec(), b"P".to_vec())]);
        let column =
            |number| Some(Column { number, values: Some(Arc::new(values.clone())), dates: Some(Dates::NamedMonths) });
        let part = |place: &TemplatePlace| Part {
            before: place.before.clone().into_bytes(),
            columns: place
                .columns
                .iter()
                .filter_map(|own| column(row.iter().position(|(name, _)| name == own)?))
                .collect(),
            default: place.default.clone().into_bytes(),
        };
        let item = |text: &&str| {
            let template = Template::parse(text).unwrap();
            Item { parts: template.places.iter().map(part).collect(), last: template.last.into_bytes() }
        };
        let recipe = Recipe { field: Field::Note, items: templates.iter().map(item).collect() };
        let mut out = b">".to_vec();
        recipe.write(&mut out, |column, out| out.extend_from_slice(row[column].1.as_bytes()));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_text_is_made_of_the_columns_that_are_given() {
        assert_eq!(made(&["{a}{b}{c}"], &[("a", "1"), ("b", "3"), ("c", "1")]), ">131");
        assert_eq!(made(&["I"], &[]), ">I");
        assert_eq!(made(&["{a}@{b}", "{c}@{d}"], &[("a", "X"), ("b", "16-Jan-2016"), ("c", "Y")]), ">X@2016-01-16:Y");
        assert_eq!(made(&["{a}@{b}"], &[("b", "16-JAN-2016")]), ">");
        assert_eq!(made(&["{a}", "{b}", "{c}"], &[("a", ""), ("b", "1"), ("c", "2")]), ">1:2");
        assert_eq!(made(&["{a|-}", "{b|-}", "{c|-}"], &[("a", ""), ("b", "Y"), ("c", "")]), ">-:Y");
        assert_eq!(made(&["{a|-}", "{b|-}"], &[]), ">");
        assert_eq!(made(&["{a}"], &[("a", "O")]), ">P");
        assert_eq!(made(&["{a}"], &[("a", "000")]), ">");
        assert_eq!(made(&["{a}"], &[("a", "31-FEB-2016")]), ">31-FEB-2016");
        assert_eq!(made(&["{a?x?b}"], &[("b", "2"), ("a", "000")]), ">2");
        assert_eq!(made(&["{a?b}"], &[("a", "1"), ("b", "2")]), ">1");
    }

    #[test]
    fn braces_pair_or_it_is_no_template() {
        for bad in ["{a", "a}", "{}", "{a?}", "{|x}", "{ }", "{a}}", "{{a}", "}{a}"] {
            assert_eq!(Template::parse(bad), None, "{bad}");
        }
        assert!(Template::parse("").unwrap().places.is_empty());
    }

    #[test]
    fn days_with_the_month_first_are_those_of_the_calendar() {
        for days in (-40_000..60_000).step_by(7) {
            let day = Date::from_days(days);
            let (year, month, of_month) = day.calendar();
            for text in [format!("{month}/{of_month}/{year}"), format!("{month:02}/{of_month:02}/{year}")] {
                assert_eq!(month_first(text.as_bytes()), Some(day), "{text}");
            }
        }
        for bad in [
            "",
            "/",
            "1/2",
            "1/2/25",
            "1/2/02025",
            "13/1/2025",
            "2/30/2025",
            "001/2/2025",
            "1//2025",
            "1/2/2025/",
            "+1/2/2025",
            "1/2/1799",
            "1/2/2200",
            "1/a/2025",
            "1-2-2025",
        ] {
            assert_eq!(month_first(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn days_with_named_months_are_those_of_the_calendar() {
        for days in (-40_000..60_000).step_by(7) {
            let day = Date::from_days(days);
            let (year, month, of_month) = day.calendar();
            let name = ["jan", "Feb", "MAR", "apr", "may", "Jun", "JUL", "aug", "sep", "Oct", "nov", "DEC"]
                [usize::from(month) - 1];
            assert_eq!(named_month(format!("{of_month:02}-{name}-{year:04}").as_bytes()), Some(day));
        }
        for bad in
            ["", "1-JAN-2016", "01-JAN-16", "01-JAM-2016", "00-JAN-2016", "01-JAN-20160", "+1-JAN-2016", "01-JAN-0001"]
        {
            assert_eq!(named_month(bad.as_bytes()), None, "{bad}");
        }
    }
}
