//! Distances and angles as modules.

use gradus_autograd::Var;
use gradus_tensor::Float;

/// [`Var::cosine_similarity`] as a module ([torch.nn.CosineSimilarity]).
///
/// [torch.nn.CosineSimilarity]: https://pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
#[derive(Clone, Copy, Debug)]
pub struct CosineSimilarity {
    /// The dimension of the vectors.
    pub dim: isize,
    /// The least length.
    pub eps: f64,
}

/// `dim` 1, `eps` 1e-8.
impl Default for CosineSimilarity {
    fn default() -> Self {
        Self { dim: 1, eps: 1e-8 }
    }
}

impl CosineSimilarity {
    /// The cosines of the angles between the vectors of both.
    ///
    /// # Panics
    /// If the shapes do not broadcast or the dimension is out of range.
    #[track_caller]
    pub fn forward<T: Float>(&self, x1: &Var<T>, x2: &Var<T>) -> Var<T> {
        x1.cosine_similarity(x2, self.dim, self.eps)
    }
}

/// [`Var::pairwise_distance`] as a module ([torch.nn.PairwiseDistance]).
///
/// [torch.nn.PairwiseDistance]: https://pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html
#[derive(Clone, Copy, Debug)]
pub struct PairwiseDistance {
    /// The degree of the norm.
    pub p: f64,
    /// Added to the differences.
    pub eps: f64,
    /// Whether the last dimension stays, with size 1.
    pub keep_dim: bool,
}

/// `p` 2, `eps` 1e-6, without the last dimension.
impl Default for PairwiseDistance {
    fn default() -> Self {
        Self { p: 2.0, eps: 1e-6, keep_dim: false }
    }
}

impl PairwiseDistance {
    /// The distances between the rows of both.
    ///
    /// # Panics
    /// If the shapes do not broadcast or have no dimension.
    #[track_caller]
    pub fn forward<T: Float>(&self, x1: &Var<T>, x2: &Var<T>) -> Var<T> {
        x1.pairwise_distance(x2, self.p, self.eps, self.keep_dim)
    }
}
