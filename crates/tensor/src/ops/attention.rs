//! Scaled dot-product attention and its gradients.

use crate::element::Float;
use crate::kernels::attention::{self, Attention, Heads, HeadsMut, Mask, Sizes};
use crate::kernels::shared::Shared;
use crate::shape::{broadcast_shapes, contiguous_strides};
use crate::tensor::Tensor;

/// Which keys a query attends to.
#[derive(Clone, Debug, Default)]
pub enum AttentionMask<T: Float = f32> {
    /// All.
    #[default]
    None,
    /// Query `i` attends to the keys 0 to `i` (PyTorch's `is_causal`).
    Causal,
    /// Added to the scores; broadcasts to `[B, H, Tq, Tk]`. A constant: it gets no gradient.
    Additive(Tensor<T>),
    /// Those where the mask is true; broadcasts to `[B, H, Tq, Tk]`.
    Boolean(Tensor<bool>),
}

/// How [`Tensor::attention`] weighs the values.
#[derive(Clone, Debug, Default)]
pub struct AttentionOptions<T: Float = f32> {
    /// Which keys a query attends to.
    pub mask: AttentionMask<T>,
    /// What the products of queries and keys are multiplied by. Default: `1 / sqrt(D)`.
    pub scale: Option<f64>,
}

impl<T: Float> AttentionOptions<T> {
    /// Query `i` attends to the keys 0 to `i`, with the default scale.
    pub fn causal() -> Self {
        Self { mask: AttentionMask::Causal, scale: None }
    }

    /// What the products of queries and keys of this width are multiplied by.
    pub fn scale_for(&self, width: usize) -> f64 {
        self.scale.unwrap_or_else(|| 1.0 / (width as f64).sqrt())
    }
}

