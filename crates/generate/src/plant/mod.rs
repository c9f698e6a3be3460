//! Planting errors: what each is, and what a scrubber must find then.
//!
//! A claim gets one error. Its expectations follow from the edits' definitions, not from what some scrubber answers;
//! where an error unavoidably is a failure of two edits, both are expected.

mod candidates;
mod claim_wide;
mod diagnoses;
mod lines;
mod modifiers;
mod pairs;
mod procedures;

pub(crate) use candidates::Candidates;

use crate::claim::Claim;
use crate::clean::{ANY, Maker, Shape};
use crate::draw::Draw;
use crate::tables::{Limits, Tables};
use claims::Field;
use codes::{ClaimType, Code, Date};
use codeset::Ordinal;

/// What a scrubber must answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Expected {
    /// The place of the line, from 0, where the finding is of a line or of a diagnosis at a line.
    pub(crate) line: Option<usize>,
    pub(crate) edit: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) field: Field,
    pub(crate) note: String,
}

impl Expected {
    /// Whether it is a failure, and not a release.
    pub(crate) fn is_failure(&self) -> bool {
        self.outcome == FAIL
    }
}

const FAIL: &str = "fail";
const BYPASSED: &str = "bypassed";

/// One kind of error.
pub(crate) struct Recipe {
    /// The edit that finds it.
    pub(crate) edit: &'static str,
    /// The table that it is made from.
    pub(crate) table: &'static str,
    /// Whether the table has what it is made from.
    pub(crate) ready: fn(&Candidates) -> bool,
    /// The claim that it is planted in.
    pub(crate) shape: Shape,
    /// Plants it; `None` when this claim has no room for it.
    pub(crate) plant: fn(&mut Bench<'_, '_>) -> Option<()>,
}

/// A claim of one day, without add-on codes.
const PLAIN: Shape = Shape { plain: true, ..ANY };
const PROFESSIONAL: Shape = Shape { claim_type: Some(ClaimType::Professional), ..PLAIN };
const INSTITUTIONAL: Shape = Shape { claim_type: Some(ClaimType::Institutional), ..PLAIN };

/// A recipe made from nothing but the claim.
const fn recipe(edit: &'static str, shape: Shape, plant: fn(&mut Bench<'_, '_>) -> Option<()>) -> Recipe {
    Recipe { edit, table: "", ready: |_| true, shape, plant }
}

/// Every kind of error, in the order of its edit.
pub(crate) const RECIPES: &[Recipe] = &[
    Recipe {
        table: "add-on",
        ready: |from| !from.add_ons[0].is_empty(),
        // A hospital's bill does not say whether it asks for a primary.
        ..recipe("AOC001", PROFESSIONAL, procedures::add_on_without_primary)
    },
    Recipe {
        table: "add-on",
        ready: |from| !from.add_ons[1].is_empty(),
        // The I/OCE asks it of few institutional lines.
        ..recipe("AOC002", Shape { lines: (1, 1), ..PROFESSIONAL }, procedures::contractor_defined_alone)
    },
    Recipe {
        table: "add-on",
        ready: |from| !from.add_ons[2].is_empty(),
        ..recipe("AOC003", Shape { lines: (1, 1), ..PROFESSIONAL }, procedures::partly_defined_alone)
    },
    recipe("CLM001", ANY, claim_wide::total),
    recipe("CLM002", PLAIN, claim_wide::dates),
    recipe("CLM003", PLAIN, claim_wide::units),
    recipe("CLM005", PLAIN, claim_wide::missing_field),
    recipe("DUP001", PLAIN, lines::duplicate),
    recipe("DUP002", PLAIN, lines::suspect_duplicate),
    recipe("DX001", PLAIN, diagnoses::unknown),
    recipe("DX002", PLAIN, diagnoses::incomplete),
    Recipe {
        table: "icd10cm",
        ready: |from| !from.passing_diagnoses.is_empty(),
        ..recipe("DX003", PLAIN, diagnoses::not_effective)
    },
    recipe("DX004", PLAIN, diagnoses::malformed),
    recipe("DX005", Shape { diagnoses: (1, 11), ..PLAIN }, diagnoses::duplicate),
    // A professional line without diagnoses would have no pointer either.
    recipe("DX006", INSTITUTIONAL, diagnoses::missing),
    Recipe {
        table: "icd10cm",
        ready: |from| !from.of_age.is_empty(),
        ..recipe("DX010", PLAIN, diagnoses::of_other_age)
    },
    Recipe {
        table: "icd10cm",
        ready: |from| !from.manifestations.is_empty(),
        ..recipe("DX020", PLAIN, diagnoses::manifestation_first)
    },
    Recipe {
        table: "icd10cm",
        ready: |from| !from.external_causes.is_empty(),
        ..recipe("DX021", PLAIN, diagnoses::external_cause_first)
    },
    Recipe {
        table: "icd10cm",
        ready: |from| !from.unacceptable.is_empty(),
        ..recipe("DX022", INSTITUTIONAL, diagnoses::unacceptable_principal)
    },
    recipe("DX040", PROFESSIONAL, diagnoses::bad_pointer),
    recipe("DX041", Shape { diagnoses: (1, 11), ..PROFESSIONAL }, diagnoses::unreferenced),
    recipe("FAC002", INSTITUTIONAL, lines::revenue_code),
    recipe("FMT003", PLAIN, claim_wide::bad_value),
    recipe("MOD001", PLAIN, modifiers::unknown),
    Recipe {
        table: "modifiers",
        ready: |from| !from.passing_modifiers.is_empty(),
        ..recipe("MOD002", PLAIN, modifiers::not_effective)
    },
    recipe("MOD003", PLAIN, modifiers::repeated),
    recipe("MOD004", PLAIN, modifiers::conflict),
    recipe("POS001", PROFESSIONAL, lines::place),
    // Add-on codes and their primaries must be by one provider, so there are none.
    recipe("PRV001", PLAIN, lines::npi),
    Recipe {
        table: "ptp-hospital",
        ready: |from| !from.column_1[0].is_empty(),
        ..recipe("PTP001", Shape { lines: (2, 12), ..PLAIN }, pairs::never)
    },
    Recipe {
        table: "ptp-hospital",
        ready: |from| !from.column_1[1].is_empty(),
        ..recipe("PTP002", Shape { lines: (2, 12), ..PLAIN }, pairs::without_modifier)
    },
    recipe("PX001", PLAIN, procedures::unknown),
    Recipe {
        table: "procedures",
        ready: |from| !from.passing_procedures.is_empty(),
        ..recipe("PX003", PLAIN, procedures::not_effective)
    },
    recipe("PX004", PLAIN, procedures::malformed),
    Recipe {
        table: "procedures",
        ready: |from| !from.aged_procedures.is_empty(),
        ..recipe("PX010", PLAIN, procedures::of_other_age)
    },
];

