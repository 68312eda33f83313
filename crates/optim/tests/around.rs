//! What stands around the step: averages of weights, gradients from several batches.

use gradus_autograd::Param;
use gradus_optim::{Accumulation, AveragedWeights, Averaging, OptimError, Optimizer, Sgd};
use gradus_tensor::Tensor;
use gradus_tensor::random::Generator;

fn parameter(values: &[f64]) -> Param<f64> {
    Param::new(Tensor::from_slice(values, [values.len()]))
}

fn named(parameter: &Param<f64>) -> [(String, Param<f64>); 1] {
    [("w".to_owned(), parameter.clone())]
}

/// `values` seen one after the other.
fn averaged(averaging: Averaging, values: &[f64]) -> f64 {
    let w = parameter(&[f64::NAN]);
    let mut average = AveragedWeights::new(named(&w), averaging).unwrap();
    for &value in values {
        w.set_value(Tensor::from_slice(&[value], [1]));
        average.update();
    }
    average.averages().next().unwrap().1.to_vec()[0]
}

#[test]
fn averages_follow_their_formulas() {
    assert_eq!(averaged(Averaging::Swa, &[1.0, 2.0, 6.0]), 3.0);
    let by_hand = 0.75 * (0.75 * 1.0 + 0.25 * 2.0) + 0.25 * 6.0;
    assert!((averaged(Averaging::Ema { decay: 0.75 }, &[1.0, 2.0, 6.0]) - by_hand).abs() < 1e-15);
}

#[test]
fn averages_go_on_from_a_state_with_the_same_bits() {
    for averaging in [Averaging::Swa, Averaging::Ema { decay: 0.9 }] {
        let values = Generator::new(1, 0).normal::<f64>([20], 0.0, 1.0).to_vec();
        let whole = averaged(averaging, &values);
        for cut in 0..values.len() {
            let w = parameter(&[0.0]);
            let mut average = AveragedWeights::new(named(&w), averaging).unwrap();
            for (i, &value) in values.iter().enumerate() {
                if i == cut {
                    let state = average.state();
                    average = AveragedWeights::new(named(&w), averaging).unwrap();
                    average.load_state(state).unwrap();
                }
                w.set_value(Tensor::from_slice(&[value], [1]));
                average.update();
            }
            assert_eq!(average.averages().next().unwrap().1.to_vec()[0].to_bits(), whole.to_bits(), "cut at {cut}");
        }
    }
}

#[test]
fn what_does_not_fit_is_listed_and_changes_nothing() {
    let w = parameter(&[1.0, 2.0]);
    let mut average = AveragedWeights::new(named(&w), Averaging::Swa).unwrap();
    let mut state = average.state();
    state.averaging = Averaging::Ema { decay: 0.5 };
    state.tensors = vec![("v".to_owned(), Tensor::zeros([3]))];
    let before = average.state();
    let message = average.load_state(state).unwrap_err().to_string();
    for part in ["another way", "missing w of shape [2]", "unexpected v"] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(average.state(), before);
    assert!(matches!(
        AveragedWeights::new(named(&w), Averaging::Ema { decay: 1.5 }),
        Err(OptimError::Hyperparameter { name: "decay", .. })
    ));
}

/// Batches of 3, 3 and 1, and all seven at once.
#[test]
fn accumulated_batches_step_as_the_big_one_does() {
    let data = Generator::new(2, 0).normal::<f64>([7, 4], 0.0, 1.0);
    let train = |cuts: &[usize]| {
        let w = parameter(&[0.5, -1.0, 2.0, 0.1]);
        let mut optimizer = Optimizer::new(named(&w), Sgd { lr: 0.1, ..Sgd::default() }).unwrap();
        for _ in 0..5 {
            let (mut accumulation, mut start) = (Accumulation::new(), 0);
            for &size in cuts {
                let batch = gradus_autograd::Var::new(data.slice(0, start..start + size));
                let score = (&batch * &w.var()).sum_dims(&[1], false);
                accumulation.backward(&(&score * &score).mean(), size).unwrap();
                start += size;
            }
            assert_eq!(accumulation.samples(), 7);
            accumulation.finish(&optimizer.parameters());
            optimizer.step().unwrap();
            optimizer.zero_grad();
        }
        w.value().to_vec()
    };
    for (a, b) in train(&[3, 3, 1]).iter().zip(train(&[7])) {
        assert!((a - b).abs() < 1e-14, "{a} is not {b}");
    }
}

/// Tied weights are one parameter, however often they are named.
#[test]
fn a_parameter_named_twice_is_averaged_once() {
    let w = parameter(&[1.0]);
    let mut accumulation = Accumulation::new();
    accumulation.backward(&(&w.var() * &w.var()).sum(), 4).unwrap();
    accumulation.finish(&[w.clone(), w.clone()]);
    assert_eq!(w.grad().unwrap().to_vec(), [2.0]);
}
