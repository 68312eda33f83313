//! Elements chosen by place.

mod embedding;
