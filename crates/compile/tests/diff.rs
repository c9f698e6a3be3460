//! What two images say differently: by days, mirrored the other way round, and against a plain comparison day by day.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use cleanclaim_compile::diff::{Change, ChangeKind, PartDiff, diff};
use codes::{Code, Date, DateRange, Modifier};
use codeset::{
    Attribute, AttributeId, AttributesBuilder, Class, Codeset, CoverageBuilder, ImageBuilder, Mue, MueScope,
    NewArticle, RelationBuilder, RelationId, Release, Row, SystemBuilder, SystemId,
};
use proptest::prelude::*;
use support::{code, day};

/// A row: a code's place among [`CODES`], first and last day from [`BASE`], value.
type Rows = Vec<(usize, i32, i32, u16)>;

const CODES: [&str; 4] = ["10021", "99213", "99214", "A0021"];

fn at(days: i32) -> Date {
    Date::from_days(day("2026-07-01").days() + days)
}

/// Procedures, practitioner pairs from the first code, and limits, all of the same rows and the same coverage.
fn image(rows: &Rows, covers: (i32, i32)) -> Codeset {
    let (from, to) = (at(covers.0), Some(at(covers.1)));
    let mut procedures = SystemBuilder::new(SystemId::Procedure);
    let mut pairs = RelationBuilder::new(RelationId::PtpPractitioner);
    let mut limits = AttributesBuilder::new(AttributeId::MuePractitioner);
    for place in CODES {
        procedures.mention(code(place));
    }
    for &(place, first, last, value) in rows {
        let own = code(CODES[place]);
        let (first, last) = (at(first), Some(at(last)));
        let mut row = Row::new(first, last, 0);
        row.flags = u32::from(value);
        procedures.add(own, row, None);
        pairs.add(code(CODES[0]), own, Class::new(first, last, value, 0));
        let limit = Mue { units: u32::from(value), scope: MueScope::Line };
        limits.add(own, Attribute::new(first, last, Modifier::ABSENT, limit.to_value(), 0));
    }
    let mut image = ImageBuilder::new();
    for part in [SystemId::Procedure.name(), RelationId::PtpPractitioner.name(), AttributeId::MuePractitioner.name()] {
        image.release(Release::new("own", part, from, to));
    }
    image.system(procedures).unwrap();
    image.relation(pairs).unwrap();
    image.attributes(limits).unwrap();
    Codeset::from_bytes(&image.finish().unwrap()).unwrap()
}

fn changes(old: &Codeset, new: &Codeset) -> (Vec<Change>, Vec<PartDiff>) {
    let mut all = Vec::new();
    let parts = diff(old, new, &mut |change| all.push(change));
    (all, parts)
}

fn days(from: i32, to: i32) -> Option<DateRange> {
    Some(DateRange::closed(at(from), at(to)))
}

/// A quarter of ninety days, and the next.
const FIRST: (i32, i32) = (0, 89);
const BOTH: (i32, i32) = (0, 179);

#[test]
fn what_goes_on_is_no_change_and_what_the_next_quarter_lacks_ends() {
    let old = image(&vec![(0, 0, 89, 1), (1, 0, 89, 2), (2, 0, 89, 3)], FIRST);
    let new = image(&vec![(0, 0, 179, 1), (1, 0, 89, 2), (2, 0, 99, 3), (2, 100, 179, 4), (3, 90, 179, 5)], BOTH);
    let (all, parts) = changes(&old, &new);
    let of = |part: &str| -> Vec<(ChangeKind, &str, Option<DateRange>)> {
        let own = all.iter().filter(|change| change.part == part);
        own.map(|change| (change.kind, change.codes.last().unwrap().as_str(), change.days)).collect()
    };
    let expected = vec![
        (ChangeKind::Removed, "99213", days(90, 179)),
        (ChangeKind::Changed, "99214", days(100, 179)),
        (ChangeKind::Added, "A0021", days(90, 179)),
    ];
    for part in ["procedures", "ptp-practitioner", "mue-practitioner"] {
        assert_eq!(of(part), expected, "{part}");
        let totals = parts.iter().find(|own| own.part == part).unwrap();
        assert_eq!(ChangeKind::ALL.map(|kind| totals.count(kind)), [1, 1, 1]);
    }
    let limit = all.iter().find(|own| own.part == "mue-practitioner" && own.kind == ChangeKind::Changed).unwrap();
    assert_eq!((limit.before.as_str(), limit.after.as_str()), ("3 units, indicator 1", "4 units, indicator 1"));
    let pair = all.iter().find(|own| own.part == "ptp-practitioner").unwrap();
    assert_eq!(pair.codes, ["10021", "99213"]);
    assert_eq!(pair.json()["after"], serde_json::Value::Null);
    assert_eq!((&pair.json()["from"], &pair.json()["kind"]), (&"2026-09-29".into(), &"removed".into()));
}

#[test]
fn a_part_that_one_image_lacks_is_told_once() {
    let whole = image(&vec![(0, 0, 89, 1)], FIRST);
    let mut places = SystemBuilder::new(SystemId::PlaceOfService);
    places.add(code("11"), Row::new(at(0), None, 0), Some("Office"));
    let mut other = ImageBuilder::new();
    other.release(Release::new("own", SystemId::PlaceOfService.name(), at(0), None));
    other.system(places).unwrap();
    let other = Codeset::from_bytes(&other.finish().unwrap()).unwrap();
    let (all, parts) = changes(&whole, &other);
    assert!(all.is_empty());
    let sides: Vec<_> = parts.iter().map(|part| (part.part, part.old.is_some(), part.new.is_some())).collect();
    assert!(sides.contains(&("pos", false, true)) && sides.contains(&("ptp-practitioner", true, false)), "{sides:?}");
    assert!(parts.iter().all(|part| !part.is_same()));
}

