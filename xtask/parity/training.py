"""Training runs: two models, four optimizers, two dtypes, 100 steps each.

Step `s` (from 0) trains on batch `s % 4`: mean cross-entropy of the logits, backward, optimizer step.

Initial weights and batches are not read from the fixture: both sides compute them. For tensor number `id` and flat
(row-major) element index `i`, in wrapping u64 arithmetic:

    x = i + id * 2654435761 + 12345
    z = x + 0x9e3779b97f4a7c15                      # splitmix64
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb
    z = z ^ (z >> 31)
    u = (z >> 40) / 2^24                            # in [0, 1), exact in f32
    s = 2 u - 1                                     # in [-1, 1), exact in f32

    weight, bias  = s * bound                       # product in f32; bound = (1 / sqrt(fan_in as f64)) as f32
    label         = z % classes
    MLP input     = s
    CNN pixel     = 1 if s >= 0, else -1            # s of the pixel's block, see below

`fan_in` is that of the layer, for its weight and its bias: `in_features`, or `in_channels * 3 * 3`. The f64 runs start
from the f32 numbers, widened. Tensor numbers count up from those of `FIRST`: parameters in the order of `LAYERS`,
weight before bias; the inputs of batches 0, 1, 2, 3; their labels.

An image of the CNN is 7 x 7 blocks of 4 x 4 equal pixels: the pixel in row `r`, column `c` of image `n` has the `s` of
element `(n * 7 + r / 4) * 7 + c / 4`. Why blocks: two f32 implementations that sum in different orders differ by 1e-7,
and a ReLU input or a tie of two pooled values nearer to its kink than that sends the gradient another way. Of the
470,000 ReLU inputs per step some always are so near, and one flip changes a gradient of conv2 by 1e-2 (images of noise,
four f32 orders of summation against f64: final gradients differed by up to 5e-2, parameters by 3e-2). With blocks,
only 14,000 of the ReLU inputs per step are distinct, and tensor numbers and learning rates exist for which none of
them comes near zero in 100 steps; `margins.py` measures it.
"""

import json

import numpy as np
import torch
import torch.nn.functional as F

STEPS = 100
BATCHES = 4
DTYPES = {"f32": torch.float32, "f64": torch.float64}

LAYERS = {
    "mlp": {"fc1": (32, 20), "fc2": (16, 32), "fc3": (5, 16)},
    "cnn": {"conv1": (32, 1, 3, 3), "conv2": (64, 32, 3, 3), "fc1": (128, 9216), "fc2": (10, 128)},
}
BATCH_SHAPES = {"mlp": (16, 20), "cnn": (8, 1, 28, 28)}
CLASSES = {"mlp": 5, "cnn": 10}
FIRST = {
    "mlp": dict(parameters=0, inputs=100, labels=200),
    "cnn": dict(parameters=4000, inputs=4100, labels=2200),
}
BLOCK = 4

# Everything not said here is PyTorch's default: betas 0.9 and 0.999, eps 1e-8, dampening 0.
# Learning rates: the loss falls clearly, but not to nothing, where the gradient is a difference of nearly equal
# numbers. The CNN's for Adam and AdamW are those of some ten tried for each that keep clear of kinks. Its AdamW has
# powers of two because 1 - lr * weight_decay must be exact in f32: with 1e-4 and 1e-2 it is rounded by 1.3e-8 at each
# of 100 steps, and f32 gradients differed from f64 by 1.1e-5.
NESTEROV = dict(momentum=0.9, nesterov=True, weight_decay=1e-4)
RUNS = {
    "mlp": {
        "sgd": (torch.optim.SGD, dict(lr=0.25)),
        "nesterov": (torch.optim.SGD, dict(lr=0.03, **NESTEROV)),
        "adam": (torch.optim.Adam, dict(lr=3e-3)),
        "adamw": (torch.optim.AdamW, dict(lr=3e-3, weight_decay=1e-2)),
    },
    "cnn": {
        "sgd": (torch.optim.SGD, dict(lr=0.01)),
        "nesterov": (torch.optim.SGD, dict(lr=0.002, **NESTEROV)),
        "adam": (torch.optim.Adam, dict(lr=6e-5)),
        "adamw": (torch.optim.AdamW, dict(lr=2**-14, weight_decay=2**-6)),
    },
}


def mlp(p, x):
    x = F.relu(F.linear(x, p["fc1.weight"], p["fc1.bias"]))
    x = F.relu(F.linear(x, p["fc2.weight"], p["fc2.bias"]))
    return F.linear(x, p["fc3.weight"], p["fc3.bias"])


def cnn(p, x):
    """The network of PyTorch's MNIST example, its dropout left out."""
    x = F.relu(F.conv2d(x, p["conv1.weight"], p["conv1.bias"]))
    x = F.relu(F.conv2d(x, p["conv2.weight"], p["conv2.bias"]))
    x = torch.flatten(F.max_pool2d(x, 2), 1)
    x = F.relu(F.linear(x, p["fc1.weight"], p["fc1.bias"]))
    return F.linear(x, p["fc2.weight"], p["fc2.bias"])


