"""Attention with all its options, and the layers of transformers."""

import numpy as np
import torch
import torch.nn.functional as F
from cases import case, exactly, flags, module, normal
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel


def exact(f):
    """`f` with attention by the backend that has second derivatives."""

    def operation(*arguments, **options):
        with sdpa_kernel(SDPBackend.MATH):
            return f(*arguments, **options)

    return operation


def attention(q, k, v, mask=None, is_causal=False, **options):
    """PyTorch takes a mask or is causal; this takes both."""
    if mask is not None and is_causal:
        seen = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).tril()
        mask = mask & seen if mask.dtype == torch.bool else mask.masked_fill(~seen, -torch.inf)
        is_causal = False
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=is_causal, **options)


def causal(x, layer):
    time = 0 if x.dim() == 2 else 1 if layer.batch_first else 0
    return nn.Transformer.generate_square_subsequent_mask(x.shape[time], dtype=x.dtype)


def multihead(layer, *xs, operands, masks=(), is_causal=False, **options):
    """The first operands stand for those that are missing."""
    given, named = xs[:operands], dict(zip(masks, xs[operands:]))
    query, key, value = given + given[-1:] * (3 - operands)
    if is_causal:
        named["attn_mask"] = causal(query, layer)
    return layer(query, key, value, is_causal=is_causal, **named, **options)


def encode(layer, x, *xs, masks=(), is_causal=False):
    named = dict(zip(masks, xs))
    if is_causal:
        name = "mask" if isinstance(layer, nn.TransformerEncoder) else "src_mask"
        inner = layer.layers[0] if isinstance(layer, nn.TransformerEncoder) else layer
        named[name] = causal(x, inner.self_attn)
    return layer(x, is_causal=is_causal, **named)


def decode(layer, tgt, memory, *xs, masks=(), tgt_is_causal=False):
    named = dict(zip(masks, xs))
    if tgt_is_causal:
        inner = layer.layers[0] if isinstance(layer, nn.TransformerDecoder) else layer
        named["tgt_mask"] = causal(tgt, inner.self_attn)
    return layer(tgt, memory, tgt_is_causal=tgt_is_causal, **named)


def translate(model, src, tgt, *xs, masks=(), tgt_is_causal=False):
    named = dict(zip(masks, xs))
    if tgt_is_causal:
        named["tgt_mask"] = causal(tgt, model)
    return model(src, tgt, tgt_is_causal=tgt_is_causal, **named)


def stack(stack_class, layer_class):
    def make(layer, num_layers, norm=False):
        norm = nn.LayerNorm(layer["d_model"]) if norm else None
        return stack_class(layer_class(**layer), num_layers, norm=norm)

    return make


OPERATIONS = {
    "F.scaled_dot_product_attention": exact(attention),
    "forward.nn.MultiheadAttention": exact(multihead),
    "forward.nn.TransformerEncoderLayer": exact(encode),
    "forward.nn.TransformerEncoder": exact(encode),
    "forward.nn.TransformerDecoderLayer": exact(decode),
    "forward.nn.TransformerDecoder": exact(decode),
    "forward.nn.Transformer": exact(translate),
    "make.nn.TransformerEncoder": stack(nn.TransformerEncoder, nn.TransformerEncoderLayer),
    "make.nn.TransformerDecoder": stack(nn.TransformerDecoder, nn.TransformerDecoderLayer),
}


def hidden(*shape):
    """Truth values; the first of each row is false, so that every query sees a key."""
    return lambda rng: (rng.random(shape) < 0.4) & (np.arange(shape[-1]) > 0)


def attend(name, q, k, v, *mask, **options):
    return case("F.scaled_dot_product_attention", name, normal(*q), normal(*k), normal(*v), *mask, **options)


