//! Compiles source tables to the codeset image.
//!
//! One direction: a reader turns each file into normalised rows that know their release and line; the rows of one
//! system or relation are merged, and two that contradict each other are refused; the codeset's builders write the
//! image. Every error names file, line and column, what was expected, what was found and what to do.
//!
//! ```
//! use cleanclaim_compile::{Sources, write_atomically};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! std::fs::write(folder.join("places.tsv"), "code\tfrom\tto\tfacility\tname\n11\t2003-10-16\t\tno\tOffice\n")?;
//! std::fs::write(
//!     folder.join("sources.toml"),
//!     r#"
//! [[table]]
//! file = "places.tsv"
//! system = "pos"
//! table = "pos-codes"
//! release = "August 2024"
//! covers = ["2003-01-01", ""]
//! publisher = "CMS"
//! obtained = "by hand"
//! licence = "public domain"
//! "#,
//! )?;
//! let built = Sources::open(folder)?.compile()?;
//! assert_eq!((built.summary.tables[0].read, built.summary.tables[0].taken), (1, 1));
//! write_atomically(folder.join("places.codeset"), &built.image)?;
//! let codeset = codeset::Codeset::open(folder.join("places.codeset"))?;
//! assert_eq!(codeset.releases()[0].label, "August 2024");
//!
//! std::fs::write(folder.join("places.tsv"), "code\tfrom\tto\tfacility\tname\n11\t2003-10-36\t\tno\tOffice\n")?;
//! let error = Sources::open(folder)?.compile().err().ok_or("no such day")?;
//! assert!(error.to_string().ends_with(
//!     "places.tsv:2: from: expected a date YYYY-MM-DD of the calendar, found \"2003-10-36\"; correct the date"
//! ));
//! # Ok(())
//! # }
//! ```

pub mod assemble;
mod could;
mod days;
pub mod diff;
mod error;
mod headers;
mod merge;
pub mod publisher;
mod rows;
mod sources;
mod summary;
mod tables;
mod tsv;
mod write;

pub use error::{CompileError, Located};
pub use sources::{Built, Sources};
pub use summary::{Summary, TableSummary};
pub use write::write_atomically;
