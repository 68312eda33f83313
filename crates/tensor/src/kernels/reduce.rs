//! Sums and maxima, each by one fixed tree, so that the result does not depend on threads.
//!
//! A tensor comes as `[outer, middle, inner]`, of which `middle` is reduced.

use crate::element::Float;
use crate::kernels::columns;
use crate::kernels::lanes::{LANES, sum_by};
use crate::parallel::{GRAIN, for_each_piece, for_each_piece2, map_ranges, rows_per_piece};

/// Elements summed in a plain loop before the tree of partial sums takes over.
const BLOCK: usize = 4096;

/// The sum of all of `x`.
pub(crate) fn sum<T: Float>(x: &[T]) -> T {
    sum_blocks(x, sum_block)
}

/// The sum of the squares of all of `x`.
pub(crate) fn sum_of_squares<T: Float>(x: &[T]) -> T {
    sum_blocks(x, |block| sum_by::<LANES, T>(block, |x, sum| sum + x * x))
}

/// The sum over blocks of what `of_block` gives for each.
fn sum_blocks<T: Float>(x: &[T], of_block: impl Fn(&[T]) -> T + Sync) -> T {
    let mut partial = map_ranges(x.len().div_ceil(BLOCK), GRAIN / BLOCK, |blocks| {
        let part = &x[blocks.start * BLOCK..(blocks.end * BLOCK).min(x.len())];
        part.chunks(BLOCK).map(&of_block).collect::<Vec<_>>()
    })
    .concat();
    while partial.len() > 1 {
        partial = partial.chunks(2).map(|pair| pair.iter().copied().sum()).collect();
    }
    partial.first().copied().unwrap_or(T::zero())
}

/// The sum of one block or row, on the calling thread.
fn sum_row<T: Float>(x: &[T]) -> T {
    match x.len() {
        0..=BLOCK => sum_block(x),
        n => {
            let half = (n / 2).next_multiple_of(BLOCK);
            sum_row(&x[..half]) + sum_row(&x[half..])
        }
    }
}

fn sum_block<T: Float>(x: &[T]) -> T {
    sum_by::<LANES, T>(x, |x, sum| sum + x)
}

/// `out[o, i]` = the sum of `x[o, .., i]`.
pub(crate) fn sum_middle<T: Float>(out: &mut [T], x: &[T], middle: usize, inner: usize) {
    if x.is_empty() {
        return out.fill(T::zero());
    }
    if inner == 1 {
        return for_each_piece(out, rows_per_piece(middle), |start, out| {
            let x = &x[start * middle..(start + out.len()) * middle];
            out.iter_mut().zip(x.chunks(middle.max(1))).for_each(|(out, row)| *out = sum_row(row));
        });
    }
    if out.len() == inner {
        return columns::sum(out, x);
    }
    let outers = rows_per_piece(middle * inner);
    for_each_piece(out, outers * inner, |start, out| {
        let x = &x[start * middle..];
        out.chunks_mut(inner).zip(x.chunks(middle * inner)).for_each(|(out, x)| columns::sum_serial(out, x));
    });
}

/// `values[o, i]` = the largest of `x[o, .., i]` and `places[o, i]` = where it stands first; a NaN counts as largest.
pub(crate) fn max_middle<T: Float>(values: &mut [T], places: &mut [i64], x: &[T], middle: usize, inner: usize) {
    let outers = rows_per_piece(middle * inner);
    for_each_piece2((values, outers * inner), (places, outers * inner), |piece, values, places| {
        let x = &x[piece * outers * middle * inner..];
        let groups = values.chunks_mut(inner).zip(places.chunks_mut(inner)).zip(x.chunks(middle * inner));
        for ((values, places), x) in groups {
            values.copy_from_slice(&x[..inner]);
            places.fill(0);
            for (m, row) in x.chunks(inner).enumerate().skip(1) {
                for ((value, place), &x) in values.iter_mut().zip(places.iter_mut()).zip(row) {
                    if x > *value || (x.is_nan() && !value.is_nan()) {
                        (*value, *place) = (x, m as i64);
                    }
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_million_ones_add_up_in_f32() {
        assert_eq!(sum(&vec![1.0f32; 20_000_000]), 20_000_000.0);
        assert_eq!(sum_row(&vec![1.0f32; 20_000_000]), 20_000_000.0);
    }

    #[test]
    fn sums_over_the_middle_equal_the_naive_sum() {
        for (outer, middle, inner) in [(1, 1, 1), (3, 5, 1), (2, 130, 3), (1, 1000, 40), (4, 3, 2000), (2, 0, 3)] {
            let x: Vec<f64> = (0..outer * middle * inner).map(|i| (i % 17) as f64).collect();
            let mut out = vec![f64::NAN; outer * inner];
            sum_middle(&mut out, &x, middle, inner);
            for o in 0..outer {
                for i in 0..inner {
                    let want: f64 = (0..middle).map(|m| x[(o * middle + m) * inner + i]).sum();
                    assert_eq!(out[o * inner + i], want, "{outer}x{middle}x{inner}");
                }
            }
        }
    }
}
