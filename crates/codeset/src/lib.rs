//! The codeset: many releases of many code systems and edit tables in one memory-mapped image.
//!
//! An image is one file. It is used in place, whether mapped from a file, embedded in the binary or owned:
//! nothing is deserialised at opening but a small directory. Every code of a system has an *ordinal*, its rank
//! in the sorted order of the codes; the FST answers code → ordinal, and everything else is an array indexed
//! by ordinal.
//!
//! ```
//! use cleanclaim_codeset::{Codeset, ImageBuilder, Release, SystemBuilder, SystemId, Row};
//! use codes::{Code, Date};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let day = |text: &str| Date::parse(text.as_bytes()).ok_or("no date");
//! let mut places = SystemBuilder::new(SystemId::PlaceOfService);
//! let office = Code::parse(b"11").ok_or("no code")?;
//! places.add(office, Row::new(day("20031016")?, None, 0), Some("Office"));
//! let mut image = ImageBuilder::new();
//! image.release(Release::new("pos-codes", SystemId::PlaceOfService.name(), day("20031016")?, None));
//! image.system(places)?;
//! let codeset = Codeset::from_bytes(&image.finish()?)?;
//! let places = codeset.system(SystemId::PlaceOfService).ok_or("no such system")?;
//! let ordinal = places.ordinal(office).ok_or("no such code")?;
//! assert!(places.row_on(ordinal, day("20240101")?).is_some());
//! # Ok(())
//! # }
//! ```

mod attributes;
mod basis;
mod bytes;
mod coverage;
mod error;
pub mod flags;
mod format;
mod image;
mod near;
mod notes;
mod reach;
mod relation;
mod row;
mod system;
mod taxonomy;
mod unlisted;

pub use attributes::{
    Attribute, AttributeId, Attributes, AttributesBuilder, FeeIndicators, GlobalPeriod, HcpcsFacts, Mue, MueScope,
};
pub use basis::{Basis, ManualSection};
pub use coverage::{Article, Coverage, CoverageBuilder, NewArticle, Pairing};
pub use error::{BuildError, OpenError};
pub use format::{ImageBuilder, Release, Section};
pub use image::Codeset;
pub use notes::{CodeRun, NewNote, NoteKind, NoteRef, Notes, NotesBuilder};
pub use reach::Reach;
pub use relation::{Class, Link, Relation, RelationBuilder, RelationId, Side};
pub use row::{Row, RowKind};
pub use system::{Ordinal, System, SystemBuilder, SystemId};
pub use taxonomy::{Taxonomies, TaxonomyCode, TaxonomyRow};
pub use unlisted::is_unlisted_service;
