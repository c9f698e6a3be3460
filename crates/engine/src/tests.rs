//! What the engine promises, whatever an edit, an input or an output does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use crate::memo::{MOST_REMEMBERED, Memo};
use crate::{ChoiceError, Run, RunError, Scrubbed, Scrubber, ScrubberBuilder};
use claims::{Claim, CsvOptions, CsvReader, Field, Input, Line};
use codes::Code;
use codeset::{Codeset, SystemId};
use edits::{
    ClaimFacts, ClaimTypes, Edit, EditInfo, Finding, Fires, Message, OfKind, Outcome, Reason, Recorder, Resolver,
    Severity, Unit, registry,
};
use generate::{Generator, Plan};
use report::{Format, Summary};
use std::borrow::Cow::Borrowed;
use std::collections::BTreeSet;
use std::io::{self, Cursor, Read, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) fn codeset() -> Codeset {
    static CODESET: OnceLock<Codeset> = OnceLock::new();
    let build = || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codesets");
        Codeset::from_bytes(&compile::Sources::open(folder).unwrap().compile().unwrap().image).unwrap()
    };
    CODESET.get_or_init(build).clone()
}

pub(crate) fn builder() -> ScrubberBuilder {
    Scrubber::builder(codeset())
}

fn generated(lines: u64) -> String {
    let mut csv = Vec::new();
    let plan = Plan { lines, seed: 5, error_rate: 0.5, ..Plan::default() };
    Generator::new(&codeset(), plan).unwrap().write_csv(&mut csv, None).unwrap();
    String::from_utf8(csv).unwrap()
}

pub(crate) fn reader_of(text: impl Read + Send + 'static, chunk_bytes: usize) -> CsvReader {
    let options = CsvOptions { chunk_bytes, ..CsvOptions::default() };
    CsvReader::new(Input::from_reader("claims.csv", text).unwrap(), options).unwrap()
}

/// Scrubs one input with three workers: how it ended, what was written, and the summary.
fn run(
    scrubber: &Scrubber,
    mut reader: CsvReader,
    out: &mut dyn Write,
) -> (Result<(), RunError>, Result<Summary, RunError>) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let mut run = Run::new(scrubber, &pool, Format::Ndjson);
    let ended = run.input(&mut reader, out);
    (ended, run.finish(out))
}

/// As [`run`], of what goes well.
fn scrub(scrubber: &Scrubber, text: &str) -> (Vec<String>, Summary) {
    let mut out = Vec::new();
    let (ended, summary) = run(scrubber, reader_of(Cursor::new(text.to_owned()), 2_000), &mut out);
    ended.unwrap();
    (String::from_utf8(out).unwrap().lines().map(str::to_owned).collect(), summary.unwrap())
}

/// An edit of lines that panics on claims whose id ends in 7, after it has reported something, and fails no other.
struct Panics;

static PANICS: EditInfo = EditInfo {
    id: Borrowed("AAA001"),
    name: Borrowed("panics"),
    severity: Severity::Error,
    snip: 1,
    carc: Borrowed(""),
    rarc: Borrowed(""),
    source: Borrowed("a test"),
    doc: Borrowed(""),
    unit: Unit::Line,
    claims: ClaimTypes::ALL,
    on_by_default: true,
    tables: &[],
    fields: &[],
    fires: Fires::ALWAYS,
    messages: Borrowed(&[Message { text: Borrowed("half a finding"), fix: Borrowed("None."), at_most: None }]),
};

impl Edit for Panics {
    fn info(&self) -> &EditInfo {
        &PANICS
    }

    fn check(&self, claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
        if claim.claim.id().ends_with('7') {
            out.fail_line(0, Field::Procedure, 0);
            panic!("on claim {}", claim.claim.id());
        }
    }
}

/// The same again under another id, after all others.
struct PanicsToo(EditInfo);

impl Edit for PanicsToo {
    fn info(&self) -> &EditInfo {
        &self.0
    }

    fn check(&self, claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
        Panics.check(claim, out);
    }
}

fn panics_too() -> &'static dyn Edit {
    static TOO: OnceLock<PanicsToo> = OnceLock::new();
    TOO.get_or_init(|| PanicsToo(EditInfo { id: Borrowed("ZZZ001"), name: Borrowed("panics-too"), ..PANICS.clone() }))
}

