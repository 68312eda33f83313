//! Two-dimensional max pooling, and picking and scattering by the places it found.

use crate::element::Float;
use crate::kernels::pool;
use crate::kernels::window::Window2d;
use crate::shape::{Dims, numel};
use crate::tensor::Tensor;

/// How a pooling window moves; each pair is `[height, width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool2dOptions {
    /// The window's size.
    pub kernel_size: [usize; 2],
    /// Steps between windows; PyTorch's default is the window's size.
    pub stride: [usize; 2],
    /// Border on each side that no maximum comes from; at most half the window.
    pub padding: [usize; 2],
}

impl<T: Float> Tensor<T> {
    /// The largest element of every window, and its place in its plane (row times width plus column).
    ///
    /// `[.., H, W] -> [.., H', W']` with `H' = (H + 2 padding - kernel) / stride + 1`. Of equals the first counts; NaN
    /// is larger than all, as in PyTorch.
    ///
    /// # Panics
    /// If there are fewer than two dimensions, the planes are empty, the window does not fit, or the padding is more than half of it.
    #[track_caller]
    pub fn max_pool2d(&self, options: Pool2dOptions) -> (Self, Tensor<i64>) {
        let Pool2dOptions { kernel_size, stride, padding } = options;
        let &[.., height, width] = self.shape() else {
            panic!("max_pool2d: shape {:?} must be [.., H, W]", self.shape());
        };
        assert!(
            padding[0] * 2 <= kernel_size[0] && padding[1] * 2 <= kernel_size[1],
            "max_pool2d: padding {padding:?} is more than half of kernel {kernel_size:?}"
        );
        assert!(height > 0 && width > 0, "max_pool2d: shape {:?} has no element to take a maximum of", self.shape());
        let window = Window2d::new("max_pool2d", [height, width], kernel_size, stride, padding, [1, 1]);
        let mut shape = self.layout.shape.clone();
        let planes = shape.len() - 2;
        shape[planes..].copy_from_slice(&window.output);
        let x = self.row_major();
        let mut places = Tensor::zeros(&shape);
        let values = Self::build(&shape, |values| {
            pool::max_pool2d(values, places.as_mut_slice(), &x, &window);
        });
        (values, places)
    }

    /// Adds each element to the place in a plane of `plane` size that `places` names: `[.., h, w] -> [.., H, W]`, the
    /// gradient of [`max_pool2d`](Self::max_pool2d).
    ///
    /// # Panics
    /// If `places` has another shape.
    #[track_caller]
    pub fn scatter_planes(&self, places: &Tensor<i64>, plane: [usize; 2]) -> Self {
        check_places("scatter_planes", self.shape(), places.shape());
        let (x, picks) = (self.row_major(), places.row_major());
        Self::build_on_zeros(&with_plane(self.shape(), plane), |out| {
            if self.numel() > 0 {
                pool::scatter_planes(out, &x, &picks, numel(&plane), plane_size(self.shape()));
            }
        })
    }

    /// Picks from each plane the elements at `places`: `[.., H, W] -> [.., h, w]`, the transpose of
    /// [`scatter_planes`](Self::scatter_planes).
    ///
    /// # Panics
    /// If the leading dimensions of `places` differ.
    #[track_caller]
    pub fn gather_planes(&self, places: &Tensor<i64>) -> Self {
        let leading = |shape: &[usize]| Dims::from_slice(&shape[..shape.len().saturating_sub(2)]);
        check_places("gather_planes", &leading(self.shape()), &leading(places.shape()));
        let (x, picks) = (self.row_major(), places.row_major());
        Self::build(places.shape(), |out| {
            if !out.is_empty() {
                pool::gather_planes(out, &x, &picks, plane_size(places.shape()), plane_size(self.shape()));
            }
        })
    }
}

#[track_caller]
fn check_places(operation: &str, shape: &[usize], places: &[usize]) {
    assert!(shape == places, "{operation}: shapes {shape:?} and {places:?} of the places differ");
}

fn with_plane(shape: &[usize], plane: [usize; 2]) -> Dims {
    shape[..shape.len() - 2].iter().copied().chain(plane).collect()
}

fn plane_size(shape: &[usize]) -> usize {
    numel(&shape[shape.len() - 2..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_give_their_first_largest_element() {
        let x = Tensor::from_fn([2, 3, 5, 7], |i| (i * 5 % 9) as f64 - 10.0);
        for (kernel_size, stride, padding) in
            [([2, 2], [2, 2], [0, 0]), ([3, 3], [2, 2], [1, 1]), ([2, 3], [1, 2], [0, 1]), ([5, 7], [1, 1], [2, 3])]
        {
            let (values, places) = x.max_pool2d(Pool2dOptions { kernel_size, stride, padding });
            let [_, _, height, width] = *values.shape() else { unreachable!() };
            for (n, c) in (0..2).flat_map(|n| (0..3).map(move |c| (n, c))) {
                for (i, j) in (0..height).flat_map(|i| (0..width).map(move |j| (i, j))) {
                    let mut best = (f64::NEG_INFINITY, 0);
                    for (a, b) in (0..kernel_size[0]).flat_map(|a| (0..kernel_size[1]).map(move |b| (a, b))) {
                        let row = (i * stride[0] + a).wrapping_sub(padding[0]);
                        let column = (j * stride[1] + b).wrapping_sub(padding[1]);
                        if row < 5 && column < 7 && x.at(&[n, c, row, column]) > best.0 {
                            best = (x.at(&[n, c, row, column]), (row * 7 + column) as i64);
                        }
                    }
                    assert_eq!((values.at(&[n, c, i, j]), places.at(&[n, c, i, j])), best);
                }
            }
            assert_eq!(x.gather_planes(&places), values);
            let spread = values.scatter_planes(&places, [5, 7]);
            assert_eq!((&spread * &x).sum(), (&values * &values).sum(), "scatter is the transpose of gather");
        }
    }

    #[test]
    #[should_panic(expected = "max_pool2d: padding [2, 0] is more than half of kernel [3, 3]")]
    fn padding_is_at_most_half_the_window() {
        let options = Pool2dOptions { kernel_size: [3, 3], stride: [1, 1], padding: [2, 0] };
        Tensor::<f32>::zeros([1, 5, 5]).max_pool2d(options);
    }
}
