//! Gradients that hold what is no number, under every policy.

use gradus_optim::{NonFinite, OptimError, Optimizer};
use gradus_tensor::Tensor;

use crate::cases::{algorithms, named, pair, square, step};

/// A gradient of the second parameter alone that is spoiled in one place.
fn spoil(optimizer: &Optimizer<f64>, by: f64) {
    for p in optimizer.parameters() {
        p.set_grad(None);
        square(&p).backward().unwrap();
    }
    let p = &optimizer.parameters()[1];
    let mut gradient = p.grad().unwrap();
    gradient.as_mut_slice()[4] = by;
    p.set_grad(Some(gradient));
}

#[test]
fn each_policy_leaves_the_last_good_state() {
    for (algorithm, by) in algorithms()
        .into_iter()
        .flat_map(|algorithm| [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(|by| (algorithm.clone(), by)))
    {
        // At the first step, and later.
        for before in [0, 3] {
            let of = |policy| {
                let [p, q] = pair();
                let mut optimizer = Optimizer::new(named(&[&p, &q]), algorithm.clone()).unwrap();
                optimizer.set_non_finite(policy).unwrap();
                (0..before).for_each(|_| step(&mut optimizer));
                let good = (optimizer.state(), [p.value(), q.value()]);
                spoil(&optimizer, by);
                let stepped = optimizer.step();
                (optimizer, stepped, good, [p, q])
            };
            let unchanged = |optimizer: &Optimizer<f64>, good: &(_, [Tensor<f64>; 2]), parameters: &[_; 2]| {
                let values = parameters.each_ref().map(gradus_autograd::Param::value);
                assert!(optimizer.state() == good.0 && values == good.1, "{algorithm:?} after {before} and {by}");
            };

            let (optimizer, stepped, good, parameters) = of(NonFinite::Stop);
            assert_eq!(stepped, Err(OptimError::NonFiniteGradients { parameters: vec!["p1".to_owned()] }));
            unchanged(&optimizer, &good, &parameters);

            let (mut optimizer, stepped, good, parameters) = of(NonFinite::Skip);
            assert_eq!((stepped, optimizer.skipped_steps()), (Ok(()), 1));
            unchanged(&optimizer, &good, &parameters);
            step(&mut optimizer);
            assert_eq!(optimizer.skipped_steps(), 1);

            let (mut optimizer, stepped, _, parameters) = of(NonFinite::Clip { bound: 2.0 });
            assert_eq!(stepped, Ok(()));
            step(&mut optimizer);
            assert!(parameters.iter().all(|p| p.value().all_finite()), "{algorithm:?} after {before} and {by}");
        }
    }
}

#[test]
fn clipping_makes_numbers_of_what_is_none_and_leaves_the_rest() {
    let [p, _] = pair();
    let mut optimizer = Optimizer::new(named(&[&p]), algorithms().remove(0)).unwrap();
    optimizer.set_non_finite(NonFinite::Clip { bound: 7.0 }).unwrap();
    let gradient = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -3.0, 0.0];
    p.set_grad(Some(Tensor::from_slice(&gradient, [2, 3])));
    assert_eq!(optimizer.admit_gradients(), Ok(true));
    assert_eq!(p.grad().unwrap().to_vec(), [0.0, 7.0, -7.0, 1e300, -3.0, 0.0]);
    let refused = optimizer.set_non_finite(NonFinite::Clip { bound: f64::NAN });
    assert!(matches!(refused, Err(OptimError::Hyperparameter { name: "bound", .. })));
}
