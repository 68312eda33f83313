//! Convolution, pooling and resizing: what slides a window over sequences, images and volumes.

mod adaptive_avg_pool;
mod adaptive_max_pool;
mod affine_grid;
pub(crate) mod avg_pool;
mod avg_pool2d;
mod channel_shuffle;
pub(crate) mod conv;
mod conv2d;
pub(crate) mod conv_transpose;
mod fold;
pub(crate) mod grid_sample;
pub(crate) mod interpolate;
pub(crate) mod lp_pool;
mod map_axis;
mod max_pool;
mod max_pool2d;
pub(crate) mod max_unpool;
pub(crate) mod unfold;
mod windows;
