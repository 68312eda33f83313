//! Images brought to another size.

use std::ops::Range;

use gradus_tensor::random::Generator;

use crate::error::DataError;
use crate::transforms::{Image, Transform, misfit};

/// Brought to the given height and width, bilinear, the filter widened where the image shrinks (torchvision's `Resize`
/// of tensors with its default `antialias=True`).
///
/// Along an axis of `n` pixels that become `m`, with `s = n / m` and `r = max(s, 1)`, pixel `i` is the mean of the
/// pixels `j` with the weights `max(0, 1 - |j + 0.5 - (i + 0.5) s| / r)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Resize {
    height: usize,
    width: usize,
}

impl Resize {
    /// To `height` x `width` pixels.
    ///
    /// # Panics
    /// If a side is 0.
    #[track_caller]
    pub fn new(height: usize, width: usize) -> Self {
        assert!(height > 0 && width > 0, "Resize: {height} x {width} pixels; both sides should be above 0");
        Self { height, width }
    }

    /// Writes the image of `shape` into `out`.
    pub(crate) fn fill(&self, pixels: &[f32], [_, height, width]: [usize; 3], out: &mut [f32]) {
        let (columns, rows) = (Axis::new(width, self.width), Axis::new(height, self.height));
        // Each row of a channel in its new width.
        let mut narrow = vec![0.0; height * self.width];
        for (pixels, out) in pixels.chunks_exact(height * width).zip(out.chunks_exact_mut(self.height * self.width)) {
            for (row, narrow) in pixels.chunks_exact(width).zip(narrow.chunks_exact_mut(self.width)) {
                for (out, (from, weights)) in narrow.iter_mut().zip(columns.taps()) {
                    *out = row[from].iter().zip(weights).map(|(pixel, weight)| pixel * weight).sum();
                }
            }
            for (out, (from, weights)) in out.chunks_exact_mut(self.width).zip(rows.taps()) {
                out.fill(0.0);
                for (row, weight) in narrow.chunks_exact(self.width).skip(from.start).zip(weights) {
                    out.iter_mut().zip(row).for_each(|(out, pixel)| *out += weight * pixel);
                }
            }
        }
    }
}

impl Transform for Resize {
    fn output_shape(&self, input: [usize; 3]) -> Result<[usize; 3], DataError> {
        if input[1] == 0 || input[2] == 0 {
            return Err(misfit("Resize", input, "give images with pixels".to_owned()));
        }
        Ok([input[0], self.height, self.width])
    }

    fn apply(&self, image: Image<'_>, out: &mut [f32], _: &mut Generator) {
        self.fill(image.pixels(), image.shape(), out);
    }
}

/// Which old pixels each new one along an axis comes from, and with which weights.
struct Axis {
    ranges: Vec<Range<usize>>,
    /// Of all ranges, one after the other.
    weights: Vec<f32>,
}

impl Axis {
    fn new(old: usize, new: usize) -> Self {
        let scale = old as f64 / new as f64;
        let reach = scale.max(1.0);
        let (mut ranges, mut weights) = (Vec::with_capacity(new), Vec::new());
        for i in 0..new {
            let middle = (i as f64 + 0.5) * scale;
            let start = (middle - reach + 0.5).max(0.0) as usize;
            let end = ((middle + reach + 0.5) as usize).min(old);
            let weight = |j: usize| (1.0 - ((j as f64 + 0.5 - middle) / reach).abs()).max(0.0);
            let sum: f64 = (start..end).map(weight).sum();
            weights.extend((start..end).map(|j| (weight(j) / sum) as f32));
            ranges.push(start..end);
        }
        Self { ranges, weights }
    }

    fn taps(&self) -> impl Iterator<Item = (Range<usize>, &[f32])> {
        let mut rest = self.weights.as_slice();
        self.ranges.iter().map(move |range| {
            let (weights, after) = rest.split_at(range.len());
            rest = after;
            (range.clone(), weights)
        })
    }
}
