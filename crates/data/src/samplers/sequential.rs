//! The dataset's own order.

/// `0..samples`.
pub(super) fn order(samples: usize) -> Vec<usize> {
    (0..samples).collect()
}
