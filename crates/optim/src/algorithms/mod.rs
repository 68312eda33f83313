//! The algorithms, one a file; `registry` lists them.

pub(crate) mod adadelta;
pub(crate) mod adam;
pub(crate) mod adamw;
pub(crate) mod sgd;
