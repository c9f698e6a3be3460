//! The structure check over files of others: what their authors found, and what is found in files that they take for good.

use crate::{compare, samples};
use cleanclaim_claims::{Fault, ProblemKind, Structure, X12Options};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::support::read;

/// All structure faults of an input.
fn faults(bytes: &[u8]) -> Vec<Structure> {
    let Ok(found) = read(bytes, X12Options::default()) else { return Vec::new() };
    let of_claims = found.claims().flat_map(|claim| claim.problems().to_vec()).collect::<Vec<_>>();
    let mut all: Vec<(u64, Structure)> = Vec::new();
    for problem in of_claims.iter().chain(found.outside()) {
        if let ProblemKind::Structure(structure) = problem.kind {
            all.push((problem.place.offset, structure));
        }
    }
    all.sort_by_key(|(offset, structure)| (*offset, structure.element, structure.component));
    all.into_iter().map(|(_, structure)| structure).collect()
}

/// What an acknowledgment says is wrong: the segment and its place in the transaction set, or the envelope; then the
/// element and component; then the code.
type Item = (String, u32, u8, u8, String);

/// What the authors of a damaged file expect an acknowledgment (997 or 999) of it to say.
fn expected(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut segment = (String::new(), 0);
    for line in text.split('~') {
        let parts: Vec<&str> = line.trim().split('*').collect();
        let part = |at: usize| parts.get(at).copied().unwrap_or_default();
        match parts[0] {
            "AK3" | "IK3" => {
                segment = (part(1).to_owned(), part(2).parse().unwrap());
                if part(4) != "8" {
                    items.push((segment.0.clone(), segment.1, 0, 0, part(4).to_owned()));
                }
            }
            "AK4" | "IK4" => {
                let mut place = part(1).split(':').map(|part| part.parse().unwrap_or(0));
                let (element, component) = (place.next().unwrap_or(0), place.next().unwrap_or(0));
                items.push((segment.0.clone(), segment.1, element, component, part(3).to_owned()));
            }
            // Code 5 says that there are such segments.
            "AK5" | "IK5" => items.extend(codes(&parts, 2).filter(|code| code != "5").map(|code| set("ST", code))),
            "AK9" => items.extend(codes(&parts, 5).map(|code| set("GS", code))),
            "TA1" => items.extend(codes(&parts, 5).filter(|code| code != "000").map(|code| set("ISA", code))),
            _ => {}
        }
    }
    items.sort();
    items.dedup();
    items
}

fn codes<'a>(parts: &'a [&str], from: usize) -> impl Iterator<Item = String> + 'a {
    parts.iter().skip(from).filter(|code| !code.is_empty()).map(|code| (*code).to_owned())
}

fn set(segment: &str, code: String) -> Item {
    (segment.to_owned(), 0, 0, 0, code)
}

/// A fault as an acknowledgment would say it, by X12's codes.
fn item(structure: &Structure) -> Vec<Item> {
    use Fault as F;
    let id = structure.segment.to_string();
    let of_segment = |code: &str| vec![(id.clone(), structure.position, 0, 0, code.to_owned())];
    let of_element =
        |code: &str| vec![(id.clone(), structure.position, structure.element, structure.component, code.to_owned())];
    let envelope = |set_code: &str, group_code: &str, interchange_code: &str| match id.as_str() {
        "SE" | "ST" => vec![set("ST", set_code.to_owned())],
        "GE" | "GS" => vec![set("GS", group_code.to_owned())],
        _ => vec![set("ISA", interchange_code.to_owned())],
    };
    match structure.fault {
        F::NoTrailer => envelope("2", "3", "023"),
        F::NoHeader => envelope("6", "6", "022"),
        F::ControlNumber => envelope("3", "4", "001"),
        F::ControlNumberRepeats => envelope("23", "19", "025"),
        F::Count => envelope("4", "5", "021"),
        F::UnknownSegment => of_segment("1"),
        F::UnexpectedSegment => of_segment("2"),
        F::MissingSegment => of_segment("3"),
        F::LoopRepeats => of_segment("4"),
        F::SegmentRepeats => of_segment("5"),
        F::OutOfOrder => of_segment("7"),
        F::TooLong if id == "ST" => vec![set("ST", "7".to_owned())],
        F::BadTime if id == "ISA" => vec![set("ISA", "015".to_owned())],
        F::TooShort if id == "IEA" => vec![set("ISA", "018".to_owned())],
        F::MissingElement => of_element("1"),
        F::MissingConditional => of_element("2"),
        F::TooManyElements => of_element("3"),
        F::TooShort => of_element("4"),
        F::TooLong => of_element("5"),
        F::BadCharacter => of_element("6"),
        F::BadCode => of_element("7"),
        F::BadDate => of_element("8"),
        F::BadTime => of_element("9"),
        _ => Vec::new(),
    }
}

/// Where others find what is not found here, at the same segment and element with the same code, and why.
const OTHERWISE: &str = include_str!("otherwise.tsv");

