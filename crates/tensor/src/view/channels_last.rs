//! Memory order: images whose channels lie together (PyTorch's `memory_format=torch.channels_last`), and the elements
//! of any tensor without gaps in the order in which they lie.

use crate::element::Element;
use crate::kernels::transpose::transpose;
use crate::layout::Layout;
use crate::shape::{Dims, numel, same_sizes};
use crate::storage::Storage;
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// Whether this is a batch of images `[N, C, H, W]` that lies in memory as `[N, H, W, C]`. With one channel or
    /// pixels of 1 x 1 that can hold for row-major memory too.
    pub fn is_channels_last(&self) -> bool {
        let &[_, channels, height, width] = self.shape() else { return false };
        let in_memory = [height * width * channels, 1, width * channels, channels];
        let sizes = self.shape().iter().zip(self.strides()).zip(in_memory);
        self.numel() == 0 || sizes.into_iter().all(|((&size, &stride), want)| size == 1 || stride == want)
    }

    /// The same images `[N, C, H, W]` in memory as `[N, H, W, C]`: itself where it is so already, else a copy.
    /// Convolutions and pooling work on this order, and give it.
    ///
    /// # Panics
    /// If there are not four dimensions.
    #[track_caller]
    pub fn to_channels_last(&self) -> Self {
        let &[images, channels, height, width] = self.shape() else {
            panic!("to_channels_last: shape {:?} must be [N, C, H, W]", self.shape());
        };
        if self.is_channels_last() {
            return self.clone();
        }
        let x = self.row_major();
        Self::build_channels_last([images, channels, height, width], |out| transpose(out, &x, channels, height * width))
    }

    /// The elements in the order N, H, W, C where they lie so in memory.
    pub(crate) fn channels_last_slice(&self) -> Option<&[T]> {
        self.is_channels_last().then(|| self.elements_from_offset())
    }

    /// A tensor of `shape`, N, C, H, W, in channels-last memory; `fill` writes every element, in the order N, H, W, C.
    #[track_caller]
    pub(crate) fn build_channels_last(shape: [usize; 4], fill: impl FnOnce(&mut [T])) -> Self {
        let [images, channels, height, width] = shape;
        Self::build(&[images, height, width, channels], fill).permute(&[0, 3, 1, 2])
    }

    /// The elements in the order in which they lie, where they lie without gaps.
    pub(crate) fn dense_slice(&self) -> Option<&[T]> {
        self.layout.is_dense().then(|| self.elements_from_offset())
    }

    /// [`dense_slice`](Self::dense_slice) for writing; shared memory is copied first.
    pub(crate) fn dense_slice_mut(&mut self) -> Option<&mut [T]> {
        let values = self.dense_slice()?;
        let len = values.len();
        if !self.storage.is_unique() && self.storage.as_slice().len() != len {
            self.storage = Storage::from_slice(self.elements_from_offset());
            self.layout.offset = 0;
        }
        let start = self.layout.offset;
        Some(&mut self.storage.make_mut()[start..start + len])
    }

    /// A tensor whose elements lie as those of `like`, which has no gaps; `fill` writes them in that order.
    pub(crate) fn build_like<O: Element>(like: &Tensor<O>, fill: impl FnOnce(&mut [T])) -> Self {
        debug_assert!(like.layout.is_dense());
        let flat = Self::build(&[like.numel()], fill);
        flat.with_layout(like.layout.shape.clone(), like.layout.strides.clone(), 0)
    }

    /// Whether the elements of both lie in the same order, without gaps.
    pub(crate) fn lies_as<O: Element>(&self, other: &Tensor<O>) -> bool {
        self.has_shape(other.shape()) && same_sizes(self.strides(), other.strides()) && self.layout.is_dense()
    }

    fn elements_from_offset(&self) -> &[T] {
        let start = self.layout.offset;
        &self.storage.as_slice()[start..start + self.numel()]
    }

    /// A row-major copy, by blocks where the memory is channels-last.
    pub(crate) fn copy_of_channels_last(&self) -> Option<Self> {
        let x = self.channels_last_slice()?;
        let shape = self.shape();
        Some(Self::build(shape, |out| transpose(out, x, numel(&shape[2..]), shape[1])))
    }
}

impl Layout {
    /// Whether the elements lie without gaps and without overlap, in whatever order.
    pub(crate) fn is_dense(&self) -> bool {
        if self.is_contiguous() {
            return true;
        }
        let mut by_stride: Dims = (0..self.shape.len()).filter(|&i| self.shape[i] != 1).collect();
        by_stride.sort_unstable_by_key(|&i| self.strides[i]);
        let mut expected = 1;
        by_stride.iter().all(|&i| {
            let fits = self.strides[i] == expected;
            expected *= self.shape[i];
            fits
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_change_order_in_memory_and_nothing_else() {
        for shape in [[2, 3, 4, 5], [1, 1, 3, 3], [3, 5, 1, 1], [2, 33, 7, 9], [0, 3, 2, 2], [2, 64, 40, 40]] {
            let x = Tensor::from_fn(shape, |i| i as f32);
            let y = x.to_channels_last();
            assert!(y.is_channels_last() && y.to_channels_last().shares_memory_with(&y));
            assert_eq!((y.shape(), &y), (x.shape(), &x));
            let in_order = x.permute(&[0, 2, 3, 1]).to_vec();
            assert_eq!(y.channels_last_slice(), Some(&in_order[..]));
            assert_eq!(y.contiguous().as_slice(), x.as_slice());
        }
        let x = Tensor::<f32>::zeros([2, 3, 4, 5]);
        assert!(!x.is_channels_last() && !x.transpose(1, 3).is_channels_last());
        assert!(!x.slice(1, 0..2).to_channels_last().slice(3, 1..3).is_channels_last());
    }

    #[test]
    fn elementwise_operations_keep_the_order() {
        let x = Tensor::from_fn([2, 3, 4, 5], |i| i as f32 - 60.0);
        let y = x.to_channels_last();
        for (got, want) in
            [(y.relu(), x.relu()), (&y + &y, &x + &x), (&y * 2.0, &x * 2.0), (&y - &x, &x - &x), (&x - &y, &x - &x)]
        {
            assert_eq!(got, want);
        }
        assert!(y.relu().is_channels_last() && (&y * &y).is_channels_last());
        let (mut sum, shared) = (y.clone(), y.clone());
        sum.add_(&y);
        sum.map_in_place(|x| x + 1.0);
        assert!(sum.is_channels_last() && sum == &(&x + &x) + 1.0 && shared == x);
        let mut slice = y.slice(0, 1..2);
        slice.add_(&slice.clone());
        assert_eq!((slice, y), (&x.slice(0, 1..2) * 2.0, x));
    }

    #[test]
    fn density_is_seen_in_any_order() {
        let x = Tensor::<f32>::zeros([2, 3, 4]);
        assert!(x.transpose(0, 2).layout.is_dense() && x.slice(0, 1..2).layout.is_dense());
        assert!(!x.slice(2, 0..2).layout.is_dense() && !x.slice(1, 0..1).broadcast_to([2, 3, 4]).layout.is_dense());
    }
}
