"""Recurrent layers, and their single steps."""

from cases import module, normal
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def forward(layer, x, *state, lengths=None, enforce_sorted=False, **padding):
    """Output and last states; of packed sequences where there are lengths, padded again."""
    state = None if not state else state[0] if len(state) == 1 else state
    if lengths is None:
        return layer(x, state)
    packed = pack_padded_sequence(x, lengths, batch_first=layer.batch_first, enforce_sorted=enforce_sorted)
    output, last = layer(packed, state)
    return pad_packed_sequence(output, batch_first=layer.batch_first, **padding)[0], last


def step(cell, x, *state):
    return cell(x, None if not state else state[0] if len(state) == 1 else state)


OPERATIONS = {
    **{f"forward.nn.{name}": forward for name in ("LSTM", "GRU", "RNN")},
    **{f"forward.nn.{name}Cell": step for name in ("LSTM", "GRU", "RNN")},
}


def layer(op, name, shape, hidden, states=(), lengths=None, enforce_sorted=False, padding=None, **init):
    inputs = [normal(*shape), *(normal(*state) for state in states)]
    options = dict(lengths=lengths, enforce_sorted=enforce_sorted, **(padding or {})) if lengths else {}
    return module(op, name, *inputs, init=dict(input_size=shape[-1], hidden_size=hidden, **init), **options)


def layers(op, **init):
    """Cases that every layer has; an LSTM has two states."""
    count = 2 if op == "nn.LSTM" else 1
    return [
        layer(op, "plain", (4, 3, 2), 3, **init),
        layer(op, "batch_first", (3, 4, 2), 3, batch_first=True, **init),
        layer(op, "no_bias", (3, 2, 4), 2, bias=False, **init),
        layer(op, "two_layers", (3, 2, 2), 3, num_layers=2, **init),
        layer(op, "both_directions", (4, 2, 3), 2, bidirectional=True, **init),
        layer(op, "two_layers_both", (3, 2, 2), 2, [(4, 2, 2)] * count, num_layers=2, bidirectional=True, **init),
        layer(op, "state", (3, 2, 3), 3, [(1, 2, 3)] * count, **init),
        layer(op, "one_sequence", (4, 3), 2, [(2, 2)] * count, bidirectional=True, **init),
        layer(op, "packed", (4, 3, 2), 3, lengths=[4, 2, 1], enforce_sorted=True, **init),
        layer(
            op,
            "packed_unsorted",
            (3, 5, 2),
            2,
            [(1, 3, 2)] * count,
            lengths=[2, 5, 3],
            batch_first=True,
            **init,
        ),
        layer(
            op,
            "packed_both",
            (4, 4, 2),
            2,
            [(4, 4, 2)] * count,
            lengths=[1, 3, 4, 3],
            num_layers=2,
            bidirectional=True,
            bias=False,
            **init,
        ),
    ]


def cell(op, name, shape, hidden, state=False, **init):
    count = 2 if op == "nn.LSTMCell" else 1
    states = [normal(*shape[:-1], hidden) for _ in range(count if state else 0)]
    return module(op, name, normal(*shape), *states, init=dict(input_size=shape[-1], hidden_size=hidden, **init))


def cells(op):
    return [
        cell(op, "plain", (3, 2), 4),
        cell(op, "state", (2, 3), 3, True),
        cell(op, "no_bias", (1, 4), 2, True, bias=False),
        cell(op, "one_row", (3,), 2, True),
    ]


CASES = [
    *layers("nn.LSTM"),
    layer("nn.LSTM", "projected", (3, 2, 3), 4, [(1, 2, 2), (1, 2, 4)], proj_size=2),
    layer("nn.LSTM", "projected_both", (3, 2, 2), 3, proj_size=2, num_layers=2, bidirectional=True, batch_first=True),
    layer("nn.LSTM", "projected_packed", (3, 3, 2), 3, proj_size=1, lengths=[1, 3, 2], bidirectional=True),
    layer(
        "nn.LSTM", "packed_longer", (4, 2, 2), 2, lengths=[2, 3], padding=dict(total_length=5, padding_value=-1.5)
    ),
    layer("nn.LSTM", "packed_one_length", (3, 2, 2), 2, lengths=[3, 3]),
    *layers("nn.GRU"),
    *layers("nn.RNN"),
    layer("nn.RNN", "relu", (3, 2, 3), 3, [(1, 2, 3)], nonlinearity="relu"),
    layer("nn.RNN", "relu_both", (3, 2, 2), 2, nonlinearity="relu", num_layers=2, bidirectional=True),
    *cells("nn.LSTMCell"),
    *cells("nn.GRUCell"),
    *cells("nn.RNNCell"),
    cell("nn.RNNCell", "relu", (3, 2), 3, True, nonlinearity="relu"),
]
