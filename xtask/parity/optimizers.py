"""Trajectories of every optimizer: `crates/optim/tests/fixtures/optimizers.safetensors`.

Each case is an optimizer with options, run for 200 steps on two problems in f32 and f64:

- `mlp`: `mean((tanh(x W1' + b1) W2' + b2 - y)^2)` of a fixed batch; parameters `w1`, `b1`, `w2`, `b2`.
- `quadratic`: `sum(d (p - c)^2) / 2 + sum(e (q - f)^2) / 2` with factors `d` and `e` from 0.01 to 100; a matrix `p` and
  a vector `q`.

Muon trains the matrices alone. Starts and data are in the file (`mlp.w1`, ...), numbers that f32 holds. For each step
of `KEPT` the file has all trained parameters as one vector, in the order of their names above:
`<case>.<problem>.<dtype>` of shape `[len(KEPT), n]`; the metadata lists the cases.

Settings are such that PyTorch's f32 stays near its f64 (the printed table; `TRUSTED` at most): steep steps near a
minimum, and signs of numbers near zero, would multiply rounding.

What PyTorch lacks (Lion, LAMB, schedule-free AdamW) is in `references.py`. PyTorch's Muon iterates in
bfloat16; `muon` here is torch.optim.Muon with that one function in the precision of the parameters, and the file has
PyTorch's own as well, `muon_bf16.quadratic.f64` after 1 step, for a check of 1 %.

`landscapes` in the metadata: steps in f64 until Rosenbrock's and Beale's functions are below a tenth of their start.
`states`: PyTorch's `state_dict`, whose tensors are `state/...`. `lbfgs`: its trajectories.
"""

import json

import numpy as np
import torch
from torch.optim import _muon

from references import Lamb, Lion, ScheduleFreeAdamW, newton_schulz
from training import signed

KEPT = [1, 2, 5, 10, 20, 50, 100, 200]
DTYPES = {"f32": torch.float32, "f64": torch.float64}
TRUSTED = 6e-6
SHAPES = {
    "mlp": {"w1": (6, 4), "b1": (6,), "w2": (3, 6), "b2": (3,)},
    "quadratic": {"p": (4, 3), "q": (5,)},
}


CLASSES = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "adadelta": torch.optim.Adadelta,
    "adafactor": torch.optim.Adafactor,
    "adagrad": torch.optim.Adagrad,
    "adamax": torch.optim.Adamax,
    "asgd": torch.optim.ASGD,
    "lamb": Lamb,
    "lbfgs": torch.optim.LBFGS,
    "lion": Lion,
    "muon": torch.optim.Muon,
    "nadam": torch.optim.NAdam,
    "radam": torch.optim.RAdam,
    "rmsprop": torch.optim.RMSprop,
    "rprop": torch.optim.Rprop,
    "schedule_free_adamw": ScheduleFreeAdamW,
}

