//! Root-mean-square normalisation.

use gradus_tensor::{Dims, Float, LayerNormMoments, Tensor};
use smallvec::smallvec;

use crate::backward::recorded_gradients;
use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `x / sqrt(mean of squares + eps) weight`, the mean taken over the last dimensions, which are `normalized_shape`
    /// (PyTorch's `functional.rms_norm`; Zhang and Sennrich, arXiv:1910.07467). Without weight it is 1. `eps` `None`,
    /// PyTorch's default, is the distance from 1 to the next number of the element type.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn rms_norm(&self, normalized_shape: &[usize], weight: Option<&Self>, eps: Option<f64>) -> Self {
        let eps = eps.unwrap_or_else(|| T::epsilon().as_());
        let (y, moments) = self.value().rms_norm(normalized_shape, weight.map(Self::value), eps);
        let inputs: Vec<&Self> = [Some(self), weight].into_iter().flatten().collect();
        let rule = || RmsNorm {
            x: self.clone(),
            weight: weight.cloned(),
            moments,
            normalized_shape: Dims::from_slice(normalized_shape),
            eps,
        };
        Self::recorded(y, &inputs, rule)
    }
}

/// With n the normalised x and d = g weight: `dx = (d - n mean(d n)) / sqrt(mean of squares + eps)`, and
/// `dweight` = g n, summed over rows.
struct RmsNorm<T: Float> {
    x: Var<T>,
    weight: Option<Var<T>>,
    moments: LayerNormMoments<T>,
    normalized_shape: Dims,
    eps: f64,
}

impl<T: Float> RmsNorm<T> {
    /// The same from operations that have gradients of their own, of the inputs in order.
    fn composed(&self, inputs: &[Var<T>]) -> Var<T> {
        let x = &inputs[0];
        let count = self.normalized_shape.len() as isize;
        let dims: Vec<isize> = (-count..0).collect();
        let squares = (x * x).mean_dims(&dims, true);
        let y = x / &(squares + T::from_f64(self.eps)).sqrt();
        inputs.get(1).map_or(y.clone(), |weight| &y * weight)
    }
}

impl<T: Float> Rule<T> for RmsNorm<T> {
    fn name(&self) -> &'static str {
        "rms_norm"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        if is_grad_enabled() {
            let inputs: Vec<&Var<T>> = [Some(&self.x), self.weight.as_ref()].into_iter().flatten().collect();
            return recorded_gradients(&inputs, g, |inputs| self.composed(inputs));
        }
        let weight: Option<&Tensor<T>> = self.weight.as_ref().map(Var::value);
        let [dx, dweight] = self.x.value().rms_norm_gradient(g.value(), &self.moments, &self.normalized_shape, weight);
        let mut all: Gradients<T> = smallvec![Some(Var::new(dx))];
        all.extend(weight.map(|_| Some(Var::new(dweight))));
        all
    }
}
