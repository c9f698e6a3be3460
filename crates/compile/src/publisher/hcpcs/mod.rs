//! HCPCS Level II, published by CMS: the contractor file in fixed width, the quarterly table as xlsx and csv, and the
//! list of codes that are not otherwise classified.

mod fixed;
mod noc;
mod record;
mod table;

pub use fixed::records;
pub use noc::{NocCode, noc};
pub use record::{HcpcsRecord, RecordKind};
pub use table::table;

pub(crate) use fixed::is_records;
pub(crate) use noc::is_noc;
pub(crate) use table::is_table;
