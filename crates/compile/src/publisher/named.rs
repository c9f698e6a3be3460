//! Which release a file of CMS or NUCC is, by its name: `ccipra-v322r0-f1.txt`, `RVU24C.csv`,
//! `MCR_MUE_PractitionerServices_Eff_07-01-2026.csv`, `CLFS_2025_Q2V1.csv`, `nucc_taxonomy_251.csv`.

use super::release::{MONTHS, by_name};
use super::{Basis, ReleaseFacts};
use codes::Date;
use std::path::Path;

/// A label and the first day.
type Found = (String, Option<Date>);

/// What the name of a file says, or, where it says nothing, that of the archive it is in.
pub(crate) fn release(path: &Path) -> ReleaseFacts {
    match by_name(path, named) {
        Ok((label, effective)) => of(label, effective, Basis::Name),
        Err(own) => of(own, None, Basis::Unknown),
    }
}

/// The release that begins with a month, as the content says.
pub(crate) fn of_month(year: i32, month: u8) -> ReleaseFacts {
    let (label, effective) = monthly(year, month, "");
    of(label, effective, Basis::Content)
}

/// The number, from 1, of the month that a word names in full or by its first three letters.
pub(crate) fn month(word: &str) -> Option<u8> {
    let word = word.to_ascii_lowercase();
    let place = MONTHS.iter().position(|month| {
        let month = month.to_ascii_lowercase();
        word == month || (word.len() == 3 && month.starts_with(&word))
    })?;
    Some(place as u8 + 1)
}

fn of(label: String, effective: Option<Date>, basis: Basis) -> ReleaseFacts {
    ReleaseFacts { label, effective, basis: if effective.is_some() { basis } else { Basis::Unknown }, latest: None }
}

fn monthly(year: i32, month: u8, note: &str) -> Found {
    let name = MONTHS.get(usize::from(month).wrapping_sub(1)).copied().unwrap_or_default();
    (format!("{year} {name}{note}"), Date::new(year, month, 1))
}

