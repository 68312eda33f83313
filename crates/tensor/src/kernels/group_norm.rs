//! Group normalisation, forward and backward, each in one walk over memory: rows of layer normalisation with a weight
//! and a bias for each channel instead of each element.

use crate::element::Float;
use crate::kernels::lanes::{LANES, sum_lanes};
use crate::kernels::layer_norm::{Centre, RowMoments, row_moments};
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::parallel::{for_each_piece2, rows_per_piece};
use crate::storage::Storage;

/// How channels lie in a group.
#[derive(Clone, Copy)]
pub(crate) struct Groups {
    /// Groups of a sample.
    pub(crate) groups: usize,
    /// Channels of a group.
    pub(crate) channels: usize,
    /// Elements of a channel.
    pub(crate) plane: usize,
}

impl Groups {
    fn width(self) -> usize {
        self.channels * self.plane
    }

    /// The first channel of row `row`, a group of a sample.
    fn first_channel(self, row: usize) -> usize {
        row % self.groups * self.channels
    }
}

/// `y = (x - mean) rstd weight + bias`, with moments of each group of each sample, weight and bias of each channel.
pub(crate) fn forward<T: Float>(
    y: &mut [T],
    moments: &mut [RowMoments<T>],
    x: &[T],
    (weight, bias): (&[T], &[T]),
    groups: Groups,
    eps: T,
) {
    if y.is_empty() {
        return moments.fill([T::zero(); 2]);
    }
    let rows = rows_per_piece(2 * groups.width());
    for_each_piece2((y, rows * groups.width()), (moments, rows), |piece, y, moments| {
        let x = &x[piece * rows * groups.width()..][..y.len()];
        dispatch(Forward { y, moments, x, weight, bias, groups, first: piece * rows, eps });
    });
}

struct Forward<'a, T> {
    y: &'a mut [T],
    moments: &'a mut [RowMoments<T>],
    x: &'a [T],
    weight: &'a [T],
    bias: &'a [T],
    groups: Groups,
    first: usize,
    eps: T,
}

impl<T: Float> Kernel for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Groups { plane, .. } = self.groups;
        let width = self.groups.width();
        let rows = self.y.chunks_exact_mut(width).zip(self.x.chunks_exact(width)).zip(self.moments);
        for (row, ((y, x), moments)) in (self.first..).zip(rows) {
            *moments = row_moments::<T, A, true>(x, self.eps);
            let (centre, [_, rstd]) = (Centre::of::<true>(x, *moments), *moments);
            let first = self.groups.first_channel(row);
            let affine = self.weight[first..].iter().zip(&self.bias[first..]);
            for ((y, x), (&weight, &bias)) in y.chunks_exact_mut(plane).zip(x.chunks_exact(plane)).zip(affine) {
                for (y, &x) in y.iter_mut().zip(x) {
                    *y = A::mul_add(centre.take_off(x) * rstd, weight, bias);
                }
            }
        }
    }
}

/// The gradients of x, and of weight and bias in `affine`, `[C, 2]`, from that of y.
pub(crate) fn backward<T: Float>(
    dx: &mut [T],
    affine: &mut [T],
    dy: &[T],
    x: &[T],
    moments: &[RowMoments<T>],
    weight: &[T],
    groups: Groups,
) {
    affine.fill(T::zero());
    if dx.is_empty() {
        return;
    }
    let (width, rows) = (groups.width(), rows_per_piece(4 * groups.width()));
    // Of every channel of every sample.
    let mut sums = Storage::<T>::scratch(moments.len() * groups.channels * 2);
    for_each_piece2((dx, rows * width), (sums.make_mut(), rows * groups.channels * 2), |piece, dx, sums| {
        let first = piece * rows;
        let range = first * width..first * width + dx.len();
        let (dy, x, moments) = (&dy[range.clone()], &x[range], &moments[first..]);
        dispatch(Backward { dx, sums: sums.as_chunks_mut().0, dy, x, moments, weight, groups, first });
    });
    for sample in sums.as_slice().chunks_exact(affine.len()) {
        affine.iter_mut().zip(sample).for_each(|(sum, &x)| *sum += x);
    }
}

struct Backward<'a, T> {
    dx: &'a mut [T],
    /// Of each channel of each row, the sums of `dy n` and of dy.
    sums: &'a mut [[T; 2]],
    dy: &'a [T],
    x: &'a [T],
    moments: &'a [RowMoments<T>],
    weight: &'a [T],
    groups: Groups,
    first: usize,
}

impl<T: Float> Kernel for Backward<'_, T> {
    type Output = ();

    /// With n = (x - mean) rstd and d = dy weight: `dx = rstd (d - mean(d) - n mean(d n))`.
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Groups { channels, plane, .. } = self.groups;
        let width = self.groups.width();
        let count = T::from_f64(width as f64);
        let rows = self.dx.chunks_exact_mut(width).zip(self.dy.chunks_exact(width)).zip(self.x.chunks_exact(width));
        let rows = rows.zip(self.sums.chunks_exact_mut(channels)).zip(self.moments);
        for (row, ((((dx, dy), x), sums), &moments)) in (self.first..).zip(rows) {
            let (centre, [_, rstd]) = (Centre::of::<true>(x, moments), moments);
            let weight = &self.weight[self.groups.first_channel(row)..];
            let (mut mean_d, mut mean_dn) = (T::zero(), T::zero());
            for (((dy, x), sums), &weight) in dy.chunks_exact(plane).zip(x.chunks_exact(plane)).zip(sums).zip(weight) {
                *sums = channel_sums::<T, A>(dy, x, centre, rstd);
                mean_dn += weight * sums[0] / count;
                mean_d += weight * sums[1] / count;
            }
            let planes = dx.chunks_exact_mut(plane).zip(dy.chunks_exact(plane)).zip(x.chunks_exact(plane));
            for (((dx, dy), x), &weight) in planes.zip(weight) {
                for ((dx, &dy), &x) in dx.iter_mut().zip(dy).zip(x) {
                    let n = centre.take_off(x) * rstd;
                    *dx = rstd * A::mul_add(-n, mean_dn, A::mul_add(dy, weight, -mean_d));
                }
            }
        }
    }
}

/// The sums of `dy n` and of dy over one channel.
#[inline(always)]
fn channel_sums<T: Float, A: Arithmetic>(dy: &[T], x: &[T], centre: Centre<T>, rstd: T) -> [T; 2] {
    let (mut of_dyn, mut of_dy) = ([T::zero(); LANES], [T::zero(); LANES]);
    let mut add = |i: usize, dy: T, x: T| {
        of_dyn[i] = A::mul_add(dy, centre.take_off(x) * rstd, of_dyn[i]);
        of_dy[i] += dy;
    };
    let ((dys, dy_rest), (xs, x_rest)) = (dy.as_chunks::<LANES>(), x.as_chunks::<LANES>());
    for (dy, x) in dys.iter().zip(xs) {
        for i in 0..LANES {
            add(i, dy[i], x[i]);
        }
    }
    for (i, (&dy, &x)) in dy_rest.iter().zip(x_rest).enumerate() {
        add(i, dy, x);
    }
    [sum_lanes(of_dyn), sum_lanes(of_dy)]
}
