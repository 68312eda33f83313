//! The convolutional network of PyTorch's MNIST example.

use gradus_autograd::Var;
use gradus_tensor::{Activation, Float};

use crate::layers::{conv::Conv2d, dropout::Dropout, linear::Linear, max_pool::MaxPool2d};
use crate::module::Layer;

/// Two 3x3 convolutions, max pooling, two linear layers, dropout: `[N, 1, 28, 28] -> [N, 10]` logits, 1,199,882
/// parameters (PyTorch's `examples/mnist`, whose last line is a `log_softmax` that belongs to the loss here).
#[derive(crate::Module)]
pub struct MnistCnn<T: Float = f32> {
    conv1: Conv2d<T>,
    conv2: Conv2d<T>,
    dropout1: Dropout,
    dropout2: Dropout,
    fc1: Linear<T>,
    fc2: Linear<T>,
}

impl<T: Float> MnistCnn<T> {
    /// The example's sizes and dropout of 0.25 and 0.5.
    pub fn new() -> Self {
        Self::with_dropout(0.25, 0.5)
    }

    /// Other dropout probabilities: after the convolutions, and between the linear layers.
    ///
    /// # Panics
    /// If one is no probability.
    #[track_caller]
    pub fn with_dropout(after_convolutions: f64, between_linear: f64) -> Self {
        Self {
            conv1: Conv2d::new(1, 32, 3),
            conv2: Conv2d::new(32, 64, 3),
            dropout1: Dropout::new(after_convolutions),
            dropout2: Dropout::new(between_linear),
            fc1: Linear::new(9216, 128),
            fc2: Linear::new(128, 10),
        }
    }
}

impl<T: Float> Default for MnistCnn<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Float> Layer<T> for MnistCnn<T> {
    /// `x` `[N, 1, 28, 28]` -> `[N, 32, 26, 26]` -> `[N, 64, 24, 24]` -> `[N, 64, 12, 12]` -> `[N, 128]` -> `[N, 10]`.
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        let x = self.conv1.forward_fused(x, Activation::Relu);
        let x = self.conv2.forward_fused(&x, Activation::Relu);
        let x = MaxPool2d::new(2).forward(&x);
        let x = self.dropout1.forward(&x).flatten(1);
        let x = self.fc1.forward_fused(&x, None, Activation::Relu);
        self.fc2.forward(&self.dropout2.forward(&x))
    }
}
