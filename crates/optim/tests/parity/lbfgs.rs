//! L-BFGS: the parameters after some steps of several evaluations each.

use gradus_optim::{Lbfgs, LbfgsOptimizer};
use gradus_tensor::Float;
use serde_json::Value;

use crate::fixture::{Fixture, TOLERANCES, dtype};
use crate::problems::{PROBLEMS, Problem};
use crate::report::Report;
use crate::trajectories::difference;

fn settings(options: &Value) -> Lbfgs {
    let mut whole = serde_json::to_value(Lbfgs::default()).unwrap();
    for (option, value) in options.as_object().unwrap() {
        whole[option] = value.clone();
    }
    serde_json::from_value(whole).unwrap()
}

/// The worst difference, and the number of evaluations.
fn run<T: Float>(fixture: &Fixture, case: &Value, resumed: bool) -> (f64, u64) {
    let name = PROBLEMS.into_iter().find(|name| case["problem"] == *name).unwrap();
    let problem = Problem::<T>::new(fixture, name);
    let want = fixture.tensor::<T>(&format!("{}.{name}.{}", case["case"].as_str().unwrap(), dtype::<T>()));
    let build = || LbfgsOptimizer::new(problem.parameters.clone(), settings(&case["options"])).unwrap();
    let mut optimizer = build();
    let kept: Vec<usize> = serde_json::from_value(fixture.json("lbfgs_kept")).unwrap();
    let (mut step, mut worst) = (0, 0.0f64);
    for (row, kept) in kept.into_iter().enumerate() {
        while step < kept {
            if resumed {
                let state = optimizer.state();
                optimizer = build();
                optimizer.load_state(state).unwrap();
            }
            optimizer.step(|| problem.loss()).unwrap();
            step += 1;
        }
        let apart = difference(&problem.parameters, &want, row);
        worst = if apart > worst || apart.is_nan() { apart } else { worst };
    }
    (worst, optimizer.evaluations())
}

#[test]
fn lbfgs_takes_the_steps_of_pytorch() {
    let fixture = Fixture::new();
    let (mut wrong, mut report) = (Vec::new(), Report::default());
    println!("{:40} {:>8} {:>8}  evaluations", "case", "f32", "f64");
    for case in fixture.json("lbfgs").as_array().unwrap() {
        let ((single, _), (double, evaluations)) =
            (run::<f32>(&fixture, case, false), run::<f64>(&fixture, case, false));
        let name = format!("{} {}", case["case"].as_str().unwrap(), case["problem"].as_str().unwrap());
        let line = format!("{name:40} {single:8.1e} {double:8.1e}  {evaluations}");
        println!("{line}");
        report.add("Lbfgs", Some(single), double);
        let near = single <= TOLERANCES[0] && double <= TOLERANCES[1];
        if !near || case["func_evals"] != evaluations {
            wrong.push(format!("{line} (PyTorch {})", case["func_evals"]));
        }
        assert_eq!(
            run::<f64>(&fixture, case, true),
            (double, evaluations),
            "{name} saved and loaded before every step"
        );
        assert_eq!(run::<f32>(&fixture, case, true).0, single, "{name} saved and loaded before every step");
    }
    report.finish("lbfgs");
    assert!(wrong.is_empty(), "not as PyTorch:\n{}", wrong.join("\n"));
}
