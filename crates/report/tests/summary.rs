//! The summary: its arithmetic, and what it says, byte for byte.
//!
//! After a wanted change, `BLESS=1 cargo test -p cleanclaim-report` rewrites the files in `tests/golden`.

#![allow(clippy::unwrap_used, reason = "tests")]

use claims::Field;
use cleanclaim_report::{EditEntry, Summary, SuppressionFacts, SuppressionUse, Tally};
use codes::{Code, Date, Modifier, Money};
use codeset::{Class, Codeset, ImageBuilder, RelationBuilder, RelationId, Release, Row, SystemBuilder, SystemId};
use edits::{ClaimTypes, Counts, EditInfo, Fires, Reason, Severity, Table, Unit};
use proptest::prelude::*;
use std::borrow::Cow::Borrowed;
use std::path::Path;

const PRACTITIONER: Table = Table::Relation(RelationId::PtpPractitioner);
const DIAGNOSES: Table = Table::System(SystemId::Diagnosis);

const fn info(id: &'static str, name: &'static str, unit: Unit, tables: &'static [Table]) -> EditInfo {
    EditInfo {
        id: Borrowed(id),
        name: Borrowed(name),
        severity: Severity::Error,
        snip: 6,
        carc: Borrowed(""),
        rarc: Borrowed(""),
        source: Borrowed("a source"),
        doc: Borrowed(""),
        unit,
        claims: ClaimTypes::ALL,
        on_by_default: true,
        tables,
        fields: &[],
        fires: Fires::ALWAYS,
        messages: Borrowed(&[]),
    }
}

static EDITS: [EditInfo; 5] = [
    info("DX001", "dx-unknown", Unit::Diagnosis, &[DIAGNOSES]),
    info("DX030", "dx-excludes1", Unit::Claim, &[DIAGNOSES]),
    info("POS001", "pos-unknown", Unit::Line, &[]),
    info("PTP001", "ptp-never", Unit::Line, &[PRACTITIONER]),
    info("PTP002", "ptp-needs-modifier", Unit::Line, &[PRACTITIONER]),
];

fn entries() -> Vec<EditEntry> {
    EDITS
        .iter()
        .map(|info| EditEntry::new(info, if info.id == "DX030" { Severity::Warning } else { info.severity }))
        .collect()
}

fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).unwrap()
}

/// Diagnoses of two fiscal years apart, open-ended modifier conflicts, and nothing else.
fn codeset() -> Codeset {
    let mut image = ImageBuilder::new();
    for (from, to, label) in [("20151001", "20160930", "FY 2016"), ("20241001", "20250930", "FY 2025")] {
        let mut release = Release::new("icd10cm-codes", "icd10cm", day(from), Some(day(to)));
        release.label = label.to_owned();
        image.release(release);
    }
    image.release(Release::new("conflicts", "modifier-conflict", day("20240101"), None));
    let mut diagnoses = SystemBuilder::new(SystemId::Diagnosis);
    diagnoses.add(Code::parse(b"E1165").unwrap(), Row::new(day("20151001"), None, 0), None);
    image.system(diagnoses).unwrap();
    let mut modifiers = SystemBuilder::new(SystemId::Modifier);
    let codes = [Modifier::new(b"GY").code(), Modifier::new(b"GZ").code()];
    for code in codes {
        modifiers.add(code, Row::new(day("20240101"), None, 2), None);
    }
    image.system(modifiers).unwrap();
    let mut conflicts = RelationBuilder::new(RelationId::ModifierConflict);
    conflicts.add(codes[0], codes[1], Class::new(day("20240101"), None, 0, 2));
    image.relation(conflicts).unwrap();
    Codeset::from_bytes(&image.finish().unwrap()).unwrap()
}

fn counts(pass: u64, fail: u64, bypassed: u64, not_evaluated: &[(Reason, u64)]) -> Counts {
    let mut counts = Counts { pass, fail, bypassed, not_evaluated: Vec::new() };
    for &(reason, count) in not_evaluated {
        counts.count_reason(reason, count);
    }
    counts
}

fn dollars(dollars: i64) -> Money {
    Money::from_cents(dollars * 100)
}

