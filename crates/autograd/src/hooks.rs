//! Functions that `backward` calls with gradients.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use gradus_tensor::Float;

use crate::graph::Origin;
use crate::param::Param;
use crate::var::Var;

type Hook<T> = Arc<dyn Fn(&Var<T>) -> Option<Var<T>> + Send + Sync>;
type AfterHook = Arc<dyn Fn() + Send + Sync>;

/// Takes a hook away again with [`remove`](Self::remove). Dropping it leaves the hook where it is.
#[must_use = "a hook stays until its handle removes it"]
pub struct HookHandle(Box<dyn FnOnce() + Send + Sync>);

impl HookHandle {
    /// Removes the hook.
    pub fn remove(self) {
        (self.0)();
    }
}

/// Hooks in the order in which they came, made when the first one comes.
pub(crate) struct Hooks<F>(OnceLock<Arc<Mutex<Numbered<F>>>>);

/// Each hook with a number of its own, by which its handle finds it.
type Numbered<F> = Vec<(u64, F)>;

impl<F: Clone + Send + Sync + 'static> Hooks<F> {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    fn add(&self, hook: F) -> HookHandle {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let (id, list) = (NEXT.fetch_add(1, Ordering::Relaxed), self.0.get_or_init(Arc::default).clone());
        lock(&list).push((id, hook));
        HookHandle(Box::new(move || lock(&list).retain(|(other, _)| *other != id)))
    }

    /// The hooks there are now, so that a hook may add and remove hooks.
    fn present(&self) -> Vec<F> {
        self.0.get().map_or_else(Vec::new, |list| lock(list).iter().map(|(_, hook)| hook.clone()).collect())
    }
}

/// A hook that panicked was not running under this lock.
fn lock<F>(list: &Mutex<Vec<(u64, F)>>) -> MutexGuard<'_, Vec<(u64, F)>> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hooks on the gradient of a variable.
pub(crate) type GradientHooks<T> = Hooks<Hook<T>>;
/// Hooks after a leaf's gradient has been added to.
pub(crate) type AfterHooks = Hooks<AfterHook>;

impl<T: Float> GradientHooks<T> {
    /// What the hooks make of `gradient`.
    #[inline]
    pub(crate) fn apply(&self, mut gradient: Var<T>) -> Var<T> {
        if self.0.get().is_none() {
            return gradient;
        }
        for hook in self.present() {
            gradient = hook(&gradient).unwrap_or(gradient);
        }
        gradient
    }
}

impl AfterHooks {
    pub(crate) fn run(&self) {
        self.present().into_iter().for_each(|hook| hook());
    }
}

impl<T: Float> Var<T> {
    /// Calls `hook` with this variable's gradient in each backward pass, when all of it has come; a gradient that
    /// `hook` returns takes its place (PyTorch's `Tensor.register_hook`).
    ///
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    ///
    /// let x = Var::new(Tensor::scalar(3.0f32)).requires_grad_();
    /// let y = &x * 2.0;
    /// let clipped = y.register_hook(|gradient| Some(gradient * 0.5));
    /// (&y * &y).backward()?;
    /// assert_eq!(x.grad().unwrap().item(), 12.0);
    /// clipped.remove();
    /// # Ok::<(), gradus_autograd::AutogradError>(())
    /// ```
    ///
    /// # Panics
    /// If this variable requires no gradient; and in the backward pass, if `hook` returns another shape.
    #[track_caller]
    pub fn register_hook(&self, hook: impl Fn(&Self) -> Option<Self> + Send + Sync + 'static) -> HookHandle {
        let shape = self.shape().to_vec();
        let checked = move |gradient: &Self| {
            let replaced = hook(gradient)?;
            assert!(
                replaced.shape() == shape,
                "register_hook: the hook gave a gradient of shape {:?} for a variable of shape {shape:?}",
                replaced.shape()
            );
            Some(replaced)
        };
        match self.origin().filter(|_| self.requires_grad()) {
            Some(Origin::Leaf(leaf)) => leaf.hooks.add(Arc::new(checked)),
            Some(Origin::Node(node)) => node.hooks.add(Arc::new(checked)),
            None => panic!("register_hook: this variable requires no gradient, so none will come"),
        }
    }
}

impl<T: Float> Param<T> {
    /// Calls `hook` after each backward pass that has added to this parameter's gradient, without recording (PyTorch's
    /// `register_post_accumulate_grad_hook`): a place for an optimizer step that frees the gradient at once.
    pub fn register_post_accumulate_grad_hook(&self, hook: impl Fn(&Self) + Send + Sync + 'static) -> HookHandle {
        let parameter = self.downgrade();
        self.leaf().after.add(Arc::new(move || {
            if let Some(parameter) = parameter.upgrade() {
                hook(&parameter);
            }
        }))
    }
}
