//! The residual network for small images.

use gradus_autograd::Var;
use gradus_tensor::{Activation, Conv2dOptions, Float};

use crate::layers::{batch_norm::BatchNorm2d, conv::Conv2d, linear::Linear, relu::ReLU, sequential::Sequential};
use crate::module::Layer;

/// ResNet-20 for 32 x 32 images (He et al., CVPR 2016, section 4.2), with 1 x 1 convolutions where a shortcut changes
/// shape: `[N, 3, H, W] -> [N, 10]` logits, 272,474 parameters. Works on channels-last memory.
#[derive(crate::Module)]
pub struct ResNet20<T: Float = f32> {
    features: Sequential<T>,
    head: Linear<T>,
}

impl<T: Float> ResNet20<T> {
    /// For 3 channels and 10 classes, as in the paper: three stages of three blocks with 16, 32 and 64 channels.
    pub fn new() -> Self {
        Self::with_sizes(3, 10)
    }

    /// The same stages for images of other channels and another number of classes: `[N, C, H, W] -> [N, classes]`.
    ///
    /// # Panics
    /// If a size is 0.
    #[track_caller]
    pub fn with_sizes(in_channels: usize, classes: usize) -> Self {
        let mut features = Sequential::new().with(conv(in_channels, 16, 3, 1)).with(BatchNorm2d::new(16)).with(ReLU);
        let mut channels = 16;
        for (out_channels, stride) in [(16, 1), (32, 2), (64, 2)] {
            for block in 0..3 {
                features = features.with(BasicBlock::new(channels, out_channels, if block == 0 { stride } else { 1 }));
                channels = out_channels;
            }
        }
        Self { features, head: Linear::new(64, classes) }
    }
}

impl<T: Float> Default for ResNet20<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Float> Layer<T> for ResNet20<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.head.forward(&self.features.forward(x).mean_dims(&[2, 3], false))
    }
}

/// Two convolutions with batch normalisation, added to a shortcut.
#[derive(crate::Module)]
struct BasicBlock<T: Float = f32> {
    conv1: Conv2d<T>,
    bn1: BatchNorm2d<T>,
    conv2: Conv2d<T>,
    bn2: BatchNorm2d<T>,
    /// Empty where the shape stays.
    shortcut: Sequential<T>,
}

impl<T: Float> BasicBlock<T> {
    fn new(in_channels: usize, out_channels: usize, stride: usize) -> Self {
        let same = stride == 1 && in_channels == out_channels;
        let shortcut = if same {
            Sequential::new()
        } else {
            Sequential::new().with(conv(in_channels, out_channels, 1, stride)).with(BatchNorm2d::new(out_channels))
        };
        Self {
            conv1: conv(in_channels, out_channels, 3, stride),
            bn1: BatchNorm2d::new(out_channels),
            conv2: conv(out_channels, out_channels, 3, 1),
            bn2: BatchNorm2d::new(out_channels),
            shortcut,
        }
    }
}

impl<T: Float> Layer<T> for BasicBlock<T> {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        let hidden = self.bn1.forward_fused(&self.conv1.forward(x), None, Activation::Relu);
        let shortcut = self.shortcut.forward(x);
        self.bn2.forward_fused(&self.conv2.forward(&hidden), Some(&shortcut), Activation::Relu)
    }
}

/// A convolution without bias that keeps the size, divided by the stride.
fn conv<T: Float>(in_channels: usize, out_channels: usize, kernel_size: usize, stride: usize) -> Conv2d<T> {
    let padding = kernel_size / 2;
    let options = Conv2dOptions { stride: [stride; 2], padding: [padding; 2], ..Conv2dOptions::default() };
    Conv2d::with_options(in_channels, out_channels, [kernel_size; 2], options).without_bias()
}