fn with_panics() -> Vec<&'static dyn Edit> {
    [vec![&Panics as &'static dyn Edit], registry::all(), vec![panics_too()]].concat()
}

fn place_of(scrubber: &Scrubber, id: &str) -> usize {
    scrubber.edits().iter().position(|entry| entry.info().id == id).unwrap()
}

fn units(summary: &Summary, place: usize) -> [u64; 4] {
    Outcome::ALL.map(|outcome| summary.counts[place].of(outcome))
}

/// An edit of lines that can judge no claim of several diagnoses, tells so of kinds of claims, and counts on how many such
/// claims it is called all the same.
struct TellsOfKinds(EditInfo);

static SEVERAL_AND_CALLED: AtomicU64 = AtomicU64::new(0);

impl Edit for TellsOfKinds {
    fn info(&self) -> &EditInfo {
        &self.0
    }

    fn check(&self, claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
        if claim.units(Unit::Diagnosis) > 1 {
            SEVERAL_AND_CALLED.fetch_add(1, Ordering::Relaxed);
            out.skip_all(Unit::Line, Reason::NotComputable("several"));
        }
    }

    fn of_kind(&self) -> Option<OfKind> {
        Some(|kind, _| kind.could_fire(Fires::SEVERAL_DIAGNOSES).then_some(Reason::NotComputable("several")))
    }
}

#[test]
fn an_edit_that_can_judge_no_claim_of_a_kind_is_not_called_on_those_and_counts_as_if_it_were() {
    static EDIT: OnceLock<TellsOfKinds> = OnceLock::new();
    let info = || EditInfo { id: Borrowed("AAA002"), name: Borrowed("tells-of-kinds"), ..PANICS.clone() };
    let edit: &'static dyn Edit = EDIT.get_or_init(|| TellsOfKinds(info()));
    let edits = || [vec![edit], registry::all()].concat();
    let text = generated(2_000);
    // Where findings tell it of each unit, it is called on each claim.
    let by_claims = builder().show_not_evaluated(true).build_among(edits()).unwrap();
    let (_, expected) = scrub(&by_claims, &text);
    let each = SEVERAL_AND_CALLED.swap(0, Ordering::Relaxed);
    let by_kinds = builder().build_among(edits()).unwrap();
    let (_, summary) = scrub(&by_kinds, &text);
    let place = place_of(&by_kinds, "AAA002");
    assert_eq!(summary.counts, expected.counts);
    let [pass, .., not_evaluated] = units(&summary, place);
    assert!(pass > 0 && not_evaluated > 500 && each > 200, "{pass} {not_evaluated} {each}");
    // But for those with earlier ones to compare with, and those without lines.
    let few = SEVERAL_AND_CALLED.load(Ordering::Relaxed);
    assert!(few < each / 10, "{few} of {each}");
}

#[test]
fn an_edit_that_panics_is_a_finding_on_its_claim_and_changes_nothing_else() {
    let text = generated(600);
    let claims: BTreeSet<&str> = text.lines().skip(1).map(|row| row.split(',').next().unwrap()).collect();
    let lines = text.lines().skip(1).count() as u64;
    let hit = |row: &&str| row.split(',').next().unwrap().ends_with('7');
    let claims_hit = claims.iter().filter(|id| id.ends_with('7')).count() as u64;
    let lines_hit = text.lines().skip(1).filter(hit).count() as u64;
    assert!(claims_hit > 5 && claims_hit < claims.len() as u64);

    let without = builder().build().unwrap();
    let with = builder().build_among(with_panics()).unwrap();
    let (expected, summary) = scrub(&without, &text);
    let (found, with_summary) = scrub(&with, &text);

    // Two findings of SYS001 a claim, one an edit; all else is as without.
    let (internal, rest): (Vec<String>, Vec<String>) =
        found.into_iter().partition(|finding| finding.contains(r#""edit":"SYS001""#));
    assert_eq!(rest, expected);
    assert_eq!(internal.len() as u64, 2 * claims_hit);
    for (finding, edit) in internal.iter().zip(["AAA001", "ZZZ001"].into_iter().cycle()) {
        assert!(finding.contains(r#"7","line_number":null,"#), "{finding}");
        assert!(finding.contains(&format!("Edit {edit} stopped with an internal error")), "{finding}");
    }
    // In the order of outcomes: pass, fail, bypassed, not evaluated.
    for id in ["AAA001", "ZZZ001"] {
        let place = place_of(&with, id);
        assert_eq!(units(&with_summary, place), [lines - lines_hit, 0, 0, lines_hit], "{id}");
        assert_eq!(with_summary.counts[place].not_evaluated, [(Reason::InternalError, lines_hit)]);
    }
    let sys = units(&with_summary, place_of(&with, "SYS001"));
    assert_eq!(sys, [claims.len() as u64 - claims_hit, claims_hit, 0, 0], "a claim counts once");
    for entry in without.edits() {
        let id = entry.info().id.as_ref();
        if id != "SYS001" {
            let (own, other) = (place_of(&without, id), place_of(&with, id));
            assert_eq!(summary.counts[own], with_summary.counts[other], "{id}");
        }
    }
    assert_eq!(with_summary.tally.claims_read, claims.len() as u64);
    assert_eq!(with_summary.tally.claims_unaccounted(), 0);
    assert_eq!(with_summary.tally.findings.error, summary.tally.findings.error + 2 * claims_hit);
}

#[test]
fn a_panic_makes_its_claim_not_clean_though_sys001_was_not_selected() {
    let scrubber = builder().select("AAA001").build_among(with_panics()).unwrap();
    let claim = |id: &str| Claim { claim_id: id.into(), lines: vec![Line::default()], ..Claim::default() };
    assert!(scrubber.scrub(&claim("C1")).is_clean());
    let scrubbed = claim("C7");
    let scrubbed = scrubber.scrub(&scrubbed);
    assert!(!scrubbed.is_clean());
    let [finding] = scrubbed.findings() else { panic!("one finding") };
    assert_eq!(scrubber.edits()[usize::from(finding.edit)].info().id, "SYS001");
    let sys = &scrubbed.outcome().counts[place_of(&scrubber, "SYS001")];
    assert_eq!((sys.pass, sys.fail), (0, 1));
}

#[test]
fn a_memo_that_forgets_answers_as_the_codeset_does() {
    let codeset = codeset();
    let mut memo = Memo::new(&codeset);
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let (mut known, mut asked) = (0u32, 0usize);
    for number in 0..MOST_REMEMBERED + 40_000 {
        // Letters and digits in a row, among them codes that exist.
        let text: Vec<u8> = [36 * 36 * 36 * 36, 36 * 36 * 36, 36 * 36, 36, 1]
            .iter()
            .map(|weight| digits[(number * 97 + 60_466_176 / 4) / weight % 36])
            .collect();
        let code = Code::parse(&text).unwrap();
        let expected = Resolver::ordinal(&mut &codeset, SystemId::Procedure, code);
        for _ in 0..2 {
            assert_eq!(memo.ordinal(SystemId::Procedure, code), expected, "{code}");
        }
        assert_eq!(memo.ordinal(SystemId::Modifier, code), None);
        known += u32::from(expected.is_some());
        asked += 1;
    }
    assert!(known > 0 && asked > MOST_REMEMBERED, "{known} of {asked} exist");
    let office_visit = Code::parse(b"99213").unwrap();
    assert!(memo.ordinal(SystemId::Procedure, office_visit).is_some());
    assert_eq!(memo.ordinal(SystemId::Diagnosis, office_visit), None, "systems are not mixed");
}

#[test]
fn edits_are_named_by_id_name_and_beginning_of_ids() {
    let running = |select: &[&str], ignore: &[&str]| -> Result<Vec<String>, ChoiceError> {
        let all = select.iter().fold(builder(), |builder, edit| builder.select(*edit));
        let scrubber = ignore.iter().fold(all, |builder, edit| builder.ignore(*edit)).build()?;
        let runs = scrubber.edits().iter().zip(0..).filter(|(_, number)| scrubber.runs(*number));
        Ok(runs.map(|(entry, _)| entry.info().id.to_string()).collect())
    };
    assert_eq!(running(&["PTP002"], &[]).unwrap(), ["PTP002"]);
    assert_eq!(running(&[" ptp002 "], &[]).unwrap(), ["PTP002"]);
    assert_eq!(running(&["ptp-needs-modifier"], &[]).unwrap(), ["PTP002"]);
    assert_eq!(running(&["PTP"], &[]).unwrap(), ["PTP001", "PTP002"]);
    assert_eq!(running(&["PTP", "DX001"], &["PTP001"]).unwrap(), ["DX001", "PTP002"], "in the order of ids");
    let by_default = running(&[], &[]).unwrap();
    let off = registry::all().iter().filter(|edit| !edit.info().on_by_default).count();
    assert_eq!(by_default.len() + off, registry::all().len());
    assert!(!running(&[], &["DX"]).unwrap().iter().any(|id| id.starts_with("DX")));
    for given in ["NOPE", "PTP0021", "ptp-needs", "", " ", "TP002"] {
        let none = ChoiceError::NoSuchEdit { given: given.to_owned() };
        assert_eq!(running(&[given], &[]), Err(none.clone()));
        assert_eq!(running(&[], &[given]), Err(none));
        assert!(builder().severity(given, Severity::Info).build().is_err());
    }
    assert_eq!(running(&["PTP"], &["PTP"]), Err(ChoiceError::Nothing));
    let scrubber = builder().severity("PTP", Severity::Info).severity("PTP001", Severity::Warning).build().unwrap();
    let severity = |id| scrubber.edits()[place_of(&scrubber, id)].severity();
    assert_eq!((severity("PTP001"), severity("PTP002")), (Severity::Warning, Severity::Info), "the last holds");
}

/// Takes so many bytes and then fails.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_output_that_fails_midway_ends_the_run_with_its_error() {
    let (text, scrubber) = (generated(600), builder().build().unwrap());
    let (_, whole) = scrub(&scrubber, &text);
    for room in [0, 1, 5_000] {
        let (ended, summary) = run(&scrubber, reader_of(Cursor::new(text.clone()), 2_000), &mut Full(room));
        let Err(RunError::Write(error)) = ended else { panic!("{ended:?}") };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(summary.unwrap().tally.claims_read < whole.tally.claims_read, "what was not written is not counted");
    }
}

/// Gives the text and then fails, as a disk or a connection does.
struct Broken(Cursor<Vec<u8>>);

impl Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::ErrorKind::ConnectionReset.into()),
            read => Ok(read),
        }
    }
}

