//! An opened image.

use crate::attributes::{AttributeId, Attributes};
use crate::bytes::Bytes;
use crate::coverage::Coverage;
use crate::error::OpenError;
use crate::format::{Directory, Release, Section, read_directory};
use crate::notes::Notes;
use crate::relation::{Relation, RelationId};
use crate::system::{System, SystemId};
use crate::taxonomy::Taxonomies;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// A codeset image in use. Cloning shares it; it is `Send` and `Sync`, and look-ups take no lock.
#[derive(Clone)]
pub struct Codeset(Arc<Parts>);

struct Parts {
    directory: Directory,
    bytes: Arc<Bytes>,
    systems: [Option<System>; SystemId::ALL.len()],
    relations: [Option<Relation>; RelationId::ALL.len()],
    attributes: [Option<Attributes>; AttributeId::ALL.len()],
    notes: Option<Notes>,
    taxonomies: Option<Taxonomies>,
    articles: Option<Coverage>,
}

impl Codeset {
    /// Maps an image file and checks all of it: label, version, byte order, length, and every checksum.
    ///
    /// The file must not be changed in place while it is open; replace it by renaming a new one over it, as
    /// `codesets build` does.
    ///
    /// # Errors
    /// When the file cannot be read or is not, whole and undamaged, an image of this format.
    pub fn open(path: impl AsRef<Path>) -> Result<Codeset, OpenError> {
        Self::parts(Arc::new(Self::map(path.as_ref())?), true)
    }

    /// As [`Codeset::open`], but checks only the header and the directory, not the sections: for a service that
    /// opens, many times, an image it has verified before. On a damaged image, look-ups may then panic or answer
    /// wrongly; in place it must not be changed either.
    ///
    /// # Errors
    /// When the file cannot be read, or its header or directory is damaged.
    pub fn open_trusted(path: impl AsRef<Path>) -> Result<Codeset, OpenError> {
        Self::parts(Arc::new(Self::map(path.as_ref())?), false)
    }

    /// Opens a copy of an image's bytes, checking all of it.
    ///
    /// # Errors
    /// When the bytes are not, whole and undamaged, an image of this format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Codeset, OpenError> {
        Self::parts(Arc::new(Bytes::copy(bytes)), true)
    }

    /// Uses in place an image that the program carries. Only its header and directory are checked: the rest
    /// is as trustworthy as the program itself. Bytes that are not aligned to 64 are copied first.
    ///
    /// # Errors
    /// When the bytes are no image of this format.
    pub fn from_static(bytes: &'static [u8]) -> Result<Codeset, OpenError> {
        let aligned = (bytes.as_ptr() as usize).is_multiple_of(crate::bytes::ALIGNMENT);
        let bytes = if aligned { Bytes::Static(bytes) } else { Bytes::copy(bytes) };
        Self::parts(Arc::new(bytes), false)
    }

    fn map(path: &Path) -> Result<Bytes, OpenError> {
        let io = |source| OpenError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        if file.metadata().map_err(io)?.len() == 0 {
            return Ok(Bytes::Static(&[]));
        }
        Bytes::map(&file).map_err(io)
    }

    fn parts(bytes: Arc<Bytes>, verify: bool) -> Result<Codeset, OpenError> {
        let directory = read_directory(&bytes, verify)?;
        let mut systems = [const { None }; SystemId::ALL.len()];
        for (place, id) in systems.iter_mut().zip(SystemId::ALL) {
            *place = System::open(id, &bytes, &directory)?;
        }
        let mut relations = [const { None }; RelationId::ALL.len()];
        for (place, id) in relations.iter_mut().zip(RelationId::ALL) {
            *place = Relation::open(id, &bytes, &directory)?;
        }
        let mut attributes = [const { None }; AttributeId::ALL.len()];
        for (place, id) in attributes.iter_mut().zip(AttributeId::ALL) {
            *place = Attributes::open(id, &bytes, &directory)?;
        }
        let diagnoses = systems[SystemId::Diagnosis as usize].as_ref().map_or(0, System::len);
        let notes = Notes::open(&bytes, &directory, diagnoses)?;
        let taxonomies = Taxonomies::open(&bytes, &directory)?;
        let procedures = systems[SystemId::Procedure as usize].as_ref().map_or(0, System::len);
        let articles = Coverage::open(&bytes, &directory, procedures)?;
        Ok(Codeset(Arc::new(Parts { directory, bytes, systems, relations, attributes, notes, taxonomies, articles })))
    }

    /// The id that names this content: two images of the same id hold the same.
    pub fn id(&self) -> &str {
        &self.0.directory.id
    }

    /// A system, if the image holds it.
    #[inline]
    pub fn system(&self, id: SystemId) -> Option<&System> {
        self.0.systems[id as usize].as_ref()
    }

    /// A relation, if the image holds it.
    #[inline]
    pub fn relation(&self, id: RelationId) -> Option<&Relation> {
        self.0.relations[id as usize].as_ref()
    }

    /// A table of attributes, if the image holds it.
    #[inline]
    pub fn attributes(&self, id: AttributeId) -> Option<&Attributes> {
        self.0.attributes[id as usize].as_ref()
    }

    /// The notes of the tabular list, if the image holds them.
    #[inline]
    pub fn notes(&self) -> Option<&Notes> {
        self.0.notes.as_ref()
    }

    /// The provider taxonomy, if the image holds it.
    #[inline]
    pub fn taxonomies(&self) -> Option<&Taxonomies> {
        self.0.taxonomies.as_ref()
    }

    /// The coverage articles, if the image holds any.
    #[inline]
    pub fn articles(&self) -> Option<&Coverage> {
        self.0.articles.as_ref()
    }

    /// The releases that rows refer to by number.
    pub fn releases(&self) -> &[Release] {
        &self.0.directory.releases
    }

    /// The label of a release, or an empty text when there is none of this number.
    pub fn release_label(&self, release: u16) -> &str {
        self.releases().get(usize::from(release)).map_or("", |release| release.label.as_str())
    }

    /// The sections of the file.
    pub fn sections(&self) -> &[Section] {
        &self.0.directory.sections
    }

    /// The image's size in bytes.
    pub fn size(&self) -> u64 {
        self.0.bytes.len() as u64
    }
}

impl std::fmt::Debug for Codeset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Codeset").field("id", &self.id()).field("size", &self.size()).finish_non_exhaustive()
    }
}
