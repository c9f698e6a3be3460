//! Synthetic claims: as many as wanted, from a seed, with known errors planted, for benchmarks, demonstrations and
//! tests.
//!
//! Claims are professional and institutional outpatient. Their codes are drawn from a codeset, their patients and
//! providers are invented, and no edit fails on them but those whose errors are planted, one to a claim. Claim
//! number *n* depends on the seed, the plan, the codeset and *n* alone, so the same plan gives the same bytes on
//! every platform.
//!
//! ```no_run
//! use cleanclaim_generate::{Generator, Plan};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let codeset = codeset::Codeset::open("default.codeset")?;
//! let plan = Plan { lines: 100_000, seed: 7, error_rate: 0.02, ..Plan::default() };
//! let (mut claims, mut planted) = (Vec::new(), Vec::new());
//! let made = Generator::new(&codeset, plan)?.write_csv(&mut claims, Some(&mut planted))?;
//! assert!(made.lines >= 100_000);
//! # Ok(())
//! # }
//! ```

mod claim;
mod clean;
mod common;
mod csv;
mod draw;
mod error;
mod generator;
mod kinds;
mod ndjson;
mod people;
mod plan;
mod plant;
mod tables;
mod x12;

pub use error::GenerateError;
pub use generator::{Generator, Made, plantable};
pub use plan::Plan;
