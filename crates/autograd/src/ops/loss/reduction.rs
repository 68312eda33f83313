//! What becomes of the losses of a batch.

/// How losses are put together (PyTorch's `reduction`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean: the default.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// All of them, as they are.
    None,
}
