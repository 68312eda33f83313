//! How pooling sees memory: channels-last images, or row-major planes as images of one channel.

use crate::element::Element;
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// The channels that lie side by side: those of a channels-last tensor, else 1.
    pub(super) fn pooled_channels(&self) -> usize {
        if self.is_contiguous() || !self.is_channels_last() { 1 } else { self.shape()[1] }
    }

    /// This tensor in channels-last or row-major memory.
    #[track_caller]
    pub(super) fn pooled(&self, channels_last: bool) -> Self {
        if channels_last { self.to_channels_last() } else { self.contiguous() }
    }

    /// The elements in the order that [`pooled`](Self::pooled) gave them.
    pub(super) fn pooled_slice(&self, channels_last: bool) -> &[T] {
        let values = if channels_last { self.channels_last_slice() } else { self.as_slice() };
        values.expect("the memory is in this order")
    }

    /// A tensor of `shape` in such memory.
    #[track_caller]
    pub(super) fn build_pooled(shape: &[usize], channels_last: bool, fill: impl FnOnce(&mut [T])) -> Self {
        match *shape {
            [images, channels, height, width] if channels_last => {
                Self::build_channels_last([images, channels, height, width], fill)
            }
            _ => Self::build(shape, fill),
        }
    }

    /// Two tensors of `shape` in such memory.
    #[track_caller]
    pub(super) fn build_pooled2<U: Element>(
        shape: &[usize],
        channels_last: bool,
        fill: impl FnOnce(&mut [T], &mut [U]),
    ) -> (Self, Tensor<U>) {
        match *shape {
            [images, channels, height, width] if channels_last => {
                let lying = [images, height, width, channels];
                let (first, second) = Self::build2(&lying, &lying, fill);
                (first.permute(&[0, 3, 1, 2]), second.permute(&[0, 3, 1, 2]))
            }
            _ => Self::build2(shape, shape, fill),
        }
    }
}
