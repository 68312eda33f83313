//! The affine map of a fully connected layer.

use crate::element::Float;
use crate::kernels::gemm::{Accumulate, Activation, Epilogue, MatrixMut, gemm_with};
use crate::shape::{Dims, numel};
use crate::tensor::Tensor;

impl<T: Float> Tensor<T> {
    /// `activation(x W^T + b)` in one pass: x `[.., I]`, `weight` `[O, I]`, `bias` `[O]` -> `[.., O]`, as
    /// [`torch.nn.functional.linear`] and what follows it.
    ///
    /// ```
    /// use gradus_tensor::{Activation, Tensor};
    ///
    /// let x = Tensor::from_vec(vec![1.0f32, 2.0], [1, 2]);
    /// let weight = Tensor::from_vec(vec![1.0, 1.0, -1.0, -1.0], [2, 2]);
    /// let bias = Tensor::from_vec(vec![0.5, 0.5], [2]);
    /// assert_eq!(x.linear(&weight, Some(&bias), Activation::Relu).to_vec(), [3.5, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If the shapes do not fit.
    ///
    /// [`torch.nn.functional.linear`]: https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
    #[track_caller]
    pub fn linear(&self, weight: &Self, bias: Option<&Self>, activation: Activation) -> Self {
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
        Self::build(&shape, |out| {
            let epilogue = Epilogue { bias: bias.as_deref(), activation };
            let c = MatrixMut::row_major(out, n);
            gemm_with((m, k, n), rows.matrix(), weight.matrix().transposed(), c, Accumulate::Replace, epilogue);
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
            assert_eq!(x.linear(weight, bias, Activation::Identity).to_vec(), want.to_vec());
            assert_eq!(x.linear(weight, bias, Activation::Relu).to_vec(), want.relu().to_vec());
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
        Tensor::<f32>::zeros([2, 3]).linear(&Tensor::zeros([4, 2]), None, Activation::Identity);
    }
}
