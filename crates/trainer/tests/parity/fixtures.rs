//! The numbers of xtask/parity/training.py, and comparison with what it stored.

use gradus_tensor::{Element, Float, Tensor};
use safetensors::SafeTensors;

/// Number `index` of tensor `id`: the mixing function of splitmix64.
pub(crate) fn mixed(id: u64, index: u64) -> u64 {
    let mut z = index.wrapping_add(id.wrapping_mul(2_654_435_761)).wrapping_add(12_345);
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The same as a number in `[-1, 1)`, exact in `f32`.
pub(crate) fn signed(id: u64, index: u64) -> f32 {
    2.0 * ((mixed(id, index) >> 40) as f32 / (1 << 24) as f32) - 1.0
}

/// A file of stored tensors.
pub(crate) struct Fixtures(SafeTensors<'static>);

impl Fixtures {
    pub(crate) fn new(file: &'static [u8]) -> Self {
        Self(SafeTensors::deserialize(file).expect("the fixtures are whole"))
    }

    pub(crate) fn get<T: Element>(&self, name: &str) -> Option<Tensor<T>> {
        let view = self.0.tensor(name).ok()?;
        Some(Tensor::from_le_bytes(view.data(), view.shape()).expect("the bytes are those of the shape"))
    }

    /// How far `got` is from the stored tensor: largest difference over largest value. Of long tensors a sample is
    /// stored, and the sum and the sum of squares of all elements.
    pub(crate) fn difference<T: Float>(&self, name: &str, got: &Tensor<T>) -> f64 {
        if let Some(want) = self.get::<T>(name) {
            return got.relative_difference(&want);
        }
        let want: Tensor<T> = self.get(&format!("{name}.sample")).unwrap_or_else(|| panic!("no {name}"));
        let values = got.to_vec();
        let sample = Tensor::from_fn([want.numel()], |j| values[j * 7919 % values.len()]);
        let stats: Tensor<f64> = self.get(&format!("{name}.stats")).expect("a sample has its sums beside it");
        let widened: Vec<f64> = values.iter().map(|&x| x.as_()).collect();
        let (sum, squares) = (widened.iter().sum::<f64>(), widened.iter().map(|x| x * x).sum::<f64>());
        let [want_sum, want_squares] = [stats.at(&[0]), stats.at(&[1])];
        let scale = (values.len() as f64 * want_squares).sqrt();
        let differences = [
            sample.relative_difference(&want),
            (sum - want_sum).abs() / scale,
            (squares - want_squares).abs() / want_squares,
        ];
        // `f64::max` would pass over a NaN.
        if differences.iter().any(|x| x.is_nan()) { f64::NAN } else { differences.into_iter().fold(0.0, f64::max) }
    }

    /// The difference of `got` from the stored tensor, which is within `tolerance`.
    pub(crate) fn check<T: Float>(&self, name: &str, got: &Tensor<T>, tolerance: f64) -> f64 {
        let difference = self.difference(name, got);
        assert!(difference <= tolerance, "{name} differs by {difference:.2e}, more than {tolerance:.0e}");
        difference
    }

    /// The largest difference of a loss of `run` from the stored one of its step, each by itself.
    pub(crate) fn check_losses<T: Float>(&self, run: &str, losses: &[T], tolerance: f64) -> f64 {
        let stored: Tensor<T> = self.get(&format!("{run}.losses")).expect("every loss is stored");
        assert_eq!(stored.numel(), losses.len(), "{run}: steps");
        let mut worst = 0.0f64;
        for (step, (&loss, stored)) in losses.iter().zip(stored.to_vec()).enumerate() {
            let difference = Tensor::scalar(loss).relative_difference(&Tensor::scalar(stored));
            assert!(difference <= tolerance, "{run}: the loss of step {step} differs by {difference:.2e}");
            worst = worst.max(difference);
        }
        worst
    }
}
