//! Elements chosen by place.

pub(crate) mod embedding;
mod index_put;
pub(crate) mod index_select;
mod masked_fill;
mod masked_select;
mod scatter;
mod take;
