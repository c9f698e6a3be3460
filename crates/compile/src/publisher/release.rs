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
    /// As people call it: `FY2024`, `2020 April`, `32.2`. The file's name where nothing is known.
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

const MONTHS: [&str; 12] = [
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

/// What a name says.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Named {
    year: i32,
    month: Option<u8>,
    day: Option<u8>,
    called: Called,
}

/// What a release is called by.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Called {
    /// Its year and month.
    Month,
    /// The same; it corrects an earlier one.
    Correction,
    /// Its first day.
    Day,
    /// A number of its own.
    Version(String),
}

impl ReleaseFacts {
    /// What the name of a file says, or, where it says nothing, that of the archive it is in. An archive may also add
    /// the month to the year that the name gives.
    pub(crate) fn of_name(path: &Path, calendar: Calendar) -> ReleaseFacts {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let own = name(path).unwrap_or_default();
        let archive = path.parent().and_then(name).filter(|name| name.to_ascii_lowercase().ends_with(".zip"));
        let by_archive = archive.as_deref().and_then(named);
        let found = match (named(&own), by_archive) {
            (Some(own), Some(archive)) if own.month.is_none() && own.year == archive.year => Some(archive),
            (own, archive) => own.or(archive),
        };
        match found {
            Some(found) => ReleaseFacts::of(found, calendar, Basis::Name),
            None => ReleaseFacts { label: own, effective: None, basis: Basis::Unknown, latest: None },
        }
    }

    /// As [`ReleaseFacts::of_name`], with the year that the file itself gives; the name may then add the month.
    pub(crate) fn of_year(path: &Path, calendar: Calendar, year: i32) -> ReleaseFacts {
        let from_name = path.file_name().and_then(|name| named(&name.to_string_lossy()));
        match from_name.filter(|found| found.year == year) {
            Some(found) => ReleaseFacts::of(found, calendar, Basis::Name),
            // October's, for all that the content says.
            None => {
                let found = Named { year, month: None, day: None, called: Called::Month };
                ReleaseFacts::of(found, calendar, Basis::Content)
            }
        }
    }

    /// The release that begins with a month, as the content says.
    pub(crate) fn of_month(year: i32, month: u8) -> ReleaseFacts {
        let found = Named { year, month: Some(month), day: None, called: Called::Month };
        ReleaseFacts::of(found, Calendar::Civil, Basis::Content)
    }

    fn of(found: Named, calendar: Calendar, basis: Basis) -> ReleaseFacts {
        let Named { year, month, day, called } = found;
        let (first_year, first_month) = match (calendar, month) {
            (Calendar::Fiscal, None) => (year - 1, 10),
            (_, month) => (year, month.unwrap_or(1)),
        };
        let effective = Date::new(first_year, first_month, day.unwrap_or(1));
        let of_year = if calendar == Calendar::Fiscal { format!("FY{year}") } else { year.to_string() };
        let of_month = match month.and_then(|month| MONTHS.get(usize::from(month).wrapping_sub(1))) {
            Some(month) => format!("{of_year} {month}"),
            None => of_year,
        };
        let label = match (called, effective) {
            (Called::Version(label), _) => label,
            (Called::Day, Some(day)) => day.to_string(),
            (Called::Correction, _) => format!("{of_month} (corrected)"),
            (Called::Day | Called::Month, _) => of_month,
        };
        ReleaseFacts { label, effective, basis: if effective.is_some() { basis } else { Basis::Unknown }, latest: None }
    }

    pub(crate) fn saw(&mut self, date: Option<Date>) {
        self.latest = self.latest.max(date);
    }
}

/// The number, from 1, of the month that a word names in full or by its first three or four letters.
pub(crate) fn month(word: &str) -> Option<u8> {
    let word = word.to_ascii_lowercase();
    let place = MONTHS.iter().position(|month| {
        let month = month.to_ascii_lowercase();
        word == month || ((3..=4).contains(&word.len()) && month.starts_with(&word))
    })?;
    Some(place as u8 + 1)
}

/// What a name says: `icd10cm-order-Jan-2021.txt`, `ccipra-v322r0-f1.txt`, `CLFS_2025_Q2V1.csv`, …
fn named(name: &str) -> Option<Named> {
    // The 10 of ICD-10-CM is no part of a date.
    let name = name.to_ascii_lowercase().replace("icd10cm", " ").replace("icd10", " ");
    let words: Vec<&str> = name.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    words
        .iter()
        .find_map(|word| ncci_version(word))
        .or_else(|| words.iter().find_map(|word| fee_schedule(word)))
        .or_else(|| words.windows(3).find_map(american_date))
        .or_else(|| words.iter().find_map(|word| plain_date(word)))
        .or_else(|| taxonomy_version(&words))
        .or_else(|| year_and_month(&words))
}

