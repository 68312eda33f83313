"""Cases of `operations.py` that work on sequences: attention and recurrent layers."""

import torch
import torch.nn.functional as F


def attention(q, k, v, is_causal=False, scale=None, mask=None):
    i, j = torch.arange(q.shape[2])[:, None], torch.arange(k.shape[2])[None, :]
    if mask == "additive":
        mask = ((5 * i + 3 * j) % 7).to(q.dtype) / 4 - 0.5
    elif mask == "boolean":
        mask = (i + j) % 3 != 1
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=is_causal, scale=scale)


def attention_packed(qkv, heads, is_causal):
    batch, time, row = qkv.shape
    split = (x.view(batch, time, heads, row // 3 // heads).transpose(1, 2) for x in qkv.split(row // 3, 2))
    y = F.scaled_dot_product_attention(*split, is_causal=is_causal)
    return y.transpose(1, 2).reshape(batch, time, row // 3)


def recurrent(cell, states):
    """An operation that gives one of output and last states of what `cell` computes, with `states` of them; its operands
    are the sequence, two matrices, and two biases and the first states where there are any."""

    def operation(x, *rest, biases, state, part):
        weights, first = rest[: 4 if biases else 2], rest[4 if biases else 2 :]
        if not state:
            first = [x.new_zeros(1, x.shape[0], weights[1].shape[1])] * states
        first = first[0] if states == 1 else tuple(first)
        return cell(x, first, weights, biases, 1, 0.0, True, False, True)[part].clone()

    return operation


OPERATIONS = {
    "scaled_dot_product_attention": attention,
    "attention_packed": attention_packed,
    "lstm": recurrent(torch._VF.lstm, 2),
    "gru": recurrent(torch._VF.gru, 1),
}


def cases(normal):
    """`normal` draws an input of a shape."""

    def qkv(batch, heads, queries, keys, width, value_width):
        return [
            normal(batch, heads, queries, width),
            normal(batch, heads, keys, width),
            normal(batch, heads, keys, value_width),
        ]

    def operands(gates, states, batch, time, inputs, hidden, biases=True, state=False):
        shapes = [(batch, time, inputs), (gates * hidden, inputs), (gates * hidden, hidden)]
        shapes += [(gates * hidden,)] * 2 if biases else []
        shapes += [(1, batch, hidden)] * states if state else []
        return [normal(*shape, scale=0.5) for shape in shapes]

    attention = "scaled_dot_product_attention"
    return [
        (attention, "square", qkv(2, 2, 5, 5, 4, 4), dict(is_causal=False)),
        (attention, "causal", qkv(2, 2, 5, 5, 4, 4), dict(is_causal=True)),
        (attention, "causal_tiles", qkv(1, 1, 66, 66, 2, 1), dict(is_causal=True)),
        (attention, "unequal", qkv(1, 2, 3, 7, 5, 2), dict(is_causal=False, scale=0.3)),
        (attention, "causal_unequal", qkv(1, 2, 3, 7, 5, 2), dict(is_causal=True)),
        (attention, "additive", qkv(1, 2, 3, 5, 4, 4), dict(mask="additive")),
        (attention, "boolean", qkv(1, 2, 3, 5, 4, 4), dict(mask="boolean")),
        (attention, "one_key", qkv(1, 1, 3, 2, 1, 1), dict(is_causal=True)),
        ("attention_packed", "causal", [normal(2, 5, 24)], dict(heads=2, is_causal=True)),
        ("attention_packed", "all", [normal(1, 4, 9)], dict(heads=1, is_causal=False)),
        ("attention_packed", "tiles", [normal(1, 66, 6)], dict(heads=1, is_causal=True)),
        *[
            (
                operation,
                f"{case}_{part}",
                operands(gates, states, *sizes),
                dict(biases=sizes[4], state=sizes[5], part=part),
            )
            for operation, gates, states in (("lstm", 4, 2), ("gru", 3, 1))
            for case, sizes in (
                ("plain", (2, 4, 3, 5, True, False)),
                ("no_bias", (3, 2, 2, 4, False, False)),
                ("state", (2, 3, 3, 4, True, True)),
                ("one_step", (1, 1, 1, 1, True, True)),
            )
            for part in range(1 + states)
        ],
    ]
