"""The PyTorch side of `cargo xtask prove exchange`: `python xtask/parity/exchange.py DIR`.

Loads each model that `crates/nn/examples/exchange.rs` has written into PyTorch's model of the same name, strictly, and
compares outputs; then writes one with PyTorch's own initial weights for the other direction.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.append(str(Path(__file__).parents[2] / "benches"))

import pytorch_models  # noqa: E402
from generate import write  # noqa: E402

DTYPES = {"F32": np.float32, "I64": np.int64}


def read(path):
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        if name != "__metadata__":
            first, end = entry["data_offsets"]
            flat = np.frombuffer(content[start + first : start + end], DTYPES[entry["dtype"]])
            tensors[name] = torch.tensor(flat.reshape(entry["shape"]))
    return tensors


def images(*shape):
    return torch.tensor(((np.arange(np.prod(shape)) * 7919) % 1009 / np.float32(504.5) - 1).astype(np.float32)).reshape(shape)


TOKENS = torch.tensor(np.arange(16) * 7919 % 11).reshape(2, 8)

MODELS = {
    "mnist_cnn": (pytorch_models.MnistCnn, images(2, 1, 28, 28)),
    "resnet20": (pytorch_models.ResNet20, images(2, 3, 32, 32)),
    "gpt": (lambda: pytorch_models.Gpt(11, 8, 2, 2, 16), TOKENS),
    "char_lstm": (lambda: pytorch_models.CharLstm(11, 6, 16), TOKENS),
}


def main():
    folder = Path(sys.argv[1])
    torch.manual_seed(3)
    for name, (build, x) in MODELS.items():
        model = build().eval()
        own = {key: value.clone() for key, value in model.state_dict().items()}
        model.load_state_dict(read(folder / f"{name}.safetensors"), strict=True)
        want = read(folder / f"{name}.io.safetensors")["output"]
        with torch.no_grad():
            difference = ((model(x) - want).abs().max() / want.abs().max()).item()
            print(f"{name}: our weights give our output in PyTorch within {difference:.1e}")
            assert difference <= 1e-5, f"{name} differs by {difference:.1e}"
            model.load_state_dict(own)
            output = model(x).numpy()
        write(folder / f"{name}.torch.safetensors", {key: value.numpy() for key, value in own.items()}, {})
        write(folder / f"{name}.torch.io.safetensors", {"output": output}, {})


if __name__ == "__main__":
    main()
