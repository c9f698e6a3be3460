//! The reader of the coverage database, against a published article, tables made by the published headers, and damage.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// `eprintln!` is kept from view in a test that passes.
#![allow(clippy::explicit_write)]

use cleanclaim_compile::publisher::coverage::{ArticleVersion, CoverageRow, PolicyVersion, coverage};
use cleanclaim_compile::publisher::{Document, Kind, Publication, read, recognise};
use codes::{Code, Date, Modifier};
use proptest::prelude::*;
use std::io::Write;
use std::path::Path;

const VERSION: ArticleVersion = ArticleVersion { article: 56_781, version: 34 };
const POLICY: PolicyVersion = PolicyVersion { policy: 33_577, version: 60 };

fn code(text: &str) -> Option<Code> {
    Some(Code::parse(text.as_bytes()).unwrap())
}

fn day(text: &str) -> Option<Date> {
    Some(Date::parse(text.as_bytes()).unwrap())
}

fn load(path: &str, bytes: &[u8]) -> Document<CoverageRow> {
    assert_eq!(recognise(bytes), Some(Kind::Coverage), "{path}");
    match read(Path::new(path), bytes).unwrap() {
        Some(Publication::Coverage(document)) => document,
        _ => panic!("{path}: not recognised"),
    }
}

fn rows(document: &Document<CoverageRow>) -> Vec<CoverageRow> {
    document.rows.iter().map(|placed| placed.row.clone()).collect()
}

fn messages(document: &Document<CoverageRow>) -> Vec<String> {
    document.refused.first().iter().map(ToString::to_string).collect()
}

