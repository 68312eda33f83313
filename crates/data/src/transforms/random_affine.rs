//! Images turned, moved, scaled and sheared at random.

use gradus_tensor::random::Generator;

use crate::transforms::affine::Affine;
use crate::transforms::{Image, Transform, uniform};

/// Turned, moved, scaled and sheared around the middle at random, bilinear (torchvision's `RandomAffine`).
///
/// ```
/// use gradus_data::RandomAffine;
///
/// let augment = RandomAffine::new(10.0).translate(0.1, 0.1).scale(0.9, 1.1).shear(5.0, 0.0);
/// # let _ = augment;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RandomAffine {
    degrees: f64,
    translate: [f64; 2],
    scale: [f64; 2],
    shear: [f64; 2],
    fill: f32,
}

impl RandomAffine {
    /// Turned by an angle uniform in `-degrees..degrees`, and nothing else yet.
    ///
    /// # Panics
    /// If the degrees are negative or not finite.
    #[track_caller]
    pub fn new(degrees: f64) -> Self {
        assert!(degrees.is_finite() && degrees >= 0.0, "RandomAffine: {degrees} degrees; give 0 or more");
        Self { degrees, translate: [0.0; 2], scale: [1.0; 2], shear: [0.0; 2], fill: 0.0 }
    }

    /// Moved by whole pixels, at most these shares of width and height either way (default 0).
    ///
    /// # Panics
    /// If a share is not in `0..=1`.
    #[must_use]
    #[track_caller]
    pub fn translate(self, x: f64, y: f64) -> Self {
        let fits = [x, y].iter().all(|share| (0.0..=1.0).contains(share));
        assert!(fits, "RandomAffine: translate ({x}, {y}); give shares in 0..=1");
        Self { translate: [x, y], ..self }
    }

    /// Scaled by a factor uniform in `low..high` (default 1).
    ///
    /// # Panics
    /// If `low` is not above 0, or `high` below it.
    #[must_use]
    #[track_caller]
    pub fn scale(self, low: f64, high: f64) -> Self {
        let fits = low > 0.0 && high >= low && high.is_finite();
        assert!(fits, "RandomAffine: scale ({low}, {high}); give two numbers above 0, the smaller first");
        Self { scale: [low, high], ..self }
    }

    /// Sheared along x and y by angles uniform in `-x..x` and `-y..y` degrees (default 0).
    ///
    /// # Panics
    /// If an angle is not in `0..90`.
    #[must_use]
    #[track_caller]
    pub fn shear(self, x: f64, y: f64) -> Self {
        let fits = [x, y].iter().all(|angle| (0.0..90.0).contains(angle));
        assert!(fits, "RandomAffine: shear ({x}, {y}); give degrees in 0..90");
        Self { shear: [x, y], ..self }
    }

    /// What comes from outside the image (default 0).
    #[must_use]
    pub fn fill(self, fill: f32) -> Self {
        Self { fill, ..self }
    }
}

impl Transform for RandomAffine {
    fn apply(&self, image: Image<'_>, out: &mut [f32], random: &mut Generator) {
        let [_, height, width] = image.shape();
        let mut around = |most: f64| uniform(random, -most, most);
        let angle = around(self.degrees);
        let translate = [self.translate[0] * width as f64, self.translate[1] * height as f64];
        let translate = translate.map(|most| around(most).round_ties_even());
        let shear = self.shear.map(&mut around);
        let scale = uniform(random, self.scale[0], self.scale[1]);
        Affine { angle, translate, scale, shear }.apply(image, out, self.fill);
    }
}
