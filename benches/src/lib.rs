//! What is measured, and how a time is taken.
//!
//! [`workloads`] are training steps, optimizer steps, backward passes and the graph alone, under the names and shapes
//! that PyTorch is measured under (`pytorch_suite.py`). [`kernels`] are compared with what the machine can do, not with
//! PyTorch.
#![forbid(unsafe_code)]

mod backward;
mod graph;
mod inputs;
mod kernels;
mod measure;
mod memory_kernels;
mod only;
mod optimizer;
mod products;
mod step;
mod workload;

pub use kernels::{Kernel, kernels};
pub use measure::{Timing, measure};
pub use only::Only;
pub use workload::{GROUPS, Prepared, Workload, workloads};
