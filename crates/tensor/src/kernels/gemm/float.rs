//! What a float needs so that its matrices can be multiplied, and f32's.

use super::blocked;
use super::problem::{Problem, Strided};
use super::register_tile::RegisterTile;
use super::tile::Tiles;

/// A float whose matrices can be multiplied.
pub trait Gemm: RegisterTile + Copy + Send + Sync + 'static {
    /// The same product, perhaps as that of the transposed operands.
    #[doc(hidden)]
    fn oriented(problem: Problem<Self>) -> Problem<Self> {
        problem
    }

    /// Computes the problem on the calling thread.
    ///
    /// # Safety
    /// The operands can be read, and C can be written while nobody else touches its elements.
    #[doc(hidden)]
    unsafe fn product(problem: &Problem<Self>);

    /// Columns that are best cut together, and that packed columns must be cut at.
    #[doc(hidden)]
    fn panel() -> usize;

    /// Rows that are best cut together.
    #[doc(hidden)]
    fn rows() -> usize;

    /// Elements of a packed B of `k` x `n`.
    #[doc(hidden)]
    fn packed_len(k: usize, n: usize) -> usize {
        k * n.next_multiple_of(Self::panel())
    }

    /// Packs B of `k` x `n`.
    ///
    /// # Safety
    /// B can be read, and `room` has space for `packed_len` elements.
    #[doc(hidden)]
    unsafe fn pack(b: Strided<Self>, sizes: (usize, usize), room: *mut Self);
}

impl Gemm for f32 {
    fn oriented(problem: Problem<Self>) -> Problem<Self> {
        problem.oriented()
    }

    #[inline]
    unsafe fn product(problem: &Problem<Self>) {
        // SAFETY: the caller's promises; `best` picks tiles that this processor has instructions for.
        unsafe { blocked::product(Tiles::best(), problem) }
    }

    fn panel() -> usize {
        Tiles::best().panel
    }

    fn rows() -> usize {
        Tiles::best().rows
    }

    unsafe fn pack(b: Strided<Self>, sizes: (usize, usize), room: *mut Self) {
        // SAFETY: as for `product`.
        unsafe { blocked::pack_all(Tiles::best(), b, sizes, room) }
    }
}
