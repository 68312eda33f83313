//! The driver's rules, over every algorithm of the registry.

use gradus_autograd::{Param, Var};
use gradus_optim::{Adadelta, Adam, AdamW, Algorithm, OptimError, Optimizer, Sgd};
use gradus_tensor::Tensor;

fn algorithms() -> Vec<Algorithm> {
    let mut all: Vec<_> = Algorithm::NAMES.iter().map(|name| Algorithm::by_name(name).unwrap()).collect();
    all.push(Sgd { momentum: 0.9, dampening: 0.1, weight_decay: 0.1, ..Sgd::default() }.into());
    all.push(Sgd { momentum: 0.9, nesterov: true, ..Sgd::default() }.into());
    all.push(Adam { weight_decay: 0.1, ..Adam::default() }.into());
    all.push(Adadelta { weight_decay: 0.1, ..Adadelta::default() }.into());
    all
}

fn parameter(values: &[f64]) -> Param<f64> {
    Param::new(Tensor::from_slice(values, [values.len()]))
}

fn named(parameters: &[&Param<f64>]) -> Vec<(String, Param<f64>)> {
    parameters.iter().enumerate().map(|(i, &p)| (format!("p{i}"), p.clone())).collect()
}

fn square(p: &Param<f64>) -> Var<f64> {
    (p.var() * p.var()).sum()
}

#[test]
fn every_algorithm_goes_downhill() {
    for algorithm in algorithms() {
        let p = parameter(&[1.0, -2.0, 3.0]);
        let mut optimizer = Optimizer::new(named(&[&p]), algorithm.clone()).unwrap();
        let before = square(&p).item();
        for _ in 0..20 {
            square(&p).backward().unwrap();
            optimizer.step().unwrap();
            optimizer.zero_grad();
        }
        assert!(square(&p).item() < before, "{algorithm:?}");
    }
}

#[test]
fn a_step_computes_and_changes_no_gradient() {
    for algorithm in algorithms() {
        let (used, unused) = (parameter(&[1.0, 2.0]), parameter(&[3.0]));
        let mut optimizer = Optimizer::new(named(&[&used, &unused]), algorithm).unwrap();
        square(&used).backward().unwrap();
        let before = used.grad();
        optimizer.step().unwrap();
        assert_eq!(used.grad(), before);
        assert!(unused.grad().is_none(), "step made a gradient where backward made none");
    }
}

#[test]
fn parameters_without_gradient_are_skipped_and_do_not_age() {
    for algorithm in algorithms() {
        let (used, unused) = (parameter(&[1.0]), parameter(&[1.0]));
        let mut optimizer = Optimizer::new(named(&[&used, &unused]), algorithm).unwrap();
        square(&used).backward().unwrap();
        optimizer.step().unwrap();
        assert_ne!(used.value().to_vec(), [1.0]);
        assert_eq!(unused.value().to_vec(), [1.0], "not even weight decay");
        optimizer.zero_grad();
        assert!(used.grad().is_none(), "zero_grad sets to none");
        let before = used.value();
        optimizer.step().unwrap();
        assert_eq!(used.value(), before, "nothing to do after zero_grad");
        assert_eq!(optimizer.state().steps.values().copied().collect::<Vec<_>>(), [1, 0]);
    }
}

