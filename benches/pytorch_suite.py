"""PyTorch's side of `cargo xtask bench compare`: the workloads of the suite (`benches/src`), same names, same work.

    python pytorch_suite.py --threads 2 --json stock.json
    LD_PRELOAD=./intel.so python pytorch_suite.py --mode tuned --threads 2 --json tuned.json
    python pytorch_suite.py --alone step/mlp_b64         # one workload in this process, its result as JSON

Without --alone the script starts itself once for each workload, so that the peak memory is each one's own; it includes
the interpreter and torch's libraries, as `peak_rss_mib` of a workload of ours includes the program.

stock: eager, optimizers as they come, NCHW.
tuned: torch.compile, fused optimizers, channels_last. On a processor that is not Intel's, MKL keeps to AVX2 unless
       a preloaded library defines `int mkl_serv_intel_cpu_true(void) { return 1; }`; the comparison preloads one.

Times are in milliseconds: the median of the repetitions after five rounds of warm-up, and the least.
"""

import argparse
import json
import subprocess
import sys
import time

import torch
import torch.nn.functional as F

from pytorch_models import CharLstm, Gpt, MnistCnn, ResNet20, mlp

parser = argparse.ArgumentParser()
parser.add_argument("--mode", choices=["stock", "tuned"], default="stock")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seconds", type=float, default=3.0, help="for each training step; others take a third of it")
parser.add_argument("--only", default="", help="texts of which group/name holds one, separated by commas")
parser.add_argument("--json", default="")
parser.add_argument("--alone", default="")
args = parser.parse_args()
TUNED = args.mode == "tuned"


