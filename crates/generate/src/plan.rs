//! What to make.

use codes::ClaimType;

/// What claims to make. The default is a thousand lines, one claim of twenty with an error of any kind.
///
/// ```
/// use cleanclaim_generate::Plan;
/// let plan = Plan { lines: 5_000_000, seed: 7, error_rate: 0.02, ..Plan::default() };
/// assert_eq!(plan.institutional_share, 0.25);
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// How many service lines to make: the claim that reaches it is the last, so there may be some more, fewer
    /// than a claim has (12).
    pub lines: u64,
    /// The same plan, codeset and version give the same bytes, on any platform.
    pub seed: u64,
    /// The share of claims with a planted error, 0 to 1. Each such claim has one.
    pub error_rate: f64,
    /// Whether all valid procedures and diagnoses are drawn with the same chance. Otherwise a few hundred codes
    /// are on most lines, as in life.
    pub uniform: bool,
    /// The share of institutional outpatient claims, 0 to 1; the others are professional. Errors that only one
    /// type of claim can have are planted in that type, which shifts the share a little.
    pub institutional_share: f64,
    /// Only the claims of this type, the others being left out: what is made is what a plan without this makes of that
    /// type, and more of it.
    pub only: Option<ClaimType>,
    /// Ids of the edits to plant errors of. Empty: of all that the codeset's tables allow.
    pub plant: Vec<String>,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            lines: 1000,
            seed: 1,
            error_rate: 0.05,
            uniform: false,
            institutional_share: 0.25,
            only: None,
            plant: Vec::new(),
        }
    }
}
