//! The same claims, written otherwise: other separators and line ends, other text around them, several in one file.

use crate::support::{Read, claims, read};
use crate::{OWN, samples};
use cleanclaim_claims::X12Options;

/// What separates the parts of a file.
#[derive(Clone, Copy, Debug)]
struct Separators {
    element: u8,
    component: u8,
    /// ISA11: a letter where nothing is repeated.
    repetition: u8,
    segment: u8,
}

/// What others write, and what the standard proposes for binary files.
const WRITTEN: [Separators; 8] = [
    Separators { element: b'*', component: b':', repetition: b'^', segment: b'~' },
    Separators { element: b'*', component: b'>', repetition: b'^', segment: b'~' },
    Separators { element: b'|', component: b'<', repetition: b'^', segment: b'~' },
    Separators { element: b'*', component: b'|', repetition: b'!', segment: b'\'' },
    Separators { element: b'*', component: b'^', repetition: b'!', segment: b'~' },
    Separators { element: b'+', component: b'\\', repetition: b'^', segment: b'\r' },
    Separators { element: b'*', component: b'<', repetition: b'{', segment: b'\n' },
    Separators { element: 0x1d, component: 0x1f, repetition: 0x1e, segment: 0x1c },
];

/// What stands after each terminator.
const BETWEEN: [&str; 5] = ["", "\n", "\r\n", "\n\n    ", "\n\t"];

/// A file in parts, as its own separators have it.
struct Parts {
    own: Separators,
    segments: Vec<Vec<u8>>,
}

impl Parts {
    /// Cuts a file whose interchanges have all the same separators; `None` for other files.
    fn of(bytes: &[u8]) -> Option<Parts> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        let own = match bytes {
            [b'I', b'S', b'A', element, rest @ ..] => {
                let starts: Vec<usize> =
                    rest.iter().enumerate().filter(|(_, byte)| *byte == element).map(|(at, _)| at + 1).collect();
                let (repetition, last) = (*starts.get(9)?, *starts.get(14)?);
                Separators {
                    element: *element,
                    component: *rest.get(last)?,
                    repetition: *rest.get(repetition)?,
                    segment: *rest.get(last + 1)?,
                }
            }
            [b'S', b'T', element, ..] => {
                Separators { element: *element, component: b':', repetition: b'U', segment: b'~' }
            }
            _ => return None,
        };
        let trimmed = bytes.split(|byte| *byte == own.segment).map(|segment| segment.trim_ascii_start().to_vec());
        let segments: Vec<Vec<u8>> = trimmed.filter(|segment| !segment.is_empty()).collect();
        let isa = segments.iter().filter(|segment| segment.starts_with(b"ISA"));
        let alike = |isa: &Vec<u8>| isa.get(3) == Some(&own.element) && isa.last() == Some(&own.component);
        isa.clone().all(alike).then_some(Parts { own, segments })
    }

    /// The file with other separators; `None` if one of them stands in its text.
    fn write(&self, with: Separators, between: &str) -> Option<Vec<u8>> {
        let Separators { element, component, repetition, .. } = self.own;
        let repeats = !repetition.is_ascii_alphanumeric() && ![element, component].contains(&repetition);
        let taken = [with.element, with.component, with.repetition, with.segment];
        let byte = |byte: u8| match byte {
            _ if byte == element => Some(with.element),
            _ if byte == component => Some(with.component),
            _ if repeats && byte == repetition => Some(with.repetition),
            _ => Some(byte).filter(|byte| !taken.contains(byte)),
        };
        let mut out = Vec::new();
        for segment in &self.segments {
            out.extend(segment.iter().map(|own| byte(*own)).collect::<Option<Vec<u8>>>()?);
            out.push(with.segment);
            // A line end that is the terminator has none after it; after a carriage return only a line feed is usual.
            out.extend_from_slice(if with.segment == b'\n' { b"" } else { between.as_bytes() });
        }
        Some(out)
    }

    /// The file as it is, but for these segments.
    fn without(&self, ids: &[&str]) -> Vec<u8> {
        let kept = self.segments.iter().filter(|segment| !ids.iter().any(|id| segment.starts_with(id.as_bytes())));
        kept.flat_map(|segment| segment.iter().copied().chain([self.own.segment])).collect()
    }
}

fn reading(bytes: &[u8], name: &str) -> Read {
    read(bytes, X12Options::default()).unwrap_or_else(|refusal| panic!("{name}: {refusal}"))
}

/// The files that have claims, and what is read of each.
fn files() -> impl Iterator<Item = (String, Vec<u8>, Vec<String>)> {
    let own = OWN.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    let read = |(name, bytes): (String, Vec<u8>)| {
        let found = claims(&reading(&bytes, &name), true);
        (name, bytes, found)
    };
    let small = |(_, bytes): &(String, Vec<u8>)| bytes.len() < 200_000;
    own.into_iter().chain(samples()).filter(small).map(read).filter(|(_, _, claims)| !claims.is_empty())
}

