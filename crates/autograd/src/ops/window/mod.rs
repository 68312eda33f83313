//! Convolution and pooling: what slides a window over images.

mod avg_pool2d;
mod conv2d;
mod max_pool2d;
