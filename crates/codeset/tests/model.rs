//! Whatever is put into an image is what comes out of it: random tables against plain maps.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cleanclaim_codeset::{
    BuildError, Class, Codeset, ImageBuilder, Ordinal, RelationBuilder, RelationId, Release, Row, RowKind, System,
    SystemBuilder, SystemId,
};
use codes::{Code, Date};
use proptest::prelude::*;
use proptest::sample::{Index, SizeRange};
use std::collections::{BTreeMap, BTreeSet};

/// First and last day.
type Days = (i32, Option<i32>);

#[derive(Clone, Debug, Default)]
struct CodeModel {
    rows: Vec<RowModel>,
    title: Option<String>,
    could: u32,
}

#[derive(Clone, Debug)]
struct RowModel {
    days: Days,
    flags: u32,
    ages: (u8, u8),
    status: [u8; 2],
    header: bool,
    release: u16,
}

type SystemModel = BTreeMap<String, CodeModel>;
type RelationModel = BTreeMap<(String, String), Vec<(Days, u16)>>;

fn code(text: &str) -> Code {
    Code::parse(text.as_bytes()).unwrap()
}

fn date(day: i32) -> Date {
    Date::from_days(day)
}

/// Intervals that follow each other, some without a gap between, the last perhaps without an end.
fn intervals(most: usize) -> impl Strategy<Value = Vec<Days>> {
    let pieces = prop::collection::vec((0..3i32, 1..40i32), SizeRange::from(0..=most));
    (-400..20_000i32, pieces, any::<bool>()).prop_map(|(mut day, pieces, open)| {
        let mut intervals = Vec::new();
        for (gap, length) in pieces {
            let from = day + gap;
            day = from + length;
            intervals.push((from, Some(day - 1)));
        }
        if let Some(last) = intervals.last_mut().filter(|_| open) {
            last.1 = None;
        }
        intervals
    })
}

fn row_content() -> impl Strategy<Value = (u32, (u8, u8), [u8; 2], bool, u16)> {
    let status = prop::sample::select(vec![*b"\0\0", *b"A\0", *b"Q4", *b"J1"]);
    (any::<u32>(), (0..=124u8, 0..=124u8), status, any::<bool>(), 0..3u16)
}

fn code_model() -> impl Strategy<Value = CodeModel> {
    let rows = intervals(4).prop_flat_map(|days| {
        let count = days.len();
        (Just(days), prop::collection::vec(row_content(), count))
    });
    (rows, prop::option::of("\\PC{1,12}"), any::<u32>()).prop_map(|((days, content), title, could)| CodeModel {
        rows: days
            .into_iter()
            .zip(content)
            .map(|(days, (flags, ages, status, header, release))| RowModel {
                days,
                flags,
                ages,
                status,
                header,
                release,
            })
            .collect(),
        title,
        could,
    })
}

/// Few characters, so that codes are each other's beginnings and neighbours.
fn system_model() -> impl Strategy<Value = SystemModel> {
    prop::collection::btree_map("[A-B1-2][A-B1-2]{0,6}", code_model(), 1..60)
}

fn relation_model() -> impl Strategy<Value = (SystemModel, RelationModel)> {
    system_model().prop_flat_map(|system| {
        let pair = (any::<Index>(), any::<Index>(), intervals(3), any::<u16>());
        (Just(system), prop::collection::vec(pair, 0..120)).prop_map(|(system, pairs)| {
            let texts: Vec<&String> = system.keys().collect();
            let relation = pairs
                .into_iter()
                .map(|(source, target, days, value)| {
                    let pair = (source.get(&texts).to_string(), target.get(&texts).to_string());
                    let held = days.into_iter().zip(0u16..).map(|(days, step)| (days, value.wrapping_add(step)));
                    (pair, held.collect())
                })
                .collect();
            (system, relation)
        })
    })
}

