//! What is done to images on their way into a batch: one file a transform.
//!
//! Formulas are torchvision's for images of floating-point numbers. A transform reads one slice and writes another
//! whose length is known before, so a batch is written once, in place.

mod affine;
pub(crate) mod center_crop;
mod color;
pub(crate) mod color_jitter;
pub(crate) mod compose;
pub(crate) mod cut_mix;
pub(crate) mod cutout;
pub(crate) mod flip;
pub(crate) mod mix_up;
pub(crate) mod mixed;
pub(crate) mod normalize;
pub(crate) mod one_hot;
#[cfg(test)]
mod parity;
pub(crate) mod random_affine;
pub(crate) mod random_crop;
pub(crate) mod random_erasing;
pub(crate) mod random_rotation;
pub(crate) mod resize;
pub(crate) mod source;
pub(crate) mod to_tensor;
pub(crate) mod transformed;

use std::sync::Arc;

use gradus_tensor::random::Generator;
pub(crate) use resize::Resize;

use crate::error::DataError;

/// One image: numbers `[C, H, W]` in row-major order.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    pixels: &'a [f32],
    shape: [usize; 3],
}

impl<'a> Image<'a> {
    /// `pixels` as an image of `shape`, `[C, H, W]`.
    ///
    /// # Panics
    /// If there are more or fewer pixels than the shape has.
    #[track_caller]
    pub fn new(pixels: &'a [f32], shape: [usize; 3]) -> Self {
        let needed: usize = shape.iter().product();
        assert!(pixels.len() == needed, "Image: {} pixels do not fill the shape {shape:?}", pixels.len());
        Self { pixels, shape }
    }

    /// All pixels.
    pub fn pixels(&self) -> &'a [f32] {
        self.pixels
    }

    /// Channels, height and width.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// The rows of every channel, one after the other, of at least one pixel each.
    fn rows(&self) -> impl Iterator<Item = &'a [f32]> {
        self.pixels.chunks_exact(self.shape[2].max(1))
    }

    /// A channel's pixels, row by row.
    fn plane(&self, channel: usize) -> &'a [f32] {
        let plane = self.shape[1] * self.shape[2];
        &self.pixels[channel * plane..][..plane]
    }
}

/// Something done to an image, which may draw on random numbers.
///
/// ```
/// use gradus_data::{Image, Transform};
/// use gradus_tensor::random::Generator;
///
/// /// The negative of images in `0..=1`.
/// struct Invert;
///
/// impl Transform for Invert {
///     fn apply(&self, image: Image<'_>, out: &mut [f32], _: &mut Generator) {
///         for (out, pixel) in out.iter_mut().zip(image.pixels()) {
///             *out = 1.0 - pixel;
///         }
///     }
/// }
///
/// let mut out = [0.0; 2];
/// Invert.apply(Image::new(&[0.0, 0.75], [1, 1, 2]), &mut out, &mut Generator::new(0, 0));
/// assert_eq!(out, [1.0, 0.25]);
/// ```
pub trait Transform: Send + Sync {
    /// The shape `[C, H, W]` of what becomes of images of the shape `input`; the same where a transform does not say.
    ///
    /// # Errors
    /// If the transform does not fit images of this shape.
    fn output_shape(&self, input: [usize; 3]) -> Result<[usize; 3], DataError> {
        Ok(input)
    }

    /// Writes what becomes of `image` into `out`, which has as many numbers as
    /// [`output_shape`](Self::output_shape) says and holds anything before. Everything random is drawn from `random`.
    fn apply(&self, image: Image<'_>, out: &mut [f32], random: &mut Generator);
}

macro_rules! forward_transform {
    ($($pointer:ty),*) => {$(
        impl<T: Transform + ?Sized> Transform for $pointer {
            fn output_shape(&self, input: [usize; 3]) -> Result<[usize; 3], DataError> {
                (**self).output_shape(input)
            }

            fn apply(&self, image: Image<'_>, out: &mut [f32], random: &mut Generator) {
                (**self).apply(image, out, random);
            }
        }
    )*};
}
forward_transform!(&T, Box<T>, Arc<T>);

/// The error of a transform that does not fit.
fn misfit(transform: &'static str, [channels, height, width]: [usize; 3], cure: String) -> DataError {
    DataError::Transform { transform, shape: format!("{channels} x {height} x {width}"), cure }
}

/// A number uniform in `[low, high)`.
fn uniform(random: &mut Generator, low: f64, high: f64) -> f64 {
    low + (high - low) * random.next_unit()
}

/// Whether something that happens with this probability happens.
fn happens(random: &mut Generator, probability: f64) -> bool {
    random.next_unit() < probability
}

/// The same probability, checked.
#[track_caller]
fn probability(transform: &str, probability: f64) -> f64 {
    assert!((0.0..=1.0).contains(&probability), "{transform}: the probability {probability} is not in 0..=1");
    probability
}

/// What a transform makes of an image, with its shape.
#[cfg(test)]
fn applied(transform: &impl Transform, pixels: &[f32], shape: [usize; 3], seed: u64) -> (Vec<f32>, [usize; 3]) {
    let out_shape = transform.output_shape(shape).expect("it fits");
    // What is there before must not matter.
    let mut out = vec![f32::NAN; out_shape.iter().product()];
    transform.apply(Image::new(pixels, shape), &mut out, &mut Generator::new(seed, 0));
    (out, out_shape)
}
