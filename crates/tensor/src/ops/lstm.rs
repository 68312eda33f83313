//! A long short-term memory over whole sequences, and its gradients.

use crate::element::Float;
use crate::kernels::gemm::{Accumulate, Epilogue, MatrixMut, MatrixRef, gemm_with};
use crate::kernels::lstm::{self, Gradients, Sizes};
use crate::tensor::Tensor;

/// What [`Tensor::lstm`] computed.
#[derive(Clone, Debug)]
pub struct LstmStates<T: Float = f32> {
    /// The hidden state after each step, `[B, T, H]`.
    pub output: Tensor<T>,
    /// The first hidden state and that after each step, `[T + 1, B, H]`.
    pub hiddens: Tensor<T>,
    /// The first cells and those after each step, `[T + 1, B, H]`.
    pub cells: Tensor<T>,
    /// Input, forget, cell and output gates of each step, `[T, B, 4 H]`.
    pub gates: Tensor<T>,
    /// The input with time first, `[T, B, I]`.
    pub input: Tensor<T>,
}

/// The gradients of the operands of [`Tensor::lstm`].
#[derive(Clone, Debug)]
pub struct LstmGradients<T: Float = f32> {
    /// `[B, T, I]`, where it was asked for.
    pub input: Option<Tensor<T>>,
    /// `[4 H, I]`.
    pub weight_ih: Tensor<T>,
    /// `[4 H, H]`.
    pub weight_hh: Tensor<T>,
    /// `[4 H]`.
    pub bias: Tensor<T>,
    /// Of the first hidden state, `[B, H]`.
    pub hidden: Tensor<T>,
    /// Of the first cells, `[B, H]`.
    pub cell: Tensor<T>,
}

impl<T: Float> Tensor<T> {
    /// The states of an LSTM over this sequence `[B, T, I]`: with `z = W_ih x + W_hh h + b`, cut into four of H,
    /// `i, f, o = sigmoid(z_0, z_1, z_3)`, `g = tanh(z_2)`, `c' = f c + i g`, `h' = o tanh(c')`.
    ///
    /// `weight_ih` is `[4 H, I]`, `weight_hh` `[4 H, H]`, `bias` `[4 H]`, and the first hidden state and cells `[B, H]`,
    /// zeros where they are not given.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no step.
    #[track_caller]
    pub fn lstm(
        &self,
        (weight_ih, weight_hh): (&Self, &Self),
        bias: Option<&Self>,
        state: Option<(&Self, &Self)>,
    ) -> LstmStates<T> {
        let sizes = check(self, weight_ih, weight_hh);
        let Sizes { time, batch, hidden } = sizes;
        let (gates_width, inputs) = (4 * hidden, self.shape()[2]);
        assert!(
            bias.is_none_or(|bias| bias.shape() == [gates_width]),
            "lstm: a bias of shape {:?} for {gates_width} gates",
            bias.map(Self::shape)
        );
        for state in state.iter().flat_map(|&(h, c)| [h, c]) {
            assert!(
                state.shape() == [batch, hidden],
                "lstm: a state of shape {:?} is not [B, H] = {:?}",
                state.shape(),
                [batch, hidden]
            );
        }
        let input = self.exchange_rows();
        let (weight_ih, weight_hh) = (weight_ih.row_major(), weight_hh.row_major());
        let bias = bias.map(Self::row_major);
        let mut gates = Self::build(&[time, batch, gates_width], |gates| {
            let x = input.as_slice().expect("exchange_rows made it contiguous");
            let (a, b) = (MatrixRef::row_major(x, inputs), MatrixRef::row_major(&weight_ih, inputs).transposed());
            let epilogue = Epilogue { bias: bias.as_deref(), ..Epilogue::NONE };
            let c = MatrixMut::row_major(gates, gates_width);
            gemm_with((time * batch, inputs, gates_width), a, b, c, Accumulate::Replace, epilogue);
        });
        let states = |first: Option<&Self>| {
            Self::build(&[time + 1, batch, hidden], |states| match first {
                Some(first) => states[..batch * hidden].copy_from_slice(&first.row_major()),
                None => states[..batch * hidden].fill(T::zero()),
            })
        };
        let (mut hiddens, mut cells) = (states(state.map(|s| s.0)), states(state.map(|s| s.1)));
        let output = Self::build(&[batch, time, hidden], |output| {
            let states = (cells.as_mut_slice(), hiddens.as_mut_slice());
            lstm::forward(sizes, &weight_hh, gates.as_mut_slice(), states, output);
        });
        LstmStates { output, hiddens, cells, gates, input }
    }

