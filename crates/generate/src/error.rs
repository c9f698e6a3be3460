//! Why claims could not be made.

/// Why claims could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// A code system that every claim draws from is not in the codeset.
    #[error("the codeset has no table {system}: claims are drawn from its codes; give a codeset that holds it")]
    MissingSystem {
        /// The system's name, as `codesets inspect` prints it.
        system: &'static str,
    },
    /// The tables have no day in common.
    #[error(
        "the codeset's tables answer for no day in common, so no claim could be judged by all of them; \
         compare their coverage with `codesets inspect`"
    )]
    NoCommonDays,
    /// A share of the plan is none.
    #[error("{what} is a share from 0 to 1, not {value}")]
    BadShare {
        /// Which.
        what: &'static str,
        /// What it was.
        value: f64,
    },
    /// The plan asks for errors of an edit that none is made for.
    #[error("errors of edit {edit:?} cannot be planted; those that can are {known}")]
    UnknownEdit {
        /// What the plan asked for.
        edit: String,
        /// Those that can, with commas between.
        known: String,
    },
    /// The plan asks for errors of an edit whose table is not in the codeset, or holds nothing to make one of.
    #[error("errors of edit {edit} cannot be planted: the codeset holds nothing in table {table} to make one of")]
    NothingToPlant {
        /// The edit.
        edit: &'static str,
        /// The table.
        table: &'static str,
    },
    /// No claim without errors could be put together from the codeset's codes.
    #[error(
        "claim {claim} could not be put together: too few codes of the codeset are valid on one day, for one \
         patient, without an edit against them"
    )]
    NoCleanClaim {
        /// The claim's number, from 1.
        claim: u64,
    },
    /// The output could not be written.
    #[error("cannot write the claims: {0}")]
    Write(#[from] std::io::Error),
}
