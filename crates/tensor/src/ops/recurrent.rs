//! What operations over sequences with hidden states have in common: checks, the time-first order, the product of the
//! inputs, and the gradients that are products over all steps.

use crate::element::Float;
use crate::kernels::gemm::{Accumulate, Epilogue, MatrixMut, MatrixRef, gemm_with};
use crate::kernels::recurrent::{self, GATES, Sequence, Sizes};
use crate::tensor::Tensor;

/// The sizes of operation `name` with G gates, if input `[B, T, I]`, weights `[G H, I]` and `[G H, H]`, biases `[G H]`
/// and states `[B, H]` fit.
#[track_caller]
pub(super) fn check<T: Float>(
    (name, gates): (&str, usize),
    x: &Tensor<T>,
    (weight_ih, weight_hh): (&Tensor<T>, &Tensor<T>),
    biases: &[&Tensor<T>],
    states: &[&Tensor<T>],
) -> Sizes {
    let hidden = weight_hh.shape().last().copied().unwrap_or(0);
    let width = gates * hidden;
    let fits = x.rank() == 3
        && x.shape()[1] > 0
        && weight_ih.shape() == [width, x.shape()[2]]
        && weight_hh.shape() == [width, hidden];
    assert!(
        fits,
        "{name}: input {:?} and weights {:?} and {:?} do not fit ([B, T, I], [{gates} H, I], [{gates} H, H], \
         T above 0)",
        x.shape(),
        weight_ih.shape(),
        weight_hh.shape()
    );
    let sizes = Sizes { time: x.shape()[1], batch: x.shape()[0], hidden };
    for bias in biases {
        assert!(bias.shape() == [width], "{name}: a bias of shape {:?} for {width} gates", bias.shape());
    }
    for state in states {
        assert!(
            state.shape() == [sizes.batch, hidden],
            "{name}: a state of shape {:?} is not [B, H] = {:?}",
            state.shape(),
            [sizes.batch, hidden]
        );
    }
    sizes
}

/// The sizes of the `output` of a forward pass, if the gradients of it and of the last states fit.
#[track_caller]
pub(super) fn check_gradients<T: Float>(
    name: &str,
    output: &Tensor<T>,
    d_out: Option<&Tensor<T>>,
    last: &[Option<&Tensor<T>>],
) -> Sizes {
    let &[batch, time, hidden] = output.shape() else { unreachable!("the forward pass gave it three dimensions") };
    assert!(
        d_out.is_none_or(|g| g.shape() == [batch, time, hidden])
            && last.iter().flatten().all(|g| g.shape() == [batch, hidden]),
        "{name}: gradients {:?} and {:?} for the output {:?}",
        d_out.map(Tensor::shape),
        last.iter().map(|g| g.map(Tensor::shape)).collect::<Vec<_>>(),
        output.shape()
    );
    Sizes { time, batch, hidden }
}

/// Writes `W_ih x + b` `[T B, G H]` for the input `[T, B, I]` into the first columns of `gates` `[T, B, 4 H]`; where G
/// is less than four, the other columns stay as they are.
pub(super) fn input_product<T: Float>(
    Sizes { time, batch, hidden }: Sizes,
    input: &Tensor<T>,
    weight: &Tensor<T>,
    bias: Option<&Tensor<T>>,
    gates: &mut [T],
) {
    let (columns, inputs) = (weight.shape()[0], weight.shape()[1]);
    let (x, weight, bias) = (input.row_major(), weight.row_major(), bias.map(Tensor::row_major));
    let (a, b) = (MatrixRef::row_major(&x, inputs), MatrixRef::row_major(&weight, inputs).transposed());
    let epilogue = Epilogue { bias: bias.as_deref(), ..Epilogue::NONE };
    let c = MatrixMut::row_major(gates, GATES * hidden);
    gemm_with((time * batch, inputs, columns), a, b, c, Accumulate::Replace, epilogue);
}

/// Room for the state before each step and after the last, `[T + 1, B, H]`, with the first one in its place; zeros
/// where there is none.
pub(super) fn states<T: Float>(Sizes { time, batch, hidden }: Sizes, first: Option<&Tensor<T>>) -> Tensor<T> {
    Tensor::build(&[time + 1, batch, hidden], |states| match first {
        Some(first) => states[..batch * hidden].copy_from_slice(&first.row_major()),
        None => states[..batch * hidden].fill(T::zero()),
    })
}

impl<T: Float> Tensor<T> {
    /// Rows `[i, j]` and `[j, i]` exchanged, in row-major memory.
    pub(super) fn exchange_rows(&self) -> Self {
        let turned = self.transpose(0, 1);
        if turned.is_contiguous() {
            return turned;
        }
        let x = self.with_rows_together();
        Self::build(turned.shape(), |out| {
            let data = &x.storage.as_slice()[x.layout.offset..];
            recurrent::exchange(out, data, (x.shape()[0], x.shape()[2]), [x.strides()[0], x.strides()[1]]);
        })
    }

    /// This sequence with each row's elements side by side.
    pub(super) fn with_rows_together(&self) -> Self {
        if self.strides()[2] == 1 { self.clone() } else { self.copy() }
    }

    /// A sequence [with rows together](Self::with_rows_together) as kernels see it.
    pub(super) fn sequence(&self) -> Sequence<'_, T> {
        Some((&self.storage.as_slice()[self.layout.offset..], [self.strides()[0], self.strides()[1]]))
    }
}
