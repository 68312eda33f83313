//! Batch normalisation as layers.

use gradus_autograd::{BatchNormOptions, Param, Var};
use gradus_tensor::{Activation, Float, Tensor};

use crate::buffer::{Buffer, Counter};
use crate::layers::running_stats::RunningStats;
use crate::mode::Mode;
use crate::module::{Layer, Members, Module};

/// What [`BatchNorm1d`], [`BatchNorm2d`] and [`BatchNorm3d`] share.
#[derive(Debug)]
struct BatchNorm<T: Float> {
    weight: Option<Param<T>>,
    bias: Option<Param<T>>,
    running: Option<RunningStats<T>>,
    mode: Mode,
    num_features: usize,
    eps: f64,
    momentum: Option<f64>,
}

/// The running statistics stand beside weight and bias, as PyTorch names them.
impl<T: Float> Module<T> for BatchNorm<T> {
    fn members(&self, members: &mut Members<T>) {
        members.field("weight", &self.weight);
        members.field("bias", &self.bias);
        self.running.members(members);
        self.mode.members(members);
    }
}

impl<T: Float> BatchNorm<T> {
    fn new(num_features: usize) -> Self {
        Self {
            weight: Some(Param::new(Tensor::ones([num_features]))),
            bias: Some(Param::new(Tensor::zeros([num_features]))),
            running: Some(RunningStats::new(num_features)),
            mode: Mode::new(),
            num_features,
            eps: 1e-5,
            momentum: Some(0.1),
        }
    }

    #[track_caller]
    fn forward(&self, x: &Var<T>, residual: Option<&Var<T>>, activation: Activation) -> Var<T> {
        let (weight, bias) = (self.weight.as_ref().map(Param::var), self.bias.as_ref().map(Param::var));
        let options = BatchNormOptions { eps: self.eps, residual, activation };
        let features = self.num_features;
        assert!(x.shape().get(1) == Some(&features), "BatchNorm: input {:?} for {features} features", x.shape());
        let training = self.mode.is_training();
        if let Some(running) = self.running.as_ref().filter(|_| !training) {
            return x.batch_norm_with(&running.moments(), weight.as_ref(), bias.as_ref(), options);
        }
        let (y, moments) = x.batch_norm(weight.as_ref(), bias.as_ref(), options);
        if let Some(running) = &self.running {
            let batches = running.num_batches_tracked.increment();
            let count = x.numel() as f64 / features.max(1) as f64;
            let momentum = self.momentum.filter(|_| !self.mode.is_gathering());
            running.track(&moments, count, momentum.unwrap_or(1.0 / batches as f64));
        }
        y
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

            /// The layer without running statistics: it normalises by those of the batch in evaluation too (PyTorch's
            /// `track_running_stats=False`).
            #[must_use]
            pub fn without_running_stats(mut self) -> Self {
                self.shared.running = None;
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

            /// `[C]`: what evaluation subtracts; none where the layer does not track it.
            pub fn running_mean(&self) -> Option<&Buffer<T>> {
                self.shared.running.as_ref().map(|running| &running.running_mean)
            }

            /// `[C]`: what evaluation divides by the root of; none where the layer does not track it.
            pub fn running_var(&self) -> Option<&Buffer<T>> {
                self.shared.running.as_ref().map(|running| &running.running_var)
            }

            /// The number of batches that the running statistics have seen.
            pub fn num_batches_tracked(&self) -> Option<&Counter> {
                self.shared.running.as_ref().map(|running| &running.num_batches_tracked)
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
    /// assert_eq!((y.shape(), layer.num_batches_tracked().unwrap().get()), (x.shape(), 1));
    /// layer.eval();
    /// ```
    ///
    /// [torch.nn.BatchNorm2d]: https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
    BatchNorm2d, 4, "[N, C, H, W]"
}

layer! {
    /// Normalises each channel over a batch of volumes `[N, C, D, H, W]` ([torch.nn.BatchNorm3d]); otherwise as
    /// [`BatchNorm1d`].
    ///
    /// [torch.nn.BatchNorm3d]: https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html
    BatchNorm3d, 5, "[N, C, D, H, W]"
}
