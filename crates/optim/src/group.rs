//! Parameters that share hyper-parameters.

use gradus_autograd::Param;
use gradus_tensor::Float;

use crate::registry::Algorithm;

/// Named parameters, and the algorithm with the hyper-parameters that hold for them.
#[derive(Clone, Debug)]
pub struct ParamGroup<T: Float = f32> {
    /// What is trained.
    pub parameters: Vec<(String, Param<T>)>,
    /// How; all groups of an optimizer have the same algorithm.
    pub algorithm: Algorithm,
}

impl<T: Float> ParamGroup<T> {
    /// A group.
    pub fn new(parameters: impl IntoIterator<Item = (String, Param<T>)>, algorithm: impl Into<Algorithm>) -> Self {
        Self { parameters: parameters.into_iter().collect(), algorithm: algorithm.into() }
    }

    /// Two groups: the parameters that `first` is true of, and the others, both with this algorithm to be changed.
    pub fn split(
        parameters: impl IntoIterator<Item = (String, Param<T>)>,
        algorithm: impl Into<Algorithm>,
        first: impl Fn(&str, &Param<T>) -> bool,
    ) -> [Self; 2] {
        let algorithm = algorithm.into();
        let (yes, no): (Vec<_>, Vec<_>) = parameters.into_iter().partition(|(name, parameter)| first(name, parameter));
        [Self { parameters: yes, algorithm: algorithm.clone() }, Self { parameters: no, algorithm }]
    }

    /// Weight decay for matrices and kernels alone: a second group of what has fewer than two dimensions, biases and
    /// the weights of norms, has none.
    ///
    /// ```
    /// use gradus_autograd::Param;
    /// use gradus_optim::{AdamW, Optimizer, ParamGroup};
    /// use gradus_tensor::Tensor;
    ///
    /// let weight: Param = Param::new(Tensor::zeros([3, 2]));
    /// let bias = Param::new(Tensor::zeros([3]));
    /// let parameters = [("weight".to_owned(), weight), ("bias".to_owned(), bias)];
    /// let optimizer = Optimizer::with_groups(ParamGroup::decay_matrices(parameters, AdamW::default()))?;
    /// assert_eq!(optimizer.algorithms()[1], AdamW { weight_decay: 0.0, ..AdamW::default() }.into());
    /// # Ok::<(), gradus_optim::OptimError>(())
    /// ```
    pub fn decay_matrices(
        parameters: impl IntoIterator<Item = (String, Param<T>)>,
        algorithm: impl Into<Algorithm>,
    ) -> [Self; 2] {
        let [matrices, mut others] = Self::split(parameters, algorithm, |_, parameter| parameter.shape().len() >= 2);
        others.algorithm.set_weight_decay(0.0);
        [matrices, others]
    }
}
