"""Convolution, pooling, resizing and padding."""

from . import conv, pool, resize

OPERATIONS = pool.OPERATIONS

CASES = [*conv.CASES, *pool.CASES, *resize.CASES]
