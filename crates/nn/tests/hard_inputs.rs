//! Inputs that have broken other libraries, each with its right answer: values and gradients, in `f32` and `f64`.

use gradus_autograd::{Anomaly, Param, Reduction, Var, detect_anomaly};
use gradus_nn::{
    BatchNorm1d, BatchNorm2d, CrossEntropyOptions, KLDivReduction, Layer, LayerNorm, Module, binary_cross_entropy,
    cross_entropy, cross_entropy_probabilities, cross_entropy_with, kl_div,
};
use gradus_tensor::random::Generator;
use gradus_tensor::{Float, GeluApproximation, Tensor};

/// Runs a generic check in both precisions.
macro_rules! in_both {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[test]
        fn $name() {
            checks::$name::<f32>();
            checks::$name::<f64>();
        }
    )*};
}

in_both! {
    /// pytorch#11752, FluxML/NNlib#68, PaddlePaddle#21165.
    cross_entropy_of_far_logits;
    /// hb-pytorch#61, FluxML/NNlib#68.
    softmax_of_far_logits;
    /// pytorch#795.
    cross_entropy_of_many_pixels;
    /// pytorch#2211.
    activations_far_from_zero;
    /// NeuraLogic#6.
    probabilities_of_zero;
    masked_logits;
    logits_that_are_not_numbers_are_named;
    norms_far_from_zero;
    norms_of_what_overflows;
    norms_of_constants_and_of_one_sample;
    sums_of_twenty_million;
    nothing_to_average;
    roots_of_zero;
}

fn leaf<T: Float>(data: &[f64], shape: impl AsRef<[usize]>) -> Var<T> {
    let data = data.iter().map(|&x| T::from_f64(x)).collect();
    Var::new(Tensor::from_vec(data, shape.as_ref())).requires_grad_()
}

fn label(class: i64) -> Tensor<i64> {
    Tensor::from_vec(vec![class], [1])
}

fn number<T: Float>(x: T) -> f64 {
    x.to_f64().expect("a float")
}

fn numbers<T: Float>(tensor: &Tensor<T>) -> Vec<f64> {
    tensor.to_vec().into_iter().map(number).collect()
}

/// The gradient of `y`'s sum with respect to `x`.
fn gradient<T: Float>(y: &Var<T>, x: &Var<T>) -> Vec<f64> {
    x.zero_grad();
    y.sum().backward().unwrap();
    numbers(&x.grad().expect("x takes part in y"))
}

/// Within a few roundings of `T`.
#[track_caller]
fn near<T: Float>(ours: &[f64], want: &[f64]) {
    let tolerance = 8.0 * number(T::epsilon());
    let close = |(&a, &b): (&f64, &f64)| (a - b).abs() <= tolerance * b.abs().max(1.0);
    assert!(ours.len() == want.len() && ours.iter().zip(want).all(close), "{ours:?} is not {want:?}");
}

#[track_caller]
fn finite(numbers: &[f64]) {
    assert!(numbers.iter().all(|x| x.is_finite()), "not finite: {numbers:?}");
}

mod checks {
    use super::*;

    type Function<T> = fn(&Var<T>) -> Var<T>;

    pub(super) fn cross_entropy_of_far_logits<T: Float>() {
        let rows: [(&[f64], i64, f64, &[f64]); 2] = [
            (&[1e8, 1e8], 1, std::f64::consts::LN_2, &[0.5, -0.5]),
            (&[-431.0, 279.0, 427.0], 0, 858.0, &[-1.0, 0.0, 1.0]),
        ];
        for (logits, class, loss, grad) in rows {
            let x = leaf::<T>(logits, [1, logits.len()]);
            let y = cross_entropy(&x, &label(class)).unwrap();
            near::<T>(&numbers(y.value()), &[loss]);
            near::<T>(&gradient(&y, &x), grad);
        }
        for k in 0..=300 {
            let x = leaf::<T>(&[-f64::from(k); 7], [1, 7]);
            let y = cross_entropy(&x, &label(3)).unwrap();
            near::<T>(&numbers(y.value()), &[7f64.ln()]);
            near::<T>(&gradient(&y, &x), &std::array::from_fn::<_, 7, _>(|i| 1.0 / 7.0 - f64::from(i == 3)));
        }
    }

    pub(super) fn softmax_of_far_logits<T: Float>() {
        let x = leaf::<T>(&[88.72284], [1]);
        let y = x.log_softmax(0);
        near::<T>(&numbers(y.value()), &[0.0]);
        near::<T>(&gradient(&y, &x), &[0.0]);
        let x = leaf::<T>(&[-1047.0, -981.0, 1891.0], [3]);
        let y = x.softmax(0);
        near::<T>(&numbers(y.value()), &[0.0, 0.0, 1.0]);
        let weighted = &y * &leaf::<T>(&[1.0, 2.0, 3.0], [3]);
        near::<T>(&gradient(&weighted, &x), &[0.0; 3]);
    }

