//! A damaged, cut, foreign or outdated file is refused with the right reason, and opening never panics.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cleanclaim_codeset::{
    Attribute, AttributeId, AttributesBuilder, Basis, Class, Codeset, CoverageBuilder, ImageBuilder, ManualSection,
    Mue, MueScope, NewArticle, OpenError, Pairing, RelationBuilder, RelationId, Release, Row, SystemBuilder, SystemId,
};
use codes::{Code, Date, Modifier};
use xxhash_rust::xxh3::xxh3_64;

const HEADER: usize = 64;
/// Every single bit, all bits, and patterns across the byte.
const PATTERNS: [u8; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 0xff, 0x55, 0xaa];

fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).unwrap()
}

/// An article on some of the procedures, with all that one can have.
fn article(codes: u32) -> CoverageBuilder {
    let diagnosis = |text: &str| Code::parse(text.as_bytes()).unwrap();
    let mut article = NewArticle::new(56_781, 34, day("2020-01-01"), Some(day("2020-12-31")), 0);
    article.jurisdictions.extend([diagnosis("WI"), diagnosis("06302")]);
    article.bill_types.insert(13);
    for number in (0..codes).step_by(5) {
        article.procedures.insert((number % 2, Code::parse(format!("{:05}", number * 7).as_bytes()).unwrap()));
    }
    article.covered.extend([(1, diagnosis("E119")), (2, diagnosis("I10"))]);
    article.noncovered.insert((1, diagnosis("Z0000")));
    article.pairings.insert(Pairing { diagnoses: 1, procedures: 1, with: Some(2) });
    article.demands_modifier = true;
    article.bases.extend([Basis::Local(33_577), Basis::National(ManualSection::parse("220.6.17").unwrap())]);
    let mut articles = CoverageBuilder::new();
    articles.add(article);
    articles
}

/// An image with every kind of section: systems, one of `codes` codes, titles, a relation, a table of attributes, and an
/// article.
fn image(codes: u32) -> Vec<u8> {
    let code = |number: u32| Code::parse(format!("{number:05}").as_bytes()).unwrap();
    let mut procedures = SystemBuilder::new(SystemId::Procedure);
    let mut modifiers = SystemBuilder::new(SystemId::Modifier);
    let mut pairs = RelationBuilder::new(RelationId::PtpHospital);
    let mut limits = AttributesBuilder::new(AttributeId::MueHospital);
    for number in 0..codes {
        let limit = Mue { units: number, scope: MueScope::Line }.to_value();
        limits.add(code(number * 7), Attribute::new(day("2020-01-01"), None, Modifier::ABSENT, limit, 2));
        let mut row = Row::new(day("2020-01-01"), Some(day("2020-12-31")), 0);
        row.flags = number.wrapping_mul(0x9e37_79b9);
        procedures.add(code(number * 7), row, Some(&format!("The procedure with the number {number}")));
        procedures.add(code(number * 7), Row::new(day("2022-01-01"), None, 0), None);
        for step in 1..8 {
            let class = Class::new(day("2020-01-01"), None, (number % 2) as u16, 0);
            pairs.add(code(number * 7), code(number * step % codes * 7), class);
        }
    }
    for text in ["25", "59", "LT", "RT", "XS"] {
        modifiers.add(Code::parse(text.as_bytes()).unwrap(), Row::new(day("2020-01-01"), None, 1), None);
    }
    let mut diagnoses = SystemBuilder::new(SystemId::Diagnosis);
    for text in ["E119", "I10", "Z0000"] {
        diagnoses.add(Code::parse(text.as_bytes()).unwrap(), Row::new(day("2020-01-01"), None, 0), None);
    }
    let mut image = ImageBuilder::new();
    for (table, part) in [("codes", "procedures"), ("modifiers", "modifiers"), ("pairs", "ptp-hospital")] {
        let mut release = Release::new(table, part, day("2020-01-01"), None);
        release.label = format!("{table} of the test");
        image.release(release);
    }
    image.system(procedures).unwrap();
    image.system(modifiers).unwrap();
    image.system(diagnoses).unwrap();
    image.relation(pairs).unwrap();
    image.attributes(limits).unwrap();
    image.articles(article(codes)).unwrap();
    image.finish().unwrap()
}

