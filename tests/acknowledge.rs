//! Acknowledgments of 837 files: what they say, and that they are X12 themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use cleanclaim::{
    Acknowledgment, AcknowledgmentKind, Date, Format, Input, ReadOptions, Run, Scrubber, Severity, Summary, embedded,
    open_reader,
};
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Two transaction sets: the first has a wrong kind of number (PER03) and counts too few segments, the second is right
/// but for a diagnosis that no code is.
const TEXT: &str = "\
ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240110*1200*^*00501*000000905*0*T*:~
GS*HC*SENDERCODE*RECEIVERCODE*20240110*1200*17*X*005010X222A1~
ST*837*0001*005010X222A1~
BHT*0019*00*B1*20240110*1200*CH~
NM1*41*2*BILLING SERVICE*****46*S1~
PER*IC*OFFICE*TA*5555550100~
NM1*40*2*PAYER*****46*R1~
HL*1**20*1~
NM1*85*2*CLINIC*****XX*1234567893~
N3*1 MAIN ST~
N4*ALBANY*NY*122070001~
REF*EI*123456789~
HL*2*1*22*0~
SBR*P*18*******MB~
NM1*IL*1*DOE*JO*Q***MI*M1~
N3*2 ELM ST~
N4*ALBANY*NY*12207~
DMG*D8*19500607*F~
NM1*PR*2*PAYER*****PI*P1~
CLM*A1*100***11:B:1*Y*A*Y*Y~
HI*ABK:I10~
LX*1~
SV1*HC:99213*100*UN*1***1~
DTP*472*D8*20240105~
SE*22*0001~
ST*837*0002*005010X222A1~
BHT*0019*00*B2*20240110*1200*CH~
NM1*41*2*BILLING SERVICE*****46*S1~
PER*IC*OFFICE*TE*5555550100~
NM1*40*2*PAYER*****46*R1~
HL*1**20*1~
NM1*85*1*HEALER*ANN****XX*1003000126~
N3*1 MAIN ST~
N4*ALBANY*NY*122070001~
REF*EI*123456789~
HL*2*1*22*0~
SBR*P*18*******MB~
NM1*IL*1*ROE*PAT****MI*M2~
N3*2 ELM ST~
N4*ALBANY*NY*12207~
DMG*D8*19500607*F~
NM1*PR*2*PAYER*****PI*P1~
CLM*B1*100***11:B:1*Y*A*Y*Y~
REF*D9*TRACE1~
HI*ABK:I10~
LX*1~
SV1*HC:99213*100*UN*1***1~
DTP*472*D8*20240105~
CLM*B2*50***11:B:1*Y*A*Y*Y~
HI*ABK:I10X~
LX*1~
SV1*HC:99213*50*UN*1***1~
DTP*472*RD8*20240106-20240107~
SE*29*0002~
GE*2*17~
IEA*1*000000905~
";

const ANSWER_999: &str = "\
ISA*00*          *00*          *ZZ*RECEIVER       *ZZ*SENDER         *240110*1200*^*00501*000000905*0*T*:~
GS*FA*RECEIVERCODE*SENDERCODE*20240110*1200*905*X*005010X231A1~
ST*999*0001*005010X231A1~
AK1*HC*17*005010X222A1~
AK2*837*0001*005010X222A1~
IK3*PER*4*1000*8~
IK4*3*365*7*TA~
IK5*R*4*5~
AK2*837*0002*005010X222A1~
IK5*A~
AK9*P*2*2*1~
SE*10*0001~
GE*1*905~
IEA*1*000000905~
";

