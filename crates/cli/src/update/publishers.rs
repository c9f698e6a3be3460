//! Where publishers put their files: `codesets/publishers.toml`, and the quarter that fills its placeholders.

use claims::line_and_column;
use serde::Deserialize;

/// The list that the program carries.
pub const LIST: &str = include_str!("../../../../codesets/publishers.toml");

/// The list as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    source: Vec<Listed>,
}

/// One source as it is written; the head of the list says what each means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    name: String,
    publisher: String,
    page: String,
    addresses: Vec<String>,
    parts: Option<u8>,
    licence: Option<Licence>,
    expect: String,
    least: u64,
    most: u64,
}

/// A licence that a publisher shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Licence {
    /// The AMA's, of CPT.
    Ama,
}

/// One file to download.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Its name in reports.
    pub name: String,
    /// Its name in the list, which several parts share.
    pub listed: String,
    /// Who publishes it.
    pub publisher: String,
    /// Where a person finds it.
    pub page: String,
    /// Where it may be, in the order to try.
    pub addresses: Vec<String>,
    /// The licence that is shown.
    pub licence: Option<Licence>,
    /// What it must be recognised as.
    pub expect: String,
    /// The fewest bytes.
    pub least: u64,
    /// The most bytes.
    pub most: u64,
}

/// A quarter of a year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quarter {
    year: i32,
    /// From 1.
    quarter: u8,
}

impl Quarter {
    /// `2026Q4`.
    pub fn parse(text: &str) -> Option<Quarter> {
        let (year, quarter) = text.split_once(['q', 'Q'])?;
        let (year, quarter) = (year.parse().ok()?, quarter.parse().ok()?);
        ((2000..2100).contains(&year) && (1..=4).contains(&quarter)).then_some(Quarter { year, quarter })
    }

    /// The quarter that the machine's clock is in.
    pub fn current() -> Quarter {
        let (year, month, _) = crate::site::machine_date().calendar();
        Quarter { year, quarter: month.saturating_sub(1) / 3 + 1 }
    }

    fn fill(self, text: &str, part: u8) -> String {
        let Quarter { year, quarter } = self;
        let before = usize::from(quarter - 1);
        let pick = |all: [&'static str; 4]| all.get(before).copied().unwrap_or_default();
        // April's update holds until October's list.
        let icd10cm = match quarter {
            2 | 3 => format!("april-1-{year}"),
            _ => (year + i32::from(quarter == 4)).to_string(),
        };
        // Version .0 of a year holds from April, .1 from October into the next year.
        let taxonomy = match quarter {
            1 => format!("{:02}1", (year - 1) % 100),
            2 | 3 => format!("{:02}0", year % 100),
            _ => format!("{:02}1", year % 100),
        };
        let values = [
            ("{year}", year.to_string()),
            ("{yy}", format!("{:02}", year % 100)),
            ("{quarter}", quarter.to_string()),
            ("{month}", pick(["january", "april", "july", "october"]).to_owned()),
            ("{letter}", pick(["a", "b", "c", "d"]).to_owned()),
            ("{icd10cm}", icd10cm),
            ("{taxonomy}", taxonomy),
            ("{fiscal_year}", (year + i32::from(quarter == 4)).to_string()),
            ("{ncci}", format!("{}{before}", year - 1994)),
            ("{part}", part.to_string()),
        ];
        values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

impl std::fmt::Display for Quarter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}Q{}", self.year, self.quarter)
    }
}

