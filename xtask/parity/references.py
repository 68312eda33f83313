"""Optimizers that PyTorch lacks, from their papers, and its Newton-Schulz iteration without bfloat16."""

import torch


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, program 2."""

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, (beta1, beta2) = group["lr"], group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("exp_avg", torch.zeros_like(p))
                p.mul_(1 - lr * group["weight_decay"])
                p.sub_(lr * torch.sign(beta1 * m + (1 - beta1) * p.grad))
                m.copy_(beta2 * m + (1 - beta2) * p.grad)


class Lamb(torch.optim.Optimizer):
    """You et al. 2020, algorithm 2."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-6, weight_decay=1e-2):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                state = self.state[p]
                state["step"] = t = state.get("step", 0) + 1
                m = state.setdefault("exp_avg", torch.zeros_like(p))
                v = state.setdefault("exp_avg_sq", torch.zeros_like(p))
                m.copy_(beta1 * m + (1 - beta1) * p.grad)
                v.copy_(beta2 * v + (1 - beta2) * p.grad**2)
                u = m / (1 - beta1**t) / ((v / (1 - beta2**t)).sqrt() + group["eps"]) + group["weight_decay"] * p
                of_p, of_u = p.norm().item(), u.norm().item()
                p.sub_(group["lr"] * (of_p / of_u if of_p > 0 and of_u > 0 else 1.0) * u)


class ScheduleFreeAdamW(torch.optim.Optimizer):
    """Defazio et al. 2024, algorithm 1, with the weights of section 4; `x` and `y` both kept."""

    def __init__(
        self,
        params,
        lr=2.5e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0.0,
        warmup_steps=0,
        r=0.0,
        weight_lr_power=2.0,
    ):
        super().__init__(
            params,
            dict(
                lr=lr,
                betas=betas,
                eps=eps,
                weight_decay=weight_decay,
                warmup=warmup_steps,
                r=r,
                power=weight_lr_power,
            ),
        )
        self.t = 0

    @torch.no_grad()
    def step(self):
        self.t += 1
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            lr = group["lr"] * (min(1.0, self.t / group["warmup"]) if group["warmup"] else 1.0)
            group["lr_max"] = max(lr, group.get("lr_max", 0.0))
            weight = self.t ** group["r"] * group["lr_max"] ** group["power"]
            group["weight_sum"] = group.get("weight_sum", 0.0) + weight
            c = weight / group["weight_sum"]
            for y in group["params"]:
                state = self.state[y]
                z = state.setdefault("z", y.clone())
                x = state.setdefault("x", y.clone())
                v = state.setdefault("exp_avg_sq", torch.zeros_like(y))
                v.copy_(beta2 * v + (1 - beta2) * y.grad**2)
                d = y.grad / ((v / (1 - beta2**self.t)).sqrt() + group["eps"]) + group["weight_decay"] * y
                z.sub_(lr * d)
                x.copy_((1 - c) * x + c * z)
                y.copy_((1 - beta1) * z + beta1 * x)


def newton_schulz(grad, coefficients, steps, eps):
    """PyTorch's function without its bfloat16."""
    a, b, c = coefficients
    x = grad.T if grad.size(0) > grad.size(1) else grad
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if grad.size(0) > grad.size(1) else x
