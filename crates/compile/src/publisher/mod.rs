//! The files that CMS, NCHS, the AMA and NUCC publish, read as they are downloaded.
//!
//! [`walk`] takes files out of folders and archives, [`recognise`] says what each is by its content, and [`read`]
//! gives its rows. Every row knows its line. A row that is not as it should be is refused with its place, and the
//! reading goes on; only a file that is damaged as a whole is an error. What several releases come to together is not
//! decided here.
//!
//! ```
//! use cleanclaim_compile::publisher::{Limits, Publication, read, walk};
//! use std::ops::ControlFlow;
//! # let folder = tempfile::tempdir()?;
//! std::fs::write(folder.path().join("icd10cm-codes-2024.txt"), "A009    Cholera, unspecified\r\nA00\r\n")?;
//! let mut seen = Vec::new();
//! walk(folder.path(), &Limits::default(), &mut |path, bytes| {
//!     match bytes.and_then(|bytes| read(path, &bytes)) {
//!         Ok(Some(Publication::Icd10cmCodes(codes))) => {
//!             seen.push((codes.release.label.clone(), codes.rows.len(), codes.refused.first()[0].to_string()));
//!         }
//!         Ok(Some(other)) => println!("{}", other.kind().describe()),
//!         Ok(None) => println!("{}: not recognised", path.display()),
//!         Err(error) => println!("{error}"),
//!     }
//!     ControlFlow::Continue(())
//! })?;
//! let (label, rows, refusal) = &seen[0];
//! assert_eq!((label.as_str(), *rows), ("FY2024", 1));
//! assert!(refusal.contains("icd10cm-codes-2024.txt:2: title (from column 9): expected a title, found nothing"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod addon;
pub mod bill_type;
mod columns;
mod container;
pub mod coverage;
pub mod cpt;
mod document;
mod error;
pub mod hcpcs;
pub mod icd10cm;
pub mod lab;
pub mod mue;
pub mod pos;
pub mod ptp;
mod release;
pub mod remarks;
pub mod rvu;
mod sheet;
pub mod taxonomy;
mod text;
mod xlsx;

pub use container::{Limits, Visit, walk};
pub use document::{Document, Placed, Refusal, Refusals};
pub use error::PublisherError;
pub use release::{Basis, ReleaseFacts};

use sheet::Sheets;
use std::path::Path;

/// How much of a text is looked at to recognise it.
const HEAD: usize = 1 << 16;

