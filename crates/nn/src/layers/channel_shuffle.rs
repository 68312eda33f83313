//! The channels in turn from each group.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// The channels of `[N, C, ..]` in turn from each group ([torch.nn.ChannelShuffle]).
///
/// [torch.nn.ChannelShuffle]: https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
#[derive(Clone, Copy, Debug)]
pub struct ChannelShuffle {
    groups: usize,
}

impl ChannelShuffle {
    /// As many groups of neighbouring channels.
    pub fn new(groups: usize) -> Self {
        Self { groups }
    }
}

impl<T: Float> Module<T> for ChannelShuffle {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for ChannelShuffle {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.channel_shuffle(self.groups)
    }
}
