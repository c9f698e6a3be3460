//! The default image against the tables as their publishers give them: every code at every day on which anything
//! about any code changes, every pair at the edges of its quarters.
//!
//! The tables are the authority. They are read here plainly, apart from the crate's readers and from `codesets/`.
//! Without them the tests say that they are skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use codes::{Code, Date};
use codeset::{Ordinal, Relation, RelationId, Row, RowKind, SystemId, flags};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use support::*;

/// A day, the days beside it, and nothing else.
fn around(day: Date) -> [Date; 3] {
    [day.previous(), day, day.next()]
}

/// The bits of the flag columns that are set.
fn bits<'a>(set: impl IntoIterator<Item = &'a str>, names: &[flags::Flag]) -> u32 {
    set.into_iter().map(|name| names.iter().find(|(known, _)| *known == name).expect(name).1).sum()
}

#[derive(Clone, Debug)]
struct Diagnosis {
    from: Date,
    to: Date,
    flags: u32,
}

fn diagnoses(test: &str) -> Option<BTreeMap<String, Vec<Diagnosis>>> {
    let raw = Raw::read(&publisher_file(test, "mce/mce_i10dx_master.tsv.zst")?);
    let mut codes: BTreeMap<String, Vec<Diagnosis>> = BTreeMap::new();
    for [code, from, to, flags] in raw.rows(["code", "date_start", "date_end", "flags"]) {
        codes.entry(code.to_owned()).or_default().push(Diagnosis {
            from: day(from),
            to: day(to),
            flags: bits(flags.split_whitespace(), flags::diagnosis::NAMES),
        });
    }
    Some(codes)
}

#[test]
fn every_diagnosis_is_what_the_medicare_code_editor_has_on_every_day_that_changes_any() {
    let Some(raw) = diagnoses("diagnoses") else { return };
    let system = system(SystemId::Diagnosis);
    let days: BTreeSet<Date> =
        raw.values().flatten().flat_map(|row| around(row.from).into_iter().chain(around(row.to))).collect();
    assert!(days.len() > 40, "{}", days.len());
    // The flags that this table has; rows may carry those of others beside them.
    let own = raw.values().flatten().fold(0, |bits, row| bits | row.flags);
    assert_eq!(own.count_ones(), 19);
    let mut headers_seen = BTreeSet::new();
    for &day in &days {
        let valid: HashMap<Code, u32> = raw
            .iter()
            .filter_map(|(text, rows)| {
                let row = rows.iter().find(|row| row.from <= day && day <= row.to)?;
                Some((code(text), row.flags))
            })
            .collect();
        let above: BTreeSet<Code> =
            valid.keys().flat_map(|code| (3..code.len()).map(|length| code.prefix(length))).collect();
        let mut billable = 0;
        for (ordinal, code) in system.iter() {
            let found = system.row_on(ordinal, day).map(|row| (row.kind(), row.flags & own));
            let expected = match valid.get(&code) {
                Some(&flags) => Some((RowKind::Billable, flags)),
                None if above.contains(&code) => Some((RowKind::Header, 0)),
                None => None,
            };
            assert_eq!(found, expected, "{code} on {day}");
            billable += usize::from(matches!(found, Some((RowKind::Billable, _))));
        }
        // Every valid code and every header is in the image, so nothing was left out of the walk above.
        assert_eq!(billable, valid.len(), "{day}");
        for &header in &above {
            assert!(system.ordinal(header).is_some(), "{header} on {day}");
        }
        headers_seen.extend(above);
    }
    assert!(headers_seen.len() > 25_000, "{}", headers_seen.len());
}

/// The rows of the system that hold on the day and may be reported.
fn billable(id: SystemId, day: Date) -> BTreeSet<String> {
    let system = system(id);
    system
        .iter()
        .filter(|(ordinal, _)| system.row_on(*ordinal, day).is_some_and(Row::is_billable))
        .map(|(_, code)| code.to_string())
        .collect()
}

#[test]
fn the_numbers_of_valid_diagnoses_are_the_published_ones() {
    for (date, count) in [
        ("2021-01-01", 72_621),
        ("2023-10-01", 74_044),
        ("2024-10-01", 74_260),
        ("2025-10-01", 74_719),
        ("2026-10-01", 74_879),
    ] {
        assert_eq!(billable(SystemId::Diagnosis, day(date)).len(), count, "{date}");
    }
}