fn number(digits: &str) -> Option<i32> {
    digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A number of one or two digits.
fn short(digits: &str) -> Option<u8> {
    number(digits).filter(|_| digits.len() <= 2).and_then(|number| u8::try_from(number).ok())
}

fn year(digits: &str) -> Option<i32> {
    number(digits).filter(|year| digits.len() == 4 && (1990..2100).contains(year))
}

fn monthly(year: i32, month: u8, called: Called) -> Named {
    Named { year, month: Some(month), day: None, called }
}

/// `v322r0`: version 32.2, the third quarter of 2026.
fn ncci_version(word: &str) -> Option<Named> {
    let (version, revision) = word.strip_prefix('v')?.split_once('r')?;
    number(revision)?;
    let (major, quarter) = (number(version.get(..2)?)?, number(version.get(2..)?)?);
    let month = [1, 4, 7, 10].get(usize::try_from(quarter).ok()?)?;
    // Version 30 is that of 2024.
    let year = 1994 + major;
    (version.len() == 3).then(|| monthly(year, *month, Called::Version(format!("{major}.{quarter}"))))
}

/// `rvu24c`, `rvu24ar`: quarters by letter; R is a correction.
fn fee_schedule(word: &str) -> Option<Named> {
    let rest = word.strip_prefix("rvu")?;
    let year = 2000 + number(rest.get(..2)?)?;
    let (month, called) = match rest.get(2..)? {
        "a" => (1, Called::Month),
        "ar" => (1, Called::Correction),
        "b" => (4, Called::Month),
        "c" => (7, Called::Month),
        "d" => (10, Called::Month),
        _ => return None,
    };
    Some(monthly(year, month, called))
}

/// `07-01-2026`
fn american_date(words: &[&str]) -> Option<Named> {
    let [month, day, of_year] = *words else { return None };
    let digits = |word: &str| short(word).filter(|_| word.len() == 2);
    dated(year(of_year)?, digits(month)?, digits(day)?)
}

/// `20240701`
fn plain_date(word: &str) -> Option<Named> {
    let digits = |from: usize, to: usize| word.get(from..to);
    let found = dated(year(digits(0, 4)?)?, short(digits(4, 6)?)?, short(digits(6, 8)?)?)?;
    (word.len() == 8).then_some(found)
}

fn dated(year: i32, month: u8, day: u8) -> Option<Named> {
    Date::new(year, month, day)?;
    Some(Named { year, month: Some(month), day: Some(day), called: Called::Day })
}

/// `taxonomy_251`: version 25.1. Version .0 of a year takes effect in April, version .1 in October.
fn taxonomy_version(words: &[&str]) -> Option<Named> {
    let place = words.iter().position(|word| *word == "taxonomy")?;
    let version = words.get(place + 1).filter(|version| version.len() == 3)?;
    let (major, minor) = (number(version.get(..2)?)?, number(version.get(2..)?)?);
    let month = if minor == 0 { 4 } else { 10 };
    Some(monthly(2000 + major, month, Called::Version(format!("{major}.{minor}"))))
}

/// `icd10cm_tabular_April-1-2026`, `HCPC2020_04_anweb`, `HCPC17_CONTR_ANWEB`, `PPRRVU2025_Oct`, `CLFS_2025_Q2V1`,
/// `AOC_V2024Q2-MCR`, `rbcs_202406`
fn year_and_month(words: &[&str]) -> Option<Named> {
    let mut found = None;
    for (place, word) in words.iter().enumerate() {
        let digits_from = word.find(|letter: char| letter.is_ascii_digit());
        let Some(from) = digits_from.filter(|_| found.is_none()) else { continue };
        let Some(of_year) = word.get(from..from + 4).and_then(year) else { continue };
        let after = &word[from + 4..];
        match short(after).filter(|month| after.len() == 2 && (1..=12).contains(month)) {
            Some(month) => return Some(monthly(of_year, month, Called::Month)),
            None if after.is_empty() || quarter(after).is_some() => found = Some((place, of_year, quarter(after))),
            None => {}
        }
    }
    // Two digits are a year after the table's name alone.
    let of_hcpcs = |word: &&str| {
        let digits = word.strip_prefix("hcpcs").or_else(|| word.strip_prefix("hcpc"))?;
        number(digits).filter(|_| digits.len() == 2).map(|year| 2000 + year)
    };
    let (place, year, own) =
        found.or_else(|| words.iter().enumerate().find_map(|(place, word)| Some((place, of_hcpcs(word)?, None))))?;
    if let Some(month) = own {
        return Some(monthly(year, month, Called::Month));
    }
    if let Some((at, month)) = words.iter().enumerate().find_map(|(at, word)| Some((at, month(word)?))) {
        // April-1-2026: the day stands between the month and the year.
        let between = (at + 2 == place).then(|| words.get(at + 1).and_then(|word| short(word))).flatten();
        let day = between.filter(|day| (1..=31).contains(day));
        return Some(Named { year, month: Some(month), day, called: Called::Month });
    }
    let after = words.get(place + 1).filter(|word| word.len() == 2).and_then(|word| short(word));
    let month = after.filter(|month| (1..=12).contains(month)).or_else(|| words.iter().find_map(|word| quarter(word)));
    Some(Named { year, month, day: None, called: Called::Month })
}

/// The first month of `q2`, `q2v1`.
fn quarter(word: &str) -> Option<u8> {
    match word.as_bytes() {
        [b'q', quarter @ b'1'..=b'4', rest @ ..] if rest.is_empty() || rest[0] == b'v' => {
            Some(3 * (quarter - b'1') + 1)
        }
        _ => None,
    }
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
            ("april-1-2026-code-descriptions-tabular-order.zip/icd10cm_order_2026.txt", "FY2026 April", "2026-04-01"),
            ("april-1-2026-code-descriptions-tabular-order.zip/icd10cm_order_2025.txt", "FY2025", "2024-10-01"),
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
            ("ccipra-v322r0-f1.excerpt.txt", "32.2", "2026-07-01"),
            ("ccioph-v303r0-f4.txt", "30.3", "2024-10-01"),
            ("PPRRVU_rvu24c_jul.masked.tsv", "2024 July", "2024-07-01"),
            ("PPRRVU_rvu24ar_jan.masked.tsv", "2024 January (corrected)", "2024-01-01"),
            ("PPRRVU_rvu20c_v0618.masked.tsv", "2020 July", "2020-07-01"),
            ("PPRRVU2025_Oct.masked.txt", "2025 October", "2025-10-01"),
            ("PPRRVU2026_Jul_nonQPP.csv", "2026 July", "2026-07-01"),
            ("MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", "2026-07-01", "2026-07-01"),
            ("ncci_ptp_prac_20240701.tsv", "2024-07-01", "2024-07-01"),
            ("AOC_V2024Q2-MCR.xlsx", "2024 April", "2024-04-01"),
            ("CLFS_2025_Q2V1.masked.csv", "2025 April", "2025-04-01"),
            ("PUF_CLFS_CY2026_Q3V1.csv", "2026 July", "2026-07-01"),
            ("nucc_taxonomy_251.csv", "25.1", "2025-10-01"),
            ("nucc_taxonomy_220.csv", "22.0", "2022-04-01"),
            ("rvu25d.zip/PPRRVU.csv", "2025 October", "2025-10-01"),
            ("rbcs_202406.tsv", "2024 June", "2024-06-01"),
        ] {
            assert_eq!(facts(name, Calendar::Civil), (label.to_owned(), Some(effective.to_owned())), "{name}");
        }
    }

    #[test]
    fn other_names_say_nothing() {
        for name in ["codes.txt", "icd10cm_order.txt", "HCPC_APR.txt", "order-31.txt", "2024/codes.txt", ""] {
            assert_eq!(facts(name, Calendar::Fiscal).1, None, "{name}");
        }
        for name in [
            "article_x_hcpc_code.csv",
            "v3r.txt",
            "v329r0.txt",
            "rvu2.csv",
            "20241301.tsv",
            "é.csv",
            "vé2r0",
            "2é241301",
        ] {
            assert_eq!(facts(name, Calendar::Civil).1, None, "{name}");
        }
    }

    #[test]
    fn a_day_that_no_calendar_has_is_not_taken() {
        assert_eq!(facts("icd10cm-order-April-31-2026.txt", Calendar::Fiscal).1, None);
    }
}
