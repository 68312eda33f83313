//! Dropout: elements set to zero at random.

use gradus_tensor::random::{Purpose, with_default};
use gradus_tensor::{DropoutMask, Float};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x m / (1 - p)` with a mask `m` that is 0 with probability `p`, else 1, drawn from this thread's
    /// [`Purpose::Dropout`] stream: the mean of `y` is `x` (Srivastava et al., JMLR 2014). This is the training form;
    /// in evaluation dropout does nothing.
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]`.
    #[track_caller]
    pub fn dropout(&self, p: f64) -> Self {
        assert!((0.0..=1.0).contains(&p), "dropout: probability {p} is outside 0..=1");
        let (value, mask) = with_default(Purpose::Dropout, |stream| self.value().dropout(p, stream));
        Self::recorded(value, &[self], || Dropout { mask })
    }
}

/// `dx = g m / (1 - p)`: dropout with the same mask, linear in `g`.
struct Dropout<T: Float> {
    mask: DropoutMask<T>,
}

impl<T: Float> Rule<T> for Dropout<T> {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        let value = g.value().apply_dropout(&self.mask);
        smallvec![Some(Var::recorded(value, &[g], || Self { mask: self.mask.clone() }))]
    }
}