#[test]
fn valid_codes_and_headers_are_those_of_the_official_code_files() {
    let Some(path) = publisher_file("official code files", "icd10cm/icd10cm-order-Jan-2021.txt.zst") else { return };
    let system = system(SystemId::Diagnosis);
    let (mut valid, mut headers) = (BTreeSet::new(), 0);
    for line in text(&path).lines() {
        let listed = line[6..13].trim().to_owned();
        if &line[14..15] == "1" {
            valid.insert(listed);
            continue;
        }
        let ordinal = system.ordinal(code(&listed)).unwrap_or_else(|| panic!("{listed}"));
        let row = system.row_on(ordinal, day("2021-01-01"));
        assert_eq!(row.map(Row::kind), Some(RowKind::Header), "{listed}");
        headers += 1;
    }
    assert_eq!(billable(SystemId::Diagnosis, day("2021-01-01")), valid);
    assert_eq!(headers, 95_358 - 72_621);

    let path = publisher_file("official code files", "icd10cm/icd10cm-codes-2024.txt.zst").unwrap();
    let valid: BTreeSet<String> = text(&path).lines().map(|line| line[..7].trim().to_owned()).collect();
    assert_eq!(billable(SystemId::Diagnosis, day("2023-10-01")), valid);
}

/// The ages that the I/OCE gives the Medicare Code Editor's age groups on a day.
fn ages(flags: u32, on: Date) -> (u8, u8) {
    use flags::diagnosis::{ADULT, AGE_GROUPS, MATERNITY, NEWBORN, PEDIATRIC};
    match flags & AGE_GROUPS {
        NEWBORN => (0, 0),
        PEDIATRIC => (0, 17),
        ADULT => (15, 124),
        MATERNITY if on < day("2019-10-01") => (12, 55),
        MATERNITY => (9, 64),
        _ => (0, 124),
    }
}

#[test]
fn the_outpatient_code_editor_has_the_same_diagnoses_first_places_and_ages_in_every_quarter() {
    let Some(path) = publisher_file("I/OCE diagnoses", "ioce/data_dx10.tsv.zst") else { return };
    use flags::diagnosis::{EXTERNAL_CAUSE, MANIFESTATION};
    let versions = Versions::read(&path.with_file_name("version_range.tsv"));
    let raw = Raw::read(&path);
    let columns = ["key", "lo_version", "hi_version", "lo_age", "hi_age", "manifestation", "external_cause"];
    // First and last version, ages, flags.
    type Listed = (u32, u32, (u8, u8), u32);
    let mut codes: HashMap<Code, Vec<Listed>> = HashMap::new();
    for [key_text, low, high, age_low, age_high, manifestation, external] in raw.rows(columns) {
        let ages = (age_low.parse().unwrap(), age_high.parse().unwrap());
        let set = |cell: &str, bit| if cell == "1" { bit } else { 0 };
        let flags = set(manifestation, MANIFESTATION) | set(external, EXTERNAL_CAUSE);
        let row = (low.parse().unwrap(), high.parse().unwrap(), ages, flags);
        codes.entry(code(key(key_text))).or_default().push(row);
    }
    let system = system(SystemId::Diagnosis);
    let mut ahead = BTreeSet::new();
    for day in versions.edges() {
        let Some(version) = versions.on(day) else { continue };
        let mut billable = 0;
        for (ordinal, code) in system.iter() {
            let expected = codes
                .get(&code)
                .and_then(|rows| rows.iter().find(|(low, high, ..)| *low <= version && version <= *high))
                .map(|(_, _, ages, flags)| (*ages, *flags));
            let row = system.row_on(ordinal, day).filter(|row| row.is_billable());
            let found = row.map(|row| (ages(row.flags, day), row.flags & (MANIFESTATION | EXTERNAL_CAUSE)));
            billable += usize::from(found.is_some());
            if found != expected {
                // Limits that the I/OCE had a quarter before the Medicare Code Editor.
                assert!(version == 94 && found == Some(((0, 124), 0)), "{code} on {day}: {expected:?}, {found:?}");
                ahead.insert(code.to_string());
            }
        }
        let listed = codes.values().flatten().filter(|(low, high, ..)| *low <= version && version <= *high).count();
        assert_eq!(billable, listed, "{day}");
    }
    assert_eq!(ahead.into_iter().collect::<Vec<_>>(), ["Z0284", "Z1332"]);
}