fn refusal(bytes: &[u8]) -> OpenError {
    match Codeset::from_bytes(bytes) {
        Err(error) => error,
        Ok(_) => panic!("opened"),
    }
}

/// The name of the part that an offset lies in: the header, a section, the padding, the directory.
struct Layout {
    sections: Vec<(String, u64, u64)>,
    directory: usize,
}

impl Layout {
    fn of(image: &[u8]) -> Layout {
        let codeset = Codeset::from_bytes(image).unwrap();
        let sections =
            codeset.sections().iter().map(|section| (section.name.clone(), section.offset, section.length)).collect();
        let directory = u64::from_le_bytes(image[24..32].try_into().unwrap()) as usize;
        Layout { sections, directory }
    }

    fn part(&self, offset: usize) -> &str {
        if offset < HEADER {
            return "the header";
        }
        if offset >= self.directory {
            return "the directory";
        }
        self.sections
            .iter()
            .find(|(_, start, length)| (*start..start + length).contains(&(offset as u64)))
            .map_or("the padding", |(name, _, _)| name)
    }
}

/// Whether the refusal names what was damaged at the offset.
fn fits(layout: &Layout, offset: usize, error: &OpenError) -> bool {
    match (layout.part(offset), error) {
        ("the header", OpenError::Label { .. }) => offset < 8,
        ("the header", OpenError::Version { .. }) => (8..12).contains(&offset),
        ("the header", OpenError::Checksum { part, .. }) => offset >= 12 && part == "the header",
        ("the padding", OpenError::Inconsistent { part, .. }) => part == "the padding",
        (damaged, OpenError::Checksum { part, .. }) => part == damaged,
        _ => false,
    }
}

fn assert_flip_is_refused(bytes: &mut [u8], layout: &Layout, offset: usize, pattern: u8) {
    bytes[offset] ^= pattern;
    let error = refusal(bytes);
    assert!(fits(layout, offset, &error), "byte {offset} of {}, pattern {pattern:#04x}: {error}", layout.part(offset));
    bytes[offset] ^= pattern;
}

#[test]
fn every_flip_of_every_byte_of_a_small_image_is_refused_by_the_part_it_is_in() {
    let mut bytes = image(20);
    let layout = Layout::of(&bytes);
    for offset in 0..bytes.len() {
        for pattern in PATTERNS {
            assert_flip_is_refused(&mut bytes, &layout, offset, pattern);
        }
    }
    Codeset::from_bytes(&bytes).unwrap();
}

#[test]
fn flips_all_over_a_larger_image_are_refused_by_the_part_they_are_in() {
    let mut bytes = image(4_000);
    let layout = Layout::of(&bytes);
    assert!(bytes.len() > 300_000, "{}", bytes.len());
    let mut tried = 0;
    for offset in (HEADER..bytes.len()).step_by(bytes.len() / 3_000) {
        assert_flip_is_refused(&mut bytes, &layout, offset, PATTERNS[tried % PATTERNS.len()]);
        tried += 1;
    }
    assert!(tried >= 2_999, "{tried}");
}

#[test]
fn two_flips_that_lie_apart_are_refused() {
    let mut bytes = image(20);
    for apart in [1, 2, 8, 63, 64, 65, 512] {
        for offset in (0..bytes.len() - apart).step_by(7) {
            bytes[offset] ^= 0x10;
            bytes[offset + apart] ^= 0x10;
            refusal(&bytes);
            bytes[offset] ^= 0x10;
            bytes[offset + apart] ^= 0x10;
        }
    }
}

