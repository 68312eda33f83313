//! Rectifiers that let something through below 0.

use gradus_tensor::Float;
use gradus_tensor::random::{Purpose, with_default};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x` above 0, else `slope x` (Maas et al., ICML workshop 2013). PyTorch's default slope is 0.01. The gradient
    /// at 0 is the slope, as in PyTorch.
    pub fn leaky_relu(&self, slope: f64) -> Self {
        let slope = T::from_f64(slope);
        let value = self.value().map(|x| if x > T::zero() { x } else { x * slope });
        Self::recorded(value, &[self], || LeakyRelu { x: self.clone(), slope })
    }

    /// `y = x` above 0, else `w x` with a weight of one number, or one for each entry of dimension 1 (He et al.,
    /// arXiv:1502.01852). The gradient at 0 is the weight, as in PyTorch.
    ///
    /// # Panics
    /// If the number of weights fits neither.
    #[track_caller]
    pub fn prelu(&self, weight: &Self) -> Self {
        let channels = self.shape().get(1).copied().unwrap_or(1);
        assert!(
            weight.numel() == 1 || weight.numel() == channels,
            "prelu: weight {:?} for input {:?} must hold one number, or one for each entry of dimension 1",
            weight.shape(),
            self.shape()
        );
        let mut shape = vec![1; self.shape().len()];
        if weight.numel() > 1 {
            shape[1] = channels;
        }
        // Only what is below 0 meets the weight: 0 times an infinite input would spoil the weight's gradient.
        let above = self.gt(T::zero());
        let below = self.where_(&above.logical_not(), T::zero());
        self.where_(&above, &(below * weight.reshape(shape)))
    }

    /// `y = x` above 0, else `r x`, in training with r drawn for each element from `lower` to `upper`, from this
    /// thread's [`Purpose::Dropout`] stream, and in evaluation the mean of both (Xu et al., arXiv:1505.00853).
    /// PyTorch's defaults are 1/8 and 1/3.
    ///
    /// # Panics
    /// If `lower` is above `upper`.
    #[track_caller]
    pub fn rrelu(&self, lower: f64, upper: f64, training: bool) -> Self {
        assert!(lower <= upper, "rrelu: lower bound {lower} is above upper bound {upper}");
        if !training {
            return self.leaky_relu((lower + upper) / 2.0);
        }
        let drawn = with_default(Purpose::Dropout, |stream| stream.uniform::<T>(self.shape(), lower, upper));
        let slopes = self.value().zip_map(&drawn, "rrelu", |x, r| if x > T::zero() { T::one() } else { r });
        self * Self::new(slopes)
    }
}

/// `dx = g` above 0, else `g slope`.
struct LeakyRelu<T: Float> {
    x: Var<T>,
    slope: T,
}

impl<T: Float> Rule<T> for LeakyRelu<T> {
    fn name(&self) -> &'static str {
        "leaky_relu"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        smallvec![Some(g.where_(&self.x.gt(T::zero()), &(g * self.slope)))]
    }
}
