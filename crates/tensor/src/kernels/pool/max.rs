//! Max pooling, with the place of each maximum in its window.
//!
//! Images are `[images, height, width, channels]` in memory; planes of row-major memory are images of one channel.

use crate::element::{Element, Float};
use crate::kernels::lanes::LANES;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::kernels::window::Window2d;
use crate::parallel::{for_each_piece, for_each_piece2, rows_per_piece};

/// An element of a window, by its number: row times width plus column.
pub(crate) trait Place: Element {
    /// Element `number`, which the type can hold.
    fn of(number: usize) -> Self;

    /// The element's number.
    fn number(self) -> usize;
}

/// Windows of up to 256 elements.
impl Place for u8 {
    #[inline(always)]
    fn of(number: usize) -> Self {
        number as u8
    }

    #[inline(always)]
    fn number(self) -> usize {
        usize::from(self)
    }
}

/// Any windows.
impl Place for i64 {
    #[inline(always)]
    fn of(number: usize) -> Self {
        number as i64
    }

    #[inline(always)]
    fn number(self) -> usize {
        self as usize
    }
}

/// The largest element of every window, and its place in the window; the last NaN counts as largest, else of
/// equals the first.
pub(crate) fn forward<T: Float, P: Place>(
    values: &mut [T],
    places: &mut [P],
    x: &[T],
    window: &Window2d,
    channels: usize,
) {
    let row = window.output[1] * channels;
    let size = rows_per_piece(row * window.kernel_size()) * row;
    for_each_piece2((values, size), (places, size), |piece, values, places| {
        dispatch(Rows { values, places, x, window, channels, first: piece * size / row });
    });
}

/// Rows of outputs, from `first` on, counted over all images.
struct Rows<'a, T, P> {
    values: &'a mut [T],
    places: &'a mut [P],
    x: &'a [T],
    window: &'a Window2d,
    channels: usize,
    first: usize,
}

impl<T: Float, P: Place> Kernel for Rows<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { values, places, x, window, channels, first } = self;
        let (row, image) = (window.output[1] * channels, window.input_size() * channels);
        let halves = channels == 1 && are_halves(window, 0) && are_halves(window, 1);
        for (at, (values, places)) in (first..).zip(values.chunks_mut(row).zip(places.chunks_mut(row))) {
            let (n, y) = (at / window.output[0], at % window.output[0]);
            let x = &x[n * image..(n + 1) * image];
            if halves {
                let width = window.input[1];
                halves_row(values, places, &x[2 * y * width..][..width], &x[(2 * y + 1) * width..][..width]);
            } else {
                let pixels = values.chunks_mut(channels).zip(places.chunks_mut(channels)).enumerate();
                pixels.for_each(|(column, (values, places))| pixel(values, places, x, window, [y, column]));
            }
        }
    }
}

/// Whether windows cut axis `d` into pairs, of which none sticks out.
#[inline(always)]
fn are_halves(window: &Window2d, d: usize) -> bool {
    let size = [window.kernel[d], window.stride[d], window.padding[d], window.dilation[d]];
    size == [2, 2, 0, 1] && 2 * window.output[d] <= window.input[d]
}

/// Whether `x` takes the place of `best`: it is larger, or NaN.
#[inline(always)]
fn beats<T: Float>(x: T, best: T) -> bool {
    (x > best) | x.is_nan()
}

/// One row of windows of 2 x 2 side by side, from the two rows they cover.
#[inline(always)]
fn halves_row<T: Float, P: Place>(values: &mut [T], places: &mut [P], top: &[T], bottom: &[T]) {
    let pairs = top.as_chunks::<2>().0.iter().zip(bottom.as_chunks::<2>().0);
    for ((value, place), (top, bottom)) in values.iter_mut().zip(places).zip(pairs) {
        let (mut best, mut number) = (top[0], P::of(0));
        for (k, x) in [(1, top[1]), (2, bottom[0]), (3, bottom[1])] {
            let beats = beats(x, best);
            best = if beats { x } else { best };
            number = if beats { P::of(k) } else { number };
        }
        (*value, *place) = (best, number);
    }
}

