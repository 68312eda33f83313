//! Transforms one after the other.

use std::cell::RefCell;

use gradus_tensor::random::Generator;

use crate::error::DataError;
use crate::transforms::{Image, Transform};

thread_local! {
    /// What lies between two transforms, kept from sample to sample.
    static BETWEEN: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// Transforms one after the other (torchvision's `Compose`); without any, the image as it is.
///
/// ```
/// use gradus_data::{CenterCrop, Compose, Normalize, Transform};
///
/// let transform = Compose::new().then(CenterCrop::new(24, 24)).then(Normalize::new(&[0.5], &[0.5]));
/// assert_eq!(transform.output_shape([1, 28, 28])?, [1, 24, 24]);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Default)]
pub struct Compose {
    transforms: Vec<Box<dyn Transform>>,
}

impl Compose {
    /// No transform yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With `transform` after those there are.
    #[must_use]
    pub fn then(mut self, transform: impl Transform + 'static) -> Self {
        self.transforms.push(Box::new(transform));
        self
    }
}

impl std::fmt::Debug for Compose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Compose of {} transforms", self.transforms.len())
    }
}

impl Transform for Compose {
    fn output_shape(&self, input: [usize; 3]) -> Result<[usize; 3], DataError> {
        self.transforms.iter().try_fold(input, |shape, transform| transform.output_shape(shape))
    }

    fn apply(&self, image: Image<'_>, out: &mut [f32], random: &mut Generator) {
        let Some((last, others)) = self.transforms.split_last() else {
            return out.copy_from_slice(image.pixels());
        };
        let Some((first, others)) = others.split_first() else {
            return last.apply(image, out, random);
        };
        let (mut now, mut next) = (take(), take());
        let mut shape = step(first.as_ref(), image, &mut now, random);
        for transform in others {
            shape = step(transform.as_ref(), Image::new(&now, shape), &mut next, random);
            std::mem::swap(&mut now, &mut next);
        }
        last.apply(Image::new(&now, shape), out, random);
        BETWEEN.with_borrow_mut(|kept| kept.extend([now, next]));
    }
}

/// A buffer of this thread. A transform within may be such a sequence itself, so none is borrowed while one runs.
fn take() -> Vec<f32> {
    BETWEEN.with_borrow_mut(Vec::pop).unwrap_or_default()
}

/// Makes `out` hold what becomes of `image`; its shape.
fn step(transform: &dyn Transform, image: Image<'_>, out: &mut Vec<f32>, random: &mut Generator) -> [usize; 3] {
    let shape = transform.output_shape(image.shape()).expect("shapes are checked before images come");
    out.resize(shape.iter().product(), 0.0);
    transform.apply(image, out, random);
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transforms::applied;
    use crate::transforms::center_crop::CenterCrop;
    use crate::transforms::flip::RandomHorizontalFlip;
    use crate::transforms::normalize::Normalize;

    #[test]
    fn transforms_follow_each_other_in_order_and_may_be_nested() {
        let pixels: Vec<f32> = (0..9).map(|x| x as f32).collect();
        let flip = || RandomHorizontalFlip::new(1.0);
        let check = |transform: Compose, want: &[f32]| {
            assert_eq!(applied(&transform, &pixels, [1, 3, 3], 0).0, want);
        };
        check(Compose::new(), &pixels);
        check(Compose::new().then(CenterCrop::new(1, 3)), &[3., 4., 5.]);
        check(Compose::new().then(flip()).then(CenterCrop::new(1, 3)), &[5., 4., 3.]);
        let inner = Compose::new().then(flip()).then(flip()).then(flip());
        let nested = Compose::new().then(inner).then(Normalize::new(&[3.0], &[0.5])).then(CenterCrop::new(1, 3));
        check(nested, &[4., 2., 0.]);
        let error = Compose::new().then(CenterCrop::new(2, 2)).then(CenterCrop::new(3, 3)).output_shape([1, 3, 3]);
        let message = error.unwrap_err().to_string();
        assert_eq!(
            message,
            "CenterCrop does not fit images of 1 x 2 x 2 (channels x height x width); crop at most that"
        );
    }
}
