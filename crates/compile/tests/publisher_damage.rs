//! Publishers' files, damaged anywhere: nothing panics, and every row is taken or refused with a place in the file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use cleanclaim_compile::assemble::Build;
use cleanclaim_compile::publisher::icd10cm::Targets;
use cleanclaim_compile::publisher::{
    Facts, Kind, Limits, Publication, addon, bill_type, coverage, cpt, hcpcs, icd10cm, lab, mue, pos, ptp, read,
    recognise, remarks, rvu, taxonomy, walk,
};
use proptest::prelude::*;
use std::io::{Cursor, Write};
use std::ops::ControlFlow;
use std::path::Path;
use support::publisher_file;

/// A few records of the contractor file, the first below a line of prose.
fn contractor_file() -> Vec<u8> {
    let record = |code: &str, kind: u8, long: &str, short: &str| {
        let front = format!("{code:>5}00100{kind}{long:80}{short:28}00      9");
        format!("{front}{:101}D{:35}  01996010120170101{:8}N{:27}\r\n", "", "", "", "")
    };
    let mut text = "***Disclaimers\r\n\r\n".to_owned();
    text += &record("A0021", 3, "Ambulance service, outside state per mile,", "Outside state ambulance");
    text += &format!("A0021002004{:80}\r\n", "transport (medicaid only)");
    text += &record("A4206", 3, "Syringe with needle, sterile, 1 cc or less, each", "1 cc sterile syringe&needle");
    text += &record("AM", 7, "Physician, team member service", "Physician, team member svc");
    text.into_bytes()
}

fn order_file() -> Vec<u8> {
    let line =
        |number: u32, code: &str, flag: u8, title: &str| format!("{number:05} {code:7} {flag} {title:60} {title}\r\n");
    let mut text = line(1, "A00", 0, "Cholera");
    text += &line(2, "A000", 1, "Cholera due to Vibrio cholerae 01, biovar cholerae");
    text += &line(3, "S0600", 0, "Concussion without loss of consciousness");
    text += &line(4, "S060X0A", 1, "Concussion without loss of consciousness, initial encounter");
    text.into_bytes()
}

const CODES_FILE: &[u8] =
    b"A000    Cholera due to Vibrio cholerae 01\r\nA0100   Typhoid fever, unspecified\r\nS060X0A Concussion\r\n";

const TABULAR: &[u8] = br#"<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2026</version>
<chapter><name>19</name><desc>Injury (S00-T88)</desc>
<excludes1><note>birth trauma (P10-P15)</note></excludes1>
<section id="S00-S09"><desc>Injuries to the head (S00-S09)</desc>
<diag><name>S06</name><desc>Intracranial injury &amp; more</desc>
<notes><note>7th characters D and S do not apply to codes in category S06 with 6th character 7 - death, or 8 - death</note></notes>
<excludes2><note>fracture (S02.- with 7th character B)</note></excludes2>
<sevenChrDef><extension char="A">initial encounter</extension><extension char="D">subsequent encounter</extension></sevenChrDef>
<diag><name>S06.0</name><desc>Concussion</desc>
<diag placeholder="true"><name>S06.0X</name><desc>Concussion</desc>
<diag><name>S06.0X0</name><desc>Concussion, Charc&#244;t</desc></diag>
<diag><name>S06.0X7</name><desc>Concussion with death</desc></diag>
</diag></diag></diag></section></chapter></ICD10CM.tabular>
"#;

const NOC: &[u8] = b"HCPCS\t   LONG DESCRIPTION\t   ADD DATE   TERM DATE\t\r\n\
A0999      Unlisted ambulance service                                                              19870101\r\n\
A4223      Infusion supplies not used with external infusion pump, per cassette or bag             20050101            20171231\r\n\
A4223      (list drugs separately)\r\n\x1a";

const TABLE: &[u8] = b"Note\r\nHCPC,SEQNUM,RECID,LONG DESCRIPTION,COV,ADD DT,ACT EFF DT,TERM DT,ACTION CD\r\n\
   A1,0010,7,\"Dressing, for\none wound\",C,20020701,20020701,,N\r\nA0021,0010,3,Ambulance,I,19960101,,20171231,D\r\n\
A0021,0020,4,and more,,,,,\r\n";

