//! Functions of each element that networks use between layers, and their gradients in one pass.

use crate::element::Float;
use crate::kernels::activation as kernel;
use crate::kernels::elementwise::{Binary, Unary, map_by, zip_by};
use crate::kernels::math::Math;
use crate::tensor::Tensor;

/// How [`Tensor::gelu`] is computed (PyTorch's `approximate`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GeluApproximation {
    /// As it is defined, `x P(x)` with P the share of the standard normal distribution below x: the default.
    #[default]
    None,
    /// `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`, as in GPT-2: within 5e-4 of the definition.
    Tanh,
}

impl<T: Float> Tensor<T> {
    /// `e^x`: in f32 within 2 units of the last place.
    pub fn exp(&self) -> Self {
        self.by(&kernel::Exp)
    }

    /// The natural logarithm: in f32 within 2 units of the last place.
    pub fn log(&self) -> Self {
        self.by(&kernel::Log)
    }

    /// The hyperbolic tangent: in f32 within 4 units of the last place.
    pub fn tanh(&self) -> Self {
        self.by(&kernel::Tanh)
    }

    /// `1 / (1 + e^-x)`: in f32 within 3 units of the last place.
    pub fn sigmoid(&self) -> Self {
        self.by(&kernel::Sigmoid)
    }

    /// The error function, `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to x: in f32 within 2e-7.
    pub fn erf(&self) -> Self {
        self.by(&kernel::Erf)
    }

    /// `1 - erf x`, with all digits where it is small.
    pub fn erfc(&self) -> Self {
        self.map(Math::erfc)
    }

    /// The inverse of [`erf`](Self::erf): infinite at -1 and 1, NaN beyond.
    pub fn erfinv(&self) -> Self {
        self.map(Math::erfinv)
    }

    /// `x sigmoid(x)`.
    pub fn silu(&self) -> Self {
        self.by(&kernel::Silu)
    }

    /// `x (1 + erf(x / sqrt(2))) / 2` (Hendrycks and Gimpel, arXiv:1606.08415), or its approximation.
    pub fn gelu(&self, approximation: GeluApproximation) -> Self {
        match approximation {
            GeluApproximation::None => self.by(&kernel::Gelu),
            GeluApproximation::Tanh => self.by(&kernel::GeluTanh),
        }
    }

    /// `g (1 - y^2)`: the gradient of [`tanh`](Self::tanh) from its output, this tensor.
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn tanh_gradient(&self, g: &Self) -> Self {
        self.gradient_by(g, "tanh_gradient", &kernel::TanhGradient)
    }

    /// `g y (1 - y)`: the gradient of [`sigmoid`](Self::sigmoid) from its output, this tensor.
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn sigmoid_gradient(&self, g: &Self) -> Self {
        self.gradient_by(g, "sigmoid_gradient", &kernel::SigmoidGradient)
    }

    /// `g s (1 + x (1 - s))`, `s = sigmoid(x)`: the gradient of [`silu`](Self::silu) from its input, this tensor.
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn silu_gradient(&self, g: &Self) -> Self {
        self.gradient_by(g, "silu_gradient", &kernel::SiluGradient)
    }

    /// `g` times the derivative of [`gelu`](Self::gelu) at this tensor, its input; that of the definition is
    /// `P(x) + x p(x)` with P and p the standard normal distribution and its density.
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn gelu_gradient(&self, g: &Self, approximation: GeluApproximation) -> Self {
        match approximation {
            GeluApproximation::None => self.gradient_by(g, "gelu_gradient", &kernel::GeluGradient),
            GeluApproximation::Tanh => self.gradient_by(g, "gelu_gradient", &kernel::GeluTanhGradient),
        }
    }

    fn by(&self, f: &impl Unary<T, T>) -> Self {
        if let Some(x) = self.dense_slice() {
            return Self::build_like(self, |out| map_by(out, x, f));
        }
        let x = self.row_major();
        Self::build(self.shape(), |out| map_by(out, &x, f))
    }

