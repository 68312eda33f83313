//! What the recurrent layers have in common: the parameters of all layers and directions, and the walk through them.

mod cell;
mod sequence;
mod step;

use gradus_autograd::{Param, RecurrentWeights, Var};
use gradus_tensor::Float;

use self::cell::Cell;
pub(in crate::layers) use self::cell::Kind;
use self::sequence::{Sequence, rows};
pub(in crate::layers) use self::step::{parameters, step};
use crate::init;
use crate::mode::Mode;
use crate::module::Members;
use crate::packed_sequence::PackedSequence;

/// PyTorch's options.
#[derive(Clone, Debug)]
pub(in crate::layers) struct Settings {
    pub(in crate::layers) kind: Kind,
    input_size: usize,
    pub(in crate::layers) hidden_size: usize,
    pub(in crate::layers) num_layers: usize,
    pub(in crate::layers) bias: bool,
    pub(in crate::layers) batch_first: bool,
    pub(in crate::layers) dropout: f64,
    pub(in crate::layers) bidirectional: bool,
    /// 0 for none.
    pub(in crate::layers) proj_size: usize,
}

impl Settings {
    fn directions(&self) -> usize {
        if self.bidirectional { 2 } else { 1 }
    }

    /// Layers times directions.
    fn cells(&self) -> usize {
        self.num_layers * self.directions()
    }

    /// The width of a direction's output.
    fn width(&self) -> usize {
        if self.proj_size > 0 { self.proj_size } else { self.hidden_size }
    }
}

/// Layers of one recurrence, each of one or two directions.
#[derive(Debug)]
pub(in crate::layers) struct Recurrent<T: Float> {
    settings: Settings,
    /// Layer after layer, forwards before backwards, by PyTorch's names.
    parameters: Vec<(String, Param<T>)>,
    mode: Mode,
}

impl<T: Float> Recurrent<T> {
    /// One layer forwards, with biases, time first.
    pub(in crate::layers) fn new(kind: Kind, input_size: usize, hidden_size: usize) -> Self {
        let settings = Settings {
            kind,
            input_size,
            hidden_size,
            num_layers: 1,
            bias: true,
            batch_first: false,
            dropout: 0.0,
            bidirectional: false,
            proj_size: 0,
        };
        Self { settings, parameters: Vec::new(), mode: Mode::new() }.with(|_| {})
    }

