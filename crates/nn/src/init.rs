//! Initial values of parameters, as `torch.nn.init`, drawn from this thread's [`Purpose::Init`] stream.

use gradus_tensor::random::{Purpose, with_default};
use gradus_tensor::{Float, Tensor};

/// What follows a layer, by the factor it asks of the initial weights (PyTorch's `calculate_gain`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nonlinearity {
    /// Nothing: 1.
    Linear,
    /// The rectifier: `sqrt(2)`.
    Relu,
    /// The leaky rectifier with this slope below 0: `sqrt(2 / (1 + slope^2))`.
    LeakyRelu(f64),
}

impl Nonlinearity {
    /// The factor.
    pub fn gain(self) -> f64 {
        match self {
            Self::Linear => 1.0,
            Self::Relu => 2f64.sqrt(),
            Self::LeakyRelu(slope) => (2.0 / (1.0 + slope * slope)).sqrt(),
        }
    }
}

/// How many inputs one output of a weight `[O, I, ..]` sees: I times the size of the rest.
///
/// # Panics
/// If the shape has fewer than two dimensions.
#[track_caller]
pub fn fan_in(shape: &[usize]) -> usize {
    assert!(shape.len() >= 2, "fan_in: shape {shape:?} has fewer than two dimensions");
    shape[1..].iter().product()
}

/// Uniform in `[low, high)`.
#[track_caller]
pub fn uniform<T: Float>(shape: impl AsRef<[usize]>, low: f64, high: f64) -> Tensor<T> {
    with_default(Purpose::Init, |stream| stream.uniform(shape, low, high))
}

/// Normal with this mean and standard deviation.
#[track_caller]
pub fn normal<T: Float>(shape: impl AsRef<[usize]>, mean: f64, std: f64) -> Tensor<T> {
    with_default(Purpose::Init, |stream| stream.normal(shape, mean, std))
}

/// Uniform in `+-gain sqrt(3 / fan_in)` (He et al., ICCV 2015; PyTorch's `kaiming_uniform_`, mode `fan_in`).
///
/// # Panics
/// If the shape has fewer than two dimensions.
#[track_caller]
pub fn kaiming_uniform<T: Float>(shape: impl AsRef<[usize]>, nonlinearity: Nonlinearity) -> Tensor<T> {
    let bound = nonlinearity.gain() * (3.0 / fan_in(shape.as_ref()) as f64).sqrt();
    uniform(shape, -bound, bound)
}

/// Normal with standard deviation `gain / sqrt(fan_in)` (He et al., ICCV 2015; PyTorch's `kaiming_normal_`, mode
/// `fan_in`).
///
/// # Panics
/// If the shape has fewer than two dimensions.
#[track_caller]
pub fn kaiming_normal<T: Float>(shape: impl AsRef<[usize]>, nonlinearity: Nonlinearity) -> Tensor<T> {
    let std = nonlinearity.gain() / (fan_in(shape.as_ref()) as f64).sqrt();
    normal(shape, 0.0, std)
}

/// PyTorch's default for the weight of a linear or convolution layer, `kaiming_uniform_(a=sqrt(5))`, which is uniform
/// in `+-1 / sqrt(fan_in)`.
#[track_caller]
pub(crate) fn default_weight<T: Float>(shape: impl AsRef<[usize]>) -> Tensor<T> {
    kaiming_uniform(shape, Nonlinearity::LeakyRelu(5f64.sqrt()))
}

/// PyTorch's default for the bias beside a weight of this fan-in: uniform in `+-1 / sqrt(fan_in)`, 0 for no inputs.
pub(crate) fn default_bias<T: Float>(len: usize, fan_in: usize) -> Tensor<T> {
    let bound = if fan_in > 0 { 1.0 / (fan_in as f64).sqrt() } else { 0.0 };
    uniform([len], -bound, bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bounds and spread against the formulas, on 40,000 draws.
    #[test]
    fn initial_values_have_their_distribution() {
        let check = |x: Tensor<f64>, bound: f64, std: f64| {
            let values = x.to_vec();
            let measured = (values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64).sqrt();
            assert!(values.iter().all(|v| v.abs() <= bound), "within {bound}");
            assert!((measured / std - 1.0).abs() < 0.02, "spread {measured}, not {std}");
        };
        let shape = [200, 8, 5, 5];
        let inputs = 200f64;
        check(default_weight(shape), 1.0 / inputs.sqrt(), 1.0 / (3.0 * inputs).sqrt());
        check(default_bias(40_000, 200), 1.0 / inputs.sqrt(), 1.0 / (3.0 * inputs).sqrt());
        check(kaiming_uniform(shape, Nonlinearity::Relu), (6.0 / inputs).sqrt(), (2.0 / inputs).sqrt());
        check(kaiming_normal(shape, Nonlinearity::Linear), f64::INFINITY, 1.0 / inputs.sqrt());
    }
}