#[test]
fn an_input_that_fails_midway_keeps_what_came_before() {
    let (text, scrubber) = (generated(2_000), builder().build().unwrap());
    assert!(text.len() > 200_000);
    let (whole, _) = scrub(&scrubber, &text);
    let cut = text.as_bytes()[..text.len() / 2].to_vec();
    let mut out = Vec::new();
    let (ended, summary) = run(&scrubber, reader_of(Broken(Cursor::new(cut.clone())), 2_000), &mut out);
    assert!(matches!(ended, Err(RunError::Read(_))), "{ended:?}");
    let tally = summary.unwrap().tally;
    let found = String::from_utf8(out).unwrap();
    let found: Vec<&str> = found.lines().collect();
    assert!(whole.iter().map(String::as_str).take(found.len()).eq(found.iter().copied()));
    // All claims of the whole rows that were there, but the last: more rows of it may have followed.
    let rows = std::str::from_utf8(&cut).unwrap().rsplit_once('\n').unwrap().0.lines().skip(1);
    let mut ids: Vec<&str> = rows.map(|row| row.split(',').next().unwrap()).collect();
    ids.dedup();
    let given = ids.len() as u64 - 1;
    assert!(given > 200);
    assert_eq!(tally.claims_read, given);
    assert_eq!(tally.claims_unaccounted(), 0);
    assert_eq!(tally.findings.total(), found.len() as u64);
}

