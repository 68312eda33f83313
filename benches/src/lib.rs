//! What is measured: training steps, optimizer steps and backward kernels, under the names and shapes that PyTorch is
//! measured under (`pytorch_suite.py`), and how a time is taken.
#![forbid(unsafe_code)]

mod backward;
mod kernels;
mod measure;
mod memory_kernels;
mod optimizer;
mod products;
mod step;
mod workload;

pub use kernels::{Kernel, kernels};
pub use measure::{Timing, measure};
pub use workload::{GROUPS, Prepared, Workload, workloads};
