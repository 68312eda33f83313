//! Channels in turn from each group.

use gradus_tensor::{Dims, Float};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// `[N, C, ..]` with the channels taken in turn from each of `groups` groups (PyTorch's
    /// `functional.channel_shuffle`; Zhang et al., CVPR 2018).
    ///
    /// # Panics
    /// If there are fewer than three dimensions, or the groups do not divide the channels.
    #[track_caller]
    pub fn channel_shuffle(&self, groups: usize) -> Self {
        let &[images, channels, ref places @ ..] = self.shape() else {
            panic!("channel_shuffle: input {:?} must be [N, C, ..]", self.shape());
        };
        assert!(
            groups > 0 && channels.is_multiple_of(groups) && !places.is_empty(),
            "channel_shuffle: the channels of input {:?}, [N, C, ..], are not divided by {groups} groups",
            self.shape()
        );
        let cut: Dims = [images, groups, channels / groups].into_iter().chain(places.iter().copied()).collect();
        self.reshape(cut).transpose(1, 2).reshape(self.shape())
    }
}