    pub(super) fn cross_entropy_of_many_pixels<T: Float>() {
        let shape = [1, 21, 333, 500];
        let x = Var::new(Generator::new(1, 0).uniform::<T>(shape, -40.11, 94.70)).requires_grad_();
        let y = cross_entropy(&x, &Tensor::from_fn([1, 333, 500], |i| (i % 21) as i64)).unwrap();
        finite(&numbers(y.value()));
        finite(&gradient(&y, &x));
    }

    pub(super) fn activations_far_from_zero<T: Float>() {
        let x = leaf::<T>(&[-300.0], [1]);
        let y = x.log_sigmoid();
        near::<T>(&numbers(y.value()), &[-300.0]);
        near::<T>(&gradient(&y, &x), &[1.0]);
        let far = [-1e3, -745.2, -300.0, -88.73, 0.0, 88.73, 300.0, 745.2, 1e3];
        let rising: [(&str, Function<T>); 4] = [
            ("sigmoid", |x| x.sigmoid()),
            ("softplus", |x| x.softplus(1.0, 20.0)),
            ("tanh", |x| x.tanh()),
            ("log_sigmoid", |x| x.log_sigmoid()),
        ];
        for (name, f) in rising {
            let x = leaf::<T>(&far, [far.len()]);
            let (y, slopes) = (f(&x), gradient(&f(&x), &x));
            finite(&numbers(y.value()));
            finite(&slopes);
            assert!(numbers(y.value()).is_sorted(), "{name} falls somewhere");
            assert!(slopes.iter().all(|&slope| slope >= 0.0), "{name}: {slopes:?}");
        }
        // GELU, SiLU and Mish dip below 0 once; this far out they are 0 or the input itself.
        let dipping: [Function<T>; 4] =
            [|x| x.gelu(GeluApproximation::None), |x| x.gelu(GeluApproximation::Tanh), |x| x.silu(), |x| x.mish()];
        for f in dipping {
            let x = leaf::<T>(&far, [far.len()]);
            let y = f(&x);
            near::<T>(&numbers(y.value()), &far.map(|x| x.max(0.0)));
            let slopes = gradient(&y, &x);
            finite(&slopes);
            assert!((slopes[0], slopes[8]) == (0.0, 1.0), "{slopes:?}");
        }
    }

    pub(super) fn probabilities_of_zero<T: Float>() {
        let exact = leaf::<T>(&[0.0, 1.0, 0.0], [1, 3]);
        // The class that has all of the probability has a logit of minus infinity nowhere, the others may.
        let x = leaf::<T>(&[f64::NEG_INFINITY, 2.0, f64::NEG_INFINITY], [1, 3]);
        let y = cross_entropy_probabilities(&x, &exact, &CrossEntropyOptions::default());
        near::<T>(&numbers(y.value()), &[0.0]);
        near::<T>(&gradient(&y, &x), &[0.0; 3]);
        let logs = leaf::<T>(&[-3.0, -0.1, -3.0], [1, 3]);
        let y = kl_div(&logs, &exact, KLDivReduction::Sum, false);
        near::<T>(&numbers(y.value()), &[0.1]);
        near::<T>(&gradient(&y, &logs), &[0.0, -1.0, 0.0]);
        let p = leaf::<T>(&[0.0, 1.0, 0.5], [3]);
        let y = binary_cross_entropy(&p, &leaf::<T>(&[0.0, 1.0, 1.0], [3]), None, Reduction::Sum);
        near::<T>(&numbers(y.value()), &[std::f64::consts::LN_2]);
        finite(&gradient(&y, &p));
        let x = leaf::<T>(&[0.0, 2.0], [2]);
        let y = x.xlogy(&x);
        near::<T>(&numbers(y.value()), &[0.0, 2.0 * std::f64::consts::LN_2]);
    }

    pub(super) fn masked_logits<T: Float>() {
        let x = leaf::<T>(&[1.0, f64::NEG_INFINITY, 1.0], [1, 3]);
        let y = cross_entropy(&x, &label(0)).unwrap();
        near::<T>(&numbers(y.value()), &[std::f64::consts::LN_2]);
        near::<T>(&gradient(&y, &x), &[-0.5, 0.0, 0.5]);
    }

    pub(super) fn logits_that_are_not_numbers_are_named<T: Float>() {
        let inf = f64::INFINITY;
        for logits in [[1.0, inf, 1.0], [-inf; 3], [1.0, f64::NAN, 1.0]] {
            let x = leaf::<T>(&logits, [1, 3]);
            let found: Result<_, Anomaly> = detect_anomaly(Vec::<(String, Param<T>)>::new(), || {
                cross_entropy(&x, &label(0)).unwrap().value().clone()
            });
            let message = found.expect_err("a number that is not finite goes unnamed").to_string();
            assert!(message.contains("cross_entropy"), "{message}");
        }
    }

