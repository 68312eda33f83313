//! Leaves: where the graph ends and gradients gather.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use gradus_tensor::{Dims, Float, Tensor};

use crate::hooks::{AfterHooks, GradientHooks};
use crate::var::Var;

/// The gradient's place of a variable that nothing computed.
pub(crate) struct Leaf<T: Float> {
    pub(crate) shape: Dims,
    requires_grad: AtomicBool,
    grad: Mutex<Option<Var<T>>>,
    /// Whether an optimizer has used the gradient since it was none.
    used: AtomicBool,
    pub(crate) hooks: GradientHooks<T>,
    pub(crate) after: AfterHooks,
}

impl<T: Float> Leaf<T> {
    pub(crate) fn new(shape: &[usize]) -> Self {
        Self {
            shape: Dims::from_slice(shape),
            requires_grad: AtomicBool::new(true),
            grad: Mutex::new(None),
            used: AtomicBool::new(false),
            hooks: GradientHooks::new(),
            after: AfterHooks::new(),
        }
    }

    pub(crate) fn requires_grad(&self) -> bool {
        self.requires_grad.load(Ordering::Relaxed)
    }

    pub(crate) fn set_requires_grad(&self, requires_grad: bool) {
        self.requires_grad.store(requires_grad, Ordering::Relaxed);
    }

    pub(crate) fn grad(&self) -> Option<Tensor<T>> {
        self.lock().as_ref().map(|grad| grad.value().clone())
    }

    /// The gradient, and whether this has been asked since the gradient was none.
    pub(crate) fn use_grad(&self) -> Option<(Tensor<T>, bool)> {
        let grad = self.grad()?;
        Some((grad, self.used.swap(true, Ordering::Relaxed)))
    }

    pub(crate) fn set_grad(&self, grad: Option<Var<T>>) {
        self.used.store(false, Ordering::Relaxed);
        *self.lock() = grad;
    }

    /// Adds `grad` to what is there. The first is moved in, so that no zeros are made and nothing is added.
    pub(crate) fn accumulate(&self, grad: Var<T>) {
        let mut place = self.lock();
        match &mut *place {
            None => *place = Some(grad.contiguous()),
            Some(sum) => sum.accumulate(grad),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Var<T>>> {
        self.grad.lock().expect("no thread panics while it holds a gradient's lock")
    }
}