#[test]
fn every_truncation_is_refused_by_what_is_missing() {
    let bytes = image(20);
    for length in 0..bytes.len() {
        let error = refusal(&bytes[..length]);
        let fits = match &error {
            OpenError::Label { .. } => length < 8,
            OpenError::Length { expected, found } => {
                let whole = if length < HEADER { HEADER } else { bytes.len() };
                length >= 8 && (*expected, *found) == (whole as u64, length as u64)
            }
            _ => false,
        };
        assert!(fits, "{length} bytes: {error}");
    }
}

#[test]
fn an_extended_image_is_refused() {
    let bytes = image(20);
    for more in [1, 8, 63, 64, 4096] {
        let mut longer = bytes.clone();
        longer.resize(bytes.len() + more, 0);
        assert!(matches!(refusal(&longer), OpenError::Length { .. }), "{more} more");
    }
    let mut twice = bytes.clone();
    twice.extend_from_slice(&bytes);
    assert!(matches!(refusal(&twice), OpenError::Length { .. }));
}

/// Every look-up there is, on every code.
fn use_everything(codeset: &Codeset) {
    use_articles(codeset);
    for id in SystemId::ALL {
        let Some(system) = codeset.system(id) else { continue };
        for (ordinal, code) in system.iter() {
            assert_eq!(system.ordinal(code), Some(ordinal));
            system.row_on(ordinal, day("2020-06-30"));
            system.title(ordinal);
            system.could(ordinal);
            system.descendants(ordinal);
        }
        system.near(Code::parse(b"00008").unwrap(), None, 5);
        for table in AttributeId::ALL.into_iter().filter_map(|id| codeset.attributes(id)) {
            for (ordinal, _) in system.iter() {
                table.row_on(ordinal, day("2020-06-30"));
            }
        }
        for id in RelationId::ALL.into_iter().filter(|relation| relation.system() == id) {
            let Some(relation) = codeset.relation(id) else { continue };
            for (ordinal, _) in system.iter() {
                for link in relation.links(ordinal) {
                    relation.on(ordinal, link.target, day("2020-06-30"));
                    codeset.release_label(link.class.release);
                }
            }
        }
    }
}

/// Every look-up there is of articles.
fn use_articles(codeset: &Codeset) {
    let systems = codeset.system(SystemId::Procedure).zip(codeset.system(SystemId::Diagnosis));
    let (Some(articles), Some((procedures, diagnoses))) = (codeset.articles(), systems) else { return };
    let places = ["WI", "06302", "IL"].map(|text| Code::parse(text.as_bytes()).unwrap());
    assert!(places.into_iter().filter(|&place| articles.knows(place)).count() <= places.len());
    for (procedure, _) in procedures.iter() {
        for (article, group) in articles.of(procedure) {
            for (diagnosis, _) in diagnoses.iter() {
                article.supports(group, [diagnosis].into_iter());
                article.denies(diagnosis);
            }
            places.into_iter().for_each(|place| {
                article.holds_in(place);
            });
            let told: Vec<String> = article.bases().map(|basis| basis.to_string()).collect();
            assert!(told.iter().all(|basis| basis.starts_with(['L', 'N'])));
            assert!(!article.days().to_string().is_empty());
            let _ = (article.holds_for_bill(13), article.lists_covered(group), article.demands_modifier());
        }
    }
}

/// The header, corrected to fit changed content, as a writer of another version or machine would have made it.
fn sign_header(bytes: &mut [u8]) {
    let checksum = xxh3_64(&bytes[..56]);
    bytes[56..64].copy_from_slice(&checksum.to_le_bytes());
}

#[test]
fn other_versions_are_refused_with_what_to_do() {
    for (version, advice) in [(3, "older"), (5, "newer"), (u32::MAX, "newer")] {
        let mut bytes = image(20);
        bytes[8..12].copy_from_slice(&version.to_le_bytes());
        sign_header(&mut bytes);
        let error = refusal(&bytes);
        assert!(matches!(error, OpenError::Version { expected: 4, found, .. } if found == version), "{error}");
        let message = error.to_string();
        for part in [format!("version {version}"), "reads version 4".to_owned(), advice.to_owned()] {
            assert!(message.contains(&part), "{message}");
        }
        assert!(message.contains("cleanclaim codesets build") || message.contains("update cleanclaim"), "{message}");
    }
}

