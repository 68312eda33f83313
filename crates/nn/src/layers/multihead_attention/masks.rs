//! The masks of multi-head attention, made one.

use gradus_autograd::{AttnMask, Var};
use gradus_tensor::{Float, Tensor};

use super::MultiheadAttentionOptions;

/// The sizes that masks must fit.
#[derive(Clone, Copy)]
pub(super) struct Scores {
    pub(super) batch: usize,
    pub(super) heads: usize,
    pub(super) queries: usize,
    pub(super) keys: usize,
    /// Keys that the layer adds, which no mask hides.
    pub(super) added: usize,
}

/// The masks as one that broadcasts to `[B, H, Tq, Tk + added]`, true where a key is seen; and whether the call is
/// causal.
#[track_caller]
pub(super) fn merged<T: Float>(
    options: &MultiheadAttentionOptions<T>,
    scores: Scores,
    single: bool,
) -> (Option<AttnMask<T>>, bool) {
    let Scores { batch, heads, queries, keys, added } = scores;
    let (mut attn, mut causal) = (options.attn_mask.clone(), options.is_causal);
    if let Some(mask) = &attn
        && is_causal(mask, [queries, keys])
    {
        (attn, causal) = (None, true);
    }
    let attn = attn.map(|mask| match *shape(&mask) {
        [q, k] if [q, k] == [queries, keys] => mask,
        [n, q, k] if [n, q, k] == [batch * heads, queries, keys] => reshaped(mask, &[batch, heads, q, k]),
        ref other => panic!(
            "MultiheadAttention: an attn_mask of shape {other:?} must be [Tq, Tk] = {:?} or [B H, Tq, Tk]",
            [queries, keys]
        ),
    });
    let padding = options.key_padding_mask.clone().map(|mask| {
        let expected: &[usize] = if single { &[keys] } else { &[batch, keys] };
        assert!(
            shape(&mask) == expected,
            "MultiheadAttention: a key_padding_mask of shape {:?} must be [B, Tk] = {expected:?}",
            shape(&mask)
        );
        reshaped(mask, &[batch, 1, 1, keys])
    });
    // Added keys come after the others, so that a causal mask would hide them.
    let causal_mask = || AttnMask::Boolean(Tensor::from_fn([queries, keys], |i| i % keys > i / keys));
    let made = (causal && added > 0).then(causal_mask);
    let mask = [attn, padding, made].into_iter().flatten().reduce(both).map(|mask| seen(with_added(mask, added)));
    (mask, causal && added == 0)
}

fn shape<T: Float>(mask: &AttnMask<T>) -> &[usize] {
    match mask {
        AttnMask::Boolean(mask) => mask.shape(),
        AttnMask::Additive(mask) => mask.shape(),
    }
}

fn reshaped<T: Float>(mask: AttnMask<T>, shape: &[usize]) -> AttnMask<T> {
    match mask {
        AttnMask::Boolean(mask) => AttnMask::Boolean(mask.reshape(shape)),
        AttnMask::Additive(mask) => AttnMask::Additive(mask.reshape(shape)),
    }
}

/// Whether the mask, a constant, hides just the keys after each query.
fn is_causal<T: Float>(mask: &AttnMask<T>, scores: [usize; 2]) -> bool {
    let keys = scores[1];
    let hidden = |i: usize| i % keys > i / keys;
    match mask {
        _ if shape(mask) != scores => false,
        AttnMask::Boolean(mask) => mask.to_vec().into_iter().enumerate().all(|(i, mask)| mask == hidden(i)),
        AttnMask::Additive(mask) if mask.requires_grad() => false,
        AttnMask::Additive(mask) => {
            let expected = |i: usize| if hidden(i) { T::neg_infinity() } else { T::zero() };
            mask.value().to_vec().into_iter().enumerate().all(|(i, mask)| mask == expected(i))
        }
    }
}

/// Minus infinity where keys are hidden.
fn additive<T: Float>(mask: AttnMask<T>) -> Var<T> {
    match mask {
        AttnMask::Boolean(mask) => Var::new(mask.map(|hidden| if hidden { T::neg_infinity() } else { T::zero() })),
        AttnMask::Additive(mask) => mask,
    }
}

/// What either mask hides.
fn both<T: Float>(a: AttnMask<T>, b: AttnMask<T>) -> AttnMask<T> {
    match (a, b) {
        (AttnMask::Boolean(a), AttnMask::Boolean(b)) => {
            AttnMask::Boolean(a.zip_map(&b, "MultiheadAttention", |a, b| a || b))
        }
        (a, b) => AttnMask::Additive(additive(a) + additive(b)),
    }
}

/// The mask with keys after the others, which are seen.
fn with_added<T: Float>(mask: AttnMask<T>, added: usize) -> AttnMask<T> {
    if added == 0 {
        return mask;
    }
    let mut columns = shape(&mask).to_vec();
    *columns.last_mut().expect("a mask has a dimension of keys") = added;
    match mask {
        AttnMask::Boolean(mask) => {
            let more = Tensor::from_fn(columns, |_| false);
            AttnMask::Boolean(Tensor::cat(&[&mask, &more], -1))
        }
        AttnMask::Additive(mask) => AttnMask::Additive(Var::cat(&[mask, Var::new(Tensor::zeros(columns))], -1)),
    }
}

/// The mask as [`Var::scaled_dot_product_attention_with`] takes it: true where keys are seen.
fn seen<T: Float>(mask: AttnMask<T>) -> AttnMask<T> {
    match mask {
        AttnMask::Boolean(mask) => AttnMask::Boolean(mask.map(|hidden| !hidden)),
        additive => additive,
    }
}
