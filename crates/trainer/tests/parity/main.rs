//! Whole training runs against PyTorch, from given weights on given batches, in f32 and f64 (xtask/parity/README.md).

mod classifiers;
mod digits;
mod fixtures;
mod models;
