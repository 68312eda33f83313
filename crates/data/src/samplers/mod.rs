//! In which order an epoch visits the samples: one file a sampler, one variant each.

mod random;
mod replacement;
mod sequential;

/// The order of an epoch: a function of the number of samples, the seed and the epoch alone.
///
/// So no order depends on what was drawn before, on other loaders, on threads, or on how often a run was resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sampler {
    /// Sample 0 to the last, in every epoch (PyTorch's `SequentialSampler`).
    Sequential,
    /// Every sample once, in an order of its own each epoch (PyTorch's `RandomSampler` without replacement).
    Random,
    /// So many samples, each drawn from all of them, some more than once (PyTorch's `RandomSampler` with
    /// `replacement=True`): an epoch is as long as one likes.
    Replacement {
        /// Samples an epoch.
        draws: usize,
    },
}

impl Sampler {
    /// The name that a saved position holds.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::Random => "random",
            Self::Replacement { .. } => "replacement",
        }
    }

    /// How many samples an epoch visits, of a dataset of `samples`.
    pub fn len(&self, samples: usize) -> usize {
        match self {
            Self::Sequential | Self::Random => samples,
            Self::Replacement { .. } if samples == 0 => 0,
            Self::Replacement { draws } => *draws,
        }
    }

    /// The samples of epoch `epoch`, of a dataset of `samples`, in order.
    ///
    /// ```
    /// use gradus_data::Sampler;
    ///
    /// assert_eq!(Sampler::Sequential.order(4, 0, 7), [0, 1, 2, 3]);
    /// assert_eq!(Sampler::Random.order(100, 0, 7), Sampler::Random.order(100, 0, 7));
    /// assert_ne!(Sampler::Random.order(100, 0, 7), Sampler::Random.order(100, 0, 8));
    /// ```
    pub fn order(&self, samples: usize, seed: u64, epoch: u64) -> Vec<usize> {
        match self {
            Self::Sequential => sequential::order(samples),
            Self::Random => random::order(samples, seed, epoch),
            Self::Replacement { draws } => replacement::order(samples, *draws, seed, epoch),
        }
    }
}
