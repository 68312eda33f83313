//! A bounded activation of slow growth.

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x / (1 + |x|)`.
    pub fn softsign(&self) -> Self {
        self / &(self.abs() + T::one())
    }
}
