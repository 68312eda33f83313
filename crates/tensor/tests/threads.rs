//! The same bits for any number of threads, on work that is large enough to be cut.

use gradus_tensor::random::Generator;
use gradus_tensor::{
    Activation, AttentionMask, AttentionOptions, AvgPool2dOptions, BatchNormBackward, BatchNormOptions, Conv2dOptions,
    GeluApproximation, Pool2dOptions, Tensor, parallel,
};

fn normal(shape: &[usize], seed: u64) -> Tensor {
    Generator::new(seed, 0).normal(shape, 0.0, 1.0)
}

/// Every operation whose work is cut, by name.
fn results() -> Vec<(&'static str, Vec<Tensor>)> {
    let (tall, wide) = (normal(&[500, 300], 1), normal(&[300, 90], 2));
    let (images, kernels) = (normal(&[20, 3, 16, 16], 3), normal(&[8, 3, 3, 3], 4));
    let options = Conv2dOptions { padding: [1, 1], ..Conv2dOptions::default() };
    let maps = images.conv2d(&kernels, None, options);
    let pool = Pool2dOptions::new([2, 2]);
    let planes = normal(&[40, 4, 32, 32], 5);
    let (pooled, places) = planes.max_pool2d(pool);
    let overlapping = Pool2dOptions { kernel_size: [3, 3], stride: [2, 2], padding: [1, 1] };
    let (overlapped, overlapped_places) = planes.to_channels_last().max_pool2d(overlapping);
    let averages = AvgPool2dOptions::Windows(overlapping);
    let (deep, filters) = (normal(&[9, 40, 12, 12], 12), normal(&[50, 40, 3, 3], 13));
    let strided = Conv2dOptions { padding: [1, 1], stride: [2, 2], ..Conv2dOptions::default() };
    let halved = deep.conv2d(&filters, None, strided);
    let long = normal(&[700, 333], 6);
    let labels = Tensor::from_fn([700], |i| (i % 333) as i64);
    let other = normal(&[700, 333], 10);
    let (losses, statistics) = long.cross_entropy(&labels);
    let qkv = normal(&[3, 150, 3 * 48], 20);
    let joined = normal(&[3, 150, 48], 21);
    let causal = AttentionOptions::causal();
    let (attended, log_sum_exp) = qkv.attention_packed(3, &causal);
    let attention_gradient = qkv.attention_packed_gradient(3, &causal, (&attended, &log_sum_exp), &joined);
    let (weight_ih, weight_hh) = (normal(&[4 * 200, 48], 22), normal(&[4 * 200, 200], 23));
    let states = joined.transpose(0, 1).lstm((&weight_ih, &weight_hh), None, None);
    let d = states.gradients((&weight_ih, &weight_hh), Some(&normal(&[150, 3, 200], 24)), [None, None], true);
    let (gru_ih, gru_hh) = (weight_ih.slice(0, 0..600), weight_hh.slice(0, 0..600));
    // 130 rows: blocks of rows and of hidden units.
    let long_batch = normal(&[130, 9, 48], 25);
    let gru_states = long_batch.gru((&gru_ih, &gru_hh), None, None);
    let gru = gru_states.gradients((&gru_ih, &gru_hh), Some(&normal(&[130, 9, 200], 26)), None, true);
    vec![
        ("batch_norm", batch_norm(&planes)),
        ("batch_norm channels last", batch_norm(&planes.to_channels_last())),
        ("attention", vec![attended, log_sum_exp, attention_gradient]),
        ("lstm", vec![states.output, d.input.unwrap(), d.weight_ih, d.weight_hh, d.bias, d.hidden, d.cell]),
        (
            "gru",
            vec![
                gru_states.output,
                gru.input.unwrap(),
                gru.weight_ih,
                gru.weight_hh,
                gru.bias_ih,
                gru.bias_hh,
                gru.hidden,
            ],
        ),
        ("matmul", vec![tall.matmul(&wide), wide.transpose(0, 1).matmul(&tall.transpose(0, 1))]),
        ("linear", {
            let (weight, bias, residual) = (normal(&[700, 300], 10), normal(&[700], 11), normal(&[500, 700], 12));
            vec![tall.linear_with(&weight, Some(&bias), Some(&residual), Activation::Relu)]
        }),
        ("batched matmul", vec![images.matmul(&images.transpose(2, 3)), planes.matmul(&planes)]),
        ("conv2d_input_gradient", vec![maps.conv2d_input_gradient(&kernels, images.shape(), options)]),
        ("conv2d_weight_gradient", vec![maps.conv2d_weight_gradient(&images, kernels.shape(), options)]),
        ("conv2d_bias_gradient", vec![maps.conv2d_bias_gradient()]),
        ("conv2d", vec![maps]),
        (
            "strided conv2d",
            vec![
                halved.conv2d_input_gradient(&filters, deep.shape(), strided),
                halved.conv2d_weight_gradient(&deep, filters.shape(), strided),
                halved,
            ],
        ),
        ("depthwise conv2d", {
            let (x, w) = (normal(&[6, 40, 30, 30], 30), normal(&[40, 1, 3, 3], 31));
            let options = Conv2dOptions { padding: [1, 1], groups: 40, ..Conv2dOptions::default() };
            let y = x.conv2d(&w, None, options);
            let dw = y.conv2d_weight_gradient(&x, w.shape(), options);
            vec![y.conv2d_input_gradient(&w, x.shape(), options), dw, y]
        }),
        ("masked attention", {
            let [q, k, v] = [32, 33, 34].map(|seed| normal(&[3, 4, 100, 20], seed));
            let mask = AttentionMask::Additive(normal(&[100, 100], 35));
            let options = AttentionOptions { mask, ..AttentionOptions::default() };
            let (out, log_sum_exp) = q.attention(&k, &v, &options);
            let gradients = q.attention_gradients(&k, &v, &options, (&out, &log_sum_exp), &out);
            [vec![out, log_sum_exp], gradients.into()].concat()
        }),
        ("in place", {
            let (mut sum, mut product, mut table) = (long.clone(), normal(&[500, 90], 36), other.clone());
            sum.add_(&other);
            product.addmm_(&tall, &wide);
            table.index_add_(&labels, &long);
            vec![sum, product, table]
        }),
        ("avg_pool2d", vec![planes.avg_pool2d(averages), overlapped.avg_pool2d_gradient(planes.shape(), averages)]),
        ("scatter_planes", vec![pooled.scatter_planes(&places), overlapped.scatter_planes(&overlapped_places)]),
        ("gather_planes", vec![planes.gather_planes(&places)]),
        ("overlapping max_pool2d", vec![planes.max_pool2d(overlapping).0]),
        ("max_pool2d", vec![pooled, places.indices().cast(), overlapped, overlapped_places.indices().cast()]),
        ("sum", vec![long.sum(), long.sum_dims(&[0], false), long.sum_dims(&[1], false)]),
        ("max_dim", vec![long.max_dim(0, false).0, long.max_dim(1, false).0]),
        ("softmax", vec![long.softmax(1), long.log_softmax(0)]),
        ("layer_norm", {
            let (y, moments) = long.layer_norm(&[333], None, None, 1e-5);
            let gradients = long.layer_norm_gradient(&other, &moments, &[333], None);
            vec![y, gradients.x, gradients.weight, gradients.bias]
        }),
        ("embedding", vec![long.embedding(&labels).unwrap(), long.embedding_gradient(&labels, 50_000)]),
        ("softmax_gradient", vec![long.softmax_gradient(&other, 1), long.log_softmax_gradient(&other, 0)]),
        ("cross_entropy", vec![losses, long.cross_entropy_gradient(&labels, &statistics, &normal(&[700], 7))]),
        ("activations", vec![long.gelu(GeluApproximation::None), long.gelu_gradient(&other, GeluApproximation::Tanh)]),
        ("elementwise", vec![long.exp(), &long * &long, &long + &normal(&[333], 8)]),
        ("dropout", {
            let (dropped, mask) = long.dropout(0.3, &mut Generator::new(5, 5));
            vec![dropped, other.apply_dropout(&mask)]
        }),
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
