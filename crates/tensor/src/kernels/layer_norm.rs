//! Layer and root-mean-square normalisation over rows, forward and backward, each in one walk over memory.
//!
//! `CENTRED` says whether the mean is taken off. It is held as the row's first element and the distance of the mean
//! from that: rows far from 0 then lose no digits, and a constant row becomes exactly 0.

use crate::element::Float;
use crate::kernels::lanes::{sum_by, sum_lanes};
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::parallel::{for_each_piece2, rows_per_piece};
use crate::storage::Storage;

/// Pieces of a backward pass at most: each has sums for weight and bias of its own.
const MOST_PIECES: usize = 32;

/// Rows that stay in the first cache between the two loops of a backward pass.
const ROWS: usize = 8;

/// Accumulators of a sum: two vectors, so that one addition need not wait for the one before.
const COLUMNS: usize = 32;

/// What the gradient needs of each row: `[mean - x[0], 1 / sqrt(variance + eps)]`, and without centring
/// `[0, 1 / sqrt(mean of squares + eps)]`.
pub(crate) type RowMoments<T> = [T; 2];

/// What is taken off the elements of a row, in two steps.
#[derive(Clone, Copy)]
pub(crate) struct Centre<T> {
    first: T,
    distance: T,
}

impl<T: Float> Centre<T> {
    /// That of a row with these moments; it must not be empty.
    #[inline(always)]
    pub(crate) fn of<const CENTRED: bool>(row: &[T], [distance, _]: RowMoments<T>) -> Self {
        if CENTRED { Self { first: row[0], distance } } else { Self { first: T::zero(), distance: T::zero() } }
    }

    #[inline(always)]
    pub(crate) fn take_off(self, x: T) -> T {
        (x - self.first) - self.distance
    }
}

/// The moments of a row, which must not be empty.
#[inline(always)]
pub(crate) fn row_moments<T: Float, A: Arithmetic, const CENTRED: bool>(x: &[T], eps: T) -> RowMoments<T> {
    let count = T::from_f64(x.len() as f64);
    let first = x[0];
    let distance = if CENTRED { sum_by::<COLUMNS, T>(x, |x, sum| sum + (x - first)) / count } else { T::zero() };
    let centre = Centre::of::<CENTRED>(x, [distance, T::zero()]);
    let squares = sum_by::<COLUMNS, T>(x, |x, sum| {
        let x = centre.take_off(x);
        A::mul_add(x, x, sum)
    });
    let variance = squares / count;
    // An overflow must not end as a row of zeros; PyTorch has NaN here too, and zeros without centring.
    let rstd = if CENTRED && variance.is_infinite() { T::nan() } else { T::one() / (variance + eps).sqrt() };
    [distance, rstd]
}

/// `y[r] = (x[r] - mean[r]) rstd[r] weight + bias` over rows as wide as `weight`.
pub(crate) fn forward<T: Float, const CENTRED: bool>(
    y: &mut [T],
    moments: &mut [RowMoments<T>],
    x: &[T],
    (weight, bias): (&[T], &[T]),
    eps: T,
) {
    if y.is_empty() {
        return moments.fill([T::zero(); 2]);
    }
    let width = weight.len();
    let rows = rows_per_piece(2 * width);
    for_each_piece2((y, rows * width), (moments, rows), |piece, y, moments| {
        let x = &x[piece * rows * width..][..y.len()];
        dispatch(Forward::<T, CENTRED> { y, moments, x, weight, bias, eps });
    });
}

struct Forward<'a, T, const CENTRED: bool> {
    y: &'a mut [T],
    moments: &'a mut [RowMoments<T>],
    x: &'a [T],
    weight: &'a [T],
    bias: &'a [T],
    eps: T,
}

impl<T: Float, const CENTRED: bool> Kernel for Forward<'_, T, CENTRED> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let width = self.weight.len();
        let (weight, bias) = (&self.weight[..width], &self.bias[..width]);
        let rows = self.y.chunks_exact_mut(width).zip(self.x.chunks_exact(width)).zip(self.moments);
        for ((y, x), moments) in rows {
            // The row stays in the first cache, so that centring it first costs no memory traffic.
            *moments = row_moments::<T, A, CENTRED>(x, self.eps);
            let (centre, [_, rstd]) = (Centre::of::<CENTRED>(x, *moments), *moments);
            for (((y, &x), &weight), &bias) in y.iter_mut().zip(x).zip(weight).zip(bias) {
                *y = A::mul_add(centre.take_off(x) * rstd, weight, bias);
            }
        }
    }
}

/// The gradients of x, and of weight and bias in `affine`, `[2, width]`, from that of y.
pub(crate) fn backward<T: Float, const CENTRED: bool>(
    dx: &mut [T],
    affine: &mut [T],
    dy: &[T],
    x: &[T],
    moments: &[RowMoments<T>],
    weight: &[T],
) {
    let width = weight.len();
    affine.fill(T::zero());
    if dx.is_empty() {
        return;
    }
    let rows = moments.len().div_ceil(MOST_PIECES).max(rows_per_piece(4 * width));
    let mut partial = Storage::<T>::zeros(moments.len().div_ceil(rows) * 2 * width);
    for_each_piece2((dx, rows * width), (partial.make_mut(), 2 * width), |piece, dx, affine| {
        let range = piece * rows * width..piece * rows * width + dx.len();
        let moments = &moments[piece * rows..][..dx.len() / width];
        let (dweight, dbias) = affine.split_at_mut(width);
        dispatch(Backward::<T, CENTRED> { dx, dweight, dbias, dy: &dy[range.clone()], x: &x[range], moments, weight });
    });
    for partial in partial.as_slice().chunks(2 * width) {
        affine.iter_mut().zip(partial).for_each(|(sum, &x)| *sum += x);
    }
}

