"""Cases of operations: how they are written down, how their inputs are drawn, and what PyTorch answers.

A case is one line in a file of `families`:

    case("F.gelu", "tanh", normal(3, 4), approximate="tanh")

names an operation as PyTorch does (`torch.`, `Tensor.`, `F.` for torch.nn.functional, `nn.` for a module), the case, its
inputs in order and PyTorch's keyword arguments. Inputs of floats get gradients.
"""

import zlib
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F

DTYPES = {"f32": np.float32, "f64": np.float64}

# How an input is drawn: each is a function of the random generator.


def normal(*shape, scale=1.0, shift=0.0):
    return lambda rng: rng.standard_normal(shape) * scale + shift


def uniform(*shape, low=0.0, high=1.0):
    return lambda rng: low + (high - low) * rng.random(shape)


def positive(*shape):
    """From 0.1 to 3: logarithms, roots and variances."""
    return lambda rng: 0.1 + 2.9 * rng.random(shape)


def nonzero(*shape):
    """Of either sign, at least 0.5 away from zero: divisors, and away from kinks at zero."""
    return lambda rng: np.copysign(0.5 + rng.random(shape), rng.standard_normal(shape))


def negative(*shape):
    return lambda rng: -0.1 - rng.random(shape)


def ties(*shape):
    """Small integers as floats, most of them negative."""
    return lambda rng: rng.integers(-3, 2, shape).astype(np.float64)


def integers(*shape, below, start=0):
    """Labels and indices."""
    return lambda rng: rng.integers(start, below, shape)


def flags(*shape, share=0.5):
    """Truth values, this share of them true."""
    return lambda rng: rng.random(shape) < share


def exactly(values, dtype=None):
    """These values: floats, whole numbers (indices) or truth values, as they are written."""
    return lambda rng: np.array(values, dtype)


@dataclass
class Case:
    """One call of an operation."""

    op: str
    name: str
    inputs: list
    options: dict
    second: bool = True
    parameters: list = field(default_factory=list)


def case(op, name, *inputs, second=True, **options):
    """`second`: whether PyTorch has second derivatives here."""
    return Case(op, name, list(inputs), options, second)


def module(op, name, *inputs, init, second=True, **options):
    """A module made with the keyword arguments `init`, whose parameters are drawn and count as further inputs, in the
    order of `named_parameters`; `options` are those of its `forward`."""
    return Case(op, name, list(inputs), dict(init=init, **options), second)


def function(op, operations):
    """What PyTorch has under the name `op`, or what the family itself defines."""
    if op in operations:
        return operations[op]
    space, name = op.split(".")
    if space == "Tensor":
        return lambda x, *arguments, **options: getattr(x, name)(*arguments, **options)
    return getattr({"torch": torch, "F": F, "special": torch.special}[space], name)


def steps(count, multiplier, modulus, start):
    """Numbers without pattern that are exact in f32 and never zero; the tests compute the same."""
    return ((multiplier * np.arange(count) + 3 * start) % modulus - modulus / 2) / 4


def like(x, multiplier, modulus, start):
    values = steps(x.numel(), multiplier, modulus, start).reshape(tuple(x.shape))
    return torch.tensor(values, dtype=x.dtype)


def upstream(x, start):
    """The gradient of output number `start`."""
    return like(x, 5, 13, start)


def weights(x, start):
    """What the gradient of input number `start` is weighted with, to be differentiated again."""
    return like(x, 7, 11, start)


def make(op, operations, init):
    """The module called `op`; a family may make it in its own way, as where one module is an argument of another."""
    own = operations.get("make." + op) or getattr(torch.nn, op.split(".")[1])
    return own(**init)


def draw_parameters(case, operations, rng):
    """The names of the module's parameters, and draws of them."""
    instance = make(case.op, operations, case.options["init"])
    names = [name for name, _ in instance.named_parameters()]
    return names, [rng.standard_normal(tuple(p.shape)) * 0.4 for p in instance.parameters()]


