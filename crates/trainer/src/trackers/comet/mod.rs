//! Comet: an archive made without a network, and, with the feature `remote`, the REST interface.

mod archive;
mod message;
mod offline;
#[cfg(test)]
mod tests;

pub use archive::comet_archive;
pub use offline::CometOfflineTracker;
