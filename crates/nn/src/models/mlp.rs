//! The multi-layer perceptron.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::layers::{dropout::Dropout, flatten::Flatten, linear::Linear, relu::ReLU, sequential::Sequential};
use crate::module::Layer;

/// Fully connected layers with rectifiers between them.
#[derive(crate::Module)]
pub struct Mlp<T: Float = f32> {
    layers: Sequential<T>,
}

impl<T: Float> Mlp<T> {
    /// Layers of these sizes: inputs, hidden layers, outputs.
    ///
    /// # Panics
    /// If there are fewer than two sizes.
    #[track_caller]
    pub fn new(sizes: &[usize]) -> Self {
        Self::with_dropout(sizes, 0.0)
    }

    /// The same with dropout of probability `p` after every rectifier.
    ///
    /// # Panics
    /// If there are fewer than two sizes or `p` is no probability.
    #[track_caller]
    pub fn with_dropout(sizes: &[usize], p: f64) -> Self {
        assert!((0.0..=1.0).contains(&p), "Mlp: probability {p} is outside 0..=1");
        let &[.., input, output] = sizes else {
            panic!("Mlp: sizes {sizes:?} must name at least inputs and outputs");
        };
        let mut layers = Sequential::new().with(Flatten::new());
        for pair in sizes[..sizes.len() - 1].windows(2) {
            layers = layers.with(Linear::new(pair[0], pair[1])).with(ReLU);
            if p > 0.0 {
                layers = layers.with(Dropout::new(p));
            }
        }
        Self { layers: layers.with(Linear::new(input, output)) }
    }
}

impl<T: Float> Layer<T> for Mlp<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.layers.forward(x)
    }
}