ATTENTION = [
    attend("three_dims", (2, 3, 4), (2, 5, 4), (2, 5, 2)),
    attend("two_dims", (3, 4), (2, 4), (2, 3), is_causal=True),
    attend("five_dims", (2, 1, 2, 3, 2), (2, 1, 2, 2, 2), (2, 1, 2, 2, 3), scale=-0.4),
    attend("broadcast", (2, 1, 3, 2), (1, 2, 4, 2), (2, 4, 3)),
    attend("added", (2, 2, 3, 2), (2, 2, 5, 2), (2, 2, 5, 2), normal(3, 5)),
    attend("added_heads", (2, 2, 3, 2), (2, 2, 4, 2), (2, 2, 4, 2), normal(2, 1, 4)),
    attend("added_three_dims", (2, 3, 2), (2, 4, 2), (2, 4, 2), normal(2, 3, 4)),
    attend("added_causal", (1, 2, 4, 2), (1, 2, 4, 2), (1, 2, 4, 2), normal(4, 4), is_causal=True),
    attend("seen", (2, 2, 3, 2), (2, 2, 5, 2), (2, 2, 5, 2), flags(2, 1, 3, 5, share=0.7)),
    attend("seen_causal", (1, 2, 4, 2), (1, 2, 4, 2), (1, 2, 4, 2), flags(4, 4, share=0.8), is_causal=True),
    attend("seen_three_dims", (2, 3, 2), (2, 4, 2), (2, 4, 2), flags(2, 3, 4, share=0.7)),
    attend("nothing_seen", (1, 2, 3, 2), (1, 2, 3, 2), (1, 2, 3, 2), exactly([[1, 0, 1], [0, 0, 0], [1, 1, 1]], bool)),
    attend("nothing_left", (2, 3, 2), (2, 2, 2), (2, 2, 2), exactly([[0, -np.inf], [-np.inf, -np.inf], [1, 2]])),
    attend("shared_heads", (2, 4, 3, 2), (2, 2, 4, 2), (2, 2, 4, 3), enable_gqa=True),
    attend("one_shared_head", (1, 3, 3, 2), (1, 1, 3, 2), (1, 1, 3, 2), enable_gqa=True, is_causal=True),
    attend("large", (1, 1, 3, 2), (1, 1, 3, 2), (1, 1, 3, 2), scale=30.0, is_causal=True, second=False),
    attend("no_keys", (1, 2, 3, 2), (1, 2, 0, 2), (1, 2, 0, 2)),
]


def heads(name, shapes, *more, masks=(), embed_dim=4, num_heads=2, options=None, **init):
    """`shapes` of the operands that differ, `more` inputs, which are the `masks`."""
    inputs = [normal(*shape) for shape in shapes] + list(more)
    init = dict(embed_dim=embed_dim, num_heads=num_heads, **init)
    options = dict(operands=len(shapes), masks=list(masks), **(options or {}))
    return module("nn.MultiheadAttention", name, *inputs, init=init, **options)


LEAN = dict(need_weights=False)
MULTIHEAD = [
    heads("one", [(3, 2, 4)]),
    heads("one_lean", [(3, 2, 4)], options=LEAN),
    heads("one_batch_first", [(2, 3, 4)], options=LEAN, batch_first=True),
    heads("one_causal", [(4, 2, 4)], options=dict(is_causal=True)),
    heads("one_causal_lean", [(4, 2, 4)], options=dict(is_causal=True, **LEAN)),
    heads("two", [(3, 2, 4), (5, 2, 4)]),
    heads("two_lean", [(2, 3, 4), (2, 5, 4)], options=LEAN, batch_first=True),
    heads("three", [(3, 2, 4), (5, 2, 4), (5, 2, 4)]),
    heads("no_bias", [(3, 2, 4), (2, 2, 4), (2, 2, 4)], bias=False),
    heads("one_no_bias", [(3, 2, 4)], options=LEAN, bias=False),
    heads("each_head", [(3, 2, 4)], options=dict(average_attn_weights=False)),
    heads("other_widths", [(3, 2, 4), (4, 2, 3), (4, 2, 5)], kdim=3, vdim=5),
    heads("other_widths_no_bias", [(2, 2, 4), (3, 2, 2), (3, 2, 4)], options=LEAN, kdim=2, bias=False),
    heads("bias_kv", [(3, 2, 4)], add_bias_kv=True),
    heads("zero_attn", [(3, 2, 4)], add_zero_attn=True, options=LEAN),
    heads(
        "all_added",
        [(3, 2, 4), (4, 2, 4)],
        hidden(2, 4),
        hidden(3, 4),
        masks=["key_padding_mask", "attn_mask"],
        add_bias_kv=True,
        add_zero_attn=True,
        options=LEAN,
    ),
    heads("causal_bias_kv", [(3, 2, 4)], add_bias_kv=True, options=dict(is_causal=True)),
    heads("padding", [(3, 2, 4)], hidden(2, 3), masks=["key_padding_mask"]),
    heads("padding_lean", [(3, 2, 4), (4, 2, 4)], hidden(2, 4), masks=["key_padding_mask"], options=LEAN),
    heads("padding_added", [(3, 2, 4)], normal(2, 3), masks=["key_padding_mask"], options=LEAN),
    heads("mask", [(3, 2, 4)], hidden(3, 3), masks=["attn_mask"]),
    heads("mask_added", [(3, 2, 4)], normal(3, 3), masks=["attn_mask"], options=LEAN),
    heads("mask_each_head", [(3, 2, 4), (2, 2, 4)], normal(4, 3, 2), masks=["attn_mask"]),
    heads("both_masks", [(3, 2, 4)], hidden(2, 3), hidden(4, 3, 3), masks=["key_padding_mask", "attn_mask"]),
    heads("both_added", [(3, 2, 4)], normal(2, 3), normal(3, 3), masks=["key_padding_mask", "attn_mask"], options=LEAN),
    heads("padding_causal", [(4, 2, 4)], hidden(2, 4), masks=["key_padding_mask"], options=dict(is_causal=True)),
    heads("one_sequence", [(3, 4)]),
    heads("one_sequence_padding", [(3, 4), (5, 4)], hidden(5), masks=["key_padding_mask"], options=LEAN),
    heads("one_head", [(2, 1, 3)], embed_dim=3, num_heads=1),
]


