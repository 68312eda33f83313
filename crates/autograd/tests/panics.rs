//! The caller's mistakes panic at the caller's line, under the name of the operation that was called, also where it is
//! made of others.

use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::mpsc::channel;

use gradus_autograd::{
    AvgPoolOptions, BatchNormOptions, ConvOptions, ConvTransposeOptions, LPPoolOptions, PadMode, RecurrentWeights,
    UnfoldOptions, Var, einsum,
};
use gradus_tensor::{Conv2dOptions, Pool2dOptions, Tensor};

/// Runs `call`: the message that it panics with, and the place that is blamed.
fn panic_of(call: fn()) -> Option<(String, String)> {
    let (sender, receiver) = channel();
    let hook = take_hook();
    set_hook(Box::new(move |info| {
        sender.send(info.location().map(ToString::to_string)).expect("the receiver waits below");
    }));
    let caught = catch_unwind(call);
    set_hook(hook);
    let message = match caught.err()?.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => (*payload.downcast::<&str>().expect("a message")).to_owned(),
    };
    Some((message, receiver.recv().expect("the hook has run").expect("a place")))
}

fn zeros(shape: &[usize]) -> Var {
    Var::new(Tensor::zeros(shape))
}

fn index(shape: &[usize]) -> Tensor<i64> {
    Tensor::zeros(shape)
}

/// A matrix to call with what does not fit.
fn x() -> Var {
    zeros(&[2, 3])
}

/// No shape that [`x`] broadcasts with.
fn other() -> Var {
    zeros(&[4])
}

