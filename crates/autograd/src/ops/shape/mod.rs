//! The same elements in another shape or order.

mod broadcast_to;
mod cat;
mod channels_last;
mod flatten;
mod flip;
pub(crate) mod pad;
mod permute;
mod reshape;
mod select;
mod slice;
mod squeeze;