#[test]
fn an_edit_that_is_off_by_default_is_selected_by_its_whole_id_or_name_and_not_with_its_family() {
    let runs = |select: &str, id: &str| {
        let scrubber = builder().select(select).build().unwrap();
        let number = scrubber.edits().iter().position(|entry| entry.info().id == id).unwrap();
        scrubber.runs(number as u16)
    };
    for (select, off, on) in [
        ("DX", false, true),
        ("DX01", false, true),
        ("dx011", true, false),
        ("dx-sex", true, false),
        ("PX", false, false),
    ] {
        assert_eq!((runs(select, "DX011"), runs(select, "DX010")), (off, on), "{select}");
    }
}

/// The claims of a CSV without quotes, as structs.
fn structs(text: &str) -> Vec<Claim> {
    let mut rows = text.lines();
    let names: Vec<&str> = rows.next().unwrap().split(',').collect();
    let mut claims: Vec<Claim> = Vec::new();
    for row in rows {
        let fields: Vec<&str> = row.split(',').collect();
        let text = |name: &str| fields[names.iter().position(|own| *own == name).unwrap()].to_owned();
        let given = |name: &str| Some(text(name)).filter(|text| !text.is_empty());
        let all = |prefix: &str, most: usize| -> Vec<String> {
            let mut all: Vec<String> = (1..=most).map(|number| text(&format!("{prefix}{number}"))).collect();
            all.truncate(all.iter().rposition(|text| !text.is_empty()).map_or(0, |last| last + 1));
            all
        };
        if claims.last().is_none_or(|claim| claim.claim_id != text("claim_id")) {
            claims.push(Claim {
                claim_id: text("claim_id"),
                claim_type: given("claim_type"),
                payer_id: given("payer_id"),
                patient_id: given("patient_id"),
                birth_date: given("birth_date"),
                sex: given("sex"),
                state: given("state"),
                billing_npi: given("billing_npi"),
                bill_type: given("bill_type"),
                statement_from: given("statement_from"),
                statement_to: given("statement_to"),
                patient_status: given("patient_status"),
                received_date: given("received_date"),
                claim_total: given("claim_total"),
                diagnoses: all("dx_", 12),
                ..Claim::default()
            });
        }
        let pointers = text("dx_pointers");
        claims.last_mut().unwrap().lines.push(Line {
            line_number: given("line_number"),
            rendering_npi: given("rendering_npi"),
            service_from: given("service_from"),
            service_to: given("service_to"),
            place_of_service: given("place_of_service"),
            revenue_code: given("revenue_code"),
            procedure: given("procedure"),
            modifiers: all("modifier_", 4),
            units: given("units"),
            charge: given("charge"),
            dx_pointers: pointers.split(':').filter(|pointer| !pointer.is_empty()).map(str::to_owned).collect(),
            ..Line::default()
        });
    }
    claims
}

