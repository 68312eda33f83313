//! Instance normalisation.

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// `(x - mean) / sqrt(variance + eps) weight + bias` of `x` `[N, C, ..]`, mean and (biased) variance taken over
    /// each channel of each sample (PyTorch's `functional.instance_norm` with `use_input_stats=True`; Ulyanov et al.,
    /// arXiv:1607.08022). Weight and bias are `[C]`; without them they are 1 and 0. PyTorch's eps is 1e-5.
    ///
    /// With running statistics instead it is [`batch_norm_with`](Self::batch_norm_with).
    ///
    /// # Panics
    /// If the shapes do not fit, or a channel holds but one element, whose variance says nothing.
    #[track_caller]
    pub fn instance_norm(&self, weight: Option<&Self>, bias: Option<&Self>, eps: f64) -> Self {
        let shape = self.shape();
        assert!(shape.len() >= 3, "instance_norm: input {shape:?} must be [N, C, ..]");
        assert!(
            shape[2..].iter().product::<usize>() != 1,
            "instance_norm: input {shape:?} has not more than one element a channel"
        );
        self.group_norm(shape[1].max(1), weight, bias, eps)
    }
}
