//! Multi-head attention.

mod masks;

use gradus_autograd::{AttnMask, Param, SdpaOptions, Var};
use gradus_tensor::{Activation, Float, Tensor};

use self::masks::{Scores, merged};
use super::dropout::Rate;
use super::linear::Linear;
use crate::init;
use crate::module::{Members, Module};

/// What [`MultiheadAttention::forward`] computes: PyTorch's arguments.
#[derive(Clone, Debug)]
pub struct MultiheadAttentionOptions<T: Float = f32> {
    /// Keys that no query attends to, those where a boolean mask is **true**, or what is added to their scores:
    /// `[B, Tk]`, or `[Tk]` for one sequence. Default: none.
    pub key_padding_mask: Option<AttnMask<T>>,
    /// Keys that a query does not attend to, those where a boolean mask is **true** (unlike in
    /// [`SdpaOptions`]), or what is added to its scores: `[Tq, Tk]` or `[B num_heads, Tq, Tk]`. Default: none.
    pub attn_mask: Option<AttnMask<T>>,
    /// Whether the weights are wanted; without them attention is computed without the matrix of all scores.
    /// Default: on.
    pub need_weights: bool,
    /// The mean of the weights over the heads instead of those of each. Default: on.
    pub average_attn_weights: bool,
    /// Query `i` attends to the keys 0 to `i` alone. Unlike in PyTorch no mask is needed beside it. Default: off.
    pub is_causal: bool,
}

impl<T: Float> Default for MultiheadAttentionOptions<T> {
    fn default() -> Self {
        Self {
            key_padding_mask: None,
            attn_mask: None,
            need_weights: true,
            average_attn_weights: true,
            is_causal: false,
        }
    }
}

/// Attention of several heads, `concat(softmax(Q_i K_i^T / sqrt(D)) V_i) W_out^T + b_out` for each head's projections
/// of queries, keys and values (Vaswani et al., NeurIPS 2017; [torch.nn.MultiheadAttention]).
///
/// As in PyTorch sequences are `[T, B, embed_dim]`, with time first, or `[T, embed_dim]`; with
/// [`with_batch_first`](Self::with_batch_first) they are `[B, T, embed_dim]`. Projections start uniform by Glorot, the
/// output's weight uniform in `+-1 / sqrt(embed_dim)`, biases as zeros. A query that attends to no key gives zeros
/// before the output's projection, where PyTorch gives NaN if the weights are wanted.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{MultiheadAttention, MultiheadAttentionOptions};
/// use gradus_tensor::Tensor;
///
/// let attention: MultiheadAttention = MultiheadAttention::new(8, 2).with_batch_first();
/// let x = Var::new(Tensor::zeros([3, 5, 8]));
/// let options = MultiheadAttentionOptions { is_causal: true, ..MultiheadAttentionOptions::default() };
/// let (output, weights) = attention.forward(&x, &x, &x, &options);
/// assert_eq!(output.shape(), [3, 5, 8]);
/// assert_eq!(weights.unwrap().shape(), [3, 5, 5]);
/// ```
///
/// [torch.nn.MultiheadAttention]: https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
#[derive(Debug)]
pub struct MultiheadAttention<T: Float = f32> {
    in_proj: InProjection<T>,
    /// `[3 embed_dim]`.
    pub in_proj_bias: Option<Param<T>>,
    /// One key more than given, and its value: `[1, 1, embed_dim]`.
    pub bias_kv: Option<[Param<T>; 2]>,
    /// From the heads side by side to the output.
    pub out_proj: Linear<T>,
    embed_dim: usize,
    num_heads: usize,
    batch_first: bool,
    zero_attn: bool,
    dropout: Rate,
}

/// The matrices of queries, keys and values.
#[derive(Debug)]
enum InProjection<T: Float> {
    /// `[3 embed_dim, embed_dim]`.
    Packed(Param<T>),
    /// `[embed_dim, embed_dim]`, `[embed_dim, kdim]` and `[embed_dim, vdim]`.
    Separate([Param<T>; 3]),
}

impl<T: Float> MultiheadAttention<T> {
    /// Attention with biases, without dropout, time first: PyTorch's defaults.
    ///
    /// # Panics
    /// If the heads do not divide the width.
    #[track_caller]
    pub fn new(embed_dim: usize, num_heads: usize) -> Self {
        assert!(
            num_heads > 0 && embed_dim.is_multiple_of(num_heads),
            "MultiheadAttention: {num_heads} heads do not divide a width of {embed_dim}"
        );
        let out_proj: Linear<T> = Linear::new(embed_dim, embed_dim);
        Self {
            in_proj: InProjection::Packed(Param::new(init::xavier_uniform([3 * embed_dim, embed_dim], 1.0))),
            in_proj_bias: Some(Param::new(Tensor::zeros([3 * embed_dim]))),
            bias_kv: None,
            out_proj: Linear { bias: Some(Param::new(Tensor::zeros([embed_dim]))), ..out_proj },
            embed_dim,
            num_heads,
            batch_first: false,
            zero_attn: false,
            dropout: Rate::new("MultiheadAttention", 0.0),
        }
    }