/// A finding without where it was read: the part before `at`, and the row that format edits name.
fn without_place(finding: &str) -> String {
    let before = finding.split(r#","at":{"#).next().unwrap();
    match before.split_once(r#""row":"#) {
        Some((head, tail)) => format!("{head}{}", tail.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => before.to_owned(),
    }
}

#[test]
fn claims_given_one_by_one_are_scrubbed_as_those_of_a_file() {
    // A claim by itself has a place for every field, accidents and notes too: so the file has columns for them.
    let accidents = |(number, row): (usize, &str)| {
        format!("{row}{}\n", if number == 0 { ",related_causes,occurrence_codes,note" } else { ",,," })
    };
    let text: String = generated(3_000).lines().enumerate().map(accidents).collect();
    let scrubber = builder().show_bypassed(true).show_not_evaluated(true).build().unwrap();
    let (from_file, summary) = scrub(&scrubber, &text);
    let claims = structs(&text);
    assert_eq!(claims.len() as u64, summary.tally.claims_read);
    let mut together = Summary::new(scrubber.codeset(), scrubber.edits().len());
    together.begin_file("claims.csv");
    let mut one_by_one = Vec::new();
    for claim in &claims {
        let scrubbed = scrubber.scrub(claim);
        together.add(&scrubbed.outcome().tally, &scrubbed.outcome().counts);
        let ndjson = scrubbed.to_ndjson();
        assert_eq!(ndjson.lines().count(), scrubbed.findings().len());
        assert_eq!(scrubbed.is_clean(), !scrubbed.findings().iter().any(|finding| fails(&scrubber, finding)));
        one_by_one.extend(ndjson.lines().map(without_place));
    }
    assert_eq!(one_by_one, from_file.iter().map(|finding| without_place(finding)).collect::<Vec<_>>());
    assert_eq!(together, summary);
}

fn fails(scrubber: &Scrubber, finding: &Finding) -> bool {
    let severity = scrubber.edits()[usize::from(finding.edit)].severity_of(finding);
    finding.outcome == Outcome::Fail && severity == Severity::Error
}

#[test]
fn a_scrubber_is_shared_by_threads() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Scrubber>();
    shared::<ScrubberBuilder>();
    shared::<Scrubbed<'_>>();
    sent::<RunError>();
    let scrubber = builder().build().unwrap();
    let claims = structs(&generated(200));
    let alone: Vec<String> = claims.iter().map(|claim| scrubber.scrub(claim).to_ndjson()).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for (claim, alone) in claims.iter().zip(&alone) {
                    assert_eq!(scrubber.scrub(claim).to_ndjson(), *alone);
                }
            });
        }
    });
}