fn named(name: &str) -> Option<Found> {
    let name = name.to_ascii_lowercase();
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

fn year(digits: &str) -> Option<i32> {
    number(digits).filter(|year| digits.len() == 4 && (1990..2100).contains(year))
}

/// `v322r0`: version 32.2, the third quarter of 2026.
fn ncci_version(word: &str) -> Option<Found> {
    let (version, revision) = word.strip_prefix('v')?.split_once('r')?;
    number(revision)?;
    let (major, quarter) = (number(version.get(..2)?)?, number(version.get(2..)?)?);
    let month = [1, 4, 7, 10].get(usize::try_from(quarter).ok()?)?;
    // Version 30 is that of 2024.
    let year = 1994 + major;
    (version.len() == 3).then(|| (format!("{major}.{quarter}"), Date::new(year, *month, 1)))
}

/// `rvu24c`, `rvu24ar`: quarters by letter; R is a correction.
fn fee_schedule(word: &str) -> Option<Found> {
    let rest = word.strip_prefix("rvu")?;
    let year = 2000 + number(rest.get(..2)?)?;
    let (month, note) = match rest.get(2..)? {
        "a" => (1, ""),
        "ar" => (1, " (corrected)"),
        "b" => (4, ""),
        "c" => (7, ""),
        "d" => (10, ""),
        _ => return None,
    };
    Some(monthly(year, month, note))
}

/// `07-01-2026`
fn american_date(words: &[&str]) -> Option<Found> {
    let [month, day, of_year] = *words else { return None };
    let short =
        |digits: &str| number(digits).filter(|_| digits.len() == 2).and_then(|number| u8::try_from(number).ok());
    let date = Date::new(year(of_year)?, short(month)?, short(day)?)?;
    Some((date.to_string(), Some(date)))
}

/// `20240701`
fn plain_date(word: &str) -> Option<Found> {
    let date = Some(word).filter(|word| word.len() == 8).and_then(|word| Date::parse(word.as_bytes()))?;
    Some((date.to_string(), Some(date)))
}

/// `taxonomy_251`: version 25.1. Version .0 of a year takes effect in April, version .1 in October.
fn taxonomy_version(words: &[&str]) -> Option<Found> {
    let place = words.iter().position(|word| *word == "taxonomy")?;
    let version = words.get(place + 1).filter(|version| version.len() == 3)?;
    let (major, minor) = (number(version.get(..2)?)?, number(version.get(2..)?)?);
    let month = if minor == 0 { 4 } else { 10 };
    Some((format!("{major}.{minor}"), Date::new(2000 + major, month, 1)))
}

/// `PPRRVU2025_Oct`, `CLFS_2025_Q2V1`, `AOC_V2024Q2-MCR`, `rbcs_202406`
fn year_and_month(words: &[&str]) -> Option<Found> {
    let mut found = None;
    for word in words {
        let digits_from = word.find(|letter: char| letter.is_ascii_digit());
        let Some(from) = digits_from.filter(|_| found.is_none()) else { continue };
        let Some(of_year) = word.get(from..from + 4).and_then(year) else { continue };
        let after = &word[from + 4..];
        let exact = number(after).and_then(|month| u8::try_from(month).ok()).filter(|_| after.len() == 2);
        found = match exact {
            Some(month) if (1..=12).contains(&month) => return Some(monthly(of_year, month, "")),
            _ if after.is_empty() || quarter(after).is_some() => Some((of_year, quarter(after))),
            _ => None,
        };
    }
    let (year, own) = found?;
    let elsewhere = || words.iter().find_map(|word| month(word).or_else(|| quarter(word)));
    match own.or_else(elsewhere) {
        Some(month) => Some(monthly(year, month, "")),
        None => Some((year.to_string(), Date::new(year, 1, 1))),
    }
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

    #[test]
    fn names_as_published_say_which_release() {
        for (name, label, effective) in [
            ("ccipra-v322r0-f1.excerpt.txt", "32.2", "2026-07-01"),
            ("ccioph-v303r0-f4.txt", "30.3", "2024-10-01"),
            ("PPRRVU_rvu24c_jul.masked.tsv", "2024 July", "2024-07-01"),
            ("PPRRVU_rvu24ar_jan.masked.tsv", "2024 January (corrected)", "2024-01-01"),
            ("PPRRVU_rvu20c_v0618.masked.tsv", "2020 July", "2020-07-01"),
            ("PPRRVU2025_Oct.masked.txt", "2025 October", "2025-10-01"),
            ("MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", "2026-07-01", "2026-07-01"),
            ("ncci_ptp_prac_20240701.tsv", "2024-07-01", "2024-07-01"),
            ("AOC_V2024Q2-MCR.xlsx", "2024 April", "2024-04-01"),
            ("CLFS_2025_Q2V1.masked.csv", "2025 April", "2025-04-01"),
            ("nucc_taxonomy_251.csv", "25.1", "2025-10-01"),
            ("nucc_taxonomy_220.csv", "22.0", "2022-04-01"),
            ("rvu25d.zip/PPRRVU.csv", "2025 October", "2025-10-01"),
            ("rbcs_202406.tsv", "2024 June", "2024-06-01"),
        ] {
            let facts = release(Path::new(name));
            let found = (facts.label, facts.effective.map(|date| date.to_string()));
            assert_eq!(found, (label.to_owned(), Some(effective.to_owned())), "{name}");
        }
    }

    #[test]
    fn other_names_say_nothing() {
        for name in
            ["", "article_x_hcpc_code.csv", "v3r.txt", "v329r0.txt", "rvu2.csv", "20241301.tsv", "é.csv", "vé2r0"]
        {
            assert_eq!(release(Path::new(name)).effective, None, "{name}");
        }
    }
}
