"""Modules."""

from cases import module, normal


def layer(op, name, *x, **init):
    """A module of one input of floats."""
    return module(f"nn.{op}", name, normal(*x), init=init)