const ADDENDA: &[u8] = b"   1 additions\r\nAdd:         1 A0471   Entero d/t C diff, recurrent                                 Enterocolitis, recurrent\r\n\
Delete:      0 A047    Enterocolitis                                                Enterocolitis\r\n";

const CODES_ADDENDA: &[u8] =
    b"Add:         A0471   Enterocolitis, recurrent\r\nRevise from: A0472   Entero\r\nRevise to:   A0472   Enteroc\r\n";

/// Of invented services, as all descriptors here.
const CPT_TABS: &[u8] =
    b"CPT copyright American Medical Association\r\n\r\n00100\tAn invented service\r\n0001F\tAnother\r\n";

const CPT_COUNTED: &[u8] = b"American\r\nMedical Association\r\n0010001 An invented service,     \r\n\
0010002 in full\r\n0001F01 Another\r\n";

const CPT_SHORT: &[u8] = b"American Medical Association\r\n00100 INVENTED SVC\r\n0001F ANOTHER\r\n";

const PAIRS: &[u8] = b"column1\tcolumn2\tdeleted\tmod\trationale\n11042\t97597\t99991231\t1\tx\n\
11042\t97598\t20260815\t0\tx\n";

const OFFICIAL_PAIRS: &[u8] =
    b"Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\n\
\t\tprior to 1996\tDate\tDate\t0=not allowed\t\n0001A\t0591T\t\t20220101\t20231231\t1\tx\n\
0001A\t0592T\t*\t19950101\t*\t0\tx\n";

const LIMITS: &[u8] = b"\"CPT only\ncopyright AMA\",,,\r\n\"HCPCS/\nCPT Code\",Practitioner Services MUE Values,\
MUE Adjudication Indicator,MUE Rationale\r\n0001A,1,3 Date of Service Edit: Clinical,x\r\n99213,2,1 Line Edit,\"a, b\"\r\n";

const ADD_ONS: &[u8] = b"primary_code\tadd_on_code\taoc_edit_type\nCCCCC\t0054T\t2\n11042\t11045\t1\n";

/// Its headings stand over one another.
const FEES: &[u8] =
    b",,2026 National Physician Fee Schedule Relative Value File July Release,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\r\n\
,,,,NOT USED,,,,,,,,,,,,,,,,,,,,,,PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,MP USED\r\n\
,,,,FOR,,,NON-FAC,,FACILITY,,,,,,,,,,,,,,,,,SUPERVISION OF,,IMAGING,FOR OPPS,FOR OPPS,FOR OPPS\r\n\
,,,STATUS,MEDICARE,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,ASST,CO-,\
TEAM,PRIC,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT\r\n\
HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,SURG,\
SURG,SURG,SURG,IND,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT\r\n";

/// The interchange form of the fee schedule, whose headings stand in one row.
const FEE_TABLE: &[u8] = b"hcpcs\tmod\tdescription\tstatus_code\tnot_used_for_medicare_payment\twork_rvu\tnon_fac_pe_rvu\t\
non_fac_indicator\tfacility_pe_rvu\tfacility_indicator\tmp_rvu\tpctc_ind\tglob_days\tmult_proc\tbilat_surg\tasst_surg\t\
co_surg\tteam_surg\tendo_base\tphysician_supervision_of_diagnostic_procedures\tdiagnostic_imaging_family_indicator\n\
A0021\t\tx\tI\t\t0\t0\t\t0\t\t0\t9\tXXX\t9\t9\t9\t9\t9\t\t09\t99\n11042\tTC\tx\tA\t\t0\t0\t\t0\t\t0\t0\t000\t2\t0\t1\t0\t0\t43235\t09\t99\n";

const PLACES: &[u8] = b"pos_code\tpos_type\tpos_name\n11\tNon-Facility\tOffice\n21\tFacility\tInpatient\n";

