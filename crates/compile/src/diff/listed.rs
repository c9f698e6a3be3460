//! Notes and coverage articles, which are lists of codes.

use super::Sink;
use super::codes_of::{shown, systems};
use super::stretch::{Piece, Window};
use super::words::{joined, run};
use codes::{Code, DateRange};
use codeset::{CodeRun, Codeset, Coverage, NewArticle, NewNote, Notes, System, SystemId};
use std::collections::{BTreeMap, BTreeSet};

/// Notes, by where they stand and what kind they are.
pub(super) fn notes(images: [&Codeset; 2], sink: &mut Sink<'_>) {
    let Some(systems) = systems(images, SystemId::Diagnosis) else { return };
    let [Some(old), Some(new)] = images.map(Codeset::notes) else { return };
    let window = Window::of(old.coverage(), new.coverage());
    let mut all: BTreeMap<_, [Vec<Piece<String>>; 2]> = BTreeMap::new();
    for (place, (notes, system)) in [old, new].into_iter().zip(systems).enumerate() {
        for note in notes.to_new(system) {
            let key = (note.owner, note.kind);
            let days = DateRange { from: note.from, to: note.to };
            if let Some(own) = all.entry(key).or_default().get_mut(place) {
                own.push(Piece::new(days, note_words(&note, system)));
            }
        }
    }
    for ((owner, kind), [mut of_old, mut of_new]) in all {
        window.differences(&mut of_old, &mut of_new, |days, before, after| {
            let codes = || vec![owner_name(owner), kind.name().to_owned()];
            // Of several notes of the kind only those are told that the other image lacks.
            let only = |own: &[String], other: &[String]| {
                let own: Vec<&String> = own.iter().filter(|note| !other.contains(note)).collect();
                joined(&own, |note| (*note).clone())
            };
            sink.tell(Notes::NAME, codes, Some(days), (only(before, after), only(after, before)));
        });
    }
}

fn owner_name(CodeRun { first, last }: CodeRun) -> String {
    let name = |code| shown(SystemId::Diagnosis, code);
    if first == last { name(first) } else { format!("{}-{}", name(first), name(last)) }
}

fn note_words(note: &NewNote, system: &System) -> String {
    let runs = |all: &[CodeRun]| {
        all.iter().map(|own| run(system, own.first, own.last)).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    let (targets, on) = (runs(&note.targets), runs(&note.on));
    let mut words = targets.join(" ");
    if note.examples {
        words.push_str(" (examples)");
    }
    // It holds for its owner, unless it says otherwise.
    if on != [run(system, note.owner.first, note.owner.last)] {
        words.push_str(" on ");
        words.push_str(&on.join(" "));
    }
    words
}

/// What an article says of a code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Role {
    Procedure,
    Supports,
    Denies,
}

/// Articles: what they are for, and code by code what they list.
pub(super) fn articles(images: [&Codeset; 2], sink: &mut Sink<'_>) {
    let Some(procedures) = systems(images, SystemId::Procedure) else { return };
    let Some(diagnoses) = systems(images, SystemId::Diagnosis) else { return };
    let [Some(old), Some(new)] = images.map(Codeset::articles) else { return };
    let mut all: BTreeMap<u32, [Vec<NewArticle>; 2]> = BTreeMap::new();
    for (place, articles) in [old, new].into_iter().enumerate() {
        let (Some(procedures), Some(diagnoses)) = (procedures.get(place), diagnoses.get(place)) else { continue };
        for mut article in articles.to_new(procedures, diagnoses) {
            // Releases have other numbers in other images.
            article.release = 0;
            if let Some(own) = all.entry(article.article).or_default().get_mut(place) {
                own.push(article);
            }
        }
    }
    let window = Window::always();
    for (number, sides) in all.into_iter().filter(|(_, [old, new])| old != new) {
        let name = format!("A{number}");
        let mut codes: BTreeMap<(Role, Code), [Vec<Piece<u32>>; 2]> = BTreeMap::new();
        let mut frames: [Vec<Piece<String>>; 2] = Default::default();
        for (place, versions) in sides.iter().enumerate() {
            for version in versions {
                let days = DateRange { from: version.from, to: version.to };
                if let Some(own) = frames.get_mut(place) {
                    own.push(Piece::new(days, frame(version)));
                }
                let listed = [
                    (Role::Procedure, &version.procedures),
                    (Role::Supports, &version.covered),
                    (Role::Denies, &version.noncovered),
                ];
                for (role, list) in listed {
                    for &(group, code) in list {
                        if let Some(own) = codes.entry((role, code)).or_default().get_mut(place) {
                            own.push(Piece::new(days, group));
                        }
                    }
                }
            }
        }
        let [mut of_old, mut of_new] = frames;
        window.differences(&mut of_old, &mut of_new, |days, before, after| {
            let says = |all: &[String]| joined(all, String::clone);
            sink.tell(Coverage::NAME, || vec![name.clone()], Some(days), (says(before), says(after)));
        });
        for ((role, code), [mut of_old, mut of_new]) in codes {
            let system = if role == Role::Procedure { SystemId::Procedure } else { SystemId::Diagnosis };
            window.differences(&mut of_old, &mut of_new, |days, before, after| {
                let words = |group: &u32| match role {
                    Role::Procedure if *group == Coverage::OF_POLICY => "procedure of its policy".to_owned(),
                    Role::Procedure => format!("procedure, group {group}"),
                    Role::Supports => format!("supports, group {group}"),
                    Role::Denies => format!("does not support, group {group}"),
                };
                let codes = || vec![name.clone(), shown(system, code)];
                sink.tell(Coverage::NAME, codes, Some(days), (joined(before, words), joined(after, words)));
            });
        }
    }
}

/// What an article says beside the codes that it lists.
fn frame(article: &NewArticle) -> String {
    let mut words = vec![format!("version {}", article.version)];
    let mut list = |what: &str, own: Vec<String>| {
        if !own.is_empty() {
            words.push(format!("{what} {}", own.join(" ")));
        }
    };
    list("for", article.jurisdictions.iter().map(Code::to_string).collect());
    list("carries out", article.bases.iter().map(codeset::Basis::to_string).collect());
    list("bill types", article.bill_types.iter().map(u8::to_string).collect());
    let pairing = |own: &codeset::Pairing| {
        let with = own.with.map_or_else(String::new, |group| format!("+{group}"));
        format!("{}/{}{with}", own.procedures, own.diagnoses)
    };
    list("groups", article.pairings.iter().map(pairing).collect());
    if article.demands_modifier {
        words.push("demands a modifier".to_owned());
    }
    words.join(", ")
}
