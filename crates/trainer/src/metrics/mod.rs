//! What is measured in training: sums that know how many samples they are of, so that a short last batch counts for
//! what it is.

pub(crate) mod accuracy;
pub(crate) mod mean;
pub(crate) mod window;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A measurement of some samples, which can be put together with that of others.
pub trait Metric: Clone + Default + Serialize + DeserializeOwned + Send + 'static {
    /// The name that trackers and displays show.
    const NAME: &'static str;

    /// The number of samples measured.
    fn samples(&self) -> u64;

    /// The value over all of them; `None` where there is nothing to show.
    fn value(&self) -> Option<f64>;

    /// Puts `other`'s samples to these.
    fn merge(&mut self, other: &Self);
}
