"""Normalisation."""

import torch
import torch.nn.functional as F
from cases import case, normal


def batch_norm(x, *affine, training, eps, relu=False, residual=False):
    """Weight, bias and residual in that order, each where there is one; in evaluation channel c has mean c / 4 and
    variance c + 1/2."""
    affine = list(affine)
    added = affine.pop() if residual else None
    weight, bias = (affine + [None, None])[:2]
    channels = torch.arange(x.shape[1], dtype=x.dtype)
    running = (None, None) if training else (channels / 4, channels + 0.5)
    y = F.batch_norm(x, *running, weight, bias, training=training, eps=eps)
    y = y if added is None else y + added
    return F.relu(y) if relu else y


def layer_norm(x, *affine, **options):
    return F.layer_norm(x, weight=affine[0] if affine else None, bias=affine[1] if affine[1:] else None, **options)


OPERATIONS = {"F.batch_norm": batch_norm, "F.layer_norm": layer_norm}

TRAINING = dict(training=True, eps=1e-5)
EVALUATION = dict(training=False, eps=1e-5)

CASES = [
    case("F.batch_norm", "images", normal(3, 4, 5, 6), normal(4), normal(4), **TRAINING),
    case("F.batch_norm", "matrix", normal(9, 5), normal(5), normal(5), **TRAINING),
    case("F.batch_norm", "sequences", normal(3, 5, 7), normal(5), **TRAINING),
    case("F.batch_norm", "no_affine", normal(2, 3, 4, 4), **TRAINING | dict(eps=0.1)),
    case(
        "F.batch_norm",
        "residual_relu",
        normal(2, 16, 5, 5),
        normal(16),
        normal(16),
        normal(2, 16, 5, 5),
        residual=True,
        relu=True,
        **TRAINING,
    ),
    case("F.batch_norm", "relu", normal(2, 3, 4, 5), normal(3), normal(3), relu=True, **TRAINING),
    case("F.batch_norm", "eval", normal(2, 3, 4, 5), normal(3), normal(3), **EVALUATION),
    case("F.batch_norm", "eval_relu", normal(6, 3), normal(3), relu=True, **EVALUATION),
    case("F.layer_norm", "affine", normal(5, 33), normal(33), normal(33), normalized_shape=[33], eps=1e-5),
    case("F.layer_norm", "no_bias", normal(2, 3, 8), normal(8), normalized_shape=[8], eps=1e-5),
    case("F.layer_norm", "two_dims", normal(3, 4, 5), normal(4, 5), normal(4, 5), normalized_shape=[4, 5], eps=0.1),
    case("F.layer_norm", "no_affine", normal(4, 10), normalized_shape=[10], eps=1e-5),
]