# Algorithm, name of the option set, its options, and what differs on `quadratic`: the learning rate or more.
CASES = [
    ("sgd", "plain", dict(lr=0.05), 2e-3),
    ("sgd", "momentum", dict(lr=0.02, momentum=0.9, dampening=0.1, weight_decay=0.01), 1e-3),
    ("sgd", "nesterov", dict(lr=0.02, momentum=0.9, nesterov=True, weight_decay=0.01), 1e-3),
    ("sgd", "maximize", dict(lr=2e-3, maximize=True), 1e-5),
    ("adam", "default", dict(), 1e-3),
    ("adam", "l2", dict(lr=5e-3, weight_decay=0.1), 5e-3),
    ("adam", "betas", dict(lr=1e-3, betas=[0.4, 0.99], eps=1e-3), 1e-3),
    ("adam", "amsgrad", dict(lr=5e-3, amsgrad=True, betas=[0.9, 0.9], weight_decay=0.01), 5e-3),
    ("adam", "decoupled", dict(lr=2**-8, decoupled_weight_decay=True, weight_decay=2**-4), 2**-8),
    ("adam", "maximize", dict(maximize=True), 1e-3),
    ("adamw", "default", dict(lr=2**-10, weight_decay=2**-7), 2**-10),
    ("adamw", "decay", dict(lr=2**-8, weight_decay=0.25), 2**-8),
    ("adamw", "amsgrad", dict(lr=5e-3, amsgrad=True, betas=[0.9, 0.9]), 5e-3),
    ("adamw", "maximize", dict(maximize=True), 1e-3),
    ("adadelta", "default", dict(), 1.0),
    ("adadelta", "l2", dict(lr=0.5, rho=0.95, eps=1e-5, weight_decay=0.01), 0.5),
    ("adadelta", "maximize", dict(lr=0.1, maximize=True), 0.1),
    ("adafactor", "default", dict(), 1e-2),
    (
        "adafactor",
        "options",
        dict(lr=2**-7, beta2_decay=-0.9, eps=[1e-4, 1e-2], d=1.5, weight_decay=2**-4),
        2**-7,
    ),
    ("adafactor", "maximize", dict(maximize=True), 1e-2),
    ("adagrad", "default", dict(), 1e-2),
    (
        "adagrad",
        "options",
        dict(lr=0.1, lr_decay=0.01, weight_decay=0.01, initial_accumulator_value=0.1, eps=1e-6),
        0.1,
    ),
    ("adagrad", "maximize", dict(maximize=True), 1e-2),
    ("adamax", "default", dict(), 2e-3),
    ("adamax", "options", dict(lr=0.01, betas=[0.8, 0.99], eps=1e-4, weight_decay=0.01), 0.01),
    ("adamax", "maximize", dict(maximize=True), 2e-3),
    ("asgd", "default", dict(lr=2**-5, lambd=2**-14), 2**-9),
    ("asgd", "average", dict(lr=0.05, lambd=0.01, alpha=0.6, t0=20, weight_decay=0.01), 2e-3),
    ("asgd", "maximize", dict(lr=2**-9, lambd=2**-11, maximize=True), 2**-14),
    ("lamb", "default", dict(), 1e-3),
    ("lamb", "options", dict(lr=5e-3, betas=[0.8, 0.99], weight_decay=0.1), 5e-3),
    ("lion", "default", dict(lr=2**-13), 2**-13),
    ("lion", "decay", dict(lr=2**-12, betas=[0.8, 0.95], weight_decay=0.25), 2**-12),
    ("muon", "default", dict(lr=2**-10, weight_decay=2**-3), 2**-10),
    ("muon", "original", dict(adjust_lr_fn="original", momentum=0.9, nesterov=False, weight_decay=0.0), 2e-3),
    ("muon", "match_rms_adamw", dict(adjust_lr_fn="match_rms_adamw", lr=2**-9, weight_decay=2**-3), 2**-9),
    (
        "muon",
        "spectral_unclamped",
        dict(adjust_lr_fn="spectral_unclamped", lr=2**-9, weight_decay=2**-3, ns_steps=3),
        2**-9,
    ),
    ("nadam", "default", dict(), 2e-3),
    ("nadam", "l2", dict(lr=5e-3, betas=[0.8, 0.99], momentum_decay=0.02, weight_decay=0.1), 5e-3),
    ("nadam", "decoupled", dict(lr=2**-9, weight_decay=2**-3, decoupled_weight_decay=True), 2**-9),
    ("nadam", "maximize", dict(maximize=True), 2e-3),
    ("radam", "default", dict(), 1e-3),
    ("radam", "l2", dict(lr=1e-3, betas=[0.8, 0.99], weight_decay=0.1), 1e-3),
    ("radam", "decoupled", dict(lr=2**-8, weight_decay=2**-3, decoupled_weight_decay=True), 2**-8),
    ("radam", "maximize", dict(maximize=True), 1e-3),
    ("rmsprop", "default", dict(lr=1e-3), 1e-3),
    ("rmsprop", "momentum", dict(lr=1e-3, momentum=0.5, weight_decay=0.01), 1e-3),
    ("rmsprop", "centered", dict(lr=1e-3, alpha=0.95, eps=0.01, centered=True), dict(lr=0.03, eps=30.0)),
    (
        "rmsprop",
        "all",
        dict(lr=1e-3, momentum=0.5, eps=0.01, centered=True, weight_decay=0.01),
        dict(lr=0.03, eps=30.0),
    ),
    ("rmsprop", "maximize", dict(lr=1e-3, maximize=True), 1e-3),
    ("rprop", "default", dict(lr=1e-3), 1e-3),
    ("rprop", "options", dict(lr=1e-3, etas=[0.4, 1.1], step_sizes=[1e-4, 0.01]), 1e-3),
    ("rprop", "maximize", dict(lr=1e-4, etas=[0.5, 1.01], maximize=True), 1e-4),
    ("schedule_free_adamw", "default", dict(), 2.5e-3),
    (
        "schedule_free_adamw",
        "options",
        dict(lr=5e-3, betas=[0.8, 0.99], weight_decay=0.1, warmup_steps=20, r=0.5, weight_lr_power=1.0),
        5e-3,
    ),
]