#[test]
fn what_the_authors_of_damaged_files_find_is_found() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/claims/x12_broken");
    let mut table = String::new();
    let known: BTreeMap<&str, &str> =
        OTHERWISE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once('\t')).collect();
    let (mut files, mut items) = (0, 0);
    for (name, bytes) in
        samples().into_iter().filter(|(name, _)| name.starts_with("x12_broken/") && name.ends_with(".x12"))
    {
        let stem = name.trim_start_matches("x12_broken/").trim_end_matches(".x12").to_owned();
        let texts = ["997", "999"].map(|extension| std::fs::read_to_string(folder.join(format!("{stem}.{extension}"))));
        let found: Vec<Item> = faults(&bytes).iter().flat_map(item).collect();
        for text in texts.into_iter().flatten() {
            files += 1;
            for wanted in expected(&text) {
                items += 1;
                if !found.contains(&wanted) {
                    let (segment, position, element, component, code) = wanted;
                    writeln!(table, "{stem}\t{segment}\t{position}\t{element}.{component}\t{code}").unwrap();
                }
            }
        }
    }
    if files == 0 {
        eprintln!("SKIPPED: ../shared/claims is not here");
        return;
    }
    let differ: Vec<&str> = table.lines().collect();
    let missing: Vec<&&str> = differ.iter().filter(|line| !known.contains_key(**line)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    let stale: Vec<&&str> = known.keys().filter(|line| !differ.contains(line)).collect();
    assert!(stale.is_empty(), "found now: {stale:#?}");
    assert!(files >= 20 && items > differ.len());
}

/// What is found in files that others take for good, each kind counted. Renewed with BLESS=1.
#[test]
fn structure_faults_of_samples_are_as_the_table_says() {
    let all = samples();
    if all.is_empty() {
        return;
    }
    let mut table = String::from(
        "# Structure faults of each file of shared/claims/x12, counted: renew with BLESS=1. Why they are true: structure.md.\n\
         file\tfault\tsegment\tloop\telement\tcount\n",
    );
    for (name, bytes) in all.into_iter().filter(|(name, _)| name.starts_with("x12/")) {
        let mut counts: BTreeMap<(String, String, &str, String), usize> = BTreeMap::new();
        for fault in faults(&bytes) {
            let segment = format!("{} {}", fault.segment, fault.qualifier);
            let element = match (fault.element, fault.component) {
                (0, _) => String::new(),
                (element, 0) => format!("{element:02}"),
                (element, component) => format!("{element:02}-{component}"),
            };
            let key = (format!("{:?}", fault.fault), segment.trim_end().to_owned(), fault.in_loop, element);
            *counts.entry(key).or_default() += 1;
        }
        if counts.is_empty() {
            writeln!(table, "{name}\tnone").unwrap();
        }
        for ((fault, segment, in_loop, element), count) in counts {
            writeln!(table, "{name}\t{fault}\t{segment}\t{in_loop}\t{element}\t{count}").unwrap();
        }
    }
    compare("structure.tsv", &table);
}

/// What is remembered of segments before is of their separators, which the CLM of a claim may change.
#[test]
fn segments_are_checked_by_the_separators_that_they_have() {
    let head = "ST*837*0001*005010X222A1~BHT*0019*00*1*20240110*1200*CH~NM1*41*2*A*****46*1~PER*IC*A*TE*5555550100~\
        NM1*40*2*P*****46*1~HL*1**20*1~NM1*85*2*CLINIC*****XX*1234567893~N3*1 MAIN STREET~N4*ANYTOWN*HI*123450000~\
        REF*EI*123456789~HL*2*1*22*0~SBR*P*18*******MB~NM1*IL*1*DOE*JO****MI*M1~N3*1 MAIN STREET~\
        N4*ANYTOWN*HI*123450000~DMG*D8*19700423*M~NM1*PR*2*PAYER*****PI*P1~";
    let rest = "HI*ABK:E119~LX*1~SV1*HC:99213*125*UN*1***1~DTP*472*D8*20240105~";
    let faults_with = |claim: &str| {
        let plain = "CLM*A*125***11:B:1*Y*A*Y*Y~";
        let behind = " ".repeat(80);
        let text = format!("{head}{plain}{rest}{plain}{rest}{claim}{rest}SE*30*0001~{behind}");
        let mut all: Vec<String> = faults(text.as_bytes()).iter().map(|fault| fault.segment.to_string()).collect();
        all.retain(|segment| segment == "HI" || segment == "SV1");
        all
    };
    assert_eq!(faults_with("CLM*A*125***11:B:1*Y*A*Y*Y~"), [""; 0]);
    for claim in ["CLM*A*125***11>B>1*Y*A*Y*Y~", "CLMX*A*125***11>B>1~CLM*A*125***11>B>1*Y*A*Y*Y~"] {
        let found = faults_with(claim);
        assert!(found.contains(&"HI".to_owned()) && found.contains(&"SV1".to_owned()), "{claim} {found:?}");
    }
}
