//! Cross-entropy of rows of logits and their classes, and its gradient.

use super::simd::{self, Arithmetic, Kernel};
use super::softmax::{COST, row_statistics};
use crate::element::Float;
use crate::parallel::{for_each_piece, for_each_piece2, rows_per_piece};

/// `losses[r] = -log_softmax(x[r])[targets[r]]` over rows of `width`, and `statistics[r]` = the row's maximum and the
/// sum of its exponentials under that maximum, for [`gradient`].
pub(crate) fn forward<T: Float>(losses: &mut [T], statistics: &mut [T], x: &[T], targets: &[i64], width: usize) {
    let rows = rows_per_piece(COST * width);
    for_each_piece2((losses, rows), (statistics, 2 * rows), |piece, losses, statistics| {
        let first = piece * rows;
        let (x, targets) = (&x[first * width..], &targets[first..]);
        simd::dispatch(Forward { losses, statistics, x, targets, width });
    });
}

struct Forward<'a, T> {
    losses: &'a mut [T],
    statistics: &'a mut [T],
    x: &'a [T],
    targets: &'a [i64],
    width: usize,
}

impl<T: Float> Kernel for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let rows = self.x.chunks(self.width).zip(self.targets);
        let results = self.losses.iter_mut().zip(self.statistics.as_chunks_mut::<2>().0);
        for ((loss, statistics), (row, &target)) in results.zip(rows) {
            let (max, total) = row_statistics::<T, A>(row);
            *loss = total.ln() - (row[target as usize] - max);
            *statistics = [max, total];
        }
    }
}

/// `out[r] = (softmax(x[r]) - one_hot(targets[r])) * scales[r]` over rows of `width`, from the `statistics` of
/// [`forward`].
pub(crate) fn gradient<T: Float>(
    out: &mut [T],
    x: &[T],
    statistics: &[T],
    targets: &[i64],
    scales: &[T],
    width: usize,
) {
    for_each_piece(out, rows_per_piece(COST * width) * width, |start, out| {
        let (first, x) = (start / width, &x[start..]);
        let (statistics, targets, scales) = (&statistics[2 * first..], &targets[first..], &scales[first..]);
        simd::dispatch(Gradient { out, x, statistics, targets, scales, width });
    });
}

struct Gradient<'a, T> {
    out: &'a mut [T],
    x: &'a [T],
    statistics: &'a [T],
    targets: &'a [i64],
    scales: &'a [T],
    width: usize,
}

impl<T: Float> Kernel for Gradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let rows = self.out.chunks_mut(self.width).zip(self.x.chunks(self.width));
        let statistics = self.statistics.as_chunks::<2>().0.iter().zip(self.targets).zip(self.scales);
        for ((out, row), ((&[max, total], &target), &scale)) in rows.zip(statistics) {
            let factor = scale / total;
            for (out, &x) in out.iter_mut().zip(row) {
                *out = (x - max).exp_below_zero::<A>() * factor;
            }
            out[target as usize] -= scale;
        }
    }
}
