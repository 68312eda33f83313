//! Which epoch of which seed a batch is asked for in, and the random numbers of its samples.

use gradus_tensor::random::Generator;

use crate::streams::{Purpose, generator};

/// A pass over a dataset: what a sample's random changes are drawn from, so that they differ from epoch to epoch and
/// depend on nothing else.
///
/// ```
/// use gradus_data::Epoch;
///
/// let epoch = Epoch { seed: 7, epoch: 3 };
/// assert_eq!(epoch.generator(10).next_u32(), epoch.generator(10).next_u32());
/// assert_ne!(epoch.generator(10).next_u32(), epoch.generator(11).next_u32());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Epoch {
    /// The loader's seed.
    pub seed: u64,
    /// The epoch, counted from 0.
    pub epoch: u64,
}

impl Epoch {
    /// The random numbers of sample `sample` in this epoch.
    pub fn generator(self, sample: usize) -> Generator {
        // Each epoch has a seed of its own, and each sample a stream of that.
        let mut of_epoch = generator(Purpose::Sample, self.seed, self.epoch);
        let seed = (u64::from(of_epoch.next_u32()) << 32) | u64::from(of_epoch.next_u32());
        generator(Purpose::Sample, seed, sample as u64)
    }
}