    /// Rows `[i, j]` and `[j, i]` exchanged, in row-major memory.
    fn exchange_rows(&self) -> Self {
        let turned = self.transpose(0, 1);
        if turned.is_contiguous() {
            return turned;
        }
        let x = if self.strides()[2] == 1 { self.clone() } else { self.copy() };
        Self::build(turned.shape(), |out| {
            let data = &x.storage.as_slice()[x.layout.offset..];
            lstm::exchange(out, data, (x.shape()[0], x.shape()[2]), [x.strides()[0], x.strides()[1]]);
        })
    }
}

impl<T: Float> LstmStates<T> {
    /// The gradients, from those of the output `[B, T, H]` and of the last hidden state and cells `[B, H]`; zeros for those
    /// not given. That of the input is computed where `input_needed`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn gradients(
        &self,
        (weight_ih, weight_hh): (&Tensor<T>, &Tensor<T>),
        output: Option<&Tensor<T>>,
        last: [Option<&Tensor<T>>; 2],
        input_needed: bool,
    ) -> LstmGradients<T> {
        let &[batch, time, hidden] = self.output.shape() else {
            unreachable!("the forward pass gave it three dimensions")
        };
        let sizes = Sizes { time, batch, hidden };
        assert!(
            output.is_none_or(|g| g.shape() == [batch, time, hidden])
                && last.iter().flatten().all(|g| g.shape() == [batch, hidden]),
            "lstm: gradients {:?} and {:?} for the output {:?}",
            output.map(Tensor::shape),
            last.map(|g| g.map(Tensor::shape)),
            self.output.shape()
        );
        let d_out = output.map(|g| if g.strides()[2] == 1 { g.clone() } else { g.copy() });
        let d_out =
            d_out.as_ref().map(|g| (&g.storage.as_slice()[g.layout.offset..], [g.strides()[0], g.strides()[1]]));
        let mut states = last.map(|g| g.map_or_else(|| Tensor::zeros([batch, hidden]), Tensor::copy));
        let mut bias = Tensor::zeros([4 * hidden]);
        let saved = (&*self.gates.row_major(), &*self.cells.row_major());
        let d_gates = Tensor::build(&[time * batch, 4 * hidden], |gates| {
            let [h, c] = &mut states;
            let (hidden, cell) = (h.as_mut_slice(), c.as_mut_slice());
            let gradients = Gradients { gates, bias: bias.as_mut_slice(), hidden, cell };
            lstm::backward(sizes, &weight_hh.row_major(), saved, d_out, gradients);
        });
        let by_gates = d_gates.transpose(0, 1);
        let inputs = self.input.shape()[2];
        let before = self.hiddens.slice(0, 0..time).reshape([time * batch, hidden]);
        let input = input_needed.then(|| d_gates.matmul(weight_ih).reshape([time, batch, inputs]).exchange_rows());
        let weight_ih = by_gates.matmul(&self.input.reshape([time * batch, inputs]));
        let [hidden, cell] = states;
        LstmGradients { input, weight_ih, weight_hh: by_gates.matmul(&before), bias, hidden, cell }
    }
}

#[track_caller]
fn check<T: Float>(x: &Tensor<T>, weight_ih: &Tensor<T>, weight_hh: &Tensor<T>) -> Sizes {
    let hidden = weight_hh.shape().last().copied().unwrap_or(0);
    let fits = x.rank() == 3
        && x.shape()[1] > 0
        && weight_ih.shape() == [4 * hidden, x.shape()[2]]
        && weight_hh.shape() == [4 * hidden, hidden];
    assert!(
        fits,
        "lstm: input {:?} and weights {:?} and {:?} do not fit ([B, T, I], [4 H, I], [4 H, H], T above 0)",
        x.shape(),
        weight_ih.shape(),
        weight_hh.shape()
    );
    Sizes { time: x.shape()[1], batch: x.shape()[0], hidden }
}
