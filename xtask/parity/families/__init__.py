"""Families of operations, a file each: `CASES`, and `OPERATIONS` for what PyTorch has under no name of its own.

A family's fixture is `crates/nn/tests/fixtures/<family>.safetensors`, and our answers to it are in
`crates/nn/tests/parity/<family>.rs`.
"""

from . import (
    activation,
    arithmetic,
    elementwise,
    embedding,
    index,
    loss,
    norm,
    product,
    recurrent,
    reduction,
    sequence,
    shape,
    transformer,
    window,
)

FAMILIES = [
    activation,
    arithmetic,
    elementwise,
    embedding,
    index,
    loss,
    norm,
    product,
    recurrent,
    reduction,
    sequence,
    shape,
    transformer,
    window,
]
