//! Making claim after claim.

use crate::claim::Claim;
use crate::clean::{ANY, Maker};
use crate::draw::{Draw, Share};
use crate::plant::{Bench, Candidates, Expected, RECIPES, RELEASED_PAIR, Recipe};
use crate::tables::Tables;
use crate::{GenerateError, Plan};
use codes::ClaimType;
use codeset::Codeset;

/// How often a claim is tried to be made before it is said to be impossible.
const TRIES: u32 = 64;
/// How often an error is tried to be planted before the claim is left clean.
const PLANTING_TRIES: u32 = 24;
/// One institutional claim of so many without an error has a PTP pair that a modifier releases.
const RELEASED: u32 = 40;

/// Makes claims from a codeset: see the crate's documentation.
pub struct Generator<'c> {
    plan: Plan,
    maker: Maker<'c>,
    candidates: Candidates,
    errors: Share,
    recipes: Vec<&'static Recipe>,
}

/// How much was made.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Made {
    /// Claims.
    pub claims: u64,
    /// Service lines.
    pub lines: u64,
    /// Claims with a planted error.
    pub erroneous: u64,
}

/// The ids of the edits that errors can be planted of, in order, where the codeset's tables allow.
///
/// ```
/// let edits: Vec<&str> = cleanclaim_generate::plantable().collect();
/// assert!(edits.contains(&"PTP002"));
/// ```
pub fn plantable() -> impl Iterator<Item = &'static str> {
    RECIPES.iter().map(|recipe| recipe.edit)
}

impl<'c> Generator<'c> {
    /// Prepares to make claims from this codeset. Takes some tens of milliseconds.
    ///
    /// # Errors
    /// [`GenerateError`] when the codeset lacks a code system, a share of the plan is none, or the plan asks for
    /// errors that cannot be planted.
    pub fn new(codeset: &'c Codeset, plan: Plan) -> Result<Generator<'c>, GenerateError> {
        let errors = Share::new(plan.error_rate)
            .ok_or(GenerateError::BadShare { what: "error_rate", value: plan.error_rate })?;
        // Of a type that none is of, the last would never come.
        let none_of_it = match plan.only {
            Some(ClaimType::Institutional) => plan.institutional_share <= 0.0,
            Some(ClaimType::Professional) => plan.institutional_share >= 1.0,
            Some(ClaimType::Dental) => true,
            None => false,
        };
        if none_of_it {
            let value = plan.institutional_share;
            return Err(GenerateError::BadShare { what: "institutional_share", value });
        }
        let tables = Tables::new(codeset)?;
        let candidates = Candidates::new(&tables);
        let recipes = recipes(&plan, &candidates)?;
        Ok(Generator { maker: Maker::new(tables, &plan)?, plan, candidates, errors, recipes })
    }

    /// The ids of the edits that errors are planted of.
    pub fn planted_edits(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.recipes.iter().map(|recipe| recipe.edit)
    }

    /// Makes all claims, one after the other, and gives each to `take` with what a scrubber must find.
    pub(crate) fn each(
        &self,
        mut take: impl FnMut(&Claim, &[Expected]) -> std::io::Result<()>,
    ) -> Result<Made, GenerateError> {
        let (mut claim, mut expected) = (Claim::empty(), Vec::new());
        let mut made = Made::default();
        while made.lines < self.plan.lines {
            claim.number += 1;
            self.make(&mut claim, &mut expected)?;
            if self.plan.only.is_some_and(|only| only != claim.claim_type) {
                continue;
            }
            made.claims += 1;
            take(&claim, &expected)?;
            made.lines += claim.lines.len() as u64;
            made.erroneous += u64::from(expected.iter().any(Expected::is_failure));
        }
        Ok(made)
    }

    /// Makes the claim of this number. It depends on the number, the plan and the codeset alone.
    fn make(&self, claim: &mut Claim, expected: &mut Vec<Expected>) -> Result<(), GenerateError> {
        let mut draw = Draw::new(self.plan.seed, claim.number);
        expected.clear();
        if draw.happens(self.errors)
            && let Some(recipe) = draw.pick(&self.recipes)
            && self.plant(recipe, &mut draw, claim, expected).is_some()
        {
            return Ok(());
        }
        for _ in 0..TRIES {
            if self.maker.make(&mut draw, &ANY, claim).is_none() {
                continue;
            }
            if claim.is_institutional() && draw.once_in(RELEASED) && (RELEASED_PAIR.ready)(&self.candidates) {
                // The claim is made anew, and clean if that does not succeed.
                let made = self.plant(&RELEASED_PAIR, &mut draw, claim, expected);
                if made.is_none() && self.maker.make(&mut draw, &ANY, claim).is_none() {
                    continue;
                }
            }
            return Ok(());
        }
        Err(GenerateError::NoCleanClaim { claim: claim.number })
    }

    /// Makes a claim with this error.
    fn plant(&self, recipe: &Recipe, draw: &mut Draw, claim: &mut Claim, expected: &mut Vec<Expected>) -> Option<()> {
        let mut shape = recipe.shape;
        if recipe.edit.starts_with("PTP") {
            // The type whose table is loaded.
            shape.claim_type = match (self.maker.tables.ptp_hospital, self.maker.tables.ptp_practitioner) {
                (Some(_), None) => Some(ClaimType::Institutional),
                (None, Some(_)) => Some(ClaimType::Professional),
                _ => shape.claim_type,
            };
        }
        for _ in 0..PLANTING_TRIES {
            expected.clear();
            if self.maker.make(draw, &shape, claim).is_none() {
                continue;
            }
            let Some(limits) = self.maker.limits(claim) else { continue };
            let (maker, from, edit) = (&self.maker, &self.candidates, recipe.edit);
            let mut bench = Bench { edit, maker, from, draw, claim, limits, expected };
            // An error must bring no other with it.
            if (recipe.plant)(&mut bench).is_some()
                && self.maker.tables.stand_together(claim)
                && self.maker.tables.fit_their_lines(claim)
            {
                return Some(());
            }
        }
        expected.clear();
        None
    }
}

/// The errors that the plan asks for, or all that there is something for to make them of.
fn recipes(plan: &Plan, candidates: &Candidates) -> Result<Vec<&'static Recipe>, GenerateError> {
    if plan.plant.is_empty() {
        return Ok(RECIPES.iter().filter(|recipe| (recipe.ready)(candidates)).collect());
    }
    let mut wanted = Vec::new();
    for edit in &plan.plant {
        let known: Vec<&Recipe> = RECIPES.iter().filter(|recipe| recipe.edit == edit).collect();
        if known.is_empty() {
            let known = plantable().collect::<Vec<_>>().join(", ");
            return Err(GenerateError::UnknownEdit { edit: edit.clone(), known });
        }
        if let Some(recipe) = known.iter().find(|recipe| !(recipe.ready)(candidates)) {
            return Err(GenerateError::NothingToPlant { edit: recipe.edit, table: recipe.table });
        }
        wanted.extend(known);
    }
    Ok(wanted)
}
