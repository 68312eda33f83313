//! Elements replaced by a number.

use gradus_tensor::{Float, Tensor};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `value` where the mask is true, else this variable's element, whatever it is elsewhere; both broadcast.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn masked_fill(&self, mask: &Tensor<bool>, value: T) -> Self {
        let filled = self.value().zip_map(mask, "masked_fill", move |x, hidden| if hidden { value } else { x });
        let own = self.broadcast_to(filled.shape());
        Self::recorded(filled, &[&own], || MaskedFill { mask: mask.clone() })
    }
}

/// `dx` = g where the mask is false, else 0.
struct MaskedFill {
    mask: Tensor<bool>,
}

impl<T: Float> Rule<T> for MaskedFill {
    fn name(&self) -> &'static str {
        "masked_fill"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().masked_fill(&self.mask, T::zero()))]
    }
}
