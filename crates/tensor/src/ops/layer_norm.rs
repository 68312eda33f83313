//! Layer normalisation and its gradient.

use crate::element::Float;
use crate::kernels::layer_norm::{self as kernel};
use crate::shape::numel;
use crate::tensor::Tensor;

/// What the gradients of layer, group and root-mean-square normalisation need to know of each row: where its mean is,
/// and 1 over its standard deviation.
#[derive(Clone, Debug)]
pub struct LayerNormMoments<T: Float>(pub(super) Tensor<T>);

/// The gradients of [`Tensor::layer_norm`] and [`Tensor::group_norm`].
#[derive(Clone, Debug)]
pub struct LayerNormGradients<T: Float> {
    /// Of the input.
    pub x: Tensor<T>,
    /// Of the weight, of its shape.
    pub weight: Tensor<T>,
    /// Of the bias, of its shape.
    pub bias: Tensor<T>,
}

impl<T: Float> Tensor<T> {
    /// `(x - mean) / sqrt(variance + eps) weight + bias`, mean and (biased) variance taken over the last dimensions,
    /// which are `normalized_shape` (PyTorch's `functional.layer_norm`; Ba et al., arXiv:1607.06450), and what the
    /// gradient needs. Without weight and bias they are 1 and 0.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn layer_norm(
        &self,
        normalized_shape: &[usize],
        weight: Option<&Self>,
        bias: Option<&Self>,
        eps: f64,
    ) -> (Self, LayerNormMoments<T>) {
        check("layer_norm", self.shape(), normalized_shape, &[weight, bias]);
        let x = self.row_major();
        let (weight, bias) =
            (Self::or_full(weight, normalized_shape, T::one()), Self::or_full(bias, normalized_shape, T::zero()));
        let (weight, bias) = (weight.row_major(), bias.row_major());
        let rows = numel(&self.shape()[..self.rank() - normalized_shape.len()]);
        let (y, moments) = Self::build2(self.shape(), &[rows, 2], |y, moments: &mut [T]| {
            kernel::forward::<T, true>(y, moments.as_chunks_mut().0, &x, (&weight, &bias), T::from_f64(eps));
        });
        (y, LayerNormMoments(moments))
    }

    /// The gradients of [`layer_norm`](Self::layer_norm) of this tensor from that of its output and the moments that it
    /// gave, in one walk over memory.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn layer_norm_gradient(
        &self,
        dy: &Self,
        LayerNormMoments(moments): &LayerNormMoments<T>,
        normalized_shape: &[usize],
        weight: Option<&Self>,
    ) -> LayerNormGradients<T> {
        check("layer_norm_gradient", self.shape(), normalized_shape, &[weight]);
        assert!(
            dy.shape() == self.shape(),
            "layer_norm_gradient: a gradient of shape {:?} for an input of shape {:?}",
            dy.shape(),
            self.shape()
        );
        let (x, dy, moments) = (self.row_major(), dy.row_major(), moments.row_major());
        let weight = Self::or_full(weight, normalized_shape, T::one()).row_major();
        let affine_shape: Vec<usize> = [2].into_iter().chain(normalized_shape.iter().copied()).collect();
        let mut affine = Self::zeros(&affine_shape);
        let x = Self::build(self.shape(), |dx| {
            kernel::backward::<T, true>(dx, affine.as_mut_slice(), &dy, &x, moments.as_chunks().0, &weight);
        });
        LayerNormGradients { x, weight: affine.select(0, 0), bias: affine.select(0, 1) }
    }
}