#[derive(Clone, Debug)]
struct Procedure {
    versions: (u32, u32),
    approved: Option<Date>,
    terminated: Option<Date>,
    emergency_only: bool,
    flags: u32,
    ages: (u8, u8),
    status: String,
}

impl Procedure {
    /// Whether a claim line of this version and day would pass the I/OCE's edits of dates.
    fn reportable(&self, version: Option<u32>, on: Date) -> bool {
        version.is_some_and(|version| self.versions.0 <= version && version <= self.versions.1)
            && self.approved.is_none_or(|approved| on >= approved)
            && self.terminated.is_none_or(|terminated| on <= terminated)
            && !(self.emergency_only && on > day("2023-05-11"))
    }
}

/// The key columns of an I/OCE table come before the two versions.
fn key(text: &str) -> &str {
    text.split('|').next().unwrap()
}

#[test]
fn every_procedure_is_what_the_outpatient_code_editor_has_on_every_day_that_changes_any() {
    let Some(path) = publisher_file("procedures", "ioce/data_hcpcs.tsv.zst") else { return };
    let versions = Versions::read(&path.with_file_name("version_range.tsv"));
    let raw = Raw::read(&path);
    let names = flags::procedure::NAMES;
    let mut codes: BTreeMap<Code, Vec<Procedure>> = BTreeMap::new();
    let mut days: BTreeSet<Date> = versions.edges().into_iter().collect();
    days.extend(around(day("2023-05-11")));
    let columns = raw.columns();
    let flag_places: Vec<usize> =
        names.iter().map(|(name, _)| columns.iter().position(|column| column == name).expect(name)).collect();
    let content = raw.rows([
        "key",
        "lo_version",
        "hi_version",
        "date_approved",
        "date_terminated",
        "lo_age",
        "hi_age",
        "status_indicator",
    ]);
    let text = text(&path);
    for ([key_text, low, high, approved, terminated, age_low, age_high, status], line) in
        content.zip(text.lines().skip(1))
    {
        let cells: Vec<&str> = line.split('\t').collect();
        let flags = bits(
            flag_places.iter().zip(names).filter(|(place, _)| cells[**place] == "1").map(|(_, (name, _))| *name),
            names,
        );
        let (approved, terminated) = (optional_day(approved), optional_day(terminated));
        days.extend(approved.into_iter().chain(terminated).flat_map(around));
        codes.entry(code(key(key_text))).or_default().push(Procedure {
            versions: (low.parse().unwrap(), high.parse().unwrap()),
            approved,
            terminated,
            emergency_only: flags & flags::procedure::MID_QUARTER_TERMINATION != 0,
            flags,
            ages: (age_low.parse().unwrap(), age_high.parse().unwrap()),
            status: status.to_owned(),
        });
    }
    assert_eq!(codes.values().map(Vec::len).sum::<usize>(), 31_213);
    assert!(days.len() > 100, "{}", days.len());
    // An approval date within a validity that goes on from the quarter before is a date of Medicare's coverage, not of
    // the code.
    let mut of_coverage = BTreeSet::new();
    // And so are those of codes that other files of CMS list on other days (codesets/procedures/SOURCE.md).
    for text in "20560 20561 99421 99422 99423 99458 99474 G2061 G2062 G2063 J9247 Q5107 Q5121".split(' ') {
        for row in codes.get_mut(&code(text)).unwrap() {
            (row.approved, row.terminated) = (None, None);
        }
    }
    for (code, rows) in &mut codes {
        rows.sort_by_key(|row| row.versions);
        for place in 1..rows.len() {
            let first = versions.first_day(rows[place].versions.0);
            let approved = rows[place].approved.filter(|&approved| approved > first);
            if approved.is_some() && rows[place - 1].reportable(versions.on(first.previous()), first.previous()) {
                rows[place].approved = None;
                of_coverage.insert(code.to_string());
            }
        }
    }
    assert!(of_coverage.contains("97810") && of_coverage.len() == 62, "{of_coverage:?}");

    let system = system(SystemId::Procedure);
    assert_eq!(system.len(), codes.len());
    for (&code, rows) in &codes {
        let ordinal = system.ordinal(code).unwrap_or_else(|| panic!("{code}"));
        for &day in &days {
            let version = versions.on(day);
            let expected = rows.iter().find(|row| row.reportable(version, day));
            let expected = expected.map(|row| (row.flags, row.ages, row.status.as_str()));
            let found = system.row_on(ordinal, day);
            let found = found.map(|row| (row.flags, (row.age_low, row.age_high), row.status()));
            assert_eq!(found, expected, "{code} on {day}");
        }
        assert!(system.rows(ordinal).iter().all(Row::is_billable), "{code}");
    }
}

