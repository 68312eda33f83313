//! Norms of vectors, and distances between them.

use gradus_tensor::{Dims, Float, Tensor};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::ops::dims::common_shape;
use crate::ops::elementwise::abs::sign_of;
use crate::ops::reduction::kept_shape;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The `p`-norm of all elements, `(sum of |x|^p)^(1/p)`; see [`norm_dims`](Self::norm_dims).
    ///
    /// # Panics
    /// If there is no element and `p` is infinite.
    #[track_caller]
    pub fn norm(&self, p: f64) -> Self {
        self.norm_of("norm", p, &[], false)
    }

    /// The `p`-norms along `dims` (PyTorch's `linalg.vector_norm`), which disappear, or keep size 1 with `keep_dim`:
    /// `(sum of |x|^p)^(1/p)`, the number of elements that are not zero for 0, the largest `|x|` for infinity, the
    /// smallest for minus infinity. The gradient of a norm that is 0 is 0, as is all of that for 0.
    ///
    /// # Panics
    /// If a dimension is out of range or named twice, or there is no element and `p` is infinite.
    #[track_caller]
    pub fn norm_dims(&self, p: f64, dims: &[isize], keep_dim: bool) -> Self {
        self.norm_of("norm_dims", p, dims, keep_dim)
    }

    /// [`norm_dims`](Self::norm_dims) for `operation`.
    #[track_caller]
    pub(in crate::ops) fn norm_of(&self, operation: &str, p: f64, dims: &[isize], keep_dim: bool) -> Self {
        let x = self.value();
        if p.is_infinite() {
            let (sizes, dims) = (self.abs(), self.reduced_dims_with_elements(operation, dims));
            return if p > 0.0 { sizes.amax_along(&dims, keep_dim) } else { sizes.amin_along(&dims, keep_dim) };
        }
        let dims = &self.reduced_dims(operation, dims);
        let powers = x.map(move |x| {
            let x: f64 = x.abs().as_();
            match p {
                0.0 => f64::from(x != 0.0),
                1.0 => x,
                2.0 => x * x,
                _ => x.powf(p),
            }
        });
        let root = move |sum: f64| T::from_f64(if p == 0.0 || p == 1.0 { sum } else { root(sum, p) });
        let value = powers.sum_dims(dims, keep_dim).map(root);
        if p == 0.0 {
            // Flat wherever it has a derivative.
            let zero = self.masked_fill(&x.map(|_| true), T::zero());
            return zero.sum_along(dims, keep_dim) + Self::new(value);
        }
        Self::recorded(value, &[self], || Norm { x: self.clone(), p, kept: kept_shape(self.shape(), dims) })
    }

    /// The `p`-norm of the difference, which broadcasts (PyTorch's `dist`).
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn dist(&self, other: &Self, p: f64) -> Self {
        common_shape("dist", [self.shape(), other.shape()]);
        (self - other).norm_of("dist", p, &[], false)
    }

    /// The `p`-norm of the difference of every row of `[.., P, M]` and every row of `other` `[.., R, M]`:
    /// `[.., P, R]`. Leading dimensions broadcast.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn cdist(&self, other: &Self, p: f64) -> Self {
        let (a, b) = (self.shape(), other.shape());
        assert!(
            a.len() >= 2 && b.len() >= 2 && a.last() == b.last(),
            "cdist: shapes {a:?} and {b:?} must be [.., P, M] and [.., R, M]"
        );
        common_shape("cdist", [&a[..a.len() - 2], &b[..b.len() - 2]]);
        (self.unsqueeze(-2) - other.unsqueeze(-3)).norm_of("cdist", p, &[-1], false)
    }
}

/// `sum^(1/p)`.
fn root(sum: f64, p: f64) -> f64 {
    if p == 2.0 { sum.sqrt() } else { sum.powf(1.0 / p) }
}

/// `dx = g sign(x) (|x| / y)^(p - 1)`, and 0 where x or y is.
struct Norm<T: Float> {
    x: Var<T>,
    p: f64,
    kept: Dims,
}

impl<T: Float> Rule<T> for Norm<T> {
    fn name(&self) -> &'static str {
        "norm"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient().reshape(&self.kept);
        let zeros = |x: &Tensor<T>| x.map(|x| x == T::zero());
        if self.p == 1.0 {
            return smallvec![Some(g * Var::new(self.x.value().map(sign_of)))];
        }
        let y = context.output().reshape(&self.kept);
        let no_length = zeros(y.value());
        let part = &self.x / y.masked_fill(&no_length, T::one());
        if self.p == 2.0 {
            return smallvec![Some(g * part.masked_fill(&no_length, T::zero()))];
        }
        let nothing = zeros(part.value());
        let signs = Var::new(part.value().map(sign_of));
        let power = part.abs().masked_fill(&nothing, T::one()).pow(T::from_f64(self.p - 1.0));
        smallvec![Some(g * power.masked_fill(&nothing, T::zero()).masked_fill(&no_length, T::zero()) * signs)]
    }
}