fn row(model: &RowModel) -> Row {
    let mut row = Row::new(date(model.days.0), model.days.1.map(date), model.release);
    (row.flags, row.status) = (model.flags, model.status);
    (row.age_low, row.age_high) = model.ages;
    if model.header { row.header() } else { row }
}

fn system_builder<'a>(models: impl Iterator<Item = (&'a String, &'a CodeModel)>, reversed: bool) -> SystemBuilder {
    let mut builder = SystemBuilder::new(SystemId::Procedure);
    for (text, model) in models {
        let mut rows: Vec<Row> = model.rows.iter().map(row).collect();
        if reversed {
            rows.reverse();
        }
        for row in rows {
            builder.add(code(text), row, None);
        }
        builder.mention(code(text));
        builder.could(code(text), model.could);
        if let Some(title) = &model.title {
            assert!(builder.title(code(text), title));
        }
    }
    builder
}

fn relation_builder<'a>(models: impl Iterator<Item = (&'a (String, String), &'a Vec<(Days, u16)>)>) -> RelationBuilder {
    let mut builder = RelationBuilder::new(RelationId::AddOn);
    for ((source, target), held) in models {
        for &((from, to), value) in held {
            builder.add(code(source), code(target), Class::new(date(from), to.map(date), value, 1));
        }
    }
    builder
}

fn image(system: SystemBuilder, relation: Option<RelationBuilder>) -> Vec<u8> {
    let mut image = ImageBuilder::new();
    for (table, part) in [("one", "procedures"), ("two", "add-on"), ("three", "procedures")] {
        image.release(Release::new(table, part, date(0), Some(date(30_000))));
    }
    image.system(system).unwrap();
    if let Some(relation) = relation {
        image.relation(relation).unwrap();
    }
    image.finish().unwrap()
}

fn holds(days: Days, day: i32) -> bool {
    days.0 <= day && days.1.is_none_or(|to| day <= to)
}

/// First and last day of the intervals, and the days beside them.
fn edges(intervals: impl Iterator<Item = Days>) -> BTreeSet<i32> {
    intervals
        .flat_map(|(from, to)| [from - 1, from, to.unwrap_or(from + 1000), to.unwrap_or(from + 1000) + 1])
        .collect()
}

fn open(bytes: &[u8]) -> Codeset {
    Codeset::from_bytes(bytes).unwrap()
}

fn texts(system: &System, range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|ordinal| system.code(Ordinal(ordinal)).to_string()).collect()
}

