"""PyTorch's side of the suite: the workloads of `benches/src`, under the same names, shapes and work.

`cargo xtask bench compare` starts it. By hand:

    python benches/pytorch_suite.py --threads 2 --json stock.json
    LD_PRELOAD=target/bench/intel_cpu_true.so python benches/pytorch_suite.py --mode tuned --threads 2

stock: what a user gets without asking: eager, default optimizers, NCHW.
tuned: torch.compile for whole steps, fused optimizers, channels-last images. On AMD processors MKL keeps to AVX2 unless
       a library that is loaded before it says otherwise; `xtask/src/bench/intel_cpu_true.c` is that library.

Every workload runs in a process of its own, so that peak memory is that workload's alone.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time

WARM_UP = 5


def parse():
    parser = argparse.ArgumentParser(description="Times training steps, optimizer steps and backward kernels of PyTorch.")
    parser.add_argument("--mode", choices=["stock", "tuned"], default="stock")
    parser.add_argument("--threads", type=int, default=0, help="0: one for every core")
    parser.add_argument("--seconds", type=float, default=3.0, help="for a training step; the others take a third")
    parser.add_argument("--only", default="", help="only ids that contain one of these texts, separated by commas")
    parser.add_argument("--json", default="", help="write all results into this file")
    parser.add_argument("--list", action="store_true", help="print the ids and stop")
    parser.add_argument("--one", default="", help="time this workload here and print one line of JSON")
    parser.add_argument("--machine", action="store_true", help="print what this runs on as one line of JSON, and stop")
    return parser.parse_args()


args = parse()
TUNED = args.mode == "tuned"
cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
threads = args.threads or cores
GROUPS = ("step", "optimizer", "backward")
STEP_NAMES = [
    "tiny_mlp_b32", "mlp_b64", "mlp_b512", "mnist_cnn_b64", "resnet20_b32", "gpt_4l_128d_t64_b12",
    "gpt_6l_384d_t256_b8", "lstm_256h_t64_b32",
]
OPTIMIZER_NAMES = [f"{kind}_{n}" for kind in ("sgd", "sgd_momentum", "adam", "adamw") for n in (1 << 16, 1 << 20, 1 << 24)]
BACKWARD_NAMES = [
    "linear_512x784x512", "conv2d_b32_32x32x32_k3", "layer_norm_2048x384", "batch_norm_b32_16x32x32",
    "cross_entropy_2048x50257", "attention_b8_h6_t256_d64", "gelu_2048x1536", "max_pool2d_b64_64x24x24",
    "embedding_768_of_50257x384", "relu_2048x1536", "softmax_2048x384", "add_bias_2048x384",
]
IDS = [f"{group}/{name}" for group, names in zip(GROUPS, (STEP_NAMES, OPTIMIZER_NAMES, BACKWARD_NAMES)) for name in names]


def main():
    if args.machine:
        return print(json.dumps(machine()))
    if args.one:
        return print(json.dumps(run_one(args.one)))
    wanted = [i for i in IDS if not args.only or any(text and text in i for text in args.only.split(","))]
    if args.list:
        return print("\n".join(wanted))
    results = {"torch": machine()["torch"], "mode": args.mode, "threads": threads} | {group: {} for group in GROUPS}
    for workload in wanted:
        command = [sys.executable, __file__, "--one", workload, "--mode", args.mode]
        command += ["--threads", str(threads), "--seconds", str(args.seconds)]
        timing = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])
        group, name = workload.split("/")
        results[group][name] = timing
        line = f"{group:10} {name:32} median {timing['median_ms']:10.3f} ms  min {timing['min_ms']:10.3f} ms"
        print(f"{line}  peak {timing['peak_rss_mib'] or '?':>6} MiB", flush=True)
    if args.json:
        with open(args.json, "w") as file:
            json.dump(results, file, indent=2)


def machine():
    from importlib.metadata import version

    cpu = platform.processor()
    if os.path.exists("/proc/cpuinfo"):
        models = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
        cpu = models[0] if models else cpu
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    return {
        "torch": version("torch"), "cpu": cpu, "cores": os.cpu_count(), "os": platform.platform(terse=True),
        "date": datetime.date.today().isoformat(), "load": load,
    }


def run_one(workload):
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    group, _, name = workload.partition("/")
    if workload not in IDS:
        sys.exit(f"error: there is no workload {workload}; --list tells those there are")
    prepare = {"step": training_step, "optimizer": optimizer_step, "backward": backward_kernel}[group]
    return measure(prepare(name), args.seconds if group == "step" else args.seconds / 3)


def measure(step, seconds):
    for _ in range(WARM_UP):
        step()
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 5:
        begun = time.perf_counter()
        step()
        times.append(time.perf_counter() - begun)
    times.sort()
    return {"median_ms": times[len(times) // 2] * 1e3, "min_ms": times[0] * 1e3, "n": len(times), "peak_rss_mib": peak()}


def peak():
    """As the suite in Rust reads it: getrusage goes on from the process that started this one."""
    try:
        lines = [line for line in open("/proc/self/status") if line.startswith("VmHWM:")]
        return int(lines[0].split()[1]) // 1024
    except (OSError, IndexError):
        return None


def algorithm(kind):
    import torch

    fused = {"fused": True} if TUNED else {}
    make = {
        "sgd": lambda p: torch.optim.SGD(p, lr=0.01, **fused),
        "sgd_momentum": lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9, **fused),
        "sgd_resnet": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=1e-4, **fused),
        "adam": lambda p: torch.optim.Adam(p, lr=1e-3, **fused),
        "adamw": lambda p: torch.optim.AdamW(p, lr=1e-3, **fused),
        "adadelta": lambda p: torch.optim.Adadelta(p, lr=1.0),
    }
    return make[kind]


def training_step(name):
    import torch
    import torch.nn.functional as F
    from pytorch_models import CharLstm, Gpt, MnistCnn, ResNet20, mlp

    normal, indices = torch.randn, lambda n, *shape: torch.randint(0, n, shape)
    digits = lambda: mlp(784, 512, 256, 10)
    make, x, y, kind = {
        "tiny_mlp_b32": lambda: (lambda: mlp(2, 16, 16, 1), normal(32, 2), normal(32, 1), "sgd"),
        "mlp_b64": lambda: (digits, normal(64, 784), indices(10, 64), "adam"),
        "mlp_b512": lambda: (digits, normal(512, 784), indices(10, 512), "adam"),
        "mnist_cnn_b64": lambda: (MnistCnn, normal(64, 1, 28, 28), indices(10, 64), "adadelta"),
        "resnet20_b32": lambda: (ResNet20, normal(32, 3, 32, 32), indices(10, 32), "sgd_resnet"),
        "gpt_4l_128d_t64_b12": lambda: (lambda: Gpt(65, 64, 4, 4, 128), indices(65, 12, 64), indices(65, 12, 64), "adamw"),
        "gpt_6l_384d_t256_b8": lambda: (lambda: Gpt(65, 256, 6, 6, 384), indices(65, 8, 256), indices(65, 8, 256), "adamw"),
        "lstm_256h_t64_b32": lambda: (lambda: CharLstm(65, 128, 256), indices(65, 32, 64), indices(65, 32, 64), "adam"),
    }[name]()
    model = make().train()
    if TUNED and x.dim() == 4:
        model, x = model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    optimizer = algorithm(kind)(model.parameters())

    def loss(x, y):
        out = model(x)
        return F.mse_loss(out, y) if y.is_floating_point() else F.cross_entropy(out.flatten(0, -2), y.flatten())

    if TUNED:
        loss = torch.compile(loss)

    def step():
        loss(x, y).backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


def optimizer_step(name):
    import torch

    kind, _, n = name.rpartition("_")
    parameters = [torch.randn(int(n) // 16, requires_grad=True) for _ in range(16)]
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    return algorithm(kind)(parameters).step


def backward_kernel(name):
    import torch
    import torch.nn.functional as F

    shapes, function = {
        "linear_512x784x512": ([(512, 784), (512, 784), (512,)], F.linear),
        "conv2d_b32_32x32x32_k3": ([(32, 32, 32, 32), (32, 32, 3, 3)], lambda x, w: F.conv2d(x, w, padding=1)),
        "layer_norm_2048x384": ([(2048, 384), (384,), (384,)], lambda x, w, b: F.layer_norm(x, (384,), w, b)),
        "batch_norm_b32_16x32x32": (
            [(32, 16, 32, 32), (16,), (16,)], lambda x, w, b: F.batch_norm(x, None, None, w, b, True)
        ),
        "cross_entropy_2048x50257": ([(2048, 50257)], lambda x: F.cross_entropy(x, torch.arange(2048))),
        "attention_b8_h6_t256_d64": (
            [(8, 6, 256, 64)] * 3, lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True)
        ),
        "gelu_2048x1536": ([(2048, 1536)], F.gelu),
        "max_pool2d_b64_64x24x24": ([(64, 64, 24, 24)], lambda x: F.max_pool2d(x, 2)),
        "embedding_768_of_50257x384": ([(50257, 384)], lambda w: F.embedding(torch.arange(768) * 7 % 50257, w)),
        "relu_2048x1536": ([(2048, 1536)], F.relu),
        "softmax_2048x384": ([(2048, 384)], lambda x: F.softmax(x, -1)),
        "add_bias_2048x384": ([(2048, 384), (384,)], torch.add),
    }[name]
    inputs = [torch.randn(shape, requires_grad=True) for shape in shapes]
    out = function(*inputs)
    upstream = torch.ones_like(out)
    return lambda: torch.autograd.grad(out, inputs, upstream, retain_graph=True)


main()
