//! Whether numbers are numbers.

use crate::element::Float;
use crate::parallel::{GRAIN, map_ranges};
use crate::tensor::Tensor;

impl<T: Float> Tensor<T> {
    /// Whether no element is NaN or infinite. One pass, which ends where it finds one.
    ///
    /// ```
    /// use gradus_tensor::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![1.0f32, f32::MAX], [2]);
    /// assert!(x.all_finite() && !(&x * 2.0).all_finite());
    /// ```
    pub fn all_finite(&self) -> bool {
        /// Elements that are looked at before it is asked whether to go on: enough for the loop to be one of vectors.
        const STRETCH: usize = 1024;
        let owned;
        let elements = match self.dense_slice() {
            Some(elements) => elements,
            None => {
                owned = self.contiguous();
                owned.dense_slice().expect("a row-major tensor has no gaps")
            }
        };
        let finite = |part: &[T]| part.iter().fold(true, |finite, x| finite & x.is_finite());
        let ranges = map_ranges(elements.len(), GRAIN, |range| elements[range].chunks(STRETCH).all(finite));
        ranges.into_iter().all(|finite| finite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_no_number_is_found_wherever_it_is() {
        assert!(Tensor::<f32>::zeros([0]).all_finite() && Tensor::scalar(1e300).all_finite());
        let mut x = Tensor::<f32>::zeros([3, 40_000]);
        assert!(x.all_finite());
        for (at, bad) in [(0, f32::NAN), (39_999, f32::INFINITY), (119_999, f32::NEG_INFINITY)] {
            x.as_mut_slice()[at] = bad;
            assert!(!x.all_finite() && !x.transpose(0, 1).all_finite());
            assert!(x.slice(1, 1..39_999).all_finite());
            x.as_mut_slice()[at] = 0.0;
        }
    }
}
