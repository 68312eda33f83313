//! Softmax and its relatives over rows.

use crate::element::Float;
use crate::parallel::{GRAIN, for_each_piece};

/// Rows that one piece of work holds.
fn rows_per_piece(width: usize) -> usize {
    (GRAIN / 4 / width.max(1)).max(1)
}

/// `out = softmax(x)` over rows of `width`.
pub(crate) fn softmax<T: Float>(out: &mut [T], x: &[T], width: usize) {
    for_each_piece(out, rows_per_piece(width) * width, |start, out| {
        for (out, row) in out.chunks_mut(width).zip(x[start..].chunks(width)) {
            let max = row.iter().copied().fold(T::neg_infinity(), T::max);
            let mut total = T::zero();
            for (out, &x) in out.iter_mut().zip(row) {
                *out = (x - max).exp();
                total += *out;
            }
            out.iter_mut().for_each(|out| *out /= total);
        }
    });
}

/// `out = log(softmax(x))` over rows of `width`.
pub(crate) fn log_softmax<T: Float>(out: &mut [T], x: &[T], width: usize) {
    for_each_piece(out, rows_per_piece(width) * width, |start, out| {
        for (out, row) in out.chunks_mut(width).zip(x[start..].chunks(width)) {
            // Not `x - log_sum_exp`: where the maximum is large, its logarithm part would be lost in rounding
            // (logits [1e8, 1e8] must give log(1/2), pytorch#11752).
            let max = row.iter().copied().fold(T::neg_infinity(), T::max);
            let log_total = row.iter().map(|&x| (x - max).exp()).sum::<T>().ln();
            out.iter_mut().zip(row).for_each(|(out, &x)| *out = (x - max) - log_total);
        }
    });
}

/// `losses[r] = -log_softmax(x[r])[targets[r]]` over rows of `width`.
pub(crate) fn cross_entropy<T: Float>(losses: &mut [T], x: &[T], targets: &[i64], width: usize) {
    for_each_piece(losses, rows_per_piece(width), |start, losses| {
        let rows = x[start * width..].chunks(width);
        for ((loss, row), &target) in losses.iter_mut().zip(rows).zip(&targets[start..]) {
            let max = row.iter().copied().fold(T::neg_infinity(), T::max);
            let log_total = row.iter().map(|&x| (x - max).exp()).sum::<T>().ln();
            *loss = log_total - (row[target as usize] - max);
        }
    });
}

/// `out[r] = (softmax(x[r]) - one_hot(targets[r])) * scales[r]` over rows of `width`.
pub(crate) fn cross_entropy_gradient<T: Float>(out: &mut [T], x: &[T], targets: &[i64], scales: &[T], width: usize) {
    let rows = rows_per_piece(width);
    for_each_piece(out, rows * width, |start, out| {
        let first = start / width;
        let rows = out.chunks_mut(width).zip(x[start..].chunks(width)).zip(&targets[first..]).zip(&scales[first..]);
        for (((out, row), &target), &scale) in rows {
            let max = row.iter().copied().fold(T::neg_infinity(), T::max);
            let mut total = T::zero();
            for (out, &x) in out.iter_mut().zip(row) {
                *out = (x - max).exp();
                total += *out;
            }
            out.iter_mut().for_each(|out| *out = *out / total * scale);
            out[target as usize] -= scale;
        }
    });
}