impl<T: Float> Tensor<T> {
    /// `softmax(scale Q K^T + mask) V` for queries `[B, H, Tq, D]`, keys `[B, H, Tk, D]` and values `[B, H, Tk, E]`,
    /// read where they lie: the output `[B, H, Tq, E]`, and `[B, H, Tq]`, for each query the logarithm of the sum of
    /// the exponentials of its scores, which the gradient needs.
    ///
    /// The output lies in memory as `[B, Tq, H, E]`, so that heads are joined without a copy. A query that attends to
    /// no key gives zeros.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn attention(&self, keys: &Self, values: &Self, options: &AttentionOptions<T>) -> (Self, Self) {
        let sizes = check(self, keys, values);
        let operands = [self, keys, values].map(Self::with_contiguous_rows);
        let mask = additive(&options.mask, sizes);
        let attention = task(sizes, &operands, options, mask.as_ref());
        forward(&attention)
    }

    /// The gradients of queries, keys and values of [`attention`](Self::attention) from `gradient`, that of its output;
    /// `output` and `log_sum_exp` are what it gave.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn attention_gradients(
        &self,
        keys: &Self,
        values: &Self,
        options: &AttentionOptions<T>,
        (output, log_sum_exp): (&Self, &Self),
        gradient: &Self,
    ) -> [Self; 3] {
        let sizes = check(self, keys, values);
        check_output(sizes, output, log_sum_exp, gradient);
        let operands = [self, keys, values].map(Self::with_contiguous_rows);
        let (output, gradient) = (output.with_contiguous_rows(), gradient.with_contiguous_rows());
        let mask = additive(&options.mask, sizes);
        let attention = task(sizes, &operands, options, mask.as_ref());
        let saved = (heads(&output), heads(&gradient), &*log_sum_exp.row_major());
        let Sizes { batch, heads, queries, keys, width, value_width } = sizes;
        let shape = |rows, width| [batch, rows, heads, width];
        let mut gradients = [shape(queries, width), shape(keys, width), shape(keys, value_width)].map(Self::zeros);
        if gradients[2].numel() > 0 && queries > 0 {
            let shared = gradients.each_mut().map(|gradient| Shared::new(gradient.as_mut_slice()));
            let target = |i: usize, rows: usize, width: usize| {
                let strides = [rows * heads * width, width, heads * width];
                HeadsMut { data: &shared[i], offset: 0, strides }
            };
            let targets = [target(0, queries, width), target(1, keys, width), target(2, keys, value_width)];
            attention::backward(&attention, saved, targets);
        }
        gradients.map(|gradient| gradient.transpose(1, 2))
    }

    /// [`attention`](Self::attention) of queries, keys and values that lie side by side in the rows of one projection,
    /// `[B, T, 3 C]`, each cut into `heads` heads of `C / heads`: the output `[B, T, C]`, and `[B, H, T]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn attention_packed(&self, heads: usize, options: &AttentionOptions<T>) -> (Self, Self) {
        let (packed, sizes) = self.packed(heads);
        let mask = additive(&options.mask, sizes);
        let attention = packed_task(sizes, &packed, options, mask.as_ref());
        let (out, log_sum_exp) = forward(&attention);
        (out.transpose(1, 2).reshape([sizes.batch, sizes.queries, heads * sizes.width]), log_sum_exp)
    }

    /// The gradient `[B, T, 3 C]` of [`attention_packed`](Self::attention_packed) from `gradient`, that of its output;
    /// `output` and `log_sum_exp` are what it gave.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn attention_packed_gradient(
        &self,
        heads: usize,
        options: &AttentionOptions<T>,
        (output, log_sum_exp): (&Self, &Self),
        gradient: &Self,
    ) -> Self {
        let (packed, sizes) = self.packed(heads);
        let Sizes { batch, queries, width, .. } = sizes;
        let joined = [batch, queries, heads * width];
        assert!(
            output.shape() == joined && gradient.shape() == joined && log_sum_exp.shape() == [batch, heads, queries],
            "attention_packed_gradient: output {:?}, log_sum_exp {:?} and gradient {:?} do not fit {:?}",
            output.shape(),
            log_sum_exp.shape(),
            gradient.shape(),
            self.shape()
        );
        let split = |x: &Self| x.reshape([batch, queries, heads, width]).transpose(1, 2);
        let (output, gradient) = (split(output), split(gradient));
        let mask = additive(&options.mask, sizes);
        let attention = packed_task(sizes, &packed, options, mask.as_ref());
        Self::build(self.shape(), |out| {
            let row = 3 * heads * width;
            let shared = Shared::new(out);
            let strides = [queries * row, width, row];
            let targets = [0, 1, 2].map(|i| HeadsMut { data: &shared, offset: i * heads * width, strides });
            let saved = (self::heads(&output), self::heads(&gradient), &*log_sum_exp.row_major());
            attention::backward(&attention, saved, targets);
        })
    }

    /// This packed projection in row-major memory, and the sizes of its attention.
    #[track_caller]
    fn packed(&self, heads: usize) -> (Self, Sizes) {
        let shape = self.shape();
        assert!(
            shape.len() == 3 && heads > 0 && shape[2].is_multiple_of(3 * heads),
            "attention_packed: a projection {shape:?} is not [B, T, 3 C] with C cut into {heads} heads"
        );
        let (width, queries) = (shape[2] / (3 * heads), shape[1]);
        let sizes = Sizes { batch: shape[0], heads, queries, keys: queries, width, value_width: width };
        (self.contiguous(), sizes)
    }

    /// This tensor with neighbours of the last dimension side by side: itself where they lie so, else a copy.
    fn with_contiguous_rows(&self) -> Self {
        if self.strides().last() == Some(&1) { self.clone() } else { self.copy() }
    }
}

#[track_caller]
fn check<T: Float>(q: &Tensor<T>, k: &Tensor<T>, v: &Tensor<T>) -> Sizes {
    let (&[batch, heads, queries, width], &[b, h, keys, w], &[bv, hv, t, value_width]) =
        (q.shape(), k.shape(), v.shape())
    else {
        panic!("{}", misfit(q, k, v));
    };
    assert!([b, h, w] == [batch, heads, width] && [bv, hv, t] == [batch, heads, keys], "{}", misfit(q, k, v));
    Sizes { batch, heads, queries, keys, width, value_width }
}

fn misfit<T: Float>(q: &Tensor<T>, k: &Tensor<T>, v: &Tensor<T>) -> String {
    format!(
        "attention: queries {:?}, keys {:?} and values {:?} must be [B, H, Tq, D], [B, H, Tk, D] and [B, H, Tk, E]",
        q.shape(),
        k.shape(),
        v.shape()
    )
}