const ANSWER_277CA: &str = "\
ISA*00*          *00*          *ZZ*RECEIVER       *ZZ*SENDER         *240201*1200*^*00501*000000905*0*T*:~
GS*HN*RECEIVERCODE*SENDERCODE*20240201*1200*905*X*005010X214~
ST*277*0001*005010X214~
BHT*0085*08*B1*20240201*1200*TH~
HL*1**20*1~
NM1*PR*2*PAYER*****46*R1~
TRN*1*000000905~
DTP*050*D8*20240110~
DTP*009*D8*20240201~
HL*2*1*21*1~
NM1*41*2*BILLING SERVICE*****46*S1~
TRN*2*B1~
STC*A1:19:PR*20240201*WQ*100.00~
QTY*AA*1~
AMT*YY*100.00~
HL*3*2*19*1~
NM1*85*2*CLINIC*****XX*1234567893~
TRN*1*0~
STC*A1:19:PR**WQ*100.00~
QTY*QC*1~
AMT*YY*100.00~
HL*4*3*PT~
NM1*QC*1*DOE*JO*Q***MI*M1~
TRN*2*A1~
STC*A3:481*20240201*U*100.00~
DTP*472*D8*20240105~
SE*25*0001~
ST*277*0002*005010X214~
BHT*0085*08*B2*20240201*1200*TH~
HL*1**20*1~
NM1*PR*2*PAYER*****46*R1~
TRN*1*000000905~
DTP*050*D8*20240110~
DTP*009*D8*20240201~
HL*2*1*21*1~
NM1*41*2*BILLING SERVICE*****46*S1~
TRN*2*B2~
STC*A1:19:PR*20240201*WQ*150.00~
QTY*90*1~
QTY*AA*1~
AMT*YU*100.00~
AMT*YY*50.00~
HL*3*2*19*1~
NM1*85*1*HEALER*ANN****XX*1003000126~
TRN*1*0~
STC*A1:19:PR**WQ*150.00~
QTY*QA*1~
QTY*QC*1~
AMT*YU*100.00~
AMT*YY*50.00~
HL*4*3*PT~
NM1*QC*1*ROE*PAT****MI*M2~
TRN*2*B1~
STC*A2:20*20240201*WQ*100.00~
REF*D9*TRACE1~
DTP*472*D8*20240105~
HL*5*3*PT~
NM1*QC*1*ROE*PAT****MI*M2~
TRN*2*B2~
STC*A7:254*20240201*U*50.00~
DTP*472*RD8*20240106-20240107~
SE*35*0002~
GE*2*905~
IEA*1*000000905~
";

/// The acknowledgment of an input, and the findings.
fn answer(scrubber: &Scrubber, bytes: &[u8], kind: AcknowledgmentKind, date: Option<Date>) -> (String, String) {
    scrubbed(scrubber, bytes, kind, date).map_or_else(Default::default, |(written, out, _)| (written, out))
}

fn scrubbed(
    scrubber: &Scrubber,
    bytes: &[u8],
    kind: AcknowledgmentKind,
    date: Option<Date>,
) -> Option<(String, String, Summary)> {
    let mut options = ReadOptions::default();
    options.trace = true;
    let input = Input::from_reader("claims", Cursor::new(bytes.to_vec())).unwrap();
    let mut reader = open_reader(input, &options).ok()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let (mut out, mut written) = (Vec::new(), Vec::new());
    let mut run = Run::new(scrubber, &pool, Format::Ndjson);
    run.acknowledge(Acknowledgment::new(kind, date), &mut written);
    run.input(&mut *reader, &mut out).unwrap();
    let summary = run.finish(&mut out).unwrap();
    Some((String::from_utf8(written).unwrap(), String::from_utf8(out).unwrap(), summary))
}

fn scrubber(select: &[&str]) -> Scrubber {
    let builder = Scrubber::builder(embedded());
    select.iter().fold(builder, |builder, edit| builder.select(*edit)).build().unwrap()
}

fn samples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/claims");
    let mut all = Vec::new();
    for folder in ["x12/837d", "x12/837i", "x12/837p", "x12_broken"] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { continue };
        all.extend(entries.map(|entry| entry.unwrap().path()));
    }
    all.retain(|path| !path.extension().is_some_and(|extension| extension == "997" || extension == "999"));
    all.sort();
    all
}

#[test]
fn transaction_sets_are_answered_by_their_structure() {
    let scrubber = scrubber(&["DX"]);
    let (found, _) = answer(&scrubber, TEXT.as_bytes(), AcknowledgmentKind::Implementation, None);
    assert_eq!(found, ANSWER_999);
}

#[test]
fn claims_are_answered_by_their_findings() {
    let scrubber = scrubber(&["DX001", "DX002", "DX003", "DX004"]);
    let date = Date::parse(b"20240201");
    let (found, _) = answer(&scrubber, TEXT.as_bytes(), AcknowledgmentKind::ClaimStatus, date);
    assert_eq!(found, ANSWER_277CA);
}