fn assert_same(found: &[String], expected: &[String], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let differ = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
        assert!(found == expected, "{what}: {differ:?}");
    }
}

#[test]
fn separators_and_line_ends_change_no_claim() {
    let (mut files_seen, mut written) = (0, [0; WRITTEN.len()]);
    for (name, bytes, expected) in files() {
        let Some(parts) = Parts::of(&bytes) else { continue };
        // Every line end comes with all separators, over the files.
        let line_ends = BETWEEN.into_iter().cycle().skip(files_seen);
        for ((with, count), between) in WRITTEN.into_iter().zip(&mut written).zip(line_ends) {
            let Some(text) = parts.write(with, between) else { continue };
            *count += 1;
            let what = format!("{name} with {with:?} and {between:?}");
            assert_same(&claims(&reading(&text, &what), true), &expected, &what);
        }
        files_seen += 1;
    }
    assert!(files_seen >= OWN.len());
    assert!(written.iter().all(|count| *count >= OWN.len()), "{written:?}");
}

#[test]
fn what_stands_around_interchanges_changes_no_claim() {
    for (name, bytes, _) in files() {
        let Some(parts) = Parts::of(&bytes).filter(|parts| parts.segments[0].starts_with(b"ISA")) else { continue };
        let expected = unstructured(&bytes, &name);
        let end = parts.own.segment;
        let plain = parts.without(&[]);
        let short = String::from_utf8_lossy(&plain).replacen("          ", "         ", 1).into_bytes();
        let variants: [(&str, Vec<u8>); 6] = [
            ("a byte-order mark", [b"\xef\xbb\xbf", plain.as_slice()].concat()),
            ("text before", [b"From: a clearinghouse\r\n\r\n", plain.as_slice()].concat()),
            ("text after", [plain.as_slice(), b"\r\n-- \r\nend\x1a"].concat()),
            ("an end of file", [plain.as_slice(), b"\n\x1a\n"].concat()),
            (
                "terminators twice",
                plain.iter().flat_map(|byte| vec![*byte; if *byte == end { 2 } else { 1 }]).collect(),
            ),
            ("an ISA of 105 bytes", short),
        ];
        for (what, text) in variants {
            let what = format!("{name} with {what}");
            assert_same(&unstructured(&text, &what), &expected, &what);
        }
    }
}

fn unstructured(bytes: &[u8], name: &str) -> Vec<String> {
    claims(&reading(bytes, name), false)
}

#[test]
fn envelopes_that_are_missing_or_many_change_no_claim() {
    for (name, bytes, _) in files() {
        let Some(parts) = Parts::of(&bytes) else { continue };
        let expected = unstructured(&bytes, &name);
        let twice = [expected.clone(), expected.clone()].concat();
        let what = format!("{name} twice");
        let doubled = [parts.without(&[]), parts.without(&[])].concat();
        assert_same(&unstructured(&doubled, &what), &twice, &what);
        if !parts.segments[0].starts_with(b"ISA") {
            continue;
        }
        // Interchanges with separators of their own, one after another.
        if let [Some(one), Some(other)] = [WRITTEN[1], WRITTEN[7]].map(|with| parts.write(with, "")) {
            let what = format!("{name} twice, with other separators");
            assert_same(&unstructured(&[one, other].concat(), &what), &twice, &what);
        }
        for ends in [&["IEA"][..], &["GE"], &["GE", "IEA"]] {
            let what = format!("{name} without {ends:?}");
            assert_same(&unstructured(&parts.without(ends), &what), &expected, &what);
        }
        // Without an envelope only ST03 says what the claims are.
        let names_guide = |set: &Vec<u8>| set.split(|byte| *byte == parts.own.element).nth(3).is_some();
        let mut sets = parts.segments.iter().filter(|segment| segment.starts_with(b"ST"));
        let customary = (parts.own.element, parts.own.component) == (b'*', b':');
        if customary && sets.all(names_guide) {
            let what = format!("{name} without envelopes");
            assert_same(&unstructured(&parts.without(&["ISA", "GS", "GE", "IEA"]), &what), &expected, &what);
        }
    }
}

/// Cut off anywhere, the claims before the last are what they were, and the last is that or unreadable.
#[test]
fn files_of_others_cut_off_keep_their_claims() {
    let mut cuts = 0;
    for (name, bytes, _) in files() {
        let expected = unstructured(&bytes, &name);
        let step = (bytes.len() / 60).max(1);
        for end in (1..bytes.len()).step_by(step).chain(bytes.len().saturating_sub(40)..bytes.len()) {
            // Too little to be known as X12 is refused.
            let Ok(found) = read(&bytes[..end], X12Options::default()) else { continue };
            cuts += 1;
            let unreadable = found.claims().last().is_some_and(|claim| claim.row.unreadable);
            let found = claims(&found, false);
            assert!(found.len() <= expected.len(), "{name} cut at {end}");
            let whole = found.len() - usize::from(unreadable);
            assert_same(&found[..whole], &expected[..whole], &format!("{name} cut at {end}"));
        }
    }
    assert!(cuts > 100);
}