def measure(work, seconds):
    for _ in range(5):
        work()
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 5:
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    times.sort()
    return {"median_ms": times[len(times) // 2] * 1e3, "min_ms": times[0] * 1e3, "n": len(times)}


def peak_memory():
    """Of this program alone: `ru_maxrss` would count what the process was before it became this one."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM:"))
    except OSError:
        return None


FUSED = {"fused": True} if TUNED else {}


def sgd(lr, **options):
    return lambda parameters: torch.optim.SGD(parameters, lr=lr, **options, **FUSED)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-3, **FUSED)


def adamw(parameters):
    return torch.optim.AdamW(parameters, lr=1e-3, **FUSED)


def adadelta(parameters):
    return torch.optim.Adadelta(parameters, lr=1.0)


def normal(*shape):
    return lambda: torch.randn(shape)


def below(n, *shape):
    return lambda: torch.randint(0, n, shape)


STEPS = {  # id: (model, input, target, loss, optimizer)
    "tiny_mlp_b32": (lambda: mlp(2, 16, 16, 1), normal(32, 2), normal(32, 1), "mse", sgd(0.01)),
    "mlp_b64": (lambda: mlp(784, 512, 256, 10), normal(64, 784), below(10, 64), "ce", adam),
    "mlp_b512": (lambda: mlp(784, 512, 256, 10), normal(512, 784), below(10, 512), "ce", adam),
    "mnist_cnn_b64": (MnistCnn, normal(64, 1, 28, 28), below(10, 64), "ce", adadelta),
    "resnet20_b32": (ResNet20, normal(32, 3, 32, 32), below(10, 32), "ce", sgd(0.1, momentum=0.9, weight_decay=1e-4)),
    "gpt_4l_128d_t64_b12": (lambda: Gpt(65, 64, 4, 4, 128), below(65, 12, 64), below(65, 12, 64), "ce", adamw),
    "gpt_6l_384d_t256_b8": (lambda: Gpt(65, 256, 6, 6, 384), below(65, 8, 256), below(65, 8, 256), "ce", adamw),
    "lstm_256h_t64_b32": (lambda: CharLstm(65, 128, 256), below(65, 32, 64), below(65, 32, 64), "ce", adam),
}


def training_step(name):
    make, x, y, loss_kind, make_opt = STEPS[name]
    x, y, model = x(), y(), make().train()
    if TUNED and x.dim() == 4:
        model, x = model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    opt = make_opt(model.parameters())

    def forward(x, y):
        out = model(x)
        return F.mse_loss(out, y) if loss_kind == "mse" else F.cross_entropy(out.view(-1, out.shape[-1]), y.view(-1))

    if TUNED:
        forward = torch.compile(forward)

    def step():
        loss = forward(x, y)
        loss.backward()
        opt.step()
        opt.zero_grad()

    return step


OPTIMIZERS = {
    "sgd": sgd(1e-3),
    "sgd_momentum": sgd(1e-3, momentum=0.9),
    "adam": adam,
    "adamw": adamw,
    "adadelta": adadelta,
}


def optimizer_step(kind, n):
    p = [torch.randn(n // 16, requires_grad=True) for _ in range(16)]
    for t in p:
        t.grad = torch.randn_like(t)
    return OPTIMIZERS[kind](p).step


def attention(q, k, v):
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


def randn(*shapes):
    return lambda: [torch.randn(shape) for shape in shapes]


OPERATIONS = {  # id: (function, inputs)
    "linear_512x784x512": (F.linear, randn((512, 784), (512, 784), (512,))),
    "conv2d_b32_32x32x32_k3": (lambda x, w: F.conv2d(x, w, padding=1), randn((32, 32, 32, 32), (32, 32, 3, 3))),
    "layer_norm_2048x384": (lambda x, w, b: F.layer_norm(x, (384,), w, b), randn((2048, 384), (384,), (384,))),
    "batch_norm_b32_16x32x32": (
        lambda x, w, b: F.batch_norm(x, None, None, w, b, True),
        randn((32, 16, 32, 32), (16,), (16,)),
    ),
    "cross_entropy_2048x50257": (lambda x: F.cross_entropy(x, torch.arange(2048)), randn((2048, 50257))),
    "attention_b8_h6_t256_d64": (attention, randn(*[(8, 6, 256, 64)] * 3)),
    "gelu_2048x1536": (F.gelu, randn((2048, 1536))),
    "max_pool2d_b64_64x24x24": (lambda x: F.max_pool2d(x, 2), randn((64, 64, 24, 24))),
    "embedding_768_of_50257x384": (lambda w: F.embedding(torch.arange(768) * 7 % 50257, w), randn((50257, 384))),
    "relu_2048x1536": (F.relu, randn((2048, 1536))),
    "softmax_2048x384": (lambda x: F.softmax(x, -1), randn((2048, 384))),
    "add_bias_2048x384": (torch.add, randn((2048, 384), (384,))),
}


def backward_pass(name):
    """Backward alone: the graph stays between rounds."""
    function, inputs = OPERATIONS[name]
    inputs = [t.requires_grad_() for t in inputs()]
    out = function(*inputs)
    upstream = torch.ones_like(out)
    return lambda: torch.autograd.grad(out, inputs, upstream, retain_graph=True)


def chain():
    """The graph alone: 1,000 additions of 8 numbers, forward and backward."""
    x, y, upstream = (torch.randn(8) for _ in range(3))
    x.requires_grad_(), y.requires_grad_()

    def run():
        total = x
        for _ in range(1000):
            total = total + y
        total.backward(upstream)
        x.grad = y.grad = None

    return run


SIZES = (1 << 16, 1 << 20, 1 << 24)
WORKLOADS = {f"step/{name}": lambda name=name: training_step(name) for name in STEPS}
WORKLOADS |= {
    f"optimizer/{kind}_{n}": lambda kind=kind, n=n: optimizer_step(kind, n) for kind in OPTIMIZERS for n in SIZES
}
WORKLOADS |= {f"backward/{name}": lambda name=name: backward_pass(name) for name in OPERATIONS}
WORKLOADS["graph/add_1000_of_8"] = chain


def alone(id):
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    result = measure(WORKLOADS[id](), args.seconds if id.startswith("step/") else args.seconds / 3)
    return result | {"peak_rss_mib": peak_memory(), "torch": torch.__version__}


def suite():
    results = {"torch": torch.__version__, "mode": args.mode, "threads": args.threads}
    results |= {"step": {}, "optimizer": {}, "backward": {}, "graph": {}}
    wanted = [text for text in args.only.split(",") if text]
    for id in WORKLOADS:
        if wanted and not any(text in id for text in wanted):
            continue
        group, name = id.split("/")
        options = ["--mode", args.mode, "--threads", str(args.threads), "--seconds", str(args.seconds)]
        output = subprocess.run([sys.executable, __file__, *options, "--alone", id], check=True, stdout=subprocess.PIPE)
        result = json.loads(output.stdout.splitlines()[-1])
        result.pop("torch")
        results[group][name] = result
        print(
            f"{group:10} {name:32} median {result['median_ms']:10.3f} ms  min {result['min_ms']:10.3f} ms"
            f"  peak {result['peak_rss_mib']:>6} MiB",
            flush=True,
        )
    if args.json:
        with open(args.json, "w") as file:
            json.dump(results, file, indent=1)


if args.alone:
    print(json.dumps(alone(args.alone)))
else:
    suite()
