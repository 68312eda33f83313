//! Scaled dot-product attention with all of PyTorch's options: the fused operation where it serves, else smaller ones.

use gradus_tensor::{AttentionMask, AttentionOptions, Float, Tensor, broadcast_shapes, numel};

use super::attention::attention_weights;
use crate::var::Var;

/// Which keys a query attends to, or what is added to its scores.
#[derive(Clone, Debug)]
pub enum AttnMask<T: Float = f32> {
    /// Keys that are seen, or that are hidden: each operation says what true means, as in PyTorch.
    Boolean(Tensor<bool>),
    /// Added to the scores; minus infinity hides a key. It gets a gradient where it requires one.
    Additive(Var<T>),
}

/// PyTorch's options of [`Var::scaled_dot_product_attention_with`].
#[derive(Clone, Debug)]
pub struct SdpaOptions<T: Float = f32> {
    /// Which keys a query attends to, those where a boolean mask is **true**; broadcasts to `[.., Tq, Tk]`. Default:
    /// all.
    pub attn_mask: Option<AttnMask<T>>,
    /// The probability with which each weight is dropped, drawn from this thread's
    /// [`Purpose::Dropout`](gradus_tensor::random::Purpose::Dropout) stream. Default: 0.
    pub dropout_p: f64,
    /// Query `i` attends to the keys 0 to `i` alone, those of them that the mask shows where there is one.
    /// Default: off.
    pub is_causal: bool,
    /// What the products of queries and keys are multiplied by. Default: `1 / sqrt(D)`.
    pub scale: Option<f64>,
    /// The heads of the queries share those of keys and values, so many neighbours each, where there are fewer of
    /// these (Ainslie et al., EMNLP 2023). Default: off.
    pub enable_gqa: bool,
}

impl<T: Float> Default for SdpaOptions<T> {
    fn default() -> Self {
        Self { attn_mask: None, dropout_p: 0.0, is_causal: false, scale: None, enable_gqa: false }
    }
}

impl<T: Float> Var<T> {
    /// `dropout(softmax(scale Q K^T + mask)) V` (PyTorch's `functional.scaled_dot_product_attention`): queries
    /// `[.., Tq, D]` (this variable), keys `[.., Tk, D]` and values `[.., Tk, E]`, whose leading dimensions broadcast,
    /// give `[.., Tq, E]`. A query that attends to no key gives zeros.
    ///
    /// Without dropout and without a mask that requires a gradient this is the fused
    /// [`scaled_dot_product_attention`](Self::scaled_dot_product_attention), which never makes the matrix of scores.
    ///
    /// # Panics
    /// If the shapes do not fit, or the probability is outside `[0, 1]`.
    #[track_caller]
    pub fn scaled_dot_product_attention_with(&self, keys: &Self, values: &Self, options: &SdpaOptions<T>) -> Self {
        let call = Call::new([self, keys, values], options);
        let learned = matches!(&call.mask, Some(AttnMask::Additive(mask)) if mask.requires_grad());
        if options.dropout_p > 0.0 || learned {
            return call.composed(options).0;
        }
        let mask = match call.mask.clone() {
            Some(AttnMask::Boolean(mask)) => AttentionMask::Boolean(mask),
            Some(AttnMask::Additive(mask)) => AttentionMask::Additive(mask.into_value()),
            None if call.causal => AttentionMask::Causal,
            None => AttentionMask::None,
        };
        let [q, k, v] = &call.operands;
        let out = q.scaled_dot_product_attention(k, v, &AttentionOptions { mask, scale: options.scale });
        call.with_given_leading(out)
    }

    /// [`scaled_dot_product_attention_with`](Self::scaled_dot_product_attention_with), and the weights
    /// `[.., Tq, Tk]` that the values are summed with, after dropout.
    ///
    /// # Panics
    /// As that one.
    #[track_caller]
    pub fn scaled_dot_product_attention_and_weights(
        &self,
        keys: &Self,
        values: &Self,
        options: &SdpaOptions<T>,
    ) -> (Self, Self) {
        Call::new([self, keys, values], options).composed(options)
    }
}

/// A call with batch and heads as the leading dimensions.
struct Call<T: Float> {
    operands: [Var<T>; 3],
    /// That of a causal call, too, where there is another one.
    mask: Option<AttnMask<T>>,
    /// Whether the call is causal and has no mask.
    causal: bool,
    lead: Vec<usize>,
}

impl<T: Float> Call<T> {
    #[track_caller]
    fn new([q, k, v]: [&Var<T>; 3], options: &SdpaOptions<T>) -> Self {
        let (k, v) = if options.enable_gqa {
            let heads = q.shape().iter().rev().nth(2).copied().unwrap_or(1);
            (shared_heads(k, heads), shared_heads(v, heads))
        } else {
            (k.clone(), v.clone())
        };
        let lead = leading([q, &k, &v]);
        let four = heads_of(&lead);
        let operands = [q, &k, &v].map(|x| with_leading(x, &lead, four));
        let scores = [four[0], four[1], operands[0].shape()[2], operands[1].shape()[2]];
        let mask = options.attn_mask.as_ref().map(|mask| fitted(mask, &lead, scores));
        let mask = if options.is_causal { mask.map(|mask| and_causal(mask, scores)) } else { mask };
        Self { operands, causal: options.is_causal && mask.is_none(), mask, lead }
    }

