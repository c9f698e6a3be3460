//! Notes and coverage articles of publishers' files, over the default image: the lists given again change nothing, and a
//! published article supports the diagnoses that it lists and no others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use cleanclaim_compile::assemble::Build;
use codeset::{Codeset, NewNote, Ordinal, Row, SystemId};
use std::collections::BTreeSet;
use support::{code, codeset, day, publisher_file, system, text};

fn built(build: &Build, files: &[(&str, &str)]) -> Codeset {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let assembled = build.files(&[folder.path()], &|_| {}).unwrap_or_else(|error| panic!("{error}"));
    for file in &assembled.summary.files {
        assert!(file.aside.is_none() && file.refused == 0, "{}: {:?} {}", file.path, file.aside, file.refused);
    }
    Codeset::from_bytes(&assembled.image).unwrap()
}

/// The notes by what they say, without the releases that say it.
fn notes(codeset: &Codeset) -> BTreeSet<NewNote> {
    let all = codeset.notes().unwrap().to_new(codeset.system(SystemId::Diagnosis).unwrap());
    all.into_iter().map(|note| NewNote { release: 0, ..note }).collect()
}

#[test]
fn the_tabular_lists_give_the_notes_of_the_default_image_alone_and_over_it() {
    const TEST: &str = "notes of tabular lists assembled";
    let lists = [
        ("icd10cm/icd10cm-tabular-2021.xml.zst", "icd10cm-tabular-2021.xml", "2021-01-01"),
        ("icd10cm/icd10cm-tabular-April-2026.xml.zst", "icd10cm-tabular-April-2026.xml", "2026-04-01"),
    ];
    let mut files = Vec::new();
    let mut build = Build::new().base(codeset().clone());
    for (path, name, from) in lists {
        let Some(path) = publisher_file(TEST, path) else { return };
        files.push((name, text(&path)));
        build = build.effective(Some(name), day(from));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let over = built(&build, &files);
    assert!(notes(&over) == notes(codeset()), "over the default image");
    assert_eq!(over.notes().unwrap().coverage(), codeset().notes().unwrap().coverage());
    // A newer list of the same fiscal year ends the one before it.
    let later = built(&Build::new().base(codeset().clone()).effective(None, day("2026-07-01")), &files[1..]);
    let days =
        |codeset: &Codeset| codeset.notes().unwrap().coverage().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(days(&later), days(codeset()));
    let (one, other) = (system(SystemId::Diagnosis).ordinal(code("E109")).unwrap(), code("E119"));
    assert!(later.system(SystemId::Diagnosis).unwrap().ordinal(other).is_some());
    let at = |text: &str| later.system(SystemId::Diagnosis).unwrap().ordinal(code(text)).unwrap();
    for on in ["2026-06-30", "2026-07-01"] {
        assert!(later.notes().unwrap().excludes1(at("E109"), at("E119"), day(on)).is_some(), "{on}");
    }
    assert!(codeset().system(SystemId::Diagnosis).unwrap().code(one) == code("E109"));
}

#[test]
fn a_published_article_supports_what_it_lists_and_nothing_else() {
    const NAME: &str = "A56781_L33577_WI_TTE.json";
    let Some(path) = publisher_file("a published article", &format!("mcd/{NAME}")) else { return };
    let json = text(&path);
    let listed: BTreeSet<String> = json
        .lines()
        .filter_map(|line| line.trim().strip_prefix("\"code\": \""))
        .map(|rest| rest.split('"').next().unwrap().replace('.', ""))
        .collect();
    assert_eq!(listed.len(), 121);
    let build = Build::new().base(codeset().clone()).effective(Some(NAME), day("2023-10-01"));
    let codeset = built(&build, &[(NAME, &json)]);
    let (procedures, diagnoses) =
        (codeset.system(SystemId::Procedure).unwrap(), codeset.system(SystemId::Diagnosis).unwrap());
    let articles = codeset.articles().unwrap();
    assert_eq!(articles.len(), 1);
    assert!(articles.knows(code("WI")) && !articles.knows(code("IL")));
    let mut own = BTreeSet::new();
    for (ordinal, procedure) in procedures.iter() {
        for (article, group) in articles.of(ordinal) {
            own.insert(procedure.to_string());
            assert_eq!((article.number(), article.version(), group), (56_781, 34, 1));
            assert!(article.holds_in(code("WI")) && article.lists_covered(group) && !article.demands_modifier());
            assert_eq!(article.days().to_string(), "2023-10-01 on");
        }
    }
    assert_eq!(own.into_iter().collect::<Vec<_>>(), ["93306", "93307", "93308", "C8923", "C8924", "C8929"]);
    let (article, group) = articles.of(procedures.ordinal(code("93306")).unwrap()).next().unwrap();
    let mut supporting = 0;
    for (ordinal, diagnosis) in diagnoses.iter() {
        let supports = article.supports(group, [ordinal].into_iter());
        assert_eq!(supports, listed.contains(&diagnosis.to_string()), "{diagnosis}");
        assert!(!article.denies(ordinal) && !article.supports(2, [ordinal].into_iter()), "{diagnosis}");
        supporting += usize::from(supports);
    }
    // What the article lists and no release does is on no claim as a valid code.
    let known = listed.iter().filter(|text| diagnoses.ordinal(code(text)).is_some()).count();
    assert_eq!(supporting, known);
    assert!(known > 110, "{known}");
    let valid = |ordinal: Ordinal| diagnoses.row_on(ordinal, day("2023-10-01")).is_some_and(Row::is_billable);
    assert!(
        listed.iter().filter_map(|text| diagnoses.ordinal(code(text))).filter(|&ordinal| valid(ordinal)).count() > 110
    );
}