    /// The layer without the biases of its projections.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { in_proj_bias: None, out_proj: self.out_proj.without_bias(), ..self }
    }

    /// The layer over sequences `[B, T, embed_dim]` instead of `[T, B, embed_dim]`.
    #[must_use]
    pub fn with_batch_first(self) -> Self {
        Self { batch_first: true, ..self }
    }

    /// The layer with each weight of attention dropped with probability `p`, in training.
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]`.
    #[must_use]
    #[track_caller]
    pub fn with_dropout(self, p: f64) -> Self {
        Self { dropout: Rate::new("MultiheadAttention", p), ..self }
    }

    /// The layer for keys of width `kdim` and values of width `vdim`. Where both are the queries' nothing changes.
    #[must_use]
    pub fn with_kdim_vdim(self, kdim: usize, vdim: usize) -> Self {
        let embed_dim = self.embed_dim;
        if [kdim, vdim] == [embed_dim; 2] {
            return self;
        }
        let matrix = |width: usize| Param::new(init::xavier_uniform([embed_dim, width], 1.0));
        Self { in_proj: InProjection::Separate([embed_dim, kdim, vdim].map(matrix)), ..self }
    }

    /// The layer with one key and value more, which are trained (PyTorch's `add_bias_kv`).
    #[must_use]
    pub fn with_bias_kv(self) -> Self {
        let row = || Param::new(init::xavier_normal([1, 1, self.embed_dim], 1.0));
        Self { bias_kv: Some([row(), row()]), ..self }
    }

    /// The layer with one key and value more, which are zeros (PyTorch's `add_zero_attn`).
    #[must_use]
    pub fn with_zero_attn(self) -> Self {
        Self { zero_attn: true, ..self }
    }

    /// What the queries `[Tq, B, embed_dim]` see in the keys `[Tk, B, kdim]` and values `[Tk, B, vdim]`, in the
    /// queries' shape; and the weights, where they are wanted: `[B, Tq, Tk]`, or `[B, num_heads, Tq, Tk]` where not
    /// averaged. All without B for one sequence.
    ///
    /// Where queries, keys and values are one variable they are projected together.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward(
        &self,
        query: &Var<T>,
        key: &Var<T>,
        value: &Var<T>,
        options: &MultiheadAttentionOptions<T>,
    ) -> (Var<T>, Option<Var<T>>) {
        self.forward_residual([query, key, value], options, None)
    }

    /// [`forward`](Self::forward), with `residual` added to the output in the same pass.
    #[track_caller]
    pub(super) fn forward_residual(
        &self,
        operands: [&Var<T>; 3],
        options: &MultiheadAttentionOptions<T>,
        residual: Option<&Var<T>>,
    ) -> (Var<T>, Option<Var<T>>) {
        let scores = self.check(operands);
        let single = operands[0].shape().len() == 2;
        let (mask, is_causal) = merged(options, scores, single);
        let projected = self.projected(operands);
        let dropout_p = self.dropout.active().unwrap_or(0.0);
        let plain = mask.is_none() && dropout_p == 0.0 && !options.need_weights && scores.added == 0;
        let (heads, weights) = match projected {
            Projected::Packed(rows) if plain => (rows.attention_packed(self.num_heads, is_causal), None),
            projected => {
                let [q, k, v] = self.heads(projected.parts(self.embed_dim), scores);
                let sdpa = SdpaOptions { attn_mask: mask, dropout_p, is_causal, ..SdpaOptions::default() };
                let (heads, weights) = if options.need_weights {
                    let (heads, weights) = q.scaled_dot_product_attention_and_weights(&k, &v, &sdpa);
                    let mean = options.average_attn_weights;
                    (heads, Some(if mean { weights.mean_dims(&[1], false) } else { weights }))
                } else {
                    (q.scaled_dot_product_attention_with(&k, &v, &sdpa), None)
                };
                let joined = [scores.batch, scores.queries, self.embed_dim];
                (heads.transpose(1, 2).reshape(joined), weights)
            }
        };
        let heads = match (single, self.batch_first) {
            (true, _) => heads.squeeze(0),
            (false, true) => heads,
            (false, false) => heads.transpose(0, 1),
        };
        let output = self.out_proj.forward_fused(&heads, residual, Activation::Identity);
        (output, weights.map(|weights| if single { weights.squeeze(0) } else { weights }))
    }

    #[track_caller]
    fn check(&self, [query, key, value]: [&Var<T>; 3]) -> Scores {
        let widths = match &self.in_proj {
            InProjection::Packed(_) => [self.embed_dim; 3],
            InProjection::Separate(matrices) => matrices.each_ref().map(|matrix| matrix.shape()[1]),
        };
        let sizes = [query, key, value].map(|x| match *x.shape() {
            [time, width] => Some((1, time, width, true)),
            [batch, time, width] if self.batch_first => Some((batch, time, width, false)),
            [time, batch, width] => Some((batch, time, width, false)),
            _ => None,
        });
        if let [Some(q), Some(k), Some(v)] = sizes
            && (q.0, q.3) == (k.0, k.3)
            && (k.0, k.1, k.3) == (v.0, v.1, v.3)
            && [q.2, k.2, v.2] == widths
        {
            let added = usize::from(self.bias_kv.is_some()) + usize::from(self.zero_attn);
            return Scores { batch: q.0, heads: self.num_heads, queries: q.1, keys: k.1, added };
        }
        panic!(
            "MultiheadAttention: queries {:?}, keys {:?} and values {:?} must be {} of widths {widths:?}",
            query.shape(),
            key.shape(),
            value.shape(),
            if self.batch_first { "[B, T, ..]" } else { "[T, B, ..]" }
        );
    }

    /// The projections of queries, keys and values, batch first.
    #[track_caller]
    fn projected(&self, operands: [&Var<T>; 3]) -> Projected<T> {
        let batch_first = |x: &Var<T>| match (x.shape().len(), self.batch_first) {
            (2, _) => x.unsqueeze(0),
            (_, true) => x.clone(),
            (_, false) => x.transpose(0, 1),
        };
        let bias = self.in_proj_bias.as_ref().map(Param::var);
        let width = self.embed_dim;
        let part = |x: &Var<T>, i: usize, n: usize| x.narrow(0, i * width, n * width);
        let [query, key, value] = operands;
        let matrices = match &self.in_proj {
            InProjection::Packed(weight) => {
                let weight = weight.var();
                if !key.is_same(value) {
                    [0, 1, 2].map(|i| part(&weight, i, 1))
                } else if query.is_same(key) {
                    return Projected::Packed(batch_first(query).linear(&weight, bias.as_ref()));
                } else {
                    let bias = |i, n| bias.as_ref().map(|bias| part(bias, i, n));
                    let q = batch_first(query).linear(&part(&weight, 0, 1), bias(0, 1).as_ref());
                    let kv = batch_first(key).linear(&part(&weight, 1, 2), bias(1, 2).as_ref());
                    return Projected::Parts(Box::new([q, kv.narrow(2, 0, width), kv.narrow(2, width, width)]));
                }
            }
            InProjection::Separate(matrices) => matrices.each_ref().map(Param::var),
        };
        Projected::Parts(Box::new([0, 1, 2].map(|i| {
            let bias = bias.as_ref().map(|bias| part(bias, i, 1));
            batch_first(operands[i]).linear(&matrices[i], bias.as_ref())
        })))
    }

    /// Projections `[B, T, embed_dim]` as heads `[B, H, T, D]`, with the keys and values that the layer adds.
    fn heads(&self, [q, k, v]: [Var<T>; 3], scores: Scores) -> [Var<T>; 3] {
        let with_added = |x: Var<T>, learned: Option<&Param<T>>| {
            let row = [scores.batch, 1, self.embed_dim];
            let mut parts = vec![x];
            parts.extend(learned.map(|bias| bias.var().broadcast_to(row)));
            parts.extend(self.zero_attn.then(|| Var::new(Tensor::zeros(row))));
            if parts.len() == 1 { parts.remove(0) } else { Var::cat(&parts, 1) }
        };
        let (bias_k, bias_v) = self.bias_kv.as_ref().map(|[k, v]| (k, v)).unzip();
        [q, with_added(k, bias_k), with_added(v, bias_v)].map(|x| {
            let [batch, time] = [x.shape()[0], x.shape()[1]];
            x.reshape([batch, time, self.num_heads, self.embed_dim / self.num_heads]).transpose(1, 2)
        })
    }
}

/// Projections, `[B, T, ..]`.
enum Projected<T: Float> {
    /// Of one variable, side by side.
    Packed(Var<T>),
    Parts(Box<[Var<T>; 3]>),
}

impl<T: Float> Projected<T> {
    fn parts(self, width: usize) -> [Var<T>; 3] {
        match self {
            Self::Packed(rows) => [0, 1, 2].map(|i| rows.narrow(2, i * width, width)),
            Self::Parts(parts) => *parts,
        }
    }
}

impl<T: Float> Module<T> for MultiheadAttention<T> {
    fn members(&self, members: &mut Members<T>) {
        match &self.in_proj {
            InProjection::Packed(weight) => members.field("in_proj_weight", weight),
            InProjection::Separate([q, k, v]) => {
                members.field("q_proj_weight", q);
                members.field("k_proj_weight", k);
                members.field("v_proj_weight", v);
            }
        }
        members.field("in_proj_bias", &self.in_proj_bias);
        if let Some([bias_k, bias_v]) = &self.bias_kv {
            members.field("bias_k", bias_k);
            members.field("bias_v", bias_v);
        }
        members.field("out_proj", &self.out_proj);
        self.dropout.members(members);
    }
}
