//! Tensors put together.

use crate::element::Element;
use crate::parallel::{for_each_piece, rows_per_piece};
use crate::shape::{Dims, numel, resolve_dim};
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// `tensors` of one shape along a new first dimension.
    ///
    /// # Panics
    /// If there are none or their shapes differ.
    #[track_caller]
    pub fn stack(tensors: &[Self]) -> Self {
        let Some(first) = tensors.first() else { panic!("stack: no tensors given") };
        if let Some(other) = tensors.iter().find(|t| t.shape() != first.shape()) {
            panic!("stack: shapes {:?} and {:?} differ", first.shape(), other.shape());
        }
        let mut shape = first.layout.shape.clone();
        shape.insert(0, tensors.len());
        Self::build(&shape, |out| {
            for (out, tensor) in out.chunks_mut(first.numel().max(1)).zip(tensors) {
                out.copy_from_slice(&tensor.row_major());
            }
        })
    }
    /// `tensors` one after the other along dimension `dim`.
    ///
    /// # Panics
    /// If there are none, or their shapes differ in another dimension.
    #[track_caller]
    pub fn cat(tensors: &[&Self], dim: isize) -> Self {
        let Some(first) = tensors.first() else { panic!("cat: no tensors given") };
        let at = resolve_dim("cat", dim, first.rank());
        let mut shape = first.layout.shape.clone();
        shape[at] = 0;
        for tensor in tensors {
            let others = |x: &Self| (Dims::from_slice(&x.shape()[..at]), Dims::from_slice(&x.shape()[at + 1..]));
            assert!(
                tensor.rank() == first.rank() && others(tensor) == others(first),
                "cat: shapes {:?} and {:?} differ beyond dimension {at}",
                first.shape(),
                tensor.shape()
            );
            shape[at] += tensor.shape()[at];
        }
        let inner = numel(&shape[at + 1..]);
        let parts: Vec<_> = tensors.iter().map(|x| (x.row_major(), x.shape()[at] * inner)).collect();
        let block = shape[at] * inner;
        Self::build(&shape, |out| {
            for_each_piece(out, rows_per_piece(block) * block, |start, out| {
                for (o, out) in out.chunks_mut(block).enumerate() {
                    let mut rest = out;
                    for (part, size) in &parts {
                        let (out, after) = rest.split_at_mut(*size);
                        out.copy_from_slice(&part[(start / block + o) * size..][..*size]);
                        rest = after;
                    }
                }
            });
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;

    #[test]
    fn parts_lie_one_after_the_other() {
        let [a, b] = [[2, 3, 2], [2, 1, 2]].map(|shape| Tensor::from_fn(shape, |i| i as i64));
        let both = Tensor::cat(&[&a, &b, &a.slice(1, 0..0)], 1);
        assert_eq!(both.shape(), [2, 4, 2]);
        assert_eq!(both.to_vec(), [0, 1, 2, 3, 4, 5, 0, 1, 6, 7, 8, 9, 10, 11, 2, 3]);
        assert_eq!(Tensor::cat(&[&a.transpose(0, 1), &b.transpose(0, 1)], 0), both.transpose(0, 1));
    }

    #[test]
    #[should_panic(expected = "cat: shapes [2, 3] and [3, 3] differ beyond dimension 1")]
    fn the_other_dimensions_must_agree() {
        Tensor::cat(&[&Tensor::<f32>::zeros([2, 3]), &Tensor::zeros([3, 3])], 1);
    }
}