#[track_caller]
fn check_output<T: Float>(sizes: Sizes, output: &Tensor<T>, log_sum_exp: &Tensor<T>, gradient: &Tensor<T>) {
    let Sizes { batch, heads, queries, value_width, .. } = sizes;
    let shape = [batch, heads, queries, value_width];
    assert!(
        output.shape() == shape && gradient.shape() == shape && log_sum_exp.shape() == &shape[..3],
        "attention_gradients: output {:?}, log_sum_exp {:?} and gradient {:?} do not fit {shape:?}",
        output.shape(),
        log_sum_exp.shape(),
        gradient.shape()
    );
}

/// The mask as numbers to add, as a view of the shape of all scores.
#[track_caller]
fn additive<T: Float>(mask: &AttentionMask<T>, sizes: Sizes) -> Option<Tensor<T>> {
    let mask = match mask {
        AttentionMask::None | AttentionMask::Causal => return None,
        AttentionMask::Additive(mask) => mask.clone(),
        AttentionMask::Boolean(mask) => {
            let hidden = T::neg_infinity();
            let values: Vec<T> = mask.to_vec().into_iter().map(|seen| if seen { T::zero() } else { hidden }).collect();
            Tensor::from_vec(values, mask.shape())
        }
    };
    let scores = [sizes.batch, sizes.heads, sizes.queries, sizes.keys];
    let fits = broadcast_shapes(mask.shape(), &scores).is_some_and(|shape| shape.as_slice() == scores);
    assert!(fits, "attention: a mask of shape {:?} does not broadcast to the scores {scores:?}", mask.shape());
    Some(mask.broadcast_to(scores))
}

fn task<'a, T: Float>(
    sizes: Sizes,
    operands: &'a [Tensor<T>; 3],
    options: &AttentionOptions<T>,
    mask: Option<&'a Tensor<T>>,
) -> Attention<'a, T> {
    let [q, k, v] = operands.each_ref().map(heads);
    let scale = T::from_f64(options.scale_for(sizes.width));
    Attention { sizes, q, k, v, scale, mask: kernel_mask(mask, options) }
}

/// The same over the three parts of a packed projection.
fn packed_task<'a, T: Float>(
    sizes: Sizes,
    packed: &'a Tensor<T>,
    options: &AttentionOptions<T>,
    mask: Option<&'a Tensor<T>>,
) -> Attention<'a, T> {
    let channels = sizes.heads * sizes.width;
    let data = packed.as_slice().expect("packed made it contiguous");
    let [q, k, v] = [0, 1, 2].map(|i| Heads {
        data: &data[(i * channels).min(data.len())..],
        strides: [sizes.queries * 3 * channels, sizes.width, 3 * channels],
    });
    let scale = T::from_f64(options.scale_for(sizes.width));
    Attention { sizes, q, k, v, scale, mask: kernel_mask(mask, options) }
}

/// The mask as the kernels take it; `additive` is what [`additive`] made of it.
fn kernel_mask<'a, T: Float>(additive: Option<&'a Tensor<T>>, options: &AttentionOptions<T>) -> Mask<'a, T> {
    match (additive, &options.mask) {
        (Some(mask), _) => {
            let s = mask.strides();
            Mask::Additive { data: &mask.storage.as_slice()[mask.layout.offset..], strides: [s[0], s[1], s[2], s[3]] }
        }
        (None, AttentionMask::Causal) => Mask::Causal,
        (None, _) => Mask::None,
    }
}

/// `[B, H, T, D]` with contiguous rows, where it lies.
fn heads<T: Float>(x: &Tensor<T>) -> Heads<'_, T> {
    let s = x.strides();
    Heads { data: &x.storage.as_slice()[x.layout.offset..], strides: [s[0], s[1], s[2]] }
}

fn forward<T: Float>(attention: &Attention<'_, T>) -> (Tensor<T>, Tensor<T>) {
    let Sizes { batch, heads, queries, value_width, .. } = attention.sizes;
    let shape = [batch, queries, heads, value_width];
    let mut out = None;
    let log_sum_exp = Tensor::build_on_zeros(&[batch, heads, queries], |log_sum_exp| {
        out = Some(Tensor::build(&shape, |out| {
            let shared = Shared::new(out);
            let strides = contiguous_strides(&shape);
            let target = HeadsMut { data: &shared, offset: 0, strides: [strides[0], strides[2], strides[1]] };
            attention::forward(attention, target, log_sum_exp);
        }));
    });
    (out.unwrap_or_else(|| Tensor::zeros(shape)).transpose(1, 2), log_sum_exp)
}
