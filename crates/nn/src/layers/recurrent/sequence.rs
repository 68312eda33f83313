//! What recurrent layers read: steps of one length, or packed ones.

use gradus_autograd::Var;
use gradus_tensor::{Float, Tensor};

/// Entries `order` of dimension `dim`.
pub(super) fn rows<T: Float>(x: &Var<T>, dim: isize, order: &[usize]) -> Var<T> {
    let order = Tensor::from_fn([order.len()], |i| order[i] as i64);
    x.index_select(dim, &order).expect("the order is one of the entries")
}

/// What a layer reads.
pub(super) enum Sequence<T: Float> {
    /// `[B, T, I]`.
    Steps(Var<T>),
    /// The rows of all steps, `[rows, I]`, and how many each step has, in falling order.
    Packed(Var<T>, Vec<usize>),
}

impl<T: Float> Sequence<T> {
    pub(super) fn batch(&self) -> usize {
        match self {
            Self::Steps(x) => x.shape()[0],
            Self::Packed(_, sizes) => sizes[0],
        }
    }

    /// The same steps of other numbers.
    pub(super) fn with_rows(self, rows: Var<T>) -> Self {
        match self {
            Self::Steps(_) => Self::Steps(rows),
            Self::Packed(_, sizes) => Self::Packed(rows, sizes),
        }
    }

    pub(super) fn into_rows(self) -> Var<T> {
        match self {
            Self::Steps(x) | Self::Packed(x, _) => x,
        }
    }

    /// Each sequence from its end to its start, in the same layout.
    pub(super) fn reversed(&self) -> Self {
        match self {
            Self::Steps(x) => Self::Steps(x.flip(&[1])),
            Self::Packed(x, sizes) => Self::Packed(rows(x, 0, &reversal(sizes)), sizes.clone()),
        }
    }
}

/// For each row of packed steps, that of the same sequence which is as far from its end.
fn reversal(sizes: &[usize]) -> Vec<usize> {
    let starts: Vec<usize> = sizes.iter().scan(0, |next, &size| Some(std::mem::replace(next, *next + size))).collect();
    let mut order = Vec::new();
    for (t, &size) in sizes.iter().enumerate() {
        for row in 0..size {
            let length = sizes.partition_point(|&size| size > row);
            order.push(starts[length - 1 - t] + row);
        }
    }
    order
}
