//! Policies (LCDs) and national determinations of the coverage database: what the articles that carry them out have from
//! them. All documents are invented.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use cleanclaim_compile::assemble::{Assembled, Build};
use codeset::{Codeset, Coverage};
use support::{code, codeset, day};

const ARTICLES: &str = "article_id,article_version,article_type,title,article_eff_date,article_end_date,status,display_id\n\
    50001,1,6,Leaves its procedures to the policy,2024-01-01,,A,\n\
    50002,1,6,Has procedures of its own,2024-01-01,,A,\n\
    50003,1,6,Is proposed,2024-01-01,,A,DA50003\n\
    50004,1,6,Lists nothing,2024-01-01,,A,\n";
const COVERED: &str = "article_id,article_version,icd10_code_id,icd10_code_version,icd10_covered_group,range,last_updated\n\
    50001,1,E11.9,1,1,,\n50002,1,E11.9,1,1,,\n50003,1,E11.9,1,1,,\n";
const PROCEDURES: &str = "article_id,article_version,hcpc_code_id,hcpc_code_version,hcpc_code_group,range,last_updated\n\
    50002,1,A4253,1,1,,\n50003,1,A4253,1,1,,\n";
const POLICIES: &str = "lcd_id,lcd_version,title,orig_det_eff_date,ent_det_end_date,rev_eff_date,rev_end_date,status,display_id\n\
    30001,4,Of before,2015-10-01,,,2023-12-31,R,\n\
    30001,5,In force,2015-10-01,,2024-01-01,,A,\n\
    30001,6,Proposed,2024-06-01,,,,F,DL30001\n";
const OF_POLICIES: &str = "lcd_id,lcd_version,hcpc_code_id,hcpc_code_version,hcpc_code_group,range,last_updated\n\
    30001,4,A4256,1,1,,\n30001,5,E0607,1,1,,\n30001,5,XX000,1,2,,\n30001,6,A4259,1,1,,\n";
const RELATED: &str = "lcd_id,lcd_version,related_num,r_article_id,r_article_version,r_lcd_id,r_lcd_version,r_contractor_id,last_updated\n\
    30001,5,1,50001,1,,,1,\n30001,5,2,50003,1,,,1,\n30001,5,3,50004,1,,,1,\n";
const NAMED: &str = "article_id,article_version,related_num,r_article_id,r_article_version,r_lcd_id,r_lcd_version,r_contractor_id,last_updated\n\
    50002,1,1,,,30001,5,1,\n";
const CONTRACTORS: &str =
    "lcd_id,lcd_version,contractor_id,contractor_type_id,contractor_version,last_updated\n30001,5,501,9,1,\n";
const OWN: &str = "article_id,article_version,article_type,contractor_id,contractor_type_id,contractor_version,last_updated\n50002,1,6,502,9,1,\n";
const NUMBERS: &str = "contractor_id,contractor_type_id,contractor_version,contractor_bus_name,contractor_number\n\
    501,9,1,Invented,17013\n502,9,1,Another,18003\n";
const NATIONAL: &str =
    "article_id,article_version,related_num,r_ncd_id,r_ncd_version,last_updated\n50002,1,1,222,1,\n50002,1,2,999,1,\n";
const OF_POLICY: &str = "lcd_id,lcd_version,related_num,r_ncd_id,r_ncd_version,last_updated\n30001,5,1,223,1,\n";
const SECTIONS: &str =
    "NCD_id,NCD_vrsn_num,NCD_mnl_sect,NCD_mnl_sect_title\n222,1,40.2,Invented\n223,2,280.14,Invented\n";
const RETIRES: &str = "article_id,retire_dt\n50001,2026-12-31\n";

const ALL: [(&str, &str); 13] = [
    ("article.csv", ARTICLES),
    ("article_x_icd10_covered.csv", COVERED),
    ("article_x_hcpc_code.csv", PROCEDURES),
    ("lcd.csv", POLICIES),
    ("lcd_x_hcpc_code.csv", OF_POLICIES),
    ("lcd_related_documents.csv", RELATED),
    ("article_related_documents.csv", NAMED),
    ("lcd_x_contractor.csv", CONTRACTORS),
    ("article_x_contractor.csv", OWN),
    ("contractor.csv", NUMBERS),
    ("article_related_ncd_documents.csv", NATIONAL),
    ("lcd_related_ncd_documents.csv", OF_POLICY),
    ("ncd_trkg.csv", SECTIONS),
];

fn build(base: &Codeset, files: &[(&str, &str)]) -> Assembled {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let built =
        Build::new().base(base.clone()).files(&[folder.path()], &|_| {}).unwrap_or_else(|error| panic!("{error}"));
    assert!(built.summary.is_clean(), "{}", built.summary.text(9));
    built
}

fn opened(built: &Assembled) -> Codeset {
    Codeset::from_bytes(&built.image).unwrap()
}

/// Of a procedure: the articles that it is in, with its group in each and what they carry out.
fn articles(codeset: &Codeset, procedure: &str) -> Vec<(u32, u32, Vec<String>)> {
    let system = codeset.system(codeset::SystemId::Procedure).unwrap();
    let of = codeset.articles().unwrap().of(system.ordinal(code(procedure)).unwrap());
    of.map(|(article, group)| (article.number(), group, article.bases().map(|basis| basis.to_string()).collect()))
        .collect()
}

#[test]
fn an_article_has_from_its_policy_what_it_does_not_say_itself() {
    let built = build(codeset(), &ALL);
    let image = opened(&built);
    let bases = |list: &[&str]| list.iter().map(|&basis| basis.to_owned()).collect::<Vec<_>>();
    assert_eq!(articles(&image, "E0607"), [(50_001, Coverage::OF_POLICY, bases(&["L30001", "NCD 280.14"]))]);
    // Its own procedures alone; determinations of its own and of its policy, as far as their sections are known.
    assert_eq!(articles(&image, "A4253"), [(50_002, 1, bases(&["L30001", "NCD 40.2", "NCD 280.14"]))]);
    // Of versions of the policy that ended before the article began, or are proposed.
    for procedure in ["A4256", "A4259"] {
        assert_eq!(articles(&image, procedure), [], "{procedure}");
    }
    let all: Vec<_> = image.articles().unwrap().iter().collect();
    assert_eq!(all.iter().map(|article| article.number()).collect::<Vec<_>>(), [50_001, 50_002]);
    let holds = |place: usize| ["17013", "18003"].map(|number| all[place].holds_in(code(number)));
    assert_eq!((holds(0), holds(1)), ([true, false], [false, true]));
    assert_eq!(all[0].days().to, None);
    // An image is what it was made from, and takes announced retirements later.
    assert!(build(&image, &[]).image == built.image);
    let retired = opened(&build(&image, &[("article_future_retire.csv", RETIRES)]));
    let days: Vec<_> = retired.articles().unwrap().iter().map(|article| article.days().to).collect();
    assert_eq!(days, [Some(day("2026-12-31")), None]);
    assert_eq!(articles(&retired, "E0607"), articles(&image, "E0607"));
}

#[test]
fn without_the_link_the_policy_changes_nothing() {
    let without: Vec<(&str, &str)> =
        ALL.iter().filter(|(name, _)| !name.contains("related_documents")).copied().collect();
    let image = opened(&build(codeset(), &without));
    assert_eq!(articles(&image, "E0607"), []);
    assert_eq!(articles(&image, "A4253"), [(50_002, 1, vec!["NCD 40.2".to_owned()])]);
}
