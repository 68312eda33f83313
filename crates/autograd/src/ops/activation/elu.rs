//! Exponential linear units.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x` above 0, else `alpha (e^x - 1)` (Clevert et al., arXiv:1511.07289). PyTorch's default alpha is 1.
    pub fn elu(&self, alpha: f64) -> Self {
        self.elu_with(alpha, 1.0, 1.0)
    }

    /// `elu` times a scale, both of fixed numbers for which means of 0 and variances of 1 are kept (Klambauer et al.,
    /// arXiv:1706.02515).
    pub fn selu(&self) -> Self {
        self.elu_with(1.673_263_242_354_377_2, 1.050_700_987_355_480_5, 1.0)
    }

    /// `y = x` above 0, else `alpha (e^(x / alpha) - 1)`, whose derivative has no jump (Barron, arXiv:1704.07483).
    /// PyTorch's default alpha is 1.
    ///
    /// # Panics
    /// If alpha is 0.
    #[track_caller]
    pub fn celu(&self, alpha: f64) -> Self {
        assert!(alpha != 0.0, "celu: alpha is 0");
        self.elu_with(alpha, 1.0, 1.0 / alpha)
    }

    fn elu_with(&self, alpha: f64, scale: f64, input_scale: f64) -> Self {
        let (above, below) = (T::from_f64(scale), T::from_f64(alpha * scale));
        let input_scale = T::from_f64(input_scale);
        let value = self.value().map(|x| if x <= T::zero() { (x * input_scale).exp_m1() * below } else { x * above });
        Self::recorded(value, &[self], || Elu { x: self.clone(), above, below, input_scale })
    }
}

/// `y = above x` for x above 0, else `below (e^(input_scale x) - 1)`: `dx = g above` or `g below input_scale
/// e^(input_scale x)`.
struct Elu<T: Float> {
    x: Var<T>,
    above: T,
    below: T,
    input_scale: T,
}

impl<T: Float> Rule<T> for Elu<T> {
    fn name(&self) -> &'static str {
        "elu"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        // Held at 0, since an infinite power would spoil the second derivative where it is not chosen.
        let power = (self.x.clamp(None, Some(T::zero())) * self.input_scale).exp();
        let curved = g * &(power * (self.input_scale * self.below));
        smallvec![Some(curved.where_(&self.x.le(T::zero()), &(g * self.above)))]
    }
}
