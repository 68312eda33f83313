//! Two-dimensional convolution. It and the gradients of input and weight are linear in each operand, and each
//! one's gradients are the other two, so that derivatives of any order close.

use gradus_tensor::{Activation, Conv2dOptions, Dims, Float};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::ops::activation::relu::where_positive;
use crate::var::Var;

/// Images `[N, C, H, W]`, `weight` `[O, C / groups, kh, kw]` and `bias` `[O]` give `[N, O, H', W']`, in channels-last
/// memory.
#[track_caller]
pub(super) fn correlate<T: Float>(
    x: &Var<T>,
    weight: &Var<T>,
    bias: Option<&Var<T>>,
    options: Conv2dOptions,
    activation: Activation,
) -> Var<T> {
    let x = x.to_channels_last();
    let value = x.value().conv2d_with(weight.value(), bias.map(Var::value), options, activation);
    let rule = || Conv2d { x: x.clone(), weight: weight.clone(), options, activation };
    match bias {
        Some(bias) => Var::recorded(value, &[&x, weight, bias], rule),
        None => Var::recorded(value, &[&x, weight], rule),
    }
}

/// With G the gradient before the activation: `dx = input_gradient(G, w)`, `dw = weight_gradient(G, x)`, `db` = G
/// summed over images and places.
struct Conv2d<T: Float> {
    x: Var<T>,
    weight: Var<T>,
    options: Conv2dOptions,
    activation: Activation,
}

impl<T: Float> Rule<T> for Conv2d<T> {
    fn name(&self) -> &'static str {
        "conv2d"
    }

    fn saves_output(&self) -> bool {
        self.activation == Activation::Relu
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        // Once for all that follows.
        let g = context.gradient().to_channels_last();
        let g = &match self.activation {
            Activation::Identity => g,
            Activation::Relu => where_positive(&g, context.output().value()),
        };
        let mut gradients: Gradients<T> = smallvec![
            context.when_needed(0, || input_gradient(g, &self.weight, self.x.shape(), self.options)),
            context.when_needed(1, || weight_gradient(g, &self.x, self.weight.shape(), self.options))
        ];
        if context.inputs() == 3 {
            gradients.push(context.when_needed(2, || bias_gradient(g)));
        }
        gradients
    }
}

fn bias_gradient<T: Float>(dy: &Var<T>) -> Var<T> {
    let rule = || BiasGradient { shape: dy.dims() };
    Var::recorded(dy.value().conv2d_bias_gradient(), &[dy], rule)
}

/// `d(dy) = g` at every image and place.
struct BiasGradient {
    shape: Dims,
}

impl<T: Float> Rule<T> for BiasGradient {
    fn name(&self) -> &'static str {
        "conv2d_bias_gradient"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let channels = self.shape[1];
        smallvec![Some(context.gradient().reshape([1, channels, 1, 1]).broadcast_to(&self.shape))]
    }
}

/// The convolution's transpose, from its output to its input of that shape.
#[track_caller]
pub(super) fn input_gradient<T: Float>(
    dy: &Var<T>,
    weight: &Var<T>,
    input: &[usize],
    options: Conv2dOptions,
) -> Var<T> {
    let value = dy.value().conv2d_input_gradient(weight.value(), input, options);
    let rule = || InputGradient { dy: dy.clone(), weight: weight.clone(), options };
    Var::recorded(value, &[dy, weight], rule)
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
    let rule = || WeightGradient { dy: dy.clone(), x: x.clone(), options };
    Var::recorded(value, &[dy, x], rule)
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