/// A wrong count or number rejects all claims of its envelope; the summary says how many of them are clean by themselves.
#[test]
fn claims_of_an_envelope_that_is_rejected_are_rejected() {
    let scrubber = scrubber(&["FMT009", "DX001", "DX002", "DX003", "DX004"]);
    let good = TEXT.replace("*TA*", "*TE*").replace("SE*22*0001", "SE*23*0001");
    for (right, wrong, of_form, clean) in [
        ("", "", 0, 0),
        ("SE*23*0001", "SE*99*0001", 1, 1),
        // One of the two claims has an error of its own, and is not clean.
        ("SE*29*0002", "SE*28*0002", 1, 1),
        // The missing end is told of it besides.
        ("SE*29*0002~\n", "", 2, 1),
        ("GE*2*17", "GE*3*17", 2, 2),
        ("IEA*1*000000905", "IEA*1*000000906", 2, 2),
    ] {
        let text = good.replace(right, wrong);
        let text = if right.is_empty() { &good } else { &text };
        let (written, _, summary) =
            scrubbed(&scrubber, text.as_bytes(), AcknowledgmentKind::ClaimStatus, None).unwrap();
        // A claim with an error of its own is rejected for that.
        assert_eq!(written.matches("A3:481").count(), of_form, "{wrong:?}: {written}");
        assert_eq!(written.matches("STC*A2:20").count(), 2 - clean, "{wrong:?}: {written}");
        let tally = &summary.tally;
        assert_eq!(
            (tally.claims_read, tally.claims_clean, tally.claims_clean_rejected),
            (3, 2, clean as u64),
            "{wrong:?}"
        );
        let mut told = Vec::new();
        summary.write_text(scrubber.edits(), &mut told).unwrap();
        let told = String::from_utf8(told).unwrap();
        assert_eq!(told.contains(&format!("{clean} of the clean would come back")), clean > 0, "{told}");
    }
}

/// A fault in a claim's own loops rejects that claim; one above claims, or a segment that belongs nowhere, all of the set.
#[test]
fn a_claim_that_is_at_fault_alone_is_rejected_alone() {
    let scrubber = scrubber(&["FMT", "DX001", "DX002", "DX003", "DX004"]);
    let good = TEXT.replace("*TA*", "*TE*").replace("SE*22*0001", "SE*23*0001").replace("I10X", "I10");
    let accepted = |text: &str| answer(&scrubber, text.as_bytes(), AcknowledgmentKind::ClaimStatus, None).0;
    assert_eq!(accepted(&good).matches("STC*A2:20").count(), 3);
    for (right, wrong, set, group, claims) in [
        // Of the second set's two claims, the second one's.
        ("CLM*B2*50***11:B:1*Y*A*Y*Y~", "CLM*B2*50***11:B:1*X*A*Y*Y~", "IK5*E*5", "AK9*E*2*2*2", 2),
        ("SV1*HC:99213*50*UN*1***1~", "SV1*HC:99213*50*QQ*1***1~", "IK5*E*5", "AK9*E*2*2*2", 2),
        ("*20240106-20240107~", "*20240106-20241307~", "IK5*E*5", "AK9*E*2*2*2", 2),
        ("SV1*HC:99213*50*", "ZZZ*1~SV1*HC:99213*50*", "IK5*R*5", "AK9*P*2*2*1", 1),
        ("NM1*85*1*HEALER*ANN", "NM1*85*9*HEALER*ANN", "IK5*R*5", "AK9*P*2*2*1", 1),
    ] {
        let text = good
            .replace(right, wrong)
            .replace("SE*29*0002", if wrong.contains("ZZZ") { "SE*30*0002" } else { "SE*29*0002" });
        assert_ne!(text, good, "{wrong}");
        let (implementation, _) = answer(&scrubber, text.as_bytes(), AcknowledgmentKind::Implementation, None);
        assert!(implementation.contains(&format!("{set}~\n{group}~")), "{wrong}: {implementation}");
        let (of_claims, _, summary) =
            scrubbed(&scrubber, text.as_bytes(), AcknowledgmentKind::ClaimStatus, None).unwrap();
        assert_eq!(of_claims.matches("STC*A2:20").count(), claims, "{wrong}: {of_claims}");
        let tally = &summary.tally;
        assert_eq!(tally.claims_clean - tally.claims_clean_rejected, claims as u64, "{wrong}");
    }
}

