//! Elements chosen by place.

mod embedding;
mod index_select;
mod masked_fill;
mod take;
