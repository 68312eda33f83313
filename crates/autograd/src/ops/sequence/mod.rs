//! Attention and recurrence.

mod attention;
pub(crate) mod gru;
pub(crate) mod lstm;
pub(crate) mod recurrent;