fn summary() -> Summary {
    let mut summary = Summary::new(&codeset(), EDITS.len());
    summary.begin_file("january.csv");
    let mut tally = Tally::default();
    for _ in 0..1200 {
        tally.count_claim(false, None, 2, dollars(1_000));
    }
    for _ in 0..34 {
        tally.count_claim(false, Some(Severity::Warning), 1, dollars(100));
        tally.count_finding(Severity::Warning);
    }
    tally.count_bypass(4, Modifier::new(b"59"));
    let outside = Reason::DateOutsideReleases("icd10cm");
    let not_loaded = Reason::TableNotLoaded("ptp-practitioner");
    let first = [
        counts(1_234_567, 0, 0, &[(outside, 12)]),
        counts(1_200, 34, 0, &[]),
        counts(0, 0, 0, &[]),
        counts(0, 0, 0, &[(not_loaded, 2_434)]),
        counts(2_400, 0, 1, &[(not_loaded, 34)]),
    ];
    summary.add(&tally, &first);
    summary.begin_file("-");
    let mut tally = Tally::default();
    for _ in 0..3 {
        tally.count_claim(false, Some(Severity::Error), 4, dollars(333));
        tally.count_finding(Severity::Error);
    }
    tally.count_finding(Severity::Info);
    tally.count_claim(true, Some(Severity::Error), 0, Money::from_cents(5));
    tally.count_bypass(4, Modifier::new(b"XS"));
    tally.count_bypass(4, Modifier::new(b"XS"));
    let second = [
        counts(1, 3, 0, &[(outside, 1), (Reason::FieldAbsent(Field::BirthDate), 12)]),
        counts(0, 0, 0, &[(Reason::CodeNotValid("icd10cm"), 3)]),
    ];
    summary.add(&tally, &second);
    summary
}

/// A run with suppressions: one that is used, one that expired, one of another site, one that no date decides.
fn suppressing() -> Summary {
    let mut summary = summary();
    let all = [
        (["DX001"].as_slice(), "2026-12-31", "the payer completes it\u{1b}[31m", true),
        (&["DX001", "PTP"], "2026-10-31", "under appeal", true),
        (&["POS001"], "2026-12-31", "the vendor mends it", false),
        (&["DX030"], "2027-01-31", "record reviewed", true),
        (&["DX030"], "2026-11-21", "record reviewed", true),
    ];
    for (number, (edits, until, why, runs)) in all.into_iter().enumerate() {
        summary.add_suppression(SuppressionFacts {
            place: format!("cleanclaim.toml:{}", 10 * (number + 1)),
            edits: edits.iter().map(|&edit| edit.to_owned()).collect(),
            who: "B. Clerk".to_owned(),
            why: why.to_owned(),
            until: day(until),
            runs,
        });
    }
    summary.set_today(Some(day("2026-11-22")));
    summary.set_configuration("cleanclaim.toml");
    let mut tally = Tally::default();
    for _ in 0..2 {
        tally.count_claim(false, None, 1, dollars(250));
        tally.count_clean_by_suppression(dollars(250));
        tally.count_suppression(0, 0, SuppressionUse { suppressed: 1, ..SuppressionUse::default() });
        tally.count_suppression(1, 0, SuppressionUse { expired: 1, ..SuppressionUse::default() });
    }
    tally.count_suppression(3, 1, SuppressionUse { undated: 1, ..SuppressionUse::default() });
    summary.add(&tally, &[counts(0, 4, 0, &[])]);
    summary
}

#[test]
fn what_is_suppressed_is_written_byte_for_byte_and_adds_up() {
    let summary = suppressing();
    let mut text = Vec::new();
    summary.write_text(&entries(), &mut text).unwrap();
    golden("suppressed.txt", &text);
    let mut json = Vec::new();
    summary.write_json(&entries(), &mut json).unwrap();
    golden("suppressed.json", &json);
    golden("suppressed.html", page(&summary, &entries()).as_bytes());
    let tally = &summary.tally;
    assert_eq!(tally.claims_unaccounted(), 0);
    assert_eq!(tally.findings.total(), 38 + 2);
    assert!(summary.has_notices_at_least(Severity::Warning) && !summary.has_notices_at_least(Severity::Error));
    let kinds: Vec<(&str, Severity)> = summary.notices().iter().map(|own| (own.kind, own.severity)).collect();
    assert_eq!(
        kinds,
        [
            ("expired-suppression", Severity::Warning),
            ("unused-suppression", Severity::Info),
            ("undated-suppression", Severity::Warning),
            ("expired-suppression", Severity::Warning),
        ]
    );
}

