//! Payer policies: a payer's own edits in a TOML file, checked like code and as fast as the built-in edits.
//!
//! The language is written down for its authors in `codesets/policies/README.md`, and shown whole in `example.toml`
//! beside it. A policy goes one way:
//!
//! ```text
//! files ──document──▶ what they say ──sets──▶ ranges of ordinals ─┐
//!                          │                                       ▼
//!                          └─ conditions ──cel──▶ trees ──check──▶ typed operations ──need──▶ index
//! ```
//!
//! - `tables` reads TOML and tells what is misspelt or of the wrong kind, `document` what a policy says in it; `source`
//!   and `text` keep the place of every character, so that a problem within a condition points into the file.
//! - `cel` has conditions parsed by the crate of that name; `check` gives every part a type and every code an ordinal,
//!   and compiles to the operations of `ops`, which run without allocation and answer true, false, or why it is not
//!   known.
//! - `need` finds the codes without which a condition is false, and `index` the edits by those codes: an edit is only
//!   looked at on claims on which it could fail. Units of which an edit reports nothing passed; they are counted by the
//!   engine once a batch. `dead` warns of edits that can never fail, or only where another does.
//! - `example` and `explain` are for authors.
//!
//! A site's own choices and suppressions are read by the same means: `site`.
//!
//! Everything that is wrong with a policy is told at once ([`PolicyError`]), and such a policy is not used.
//!
//! ```
//! use cleanclaim_policy::{Guarded, Policy, PolicyScratch};
//! use claims::{Claim, ClaimBatch, Columns, Line};
//! use codeset::{Codeset, ImageBuilder};
//! use edits::FactsBuilder;
//! let codeset = Codeset::from_bytes(&ImageBuilder::new().finish()?)?;
//! let text = r#"
//!     [policy]
//!     id = "ACME"
//!     version = "2026.1"
//!     name = "Acme Health"
//!     source = "Acme provider manual 2026, page 7"
//!     [applies]
//!     payers = ["ACME*"]
//!     [[edit]]
//!     id = "ACME001"
//!     title = "Large charge without a note"
//!     fails_when = "line.charge > 10000 && !has(line.note)"
//!     message = "The charge of {line.charge} is above 10000.00 and the line has no note"
//!     fix = "Say in a line note what was done."
//! "#;
//! let (policy, warnings) = Policy::parse("acme.toml", text, &codeset)?;
//! assert!(warnings[0].message().contains("has no example"));
//! let line = Line { charge: Some("12000".into()), ..Line::default() };
//! let mut batch = ClaimBatch::new(Columns::ALL);
//! batch.push(&Claim { claim_id: "C1".into(), payer_id: Some("ACME1".into()), lines: vec![line], ..Claim::default() });
//! let mut builder = FactsBuilder::new(&codeset);
//! let facts = builder.build(batch.claim(0), &mut &codeset);
//! assert!(policy.takes(&facts.claim));
//! let mut verdicts = Vec::new();
//! policy.check(&facts, Guarded::No, &mut PolicyScratch::default(), &mut verdicts);
//! assert_eq!((verdicts.len(), verdicts[0].line), (1, Some(0)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod applies;
mod cel;
mod check;
mod compile;
mod dead;
mod document;
mod example;
mod explain;
mod fields;
mod index;
mod near;
mod need;
mod ops;
mod pin;
mod policy;
mod ranges;
mod session;
mod sets;
mod site;
mod source;
mod tables;
mod text;
mod torn;

pub use example::ExampleResult;
pub use explain::{ExplainedPart, Explanation};
pub use pin::{PolicyPin, PolicyPinError};
pub use policy::{BuiltinChange, OpenPolicyError, Policies, Policy, PolicyEdit};
pub use session::{Guarded, PolicyScratch, Verdict};
pub use site::{OpenSiteError, Site, SiteError, SiteFile, Suppression};
pub use source::{FileProblem, PolicyError, ProblemLevel};
