//! In which order an epoch visits the samples: one file a sampler, one variant each.

mod bucketed;
mod distributed;
mod random;
mod replacement;
mod sequential;
mod weighted;

use std::sync::Arc;

use crate::error::DataError;
use crate::streams::STREAMS;

/// The order of an epoch: a function of the number of samples, the seed and the epoch alone.
///
/// So no order depends on what was drawn before, on other loaders, on threads, or on how often a run was resumed.
#[derive(Clone, Debug, PartialEq)]
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
    /// So many samples, sample `i` each time with probability `weights[i]` over their sum (PyTorch's
    /// `WeightedRandomSampler`). [`class_balanced`](Self::class_balanced) makes one of labels.
    Weighted {
        /// One number of at least 0 for each sample, not all of them 0.
        weights: Arc<[f64]>,
        /// Samples an epoch.
        draws: usize,
    },
    /// Every sample so many times an epoch: one random order after the other.
    Repeated {
        /// How many times.
        times: usize,
    },
    /// These samples in this order, in every epoch; some may come twice, and some not at all.
    Order(Arc<[usize]>),
    /// A random order in which the samples of a batch are of similar length, so that little is padded.
    Bucketed {
        /// The length of each sample.
        lengths: Arc<[usize]>,
        /// Samples a batch, as the loader has them.
        batch_size: usize,
        /// How many batches are sorted together: more are closer in length, fewer are more random. 100 is usual.
        window: usize,
    },
    /// What process `rank` of `world` has of each epoch of another order (PyTorch's `DistributedSampler`): every
    /// `world`-th sample.
    Distributed {
        /// The order that the processes share.
        of: Box<Self>,
        /// Which process, counted from 0.
        rank: usize,
        /// How many there are.
        world: usize,
        /// Whether samples that are too many for equal parts are left out, instead of the first ones coming again.
        drop_last: bool,
    },
}

impl Sampler {
    /// Draws `draws` samples an epoch, of every class equally many on average.
    ///
    /// ```
    /// use gradus_data::Sampler;
    ///
    /// let sampler = Sampler::class_balanced(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 1000);
    /// let rare = sampler.order(10, 0, 0).into_iter().filter(|&sample| sample == 9).count();
    /// assert!((400..600).contains(&rare));
    /// ```
    pub fn class_balanced(labels: &[i64], draws: usize) -> Self {
        Self::Weighted { weights: weighted::balanced(labels).into(), draws }
    }

    /// Errors unless this order is one of a dataset of `samples`.
    pub(crate) fn check(&self, samples: usize) -> Result<(), DataError> {
        let refuse = |name, value: String, cure| Err(DataError::Setting { name, value, cure });
        match self {
            Self::Sequential | Self::Random | Self::Replacement { .. } => Ok(()),
            Self::Weighted { weights, .. } if weights.len() != samples => {
                refuse("weights", format!("{} weights for {samples} samples", weights.len()), "give each sample one")
            }
            Self::Weighted { weights, .. } => {
                let fits = weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0);
                let sum: f64 = weights.iter().sum();
                if fits && sum.is_finite() && (sum > 0.0 || samples == 0) {
                    return Ok(());
                }
                refuse("weights", "the given list".to_owned(), "give finite numbers of at least 0, not all of them 0")
            }
            Self::Repeated { times } if *times > 1 << 16 => {
                refuse("times", times.to_string(), "give at most 65,536; ask for more epochs instead")
            }
            Self::Repeated { .. } => Ok(()),
            Self::Order(order) => match order.iter().find(|&&sample| sample >= samples) {
                Some(&index) => Err(DataError::Index { index, len: samples }),
                None => Ok(()),
            },
            Self::Bucketed { lengths, .. } if lengths.len() != samples => {
                refuse("lengths", format!("{} lengths for {samples} samples", lengths.len()), "give each sample one")
            }
            Self::Bucketed { batch_size: 0, .. } => refuse("batch_size", "0".to_owned(), "give the loader's"),
            Self::Bucketed { window: 0, .. } => refuse("window", "0".to_owned(), "give at least 1"),
            Self::Bucketed { .. } => Ok(()),
            Self::Distributed { rank, world, .. } if rank >= world => {
                refuse("rank", format!("{rank} of {world}"), "give each process a rank from 0 to below world")
            }
            Self::Distributed { of, .. } => of.check(samples),
        }
    }

    /// What a saved position holds: the name, and a number that tells settings apart.
    pub(crate) fn described(&self) -> String {
        let settings = match self {
            Self::Sequential | Self::Random => return self.name().to_owned(),
            Self::Replacement { draws } => *draws as u64,
            Self::Weighted { weights, draws } => hash(weights.iter().map(|weight| weight.to_bits()), *draws as u64),
            Self::Repeated { times } => *times as u64,
            Self::Order(order) => hash(order.iter().map(|&sample| sample as u64), 0),
            Self::Bucketed { lengths, batch_size, window } => {
                let seed = hash([*batch_size as u64, *window as u64].into_iter(), 0);
                hash(lengths.iter().map(|&length| length as u64), seed)
            }
            Self::Distributed { of, rank, world, drop_last } => {
                return format!("distributed({rank} of {world}, {drop_last}, {})", of.described());
            }
        };
        format!("{}({settings:x})", self.name())
    }

    /// The sampler's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::Random => "random",
            Self::Replacement { .. } => "replacement",
            Self::Weighted { .. } => "weighted",
            Self::Repeated { .. } => "repeated",
            Self::Order(_) => "order",
            Self::Bucketed { .. } => "bucketed",
            Self::Distributed { .. } => "distributed",
        }
    }

    /// How many samples an epoch visits, of a dataset of `samples`.
    pub fn len(&self, samples: usize) -> usize {
        match self {
            Self::Sequential | Self::Random => samples,
            Self::Replacement { .. } | Self::Weighted { .. } if samples == 0 => 0,
            Self::Replacement { draws } | Self::Weighted { draws, .. } => *draws,
            Self::Repeated { times } => samples.saturating_mul(*times),
            Self::Order(order) => order.len(),
            Self::Bucketed { lengths, .. } => lengths.len(),
            Self::Distributed { of, world, drop_last, .. } => distributed::len(of.len(samples), *world, *drop_last),
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
            Self::Weighted { weights, draws } => weighted::order(weights, *draws, seed, epoch),
            Self::Repeated { times } => {
                // Epochs stay below 2^48 and times at 2^16; past 2^48 orders are those of early epochs again.
                let number = |i: u64| epoch.wrapping_mul(*times as u64).wrapping_add(i) % STREAMS;
                (0..*times as u64).flat_map(|i| random::order(samples, seed, number(i))).collect()
            }
            Self::Order(order) => order.to_vec(),
            Self::Bucketed { lengths, batch_size, window } => {
                bucketed::order(lengths, *batch_size, *window, seed, epoch)
            }
            Self::Distributed { of, rank, world, drop_last } => {
                distributed::part(&of.order(samples, seed, epoch), *rank, *world, *drop_last)
            }
        }
    }
}

/// FNV-1a over whole words: it tells lists apart, and need not be safe from anyone.
fn hash(words: impl Iterator<Item = u64>, seed: u64) -> u64 {
    words.fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, word| {
        (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(5)
    })
}
