//! A dataset cut at random into parts that share no sample.

use std::sync::Arc;

use crate::dataset::Dataset;
use crate::dataset::subset::Subset;
use crate::error::DataError;
use crate::streams::{Purpose, generator};

/// Cuts `dataset` at random into one part for each fraction (PyTorch's `random_split`). Every sample is in one part.
///
/// Part `i` has `floor(fraction[i] * len)` samples, and the samples left over go to the parts in turn, one each from
/// the first on. Which samples a part has depends on the seed, the fractions and the number of samples alone.
///
/// ```
/// use gradus_data::{Dataset, digits, random_split};
///
/// let [train, validation, test] = random_split(digits()?, [0.7, 0.2, 0.1], 42)?;
/// assert_eq!((train.len(), validation.len(), test.len()), (1258, 360, 179));
/// # Ok::<(), gradus_data::DataError>(())
/// ```
///
/// # Errors
/// If a fraction is not in `0..=1`, or they do not add up to 1.
pub fn random_split<D: Dataset, const PARTS: usize>(
    dataset: D,
    fractions: [f64; PARTS],
    seed: u64,
) -> Result<[Subset<D>; PARTS], DataError> {
    let lengths = part_lengths(dataset.len(), fractions)?;
    let order = generator(Purpose::Split, seed, 0).permutation(dataset.len());
    let dataset = Arc::new(dataset);
    let mut rest = order.as_slice();
    Ok(lengths.map(|length| {
        let (part, after) = rest.split_at(length);
        rest = after;
        Subset { dataset: Arc::clone(&dataset), indices: part.to_vec() }
    }))
}

/// The number of samples of each part; they add up to `len`.
pub(super) fn part_lengths<const PARTS: usize>(
    len: usize,
    fractions: [f64; PARTS],
) -> Result<[usize; PARTS], DataError> {
    let sum: f64 = fractions.iter().sum();
    // PyTorch's tolerance: 0.7 + 0.2 + 0.1 is not 1 in floating point. A comparison with NaN is false.
    let fits = fractions.iter().all(|f| (0.0..=1.0).contains(f)) && (sum - 1.0).abs() <= 1e-9;
    if !fits {
        let cure = "give fractions from 0 to 1 that add up to 1";
        return Err(DataError::Setting { name: "fractions", value: format!("{fractions:?}"), cure });
    }
    let mut left = len;
    let mut lengths = fractions.map(|fraction| {
        let length = ((len as f64 * fraction).floor() as usize).min(left);
        left -= length;
        length
    });
    for i in 0..left {
        lengths[i % PARTS] += 1;
    }
    Ok(lengths)
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::dataset::tensor::TensorDataset;

    fn numbers(n: usize) -> TensorDataset {
        TensorDataset::new(Tensor::zeros([n, 1]), Tensor::arange(n)).unwrap()
    }

    #[test]
    fn lengths_follow_pytorch() {
        fn check<const PARTS: usize>(len: usize, fractions: [f64; PARTS], want: [usize; PARTS]) {
            assert_eq!(part_lengths(len, fractions).unwrap(), want, "{len} in {fractions:?}");
        }
        check(30, [0.3, 0.3, 0.4], [9, 9, 12]);
        check(1797, [0.8, 0.2], [1438, 359]);
        check(7, [0.25; 4], [2, 2, 2, 1]);
        check(3, [0.1; 10], [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
        check(10, [0.0, 1.0], [0, 10]);
        check(0, [0.5, 0.5], [0, 0]);
        check(5, [1.0], [5]);
        // The fractions' sum is above 1 by less than the tolerance, and by 8 samples.
        check(10_000_000_000, [0.5 + 4e-10; 2], [5_000_000_004, 4_999_999_996]);
    }

    #[test]
    fn every_sample_is_in_one_part_and_the_seed_decides_which() {
        let split = |seed| random_split(numbers(101), [0.5, 0.3, 0.2], seed).unwrap();
        let indices = |parts: &[Subset<_>; 3]| parts.iter().flat_map(|p| p.indices().to_vec()).collect::<Vec<_>>();
        let mut all = indices(&split(1));
        assert_eq!(all, indices(&split(1)));
        assert_ne!(all, indices(&split(2)));
        all.sort_unstable();
        assert_eq!(all, (0..101).collect::<Vec<_>>());
    }

    #[test]
    fn fractions_must_add_up_to_one() {
        let check = |fractions: [f64; 2]| {
            let error = random_split(numbers(10), fractions, 0).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("fractions = {fractions:?} makes no sense; give fractions from 0 to 1 that add up to 1")
            );
        };
        check([0.5, 0.4]);
        check([0.8, 0.3]);
        check([1.5, -0.5]);
        check([f64::NAN, 1.0]);
        check([f64::INFINITY, 0.0]);
        assert!(random_split(numbers(10), [], 0).is_err());
    }
}
