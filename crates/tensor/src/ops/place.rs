//! A tensor laid into a larger one: what padding is, and the gradient of a slice.

use crate::element::{Element, Float};
use crate::kernels::strided;
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// `shape` filled with `value`, but for this tensor laid into it. `at` has for each dimension the place of the
    /// first entry and how far the next ones are apart.
    ///
    /// # Panics
    /// If this tensor does not fit there.
    #[track_caller]
    pub fn placed(&self, shape: impl AsRef<[usize]>, at: &[(usize, usize)], value: T) -> Self {
        let shape = shape.as_ref();
        check_fits("placed", self.shape(), shape, at);
        Self::build(shape, |out| {
            out.fill(value);
            strided::place(out, shape, &self.view(), at, |_, x| x);
        })
    }
}

impl<T: Float> Tensor<T> {
    /// Adds `part`, laid into this tensor as [`placed`](Self::placed) does, in place where no other tensor shares the
    /// memory.
    ///
    /// # Panics
    /// If `part` does not fit there.
    #[track_caller]
    pub fn add_placed_(&mut self, part: &Self, at: &[(usize, usize)]) {
        check_fits("add_placed_", part.shape(), self.shape(), at);
        let shape = self.layout.shape.clone();
        strided::place(self.as_mut_slice(), &shape, &part.view(), at, |sum, x| sum + x);
    }
}

#[track_caller]
fn check_fits(operation: &str, part: &[usize], shape: &[usize], at: &[(usize, usize)]) {
    let fits = |((&n, &size), &(start, step)): ((&usize, &usize), &(usize, usize))| {
        step > 0 && n.checked_sub(1).map_or(start, |last| start + last * step + 1) <= size
    };
    assert!(
        part.len() == shape.len() && at.len() == shape.len() && part.iter().zip(shape).zip(at).all(fits),
        "{operation}: shape {part:?} does not fit into {shape:?} at {at:?} (first place, distance)"
    );
}

#[cfg(test)]
mod tests {
    use crate::Tensor;

    #[test]
    fn a_part_is_laid_into_a_whole_and_taken_out_again() {
        let x = Tensor::from_fn([2, 2], |i| i as f64 + 1.0);
        let whole = x.placed([3, 4], &[(1, 1), (0, 3)], 9.0);
        assert_eq!(whole.to_vec(), [9., 9., 9., 9., 1., 9., 9., 2., 3., 9., 9., 4.]);
        assert_eq!(whole.slice(0, 1..3).slice_step(1, 0..4, 3), x);
        assert_eq!(whole.slice_step(1, 1..4, 2).to_vec(), [9., 9., 9., 2., 9., 4.]);
        let mut sum = whole;
        sum.add_placed_(&x.transpose(0, 1), &[(0, 2), (1, 1)]);
        assert_eq!(sum.to_vec(), [9., 10., 12., 9., 1., 9., 9., 2., 3., 11., 13., 4.]);
        assert_eq!(x.slice(0, 2..2).placed([1, 2], &[(1, 1), (0, 1)], 5.0).to_vec(), [5., 5.]);
    }

    #[test]
    #[should_panic(expected = "placed: shape [2, 2] does not fit into [3, 4] at [(1, 1), (0, 4)]")]
    fn what_does_not_fit_is_an_error() {
        Tensor::<f32>::zeros([2, 2]).placed([3, 4], &[(1, 1), (0, 4)], 0.0);
    }
}
