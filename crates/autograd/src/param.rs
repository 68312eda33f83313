//! `Param`: a leaf whose value changes as it is trained.

use std::fmt;
use std::sync::{Arc, RwLock, RwLockWriteGuard, Weak};

use gradus_tensor::{Float, Tensor};

use crate::graph::Origin;
use crate::leaf::Leaf;
use crate::var::Var;

/// A trainable tensor: value, gradient, and whether it is trained. Clones are the same parameter (tied weights).
///
/// A graph reads the value as it was when [`var`](Self::var) was called: a later change copies memory that a graph
/// still reads, and happens in place where none does.
#[derive(Clone)]
pub struct Param<T: Float = f32> {
    shared: Arc<Shared<T>>,
}

struct Shared<T: Float> {
    leaf: Arc<Leaf<T>>,
    value: RwLock<Tensor<T>>,
}

const UNPOISONED: &str = "no thread panics while it holds a parameter's lock";

impl<T: Float> Param<T> {
    /// A parameter that starts as `value`, without gradient, to be trained.
    pub fn new(value: Tensor<T>) -> Self {
        let leaf = Arc::new(Leaf::new(value.shape()));
        Self { shared: Arc::new(Shared { leaf, value: RwLock::new(value) }) }
    }

    /// The parameter as a variable to compute with: a leaf, or a constant where it is frozen.
    pub fn var(&self) -> Var<T> {
        if !self.requires_grad() {
            return Var::new(self.value());
        }
        Var::with_origin(self.value(), Origin::Leaf(self.shared.leaf.clone()))
    }

    /// The present value; a pointer, not a copy.
    pub fn value(&self) -> Tensor<T> {
        self.shared.value.read().expect(UNPOISONED).clone()
    }

    /// Replaces the value.
    ///
    /// # Panics
    /// If the shape differs.
    #[track_caller]
    pub fn set_value(&self, value: Tensor<T>) {
        assert!(
            value.shape() == self.shape(),
            "set_value: a parameter of shape {:?} cannot hold a value of shape {:?}",
            self.shape(),
            value.shape()
        );
        *self.shared.value.write().expect(UNPOISONED) = value;
    }

    /// The value for writing without recording: what an optimizer does. Others wait until it is dropped.
    pub fn value_mut(&self) -> ValueMut<'_, T> {
        ValueMut(self.shared.value.write().expect(UNPOISONED))
    }

    /// The gradient that `backward` has gathered; `None` where nothing has flowed here since
    /// [`zero_grad`](Self::zero_grad).
    pub fn grad(&self) -> Option<Tensor<T>> {
        self.shared.leaf.grad()
    }

    /// The gradient for an optimizer's step, and whether an earlier step has used it already, wholly or in part: nobody
    /// has set it to none since.
    pub fn use_grad(&self) -> Option<(Tensor<T>, bool)> {
        self.shared.leaf.use_grad()
    }

    /// Sets the gradient.
    ///
    /// # Panics
    /// If its shape is not the parameter's.
    #[track_caller]
    pub fn set_grad(&self, grad: Option<Tensor<T>>) {
        if let Some(grad) = &grad {
            assert!(
                grad.shape() == self.shape(),
                "set_grad: a parameter of shape {:?} cannot have a gradient of shape {:?}",
                self.shape(),
                grad.shape()
            );
        }
        self.shared.leaf.set_grad(grad.map(|grad| Var::new(grad.contiguous())));
    }

    /// Sets the gradient to none.
    pub fn zero_grad(&self) {
        self.shared.leaf.set_grad(None);
    }

    /// Whether gradients are computed for this parameter.
    pub fn requires_grad(&self) -> bool {
        self.shared.leaf.requires_grad()
    }

    /// Freezes (`false`) or trains (`true`) the parameter from the next forward pass on.
    pub fn set_requires_grad(&self, requires_grad: bool) {
        self.shared.leaf.set_requires_grad(requires_grad);
    }

    /// The size of each dimension.
    pub fn shape(&self) -> &[usize] {
        &self.shared.leaf.shape
    }

    /// The number of elements.
    pub fn numel(&self) -> usize {
        gradus_tensor::numel(self.shape())
    }

    pub(crate) fn leaf(&self) -> &Leaf<T> {
        &self.shared.leaf
    }

    /// This parameter for as long as others hold it.
    pub(crate) fn downgrade(&self) -> WeakParam<T> {
        WeakParam(Arc::downgrade(&self.shared))
    }

    /// Whether both are the same parameter.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

/// A parameter that is not kept alive.
pub(crate) struct WeakParam<T: Float>(Weak<Shared<T>>);

impl<T: Float> WeakParam<T> {
    pub(crate) fn upgrade(&self) -> Option<Param<T>> {
        self.0.upgrade().map(|shared| Param { shared })
    }
}

/// A parameter's value for writing; from [`Param::value_mut`].
pub struct ValueMut<'a, T: Float>(RwLockWriteGuard<'a, Tensor<T>>);

impl<T: Float> ValueMut<'_, T> {
    /// The elements in row-major order. Memory that a graph still reads is copied first.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        self.0.as_mut_slice()
    }
}

impl<T: Float> fmt::Debug for Param<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Param {}", self.value())
    }
}
