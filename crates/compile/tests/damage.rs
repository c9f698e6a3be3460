//! The default image, damaged anywhere, is refused by the part that is damaged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use codeset::{Codeset, OpenError};
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;
use support::*;

const HEADER: usize = 64;

/// The image in a file whose bytes are changed in place: nothing maps it while they are.
struct Image {
    path: PathBuf,
    file: File,
    bytes: &'static [u8],
    sections: Vec<(String, usize, usize)>,
    directory: usize,
    _folder: tempfile::TempDir,
}

impl Image {
    fn write() -> Image {
        let bytes = &built().image[..];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("default.codeset");
        cleanclaim_compile::write_atomically(&path, bytes).unwrap();
        let sections = codeset().sections().iter();
        Image {
            file: OpenOptions::new().write(true).open(&path).unwrap(),
            path,
            bytes,
            sections: sections.map(|part| (part.name.clone(), part.offset as usize, part.length as usize)).collect(),
            directory: u64::from_le_bytes(bytes[24..32].try_into().unwrap()) as usize,
            _folder: folder,
        }
    }

    fn put(&mut self, offset: usize, byte: u8) {
        self.file.seek(SeekFrom::Start(offset as u64)).unwrap();
        self.file.write_all(&[byte]).unwrap();
    }

    fn assert_flip_is_refused(&mut self, offset: usize, pattern: u8) {
        self.put(offset, self.bytes[offset] ^ pattern);
        let error = Codeset::open(&self.path).unwrap_err();
        let damaged = match offset {
            0..HEADER => "the header",
            _ if offset >= self.directory => "the directory",
            _ => self
                .sections
                .iter()
                .find(|(_, start, length)| (*start..start + length).contains(&offset))
                .map_or("the padding", |(name, ..)| name),
        };
        let fits = match &error {
            OpenError::Label { .. } => offset < 8,
            OpenError::Version { .. } => (8..12).contains(&offset),
            OpenError::Checksum { part, .. } => part == damaged,
            OpenError::Inconsistent { part, .. } => part == damaged && damaged == "the padding",
            _ => false,
        };
        assert!(fits, "byte {offset} of {damaged}, pattern {pattern:#04x}: {error}");
        self.put(offset, self.bytes[offset]);
    }
}

#[test]
fn flips_all_over_the_default_image_are_refused_by_the_part_they_are_in() {
    let mut image = Image::write();
    let mut tried = 0;
    // All of the header, in every bit; all of the directory.
    for offset in 0..HEADER {
        for bit in 0..8 {
            image.assert_flip_is_refused(offset, 1 << bit);
        }
        tried += 1;
    }
    for offset in image.directory..image.bytes.len() {
        image.assert_flip_is_refused(offset, 1 << (offset % 8));
        tried += 1;
    }
    // The first and last byte of every section, and all of the padding after it.
    let mut places: Vec<usize> = Vec::new();
    for (_, start, length) in image.sections.iter().filter(|(.., length)| *length > 0) {
        let end = start + length;
        places.extend([*start, end - 1].into_iter().chain(end..end.next_multiple_of(HEADER)));
    }
    // And evenly spread over the whole.
    places.extend((HEADER..image.directory).step_by(image.directory / 1_000));
    for offset in places {
        image.assert_flip_is_refused(offset, 1 << (offset % 8));
        tried += 1;
    }
    assert!(tried > 3_000, "{tried}");
    assert_eq!(Codeset::open(&image.path).unwrap().id(), codeset().id());
}

#[test]
fn the_default_image_cut_anywhere_is_refused() {
    let image = Image::write();
    let whole = image.bytes.len() as u64;
    for step in 0..500 {
        // From the end on, ever more, so that the file is cut and not written anew.
        let length = whole - 1 - step * (whole - 1) / 499;
        image.file.set_len(length).unwrap();
        let error = Codeset::open(&image.path).unwrap_err();
        match (length, &error) {
            (0..8, OpenError::Label { .. }) => {}
            (8..64, OpenError::Length { expected: 64, found }) if *found == length => {}
            (64.., OpenError::Length { expected, found }) if (*expected, *found) == (whole, length) => {}
            _ => panic!("{length} bytes: {error}"),
        }
    }
}
