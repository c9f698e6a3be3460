//! Every publisher file of the shared tables, over the default image.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use cleanclaim_compile::assemble::Build;
use std::time::Instant;

#[test]
fn all() {
    let Some(folder) = support::publisher_file("all", "") else { return };
    let start = Instant::now();
    let build = Build::new().base(support::codeset().clone());
    eprintln!("base {:?}", start.elapsed());
    let built = build
        .files(&["icd10cm", "hcpcs", "mpfs", "ncci", "supporting", "mcd"].map(|name| folder.join(name)), &|_| {})
        .unwrap_or_else(|error| panic!("{error}"));
    eprintln!("built {:?} {}", start.elapsed(), built.image.len());
    for file in &built.summary.files {
        eprintln!(
            "{} {:?} {} {:?} {:?} read {} taken {} refused {} flaws {}",
            file.path.rsplit('/').next().unwrap(),
            file.recognised,
            file.release,
            file.effective,
            file.aside,
            file.read,
            file.taken,
            file.refused,
            file.flaws
        );
    }
    for (part, count) in &built.summary.conflicts {
        eprintln!("{part} {count}");
    }
    let mut seen = std::collections::BTreeMap::new();
    for conflict in &built.summary.first_conflicts {
        let count = seen.entry(&conflict.part).or_insert(0);
        *count += 1;
        if *count <= 1000 {
            eprintln!("{conflict}");
        }
    }
}