fn golden(name: &str, written: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, written).unwrap();
    }
    let written = String::from_utf8(written.to_vec()).unwrap();
    assert_eq!(written, std::fs::read_to_string(&path).unwrap(), "{name}");
}

#[test]
fn the_summary_is_written_byte_for_byte() {
    let mut text = Vec::new();
    summary().write_text(&entries(), &mut text).unwrap();
    golden("summary.txt", &text);
    let mut json = Vec::new();
    summary().write_json(&entries(), &mut json).unwrap();
    golden("summary.json", &json);
    golden("summary.html", page(&summary(), &entries()).as_bytes());
    serde_json::from_slice::<serde_json::Value>(&json).unwrap();
}

fn page(summary: &Summary, edits: &[EditEntry]) -> String {
    let mut html = Vec::new();
    summary.write_html(edits, &mut html).unwrap();
    String::from_utf8(html).unwrap()
}

/// What a page says between its tags, each of which must be closed where it should be, and known.
fn said_by(page: &str) -> String {
    let (mut open, mut said) = (Vec::new(), String::new());
    let mut rest = page.strip_prefix("<!DOCTYPE html>").unwrap();
    while let Some((text, behind)) = rest.split_once('<') {
        said.push_str(text);
        let (tag, behind) = behind.split_once('>').unwrap();
        said.push(' ');
        match (tag.strip_prefix('/'), tag.split(' ').next().unwrap()) {
            (Some(closed), _) => assert_eq!(open.pop(), Some(closed), "{page}"),
            (None, "meta") => {}
            (None, name) => open.push(name),
        }
        rest = behind;
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?}");
    said
}

#[test]
fn the_page_is_well_formed_and_says_every_number_of_the_text() {
    let mut lost = summary();
    lost.tally.claims_read += 7_654;
    lost.add_policy("ACME@2026.1#0123456789abcdef", "Acme Health 99");
    let nothing = Summary::new(&Codeset::from_bytes(&ImageBuilder::new().finish().unwrap()).unwrap(), 0);
    for (summary, edits) in [(summary(), entries()), (suppressing(), entries()), (lost, entries()), (nothing, vec![])] {
        let said = said_by(&page(&summary, &edits));
        let mut text = Vec::new();
        summary.write_text(&edits, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let numbers: Vec<&str> =
            text.split_whitespace().filter(|word| word.contains(|own: char| own.is_ascii_digit())).collect();
        assert!(numbers.len() > 10);
        for number in numbers {
            assert!(said.split_whitespace().any(|own| own.trim_end_matches('.') == number), "{number}: {said}");
        }
        assert!(!edits.is_empty() || said.contains("n/a of claims"), "{said}");
    }
}

#[test]
fn what_users_wrote_is_no_markup_of_the_page() {
    let evil = "<script>alert('\"&1\")</script><img src=x>\u{202e}";
    let mut summary = suppressing();
    summary.begin_file(evil);
    summary.add_policy(evil, evil);
    summary.set_configuration(evil);
    summary.add_suppression(SuppressionFacts {
        place: evil.to_owned(),
        edits: vec![evil.to_owned()],
        who: evil.to_owned(),
        why: evil.to_owned(),
        until: day("2026-01-01"),
        runs: true,
    });
    let page = page(&summary, &entries());
    said_by(&page);
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'), "{page}");
    assert!(page.matches("&lt;script&gt;alert(&#39;&quot;&amp;1&quot;)&lt;/script&gt;").count() >= 8, "{page}");
    // Nothing is fetched and nothing runs.
    for part in ["http:", "https:", "url(", "@import", "src=", "href=", "onload"] {
        assert!(!page.replace("src=x", "").contains(part), "{part}");
    }
}

#[test]
fn a_run_over_nothing_has_a_summary_too() {
    let summary = Summary::new(&Codeset::from_bytes(&ImageBuilder::new().finish().unwrap()).unwrap(), 0);
    let mut text = Vec::new();
    summary.write_text(&[], &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with("claims        0 read = 0 clean + 0 with errors + 0 unreadable\n"), "{text}");
    assert!(text.contains("clean claims  n/a of claims, n/a of charges\n"), "{text}");
    let mut json = Vec::new();
    summary.write_json(&[], &mut json).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert!(json["clean_rate"]["claims_percent"].is_null());
}

#[test]
fn lost_claims_are_said_aloud() {
    let mut summary = summary();
    summary.tally.claims_read += 2;
    assert_eq!(summary.tally.claims_unaccounted(), 2);
    let mut text = Vec::new();
    summary.write_text(&entries(), &mut text).unwrap();
    assert!(String::from_utf8(text).unwrap().contains("NOT ACCOUNTED FOR: 2 claims"));
}

#[test]
fn beyond_twenty_files_the_rest_are_one_line_that_adds_up() {
    let mut summary = Summary::new(&codeset(), 0);
    for number in 0..23 {
        summary.begin_file(&format!("claims-{number}\n.csv"));
        let mut tally = Tally::default();
        tally.count_claim(false, None, 3, Money::default());
        summary.add(&tally, &[]);
    }
    let mut text = Vec::new();
    summary.write_text(&[], &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("\nclaims-19\\n.csv       1      3\n3 more files          3      9\n"), "{text}");
    let mut json = Vec::new();
    summary.write_json(&[], &mut json).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["files"].as_array().map(Vec::len), Some(23));
}

