//! Weights whose spread follows from how many inputs an output sees, and outputs an input.

use gradus_tensor::{Float, Tensor};

use super::{Nonlinearity, normal, uniform};

/// What keeps its size through a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FanMode {
    /// The values of the forward pass: the default.
    #[default]
    FanIn,
    /// The gradients of the backward pass.
    FanOut,
}

impl FanMode {
    #[track_caller]
    fn fan(self, shape: &[usize]) -> f64 {
        (match self {
            Self::FanIn => fan_in(shape),
            Self::FanOut => fan_out(shape),
        }) as f64
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

/// How many outputs one input of a weight `[O, I, ..]` reaches: O times the size of the rest.
///
/// # Panics
/// If the shape has fewer than two dimensions.
#[track_caller]
pub fn fan_out(shape: &[usize]) -> usize {
    assert!(shape.len() >= 2, "fan_out: shape {shape:?} has fewer than two dimensions");
    shape[0] * shape[2..].iter().product::<usize>()
}

/// Uniform in `+-gain sqrt(6 / (fan_in + fan_out))` (Glorot and Bengio, AISTATS 2010; PyTorch's `xavier_uniform_`).
///
/// # Panics
/// If the shape has fewer than two dimensions.
#[track_caller]
pub fn xavier_uniform<T: Float>(shape: impl AsRef<[usize]>, gain: f64) -> Tensor<T> {
    let bound = gain * (6.0 / both_fans(shape.as_ref())).sqrt();
    uniform(shape, -bound, bound)
}

/// Normal with standard deviation `gain sqrt(2 / (fan_in + fan_out))` (Glorot and Bengio, AISTATS 2010; PyTorch's
/// `xavier_normal_`).
///
/// # Panics
/// If the shape has fewer than two dimensions.
#[track_caller]
pub fn xavier_normal<T: Float>(shape: impl AsRef<[usize]>, gain: f64) -> Tensor<T> {
    let std = gain * (2.0 / both_fans(shape.as_ref())).sqrt();
    normal(shape, 0.0, std)
}

#[track_caller]
fn both_fans(shape: &[usize]) -> f64 {
    (fan_in(shape) + fan_out(shape)) as f64
}

/// Uniform in `+-gain sqrt(3 / fan)` (He et al., ICCV 2015; PyTorch's `kaiming_uniform_`).
///
/// # Panics
/// If the shape has fewer than two dimensions.
#[track_caller]
pub fn kaiming_uniform<T: Float>(shape: impl AsRef<[usize]>, mode: FanMode, nonlinearity: Nonlinearity) -> Tensor<T> {
    let bound = nonlinearity.gain() * (3.0 / mode.fan(shape.as_ref())).sqrt();
    uniform(shape, -bound, bound)
}

/// Normal with standard deviation `gain / sqrt(fan)` (He et al., ICCV 2015; PyTorch's `kaiming_normal_`).
///
/// # Panics
/// If the shape has fewer than two dimensions.
#[track_caller]
pub fn kaiming_normal<T: Float>(shape: impl AsRef<[usize]>, mode: FanMode, nonlinearity: Nonlinearity) -> Tensor<T> {
    let std = nonlinearity.gain() / mode.fan(shape.as_ref()).sqrt();
    normal(shape, 0.0, std)
}

/// PyTorch's default for the weight of a linear or convolution layer, `kaiming_uniform_(a=sqrt(5))`, which is uniform
/// in `+-1 / sqrt(fan_in)`.
#[track_caller]
pub(crate) fn default_weight<T: Float>(shape: impl AsRef<[usize]>) -> Tensor<T> {
    kaiming_uniform(shape, FanMode::FanIn, Nonlinearity::LeakyRelu(5f64.sqrt()))
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
        let (inputs, outputs) = (200f64, 5000f64);
        let both = inputs + outputs;
        check(default_weight(shape), 1.0 / inputs.sqrt(), 1.0 / (3.0 * inputs).sqrt());
        check(default_bias(40_000, 200), 1.0 / inputs.sqrt(), 1.0 / (3.0 * inputs).sqrt());
        let relu = Nonlinearity::Relu;
        check(kaiming_uniform(shape, FanMode::FanIn, relu), (6.0 / inputs).sqrt(), (2.0 / inputs).sqrt());
        check(kaiming_uniform(shape, FanMode::FanOut, relu), (6.0 / outputs).sqrt(), (2.0 / outputs).sqrt());
        check(kaiming_normal(shape, FanMode::FanIn, Nonlinearity::Linear), f64::INFINITY, 1.0 / inputs.sqrt());
        check(kaiming_normal(shape, FanMode::FanOut, Nonlinearity::Tanh), f64::INFINITY, 5.0 / 3.0 / outputs.sqrt());
        check(xavier_uniform(shape, 2.0), 2.0 * (6.0 / both).sqrt(), 2.0 * (2.0 / both).sqrt());
        check(xavier_normal(shape, 0.5), f64::INFINITY, 0.5 * (2.0 / both).sqrt());
        let sparse = super::super::sparse::<f64>([400, 100], 0.1, 0.01);
        check(sparse.clone(), f64::INFINITY, 0.01 * 0.9f64.sqrt());
        for column in 0..100 {
            assert_eq!(sparse.select(1, column).to_vec().iter().filter(|&&x| x == 0.0).count(), 40);
        }
        assert_eq!((Nonlinearity::Selu.gain(), Nonlinearity::Sigmoid.gain()), (0.75, 1.0));
        assert!((Nonlinearity::LeakyRelu(0.01).gain() - 1.414_142_856_997_835_4).abs() < 1e-15);
    }
}
