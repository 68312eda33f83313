//! Attention against the naive sums over all pairs of queries and keys.

use gradus_tensor::random::Generator;
use gradus_tensor::{AttentionMask, AttentionOptions, Float, Tensor};

/// `[batch, heads, queries, keys, width, value_width]`.
type Sizes = [usize; 6];

/// Sizes around those of tiles (64 queries) and blocks (512 keys), primes, ones and zeros.
const SIZES: &[Sizes] = &[
    [1, 1, 1, 1, 1, 1],
    [2, 3, 5, 5, 7, 7],
    [1, 2, 63, 65, 3, 16],
    [2, 1, 64, 64, 16, 4],
    [1, 1, 65, 64, 5, 8],
    [1, 1, 131, 131, 8, 33],
    [1, 1, 3, 515, 4, 4],
    [1, 1, 520, 520, 2, 3],
    [1, 1, 70, 1030, 3, 2],
    [1, 2, 3, 1, 4, 4],
    [0, 2, 3, 3, 4, 4],
    [2, 2, 0, 3, 4, 4],
    [1, 1, 2, 0, 3, 3],
    [1, 1, 3, 2, 0, 3],
    [1, 1, 3, 2, 3, 0],
];

/// The output and the gradients of queries, keys and values, all in f64.
fn naive(
    q: &Tensor<f64>,
    k: &Tensor<f64>,
    v: &Tensor<f64>,
    mask: &Tensor<f64>,
    scale: f64,
    g: &Tensor<f64>,
) -> Vec<Tensor<f64>> {
    let [queries, keys] = [q, k].map(|x| x.shape()[2]);
    let scores = q.matmul(&k.transpose(-1, -2));
    let scores = &(&scores * scale) + mask;
    let mut weights = scores.contiguous();
    let rows = weights.as_mut_slice();
    for row in rows.chunks_mut(keys.max(1)).take(if keys == 0 { 0 } else { usize::MAX }) {
        let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.iter_mut().for_each(|x| *x = if max == f64::NEG_INFINITY { 0.0 } else { (*x - max).exp() });
        let total: f64 = row.iter().sum();
        row.iter_mut().for_each(|x| *x /= if total == 0.0 { 1.0 } else { total });
    }
    assert!(queries * keys == 0 || !weights.to_vec().iter().any(|x| x.is_nan()));
    let dp = g.matmul(&v.transpose(-1, -2));
    let ds = &(&weights * &(&dp - &(&weights * &dp).sum_dims(&[-1], true))) * scale;
    let turned = |x: &Tensor<f64>| x.transpose(-1, -2);
    vec![weights.matmul(v), ds.matmul(k), turned(&ds).matmul(q), turned(&weights).matmul(g)]
}

/// `shape` as a view whose batches, heads and rows lie in another order, with room between.
fn strided<T: Float>(shape: [usize; 4], generator: &mut Generator) -> Tensor<T> {
    let [batch, heads, rows, width] = shape;
    let whole = generator.normal::<T>([rows, batch, width + 3, heads], 0.0, 1.0);
    match rows % 3 {
        0 => whole.permute(&[1, 3, 0, 2]).slice(3, 2..width + 2),
        _ => whole
            .permute(&[1, 3, 0, 2])
            .contiguous()
            .transpose(1, 2)
            .contiguous()
            .transpose(1, 2)
            .slice(3, 1..width + 1),
    }
}

