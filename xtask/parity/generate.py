"""Writes what PyTorch computes, for the parity tests of Gradus: `python xtask/parity/generate.py --out REPO_ROOT`.

- `crates/trainer/tests/fixtures/{mlp,cnn}.safetensors`: see `training.py`
- `crates/trainer/tests/fixtures/models.safetensors`: see `models.py`
- `crates/trainer/tests/fixtures/digits.safetensors`: see `digits.py`
- `crates/optim/tests/fixtures/schedules.safetensors`: see `schedules.py`
- `crates/optim/tests/fixtures/optimizers.safetensors`: see `optimizers.py`
- `crates/nn/tests/fixtures/<family>.safetensors`: see `cases.py` and `families`

`--only NAME` writes only the files whose path contains NAME. Needs torch, numpy and nothing else. The same machine
writes the same bytes again.
"""

import argparse
import hashlib
import json
from functools import partial
from pathlib import Path

import numpy as np
import torch

import cases
import digits
import models
import optimizers
import schedules
import training
from families import FAMILIES


def family_fixture(family):
    tensors, described = cases.fixture(family)
    return tensors, {"cases": json.dumps(described)}


FIXTURES = {
    "crates/trainer/tests/fixtures/mlp.safetensors": lambda: training.fixture("mlp"),
    "crates/trainer/tests/fixtures/cnn.safetensors": lambda: training.fixture("cnn"),
    "crates/trainer/tests/fixtures/models.safetensors": models.fixture,
    "crates/trainer/tests/fixtures/digits.safetensors": digits.fixture,
    "crates/optim/tests/fixtures/schedules.safetensors": schedules.fixture,
    "crates/optim/tests/fixtures/optimizers.safetensors": optimizers.fixture,
    **{
        f"crates/nn/tests/fixtures/{family.__name__.split('.')[-1]}.safetensors": partial(family_fixture, family)
        for family in FAMILIES
    },
}
DTYPES = {"float64": "F64", "int64": "I64", "float32": "F32", "bool": "BOOL"}


def write(path, tensors, metadata):
    """A safetensors file. The library's own writer puts the metadata in another order each time, so not the library."""
    header, parts, start = {"__metadata__": metadata}, [], 0
    # Wide elements first, as the library does: every tensor then lies at a multiple of its element's size.
    for name in sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name)):
        tensor = np.asarray(tensors[name], order="C")
        parts.append(tensor.tobytes())
        end = start + len(parts[-1])
        header[name] = {"dtype": DTYPES[tensor.dtype.name], "shape": tensor.shape, "data_offsets": [start, end]}
        start = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=Path, required=True, help="root of the repository")
    arguments.add_argument("--only", default="", help="write only files whose path contains this")
    arguments = arguments.parse_args()
    out = arguments.out
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    total = 0
    for name, fixture in FIXTURES.items():
        if arguments.only not in name:
            total += (out / name).stat().st_size
            continue
        tensors, metadata = fixture()
        write(out / name, tensors, {"torch": torch.__version__, **metadata})
        content = (out / name).read_bytes()
        total += len(content)
        print(f"{name}: {len(tensors)} tensors, {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}\n")
    print(f"together {total} bytes")
    assert total < 20 << 20, "the fixtures must stay under 20 MiB"


if __name__ == "__main__":
    main()