struct Backward<'a, T, const CENTRED: bool> {
    dx: &'a mut [T],
    dweight: &'a mut [T],
    dbias: &'a mut [T],
    dy: &'a [T],
    x: &'a [T],
    moments: &'a [RowMoments<T>],
    weight: &'a [T],
}

impl<T: Float, const CENTRED: bool> Kernel for Backward<'_, T, CENTRED> {
    type Output = ();

    /// With n = (x - mean) rstd and d = dy weight: `dx = rstd (d - mean(d) - n mean(d n))`, without the mean of d where
    /// x is not centred.
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let width = self.weight.len();
        let block = self.moments.chunks(ROWS).zip(self.dx.chunks_mut(ROWS * width));
        for ((moments, dx), (dy, x)) in block.zip(self.dy.chunks(ROWS * width).zip(self.x.chunks(ROWS * width))) {
            let rows = dx.chunks_exact_mut(width).zip(dy.chunks_exact(width)).zip(x.chunks_exact(width));
            for (((dx, dy), x), &moments) in rows.zip(moments) {
                input_gradient::<T, A, CENTRED>(dx, dy, x, self.weight, moments);
            }
            affine_gradients::<T, A, CENTRED>(self.dweight, self.dbias, dy, x, moments);
        }
    }
}

/// The gradient of one row of x.
#[inline(always)]
fn input_gradient<T: Float, A: Arithmetic, const CENTRED: bool>(
    dx: &mut [T],
    dy: &[T],
    x: &[T],
    weight: &[T],
    moments: RowMoments<T>,
) {
    let (centre, [_, rstd]) = (Centre::of::<CENTRED>(x, moments), moments);
    let (mut of_d, mut of_dn) = ([T::zero(); COLUMNS], [T::zero(); COLUMNS]);
    let mut add = |i: usize, dy: T, x: T, weight: T| {
        let d = dy * weight;
        of_d[i] += d;
        of_dn[i] = A::mul_add(d, centre.take_off(x) * rstd, of_dn[i]);
    };
    let ((xs, x_rest), (dys, dy_rest)) = (x.as_chunks::<COLUMNS>(), dy.as_chunks::<COLUMNS>());
    let (weights, weight_rest) = weight.as_chunks::<COLUMNS>();
    for ((x, dy), weight) in xs.iter().zip(dys).zip(weights) {
        for i in 0..COLUMNS {
            add(i, dy[i], x[i], weight[i]);
        }
    }
    for (i, ((&x, &dy), &weight)) in x_rest.iter().zip(dy_rest).zip(weight_rest).enumerate() {
        add(i, dy, x, weight);
    }
    let count = T::from_f64(weight.len() as f64);
    let mean_d = if CENTRED { sum_lanes(of_d) / count } else { T::zero() };
    let mean_dn = sum_lanes(of_dn) / count;
    for (((dx, &dy), &x), &weight) in dx.iter_mut().zip(dy).zip(x).zip(weight) {
        let n = centre.take_off(x) * rstd;
        let d = A::mul_add(dy, weight, -mean_d);
        *dx = rstd * A::mul_add(-n, mean_dn, d);
    }
}

/// Adds the sums over a few rows of `dy n` to `dweight` and of dy to `dbias`, some columns of all rows at a time: sums
/// that went through memory once a row cost more than reading x and dy once more (1.7 times the whole, 2026-11).
#[inline(always)]
fn affine_gradients<T: Float, A: Arithmetic, const CENTRED: bool>(
    dweight: &mut [T],
    dbias: &mut [T],
    dy: &[T],
    x: &[T],
    moments: &[RowMoments<T>],
) {
    let width = dweight.len();
    let ((dweights, dweight_rest), (dbiases, dbias_rest)) =
        (dweight.as_chunks_mut::<COLUMNS>(), dbias.as_chunks_mut::<COLUMNS>());
    let whole = dweights.len() * COLUMNS;
    for (start, (dweight, dbias)) in (0..whole).step_by(COLUMNS).zip(dweights.iter_mut().zip(dbiases)) {
        let (mut of_dyn, mut of_dy) = ([T::zero(); COLUMNS], [T::zero(); COLUMNS]);
        let rows = dy.chunks_exact(width).zip(x.chunks_exact(width)).zip(moments);
        for ((dy, x), &moments) in rows {
            let (centre, [_, rstd]) = (Centre::of::<CENTRED>(x, moments), moments);
            let (dy, x) = (&dy[start..start + COLUMNS], &x[start..start + COLUMNS]);
            for i in 0..COLUMNS {
                of_dyn[i] = A::mul_add(dy[i], centre.take_off(x[i]) * rstd, of_dyn[i]);
                of_dy[i] += dy[i];
            }
        }
        for i in 0..COLUMNS {
            dweight[i] += of_dyn[i];
            dbias[i] += of_dy[i];
        }
    }
    let rows = dy.chunks_exact(width).zip(x.chunks_exact(width)).zip(moments);
    for ((dy, x), &moments) in rows {
        let (centre, [_, rstd]) = (Centre::of::<CENTRED>(x, moments), moments);
        let columns = dweight_rest.iter_mut().zip(&mut *dbias_rest).zip(&dy[whole..]).zip(&x[whole..]);
        for (((dweight, dbias), &dy), &x) in columns {
            *dweight = A::mul_add(dy, centre.take_off(x) * rstd, *dweight);
            *dbias += dy;
        }
    }
}