/// Not an error: a PTP pair that a modifier releases.
pub(crate) const RELEASED_PAIR: Recipe = Recipe {
    table: "ptp-hospital",
    ready: |from| !from.column_1[1].is_empty(),
    ..recipe("PTP002", Shape { lines: (2, 12), ..PLAIN }, pairs::released)
};

/// How often a code is drawn that does not do before the error is given up.
const TRIES: u32 = 300;

/// A claim that an error is planted in.
pub(crate) struct Bench<'b, 'c> {
    pub(crate) edit: &'static str,
    pub(crate) maker: &'b Maker<'c>,
    pub(crate) from: &'b Candidates,
    pub(crate) draw: &'b mut Draw,
    pub(crate) claim: &'b mut Claim,
    pub(crate) limits: Limits,
    pub(crate) expected: &'b mut Vec<Expected>,
}

impl<'c> Bench<'_, 'c> {
    fn tables(&self) -> &Tables<'c> {
        &self.maker.tables
    }

    /// The first day of service; the only one of a plain claim.
    fn day(&self) -> Date {
        self.claim.lines.first().map_or(self.tables().last_day, |line| line.from)
    }

    /// The place, from 0, of one of the lines.
    fn any_line(&mut self) -> usize {
        self.draw.below(self.claim.lines.len() as u32) as usize
    }

    /// The place, from 0, of one of the diagnoses.
    fn any_diagnosis(&mut self) -> usize {
        self.draw.below(self.claim.diagnoses.len() as u32) as usize
    }

    /// One of the items that does.
    fn find<T: Copy>(&mut self, items: &[T], does: impl Fn(&Self, T) -> bool) -> Option<T> {
        for _ in 0..TRIES {
            let item = self.draw.pick(items)?;
            if does(self, item) {
                return Some(item);
            }
        }
        None
    }

    /// The line at whose date a diagnosis (from 0) is judged: on a professional claim the first that points to it.
    fn judged_at(&self, diagnosis: usize) -> Option<usize> {
        let number = diagnosis as u8 + 1;
        self.claim.lines.iter().position(|line| line.pointers.numbers().contains(&number))
    }

    /// What a scrubber must fail.
    fn fails(&mut self, line: Option<usize>, field: Field, note: impl Into<String>) -> Option<()> {
        self.answers(line, FAIL, field, note)
    }

    fn answers(
        &mut self,
        line: Option<usize>,
        outcome: &'static str,
        field: Field,
        note: impl Into<String>,
    ) -> Option<()> {
        self.expected.push(Expected { line, edit: self.edit, outcome, field, note: note.into() });
        Some(())
    }

    /// Makes a line one of this procedure, with the modifiers, charge and revenue code that go with it.
    fn dress(&mut self, place: usize, procedure: Ordinal) -> Option<()> {
        let institutional = self.claim.is_institutional();
        let line = self.claim.lines.get_mut(place)?;
        self.maker.dress(self.draw, line, procedure, institutional);
        self.claim.add_up();
        Some(())
    }

    /// Whether the procedure may stand in the place of the line's with those of the other lines: it is not on
    /// them and makes no PTP pair with them.
    fn goes_with_others(&self, place: usize, procedure: Ordinal) -> bool {
        let (day, institutional) = (self.day(), self.claim.is_institutional());
        self.claim.lines.iter().enumerate().filter(|&(other, _)| other != place).all(|(_, line)| {
            line.ordinal
                .is_none_or(|other| other != procedure && !self.tables().clash(procedure, other, day, institutional))
        })
    }
}

/// The field of a diagnosis, counted from 0.
fn dx_field(place: usize) -> Field {
    Field::Diagnosis(place as u8 + 1)
}

/// The field of a modifier, counted from 0.
fn modifier_field(place: usize) -> Field {
    Field::Modifier(place as u8 + 1)
}

/// A code with the character at a place changed.
fn with_character(code: Code, place: usize, character: u8) -> Option<Code> {
    let mut bytes = code.to_bytes();
    *bytes.get_mut(place)? = character;
    Code::parse(&bytes[..code.len()])
}
