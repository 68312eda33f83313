//! Dropout as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::mode::Mode;
use crate::module::Layer;

/// In training, sets each element to 0 with probability `p` and divides the others by `1 - p`; in evaluation, does
/// nothing ([torch.nn.Dropout]).
///
/// [torch.nn.Dropout]: https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html
#[derive(Debug)]
pub struct Dropout {
    rate: Rate,
}

impl Dropout {
    /// Drops each element with probability `p`.
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]`.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        Self { rate: Rate::new("Dropout", p) }
    }

    /// The probability where something is to be dropped: in training, and above 0.
    pub(super) fn active(&self) -> Option<f64> {
        self.rate.active()
    }
}

/// PyTorch's default of 0.5.
impl Default for Dropout {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl<T: Float> crate::Module<T> for Dropout {
    fn members(&self, members: &mut crate::Members<T>) {
        self.rate.members(members);
    }
}

impl<T: Float> Layer<T> for Dropout {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.rate.apply(x, Var::dropout)
    }
}

/// What the layers that drop have in common: a probability, and whether the layer trains.
#[derive(Debug)]
pub(super) struct Rate {
    p: f64,
    mode: Mode,
}

impl Rate {
    /// The rate of the layer called `name`.
    #[track_caller]
    pub(super) fn new(name: &str, p: f64) -> Self {
        assert!((0.0..=1.0).contains(&p), "{name}: probability {p} is outside 0..=1");
        Self { p, mode: Mode::new() }
    }

    /// `drop(x, p)` where something is to be dropped, else `x`.
    #[track_caller]
    pub(super) fn apply<T: Float>(&self, x: &Var<T>, drop: fn(&Var<T>, f64) -> Var<T>) -> Var<T> {
        match self.active() {
            Some(p) => drop(x, p),
            None => x.clone(),
        }
    }

    /// The probability where something is to be dropped: in training, and above 0.
    pub(super) fn active(&self) -> Option<f64> {
        (self.mode.is_training() && self.p > 0.0).then_some(self.p)
    }

    pub(super) fn members<T: Float>(&self, members: &mut crate::Members<T>) {
        members.field("mode", &self.mode);
    }
}
