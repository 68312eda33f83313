//! The recurrence of a long short-term memory (Hochreiter and Schmidhuber, 1997; gates as in PyTorch).

mod backward;
mod forward;

pub(crate) use backward::{Gradients, backward};
pub(crate) use forward::forward;
