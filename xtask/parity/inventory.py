"""What PyTorch has: `python xtask/parity/inventory.py > xtask/parity/inventory.txt`.

Operations are those that PyTorch tests the gradients of (its OpInfo database, which needs the package expecttest), and
modules those of torch.nn. Left out: conversions, memory formats, copies of views, and names that are not public.
"""

import inspect

import torch
from torch.testing._internal.common_methods_invocations import op_db

LEFT_OUT = (
    "as_strided", "bfloat16", "bool", "byte", "cdouble", "cfloat", "chalf", "char", "double", "float", "half", "hash_tensor",
    "int", "long", "short", "to", "to_sparse", "item", "clone", "contiguous", "empty", "native_", "new_", "resize_",
    "resolve_", "max_pool2d_with_indices_backward", "scalar_tensor", "unsafe_", "view", "equal", "allclose",
)  # fmt: skip


def operations():
    for name in sorted({operation.name for operation in op_db}):
        if name.startswith(("_", "torch.", "ops.", "jiterator", "masked.", "sparse.", "nn.functional._")):
            continue
        if name.endswith("_copy") or name in LEFT_OUT or name.startswith(("as_strided", "empty_", "native_", "new_")):
            continue
        yield "F." + name.removeprefix("nn.functional.") if name.startswith("nn.functional.") else "torch." + name


def modules():
    for name in dir(torch.nn):
        module = getattr(torch.nn, name)
        if inspect.isclass(module) and issubclass(module, torch.nn.Module) and not name.startswith("Lazy"):
            if name not in ("Module", "Container", "DataParallel", "SyncBatchNorm", "RNNBase", "RNNCellBase", "NLLLoss2d"):
                yield "nn." + name


if __name__ == "__main__":
    print("\n".join([*operations(), *modules()]))
