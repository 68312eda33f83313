//! The same bits for any number of threads, on work that is large enough to be cut.

use gradus_tensor::random::Generator;
use gradus_tensor::{
    Activation, AttentionMask, AttentionOptions, AvgPool2dOptions, BatchNormBackward, BatchNormOptions, Conv2dOptions,
    GeluApproximation, Pool2dOptions, Tensor, parallel,
};

fn normal(shape: &[usize], seed: u64) -> Tensor {
    Generator::new(seed, 0).normal(shape, 0.0, 1.0)
}

type Results = Vec<(&'static str, Vec<Tensor>)>;

/// Every operation whose work is cut, by name.
fn results() -> Results {
    [products(), convolutions(), pools(), sequences(), rows()].concat()
}

fn products() -> Results {
    let (tall, wide) = (normal(&[500, 300], 1), normal(&[300, 90], 2));
    let (small, planes) = (normal(&[20, 3, 16, 16], 3), normal(&[40, 4, 32, 32], 5));
    let (weight, bias, residual) = (normal(&[700, 300], 10), normal(&[700], 11), normal(&[500, 700], 12));
    let mut sum = normal(&[500, 90], 36);
    sum.addmm_(&tall, &wide);
    vec![
        ("matmul", vec![tall.matmul(&wide), wide.transpose(0, 1).matmul(&tall.transpose(0, 1))]),
        ("batched matmul", vec![small.matmul(&small.transpose(2, 3)), planes.matmul(&planes)]),
        ("addmm_", vec![sum]),
        ("linear", vec![tall.linear_with(&weight, Some(&bias), Some(&residual), Activation::Relu)]),
    ]
}

fn convolutions() -> Results {
    let check = |x: &[usize], weight: &[usize], options: Conv2dOptions| {
        let (x, weight) = (normal(x, 3), normal(weight, 4));
        let y = x.conv2d(&weight, None, options);
        let dx = y.conv2d_input_gradient(&weight, x.shape(), options);
        vec![dx, y.conv2d_weight_gradient(&x, weight.shape(), options), y.conv2d_bias_gradient(), y]
    };
    let padded = Conv2dOptions { padding: [1, 1], ..Conv2dOptions::default() };
    vec![
        ("conv2d", check(&[20, 3, 16, 16], &[8, 3, 3, 3], padded)),
        ("strided conv2d", check(&[9, 40, 12, 12], &[50, 40, 3, 3], Conv2dOptions { stride: [2, 2], ..padded })),
        ("depthwise conv2d", check(&[6, 40, 30, 30], &[40, 1, 3, 3], Conv2dOptions { groups: 40, ..padded })),
    ]
}

fn pools() -> Results {
    let planes = normal(&[40, 4, 32, 32], 5);
    let (pooled, places) = planes.max_pool2d(Pool2dOptions::new([2, 2]));
    let overlapping = Pool2dOptions { kernel_size: [3, 3], stride: [2, 2], padding: [1, 1] };
    let (overlapped, overlapped_places) = planes.to_channels_last().max_pool2d(overlapping);
    let averages = AvgPool2dOptions::Windows(overlapping);
    vec![
        ("avg_pool2d", vec![planes.avg_pool2d(averages), overlapped.avg_pool2d_gradient(planes.shape(), averages)]),
        ("scatter_planes", vec![pooled.scatter_planes(&places), overlapped.scatter_planes(&overlapped_places)]),
        ("gather_planes", vec![planes.gather_planes(&places)]),
        ("overlapping max_pool2d", vec![planes.max_pool2d(overlapping).0]),
        ("max_pool2d", vec![pooled, places.indices().cast(), overlapped, overlapped_places.indices().cast()]),
        ("batch_norm", batch_norm(&planes)),
        ("batch_norm channels last", batch_norm(&planes.to_channels_last())),
    ]
}

fn sequences() -> Results {
    let (qkv, joined) = (normal(&[3, 150, 3 * 48], 20), normal(&[3, 150, 48], 21));
    let causal = AttentionOptions::causal();
    let (attended, log_sum_exp) = qkv.attention_packed(3, &causal);
    let attention_gradient = qkv.attention_packed_gradient(3, &causal, (&attended, &log_sum_exp), &joined);
    let [q, k, v] = [32, 33, 34].map(|seed| normal(&[3, 4, 100, 20], seed));
    let mask = AttentionMask::Additive(normal(&[100, 100], 35));
    let options = AttentionOptions { mask, ..AttentionOptions::default() };
    let (out, statistics) = q.attention(&k, &v, &options);
    let gradients = q.attention_gradients(&k, &v, &options, (&out, &statistics), &out);
    let weights = (&normal(&[4 * 200, 48], 22), &normal(&[4 * 200, 200], 23));
    let lstm = joined.transpose(0, 1).lstm(weights, None, None);
    let d = lstm.gradients(weights, Some(&normal(&[150, 3, 200], 24)), [None, None], true);
    let of_lstm = vec![lstm.output, d.input.unwrap(), d.weight_ih, d.weight_hh, d.bias, d.hidden, d.cell];
    // 130 rows: blocks of rows and of hidden units.
    let weights = (&weights.0.slice(0, 0..600), &weights.1.slice(0, 0..600));
    let gru = normal(&[130, 9, 48], 25).gru(weights, None, None);
    let d = gru.gradients(weights, Some(&normal(&[130, 9, 200], 26)), None, true);
    let of_gru = vec![gru.output, d.input.unwrap(), d.weight_ih, d.weight_hh, d.bias_ih, d.bias_hh, d.hidden];
    vec![
        ("packed attention", vec![attended, log_sum_exp, attention_gradient]),
        ("masked attention", [vec![out, statistics], gradients.into()].concat()),
        ("lstm", of_lstm),
        ("gru", of_gru),
    ]
}

fn rows() -> Results {
    let (long, other) = (normal(&[700, 333], 6), normal(&[700, 333], 10));
    let labels = Tensor::from_fn([700], |i| (i % 333) as i64);
    let (losses, statistics) = long.cross_entropy(&labels);
    let (y, moments) = long.layer_norm(&[333], None, None, 1e-5);
    let norm = long.layer_norm_gradient(&other, &moments, &[333], None);
    let (dropped, mask) = long.dropout(0.3, &mut Generator::new(5, 5));
    let (mut sum, mut table) = (long.clone(), other.clone());
    sum.add_(&other);
    table.index_add_(&labels, &long);
    vec![
        ("sum", vec![long.sum(), long.sum_dims(&[0], false), long.sum_dims(&[1], false)]),
        ("max_dim", vec![long.max_dim(0, false).0, long.max_dim(1, false).0]),
        ("softmax", vec![long.softmax(1), long.log_softmax(0)]),
        ("softmax_gradient", vec![long.softmax_gradient(&other, 1), long.log_softmax_gradient(&other, 0)]),
        ("cross_entropy", vec![losses, long.cross_entropy_gradient(&labels, &statistics, &normal(&[700], 7))]),
        ("layer_norm", vec![y, norm.x, norm.weight, norm.bias]),
        ("embedding", vec![long.embedding(&labels).unwrap(), long.embedding_gradient(&labels, 50_000)]),
        ("activations", vec![long.gelu(GeluApproximation::None), long.gelu_gradient(&other, GeluApproximation::Tanh)]),
        ("elementwise", vec![long.exp(), &long * &long, &long + &normal(&[333], 8)]),
        ("in place", vec![sum, table]),
        ("dropout", vec![dropped, other.apply_dropout(&mask)]),
        ("random", vec![normal(&[100_000], 9)]),
    ]
}

/// Moments, output and gradients, with residual and rectifier.
fn batch_norm(x: &Tensor) -> Vec<Tensor> {
    let (moments, residual) = (x.channel_moments(), x.exp());
    let weight = normal(&[x.shape()[1]], 12);
    let (weight, residual, eps) = (Some(&weight), Some(&residual), 1e-5);
    let options = BatchNormOptions { weight, bias: None, eps, residual, activation: Activation::Relu };
    let y = x.batch_norm(&moments, options);
    let backward = BatchNormBackward {
        gradient: x,
        rectified: Some(&y),
        moments: &moments,
        of_batch: true,
        weight,
        eps,
        residual: true,
    };
    let gradients = x.batch_norm_gradient(backward);
    let residual = gradients.residual.expect("it was asked for");
    vec![moments.mean, moments.variance, y, gradients.x, gradients.weight, gradients.bias, residual]
}

/// The numbers as integers, so that 0 differs from -0.
fn bits(results: &[Tensor]) -> Vec<Vec<u32>> {
    results.iter().map(|result| result.to_vec().into_iter().map(f32::to_bits).collect()).collect()
}

#[test]
fn threads_do_not_change_a_bit() {
    parallel::set_threads(1).unwrap();
    let one = results();
    for threads in [2, 3, 8] {
        parallel::set_threads(threads).unwrap();
        assert_eq!(parallel::threads(), threads);
        for ((name, want), (_, got)) in one.iter().zip(results()) {
            assert_eq!(bits(want), bits(&got), "{name} with {threads} threads");
        }
    }
}
