"""Attention and recurrence."""

import torch
import torch.nn.functional as F
from cases import case, normal
from torch.nn.attention import SDPBackend, sdpa_kernel


def exact(*operands, **options):
    """Attention by the backend that has second derivatives."""
    with sdpa_kernel(SDPBackend.MATH):
        return F.scaled_dot_product_attention(*operands, **options)


def attention(q, k, v, is_causal=False, scale=None, mask=None):
    i, j = torch.arange(q.shape[2])[:, None], torch.arange(k.shape[2])[None, :]
    if mask == "additive":
        mask = ((5 * i + 3 * j) % 7).to(q.dtype) / 4 - 0.5
    elif mask == "boolean":
        mask = (i + j) % 3 != 1
    return exact(q, k, v, attn_mask=mask, is_causal=is_causal, scale=scale)


def attention_packed(qkv, heads, is_causal):
    batch, time, row = qkv.shape
    split = (x.view(batch, time, heads, row // 3 // heads).transpose(1, 2) for x in qkv.split(row // 3, 2))
    y = exact(*split, is_causal=is_causal)
    return y.transpose(1, 2).reshape(batch, time, row // 3)


def recurrent(cell, states):
    """Output and last states of what `cell` computes, with `states` of them; its operands are the sequence, two
    matrices, and two biases and the first states where there are any."""

    def operation(x, *rest, biases, state):
        weights, first = rest[: 4 if biases else 2], rest[4 if biases else 2 :]
        if not state:
            first = [x.new_zeros(1, x.shape[0], weights[1].shape[1])] * states
        first = first[0] if states == 1 else tuple(first)
        return cell(x, first, weights, biases, 1, 0.0, True, False, True)

    return operation


OPERATIONS = {
    "F.scaled_dot_product_attention": attention,
    "gradus.attention_packed": attention_packed,
    "torch.lstm": recurrent(torch._VF.lstm, 2),
    "torch.gru": recurrent(torch._VF.gru, 1),
}


def qkv(batch, heads, queries, keys, width, value_width):
    shapes = ((batch, heads, queries, width), (batch, heads, keys, width), (batch, heads, keys, value_width))
    return [normal(*shape) for shape in shapes]


def attend(name, sizes, **options):
    return case("F.scaled_dot_product_attention", name, *qkv(*sizes), **options)


def pack(name, shape, heads, is_causal):
    return case("gradus.attention_packed", name, normal(*shape), heads=heads, is_causal=is_causal)


def operands(gates, states, batch, time, inputs, hidden, biases=True, state=False):
    shapes = [(batch, time, inputs), (gates * hidden, inputs), (gates * hidden, hidden)]
    shapes += [(gates * hidden,)] * 2 if biases else []
    shapes += [(1, batch, hidden)] * states if state else []
    return [normal(*shape, scale=0.5) for shape in shapes]


CASES = [
    attend("square", (2, 2, 5, 5, 4, 4), is_causal=False),
    attend("causal", (2, 2, 5, 5, 4, 4), is_causal=True),
    attend("causal_tiles", (1, 1, 66, 66, 2, 1), is_causal=True),
    attend("unequal", (1, 2, 3, 7, 5, 2), is_causal=False, scale=0.3),
    attend("causal_unequal", (1, 2, 3, 7, 5, 2), is_causal=True),
    attend("additive", (1, 2, 3, 5, 4, 4), mask="additive"),
    attend("boolean", (1, 2, 3, 5, 4, 4), mask="boolean"),
    attend("one_key", (1, 1, 3, 2, 1, 1), is_causal=True),
    pack("causal", (2, 5, 24), 2, True),
    pack("all", (1, 4, 9), 1, False),
    pack("tiles", (1, 66, 6), 1, True),
    *[
        case(op, name, *operands(gates, states, *sizes), biases=sizes[4], state=sizes[5])
        for op, gates, states in (("torch.lstm", 4, 2), ("torch.gru", 3, 1))
        for name, sizes in (
            ("plain", (2, 4, 3, 5, True, False)),
            ("no_bias", (3, 2, 2, 4, False, False)),
            ("state", (2, 3, 3, 4, True, True)),
            ("one_step", (1, 1, 1, 1, True, True)),
        )
    ],
]
