//! Colours changed at random.

use gradus_tensor::random::Generator;

use crate::error::DataError;
use crate::transforms::{Image, Transform, color, misfit, uniform};

/// Brightness, contrast, saturation and hue changed at random, in random order (torchvision's `ColorJitter`).
///
/// Images are in `0..=1` and stay there, so it comes before [`Normalize`](crate::Normalize). Grey images have
/// neither saturation nor hue.
///
/// ```
/// use gradus_data::ColorJitter;
///
/// let augment = ColorJitter::default().brightness(0.2).contrast(0.2).saturation(0.2).hue(0.05);
/// # let _ = augment;
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColorJitter {
    /// Of brightness, contrast and saturation.
    strengths: [f64; 3],
    hue: f64,
}

impl ColorJitter {
    /// All pixels times a factor uniform in `max(0, 1 - strength)..1 + strength` (default: not at all).
    ///
    /// # Panics
    /// If the strength is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn brightness(self, strength: f64) -> Self {
        self.with(0, "brightness", strength)
    }

    /// The distance from the mean of the grey image times such a factor (default: not at all).
    ///
    /// # Panics
    /// If the strength is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn contrast(self, strength: f64) -> Self {
        self.with(1, "contrast", strength)
    }

    /// The distance from the grey image times such a factor (default: not at all).
    ///
    /// # Panics
    /// If the strength is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn saturation(self, strength: f64) -> Self {
        self.with(2, "saturation", strength)
    }

    /// Colours moved round their circle by a share of it uniform in `-turn..turn` (default: not at all).
    ///
    /// # Panics
    /// If the turn is not in `0..=0.5`.
    #[must_use]
    #[track_caller]
    pub fn hue(self, turn: f64) -> Self {
        assert!((0.0..=0.5).contains(&turn), "ColorJitter: hue {turn}; give a share of the circle in 0..=0.5");
        Self { hue: turn, ..self }
    }

    #[track_caller]
    fn with(mut self, which: usize, name: &str, strength: f64) -> Self {
        assert!(strength.is_finite() && strength >= 0.0, "ColorJitter: {name} {strength}; give 0 or more");
        self.strengths[which] = strength;
        self
    }
}

impl Transform for ColorJitter {
    fn output_shape(&self, input: [usize; 3]) -> Result<[usize; 3], DataError> {
        if matches!(input[0], 1 | 3) {
            return Ok(input);
        }
        Err(misfit("ColorJitter", input, "give images of 1 or 3 channels".to_owned()))
    }

    fn apply(&self, image: Image<'_>, out: &mut [f32], random: &mut Generator) {
        let [_, height, width] = image.shape();
        let plane = height * width;
        out.copy_from_slice(image.pixels());
        let factors = self.strengths.map(|strength| uniform(random, (1.0 - strength).max(0.0), 1.0 + strength) as f32);
        let turn = uniform(random, -self.hue, self.hue) as f32;
        let mut order = [0, 1, 2, 3];
        for i in (1..order.len()).rev() {
            order.swap(i, random.below(i as u64 + 1) as usize);
        }
        for which in order {
            match which {
                0 if self.strengths[0] > 0.0 => color::brightness(out, factors[0]),
                1 if self.strengths[1] > 0.0 => color::contrast(out, plane, factors[1]),
                2 if self.strengths[2] > 0.0 => color::saturation(out, plane, factors[2]),
                3 if self.hue > 0.0 => color::hue(out, plane, turn),
                _ => {}
            }
        }
    }
}