const TAXONOMY: &[u8] = b"Code,Grouping,Classification,Specialization,Notes,Effective Date,Deactivation Date\r\n\
207Q00000X,Group,Class,,\"a\nb\",7/1/2005,\r\n208D00000X,Group,Class,,,,12/31/2020\r\n";

const REMARKS: &[u8] = b"adj_code\tadj_type\tadj_start_date\tadj_last_modified\tadj_end_date\n\
45\tCARC\t1995-01-01\t\t\nN56\tRARC\t2000-01-01\t2020-01-01\t2025-01-31\n";

const LAB: &[u8] = b"2025 Clinical Diagnostic Laboratory Fee Schedule ,,,,,,,,\r\n,,,,,,,,\r\n\
YEAR,HCPCS,MOD,EFF_DATE,INDICATOR,RATE,SHORTDESC,LONGDESC,EXTENDED LONGDESC\r\n\
2025,0001U,,20250101,N,00720.00,,,\r\n2025,80305,QW,20250101,N,00012.60,,,\r\n";

const ARTICLES: &[u8] = b"article_id,article_version,article_type,title,article_pub_date,article_eff_date,article_end_date,\
description,status,article_rev_end_date,date_retired,display_id\r\n\
56781,34,6,\"Billing, Coding\",2024-01-01,2024-02-01 00:00:00,,\"<p>one\ntwo</p>\",A,,,\r\n7,1,6,x,2024-01-01,,,,F,,,DA7\r\n";

const COVERED: &[u8] = b"article_id,article_version,icd10_code_id,icd10_code_version,icd10_covered_group,range,last_updated,\
sort_order,description,asterisk\r\n56781,34,A18.84,1,1,,2024-01-01,1,\"x, y\",*\r\n56781,34,XX000,1,2,,2024-01-01,2,,\r\n";

const POLICIES: &[u8] = b"lcd_id,lcd_version,title,orig_det_eff_date,ent_det_end_date,rev_eff_date,rev_end_date,indication,\
status,display_id,date_retired\r\n33577,60,Echo,2015-10-01,,2024-04-04,,\"<p>one, two\n3</p>\",A,,\r\n7,1,x,01/01/2027,,,,,F,DL7,\r\n";

const DETERMINATIONS: &[u8] = b"NCD_id,NCD_vrsn_num,NCD_mnl_sect,NCD_mnl_sect_title,itm_srvc_desc\r\n\
158,1,220.6.17,\"PET, solid\",\"x\ny\"\r\n5,1,20,y,\r\n";

const ANSWER: &[u8] = br#"{"meta": {"status": {"id": 200}, "notes": "", "fields": []}, "data": [
    {"article_id": 56781, "article_version": 34, "icd10_code_id": "A18.84", "icd10_covered_group": 1, "range": ""},
    {"lcd_id": 33577, "lcd_version": 60, "hcpc_code_id": "E0607", "hcpc_code_group": 1}]}"#;

const EXPORT: &[u8] = br#"{"state": "Wisconsin", "abbreviation": "WI", "policies": [{"lcd_id": "L33577", "title": "",
    "associated_documents": {"related_local_coverage_documents": [{"id": "A56781",
    "url": "https://x/?articleId=56781&ver=34", "article_content": {"Group 1 Paragraph": {
    "paragraph": "Applicable to codes 93306, 93307 (x)", "codes": [{"code": "A18.84"}]}}}]}}]}"#;

/// Records of the fixed-width fee schedule, made by its columns.
fn fees_of_fixed_width() -> Vec<u8> {
    let record = |code: &str| {
        let mut line = vec![b' '; 171];
        let fields = [
            (1, code),
            (58, "A"),
            (60, "  1.01"),
            (103, "0"),
            (104, "000"),
            (116, "20100"),
            (142, "09"),
            (144, "0"),
            (146, "99"),
        ];
        for (column, text) in fields {
            line[column - 1..column - 1 + text.len()].copy_from_slice(text.as_bytes());
        }
        line.extend_from_slice(b"\r\n");
        line
    };
    [b"HDR CPT CODES\r\n".to_vec(), record("11042"), record("11043")].concat()
}