/// All channels of one window.
#[inline(always)]
fn pixel<T: Float, P: Place>(values: &mut [T], places: &mut [P], x: &[T], window: &Window2d, at: [usize; 2]) {
    let channels = values.len();
    let (rows, columns) = (window.inside(0, at[0]), window.inside(1, at[1]));
    let [down, right] = window.dilation;
    let number = |row: usize, column: usize| {
        let [up, left] = [0, 1].map(|d| at[d] * window.stride[d]);
        let (i, j) = (row + window.padding[0] - up, column + window.padding[1] - left);
        if window.dilation == [1, 1] { i * window.kernel[1] + j } else { i / down * window.kernel[1] + j / right }
    };
    let start = |row: usize, column: usize| (row * window.input[1] + column) * channels;
    let (whole_values, values) = values.as_chunks_mut::<LANES>();
    let (whole_places, places) = places.as_chunks_mut::<LANES>();
    let done = whole_values.len() * LANES;
    for (i, (value, place)) in whole_values.iter_mut().zip(whole_places).enumerate() {
        let lanes = |row: usize, column: usize| -> &[T; LANES] {
            x[start(row, column) + i * LANES..].first_chunk().expect("a pixel has all channels")
        };
        let mut best = *lanes(rows.start, columns.start);
        let mut numbers = [P::of(number(rows.start, columns.start)); LANES];
        for row in rows.clone().step_by(down) {
            for column in columns.clone().step_by(right) {
                let (x, k) = (lanes(row, column), P::of(number(row, column)));
                for c in 0..LANES {
                    let beats = beats(x[c], best[c]);
                    best[c] = if beats { x[c] } else { best[c] };
                    numbers[c] = if beats { k } else { numbers[c] };
                }
            }
        }
        (*value, *place) = (best, numbers);
    }
    for (c, (value, place)) in (done..).zip(values.iter_mut().zip(places)) {
        let (mut best, mut k) = (x[start(rows.start, columns.start) + c], number(rows.start, columns.start));
        for row in rows.clone().step_by(down) {
            for column in columns.clone().step_by(right) {
                let x = x[start(row, column) + c];
                if beats(x, best) {
                    (best, k) = (x, number(row, column));
                }
            }
        }
        (*value, *place) = (best, P::of(k));
    }
}

/// `dx[place] += dy` for every window, each element of `dx` written in one pass.
pub(crate) fn scatter<T: Float, P: Place>(dx: &mut [T], dy: &[T], places: &[P], window: &Window2d, channels: usize) {
    let (row, image) = (window.input[1] * channels, window.input_size() * channels);
    let apart = (0..2).all(|d| window.stride[d] >= window.kernel[d] && window.dilation[d] == 1);
    if apart {
        // No input is in two windows: rows are independent, and each element is written once.
        let size = rows_per_piece(row) * row;
        return for_each_piece(dx, size, |start, dx| {
            dispatch(Apart { dx, dy, places, window, channels, first: start / row });
        });
    }
    let out = window.output_size() * channels;
    for_each_piece(dx, rows_per_piece(image) * image, |start, dx| {
        dx.fill(T::zero());
        for (n, dx) in (start / image..).zip(dx.chunks_mut(image)) {
            let (dy, places) = (&dy[n * out..(n + 1) * out], &places[n * out..(n + 1) * out]);
            let pixels = dy.chunks(channels).zip(places.chunks(channels)).enumerate();
            for (at, (dy, places)) in pixels {
                let at = [at / window.output[1], at % window.output[1]];
                for (c, (&dy, &place)) in dy.iter().zip(places).enumerate() {
                    dx[source(window, at, place.number()) * channels + c] += dy;
                }
            }
        }
    });
}

/// The input place under element `number` of the window of output `at`.
#[inline(always)]
pub(crate) fn source(window: &Window2d, at: [usize; 2], number: usize) -> usize {
    let row = at[0] * window.stride[0] + number / window.kernel[1] * window.dilation[0] - window.padding[0];
    let column = at[1] * window.stride[1] + number % window.kernel[1] * window.dilation[1] - window.padding[1];
    row * window.input[1] + column
}

/// Rows of the input, from `first` on, counted over all images, under windows that do not overlap.
struct Apart<'a, T, P> {
    dx: &'a mut [T],
    dy: &'a [T],
    places: &'a [P],
    window: &'a Window2d,
    channels: usize,
    first: usize,
}

