//! Instance normalisation as layers.

use gradus_autograd::{BatchNormOptions, Param, Var};
use gradus_tensor::{ChannelMoments, Dims, Float, Tensor};

use crate::buffer::Buffer;
use crate::layers::running_stats::RunningStats;
use crate::mode::Mode;
use crate::module::{Layer, Members, Module};

/// What [`InstanceNorm1d`], [`InstanceNorm2d`] and [`InstanceNorm3d`] share.
#[derive(Debug)]
struct InstanceNorm<T: Float> {
    weight: Option<Param<T>>,
    bias: Option<Param<T>>,
    running: Option<RunningStats<T>>,
    mode: Mode,
    num_features: usize,
    eps: f64,
    momentum: f64,
}

/// The running statistics stand beside weight and bias, as PyTorch names them.
impl<T: Float> Module<T> for InstanceNorm<T> {
    fn members(&self, members: &mut Members<T>) {
        members.field("weight", &self.weight);
        members.field("bias", &self.bias);
        self.running.members(members);
        self.mode.members(members);
    }
}

impl<T: Float> InstanceNorm<T> {
    fn new(num_features: usize) -> Self {
        let (mode, eps, momentum) = (Mode::new(), 1e-5, 0.1);
        Self { weight: None, bias: None, running: None, mode, num_features, eps, momentum }
    }

    /// The output for a batch `[N, C, ..]`.
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        let features = self.num_features;
        // Without parameters and statistics the number of features means nothing.
        let fits = (self.weight.is_none() && self.running.is_none()) || x.shape()[1] == features;
        assert!(fits, "InstanceNorm: input {:?} for {features} features", x.shape());
        let (weight, bias) = (self.weight.as_ref().map(Param::var), self.bias.as_ref().map(Param::var));
        let training = self.mode.is_training();
        if let Some(running) = self.running.as_ref().filter(|_| !training) {
            let options = BatchNormOptions { eps: self.eps, ..BatchNormOptions::default() };
            return x.batch_norm_with(&running.moments(), weight.as_ref(), bias.as_ref(), options);
        }
        let y = x.instance_norm(weight.as_ref(), bias.as_ref(), self.eps);
        if let Some(running) = &self.running {
            self.track(running, x.value());
        }
        y
    }

    /// Moves the running statistics towards the mean over the samples of theirs.
    fn track(&self, running: &RunningStats<T>, x: &Tensor<T>) {
        let &[samples, channels, ref rest @ ..] = x.shape() else { return };
        let shape: Dims = [1, samples * channels].into_iter().chain(rest.iter().copied()).collect();
        let of_samples = x.reshape(&shape).channel_moments();
        let mean = |moment: &Tensor<T>| moment.reshape([samples, channels]).mean_dims(&[0], false);
        let moments = ChannelMoments { mean: mean(&of_samples.mean), variance: mean(&of_samples.variance) };
        running.track(&moments, rest.iter().product::<usize>() as f64, self.momentum);
    }
}

/// Declares a layer over the shared part, for samples of one rank.
macro_rules! layer {
    ($(#[$doc:meta])* $name:ident, $rank:literal, $shapes:literal) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<T: Float = f32> {
            shared: InstanceNorm<T>,
        }

        impl<T: Float> $name<T> {
            /// A layer for `num_features` channels, without weight, bias and running statistics.
            pub fn new(num_features: usize) -> Self {
                Self { shared: InstanceNorm::new(num_features) }
            }

            /// The layer with weight and bias, which start as 1 and 0 (PyTorch's `affine=True`).
            #[must_use]
            pub fn with_affine(mut self) -> Self {
                let features = [self.shared.num_features];
                self.shared.weight = Some(Param::new(Tensor::ones(features)));
                self.shared.bias = Some(Param::new(Tensor::zeros(features)));
                self
            }

            /// The layer with running statistics, by which it normalises in evaluation (PyTorch's
            /// `track_running_stats=True`).
            #[must_use]
            pub fn with_running_stats(mut self) -> Self {
                self.shared.running = Some(RunningStats::new(self.shared.num_features));
                self
            }

            /// The layer with this `eps`.
            #[must_use]
            pub fn with_eps(mut self, eps: f64) -> Self {
                self.shared.eps = eps;
                self
            }

            /// The layer with this share of the new batch in the running statistics.
            #[must_use]
            pub fn with_momentum(mut self, momentum: f64) -> Self {
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
        }

        impl<T: Float> Module<T> for $name<T> {
            fn members(&self, members: &mut Members<T>) {
                self.shared.members(members);
            }
        }

        impl<T: Float> Layer<T> for $name<T> {
            #[track_caller]
            fn forward(&self, x: &Var<T>) -> Var<T> {
                let rank = x.shape().len();
                assert!(
                    rank == $rank || rank == $rank + 1,
                    concat!(stringify!($name), ": input {:?} must be ", $shapes),
                    x.shape()
                );
                if rank == $rank + 1 {
                    return self.shared.forward(x);
                }
                let batch: Dims = [1].into_iter().chain(x.shape().iter().copied()).collect();
                self.shared.forward(&x.reshape(&batch)).reshape(x.shape())
            }
        }
    };
}

layer! {
    /// Normalises each feature of each sequence: `[N, C, L]` or `[C, L]` ([torch.nn.InstanceNorm1d]).
    ///
    /// By the mean and variance of the sample; with running statistics those move as
    /// `running = (1 - momentum) running + momentum batch` in training, and evaluation normalises by them. `eps` is
    /// 1e-5, `momentum` 0.1. As in PyTorch the count of batches stays 0.
    ///
    /// [torch.nn.InstanceNorm1d]: https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html
    InstanceNorm1d, 2, "[N, C, L] or [C, L]"
}

layer! {
    /// Normalises each channel of each image: `[N, C, H, W]` or `[C, H, W]` ([torch.nn.InstanceNorm2d]); otherwise as
    /// [`InstanceNorm1d`].
    ///
    /// [torch.nn.InstanceNorm2d]: https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
    InstanceNorm2d, 3, "[N, C, H, W] or [C, H, W]"
}

layer! {
    /// Normalises each channel of each volume: `[N, C, D, H, W]` or `[C, D, H, W]` ([torch.nn.InstanceNorm3d]);
    /// otherwise as [`InstanceNorm1d`].
    ///
    /// [torch.nn.InstanceNorm3d]: https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html
    InstanceNorm3d, 4, "[N, C, D, H, W] or [C, D, H, W]"
}
