//! The recurrence of a gated recurrent unit (Cho et al., 2014; gates as in PyTorch).
//!
//! Beside the three gates r, z and n, a fourth place in each row of gates keeps `q = W_hn h + b_hn`: the reset gate
//! multiplies it, so that the backward pass needs it by itself. Of the gates' gradients the first three are those of
//! what comes from the input, and those of r, z and q of what comes from the hidden state.

mod backward;
mod forward;

pub(crate) use backward::{Gradients, backward};
pub(crate) use forward::forward;