/// The files of the list for the quarter; of these names alone, when some are given.
///
/// # Errors
/// In words, when the list cannot be read, or a name is not in it. Of a list that cannot be read the line is told, and
/// nothing of its text: it may be another file, given by mistake.
pub fn sources(list: &str, quarter: Quarter, only: &[String]) -> Result<Vec<Source>, String> {
    let list: List = toml::from_str(list).map_err(|error| {
        let (line, column) = line_and_column(list, error.span().map_or(0, |span| span.start));
        format!("{line}:{column}: {}; give a TOML file with [[source]]", error.message())
    })?;
    if let Some(unknown) = only.iter().find(|name| !list.source.iter().any(|own| own.name == **name)) {
        let names: Vec<&str> = list.source.iter().map(|own| own.name.as_str()).collect();
        return Err(format!("no source is called {unknown:?}; there are {}", names.join(", ")));
    }
    let mut sources = Vec::new();
    for own in list.source.iter().filter(|own| only.is_empty() || only.contains(&own.name)) {
        for part in 1..=own.parts.unwrap_or(1) {
            let mut addresses: Vec<String> = own.addresses.iter().map(|address| quarter.fill(address, part)).collect();
            // Two forms may come to the same in some quarters.
            addresses.dedup();
            if addresses.is_empty() {
                return Err(format!("{} has no address", own.name));
            }
            if let Some(left) = addresses.iter().find(|address| address.contains(['{', '}'])) {
                return Err(format!("{}: {left} has a placeholder that is none; see the head of the list", own.name));
            }
            sources.push(Source {
                name: if own.parts.is_some() { format!("{}-{part}", own.name) } else { own.name.clone() },
                listed: own.name.clone(),
                publisher: own.publisher.clone(),
                page: own.page.clone(),
                addresses,
                licence: own.licence,
                expect: own.expect.clone(),
                least: own.least,
                most: own.most,
            });
        }
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_list_in_the_program_names_whole_addresses_for_every_quarter() {
        for quarter in ["2025Q1", "2026Q2", "2026q3", "2026Q4"].map(|text| Quarter::parse(text).unwrap()) {
            let all = sources(LIST, quarter, &[]).unwrap();
            assert!(all.len() > 10);
            for own in &all {
                assert!(own.addresses.iter().all(|address| address.starts_with("https://")), "{own:?}");
                assert!(own.least > 0 && own.least < own.most && own.page.starts_with("https://"), "{own:?}");
                let known = compile::publisher::Kind::ALL.iter().any(|kind| kind.describe() == own.expect);
                assert!(known, "{} is expected to be what nothing is", own.name);
            }
        }
        let fill = |quarter: &str, text: &str| Quarter::parse(quarter).unwrap().fill(text, 2);
        assert_eq!(
            fill("2025Q1", "{year}q{quarter} v{ncci}r0-f{part} {yy}{letter} {month}"),
            "2025q1 v310r0-f2 25a january"
        );
        assert_eq!(fill("2026Q4", "{fiscal_year} v{ncci} {taxonomy} {month}"), "2027 v323 261 october");
        assert_eq!(fill("2026Q2", "{fiscal_year} {taxonomy} {letter}"), "2026 260 b");
        let in_force = ["2026Q1", "2026Q2", "2026Q3", "2026Q4", "2027Q1"].map(|own| fill(own, "{icd10cm} {taxonomy}"));
        assert_eq!(in_force, ["2026 251", "april-1-2026 260", "april-1-2026 260", "2027 261", "2027 261"]);
    }

    #[test]
    fn what_is_no_quarter_and_no_source_is_refused() {
        for text in ["", "2026", "2026Q5", "2026Q0", "Q1", "1899Q1", "2026-Q1"] {
            assert_eq!(Quarter::parse(text), None, "{text}");
        }
        let quarter = Quarter::parse("2026Q4").unwrap();
        assert!(sources(LIST, quarter, &["nope".to_owned()]).unwrap_err().contains("hcpcs"));
        assert!(sources("[[source]]\nname = 1", quarter, &[]).is_err());
        let claims = sources("\nQX77,DOEJANE\n", quarter, &[]).unwrap_err();
        assert!(claims.starts_with("2:5: ") && !claims.contains("QX77") && !claims.contains("DOE"), "{claims}");
        let wrong = LIST.replace("{month}", "{moon}");
        assert!(sources(&wrong, quarter, &[]).unwrap_err().contains("{moon}"));
    }
}
