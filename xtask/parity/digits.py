"""Logistic regression on the digits: how many steps each optimizer takes until the loss is below each of `GOALS`.

All 1797 digits at once, pixels divided by 16, in f64: mean cross-entropy of `x W' + b`, from weights of zeros. For
L-BFGS a step is one call of `step`. The metadata list optimizer, options, the number of steps to each goal, and the
loss then.
"""

import gzip
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

DATA = Path(__file__).parents[2] / "crates/data/src/sources/digits.csv.gz"
GOALS = [1.0, 0.3, 0.1]
OPTIMIZERS = [
    ("sgd", torch.optim.SGD, dict(lr=0.5)),
    ("sgd", torch.optim.SGD, dict(lr=0.5, momentum=0.9, nesterov=True)),
    ("adam", torch.optim.Adam, dict(lr=0.02)),
    ("adamw", torch.optim.AdamW, dict(lr=0.02, weight_decay=0.001)),
    ("rmsprop", torch.optim.RMSprop, dict(lr=0.005)),
    ("adagrad", torch.optim.Adagrad, dict(lr=0.1)),
    ("lbfgs", torch.optim.LBFGS, dict(max_iter=5, line_search_fn="strong_wolfe")),
]


def run(kind, options, pixels, labels):
    weight = torch.zeros(10, 64, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(10, dtype=torch.float64, requires_grad=True)
    optimizer = kind([weight, bias], **options)

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(F.linear(pixels, weight, bias), labels)
        loss.backward()
        return loss

    reached, steps = [], 0
    while len(reached) < len(GOALS):
        loss = closure().item()
        reached += [dict(steps=steps, loss=loss) for goal in GOALS[len(reached) :] if loss < goal]
        optimizer.step(closure)
        steps += 1
        assert steps < 3000, f"{kind.__name__}: the loss stays at {loss}"
    return reached


def fixture():
    with gzip.open(DATA, "rt") as file:
        rows = np.loadtxt(file, delimiter=",")
    pixels, labels = torch.from_numpy(rows[:, :64] / 16), torch.from_numpy(rows[:, 64].astype(np.int64))
    cases = [
        dict(algorithm=name, options=options, reached=run(kind, options, pixels, labels))
        for name, kind, options in OPTIMIZERS
    ]
    print(f"digits: {[[x['steps'] for x in case['reached']] for case in cases]}")
    # A file of safetensors has a tensor.
    return dict(goals=np.array(GOALS)), {"cases": json.dumps(cases)}