# Options of LBFGS on both problems, and the problems; parameters are kept after the steps of `LBFGS_KEPT`.
LBFGS_KEPT = [1, 2, 3, 5]
LBFGS_CASES = [
    ("fixed", dict(lr=0.2, max_iter=3, history_size=2), ["mlp"]),
    ("fixed", dict(lr=0.5, max_iter=2), ["quadratic"]),
    ("wolfe", dict(max_iter=2, history_size=2, line_search_fn="strong_wolfe"), ["mlp", "quadratic"]),
    ("zoom", dict(lr=6.0, max_iter=2, max_eval=9, line_search_fn="strong_wolfe"), ["mlp"]),
    ("maximize", dict(lr=0.01, max_iter=2, maximize=True), ["mlp"]),
]


def starts():
    """Numbers that f32 holds: starts, and what the problems are made of."""
    numbers = {"mlp.x": signed(900, (8, 4)), "mlp.y": signed(901, (8, 3))}
    for problem, shapes in SHAPES.items():
        for i, (name, shape) in enumerate(shapes.items()):
            numbers[f"{problem}.{name}"] = signed(910 + 10 * (problem == "quadratic") + i, shape)
    for target, like, factor in ("c", "p", "d"), ("f", "q", "e"):
        shape = SHAPES["quadratic"][like]
        numbers[f"quadratic.{target}"] = 3 * signed(930 + len(shape), shape)
        powers = np.linspace(-2, 2, int(np.prod(shape)))
        numbers[f"quadratic.{factor}"] = (10**powers).reshape(shape).astype(np.float32)
    return {name: x.astype(np.float32) for name, x in numbers.items()}


def losses(problem, numbers, p):
    n = {name.partition(".")[2]: x for name, x in numbers.items() if name.startswith(problem)}
    if problem == "mlp":
        hidden = torch.tanh(n["x"] @ p["w1"].T + p["b1"])
        return ((hidden @ p["w2"].T + p["b2"] - n["y"]) ** 2).mean()
    return (n["d"] * (p["p"] - n["c"]) ** 2).sum() / 2 + (n["e"] * (p["q"] - n["f"]) ** 2).sum() / 2


def options_of(options, problem, quadratic):
    if problem == "quadratic":
        options = options | (quadratic if isinstance(quadratic, dict) else {"lr": quadratic})
    return {name: tuple(x) if isinstance(x, list) else x for name, x in options.items()}


def build(algorithm, problem, options, dtype):
    """Parameters by name, those that are trained, the optimizer and the closure."""
    torch.set_default_dtype(dtype)  # PyTorch keeps NAdam's product in the default type
    numbers = {name: torch.tensor(x, dtype=dtype) for name, x in starts().items()}
    parameters = {name: numbers[f"{problem}.{name}"].clone().requires_grad_() for name in SHAPES[problem]}
    trained = {name: p for name, p in parameters.items() if algorithm != "muon" or p.ndim == 2}
    optimizer = CLASSES[algorithm](trained.values(), **options)

    def closure():
        optimizer.zero_grad()
        loss = losses(problem, numbers, parameters)
        loss.backward()
        return loss

    return trained, optimizer, closure


def flat(parameters):
    return np.concatenate([p.detach().numpy().reshape(-1) for p in parameters.values()])


