//! Samples drawn one by one, some more often than others.

use gradus_tensor::random::Generator;

use crate::streams::{Purpose, generator};

/// `draws` samples, sample `i` with probability `weights[i]` over the sum of all.
pub(super) fn order(weights: &[f64], draws: usize, seed: u64, epoch: u64) -> Vec<usize> {
    if weights.is_empty() {
        return Vec::new();
    }
    let mut total = 0.0;
    let sums: Vec<f64> = weights
        .iter()
        .map(|weight| {
            total += weight;
            total
        })
        .collect();
    let mut generator = generator(Purpose::Shuffle, seed, epoch);
    // A draw falls on the first sum above it; a weight of 0 adds nothing, so nothing falls on it.
    let mut draw = || {
        let place = unit(&mut generator) * total;
        sums.partition_point(|&sum| sum <= place).min(weights.len() - 1)
    };
    (0..draws).map(|_| draw()).collect()
}

/// Uniform in `[0, 1)` with 48 bits: 24 would not tell tens of millions of samples apart.
fn unit(generator: &mut Generator) -> f64 {
    generator.next_unit() + generator.next_unit() / f64::from(1 << 24)
}

/// For each sample 1 over the number of samples of its class: each class is drawn as often as any other.
pub(super) fn balanced(labels: &[i64]) -> Vec<f64> {
    let mut counts = std::collections::BTreeMap::new();
    labels.iter().for_each(|label| *counts.entry(label).or_insert(0u32) += 1);
    labels.iter().map(|label| 1.0 / f64::from(counts[label])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_as_often_as_their_weights_say() {
        let weights = [0.0, 1.0, 3.0, 0.0, 6.0, 0.0];
        let mut counts = [0u32; 6];
        order(&weights, 10_000, 3, 0).into_iter().for_each(|i| counts[i] += 1);
        assert_eq!((counts[0], counts[3], counts[5]), (0, 0, 0));
        for (count, want) in [(counts[1], 1000.0), (counts[2], 3000.0), (counts[4], 6000.0)] {
            // Four standard deviations at most.
            assert!((f64::from(count) - want).abs() < 200.0, "{counts:?}");
        }
        assert_ne!(order(&weights, 50, 3, 0), order(&weights, 50, 3, 1));
        assert!(order(&[], 5, 3, 0).is_empty());
    }

    #[test]
    fn classes_are_balanced() {
        let weights = balanced(&[7, 7, 7, 2, 7, 2]);
        assert_eq!(weights, [0.25, 0.25, 0.25, 0.5, 0.25, 0.5]);
    }
}
