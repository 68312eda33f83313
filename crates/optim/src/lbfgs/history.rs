//! What L-BFGS remembers from direction to direction.

use std::collections::VecDeque;

use gradus_tensor::{Float, Tensor};

/// A change of the gradient, the step that made it, and one over their product.
#[derive(Clone, Debug)]
pub(super) struct Pair<T: Float> {
    pub(super) change: Tensor<T>,
    pub(super) step: Tensor<T>,
    pub(super) ro: f64,
}

/// The past, over all parameters as one vector.
#[derive(Clone, Debug)]
pub(super) struct History<T: Float> {
    /// The last direction, and how far it was followed.
    pub(super) direction: Tensor<T>,
    pub(super) t: f64,
    /// The gradient where it began, and the loss.
    pub(super) gradient: Tensor<T>,
    pub(super) loss: f64,
    /// The scale of the first guess of the inverse Hessian.
    pub(super) h_diag: f64,
    pub(super) pairs: VecDeque<Pair<T>>,
}

impl<T: Float> History<T> {
    /// Remembers nothing but that the next direction is that of steepest descent.
    pub(super) fn begin(gradient: &Tensor<T>, loss: f64) -> Self {
        let (direction, gradient) = (-gradient, gradient.clone());
        Self { direction, t: 0.0, gradient, loss, h_diag: 1.0, pairs: VecDeque::new() }
    }

    /// The next direction, now that the last has led to `gradient` and `loss`.
    pub(super) fn turn(&mut self, gradient: &Tensor<T>, loss: f64, size: usize) {
        let (change, step) = (gradient - &self.gradient, &self.direction * T::from_f64(self.t));
        let product = dot(&change, &step);
        // The inverse Hessian stays positive definite.
        if product > 1e-10 {
            if self.pairs.len() >= size {
                self.pairs.pop_front();
            }
            self.h_diag = product / dot(&change, &change);
            self.pairs.push_back(Pair { change, step, ro: 1.0 / product });
        }
        let mut q = -gradient;
        let mut weights = Vec::with_capacity(self.pairs.len());
        for pair in self.pairs.iter().rev() {
            let weight = dot(&pair.step, &q) * pair.ro;
            q = plus(&q, -weight, &pair.change);
            weights.push(weight);
        }
        let mut direction = &q * T::from_f64(self.h_diag);
        for (pair, weight) in self.pairs.iter().zip(weights.into_iter().rev()) {
            let other = dot(&pair.change, &direction) * pair.ro;
            direction = plus(&direction, weight - other, &pair.step);
        }
        (self.direction, self.gradient, self.loss) = (direction, gradient.clone(), loss);
    }
}

/// `a + factor b`.
pub(super) fn plus<T: Float>(a: &Tensor<T>, factor: f64, b: &Tensor<T>) -> Tensor<T> {
    let factor = T::from_f64(factor);
    a.zip_map(b, "lbfgs", move |a, b| a + factor * b)
}

pub(super) fn dot<T: Float>(a: &Tensor<T>, b: &Tensor<T>) -> f64 {
    a.zip_map(b, "lbfgs", |a, b| a * b).sum().item().as_()
}

/// The largest absolute value; NaN if one is NaN.
pub(super) fn largest<T: Float>(x: &Tensor<T>) -> f64 {
    let larger = |most: f64, x: &T| {
        let x: f64 = x.abs().as_();
        if x > most || x.is_nan() { x } else { most }
    };
    x.view().iter().fold(0.0, larger)
}
