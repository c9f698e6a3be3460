//! The bytes of an image, and typed slices of them that keep them alive.

use bytemuck::{Pod, Zeroable};
use std::fs::File;
use std::marker::PhantomData;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Alignment of every section, and so of the base of an owned copy.
pub(crate) const ALIGNMENT: usize = 64;

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
pub(crate) struct Block([u8; ALIGNMENT]);

/// Where an image's bytes live. Whatever the variant, they do not move or change while the value lives.
pub(crate) enum Bytes {
    Static(&'static [u8]),
    Mapped(memmap2::Mmap),
    Owned { blocks: Box<[Block]>, length: usize },
}

impl Bytes {
    /// Maps a file for reading.
    pub(crate) fn map(file: &File) -> std::io::Result<Bytes> {
        // SAFETY: nothing in this process writes to the mapping, which is for reading. Its pages are shared with the file,
        // so that another process which truncates or rewrites it in place would change bytes under us; that cannot be
        // ruled out here. `cleanclaim` itself only ever replaces images by rename, which leaves the mapped file as it
        // was, and the documentation of `Codeset::open` and `Codeset::open_trusted` asks the same of others.
        let map = unsafe { memmap2::Mmap::map(file)? };
        Ok(Bytes::Mapped(map))
    }

    /// Copies bytes to memory of the alignment that sections need.
    pub(crate) fn copy(bytes: &[u8]) -> Bytes {
        let mut blocks = vec![Block([0; ALIGNMENT]); bytes.len().div_ceil(ALIGNMENT)].into_boxed_slice();
        bytemuck::cast_slice_mut::<Block, u8>(&mut blocks)[..bytes.len()].copy_from_slice(bytes);
        Bytes::Owned { blocks, length: bytes.len() }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Static(bytes) => bytes,
            Bytes::Mapped(map) => map,
            Bytes::Owned { blocks, length } => &bytemuck::cast_slice::<Block, u8>(blocks)[..*length],
        }
    }
}

/// A slice of an image's bytes as values of `T`, read in place. Cloning shares the image.
pub(crate) struct View<T> {
    start: *const T,
    length: usize,
    owner: Arc<Bytes>,
    values: PhantomData<T>,
}

impl<T: Pod> View<T> {
    /// The values in `range` of the image, or `None` when the range lies outside it, is no whole number of
    /// values, or is not aligned for them.
    pub(crate) fn new(owner: &Arc<Bytes>, range: Range<usize>) -> Option<View<T>> {
        let values: &[T] = bytemuck::try_cast_slice(owner.get(range)?).ok()?;
        Some(View { start: values.as_ptr(), length: values.len(), owner: Arc::clone(owner), values: PhantomData })
    }
}

impl<T: Pod> Deref for View<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: `start` and `length` were taken from a checked `&[T]` into `owner`'s bytes. Those bytes neither
        // move nor change while `owner` lives (see `Bytes`), this view holds `owner`, and the slice borrows the view.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl AsRef<[u8]> for View<u8> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl<T> Clone for View<T> {
    fn clone(&self) -> Self {
        View { start: self.start, length: self.length, owner: Arc::clone(&self.owner), values: PhantomData }
    }
}

// SAFETY: a view is a shared reference to plain values in memory that nobody writes, together with an `Arc` that is
// itself `Send`; `T: Pod` values have no interior mutability and no drop.
unsafe impl<T: Pod + Sync> Send for View<T> {}
// SAFETY: as for `Send`: all access through a shared view is reading.
unsafe impl<T: Pod + Sync> Sync for View<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_outlives_the_handle_it_was_made_from() {
        let bytes = Arc::new(Bytes::copy(&[1, 0, 0, 0, 2, 0, 0, 0, 3]));
        let view = View::<u32>::new(&bytes, 0..8);
        drop(bytes);
        assert_eq!(view.as_deref(), Some(&[1u32.to_le(), 2u32.to_le()][..]));
    }

    #[test]
    fn ranges_outside_unaligned_or_partial_are_refused() {
        let bytes = Arc::new(Bytes::copy(&[0; 16]));
        assert!(View::<u32>::new(&bytes, 0..20).is_none());
        assert!(View::<u32>::new(&bytes, 1..5).is_none());
        assert!(View::<u32>::new(&bytes, 0..6).is_none());
        assert!(View::<u32>::new(&bytes, 8..16).is_some());
    }
}