/// The kinds of files that are read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// `icd10cm-order-2026.txt`
    Icd10cmOrder,
    /// `icd10cm-codes-2026.txt`
    Icd10cmCodes,
    /// `icd10cm-tabular-2026.xml`
    Icd10cmTabular,
    /// `icd10cm-order-addenda-2026.txt`
    Icd10cmOrderAddenda,
    /// `icd10cm-codes-addenda-2026.txt`
    Icd10cmCodesAddenda,
    /// `HCPC2020_ANWEB_w_disclaimer.txt`
    HcpcsRecords,
    /// `HCPC2025_OCT_ANWEB.xlsx`
    HcpcsTable,
    /// `NOC_Codes_2017.txt`
    HcpcsNoc,
    /// `ccipra-v322r0-f1.txt`
    NcciPtp,
    /// `MCR_MUE_PractitionerServices_Eff_07-01-2026.csv`
    NcciMue,
    /// `AOC_V2024Q2-MCR.xlsx`
    NcciAddOn,
    /// `PPRRVU2025_Oct.csv`
    FeeSchedule,
    /// `pos_codes_20240628.tsv`
    PlacesOfService,
    /// `nucc_taxonomy_251.csv`
    Taxonomy,
    /// `carc_rarc_20240618.tsv`
    RemarkCodes,
    /// `CLFS_2025_Q2V1.csv`
    LabFees,
    /// `article_x_icd10_covered.csv`, and answers of the Coverage API
    Coverage,
    /// `terminology__bill_type.csv`
    BillTypes,
    /// `LONGULT.txt`, `MEDU.txt`, `SHORTU.txt`
    Cpt,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 19] = [
        Kind::Icd10cmOrder,
        Kind::Icd10cmCodes,
        Kind::Icd10cmTabular,
        Kind::Icd10cmOrderAddenda,
        Kind::Icd10cmCodesAddenda,
        Kind::HcpcsRecords,
        Kind::HcpcsTable,
        Kind::HcpcsNoc,
        Kind::NcciPtp,
        Kind::NcciMue,
        Kind::NcciAddOn,
        Kind::FeeSchedule,
        Kind::PlacesOfService,
        Kind::Taxonomy,
        Kind::RemarkCodes,
        Kind::LabFees,
        Kind::Coverage,
        Kind::BillTypes,
        Kind::Cpt,
    ];

    /// What such a file is, in words.
    pub const fn describe(self) -> &'static str {
        match self {
            Kind::Icd10cmOrder => "ICD-10-CM order file",
            Kind::Icd10cmCodes => "ICD-10-CM codes file",
            Kind::Icd10cmTabular => "ICD-10-CM tabular list (XML)",
            Kind::Icd10cmOrderAddenda => "ICD-10-CM addenda of the order file",
            Kind::Icd10cmCodesAddenda => "ICD-10-CM addenda of the codes file",
            Kind::HcpcsRecords => "HCPCS Level II contractor file, fixed width",
            Kind::HcpcsTable => "HCPCS Level II table (xlsx or csv)",
            Kind::HcpcsNoc => "HCPCS codes not otherwise classified",
            Kind::NcciPtp => "NCCI procedure-to-procedure edits",
            Kind::NcciMue => "NCCI medically unlikely edits",
            Kind::NcciAddOn => "NCCI add-on codes",
            Kind::FeeSchedule => "Physician Fee Schedule relative value file",
            Kind::PlacesOfService => "places of service",
            Kind::Taxonomy => "NUCC provider taxonomy",
            Kind::RemarkCodes => "adjustment reason and remark codes",
            Kind::LabFees => "Clinical Laboratory Fee Schedule",
            Kind::Coverage => "Medicare Coverage Database",
            Kind::BillTypes => "types of bill",
            Kind::Cpt => "CPT codes and descriptors",
        }
    }
}

/// A file, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Publication {
    /// [`icd10cm::order`]
    Icd10cmOrder(Document<icd10cm::Diagnosis>),
    /// [`icd10cm::codes`]
    Icd10cmCodes(Document<icd10cm::Diagnosis>),
    /// [`icd10cm::tabular`]
    Icd10cmTabular(icd10cm::Tabular),
    /// [`icd10cm::order_addenda`]
    Icd10cmOrderAddenda(Document<icd10cm::Change>),
    /// [`icd10cm::codes_addenda`]
    Icd10cmCodesAddenda(Document<icd10cm::Change>),
    /// [`hcpcs::records`]
    HcpcsRecords(Document<hcpcs::HcpcsRecord>),
    /// [`hcpcs::table`]
    HcpcsTable(Document<hcpcs::HcpcsRecord>),
    /// [`hcpcs::noc`]
    HcpcsNoc(Document<hcpcs::NocCode>),
    /// [`ptp::ptp`]
    NcciPtp(ptp::Ptp),
    /// [`mue::mue`]
    NcciMue(mue::Mues),
    /// [`addon::add_ons`]
    NcciAddOn(Document<addon::AddOn>),
    /// [`rvu::fee_schedule`]
    FeeSchedule(Document<rvu::FeeRow>),
    /// [`pos::places`]
    PlacesOfService(Document<pos::Place>),
    /// [`taxonomy::taxonomy`]
    Taxonomy(Document<taxonomy::Taxonomy>),
    /// [`remarks::remarks`]
    RemarkCodes(Document<remarks::Remark>),
    /// [`lab::lab_fees`]
    LabFees(Document<lab::LabTest>),
    /// [`coverage::coverage`]
    Coverage(Document<coverage::CoverageRow>),
    /// [`bill_type::bill_types`]
    BillTypes(Document<bill_type::BillTypeRow>),
    /// [`cpt::cpt`]
    Cpt(cpt::Cpt),
}

/// A document without its rows: the same for every kind of file.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its release.
    pub release: &'a ReleaseFacts,
    /// How many rows it has.
    pub read: u64,
    /// How many of them were taken.
    pub taken: u64,
    /// Those that were not.
    pub refused: &'a Refusals,
    /// What is wrong in rows that were taken.
    pub flaws: &'a Refusals,
    /// What was left out on purpose.
    pub left_out: &'a std::collections::BTreeMap<&'static str, u64>,
}

