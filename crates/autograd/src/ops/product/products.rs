//! Matrix products by the names that say which dimensions they take, and sums with them.

use gradus_tensor::{Dims, Float, broadcast_shapes};

use crate::ops::dims::common_shape;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `[M, K] x [K] -> [M]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn mv(&self, vector: &Self) -> Self {
        self.check_product("mv", vector, 2, 1);
        self.matmul(vector)
    }

    /// The sum of the products of two lists, `[K] x [K] -> []`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn dot(&self, other: &Self) -> Self {
        self.check_product("dot", other, 1, 1);
        self.matmul(other)
    }

    /// The products of every element of one list and every element of another, `[M] x [N] -> [M, N]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn outer(&self, other: &Self) -> Self {
        self.check_ranks("outer", other, 1, 1);
        self.unsqueeze(1) * other.unsqueeze(0)
    }

    /// Products of matrices in pairs, `[B, M, K] x [B, K, N] -> [B, M, N]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn bmm(&self, other: &Self) -> Self {
        self.check_product("bmm", other, 3, 3);
        self.matmul(other)
    }

    /// `beta x + alpha A B` for this variable x, which broadcasts, and matrices A `[M, K]` and B `[K, N]`. With `beta`
    /// 0 it does not matter what x holds.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn addmm(&self, a: &Self, b: &Self, beta: T, alpha: T) -> Self {
        a.check_product("addmm", b, 2, 2);
        self.plus("addmm", a.matmul(b), beta, alpha)
    }

    /// `beta x + alpha A v` for this variable x, which broadcasts, a matrix A `[M, K]` and a list v `[K]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn addmv(&self, a: &Self, vector: &Self, beta: T, alpha: T) -> Self {
        a.check_product("addmv", vector, 2, 1);
        self.plus("addmv", a.matmul(vector), beta, alpha)
    }

    /// `beta x + alpha A B` for this variable x, which broadcasts, and batches of matrices A `[B, M, K]` and B
    /// `[B, K, N]`, as [`bmm`](Self::bmm).
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn baddbmm(&self, a: &Self, b: &Self, beta: T, alpha: T) -> Self {
        a.check_product("baddbmm", b, 3, 3);
        self.plus("baddbmm", a.matmul(b), beta, alpha)
    }

    /// The Kronecker product: every element of this variable times the whole of `other`. Of different numbers of
    /// dimensions the smaller gets dimensions of size 1 in front.
    pub fn kron(&self, other: &Self) -> Self {
        let rank = self.shape().len().max(other.shape().len());
        let padded = |shape: &[usize]| -> Dims {
            std::iter::repeat_n(1, rank - shape.len()).chain(shape.iter().copied()).collect()
        };
        let (a, b) = (padded(self.shape()), padded(other.shape()));
        let shape: Dims = a.iter().zip(&b).map(|(a, b)| a * b).collect();
        let own = self.reshape(a.iter().flat_map(|&size| [size, 1]).collect::<Dims>());
        let other = other.reshape(b.iter().flat_map(|&size| [1, size]).collect::<Dims>());
        (own * other).reshape(shape)
    }

    /// The cross products of vectors, which lie along `dim`, of size 3; the others broadcast (PyTorch's
    /// `linalg.cross`).
    ///
    /// # Panics
    /// If the dimension has another size or the shapes do not broadcast.
    #[track_caller]
    pub fn cross(&self, other: &Self, dim: isize) -> Self {
        let (at, size) = self.dim_and_size("cross", dim);
        assert!(
            self.shape().len() == other.shape().len() && size == 3 && other.shape()[at] == 3,
            "cross: shapes {:?} and {:?} must have 3 entries along dimension {dim}",
            self.shape(),
            other.shape()
        );
        common_shape("cross", [self.shape(), other.shape()]);
        let [a1, a2, b1, b2] = [(self, -1), (self, -2), (other, -1), (other, -2)].map(|(x, by)| x.roll(&[by], &[dim]));
        a1 * b2 - a2 * b1
    }

    #[track_caller]
    fn plus(&self, operation: &str, product: Self, beta: T, alpha: T) -> Self {
        let scaled = |x: &Self, factor: T| if factor == T::one() { x.clone() } else { x * factor };
        let own = if beta == T::zero() {
            // Zeros whatever this variable holds, with gradient zero.
            self.masked_fill(&self.value().map(|_| true), T::zero())
        } else {
            scaled(self, beta)
        };
        let shape = product.dims();
        assert!(
            broadcast_shapes(self.shape(), &shape).as_ref() == Some(&shape),
            "{operation}: shape {:?} does not broadcast to the product's, {shape:?}",
            self.shape()
        );
        own.broadcast_to(shape) + scaled(&product, alpha)
    }

    #[track_caller]
    fn check_ranks(&self, operation: &str, other: &Self, own: usize, others: usize) {
        assert!(
            self.shape().len() == own && other.shape().len() == others,
            "{operation}: shapes {:?} and {:?} must have {own} and {others} dimensions",
            self.shape(),
            other.shape()
        );
    }

    /// That these are a list, a matrix or a batch of matrices each, and can be multiplied.
    #[track_caller]
    fn check_product(&self, operation: &str, other: &Self, own: usize, others: usize) {
        self.check_ranks(operation, other, own, others);
        let (a, b) = (self.shape(), other.shape());
        assert!(a[own - 1] == b[others.max(2) - 2], "{operation}: shapes {a:?} and {b:?} do not share the summed size");
        assert!(own < 3 || a[0] == b[0], "{operation}: shapes {a:?} and {b:?} are batches of different sizes");
    }
}
