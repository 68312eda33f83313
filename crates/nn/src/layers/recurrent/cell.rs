//! One recurrent layer in one direction.

use gradus_autograd::{RecurrentWeights, Var};
use gradus_tensor::{Float, RnnNonlinearity, Tensor};

use super::sequence::Sequence;

/// What computes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::layers) enum Kind {
    Lstm,
    Gru,
    Rnn(RnnNonlinearity),
}

impl Kind {
    /// Rows of a matrix for each hidden unit.
    pub(super) fn gates(self) -> usize {
        match self {
            Self::Lstm => 4,
            Self::Gru => 3,
            Self::Rnn(_) => 1,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Lstm => "LSTM",
            Self::Gru => "GRU",
            Self::Rnn(_) => "RNN",
        }
    }
}

/// One layer in one direction.
pub(super) struct Cell<T: Float> {
    pub(super) kind: Kind,
    pub(super) weights: RecurrentWeights<T>,
    pub(super) projection: Option<Var<T>>,
}

impl<T: Float> Cell<T> {
    /// The output of all steps in the layout of `x`, and the last states `[B, H]`.
    #[track_caller]
    pub(super) fn run_directed(
        &self,
        x: &Sequence<T>,
        first: Option<Vec<Var<T>>>,
        backwards: bool,
    ) -> (Var<T>, Vec<Var<T>>) {
        let reversed = backwards.then(|| x.reversed());
        let (output, last) = match reversed.as_ref().unwrap_or(x) {
            Sequence::Steps(x) => self.run(x, first.as_deref()),
            Sequence::Packed(rows, sizes) => self.run_packed(rows, sizes, first),
        };
        if !backwards {
            return (output, last);
        }
        let output = match x {
            Sequence::Steps(_) => Sequence::Steps(output),
            Sequence::Packed(_, sizes) => Sequence::Packed(output, sizes.clone()),
        };
        (output.reversed().into_rows(), last)
    }

    /// `[B, T, I] -> [B, T, H]`, and the last states.
    #[track_caller]
    pub(super) fn run(&self, x: &Var<T>, first: Option<&[Var<T>]>) -> (Var<T>, Vec<Var<T>>) {
        match (self.kind, &self.projection) {
            (Kind::Lstm, Some(projection)) => self.run_projected(x, first, projection),
            (Kind::Lstm, None) => {
                let out = x.lstm(&self.weights, first.map(|state| (&state[0], &state[1])));
                (out.output, vec![out.h_n, out.c_n])
            }
            (Kind::Gru, _) => {
                let out = x.gru(&self.weights, first.map(|state| &state[0]));
                (out.output, vec![out.h_n])
            }
            (Kind::Rnn(nonlinearity), _) => {
                let out = x.rnn(&self.weights, first.map(|state| &state[0]), nonlinearity);
                (out.output, vec![out.h_n])
            }
        }
    }

    /// An LSTM whose hidden states are multiplied by `projection`.
    #[track_caller]
    fn run_projected(&self, x: &Var<T>, first: Option<&[Var<T>]>, projection: &Var<T>) -> (Var<T>, Vec<Var<T>>) {
        let (batch, time, hidden) = (x.shape()[0], x.shape()[1], projection.shape()[1]);
        assert!(time > 0, "LSTM: a sequence of shape {:?} has no step", x.shape());
        let bias = self.weights.bias.as_ref().map(|(ih, hh)| ih + hh);
        let of_inputs = x.linear(&self.weights.weight_ih, bias.as_ref());
        let zeros = |width| Var::new(Tensor::zeros([batch, width]));
        let (mut h, mut c) = match first {
            Some(state) => (state[0].clone(), state[1].clone()),
            None => (zeros(projection.shape()[0]), zeros(hidden)),
        };
        let mut outputs = Vec::with_capacity(time);
        for t in 0..time {
            let z = of_inputs.select(1, t as isize) + h.linear(&self.weights.weight_hh, None);
            let [input, forget, new, output] = [0, 1, 2, 3].map(|gate| z.narrow(1, gate * hidden, hidden));
            c = forget.sigmoid() * &c + input.sigmoid() * new.tanh();
            h = (output.sigmoid() * c.tanh()).linear(projection, None);
            outputs.push(h.clone());
        }
        (Var::stack(&outputs, 1), vec![h, c])
    }

    /// Packed rows: steps that have equally many go through together, and those that end leave their states.
    #[track_caller]
    fn run_packed(&self, x: &Var<T>, sizes: &[usize], first: Option<Vec<Var<T>>>) -> (Var<T>, Vec<Var<T>>) {
        let width = x.shape()[1];
        let (mut state, mut outputs, mut ended) = (first, Vec::new(), Vec::new());
        let mut start = 0;
        for steps in sizes.chunk_by(|a, b| a == b) {
            let (time, batch) = (steps.len(), steps[0]);
            if let Some(before) = &mut state
                && before[0].shape()[0] > batch
            {
                let all = before[0].shape()[0];
                ended.push(before.iter().map(|part| part.narrow(0, batch, all - batch)).collect::<Vec<_>>());
                *before = before.iter().map(|part| part.narrow(0, 0, batch)).collect();
            }
            let block = x.narrow(0, start, time * batch).reshape([time, batch, width]).transpose(0, 1);
            let (output, last) = self.run(&block, state.as_deref());
            let out_width = output.shape()[2];
            outputs.push(output.transpose(0, 1).reshape([time * batch, out_width]));
            state = Some(last);
            start += time * batch;
        }
        let last = state.expect("a packed sequence has a step");
        ended.push(last);
        ended.reverse();
        let part = |i: usize| Var::cat(&ended.iter().map(|states| states[i].clone()).collect::<Vec<_>>(), 0);
        let last = (0..ended[0].len()).map(part).collect();
        (Var::cat(&outputs, 0), last)
    }
}
