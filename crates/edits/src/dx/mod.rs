//! DX: diagnoses, ICD-10-CM.

mod dx001_unknown;
mod dx002_incomplete;
mod dx003_not_effective;
mod dx004_malformed;
mod dx005_duplicate;
mod dx006_missing;
mod dx010_age;
mod dx011_sex;
mod dx020_manifestation_first;
mod dx021_external_cause_first;
mod dx022_unacceptable_principal;
mod dx023_etiology_missing;
mod dx030_excludes1;
mod dx031_side_vs_modifier;
mod dx032_both_sides;
mod dx033_side_unspecified;
mod dx040_pointer;
mod dx041_unreferenced;
mod first_listed;
mod note;
mod side;
mod validity;

use crate::Edit;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[
    &dx001_unknown::DxUnknown,
    &dx002_incomplete::DxIncomplete,
    &dx003_not_effective::DxNotEffective,
    &dx004_malformed::DxMalformed,
    &dx005_duplicate::DxDuplicate,
    &dx006_missing::DxMissing,
    &dx010_age::DxAge,
    &dx011_sex::DxSex,
    &dx020_manifestation_first::DxManifestationFirst,
    &dx021_external_cause_first::DxExternalCauseFirst,
    &dx022_unacceptable_principal::DxUnacceptablePrincipal,
    &dx023_etiology_missing::DxEtiologyMissing,
    &dx030_excludes1::DxExcludes1,
    &dx031_side_vs_modifier::DxSideVsModifier,
    &dx032_both_sides::DxBothSides,
    &dx033_side_unspecified::DxSideUnspecified,
    &dx040_pointer::DxPointer,
    &dx041_unreferenced::DxUnreferenced,
];
