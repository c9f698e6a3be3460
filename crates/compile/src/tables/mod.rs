//! One reader a table format. A reader turns one file into normalised rows, or into an error that says where and
//! what; it knows neither other tables nor the image.

mod addon;
mod diagnoses;
mod modifiers;
mod notes;
mod places;
mod procedures;
mod ptp;
mod revenue;
mod sides;
mod successors;
mod titles;

use crate::error::CompileError;
use crate::rows::Table;
use crate::tsv::Text;
use codeset::{Notes, RelationId, SystemId};

/// Where a table's content goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    System(SystemId),
    Relation(RelationId),
    Titles(SystemId),
    Notes,
}

impl Part {
    /// The name that the table's release carries. A list of titles answers for no day: it has a name of its own,
    /// so that it does not count as coverage of its system.
    pub(crate) fn name(self) -> String {
        match self {
            Part::System(id) => id.name().to_owned(),
            Part::Relation(id) => id.name().to_owned(),
            Part::Notes => Notes::NAME.to_owned(),
            Part::Titles(id) => format!("titles:{}", id.name()),
        }
    }
}

/// The reader of a table, by the table's id in sources.toml.
pub(crate) struct Reader {
    pub(crate) table: &'static str,
    pub(crate) part: Part,
    /// Reads the text; rows take the given release number.
    pub(crate) read: fn(Text<'_>, u16) -> Result<Table, CompileError>,
}

/// Every format that is read.
pub(crate) const READERS: &[Reader] = &[
    Reader { table: "icd10cm-codes", part: Part::System(SystemId::Diagnosis), read: diagnoses::read },
    Reader { table: "icd10cm-titles", part: Part::Titles(SystemId::Diagnosis), read: titles::read_diagnoses },
    Reader {
        table: "icd10cm-successors",
        part: Part::Relation(RelationId::DiagnosisSuccessor),
        read: successors::read,
    },
    Reader { table: "icd10cm-sides", part: Part::Relation(RelationId::DiagnosisSide), read: sides::read },
    Reader { table: "icd10cm-notes", part: Part::Notes, read: notes::read },
    Reader { table: "procedures-codes", part: Part::System(SystemId::Procedure), read: procedures::read },
    Reader { table: "procedures-titles", part: Part::Titles(SystemId::Procedure), read: titles::read_procedures },
    Reader { table: "modifiers-codes", part: Part::System(SystemId::Modifier), read: modifiers::read },
    Reader {
        table: "modifiers-conflicts",
        part: Part::Relation(RelationId::ModifierConflict),
        read: modifiers::read_conflicts,
    },
    Reader { table: "revenue-codes", part: Part::System(SystemId::Revenue), read: revenue::read },
    Reader { table: "pos-codes", part: Part::System(SystemId::PlaceOfService), read: places::read },
    Reader { table: "ncci-hospital-ptp", part: Part::Relation(RelationId::PtpHospital), read: ptp::read },
    Reader { table: "addon-type1", part: Part::Relation(RelationId::AddOn), read: addon::read_type_1 },
    Reader { table: "addon-type2", part: Part::Relation(RelationId::AddOn), read: addon::read_type_2 },
    Reader { table: "addon-type3", part: Part::Relation(RelationId::AddOn), read: addon::read_type_3 },
];
