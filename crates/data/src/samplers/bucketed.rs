//! Batches of samples of about one length.

use crate::streams::{Purpose, generator};

/// A random order, cut into windows of `window` batches; each window is sorted by length, and its batches of
/// `batch_size` come in random order. So the samples of a batch are of similar length. A short batch is the epoch's
/// last one, of samples that chance leaves over, whatever their lengths.
pub(super) fn order(lengths: &[usize], batch_size: usize, window: usize, seed: u64, epoch: u64) -> Vec<usize> {
    let mut generator = generator(Purpose::Shuffle, seed, epoch);
    let mut order = generator.permutation(lengths.len());
    let whole = lengths.len() / batch_size;
    for samples in order[..whole * batch_size].chunks_mut(batch_size.saturating_mul(window)) {
        samples.sort_by_key(|&sample| lengths[sample]);
    }
    let mut mixed = Vec::with_capacity(order.len());
    for batch in generator.permutation(whole) {
        mixed.extend_from_slice(&order[batch * batch_size..][..batch_size]);
    }
    mixed.extend_from_slice(&order[whole * batch_size..]);
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_of_similar_length_and_every_sample_comes_once() {
        let lengths: Vec<usize> = (0..103).map(|i| i * i % 97).collect();
        let order = order(&lengths, 8, 100, 5, 0);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..103).collect::<Vec<_>>());
        let spread = |batch: &[usize]| {
            let of_batch = || batch.iter().map(|&i| lengths[i]);
            of_batch().max().unwrap() - of_batch().min().unwrap()
        };
        let widest = order.chunks_exact(8).map(spread).max().unwrap();
        assert!(widest <= 24, "{widest}");
        assert_ne!(order, super::order(&lengths, 8, 100, 5, 1));
    }
}
