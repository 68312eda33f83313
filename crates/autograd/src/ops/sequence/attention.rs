//! Scaled dot-product attention, of three variables and of one packed projection.

use gradus_tensor::{AttentionMask, AttentionOptions, Float, Tensor};
use smallvec::smallvec;

use crate::backward::recorded_gradients;
use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `softmax(scale Q K^T + mask) V` (PyTorch's `functional.scaled_dot_product_attention`, without dropout): queries
    /// `[B, H, Tq, D]` (this variable), keys `[B, H, Tk, D]` and values `[B, H, Tk, E]` give `[B, H, Tq, E]`. The
    /// matrix of all scores is never made.
    ///
    /// The output lies in memory as `[B, Tq, H, E]`: `transpose(1, 2)` and a reshape join the heads without a copy. A
    /// query that attends to no key gives zeros. The mask gets no gradient.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn scaled_dot_product_attention(&self, keys: &Self, values: &Self, options: &AttentionOptions<T>) -> Self {
        let (out, log_sum_exp) = self.value().attention(keys.value(), values.value(), options);
        let operands = [self.clone(), keys.clone(), values.clone()];
        Self::recorded(out, &[self, keys, values], || Attention { operands, options: options.clone(), log_sum_exp })
    }

    /// Self-attention of `heads` heads over a packed projection (this variable), as models compute it: `[B, T, 3 C]`,
    /// whose rows hold the queries, keys and values of all heads one after the other, gives `[B, T, C]`. Where
    /// `causal`, each place attends to itself and those before. Nothing is copied to cut or join heads, in neither
    /// direction.
    ///
    /// # Panics
    /// If the shape does not fit.
    #[track_caller]
    pub fn attention_packed(&self, heads: usize, causal: bool) -> Self {
        let options = if causal { AttentionOptions::causal() } else { AttentionOptions::default() };
        let (out, log_sum_exp) = self.value().attention_packed(heads, &options);
        Self::recorded(out, &[self], || Packed { qkv: self.clone(), heads, options, log_sum_exp })
    }
}

/// With `P = softmax(scale Q K^T + mask)`: `dV = P^T G`, `dP = G V^T`, `dS = scale P (dP - sum over the keys of P dP)`,
/// `dQ = dS K`, `dK = dS^T Q`.
struct Attention<T: Float> {
    operands: [Var<T>; 3],
    options: AttentionOptions<T>,
    log_sum_exp: Tensor<T>,
}

impl<T: Float> Rule<T> for Attention<T> {
    fn name(&self) -> &'static str {
        "scaled_dot_product_attention"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        if is_grad_enabled() {
            return recorded_gradients(&self.operands.each_ref(), g, |operands| {
                composed([&operands[0], &operands[1], &operands[2]], &self.options)
            });
        }
        let [q, k, v] = self.operands.each_ref().map(Var::value);
        let saved = (context.output().value(), &self.log_sum_exp);
        q.attention_gradients(k, v, &self.options, saved, g.value()).map(|dx| Some(Var::new(dx))).into_iter().collect()
    }
}

/// The gradients of [`Attention`], side by side.
struct Packed<T: Float> {
    qkv: Var<T>,
    heads: usize,
    options: AttentionOptions<T>,
    log_sum_exp: Tensor<T>,
}

impl<T: Float> Rule<T> for Packed<T> {
    fn name(&self) -> &'static str {
        "attention_packed"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        if is_grad_enabled() {
            let &[batch, time, row] = self.qkv.shape() else { unreachable!("the forward pass checked the shape") };
            let width = row / (3 * self.heads);
            return recorded_gradients(&[&self.qkv], g, |inputs| {
                let parts = inputs[0].reshape([batch, time, 3, self.heads, width]).permute(&[2, 0, 3, 1, 4]);
                let [q, k, v] = [0, 1, 2].map(|i| parts.select(0, i));
                let out = composed([&q, &k, &v], &self.options);
                out.transpose(1, 2).reshape([batch, time, row / 3])
            });
        }
        let saved = (context.output().value(), &self.log_sum_exp);
        let gradient = self.qkv.value().attention_packed_gradient(self.heads, &self.options, saved, g.value());
        smallvec![Some(Var::new(gradient))]
    }
}

/// The same from operations whose gradients can be differentiated.
fn composed<T: Float>([q, k, v]: [&Var<T>; 3], options: &AttentionOptions<T>) -> Var<T> {
    let (queries, keys) = (q.shape()[2], k.shape()[2]);
    let hidden = |seen: bool| if seen { T::zero() } else { T::neg_infinity() };
    let mask = match &options.mask {
        AttentionMask::None => None,
        AttentionMask::Causal => Some(Tensor::from_fn([queries, keys], |i| hidden(i % keys <= i / keys))),
        AttentionMask::Additive(mask) => Some(mask.clone()),
        AttentionMask::Boolean(mask) => Some(mask.map(hidden)),
    };
    attention_weights(q, k, options.scale_for(q.shape()[3]), mask.map(Var::new).as_ref()).matmul(v)
}

/// `softmax(scale Q K^T + mask)` over the keys; zeros for a query that attends to no key.
pub(super) fn attention_weights<T: Float>(q: &Var<T>, k: &Var<T>, scale: f64, mask: Option<&Var<T>>) -> Var<T> {
    let mut scores = q.matmul(&k.transpose(-1, -2)) * T::from_f64(scale);
    if let Some(mask) = mask {
        scores = scores + mask;
    }
    if scores.numel() == 0 {
        return scores;
    }
    let largest = scores.value().max_dim(-1, true).0;
    let nothing = largest.map(|largest| if largest == T::neg_infinity() { T::one() } else { T::zero() });
    if nothing.to_vec().iter().all(|&nothing| nothing == T::zero()) {
        return scores.softmax(-1);
    }
    let largest = largest.map(|largest| if largest == T::neg_infinity() { T::zero() } else { largest });
    let weights = (scores - Var::new(largest)).exp();
    let total = weights.sum_dims(&[-1], true);
    // The weights of a query that attends to no key are zeros, not 0 / 0.
    weights / (total + Var::new(nothing))
}