    #[track_caller]
    fn gradient_by(&self, g: &Self, operation: &str, f: &impl Binary<T, T, T>) -> Self {
        assert!(
            self.shape() == g.shape(),
            "{operation}: a gradient of shape {:?} for elements of shape {:?}",
            g.shape(),
            self.shape()
        );
        if let (true, Some(saved), Some(g)) = (self.lies_as(g), self.dense_slice(), g.dense_slice()) {
            return Self::build_like(self, |out| zip_by(out, saved, g, f));
        }
        let (saved, g) = (self.row_major(), g.row_major());
        Self::build(self.shape(), |out| zip_by(out, &saved, &g, f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Generator;

    /// Each function against its definition in f64, and each gradient against a central difference.
    #[test]
    fn activations_and_gradients_equal_their_definitions() {
        use GeluApproximation::{None, Tanh};
        type OneOf = fn(&Tensor<f64>) -> Tensor<f64>;
        type Single = fn(&Tensor<f32>) -> Tensor<f32>;
        type Gradient = fn(&Tensor<f64>, &Tensor<f64>) -> Tensor<f64>;
        type SingleGradient = fn(&Tensor<f32>, &Tensor<f32>) -> Tensor<f32>;
        type Definition = fn(f64) -> f64;
        let tanh_gelu: Definition =
            |x| 0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh());
        let gelu: Definition = |x| x * 0.5 * (1.0 + Tensor::scalar(x / 2f64.sqrt()).erf().item());
        let cases: [(Definition, OneOf, Single, Gradient, SingleGradient); 5] = [
            (f64::tanh, |x| x.tanh(), |x| x.tanh(), |x, g| x.tanh().tanh_gradient(g), |x, g| x.tanh().tanh_gradient(g)),
            (
                |x| 1.0 / (1.0 + (-x).exp()),
                |x| x.sigmoid(),
                |x| x.sigmoid(),
                |x, g| x.sigmoid().sigmoid_gradient(g),
                |x, g| x.sigmoid().sigmoid_gradient(g),
            ),
            (
                |x| x / (1.0 + (-x).exp()),
                |x| x.silu(),
                |x| x.silu(),
                |x, g| x.silu_gradient(g),
                |x, g| x.silu_gradient(g),
            ),
            (
                gelu,
                |x| x.gelu(None),
                |x| x.gelu(None),
                |x, g| x.gelu_gradient(g, None),
                |x, g| x.gelu_gradient(g, None),
            ),
            (
                tanh_gelu,
                |x| x.gelu(Tanh),
                |x| x.gelu(Tanh),
                |x, g| x.gelu_gradient(g, Tanh),
                |x, g| x.gelu_gradient(g, Tanh),
            ),
        ];
        let mut generator = Generator::new(4, 0);
        for shape in [&[][..], &[0], &[1], &[37], &[211, 331]] {
            let (x, g): (Tensor<f32>, Tensor<f32>) =
                (generator.normal(shape, 0.0, 3.0), generator.normal(shape, 0.0, 1.0));
            let (x64, g64): (Tensor<f64>, Tensor<f64>) = (x.map(f64::from), g.map(f64::from));
            for (i, (definition, double, single, gradient, single_gradient)) in cases.iter().enumerate() {
                let want = x64.map(definition);
                let slope = x64.map(|x| (definition(x + 1e-5) - definition(x - 1e-5)) / 2e-5);
                let close = |got: &Tensor<f64>, want: &Tensor<f64>, bound: f64| {
                    for apart in (got - want).to_vec() {
                        assert!(apart.abs() <= bound, "case {i} at {shape:?}: {apart} apart");
                    }
                };
                close(&double(&x64), &want, 1e-14);
                close(&single(&x).map(f64::from), &want, 2e-6);
                close(&gradient(&x64, &g64), &(&slope * &g64), 1e-8);
                close(&single_gradient(&x, &g).map(f64::from), &(&slope * &g64), 2e-6);
            }
        }
    }

    #[test]
    fn the_inverse_of_the_error_function_takes_it_back() {
        for x in [0.0, 1e-300, 1e-9, 0.3, 0.476, 0.5, 1.0, 1.9, 2.1, 3.0, 4.0] {
            for x in [x, -x] {
                let back = Tensor::<f64>::scalar(x).erf().erfinv().item();
                // The nearest number to erf x is that of others too, by the slope.
                let bound = 4e-16 * (x.abs() + (x * x).exp());
                assert!((back - x).abs() <= bound, "{x}: {back}");
            }
        }
        let ends = Tensor::from_vec(vec![1.0f32, -1.0, 1.5], [3]).erfinv().to_vec();
        assert!(ends[0] == f32::INFINITY && ends[1] == f32::NEG_INFINITY && ends[2].is_nan());
    }

    #[test]
    fn extremes_are_those_of_pytorch() {
        let x = Tensor::from_vec(vec![f32::INFINITY, 100.0, -100.0, 0.0], [4]);
        for approximation in [GeluApproximation::None, GeluApproximation::Tanh] {
            assert_eq!(x.gelu(approximation).to_vec(), [f32::INFINITY, 100.0, -0.0, 0.0]);
            assert_eq!(x.gelu_gradient(&Tensor::ones([4]), approximation).to_vec()[1..3], [1.0, 0.0]);
            let huge = Tensor::from_vec(vec![1e14f32, -1e14], [2]);
            assert_eq!(huge.gelu_gradient(&Tensor::ones([2]), approximation).to_vec(), [1.0, 0.0]);
        }
        assert_eq!(x.tanh().to_vec(), [1.0, 1.0, -1.0, 0.0]);
        assert_eq!(x.sigmoid().to_vec(), [1.0, 1.0, 3.8e-44, 0.5]);
        assert_eq!(x.erf().to_vec(), [1.0, 1.0, -1.0, 0.0]);
        assert!(Tensor::scalar(f32::NAN).gelu(GeluApproximation::None).item().is_nan());
    }

    #[test]
    #[should_panic(expected = "silu_gradient: a gradient of shape [3] for elements of shape [2]")]
    fn a_gradient_of_another_shape_is_an_error() {
        Tensor::<f32>::zeros([2]).silu_gradient(&Tensor::zeros([3]));
    }
}
