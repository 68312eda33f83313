//! Two-dimensional convolution. It and its two gradients are linear in each operand, and each one's gradients are the
//! other two, so that derivatives of any order close.

use gradus_tensor::{Conv2dOptions, Float};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// Cross-correlation (PyTorch's `functional.conv2d`): images `[N, C, H, W]`, `weight` `[O, C / groups, kh, kw]` and
    /// `bias` `[O]` give `[N, O, H', W']`.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv2d(&self, weight: &Self, bias: Option<&Self>, options: Conv2dOptions) -> Self {
        let value = self.value().conv2d(weight.value(), bias.map(Self::value), options);
        let rule = Conv2d { x: self.clone(), weight: weight.clone(), options };
        match bias {
            Some(bias) => Self::from_operation(value, &[self, weight, bias], rule),
            None => Self::from_operation(value, &[self, weight], rule),
        }
    }
}

/// `dx = input_gradient(g, w)`, `dw = weight_gradient(g, x)`, `db` = g summed over images and places.
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
        let mut gradients: Gradients<T> = smallvec![
            context.when_needed(0, || input_gradient(g, &self.weight, self.x.shape(), self.options)),
            context.when_needed(1, || weight_gradient(g, &self.x, self.weight.shape(), self.options))
        ];
        if context.inputs() == 3 {
            gradients.push(context.when_needed(2, || g.sum_dims(&[0, 2, 3], false)));
        }
        gradients
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
            context.when_needed(0, || g.conv2d(&self.weight, None, self.options)),
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
            context.when_needed(0, || self.x.conv2d(g, None, self.options)),
            context.when_needed(1, || input_gradient(&self.dy, g, self.x.shape(), self.options))
        ]
    }
}
