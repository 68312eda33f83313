//! The middle of an image.

use gradus_tensor::random::Generator;

use crate::error::DataError;
use crate::transforms::{Image, Transform, misfit};

/// The middle part of the given size (torchvision's `CenterCrop`); where it cannot be in the middle, half a pixel off,
/// rounded as Python rounds: halves to the even number.
#[derive(Clone, Debug, PartialEq)]
pub struct CenterCrop {
    height: usize,
    width: usize,
}

impl CenterCrop {
    /// A part of `height` x `width` pixels.
    ///
    /// # Panics
    /// If a side is 0.
    #[track_caller]
    pub fn new(height: usize, width: usize) -> Self {
        assert!(height > 0 && width > 0, "CenterCrop: {height} x {width} pixels; both sides should be above 0");
        Self { height, width }
    }
}

impl Transform for CenterCrop {
    fn output_shape(&self, input: [usize; 3]) -> Result<[usize; 3], DataError> {
        if input[1] < self.height || input[2] < self.width {
            return Err(misfit("CenterCrop", input, "crop at most that".to_owned()));
        }
        Ok([input[0], self.height, self.width])
    }

    fn apply(&self, image: Image<'_>, out: &mut [f32], _: &mut Generator) {
        let [_, height, width] = image.shape();
        let middle = |side: usize, part: usize| ((side - part) as f64 / 2.0).round_ties_even() as usize;
        let (top, left) = (middle(height, self.height), middle(width, self.width));
        for (row, out) in out.chunks_exact_mut(self.width).enumerate() {
            let (channel, y) = (row / self.height, top + row % self.height);
            out.copy_from_slice(&image.plane(channel)[y * width + left..][..self.width]);
        }
    }
}