/// The csv of the fee schedule, whose headings stand in several rows.
fn fees() -> Vec<u8> {
    let row = |code: &str| {
        format!(
            "{code},,REDACTED,I,,0.00,0.00,,0.00,,0.00,0.00,0.00,9,XXX,0.00,0.00,0.00,9,9,9,9,9,9,,33.4009,09,0,99,0.00,0.00,0.00\r\n"
        )
    };
    [FEES, row("0001F").as_bytes(), row("0005F").as_bytes()].concat()
}

/// The parts of a workbook with one sheet of the quarterly table.
fn workbook(sheet: &[u8], strings: &[u8]) -> Vec<u8> {
    let parts: [(&str, &[u8]); 6] = [
        (
            "[Content_Types].xml",
            br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            br#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#,
        ),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
    ];
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const SHEET: &[u8] = br#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:I4"/><sheetData>
<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="s"><v>2</v></c><c r="D2" t="s"><v>3</v></c><c r="E2" t="s"><v>4</v></c><c r="F2" t="s"><v>5</v></c><c r="G2" t="s"><v>6</v></c><c r="H2" t="s"><v>7</v></c><c r="I2" t="s"><v>8</v></c></row>
<row r="3"><c r="A3" t="inlineStr"><is><t>   A1</t></is></c><c r="B3"><v>10</v></c><c r="C3"><v>7</v></c><c r="D3" t="str"><v>Dressing</v></c><c r="F3"><v>20020701</v></c></row>
<row r="5"><c r="A5" t="s"><v>9</v></c><c r="B5"><v>10</v></c><c r="C5"><v>3</v></c><c r="D5" t="s"><v>3</v></c></row>
</sheetData></worksheet>"#;

const STRINGS: &[u8] = br#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="10" uniqueCount="10"><si><t>HCPC</t></si><si><t>SEQNUM</t></si><si><t>RECID</t></si><si><t>LONG DESCRIPTION</t></si><si><t>COV</t></si><si><t>ADD DT</t></si><si><r><t xml:space="preserve">ACT </t></r><r><t>EFF DT</t></r></si><si><t>TERM DT</t></si><si><t>ACTION CD</t></si><si><t>A0021</t></si></sst>"#;

/// A file of every kind, small and right.
fn files() -> Vec<(Kind, Vec<u8>)> {
    vec![
        (Kind::Icd10cmOrder, order_file()),
        (Kind::Icd10cmCodes, CODES_FILE.to_vec()),
        (Kind::Icd10cmTabular, TABULAR.to_vec()),
        (Kind::Icd10cmOrderAddenda, ADDENDA.to_vec()),
        (Kind::Icd10cmCodesAddenda, CODES_ADDENDA.to_vec()),
        (Kind::HcpcsRecords, contractor_file()),
        (Kind::HcpcsTable, TABLE.to_vec()),
        (Kind::HcpcsNoc, NOC.to_vec()),
        (Kind::HcpcsTable, workbook(SHEET, STRINGS)),
        (Kind::Cpt, CPT_TABS.to_vec()),
        (Kind::Cpt, CPT_COUNTED.to_vec()),
        (Kind::Cpt, CPT_SHORT.to_vec()),
        (Kind::BillTypes, b"bill_type_code,deprecated,deprecated_date\n131,0,\n751,1,2005-10-01\n".to_vec()),
        (Kind::NcciPtp, PAIRS.to_vec()),
        (Kind::NcciPtp, OFFICIAL_PAIRS.to_vec()),
        (Kind::NcciMue, LIMITS.to_vec()),
        (Kind::NcciAddOn, ADD_ONS.to_vec()),
        (Kind::FeeSchedule, fees()),
        (Kind::FeeSchedule, FEE_TABLE.to_vec()),
        (Kind::FeeSchedule, fees_of_fixed_width()),
        (Kind::PlacesOfService, PLACES.to_vec()),
        (Kind::Taxonomy, TAXONOMY.to_vec()),
        (Kind::RemarkCodes, REMARKS.to_vec()),
        (Kind::LabFees, LAB.to_vec()),
        (Kind::Coverage, ARTICLES.to_vec()),
        (Kind::Coverage, COVERED.to_vec()),
        (Kind::Coverage, POLICIES.to_vec()),
        (Kind::Coverage, DETERMINATIONS.to_vec()),
        (Kind::Coverage, ANSWER.to_vec()),
        (Kind::Coverage, EXPORT.to_vec()),
    ]
}

/// Reads the bytes as every kind, whatever they are, and checks what is told of them.
fn read_as_every_kind(bytes: &[u8]) {
    let path = Path::new("2026.txt");
    let lines = bytes.iter().filter(|&&byte| byte == b'\n').count() as u32 + 1;
    // A workbook has rows of its own, and what is on one line of JSON may be many.
    let is_text = !bytes.starts_with(b"PK");
    let lines = if is_text { lines.max(bytes.iter().filter(|&&byte| byte == b'{').count() as u32) } else { 1 << 20 };
    let told = |facts: Facts<'_>| {
        assert_eq!(facts.read, facts.taken + facts.refused.count());
        // Rows are read, and never made: what a file takes in memory is bounded by its size.
        assert!(!is_text || facts.read <= bytes.len() as u64 + 1);
        for refusal in facts.refused.first().iter().chain(facts.flaws.first()) {
            assert!((1..=lines).contains(&refusal.line), "{refusal}");
            assert!(!refusal.expected.is_empty() && !refusal.found.is_empty() && !refusal.column.is_empty());
        }
    };
    let _ = recognise(bytes);
    // Every kind of publication: who adds one is told here by the compiler.
    for kind in Kind::ALL {
        let read = match kind {
            Kind::Icd10cmOrder => Ok(Publication::Icd10cmOrder(icd10cm::order(path, bytes))),
            Kind::Icd10cmCodes => Ok(Publication::Icd10cmCodes(icd10cm::codes(path, bytes))),
            Kind::Icd10cmTabular => icd10cm::tabular(path, bytes).map(Publication::Icd10cmTabular),
            Kind::Icd10cmOrderAddenda => Ok(Publication::Icd10cmOrderAddenda(icd10cm::order_addenda(path, bytes))),
            Kind::Icd10cmCodesAddenda => Ok(Publication::Icd10cmCodesAddenda(icd10cm::codes_addenda(path, bytes))),
            Kind::HcpcsRecords => Ok(Publication::HcpcsRecords(hcpcs::records(path, bytes))),
            Kind::HcpcsTable => hcpcs::table(path, bytes).map(Publication::HcpcsTable),
            Kind::HcpcsNoc => Ok(Publication::HcpcsNoc(hcpcs::noc(path, bytes))),
            Kind::NcciPtp => ptp::ptp(path, bytes).map(Publication::NcciPtp),
            Kind::NcciMue => mue::mue(path, bytes).map(Publication::NcciMue),
            Kind::NcciAddOn => addon::add_ons(path, bytes).map(Publication::NcciAddOn),
            Kind::FeeSchedule => rvu::fee_schedule(path, bytes).map(Publication::FeeSchedule),
            Kind::PlacesOfService => pos::places(path, bytes).map(Publication::PlacesOfService),
            Kind::Taxonomy => taxonomy::taxonomy(path, bytes).map(Publication::Taxonomy),
            Kind::RemarkCodes => remarks::remarks(path, bytes).map(Publication::RemarkCodes),
            Kind::LabFees => lab::lab_fees(path, bytes).map(Publication::LabFees),
            Kind::Coverage => coverage::coverage(path, bytes).map(Publication::Coverage),
            Kind::BillTypes => bill_type::bill_types(path, bytes).map(Publication::BillTypes),
            Kind::Cpt => Ok(Publication::Cpt(cpt::cpt(path, bytes))),
        };
        match read {
            Ok(publication) => told(publication.facts()),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    if let Ok(Some(publication)) = read(path, bytes) {
        assert_eq!(Some(publication.kind()), recognise(bytes));
    }
}

/// What is done to a file.
#[derive(Clone, Debug)]
enum Damage {
    Flip(usize, u8),
    Cut(usize),
    Drop(usize, usize),
    Insert(usize, Vec<u8>),
    Repeat(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<prop::sample::Index>().prop_map(|index| index.index(1 << 20));
    prop_oneof![
        (place.clone(), 1..=255u8).prop_map(|(place, bits)| Damage::Flip(place, bits)),
        place.clone().prop_map(Damage::Cut),
        (place.clone(), 1..40usize).prop_map(|(place, length)| Damage::Drop(place, length)),
        (place.clone(), prop::collection::vec(any::<u8>(), 1..12))
            .prop_map(|(place, more)| Damage::Insert(place, more)),
        (place, 1..400usize).prop_map(|(place, length)| Damage::Repeat(place, length)),
    ]
}

fn damaged(mut bytes: Vec<u8>, all: &[Damage]) -> Vec<u8> {
    for damage in all {
        let length = bytes.len().max(1);
        match damage {
            Damage::Flip(place, bits) => {
                if let Some(byte) = bytes.get_mut(place % length) {
                    *byte ^= bits;
                }
            }
            Damage::Cut(place) => bytes.truncate(place % length),
            Damage::Drop(place, count) => {
                let from = (place % length).min(bytes.len());
                let to = (from + count).min(bytes.len());
                bytes.drain(from..to);
            }
            Damage::Insert(place, more) => {
                let at = (place % length).min(bytes.len());
                bytes.splice(at..at, more.iter().copied());
            }
            Damage::Repeat(place, count) => {
                let from = (place % length).min(bytes.len());
                let to = (from + count).min(bytes.len());
                let again = bytes[from..to].to_vec();
                bytes.splice(to..to, again);
            }
        }
    }
    bytes
}

#[test]
fn files_of_every_kind_are_read_wherever_they_are_cut_off() {
    let kinds: std::collections::BTreeSet<Kind> = files().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), {
        let mut all = Kind::ALL.to_vec();
        all.sort();
        all
    });
    for (kind, bytes) in files() {
        // A workbook is cut here and there; it takes longer to look at.
        let step = if bytes.starts_with(b"PK") { 37 } else { 1 };
        for end in (0..bytes.len()).step_by(step) {
            let cut = &bytes[..end];
            if let Ok(Some(publication)) = read(Path::new("2026.txt"), cut) {
                let facts = publication.facts();
                assert_eq!(facts.read, facts.taken + facts.refused.count(), "{kind:?} cut at {end}");
            }
        }
    }
}

#[test]
fn a_small_file_of_every_kind_is_recognised_and_read_whole() {
    for (kind, bytes) in files() {
        assert_eq!(recognise(&bytes), Some(kind), "{kind:?}");
        let publication = read(Path::new("2026.txt"), &bytes).unwrap().unwrap();
        let facts = publication.facts();
        assert_eq!(facts.refused.count(), 0, "{kind:?}: {:?}", facts.refused.first());
        assert!(facts.taken >= 2, "{kind:?}");
        read_as_every_kind(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn random_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        read_as_every_kind(&bytes);
    }

    #[test]
    fn random_text_does_not_panic(text in "(?s)[A-Z0-9 .,\\-()<>/\"\t\r\n&;=éx]{0,600}") {
        read_as_every_kind(text.as_bytes());
        let _ = Targets::of(&text);
    }

    #[test]
    fn notes_of_codes_in_any_order_do_not_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "(", ")", "A00", "A00.1", "-", ".-", " ", ",", "with", "7th", "character", "characters", "final", "B", "or",
                "to", "fifth", "1-4", ".51", "-20", "é", "Z3A.1", "for codes", "vitamin", "}", "(A00-B99)",
            ]),
            0..14,
        )
    ) {
        let _ = Targets::of(&words.concat());
        let _ = Targets::of(&words.join(" "));
    }

    #[test]
    fn damaged_files_are_read_or_refused(
        which in any::<prop::sample::Index>(),
        all in prop::collection::vec(damage(), 1..4),
    ) {
        let mut files = files();
        let (_, bytes) = files.swap_remove(which.index(files.len()));
        read_as_every_kind(&damaged(bytes, &all));
    }

    #[test]
    fn an_image_is_built_of_damaged_files_or_refused(
        all in prop::collection::vec((any::<prop::sample::Index>(), prop::collection::vec(damage(), 0..3)), 1..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        for (number, (which, damages)) in all.iter().enumerate() {
            let mut files = files();
            let (kind, bytes) = files.swap_remove(which.index(files.len()));
            let name = format!("{number}_prac_{kind:?}.txt");
            std::fs::write(folder.path().join(name), damaged(bytes, damages)).unwrap();
        }
        let day = codes::Date::new(2026, 7, 1).unwrap();
        let build = Build::new().refuse_limit(1.0).effective(None, day);
        // What opens is what was built: the build itself opens the image before it gives it away.
        if let Ok(built) = build.files(&[folder.path()], &|_| {}) {
            prop_assert!(built.summary.files.len() >= all.len());
            let again = build.files(&[folder.path()], &|_| ());
            prop_assert!(again.is_ok_and(|again| again.image == built.image), "the same bytes again");
        }
    }

    #[test]
    fn damaged_parts_of_a_workbook_are_read_or_refused(
        sheet in prop::collection::vec(damage(), 0..3),
        strings in prop::collection::vec(damage(), 0..2),
    ) {
        let bytes = workbook(&damaged(SHEET.to_vec(), &sheet), &damaged(STRINGS.to_vec(), &strings));
        let _ = recognise(&bytes);
        if let Ok(table) = hcpcs::table(Path::new("2026.xlsx"), &bytes) {
            prop_assert_eq!(table.read, table.rows.len() as u64 + table.refused.count());
        }
    }

    #[test]
    fn damaged_containers_are_walked_or_refused(
        all in prop::collection::vec(damage(), 1..3),
        kind in 0..3usize,
    ) {
        let inner = {
            let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
            for (number, (kind, bytes)) in files().into_iter().enumerate() {
                writer.start_file(format!("{number}-{kind:?}.txt"), zip::write::SimpleFileOptions::default()).unwrap();
                writer.write_all(&bytes).unwrap();
            }
            writer.finish().unwrap().into_inner()
        };
        let whole = match kind {
            0 => inner,
            1 => zstd::encode_all(&inner[..], 1).unwrap(),
            _ => {
                let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                writer.write_all(&inner).unwrap();
                writer.finish().unwrap()
            }
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), damaged(whole, &all)).unwrap();
        let mut visits = 0;
        walk(folder.path(), &Limits { total: 1 << 24, ..Limits::default() }, &mut |path, bytes| {
            visits += 1;
            if let Ok(bytes) = bytes {
                let _ = read(path, &bytes);
            }
            ControlFlow::Continue(())
        }).unwrap();
        prop_assert!(visits > 0);
    }
}

