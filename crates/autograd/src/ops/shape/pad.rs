//! Entries added around a variable.

use gradus_tensor::{Float, Tensor};

use crate::ops::shape::slice::{Places, place};
use crate::var::Var;

/// What [`Var::pad`] fills new entries with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PadMode<T = f32> {
    /// This number.
    Constant(T),
    /// The entries next to the edge, mirrored at the entry on it.
    Reflect,
    /// The entry on the edge.
    Replicate,
    /// The entries from the other end.
    Circular,
}

impl<T: Float> Var<T> {
    /// This variable with entries added at the ends of its last dimensions (PyTorch's `functional.pad`). `padding` is
    /// `[before, after]` of the last dimension, then of the one before it, and so on. Numbers below zero cut entries
    /// off.
    ///
    /// # Panics
    /// If the padding is no list of pairs, names more dimensions than there are, cuts off more than there is, or takes
    /// more entries than there are: all but one for [`PadMode::Reflect`], all for [`PadMode::Circular`].
    #[track_caller]
    pub fn pad(&self, padding: &[isize], mode: PadMode<T>) -> Self {
        let (pairs, rest) = padding.as_chunks::<2>();
        let rank = self.shape().len();
        assert!(
            rest.is_empty() && pairs.len() <= rank,
            "pad: padding {padding:?} has no pair of numbers for each of the last dimensions of shape {:?}",
            self.shape()
        );
        match mode {
            PadMode::Constant(value) => self.pad_constant(pairs, value),
            PadMode::Reflect | PadMode::Replicate | PadMode::Circular => {
                let mut padded = self.clone();
                for (i, &pair) in pairs.iter().enumerate().filter(|(_, pair)| **pair != [0, 0]) {
                    padded = padded.pad_dim(rank - 1 - i, pair, mode);
                }
                padded
            }
        }
    }

    #[track_caller]
    fn pad_constant(&self, pairs: &[[isize; 2]], value: T) -> Self {
        let (mut cut, mut shape) = (self.clone(), self.dims());
        let mut at = Places::from_elem((0, 1), shape.len());
        for (i, &[before, after]) in pairs.iter().enumerate() {
            let dim = shape.len() - 1 - i;
            let size = shape[dim];
            let [start, left] = [before, after].map(|n| n.min(0).unsigned_abs());
            assert!(
                start + left <= size,
                "pad: {before} and {after} leave nothing of dimension {dim} of {size} entries"
            );
            if start + left > 0 {
                cut = cut.slice(dim as isize, start..size - left);
            }
            let added = [before, after].map(|n| n.max(0).unsigned_abs());
            at[dim].0 = added[0];
            shape[dim] = size - start - left + added[0] + added[1];
        }
        if cut.shape() == shape.as_slice() { cut } else { place(&cut, &shape, &at, value) }
    }

    /// Dimension `dim` by the entries that the mode names for each place.
    #[track_caller]
    fn pad_dim(&self, dim: usize, [before, after]: [isize; 2], mode: PadMode<T>) -> Self {
        let size = self.shape()[dim] as isize;
        if matches!(mode, PadMode::Circular) && before.min(after) < 0 && before + after + size > 0 {
            // What is cut off does not come round.
            let left = (-before).max(0) as usize..(size + after.min(0)) as usize;
            return self.slice(dim as isize, left).pad_dim(dim, [before.max(0), after.max(0)], mode);
        }
        let most = match mode {
            PadMode::Reflect => size - 1,
            PadMode::Circular => size,
            PadMode::Replicate | PadMode::Constant(_) => isize::MAX,
        };
        assert!(
            before.max(after) <= most && before + size + after >= 0 && size > 0,
            "pad: {before} and {after} entries do not fit dimension {dim} of shape {:?}",
            self.shape()
        );
        let entry = |place: isize| match mode {
            PadMode::Reflect if place < 0 => -place,
            PadMode::Reflect if place >= size => 2 * (size - 1) - place,
            PadMode::Circular => place.rem_euclid(size),
            _ => place.clamp(0, size - 1),
        };
        let length = (before + size + after) as usize;
        self.picked(dim as isize, &Tensor::from_fn([length], |i| entry(i as isize - before) as i64))
    }
}