    /// The output and the weights from operations that make the matrix of scores.
    #[track_caller]
    fn composed(&self, options: &SdpaOptions<T>) -> (Var<T>, Var<T>) {
        let [q, k, v] = &self.operands;
        let (queries, keys) = (q.shape()[2], k.shape()[2]);
        let mask = match &self.mask {
            Some(AttnMask::Boolean(mask)) => {
                Some(Var::new(mask.map(|seen| if seen { T::zero() } else { T::neg_infinity() })))
            }
            Some(AttnMask::Additive(mask)) => Some(mask.clone()),
            None => self.causal.then(|| Var::new(causal_mask([queries, keys]))),
        };
        let scale = options.scale.unwrap_or_else(|| 1.0 / (q.shape()[3] as f64).sqrt());
        let weights = attention_weights(q, k, scale, mask.as_ref());
        let weights = if options.dropout_p > 0.0 { weights.dropout(options.dropout_p) } else { weights };
        (self.with_given_leading(weights.matmul(v)), self.with_given_leading(weights))
    }

    /// `x` with the leading dimensions that the operands were given with.
    fn with_given_leading(&self, x: Var<T>) -> Var<T> {
        if self.lead.len() == 2 {
            return x;
        }
        let shape: Vec<usize> = self.lead.iter().chain(&x.shape()[2..]).copied().collect();
        x.reshape(shape)
    }
}

/// `[.., heads, T, D]` where each of the fewer heads of `x` stands for as many neighbours.
#[track_caller]
fn shared_heads<T: Float>(x: &Var<T>, heads: usize) -> Var<T> {
    let &[ref lead @ .., own, time, width] = x.shape() else {
        panic!("scaled_dot_product_attention: heads of shape {:?} must be [.., H, T, D]", x.shape());
    };
    if own == heads {
        return x.clone();
    }
    assert!(
        own > 0 && heads.is_multiple_of(own),
        "scaled_dot_product_attention: {heads} heads of queries do not share {own} heads of {:?}",
        x.shape()
    );
    let shape = |last: &[usize]| lead.iter().chain(last).copied().collect::<Vec<_>>();
    let group = heads / own;
    let apart = x.reshape(shape(&[own, 1, time, width]));
    apart.broadcast_to(shape(&[own, group, time, width])).reshape(shape(&[heads, time, width]))
}

/// The dimensions before the last two, broadcast.
#[track_caller]
fn leading<T: Float>(operands: [&Var<T>; 3]) -> Vec<usize> {
    let shapes = operands.map(Var::shape);
    let fits = shapes.iter().all(|shape| shape.len() >= 2);
    let lead = fits.then(|| {
        let [q, k, v] = shapes.map(|shape| &shape[..shape.len() - 2]);
        let both = broadcast_shapes(q, k)?;
        broadcast_shapes(&both, v)
    });
    let Some(lead) = lead.flatten() else {
        let [q, k, v] = shapes;
        panic!("scaled_dot_product_attention: queries {q:?}, keys {k:?} and values {v:?} do not broadcast");
    };
    lead.to_vec()
}

/// Leading dimensions as batch and heads.
fn heads_of(lead: &[usize]) -> [usize; 2] {
    match lead {
        [] => [1, 1],
        [batch] => [*batch, 1],
        [batch @ .., heads] => [numel(batch), *heads],
    }
}

/// `x` with these leading dimensions, as batch and heads.
fn with_leading<T: Float>(x: &Var<T>, lead: &[usize], four: [usize; 2]) -> Var<T> {
    let last = [x.shape()[x.shape().len() - 2], x.shape()[x.shape().len() - 1]];
    let shape: Vec<usize> = lead.iter().copied().chain(last).collect();
    let x = if x.shape() == shape { x.clone() } else { x.broadcast_to(shape) };
    if lead.len() == 2 { x } else { x.reshape([four[0], four[1], last[0], last[1]]) }
}

/// A mask for scores with batch and heads made of the leading dimensions.
#[track_caller]
fn fitted<T: Float>(mask: &AttnMask<T>, lead: &[usize], scores: [usize; 4]) -> AttnMask<T> {
    let given = match mask {
        AttnMask::Boolean(mask) => mask.shape(),
        AttnMask::Additive(mask) => mask.shape(),
    };
    let all: Vec<usize> = lead.iter().copied().chain([scores[2], scores[3]]).collect();
    assert!(
        broadcast_shapes(given, &all).is_some_and(|shape| shape.as_slice() == all),
        "scaled_dot_product_attention: a mask of shape {given:?} does not broadcast to the scores {all:?}"
    );
    // A mask of two dimensions or fewer broadcasts the same whatever the leading ones are.
    if lead.len() == 2 || given.len() <= 2 {
        return mask.clone();
    }
    match mask {
        AttnMask::Boolean(mask) => AttnMask::Boolean(mask.broadcast_to(all).reshape(scores)),
        AttnMask::Additive(mask) => AttnMask::Additive(mask.broadcast_to(all).reshape(scores)),
    }
}

/// Minus infinity where a key comes after the query.
fn causal_mask<T: Float>([queries, keys]: [usize; 2]) -> Tensor<T> {
    Tensor::from_fn([queries, keys], |i| if i % keys <= i / keys { T::zero() } else { T::neg_infinity() })
}

/// The mask where it is causal, too.
fn and_causal<T: Float>(mask: AttnMask<T>, [.., queries, keys]: [usize; 4]) -> AttnMask<T> {
    match mask {
        AttnMask::Boolean(mask) => {
            let seen = Tensor::from_fn([queries, keys], |i| i % keys <= i / keys);
            AttnMask::Boolean(mask.zip_map(&seen, "scaled_dot_product_attention", |a, b| a && b))
        }
        AttnMask::Additive(mask) => AttnMask::Additive(mask + Var::new(causal_mask([queries, keys]))),
    }
}