/// Calls by the operation that their message begins with.
const CALLS: &[(&str, fn())] = &[
    // Dimensions out of range, or named twice.
    ("sum_dims", || drop(x().sum_dims(&[2], false))),
    ("sum_dims", || drop(x().sum_dims(&[0, -2], false))),
    ("mean_dims", || drop(x().mean_dims(&[-3], false))),
    ("mean_dims", || drop(x().mean_dims(&[1, 1], false))),
    ("var_dims", || drop(x().var_dims(&[2], 1.0, false))),
    ("std_dims", || drop(x().std_dims(&[2], 1.0, false))),
    ("var_mean_dims", || drop(x().var_mean_dims(&[0, 0], 1.0, false))),
    ("std_mean_dims", || drop(x().std_mean_dims(&[2], 1.0, false))),
    ("nansum", || drop(x().nansum(&[2], false))),
    ("nanmean", || drop(x().nanmean(&[2], false))),
    ("amax", || drop(x().amax(&[2], false))),
    ("amin", || drop(x().amin(&[2], false))),
    ("amax", || drop(zeros(&[0, 2]).amax(&[0], false))),
    ("amin", || drop(zeros(&[0, 2]).amin(&[0], false))),
    ("max", || drop(zeros(&[0, 2]).max())),
    ("min", || drop(zeros(&[0, 2]).min())),
    ("max_dim", || drop(x().max_dim(2, false))),
    ("min_dim", || drop(x().min_dim(2, false))),
    ("min_dim", || drop(zeros(&[0, 2]).min_dim(0, false))),
    ("cummax", || drop(x().cummax(2))),
    ("cummin", || drop(x().cummin(2))),
    ("cumsum", || drop(x().cumsum(2))),
    ("cumprod", || drop(x().cumprod(2))),
    ("logcumsumexp", || drop(x().logcumsumexp(2))),
    ("logsumexp", || drop(x().logsumexp(&[2], false))),
    ("logsumexp", || drop(x().logsumexp(&[0, 0], false))),
    ("norm_dims", || drop(x().norm_dims(2.0, &[2], false))),
    ("norm_dims", || drop(x().norm_dims(f64::INFINITY, &[2], false))),
    ("norm_dims", || drop(zeros(&[0]).norm_dims(f64::INFINITY, &[0], false))),
    ("norm", || drop(zeros(&[0]).norm(f64::NEG_INFINITY))),
    ("prod", || drop(x().prod_dim(2, false))),
    ("sort", || drop(x().sort(2, false))),
    ("topk", || drop(x().topk(1, 2, true))),
    ("topk", || drop(x().topk(4, 1, true))),
    ("kthvalue", || drop(x().kthvalue(1, 2, false))),
    ("kthvalue", || drop(x().kthvalue(0, 1, false))),
    ("quantile", || drop(x().quantile(0.5, 2, false))),
    ("quantile", || drop(x().quantile(1.5, 1, false))),
    ("median", || drop(zeros(&[0]).median())),
    ("median", || drop(x().median_dim(2, false))),
    ("softmax", || drop(x().softmax(2))),
    ("log_softmax", || drop(x().log_softmax(2))),
    ("softmin", || drop(x().softmin(2))),
    ("gumbel_softmax", || drop(x().gumbel_softmax(1.0, false, 2))),
    ("glu", || drop(x().glu(2))),
    ("glu", || drop(x().glu(1))),
    ("normalize", || drop(x().normalize(2.0, 2, 1e-12))),
    // Views and joins.
    ("slice", || drop(x().slice(2, 0..1))),
    ("slice", || drop(x().slice(1, 2..4))),
    ("slice_step", || drop(x().slice_step(2, 0..1, 1))),
    ("narrow", || drop(x().narrow(2, 0, 1))),
    ("select", || drop(x().select(2, 0))),
    ("select", || drop(x().select(0, 2))),
    ("split", || drop(x().split(1, 2))),
    ("split", || drop(x().split(0, 1))),
    ("split", || drop(x().split_sizes(&[1, 1], 2))),
    ("split", || drop(x().split_sizes(&[1, 1], 1))),
    ("chunk", || drop(x().chunk(2, 2))),
    ("chunk", || drop(x().chunk(0, 1))),
    ("unbind", || drop(x().unbind(2))),
    ("diff", || drop(x().diff(1, 2))),
    ("flip", || drop(x().flip(&[2]))),
    ("flip", || drop(x().flip(&[0, 0]))),
    ("roll", || drop(x().roll(&[1], &[2]))),
    ("roll", || drop(x().roll(&[1, 2], &[0]))),
    ("cat", || drop(Var::cat(&[x(), other()], 0))),
    ("cat", || drop(Var::cat(&[x(), x()], 2))),
    ("cat", || drop(Var::<f32>::cat(&[], 0))),
    ("stack", || drop(Var::stack(&[x(), x()], 3))),
    ("stack", || drop(Var::stack(&[x(), other()], 0))),
    ("transpose", || drop(x().transpose(0, 2))),
    ("permute", || drop(x().permute(&[0, 0]))),
    ("movedim", || drop(x().movedim(&[2], &[0]))),
    ("squeeze", || drop(x().squeeze(2))),
    ("squeeze", || drop(x().squeeze_dims(&[2]))),
    ("unsqueeze", || drop(x().unsqueeze(3))),
    ("flatten", || drop(x().flatten(2))),
    ("flatten", || drop(x().flatten_dims(1, 2))),
    ("unflatten", || drop(x().unflatten(2, &[1]))),
    ("unflatten", || drop(x().unflatten(1, &[2, 2]))),
    ("reshape", || drop(x().reshape([7]))),
    ("broadcast_to", || drop(x().broadcast_to([3, 3]))),
    ("expand", || drop(x().expand(&[3, 3]))),
    ("expand", || drop(x().expand(&[-1, -1, -1]))),
    ("repeat", || drop(x().repeat(&[2]))),
    ("repeat_interleave", || drop(x().repeat_interleave(2, Some(2)))),
    ("repeat_interleave", || drop(x().repeat_interleave_by(&[1, 2], 2))),
    ("pad", || drop(x().pad(&[1], PadMode::Constant(0.0)))),
    ("pad", || drop(x().pad(&[-4, 0], PadMode::Constant(0.0)))),
    ("pad", || drop(x().pad(&[3, 0], PadMode::Reflect))),
    ("diagonal", || drop(x().diagonal(0, 0, 2))),
    ("diag", || drop(zeros(&[1, 1, 1]).diag(0))),
    ("diag_embed", || drop(x().diag_embed(0, 0, 4))),
    ("trace", || drop(other().trace())),
    ("tril", || drop(other().tril(0))),
    ("triu", || drop(other().triu(0))),
    ("pixel_shuffle", || drop(x().pixel_shuffle(2))),
    ("channel_shuffle", || drop(x().channel_shuffle(2))),
    // Shapes that do not broadcast.
    ("add", || drop(x() + other())),
    ("sub", || drop(x() - other())),
    ("mul", || drop(x() * other())),
    ("div", || drop(x() / other())),
    ("pow", || drop(x().pow(&other()))),
    ("remainder", || drop(x().remainder(&other()))),
    ("fmod", || drop(x().fmod(&other()))),
    ("atan2", || drop(x().atan2(&other()))),
    ("hypot", || drop(x().hypot(&other()))),
    ("logaddexp", || drop(x().logaddexp(&other()))),
    ("xlogy", || drop(x().xlogy(&other()))),
    ("maximum", || drop(x().maximum(&other()))),
    ("minimum", || drop(x().minimum(&other()))),
    ("lerp", || drop(x().lerp(&other(), 0.5))),
    ("lerp", || drop(x().lerp(&x(), &other()))),
    ("addcmul", || drop(x().addcmul(&x(), &other(), 1.0))),
    ("addcdiv", || drop(other().addcdiv(&x(), &x(), 1.0))),
    ("where_", || drop(x().where_(&Tensor::full([4], true), 1.0))),
    ("masked_fill", || drop(x().masked_fill(&Tensor::full([4], true), 1.0))),
    ("masked_select", || drop(x().masked_select(&Tensor::full([4], true)))),
    ("masked_scatter", || drop(x().masked_scatter(&Tensor::full([4], true), &x()))),
    ("dist", || drop(x().dist(&other(), 2.0))),
    ("cdist", || drop(x().cdist(&other(), 2.0))),
    ("cdist", || drop(zeros(&[2, 1, 3]).cdist(&zeros(&[3, 1, 3]), 2.0))),
    ("cosine_similarity", || drop(x().cosine_similarity(&other(), 1, 1e-8))),
    ("cosine_similarity", || drop(x().cosine_similarity(&x(), 2, 1e-8))),
    ("pairwise_distance", || drop(x().pairwise_distance(&other(), 2.0, 1e-6, false))),
    ("prelu", || drop(x().prelu(&other()))),
    // Products.
    ("matmul", || drop(x().matmul(&x()))),
    ("mv", || drop(x().mv(&other()))),
    ("dot", || drop(zeros(&[3]).dot(&other()))),
    ("bmm", || drop(x().bmm(&x()))),
    ("bmm", || drop(zeros(&[2, 2, 3]).bmm(&zeros(&[2, 2, 3])))),
    ("addmm", || drop(x().addmm(&x(), &x(), 1.0, 1.0))),
    ("addmm", || drop(zeros(&[5]).addmm(&x(), &zeros(&[3, 2]), 1.0, 1.0))),
    ("addmv", || drop(other().addmv(&x(), &other(), 1.0, 1.0))),
    ("baddbmm", || drop(x().baddbmm(&x(), &x(), 1.0, 1.0))),
    ("cross", || drop(x().cross(&x(), 2))),
    ("cross", || drop(x().cross(&x(), 0))),
    ("cross", || drop(x().cross(&zeros(&[4, 3]), 1))),
    ("einsum", || drop(einsum("ij,jk->ik", &[x(), x()]))),
    ("tensordot", || drop(x().tensordot(&x(), &[2], &[0]))),
    ("linear", || drop(x().linear(&zeros(&[4, 5]), None))),
    ("bilinear", || drop(x().bilinear(&x(), &zeros(&[4, 5, 6]), None))),
    // Places.
    ("gather", || drop(x().gather(2, &index(&[2, 3])))),
    ("gather", || drop(x().gather(1, &index(&[3, 3])))),
    ("scatter", || drop(x().scatter(2, &index(&[2, 3]), &x()))),
    ("scatter", || drop(x().scatter(1, &index(&[2, 3]), &other()))),
    ("scatter_value", || drop(x().scatter_value(2, &index(&[2, 3]), 1.0))),
    ("scatter_add", || drop(x().scatter_add(2, &index(&[2, 3]), &x()))),
    ("take_along_dim", || drop(x().take_along_dim(&index(&[2, 3]), 2))),
    ("take_along_dim", || drop(x().take_along_dim(&index(&[4, 3]), 1))),
    ("index_select", || drop(x().index_select(2, &index(&[1])))),
    ("index_select", || drop(x().index_select(1, &index(&[1, 1])))),
    ("index_add", || drop(x().index_add(2, &index(&[1]), &x(), 1.0))),
    ("index_copy", || drop(x().index_copy(0, &index(&[1]), &other()))),
    ("index_fill", || drop(x().index_fill(2, &index(&[1]), 1.0))),
    ("index_put", || drop(x().index_put(&[&index(&[2])], &other(), false))),
    ("embedding", || drop(other().embedding(&index(&[2])))),
    // Windows, norms, losses, sequences.
    ("conv1d", || drop(x().conv1d(&other(), None, ConvOptions::default()))),
    ("conv2d", || drop(x().conv2d(&other(), None, Conv2dOptions::default()))),
    ("conv3d", || drop(x().conv3d(&other(), None, ConvOptions::default()))),
    ("conv_transpose1d", || drop(x().conv_transpose1d(&other(), None, ConvTransposeOptions::default()))),
    ("max_pool2d", || {
        drop(zeros(&[1, 1, 2, 4]).max_pool2d(Pool2dOptions { kernel_size: [3; 2], stride: [3; 2], padding: [0; 2] }));
    }),
    ("avg_pool1d", || drop(other().avg_pool1d(AvgPoolOptions::new([5])))),
    ("lp_pool1d", || drop(other().lp_pool1d(LPPoolOptions::new(2.0, [5])))),
    ("adaptive_avg_pool2d", || drop(other().adaptive_avg_pool2d([1, 1]))),
    ("unfold", || drop(x().unfold(UnfoldOptions::new([2, 2])))),
    ("fold", || drop(x().fold([2, 2], UnfoldOptions::new([2, 2])))),
    ("dropout", || drop(other().dropout(1.5))),
    ("dropout2d", || drop(x().dropout2d(0.5))),
    ("batch_norm", || drop(zeros(&[3]).batch_norm(None, None, BatchNormOptions::default()))),
    ("layer_norm", || drop(x().layer_norm(&[4], None, None, 1e-5))),
    ("rms_norm", || drop(x().rms_norm(&[4], None, None))),
    ("group_norm", || drop(x().group_norm(2, None, None, 1e-5))),
    ("instance_norm", || drop(other().instance_norm(None, None, 1e-5))),
    ("binary_cross_entropy", || drop(x().binary_cross_entropy(&other()))),
    ("scaled_dot_product_attention", || {
        drop(x().scaled_dot_product_attention_with(&other(), &other(), &Default::default()));
    }),
    ("lstm", || {
        let (weight_ih, weight_hh) = (zeros(&[8, 3]), zeros(&[8, 2]));
        let bias = Some((zeros(&[8]), zeros(&[1])));
        drop(zeros(&[1, 1, 3]).lstm(&RecurrentWeights { weight_ih, weight_hh, bias }, None));
    }),
    ("gru", || {
        let weights = RecurrentWeights { weight_ih: zeros(&[6, 3]), weight_hh: zeros(&[6, 2]), bias: None };
        drop(zeros(&[1, 1, 4]).gru(&weights, None));
    }),
];