#[test]
fn the_exported_article_loads_whole() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    if !Path::new(folder).is_dir() {
        // Not `eprintln!`, which a passing test keeps to itself.
        writeln!(std::io::stderr(), "SKIPPED: publisher tables not found at {folder}: exported article").unwrap();
        return;
    }
    let bytes = std::fs::read(Path::new(folder).join("mcd/A56781_L33577_WI_TTE.json")).unwrap();
    let document = load("A56781_L33577_WI_TTE.json", &bytes);
    assert_eq!(messages(&document), Vec::<String>::new());
    let all = rows(&document);
    assert_eq!(all[0], CoverageRow::ArticleInState { article: VERSION, state: *b"WI" });
    assert_eq!(all[1], CoverageRow::Related { article: VERSION, policy: Some(33_577), other: None });
    let procedures: Vec<_> = all
        .iter()
        .filter_map(|row| match row {
            CoverageRow::Procedure { article: VERSION, group: 1, code: Some(code), .. } => Some(code.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(procedures, ["93306", "93307", "93308", "C8923", "C8924", "C8929"]);
    let text = std::str::from_utf8(&bytes).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut diagnoses = 0;
    for placed in &document.rows {
        if let CoverageRow::Diagnosis { article: VERSION, group: 1, code: Some(code), covered: true, .. } = placed.row {
            diagnoses += 1;
            let line = lines[placed.line as usize - 1];
            assert!(line.contains(&format!("\"code\": \"{}\"", code.diagnosis())), "{line}");
        }
    }
    assert_eq!((diagnoses, document.read), (121, 130));
    let pairing = CoverageRow::Pairing { article: VERSION, diagnoses: 1, procedures: 1, with: None };
    assert!(all.contains(&pairing));
}

#[test]
fn the_tables_of_the_download_are_told_apart() {
    let article = VERSION;
    let tables: [(&str, &str, Vec<CoverageRow>); 14] = [
        (
            "article_id,article_version,icd10_covered_group,hcpc_code_group,and_icd10_covered_group\n",
            "56781,34,1,2,\n56781,34,1,3,2\n",
            vec![
                CoverageRow::Pairing { article, diagnoses: 1, procedures: 2, with: None },
                CoverageRow::Pairing { article, diagnoses: 1, procedures: 3, with: Some(2) },
            ],
        ),
        (
            "article_id,article_version,article_type,title,article_pub_date,article_eff_date,article_end_date,description,\
             other_comments,sad_url,status,last_updated,history_exp,key_article,icd9_covered_para,icd9_noncovered_para,\
             revenue_para,thirty_percent,article_rev_end_date,source_article_id,date_retired,keywords,icd10_doc,\
             add_icd10_info,cms_cov_policy,display_id,reference_article\n",
            "56781,34,6,\"Billing, Coding\",2024-01-01,2024-02-01 00:00:00,,\"<p>one\ntwo</p>\",,,A,,,,,,,,,,,,,,,,\n\
             7,1,6,New,2024-03-01,,2025-12-31,,,,R,,,,,,,,2025-06-30,,2025-12-31,,,,,DA7,\n",
            vec![
                CoverageRow::Article {
                    article,
                    kind: 6,
                    title: "Billing, Coding".into(),
                    effective: day("2024-02-01"),
                    end: None,
                    status: "A".into(),
                    proposed: false,
                },
                // Never revised, ended by the first of its ends, proposed.
                CoverageRow::Article {
                    article: ArticleVersion { article: 7, version: 1 },
                    kind: 6,
                    title: "New".into(),
                    effective: day("2024-03-01"),
                    end: day("2025-06-30"),
                    status: "R".into(),
                    proposed: true,
                },
            ],
        ),
        (
            "article_id,article_version,hcpc_code_id,hcpc_code_version,hcpc_code_group,range,last_updated,long_description,short_description\n",
            "56781,34,93306,1,1,N,2024-01-01,,\n56781,34,XX000,1,2,,2024-01-01,,\n",
            vec![
                CoverageRow::Procedure { article, group: 1, code: code("93306"), range: false },
                CoverageRow::Procedure { article, group: 2, code: None, range: false },
            ],
        ),
        (
            "article_id,article_version,icd10_code_id,icd10_code_version,icd10_covered_group,range,last_updated,sort_order,description,asterisk\n",
            "56781,34,A18.84,1,1,,2024-01-01,1,Tuberculosis of heart,*\n",
            vec![CoverageRow::Diagnosis {
                article,
                group: 1,
                code: code("A1884"),
                covered: true,
                range: false,
                asterisk: true,
            }],
        ),
        (
            "article_id,article_version,icd10_code_id,icd10_code_version,icd10_noncovered_group,range,last_updated,sort_order,description\n",
            "56781,34,Z00.00,1,3,Y,2024-01-01,1,x\n",
            vec![CoverageRow::Diagnosis {
                article,
                group: 3,
                code: code("Z0000"),
                covered: false,
                range: true,
                asterisk: false,
            }],
        ),
        (
            "article_id,article_version,hcpc_modifier_code_id,hcpc_modifier_code_version,hcpc_modifier_group,last_updated,description\n",
            "56781,34,KX,1,1,2024-01-01,x\n",
            vec![CoverageRow::Modifier { article, group: 1, modifier: Some(Modifier::new(b"KX")) }],
        ),
        (
            "article_id,article_version,bill_code_id,bill_code_version,last_updated,description\n",
            "56781,34,013x,1,2024-01-01,Hospital Outpatient\n",
            vec![CoverageRow::BillType { article, code: "013x".into() }],
        ),
        (
            "article_id,article_version,revenue_code_id,revenue_code_version,range,last_updated,description\n",
            "56781,34,0480,1,,2024-01-01,Cardiology\n",
            vec![CoverageRow::Revenue { article, code: "0480".into() }],
        ),
        (
            "article_id,article_version,article_type,contractor_id,contractor_type_id,contractor_version,last_updated\n",
            "56781,34,6,236,9,1,2024-01-01\n",
            vec![CoverageRow::ArticleContractor { article, contractor: 236, contractor_version: 1 }],
        ),
        (
            "article_id,article_version,state_id,last_updated\n",
            "56781,34,58,2024-01-01\n",
            vec![CoverageRow::ArticleState { article, state: 58 }],
        ),
        (
            "article_id,article_version,related_num,r_article_id,r_article_version,r_lcd_id,r_lcd_version,r_contractor_id,last_updated\n",
            "56781,34,1,0,0,33577,60,236,2024-01-01\n",
            vec![CoverageRow::Related { article, policy: Some(33_577), other: None }],
        ),
        (
            "article_id,article_version,related_num,r_ncd_id,r_ncd_version,last_updated\n",
            "56781,34,1,158,1,2024-01-01\n",
            vec![CoverageRow::National { article, determination: 158 }],
        ),
        (
            "contractor_id,contractor_type_id,contractor_version,state_id,last_updated,active_date,term_date\n",
            "236,9,1,58,2024-01-01,2013-09-07,\n",
            vec![CoverageRow::Jurisdiction {
                contractor: 236,
                version: 1,
                state: 58,
                from: day("2013-09-07"),
                to: None,
            }],
        ),
        (
            "state_id,state_abbrev,description\n",
            "58,WI,Wisconsin\n",
            vec![CoverageRow::State { state: 58, abbreviation: "WI".into() }],
        ),
    ];
    for (header, body, expected) in tables {
        let document = load("table.csv", format!("{header}{body}").as_bytes());
        assert_eq!((messages(&document), rows(&document)), (vec![], expected), "{header}");
    }
    let header = "contractor_id,contractor_type_id,contractor_version,contractor_bus_name,contractor_number,dmerc_rgn,state_id\n";
    let document = load("contractor.csv", format!("{header}236,9,1,\"Services, Inc.\",06302,,58\n").as_bytes());
    let expected =
        CoverageRow::Contractor { contractor: 236, version: 1, number: "06302".into(), name: "Services, Inc.".into() };
    assert_eq!(rows(&document), [expected]);
}

#[test]
fn the_tables_of_policies_and_national_determinations_are_told_apart() {
    let policy = POLICY;
    let lcd = "lcd_id,lcd_version,title,determination_number,orig_det_eff_date,ent_det_end_date,rev_eff_date,rev_end_date,\
               indication,diagnoses_support,icd9_dont_support_para,icd9_dont_support_ast,diagnoses_dont_support,\
               coding_guidelines,doc_reqs,appendices,util_guide,source_info,adv_meeting,comment_start_dt,comment_end_dt,\
               notice_start_dt,rev_hist_num,history_exp,last_reviewed_on,status,last_updated,cms_cov_policy,display_id,\
               draft_contact,revenue_para,thirty_percent,keywords,associated_info,notice_end_dt,date_retired,\
               draft_released_date,source_lcd_id,add_icd10_info,icd10_doc,synopsis_changes,bibliography,\
               summary_of_evidence,analysis_of_evidence,mcd_publish_date,issue,issue_change,mac_initiated\n";
    let row = |cells: &[(&str, &str)]| {
        let cell = |name: &str| cells.iter().find(|(own, _)| *own == name).map_or("", |(_, cell)| *cell);
        let cells: Vec<&str> = lcd.trim().split(',').map(cell).collect();
        format!("{}\n", cells.join(","))
    };
    let first = row(&[
        ("lcd_id", "33577"),
        ("lcd_version", "60"),
        ("title", "Echo"),
        ("orig_det_eff_date", "2015-10-01 00:00:00"),
        ("rev_eff_date", "2024-04-04 00:00:00"),
        ("status", "A"),
        ("indication", "\"<p>One, two\n3</p>\""),
    ]);
    let second = row(&[
        ("lcd_id", "7"),
        ("lcd_version", "1"),
        ("title", "Draft"),
        ("orig_det_eff_date", "01/01/2027"),
        ("ent_det_end_date", "12/31/2027"),
        ("rev_end_date", "06/30/2027"),
        ("status", "F"),
        ("display_id", "DL7"),
    ]);
    let tables: [(&str, String, Vec<CoverageRow>); 10] = [
        (
            lcd,
            first + &second,
            vec![
                CoverageRow::Policy {
                    policy,
                    title: "Echo".into(),
                    effective: day("2024-04-04"),
                    end: None,
                    status: "A".into(),
                    proposed: false,
                },
                CoverageRow::Policy {
                    policy: PolicyVersion { policy: 7, version: 1 },
                    title: "Draft".into(),
                    effective: day("2027-01-01"),
                    end: day("2027-06-30"),
                    status: "F".into(),
                    proposed: true,
                },
            ],
        ),
        (
            "lcd_id,lcd_version,hcpc_code_id,hcpc_code_version,hcpc_code_group,range,last_updated,long_description,short_description\n",
            "33577,60,E0607,1,1,N,2024-01-01,\"x, y\",x\n33577,60,XX000,1,2,,2024-01-01,,\n".into(),
            vec![
                CoverageRow::PolicyProcedure { policy, group: 1, code: code("E0607"), range: false },
                CoverageRow::PolicyProcedure { policy, group: 2, code: None, range: false },
            ],
        ),
        (
            "lcd_id,lcd_version,contractor_id,contractor_type_id,contractor_version,last_updated\n",
            "33577,60,236,9,1,2024-01-01\n".into(),
            vec![CoverageRow::PolicyContractor { policy, contractor: 236, contractor_version: 1 }],
        ),
        (
            "lcd_id,lcd_version,related_num,r_article_id,r_article_version,r_lcd_id,r_lcd_version,r_contractor_id,last_updated\n",
            "33577,60,1,56781,34,0,0,236,2024-01-01\n33577,60,2,,,33578,1,,2024-01-01\n".into(),
            vec![
                CoverageRow::PolicyRelated { policy, article: Some(56_781), other: None },
                CoverageRow::PolicyRelated { policy, article: None, other: Some(33_578) },
            ],
        ),
        (
            "lcd_id,lcd_version,related_num,r_ncd_id,r_ncd_version,last_updated\n",
            "33577,60,1,158,1,2024-01-01\n".into(),
            vec![CoverageRow::PolicyNational { policy, determination: 158 }],
        ),
        (
            "lcd_id,lcd_version,state_id,last_updated\n",
            "33577,60,58,2024-01-01\n".into(),
            vec![CoverageRow::PolicyState { policy, state: 58 }],
        ),
        (
            "lcd_id,retire_dt\n",
            "33577,2026-12-31 00:00:00\n".into(),
            vec![CoverageRow::PolicyRetires { policy: 33_577, on: day("2026-12-31").unwrap() }],
        ),
        (
            "article_id,retire_dt\n",
            "56781,2026-12-31\n".into(),
            vec![CoverageRow::ArticleRetires { article: 56_781, on: day("2026-12-31").unwrap() }],
        ),
        (
            "NCD_id,NCD_vrsn_num,natl_cvrg_type,cvrg_lvl_cd,NCD_mnl_sect,NCD_mnl_sect_title,NCD_efctv_dt,NCD_impltn_dt,\
             NCD_trmntn_dt,itm_srvc_desc,indctn_lmtn,xref_txt,othr_txt,trnsmtl_num,trnsmtl_issnc_dt,trnsmtl_url,\
             chg_rqst_num,pblctn_cd,rev_hstry,under_rvw,creatd_tmstmp,last_updt_tmstmp,last_clrnc_tmstmp,NCD_lab,\
             ncd_keyword,NCD_AMA\n",
            "158,1,True,2,220.6.17,\"PET, solid\",2013-06-11,,,,\"x\ny\",,,,,,,25,,False,,,,False,,False\n".into(),
            vec![CoverageRow::Determination { determination: 158, version: 1, section: "220.6.17".into() }],
        ),
        (
            "contractor_id,contract_type_id,subtype_id,contractor_version,contract_number,contractor_name\n",
            "236,9,1,1,06302,Services\n".into(),
            vec![CoverageRow::Contractor {
                contractor: 236,
                version: 1,
                number: "06302".into(),
                name: "Services".into(),
            }],
        ),
    ];
    for (header, body, expected) in tables {
        let document = load("table.csv", format!("{header}{body}").as_bytes());
        assert_eq!((messages(&document), rows(&document)), (vec![], expected), "{header}");
    }
    let wrong = load(
        "ncd.csv",
        b"NCD_id,NCD_vrsn_num,NCD_mnl_sect,NCD_mnl_sect_title\n1,1,220.6.17.1.1,x\n1,1,2a,x\n1,1,,x\n1,x,20.1,x\n",
    );
    assert_eq!((wrong.rows.len(), wrong.refused.count()), (0, 4), "{:?}", messages(&wrong));
    let wrong = load("retire.csv", b"article_id,retire_dt\n1,\n1,soon\n");
    assert_eq!(wrong.refused.count(), 2, "{:?}", messages(&wrong));
}

#[test]
fn answers_of_the_api_give_the_same_rows() {
    let answer = br#"{"meta": {"status": {"id": 200}, "notes": "", "fields": []}, "data": [
        {"article_id": 56781, "article_version": 34, "icd10_code_id": "A18.84", "icd10_covered_group": 1, "range": "",
         "sort_order": 1, "description": "x", "asterisk": null, "last_updated": "01/01/2024"},
        {"article_id": 56781, "article_version": 34, "hcpc_code_id": "93306", "hcpc_code_group": 1, "range": "N"},
        {"lcd_id": 33577, "lcd_version": 60, "state_id": 58, "last_updated": "01/01/2024"},
        {"article_id": 56781, "article_version": null, "hcpc_code_id": "93306", "hcpc_code_group": 1},
        {"article_id": 56781, "other": 1}]}"#;
    let document = load("answer.json", answer);
    let article = VERSION;
    assert_eq!(
        rows(&document),
        [
            CoverageRow::Diagnosis {
                article,
                group: 1,
                code: code("A1884"),
                covered: true,
                range: false,
                asterisk: false
            },
            CoverageRow::Procedure { article, group: 1, code: code("93306"), range: false },
            CoverageRow::PolicyState { policy: POLICY, state: 58 },
        ]
    );
    let found = messages(&document);
    assert!(
        found[0].starts_with("answer.json:4: article_version (column B): expected a whole number, found nothing"),
        "{found:?}"
    );
    assert!(found[1].starts_with("answer.json:5: the row: expected the columns of a table"), "{found:?}");
}

