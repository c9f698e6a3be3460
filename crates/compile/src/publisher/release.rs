//! Which release a file is. Its rows say little about that, so its name is asked, and what it says is kept apart
//! from what the content says.

use codes::Date;
use std::path::Path;

/// How it is known when a release takes effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Basis {
    /// The file says so.
    Content,
    /// The file's name says so, or that of the archive it is in.
    Name,
    /// Nothing says so. The user must.
    Unknown,
}

/// Which release of its table a file is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReleaseFacts {
    /// As people call it: `FY2024`, `2020 April`. The file's name where nothing is known.
    pub label: String,
    /// The first day on which the release holds.
    pub effective: Option<Date>,
    /// How `effective` is known.
    pub basis: Basis,
    /// The latest date that any row has: of the day a code was added, or of the day an action took effect. A file of
    /// HCPCS lists codes before they begin, so this may be after `effective`.
    pub latest: Option<Date>,
}

/// In which calendar a table's releases are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Calendar {
    /// Years from October on; October's release has no month in its name.
    Fiscal,
    /// Calendar years; January's release may have no month in its name.
    Civil,
}

/// The months as labels name them.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Year, month if given, and day if given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Named {
    year: i32,
    month: Option<u8>,
    day: Option<u8>,
}

/// What `read` finds in a file's name or, where it finds nothing, in that of the archive the file is in. `Err` with
/// the file's own name where neither says anything.
pub(super) fn by_name<T>(path: &Path, read: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let own = name(path).unwrap_or_default();
    let archive = path.parent().and_then(name).filter(|name| name.to_ascii_lowercase().ends_with(".zip"));
    read(&own).or_else(|| archive.as_deref().and_then(&read)).ok_or(own)
}

impl ReleaseFacts {
    /// What the name of a file says, or, where it says nothing, that of the archive it is in.
    pub(crate) fn of_name(path: &Path, calendar: Calendar) -> ReleaseFacts {
        match by_name(path, named) {
            Ok(found) => ReleaseFacts::of(found, calendar, Basis::Name),
            Err(label) => ReleaseFacts { label, effective: None, basis: Basis::Unknown, latest: None },
        }
    }

    /// As [`ReleaseFacts::of_name`], with the year that the file itself gives; the name may then add the month.
    pub(crate) fn of_year(path: &Path, calendar: Calendar, year: i32) -> ReleaseFacts {
        let from_name = path.file_name().and_then(|name| named(&name.to_string_lossy()));
        match from_name.filter(|found| found.year == year) {
            Some(found) => ReleaseFacts::of(found, calendar, Basis::Name),
            // October's, for all that the content says.
            None => ReleaseFacts::of(Named { year, month: None, day: None }, calendar, Basis::Content),
        }
    }

    fn of(found: Named, calendar: Calendar, basis: Basis) -> ReleaseFacts {
        let Named { year, month, day } = found;
        let (first_year, first_month) = match (calendar, month) {
            (Calendar::Fiscal, None) => (year - 1, 10),
            (_, month) => (year, month.unwrap_or(1)),
        };
        let of_year = if calendar == Calendar::Fiscal { format!("FY{year}") } else { year.to_string() };
        let label = match month.and_then(|month| MONTHS.get(usize::from(month) - 1)) {
            Some(month) => format!("{of_year} {month}"),
            None => of_year,
        };
        let effective = Date::new(first_year, first_month, day.unwrap_or(1));
        ReleaseFacts { label, effective, basis: if effective.is_some() { basis } else { Basis::Unknown }, latest: None }
    }

    pub(crate) fn saw(&mut self, date: Option<Date>) {
        self.latest = self.latest.max(date);
    }
}

