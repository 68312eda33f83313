//! Elements chosen by place.

pub(crate) mod embedding;
pub(crate) mod embedding_bag;
mod index_put;
pub(crate) mod index_select;
mod masked_fill;
mod masked_select;
mod scatter;
pub(crate) mod scatter_reduce;
mod take;
