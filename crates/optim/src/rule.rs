//! `Rule`: what an algorithm is, apart from what all of them share.

use gradus_tensor::{Float, Tensor};

use crate::error::OptimError;

/// An update rule: hyper-parameters as a plain struct, `lr: f64` among them. Beside it, the update itself is either
/// [`Elementwise`] or [`Whole`].
pub(crate) trait Rule {
    /// The name that messages and command lines use.
    const NAME: &'static str;

    /// Options of PyTorch's class that are no field here, with the value that this rule has: they choose how PyTorch
    /// computes, not what.
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] = &[];

    /// Whether PyTorch counts the steps of each parameter in its state.
    const TORCH_STEP: bool = true;

    /// What is kept for a parameter of this shape.
    fn slots(&self, shape: &[usize]) -> Vec<Slot>;

    /// Checks the hyper-parameters.
    ///
    /// # Errors
    /// The first that the algorithm cannot work with.
    fn check(&self) -> Result<(), OptimError>;

    /// What the shape of a parameter must be, where the rule cannot work with this one.
    fn shape_needed(&self, _shape: &[usize]) -> Option<&'static str> {
        None
    }

    /// Whether the objective is to grow: the rule gets negated gradients.
    fn maximize(&self) -> bool {
        false
    }

    /// The weight decay, where the rule has one.
    fn weight_decay_mut(&mut self) -> Option<&mut f64>;

    /// What schedules that cycle the momentum set: momentum, or the first beta; none where the algorithm has neither.
    fn momentum_mut(&mut self) -> Option<&mut f64> {
        None
    }

    /// Whether parameters are where gradients must be taken, not where the model is to be used.
    fn is_training(&self) -> bool {
        true
    }

    /// Goes between the point where gradients are taken and the one where the model is used: the part of the way to
    /// its first slot that each parameter has to go. None where it is there already, or the points are one.
    fn switch(&mut self, _training: bool) -> Option<f64> {
        None
    }
}

/// One pass over the memory of a parameter.
pub(crate) trait Elementwise: Rule {
    /// How many of the slots, the last ones, are one number for the whole parameter.
    const NUMBERS: usize = 0;

    /// Renews these numbers, once a step (1 for the first) before all else; what comes back is `numbers` of
    /// [`Step`].
    fn advance<T: Float>(&self, _step: u64, _numbers: &mut [T]) -> [f64; 2] {
        [0.0; 2]
    }

    /// A step of a stretch of one parameter: `param[i]`, `grad[i]` and `slots[..][i]` belong together. Each element
    /// must be updated by itself, since the driver cuts parameters at will.
    ///
    /// `#[inline(always)]` in every algorithm, so that its loop is compiled for the processor's vector instructions.
    fn update<T: Float>(&self, step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]);
}

/// An update that needs the whole parameter at once, by the operations of tensors: they share the work out, and their
/// results do not depend on the number of threads.
pub(crate) trait Whole: Rule {
    /// The value that step `step` (1 for the first) gives the parameter.
    fn update<T: Float>(&self, step: u64, param: &Tensor<T>, grad: &Tensor<T>, slots: &mut [Tensor<T>]) -> Tensor<T>;
}

/// What all elements of a parameter share in a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// 1 for the first that this parameter takes.
    pub(crate) count: u64,
    /// From [`Elementwise::advance`].
    pub(crate) numbers: [f64; 2],
}

/// A tensor that an algorithm keeps for a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// PyTorch's name.
    pub name: &'static str,
    /// The shape.
    pub shape: Vec<usize>,
    /// What is in it before the first step.
    pub start: Start,
}

/// What a slot starts with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// This number in every element.
    Number(f64),
    /// A copy of the parameter.
    Parameter,
}

impl Slot {
    /// A slot of this shape that starts as `number`.
    pub(crate) fn filled(name: &'static str, shape: &[usize], number: f64) -> Self {
        Self { name, shape: shape.to_vec(), start: Start::Number(number) }
    }

    /// Slots of this shape that start as zeros.
    pub(crate) fn zeros(names: &[&'static str], shape: &[usize]) -> Vec<Self> {
        names.iter().map(|name| Self::filled(name, shape, 0.0)).collect()
    }

    /// The slot's tensor before the first step of a parameter that is `value`.
    pub(crate) fn begin<T: Float>(&self, value: impl FnOnce() -> Tensor<T>) -> Tensor<T> {
        match self.start {
            Start::Number(number) => Tensor::full(&self.shape, T::from_f64(number)),
            Start::Parameter => value(),
        }
    }
}

/// The error for a hyper-parameter that does not hold what `needed` says.
pub(crate) fn require<R: Rule>(
    holds: bool,
    name: &'static str,
    value: f64,
    needed: &'static str,
) -> Result<(), OptimError> {
    if holds { Ok(()) } else { Err(OptimError::Hyperparameter { algorithm: R::NAME, name, value, needed }) }
}

/// [`require`] that a number is finite and at least 0.
pub(crate) fn require_not_negative<R: Rule>(name: &'static str, value: f64) -> Result<(), OptimError> {
    require::<R>(value.is_finite() && value >= 0.0, name, value, "a finite number of at least 0")
}

/// [`require`] that both betas are at least 0 and below 1.
pub(crate) fn require_betas<R: Rule>(betas: [f64; 2]) -> Result<(), OptimError> {
    for (name, beta) in ["beta1", "beta2"].into_iter().zip(betas) {
        require::<R>((0.0..1.0).contains(&beta), name, beta, "at least 0 and below 1")?;
    }
    Ok(())
}

/// `a + weight (b - a)` in the two forms of torch.lerp: each is exact at the end that it starts from.
#[inline(always)]
pub(crate) fn lerp<T: Float>(weight: f64) -> impl Fn(T, T) -> T + Copy + Sync {
    let (near, [weight, rest]) = (weight.abs() < 0.5, [weight, 1.0 - weight].map(T::from_f64));
    #[inline(always)]
    move |a, b| if near { a + weight * (b - a) } else { b - (b - a) * rest }
}

/// The larger of two numbers, NaN if one is NaN, as torch.maximum.
#[inline(always)]
pub(crate) fn maximum<T: Float>(a: T, b: T) -> T {
    if a > b || a.is_nan() { a } else { b }
}
