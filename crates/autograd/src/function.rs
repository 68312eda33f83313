//! Operations of users: forward and backward in one `impl`.

use gradus_tensor::{Float, Tensor};

use crate::graph::{Context, Gradients, Rule};
use crate::mode::no_grad;
use crate::var::Var;

/// An operation of one's own (PyTorch's `torch.autograd.Function`), whose fields are its options.
///
/// `backward` is written with [`Var`] operations: then second derivatives follow, and
/// [`gradcheck`](crate::gradcheck) and [`gradgradcheck`](crate::gradgradcheck) prove both.
///
/// ```
/// use gradus_autograd::{Context, Function, Gradients, Var, gradcheck, gradgradcheck};
/// use gradus_tensor::{Float, Tensor};
///
/// /// `x^3`, with gradient `3 x^2`.
/// struct Cube;
///
/// impl<T: Float> Function<T> for Cube {
///     type Saved = Var<T>;
///
///     fn name(&self) -> &'static str {
///         "cube"
///     }
///
///     fn forward(&self, inputs: &[&Var<T>]) -> (Tensor<T>, Var<T>) {
///         (inputs[0].value().map(|x| x * x * x), inputs[0].clone())
///     }
///
///     fn backward(&self, x: &Var<T>, context: &Context<'_, T>) -> Gradients<T> {
///         [context.when_needed(0, || context.gradient() * &(x * x * T::from_f64(3.0)))].into_iter().collect()
///     }
/// }
///
/// let at = [Tensor::from_vec(vec![0.5, -2.0], [2])];
/// gradcheck(|x| Cube.apply(&[&x[0]]), &at)?;
/// gradgradcheck(|x| Cube.apply(&[&x[0]]), &at)?;
/// # Ok::<(), gradus_autograd::GradcheckError>(())
/// ```
pub trait Function<T: Float = f32>: Send + Sync + Sized + 'static {
    /// What `backward` needs of the forward pass.
    type Saved: Send + Sync + 'static;

    /// The operation's name, for messages and profiles.
    fn name(&self) -> &'static str;

    /// The result, and what is saved of the computation. Nothing is recorded meanwhile.
    fn forward(&self, inputs: &[&Var<T>]) -> (Tensor<T>, Self::Saved);

    /// The gradients of the inputs, in order, from that of the output (`context.gradient()`).
    fn backward(&self, saved: &Self::Saved, context: &Context<'_, T>) -> Gradients<T>;

    /// The operation on `inputs`, recorded.
    fn apply(self, inputs: &[&Var<T>]) -> Var<T> {
        let (value, saved) = no_grad(|| self.forward(inputs));
        Var::from_operation(value, inputs, Recorded { function: self, saved })
    }
}

/// A function that was applied.
struct Recorded<F, S> {
    function: F,
    saved: S,
}

impl<T: Float, F: Function<T>> Rule<T> for Recorded<F, F::Saved> {
    fn name(&self) -> &'static str {
        self.function.name()
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        self.function.backward(&self.saved, context)
    }
}
