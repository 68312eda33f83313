//! Cuts that keep the classes' shares, and cuts in which every sample is held out once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dataset::Dataset;
use crate::dataset::split::part_lengths;
use crate::dataset::subset::Subset;
use crate::error::DataError;
use crate::streams::{Purpose, generator};

/// [`random_split`](crate::random_split) of each class by itself: every part has the classes in the shares of the
/// whole, up to single samples.
///
/// ```
/// use gradus_data::{Dataset, digits, stratified_split};
///
/// let digits = digits()?;
/// let labels = digits.targets().to_vec();
/// let [train, validation] = stratified_split(digits, &labels, [0.8, 0.2], 0)?;
/// assert_eq!(train.len() + validation.len(), 1797);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
///
/// # Errors
/// If there is not a label for each sample, or the fractions are not in `0..=1` or do not add up to 1.
pub fn stratified_split<D: Dataset, const PARTS: usize>(
    dataset: D,
    labels: &[i64],
    fractions: [f64; PARTS],
    seed: u64,
) -> Result<[Subset<D>; PARTS], DataError> {
    if labels.len() != dataset.len() {
        return Err(DataError::Counts { inputs: dataset.len(), targets: labels.len() });
    }
    let mut classes: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for &sample in &generator(Purpose::Split, seed, 0).permutation(labels.len()) {
        classes.entry(labels[sample]).or_default().push(sample);
    }
    // The classes one after the other, cut where the shares of the whole list come to: what one class has over goes
    // to the next, so that many small classes do not all give their odd sample to the first part.
    part_lengths(labels.len(), fractions)?;
    let (mut parts, mut seen) = ([const { Vec::new() }; PARTS], 0);
    for samples in classes.into_values() {
        let before = part_lengths(seen, fractions)?;
        seen += samples.len();
        let mut rest = samples.as_slice();
        for ((part, before), after) in parts.iter_mut().zip(before).zip(part_lengths(seen, fractions)?) {
            let (own, others) = rest.split_at(after.saturating_sub(before).min(rest.len()));
            part.extend_from_slice(own);
            rest = others;
        }
        parts[0].extend_from_slice(rest);
    }
    let dataset = Arc::new(dataset);
    let mixed = |mut indices: Vec<usize>| {
        let order = generator(Purpose::Split, seed, 1).permutation(indices.len());
        indices = order.into_iter().map(|i| indices[i]).collect();
        Subset { dataset: Arc::clone(&dataset), indices }
    };
    Ok(parts.map(mixed))
}

/// One cut of [`k_fold`]: a part to train on, and one to validate on.
pub type Fold<D> = (Subset<D>, Subset<D>);

/// The `folds` cuts of cross-validation: in each, a part to validate on and the rest to train on, such that every
/// sample is validated on once. Parts differ by one sample at most.
///
/// ```
/// use gradus_data::{Dataset, digits, k_fold};
///
/// for (train, validation) in k_fold(digits()?, 5, 0)? {
///     assert_eq!(train.len() + validation.len(), 1797);
/// }
/// # Ok::<(), gradus_data::DataError>(())
/// ```
///
/// # Errors
/// If there are fewer than 2 folds, or fewer samples than folds.
pub fn k_fold<D: Dataset>(dataset: D, folds: usize, seed: u64) -> Result<Vec<Fold<D>>, DataError> {
    let samples = dataset.len();
    if folds < 2 || samples < folds {
        let value = format!("{folds} of {samples} samples");
        return Err(DataError::Setting { name: "folds", value, cure: "give at least 2, and not more than samples" });
    }
    let order = generator(Purpose::Split, seed, 0).permutation(samples);
    let dataset = Arc::new(dataset);
    let subset = |indices: Vec<usize>| Subset { dataset: Arc::clone(&dataset), indices };
    let cut = |fold: usize| {
        let held = samples * fold / folds..samples * (fold + 1) / folds;
        let rest = [&order[..held.start], &order[held.end..]].concat();
        (subset(rest), subset(order[held].to_vec()))
    };
    Ok((0..folds).map(cut).collect())
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::dataset::tensor::TensorDataset;

    fn numbers(n: usize) -> TensorDataset {
        TensorDataset::new(Tensor::zeros([n, 1]), Tensor::arange(n)).unwrap()
    }

    fn sorted(parts: &[&Subset<TensorDataset>]) -> Vec<usize> {
        let mut all: Vec<usize> = parts.iter().flat_map(|part| part.indices().to_vec()).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn classes_keep_their_shares() {
        let labels: Vec<i64> = (0..100).map(|i| i64::from(i % 10 == 0)).collect();
        let parts = stratified_split(numbers(100), &labels, [0.5, 0.3, 0.2], 4).unwrap();
        let rare = parts.each_ref().map(|part| part.indices().iter().filter(|&&i| labels[i] == 1).count());
        assert_eq!((rare, parts.each_ref().map(Dataset::len)), ([5, 3, 2], [50, 30, 20]));
        assert_eq!(sorted(&parts.each_ref()), (0..100).collect::<Vec<_>>());
        assert!(stratified_split(numbers(100), &labels[1..], [1.0], 0).is_err());
        assert!(stratified_split(numbers(100), &labels, [0.5, 0.6], 0).is_err());
    }

    #[test]
    fn every_sample_is_held_out_once() {
        let folds = k_fold(numbers(11), 3, 1).unwrap();
        assert_eq!(sorted(&folds.iter().map(|(_, held)| held).collect::<Vec<_>>()), (0..11).collect::<Vec<_>>());
        for (train, held) in &folds {
            assert_eq!(sorted(&[train, held]), (0..11).collect::<Vec<_>>());
            assert!((3..=4).contains(&held.len()));
        }
        assert!(k_fold(numbers(11), 1, 0).is_err() && k_fold(numbers(2), 3, 0).is_err());
    }
}
