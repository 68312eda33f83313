//! A part of an image erased at random.

use gradus_tensor::random::Generator;

use crate::transforms::{Image, Transform, happens, probability, uniform};

/// How often a rectangle that does not fit is drawn again.
const ATTEMPTS: usize = 10;

/// A rectangle of random size, shape and place set to one value (torchvision's `RandomErasing`; Z. Zhong et al.,
/// "Random Erasing Data Augmentation", 2020).
#[derive(Clone, Debug, PartialEq)]
pub struct RandomErasing {
    probability: f64,
    scale: [f64; 2],
    ratio: [f64; 2],
    value: f32,
}

impl RandomErasing {
    /// With a probability (torchvision's is 0.5), 0.02 to 0.33 of the image, height to width 0.3 to 3.3, set to 0.
    ///
    /// # Panics
    /// If the probability is not in `0..=1`.
    #[track_caller]
    pub fn new(probability: f64) -> Self {
        let probability = self::probability("RandomErasing", probability);
        Self { probability, scale: [0.02, 0.33], ratio: [0.3, 3.3], value: 0.0 }
    }

    /// The share of the image that is erased (default 0.02 to 0.33).
    ///
    /// # Panics
    /// If the shares are not in `0..=1`, the smaller first.
    #[must_use]
    #[track_caller]
    pub fn scale(self, low: f64, high: f64) -> Self {
        let fits = 0.0 <= low && low <= high && high <= 1.0;
        assert!(fits, "RandomErasing: scale ({low}, {high}); give shares in 0..=1, the smaller first");
        Self { scale: [low, high], ..self }
    }

    /// Height divided by width (default 0.3 to 3.3).
    ///
    /// # Panics
    /// If `low` is not above 0, or `high` below it.
    #[must_use]
    #[track_caller]
    pub fn ratio(self, low: f64, high: f64) -> Self {
        let fits = low > 0.0 && high >= low && high.is_finite();
        assert!(fits, "RandomErasing: ratio ({low}, {high}); give two numbers above 0, the smaller first");
        Self { ratio: [low, high], ..self }
    }

    /// What the rectangle is set to (default 0).
    #[must_use]
    pub fn value(self, value: f32) -> Self {
        Self { value, ..self }
    }
}

impl Transform for RandomErasing {
    fn apply(&self, image: Image<'_>, out: &mut [f32], random: &mut Generator) {
        out.copy_from_slice(image.pixels());
        if !happens(random, self.probability) {
            return;
        }
        let [_, height, width] = image.shape();
        let [low, high] = self.ratio.map(f64::ln);
        for _ in 0..ATTEMPTS {
            let area = (height * width) as f64 * uniform(random, self.scale[0], self.scale[1]);
            let ratio = uniform(random, low, high).exp();
            let rows = (area * ratio).sqrt().round_ties_even() as usize;
            let columns = (area / ratio).sqrt().round_ties_even() as usize;
            if rows < height && columns < width {
                let top = random.below((height - rows + 1) as u64) as usize;
                let left = random.below((width - columns + 1) as u64) as usize;
                return erase(out, image.shape(), [top, top + rows], [left, left + columns], self.value);
            }
        }
    }
}

/// Sets the rows and columns, each from and to below, of every channel to `value`.
pub(super) fn erase(out: &mut [f32], shape: [usize; 3], rows: [usize; 2], columns: [usize; 2], value: f32) {
    let [_, height, width] = shape;
    for out in out.chunks_exact_mut((height * width).max(1)) {
        for row in rows[0]..rows[1] {
            out[row * width + columns[0]..row * width + columns[1]].fill(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transforms::applied;
    use crate::transforms::cutout::Cutout;

    /// The rows and columns that are 0 in all channels of an image of ones, if they are a rectangle.
    fn hole(out: &[f32], [channels, height, width]: [usize; 3]) -> Option<[usize; 2]> {
        let zero = |c: usize, y: usize, x: usize| out[(c * height + y) * width + x] == 0.0;
        let rows = (0..height).filter(|&y| (0..width).any(|x| zero(0, y, x))).collect::<Vec<_>>();
        let columns = (0..width).filter(|&x| (0..height).any(|y| zero(0, y, x))).collect::<Vec<_>>();
        let is_hole = |y, x| rows.contains(&y) && columns.contains(&x);
        let whole = (0..channels).all(|c| (0..height).all(|y| (0..width).all(|x| zero(c, y, x) == is_hole(y, x))));
        let joined = |at: &[usize]| at.windows(2).all(|pair| pair[1] == pair[0] + 1);
        (whole && joined(&rows) && joined(&columns)).then_some([rows.len(), columns.len()])
    }

    #[test]
    fn a_rectangle_of_the_asked_size_is_erased() {
        let shape = [3, 20, 16];
        let ones = vec![1.0; 3 * 20 * 16];
        let erasing = RandomErasing::new(1.0).scale(0.1, 0.2).ratio(0.5, 2.0);
        for seed in 0..200 {
            let [rows, columns] = hole(&applied(&erasing, &ones, shape, seed).0, shape).expect("a rectangle");
            let (share, ratio) = ((rows * columns) as f64 / 320.0, rows as f64 / columns as f64);
            assert!((0.07..0.24).contains(&share) && (0.4..2.5).contains(&ratio), "{seed}: {rows} x {columns}");
            let [rows, columns] = hole(&applied(&Cutout::new(6), &ones, shape, seed).0, shape).expect("a rectangle");
            assert!((3..=6).contains(&rows) && (3..=6).contains(&columns), "{seed}: {rows} x {columns}");
        }
        assert_eq!(applied(&RandomErasing::new(0.0), &ones, shape, 0).0, ones);
        assert_eq!(
            applied(&RandomErasing::new(1.0).scale(1.0, 1.0), &ones, shape, 0).0,
            ones,
            "nothing that large fits"
        );
    }
}
