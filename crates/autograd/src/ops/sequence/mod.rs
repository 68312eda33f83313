//! Attention and recurrence.

mod attention;
pub(crate) mod gru;
pub(crate) mod lstm;
pub(crate) mod recurrent;
pub(crate) mod rnn;
pub(crate) mod scaled_dot_product_attention;
