//! What a module remembers beside its parameters: running statistics and counts. They are in the state dict; no
//! optimizer changes them.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use gradus_tensor::{Float, Tensor};

/// A tensor that belongs to a module's state and is not trained (PyTorch's `register_buffer`), as a field of it. Clones
/// are the same buffer.
#[derive(Clone)]
pub struct Buffer<T: Float = f32> {
    value: Arc<RwLock<Tensor<T>>>,
    shape: Vec<usize>,
}

impl<T: Float> Buffer<T> {
    /// A buffer that starts as `value`.
    pub fn new(value: Tensor<T>) -> Self {
        Self { shape: value.shape().to_vec(), value: Arc::new(RwLock::new(value)) }
    }

    /// The present value; a pointer, not a copy.
    pub fn value(&self) -> Tensor<T> {
        self.value.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the value.
    ///
    /// # Panics
    /// If the shape differs.
    #[track_caller]
    pub fn set_value(&self, value: Tensor<T>) {
        assert!(
            value.shape() == self.shape(),
            "set_value: a buffer of shape {:?} cannot hold a value of shape {:?}",
            self.shape(),
            value.shape()
        );
        *self.value.write().unwrap_or_else(PoisonError::into_inner) = value;
    }

    /// Whether both are the same buffer.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.value, &other.value)
    }

    /// The size of each dimension.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }
}

impl<T: Float> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer {}", self.value())
    }
}

/// A count that belongs to a module's state, as a field of it; in the state dict an i64 tensor without dimensions.
/// Clones are the same counter.
#[derive(Clone, Debug, Default)]
pub struct Counter {
    count: Arc<AtomicI64>,
}

impl Counter {
    /// A counter that starts at 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// The present count.
    pub fn get(&self) -> i64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Replaces the count.
    pub fn set(&self, count: i64) {
        self.count.store(count, Ordering::Relaxed);
    }

    /// Adds 1; the count after that.
    pub fn increment(&self) -> i64 {
        self.count.fetch_add(1, Ordering::Relaxed) + 1
    }
}
