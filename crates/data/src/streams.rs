//! Which stream of a seed's random numbers serves which purpose.
//!
//! The upper 16 bits of a stream's number name its purpose, so that the streams here never meet those which initialise
//! parameters or draw dropout masks (upper bits 0), even where a program uses one seed for everything.

use gradus_tensor::random::Generator;

/// Epochs and other numbers of streams stay below this.
pub(crate) const STREAMS: u64 = 1 << 48;

/// What the numbers of a stream are for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// The order of an epoch; one stream an epoch.
    Shuffle = 0xDA01,
    /// A random split; one stream.
    Split = 0xDA02,
    /// What is random about a sample; a stream an epoch, and one a sample of the seed drawn from that.
    Sample = 0xDA03,
}

/// Stream `number` of `seed` for `purpose`.
pub(crate) fn generator(purpose: Purpose, seed: u64, number: u64) -> Generator {
    Generator::new(seed, ((purpose as u64) << 48) ^ number)
}
