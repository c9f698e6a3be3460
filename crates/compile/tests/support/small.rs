//! A folder of tiny tables, one of each kind, to be changed and compiled.

#![allow(dead_code)]

use cleanclaim_compile::{Built, CompileError, Sources};
use std::collections::BTreeMap;
use std::path::Path;

const TABLES: &[(&str, &str, &str)] = &[
    (
        "icd10cm/codes.tsv",
        "icd10cm-codes",
        "code\tvalid_from\tvalid_to\tflags
A047\t2015-10-01\t2017-09-30\t
A0471\t2017-10-01\t2027-03-31\tunspecified
A0472\t2018-10-01\t2020-09-30\t
A0472\t2021-10-01\t2027-03-31\tmanifestation
O0371XA\t2016-10-01\t2016-12-31\tfemale maternity
O0371XD\t2017-02-01\t2017-03-31\tfemale maternity
QA00101\t2025-10-01\t2027-03-31\t
",
    ),
    (
        "icd10cm/successors.tsv",
        "icd10cm-successors",
        "code\tuntil\tsuccessor
A047\t2017-09-30\tA0471
A047\t2017-09-30\tA0479
",
    ),
    (
        "icd10cm/titles.tsv",
        "icd10cm-titles",
        "code\ttitle\tlisted_as
A04\tOther bacterial intestinal infections\theader
A047\tEnterocolitis due to Clostridium difficile\tbillable
C77\tA header of codes that no table has\theader
C770\tA code that no table has\tbillable
",
    ),
    (
        "procedures/codes.tsv",
        "procedures-codes",
        "code\tfrom\tto\tage_lo\tage_hi\tstatus\tapproved\tterminated\tflags\tmidquarter
0001A\t2023-07-01\t2023-12-31\t12\t124\tE1\t2020-12-11\t2023-04-17\tnon_covered\t69
90658\t2024-07-01\t2024-12-31\t3\t124\tL\t2024-08-01\t\tvaccine ncci_code1\t110
99213\t2019-07-01\t2026-06-30\t0\t124\tB\t\t\t\t
99291\t2019-07-01\t2026-06-30\t0\t124\tJ2\t\t\t\t
U0003\t2023-04-01\t2023-06-30\t0\t124\tA\t\t\tcms_mid_quarter_termination\t
U0003\t2023-07-01\t2023-12-31\t0\t124\tE1\t\t\tcms_mid_quarter_termination\t
",
    ),
    ("procedures/titles.tsv", "procedures-titles", "code\ttitle\nU0003\tCov-19 amp prb hgh thruput\n"),
    (
        "modifiers/codes.tsv",
        "modifiers-codes",
        "modifier\tfrom\tto\tactivated\tflags
59\t2019-07-01\t2026-06-30\t\tncci
CT\t2019-07-01\t2026-06-30\t2020-01-15\t
FX\t2019-07-01\t2019-09-30\t2020-01-15\t
",
    ),
    (
        "modifiers/conflicts.tsv",
        "modifiers-conflicts",
        "modifier_1\tmodifier_2\tfrom\tto\nCT\tFX\t2019-07-01\t2026-06-30\n",
    ),
    ("revenue/codes.tsv", "revenue-codes", "code\tfrom\tto\tstatus\tflags\n0450\t2019-07-01\t2026-06-30\tV\t\n"),
    (
        "pos/codes.tsv",
        "pos-codes",
        "code\tfrom\tto\tfacility\tname
10\t2022-01-01\t2023-12-31\tyes\tTelehealth Provided in Patient's Home
10\t2024-01-01\t\tno\tTelehealth Provided in Patient's Home
",
    ),
    (
        "ncci/hospital_ptp.tsv",
        "ncci-hospital-ptp",
        "column_1\tindicator\tfrom\tto\tcolumn_2
99291\t0\t2019-07-01\t2020-12-31\t36000 99213
99291\t1\t2021-01-01\t2026-06-30\t36000 99213
99291\t9\t2019-07-01\t2019-07-01\t0001A 36410
",
    ),
    ("addon/type1.tsv", "addon-type1", "addon\tfrom\tto\tprimaries\n99292\t2019-07-01\t2026-06-30\t99291\n"),
    ("addon/type2.tsv", "addon-type2", "addon\tfrom\tto\n0054T\t2019-07-01\t2026-06-30\n"),
    ("addon/type3.tsv", "addon-type3", "addon\tfrom\tto\tprimaries\n20701\t2023-01-01\t2026-06-30\t11010 11011\n"),
    (
        "icd10cm/notes.tsv",
        "icd10cm-notes",
        "kind\towner\ton\ttargets\texamples
code-first\tA04\t\tQA0\texamples
excludes1\tA04-A05\tA0471\tO03-QA0\t
excludes1\tA047\t\tA0472\t
",
    ),
];

/// The tables and their list, by name within the folder.
#[derive(Clone)]
pub struct Small {
    files: BTreeMap<String, Vec<u8>>,
    listed: Vec<(String, String)>,
}

impl Small {
    pub fn new() -> Small {
        Small {
            files: TABLES.iter().map(|(file, _, text)| ((*file).to_owned(), text.as_bytes().to_vec())).collect(),
            listed: TABLES.iter().map(|(file, table, _)| ((*file).to_owned(), (*table).to_owned())).collect(),
        }
    }

    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLES.iter().map(|(file, ..)| *file)
    }

    /// The list's entry of a table.
    fn entry(file: &str, table: &str) -> String {
        format!(
            "[[table]]\nfile = \"{file}\"\nsystem = \"any\"\ntable = \"{table}\"\nrelease = \"release of {table}\"\n\
             covers = [\"2019-07-01\", \"2026-06-30\"]\npublisher = \"CMS\"\nobtained = \"by hand\"\n\
             licence = \"public domain\"\n\n"
        )
    }

    pub fn list(&self) -> String {
        self.listed.iter().map(|(file, table)| Self::entry(file, table)).collect()
    }

    pub fn reverse_list(&mut self) {
        self.listed.reverse();
    }

    pub fn text(&self, file: &str) -> String {
        String::from_utf8(self.files[file].clone()).unwrap()
    }

    /// Puts other content into a file, or a file beside the others; the list too can be put.
    pub fn put(mut self, file: &str, content: impl Into<Vec<u8>>) -> Small {
        self.files.insert(file.to_owned(), content.into());
        self
    }

    pub fn remove(mut self, file: &str) -> Small {
        self.files.remove(file);
        self
    }

    /// Replaces the one place where a file has a text.
    pub fn with(self, file: &str, old: &str, new: &str) -> Small {
        let text = self.text(file);
        assert_eq!(text.matches(old).count(), 1, "{file}: {old:?}");
        let text = text.replace(old, new);
        self.put(file, text)
    }

    /// Compiles the folder; gives its path, as errors name it, beside the outcome.
    pub fn compile(&self) -> (String, Result<Built, CompileError>) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let list = [("sources.toml".to_owned(), self.list().into_bytes())].into_iter().collect();
        for files in [&list, &self.files] {
            for (file, content) in files {
                let path = root.join(Path::new(file));
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, content).unwrap();
            }
        }
        (root.display().to_string(), Sources::open(root).and_then(|sources| sources.compile()))
    }

    pub fn built(&self) -> Built {
        self.compile().1.unwrap_or_else(|error| panic!("{error}"))
    }
}
