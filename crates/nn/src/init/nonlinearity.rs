//! The factor that a nonlinearity asks of the weights before it.

/// What follows a layer, by the factor it asks of the initial weights (PyTorch's `calculate_gain`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nonlinearity {
    /// Nothing, or a layer without activation: 1.
    Linear,
    /// The sigmoid: 1.
    Sigmoid,
    /// The hyperbolic tangent: 5/3.
    Tanh,
    /// The rectifier: `sqrt(2)`.
    Relu,
    /// The leaky rectifier with this slope below 0 (PyTorch's default is 0.01): `sqrt(2 / (1 + slope^2))`.
    LeakyRelu(f64),
    /// The scaled exponential linear unit: 3/4.
    Selu,
}

impl Nonlinearity {
    /// The factor.
    pub fn gain(self) -> f64 {
        match self {
            Self::Linear | Self::Sigmoid => 1.0,
            Self::Tanh => 5.0 / 3.0,
            Self::Relu => 2f64.sqrt(),
            Self::LeakyRelu(slope) => (2.0 / (1.0 + slope * slope)).sqrt(),
            Self::Selu => 0.75,
        }
    }
}