/// Claims are judged wherever they stand, but answered by transaction sets: of those outside, it is told.
#[test]
fn claims_outside_of_every_transaction_set_are_told() {
    let scrubber = scrubber(&["DX001"]);
    for (right, wrong, unanswered) in [
        ("", "", 0),
        ("ST*837*0001*005010X222A1~\n", "", 1),
        ("CLM*B2*", "SE*24*0002~CLM*B2*", 1),
        // The second set is of a group that holds no claims, as it says.
        ("ST*837*0002*", "GE*1*17~GS*HN*A*B*20240110*1200*18*X*005010X222A1~ST*837*0002*", 2),
        ("GS*HC*", "GS*XX*", 3),
    ] {
        let text = if right.is_empty() { TEXT.to_owned() } else { TEXT.replace(right, wrong) };
        for kind in AcknowledgmentKind::ALL {
            let (written, _, summary) = scrubbed(&scrubber, text.as_bytes(), kind, None).unwrap();
            if kind == AcknowledgmentKind::ClaimStatus {
                assert_eq!(written.matches("*PT~").count(), 3 - unanswered, "{wrong:?}: {written}");
            }
            assert_eq!((summary.tally.claims_read, summary.claims_unanswered()), (3, unanswered as u64), "{wrong:?}");
            let notices = summary.notices();
            let told: Vec<_> = notices.iter().map(|own| (own.kind, own.severity, own.place.as_str())).collect();
            let expected = ("unanswered-claims", Severity::Warning, "claims");
            assert_eq!(told, vec![expected; usize::from(unanswered > 0)], "{wrong:?}");
            let (mut told, mut page, mut json) = (Vec::new(), Vec::new(), Vec::new());
            summary.write_text(scrubber.edits(), &mut told).unwrap();
            summary.write_html(scrubber.edits(), &mut page).unwrap();
            summary.write_json(scrubber.edits(), &mut json).unwrap();
            for text in [told, page] {
                let text = String::from_utf8(text).unwrap();
                let said = format!("{unanswered} not in the acknowledgment");
                assert_eq!(text.contains(&said), unanswered > 0, "{wrong:?}: {text}");
                assert_eq!(text.contains("in no transaction set 837"), unanswered > 0, "{wrong:?}: {text}");
            }
            let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
            assert_eq!(json["claims"]["unanswered"], unanswered, "{wrong:?}");
        }
    }
    // Without an acknowledgment there is nothing to be missed in it.
    let input = Input::from_reader("claims", Cursor::new(TEXT.replace("GS*HC*", "GS*XX*"))).unwrap();
    let reader = open_reader(input, &ReadOptions::default()).unwrap();
    let summary = cleanclaim::scrub_readers(&scrubber, [reader], Format::Ndjson, &mut Vec::new()).unwrap();
    assert_eq!((summary.claims_unanswered(), summary.notices()), (0, Vec::new()));
}

#[test]
fn what_is_no_x12_is_not_answered() {
    let csv = "claim_id,procedure,service_from,dx_1\nC1,99213,20251103,E11.9\n";
    let (found, out) = answer(&scrubber(&["DX"]), csv.as_bytes(), AcknowledgmentKind::ClaimStatus, None);
    assert_eq!((found.as_str(), out.is_empty()), ("", true));
}

/// The answers to files of others have sound envelopes by our own check, and are valid by an independent one.
#[test]
fn answers_are_x12_themselves() {
    let (all, envelopes) = (scrubber(&[]), scrubber(&["FMT009"]));
    let files = samples();
    if files.is_empty() {
        eprintln!("SKIPPED: ../shared/claims is not here");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut written = 0;
    let own = [("own".to_owned(), TEXT.as_bytes().to_vec())];
    let others = files.iter().map(|path| {
        let bytes = std::fs::read(path).unwrap();
        (path.file_name().unwrap().to_string_lossy().into_owned(), bytes)
    });
    for (name, bytes) in own.into_iter().chain(others) {
        for kind in AcknowledgmentKind::ALL {
            let (answer_to, _) = answer(&all, &bytes, kind, None);
            if answer_to.is_empty() {
                continue;
            }
            let (_, findings) = answer(&envelopes, answer_to.as_bytes(), kind, None);
            assert_eq!(findings, "", "{kind} to {name}");
            std::fs::write(folder.path().join(format!("{name}.{kind}")), answer_to).unwrap();
            written += 1;
        }
    }
    assert!(written >= 2);
    let Some(python) = python_with_pyx12() else {
        writeln!(std::io::stderr(), "SKIPPED: pyx12 is not installed (pip install pyx12==4.0.0)").unwrap();
        return;
    };
    // And it would have told.
    let damaged = ANSWER_999.replacen("IK5*A~", "IK5*Q~", 1);
    let told = tempfile::tempdir().unwrap();
    std::fs::write(told.path().join("damaged"), damaged).unwrap();
    for (folder, valid) in [(&folder, true), (&told, false)] {
        let done = Command::new(&python).arg("-c").arg(VALIDATE).arg(folder.path()).output().unwrap();
        let said = [done.stdout, done.stderr].concat();
        assert_eq!(done.status.success(), valid, "{}", String::from_utf8_lossy(&said));
    }
}

/// An interpreter that has pyx12, an independent parser: the one in `target/pyx12`, or the one on the path.
fn python_with_pyx12() -> Option<PathBuf> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pyx12/bin/python");
    let has = |python: &PathBuf| {
        Command::new(python).args(["-c", "import pyx12"]).output().is_ok_and(|done| done.status.success())
    };
    [installed, PathBuf::from("python3")].into_iter().find(has)
}

/// Validates every file of a folder with pyx12.
const VALIDATE: &str = "
import io, logging, pathlib, sys
import pyx12.params, pyx12.x12n_document
logging.disable(logging.CRITICAL)
bad = 0
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    if not pyx12.x12n_document.x12n_document(pyx12.params.params(), str(path), io.StringIO(), None, None):
        bad += 1
        print(path.name)
sys.exit(1 if bad else 0)
";
