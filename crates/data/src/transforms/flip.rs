//! Images mirrored at random.

use gradus_tensor::random::Generator;

use crate::transforms::{Image, Transform, happens, probability};

/// Left and right exchanged with a probability (torchvision's `RandomHorizontalFlip`).
#[derive(Clone, Debug, PartialEq)]
pub struct RandomHorizontalFlip {
    probability: f64,
}

impl RandomHorizontalFlip {
    /// torchvision's probability is 0.5.
    ///
    /// # Panics
    /// If the probability is not in `0..=1`.
    #[track_caller]
    pub fn new(probability: f64) -> Self {
        Self { probability: self::probability("RandomHorizontalFlip", probability) }
    }
}

impl Transform for RandomHorizontalFlip {
    fn apply(&self, image: Image<'_>, out: &mut [f32], random: &mut Generator) {
        if !happens(random, self.probability) {
            return out.copy_from_slice(image.pixels());
        }
        for (out, row) in out.chunks_exact_mut(image.shape()[2].max(1)).zip(image.rows()) {
            out.iter_mut().zip(row.iter().rev()).for_each(|(out, &pixel)| *out = pixel);
        }
    }
}

/// Top and bottom exchanged with a probability (torchvision's `RandomVerticalFlip`).
#[derive(Clone, Debug, PartialEq)]
pub struct RandomVerticalFlip {
    probability: f64,
}

impl RandomVerticalFlip {
    /// torchvision's probability is 0.5.
    ///
    /// # Panics
    /// If the probability is not in `0..=1`.
    #[track_caller]
    pub fn new(probability: f64) -> Self {
        Self { probability: self::probability("RandomVerticalFlip", probability) }
    }
}

impl Transform for RandomVerticalFlip {
    fn apply(&self, image: Image<'_>, out: &mut [f32], random: &mut Generator) {
        if !happens(random, self.probability) {
            return out.copy_from_slice(image.pixels());
        }
        let [channels, height, width] = image.shape();
        let (plane, width) = ((height * width).max(1), width.max(1));
        for (channel, out) in (0..channels).zip(out.chunks_exact_mut(plane)) {
            let rows = image.plane(channel).chunks_exact(width).rev();
            out.chunks_exact_mut(width).zip(rows).for_each(|(out, row)| out.copy_from_slice(row));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transforms::applied;

    #[test]
    fn images_are_mirrored_as_often_as_asked() {
        let pixels: Vec<f32> = (0..12).map(|x| x as f32).collect();
        let shape = [2, 2, 3];
        let horizontal = [2., 1., 0., 5., 4., 3., 8., 7., 6., 11., 10., 9.];
        let vertical = [3., 4., 5., 0., 1., 2., 9., 10., 11., 6., 7., 8.];
        assert_eq!(applied(&RandomHorizontalFlip::new(1.0), &pixels, shape, 0).0, horizontal);
        assert_eq!(applied(&RandomVerticalFlip::new(1.0), &pixels, shape, 0).0, vertical);
        assert_eq!(applied(&RandomHorizontalFlip::new(0.0), &pixels, shape, 0).0, pixels);
        let flip = RandomVerticalFlip::new(0.25);
        let flipped = (0..4000).filter(|&seed| applied(&flip, &pixels, shape, seed).0 == vertical).count();
        assert!((900..1100).contains(&flipped), "{flipped} of 4000");
    }
}
