//! Layers one after the other.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// Each layer's output is the next one's input ([torch.nn.Sequential]). Layers are named by their place: 0, 1, ...
///
/// ```
/// use gradus_nn::{Linear, Module, ReLU, Sequential};
///
/// let model: Sequential = Sequential::new().with(Linear::new(2, 16)).with(ReLU).with(Linear::new(16, 1));
/// assert_eq!(model.named_parameters()[2].0, "2.weight");
/// ```
///
/// [torch.nn.Sequential]: https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html
pub struct Sequential<T: Float = f32> {
    layers: Vec<Box<dyn Layer<T>>>,
}

impl<T: Float> Sequential<T> {
    /// No layers: the output is the input.
    pub fn new() -> Self {
        Self { layers: Vec::new() }
    }

    /// `layer` after those there are.
    #[must_use]
    pub fn with(mut self, layer: impl Layer<T> + 'static) -> Self {
        self.layers.push(Box::new(layer));
        self
    }

    /// The number of layers.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether there is no layer.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }
}

impl<T: Float> Default for Sequential<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Float> Module<T> for Sequential<T> {
    fn members(&self, members: &mut Members<T>) {
        self.layers.members(members);
    }
}

impl<T: Float> Layer<T> for Sequential<T> {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        let mut x = x.clone();
        let mut layers = self.layers.iter().peekable();
        while let Some(layer) = layers.next() {
            // A layer and the activation behind it are one operation where the layer knows how.
            let activation = layers.peek().and_then(|next| next.as_activation());
            let fused = activation.and_then(|activation| layer.forward_activated(&x, activation));
            if fused.is_some() {
                layers.next();
            }
            x = fused.unwrap_or_else(|| layer.forward(&x));
        }
        x
    }
}
