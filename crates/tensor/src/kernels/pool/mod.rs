//! Pooling over images: [`max`] and [`average`], over row-major planes and over channels-last images alike.

pub(crate) mod average;
pub(crate) mod max;
