//! `Var`: a tensor and its place in the graph.

use std::fmt;
use std::sync::Arc;

use gradus_tensor::{Dims, Float, Tensor};

use crate::graph::Origin;
use crate::leaf::Leaf;

/// A tensor that remembers how it was computed. `Clone` is cheap.
///
/// A variable is a constant, a leaf (made by [`requires_grad_`](Self::requires_grad_), or read off a
/// [`Param`](crate::Param)), or the result of operations on those.
#[derive(Clone)]
pub struct Var<T: Float = f32> {
    value: Tensor<T>,
    origin: Option<Origin<T>>,
}

impl<T: Float> Var<T> {
    /// A constant: no gradient flows into it.
    pub fn new(value: Tensor<T>) -> Self {
        Self { value, origin: None }
    }

    pub(crate) fn with_origin(value: Tensor<T>, origin: Origin<T>) -> Self {
        Self { value, origin: Some(origin) }
    }

    pub(crate) fn origin(&self) -> Option<&Origin<T>> {
        self.origin.as_ref()
    }

    /// Makes a constant a leaf, whose gradient [`backward`](Self::backward) computes. Others stay as they are.
    #[must_use]
    pub fn requires_grad_(self) -> Self {
        if self.origin.is_some() {
            return self;
        }
        let leaf = Arc::new(Leaf::new(self.value.shape()));
        Self::with_origin(self.value, Origin::Leaf(leaf))
    }

    /// Whether a gradient flows into this variable.
    pub fn requires_grad(&self) -> bool {
        match &self.origin {
            None => false,
            Some(Origin::Leaf(leaf)) => leaf.requires_grad(),
            Some(Origin::Node(_)) => true,
        }
    }

    /// Whether no operation computed this variable.
    pub fn is_leaf(&self) -> bool {
        !matches!(self.origin, Some(Origin::Node(_)))
    }

    /// The name of the operation that computed this variable (PyTorch's `grad_fn`).
    pub fn operation(&self) -> Option<&'static str> {
        match &self.origin {
            Some(Origin::Node(node)) => Some(node.name),
            _ => None,
        }
    }

    /// The same value as a constant: no gradient flows back through it, and it keeps no graph alive.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self::new(self.value.clone())
    }

    /// The value.
    pub fn value(&self) -> &Tensor<T> {
        &self.value
    }

    /// The value, without the graph.
    pub fn into_value(self) -> Tensor<T> {
        self.value
    }

    /// The size of each dimension.
    pub fn shape(&self) -> &[usize] {
        self.value.shape()
    }

    /// Whether both are one variable, or constants that are the same memory: what is computed of one need not be
    /// computed of the other again.
    pub fn is_same(&self, other: &Self) -> bool {
        let same_memory = || match (self.value.as_slice(), other.value.as_slice()) {
            (Some(own), Some(others)) => std::ptr::eq(own, others) && self.shape() == other.shape(),
            _ => false,
        };
        match (&self.origin, &other.origin) {
            (Some(Origin::Node(own)), Some(Origin::Node(others))) => Arc::ptr_eq(own, others),
            (Some(Origin::Leaf(own)), Some(Origin::Leaf(others))) => Arc::ptr_eq(own, others) && same_memory(),
            (None, None) => same_memory(),
            _ => false,
        }
    }

    /// The shape as a list of its own.
    pub(crate) fn dims(&self) -> Dims {
        self.value.dims()
    }

    /// The number of elements.
    pub fn numel(&self) -> usize {
        self.value.numel()
    }

    /// The one number that this variable holds.
    ///
    /// # Panics
    /// If it holds more or none.
    #[track_caller]
    pub fn item(&self) -> T {
        self.value.item()
    }

    /// The gradient that `backward` has gathered in this leaf; `None` before the first, and for all but leaves.
    pub fn grad(&self) -> Option<Tensor<T>> {
        match &self.origin {
            Some(Origin::Leaf(leaf)) => leaf.grad(),
            _ => None,
        }
    }

    /// Sets this leaf's gradient to none.
    pub fn zero_grad(&self) {
        if let Some(Origin::Leaf(leaf)) = &self.origin {
            leaf.set_grad(None);
        }
    }

    /// This variable in row-major memory.
    pub(crate) fn contiguous(self) -> Self {
        Self { value: self.value.contiguous(), origin: self.origin }
    }

    /// Adds `other` to this gradient: in place where nothing records and nothing else reads the memory.
    pub(crate) fn accumulate(&mut self, other: Self) {
        if crate::is_grad_enabled() && (self.requires_grad() || other.requires_grad()) {
            *self = &*self + &other;
            return;
        }
        self.value.add_(&other.value);
        self.origin = None;
    }
}

/// A constant.
impl<T: Float> From<Tensor<T>> for Var<T> {
    fn from(value: Tensor<T>) -> Self {
        Self::new(value)
    }
}

/// The value, and the operation that computed it.
impl<T: Float> fmt::Display for Var<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)?;
        match self.operation() {
            Some(operation) => write!(f, " operation={operation}"),
            None if self.requires_grad() => f.write_str(" requires_grad"),
            None => Ok(()),
        }
    }
}

impl<T: Float> fmt::Debug for Var<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