def layer(op, name, shapes, *more, masks=(), options=None, **init):
    init = dict(d_model=4, nhead=2, dim_feedforward=5, dropout=0.0, **init)
    inputs = [normal(*shape) for shape in shapes] + list(more)
    return module(op, name, *inputs, init=init, masks=list(masks), **(options or {}))


def layers(op, name, shapes, *more, masks=(), options=None, num_layers=2, norm=True, **init):
    inner = dict(d_model=4, nhead=2, dim_feedforward=3, dropout=0.0, layer_norm_eps=0.1, **init)
    inputs = [normal(*shape) for shape in shapes] + list(more)
    init = dict(layer=inner, num_layers=num_layers, norm=norm)
    return module(op, name, *inputs, init=init, masks=list(masks), **(options or {}))


CAUSAL, TGT_CAUSAL = dict(is_causal=True), dict(tgt_is_causal=True)
TGT, BOTH = [(3, 2, 4)], [(3, 2, 4), (4, 2, 4)]
LAYERS = [
    layer("nn.TransformerEncoderLayer", "plain", TGT),
    layer("nn.TransformerEncoderLayer", "norm_first", TGT, norm_first=True),
    layer("nn.TransformerEncoderLayer", "gelu_batch_first", [(2, 3, 4)], activation="gelu", batch_first=True),
    layer("nn.TransformerEncoderLayer", "no_bias", TGT, bias=False, layer_norm_eps=0.1, norm_first=True),
    layer("nn.TransformerEncoderLayer", "causal", TGT, options=CAUSAL),
    layer("nn.TransformerEncoderLayer", "padding", TGT, hidden(2, 3), masks=["src_key_padding_mask"]),
    layer("nn.TransformerEncoderLayer", "mask", TGT, normal(3, 3), masks=["src_mask"], activation="gelu"),
    layer("nn.TransformerEncoderLayer", "one_sequence", [(3, 4)], norm_first=True),
    layers("nn.TransformerEncoder", "plain", TGT),
    layers("nn.TransformerEncoder", "no_norm", TGT, norm=False, norm_first=True, num_layers=3),
    layers("nn.TransformerEncoder", "causal", TGT, options=CAUSAL, activation="gelu"),
    layer("nn.TransformerDecoderLayer", "plain", BOTH),
    layer("nn.TransformerDecoderLayer", "norm_first", BOTH, norm_first=True, activation="gelu"),
    layer("nn.TransformerDecoderLayer", "batch_first", [(2, 3, 4), (2, 2, 4)], batch_first=True, options=TGT_CAUSAL),
    layer("nn.TransformerDecoderLayer", "no_bias", BOTH, bias=False, layer_norm_eps=0.01),
    layer(
        "nn.TransformerDecoderLayer",
        "masks",
        BOTH,
        hidden(3, 3),
        hidden(3, 4),
        hidden(2, 3),
        hidden(2, 4),
        masks=["tgt_mask", "memory_mask", "tgt_key_padding_mask", "memory_key_padding_mask"],
    ),
    layers("nn.TransformerDecoder", "causal", BOTH, options=TGT_CAUSAL),
    layers("nn.TransformerDecoder", "no_norm", BOTH, norm=False, norm_first=True),
    *[
        module(
            "nn.Transformer",
            name,
            *(normal(*shape) for shape in shapes),
            *more,
            init=dict(d_model=4, nhead=2, dim_feedforward=3, dropout=0.0, layer_norm_eps=0.1, **init),
            masks=masks,
            **options,
        )
        for name, shapes, more, masks, options, init in (
            ("time_first", BOTH, [], [], {}, dict(num_encoder_layers=1, num_decoder_layers=1)),
            (
                "batch_first",
                [(2, 3, 4), (2, 2, 4)],
                [hidden(2, 3), hidden(2, 3), normal(3, 3)],
                ["src_key_padding_mask", "memory_key_padding_mask", "src_mask"],
                TGT_CAUSAL,
                dict(num_encoder_layers=1, num_decoder_layers=1, batch_first=True, activation="gelu"),
            ),
            ("pre_norm", BOTH, [], [], TGT_CAUSAL, dict(num_encoder_layers=2, num_decoder_layers=1, norm_first=True)),
        )
    ],
]

CASES = ATTENTION + MULTIHEAD + LAYERS
