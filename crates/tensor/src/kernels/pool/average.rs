//! Average pooling and its transpose.
//!
//! Images are `[images, height, width, channels]` in memory; planes of row-major memory are images of one channel.

use std::ops::Range;

use crate::element::Float;
use crate::kernels::lanes::LANES;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::parallel::{for_each_piece, rows_per_piece};

/// Which inputs each output is the average of.
#[derive(Clone, Debug)]
pub(crate) struct Averages {
    /// The size of an input image.
    pub(crate) input: [usize; 2],
    /// For each output row, the input rows.
    pub(crate) rows: Vec<Range<usize>>,
    /// For each output column, the input columns.
    pub(crate) columns: Vec<Range<usize>>,
    /// What sums are divided by; where absent, the number of inputs.
    pub(crate) divisor: Option<usize>,
}

impl Averages {
    fn output_size(&self) -> usize {
        self.rows.len() * self.columns.len()
    }

    /// One over what the sums of output `[y, x]` are divided by.
    #[inline(always)]
    fn scale<T: Float>(&self, y: usize, x: usize) -> T {
        let divisor = self.divisor.unwrap_or(self.rows[y].len() * self.columns[x].len());
        T::one() / T::from_f64(divisor as f64)
    }
}

/// The average of every window.
pub(crate) fn forward<T: Float>(out: &mut [T], x: &[T], averages: &Averages, channels: usize) {
    let row = averages.columns.len() * channels;
    let seen = averages.input[0].div_ceil(averages.rows.len()) * averages.input[1] * channels;
    for_each_piece(out, rows_per_piece(seen) * row, |start, out| {
        dispatch(Forward { out, x, averages, channels, first: start / row });
    });
}

/// Rows of outputs, from `first` on, counted over all images.
struct Forward<'a, T> {
    out: &'a mut [T],
    x: &'a [T],
    averages: &'a Averages,
    channels: usize,
    first: usize,
}

impl<T: Float> Kernel for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { out, x, averages, channels, first } = self;
        let [height, width] = averages.input;
        let image = height * width * channels;
        for (at, out) in (first..).zip(out.chunks_mut(averages.columns.len() * channels)) {
            let (n, y) = (at / averages.rows.len(), at % averages.rows.len());
            let x = &x[n * image..(n + 1) * image];
            if channels == 1 {
                line(out, x, averages, y);
                continue;
            }
            for (column, out) in out.chunks_mut(channels).enumerate() {
                let scale = averages.scale::<T>(y, column);
                let runs = averages.rows[y].clone().map(|row| {
                    let columns = &averages.columns[column];
                    &x[(row * width + columns.start) * channels..(row * width + columns.end) * channels]
                });
                sum_pixels(out, runs);
                out.iter_mut().for_each(|out| *out *= scale);
            }
        }
    }
}

/// One row of outputs of an image of one channel.
#[inline(always)]
fn line<T: Float>(out: &mut [T], x: &[T], averages: &Averages, y: usize) {
    out.fill(T::zero());
    for row in averages.rows[y].clone() {
        let x = &x[row * averages.input[1]..(row + 1) * averages.input[1]];
        for (out, columns) in out.iter_mut().zip(&averages.columns) {
            x[columns.clone()].iter().for_each(|&x| *out += x);
        }
    }
    out.iter_mut().enumerate().for_each(|(x, out)| *out *= averages.scale::<T>(y, x));
}

/// `out[c]` = the sum over the pixels of all runs.
#[inline(always)]
fn sum_pixels<'a, T: Float>(out: &mut [T], runs: impl Iterator<Item = &'a [T]> + Clone) {
    let channels = out.len();
    let (whole, rest) = out.as_chunks_mut::<LANES>();
    let done = whole.len() * LANES;
    for (i, out) in whole.iter_mut().enumerate() {
        let mut sums = [T::zero(); LANES];
        for run in runs.clone() {
            for pixel in run.chunks_exact(channels) {
                let pixel: &[T; LANES] = pixel[i * LANES..].first_chunk().expect("a pixel has all channels");
                sums.iter_mut().zip(pixel).for_each(|(sum, &x)| *sum += x);
            }
        }
        *out = sums;
    }
    for (c, out) in (done..).zip(rest) {
        *out = T::zero();
        for run in runs.clone() {
            run[c.min(run.len())..].iter().step_by(channels).for_each(|&x| *out += x);
        }
    }
}

/// The transpose of [`forward`]: every input gets its shares of the outputs it is in.
pub(crate) fn transposed<T: Float>(dx: &mut [T], dy: &[T], averages: &Averages, channels: usize) {
    let image = averages.input[0] * averages.input[1] * channels;
    for_each_piece(dx, rows_per_piece(image) * image, |start, dx| {
        dispatch(Transposed { dx, dy, averages, channels, first: start / image });
    });
}

/// Images, from `first` on.
struct Transposed<'a, T> {
    dx: &'a mut [T],
    dy: &'a [T],
    averages: &'a Averages,
    channels: usize,
    first: usize,
}

impl<T: Float> Kernel for Transposed<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { dx, dy, averages, channels, first } = self;
        let [height, width] = averages.input;
        let size = averages.output_size() * channels;
        dx.fill(T::zero());
        for (n, dx) in (first..).zip(dx.chunks_mut(height * width * channels)) {
            let dy = &dy[n * size..(n + 1) * size];
            if channels == 1 {
                spread(dx, dy, averages);
                continue;
            }
            for (at, dy) in dy.chunks(channels).enumerate() {
                let (y, x) = (at / averages.columns.len(), at % averages.columns.len());
                let scale = averages.scale::<T>(y, x);
                let columns = &averages.columns[x];
                for row in averages.rows[y].clone() {
                    let run = &mut dx[(row * width + columns.start) * channels..(row * width + columns.end) * channels];
                    for dx in run.chunks_exact_mut(channels) {
                        dx.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx += dy * scale);
                    }
                }
            }
        }
    }
}

/// [`transposed`] for one image of one channel.
#[inline(always)]
fn spread<T: Float>(dx: &mut [T], dy: &[T], averages: &Averages) {
    for ((y, rows), dy) in averages.rows.iter().enumerate().zip(dy.chunks(averages.columns.len())) {
        for row in rows.clone() {
            let dx = &mut dx[row * averages.input[1]..(row + 1) * averages.input[1]];
            for ((x, columns), &dy) in averages.columns.iter().enumerate().zip(dy) {
                let share = dy * averages.scale(y, x);
                dx[columns.clone()].iter_mut().for_each(|dx| *dx += share);
            }
        }
    }
}
