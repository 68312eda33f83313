//! Views: other shapes of the same memory.

mod broadcast;
mod channels_last;
mod permute;
mod reshape;
mod slice;
