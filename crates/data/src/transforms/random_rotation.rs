//! Images turned by a random angle.

use gradus_tensor::random::Generator;

use crate::transforms::affine::Affine;
use crate::transforms::{Image, Transform, uniform};

/// Turned around the middle by an angle uniform in `-degrees..degrees`, bilinear (torchvision's `RandomRotation`).
#[derive(Clone, Debug, PartialEq)]
pub struct RandomRotation {
    degrees: f64,
    fill: f32,
}

impl RandomRotation {
    /// At most `degrees` either way.
    ///
    /// # Panics
    /// If the degrees are negative or not finite.
    #[track_caller]
    pub fn new(degrees: f64) -> Self {
        assert!(degrees.is_finite() && degrees >= 0.0, "RandomRotation: {degrees} degrees; give 0 or more");
        Self { degrees, fill: 0.0 }
    }

    /// What comes from outside the image (default 0).
    #[must_use]
    pub fn fill(self, fill: f32) -> Self {
        Self { fill, ..self }
    }
}

impl Transform for RandomRotation {
    fn apply(&self, image: Image<'_>, out: &mut [f32], random: &mut Generator) {
        let angle = uniform(random, -self.degrees, self.degrees);
        Affine { angle, translate: [0.0; 2], scale: 1.0, shear: [0.0; 2] }.apply(image, out, self.fill);
    }
}