#[test]
fn the_other_byte_order_is_refused_with_what_to_do() {
    let mut bytes = image(20);
    // As a machine of the other order writes every number of the header.
    for field in [8..12, 12..16, 16..24, 24..32, 32..40, 40..48] {
        bytes[field].reverse();
    }
    sign_header(&mut bytes);
    bytes[56..64].reverse();
    let error = refusal(&bytes);
    assert!(matches!(error, OpenError::ByteOrder { expected: 0x0102_0304, found: 0x0403_0201 }), "{error}");
    assert!(error.to_string().contains("rebuild it"), "{error}");
}

#[test]
fn foreign_and_empty_files_are_refused_with_what_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for (content, found) in [
        (&b""[..], "found an empty file;"),
        (
            b"PK\x03\x04 a zip archive, longer than a header, with nothing of an image in it at all",
            "found a zip archive;",
        ),
        (b"code,name\n99213,visit\n", "found text;"),
        (b"CLNCLAI", "found a part of it;"),
        (&[0xff; 200], "found other bytes;"),
        (&[0; 4096], "found other bytes;"),
    ] {
        std::fs::write(&path, content).unwrap();
        for error in [Codeset::open(&path).unwrap_err(), Codeset::open_trusted(&path).unwrap_err(), refusal(content)] {
            assert!(matches!(error, OpenError::Label { .. }), "{error}");
            let message = error.to_string();
            for part in ["expected the label \"CLNCLAIM\"", found, "cleanclaim codesets build"] {
                assert!(message.contains(part), "{message}");
            }
        }
    }
    let error = Codeset::open(folder.path().join("none")).unwrap_err();
    assert!(matches!(error, OpenError::Io { .. }) && error.to_string().contains("none"), "{error}");
    assert!(matches!(Codeset::open(folder.path()).unwrap_err(), OpenError::Io { .. }));
}

#[test]
fn a_mapped_file_and_its_bytes_are_judged_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image");
    let mut bytes = image(20);
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(Codeset::open(&path).unwrap().id(), Codeset::from_bytes(&bytes).unwrap().id());
    assert_eq!(Codeset::open_trusted(&path).unwrap().id(), Codeset::from_bytes(&bytes).unwrap().id());
    let layout = Layout::of(&bytes);
    for offset in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        bytes[offset] ^= 0x20;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(Codeset::open(&path).unwrap_err().to_string(), refusal(&bytes).to_string());
        // A trusted opening still checks the header and the directory.
        let part = layout.part(offset);
        if part == "the header" || part == "the directory" {
            assert!(fits(&layout, offset, &Codeset::open_trusted(&path).unwrap_err()), "{offset}");
        }
        bytes[offset] ^= 0x20;
    }
}

#[test]
fn a_directory_that_is_signed_but_wrong_never_panics() {
    let whole = image(20);
    let directory = Layout::of(&whole).directory;
    let mut bytes = whole.clone();
    for offset in directory..whole.len() {
        for pattern in PATTERNS {
            bytes[offset] ^= pattern;
            let checksum = xxh3_64(&bytes[directory..]);
            bytes[40..48].copy_from_slice(&checksum.to_le_bytes());
            sign_header(&mut bytes);
            // What still opens has other texts, or fewer systems; it can be used.
            if let Ok(codeset) = Codeset::from_bytes(&bytes) {
                use_everything(&codeset);
            }
            bytes[offset] ^= pattern;
        }
    }
    // Numbers in the header that lead out of the file, signed.
    for field in [16..24, 24..32, 32..40] {
        for value in [0, 1, 63, 64, whole.len() as u64, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
            let mut bytes = whole.clone();
            if bytes[field.clone()] == value.to_le_bytes() {
                continue;
            }
            bytes[field.clone()].copy_from_slice(&value.to_le_bytes());
            sign_header(&mut bytes);
            refusal(&bytes);
        }
    }
}