impl<R> Document<R> {
    /// The document without its rows.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            path: &self.path,
            release: &self.release,
            read: self.read,
            taken: self.rows.len() as u64,
            refused: &self.refused,
            flaws: &self.flaws,
            left_out: &self.left_out,
        }
    }
}

impl Publication {
    /// What the file was recognised as.
    pub fn kind(&self) -> Kind {
        match self {
            Publication::Icd10cmOrder(_) => Kind::Icd10cmOrder,
            Publication::Icd10cmCodes(_) => Kind::Icd10cmCodes,
            Publication::Icd10cmTabular(_) => Kind::Icd10cmTabular,
            Publication::Icd10cmOrderAddenda(_) => Kind::Icd10cmOrderAddenda,
            Publication::Icd10cmCodesAddenda(_) => Kind::Icd10cmCodesAddenda,
            Publication::HcpcsRecords(_) => Kind::HcpcsRecords,
            Publication::HcpcsTable(_) => Kind::HcpcsTable,
            Publication::HcpcsNoc(_) => Kind::HcpcsNoc,
            Publication::NcciPtp(_) => Kind::NcciPtp,
            Publication::NcciMue(_) => Kind::NcciMue,
            Publication::NcciAddOn(_) => Kind::NcciAddOn,
            Publication::FeeSchedule(_) => Kind::FeeSchedule,
            Publication::PlacesOfService(_) => Kind::PlacesOfService,
            Publication::Taxonomy(_) => Kind::Taxonomy,
            Publication::RemarkCodes(_) => Kind::RemarkCodes,
            Publication::LabFees(_) => Kind::LabFees,
            Publication::Coverage(_) => Kind::Coverage,
            Publication::BillTypes(_) => Kind::BillTypes,
            Publication::Cpt(_) => Kind::Cpt,
        }
    }

    /// Where it came from and what became of its rows, for a summary.
    pub fn facts(&self) -> Facts<'_> {
        match self {
            Publication::Icd10cmOrder(document) | Publication::Icd10cmCodes(document) => document.facts(),
            Publication::Icd10cmTabular(tabular) => tabular.list.facts(),
            Publication::Icd10cmOrderAddenda(document) | Publication::Icd10cmCodesAddenda(document) => document.facts(),
            Publication::HcpcsRecords(document) | Publication::HcpcsTable(document) => document.facts(),
            Publication::HcpcsNoc(document) => document.facts(),
            Publication::NcciPtp(ptp) => ptp.pairs.facts(),
            Publication::NcciMue(mues) => mues.limits.facts(),
            Publication::NcciAddOn(document) => document.facts(),
            Publication::FeeSchedule(document) => document.facts(),
            Publication::PlacesOfService(document) => document.facts(),
            Publication::Taxonomy(document) => document.facts(),
            Publication::RemarkCodes(document) => document.facts(),
            Publication::LabFees(document) => document.facts(),
            Publication::Coverage(document) => document.facts(),
            Publication::BillTypes(document) => document.facts(),
            Publication::Cpt(cpt) => cpt.list.facts(),
        }
    }
}

