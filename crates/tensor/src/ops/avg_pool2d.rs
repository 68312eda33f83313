//! Two-dimensional average pooling.

use super::pool2d::{Pool2dOptions, with_plane};
use crate::element::Float;
use crate::kernels::pool::average::{self, Averages};
use crate::tensor::Tensor;

/// Which elements average pooling takes the averages of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AvgPool2dOptions {
    /// Windows that move; padding counts as zeros (PyTorch's `count_include_pad`).
    Windows(Pool2dOptions),
    /// Planes cut into as many windows as outputs `[height, width]`, of about the same size: output `i` of `n` averages
    /// rows `floor(i H / n)` to `ceil((i + 1) H / n)`.
    Adaptive([usize; 2]),
}

impl<T: Float> Tensor<T> {
    /// The average of every window: `[.., H, W] -> [.., H', W']` (`torch.nn.functional.avg_pool2d` and
    /// `adaptive_avg_pool2d`). Channels-last memory stays so.
    ///
    /// # Panics
    /// If there are fewer than two dimensions, the planes are empty, the window does not fit, the padding is more than
    /// half of it, or no output is asked for.
    #[track_caller]
    pub fn avg_pool2d(&self, options: AvgPool2dOptions) -> Self {
        let averages = options.averages("avg_pool2d", self.shape());
        let format = self.memory_format();
        let x = self.in_format(format);
        let plane = [averages.rows.len(), averages.columns.len()];
        Self::build_in_format(&with_plane(self.shape(), plane), format, |out| {
            average::forward(out, x.slice_in(format), &averages, format.channels(self.shape()));
        })
    }

    /// The gradient of [`avg_pool2d`](Self::avg_pool2d) with respect to its input of `input_shape`:
    /// `[.., H', W'] -> [.., H, W]`.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn avg_pool2d_gradient(&self, input_shape: &[usize], options: AvgPool2dOptions) -> Self {
        let averages = options.averages("avg_pool2d_gradient", input_shape);
        let want = with_plane(input_shape, [averages.rows.len(), averages.columns.len()]);
        assert!(
            self.shape() == &want[..],
            "avg_pool2d_gradient: the output's gradient has shape {:?}, the output {want:?}",
            self.shape()
        );
        let format = self.memory_format();
        let dy = self.in_format(format);
        Self::build_in_format(input_shape, format, |dx| {
            average::transposed(dx, dy.slice_in(format), &averages, format.channels(self.shape()));
        })
    }
}

impl AvgPool2dOptions {
    #[track_caller]
    fn averages(self, operation: &str, shape: &[usize]) -> Averages {
        match self {
            Self::Windows(options) => {
                let window = options.window(operation, shape);
                let [rows, columns] = [0, 1].map(|d| (0..window.output[d]).map(|at| window.inside(d, at)).collect());
                Averages { input: window.input, rows, columns, divisor: Some(window.kernel_size()) }
            }
            Self::Adaptive(output) => {
                let &[.., height, width] = shape else { panic!("{operation}: shape {shape:?} must be [.., H, W]") };
                let fits = [height, width].iter().chain(&output).all(|&n| n > 0);
                assert!(fits, "{operation}: planes of shape {shape:?} and of {output:?} must not be empty");
                let input = [height, width];
                let [rows, columns] = [0, 1].map(|d| {
                    let (size, count) = (input[d], output[d]);
                    (0..count).map(|i| i * size / count..((i + 1) * size).div_ceil(count)).collect()
                });
                Averages { input, rows, columns, divisor: None }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(channels: usize, options: AvgPool2dOptions) {
        let rows = Tensor::from_fn([2, channels, 5, 7], |i| (i * 5 % 9) as f64 - 4.0);
        let averages = options.averages("avg_pool2d", rows.shape());
        for x in [rows.clone(), rows.to_channels_last()] {
            let y = x.avg_pool2d(options);
            assert!(y.is_channels_last() || !x.is_channels_last());
            for (n, c) in (0..2).flat_map(|n| (0..channels).map(move |c| (n, c))) {
                for (i, rows) in averages.rows.iter().enumerate() {
                    for (j, columns) in averages.columns.iter().enumerate() {
                        let places = rows.clone().flat_map(|a| columns.clone().map(move |b| [n, c, a, b]));
                        let sum: f64 = places.map(|at| x.at(&at)).sum();
                        let count = averages.divisor.unwrap_or(rows.len() * columns.len());
                        assert!((y.at(&[n, c, i, j]) - sum / count as f64).abs() < 1e-14, "{options:?} at {i}, {j}");
                    }
                }
            }
            let dy = Tensor::from_fn(y.shape(), |i| (i % 5) as f64 - 2.0);
            let dx = dy.in_format(x.memory_format()).avg_pool2d_gradient(x.shape(), options);
            assert!(((&dx * &x).sum().item() - (&dy * &y).sum().item()).abs() < 1e-10, "the gradient is the transpose");
        }
    }

    #[test]
    fn windows_give_their_averages() {
        for (channels, kernel_size, stride, padding) in
            [(3, [2, 2], [2, 2], [0, 0]), (19, [3, 3], [2, 2], [1, 1]), (16, [2, 3], [1, 2], [0, 1])]
        {
            check(channels, AvgPool2dOptions::Windows(Pool2dOptions { kernel_size, stride, padding }));
        }
        for (channels, output) in [(3, [1, 1]), (17, [2, 3]), (33, [5, 7]), (2, [6, 9])] {
            check(channels, AvgPool2dOptions::Adaptive(output));
        }
    }

    #[test]
    #[should_panic(expected = "avg_pool2d: planes of shape [3, 0, 2] and of [1, 1] must not be empty")]
    fn there_must_be_elements() {
        Tensor::<f32>::zeros([3, 0, 2]).avg_pool2d(AvgPool2dOptions::Adaptive([1, 1]));
    }
}
