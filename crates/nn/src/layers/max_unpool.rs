//! The max unpooling layers, over one, two and three dimensions.

use gradus_autograd::{Var, max_unpool_size};
use gradus_tensor::{Float, IndexError, MaxPoolOptions, Tensor};

use crate::module::{Members, Module};

/// Sequences from the maxima of [`MaxPool1d`](crate::MaxPool1d) and their places ([torch.nn.MaxUnpool1d]).
///
/// [torch.nn.MaxUnpool1d]: https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html
pub type MaxUnpool1d = MaxUnpool<1>;

/// Images from the maxima of [`MaxPool2d`](crate::MaxPool2d) and their places ([torch.nn.MaxUnpool2d]).
///
/// [torch.nn.MaxUnpool2d]: https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
pub type MaxUnpool2d = MaxUnpool<2>;

/// Volumes from the maxima of [`MaxPool3d`](crate::MaxPool3d) and their places ([torch.nn.MaxUnpool3d]).
///
/// [torch.nn.MaxUnpool3d]: https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool3d.html
pub type MaxUnpool3d = MaxUnpool<3>;

/// Max unpooling over D dimensions: zeros, with each element at its place.
#[derive(Clone, Copy, Debug)]
pub struct MaxUnpool<const D: usize> {
    options: MaxPoolOptions<D>,
}

impl<const D: usize> MaxUnpool<D> {
    /// For windows of `kernel_size` along every dimension, side by side, without padding.
    pub fn new(kernel_size: usize) -> Self {
        Self::with_options([kernel_size; D])
    }

    /// For the window, stride and padding of the pooling.
    pub fn with_options(options: impl Into<MaxPoolOptions<D>>) -> Self {
        Self { options: options.into() }
    }

    /// The output in the size of the smallest input that the pooling may have had.
    ///
    /// # Errors
    /// If a place is outside the output.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward<T: Float>(&self, x: &Var<T>, indices: &Tensor<i64>) -> Result<Var<T>, IndexError> {
        let Some(&input) = x.shape().last_chunk::<D>() else {
            panic!("MaxUnpool{D}d: input {:?} must have {D} dimensions at least", x.shape());
        };
        x.max_unpool(indices, max_unpool_size(input, self.options))
    }

    /// The output in this size (PyTorch's `output_size`).
    ///
    /// # Errors
    /// If a place is outside the output.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward_to<T: Float>(
        &self,
        x: &Var<T>,
        indices: &Tensor<i64>,
        output: [usize; D],
    ) -> Result<Var<T>, IndexError> {
        x.max_unpool(indices, output)
    }
}

impl<const D: usize, T: Float> Module<T> for MaxUnpool<D> {
    fn type_name(&self) -> String {
        format!("MaxUnpool{D}d")
    }

    fn members(&self, _: &mut Members<T>) {}
}
