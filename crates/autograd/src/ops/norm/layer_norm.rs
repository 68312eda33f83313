//! Layer normalisation.

use gradus_tensor::{Dims, Float, LayerNormMoments};
use smallvec::smallvec;

use crate::backward::recorded_gradients;
use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `(x - mean) / sqrt(variance + eps) weight + bias`, mean and (biased) variance taken over the last dimensions,
    /// which are `normalized_shape` (PyTorch's `functional.layer_norm`; Ba et al., arXiv:1607.06450).
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn layer_norm(&self, normalized_shape: &[usize], weight: Option<&Self>, bias: Option<&Self>, eps: f64) -> Self {
        let (y, moments) =
            self.value().layer_norm(normalized_shape, weight.map(Self::value), bias.map(Self::value), eps);
        let inputs: Vec<&Self> = [Some(self), weight, bias].into_iter().flatten().collect();
        let rule = || LayerNorm {
            x: self.clone(),
            weight: weight.cloned(),
            bias: bias.cloned(),
            moments,
            normalized_shape: Dims::from_slice(normalized_shape),
            eps,
        };
        Self::recorded(y, &inputs, rule)
    }
}

/// With n the normalised x and d = g weight: `dx = (d - mean(d) - n mean(d n)) / sqrt(variance + eps)`,
/// `dweight` = g n and `dbias` = g, summed over rows.
struct LayerNorm<T: Float> {
    x: Var<T>,
    weight: Option<Var<T>>,
    bias: Option<Var<T>>,
    moments: LayerNormMoments<T>,
    normalized_shape: Dims,
    eps: f64,
}

impl<T: Float> LayerNorm<T> {
    /// The inputs there are, in order.
    fn inputs(&self) -> Vec<&Var<T>> {
        [Some(&self.x), self.weight.as_ref(), self.bias.as_ref()].into_iter().flatten().collect()
    }

    /// The same from operations that have gradients of their own, of the inputs in order.
    fn composed(&self, inputs: &[Var<T>]) -> Var<T> {
        let (x, mut affine) = (&inputs[0], inputs[1..].iter());
        let count = self.normalized_shape.len() as isize;
        let dims: Vec<isize> = (-count..0).collect();
        let centred = x - &x.mean_dims(&dims, true);
        let variance = (&centred * &centred).mean_dims(&dims, true);
        let mut y = &centred / &(variance + T::from_f64(self.eps)).sqrt();
        if let Some(weight) = self.weight.as_ref().and_then(|_| affine.next()) {
            y = &y * weight;
        }
        if let Some(bias) = self.bias.as_ref().and_then(|_| affine.next()) {
            y = &y + bias;
        }
        y
    }
}

impl<T: Float> Rule<T> for LayerNorm<T> {
    fn name(&self) -> &'static str {
        "layer_norm"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        if is_grad_enabled() {
            return recorded_gradients(&self.inputs(), g, |inputs| self.composed(inputs));
        }
        let weight = self.weight.as_ref().map(Var::value);
        let gradients = self.x.value().layer_norm_gradient(g.value(), &self.moments, &self.normalized_shape, weight);
        let mut all: Gradients<T> = smallvec![Some(Var::new(gradients.x))];
        all.extend(self.weight.as_ref().map(|_| Some(Var::new(gradients.weight))));
        all.extend(self.bias.as_ref().map(|_| Some(Var::new(gradients.bias))));
        all
    }
}