def trajectory(algorithm, problem, options, dtype, steps=KEPT[-1]):
    trained, optimizer, closure = build(algorithm, problem, options, dtype)
    kept, seen = [], []
    for step in range(1, steps + 1):
        seen.append(closure().item())
        optimizer.step()
        if step in KEPT:
            kept.append(flat(trained))
    torch.set_default_dtype(torch.float32)
    return np.stack(kept), seen


def difference(a, b, shapes):
    """The largest difference over the largest value, of each parameter, over all steps."""
    worst, start = 0.0, 0
    for shape in shapes:
        end = start + int(np.prod(shape))
        x, y = a[:, start:end], b[:, start:end]
        worst = max(worst, float((np.abs(x - y).max(1) / np.abs(y).max(1)).max()))
        start = end
    return worst


def trajectories():
    tensors, described, faults = {}, [], []
    print(f"{'case':34} {'loss':>22}  f32 against f64")
    for algorithm, name, options, quadratic in CASES:
        case = f"{algorithm}/{name}"
        described.append(
            dict(case=case, algorithm=algorithm, **{p: options_of(options, p, quadratic) for p in SHAPES})
        )
        for problem, shapes in SHAPES.items():
            chosen = options_of(options, problem, quadratic)
            left = {dtype: trajectory(algorithm, problem, chosen, DTYPES[dtype]) for dtype in DTYPES}
            for dtype in DTYPES:
                tensors[f"{case}.{problem}.{dtype}"] = left[dtype][0]
            trained = [shape for shape in shapes.values() if algorithm != "muon" or len(shape) == 2]
            apart = difference(left["f32"][0], left["f64"][0], trained)
            seen = left["f64"][1]
            print(f"{case + ' ' + problem:40} {seen[0]:10.4f} -> {seen[-1]:10.4f}  {apart:.1e}")
            if not apart <= TRUSTED:
                faults.append(f"{case} {problem}: PyTorch's f32 is {apart:.1e} from its f64")
    assert not faults, "choose other settings:\n" + "\n".join(faults)
    return tensors, described


def lbfgs():
    tensors, described = {}, []
    for name, options, problems in LBFGS_CASES:
        for problem in problems:
            case = f"lbfgs/{name}"
            described.append(dict(case=case, problem=problem, options=options))
            left, evaluations = {}, {}
            for dtype in DTYPES:
                trained, optimizer, closure = build("lbfgs", problem, options, DTYPES[dtype])
                kept, seen = [], []
                for step in range(1, LBFGS_KEPT[-1] + 1):
                    seen.append(optimizer.step(closure).item())
                    if step in LBFGS_KEPT:
                        kept.append(flat(trained))
                torch.set_default_dtype(torch.float32)
                left[dtype] = np.stack(kept)
                evaluations[dtype] = next(iter(optimizer.state.values()))["func_evals"]
                tensors[f"{case}.{problem}.{dtype}"] = left[dtype]
            described[-1]["func_evals"] = evaluations["f64"]
            apart = difference(left["f32"], left["f64"], SHAPES[problem].values())
            print(f"{case + ' ' + problem:40} {seen[0]:10.4f} -> {seen[-1]:10.4f}  {apart:.1e}  {evaluations}")
            assert apart <= TRUSTED, f"{case} {problem}: choose other settings"
    return tensors, described


# Algorithm and options whose `state_dict` after `STATE_STEPS` steps on `quadratic` is stored.
STATE_STEPS = 5
STATES = [
    ("adam", dict(lr=0.01, amsgrad=True, weight_decay=0.01)),
    ("sgd", dict(lr=1e-3, momentum=0.9)),
    ("rmsprop", dict(lr=0.01, momentum=0.5, centered=True)),
]


