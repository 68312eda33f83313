//! Parameters that share hyper-parameters.

use std::collections::BTreeMap;

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

    /// Smaller learning rates for lower layers: a group for each number that `depth` gives, 0 for what is nearest to
    /// the loss, with `decay^depth` times the algorithm's learning rate (Howard and Ruder, arXiv:1801.06146).
    ///
    /// ```
    /// use gradus_autograd::Param;
    /// use gradus_optim::{Optimizer, ParamGroup, Sgd};
    /// use gradus_tensor::Tensor;
    ///
    /// let parameters = ["embedding", "blocks.0", "head"].map(|name| {
    ///     let parameter: Param = Param::new(Tensor::zeros([2]));
    ///     (name.to_owned(), parameter)
    /// });
    /// let depth = |name: &str| if name == "head" { 0 } else if name.starts_with("blocks") { 1 } else { 2 };
    /// let sgd = Sgd { lr: 1.0, ..Sgd::default() };
    /// let optimizer = Optimizer::with_groups(ParamGroup::layerwise_decay(parameters, sgd, 0.5, depth))?;
    /// let lrs: Vec<f64> = optimizer.algorithms().iter().map(|algorithm| algorithm.lr()).collect();
    /// assert_eq!(lrs, [1.0, 0.5, 0.25]);
    /// # Ok::<(), gradus_optim::OptimError>(())
    /// ```
    pub fn layerwise_decay(
        parameters: impl IntoIterator<Item = (String, Param<T>)>,
        algorithm: impl Into<Algorithm>,
        decay: f64,
        depth: impl Fn(&str) -> u32,
    ) -> Vec<Self> {
        let algorithm = algorithm.into();
        let mut groups: BTreeMap<u32, Self> = BTreeMap::new();
        for (name, parameter) in parameters {
            let depth = depth(&name);
            let group = groups.entry(depth).or_insert_with(|| {
                let mut algorithm = algorithm.clone();
                algorithm.set_lr(algorithm.lr() * decay.powf(f64::from(depth)));
                Self { parameters: Vec::new(), algorithm }
            });
            group.parameters.push((name, parameter));
        }
        groups.into_values().collect()
    }
}
