//! What can go wrong in `backward`, in PyTorch's words.

use thiserror::Error;

/// Why gradients could not be computed. Nothing was changed: no gradient was added anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AutogradError {
    /// `backward` without a given gradient starts from one number.
    #[error(
        "grad can be implicitly created only for scalar outputs, but this one has shape {shape:?}; \
         reduce it by sum or mean, or give a gradient of its shape"
    )]
    NotScalar {
        /// The output's shape.
        shape: Vec<usize>,
    },
    /// Nothing that requires a gradient took part in the computation.
    #[error(
        "element 0 of tensors does not require grad and does not have a grad_fn; \
         it was computed without a parameter, under no_grad, or detached"
    )]
    NoGraph,
    /// An earlier `backward` has used up this graph.
    #[error(
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already \
         been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). \
         Specify retain_graph=True if you need to backward through the graph a second time or if you need to access \
         saved tensors after calling backward; reached at {operation}"
    )]
    GraphFreed {
        /// The forward operation whose saved values are gone.
        operation: &'static str,
    },
    /// Anomaly mode has seen a number that is not finite.
    #[error(transparent)]
    Anomaly(#[from] crate::Anomaly),
    /// The gradient given to `backward` is not of the output's shape.
    #[error(
        "Mismatch in shape: the given gradient has a shape of {gradient:?} and the output has a shape of {output:?}"
    )]
    GradientShape {
        /// The given gradient's shape.
        gradient: Vec<usize>,
        /// The output's shape.
        output: Vec<usize>,
    },
    /// An input of `grad` does not require a gradient, so none can be computed for it.
    #[error("input {index} of grad does not require a gradient; make it a leaf with requires_grad_()")]
    InputWithoutGrad {
        /// The input's place in the list.
        index: usize,
    },
}
