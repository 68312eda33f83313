//! Layer normalisation over rows, forward and backward, each in one walk over memory.

use crate::element::Float;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::parallel::{GRAIN, for_each_piece2};

/// Accumulators of a sum. So many that loops over them stay loops, which become vectors: of 16 or 32 the compiler makes
/// single steps, and of those shuffles (3 times as slow, 2026-11, rustc 1.95).
const LANES: usize = 128;

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
            let mean = sum(x, |x, sum| sum + x) / count;
            let squares = sum(x, |x, sum| A::mul_add(x - mean, x - mean, sum));
            let rstd = T::one() / (squares / count + self.eps).sqrt();
            *moments = [mean, rstd];
            for (((y, &x), &weight), &bias) in y.iter_mut().zip(x).zip(weight).zip(bias) {
                *y = A::mul_add((x - mean) * rstd, weight, bias);
            }
        }
    }
}

/// `add` of every element to one of the accumulators, and their sum.
#[inline(always)]
fn sum<T: Float>(x: &[T], add: impl Fn(T, T) -> T) -> T {
    let mut lanes = [T::zero(); LANES];
    for x in x.chunks(LANES) {
        for (lane, &x) in lanes.iter_mut().zip(x) {
            *lane = add(x, *lane);
        }
    }
    total(&mut lanes)
}

/// The sum of the accumulators, halves added to halves.
#[inline(always)]
fn total<T: Float>(lanes: &mut [T; LANES]) -> T {
    let mut width = LANES / 2;
    while width > 0 {
        let (low, high) = lanes.split_at_mut(width);
        for (low, &high) in low.iter_mut().zip(&*high) {
            *low += high;
        }
        width /= 2;
    }
    lanes[0]
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
            let row = Row { dy, x, weight, mean, rstd };
            let [total, along] = row.sums::<A>(dweight, dbias);
            let (mean_d, mean_along) = (total / count, along / count);
            for (((dx, &dy), &x), &weight) in dx.iter_mut().zip(dy).zip(x).zip(weight) {
                let n = (x - mean) * rstd;
                let d = A::mul_add(dy, weight, -mean_d);
                *dx = rstd * A::mul_add(-n, mean_along, d);
            }
        }
    }
}

/// One row in [`Backward`].
struct Row<'a, T> {
    dy: &'a [T],
    x: &'a [T],
    weight: &'a [T],
    mean: T,
    rstd: T,
}

impl<T: Float> Row<'_, T> {
    /// The sums of d and of d n; adds `dy n` to `dweight` and dy to `dbias` on the way.
    #[inline(always)]
    fn sums<A: Arithmetic>(&self, dweight: &mut [T], dbias: &mut [T]) -> [T; 2] {
        let &Self { dy, x, weight, mean, rstd } = self;
        let (mut of_d, mut of_dn) = ([T::zero(); LANES], [T::zero(); LANES]);
        let chunks = x.chunks(LANES).zip(dy.chunks(LANES)).zip(weight.chunks(LANES));
        let chunks = chunks.zip(dweight.chunks_mut(LANES)).zip(dbias.chunks_mut(LANES));
        for ((((x, dy), weight), dweight), dbias) in chunks {
            for (((dweight, dbias), &x), &dy) in dweight.iter_mut().zip(dbias).zip(x).zip(dy) {
                *dweight = A::mul_add(dy, (x - mean) * rstd, *dweight);
                *dbias += dy;
            }
            for ((((of_d, of_dn), &x), &dy), &weight) in of_d.iter_mut().zip(&mut of_dn).zip(x).zip(dy).zip(weight) {
                let d = dy * weight;
                *of_d += d;
                *of_dn = A::mul_add(d, (x - mean) * rstd, *of_dn);
            }
        }
        [total(&mut of_d), total(&mut of_dn)]
    }
}