fn each_call_is_blamed_by_its_own_name() {
    let wrong = CALLS.iter().filter_map(|&(operation, call)| match panic_of(call) {
        None => Some(format!("{operation} does not panic")),
        Some((message, place)) => {
            let right = message.starts_with(&format!("{operation}: ")) && place.contains("panics.rs");
            (!right).then(|| format!("{operation} says '{message}' of {place}"))
        }
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CALLS.len(), wrong.join("\n"));
}

/// What the messages of each kind say in full.
fn messages_name_both_shapes_and_what_would_fit() {
    let check = |call: fn(), message: &str| assert_eq!(panic_of(call).expect("it panics").0, message);
    check(|| drop(x() + other()), "add: shapes [2, 3] and [4] do not broadcast");
    check(|| drop(x().softmax(2)), "softmax: dimension 2 is out of range for a tensor of 2 dimensions");
    check(
        || drop(x().matmul(&zeros(&[4, 5]))),
        "matmul: shapes [2, 3] and [4, 5] do not fit ([.., M, K] x [.., K, N])",
    );
    check(
        || drop(x().linear(&zeros(&[4, 5]), None)),
        "linear: input [2, 3], weight [4, 5] and bias None do not fit ([.., I], [O, I], [O])",
    );
    check(
        || drop(x().conv2d(&zeros(&[4, 5]), None, Conv2dOptions::default())),
        "conv2d: input [2, 3] and weight [4, 5] must be [N, C, H, W] and [O, C / groups, kh, kw]",
    );
    check(|| drop(zeros(&[2]).dropout(1.5)), "dropout: probability 1.5 is outside 0..=1");
    check(
        || drop(zeros(&[3]).batch_norm(None, None, BatchNormOptions::default())),
        "batch_norm: input [3] must be [N, C, ..]",
    );
    check(|| drop(x().reshape([7])), "reshape: shape [2, 3] has 6 elements, [7] has 7");
}

/// One test: a panic hook is the whole process's.
#[test]
fn mistakes_are_blamed_on_the_caller() {
    messages_name_both_shapes_and_what_would_fit();
    each_call_is_blamed_by_its_own_name();
}
