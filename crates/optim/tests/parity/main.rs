//! Every optimizer against PyTorch, step by step (xtask/parity/optimizers.py).

mod fixture;
mod landscapes;
mod lbfgs;
mod positional;
mod problems;
mod report;
mod trajectories;
