"""Normalisation."""

import torch
import torch.nn.functional as F
from cases import case, exactly, module, nonzero, normal, uniform


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


def group_norm(x, *affine, num_groups, eps=1e-5):
    return F.group_norm(x, num_groups, *affine, eps=eps)


def instance_norm(x, *affine, running=False, eps=1e-5):
    """With running statistics channel c has mean c / 4 and variance c + 1/2."""
    weight, bias = (list(affine) + [None, None])[:2]
    channels = torch.arange(x.shape[1], dtype=x.dtype)
    given = (channels / 4, channels + 0.5) if running else (None, None)
    return F.instance_norm(x, *given, weight, bias, use_input_stats=not running, eps=eps)


def rms_norm(x, *affine, **options):
    return F.rms_norm(x, weight=affine[0] if affine else None, **options)


def degree(function):
    """The degree of a norm may be the word for infinity, which the list of cases cannot hold as a number."""
    return lambda *inputs, p=2.0, **options: function(*inputs, p=float(p), **options)


OPERATIONS = {
    "F.normalize": degree(F.normalize),
    "F.pairwise_distance": degree(F.pairwise_distance),
    "F.batch_norm": batch_norm,
    "F.layer_norm": layer_norm,
    "F.group_norm": group_norm,
    "F.instance_norm": instance_norm,
    "F.rms_norm": rms_norm,
}

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
    case("F.batch_norm", "volumes", normal(2, 3, 2, 2, 3), normal(3), normal(3), **TRAINING),
    case("F.batch_norm", "eval_volumes", normal(1, 3, 2, 1, 3), normal(3), normal(3), **EVALUATION),
    case("F.batch_norm", "three_rows", normal(3, 5), normal(5), normal(5), **TRAINING),
    case("F.layer_norm", "empty", normal(0, 3), normal(3), normal(3), normalized_shape=[3], eps=1e-5),
    case("F.layer_norm", "small", normal(3, 7, scale=1e-3), normal(7), normalized_shape=[7], eps=1e-5),
    case("F.layer_norm", "large", normal(3, 7, scale=1e4), normal(7), normal(7), normalized_shape=[7], eps=1e-5),
    case("F.group_norm", "images", normal(2, 4, 3, 2), normal(4), normal(4), num_groups=2),
    case("F.group_norm", "one_group", normal(3, 3, 5), normal(3), normal(3), num_groups=1),
    case("F.group_norm", "each_channel", normal(2, 3, 7), normal(3), normal(3), num_groups=3),
    case("F.group_norm", "matrix", normal(3, 6), normal(6), normal(6), num_groups=2, eps=0.1),
    case("F.group_norm", "no_bias", normal(2, 4, 5), normal(4), num_groups=2),
    case("F.group_norm", "no_affine", normal(1, 6, 3), num_groups=3),
    case("F.group_norm", "volumes", normal(1, 4, 2, 3, 2), normal(4), normal(4), num_groups=2),
    case("F.group_norm", "empty", normal(0, 4, 3), normal(4), normal(4), num_groups=2),
    case("F.group_norm", "large", normal(2, 4, 5, scale=1e4), normal(4), normal(4), num_groups=2),
    case("F.instance_norm", "sequences", normal(2, 3, 5), normal(3), normal(3)),
    case("F.instance_norm", "images", normal(2, 3, 3, 2), normal(3), normal(3), eps=1e-3),
    case("F.instance_norm", "volumes", normal(1, 2, 2, 3, 2), normal(2), normal(2)),
    case("F.instance_norm", "no_affine", normal(2, 3, 7)),
    case("F.instance_norm", "running", normal(2, 3, 5), normal(3), normal(3), running=True),
    case("F.rms_norm", "weight", normal(3, 7), normal(7), normalized_shape=[7], eps=1e-5),
    case("F.rms_norm", "default_eps", normal(3, 7), normal(7), normalized_shape=[7]),
    case("F.rms_norm", "no_weight", normal(2, 3, 5), normalized_shape=[5], eps=0.1),
    case("F.rms_norm", "two_dims", normal(3, 2, 5), normal(2, 5), normalized_shape=[2, 5], eps=1e-6),
    case("F.rms_norm", "vector", normal(9), normal(9), normalized_shape=[9], eps=1e-6),
    case("F.rms_norm", "empty", normal(0, 4), normal(4), normalized_shape=[4], eps=1e-6),
    case("F.rms_norm", "large", normal(2, 5, scale=1e4), normal(5), normalized_shape=[5], eps=1e-6),
    case("F.rms_norm", "far", uniform(2, 5, low=100, high=101), normal(5), normalized_shape=[5], eps=1e-6),
    case("F.local_response_norm", "images", normal(2, 5, 2, 2), size=3),
    case("F.local_response_norm", "even", normal(1, 4, 3), size=2, alpha=0.5, beta=0.5, k=2.0),
    case("F.local_response_norm", "wide", normal(2, 3, 2), size=5, alpha=0.1),
    case("F.local_response_norm", "volumes", normal(1, 3, 2, 1, 2), size=1, alpha=1.0),
    case("F.normalize", "rows", normal(3, 4)),
    case("F.normalize", "first", normal(3, 4), dim=0),
    case("F.normalize", "p_1", nonzero(3, 4), p=1.0, dim=-1),
    case("F.normalize", "p_3", nonzero(2, 3, 2), p=3.0, dim=1),
    case("F.normalize", "p_inf", normal(3, 4), p="inf"),
    case("F.normalize", "zeros", exactly([[0.0, 0.0], [3.0, -4.0]]), second=False),
    case("F.normalize", "below_eps", exactly([[0.3, -0.4], [3.0, -4.0]]), eps=1.0),
    case("F.cosine_similarity", "rows", normal(3, 4), normal(3, 4)),
    case("F.cosine_similarity", "first", normal(3, 4), normal(3, 4), dim=0),
    case("F.cosine_similarity", "broadcast", normal(3, 1, 4), normal(2, 4), dim=-1),
    case("F.cosine_similarity", "vectors", normal(5), normal(5), dim=0),
    case("F.cosine_similarity", "large", normal(2, 3, scale=1e4), normal(2, 3, scale=1e-3)),
    case("F.cosine_similarity", "below_eps", exactly([[0.3, -0.4], [3.0, -4.0]]), normal(2, 2), eps=1.0),
    case("F.pairwise_distance", "rows", normal(3, 4), normal(3, 4)),
    case("F.pairwise_distance", "keepdim", normal(3, 4), normal(3, 4), keepdim=True),
    case("F.pairwise_distance", "p_1", normal(3, 4), normal(3, 4), p=1.0),
    case("F.pairwise_distance", "p_3", normal(3, 4), normal(3, 4), p=3.0, eps=0.1),
    case("F.pairwise_distance", "p_inf", normal(3, 4), normal(3, 4), p="inf"),
    case("F.pairwise_distance", "broadcast", normal(3, 4), normal(1, 4)),
    case("F.pairwise_distance", "vectors", normal(5), normal(5)),
    module("nn.LocalResponseNorm", "plain", normal(2, 4, 2), init=dict(size=3, alpha=0.2, beta=0.5, k=2.0)),
    module("nn.CosineSimilarity", "plain", normal(3, 4), normal(3, 4), init=dict(dim=-1)),
    module("nn.PairwiseDistance", "plain", normal(3, 4), normal(3, 4), init=dict(p=1.0, keepdim=True)),
    module("nn.LayerNorm", "two_dims", normal(3, 2, 5), init=dict(normalized_shape=[2, 5])),
    module("nn.LayerNorm", "no_bias", normal(3, 5), init=dict(normalized_shape=[5], bias=False)),
    module("nn.BatchNorm1d", "matrix", normal(5, 3), init=dict(num_features=3)),
    module("nn.BatchNorm1d", "sequences", normal(2, 3, 4), init=dict(num_features=3, track_running_stats=False)),
    module("nn.BatchNorm2d", "no_affine", normal(2, 3, 2, 3), init=dict(num_features=3, affine=False)),
    module("nn.BatchNorm3d", "plain", normal(2, 3, 2, 1, 3), init=dict(num_features=3)),
    module("nn.GroupNorm", "plain", normal(2, 4, 3), init=dict(num_groups=2, num_channels=4)),
    module("nn.GroupNorm", "no_affine", normal(2, 4, 3), init=dict(num_groups=2, num_channels=4, affine=False)),
    module("nn.InstanceNorm1d", "plain", normal(2, 3, 5), init=dict(num_features=3)),
    module("nn.InstanceNorm1d", "unbatched", normal(3, 5), init=dict(num_features=3, affine=True)),
    module("nn.InstanceNorm2d", "affine", normal(2, 3, 2, 4), init=dict(num_features=3, affine=True)),
    module("nn.InstanceNorm2d", "running", normal(2, 3, 2, 4), init=dict(num_features=3, track_running_stats=True)),
    module("nn.InstanceNorm3d", "affine", normal(2, 2, 2, 1, 3), init=dict(num_features=2, affine=True)),
    module("nn.RMSNorm", "plain", normal(3, 7), init=dict(normalized_shape=[7])),
    module("nn.RMSNorm", "eps", normal(3, 2, 4), init=dict(normalized_shape=[2, 4], eps=0.1)),
]
