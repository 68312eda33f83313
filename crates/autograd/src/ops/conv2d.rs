//! Two-dimensional convolution. It and its two gradients are linear in each operand, and each one's gradients are the
//! other two, so that derivatives of any order close.

use gradus_tensor::{Conv2dOptions, Float};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// Cross-correlation (PyTorch's `functional.conv2d` without bias): images `[N, C, H, W]` and `weight`
    /// `[O, C / groups, kh, kw]` give `[N, O, H', W']`.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv2d(&self, weight: &Self, options: Conv2dOptions) -> Self {
        let rule = Conv2d { x: self.clone(), weight: weight.clone(), options };
        Self::from_operation(self.value().conv2d(weight.value(), options), &[self, weight], rule)
    }
}

/// `dx = input_gradient(g, w)`, `dw = weight_gradient(g, x)`.
struct Conv2d<T: Float> {
    x: Var<T>,
    weight: Var<T>,
    options: Conv2dOptions,
}

impl<T: Float> Rule<T> for Conv2d<T> {
    fn name(&self) -> &'static str {
        "conv2d"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        smallvec![
            context.when_needed(0, || input_gradient(g, &self.weight, self.x.shape(), self.options)),
            context.when_needed(1, || weight_gradient(g, &self.x, self.weight.shape(), self.options))
        ]
    }
}

fn input_gradient<T: Float>(dy: &Var<T>, weight: &Var<T>, input: &[usize], options: Conv2dOptions) -> Var<T> {
    let value = dy.value().conv2d_input_gradient(weight.value(), input, options);
    let rule = InputGradient { dy: dy.clone(), weight: weight.clone(), options };
    Var::from_operation(value, &[dy, weight], rule)
}

/// `d(dy) = conv(g, w)`, `dw = weight_gradient(dy, g)`.
struct InputGradient<T: Float> {
    dy: Var<T>,
    weight: Var<T>,
    options: Conv2dOptions,
}

impl<T: Float> Rule<T> for InputGradient<T> {
    fn name(&self) -> &'static str {
        "conv2d_input_gradient"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        smallvec![
            context.when_needed(0, || g.conv2d(&self.weight, self.options)),
            context.when_needed(1, || weight_gradient(&self.dy, g, self.weight.shape(), self.options))
        ]
    }
}

fn weight_gradient<T: Float>(dy: &Var<T>, x: &Var<T>, weight: &[usize], options: Conv2dOptions) -> Var<T> {
    let value = dy.value().conv2d_weight_gradient(x.value(), weight, options);
    let rule = WeightGradient { dy: dy.clone(), x: x.clone(), options };
    Var::from_operation(value, &[dy, x], rule)
}

/// `d(dy) = conv(x, g)`, `dx = input_gradient(dy, g)`.
struct WeightGradient<T: Float> {
    dy: Var<T>,
    x: Var<T>,
    options: Conv2dOptions,
}

impl<T: Float> Rule<T> for WeightGradient<T> {
    fn name(&self) -> &'static str {
        "conv2d_weight_gradient"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        smallvec![
            context.when_needed(0, || self.x.conv2d(g, self.options)),
            context.when_needed(1, || input_gradient(&self.dy, g, self.x.shape(), self.options))
        ]
    }
}
