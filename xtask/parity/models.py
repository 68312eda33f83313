"""Training runs of the models of `benches/pytorch_models.py`, 20 steps each: a transformer, an LSTM and a ResNet.

Step `s` (from 0) trains on batch `s % 4`: mean cross-entropy of the logits of every place, backward, optimizer step.
Numbers come from the formula of `training.py`. Parameter number `i` of `named_parameters` has the tensor number `i`:

    a matrix or more    s * bound           # bound = (1 / sqrt(elements per row, as f64)) as f32
    a vector *.weight   1 + s / 8           # of a norm
    any other vector    s / 8

Batch `b` has the tensor number 1000 + b for its inputs, 2000 + b for its labels: tokens and labels are z modulo their
number; pixels are s.

Of the ResNet in f32 only the losses of 4 steps are stored: among its ReLU inputs some always lie nearer to zero than
f32 resolves (`training.py` has the measurements), and from the seventh step on f32 and f64 part by 1e-3 in PyTorch too.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from training import BATCHES, DTYPES, integers, signed, stored

sys.path.append(str(Path(__file__).parents[2] / "benches"))
from pytorch_models import CharLstm, Gpt, ResNet20  # noqa: E402

SAMPLE = 64  # of each tensor's elements

MODELS = {
    "gpt": dict(
        model=lambda: Gpt(vocabulary=11, context=8, layers=2, heads=2, width=16),
        optimizer=lambda parameters: torch.optim.AdamW(parameters, lr=3e-3),
        inputs=(4, 8), tokens=11, labels=(4 * 8, 11), steps=dict(f32=20, f64=20),
    ),
    "char_lstm": dict(
        model=lambda: CharLstm(vocabulary=11, embedding=6, hidden=10),
        optimizer=lambda parameters: torch.optim.Adam(parameters, lr=3e-3),
        inputs=(4, 9), tokens=11, labels=(4 * 9, 11), steps=dict(f32=20, f64=20),
    ),
    "resnet20": dict(
        model=ResNet20,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.05, momentum=0.9, weight_decay=1e-4),
        inputs=(4, 3, 16, 16), tokens=None, labels=(4, 10), steps=dict(f32=4, f64=20),
    ),
}


def initial(id, name, shape):
    s = signed(id, shape)
    if len(shape) > 1:
        return s * np.float32(1 / np.sqrt(np.float64(np.prod(shape[1:]))))
    return s / np.float32(8) + np.float32(name.endswith("weight"))


def below(id, shape, limit):
    return torch.tensor((integers(id, shape) % np.uint64(limit)).astype(np.int64))


def train(name, dtype, steps):
    """What a run leaves behind: losses, the last gradients, the last parameters and buffers."""
    setting = MODELS[name]
    model = setting["model"]().to(dtype)
    for id, (key, parameter) in enumerate(model.named_parameters()):
        parameter.data = torch.tensor(initial(id, key, parameter.shape), dtype=dtype)
    optimizer = setting["optimizer"](model.parameters())
    batches = []
    for number in range(BATCHES):
        ids, tokens = (1000 + number, setting["inputs"]), setting["tokens"]
        inputs = below(*ids, tokens) if tokens else torch.tensor(signed(*ids), dtype=dtype)
        count, classes = setting["labels"]
        batches.append((inputs, below(2000 + number, (count,), classes)))
    losses = []
    for step in range(steps):
        inputs, labels = batches[step % BATCHES]
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs).flatten(0, -2), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    left = {"losses": torch.stack(losses).numpy()}
    for key, parameter in model.named_parameters():
        left |= stored(f"grad.{key}", parameter.grad.numpy(), SAMPLE)
        left |= stored(f"state.{key}", parameter.detach().numpy(), SAMPLE)
    for key, buffer in model.named_buffers():
        left[f"state.{key}"] = buffer.numpy()
    return left


def fixture():
    """Tensors and metadata of the file."""
    tensors = {}
    for name, setting in MODELS.items():
        for dtype, steps in setting["steps"].items():
            left = train(name, DTYPES[dtype], steps)
            if name == "resnet20" and dtype == "f32":
                left = {"losses": left["losses"]}
            tensors |= {f"{name}.{dtype}.{key}": x for key, x in left.items()}
            print(f"{name:10} {dtype} {left['losses'][0]:.3f} -> {left['losses'][-1]:.3f}")
    return tensors, {}
