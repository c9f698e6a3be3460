//! The words a claim is made of, packed into integers: codes, modifiers, dates, money, units and NPIs.
//!
//! Nothing here does I/O or knows a table. Parsing is strict and total: every function takes any bytes and
//! answers with a value or with `None`; what was wrong is said by the reader that knows the place.

mod code;
mod date;
mod digits;
mod number;
mod provider;

pub use code::{Code, CodeKind, Modifier};
pub use date::{Date, DateRange};
pub use number::{Money, Units};
pub use provider::{BillType, ClaimType, Npi, Sex};