    pub(super) fn norms_far_from_zero<T: Float>() {
        // Noise that numbers near 1e8 can hold: whole tens in f32, so that the mean is no power of two.
        let noise: Vec<f64> = (0..64).map(|i| f64::from(i * 37 % 64) * 16.0).collect();
        let far: Vec<f64> = noise.iter().map(|x| 1e8 + x).collect();
        let norm = LayerNorm::<T>::new([64]).with_eps(1e-12);
        let [near_zero, far] = [noise, far].map(|data| leaf::<T>(&data, [1, 64]));
        let [want, ours] = [&near_zero, &far].map(|x| numbers(norm.forward(x).value()));
        assert!(ours.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-5), "{ours:?} is not {want:?}");
        finite(&gradient(&norm.forward(&far).pow(T::from_f64(2.0)), &far));
        let norm = BatchNorm1d::<T>::new(1);
        let [want, ours] = [&near_zero, &far].map(|x| numbers(norm.forward(&x.reshape([64, 1])).value()));
        assert!(ours.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-5), "{ours:?} is not {want:?}");
    }

    /// A variance that overflows is no number, and is not passed off as a row of zeros.
    pub(super) fn norms_of_what_overflows<T: Float>() {
        let huge = number(T::max_value()) / 4.0;
        let x = leaf::<T>(&[huge, huge, -huge, 1.0], [1, 4]);
        assert!(numbers(LayerNorm::<T>::new([4]).forward(&x).value()).iter().all(|y| y.is_nan()));
        let named = detect_anomaly(Vec::<(String, Param<T>)>::new(), || LayerNorm::<T>::new([4]).forward(&x));
        assert!(named.is_err(), "an overflow goes unnamed");
    }

    pub(super) fn norms_of_constants_and_of_one_sample<T: Float>() {
        let constant = leaf::<T>(&[1e8; 12], [3, 4]);
        let layers: [&dyn Layer<T>; 2] = [&LayerNorm::new([4]), &BatchNorm1d::new(4)];
        for layer in layers {
            let y = layer.forward(&constant);
            assert_eq!(numbers(y.value()), [0.0; 12]);
            finite(&gradient(&y, &constant));
        }
        // One image of several pixels has a variance; PyTorch refuses only a single value a channel.
        let one = leaf::<T>(&[1.0, 3.0, 5.0, 7.0], [1, 1, 2, 2]);
        let norm = BatchNorm2d::<T>::new(1);
        finite(&gradient(&norm.forward(&one), &one));
        norm.eval();
        finite(&numbers(norm.forward(&leaf::<T>(&[1.0], [1, 1, 1, 1])).value()));
    }

    pub(super) fn sums_of_twenty_million<T: Float>() {
        let ones = Tensor::<T>::ones([20_000_000]);
        assert_eq!(numbers(&ones.sum()), [2e7]);
        assert_eq!(numbers(Var::new(ones.reshape([2, 10_000_000])).mean_dims(&[0, 1], false).value()), [1.0]);
    }

    /// A mean of nothing is NaN, as in PyTorch, and anomaly mode names it; a label out of range is an error.
    pub(super) fn nothing_to_average<T: Float>() {
        let none = leaf::<T>(&[], [0, 3]);
        let empty = cross_entropy(&none, &Tensor::from_vec(vec![], [0])).unwrap();
        assert!(empty.item().is_nan());
        let x = leaf::<T>(&[1.0, 2.0, 3.0], [1, 3]);
        assert!(cross_entropy(&x, &label(3)).unwrap_err().to_string().contains("outside the 3 classes"));
        let weight = Some(Tensor::from_vec(vec![T::zero(); 3], [3]));
        let options = CrossEntropyOptions { weight, ..CrossEntropyOptions::default() };
        assert!(cross_entropy_with(&x, &label(1), &options).unwrap().item().is_nan());
        let named = detect_anomaly(Vec::<(String, Param<T>)>::new(), || {
            cross_entropy_with(&x, &label(1), &options).unwrap().item()
        });
        assert!(named.is_err(), "a weight of 0 in all goes unnamed");
    }

    /// The square root's slope at 0 is infinite, that of a norm 0, as in PyTorch.
    pub(super) fn roots_of_zero<T: Float>() {
        let tiny = leaf::<T>(&[0.0, 1e-30, -1e-30, number(T::min_positive_value())], [4]);
        assert_eq!(gradient(&tiny.sinc(), &tiny), [0.0; 4]);
        let x = leaf::<T>(&[0.0], [1]);
        assert_eq!(gradient(&x.sqrt(), &x), [f64::INFINITY]);
        let x = leaf::<T>(&[0.0; 3], [3]);
        for p in [1.0, 2.0, 3.0, f64::INFINITY] {
            let y = x.norm(p);
            assert_eq!(numbers(y.value()), [0.0]);
            assert_eq!(gradient(&y, &x), [0.0; 3], "norm {p}");
        }
    }
}
