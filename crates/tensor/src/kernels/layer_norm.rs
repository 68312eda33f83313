//! Layer normalisation over rows, forward and backward, each in one walk over memory.

use crate::element::Float;
use crate::kernels::lanes::sums;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::parallel::{GRAIN, for_each_piece2};

/// Pieces of a backward pass at most: each has sums for weight and bias of its own.
const MOST_PIECES: usize = 32;

/// What the gradient needs of each row: `[mean, 1 / sqrt(variance + eps)]`.
pub(crate) type RowMoments<T> = [T; 2];

/// `y[r] = (x[r] - mean[r]) rstd[r] weight + bias` over rows as wide as `weight`.
pub(crate) fn forward<T: Float>(
    y: &mut [T],
    moments: &mut [RowMoments<T>],
    x: &[T],
    (weight, bias): (&[T], &[T]),
    eps: T,
) {
    let width = weight.len();
    let rows = (GRAIN / 2 / width).max(1);
    for_each_piece2((y, rows * width), (moments, rows), |piece, y, moments| {
        let x = &x[piece * rows * width..][..y.len()];
        dispatch(Forward { y, moments, x, weight, bias, eps });
    });
}

struct Forward<'a, T> {
    y: &'a mut [T],
    moments: &'a mut [RowMoments<T>],
    x: &'a [T],
    weight: &'a [T],
    bias: &'a [T],
    eps: T,
}

impl<T: Float> Kernel for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let width = self.weight.len();
        let count = T::from_f64(width as f64);
        let (weight, bias) = (&self.weight[..width], &self.bias[..width]);
        let rows = self.y.chunks_exact_mut(width).zip(self.x.chunks_exact(width)).zip(self.moments);
        for ((y, x), moments) in rows {
            // The row stays in the first cache, so that centring it first costs no memory traffic.
            let [total] = sums(width, |i| [x[i]]);
            let mean = total / count;
            let [squares] = sums(width, |i| {
                let centred = x[i] - mean;
                [centred * centred]
            });
            let rstd = T::one() / (squares / count + self.eps).sqrt();
            *moments = [mean, rstd];
            for i in 0..width {
                y[i] = A::mul_add((x[i] - mean) * rstd, weight[i], bias[i]);
            }
        }
    }
}

/// The gradients of x, and of weight and bias in `affine`, `[2, width]`, from that of y.
pub(crate) fn backward<T: Float>(
    dx: &mut [T],
    affine: &mut [T],
    dy: &[T],
    x: &[T],
    moments: &[RowMoments<T>],
    weight: &[T],
) {
    let width = weight.len();
    let rows = moments.len().div_ceil(MOST_PIECES).max(GRAIN / 4 / width).max(1);
    let mut partial = vec![T::zero(); moments.len().div_ceil(rows) * 2 * width];
    for_each_piece2((dx, rows * width), (&mut partial, 2 * width), |piece, dx, affine| {
        let range = piece * rows * width..piece * rows * width + dx.len();
        let moments = &moments[piece * rows..][..dx.len() / width];
        let (dweight, dbias) = affine.split_at_mut(width);
        dispatch(Backward { dx, dweight, dbias, dy: &dy[range.clone()], x: &x[range], moments, weight });
    });
    affine.fill(T::zero());
    for partial in partial.chunks(2 * width) {
        affine.iter_mut().zip(partial).for_each(|(sum, &x)| *sum += x);
    }
}

struct Backward<'a, T> {
    dx: &'a mut [T],
    dweight: &'a mut [T],
    dbias: &'a mut [T],
    dy: &'a [T],
    x: &'a [T],
    moments: &'a [RowMoments<T>],
    weight: &'a [T],
}

impl<T: Float> Kernel for Backward<'_, T> {
    type Output = ();

    /// With n = (x - mean) rstd and d = dy weight: `dx = rstd (d - mean(d) - n mean(d n))`.
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let width = self.weight.len();
        let count = T::from_f64(width as f64);
        let weight = &self.weight[..width];
        let (dweight, dbias) = (&mut self.dweight[..width], &mut self.dbias[..width]);
        let rows = self.dx.chunks_exact_mut(width).zip(self.dy.chunks_exact(width)).zip(self.x.chunks_exact(width));
        for (((dx, dy), x), &[mean, rstd]) in rows.zip(self.moments) {
            // dx holds the normalised row until the sums over it are known.
            for i in 0..width {
                let n = (x[i] - mean) * rstd;
                dx[i] = n;
                dweight[i] = A::mul_add(dy[i], n, dweight[i]);
                dbias[i] += dy[i];
            }
            let [total, along] = {
                let n = &*dx;
                sums(width, |i| {
                    let d = dy[i] * weight[i];
                    [d, d * n[i]]
                })
            };
            let (mean_d, mean_along) = (total / count, along / count);
            for i in 0..width {
                let d = A::mul_add(dy[i], weight[i], -mean_d);
                dx[i] = rstd * A::mul_add(-dx[i], mean_along, d);
            }
        }
    }
}
