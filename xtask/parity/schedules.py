"""Schedules: the learning rates of 300 steps, and where the momentum is cycled too, momentums and parameters.

A case is one line of `CASES`:

    case("StepLR", "every 30", step_size=30)

names the class in torch.optim.lr_scheduler or swa_utils, the case, and the arguments; what is left out has PyTorch's default. Every
case has two parameter groups, of the learning rates `LRS`.

A function is one of `FUNCTIONS`, by its name: the tests have the same. A schedule in a schedule is `part(class,
arguments)`. `each(a, b)` is a value for each group.
"""

import inspect
import json
import warnings

import numpy as np
import torch
from torch.optim import lr_scheduler, swa_utils

from training import signed

LRS = [0.1, 0.037]
STEPS = 300

FUNCTIONS = {
    "staircase": lambda step: 0.5 ** (step // 30),
    "inverse": lambda step: 1 / (1 + 0.01 * step),
    "shrink": lambda step: 0.99 if step % 2 else 0.97,
    "grow": lambda step: 1.001,
    "cycle by cycle": lambda cycle: 1 / cycle,
    "step by step": lambda step: 0.998**step,
}


def function(name):
    return dict(function=name)


def part(schedule, **options):
    return dict(schedule=schedule, options=options)


def each(*values):
    return dict(each=list(values))


def case(schedule, name, optimizer="sgd", steps=STEPS, **options):
    return dict(schedule=schedule, name=name, optimizer=optimizer, steps=steps, options=options)


def plateau(name, metrics, **options):
    return case("ReduceLROnPlateau", name, **options) | dict(metrics=metrics)


WARM_UP = part("LinearLR", start_factor=0.01, total_iters=20)

CASES = [
    case("LambdaLR", "staircase", lr_lambda=function("staircase")),
    case("LambdaLR", "of each group", lr_lambda=each(function("staircase"), function("inverse"))),
    case("MultiplicativeLR", "shrink", lr_lambda=function("shrink")),
    case("MultiplicativeLR", "of each group", lr_lambda=each(function("shrink"), function("grow"))),
    case("StepLR", "every 30", step_size=30),
    case("StepLR", "every step", step_size=1, gamma=0.97),
    case("MultiStepLR", "one twice", milestones=[20, 80, 80, 200]),
    case("MultiStepLR", "at the start, upwards", milestones=[0, 100, 299], gamma=1.5),
    case("ConstantLR", "defaults"),
    case("ConstantLR", "a half for 100", factor=0.5, total_iters=100),
    case("LinearLR", "defaults"),
    case("LinearLR", "up in 150", start_factor=0.001, total_iters=150),
    case("LinearLR", "down in 250", start_factor=1.0, end_factor=0.01, total_iters=250),
    case("SWALR", "defaults", swa_lr=0.05),
    case("SWALR", "a line up", swa_lr=0.3, anneal_epochs=150, anneal_strategy="linear"),
    case("SWALR", "at once", swa_lr=0.02, anneal_epochs=0),
    case("ExponentialLR", "0.98", gamma=0.98),
    case("ExponentialLR", "1", gamma=1.0),
    case("PolynomialLR", "defaults"),
    case("PolynomialLR", "power 2.5", total_iters=250, power=2.5),
    case("PolynomialLR", "power 0.5", total_iters=100, power=0.5),
    case("CosineAnnealingLR", "past its end", T_max=100),
    case("CosineAnnealingLR", "many periods", T_max=7, eta_min=0.003),
    case("CosineAnnealingLR", "whole length", T_max=300, eta_min=1e-4),
    case("CosineAnnealingLR", "above the group", T_max=60, eta_min=0.05),
    case("CosineAnnealingLR", "one step", T_max=1),
    case("CosineAnnealingWarmRestarts", "every 40", T_0=40),
    case("CosineAnnealingWarmRestarts", "doubled", T_0=15, T_mult=2, eta_min=0.001),
    case("CosineAnnealingWarmRestarts", "tripled", T_0=1, T_mult=3),
    case("CosineAnnealingWarmRestarts", "fractions", T_0=3, T_mult=2, eta_min=1e-3, steps_per_epoch=7),
    case("CosineAnnealingWarmRestarts", "fractions of one length", T_0=2, steps_per_epoch=13),
    case("CyclicLR", "triangular", base_lr=0.001, max_lr=0.1, step_size_up=40),
    case("CyclicLR", "uneven", base_lr=0.001, max_lr=0.1, step_size_up=13, step_size_down=29),
    case("CyclicLR", "halved", base_lr=0.001, max_lr=0.1, step_size_up=25, mode="triangular2"),
    case("CyclicLR", "shrinking", base_lr=0.001, max_lr=0.1, step_size_up=17, mode="exp_range", gamma=0.995),
    case("CyclicLR", "without momentum", base_lr=0.01, max_lr=0.02, step_size_up=3, cycle_momentum=False),
    case("CyclicLR", "beta", "adam", base_lr=0.001, max_lr=0.1, step_size_up=25, base_momentum=0.7, max_momentum=0.99),
    case(
        "CyclicLR",
        "of each group",
        base_lr=each(0.001, 0.002),
        max_lr=each(0.1, 0.05),
        step_size_up=30,
        base_momentum=each(0.8, 0.7),
        max_momentum=each(0.9, 0.95),
    ),
    case("CyclicLR", "scaled cycles", base_lr=0.001, max_lr=0.1, step_size_up=25, scale_fn=function("cycle by cycle")),
    case(
        "CyclicLR",
        "scaled steps",
        base_lr=0.001,
        max_lr=0.1,
        step_size_up=25,
        scale_fn=function("step by step"),
        scale_mode="iterations",
    ),
    case("OneCycleLR", "defaults", max_lr=0.1, total_steps=300),
    case("OneCycleLR", "short", max_lr=0.1, total_steps=10, steps=10),
    case("OneCycleLR", "of one step", max_lr=0.1, total_steps=1, steps=1),
    case("OneCycleLR", "linear", max_lr=0.1, total_steps=300, anneal_strategy="linear"),
    case("OneCycleLR", "three phases", max_lr=0.1, total_steps=300, three_phase=True),
    case(
        "OneCycleLR",
        "linear, three phases",
        "adam",
        max_lr=0.1,
        total_steps=300,
        anneal_strategy="linear",
        three_phase=True,
        pct_start=0.4,
    ),
    case(
        "OneCycleLR",
        "beta",
        "adam",
        max_lr=0.1,
        total_steps=250,
        steps=250,
        pct_start=0.21,
        div_factor=10.0,
        final_div_factor=100.0,
        base_momentum=0.8,
        max_momentum=0.9,
    ),
    case("OneCycleLR", "without momentum", max_lr=0.1, total_steps=300, cycle_momentum=False, pct_start=0.0),
    case(
        "OneCycleLR",
        "of each group",
        max_lr=each(0.1, 0.01),
        total_steps=300,
        base_momentum=each(0.8, 0.7),
        max_momentum=each(0.9, 0.95),
    ),
    case(
        "SequentialLR",
        "warm-up, then cosine",
        schedulers=[WARM_UP, part("CosineAnnealingLR", T_max=280)],
        milestones=[20],
    ),
    case(
        "SequentialLR",
        "four",
        schedulers=[
            part("ConstantLR", factor=0.1, total_iters=30),
            part("ExponentialLR", gamma=0.95),
            part("StepLR", step_size=20, gamma=0.5),
            part("PolynomialLR", total_iters=50, power=2.0),
        ],
        milestones=[30, 100, 200],
    ),
    case(
        "SequentialLR",
        "restarts, then lambda",
        schedulers=[
            part("CosineAnnealingWarmRestarts", T_0=25),
            part("LambdaLR", lr_lambda=function("inverse")),
        ],
        milestones=[110],
    ),
    case(
        "SequentialLR",
        "restarts second",
        schedulers=[
            WARM_UP,
            part("CosineAnnealingWarmRestarts", T_0=10, T_mult=2),
        ],
        milestones=[20],
    ),
    case(
        "SequentialLR",
        "multiplicative",
        schedulers=[
            part("LinearLR", start_factor=1.0, end_factor=0.5, total_iters=100),
            part("MultiplicativeLR", lr_lambda=function("shrink")),
        ],
        milestones=[50],
    ),
    # Where the start of OneCycleLR is what the group began with: PyTorch lets the others start from it.
    case(
        "SequentialLR",
        "one cycle, then steps",
        schedulers=[
            part("OneCycleLR", max_lr=each(*(25 * lr for lr in LRS)), total_steps=120),
            part("StepLR", step_size=30),
        ],
        milestones=[120],
    ),
    case(
        "SequentialLR",
        "cycles second",
        schedulers=[WARM_UP, part("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=15, cycle_momentum=False)],
        milestones=[20],
    ),
    case(
        "ChainedScheduler",
        "constant and exponential",
        schedulers=[
            part("ConstantLR", factor=0.1, total_iters=20),
            part("ExponentialLR", gamma=0.99),
        ],
    ),
    case(
        "ChainedScheduler",
        "factors",
        schedulers=[
            WARM_UP,
            part("MultiStepLR", milestones=[60, 150], gamma=0.3),
            part("PolynomialLR", total_iters=290, power=0.9),
            part("MultiplicativeLR", lr_lambda=function("grow")),
        ],
    ),
    case(
        "ChainedScheduler",
        "cosine with a floor",
        schedulers=[
            part("CosineAnnealingLR", T_max=320, eta_min=0.01),
            part("ExponentialLR", gamma=0.998),
            part("StepLR", step_size=100, gamma=0.9),
        ],
    ),
    case(
        "ChainedScheduler",
        "restarts undo",
        schedulers=[
            part("ExponentialLR", gamma=0.9),
            part("CosineAnnealingWarmRestarts", T_0=50, eta_min=0.002),
            part("ConstantLR", factor=0.5, total_iters=70),
        ],
    ),
    case(
        "ChainedScheduler",
        "of sequences",
        schedulers=[
            part("SequentialLR", schedulers=[WARM_UP, part("CosineAnnealingLR", T_max=100)], milestones=[20]),
            part("ExponentialLR", gamma=0.99),
        ],
    ),
    case(
        "ChainedScheduler",
        "of chains",
        schedulers=[
            part("ChainedScheduler", schedulers=[part("ExponentialLR", gamma=0.99), part("StepLR", step_size=100)]),
            part("ConstantLR", factor=0.25, total_iters=10),
        ],
    ),
    plateau("defaults", "falling"),
    plateau("patience and cooldown", "falling", patience=3, cooldown=5, factor=0.5),
    plateau("without patience", "noise", patience=0, factor=0.9),
    plateau("upwards", "rising", mode="max", patience=4, factor=0.5),
    plateau("absolute", "falling", threshold=0.05, threshold_mode="abs", patience=5, factor=0.3),
    plateau("absolute, upwards", "rising", mode="max", threshold=0.05, threshold_mode="abs", patience=5, factor=0.3),
    plateau("floors", "noise", patience=2, factor=0.5, min_lr=each(0.01, 0.002)),
    plateau("small changes", "noise", patience=1, factor=0.5, eps=0.002),
    plateau("negative", "negative", patience=3, factor=0.7),
    plateau("not finite", "broken", patience=3, factor=0.7),
]


def metrics(kind):
    """A metric for each step."""
    noise = 0.02 * signed(9_000, (STEPS,)).astype(np.float64)
    falling = 1 / (1 + 0.05 * np.arange(STEPS))
    broken = falling + noise
    broken[[0, 7, 8, 9, 100, 101, 102, 103, 104]] = [np.nan, np.inf, np.nan, np.inf] + [np.nan] * 5
    return {
        "falling": falling + noise,
        "rising": 1 - falling + noise,
        "noise": 1 + noise,
        "negative": falling + noise - 2,
        "broken": broken,
    }[kind]


def named(schedule):
    return getattr(lr_scheduler, schedule, None) or getattr(swa_utils, schedule)


def arguments(schedule, options):
    """All arguments of a schedule, those that are left out with PyTorch's defaults."""
    parameters = inspect.signature(named(schedule).__init__).parameters
    left_out = {name: p.default for name, p in parameters.items() if p.default is not inspect.Parameter.empty}
    return left_out | options


def build(optimizer, schedule, options):
    """The scheduler, and where a step is a fraction of an epoch, how many go into one."""

    def value(x):
        if not isinstance(x, dict):
            return x
        return [value(x) for x in x["each"]] if "each" in x else FUNCTIONS[x["function"]]

    options = {name: value(x) for name, x in options.items()}
    if "schedulers" in options:
        options["schedulers"] = [build(optimizer, **x)[0] for x in options["schedulers"]]
        if schedule == "SequentialLR":
            options["optimizer"] = optimizer
        return named(schedule)(**options), None
    fraction = options.pop("steps_per_epoch", None)
    return named(schedule)(optimizer, **options), fraction


def momentum(optimizer):
    """The momentum, or first beta, of each group."""
    return [group["momentum"] if "momentum" in group else group["betas"][0] for group in optimizer.param_groups]


def gradients():
    """Of each step and group."""
    return signed(9_500, (STEPS, len(LRS))).astype(np.float64)


def run(case):
    """Learning rates, momentums and what they make of the parameters, step by step and group by group."""
    parameters = [torch.ones(1, dtype=torch.float64, requires_grad=True) for _ in LRS]
    groups = [dict(params=[p], lr=lr) for p, lr in zip(parameters, LRS)]
    optimizer = torch.optim.SGD(groups, momentum=0.5) if case["optimizer"] == "sgd" else torch.optim.Adam(groups)
    untouched = momentum(optimizer)
    scheduler, fraction = build(optimizer, case["schedule"], case["options"])
    observed = metrics(case["metrics"]) if "metrics" in case else None
    lrs, momentums, values, slopes = [], [], [], gradients()
    for step in range(case["steps"]):
        lrs.append([group["lr"] for group in optimizer.param_groups])
        momentums.append(momentum(optimizer))
        for parameter, slope in zip(parameters, slopes[step]):
            parameter.grad = torch.full_like(parameter, slope)
        optimizer.step()
        values.append([parameter.item() for parameter in parameters])
        if observed is not None:
            scheduler.step(observed[step])
        elif fraction:
            # The next step is batch `(step + 1) % fraction` of its epoch.
            scheduler.step((step + 1) // fraction + (step + 1) % fraction / fraction)
        else:
            scheduler.step()
    results = dict(lr=np.array(lrs, np.float64))
    if any(x != untouched for x in momentums):
        results |= dict(momentum=np.array(momentums, np.float64), parameters=np.array(values))
    if observed is not None:
        assert len(np.unique(results["lr"][:, 0])) > 2, f"{case['name']}: the plateau is met less than twice"
        results["metrics"] = observed
    return results


def described(schedule, options):
    """A schedule as Gradus writes it down in JSON."""

    def value(name, x):
        if isinstance(x, dict) and "function" in x:
            x = x["function"]
        if name in PER_GROUP:
            return dict(each=[value("", x) for x in x["each"]]) if isinstance(x, dict) else dict(all=x)
        return x

    options = arguments(schedule, options)
    if schedule == "CosineAnnealingWarmRestarts":
        options = dict(steps_per_epoch=1) | options
    if schedule == "CyclicLR":
        scale, by = options.pop("scale_fn"), options.pop("scale_mode")
        if scale:
            options["mode"] = {"scale_cycles" if by == "cycle" else "scale_steps": scale["function"]}
    # Whose product is total_steps, what a composition needs no more, and PyTorch's way to resume.
    for name in ["epochs", "steps_per_epoch"] if schedule == "OneCycleLR" else []:
        del options[name]
    for name in ["optimizer", "last_epoch"]:
        options.pop(name, None)
    if "schedulers" in options:
        return {schedule: options | dict(schedulers=[described(**x) for x in options["schedulers"]])}
    return {schedule: {name.lower(): value(name, x) for name, x in options.items()}}


PER_GROUP = ["lr_lambda", "base_lr", "max_lr", "base_momentum", "max_momentum", "min_lr"]


def fixture():
    tensors, cases = dict(gradients=gradients()), []
    # Compositions make PyTorch warn of itself.
    warnings.simplefilter("ignore", UserWarning)
    for case in CASES:
        name = f"{case['schedule']}/{case['name']}"
        tensors |= {f"{name}/{kind}": x for kind, x in run(case).items()}
        schedule = described(case["schedule"], case["options"])
        kind = "Metric" if "metrics" in case else "Steps"
        schedule = {kind: schedule if kind == "Steps" else schedule[case["schedule"]]}
        cases.append(dict(name=name, optimizer=case["optimizer"], schedule=schedule))
    assert len({case["name"] for case in cases}) == len(cases), "two cases share a name"
    print(f"schedules: {len(cases)} cases")
    return tensors, {"cases": json.dumps(cases), "lrs": json.dumps(LRS)}
