//! Every optimizer and set of options: the parameters along 200 steps.

use gradus_autograd::Param;
use gradus_optim::{Algorithm, Optimizer};
use gradus_tensor::{Float, Tensor};
use serde_json::{Value, json};

use crate::fixture::{Fixture, TOLERANCES, algorithm, dtype};
use crate::problems::{PROBLEMS, Problem};
use crate::report::Report;

/// The largest difference of `trained` from row `row` of `want`, which has them as one vector: of each parameter, over
/// its largest value.
pub(crate) fn difference<T: Float>(trained: &[(String, Param<T>)], want: &Tensor<T>, row: usize) -> f64 {
    let (want, columns) = (want.to_vec(), want.shape()[1]);
    let mut want = &want[row * columns..(row + 1) * columns];
    let mut worst = 0.0;
    for (_, parameter) in trained {
        let (these, rest) = want.split_at(parameter.numel());
        want = rest;
        let apart = parameter.value().relative_difference(&Tensor::from_slice(these, parameter.shape()));
        // `f64::max` would pass over a NaN.
        worst = if apart > worst || apart.is_nan() { apart } else { worst };
    }
    assert!(want.is_empty(), "the fixture has more parameters");
    worst
}

/// The worst difference of a run from what the fixture has.
fn run<T: Float>(fixture: &Fixture, case: &Value, problem: &'static str) -> f64 {
    let name = case["algorithm"].as_str().unwrap();
    let algorithm = algorithm(name, &case[problem]);
    let told = Problem::<T>::new(fixture, problem);
    let trained = told.trained(name);
    let want = fixture.tensor::<T>(&format!("{}.{problem}.{}", case["case"].as_str().unwrap(), dtype::<T>()));
    let mut optimizer = Optimizer::new(trained.clone(), algorithm).unwrap();
    let (mut step, mut worst) = (0, 0.0f64);
    for (row, kept) in fixture.kept().into_iter().enumerate() {
        while step < kept {
            optimizer.zero_grad();
            told.loss().backward().unwrap();
            optimizer.step().unwrap();
            step += 1;
        }
        let apart = difference(&trained, &want, row);
        worst = if apart > worst || apart.is_nan() { apart } else { worst };
    }
    worst
}

#[test]
fn every_optimizer_takes_the_steps_of_pytorch() {
    let fixture = Fixture::new();
    let (mut wrong, mut worst, mut report) = (Vec::new(), [0.0f64; 2], Report::default());
    println!("{:40} {:>8} {:>8}", "case", "f32", "f64");
    for case in fixture.json("cases").as_array().unwrap() {
        for problem in PROBLEMS {
            let apart = [run::<f32>(&fixture, case, problem), run::<f64>(&fixture, case, problem)];
            let line = format!(
                "{:40} {:8.1e} {:8.1e}",
                format!("{} {problem}", case["case"].as_str().unwrap()),
                apart[0],
                apart[1]
            );
            println!("{line}");
            worst = [0, 1].map(|i| worst[i].max(apart[i]));
            let algorithm = Algorithm::by_name(case["algorithm"].as_str().unwrap()).unwrap();
            report.add(&variant(&algorithm), Some(apart[0]), apart[1]);
            if !(apart[0] <= TOLERANCES[0] && apart[1] <= TOLERANCES[1]) {
                wrong.push(line);
            }
        }
    }
    println!("{:40} {:8.1e} {:8.1e}", "worst", worst[0], worst[1]);
    report.finish("optimizers");
    assert!(wrong.is_empty(), "farther from PyTorch than {TOLERANCES:?}:\n{}", wrong.join("\n"));
}

/// The algorithm's name in the code.
fn variant(algorithm: &Algorithm) -> String {
    format!("{algorithm:?}").split('(').next().unwrap().to_owned()
}

#[test]
fn every_algorithm_has_a_case() {
    let cases = Fixture::new().json("cases");
    for name in Algorithm::NAMES {
        let has = |case: &&Value| case["algorithm"] == *name;
        assert!(cases.as_array().unwrap().iter().any(|case| has(&case)), "{name} has no case in optimizers.py");
        let maximizes = format!("{:?}", Algorithm::by_name(name).unwrap()).contains("maximize");
        let maximized = cases.as_array().unwrap().iter().filter(has).any(|case| case["mlp"]["maximize"] == json!(true));
        assert_eq!(maximized, maximizes, "{name} needs a case with maximize where it has that option");
    }
}

/// PyTorch iterates in bfloat16, of 8 bits: a step is off by some of their rounding errors of 1 / 256, relative to the
/// step.
#[test]
fn muon_is_near_pytorch_in_bfloat16() {
    let fixture = Fixture::new();
    let problem = Problem::<f64>::new(&fixture, "quadratic");
    let trained = problem.trained("muon");
    let mut optimizer = Optimizer::new(trained.clone(), algorithm("muon", &json!({"lr": 0.1}))).unwrap();
    let before = trained[0].1.value();
    problem.loss().backward().unwrap();
    optimizer.step().unwrap();
    let want = fixture.tensor::<f64>("muon_bf16.quadratic.f64").reshape(before.shape());
    let (step, wanted) = (&trained[0].1.value() - &before, &want - &before);
    let apart = step.relative_difference(&wanted);
    println!("a step of Muon differs from PyTorch's in bfloat16 by {apart:.1e}");
    assert!(apart > 1e-6 && apart < 2e-2, "{apart}");
}