#[test]
fn every_modifier_is_what_the_outpatient_code_editor_has() {
    let Some(path) = publisher_file("modifiers", "ioce/data_modifier.tsv") else { return };
    let versions = Versions::read(&path.with_file_name("version_range.tsv"));
    let names = flags::modifier::NAMES;
    // First and last version, day of activation, flags.
    type Modifier = (u32, u32, Option<Date>, u32);
    let mut codes: BTreeMap<Code, Vec<Modifier>> = BTreeMap::new();
    let mut days: BTreeSet<Date> = versions.edges().into_iter().collect();
    let mut payers_own = 0;
    let raw = Raw::read(&path);
    let columns = ["key", "date_activated", "lo_version", "hi_version"];
    let flag_columns = ["ncci", "therapy", "non_discount", "died_transferred", "device_req_exclusion", "telehealth"];
    let flag_rows = raw.rows(flag_columns).zip(raw.rows(["assistant_surgeon"]));
    for ([key_text, activated, low, high], (six, [seventh])) in raw.rows(columns).zip(flag_rows) {
        if key(key_text).starts_with('#') {
            // The contractors' own marks, which no claim carries and no modifier type holds.
            payers_own += 1;
            continue;
        }
        let set = flag_columns.iter().zip(six).filter(|(_, cell)| *cell == "1").map(|(name, _)| *name);
        let flags = bits(set.chain((seventh == "1").then_some("assistant_surgeon")), names);
        let activated = optional_day(activated);
        days.extend(activated.into_iter().flat_map(around));
        let row = (low.parse().unwrap(), high.parse().unwrap(), activated, flags);
        codes.entry(code(key(key_text))).or_default().push(row);
    }
    assert_eq!(names.len(), 7);
    assert_eq!((codes.values().map(Vec::len).sum::<usize>() + payers_own, payers_own), (457, 36));

    let system = system(SystemId::Modifier);
    assert_eq!(system.len(), codes.len());
    for (&code, rows) in &codes {
        let ordinal = system.ordinal(code).unwrap_or_else(|| panic!("{code}"));
        for &day in &days {
            let version = versions.on(day);
            let expected = rows
                .iter()
                .find(|(low, high, activated, _)| {
                    version.is_some_and(|version| *low <= version && version <= *high)
                        && activated.is_none_or(|activated| day >= activated)
                })
                .map(|(.., flags)| *flags);
            assert_eq!(system.row_on(ordinal, day).map(|row| row.flags), expected, "{code} on {day}");
        }
    }
}

#[test]
fn every_revenue_code_is_what_the_outpatient_code_editor_has() {
    let Some(path) = publisher_file("revenue codes", "ioce/data_revenue.tsv") else { return };
    let versions = Versions::read(&path.with_file_name("version_range.tsv"));
    let names = flags::revenue::NAMES;
    let flag_columns = [
        "not_recognized",
        "therapy",
        "bypass_e48",
        "statutory_exclusion",
        "bundled_in_biological",
        "part_b_billable_inpatient",
    ];
    assert_eq!(names.len(), flag_columns.len());
    let raw = Raw::read(&path);
    let mut codes: BTreeMap<Code, Vec<(u32, u32, u32, String)>> = BTreeMap::new();
    let content = raw.rows(["key", "status_indicator", "lo_version", "hi_version"]).zip(raw.rows(flag_columns));
    for ([key_text, status, low, high], set) in content {
        let set = flag_columns.iter().zip(set).filter(|(_, cell)| *cell == "1").map(|(name, _)| *name);
        let row = (low.parse().unwrap(), high.parse().unwrap(), bits(set, names), status.to_owned());
        // The table leaves out leading zeros; a claim has four digits.
        codes.entry(code(&format!("{:0>4}", key(key_text)))).or_default().push(row);
    }
    let system = system(SystemId::Revenue);
    assert_eq!(system.len(), codes.len());
    for (&code, rows) in &codes {
        let ordinal = system.ordinal(code).unwrap_or_else(|| panic!("{code}"));
        for day in versions.edges() {
            let expected = versions.on(day).and_then(|version| {
                rows.iter()
                    .find(|(low, high, ..)| *low <= version && version <= *high)
                    .map(|(_, _, flags, status)| (*flags, status.as_str()))
            });
            let found = system.row_on(ordinal, day).map(|row| (row.flags, row.status()));
            assert_eq!(found, expected, "{code} on {day}");
        }
    }
}