    /// The layers with other settings. Parameters that both have stay.
    pub(in crate::layers) fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        let Settings { kind, input_size, hidden_size, proj_size, bias, .. } = self.settings;
        let (rows, width) = (kind.gates() * hidden_size, self.settings.width());
        let bound = if hidden_size > 0 { 1.0 / (hidden_size as f64).sqrt() } else { 0.0 };
        let old = std::mem::take(&mut self.parameters);
        let directions = self.settings.directions();
        for i in 0..self.settings.cells() {
            let suffix = format!("l{}{}", i / directions, if i % directions == 1 { "_reverse" } else { "" });
            let inputs = if i < directions { input_size } else { directions * width };
            let mut add = |name: &str, shape: &[usize]| {
                let name = format!("{name}_{suffix}");
                let kept = old.iter().find(|(other, parameter)| *other == name && parameter.shape() == shape);
                let drawn = || Param::new(init::uniform(shape, -bound, bound));
                let parameter = kept.map_or_else(drawn, |(_, parameter)| parameter.clone());
                self.parameters.push((name, parameter));
            };
            add("weight_ih", &[rows, inputs]);
            add("weight_hh", &[rows, width]);
            if bias {
                add("bias_ih", &[rows]);
                add("bias_hh", &[rows]);
            }
            if proj_size > 0 {
                add("weight_hr", &[proj_size, hidden_size]);
            }
        }
        self
    }

    pub(in crate::layers) fn members(&self, members: &mut Members<T>) {
        members.field("mode", &self.mode);
        for (name, parameter) in &self.parameters {
            members.field(name, parameter);
        }
    }

    /// The weights of layer and direction number `i`.
    fn cell(&self, i: usize) -> Cell<T> {
        let count = self.parameters.len() / self.settings.cells();
        let own: Vec<Var<T>> = self.parameters[i * count..][..count].iter().map(|(_, p)| p.var()).collect();
        Cell {
            kind: self.settings.kind,
            weights: RecurrentWeights {
                weight_ih: own[0].clone(),
                weight_hh: own[1].clone(),
                bias: self.settings.bias.then(|| (own[2].clone(), own[3].clone())),
            },
            projection: (self.settings.proj_size > 0).then(|| own[count - 1].clone()),
        }
    }

    /// The output of all steps for a sequence `[T, B, I]`, `[B, T, I]` or `[T, I]`, and the last states of all layers
    /// and directions; the first ones are zeros where there are none.
    #[track_caller]
    pub(in crate::layers) fn forward(&self, x: &Var<T>, state: Option<&[&Var<T>]>) -> (Var<T>, Vec<Var<T>>) {
        let name = self.settings.kind.name();
        let (single, batch_first) = (x.shape().len() == 2, self.settings.batch_first);
        let expected = if batch_first { "[B, T, I]" } else { "[T, B, I]" };
        let inputs = self.settings.input_size;
        assert!(
            matches!(x.shape().len(), 2 | 3) && x.shape().last() == Some(&inputs),
            "{name}: a sequence of shape {:?} is not {expected} with I = {inputs}",
            x.shape()
        );
        let steps = x.shape()[usize::from(!single && batch_first)];
        assert!(steps > 0, "{name}: a sequence of shape {:?} has no step", x.shape());
        let steps = match (single, batch_first) {
            (true, _) => x.unsqueeze(0),
            (false, true) => x.clone(),
            (false, false) => x.transpose(0, 1),
        };
        let state: Option<Vec<Var<T>>> = state
            .map(|state| state.iter().map(|&part| if single { part.unsqueeze(1) } else { part.clone() }).collect());
        let (output, last) = self.walk(Sequence::Steps(steps), state.as_deref());
        let output = match (single, batch_first) {
            (true, _) => output.squeeze(0),
            (false, true) => output,
            (false, false) => output.transpose(0, 1),
        };
        (output, last.into_iter().map(|part| if single { part.squeeze(1) } else { part }).collect())
    }

    /// [`forward`](Self::forward) for sequences of several lengths.
    #[track_caller]
    pub(in crate::layers) fn forward_packed(
        &self,
        x: &PackedSequence<T>,
        state: Option<&[&Var<T>]>,
    ) -> (PackedSequence<T>, Vec<Var<T>>) {
        let (shape, inputs) = (x.data().shape(), self.settings.input_size);
        assert!(
            shape.len() == 2 && shape[1] == inputs,
            "{}: packed steps of shape {shape:?} are not [rows, I] with I = {inputs}",
            self.settings.kind.name()
        );
        let ordered = |part: &Var<T>, order: Option<&[usize]>| match order {
            Some(order) => rows(part, 1, order),
            None => part.clone(),
        };
        let state: Option<Vec<Var<T>>> =
            state.map(|state| state.iter().map(|part| ordered(part, x.sorted_indices())).collect());
        let sequence = Sequence::Packed(x.data().clone(), x.batch_sizes().to_vec());
        let (data, last) = self.walk(sequence, state.as_deref());
        let last = last.iter().map(|part| ordered(part, x.unsorted_indices())).collect();
        (x.with_data(data), last)
    }

    /// All layers and directions; states are `[layers x directions, B, H]`.
    #[track_caller]
    fn walk(&self, x: Sequence<T>, state: Option<&[Var<T>]>) -> (Var<T>, Vec<Var<T>>) {
        let Settings { num_layers, dropout, .. } = self.settings;
        let directions = self.settings.directions();
        self.check_state(&x, state);
        let (mut x, mut last) = (x, Vec::new());
        for layer in 0..num_layers {
            let outputs: Vec<Var<T>> = (0..directions)
                .map(|direction| {
                    let i = layer * directions + direction;
                    let first = state.map(|state| state.iter().map(|part| part.select(0, i as isize)).collect());
                    let (output, states) = self.cell(i).run_directed(&x, first, direction == 1);
                    last.push(states);
                    output
                })
                .collect();
            let mut output = if directions == 1 { outputs[0].clone() } else { Var::cat(&outputs, -1) };
            if layer + 1 < num_layers && dropout > 0.0 && self.mode.is_training() {
                output = output.dropout(dropout);
            }
            x = x.with_rows(output);
        }
        let parts = last[0].len();
        let stacked = |part: usize| Var::stack(&last.iter().map(|states| states[part].clone()).collect::<Vec<_>>(), 0);
        (x.into_rows(), (0..parts).map(stacked).collect())
    }

    #[track_caller]
    fn check_state(&self, x: &Sequence<T>, state: Option<&[Var<T>]>) {
        let settings = &self.settings;
        for (i, part) in state.into_iter().flatten().enumerate() {
            let width = if i == 0 { settings.width() } else { settings.hidden_size };
            let shape = [settings.cells(), x.batch(), width];
            assert!(
                part.shape() == shape,
                "{}: a state of shape {:?} is not [layers x directions, B, H] = {shape:?}",
                settings.kind.name(),
                part.shape()
            );
        }
    }
}