#[test]
fn malformed_rows_are_refused_with_their_place_and_the_rest_is_read() {
    let csv = "article_id,article_version,icd10_code_id,icd10_covered_group\n\
        56781,34,A18.84,1\n56781,x,A18.84,1\n56781,34,93306,1\n56781,34,A18.84\n56781,34,\"A18.84,1\n56781,34,A36.81,2\n";
    let document = load("covered.csv", csv.as_bytes());
    assert_eq!(document.rows.iter().map(|placed| placed.line).collect::<Vec<_>>(), [2, 7]);
    let expected = [
        "3: article_version (column B): expected a whole number, found \"x\"",
        "4: icd10_code_id (column C): expected an ICD-10-CM code",
        "5: the row: expected 4 cells, as the header has, found \"3 cells\"",
        "6: the row: expected quotation marks that close before the next comma",
    ];
    let found = messages(&document);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(&format!("covered.csv:{expected}")), "{found}");
    }
    let error = coverage(Path::new("a.json"), b"{\"data\": [\n{]}").unwrap_err().to_string();
    assert!(error.starts_with("a.json:2: the text: expected JSON with `data`, or with `policies`"), "{error}");
}

#[test]
fn an_export_of_diagnoses_that_do_not_support_is_not_taken_for_one_that_does() {
    let text = br#"{"state": "Wisconsin", "abbreviation": "WI", "policies": [{"lcd_id": "L1", "title": "", "associated_documents":
        {"related_local_coverage_documents": [{"id": "A2", "url": "https://x/?articleId=2&ver=3", "article_content": {
        "Group 1 Paragraph": {"paragraph": "These do not support medical necessity.", "codes": [{"code": "A18.84"}]},
        "Group 2 Paragraph": {"paragraph": "", "codes": [{"code": "A18"}, {"code": "99213"}]}}},
        {"id": "B2", "url": "https://x/", "article_content": {}}]}}]}"#;
    let document = load("a.json", text);
    assert_eq!((document.read, document.rows.len()), (6, 3));
    let found = messages(&document);
    assert!(found[0].starts_with("a.json:3: paragraph: expected diagnoses that support necessity"), "{found:?}");
    assert!(found[1].starts_with("a.json:4: code: expected an ICD-10-CM code"), "{found:?}");
    assert!(found[2].starts_with("a.json:5: id and url: expected an article such as A56781"), "{found:?}");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = coverage(Path::new("a"), &bytes);
    }

    #[test]
    fn no_rows_make_the_reader_panic(
        header in prop::sample::select(vec![
            "article_id,article_version,icd10_code_id,icd10_covered_group\n",
            "article_id,article_version,hcpc_code_id,hcpc_code_group,range\n",
            "lcd_id,lcd_version,hcpc_code_id,hcpc_code_group,range\n",
            "lcd_id,retire_dt\n",
            "NCD_id,NCD_vrsn_num,NCD_mnl_sect,NCD_mnl_sect_title\n",
            "{\"meta\":{},\"data\":[{\"article_id\":",
            "{\"abbreviation\":\"WI\",\"policies\":[{\"lcd_id\":\"",
        ]),
        rows in "([0-9A-Z\".,é{}:\\[\\] \r\n]|A18.84|article_version){0,80}",
    ) {
        let text = format!("{header}{rows}");
        if let Ok(document) = coverage(Path::new("a"), text.as_bytes()) {
            prop_assert_eq!(document.read, document.rows.len() as u64 + document.refused.count());
        }
    }
}
