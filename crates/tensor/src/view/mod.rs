//! Views: other shapes of the same memory.

mod broadcast;
mod permute;
mod reshape;
mod slice;
