//! Group normalisation.

use gradus_tensor::{Dims, Float, LayerNormMoments};
use smallvec::smallvec;

use crate::backward::recorded_gradients;
use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `(x - mean) / sqrt(variance + eps) weight + bias` of `x` `[N, C, ..]`, mean and (biased) variance taken over
    /// each of `num_groups` groups of neighbouring channels of each sample (PyTorch's `functional.group_norm`; Wu and
    /// He, arXiv:1803.08494). Weight and bias are `[C]`; without them they are 1 and 0. PyTorch's eps is 1e-5.
    ///
    /// # Panics
    /// If the shapes do not fit, or the groups do not divide the channels.
    #[track_caller]
    pub fn group_norm(&self, num_groups: usize, weight: Option<&Self>, bias: Option<&Self>, eps: f64) -> Self {
        let (y, moments) = self.value().group_norm(num_groups, weight.map(Self::value), bias.map(Self::value), eps);
        let inputs: Vec<&Self> = [Some(self), weight, bias].into_iter().flatten().collect();
        let rule =
            || GroupNorm { x: self.clone(), weight: weight.cloned(), bias: bias.cloned(), moments, num_groups, eps };
        Self::recorded(y, &inputs, rule)
    }
}

/// With n the normalised x and d = g weight: `dx = (d - mean(d) - n mean(d n)) / sqrt(variance + eps)`,
/// `dweight` = g n and `dbias` = g, summed over each channel.
struct GroupNorm<T: Float> {
    x: Var<T>,
    weight: Option<Var<T>>,
    bias: Option<Var<T>>,
    moments: LayerNormMoments<T>,
    num_groups: usize,
    eps: f64,
}

impl<T: Float> GroupNorm<T> {
    /// The inputs there are, in order.
    fn inputs(&self) -> Vec<&Var<T>> {
        [Some(&self.x), self.weight.as_ref(), self.bias.as_ref()].into_iter().flatten().collect()
    }

    /// The same from operations that have gradients of their own, of the inputs in order.
    fn composed(&self, inputs: &[Var<T>]) -> Var<T> {
        let (x, mut affine) = (&inputs[0], inputs[1..].iter());
        let shape = x.shape();
        let rows = shape[0] * self.num_groups;
        let mut by_channel = Dims::from_elem(1, shape.len());
        by_channel[1] = shape[1];
        let x = x.reshape([rows, x.numel() / rows.max(1)]);
        let centred = &x - &x.mean_dims(&[-1], true);
        let variance = (&centred * &centred).mean_dims(&[-1], true);
        let mut y = (&centred / &(variance + T::from_f64(self.eps)).sqrt()).reshape(shape);
        if let Some(weight) = self.weight.as_ref().and_then(|_| affine.next()) {
            y = y * weight.reshape(&by_channel);
        }
        if let Some(bias) = self.bias.as_ref().and_then(|_| affine.next()) {
            y = y + bias.reshape(&by_channel);
        }
        y
    }
}

impl<T: Float> Rule<T> for GroupNorm<T> {
    fn name(&self) -> &'static str {
        "group_norm"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        if is_grad_enabled() {
            return recorded_gradients(&self.inputs(), g, |inputs| self.composed(inputs));
        }
        let weight = self.weight.as_ref().map(Var::value);
        let gradients = self.x.value().group_norm_gradient(g.value(), &self.moments, self.num_groups, weight);
        let mut all: Gradients<T> = smallvec![Some(Var::new(gradients.x))];
        all.extend(self.weight.as_ref().map(|_| Some(Var::new(gradients.weight))));
        all.extend(self.bias.as_ref().map(|_| Some(Var::new(gradients.bias))));
        all
    }
}