#[test]
fn places_of_service_and_their_rates_are_those_that_cms_published() {
    let Some(path) = publisher_file("places of service", "supporting/pos_codes_20240628.tsv") else { return };
    let on = day("2024-06-28");
    let system = system(SystemId::PlaceOfService);
    let (mut assigned, mut ahead) = (0, Vec::new());
    for [place, kind] in Raw::read(&path).rows(["pos_code", "pos_type"]) {
        let ordinal = system.ordinal(code(place));
        let row = ordinal.and_then(|ordinal| system.row_on(ordinal, on));
        match (kind, row) {
            ("Unassigned", None) => {}
            ("Facility" | "Non-Facility", Some(row)) => {
                assert_eq!(row.has(flags::place::FACILITY), kind == "Facility", "{place}");
                assigned += 1;
            }
            // Published before it may be used: the table has its first day, which is later.
            ("Facility" | "Non-Facility", None) if ordinal.is_some_and(|at| system.rows(at)[0].days().from > on) => {
                ahead.push(place.to_owned());
            }
            (kind, row) => panic!("{place}: published {kind}, found {row:?}"),
        }
    }
    assert_eq!(ahead, ["66"]);
    assert_eq!(assigned, billable(SystemId::PlaceOfService, on).len());
    assert_eq!(assigned + ahead.len(), 52);
}

/// The pairs of a relation that hold on a day, with their values.
fn holding(relation: &Relation, on: Date) -> BTreeSet<(Code, Code, u16)> {
    let system = system(relation.id().system());
    let links = |source: (Ordinal, Code)| relation.links(source.0).map(move |link| (source.1, link));
    system
        .iter()
        .flat_map(links)
        .filter(|(_, link)| link.class.holds_on(on))
        .map(|(source, link)| (source, system.code(link.target), link.class.value))
        .collect()
}

#[test]
fn every_add_on_has_its_primaries_in_every_quarter_and_no_others() {
    let Some(path) = publisher_file("add-ons", "ioce/map_addon_type1.tsv.zst") else { return };
    let versions = Versions::read(&path.with_file_name("version_range.tsv"));
    let mut pairs: Vec<(Code, Code, u16, u32, u32)> = Vec::new();
    for (kind, name) in [(1, "map_addon_type1.tsv.zst"), (1, "map_addon_drug_admin.tsv"), (3, "map_addon_type3.tsv")] {
        let raw = Raw::read(&path.with_file_name(name));
        for [key_text, primary, low, high] in raw.rows(["key", "addon_primary", "lo_version", "hi_version"]) {
            pairs.push((code(key(key_text)), code(primary), kind, low.parse().unwrap(), high.parse().unwrap()));
        }
    }
    for [key_text, low, high] in
        Raw::read(&path.with_file_name("map_addon_type2.tsv")).rows(["key", "lo_version", "hi_version"])
    {
        let addon = code(key(key_text));
        pairs.push((addon, addon, 2, low.parse().unwrap(), high.parse().unwrap()));
    }
    let relation = codeset().relation(RelationId::AddOn).unwrap();
    for day in versions.edges() {
        let version = versions.on(day);
        let expected: BTreeSet<(Code, Code, u16)> = pairs
            .iter()
            .filter(|(.., low, high)| version.is_some_and(|version| *low <= version && version <= *high))
            .map(|(addon, primary, kind, ..)| (*addon, *primary, *kind))
            .collect();
        assert_eq!(expected.is_empty(), version.is_none());
        let found = holding(relation, day);
        assert!(found == expected, "{day}: {:?}", found.symmetric_difference(&expected).take(5).collect::<Vec<_>>());
    }
    let system = system(SystemId::Procedure);
    let addons: BTreeSet<Code> = pairs.iter().map(|pair| pair.0).collect();
    for (ordinal, code) in system.iter() {
        assert_eq!(system.could(ordinal) & flags::could::ADD_ON != 0, addons.contains(&code), "{code}");
    }
}

