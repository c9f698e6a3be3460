//! What the engine may conclude from a code alone, see [`codeset::flags::could`].

use codeset::{RelationId, Row, SystemId, flags};

/// What may be concluded from a row.
pub(crate) fn could_of_row(id: SystemId, row: &Row) -> u32 {
    use flags::diagnosis::{
        AGE_GROUPS, EXTERNAL_CAUSE, FEMALE, MALE, MANIFESTATION, OUTPATIENT_UNACCEPTABLE, UNACCEPTABLE_PRINCIPAL,
    };
    const NOT_FIRST: u32 = MANIFESTATION | EXTERNAL_CAUSE | UNACCEPTABLE_PRINCIPAL | OUTPATIENT_UNACCEPTABLE;
    let own_flags = if id == SystemId::Diagnosis { row.flags } else { 0 };
    let bit = |set: bool, bit: u32| if set { bit } else { 0 };
    bit(row.limits_age() || own_flags & AGE_GROUPS != 0, flags::could::AGE)
        | bit(own_flags & (FEMALE | MALE) != 0, flags::could::SEX)
        | bit(own_flags & NOT_FIRST != 0, flags::could::FIRST_PLACE)
}

/// What may be concluded from a code's being the source, and from its being the target, of some pair.
pub(crate) fn could_of_side(id: RelationId) -> (u32, u32) {
    use flags::could;
    match id {
        RelationId::PtpHospital => (could::PTP_HOSPITAL_COLUMN_1, could::PTP_HOSPITAL_COLUMN_2),
        RelationId::PtpPractitioner => (could::PTP_PRACTITIONER_COLUMN_1, could::PTP_PRACTITIONER_COLUMN_2),
        RelationId::AddOn => (could::ADD_ON, 0),
        RelationId::DiagnosisSide => (could::SIDE, 0),
        RelationId::ModifierConflict | RelationId::DiagnosisSuccessor => (0, 0),
    }
}
