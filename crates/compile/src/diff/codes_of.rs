//! Codes of systems and of the taxonomy, and what tables say of one code.

use super::Sink;
use super::stretch::{Piece, Window};
use super::words::{Says, joined};
use codes::{Code, Modifier};
use codeset::{AttributeId, Codeset, Ordinal, System, SystemId};
use std::cmp::Ordering;

/// Every code of two systems, with its ordinal in each.
pub(super) fn merged<'s>(old: &'s System, new: &'s System) -> impl Iterator<Item = (Code, [Option<Ordinal>; 2])> + 's {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (old.peek(), new.peek()) {
            (Some((_, a)), Some((_, b))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let of_old = if order.is_le() { old.next() } else { None };
        let of_new = if order.is_ge() { new.next() } else { None };
        let code = of_old.or(of_new).map(|(_, code)| code)?;
        Some((code, [of_old.map(|(ordinal, _)| ordinal), of_new.map(|(ordinal, _)| ordinal)]))
    })
}

/// The system of both images, if both hold it.
pub(super) fn systems([old, new]: [&Codeset; 2], id: SystemId) -> Option<[&System; 2]> {
    Some([old.system(id)?, new.system(id)?])
}

/// Codes, what they are on which days, and their titles.
pub(super) fn system(images: [&Codeset; 2], id: SystemId, sink: &mut Sink<'_>) {
    let Some([old, new]) = systems(images, id) else { return };
    let mut window = Window::of(old.coverage(), new.coverage());
    let mut window_of = [old.coverage(), new.coverage()];
    for (code, ordinals) in merged(old, new) {
        // Codes that are published apart have windows of their own.
        let covers = [old.coverage_of(code), new.coverage_of(code)];
        if covers != window_of {
            window = Window::of(covers[0], covers[1]);
            window_of = covers;
        }
        let pieces = |system: &System, ordinal: Option<Ordinal>| -> Vec<Piece<Says>> {
            let rows = ordinal.map_or(&[][..], |ordinal| system.rows(ordinal));
            rows.iter().map(|row| Piece::new(row.days(), Says::of(row))).collect()
        };
        let [mut of_old, mut of_new] = [pieces(old, ordinals[0]), pieces(new, ordinals[1])];
        let name = || vec![shown(id, code)];
        let words = |says: &Says| says.words(id);
        window.differences(&mut of_old, &mut of_new, |days, before, after| {
            sink.tell(id.name(), name, Some(days), (joined(before, words), joined(after, words)));
        });
        // A code that is only in one image is told by its rows.
        if let [Some(of_old), Some(of_new)] = ordinals {
            let titles =
                [old.title(of_old), new.title(of_new)].map(|title| title.map(|text| format!("title {text:?}")));
            let [before, after] = titles;
            if before != after {
                sink.tell(id.name(), name, None, (before, after));
            }
        }
    }
}

/// A code as people write it.
pub(super) fn shown(id: SystemId, code: Code) -> String {
    match id {
        SystemId::Diagnosis => code.diagnosis().to_string(),
        _ => code.to_string(),
    }
}

/// Codes of the provider taxonomy.
pub(super) fn taxonomies([old, new]: [&Codeset; 2], sink: &mut Sink<'_>) {
    let (Some(old), Some(new)) = (old.taxonomies(), new.taxonomies()) else { return };
    let window = Window::of(old.coverage(), new.coverage());
    let mut codes: Vec<_> = old.codes().chain(new.codes()).collect();
    codes.sort_unstable();
    codes.dedup();
    for code in codes {
        let [mut of_old, mut of_new] =
            [old, new].map(|all| all.rows_of(code).iter().map(|row| Piece::new(row.days(), ())).collect::<Vec<_>>());
        window.differences(&mut of_old, &mut of_new, |days, before, after| {
            let says = |all: &[()]| joined(all, |()| "valid".to_owned());
            sink.tell(codeset::Taxonomies::PART, || vec![code.to_string()], Some(days), (says(before), says(after)));
        });
    }
}

/// What a table says of codes: limits, indicators.
pub(super) fn attributes(images: [&Codeset; 2], id: AttributeId, sink: &mut Sink<'_>) {
    let Some([old, new]) = systems(images, SystemId::Procedure) else { return };
    let [Some(table_old), Some(table_new)] = images.map(|image| image.attributes(id)) else { return };
    let window = Window::of(table_old.coverage(), table_new.coverage());
    if window.is_empty() {
        return;
    }
    for (code, ordinals) in merged(old, new) {
        let rows = [(table_old, ordinals[0]), (table_new, ordinals[1])]
            .map(|(table, ordinal)| ordinal.map_or(&[][..], |ordinal| table.rows(ordinal)));
        let mut components: Vec<Modifier> =
            rows.iter().flat_map(|rows| rows.iter()).map(|row| row.modifier()).collect();
        components.sort_unstable_by_key(|modifier| modifier.to_bytes());
        components.dedup();
        for component in components {
            let pieces = rows.map(|rows| {
                let own = rows.iter().filter(|row| row.modifier() == component);
                own.map(|row| Piece::new(row.days(), row.value)).collect::<Vec<_>>()
            });
            let [mut of_old, mut of_new] = pieces;
            window.differences(&mut of_old, &mut of_new, |days, before, after| {
                let mut codes = vec![code.to_string()];
                if !component.is_absent() {
                    codes.push(component.code().to_string());
                }
                let words = |value: &[u8; 8]| id.words(*value);
                sink.tell(id.name(), || codes, Some(days), (joined(before, words), joined(after, words)));
            });
        }
    }
}
