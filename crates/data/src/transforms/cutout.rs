//! A square of an image cut out.

use gradus_tensor::random::Generator;

use crate::transforms::random_erasing::erase;
use crate::transforms::{Image, Transform};

/// A square around a random pixel set to 0; at the edges what of it lies inside (T. DeVries, G. Taylor, "Improved
/// Regularization of Convolutional Neural Networks with Cutout", 2017).
#[derive(Clone, Debug, PartialEq)]
pub struct Cutout {
    side: usize,
}

impl Cutout {
    /// A square of `side` x `side` pixels (the paper: 16 for CIFAR-10, 8 for CIFAR-100).
    pub fn new(side: usize) -> Self {
        Self { side }
    }
}

impl Transform for Cutout {
    fn apply(&self, image: Image<'_>, out: &mut [f32], random: &mut Generator) {
        out.copy_from_slice(image.pixels());
        let [_, height, width] = image.shape();
        if height == 0 || width == 0 {
            return;
        }
        let mut part = |length: usize| {
            let middle = random.below(length as u64) as usize;
            let from = middle.saturating_sub(self.side / 2);
            [from, (middle + self.side - self.side / 2).min(length)]
        };
        let (rows, columns) = (part(height), part(width));
        erase(out, image.shape(), rows, columns, 0.0);
    }
}
