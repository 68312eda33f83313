//! Hooks, functions of users, checkpointing and anomaly mode.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gradus_autograd::{
    Anomaly, AutogradError, BackwardOptions, Birth, Context, Function, Gradients, NonFinite, Param, Place, Var,
    checkpoint, detect_anomaly, grad, gradcheck, gradgradcheck, no_grad,
};
use gradus_tensor::Tensor;
use gradus_tensor::random::{Generator, manual_seed};

fn scalar(x: f64) -> Var<f64> {
    Var::new(Tensor::scalar(x)).requires_grad_()
}

#[test]
fn a_hook_sees_the_whole_gradient_once_and_may_replace_it() {
    let x = scalar(3.0);
    let y = &x * 2.0;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let hook = y.register_hook(move |g| {
        log.lock().unwrap().push(g.item());
        Some(g * 10.0)
    });
    let keep = || BackwardOptions { retain_graph: Some(true), ..BackwardOptions::default() };
    // y is used twice: its gradient is 2 y = 12.
    (&y * &y).backward_with(keep()).unwrap();
    assert_eq!((seen.lock().unwrap().clone(), x.grad().unwrap().item()), (vec![12.0], 240.0));
    hook.remove();
    x.zero_grad();
    (&y * &y).backward().unwrap();
    assert_eq!((seen.lock().unwrap().len(), x.grad().unwrap().item()), (1, 24.0));
}

#[test]
fn hooks_of_leaves_act_in_backward_and_in_grad_and_in_the_order_they_came() {
    let x = scalar(3.0);
    let _first = x.register_hook(|g| Some(g + 1.0));
    let _second = x.register_hook(|g| Some(g * 2.0));
    let _third = x.register_hook(|_| None);
    (&x + &x).backward().unwrap();
    assert_eq!(x.grad().unwrap().item(), 6.0);
    assert_eq!(grad(&(&x * &x), &[&x], BackwardOptions::default()).unwrap()[0].as_ref().unwrap().item(), 14.0);
}

#[test]
#[should_panic(expected = "register_hook: this variable requires no gradient")]
fn a_constant_has_no_hook() {
    let _ = Var::new(Tensor::scalar(1.0f32)).register_hook(|_| None);
}

#[test]
fn a_hook_after_accumulation_sees_the_sum_and_may_free_it() {
    let w = Param::new(Tensor::scalar(2.0f32));
    let calls = Arc::new(AtomicUsize::new(0));
    let count = calls.clone();
    let hook = w.register_post_accumulate_grad_hook(move |w| {
        count.fetch_add(1, Ordering::Relaxed);
        w.set_value(&w.value() - &(&w.grad().unwrap() * 0.5));
        w.zero_grad();
    });
    (w.var() * w.var()).backward().unwrap();
    assert_eq!((w.value().item(), w.grad().is_none(), calls.load(Ordering::Relaxed)), (0.0, true, 1));
    // The hook holds no parameter alive.
    drop(w);
    hook.remove();
}

/// `x^2 y`, with a gradient for each input.
struct SquareTimes {
    broken: bool,
}

impl Function<f64> for SquareTimes {
    type Saved = [Var<f64>; 2];

    fn name(&self) -> &'static str {
        "square_times"
    }

    fn forward(&self, inputs: &[&Var<f64>]) -> (Tensor<f64>, [Var<f64>; 2]) {
        let (x, y) = (inputs[0].value(), inputs[1].value());
        (&(x * x) * y, [inputs[0].clone(), inputs[1].clone()])
    }

    fn backward(&self, [x, y]: &[Var<f64>; 2], context: &Context<'_, f64>) -> Gradients<f64> {
        let g = context.gradient();
        let factor = if self.broken { 1.0 } else { 2.0 };
        let dx = context.when_needed(0, || g * x * y * factor);
        [dx, context.when_needed(1, || g * x * x)].into_iter().collect()
    }
}

#[test]
fn functions_of_users_are_checked_like_our_own() {
    let at: Vec<Tensor<f64>> = (0..2).map(|i| Generator::new(i, 0).uniform([3], -1.0, 1.0)).collect();
    let f = |broken| move |x: &[Var<f64>]| SquareTimes { broken }.apply(&[&x[0], &x[1]]);
    gradcheck(f(false), &at).unwrap();
    gradgradcheck(f(false), &at).unwrap();
    assert!(gradcheck(f(true), &at).is_err());
    let x = scalar(1.0);
    assert_eq!(SquareTimes { broken: false }.apply(&[&x, &x]).operation(), Some("square_times"));
}