#[test]
fn every_conflict_of_modifiers_holds_both_ways_in_its_quarters() {
    let Some(path) = publisher_file("modifier conflicts", "ioce/map_modifier_conflict.tsv") else { return };
    let versions = Versions::read(&path.with_file_name("version_range.tsv"));
    let raw = Raw::read(&path);
    let relation = codeset().relation(RelationId::ModifierConflict).unwrap();
    for day in versions.edges() {
        let mut expected = BTreeSet::new();
        for [key_text, low, high] in raw.rows(["key", "lo_version", "hi_version"]) {
            let (low, high): (u32, u32) = (low.parse().unwrap(), high.parse().unwrap());
            if versions.on(day).is_some_and(|version| low <= version && version <= high) {
                let mut parts = key_text.split('|');
                let (one, other) = (code(parts.next().unwrap()), code(parts.next().unwrap()));
                expected.extend([(one, other, 0), (other, one, 0)]);
            }
        }
        assert_eq!(holding(relation, day), expected, "{day}");
    }
}

/// Column 1, column 2, first and last version, indicator.
type Pair = (Code, Code, u32, u32, u16);

/// The rows of one pair among sorted rows.
fn rows_of(pairs: &[Pair], one: Code, two: Code) -> &[Pair] {
    let start = pairs.partition_point(|pair| (pair.0, pair.1) < (one, two));
    let length = pairs[start..].partition_point(|pair| (pair.0, pair.1) == (one, two));
    &pairs[start..start + length]
}

#[test]
fn every_ptp_pair_holds_in_its_quarters_in_column_order_only() {
    let Some(path) = publisher_file("PTP pairs", "ioce/map_ncci.tsv.zst") else { return };
    let versions = Versions::read(&path.with_file_name("version_range.tsv"));
    let mut pairs: Vec<Pair> = Raw::read(&path)
        .rows(["key", "code2", "mod_indicator", "lo_version", "hi_version"])
        .map(|[key_text, two, indicator, low, high]| {
            let numbers = (low.parse().unwrap(), high.parse().unwrap(), indicator.parse().unwrap());
            (code(key(key_text)), code(two), numbers.0, numbers.1, numbers.2)
        })
        .filter(|pair| pair.4 != 9)
        .collect();
    pairs.sort_unstable();
    assert_eq!(pairs.len(), 1_594_456);

    let system = system(SystemId::Procedure);
    let relation = codeset().relation(RelationId::PtpHospital).unwrap();
    // As many, and each of them found with its own days below: then there are no others.
    assert_eq!(relation.len(), pairs.len());
    let edges: HashMap<u32, (Date, Date)> =
        (76..=103).map(|version| (version, (versions.first_day(version), versions.last_day(version)))).collect();
    let expected = |one, two, day| {
        let version = versions.on(day)?;
        let row = rows_of(&pairs, one, two).iter().find(|pair| pair.2 <= version && version <= pair.3)?;
        Some(row.4)
    };
    for &(one, two, low, high, indicator) in &pairs {
        let (first, last) = (edges[&low].0, edges[&high].1);
        let (at_one, at_two) = (system.ordinal(one).unwrap(), system.ordinal(two).unwrap());
        let class = relation.on(at_one, at_two, first).unwrap_or_else(|| panic!("{one} {two} on {first}"));
        assert_eq!((class.days().from, class.days().to), (first, Some(last)), "{one} {two}");
        assert_eq!(class.value, indicator, "{one} {two}");
        assert_eq!(relation.on(at_one, at_two, last), Some(class), "{one} {two} on {last}");
        for day in [first.previous(), first, last, last.next()] {
            for (from, to, at_from, at_to) in [(one, two, at_one, at_two), (two, one, at_two, at_one)] {
                let found = relation.on(at_from, at_to, day).map(|class| class.value);
                assert_eq!(found, expected(from, to, day), "{from} {to} on {day}");
            }
        }
    }
    let mut columns: HashMap<Code, u32> = HashMap::new();
    for (one, two, ..) in &pairs {
        *columns.entry(*one).or_default() |= flags::could::PTP_HOSPITAL_COLUMN_1;
        *columns.entry(*two).or_default() |= flags::could::PTP_HOSPITAL_COLUMN_2;
    }
    let both = flags::could::PTP_HOSPITAL_COLUMN_1 | flags::could::PTP_HOSPITAL_COLUMN_2;
    for (ordinal, code) in system.iter() {
        assert_eq!(system.could(ordinal) & both, columns.get(&code).copied().unwrap_or(0), "{code}");
    }
}