#[test]
fn articles_are_compared_code_by_code() {
    let image = |version: u32, diagnoses: &[&str]| {
        let mut builder = ImageBuilder::new();
        let mut procedures = SystemBuilder::new(SystemId::Procedure);
        procedures.add(code("99213"), Row::new(at(0), None, 0), None);
        let mut system = SystemBuilder::new(SystemId::Diagnosis);
        for own in ["E119", "I10"] {
            system.add(code(own), Row::new(at(0), None, 0), None);
        }
        let mut article = NewArticle::new(56781, version, at(0), None, 0);
        article.procedures.insert((1, code("99213")));
        article.covered.extend(diagnoses.iter().map(|own| (1, code(own))));
        let mut articles = CoverageBuilder::new();
        articles.add(article);
        for part in ["procedures", "icd10cm", "coverage"] {
            builder.release(Release::new("own", part, at(0), None));
        }
        builder.system(procedures).unwrap();
        builder.system(system).unwrap();
        builder.articles(articles).unwrap();
        Codeset::from_bytes(&builder.finish().unwrap()).unwrap()
    };
    let (all, _) = changes(&image(3, &["E119"]), &image(4, &["I10"]));
    let told: Vec<String> = all.iter().map(Change::to_string).collect();
    assert_eq!(
        told,
        [
            "~ A56781  2026-07-01 on  version 3 -> version 4",
            "- A56781 E11.9  2026-07-01 on  supports, group 1",
            "+ A56781 I10  2026-07-01 on  supports, group 1",
        ]
    );
}

#[test]
fn the_default_image_is_as_itself() {
    let (all, parts) = changes(support::codeset(), support::codeset());
    assert!(all.is_empty() && parts.iter().all(PartDiff::is_same) && parts.len() > 8);
}

/// Rows of which no two of a code overlap.
fn rows() -> impl Strategy<Value = Rows> {
    let row = (0..CODES.len(), 0..40i32, 0..40i32, 1..4u16);
    proptest::collection::vec(row, 0..10).prop_map(|all| {
        let mut kept: Rows = Vec::new();
        for (place, first, length, value) in all {
            let last = first + length;
            if !kept.iter().any(|own| own.0 == place && own.1 <= last && first <= own.2) {
                kept.push((place, first, last, value));
            }
        }
        kept
    })
}

/// What an image of these rows says of a code on a day; what it says on its last day goes on, until it says something of
/// a later day.
fn says(rows: &Rows, covers: (i32, i32), place: usize, on: i32) -> Option<u16> {
    let own = || rows.iter().filter(|own| own.0 == place);
    if let Some(row) = own().find(|own| own.1 <= on && on <= own.2) {
        return Some(row.3);
    }
    let later = own().any(|own| own.1 > covers.1 && own.1 <= on);
    own().find(|own| own.2 == covers.1 && on > covers.1 && !later).map(|own| own.3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_day_and_code_is_told_as_it_differs(
        old in rows(), new in rows(), ends in (20..60i32, 20..60i32), begins in (0..10i32, 0..10i32),
    ) {
        let covers = [(begins.0, ends.0), (begins.1, ends.1)];
        let images = [image(&old, covers[0]), image(&new, covers[1])];
        let (all, parts) = changes(&images[0], &images[1]);
        let horizon = ends.0.max(ends.1);
        for part in ["procedures", "ptp-practitioner", "mue-practitioner"] {
            for (place, name) in CODES.iter().enumerate() {
                for on in -2..90 {
                    let compared = on >= begins.0.max(begins.1) && on <= horizon;
                    let (before, after) = (says(&old, covers[0], place, on), says(&new, covers[1], place, on));
                    let told: Vec<&Change> = all
                        .iter()
                        .filter(|own| own.part == part && own.codes.last().is_some_and(|code| code == name))
                        .filter(|own| own.days.is_some_and(|days| days.contains(at(on))))
                        .collect();
                    let expected = (compared && before != after).then_some(match (before, after) {
                        (None, _) => ChangeKind::Added,
                        (_, None) => ChangeKind::Removed,
                        _ => ChangeKind::Changed,
                    });
                    let kinds: Vec<ChangeKind> = told.iter().map(|own| own.kind).collect();
                    prop_assert_eq!(kinds, expected.into_iter().collect::<Vec<_>>(), "{} {} {}", part, name, on);
                }
            }
        }
        // The other way round it is the mirror.
        let (back, _) = changes(&images[1], &images[0]);
        let mirrored: Vec<Change> = back
            .into_iter()
            .map(|own| Change {
                kind: match own.kind {
                    ChangeKind::Added => ChangeKind::Removed,
                    ChangeKind::Removed => ChangeKind::Added,
                    ChangeKind::Changed => ChangeKind::Changed,
                },
                before: own.after,
                after: own.before,
                ..own
            })
            .collect();
        prop_assert_eq!(&all, &mirrored);
        let counted: u64 = parts.iter().flat_map(|part| part.counts).sum();
        prop_assert_eq!(counted, all.len() as u64);
        prop_assert!(all.iter().all(|own| own.codes.iter().all(|code| Code::parse(code.as_bytes()).is_some())));
    }
}
