//! Max pooling, and picking and scattering by the places it found.

use super::Pool;
use crate::element::Float;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::parallel::{GRAIN, for_each_piece, for_each_piece2};

/// Channels whose maxima are found at once, in registers.
const LANES: usize = 16;

/// The number of an element within its window, row by row.
pub(crate) trait Place: Copy + Send + Sync {
    /// From a number that this type can hold.
    fn from_index(index: usize) -> Self;

    /// The number.
    fn index(self) -> usize;
}

impl Place for u8 {
    #[inline(always)]
    fn from_index(index: usize) -> Self {
        index as Self
    }

    #[inline(always)]
    fn index(self) -> usize {
        self.into()
    }
}

impl Place for i64 {
    #[inline(always)]
    fn from_index(index: usize) -> Self {
        index as Self
    }

    #[inline(always)]
    fn index(self) -> usize {
        self as usize
    }
}

/// Whether `x` takes the place of the maximum: of equals the first stays, NaN is larger than all numbers.
#[inline(always)]
fn is_larger<T: Float>(x: T, best: T) -> bool {
    x > best || (x.is_nan() & !best.is_nan())
}

/// The largest element of every window, and its place in the window.
pub(crate) fn max_pool2d<T: Float, P: Place>(values: &mut [T], places: &mut [P], x: &[T], pool: Pool<'_>) {
    let row = pool.row_out();
    let rows = (GRAIN / 4 / row.max(1)).max(1);
    for_each_piece2((values, rows * row), (places, rows * row), |piece, values, places| {
        dispatch(Forward { values, places, x, first: piece * rows, pool });
    });
}

/// Output rows `first..`.
struct Forward<'a, T, P> {
    values: &'a mut [T],
    places: &'a mut [P],
    x: &'a [T],
    first: usize,
    pool: Pool<'a>,
}

impl<T: Float, P: Place> Kernel for Forward<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { values, places, x, first, pool } = self;
        let row = pool.row_out();
        for ((line, values), places) in (first..).zip(values.chunks_mut(row)).zip(places.chunks_mut(row)) {
            let (outer, i) = (line / pool.window.output[0], line % pool.window.output[0]);
            let grid = &x[outer * pool.grid_in()..(outer + 1) * pool.grid_in()];
            if pool.inner == 1 && is_halving(pool) {
                let (upper, lower) = grid[2 * i * pool.row_in()..].split_at(pool.row_in());
                halve(values, places, upper, lower);
            } else if pool.inner == 1 {
                plane_row(values, places, grid, i, pool);
            } else {
                pixels_row(values, places, grid, i, pool);
            }
        }
    }
}

/// Whether the windows are 2 x 2, side by side.
#[inline(always)]
fn is_halving(pool: Pool<'_>) -> bool {
    let window = pool.window;
    window.kernel == [2, 2] && window.stride == [2, 2] && window.padding == [0, 0]
}

/// One row of 2 x 2 windows over a plane.
#[inline(always)]
fn halve<T: Float, P: Place>(values: &mut [T], places: &mut [P], upper: &[T], lower: &[T]) {
    let (upper, lower) = (upper.as_chunks::<2>().0, lower.as_chunks::<2>().0);
    for (((value, place), a), b) in values.iter_mut().zip(places).zip(upper).zip(lower) {
        let (mut best, mut at) = (a[0], 0u32);
        for (x, k) in [(a[1], 1), (b[0], 2), (b[1], 3)] {
            let larger = is_larger(x, best);
            best = if larger { x } else { best };
            at = if larger { k } else { at };
        }
        *value = best;
        *place = P::from_index(at as usize);
    }
}

/// One row of any windows over a plane.
#[inline(always)]
fn plane_row<T: Float, P: Place>(values: &mut [T], places: &mut [P], plane: &[T], i: usize, pool: Pool<'_>) {
    let window = pool.window;
    let rows = window.inside(0, i);
    for (j, (value, place)) in values.iter_mut().zip(places).enumerate() {
        let columns = window.inside(1, j);
        let (mut best, mut at) = (plane[rows.start * window.input[1] + columns.start], (rows.start, columns.start));
        for row in rows.clone() {
            for column in columns.clone() {
                let x = plane[row * window.input[1] + column];
                if is_larger(x, best) {
                    (best, at) = (x, (row, column));
                }
            }
        }
        *value = best;
        *place = P::from_index(place_of(pool, (i, j), at));
    }
}

/// The number, in the window of output pixel `(i, j)`, of input pixel `(row, column)`.
#[inline(always)]
fn place_of(pool: Pool<'_>, (i, j): (usize, usize), (row, column): (usize, usize)) -> usize {
    let window = pool.window;
    let inside = |d: usize, output: usize, input: usize| input + window.padding[d] - output * window.stride[d];
    inside(0, i, row) * window.kernel[1] + inside(1, j, column)
}

/// One row of any windows over pixels of several channels, channel by channel.
#[inline(always)]
fn pixels_row<T: Float, P: Place>(values: &mut [T], places: &mut [P], grid: &[T], i: usize, pool: Pool<'_>) {
    let (window, inner) = (pool.window, pool.inner);
    let rows = window.inside(0, i);
    let pixels = values.chunks_exact_mut(inner).zip(places.chunks_exact_mut(inner));
    for (j, (values, places)) in pixels.enumerate() {
        let columns = window.inside(1, j);
        for c in (0..inner).step_by(LANES) {
            let width = LANES.min(inner - c);
            let start = (rows.start * window.input[1] + columns.start) * inner + c;
            let mut best = lanes(&grid[start..], width);
            let mut at = [place_of(pool, (i, j), (rows.start, columns.start)) as u32; LANES];
            for row in rows.clone() {
                for column in columns.clone() {
                    let x = lanes(&grid[(row * window.input[1] + column) * inner + c..], width);
                    let place = place_of(pool, (i, j), (row, column)) as u32;
                    for l in 0..LANES {
                        let larger = is_larger(x[l], best[l]);
                        best[l] = if larger { x[l] } else { best[l] };
                        at[l] = if larger { place } else { at[l] };
                    }
                }
            }
            values[c..c + width].copy_from_slice(&best[..width]);
            places[c..c + width].iter_mut().zip(at).for_each(|(place, at)| *place = P::from_index(at as usize));
        }
    }
}

