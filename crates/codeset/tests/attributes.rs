//! Whatever rows of attributes are put into an image are what comes out of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cleanclaim_codeset::{
    Attribute, AttributeId, AttributesBuilder, BuildError, Codeset, ImageBuilder, Ordinal, Release, Row, SystemBuilder,
    SystemId,
};
use codes::{Code, Date, Modifier};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Code and component → days (first, last) and value, in order and apart.
type Model = BTreeMap<(String, [u8; 2]), Vec<(i32, i32, [u8; 8])>>;

fn code(text: &str) -> Code {
    Code::parse(text.as_bytes()).unwrap()
}

fn model() -> impl Strategy<Value = Model> {
    let component = prop::sample::select(vec![[0, 0], *b"26", *b"TC"]);
    let pieces = prop::collection::vec((0..3i32, 1..40i32, any::<[u8; 8]>()), 0..4);
    prop::collection::btree_map(("[A-B1-2]{1,4}", component), pieces, 1..30).prop_map(|model| {
        let held = |pieces: Vec<(i32, i32, [u8; 8])>| {
            let mut day = 0;
            let mut step = |(gap, length, value)| {
                let from = day + gap;
                day = from + length;
                (from, day - 1, value)
            };
            pieces.into_iter().map(&mut step).collect()
        };
        model.into_iter().map(|(key, pieces)| (key, held(pieces))).collect()
    })
}

fn image(model: &Model, reversed: bool) -> Vec<u8> {
    let mut system = SystemBuilder::new(SystemId::Procedure);
    let mut rows = Vec::new();
    for ((text, component), held) in model {
        system.mention(code(text));
        for &(from, to, value) in held {
            let days = (Date::from_days(from), Some(Date::from_days(to)));
            rows.push((code(text), Attribute::new(days.0, days.1, Modifier::new(component), value, 0)));
        }
    }
    if reversed {
        rows.reverse();
        // The same row twice is one row.
        rows.extend(rows.first().copied());
    }
    let mut builder = AttributesBuilder::new(AttributeId::FeeSchedule);
    rows.into_iter().for_each(|(code, row)| builder.add(code, row));
    let mut image = ImageBuilder::new();
    let (from, to) = (Date::from_days(0), Some(Date::from_days(90)));
    image.release(Release::new("fees", AttributeId::FeeSchedule.name(), from, to));
    image.system(system).unwrap();
    image.attributes(builder).unwrap();
    image.finish().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_component_has_its_rows_on_their_days_and_no_others(model in model()) {
        let bytes = image(&model, false);
        prop_assert!(bytes == image(&model, true), "the order of rows shows");
        let codeset = Codeset::from_bytes(&bytes).unwrap();
        let (system, table) =
            (codeset.system(SystemId::Procedure).unwrap(), codeset.attributes(AttributeId::FeeSchedule).unwrap());
        prop_assert_eq!(table.len(), model.values().map(Vec::len).sum::<usize>());
        for ((text, component), held) in &model {
            let ordinal = system.ordinal(code(text)).unwrap();
            for day in -1..130 {
                let expected = held.iter().find(|(from, to, _)| (*from..=*to).contains(&day)).map(|(.., value)| *value);
                let day = Date::from_days(day);
                let found = table.component_on(ordinal, Modifier::new(component), day);
                prop_assert_eq!(found.map(|row| row.value), expected, "{} on {}", text, day);
                if *component == [0, 0] {
                    prop_assert_eq!(table.row_on(ordinal, day), found);
                }
            }
            let any = model.iter().any(|((other, _), held)| other == text && !held.is_empty());
            prop_assert_eq!(system.could(ordinal) & AttributeId::FeeSchedule.could() != 0, any);
        }
        prop_assert_eq!(table.rows(Ordinal(u32::MAX)), &[]);
        prop_assert!(table.covers(Date::from_days(90)) && !table.covers(Date::from_days(91)));
        prop_assert!(codeset.attributes(AttributeId::MueDme).is_none());
    }
}

fn rows_of(days: [(i32, Option<i32>); 2]) -> ImageBuilder {
    let mut system = SystemBuilder::new(SystemId::Procedure);
    system.add(code("99213"), Row::new(Date::from_days(0), None, 0), None);
    let mut builder = AttributesBuilder::new(AttributeId::MueDme);
    for (from, to) in days {
        let row = Attribute::new(Date::from_days(from), to.map(Date::from_days), Modifier::ABSENT, [from as u8; 8], 0);
        builder.add(code("99213"), row);
    }
    let mut image = ImageBuilder::new();
    image.system(system).unwrap();
    image.attributes(builder).unwrap();
    image
}

#[test]
fn rows_that_overlap_are_refused_by_name() {
    assert!(rows_of([(10, Some(20)), (21, None)]).finish().is_ok());
    for days in [[(10, Some(20)), (20, None)], [(10, None), (30, Some(40))], [(21, None), (10, Some(21))]] {
        let error = rows_of(days).finish().unwrap_err();
        assert!(matches!(error, BuildError::Overlap { .. }), "{error}");
        assert!(error.to_string().starts_with("mue-dme 99213: rows 1970-01-"), "{error}");
    }
}

#[test]
fn a_table_is_added_once_and_names_codes_of_the_procedure_system_only() {
    let mut image = ImageBuilder::new();
    image.attributes(AttributesBuilder::new(AttributeId::LabTest)).unwrap();
    assert!(image.attributes(AttributesBuilder::new(AttributeId::LabTest)).is_err());
    let mut builder = AttributesBuilder::new(AttributeId::Unlisted);
    builder.add(code("J3490"), Attribute::new(Date::from_days(0), None, Modifier::ABSENT, [0; 8], 0));
    let mut image = ImageBuilder::new();
    image.attributes(builder).unwrap();
    let error = image.finish().unwrap_err().to_string();
    assert_eq!(error, "unlisted-codes: code J3490 is not in system procedures; add the code's table to the build");
}
