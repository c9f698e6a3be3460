//! The codeset that the program carries.

use codeset::Codeset;
use std::sync::OnceLock;

/// Sections are read in place as arrays, so the image must begin where a section may.
#[repr(C, align(64))]
struct Aligned<T: ?Sized>(T);

static IMAGE: &Aligned<[u8]> = &Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/default.codeset")));

/// The default codeset, compiled into the program from the tables in `codesets/`. It is used in place: the first
/// call checks its header and directory, every further one only shares it.
pub fn embedded() -> Codeset {
    static CODESET: OnceLock<Codeset> = OnceLock::new();
    CODESET
        .get_or_init(|| {
            #[expect(clippy::expect_used, reason = "the build script opened these very bytes; they are no input")]
            Codeset::from_static(&IMAGE.0).expect("the codeset in the program is the one that its build verified")
        })
        .clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use codeset::{RelationId, SystemId};

    #[test]
    fn the_program_carries_every_default_system_and_relation_in_place() {
        let codeset = embedded();
        for id in
            [SystemId::Diagnosis, SystemId::Procedure, SystemId::Modifier, SystemId::PlaceOfService, SystemId::Revenue]
        {
            assert!(codeset.system(id).is_some_and(|system| system.row_count() > 50), "{id:?}");
        }
        for id in
            [RelationId::PtpHospital, RelationId::AddOn, RelationId::ModifierConflict, RelationId::DiagnosisSuccessor]
        {
            assert!(codeset.relation(id).is_some_and(|relation| !relation.is_empty()), "{id:?}");
        }
        assert_eq!(codeset.id(), embedded().id());
        assert_eq!(codeset.size(), IMAGE.0.len() as u64);
        assert!((IMAGE.0.as_ptr() as usize).is_multiple_of(64));
    }

    #[test]
    fn the_image_is_small_enough_to_carry_and_whole() {
        assert!(IMAGE.0.len() < 40_000_000, "{} bytes", IMAGE.0.len());
        assert_eq!(
            Codeset::from_bytes(&IMAGE.0).map(|codeset| codeset.id().to_owned()).ok().as_deref(),
            Some(embedded().id())
        );
    }
}