/// The first `width` elements, then zeros.
#[inline(always)]
fn lanes<T: Float>(x: &[T], width: usize) -> [T; LANES] {
    match x.first_chunk::<LANES>() {
        Some(x) if width == LANES => *x,
        _ => std::array::from_fn(|l| if l < width { x[l] } else { T::zero() }),
    }
}

/// `out[window's place] += x[window]` for every window; what no window names is 0.
pub(crate) fn scatter<T: Float, P: Place>(out: &mut [T], x: &[T], places: &[P], pool: Pool<'_>) {
    let (size_in, size_out) = (pool.grid_in(), pool.grid_out());
    let grids = (GRAIN / 2 / size_in.max(1)).max(1);
    for_each_piece(out, grids * size_in, |start, out| {
        let first = start / size_in * size_out;
        dispatch(Scatter { out, x: &x[first..], places: &places[first..], pool });
    });
}

/// The grids of `out`, and `x` and `places` from the same on.
struct Scatter<'a, T, P> {
    out: &'a mut [T],
    x: &'a [T],
    places: &'a [P],
    pool: Pool<'a>,
}

impl<T: Float, P: Place> Kernel for Scatter<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { out, x, places, pool } = self;
        let window = pool.window;
        let apart = (0..2).all(|d| window.padding[d] == 0 && window.stride[d] == window.kernel[d]);
        let grids =
            out.chunks_exact_mut(pool.grid_in()).zip(x.chunks(pool.grid_out())).zip(places.chunks(pool.grid_out()));
        for ((out, x), places) in grids {
            if apart {
                spread(out, x, places, pool);
            } else {
                add_to_places(out, x, places, pool);
            }
        }
    }
}

/// [`scatter`] in one pass for windows side by side.
#[inline(always)]
fn spread<T: Float, P: Place>(out: &mut [T], x: &[T], places: &[P], pool: Pool<'_>) {
    let [height, width] = pool.window.kernel;
    let (row_in, row_out, inner) = (pool.row_in(), pool.row_out(), pool.inner);
    let covered = pool.window.output[1] * width * inner;
    let (bands, below) = out.split_at_mut(pool.window.output[0] * height * row_in);
    below.fill(T::zero());
    let rows = bands.chunks_exact_mut(row_in).enumerate();
    for (i, out) in rows {
        let (x, places) = (&x[i / height * row_out..][..row_out], &places[i / height * row_out..][..row_out]);
        let first = i % height * width;
        let (out, beside) = out.split_at_mut(covered);
        beside.fill(T::zero());
        if inner == 1 && width == 2 {
            for ((out, &x), &place) in out.as_chunks_mut::<2>().0.iter_mut().zip(x).zip(places) {
                let at = place.index() as u32;
                *out = [0, 1].map(|k| if at == first as u32 + k { x } else { T::zero() });
            }
        } else {
            let pixels = out.chunks_exact_mut(width * inner).zip(x.chunks_exact(inner)).zip(places.chunks_exact(inner));
            for ((out, x), places) in pixels {
                for (k, out) in (first as u32..).zip(out.chunks_exact_mut(inner)) {
                    for ((out, &x), &place) in out.iter_mut().zip(x).zip(places) {
                        *out = if place.index() as u32 == k { x } else { T::zero() };
                    }
                }
            }
        }
    }
}

/// [`scatter`] for windows that may overlap: of each input, the sum in the order of windows.
#[inline(always)]
fn add_to_places<T: Float, P: Place>(out: &mut [T], x: &[T], places: &[P], pool: Pool<'_>) {
    out.fill(T::zero());
    for_each_named(places, pool, |from, to| out[to] += x[from]);
}

/// Calls `f` with each output element of a grid and the input element that its place names.
#[inline(always)]
fn for_each_named<P: Place>(places: &[P], pool: Pool<'_>, mut f: impl FnMut(usize, usize)) {
    let (window, inner) = (pool.window, pool.inner);
    let width = window.kernel[1];
    for (pixel, places) in places.chunks_exact(inner).enumerate() {
        let (i, j) = (pixel / window.output[1], pixel % window.output[1]);
        for (c, place) in places.iter().enumerate() {
            let (a, b) = (place.index() / width, place.index() % width);
            let row = i * window.stride[0] + a - window.padding[0];
            let column = j * window.stride[1] + b - window.padding[1];
            f(pixel * inner + c, (row * window.input[1] + column) * inner + c);
        }
    }
}

/// `out[window] = x[window's place]` for every window.
pub(crate) fn gather<T: Float, P: Place>(out: &mut [T], x: &[T], places: &[P], pool: Pool<'_>) {
    let (size_in, size_out) = (pool.grid_in(), pool.grid_out());
    let grids = (GRAIN / 4 / size_out.max(1)).max(1);
    for_each_piece(out, grids * size_out, |start, out| {
        let x = x[start / size_out * size_in..].chunks(size_in);
        for ((out, x), places) in out.chunks_mut(size_out).zip(x).zip(places[start..].chunks(size_out)) {
            for_each_named(places, pool, |to, from| out[to] = x[from]);
        }
    });
}
