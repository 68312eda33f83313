//! Answers to `xtask/parity/families/recurrent.py`.

use gradus_autograd::Var;
use gradus_nn::{
    GRU, GRUCell, LSTM, LSTMCell, PackedSequence, RNN, RNNCell, pack_padded_sequence, pad_packed_sequence,
};
use gradus_tensor::{Float, RnnNonlinearity};

use crate::case::{Answer, Case, floats};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (inputs, init) = (case.inputs.len() - case.parameters.len(), case.options.init());
    let state: Vec<&Var<T>> = (1..inputs).map(|i| case.x(i)).collect();
    let pair = state.get(1).map(|c| (state[0], *c));
    let (sizes, bias) = ((init.size("input_size"), init.size("hidden_size")), init.0["bias"] != false);
    let nonlinearity =
        if init.text("nonlinearity") == Some("relu") { RnnNonlinearity::Relu } else { RnnNonlinearity::Tanh };
    match case.op {
        "nn.LSTM" => lstm(case, pair),
        "nn.GRU" => gru(case, state.first().copied()),
        "nn.RNN" => rnn(case, state.first().copied(), nonlinearity),
        "nn.LSTMCell" => {
            let cell = LSTMCell::new(sizes.0, sizes.1);
            let cell = if bias { cell } else { cell.without_bias() };
            case.load(&cell);
            let (h, c) = cell.forward(case.x(0), pair);
            floats([h, c])
        }
        "nn.GRUCell" => {
            let cell = GRUCell::new(sizes.0, sizes.1);
            let cell = if bias { cell } else { cell.without_bias() };
            case.load(&cell);
            floats([cell.forward(case.x(0), state.first().copied())])
        }
        "nn.RNNCell" => {
            let cell = RNNCell::new(sizes.0, sizes.1).with_nonlinearity(nonlinearity);
            let cell = if bias { cell } else { cell.without_bias() };
            case.load(&cell);
            floats([cell.forward(case.x(0), state.first().copied())])
        }
        _ => None,
    }
}

/// The builder methods that all layers have, by the options of the case.
macro_rules! configured {
    ($layer:ident, $case:expr) => {{
        let init = $case.options.init();
        let mut layer = $layer::new(init.size("input_size"), init.size("hidden_size"));
        layer = layer.with_num_layers(init.size_or("num_layers", 1));
        if init.0["bias"] == false {
            layer = layer.without_bias();
        }
        if init.flag("batch_first") {
            layer = layer.with_batch_first();
        }
        if init.flag("bidirectional") {
            layer = layer.with_bidirectional();
        }
        layer
    }};
}

fn lstm<T: Float>(case: &Case<'_, T>, state: Option<(&Var<T>, &Var<T>)>) -> Answer<T> {
    let mut layer = configured!(LSTM, case);
    if case.options.init().has("proj_size") {
        layer = layer.with_proj_size(case.options.init().size("proj_size"));
    }
    case.load(&layer);
    let (output, (h, c)) = match packed(case) {
        Some(x) => {
            let (output, last) = layer.forward_packed(&x, state);
            (padded(case, &output), last)
        }
        None => layer.forward_with_state(case.x(0), state),
    };
    floats([output, h, c])
}

fn gru<T: Float>(case: &Case<'_, T>, state: Option<&Var<T>>) -> Answer<T> {
    let layer = configured!(GRU, case);
    case.load(&layer);
    let (output, h) = match packed(case) {
        Some(x) => {
            let (output, last) = layer.forward_packed(&x, state);
            (padded(case, &output), last)
        }
        None => layer.forward_with_state(case.x(0), state),
    };
    floats([output, h])
}

fn rnn<T: Float>(case: &Case<'_, T>, state: Option<&Var<T>>, nonlinearity: RnnNonlinearity) -> Answer<T> {
    let layer = configured!(RNN, case).with_nonlinearity(nonlinearity);
    case.load(&layer);
    let (output, h) = match packed(case) {
        Some(x) => {
            let (output, last) = layer.forward_packed(&x, state);
            (padded(case, &output), last)
        }
        None => layer.forward_with_state(case.x(0), state),
    };
    floats([output, h])
}

/// The case's sequences where they have lengths.
fn packed<T: Float>(case: &Case<'_, T>) -> Option<PackedSequence<T>> {
    let options = case.options;
    options.has("lengths").then(|| {
        let (lengths, batch_first) = (options.sizes("lengths"), options.init().flag("batch_first"));
        pack_padded_sequence(case.x(0), &lengths, batch_first, options.flag("enforce_sorted"))
            .expect("the lengths are in range")
    })
}

fn padded<T: Float>(case: &Case<'_, T>, output: &PackedSequence<T>) -> Var<T> {
    let options = case.options;
    let total = options.has("total_length").then(|| options.size("total_length"));
    let batch_first = options.init().flag("batch_first");
    let (padded, lengths) = pad_packed_sequence(output, batch_first, options.float_or("padding_value", 0.0), total);
    assert_eq!(lengths, options.sizes("lengths"));
    padded
}
