//! The same bits for any number of threads, on work that is large enough to be cut.

use gradus_tensor::random::Generator;
use gradus_tensor::{Activation, AvgPool2dOptions, Conv2dOptions, GeluApproximation, Pool2dOptions, Tensor, parallel};

fn normal(shape: &[usize], seed: u64) -> Tensor {
    Generator::new(seed, 0).normal(shape, 0.0, 1.0)
}

/// Every operation whose work is cut, by name.
fn results() -> Vec<(&'static str, Vec<Tensor>)> {
    let (tall, wide) = (normal(&[500, 300], 1), normal(&[300, 90], 2));
    let (images, kernels) = (normal(&[20, 3, 16, 16], 3), normal(&[8, 3, 3, 3], 4));
    let options = Conv2dOptions { padding: [1, 1], ..Conv2dOptions::default() };
    let maps = images.conv2d(&kernels, None, options);
    let pool = Pool2dOptions { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] };
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
    vec![
        ("matmul", vec![tall.matmul(&wide), wide.transpose(0, 1).matmul(&tall.transpose(0, 1))]),
        ("linear", vec![tall.linear(&normal(&[700, 300], 10), Some(&normal(&[700], 11)), Activation::Relu)]),
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
        ("avg_pool2d", vec![planes.avg_pool2d(averages), overlapped.avg_pool2d_gradient(planes.shape(), averages)]),
        ("scatter_planes", vec![pooled.scatter_planes(&places), overlapped.scatter_planes(&overlapped_places)]),
        ("gather_planes", vec![planes.gather_planes(&places)]),
        ("max_pool2d", vec![pooled, places.indices().cast(), overlapped, overlapped_places.indices().cast()]),
        ("sum", vec![long.sum(), long.sum_dims(&[0], false), long.sum_dims(&[1], false)]),
        ("max_dim", vec![long.max_dim(0, false).0, long.max_dim(1, false).0]),
        ("softmax", vec![long.softmax(1), long.log_softmax(0)]),
        ("embedding", vec![long.embedding(&labels).unwrap(), long.embedding_gradient(&labels, 50_000)]),
        ("softmax_gradient", vec![long.softmax_gradient(&other, 1), long.log_softmax_gradient(&other, 0)]),
        ("cross_entropy", vec![losses, long.cross_entropy_gradient(&labels, &statistics, &normal(&[700], 7))]),
        ("activations", vec![long.gelu(GeluApproximation::None), long.gelu_gradient(&other, GeluApproximation::Tanh)]),
        ("elementwise", vec![long.exp(), &long * &long, &long + &normal(&[333], 8)]),
        ("dropout", vec![long.dropout(0.3, &mut Generator::new(5, 5)).0]),
        ("random", vec![normal(&[100_000], 9)]),
    ]
}

#[test]
fn threads_do_not_change_a_bit() {
    parallel::set_threads(1).unwrap();
    let one = results();
    for threads in [2, 3, 8] {
        parallel::set_threads(threads).unwrap();
        assert_eq!(parallel::threads(), threads);
        for ((name, want), (_, got)) in one.iter().zip(results()) {
            assert_eq!(want, &got, "{name} with {threads} threads");
        }
    }
}