/// The year, month and day in a name such as `icd10cm-order-Jan-2021.txt`, `icd10cm_tabular_April-1-2026.xml`,
/// `HCPC2020_04_anweb.xlsx`, `HCPC17_CONTR_ANWEB.txt`.
fn named(name: &str) -> Option<Named> {
    // The ends of the name say what kind of file it is; `icd10cm` and `HCPC` what table.
    let name = name.to_ascii_lowercase().replace("icd10cm", " ").replace("icd10", " ");
    let words: Vec<&str> = name.split(|character: char| !character.is_ascii_alphanumeric()).collect();
    let whole = |digits: &str| digits.parse::<i32>().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let full_year = |digits: &str| whole(digits).filter(|year| digits.len() == 4 && (2000..2100).contains(year));
    let of_year = |word: &str| {
        let after_table = ["hcpcs", "hcpc"].iter().find_map(|table| word.strip_prefix(table)).unwrap_or(word);
        match full_year(after_table) {
            Some(year) => Some(year),
            // Two digits are a year after the table's name alone.
            None if after_table.len() == 2 && after_table != word => whole(after_table).map(|year| 2000 + year),
            None => None,
        }
    };
    let (place, year) = words.iter().enumerate().find_map(|(place, word)| Some((place, of_year(word)?)))?;
    let spelt = |word: &str| {
        let month = MONTHS.iter().position(|month| {
            let month = month.to_ascii_lowercase();
            word == month || (word.len() >= 3 && word.len() <= 4 && month.starts_with(word))
        })?;
        Some(month as u8 + 1)
    };
    let number = |word: &str, most: u8| {
        let number = u8::try_from(whole(word)?).ok()?;
        (word.len() <= 2 && (1..=most).contains(&number)).then_some(number)
    };
    if let Some((spelt_at, month)) = words.iter().enumerate().find_map(|(place, word)| Some((place, spelt(word)?))) {
        // April-1-2026: the day stands between the month and the year.
        let day = (spelt_at + 2 == place).then(|| words.get(spelt_at + 1).and_then(|word| number(word, 31))).flatten();
        return Some(Named { year, month: Some(month), day });
    }
    let month = words.get(place + 1).filter(|word| word.len() == 2).and_then(|word| number(word, 12));
    Some(Named { year, month, day: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(path: &str, calendar: Calendar) -> (String, Option<String>) {
        let facts = ReleaseFacts::of_name(Path::new(path), calendar);
        (facts.label, facts.effective.map(|date| date.to_string()))
    }

    #[test]
    fn names_as_published_say_which_release() {
        for (name, label, effective) in [
            ("icd10cm-order-Jan-2021.txt.zst", "FY2021 January", "2021-01-01"),
            ("icd10cm-codes-2024.txt", "FY2024", "2023-10-01"),
            ("icd10cm_order_2018.txt", "FY2018", "2017-10-01"),
            ("icd10cm-tabular-April-2026.xml", "FY2026 April", "2026-04-01"),
            ("icd10cm-order-April-1-2026.txt", "FY2026 April", "2026-04-01"),
            ("icd10cm_order_April_2026.RECONSTRUCTED.txt", "FY2026 April", "2026-04-01"),
            ("2026-code-descriptions.zip/icd10cm_order.txt", "FY2026", "2025-10-01"),
        ] {
            assert_eq!(facts(name, Calendar::Fiscal), (label.to_owned(), Some(effective.to_owned())), "{name}");
        }
        for (name, label, effective) in [
            ("HCPC17_CONTR_ANWEB.txt", "2017", "2017-01-01"),
            ("HCPC2018_CONTR_ANWEB_disc.txt", "2018", "2018-01-01"),
            ("HCPC2020_ANWEB_w_disclaimer.txt.zst", "2020", "2020-01-01"),
            ("HCPC2020_04_anweb.xlsx", "2020 April", "2020-04-01"),
            ("HCPC2025_OCT_ANWEB.xlsx", "2025 October", "2025-10-01"),
            ("HCPC2026_OCT_ANWEB.excerpt.csv", "2026 October", "2026-10-01"),
            ("HCPC2026_JAN_ANWEB_01122026.xlsx", "2026 January", "2026-01-01"),
            ("NOC_Codes_2017.txt", "2017", "2017-01-01"),
            ("july-2024.zip/HCPCS.xlsx", "2024 July", "2024-07-01"),
        ] {
            assert_eq!(facts(name, Calendar::Civil), (label.to_owned(), Some(effective.to_owned())), "{name}");
        }
    }

    #[test]
    fn a_name_without_a_year_says_nothing() {
        for name in ["codes.txt", "icd10cm_order.txt", "HCPC_APR.txt", "order-31.txt", "2024/codes.txt", ""] {
            assert_eq!(facts(name, Calendar::Fiscal).1, None, "{name}");
        }
    }

    #[test]
    fn a_day_that_no_calendar_has_is_not_taken() {
        assert_eq!(facts("icd10cm-order-April-31-2026.txt", Calendar::Fiscal).1, None);
    }
}
