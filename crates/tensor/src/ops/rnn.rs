//! A plain recurrent network over whole sequences, and its gradients.

use crate::element::Float;
use crate::kernels::gemm::Activation;
use crate::ops::recurrent::{check, check_gradients, states};
use crate::tensor::Tensor;

/// What [`Tensor::rnn`] applies to each hidden state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RnnNonlinearity {
    /// The hyperbolic tangent.
    #[default]
    Tanh,
    /// `max(x, 0)`.
    Relu,
}

/// What [`Tensor::rnn`] computed.
#[derive(Clone, Debug)]
pub struct RnnStates<T: Float = f32> {
    /// The first hidden state and that after each step, `[T + 1, B, H]`.
    pub hiddens: Tensor<T>,
    /// The input with time first, `[T, B, I]`.
    pub input: Tensor<T>,
    nonlinearity: RnnNonlinearity,
}

/// The gradients of the operands of [`Tensor::rnn`].
#[derive(Clone, Debug)]
pub struct RnnGradients<T: Float = f32> {
    /// `[B, T, I]`, where it was asked for.
    pub input: Option<Tensor<T>>,
    /// `[H, I]`.
    pub weight_ih: Tensor<T>,
    /// `[H, H]`.
    pub weight_hh: Tensor<T>,
    /// `[H]`.
    pub bias: Tensor<T>,
    /// Of the first hidden state, `[B, H]`.
    pub hidden: Tensor<T>,
}

impl<T: Float> Tensor<T> {
    /// The states `h' = f(W_ih x + W_hh h + b)` over this sequence `[B, T, I]`, with f the nonlinearity.
    ///
    /// `weight_ih` is `[H, I]`, `weight_hh` `[H, H]`, `bias` `[H]`, and the first hidden state `[B, H]`, zeros where it
    /// is not given.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no step.
    #[track_caller]
    pub fn rnn(
        &self,
        (weight_ih, weight_hh): (&Self, &Self),
        bias: Option<&Self>,
        state: Option<&Self>,
        nonlinearity: RnnNonlinearity,
    ) -> RnnStates<T> {
        let given: Vec<&Self> = state.into_iter().collect();
        let biases: Vec<&Self> = bias.into_iter().collect();
        let sizes = check(("rnn", 1), self, (weight_ih, weight_hh), &biases, &given);
        let input = self.exchange_rows();
        let of_inputs = input.linear(weight_ih, bias);
        let mut hiddens = states(sizes, state);
        let activation = match nonlinearity {
            RnnNonlinearity::Tanh => Activation::Identity,
            RnnNonlinearity::Relu => Activation::Relu,
        };
        let step = sizes.step();
        let mut h = hiddens.select(0, 0).copy();
        let all = hiddens.as_mut_slice();
        for t in 0..sizes.time {
            h = h.linear_with(weight_hh, None, Some(&of_inputs.select(0, t)), activation);
            if nonlinearity == RnnNonlinearity::Tanh {
                h = h.tanh();
            }
            all[(t + 1) * step..(t + 2) * step].copy_from_slice(&h.row_major());
        }
        RnnStates { hiddens, input, nonlinearity }
    }
}

impl<T: Float> RnnStates<T> {
    /// The hidden state after each step, `[B, T, H]`.
    pub fn output(&self) -> Tensor<T> {
        self.hiddens.slice(0, 1..self.hiddens.shape()[0]).transpose(0, 1)
    }

    /// The last hidden state, `[B, H]`.
    pub fn last(&self) -> Tensor<T> {
        self.hiddens.select(0, self.hiddens.shape()[0] - 1)
    }

    /// The gradients, from those of the output `[B, T, H]` and of the last hidden state `[B, H]`; zeros for those not
    /// given. That of the input is computed where `input_needed`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn gradients(
        &self,
        (weight_ih, weight_hh): (&Tensor<T>, &Tensor<T>),
        output: Option<&Tensor<T>>,
        last: Option<&Tensor<T>>,
        input_needed: bool,
    ) -> RnnGradients<T> {
        let sizes = check_gradients("rnn", &self.output(), output, &[last]);
        let (time, batch, hidden, step) = (sizes.time, sizes.batch, sizes.hidden, sizes.step());
        let mut d_hidden = last.map_or_else(|| Tensor::zeros([batch, hidden]), Clone::clone);
        let mut d_states = Tensor::zeros([time * batch, hidden]);
        let all = d_states.as_mut_slice();
        for t in (0..time).rev() {
            let g = output.map_or_else(|| d_hidden.clone(), |output| &d_hidden + &output.select(1, t));
            let state = self.hiddens.select(0, t + 1);
            let d_state = match self.nonlinearity {
                RnnNonlinearity::Tanh => g.zip_map(&state, "rnn", |g, h| g * (T::one() - h * h)),
                RnnNonlinearity::Relu => g.zip_map(&state, "rnn", |g, h| if h > T::zero() { g } else { T::zero() }),
            };
            d_hidden = d_state.matmul(weight_hh);
            all[t * step..(t + 1) * step].copy_from_slice(&d_state.row_major());
        }
        let by_unit = d_states.transpose(0, 1);
        let inputs = self.input.shape()[2];
        let before = self.hiddens.slice(0, 0..time).reshape([time * batch, hidden]);
        RnnGradients {
            input: input_needed.then(|| d_states.matmul(weight_ih).reshape([time, batch, inputs]).exchange_rows()),
            weight_ih: by_unit.matmul(&self.input.reshape([time * batch, inputs])),
            weight_hh: by_unit.matmul(&before),
            bias: d_states.sum_dims(&[0], false),
            hidden: d_hidden,
        }
    }
}
