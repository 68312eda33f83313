//! The same elements in another shape or order.

mod broadcast_to;
mod cat;
mod channels_last;
mod diagonal;
mod diff;
mod flatten;
mod flip;
pub(crate) mod meshgrid;
mod movedim;
pub(crate) mod pad;
mod permute;
mod pixel_shuffle;
mod repeat;
mod reshape;
mod roll;
mod select;
mod slice;
mod split;
mod squeeze;
mod triangle;
