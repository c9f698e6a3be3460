//! The relative value files of the Medicare Physician Fee Schedule, read plainly, for tests that compare with them.
//! Nothing here uses the crate's own readers.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

/// Status, PC/TC, global period, multiple, bilateral, assistant, co-surgeons and team, by code and modifier.
pub type Schedule = BTreeMap<(String, String), [String; 8]>;

/// The fee schedules, with the first day of each. The first of January 2024 was corrected by the second.
pub const SCHEDULES: [(&str, &str); 20] = [
    ("PPRRVU_rvu20a_jan.masked.tsv.zst", "2020-01-01"),
    ("PPRRVU_rvu20b_apr.masked.tsv.zst", "2020-04-01"),
    ("PPRRVU_rvu20c_v0618.masked.tsv.zst", "2020-07-01"),
    ("PPRRVU_rvu20d_oct.masked.tsv.zst", "2020-10-01"),
    ("PPRRVU_rvu21a_jan.masked.tsv.zst", "2021-01-01"),
    ("PPRRVU_rvu21b_apr.masked.tsv.zst", "2021-04-01"),
    ("PPRRVU_rvu21c_jul.masked.tsv.zst", "2021-07-01"),
    ("PPRRVU_rvu21d_oct.masked.tsv.zst", "2021-10-01"),
    ("PPRRVU_rvu22a_jan.masked.tsv.zst", "2022-01-01"),
    ("PPRRVU_rvu22b_apr.masked.tsv.zst", "2022-04-01"),
    ("PPRRVU_rvu22c_jul.masked.tsv.zst", "2022-07-01"),
    ("PPRRVU_rvu22d_oct.masked.tsv.zst", "2022-10-01"),
    ("PPRRVU_rvu23a_jan.masked.tsv.zst", "2023-01-01"),
    ("PPRRVU_rvu23b_apr.masked.tsv.zst", "2023-04-01"),
    ("PPRRVU_rvu23c_jul.masked.tsv.zst", "2023-07-01"),
    ("PPRRVU_rvu23d_oct.masked.tsv.zst", "2023-10-01"),
    ("PPRRVU_rvu24ar_jan.masked.tsv.zst", "2024-01-01"),
    ("PPRRVU_rvu24b_apr.masked.tsv.zst", "2024-04-01"),
    ("PPRRVU_rvu24c_jul.masked.tsv.zst", "2024-07-01"),
    ("PPRRVU2025_Oct.masked.csv.zst", "2025-10-01"),
];

/// Status, PC/TC, global period and the rest, by code and modifier, as the file has them.
pub fn schedule(content: &str) -> Schedule {
    let tabs = content.starts_with("hcpcs\t");
    let places = [0, 1, 3, 13, 14, 18, 19, 20, 21, 22];
    let mut rows = BTreeMap::new();
    for line in content.lines() {
        // Descriptions of CPT codes are blank in the csv; those of HCPCS may be quoted and hold commas.
        let mut cells: Vec<String> = if tabs { line.split('\t').map(str::to_owned).collect() } else { csv_cells(line) };
        // Rows of October 2020 went through a spreadsheet, which took 000, 010 and 090 for numbers, and 00100 too.
        for (place, width) in [(0, 5), (14, 3)] {
            let digits = !cells[place].is_empty() && cells[place].bytes().all(|byte| byte.is_ascii_digit());
            if digits && line.contains('\t') {
                cells[place] = format!("{:0>width$}", cells[place]);
            }
        }
        let is_code = cells[0].len() == 5 && cells[0] != "HCPCS" && cells[0].bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_code || cells[0] == "hcpcs" {
            continue;
        }
        let [code, modifier, rest @ ..] = places.map(|place| cells[place].trim().to_owned());
        rows.insert((code, modifier), rest);
    }
    rows
}

fn csv_cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => cells.last_mut().unwrap().push(character),
        }
    }
    cells
}