#[test]
fn findings_are_compared_with_the_least_severity() {
    let mut tally = Tally::default();
    assert!(!tally.has_findings_at_least(Severity::Info));
    tally.count_finding(Severity::Warning);
    assert!(tally.has_findings_at_least(Severity::Info));
    assert!(tally.has_findings_at_least(Severity::Warning));
    assert!(!tally.has_findings_at_least(Severity::Error));
}

#[test]
fn a_claim_is_clean_unless_an_error_failed_or_it_could_not_be_read() {
    for (unreadable, worst, expected) in [
        (false, None, [1, 0, 0, 0]),
        (false, Some(Severity::Info), [1, 0, 0, 0]),
        (false, Some(Severity::Warning), [1, 1, 0, 0]),
        (false, Some(Severity::Error), [0, 0, 1, 0]),
        (true, None, [0, 0, 0, 1]),
        (true, Some(Severity::Error), [0, 0, 0, 1]),
    ] {
        let mut tally = Tally::default();
        tally.count_claim(unreadable, worst, 1, dollars(1));
        let got =
            [tally.claims_clean, tally.claims_clean_with_warnings, tally.claims_with_errors, tally.claims_unreadable];
        assert_eq!(got, expected, "{unreadable} {worst:?}");
        assert_eq!((tally.claims_unaccounted(), tally.charges.total()), (0, 100));
    }
}

#[test]
fn charges_beyond_an_amount_add_up() {
    let mut tally = Tally::default();
    for _ in 0..3 {
        tally.count_claim(false, None, 0, Money::from_cents(i64::MAX));
    }
    assert_eq!(tally.charges.total(), 3 * i128::from(i64::MAX));
    assert_eq!(tally.clean_rate_by_charges(), Some(1000));
}

fn claim() -> impl Strategy<Value = (bool, Option<Severity>, u64, i64)> {
    let worst =
        prop_oneof![Just(None), Just(Some(Severity::Info)), Just(Some(Severity::Warning)), Just(Some(Severity::Error))];
    (any::<bool>(), worst, 0u64..100, -100_000i64..100_000)
}

proptest! {
    /// However the claims are dealt to workers, and in whatever order these are joined, the sum is that of one.
    #[test]
    fn parts_add_up_to_the_whole(claims in proptest::collection::vec((claim(), 0usize..4), 0..60)) {
        let mut whole = Tally::default();
        let mut parts = vec![Tally::default(); 4];
        for &((unreadable, worst, lines, cents), worker) in &claims {
            for tally in [&mut whole, &mut parts[worker]] {
                tally.count_claim(unreadable, worst, lines, Money::from_cents(cents));
                if let Some(severity) = worst {
                    tally.count_finding(severity);
                    tally.count_bypass(u16::from(unreadable), Modifier::new(b"59"));
                }
            }
        }
        let (mut forward, mut backward) = (Tally::default(), Tally::default());
        parts.iter().for_each(|part| forward.add(part));
        parts.iter().rev().for_each(|part| backward.add(part));
        prop_assert_eq!(&forward, &whole);
        prop_assert_eq!(&backward, &whole);
        prop_assert_eq!(whole.claims_unaccounted(), 0);
        prop_assert_eq!(whole.claims_read, claims.len() as u64);
    }
}