/// Lines of the real files, spread over them.
fn real_lines(name: &str) -> Option<Vec<Vec<u8>>> {
    let path = publisher_file("lines of real files, damaged", name)?;
    let bytes = zstd::decode_all(&std::fs::read(path).unwrap()[..]).unwrap();
    let lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    Some(lines.iter().step_by((lines.len() / 400).max(1)).map(|line| line.to_vec()).collect())
}

#[test]
fn lines_of_the_real_files_are_damaged_and_read_or_refused() {
    use proptest::test_runner::TestRunner;
    for name in [
        "icd10cm/icd10cm-order-Jan-2021.txt.zst",
        "icd10cm/icd10cm-codes-2024.txt.zst",
        "icd10cm/icd10cm-tabular-April-2026.xml.zst",
        "hcpcs/HCPC2019_CONTR_ANWEB.txt.zst",
        "hcpcs/NOC_Codes_2017.txt.zst",
    ] {
        let Some(lines) = real_lines(name) else { return };
        let mut runner =
            TestRunner::new(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() });
        let strategy =
            (prop::collection::vec(prop::sample::select(lines), 1..8), prop::collection::vec(damage(), 1..4));
        runner
            .run(&strategy, |(lines, all)| {
                read_as_every_kind(&damaged(lines.concat(), &all));
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
