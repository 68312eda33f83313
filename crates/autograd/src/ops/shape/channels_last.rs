//! Images in channels-last memory: the same values in another order of memory.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The same images `[N, C, H, W]` in channels-last memory: itself where it is so already. Where several operations
    /// want that order, this copies once for all.
    ///
    /// # Panics
    /// If there are not four dimensions.
    #[track_caller]
    pub fn to_channels_last(&self) -> Self {
        if self.value().is_channels_last() {
            return self.clone();
        }
        Self::recorded(self.value().to_channels_last(), &[self], || ToChannelsLast)
    }
}

/// `dx = g`, in whatever memory.
struct ToChannelsLast;

impl<T: Float> Rule<T> for ToChannelsLast {
    fn name(&self) -> &'static str {
        "to_channels_last"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().clone())]
    }
}
