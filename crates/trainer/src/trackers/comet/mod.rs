//! Comet: an archive made without a network, and, with the feature `remote`, the REST interface.

mod archive;
mod message;
mod offline;
#[cfg(feature = "remote")]
mod rest;
#[cfg(test)]
mod tests;

pub use archive::comet_archive;
pub use offline::CometOfflineTracker;
#[cfg(feature = "remote")]
pub use rest::CometTracker;
