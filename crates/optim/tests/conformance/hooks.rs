//! What surrounds steps: hooks, the points for training and evaluation, shapes that do not fit.

use std::sync::{Arc, Mutex};

use gradus_autograd::Param;
use gradus_optim::{AdamW, Muon, OptimError, Optimizer, ScheduleFreeAdamW, Sgd};
use gradus_tensor::Tensor;

use crate::cases::{algorithms, named, pair, step};

#[test]
fn hooks_run_before_and_after_each_step_until_they_are_removed() {
    let [p, _] = pair();
    let mut optimizer = Optimizer::new(named(&[&p]), Sgd { lr: 0.5, ..Sgd::default() }).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = |what: &'static str| {
        let seen = seen.clone();
        move |optimizer: &mut Optimizer<f64>| {
            seen.lock().unwrap().push((what, optimizer.parameters()[0].value().at(&[0, 0])));
        }
    };
    let first = optimizer.register_step_pre_hook(note("before"));
    let after = optimizer.register_step_post_hook(note("after"));
    optimizer.register_step_pre_hook(|optimizer| {
        // A hook may change gradients: here none is left.
        optimizer.zero_grad();
        optimizer.parameters()[0].set_grad(Some(Tensor::ones([2, 3])));
    });
    step(&mut optimizer);
    assert_eq!(*seen.lock().unwrap(), [("before", 1.0), ("after", 0.5)]);
    assert!(
        optimizer.remove_step_hook(first) && optimizer.remove_step_hook(after) && !optimizer.remove_step_hook(first)
    );
    step(&mut optimizer);
    assert_eq!((seen.lock().unwrap().len(), p.value().at(&[0, 0])), (2, 0.0));
}

#[test]
fn schedule_free_parameters_go_to_their_average_and_back() {
    let [p, _] = pair();
    let rule = ScheduleFreeAdamW { lr: 0.1, ..ScheduleFreeAdamW::default() };
    let mut optimizer = Optimizer::new(named(&[&p]), rule).unwrap();
    let (mut z, mut average) = (Vec::new(), p.value());
    for t in 1..=6 {
        step(&mut optimizer);
        z.push(optimizer.state().tensor("p0.z").unwrap().clone());
        // With one learning rate the average is that of all z.
        average = &(&average * (1.0 - 1.0 / f64::from(t))) + &(&z[z.len() - 1] * (1.0 / f64::from(t)));
    }
    let training = p.value();
    optimizer.eval();
    optimizer.eval();
    assert!(p.value().relative_difference(&average) < 1e-14);
    let message = optimizer.step().unwrap_err().to_string();
    assert_eq!(
        message,
        "schedule_free_adamw: parameters are at the point for evaluation; call train on the optimizer before a step"
    );
    // It may be saved there.
    let state = optimizer.state();
    let mut other = Optimizer::new(named(&[&p]), rule).unwrap();
    other.load_state(state).unwrap();
    other.train();
    assert!(p.value().relative_difference(&training) < 1e-14);
    step(&mut other);
}

#[test]
fn other_algorithms_have_one_point() {
    for algorithm in algorithms().into_iter().filter(|algorithm| algorithm.name() != "schedule_free_adamw") {
        let [p, _] = pair();
        let mut optimizer = Optimizer::new(named(&[&p]), algorithm.clone()).unwrap();
        step(&mut optimizer);
        let before = (p.value(), optimizer.state());
        optimizer.eval();
        optimizer.train();
        assert!((p.value(), optimizer.state()) == before, "{algorithm:?}");
    }
}

#[test]
fn muon_names_what_it_cannot_train() {
    let names = ["weight", "bias", "kernel"];
    let shapes: [&[usize]; 3] = [&[2, 3], &[2], &[2, 2, 3]];
    let all =
        || names.iter().zip(shapes).map(|(name, shape)| ((*name).to_owned(), Param::<f64>::new(Tensor::zeros(shape))));
    let error = Optimizer::new(all(), Muon::default()).unwrap_err();
    assert!(matches!(error, OptimError::ParameterShapes { .. }));
    let message =
        "muon needs parameters of two dimensions; give these to another optimizer: bias [2], kernel [2, 2, 3]";
    assert_eq!(error.to_string(), message);
    Optimizer::new(all(), AdamW::default()).unwrap();
}
