//! Batch normalisation, alone or with the residual and the rectifier that follow it.

use gradus_tensor::{
    Activation, BatchNormBackward, BatchNormOptions as TensorOptions, ChannelMoments, Dims, Float, Tensor,
};

use crate::backward::recorded_gradients;
use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

/// What [`Var::batch_norm`] and [`Var::batch_norm_with`] do beside normalising.
#[derive(Clone, Copy, Debug)]
pub struct BatchNormOptions<'a, T: Float = f32> {
    /// Added to the variance; PyTorch's default is 1e-5.
    pub eps: f64,
    /// Of the input's shape, added before the activation.
    pub residual: Option<&'a Var<T>>,
    /// Applied at the end.
    pub activation: Activation,
}

/// `eps` 1e-5, no residual, no activation.
impl<T: Float> Default for BatchNormOptions<'_, T> {
    fn default() -> Self {
        Self { eps: 1e-5, residual: None, activation: Activation::Identity }
    }
}

impl<T: Float> Var<T> {
    /// `activation((x - mean) / sqrt(variance + eps) * weight + bias (+ residual))` with mean and variance of each
    /// channel over this batch `[N, C, ..]`, the variance dividing by the number of elements (Ioffe and Szegedy,
    /// arXiv:1502.03167; PyTorch's `functional.batch_norm` with `training=True`). Weight and bias are `[C]`; without
    /// them they are 1 and 0. The output lies in memory as the input. Also gives those moments, for running statistics.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is but one value a channel, or none.
    #[track_caller]
    pub fn batch_norm(
        &self,
        weight: Option<&Self>,
        bias: Option<&Self>,
        options: BatchNormOptions<'_, T>,
    ) -> (Self, ChannelMoments<T>) {
        assert!(self.shape().len() >= 2, "batch_norm: input {:?} must be [N, C, ..]", self.shape());
        let moments = self.value().channel_moments();
        let channels = self.shape()[1];
        assert!(
            channels == 0 || self.numel() / channels > 1,
            "batch_norm: input {:?} has not more than one value a channel, so that there is no variance in training",
            self.shape()
        );
        (self.normalised(&moments, true, weight, bias, options), moments)
    }

    /// [`batch_norm`](Self::batch_norm) with given moments: the form in evaluation (PyTorch's `training=False`).
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn batch_norm_with(
        &self,
        moments: &ChannelMoments<T>,
        weight: Option<&Self>,
        bias: Option<&Self>,
        options: BatchNormOptions<'_, T>,
    ) -> Self {
        self.normalised(moments, false, weight, bias, options)
    }

    #[track_caller]
    fn normalised(
        &self,
        moments: &ChannelMoments<T>,
        of_batch: bool,
        weight: Option<&Self>,
        bias: Option<&Self>,
        BatchNormOptions { eps, residual, activation }: BatchNormOptions<'_, T>,
    ) -> Self {
        let [weight_value, bias_value, residual_value] = [weight, bias, residual].map(|part| part.map(Self::value));
        let options =
            TensorOptions { weight: weight_value, bias: bias_value, eps, residual: residual_value, activation };
        let y = self.value().batch_norm(moments, options);
        let rule = || BatchNorm {
            x: self.clone(),
            weight: weight.cloned(),
            bias: bias.cloned(),
            residual: residual.cloned(),
            moments: moments.clone(),
            of_batch,
            eps,
            activation,
        };
        let inputs: Vec<&Self> = [Some(self), weight, bias, residual].into_iter().flatten().collect();
        Self::recorded(y, &inputs, rule)
    }
}

/// With G the gradient before the rectifier, `n = (x - mean) / sqrt(variance + eps)` and means over each channel: `dx =
/// weight (G - mean(G) - n mean(G n)) / sqrt(variance + eps)`, without the two means where the moments were given;
/// `dweight = G n` and `dbias = G`, both summed over each channel; `dresidual = G`.
struct BatchNorm<T: Float> {
    x: Var<T>,
    weight: Option<Var<T>>,
    bias: Option<Var<T>>,
    residual: Option<Var<T>>,
    moments: ChannelMoments<T>,
    /// Whether the moments are those of x.
    of_batch: bool,
    eps: f64,
    activation: Activation,
}

impl<T: Float> Rule<T> for BatchNorm<T> {
    fn name(&self) -> &'static str {
        "batch_norm"
    }

    fn saves_output(&self) -> bool {
        self.activation == Activation::Relu
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        if is_grad_enabled() {
            return self.recorded(context);
        }
        let gradients = self.x.value().batch_norm_gradient(BatchNormBackward {
            gradient: context.gradient().value(),
            rectified: self.rectified(context),
            moments: &self.moments,
            of_batch: self.of_batch,
            weight: self.weight.as_ref().map(Var::value),
            eps: self.eps,
            residual: self.residual.is_some(),
        });
        let weight = self.weight.as_ref().map(|_| gradients.weight);
        let bias = self.bias.as_ref().map(|_| gradients.bias);
        let all = [Some(gradients.x), weight, bias, gradients.residual];
        all.into_iter().flatten().map(|gradient| Some(Var::new(gradient))).collect()
    }
}

impl<T: Float> BatchNorm<T> {
    fn rectified<'a>(&self, context: &'a Context<'_, T>) -> Option<&'a Tensor<T>> {
        (self.activation == Activation::Relu).then(|| context.output().value())
    }

    /// The gradients from operations that have gradients of their own.
    fn recorded(&self, context: &Context<'_, T>) -> Gradients<T> {
        let parts = [&self.weight, &self.bias, &self.residual];
        let inputs: Vec<&Var<T>> = [&self.x].into_iter().chain(parts.into_iter().flatten()).collect();
        recorded_gradients(&inputs, context.gradient(), |inputs| {
            let mut rest = inputs[1..].iter();
            let [weight, bias, residual] = parts.map(|part| part.as_ref().and_then(|_| rest.next()));
            self.composed(&inputs[0], weight, bias, residual)
        })
    }

    /// The same from operations that have gradients of their own.
    fn composed(
        &self,
        x: &Var<T>,
        weight: Option<&Var<T>>,
        bias: Option<&Var<T>>,
        residual: Option<&Var<T>>,
    ) -> Var<T> {
        let channels = x.shape()[1];
        let by_channel: Dims = (0..x.shape().len()).map(|i| if i == 1 { channels } else { 1 }).collect();
        let (mean, variance) = if self.of_batch {
            let dims: Vec<isize> = (0..x.shape().len() as isize).filter(|&i| i != 1).collect();
            let mean = x.mean_dims(&dims, true);
            let centred = x - &mean;
            (mean, (&centred * &centred).mean_dims(&dims, true))
        } else {
            let given = |moment: &Tensor<T>| Var::new(moment.reshape(&by_channel));
            (given(&self.moments.mean), given(&self.moments.variance))
        };
        let mut y = (x - &mean) / (variance + T::from_f64(self.eps)).sqrt();
        if let Some(weight) = weight {
            y = y * weight.reshape(&by_channel);
        }
        if let Some(bias) = bias {
            y = y + bias.reshape(&by_channel);
        }
        if let Some(residual) = residual {
            y = y + residual;
        }
        if self.activation == Activation::Relu {
            y = y.relu();
        }
        y
    }
}
