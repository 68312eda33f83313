//! The driver's rules, over every algorithm of the registry.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use gradus_autograd::{Param, Var};
use gradus_optim::{Adadelta, Adam, AdamW, Algorithm, OptimError, Optimizer, ParamGroup, Sgd};
use gradus_tensor::Tensor;

fn algorithms() -> Vec<Algorithm> {
    // Muon takes matrices alone, and these are vectors.
    let names = Algorithm::NAMES.iter().filter(|name| **name != "muon");
    let mut all: Vec<_> = names.map(|name| Algorithm::by_name(name).unwrap()).collect();
    all.push(Sgd { momentum: 0.9, dampening: 0.1, weight_decay: 0.1, ..Sgd::default() }.into());
    all.push(Sgd { momentum: 0.9, nesterov: true, ..Sgd::default() }.into());
    all.push(Adam { weight_decay: 0.1, ..Adam::default() }.into());
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

/// Squares of them overflow, vanish or are 0 in `f32`.
#[test]
fn hard_gradients_leave_numbers_behind() {
    // PyTorch's Adafactor too makes NaN of means that have overflowed.
    for algorithm in algorithms().into_iter().filter(|algorithm| algorithm.name() != "adafactor") {
        let p = Param::new(Tensor::from_slice(&[1.0f32; 5], [5]));
        let mut optimizer = Optimizer::new([("p".to_owned(), p.clone())], algorithm.clone()).unwrap();
        for sign in [1.0, -1.0, 1.0] {
            let gradient = [0.0, 1e-30, -1e-30, 1e30, -1e30].map(|g| g * sign);
            p.set_grad(Some(Tensor::from_slice(&gradient, [5])));
            optimizer.step().unwrap();
        }
        let values = p.value().to_vec();
        assert!(values.iter().all(|x| x.is_finite()), "{algorithm:?}: {values:?}");
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
                    let json =
                        serde_json::to_string(&(&state.algorithms, &state.groups, &state.schedule, &state.steps))
                            .unwrap();
                    let (algorithms, groups, schedule, steps) = serde_json::from_str(&json).unwrap();
                    optimizer = Optimizer::new(named(&[&a, &b]), state.algorithms[0].clone()).unwrap();
                    let loaded =
                        gradus_optim::OptimizerState { algorithms, groups, schedule, steps, tensors: state.tensors };
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
    let known = Algorithm::NAMES.join(", ");
    assert_eq!(unknown.to_string(), format!("unknown optimizer adan; known are {known}"));
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

/// Parameters after each of four steps of `torch.optim.Adadelta` 2.15 in float64, and its slots after the last.
#[test]
fn adadelta_takes_the_steps_of_pytorch() {
    let gradients = [[0.5, -1.0, 2.0], [0.25, 3.0, 0.0], [-1.5, 0.125, -0.75], [0.1, 0.2, 0.3]];
    let check = |adadelta: Adadelta, trajectory: [[f64; 3]; 4], slots: [[f64; 3]; 2]| {
        let p = parameter(&[1.0, -2.0, 0.5]);
        let mut optimizer = Optimizer::new(named(&[&p]), adadelta).unwrap();
        let close = |found: &Tensor<f64>, expected: &[f64]| {
            let found = found.to_vec();
            let same = found.iter().zip(expected).all(|(x, y)| (x - y).abs() <= 1e-14 * y.abs().max(1e-3));
            assert!(same, "{adadelta:?}: {found:?} is not {expected:?}");
        };
        for (gradient, expected) in gradients.iter().zip(&trajectory) {
            p.set_grad(Some(Tensor::from_slice(gradient, [3])));
            optimizer.step().unwrap();
            close(&p.value(), expected);
        }
        let state = optimizer.state();
        for (name, expected) in ["p0.square_avg", "p0.acc_delta"].iter().zip(&slots) {
            close(state.tensor(name).unwrap(), expected);
        }
    };
    check(
        Adadelta::default(),
        [
            [0.9968377855834876, -1.9968377381511013, 0.4968377262926713],
            [0.9947526985556963, -2.0011017396647355, 0.4968377262926713],
            [0.9993286284511503, -2.0013568655937197, 0.4985142226892142],
            [0.9988934379987285, -2.0017704838660317, 0.4977822221854461],
        ],
        [
            [0.22678749999999998, 0.8073062499999999, 0.35122499999999995],
            [2.984586631874801e-06, 2.2246771707297147e-06, 1.0355382663421447e-06],
        ],
    );
    check(
        Adadelta { lr: 0.5, rho: 0.8, eps: 1e-4, weight_decay: 0.1, maximize: false },
        [
            [0.9888274161591422, -1.9888216006384007, 0.488820325153687],
            [0.9802176595073229, -2.003584522872633, 0.4883989965511451],
            [0.9962239068828543, -2.002993670879211, 0.4942956616250724],
            [0.9928982824091845, -2.002991241185592, 0.49098286831944465],
        ],
        [
            [0.37490074819935765, 1.1526860689478144, 0.5337221321493701],
            [0.00026189827097614234, 0.00016299292392737337, 8.231769956655135e-05],
        ],
    );
}

/// What `f` logs.
fn logged(f: impl FnOnce()) -> String {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
    tracing::subscriber::with_default(subscriber, f);
    let bytes = log.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_is_forgotten_is_warned_of_once() {
    let (used, unused, frozen) = (parameter(&[1.0]), parameter(&[1.0]), parameter(&[1.0]));
    frozen.set_requires_grad(false);
    let mut optimizer = Optimizer::new(named(&[&used, &unused, &frozen]), Sgd::default()).unwrap();
    let mut step = |zero: bool| {
        logged(|| {
            square(&used).backward().unwrap();
            optimizer.step().unwrap();
            if zero {
                optimizer.zero_grad();
            }
        })
    };
    let first = step(true);
    assert!(first.contains("no gradient has reached p1; the loss"), "{first}");
    assert_eq!([step(true), step(false)], ["", ""]);
    let stale = step(false);
    assert!(stale.contains("the gradient of p0 still holds what an earlier step has used"), "{stale}");
    assert_eq!(step(true), "");
}

/// Two groups are as two optimizers; their state goes back to where it came from.
#[test]
fn groups_have_hyper_parameters_of_their_own() {
    let start = || [parameter(&[1.0, -2.0]), parameter(&[0.5])];
    let rules = [Adam { lr: 0.1, ..Adam::default() }, Adam { lr: 0.01, weight_decay: 0.1, ..Adam::default() }];
    let group = |p: &Param<f64>, i: usize| ParamGroup::new([(format!("p{i}"), p.clone())], rules[i]);
    let (together, apart) = (start(), start());
    let mut one = Optimizer::with_groups([0, 1].map(|i| group(&together[i], i))).unwrap();
    let mut two = [0, 1].map(|i| Optimizer::with_groups([group(&apart[i], i)]).unwrap());
    let mut step = |i: usize| {
        for p in together.iter().chain(&apart) {
            square(p).backward().unwrap();
        }
        if i == 3 {
            let state = one.state();
            one = Optimizer::with_groups([0, 1].map(|i| group(&together[i], i))).unwrap();
            let other_way =
                Optimizer::with_groups([1, 0].map(|i| group(&together[i], i))).unwrap().load_state(state.clone());
            assert!(other_way.unwrap_err().to_string().contains("p0 is in another group than number 1"));
            one.load_state(state).unwrap();
        }
        one.step().unwrap();
        one.zero_grad();
        for optimizer in &mut two {
            optimizer.step().unwrap();
            optimizer.zero_grad();
        }
    };
    (0..6).for_each(&mut step);
    assert_eq!(together.map(|p| p.value()), apart.map(|p| p.value()));
}

#[test]
fn a_group_that_does_not_fit_changes_nothing() {
    let (a, b) = (parameter(&[1.0]), parameter(&[2.0]));
    let mut optimizer = Optimizer::new(named(&[&a]), Sgd::default()).unwrap();
    let mixed = optimizer.add_group(ParamGroup::new([("b".to_owned(), b.clone())], Adam::default()));
    assert_eq!(mixed, Err(OptimError::MixedAlgorithms { first: "sgd", other: "adam" }));
    let twice =
        optimizer.add_group(ParamGroup::new([("b".to_owned(), b.clone()), ("c".to_owned(), a)], Sgd::default()));
    assert!(matches!(twice, Err(OptimError::Duplicate { .. })));
    assert_eq!((optimizer.algorithms().len(), optimizer.state().steps.len()), (1, 1));
    optimizer.add_group(ParamGroup::new([("b".to_owned(), b)], Sgd { lr: 0.5, ..Sgd::default() })).unwrap();
    assert_eq!(optimizer.state().groups["b"], 1);
}