/// Checks that the normalized shape ends `x`'s, and that weight and bias have it.
#[track_caller]
pub(super) fn check<T: Float>(operation: &str, x: &[usize], normalized_shape: &[usize], affine: &[Option<&Tensor<T>>]) {
    assert!(
        !normalized_shape.is_empty() && x.ends_with(normalized_shape),
        "{operation}: shape {x:?} does not end with the normalized shape {normalized_shape:?}"
    );
    for given in affine.iter().flatten() {
        assert!(
            given.shape() == normalized_shape,
            "{operation}: a weight or bias of shape {:?} for the normalized shape {normalized_shape:?}",
            given.shape()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forward from the definition; the gradients by central differences.
    #[test]
    fn rows_are_normalised_and_gradients_follow() {
        for (shape, normalized) in [
            (&[3, 5][..], &[5][..]),
            (&[2, 3, 70], &[70]),
            (&[4, 2, 3], &[2, 3]),
            (&[1, 1], &[1]),
            (&[300, 131], &[131]),
        ] {
            let make = |shape: &[usize], seed: usize| Tensor::from_fn(shape, |i| ((i * 37 + seed) % 101) as f64 / 50.0);
            let (x, weight, bias) = (make(shape, 1), make(normalized, 2), make(normalized, 3));
            let (y, moments) = x.layer_norm(normalized, Some(&weight), Some(&bias), 1e-2);
            let width = numel(normalized);
            for (r, row) in x.to_vec().chunks(width).enumerate() {
                let mean = row.iter().sum::<f64>() / width as f64;
                let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / width as f64;
                for (i, x) in row.iter().enumerate() {
                    let want = (x - mean) / (variance + 1e-2).sqrt() * weight.to_vec()[i] + bias.to_vec()[i];
                    assert!((y.to_vec()[r * width + i] - want).abs() < 1e-12);
                }
            }
            let dy = make(shape, 7);
            let gradients = x.layer_norm_gradient(&dy, &moments, normalized, Some(&weight));
            let loss = |x: &Tensor<f64>, weight: &Tensor<f64>, bias: &Tensor<f64>| {
                (&x.layer_norm(normalized, Some(weight), Some(bias), 1e-2).0 * &dy).sum().item()
            };
            for i in [0, width / 2, width - 1] {
                let moved = |x: &Tensor<f64>, by: f64| {
                    let mut values = x.to_vec();
                    values[i] += by;
                    Tensor::from_vec(values, x.shape())
                };
                let h = 1e-5;
                let check = |got: &Tensor<f64>, loss: &dyn Fn(f64) -> f64| {
                    let want = (loss(h) - loss(-h)) / (2.0 * h);
                    assert!((got.to_vec()[i] - want).abs() < 1e-5 * (1.0 + want.abs()), "{shape:?}: {want}");
                };
                check(&gradients.x, &|by| loss(&moved(&x, by), &weight, &bias));
                check(&gradients.weight, &|by| loss(&x, &moved(&weight, by), &bias));
                check(&gradients.bias, &|by| loss(&x, &weight, &moved(&bias, by)));
            }
        }
    }

    #[test]
    fn without_weight_and_bias_they_are_one_and_zero() {
        let x = Tensor::from_fn([4, 9], |i| (i * i % 17) as f32);
        let (one, zero) = (Tensor::ones([9]), Tensor::zeros([9]));
        assert_eq!(x.layer_norm(&[9], None, None, 1e-5).0, x.layer_norm(&[9], Some(&one), Some(&zero), 1e-5).0);
        for shape in [[0, 3], [3, 0]] {
            let x = Tensor::<f32>::zeros(shape);
            let (y, moments) = x.layer_norm(&shape[1..], None, None, 1e-5);
            let gradients = x.layer_norm_gradient(&x, &moments, &shape[1..], None);
            assert_eq!(
                (y.shape(), gradients.x.shape(), gradients.bias.to_vec()),
                (&shape[..], &shape[..], vec![0.0; shape[1]])
            );
        }
    }

    /// Numbers that are far from 0 beside their spread, and such as are all equal.
    #[test]
    fn rows_far_from_zero_keep_their_digits() {
        let noise = |i: usize| (i * 37 % 64) as f32 * 8.0;
        let far = Tensor::from_fn([2, 64], |i| 1e8 + noise(i));
        let near = Tensor::from_fn([2, 64], |i| f64::from(noise(i)));
        let (got, want) = (far.layer_norm(&[64], None, None, 1e-5).0, near.layer_norm(&[64], None, None, 1e-5).0);
        assert!(got.map(f64::from).relative_difference(&want) < 1e-6);
        for constant in [1e8f32, 0.1, -3.3e-7] {
            let (y, moments) = Tensor::full([2, 77], constant).layer_norm(&[77], None, None, 1e-5);
            assert_eq!(y, Tensor::zeros([2, 77]), "{constant}");
            let dx = Tensor::full([2, 77], constant).layer_norm_gradient(&y, &moments, &[77], None).x;
            assert_eq!(dx, Tensor::zeros([2, 77]), "{constant}");
        }
    }

    #[test]
    #[should_panic(expected = "layer_norm: shape [2, 3] does not end with the normalized shape [2]")]
    fn the_last_dimensions_must_be_the_normalized_shape() {
        let _ = Tensor::<f32>::zeros([2, 3]).layer_norm(&[2], None, None, 1e-5);
    }
}