/// Whether one character changed, added or left out makes one text the other.
fn one_edit_apart(a: &str, b: &str) -> bool {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let shared = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    match b.len() - a.len() {
        0 => shared < a.len() && a[shared + 1..] == b[shared + 1..],
        1 => a[shared..] == b[shared + 1..],
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_code_has_its_rows_on_their_days_and_no_others(model in system_model()) {
        let codeset = open(&image(system_builder(model.iter(), false), None));
        let system = codeset.system(SystemId::Procedure).unwrap();
        prop_assert_eq!(system.len(), model.len());
        prop_assert_eq!(system.row_count(), model.values().map(|code| code.rows.len()).sum::<usize>());
        for ((ordinal, found), (rank, (text, expected))) in system.iter().zip(model.iter().enumerate()) {
            prop_assert_eq!(found.to_string(), text.as_str());
            prop_assert_eq!(ordinal.index(), rank);
            prop_assert_eq!(system.ordinal(code(text)), Some(ordinal));
            prop_assert_eq!(system.code(ordinal), code(text));
            prop_assert_eq!(system.title(ordinal), expected.title.as_deref());
            prop_assert_eq!(system.could(ordinal), expected.could);
            prop_assert_eq!(system.rows(ordinal).len(), expected.rows.len());
            for day in edges(expected.rows.iter().map(|row| row.days)) {
                let held = expected.rows.iter().find(|row| holds(row.days, day));
                let found = system.row_on(ordinal, date(day));
                prop_assert_eq!(found.is_some(), held.is_some(), "{} on {}", text, date(day));
                let (Some(found), Some(held)) = (found, held) else { continue };
                prop_assert_eq!(found.flags, held.flags);
                prop_assert_eq!((found.age_low, found.age_high), held.ages);
                prop_assert_eq!(found.status().as_bytes(), held.status.split(|&byte| byte == 0).next().unwrap());
                prop_assert_eq!(found.kind() == RowKind::Header, held.header);
                prop_assert_eq!(found.is_billable(), !held.header);
                prop_assert_eq!(found.release, held.release);
                prop_assert_eq!(found.days().from.days(), held.days.0);
                prop_assert_eq!(found.days().to.map(Date::days), held.days.1);
            }
        }
        prop_assert_eq!(system.code(Ordinal(model.len() as u32)), Code::ABSENT);
        prop_assert_eq!(system.rows(Ordinal(model.len() as u32)), &[]);
        prop_assert_eq!(system.rows(Ordinal(u32::MAX)), &[]);
    }

    #[test]
    fn codes_that_are_not_there_are_not_found(
        model in system_model(),
        others in prop::collection::vec("[A-C0-2]{1,8}", 40),
    ) {
        let codeset = open(&image(system_builder(model.iter(), false), None));
        let system = codeset.system(SystemId::Procedure).unwrap();
        for text in others {
            prop_assert_eq!(system.ordinal(code(&text)).is_some(), model.contains_key(&text), "{}", text);
        }
        prop_assert_eq!(system.ordinal(Code::ABSENT), None);
        prop_assert_eq!(system.ordinal(Code::MALFORMED), None);
    }

    #[test]
    fn a_prefix_is_the_range_of_the_codes_that_begin_with_it(
        model in system_model(),
        prefixes in prop::collection::vec("[A-C0-2]{0,4}", 20),
    ) {
        let codeset = open(&image(system_builder(model.iter(), false), None));
        let system = codeset.system(SystemId::Procedure).unwrap();
        for prefix in prefixes.iter().chain(model.keys()) {
            let begins = |text: &&String| text.starts_with(prefix.as_str());
            let expected: Vec<String> = model.keys().filter(begins).cloned().collect();
            prop_assert_eq!(texts(system, system.prefix(code(prefix))), expected, "{}", prefix);
        }
        for text in model.keys() {
            let below = |other: &&String| other.starts_with(text.as_str()) && *other != text;
            let expected: Vec<String> = model.keys().filter(below).cloned().collect();
            let ordinal = system.ordinal(code(text)).unwrap();
            prop_assert_eq!(texts(system, system.descendants(ordinal)), expected, "{}", text);
        }
    }

    #[test]
    fn near_codes_are_all_reportable_codes_one_edit_away_the_most_alike_first(
        model in system_model(),
        others in prop::collection::vec("[A-C0-2]{1,7}", 8),
        day in -400..20_200i32,
        most in 0..6usize,
    ) {
        let codeset = open(&image(system_builder(model.iter(), false), None));
        let system = codeset.system(SystemId::Procedure).unwrap();
        for text in others.iter().chain(model.keys()) {
            for on in [None, Some(day)] {
                let reportable = |code: &CodeModel| {
                    code.rows.iter().any(|row| !row.header && on.is_none_or(|day| holds(row.days, day)))
                };
                let mut expected: Vec<&String> = model
                    .iter()
                    .filter(|(other, code)| one_edit_apart(text, other) && reportable(code))
                    .map(|(other, _)| other)
                    .collect();
                let alike = |other: &str| text.bytes().zip(other.bytes()).take_while(|(x, y)| x == y).count();
                expected.sort_by_key(|other| (std::cmp::Reverse(alike(other)), other.to_string()));
                expected.truncate(most);
                let found = system.near(code(text), on.map(date), most);
                let found: Vec<String> = found.into_iter().map(|code| code.to_string()).collect();
                prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{} on {:?}", text, on);
            }
        }
    }

    #[test]
    fn every_pair_holds_on_its_days_one_way_only((system, model) in relation_model()) {
        let codeset = open(&image(system_builder(system.iter(), false), Some(relation_builder(model.iter()))));
        let system = codeset.system(SystemId::Procedure).unwrap();
        let relation = codeset.relation(RelationId::AddOn).unwrap();
        prop_assert_eq!(relation.len(), model.values().map(Vec::len).sum::<usize>());
        let ordinal = |text: &str| system.ordinal(code(text)).unwrap();
        let mut links = BTreeMap::<String, Vec<(String, Days, u16)>>::new();
        for ((source, target), held) in &model {
            for &(days, value) in held {
                links.entry(source.clone()).or_default().push((target.clone(), days, value));
            }
            for day in edges(held.iter().map(|(days, _)| *days)) {
                for (from, to) in [(source, target), (target, source)] {
                    let listed = model.get(&(from.clone(), to.clone())).into_iter().flatten();
                    let expected = listed.filter(|(days, _)| holds(*days, day)).map(|(_, value)| *value).next();
                    let found = relation.on(ordinal(from), ordinal(to), date(day));
                    prop_assert_eq!(found.map(|class| class.value), expected, "{} {} on {}", from, to, day);
                    prop_assert!(found.is_none_or(|class| class.release == 1));
                }
            }
        }
        for (at, found) in system.iter() {
            let found_links: Vec<(String, Days, u16)> = relation
                .links(at)
                .map(|link| {
                    let days = link.class.days();
                    let days = (days.from.days(), days.to.map(Date::days));
                    (system.code(link.target).to_string(), days, link.class.value)
                })
                .collect();
            let expected = links.remove(&found.to_string()).unwrap_or_default();
            // Links are sorted by target; those of one target, of which one holds on a day, by their days.
            prop_assert_eq!(found_links, expected);
        }
        prop_assert_eq!(relation.links(Ordinal(u32::MAX)).count(), 0);
        prop_assert!(relation.on(Ordinal(u32::MAX), Ordinal(0), date(0)).is_none());
    }

    #[test]
    fn the_same_tables_give_the_same_bytes_in_whatever_order_they_come((system, model) in relation_model()) {
        let forth = image(system_builder(system.iter(), false), Some(relation_builder(model.iter())));
        let back = image(system_builder(system.iter().rev(), true), Some(relation_builder(model.iter().rev())));
        prop_assert!(forth == back);
    }

    #[test]
    fn another_content_has_another_id(model in system_model(), at in any::<Index>()) {
        let bytes = image(system_builder(model.iter(), false), None);
        let mut other = model.clone();
        let text = at.get(&model.keys().collect::<Vec<_>>()).to_string();
        other.get_mut(&text).unwrap().could ^= 1;
        let changed = image(system_builder(other.iter(), false), None);
        let (one, two) = (open(&bytes), open(&changed));
        prop_assert_ne!(one.id(), two.id());
        prop_assert_eq!(one.id(), open(&bytes).id().to_owned());
    }

    #[test]
    fn rows_that_overlap_are_refused_by_name(mut days in intervals(5), at in any::<Index>()) {
        prop_assume!(days.len() >= 2);
        // The end of one interval moves onto the first day of the next, or away altogether.
        let at = at.index(days.len() - 1);
        for to in [Some(days[at + 1].0), None] {
            days[at].1 = to;
            let mut builder = SystemBuilder::new(SystemId::Procedure);
            for &(from, to) in days.iter().rev() {
                builder.add(code("99213"), Row::new(date(from), to.map(date), 0), None);
            }
            let mut image = ImageBuilder::new();
            image.system(builder).unwrap();
            let error = image.finish().unwrap_err();
            prop_assert!(matches!(error, BuildError::Overlap { .. }), "{}", error);
            prop_assert!(error.to_string().contains("procedures 99213: rows"), "{}", error);
        }
    }

    #[test]
    fn coverage_is_the_releases_days_joined(
        releases in prop::collection::vec((0..500i32, prop::option::weighted(0.9, 0..60i32)), 1..8),
    ) {
        let mut image = ImageBuilder::new();
        for &(from, length) in &releases {
            image.release(Release::new("table", "procedures", date(from), length.map(|length| date(from + length))));
        }
        image.release(Release::new("other", "modifiers", date(-1000), None));
        image.system(system_builder([(&"99213".to_owned(), &CodeModel::default())].into_iter(), false)).unwrap();
        let codeset = open(&image.finish().unwrap());
        let system = codeset.system(SystemId::Procedure).unwrap();
        for day in -2..600 {
            let covers = |&(from, length): &(i32, Option<i32>)| holds((from, length.map(|length| from + length)), day);
            let expected = releases.iter().any(covers);
            prop_assert_eq!(system.covers(date(day)), expected, "{}", day);
        }
        for pair in system.coverage().windows(2) {
            prop_assert!(pair[0].to.unwrap().next() < pair[1].from);
        }
    }
}

#[test]
fn a_relation_may_only_name_codes_of_its_system() {
    let mut relation = RelationBuilder::new(RelationId::AddOn);
    relation.add(code("99292"), code("99291"), Class::new(date(0), None, 1, 0));
    let mut image = ImageBuilder::new();
    let mut system = SystemBuilder::new(SystemId::Procedure);
    system.mention(code("99292"));
    image.system(system).unwrap();
    image.relation(relation).unwrap();
    let error = image.finish().unwrap_err();
    assert_eq!(error.to_string(), "add-on: code 99291 is not in system procedures; add the code's table to the build");
}

#[test]
fn systems_and_relations_are_added_once() {
    let mut image = ImageBuilder::new();
    image.system(SystemBuilder::new(SystemId::Revenue)).unwrap();
    assert!(image.system(SystemBuilder::new(SystemId::Revenue)).is_err());
    image.relation(RelationBuilder::new(RelationId::AddOn)).unwrap();
    assert!(image.relation(RelationBuilder::new(RelationId::AddOn)).is_err());
}

#[test]
fn an_image_with_nothing_in_it_opens_and_has_nothing() {
    let codeset = open(&ImageBuilder::new().finish().unwrap());
    assert!(SystemId::ALL.into_iter().all(|id| codeset.system(id).is_none()));
    assert!(RelationId::ALL.into_iter().all(|id| codeset.relation(id).is_none()));
    assert_eq!(codeset.release_label(7), "");
    let mut image = ImageBuilder::new();
    image.system(SystemBuilder::new(SystemId::Revenue)).unwrap();
    let codeset = open(&image.finish().unwrap());
    let revenue = codeset.system(SystemId::Revenue).unwrap();
    assert!(revenue.is_empty());
    assert_eq!(revenue.prefix(code("0")), 0..0);
    assert!(revenue.near(code("0001"), None, 3).is_empty());
}

#[test]
fn the_format_counts_up_to_its_limits() {
    // One class more than an entry's 15 bits can name.
    let build = |classes: i32| {
        let mut relation = RelationBuilder::new(RelationId::AddOn);
        for day in 0..classes {
            relation.add(code("A"), code("A"), Class::new(date(day), Some(date(day)), 0, 0));
        }
        let mut system = SystemBuilder::new(SystemId::Procedure);
        system.mention(code("A"));
        let mut image = ImageBuilder::new();
        image.system(system).unwrap();
        image.relation(relation).unwrap();
        image.finish()
    };
    let codeset = open(&build(1 << 15).unwrap());
    let relation = codeset.relation(RelationId::AddOn).unwrap();
    assert_eq!(relation.classes().len(), 1 << 15);
    for day in [0, 1, 16_383, 16_384, 32_767] {
        assert_eq!(relation.on(Ordinal(0), Ordinal(0), date(day)).unwrap().days().from, date(day));
    }
    assert!(relation.on(Ordinal(0), Ordinal(0), date(1 << 15)).is_none());
    let error = build((1 << 15) + 1).unwrap_err();
    assert!(matches!(error, BuildError::TooMany { count: 32_769, limit: 32_768, .. }), "{error}");
}
