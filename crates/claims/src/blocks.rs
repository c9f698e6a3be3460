//! Up to sixty-four bytes looked at together.

use wide::u8x16;

/// Bytes looked at in one step.
pub(crate) const BLOCK: usize = 64;

/// The block at `at`; beyond the end of `bytes` are zeros.
#[inline]
pub(crate) fn block<const SIZE: usize>(bytes: &[u8], at: usize) -> [u8; SIZE] {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(block) => *block,
        None => {
            let mut block = [0; SIZE];
            block[..rest.len()].copy_from_slice(rest);
            block
        }
    }
}

/// Where in the block, of 64 bytes or fewer, the byte stands: a bit each.
#[inline]
pub(crate) fn places<const SIZE: usize>(block: &[u8; SIZE], byte: u8x16) -> u64 {
    let parts = block.as_chunks::<16>().0.iter().enumerate();
    parts.fold(0, |places, (part, bytes)| {
        places | u64::from(u8x16::new(*bytes).simd_eq(byte).to_bitmask()) << (16 * part)
    })
}

/// The bits of the first so many bytes of a block.
#[inline]
pub(crate) fn first(count: usize) -> u64 {
    if count < BLOCK { (1 << count) - 1 } else { u64::MAX }
}