/// Memory is kept only for what the algorithm reads again.
#[test]
fn plain_sgd_keeps_no_tensors() {
    let p = parameter(&[1.0]);
    let kept = |algorithm: Sgd| {
        let mut optimizer = Optimizer::new(named(&[&p]), algorithm).unwrap();
        square(&p).backward().unwrap();
        optimizer.step().unwrap();
        optimizer.state().tensors.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(kept(Sgd::default()), [""; 0]);
    assert_eq!(kept(Sgd { momentum: 0.9, ..Sgd::default() }), ["p0.momentum_buffer"]);
}

/// A zero gradient is not the same as none: momentum and moments go on.
#[test]
fn zero_gradients_are_steps() {
    let p = parameter(&[1.0]);
    let mut optimizer = Optimizer::new(named(&[&p]), Sgd { momentum: 0.9, ..Sgd::default() }).unwrap();
    square(&p).backward().unwrap();
    optimizer.step().unwrap();
    let before = p.value();
    p.set_grad(Some(Tensor::zeros([1])));
    optimizer.step().unwrap();
    assert_ne!(p.value(), before);
}

#[test]
fn a_saved_and_loaded_optimizer_takes_the_same_steps() {
    for algorithm in algorithms() {
        let run = |stop_after: usize| {
            let (a, b) = (parameter(&[1.0, -2.0, 3.0]), parameter(&[0.5]));
            let mut optimizer = Optimizer::new(named(&[&a, &b]), algorithm.clone()).unwrap();
            for i in 0..10 {
                if i == stop_after {
                    let state = optimizer.state();
                    let json = serde_json::to_string(&(&state.algorithm, &state.steps)).unwrap();
                    let (algorithm, steps) = serde_json::from_str(&json).unwrap();
                    optimizer = Optimizer::new(named(&[&a, &b]), state.algorithm.clone()).unwrap();
                    let loaded = gradus_optim::OptimizerState { algorithm, steps, tensors: state.tensors };
                    optimizer.load_state(loaded).unwrap();
                }
                // `b` joins late, so that the two have taken different numbers of steps.
                let loss = if i < 4 { square(&a) } else { square(&a) * square(&b) };
                loss.backward().unwrap();
                optimizer.step().unwrap();
                optimizer.zero_grad();
            }
            (a.value(), b.value(), optimizer.state())
        };
        let whole = run(usize::MAX);
        for stop_after in 0..10 {
            assert_eq!(run(stop_after), whole, "{algorithm:?} saved after {stop_after} steps");
        }
    }
}

#[test]
fn a_state_that_does_not_fit_is_refused_with_all_its_faults() {
    let (p, q) = (parameter(&[1.0, 2.0]), parameter(&[1.0]));
    let mut optimizer = Optimizer::new(named(&[&p, &q]), Adam::default()).unwrap();
    square(&p).backward().unwrap();
    optimizer.step().unwrap();
    let good = optimizer.state();
    let mut bad = good.clone();
    bad.tensors[0].1 = Tensor::zeros([3]);
    bad.tensors[1].0 = "p9.exp_avg".to_owned();
    bad.steps.remove("p1");
    bad.steps.insert("p9".to_owned(), 4);
    let message = optimizer.load_state(bad).unwrap_err().to_string();
    for part in [
        "p0.exp_avg has shape [3], not [2]",
        "missing p0.exp_avg_sq of shape [2]",
        "missing parameter p1",
        "unexpected parameter p9",
        "unexpected p9.exp_avg",
    ] {
        assert!(message.contains(part), "{part} is not in: {message}");
    }
    assert_eq!(optimizer.state(), good, "nothing was loaded");
    let other = Optimizer::new(named(&[&p, &q]), Sgd::default()).unwrap().state();
    assert!(optimizer.load_state(other).unwrap_err().to_string().contains("it is of sgd, this is adam"));
}

#[test]
fn what_cannot_work_is_refused() {
    let check = |parameters: &[&Param<f64>], algorithm: Algorithm, message: &str| {
        assert_eq!(Optimizer::new(named(parameters), algorithm).unwrap_err().to_string(), message);
    };
    let p = parameter(&[1.0]);
    check(&[], Sgd::default().into(), "optimizer got an empty parameter list");
    check(&[&p, &p], Sgd::default().into(), "parameter p1 is the same as p0; name each parameter once");
    check(
        &[&p],
        Sgd { lr: f64::NAN, ..Sgd::default() }.into(),
        "sgd: lr is NaN, but must be a finite number of at least 0",
    );
    check(
        &[&p],
        Sgd { nesterov: true, ..Sgd::default() }.into(),
        "sgd: momentum is 0, but must be above 0 for Nesterov momentum, with dampening 0",
    );
    check(
        &[&p],
        AdamW { betas: [0.9, 1.0], ..AdamW::default() }.into(),
        "adamw: beta2 is 1, but must be at least 0 and below 1",
    );
    let unknown = Algorithm::by_name("adan").unwrap_err();
    assert_eq!(unknown.to_string(), "unknown optimizer adan; known are sgd, adam, adamw, adadelta");
    let mut optimizer = Optimizer::new(named(&[&p]), Sgd::default()).unwrap();
    optimizer.set_lr(f64::INFINITY);
    square(&p).backward().unwrap();
    assert!(matches!(optimizer.step(), Err(OptimError::Hyperparameter { name: "lr", .. })));
    assert_eq!(p.value().to_vec(), [1.0]);
}

/// Parameters longer than one stretch of work are updated whole, as short ones are.
#[test]
fn long_parameters_are_updated_whole() {
    for algorithm in algorithms() {
        let run = |len: usize| {
            let p = parameter(&(0..len).map(|i| (i % 7) as f64 - 3.0).collect::<Vec<_>>());
            let mut optimizer = Optimizer::new(named(&[&p]), algorithm.clone()).unwrap();
            for _ in 0..3 {
                square(&p).backward().unwrap();
                optimizer.step().unwrap();
                optimizer.zero_grad();
            }
            p.value().to_vec()
        };
        let (long, short) = (run(70_000), run(7));
        assert!(long.iter().enumerate().all(|(i, x)| *x == short[i % 7]), "{algorithm:?}");
    }
}

/// Three steps on sum(p^2) from (1, -2, 3), as PyTorch 2.15 takes them in f64.
#[test]
fn adadelta_is_pytorchs() {
    #[track_caller]
    fn check(weight_decay: f64, parameters: [f64; 3], square_avg: [f64; 3], acc_delta: [f64; 3]) {
        let p = parameter(&[1.0, -2.0, 3.0]);
        let adadelta = Adadelta { lr: 0.5, rho: 0.8, eps: 1e-4, weight_decay };
        let mut optimizer = Optimizer::new(named(&[&p]), adadelta).unwrap();
        for _ in 0..3 {
            square(&p).backward().unwrap();
            optimizer.step().unwrap();
            optimizer.zero_grad();
        }
        let state = optimizer.state();
        let slots = ["p0.square_avg", "p0.acc_delta"].map(|name| state.tensor(name).unwrap().to_vec());
        for (got, want) in
            [(p.value().to_vec(), parameters), (slots[0].clone(), square_avg), (slots[1].clone(), acc_delta)]
        {
            let close = |(got, want): (&f64, &f64)| (got - want).abs() <= 1e-14 * want.abs();
            assert!(got.iter().zip(&want).all(close), "{got:?} is not {want:?}");
        }
    }
    check(
        0.0,
        [0.9650294287944876, -1.9649248286402003, 2.964890460349417],
        [1.9015419647003475, 7.706485476179255, 17.415429597958553],
        [0.00026844475422958054, 0.00027033481958864907, 0.0002709586083516504],
    );
    check(
        0.1,
        [0.9650292156099384, -1.9649247751845171, 2.9648904365687105],
        [2.0964496893322075, 8.496400072347544, 19.200511021265484],
        [0.00026844804992192213, 0.00027033564940506127, 0.0002709589780121708],
    );
}