def state_dicts():
    """PyTorch's `state_dict`s: tensors `state/<algorithm>.<position>.<name>`, and the groups."""
    tensors, described = {}, []
    for algorithm, options in STATES:
        _, optimizer, closure = build(algorithm, "quadratic", options, torch.float64)
        for _ in range(STATE_STEPS):
            closure()
            optimizer.step()
        torch.set_default_dtype(torch.float32)
        content = optimizer.state_dict()
        kept = {i: sorted(state) for i, state in content["state"].items()}
        for i, state in content["state"].items():
            tensors |= {f"state/{algorithm}.{i}.{name}": x.numpy().astype(np.float64) for name, x in state.items()}
        groups = content["param_groups"]
        described.append(
            dict(algorithm=algorithm, options=options, steps=STATE_STEPS, kept=kept, param_groups=groups)
        )
    return tensors, described


# Algorithm and options for `rosenbrock` and for `beale`.
LANDSCAPES = {
    "sgd": (dict(lr=1e-3), dict(lr=0.01)),
    "adam": (dict(lr=0.02), dict(lr=0.05)),
    "adamw": (dict(lr=0.02), dict(lr=0.05)),
    "adadelta": (dict(lr=1.5), dict(lr=5.0)),
    "adafactor": (dict(lr=0.016), dict(lr=0.05)),
    "adagrad": (dict(lr=0.2), dict(lr=0.5)),
    "adamax": (dict(lr=0.02), dict(lr=0.05)),
    "asgd": (dict(lr=1e-3), dict(lr=0.01)),
    "lamb": (dict(lr=0.01, weight_decay=0.0), dict(lr=0.01, weight_decay=0.0)),
    "lion": (dict(lr=0.0016), dict(lr=0.01)),
    "muon": (dict(lr=0.01, weight_decay=0.0), dict(lr=0.01, weight_decay=0.0)),
    "nadam": (dict(lr=0.02), dict(lr=0.05)),
    "radam": (dict(lr=3e-3), dict(lr=0.02)),
    "rmsprop": (dict(lr=0.002), dict(lr=0.01)),
    "rprop": (dict(lr=0.01), dict(lr=0.01)),
    "schedule_free_adamw": (dict(lr=0.02), dict(lr=0.05)),
}
FAR = [(-1.0, 1.5), (1.0, 1.5)]


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def steps_down(algorithm, function, options, start):
    p = torch.tensor([start], requires_grad=True)
    optimizer = CLASSES[algorithm]([p], **options)
    goal = function(*start) / 10
    for steps in range(3000):
        optimizer.zero_grad()
        loss = function(p[0, 0], p[0, 1])
        if loss.item() < goal:
            return steps
        loss.backward()
        optimizer.step()
    raise AssertionError(f"{algorithm} on {function.__name__}: {loss.item()}, not {goal}")


def landscapes():
    """How many steps in f64 until the function is below a tenth of its start."""
    described = []
    torch.set_default_dtype(torch.float64)
    for algorithm, both in LANDSCAPES.items():
        for function, options, start in zip((rosenbrock, beale), both, FAR):
            steps = steps_down(algorithm, function, options, start)
            print(f"{algorithm} {function.__name__}: {steps} steps")
            nearby = steps_down(algorithm, function, options, [x * (1 + 1e-12) for x in start])
            assert nearby == steps, "choose a learning rate with which the steps do not hang on rounding"
            case = dict(algorithm=algorithm, options=options, function=function.__name__, start=start, steps=steps)
            described.append(case)
    torch.set_default_dtype(torch.float32)
    return described


def fixture():
    tensors = dict(starts())
    own = _muon._zeropower_via_newtonschulz
    tensors["muon_bf16.quadratic.f64"] = trajectory("muon", "quadratic", dict(lr=0.1), torch.float64, 1)[0]
    _muon._zeropower_via_newtonschulz = newton_schulz
    try:
        more, described = trajectories()
        steps_of_landscapes = landscapes()
    finally:
        _muon._zeropower_via_newtonschulz = own
    of_lbfgs, lbfgs_cases = lbfgs()
    of_states, states = state_dicts()
    metadata = {
        "states": states,
        "landscapes": steps_of_landscapes,
        "cases": described,
        "kept": KEPT,
        "lbfgs": lbfgs_cases,
        "lbfgs_kept": LBFGS_KEPT,
    }
    return tensors | more | of_lbfgs | of_states, {name: json.dumps(x) for name, x in metadata.items()}
