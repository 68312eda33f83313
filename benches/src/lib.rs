//! The workloads that Gradus is measured by, under the names and shapes that `pytorch_suite.py` measures PyTorch under.
#![forbid(unsafe_code)]

mod backwards;
mod measure;
mod optimizers;
mod steps;

pub use measure::{Timing, measure};

/// One repetition of a workload, ready to be timed.
pub type Work = Box<dyn FnMut()>;

/// Something to time.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// `step`, `optimizer` or `backward`.
    pub group: &'static str,
    /// Its name in the group.
    pub name: &'static str,
    /// Bytes that have to pass through memory, where that is what bounds it.
    pub bytes: Option<u64>,
    /// Makes models and data, from the same seeds each time.
    pub prepare: fn() -> Work,
}

impl Workload {
    /// Its name among all workloads: group, slash, name.
    pub fn id(&self) -> String {
        format!("{}/{}", self.group, self.name)
    }
}

/// Whole training steps: forward, loss, backward, optimizer step, zero_grad.
pub const STEPS: &[Workload] = steps::ALL;

/// Optimizer steps alone, over 16 tensors of one size.
pub const OPTIMIZERS: &[Workload] = optimizers::ALL;

/// Gradients of one operation alone: its graph is kept between repetitions.
pub const BACKWARDS: &[Workload] = backwards::ALL;

/// All workloads, in the order they are told in.
pub fn workloads() -> impl Iterator<Item = &'static Workload> {
    [STEPS, OPTIMIZERS, BACKWARDS].into_iter().flatten()
}