#[test]
fn the_official_hospital_ptp_table_of_july_2024_agrees_pair_by_pair() {
    let Some(path) = publisher_file("official PTP table", "ncci/ncci_ptp_out_20240701.tsv.zst") else { return };
    let on = day("2024-07-01");
    let system = system(SystemId::Procedure);
    let relation = codeset().relation(RelationId::PtpHospital).unwrap();
    let ended_before = |at: Ordinal| system.rows(at).iter().all(|row| row.days().to.is_some_and(|last| last < on));
    let (mut active, mut agree, mut ended) = (0, 0, BTreeMap::<Code, usize>::new());
    for [one, two, deleted, indicator] in Raw::read(&path).rows(["column1", "column2", "deleted", "mod"]) {
        if deleted != "99991231" || indicator == "9" {
            continue;
        }
        active += 1;
        let (one, two) = (code(one), code(two));
        let (at_one, at_two) = (system.ordinal(one).unwrap(), system.ordinal(two).unwrap());
        let found = relation.on(at_one, at_two, on).map(|class| class.value);
        // The I/OCE drops the pairs of codes that have ended, NCCI keeps them; a claim line with such a code
        // fails by the code's own days.
        let ended_code = [(at_one, one), (at_two, two)].into_iter().find(|(at, _)| ended_before(*at));
        match ended_code {
            Some((_, code)) => {
                assert_eq!(found, None, "{one} {two}");
                *ended.entry(code).or_default() += 1;
            }
            None => {
                assert_eq!(found, Some(indicator.parse().unwrap()), "{one} {two}");
                agree += 1;
            }
        }
    }
    assert_eq!(active, 1_335_857);
    assert_eq!(ended.into_iter().collect::<Vec<_>>(), [(code("M0245"), 2), (code("M0246"), 128), (code("Q0245"), 1)]);
    // And the image has no pair on that day that the official table has not.
    let held: usize =
        system.iter().map(|(at, _)| relation.links(at).filter(|link| link.class.holds_on(on)).count()).sum();
    assert_eq!(held, agree);
}

#[test]
fn ages_sexes_and_places_mark_exactly_the_codes_with_such_a_row() {
    let system = system(SystemId::Diagnosis);
    use flags::diagnosis::*;
    for (ordinal, code) in system.iter() {
        let any = |bits: u32| system.rows(ordinal).iter().any(|row| row.flags & bits != 0);
        let could = system.could(ordinal);
        assert_eq!(could & flags::could::AGE != 0, any(AGE_GROUPS), "{code}");
        assert_eq!(could & flags::could::SEX != 0, any(FEMALE | MALE), "{code}");
        let first_place = MANIFESTATION | EXTERNAL_CAUSE | UNACCEPTABLE_PRINCIPAL | OUTPATIENT_UNACCEPTABLE;
        assert_eq!(could & flags::could::FIRST_PLACE != 0, any(first_place), "{code}");
    }
    let system = support::system(SystemId::Procedure);
    for (ordinal, code) in system.iter() {
        let limited = system.rows(ordinal).iter().any(|row| row.age_low > 0 || row.age_high < 124);
        assert_eq!(system.could(ordinal) & flags::could::AGE != 0, limited, "{code}");
        assert_eq!(system.could(ordinal) & (flags::could::SEX | flags::could::FIRST_PLACE), 0, "{code}");
    }
}