fn check<T: Float>(sizes: Sizes, which: usize, tolerance: f64) {
    let [batch, heads, queries, keys, width, value_width] = sizes;
    let mut generator = Generator::new(sizes.iter().sum::<usize>() as u64, which as u64);
    let q = strided::<T>([batch, heads, queries, width], &mut generator);
    let k = strided::<T>([batch, heads, keys, width], &mut generator);
    let v = strided::<T>([batch, heads, keys, value_width], &mut generator);
    let g = strided::<T>([batch, heads, queries, value_width], &mut generator);
    let numbers = generator.normal::<T>([heads, queries, keys], 0.0, 1.0);
    // The first query attends to no key.
    let seen = Tensor::from_fn([queries, keys], |i| i / keys.max(1) != 0 && i % 3 != 1);
    let hidden = |seen: bool| if seen { 0.0 } else { f64::NEG_INFINITY };
    let (mask, added) = match which {
        0 => (AttentionMask::None, Tensor::zeros([queries, keys])),
        1 => (AttentionMask::Causal, Tensor::from_fn([queries, keys], |i| hidden(i % keys <= i / keys))),
        2 => (AttentionMask::Additive(numbers.clone()), numbers.cast()),
        _ => {
            let added = seen.to_vec().into_iter().map(hidden).collect();
            (AttentionMask::Boolean(seen), Tensor::from_vec(added, [queries, keys]))
        }
    };
    let scale = [None, Some(0.3), Some(-0.5)][sizes.iter().sum::<usize>() % 3].filter(|_| width > 0).or(Some(0.7));
    let options = AttentionOptions { mask, scale };
    let (out, log_sum_exp) = q.attention(&k, &v, &options);
    let gradients = q.attention_gradients(&k, &v, &options, (&out, &log_sum_exp), &g);
    let want = naive(&q.cast(), &k.cast(), &v.cast(), &added, options.scale_for(width), &g.cast());
    for (i, (got, want)) in [out].iter().chain(&gradients).zip(&want).enumerate() {
        assert_eq!(got.shape(), want.shape(), "{sizes:?}, mask {which}, result {i}");
        let (got, want) = (got.cast::<f64>().to_vec(), want.to_vec());
        let size = want.iter().fold(1.0, |size: f64, x| size.max(x.abs()));
        for (j, (x, y)) in got.iter().zip(&want).enumerate() {
            let close = (x - y).abs() <= tolerance * size;
            assert!(close, "{sizes:?}, mask {which}, result {i} at {j}: {x}, not {y}");
        }
    }
}

#[test]
fn attention_equals_the_naive_sums() {
    for &sizes in SIZES.iter().filter(|sizes| !cfg!(miri) || sizes.iter().product::<usize>() < 8000) {
        for which in 0..4 {
            check::<f32>(sizes, which, 1e-5);
            check::<f64>(sizes, which, 1e-12);
        }
    }
}

/// The largest score decides alone, however large it is.
#[test]
#[cfg_attr(miri, ignore = "about numbers, not memory")]
fn huge_scores_stay_finite() {
    let mut generator = Generator::new(1, 0);
    let [q, k] = [1, 2].map(|_| generator.normal::<f32>([1, 1, 70, 48], 0.0, 1e5));
    let v: Tensor = generator.normal([1, 1, 70, 3], 0.0, 1.0);
    let options = AttentionOptions::default();
    let (out, log_sum_exp) = q.attention(&k, &v, &options);
    let scores = q.matmul(&k.transpose(2, 3));
    let largest = scores.argmax(3).to_vec();
    for (i, &j) in largest.iter().enumerate() {
        for d in 0..3 {
            assert_eq!(out.at(&[0, 0, i, d]), v.at(&[0, 0, j as usize, d]), "query {i}");
        }
    }
    let gradients = q.attention_gradients(&k, &v, &options, (&out, &log_sum_exp), &out);
    assert!(gradients.iter().all(|gradient| gradient.to_vec().iter().all(|x| x.is_finite())));
}

#[test]
fn packed_projections_give_what_their_parts_give() {
    for (batch, time, heads, width) in [(2, 5, 3, 4), (1, 67, 2, 8), (1, 130, 1, 3), (2, 0, 1, 2)] {
        if cfg!(miri) && time > 10 {
            continue;
        }
        let mut generator = Generator::new(time as u64, 0);
        let qkv: Tensor = generator.normal([batch, time, 3 * heads * width], 0.0, 1.0);
        let g: Tensor = generator.normal([batch, time, heads * width], 0.0, 1.0);
        let channels = heads * width;
        let split = |x: &Tensor| x.reshape([batch, time, heads, width]).transpose(1, 2);
        let [q, k, v] = [0, 1, 2].map(|i| split(&qkv.slice(2, i * channels..(i + 1) * channels)));
        for options in [AttentionOptions::causal(), AttentionOptions::default()] {
            let (out, log_sum_exp) = qkv.attention_packed(heads, &options);
            let (parts, same) = q.attention(&k, &v, &options);
            assert_eq!(split(&out), parts);
            assert_eq!(log_sum_exp, same);
            let gradient = qkv.attention_packed_gradient(heads, &options, (&out, &log_sum_exp), &g);
            let saved = (&parts, &log_sum_exp);
            for (i, part) in q.attention_gradients(&k, &v, &options, saved, &split(&g)).iter().enumerate() {
                assert_eq!(&split(&gradient.slice(2, i * channels..(i + 1) * channels)), part);
            }
        }
    }
}

#[test]
#[should_panic(expected = "attention: queries [1, 2, 3, 4], keys [1, 2, 3, 5] and values [1, 2, 3, 4] must be")]
fn widths_must_agree() {
    let x = |width| Tensor::<f32>::zeros([1, 2, 3, width]);
    x(4).attention(&x(5), &x(4), &AttentionOptions::default());
}