FORWARD = {"mlp": mlp, "cnn": cnn}


# The formula.


def integers(id, shape):
    """`z` of each element."""
    z = np.arange(np.prod(shape), dtype=np.uint64) + np.uint64(id * 2654435761 + 12345)
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))).reshape(shape)


def signed(id, shape):
    """`s` of each element."""
    u = (integers(id, shape) >> np.uint64(40)).astype(np.float32) / np.float32(2**24)
    return np.float32(2) * u - np.float32(1)


def initial(model):
    """Parameters by name."""
    parameters = {}
    for layer, shape in LAYERS[model].items():
        bound = np.float32(1 / np.sqrt(np.float64(np.prod(shape[1:]))))
        for name, shape in (f"{layer}.weight", shape), (f"{layer}.bias", shape[:1]):
            parameters[name] = signed(FIRST[model]["parameters"] + len(parameters), shape) * bound
    return parameters


def batch(model, number):
    """Inputs and labels."""
    shape, first = BATCH_SHAPES[model], FIRST[model]
    labels = integers(first["labels"] + number, shape[:1]) % np.uint64(CLASSES[model])
    if model == "mlp":
        inputs = signed(first["inputs"] + number, shape)
    else:
        n, channels, height, width = shape
        blocks = signed(first["inputs"] + number, (n, channels, height // BLOCK, width // BLOCK))
        inputs = np.where(blocks >= 0, np.float32(1), np.float32(-1)).repeat(BLOCK, axis=2).repeat(BLOCK, axis=3)
    return inputs, labels.astype(np.int64)


# The runs.


def train(model, optimizer, dtype, before_step=lambda parameters: None):
    """What a run leaves behind: losses, and gradients and parameters after the last step."""
    parameters = {name: torch.tensor(x, dtype=dtype, requires_grad=True) for name, x in initial(model).items()}
    batches = [batch(model, number) for number in range(BATCHES)]
    batches = [(torch.tensor(inputs, dtype=dtype), torch.tensor(labels)) for inputs, labels in batches]
    kind, options = RUNS[model][optimizer]
    updates = kind(parameters.values(), **options)
    losses = []
    for step in range(STEPS):
        before_step(parameters)
        inputs, labels = batches[step % BATCHES]
        updates.zero_grad()
        loss = F.cross_entropy(FORWARD[model](parameters, inputs), labels)
        loss.backward()
        updates.step()
        losses.append(loss.detach())
    left = {"losses": torch.stack(losses).numpy()}
    for name, parameter in parameters.items():
        left |= stored(f"grad.{name}", parameter.grad.numpy())
        left |= stored(f"param.{name}", parameter.detach().numpy())
    return left


def stored(name, x, sample=1024):
    """The tensor, or if it is long `sample` of its elements, and the sum and the sum of squares of all."""
    if x.size <= 2 * sample:
        return {name: x}
    wide = x.astype(np.float64)
    stats = np.array([wide.sum(), (wide**2).sum()])
    return {f"{name}.sample": x.reshape(-1)[np.arange(sample) * 7919 % x.size], f"{name}.stats": stats}


def differences(a, b):
    """The largest of max|a - b| / max|b| over tensors of each kind, `(losses, gradients, parameters)`, and where."""
    worst = {"losses": (0, ""), "grad": (0, ""), "param": (0, "")}
    for name in b:
        kind, _, where = name.partition(".")
        if name.endswith(".stats"):  # a sum near zero has no relative error
            continue
        difference = np.abs(a[name] - b[name]).max() / np.abs(b[name]).max()
        worst[kind] = max(worst[kind], (difference, where))
    return list(worst.values())


def fixture(model):
    """Tensors and metadata of a model's file."""
    tensors, runs = {}, []
    for name, x in initial(model).items():
        tensors |= stored(f"init.{name}", x)
    for number in range(BATCHES):
        inputs, labels = batch(model, number)
        tensors |= stored(f"batch.{number}.inputs", inputs) | {f"batch.{number}.labels": labels}
    print(f"{model:4} {'loss':>20}  f32 against f64: losses, gradients, parameters")
    for optimizer, (kind, options) in RUNS[model].items():
        left = {dtype: train(model, optimizer, DTYPES[dtype]) for dtype in DTYPES}
        for dtype in DTYPES:
            tensors |= {f"{optimizer}.{dtype}.{name}": x for name, x in left[dtype].items()}
        runs.append(dict(name=optimizer, optimizer=kind.__name__, options=options))
        losses = left["f64"]["losses"]
        row = "  ".join(f"{d:.1e} {where:20}" for d, where in differences(left["f32"], left["f64"]))
        print(f"{optimizer:10} {losses[:BATCHES].mean():.3f} -> {losses[-BATCHES:].mean():.3f}  {row}")
    return tensors, {"runs": json.dumps(runs)}
