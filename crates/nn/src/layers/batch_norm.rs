//! Batch normalisation as layers.

use gradus_autograd::{BatchNormOptions, Param, Var};
use gradus_tensor::{Activation, ChannelMoments, Float, Tensor};

use crate::buffer::{Buffer, Counter};
use crate::mode::Mode;
use crate::module::{Layer, Members, Module};

/// What [`BatchNorm1d`] and [`BatchNorm2d`] share.
#[derive(Debug, crate::Module)]
struct BatchNorm<T: Float> {
    weight: Option<Param<T>>,
    bias: Option<Param<T>>,
    running_mean: Buffer<T>,
    running_var: Buffer<T>,
    num_batches_tracked: Counter,
    mode: Mode,
    eps: f64,
    #[module(skip)]
    momentum: Option<f64>,
}

impl<T: Float> BatchNorm<T> {
    fn new(num_features: usize) -> Self {
        Self {
            weight: Some(Param::new(Tensor::ones([num_features]))),
            bias: Some(Param::new(Tensor::zeros([num_features]))),
            running_mean: Buffer::new(Tensor::zeros([num_features])),
            running_var: Buffer::new(Tensor::ones([num_features])),
            num_batches_tracked: Counter::new(),
            mode: Mode::new(),
            eps: 1e-5,
            momentum: Some(0.1),
        }
    }

    #[track_caller]
    fn forward(&self, x: &Var<T>, residual: Option<&Var<T>>, activation: Activation) -> Var<T> {
        let (weight, bias) = (self.weight.as_ref().map(Param::var), self.bias.as_ref().map(Param::var));
        let options = BatchNormOptions { eps: self.eps, residual, activation };
        if !self.mode.is_training() {
            let moments = ChannelMoments { mean: self.running_mean.value(), variance: self.running_var.value() };
            return x.batch_norm_with(&moments, weight.as_ref(), bias.as_ref(), options);
        }
        let features = self.running_mean.shape();
        assert!(x.shape().get(1) == features.first(), "BatchNorm: input {:?} for {features:?} features", x.shape());
        let (y, moments) = x.batch_norm(weight.as_ref(), bias.as_ref(), options);
        self.track(&moments, x.numel());
        y
    }

    /// Moves the running statistics towards those of a batch of `numel` elements.
    fn track(&self, moments: &ChannelMoments<T>, numel: usize) {
        let batches = self.num_batches_tracked.increment();
        let momentum = self.momentum.unwrap_or(1.0 / batches as f64);
        let count = numel as f64 / moments.mean.numel().max(1) as f64;
        let step = |running: &Buffer<T>, of_batch: &Tensor<T>, factor: f64| {
            let (keep, add) = (T::from_f64(1.0 - momentum), T::from_f64(momentum * factor));
            running.set_value(running.value().zip_map(of_batch, "BatchNorm", |old, new| keep * old + add * new));
        };
        step(&self.running_mean, &moments.mean, 1.0);
        // The running variance is that of the population, estimated from a sample.
        step(&self.running_var, &moments.variance, count / (count - 1.0));
    }
}

/// Declares a layer over the shared part, for inputs of certain ranks.
macro_rules! layer {
    ($(#[$doc:meta])* $name:ident, $ranks:pat, $shapes:literal) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<T: Float = f32> {
            shared: BatchNorm<T>,
        }

        impl<T: Float> $name<T> {
            /// A layer for `num_features` channels, with weight and bias.
            pub fn new(num_features: usize) -> Self {
                Self { shared: BatchNorm::new(num_features) }
            }

            /// The layer without weight and bias (PyTorch's `affine=False`).
            #[must_use]
            pub fn without_affine(mut self) -> Self {
                (self.shared.weight, self.shared.bias) = (None, None);
                self
            }

            /// The layer with this `eps`.
            #[must_use]
            pub fn with_eps(mut self, eps: f64) -> Self {
                self.shared.eps = eps;
                self
            }

            /// The layer with this share of the new batch in the running statistics; `None` makes them the plain means
            /// over all batches so far.
            #[must_use]
            pub fn with_momentum(mut self, momentum: Option<f64>) -> Self {
                self.shared.momentum = momentum;
                self
            }

            /// `[C]`; none where the layer does not scale.
            pub fn weight(&self) -> Option<&Param<T>> {
                self.shared.weight.as_ref()
            }

            /// `[C]`; none where the layer does not shift.
            pub fn bias(&self) -> Option<&Param<T>> {
                self.shared.bias.as_ref()
            }

            /// `[C]`: what evaluation subtracts.
            pub fn running_mean(&self) -> &Buffer<T> {
                &self.shared.running_mean
            }

            /// `[C]`: what evaluation divides by the root of.
            pub fn running_var(&self) -> &Buffer<T> {
                &self.shared.running_var
            }

            /// The number of batches that the running statistics have seen.
            pub fn num_batches_tracked(&self) -> &Counter {
                &self.shared.num_batches_tracked
            }

            /// `activation(normalised x (+ residual))` in one pass: the layer and what follows it in a residual
            /// network.
            ///
            /// # Panics
            /// If the shapes do not fit.
            #[track_caller]
            pub fn forward_fused(&self, x: &Var<T>, residual: Option<&Var<T>>, activation: Activation) -> Var<T> {
                assert!(
                    matches!(x.shape().len(), $ranks),
                    concat!(stringify!($name), ": input {:?} must be ", $shapes),
                    x.shape()
                );
                self.shared.forward(x, residual, activation)
            }
        }

        impl<T: Float> Module<T> for $name<T> {
            fn members(&self, members: &mut Members<T>) {
                self.shared.members(members);
            }
        }

        impl<T: Float> Layer<T> for $name<T> {
            #[track_caller]
            fn forward(&self, x: &Var<T>) -> Var<T> {
                self.forward_fused(x, None, Activation::Identity)
            }

            #[track_caller]
            fn forward_activated(&self, x: &Var<T>, activation: Activation) -> Option<Var<T>> {
                Some(self.forward_fused(x, None, activation))
            }
        }
    };
}

layer! {
    /// Normalises each feature over a batch: `[N, C]` or `[N, C, L]` ([torch.nn.BatchNorm1d]).
    ///
    /// In training by the mean and variance of the batch, which also move the running statistics:
    /// `running = (1 - momentum) running + momentum batch`, with the variance of n values there divided by n - 1; in
    /// evaluation by the running statistics. Weight starts as 1, bias as 0; `eps` is 1e-5, `momentum` 0.1.
    ///
    /// [torch.nn.BatchNorm1d]: https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
    BatchNorm1d, 2 | 3, "[N, C] or [N, C, L]"
}

layer! {
    /// Normalises each channel over a batch of images `[N, C, H, W]` ([torch.nn.BatchNorm2d]); otherwise as
    /// [`BatchNorm1d`]. The output lies in memory as the input.
    ///
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_nn::{BatchNorm2d, Module};
    /// use gradus_tensor::{Activation, Tensor};
    ///
    /// let layer: BatchNorm2d = BatchNorm2d::new(16);
    /// let x = Var::new(Tensor::from_fn([4, 16, 8, 8], |i| (i % 7) as f32));
    /// let y = layer.forward_fused(&x, Some(&x), Activation::Relu);
    /// assert_eq!((y.shape(), layer.num_batches_tracked().get()), (x.shape(), 1));
    /// layer.eval();
    /// ```
    ///
    /// [torch.nn.BatchNorm2d]: https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
    BatchNorm2d, 4, "[N, C, H, W]"
}
