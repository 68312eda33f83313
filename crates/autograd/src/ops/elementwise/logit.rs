//! The inverse of the logistic function.

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = log(x / (1 - x))`; NaN outside 0 to 1. With `eps`, x is first held between `eps` and `1 - eps`, where
    /// the gradient is still that of the logarithm, as in PyTorch.
    pub fn logit(&self, eps: Option<f64>) -> Self {
        let held = eps.map(|eps| {
            let (low, high) = (T::from_f64(eps), T::from_f64(1.0 - eps));
            let inside = self.value().map(|x| x >= low && x <= high);
            self.where_(&inside, &self.detach().clamp(Some(low), Some(high)))
        });
        let outside = self.value().map(|x| x < T::zero() || x > T::one());
        // There the quotient below has a slope; the function has none.
        let none = || self * &Self::new(outside.map(|outside| if outside { T::nan() } else { T::one() }));
        let held = if eps.is_none() && outside.any() { Some(none()) } else { held };
        let x = held.as_ref().unwrap_or(self);
        (x / &(-x + T::one())).log()
    }
}