/// A block with dropout and a parameter, by itself and checkpointed: the same numbers everywhere.
#[test]
fn checkpointing_changes_no_bit() {
    let weight = Param::new(Generator::new(2, 0).normal::<f32>([6, 6], 0.0, 1.0));
    let block = |weight: Param| move |x: &[Var]| x[0].matmul(&weight.var()).relu().dropout(0.5);
    let run = |checkpointed: bool| {
        manual_seed(7);
        weight.zero_grad();
        let x = Var::new(Generator::new(3, 0).normal([4, 6], 0.0, 1.0)).requires_grad_();
        let mut y = x.clone();
        for _ in 0..3 {
            let f = block(weight.clone());
            y = if checkpointed { checkpoint(f, &[&y]) } else { f(std::slice::from_ref(&y)) };
        }
        let y = y.dropout(0.3).sum();
        y.backward().unwrap();
        [y.into_value(), x.grad().unwrap(), weight.grad().unwrap()].map(|t| t.to_vec())
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn checkpoints_have_second_derivatives_and_work_without_recording() {
    let weight = Param::new(Tensor::from_vec(vec![0.3, -0.7], [2]));
    let f = move |x: &[Var<f64>]| {
        let weight = weight.clone();
        checkpoint(move |x| (&x[0] * &weight.var() * &x[1]).exp(), &[&x[0], &x[1]])
    };
    let at = [Tensor::from_vec(vec![0.5, 1.5], [2]), Tensor::from_vec(vec![-0.4, 0.9], [2])];
    gradcheck(&f, &at).unwrap();
    gradgradcheck(&f, &at).unwrap();
    assert!(!no_grad(|| f(&[scalar(1.0), scalar(2.0)])).requires_grad());
    let constants = at.map(Var::new);
    assert!(f(&constants).requires_grad(), "the parameter inside requires one");
}

fn found(f: impl FnOnce() -> Result<(), AutogradError>, names: &[(&str, &Param)]) -> Anomaly {
    let mut result = Ok(());
    let names = names.iter().map(|(name, p)| ((*name).to_owned(), (*p).clone()));
    let anomaly = detect_anomaly(names, || result = f()).expect_err("something is not finite");
    assert!(result.is_ok() || result == Err(AutogradError::Anomaly(anomaly.clone())));
    anomaly
}

#[test]
fn anomalies_are_named_where_they_are_born() {
    let first = Param::new(Tensor::from_vec(vec![1.0f32, 4.0], [2]));
    let second = Param::new(Tensor::from_vec(vec![-1.0f32, 1.0], [2]));
    let names = [("block.first", &first), ("block.second", &second)];
    // NaN of a forward pass, in an operation without parameters.
    let root = || (&first.var() * &second.var()).sqrt();
    let anomaly = found(|| root().sum().backward(), &names);
    assert_eq!((anomaly.operation, &anomaly.birth, anomaly.number), ("sqrt", &Birth::Forward, NonFinite::NaN));
    assert_eq!(anomaly.place, Place::After("block.first".to_owned()));
    // An infinity, where the parameter is read.
    let big = Var::new(Tensor::full([2], 3e38f32));
    let anomaly = found(|| (&second.var() * 4.0 + &big * &first.var()).sum().backward(), &names);
    assert_eq!((anomaly.operation, anomaly.number), ("mul", NonFinite::Infinity));
    assert_eq!(anomaly.place, Place::At("block.first".to_owned()));
    // A gradient: the root's slope at 0, with a finite result.
    let zero = Param::new(Tensor::from_vec(vec![0.0f32, 1.0], [2]));
    let anomaly = found(|| zero.var().sqrt().sum().backward(), &[("zero", &zero)]);
    assert_eq!((anomaly.operation, &anomaly.birth), ("sqrt", &Birth::Backward(0)));
    assert_eq!(anomaly.to_string(), "infinity came up in the gradient of input 0 of sqrt, output [2], at zero");
    assert!(zero.grad().is_none(), "no gradient is handed out");
    // What the data or a parameter held already.
    let data = Var::new(Tensor::from_vec(vec![f32::NAN, 0.0], [2]));
    assert_eq!(found(|| (&data + &first.var()).sum().backward(), &names).birth, Birth::Input(0));
    // Finite numbers, and a mode that has ended.
    let nothing: [(String, Param); 0] = [];
    assert_eq!(detect_anomaly(nothing, || first.var().sqrt().sum().item()), Ok(3.0));
    assert!(root().sum().backward().is_ok(), "outside nothing is looked at");
}

/// What `f` has captured keeps a graph of its own, which others walk too.
#[test]
fn a_checkpoint_leaves_the_graphs_of_captured_variables_alone() {
    for recorded in [false, true] {
        let (w, x) = (scalar(2.0), scalar(3.0));
        let h = (&w * &w).exp();
        let twice = [(); 2].map(|()| {
            let captured = h.clone();
            checkpoint(move |v| &v[0] * &captured, &[&x])
        });
        let sum = &(&twice[0] + &twice[1]) + &h;
        sum.backward_with(BackwardOptions { create_graph: recorded, ..BackwardOptions::default() }).unwrap();
        // (2 x + 1) e^(w^2), whose slopes are 2 e^(w^2) and (2 x + 1) 2 w e^(w^2).
        let e = 4f64.exp();
        assert!((x.grad().unwrap().item() - 2.0 * e).abs() < 1e-9);
        assert!((w.grad().unwrap().item() - 28.0 * e).abs() < 1e-9);
    }
}

#[test]
fn a_checkpoint_of_a_constant_is_a_constant() {
    let x = scalar(3.0);
    let y = checkpoint(|v| v[0].detach(), &[&x]);
    assert!(!y.requires_grad() && y.backward().is_err());
}

#[test]
fn gradcheck_refuses_an_infinite_slope() {
    let jump = |v: &[Var<f64>]| v[0].where_(&v[0].le(1.0), &(&v[0] + f64::INFINITY));
    assert!(gradcheck(jump, &[Tensor::scalar(1.0)]).is_err());
}
