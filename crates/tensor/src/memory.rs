//! How much memory tensors take, and how much of what they freed is kept for the next ones.

pub use crate::storage::{Usage, release, set_limit, usage};
