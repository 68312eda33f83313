//! Group normalisation and its gradient.

use crate::element::Float;
use crate::kernels::group_norm::{self as kernel, Groups};
use crate::ops::layer_norm::{LayerNormGradients, LayerNormMoments};
use crate::shape::numel;
use crate::tensor::Tensor;

impl<T: Float> Tensor<T> {
    /// `(x - mean) / sqrt(variance + eps) weight + bias` of `x` `[N, C, ..]`, mean and (biased) variance taken over
    /// each of `groups` groups of neighbouring channels of each sample (PyTorch's `functional.group_norm`; Wu and He,
    /// arXiv:1803.08494), and what the gradient needs. Weight and bias are `[C]`; without them they are 1 and 0.
    ///
    /// # Panics
    /// If the shapes do not fit, or the groups do not divide the channels.
    #[track_caller]
    pub fn group_norm(
        &self,
        groups: usize,
        weight: Option<&Self>,
        bias: Option<&Self>,
        eps: f64,
    ) -> (Self, LayerNormMoments<T>) {
        let layout = check("group_norm", self.shape(), groups, &[weight, bias]);
        let (x, channels) = (self.row_major(), &self.shape()[1..2]);
        let weight = Self::or_full(weight, channels, T::one()).row_major();
        let bias = Self::or_full(bias, channels, T::zero()).row_major();
        let rows = self.shape()[0] * groups;
        let (y, moments) = Self::build2(self.shape(), &[rows, 2], |y, moments: &mut [T]| {
            kernel::forward(y, moments.as_chunks_mut().0, &x, (&weight, &bias), layout, T::from_f64(eps));
        });
        (y, LayerNormMoments(moments))
    }

    /// The gradients of [`group_norm`](Self::group_norm) of this tensor from that of its output and the moments that it
    /// gave.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn group_norm_gradient(
        &self,
        dy: &Self,
        LayerNormMoments(moments): &LayerNormMoments<T>,
        groups: usize,
        weight: Option<&Self>,
    ) -> LayerNormGradients<T> {
        let layout = check("group_norm_gradient", self.shape(), groups, &[weight]);
        assert!(
            dy.shape() == self.shape(),
            "group_norm_gradient: a gradient of shape {:?} for an input of shape {:?}",
            dy.shape(),
            self.shape()
        );
        let (x, dy, moments) = (self.row_major(), dy.row_major(), moments.row_major());
        let channels = self.shape()[1];
        let weight = Self::or_full(weight, &[channels], T::one()).row_major();
        let mut affine = Self::zeros([channels, 2]);
        let x = Self::build(self.shape(), |dx| {
            kernel::backward(dx, affine.as_mut_slice(), &dy, &x, moments.as_chunks().0, &weight, layout);
        });
        LayerNormGradients { x, weight: affine.select(1, 0).contiguous(), bias: affine.select(1, 1).contiguous() }
    }
}

#[track_caller]
fn check<T: Float>(operation: &str, x: &[usize], groups: usize, affine: &[Option<&Tensor<T>>]) -> Groups {
    assert!(x.len() >= 2, "{operation}: input {x:?} must be [N, C, ..]");
    let channels = x[1];
    assert!(
        groups > 0 && channels.is_multiple_of(groups),
        "{operation}: the {channels} channels of input {x:?} cannot be cut into {groups} groups"
    );
    for given in affine.iter().flatten() {
        assert!(
            given.shape() == [channels],
            "{operation}: a weight or bias of shape {:?} for the {channels} channels of input {x:?}",
            given.shape()
        );
    }
    Groups { groups, channels: channels / groups, plane: numel(&x[2..]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One group is layer normalisation, and so is each of several. Also numbers far from 0.
    #[test]
    fn groups_are_normalised_as_rows() {
        for (shape, groups) in
            [(&[3, 4, 5, 7][..], 2), (&[2, 6], 3), (&[70, 3, 40], 3), (&[1, 1, 1], 1), (&[2, 4, 33], 1)]
        {
            let x = Tensor::from_fn(shape, |i| ((i * 37 + 5) % 101) as f64 / 50.0 + 1e6);
            let dy = Tensor::from_fn(shape, |i| ((i * 23 + 3) % 53) as f64 / 50.0 - 0.5);
            let (y, moments) = x.group_norm(groups, None, None, 1e-3);
            let width = x.numel() / shape[0] / groups;
            let rows = x.reshape([shape[0] * groups, width]);
            let (want, row_moments) = rows.layer_norm(&[width], None, None, 1e-3);
            assert!(y.relative_difference(&want.reshape(shape)) < 1e-12, "{shape:?}");
            let dx = x.group_norm_gradient(&dy, &moments, groups, None).x;
            let want = rows.layer_norm_gradient(&dy.reshape(rows.shape()), &row_moments, &[width], None).x;
            assert!(dx.relative_difference(&want.reshape(shape)) < 1e-11, "{shape:?}");
        }
    }

    #[test]
    #[should_panic(expected = "group_norm: the 3 channels of input [2, 3] cannot be cut into 2 groups")]
    fn groups_divide_the_channels() {
        let _ = Tensor::<f32>::zeros([2, 3]).group_norm(2, None, None, 1e-5);
    }
}
