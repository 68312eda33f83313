//! Maxima laid back where max pooling took them from.

use gradus_tensor::{Dims, Float, IndexError, MaxPoolOptions, Tensor};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::ops::window::max_pool::in_all;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// Zeros of `[.., output]` with each element at its place, which counts row-major in the last D dimensions: the
    /// partial inverse of [`max_pool_with_indices`](Self::max_pool_with_indices) (PyTorch's `functional.max_unpool1d`,
    /// `max_unpool2d` and `max_unpool3d`). Of several elements for one place the last is kept, while all get its
    /// gradient, as in PyTorch. [`max_unpool_size`] has PyTorch's default for the output's size.
    ///
    /// # Errors
    /// If a place is outside the output.
    ///
    /// # Panics
    /// If the indices have another shape, or there are fewer than D dimensions.
    #[track_caller]
    pub fn max_unpool<const D: usize>(&self, indices: &Tensor<i64>, output: [usize; D]) -> Result<Self, IndexError> {
        assert!(
            self.shape() == indices.shape() && self.shape().len() >= D,
            "max_unpool: input {:?} and indices {:?} must have one shape, of {D} dimensions at least",
            self.shape(),
            indices.shape()
        );
        let volume: usize = output.iter().product();
        let within = |index: &i64| usize::try_from(*index).is_ok_and(|index| index < volume);
        if let Some((position, index)) = indices.to_vec().into_iter().enumerate().find(|(_, index)| !within(index)) {
            return Err(IndexError { position, index, rows: volume });
        }
        let leading = self.shape().len() - D;
        let shape: Dims = self.shape()[..leading].iter().copied().chain(output).collect();
        let places = in_all(indices, &shape, D);
        let mut value = Tensor::zeros(&shape);
        let elements = value.as_mut_slice();
        for (place, x) in places.to_vec().into_iter().zip(self.value().to_vec()) {
            elements[place as usize] = x;
        }
        Ok(Self::recorded(value, &[self], || MaxUnpool { places }))
    }
}

/// PyTorch's size of the output of a max unpooling: that of the smallest input the pooling may have had, along each
/// dimension `(input - 1) stride - 2 padding + kernel_size`.
///
/// # Panics
/// If nothing is left.
#[track_caller]
pub fn max_unpool_size<const D: usize>(input: [usize; D], options: MaxPoolOptions<D>) -> [usize; D] {
    let whole = |d: usize| input[d].saturating_sub(1) * options.stride[d] + options.kernel_size[d];
    assert!(
        (0..D).all(|d| whole(d) > 2 * options.padding[d]),
        "max_unpool: padding {:?} leaves nothing of input {input:?}",
        options.padding
    );
    std::array::from_fn(|d| whole(d) - 2 * options.padding[d])
}

/// `dx` = the elements of g at the places.
struct MaxUnpool {
    places: Tensor<i64>,
}

impl<T: Float> Rule<T> for MaxUnpool {
    fn name(&self) -> &'static str {
        "max_unpool"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().taken(&self.places))]
    }
}
