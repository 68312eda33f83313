//! Steps.

use gradus_autograd::Param;
use gradus_optim::{Algorithm, Optimizer, ParamGroup};
use gradus_tensor::{Tensor, parallel};
use serde_json::{Value, json};

use crate::cases::{algorithms, fields, named, pair, parameter, square, step, with};

#[test]
fn every_algorithm_goes_downhill() {
    for algorithm in algorithms() {
        let [p, _] = pair();
        let mut optimizer = Optimizer::new(named(&[&p]), algorithm.clone()).unwrap();
        let before = square(&p).item();
        (0..20).for_each(|_| step(&mut optimizer));
        assert!(square(&p).item() < before, "{algorithm:?}");
    }
}

/// Without decay nothing moves where gradients are zero from the beginning; with decay everything comes nearer to zero.
#[test]
fn zero_gradients_move_nothing_but_by_decay() {
    for mut algorithm in algorithms() {
        let decays = fields(&algorithm).contains_key("weight_decay");
        if let Algorithm::Asgd(asgd) = &mut algorithm {
            asgd.lambd = 0.0;
        }
        // So that no momentum goes beyond zero.
        algorithm.set_lr(algorithm.lr() / 10.0);
        for weight_decay in [0.0, 0.1] {
            algorithm.set_weight_decay(weight_decay);
            let [p, _] = pair();
            let before = p.value();
            let mut optimizer = Optimizer::new(named(&[&p]), algorithm.clone()).unwrap();
            for _ in 0..3 {
                p.set_grad(Some(Tensor::zeros([2, 3])));
                optimizer.step().unwrap();
            }
            let after = p.value();
            if weight_decay == 0.0 || !decays {
                assert_eq!(after, before, "{algorithm:?}");
            } else {
                let shrunk = before.to_vec().iter().zip(after.to_vec()).all(|(b, a)| a.abs() < b.abs() && a * b > 0.0);
                assert!(shrunk, "{algorithm:?}: {after}");
            }
        }
    }
}

#[test]
fn parameters_without_gradient_are_skipped_and_do_not_age() {
    for algorithm in algorithms() {
        let [used, unused] = pair();
        let before = unused.value();
        let mut optimizer = Optimizer::new(named(&[&used, &unused]), algorithm.clone()).unwrap();
        square(&used).backward().unwrap();
        optimizer.step().unwrap();
        assert_eq!(unused.value(), before, "{algorithm:?}: not even weight decay");
        let state = optimizer.state();
        assert_eq!(state.steps.values().copied().collect::<Vec<_>>(), [1, 0]);
        assert!(state.tensors.iter().all(|(name, _)| name.starts_with("p0.")));
    }
}

#[test]
fn to_maximize_is_to_negate_gradients() {
    for algorithm in algorithms() {
        let Some(maximizing) = with(&algorithm, "maximize", json!(true)) else { continue };
        assert!(maximizing.maximize() && !algorithm.maximize());
        let ends = [(algorithm, -1.0), (maximizing, 1.0)].map(|(algorithm, sign)| {
            let [p, _] = pair();
            let mut optimizer = Optimizer::new(named(&[&p]), algorithm).unwrap();
            for _ in 0..5 {
                p.set_grad(Some(&p.value() * sign));
                optimizer.step().unwrap();
            }
            p.value()
        });
        assert_eq!(ends[0], ends[1]);
    }
}

#[test]
fn groups_are_as_optimizers_of_their_own() {
    for algorithm in algorithms() {
        let mut slower = algorithm.clone();
        slower.set_lr(algorithm.lr() / 2.0);
        let rules = [algorithm, slower];
        let (together, apart) = (pair(), pair());
        let group = |p: &Param<f64>, i: usize| ParamGroup::new([(format!("p{i}"), p.clone())], rules[i].clone());
        let mut one = Optimizer::with_groups([0, 1].map(|i| group(&together[i], i))).unwrap();
        let mut two = [0, 1].map(|i| Optimizer::with_groups([group(&apart[i], i)]).unwrap());
        for _ in 0..5 {
            step(&mut one);
            two.iter_mut().for_each(step);
        }
        assert_eq!(together.map(|p| p.value()), apart.map(|p| p.value()), "{rules:?}");
    }
}

/// Numbers that may be negative.
const FREE: [&str; 4] = ["dampening", "t0", "beta2_decay", "ns_coefficients"];

#[test]
fn hyper_parameters_out_of_their_range_are_refused() {
    for algorithm in algorithms() {
        let wrong = |value: &Value| match value {
            Value::Number(_) => Some(json!(-1.0)),
            Value::Array(values) => Some(values.iter().map(|_| json!(-1.0)).collect()),
            _ => None,
        };
        for (name, value) in fields(&algorithm) {
            let Some(value) = wrong(&value).filter(|_| !FREE.contains(&name.as_str())) else { continue };
            // A count is refused where it is read.
            let Some(changed) = with(&algorithm, &name, value) else { continue };
            let message = changed.check().expect_err(&format!("{changed:?}")).to_string();
            assert!(message.starts_with(algorithm.name()) && message.contains("must be"), "{name}: {message}");
            let [p, _] = pair();
            assert_eq!(Optimizer::new(named(&[&p]), changed).unwrap_err().to_string(), message);
        }
        let mut endless = algorithm.clone();
        for lr in [f64::NAN, f64::INFINITY, -1e-9] {
            endless.set_lr(lr);
            assert!(endless.check().unwrap_err().to_string().contains("lr is"), "{lr}");
        }
    }
}

#[test]
fn a_gradient_that_is_no_number_is_seen() {
    for algorithm in algorithms() {
        let p = parameter([1.0; 6]);
        let mut optimizer = Optimizer::new(named(&[&p]), algorithm.clone()).unwrap();
        let gradient = [1.0, f64::NAN, 1.0, 1.0, 1.0, 1.0];
        for _ in 0..2 {
            p.set_grad(Some(Tensor::from_slice(&gradient, [2, 3])));
            optimizer.step().unwrap();
        }
        assert!(p.value().to_vec()[1].is_nan(), "{algorithm:?}: {}", p.value());
    }
}

/// Parameters longer than one piece of work, on several numbers of threads.
#[test]
fn results_do_not_depend_on_threads() {
    for algorithm in algorithms() {
        let run = |threads: usize| {
            parallel::set_threads(threads).unwrap();
            let p = Param::new(Tensor::<f32>::from_fn([300, 250], |i| (i as f32 * 0.37).sin()));
            let mut optimizer = Optimizer::new([("p".to_owned(), p.clone())], algorithm.clone()).unwrap();
            for i in 0..3 {
                p.set_grad(Some(Tensor::from_fn([300, 250], |j| ((i * 7 + j) as f32 * 0.11).cos())));
                optimizer.step().unwrap();
            }
            let tensors: Vec<_> = optimizer.state().tensors;
            (p.value(), tensors)
        };
        let one = run(1);
        assert!([2, 8].into_iter().all(|threads| run(threads) == one), "{algorithm:?}");
    }
    parallel::set_threads(0).unwrap();
}
