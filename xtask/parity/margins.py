"""How far the training runs keep from kinks: `python xtask/parity/margins.py`, some ten minutes.

Each run again in f64, every weight multiplied by a random number in 1 +- 2e-7 before each step: several times what
rounding to f32 does. A run whose every draw stays near 5e-6 has no ReLU input and no tie of pooled values that an f32
implementation could put on the other side; a flip would show as 1e-4 or more.
"""

import torch

import training

NOISE = 2e-7
DRAWS = 8


def disturb(generator):
    def before_step(parameters):
        with torch.no_grad():
            for x in parameters.values():
                x *= 1 + NOISE * (2 * torch.rand(x.shape, generator=generator, dtype=x.dtype) - 1)

    return before_step


if __name__ == "__main__":
    torch.set_num_threads(1)
    for model, runs in training.RUNS.items():
        for optimizer in runs:
            exact = training.train(model, optimizer, torch.float64)
            worst = []
            for draw in range(DRAWS):
                noise = disturb(torch.Generator().manual_seed(10 + draw))
                disturbed = training.train(model, optimizer, torch.float64, noise)
                worst.append(max(d for d, _ in training.differences(disturbed, exact)))
            print(model, optimizer, " ".join(f"{d:.1e}" for d in sorted(worst)), flush=True)