def call(case, operations, arguments, dtype):
    """The outputs of a case."""
    if not case.op.startswith("nn.") or case.op in operations:
        return function(case.op, operations)(*arguments, **case.options)
    options = dict(case.options)
    instance = make(case.op, operations, options.pop("init")).to(dtype)
    count = len(case.inputs)
    parameters = dict(zip(case.parameters, arguments[count:]))
    forward = operations.get("forward." + case.op)
    if forward is None:
        return torch.func.functional_call(instance, parameters, tuple(arguments[:count]), options)
    # A forward pass of the family's own, as for sequences of several lengths.
    wrapped = torch.nn.Module()
    wrapped.inner, wrapped.forward = instance, lambda *xs: forward(instance, *xs, **options)
    parameters = {"inner." + name: value for name, value in parameters.items()}
    return torch.func.functional_call(wrapped, parameters, tuple(arguments[:count]))


def flatten(outputs):
    """Tensors nested in tuples, in order; None stands for no output."""
    if outputs is None:
        return []
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    return [tensor for output in outputs for tensor in flatten(output)]


def run(case, operations, dtype):
    """The tensors of one case in one dtype, by the last part of their names."""
    # By name, so that new cases leave the others as they are.
    rng = np.random.default_rng(zlib.crc32(f"{case.op}/{case.name}".encode()))
    draws = [np.asarray(draw(rng)) for draw in case.inputs]
    if "init" in case.options and case.op not in operations:
        case.parameters, more = draw_parameters(case, operations, rng)
        draws += more
    tensors, arguments = {}, []
    for i, x in enumerate(draws):
        is_float = x.dtype == np.float64
        x = x.astype(np.float32).astype(dtype) if is_float else x
        tensors[f"in{i}"] = x
        arguments.append(torch.tensor(x, requires_grad=is_float))
    outputs = flatten(call(case, operations, arguments, torch.float32 if dtype == np.float32 else torch.float64))
    for j, out in enumerate(outputs):
        tensors[f"out{j}"] = out.detach().numpy()
    floats = [(i, x) for i, x in enumerate(arguments) if x.requires_grad]
    graded = [(j, out) for j, out in enumerate(outputs) if out.requires_grad]
    if not graded:
        return tensors
    seeds = [upstream(out, j).requires_grad_() for j, out in graded]
    second = case.second and dtype == np.float64
    leaves = [x for _, x in floats]
    gradients = torch.autograd.grad(
        [out for _, out in graded], leaves, seeds, create_graph=second, allow_unused=True
    )
    for (i, _), gradient in zip(floats, gradients):
        if gradient is not None:
            tensors[f"grad{i}"] = gradient.numpy(force=True)
    if second:
        pairs = [(i, g) for (i, _), g in zip(floats, gradients) if g is not None and g.requires_grad]
        total = sum((g * weights(g, i)).sum() for i, g in pairs)
        if pairs:
            again = torch.autograd.grad(total, leaves + seeds, allow_unused=True)
            names = [f"second{i}" for i, _ in floats] + [f"second_upstream{j}" for j, _ in graded]
            tensors |= {name: g.numpy(force=True) for name, g in zip(names, again) if g is not None}
    return tensors


def fixture(family):
    """Tensors and metadata of the file of a family, a module of `families`."""
    tensors, cases, worst = {}, [], (0.0, "")
    operations = getattr(family, "OPERATIONS", {})
    for case in family.CASES:
        key = f"{case.op}/{case.name}"
        results = {name: run(case, operations, dtype) for name, dtype in DTYPES.items()}
        for dtype, result in results.items():
            # Inputs are the same numbers in both: stored once.
            own = {name: x for name, x in result.items() if dtype == "f32" or not name.startswith("in")}
            tensors |= {f"{key}/{dtype}/{name}": x for name, x in own.items()}
        for name, single in results["f32"].items():
            exact = results["f64"][name]
            if exact.dtype != np.float64:
                assert (single == exact).all(), f"{key}: {name} depends on the dtype"
                continue
            finite = np.isfinite(exact)
            scale = np.abs(exact[finite]).max(initial=0)
            difference = np.abs(single[finite] - exact[finite]).max(initial=0) / (scale or 1)
            assert difference < 5e-6, f"{key}: {name} of f32 and f64 differ by {difference:.1e} of the largest element"
            worst = max(worst, (difference, f"{key}/{name}"))
        described = dict(op=case.op, case=case.name, inputs=len(case.inputs), second=case.second, options=case.options)
        cases.append(described | (dict(parameters=case.parameters) if case.parameters else {}))
    assert len({(case["op"], case["case"]) for case in cases}) == len(cases), "two cases share a name"
    print(f"{family.__name__}: {len(cases)} cases; f32 against f64 at most {worst[0]:.1e}, in {worst[1]}")
    return tensors, cases
