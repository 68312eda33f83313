//! Numbers with mean 0 and standard deviation 1.

use gradus_tensor::random::Generator;

use crate::error::DataError;
use crate::transforms::{Image, Transform, misfit};

/// `(x - mean) / std` with the mean and standard deviation of the pixel's channel (torchvision's `Normalize`).
#[derive(Clone, Debug, PartialEq)]
pub struct Normalize {
    /// Mean and standard deviation of each channel.
    channels: Vec<(f32, f32)>,
}

impl Normalize {
    /// One mean and one standard deviation a channel.
    ///
    /// # Panics
    /// If there are more of one than of the other, a mean is not finite, or a standard deviation is not above 0.
    #[track_caller]
    pub fn new(mean: &[f32], std: &[f32]) -> Self {
        assert!(mean.len() == std.len(), "Normalize: {} means and {} standard deviations", mean.len(), std.len());
        let fits = mean.iter().all(|x| x.is_finite()) && std.iter().all(|x| x.is_finite() && *x > 0.0);
        assert!(fits, "Normalize: mean {mean:?} and std {std:?}, where std should be above 0 and all finite");
        Self { channels: mean.iter().copied().zip(std.iter().copied()).collect() }
    }
}

impl Transform for Normalize {
    fn output_shape(&self, input: [usize; 3]) -> Result<[usize; 3], DataError> {
        if input[0] == self.channels.len() {
            return Ok(input);
        }
        let cure = format!("it has means of {} channels; give one of each channel", self.channels.len());
        Err(misfit("Normalize", input, cure))
    }

    fn apply(&self, image: Image<'_>, out: &mut [f32], _: &mut Generator) {
        let [_, height, width] = image.shape();
        let plane = (height * width).max(1);
        let planes = out.chunks_mut(plane).zip(image.pixels().chunks(plane));
        for ((out, pixels), &(mean, std)) in planes.zip(&self.channels) {
            for (out, &pixel) in out.iter_mut().zip(pixels) {
                *out = (pixel - mean) / std;
            }
        }
    }
}
