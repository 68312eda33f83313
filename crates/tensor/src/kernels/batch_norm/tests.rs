//! Both orders against loops that follow the formulas word by word.

use super::*;

fn noise(n: usize, k: usize) -> Vec<f64> {
    (0..n).map(|i| ((i * k % 101) as f64 - 40.0) / 30.0).collect()
}

#[track_caller]
fn close(got: &[f64], want: impl Fn(usize) -> f64, what: &str) {
    for (i, &got) in got.iter().enumerate() {
        let want = want(i);
        assert!((got - want).abs() < 1e-10 * (1.0 + want.abs()), "{what} at {i}: {got}, {want}");
    }
}

/// `n` elements of `channels` in `order`; `channel` says which one an element belongs to.
fn check(order: Order, n: usize, channels: usize, channel: impl Fn(usize) -> usize) {
    let case = format!("{n} elements, {channels} channels, {order:?}");
    let sum = |c: usize, f: &dyn Fn(usize) -> f64| (0..n).filter(|&i| channel(i) == c).map(f).sum::<f64>();
    let x: Vec<f64> = noise(n, 37).iter().map(|x| x + 100.0).collect();
    let (gradient, residual) = (noise(n, 53), noise(n, 61));
    let count = (n / channels) as f64;

    let (mut mean, mut variance) = (vec![f64::NAN; channels], vec![f64::NAN; channels]);
    moments(&mut mean, &mut variance, &x, order);
    close(&mean, |c| sum(c, &|i| x[i]) / count, &case);
    close(&variance, |c| sum(c, &|i| (x[i] - mean[c]).powi(2)) / count, &case);

    let [scale, slope, shift] = [29, 31, 71].map(|k| noise(channels, k));
    let affine = Affine { mean: &mean, scale: &scale, shift: &shift };
    let normal = |i: usize| (x[i] - mean[channel(i)]) * scale[channel(i)] + shift[channel(i)];
    let mut out = vec![f64::NAN; n];
    for activation in [Activation::Relu, Activation::Identity] {
        let relu_of = |y: f64| if activation == Activation::Relu { y.max(0.0) } else { y };
        normalise(&mut out, &x, Some(&residual), affine, activation, order);
        close(&out, |i| relu_of(normal(i) + residual[i]), &case);
        normalise(&mut out, &x, None, affine, activation, order);
        close(&out, |i| relu_of(normal(i)), &case);
    }

    let relu_output: Vec<f64> = residual.iter().map(|x| x.max(0.0)).collect();
    for relu_output in [None, Some(&relu_output[..])] {
        let upstream = Upstream { x: &x, gradient: &gradient, relu_output };
        let g = |i: usize| if relu_output.is_some_and(|y| y[i] == 0.0) { 0.0 } else { gradient[i] };
        let sums = gradient_sums(upstream, &mean, order).concat();
        close(&sums, |i| sum(i / 2, &|j| if i % 2 == 0 { g(j) } else { g(j) * (x[j] - mean[i / 2]) }), &case);
        let backward = Backward { mean: &mean, scale: &scale, slope: &slope, shift: &shift };
        let want = |i: usize| {
            let c = channel(i);
            g(i) * scale[c] + (x[i] - mean[c]) * slope[c] + shift[c]
        };
        let mut before_relu = vec![f64::NAN; n];
        gradient_of(&mut out, Some(&mut before_relu), upstream, backward, order);
        close(&out, want, &case);
        close(&before_relu, g, &case);
        out.fill(f64::NAN);
        gradient_of(&mut out, None, upstream, backward, order);
        close(&out, want, &case);
    }
}

use super::gradient as gradient_of;

#[test]
fn rows_and_planes_equal_the_formulas() {
    for (rows, channels) in [(1, 1), (2, 3), (5, 16), (100, 7), (1000, 16), (3000, 33), (40, 1000), (3, 5000)] {
        check(Order::Rows, rows * channels, channels, |i| i % channels);
    }
    for (images, channels, plane) in [(1, 1, 1), (2, 3, 5), (3, 2, 16), (2, 5, 5000), (7, 3, 49), (40, 16, 131)] {
        check(Order::Planes { plane }, images * channels * plane, channels, |i| i / plane % channels);
    }
}

#[test]
fn moments_far_from_zero_keep_their_accuracy_in_f32() {
    for order in [Order::Rows, Order::Planes { plane: 20_000 }] {
        let x: Vec<f32> = (0..100_000).map(|i| 4096.0 + (i % 2) as f32).collect();
        let (mut mean, mut variance) = ([0.0], [0.0]);
        moments(&mut mean, &mut variance, &x, order);
        assert_eq!((mean, variance), ([4096.5], [0.25]), "{order:?}");
    }
}
