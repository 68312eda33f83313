//! Numbers in the place of NaN and of infinities.

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// `nan` for NaN, `posinf` and `neginf` for the infinities; 0 and the type's largest and lowest number where they
    /// are not given. What is replaced gets no gradient.
    pub fn nan_to_num(&self, nan: Option<T>, posinf: Option<T>, neginf: Option<T>) -> Self {
        let nan = nan.unwrap_or(T::zero());
        let (high, low) = (posinf.unwrap_or(T::max_value()), neginf.unwrap_or(T::min_value()));
        let replaced = self.value().map(|x| {
            if x.is_nan() {
                nan
            } else if x > T::zero() {
                high
            } else {
                low
            }
        });
        self.where_(&self.isfinite(), &Self::new(replaced))
    }
}
