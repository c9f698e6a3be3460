//! Whole files through the structure check.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use super::{Envelopes, Issue, Transaction};
use crate::Place;
use crate::x12::segment::{Segment, Segments};
use crate::x12::separators::Separators;
use std::path::{Path, PathBuf};

/// All issues of an input, in the order of their segments.
pub(super) fn check(bytes: &[u8]) -> Vec<Issue> {
    let (mut envelopes, mut issues) = (Envelopes::default(), Vec::new());
    let (mut version, mut set): (Vec<u8>, Option<Transaction>) = (Vec::new(), None);
    let start = bytes.iter().position(|byte| byte.is_ascii_alphabetic()).unwrap_or_default();
    let bytes = &bytes[start..];
    let separators = Separators::guess(bytes).unwrap_or(Separators::CUSTOM);
    let segments: Vec<Segment<'_>> = Segments::new(bytes, Place { offset: 0, row: 1 }, separators, true).collect();
    for segment in &segments {
        let id = segment.id();
        let of_envelope = matches!(id, b"ISA" | b"GS" | b"ST" | b"SE" | b"GE" | b"IEA");
        if of_envelope {
            if let Some(mut set) = set.take() {
                set.end(segment, &mut issues);
            }
            envelopes.segment(segment, &mut issues);
            match id {
                b"GS" => version = segment.element(8).to_vec(),
                b"ST" if segment.element(1) == b"837" => {
                    let own = segment.element(3);
                    set = Transaction::begin(if own.is_empty() { &version } else { own }, segment);
                }
                _ => {}
            }
        } else if let Some(set) = &mut set {
            set.segment(segment, &mut issues);
        }
    }
    if let (Some(mut set), Some(last)) = (set.take(), segments.last()) {
        set.end(last, &mut issues);
    }
    envelopes.end(Place { offset: bytes.len() as u64, row: segments.len() as u64 + 1 }, &mut issues);
    issues.sort_by_key(|issue| issue.place.offset);
    issues
}

pub(super) fn shared(folder: &str) -> Option<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/claims").join(folder);
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).ok()? {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Some(files)
}

pub(super) fn read(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    if path.extension().is_some_and(|extension| extension == "zst") {
        zstd::decode_all(&bytes[..]).unwrap()
    } else {
        bytes
    }
}

#[test]
#[ignore = "prints"]
fn dump() {
    for path in shared(&std::env::var("FOLDER").unwrap_or("x12".to_owned())).unwrap() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".997") || name.ends_with(".999") {
            continue;
        }
        for Issue { structure: s, .. } in check(&read(&path)) {
            println!(
                "{name}\t{}\t{}\t{}*{}\t{}.{}\t{}\t{:?}\t{}\t<{}>",
                s.position,
                s.in_loop,
                s.segment,
                s.qualifier,
                s.element,
                s.component,
                s.data_element,
                s.fault,
                s.found,
                s.expected
            );
        }
    }
}