/// What a file is, by its content. `bytes` is the whole file if it is a workbook; of a text, the beginning is enough.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::{Kind, recognise};
/// assert_eq!(recognise(b"A000    Cholera due to Vibrio cholerae\r\nA0100   Typhoid fever\r\n"), Some(Kind::Icd10cmCodes));
/// assert_eq!(recognise(b"%PDF-1.7"), None);
/// ```
pub fn recognise(bytes: &[u8]) -> Option<Kind> {
    if container::is_zip(bytes) {
        return of_sheets(bytes).or_else(|| of_tables(bytes));
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    let kind = if icd10cm::is_tabular(head) {
        Kind::Icd10cmTabular
    } else if rvu::is_fixed(head) {
        Kind::FeeSchedule
    } else if ptp::is_ptp(head) {
        Kind::NcciPtp
    } else if hcpcs::is_records(head) {
        Kind::HcpcsRecords
    } else if hcpcs::is_noc(head) {
        Kind::HcpcsNoc
    } else if cpt::is_cpt(head) {
        Kind::Cpt
    } else if icd10cm::is_order(head) {
        Kind::Icd10cmOrder
    } else if icd10cm::is_codes(head) {
        Kind::Icd10cmCodes
    } else {
        return icd10cm::is_addenda(head).or_else(|| of_sheets(head)).or_else(|| of_tables(head));
    };
    Some(kind)
}

/// What a table is whose columns are found by their headings.
fn of_tables(bytes: &[u8]) -> Option<Kind> {
    if ptp::is_ptp(bytes) {
        return Some(Kind::NcciPtp);
    }
    let found = columns::which(
        bytes,
        &[
            (Kind::NcciMue, &mue::COLUMNS),
            (Kind::NcciAddOn, &addon::COLUMNS),
            (Kind::FeeSchedule, &rvu::COLUMNS),
            (Kind::PlacesOfService, &pos::COLUMNS),
            (Kind::Taxonomy, &taxonomy::COLUMNS),
            (Kind::RemarkCodes, &remarks::COLUMNS),
            (Kind::LabFees, &lab::COLUMNS),
            (Kind::BillTypes, &bill_type::COLUMNS),
        ],
    );
    found.or_else(|| coverage::is_coverage(bytes).then_some(Kind::Coverage))
}

/// What a workbook or csv is, by the header of any of its sheets.
fn of_sheets(bytes: &[u8]) -> Option<Kind> {
    let mut sheets = Sheets::open(Path::new(""), bytes).ok()?;
    let mut found = None;
    for name in sheets.names() {
        // A damaged sheet is not recognised; what is wrong with it is said when it is read.
        let _ = sheets.rows(&name, &mut |row| {
            if hcpcs::is_table(row) {
                found = Some(Kind::HcpcsTable);
            }
            found.is_none() && row.number <= sheet::HEADER_WITHIN
        });
        if found.is_some() {
            break;
        }
    }
    found
}

/// Recognises a file and reads it. Nothing when it is none of the kinds that are read. `path` is for messages, and is
/// asked for the release where the content does not say it.
///
/// # Errors
/// When the file is damaged as a whole. Rows are refused one by one, see [`Document::refused`].
pub fn read(path: &Path, bytes: &[u8]) -> Result<Option<Publication>, PublisherError> {
    let Some(kind) = recognise(bytes) else { return Ok(None) };
    let publication = match kind {
        Kind::Icd10cmOrder => Publication::Icd10cmOrder(icd10cm::order(path, bytes)),
        Kind::Icd10cmCodes => Publication::Icd10cmCodes(icd10cm::codes(path, bytes)),
        Kind::Icd10cmTabular => Publication::Icd10cmTabular(icd10cm::tabular(path, bytes)?),
        Kind::Icd10cmOrderAddenda => Publication::Icd10cmOrderAddenda(icd10cm::order_addenda(path, bytes)),
        Kind::Icd10cmCodesAddenda => Publication::Icd10cmCodesAddenda(icd10cm::codes_addenda(path, bytes)),
        Kind::HcpcsRecords => Publication::HcpcsRecords(hcpcs::records(path, bytes)),
        Kind::HcpcsTable => Publication::HcpcsTable(hcpcs::table(path, bytes)?),
        Kind::HcpcsNoc => Publication::HcpcsNoc(hcpcs::noc(path, bytes)),
        Kind::NcciPtp => Publication::NcciPtp(ptp::ptp(path, bytes)?),
        Kind::NcciMue => Publication::NcciMue(mue::mue(path, bytes)?),
        Kind::NcciAddOn => Publication::NcciAddOn(addon::add_ons(path, bytes)?),
        Kind::FeeSchedule => Publication::FeeSchedule(rvu::fee_schedule(path, bytes)?),
        Kind::PlacesOfService => Publication::PlacesOfService(pos::places(path, bytes)?),
        Kind::Taxonomy => Publication::Taxonomy(taxonomy::taxonomy(path, bytes)?),
        Kind::RemarkCodes => Publication::RemarkCodes(remarks::remarks(path, bytes)?),
        Kind::LabFees => Publication::LabFees(lab::lab_fees(path, bytes)?),
        Kind::Coverage => Publication::Coverage(coverage::coverage(path, bytes)?),
        Kind::BillTypes => Publication::BillTypes(bill_type::bill_types(path, bytes)?),
        Kind::Cpt => Publication::Cpt(cpt::cpt(path, bytes)),
    };
    Ok(Some(publication))
}
