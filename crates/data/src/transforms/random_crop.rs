//! A part of an image at a random place.

use gradus_tensor::random::Generator;

use crate::error::DataError;
use crate::transforms::{Image, Transform, misfit};

/// A part of the given size at a random place, every place equally likely (torchvision's `RandomCrop`).
///
/// The image may be padded on all sides before, with `fill`.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomCrop {
    height: usize,
    width: usize,
    padding: usize,
    fill: f32,
}

impl RandomCrop {
    /// A part of `height` x `width` pixels of an image that is not padded.
    ///
    /// # Panics
    /// If a side is 0.
    #[track_caller]
    pub fn new(height: usize, width: usize) -> Self {
        assert!(height > 0 && width > 0, "RandomCrop: {height} x {width} pixels; both sides should be above 0");
        Self { height, width, padding: 0, fill: 0.0 }
    }

    /// Pixels added on each side before (default 0).
    #[must_use]
    pub fn padding(self, padding: usize) -> Self {
        Self { padding, ..self }
    }

    /// What the pixels added hold (default 0).
    #[must_use]
    pub fn fill(self, fill: f32) -> Self {
        Self { fill, ..self }
    }
}

impl Transform for RandomCrop {
    fn output_shape(&self, input: [usize; 3]) -> Result<[usize; 3], DataError> {
        let padded = [1, 2].map(|side| input[side].saturating_add(self.padding.saturating_mul(2)));
        if padded[0] < self.height || padded[1] < self.width {
            let Self { height, width, padding, .. } = self;
            let cure = format!("{height} x {width} with padding {padding} is more; crop less or pad more");
            return Err(misfit("RandomCrop", input, cure));
        }
        Ok([input[0], self.height, self.width])
    }

    fn apply(&self, image: Image<'_>, out: &mut [f32], random: &mut Generator) {
        let [_, height, width] = image.shape();
        let place = |random: &mut Generator, side: usize, part: usize| {
            random.below((side + 2 * self.padding - part + 1) as u64) as usize
        };
        let top = place(random, height, self.height);
        let left = place(random, width, self.width);
        // Columns of a row before, within and after the image.
        let before = self.padding.saturating_sub(left).min(self.width);
        let start = left.saturating_sub(self.padding).min(width);
        let within = (width - start).min(self.width - before);
        for (row, out) in out.chunks_exact_mut(self.width).enumerate() {
            let (channel, y) = (row / self.height, top + row % self.height);
            let Some(y) = y.checked_sub(self.padding).filter(|&y| y < height) else {
                out.fill(self.fill);
                continue;
            };
            let pixels = &image.plane(channel)[y * width + start..][..within];
            out[..before].fill(self.fill);
            out[before..before + within].copy_from_slice(pixels);
            out[before + within..].fill(self.fill);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transforms::applied;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_crop_is_a_part_of_the_padded_image(
            (height, width, padding) in (1usize..6, 1usize..6, 0usize..4),
            (part_height, part_width) in (1usize..9, 1usize..9),
            seed in any::<u64>(),
        ) {
            let (full_height, full_width) = (height + 2 * padding, width + 2 * padding);
            let crop = RandomCrop::new(part_height, part_width).padding(padding).fill(-1.0);
            let shape = [2, height, width];
            if part_height > full_height || part_width > full_width {
                prop_assert!(crop.output_shape(shape).is_err());
                return Ok(());
            }
            let pixels: Vec<f32> = (0..2 * height * width).map(|x| x as f32).collect();
            let (out, out_shape) = applied(&crop, &pixels, shape, seed);
            prop_assert_eq!(out_shape, [2, part_height, part_width]);
            let padded = |channel: usize, y: usize, x: usize| {
                let inside = |at: usize, side: usize| at.checked_sub(padding).filter(|&at| at < side);
                let at = inside(y, height).zip(inside(x, width));
                at.map_or(-1.0, |(y, x)| pixels[(channel * height + y) * width + x])
            };
            let is_at = |top: usize, left: usize| {
                let place = |i: usize| {
                    let row = i / part_width;
                    (row / part_height, top + row % part_height, left + i % part_width)
                };
                out.iter().enumerate().all(|(i, &pixel)| { let (c, y, x) = place(i); padded(c, y, x) == pixel })
            };
            let places = (0..=full_height - part_height)
                .flat_map(|top| (0..=full_width - part_width).map(move |left| (top, left)));
            prop_assert!(places.into_iter().any(|(top, left)| is_at(top, left)));
        }
    }

    #[test]
    fn every_place_comes() {
        let crop = RandomCrop::new(1, 1);
        let pixels: Vec<f32> = (0..6).map(|x| x as f32).collect();
        let mut seen = [false; 6];
        (0..100).for_each(|seed| seen[applied(&crop, &pixels, [1, 2, 3], seed).0[0] as usize] = true);
        assert_eq!(seen, [true; 6]);
        let message = RandomCrop::new(5, 2).padding(1).output_shape([1, 2, 3]).unwrap_err().to_string();
        let want = "RandomCrop does not fit images of 1 x 2 x 3 (channels x height x width); 5 x 2 with padding 1 is \
                    more; crop less or pad more";
        assert_eq!(message, want);
    }
}
