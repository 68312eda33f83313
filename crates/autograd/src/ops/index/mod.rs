//! Elements chosen by place.

pub(crate) mod embedding;
pub(crate) mod embedding_bag;
mod index_select;
mod masked_fill;
mod take;