impl<T: Float, P: Place> Kernel for Apart<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { dx, dy, places, window, channels, first } = self;
        let [height, width] = window.input;
        let row = window.output[1] * channels;
        // Rows are short: counting is several times faster than dividing for each.
        let (mut n, mut at) = (first / height, first % height);
        let [mut y, mut ki] = under(window, 0, at);
        for dx in dx.chunks_mut(width * channels) {
            if y < window.output[0] && ki < window.kernel[0] {
                let start = (n * window.output[0] + y) * row;
                let (dy, places) = (&dy[start..start + row], &places[start..start + row]);
                spread_row(dx, dy, places, ki * window.kernel[1], window, channels);
            } else {
                dx.fill(T::zero());
            }
            (at, ki) = (at + 1, ki + 1);
            if at == height {
                (n, at) = (n + 1, 0);
                [y, ki] = under(window, 0, 0);
            } else if ki == window.stride[0] {
                (y, ki) = (y + 1, 0);
            }
        }
    }
}

/// The output whose window has input `at` of axis `d`, if any has, and the element of the window that it is under.
#[inline(always)]
fn under(window: &Window2d, d: usize, at: usize) -> [usize; 2] {
    let padded = at + window.padding[d];
    [padded / window.stride[d], padded % window.stride[d]]
}

/// One row of the input, under one row of windows, whose elements in it are `number` and those that follow.
#[inline(always)]
fn spread_row<T: Float, P: Place>(
    dx: &mut [T],
    dy: &[T],
    places: &[P],
    number: usize,
    window: &Window2d,
    channels: usize,
) {
    if channels == 1 && are_halves(window, 1) {
        return spread_halves(dx, dy, places, number);
    }
    let [mut x, mut kj] = under(window, 1, 0);
    for dx in dx.chunks_mut(channels) {
        if x < window.output[1] && kj < window.kernel[1] {
            let at = x * channels..(x + 1) * channels;
            let own = P::of(number + kj);
            for ((dx, &dy), &place) in dx.iter_mut().zip(&dy[at.clone()]).zip(&places[at]) {
                *dx = if place == own { dy } else { T::zero() };
            }
        } else {
            dx.fill(T::zero());
        }
        kj += 1;
        if kj == window.stride[1] {
            (x, kj) = (x + 1, 0);
        }
    }
}

/// A row of `dx` under windows two wide, whose elements in this row are `number` and the next.
#[inline(always)]
fn spread_halves<T: Float, P: Place>(dx: &mut [T], dy: &[T], places: &[P], number: usize) {
    let own = [P::of(number), P::of(number + 1)];
    let (pairs, last) = dx.split_at_mut(2 * dy.len());
    last.fill(T::zero());
    // Four windows at a time, each of their elements by itself, so that the compiler sees lanes.
    let (dx, dx_rest) = pairs.as_chunks_mut::<8>();
    let ((dy, dy_rest), (places, places_rest)) = (dy.as_chunks::<4>(), places.as_chunks::<4>());
    for ((dx, dy), places) in dx.iter_mut().zip(dy).zip(places) {
        let (dy, places): ([T; 8], [P; 8]) =
            (std::array::from_fn(|i| dy[i / 2]), std::array::from_fn(|i| places[i / 2]));
        *dx = std::array::from_fn(|i| if places[i] == own[i % 2] { dy[i] } else { T::zero() });
    }
    for ((dx, &dy), &place) in dx_rest.as_chunks_mut::<2>().0.iter_mut().zip(dy_rest).zip(places_rest) {
        *dx = own.map(|own| if place == own { dy } else { T::zero() });
    }
}

/// `out = x[place]` of every window: the transpose of [`scatter`].
pub(crate) fn gather<T: Float, P: Place>(out: &mut [T], x: &[T], places: &[P], window: &Window2d, channels: usize) {
    let (size, image) = (window.output_size() * channels, window.input_size() * channels);
    for_each_piece(out, rows_per_piece(size) * size, |start, out| {
        for (i, (out, &place)) in (start..).zip(out.iter_mut().zip(&places[start..])) {
            let (n, pixel, c) = (i / size, i % size / channels, i % channels);
            let at = [pixel / window.output[1], pixel % window.output[1]];
            *out = x[n * image + source(window, at, place.number()) * channels + c];
        }
    });
}
