//! The affine map of a fully connected layer.

use crate::element::Float;
use crate::kernels::gemm::{Accumulate, Activation, Epilogue, MatrixMut, gemm_with};
use crate::shape::{Dims, numel};
use crate::tensor::Tensor;

impl<T: Float> Tensor<T> {
    /// `x W^T + b`: x `[.., I]`, `weight` `[O, I]`, `bias` `[O]` -> `[.., O]` ([`torch.nn.functional.linear`]).
    ///
    /// # Panics
    /// If the shapes do not fit.
    ///
    /// [`torch.nn.functional.linear`]: https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
    #[track_caller]
    pub fn linear(&self, weight: &Self, bias: Option<&Self>) -> Self {
        self.linear_with(weight, bias, None, Activation::Identity)
    }

    /// `activation(x W^T + b + residual)`, [`linear`](Self::linear) and what follows it, in one pass. The residual has
    /// the output's shape, `[.., O]`.
    ///
    /// ```
    /// use gradus_tensor::{Activation, Tensor};
    ///
    /// let x = Tensor::from_vec(vec![1.0f32, 2.0], [1, 2]);
    /// let weight = Tensor::from_vec(vec![1.0, 1.0, -1.0, -1.0], [2, 2]);
    /// let bias = Tensor::from_vec(vec![0.5, 0.5], [2]);
    /// assert_eq!(x.linear_with(&weight, Some(&bias), None, Activation::Relu).to_vec(), [3.5, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn linear_with(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        residual: Option<&Self>,
        activation: Activation,
    ) -> Self {
        let (x, w) = (self.shape(), weight.shape());
        assert!(
            w.len() == 2 && x.last() == w.last() && bias.is_none_or(|bias| bias.shape() == &w[..1]),
            "linear: input {x:?}, weight {w:?} and bias {:?} do not fit ([.., I], [O, I], [O])",
            bias.map(Self::shape)
        );
        let leading = &x[..x.len() - 1];
        let (m, k, n) = (numel(leading), w[1], w[0]);
        let rows = if self.rank() == 2 { self.clone() } else { self.reshape([m, k]) };
        let bias = bias.map(Self::row_major);
        let shape: Dims = leading.iter().copied().chain([n]).collect();
        assert!(
            residual.is_none_or(|residual| residual.shape() == shape.as_slice()),
            "linear: a residual of shape {:?} for an output of shape {shape:?}",
            residual.map_or(&[][..], Self::shape)
        );
        let residual = residual.map(Self::row_major);
        Self::build(&shape, |out| {
            let epilogue = Epilogue { bias: bias.as_deref(), activation };
            let c = MatrixMut::row_major(out, n);
            let accumulate = residual.as_deref().map_or(Accumulate::Replace, |data| Accumulate::Residual(data, n));
            gemm_with((m, k, n), rows.matrix(), weight.matrix().transposed(), c, accumulate, epilogue);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_product_and_what_follows_it() {
        let make = |shape: &[usize]| Tensor::from_fn(shape, |i| (i * 7 % 11) as f32 - 5.0);
        let check = |x: &Tensor, weight: &Tensor, bias: Option<&Tensor>| {
            let rows = numel(&x.shape()[..x.rank() - 1]);
            let mut want = x.reshape([rows, x.size(-1)]).matmul(&weight.transpose(0, 1));
            if let Some(bias) = bias {
                want = &want + bias;
            }
            assert_eq!(x.linear(weight, bias).to_vec(), want.to_vec());
            assert_eq!(x.linear_with(weight, bias, None, Activation::Relu).to_vec(), want.relu().to_vec());
            let residual = make(&[want.size(1), rows]).transpose(0, 1);
            let shape = x.linear(weight, bias).shape().to_vec();
            let sum = x.linear_with(weight, bias, Some(&residual.reshape(shape)), Activation::Relu);
            assert_eq!(sum.to_vec(), (&want + &residual).relu().to_vec());
        };
        check(&make(&[4, 3]), &make(&[5, 3]), Some(&make(&[5])));
        check(&make(&[3, 4]).transpose(0, 1), &make(&[3, 5]).transpose(0, 1), None);
        check(&make(&[2, 3, 4]).transpose(0, 1), &make(&[40, 4]), Some(&make(&[80]).reshape([40, 2]).select(1, 1)));
        check(&make(&[7]), &make(&[2, 7]), Some(&make(&[2])));
        check(&make(&[2, 0]), &make(&[3, 0]), Some(&make(&[3])));
        check(&make(&[0, 2]), &make(&[3, 2]), None);
    }

    #[test]
    #[should_panic(expected = "linear: input [2, 3], weight [4, 2] and bias None do not fit")]
    fn shapes_must_fit() {
        Tensor::<f32>::zeros([2, 3]).linear(&Tensor::zeros([4, 2]), None);
    }

    #[test]
    #[should_panic(expected = "linear: a residual of shape [4] for an output of shape [2, 4]")]
    fn a_residual_is_not_broadcast() {
        let (x, weight, residual) = (Tensor::zeros([2, 3]), Tensor::zeros([4, 3]), Tensor::zeros([4]));
        Tensor::<f32>::linear_with(&x, &weight, None, Some(&residual), Activation::Identity);
    }
}
