//! The same elements in another shape or order.

mod broadcast_to;
mod channels_last;
mod permute;
mod reshape;
