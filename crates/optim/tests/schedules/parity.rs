//! The stored cases: what PyTorch's schedules do to two groups.

use std::collections::BTreeMap;

use gradus_optim::{AnySchedule, CyclicLR, CyclicMode, Function, PerGroup, Schedule};
use gradus_tensor::Tensor;
use safetensors::SafeTensors;
use serde::Deserialize;

use crate::report::Report;
use crate::{adam, optimizer, present, sgd};

const FIXTURE: &[u8] = include_bytes!("../fixtures/schedules.safetensors");
/// Relative to the value; PyTorch's own rounding errors add up over the steps.
const TOLERANCE: f64 = 1e-12;

/// Schedules that PyTorch does not have: `beyond` compares them with their formulas.
const BEYOND: [&str; 3] = ["InverseSqrt", "WarmupCosine", "WarmupStableDecay"];

/// A case as xtask/parity/schedules.py writes it down.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) optimizer: String,
    pub(crate) schedule: AnySchedule,
}

/// All cases, with the bodies of their functions.
pub(crate) fn cases() -> Vec<Case> {
    let (_, header) = SafeTensors::read_metadata(FIXTURE).unwrap();
    let metadata = header.metadata().as_ref().unwrap();
    let mut cases: Vec<Case> = serde_json::from_str(&metadata["cases"]).unwrap();
    for case in &mut cases {
        if let AnySchedule::Steps(schedule) = &mut case.schedule {
            give_bodies(schedule);
        }
    }
    cases
}

pub(crate) fn lrs() -> Vec<f64> {
    let (_, header) = SafeTensors::read_metadata(FIXTURE).unwrap();
    serde_json::from_str(&header.metadata().as_ref().unwrap()["lrs"]).unwrap()
}

/// `FUNCTIONS` of xtask/parity/schedules.py.
fn function(name: &str) -> Function {
    match name {
        "staircase" => Function::new(name, |step| 0.5f64.powf((step / 30) as f64)),
        "inverse" => Function::new(name, |step| 1.0 / (1.0 + 0.01 * step as f64)),
        "shrink" => Function::new(name, |step| if step % 2 == 1 { 0.99 } else { 0.97 }),
        "grow" => Function::new(name, |_| 1.001),
        "cycle by cycle" => Function::new(name, |cycle| 1.0 / cycle as f64),
        "step by step" => Function::new(name, |step| 0.998f64.powf(step as f64)),
        _ => panic!("the tests have no function {name}"),
    }
}

/// Files hold the names of functions alone.
fn give_bodies(schedule: &mut Schedule) {
    let give = |x: &mut Function| *x = function(x.name());
    match schedule {
        Schedule::LambdaLR(gradus_optim::LambdaLR { lr_lambda })
        | Schedule::MultiplicativeLR(gradus_optim::MultiplicativeLR { lr_lambda }) => match lr_lambda {
            PerGroup::All(function) => give(function),
            PerGroup::Each(functions) => functions.iter_mut().for_each(give),
        },
        Schedule::CyclicLR(CyclicLR {
            mode: CyclicMode::ScaleCycles(scale) | CyclicMode::ScaleSteps(scale), ..
        }) => {
            give(scale);
        }
        Schedule::SequentialLR(composed) => composed.schedulers.iter_mut().for_each(give_bodies),
        Schedule::ChainedScheduler(composed) => composed.schedulers.iter_mut().for_each(give_bodies),
        _ => {}
    }
}

/// The numbers called `name`, in rows of `columns`; none if there are no such.
fn numbers(tensors: &SafeTensors<'_>, name: &str, columns: usize) -> Option<Vec<Vec<f64>>> {
    let bytes = tensors.tensor(name).ok()?.data();
    let numbers: Vec<f64> = bytes.chunks(8).map(|x| f64::from_le_bytes(x.try_into().unwrap())).collect();
    Some(numbers.chunks(columns).map(<[f64]>::to_vec).collect())
}

/// The largest relative difference of a case, and the step at which it is.
fn worst(case: &Case, tensors: &SafeTensors<'_>, lrs: &[f64]) -> (f64, usize) {
    let read = |kind: &str, columns| numbers(tensors, &format!("{}/{kind}", case.name), columns);
    let (expected, momentums) = (read("lr", lrs.len()).unwrap(), read("momentum", lrs.len()));
    let (parameters, metrics) = (read("parameters", lrs.len()), read("metrics", 1));
    let gradients = numbers(tensors, "gradients", lrs.len()).unwrap();
    let mut optimizer = optimizer(&if case.optimizer == "adam" { adam() } else { sgd() }, lrs);
    let untouched = present(&optimizer)[0].1.unwrap();
    optimizer.set_schedule(case.schedule.clone()).unwrap();
    let mut worst = (0.0, 0);
    for (step, expected) in expected.iter().enumerate() {
        let mut compare = |found: f64, expected: f64, scale: f64| {
            let error = if found == expected { 0.0 } else { (found - expected).abs() / scale };
            let error = if error.is_nan() { f64::INFINITY } else { error };
            if error > worst.0 {
                worst = (error, step);
            }
        };
        for (group, (lr, momentum)) in present(&optimizer).into_iter().enumerate() {
            compare(lr, expected[group], expected[group].abs());
            let expected = momentums.as_ref().map_or(untouched, |momentums| momentums[step][group]);
            compare(momentum.unwrap(), expected, expected);
        }
        for (parameter, &gradient) in optimizer.parameters().iter().zip(&gradients[step]) {
            parameter.set_grad(Some(Tensor::from_vec(vec![gradient], [1])));
        }
        optimizer.step().unwrap();
        // They begin with 1, and pass 0.
        for (group, parameter) in optimizer.parameters().iter().enumerate().filter(|_| parameters.is_some()) {
            compare(parameter.value().item(), parameters.as_ref().unwrap()[step][group], 1.0);
        }
        match &metrics {
            Some(metrics) => optimizer.schedule_step_with(metrics[step][0]).unwrap(),
            None => optimizer.schedule_step().unwrap(),
        }
    }
    worst
}

#[test]
fn schedules_are_those_of_pytorch() {
    let tensors = SafeTensors::deserialize(FIXTURE).unwrap();
    let lrs = lrs();
    let (mut faults, mut report) = (Vec::new(), Report::default());
    for case in cases() {
        let (error, step) = worst(&case, &tensors, &lrs);
        report.add(case.schedule.name(), None, error);
        println!("{error:8.1e} at step {step:3}  {}", case.name);
        if error > TOLERANCE {
            faults.push(format!("{}: {error:.1e} at step {step}", case.name));
        }
    }
    report.finish("schedules");
    assert!(faults.is_empty(), "differ from PyTorch by more than {TOLERANCE:e}:\n{}", faults.join("\n"));
}

#[test]
fn every_schedule_has_a_case() {
    let mut cases_of: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases() {
        *cases_of.entry(case.schedule.name()).or_default() += 1;
    }
    let names = Schedule::NAMES.iter().copied().chain(["ReduceLROnPlateau"]);
    for name in names.filter(|name| !BEYOND.contains(name)) {
        assert!(cases_of.get(name).is_some_and(|&count| count >= 2), "{name} has {:?} cases", cases_of.get(name));
    }
}

/// What a case leaves out has PyTorch's default: the same as ours.
#[test]
fn defaults_are_those_of_pytorch() {
    use gradus_optim::{ConstantLR, LinearLR, OneCycleLR, PolynomialLR, ReduceLROnPlateau};
    let cases = cases();
    let check = |name: &str, ours: AnySchedule| {
        let case = cases.iter().find(|case| case.name == name).unwrap();
        assert_eq!(case.schedule, ours, "{name}");
    };
    check("ConstantLR/defaults", ConstantLR::default().into());
    check("LinearLR/defaults", LinearLR::default().into());
    check("PolynomialLR/defaults", PolynomialLR::default().into());
    check("ReduceLROnPlateau/defaults", ReduceLROnPlateau::default().into());
    let one_cycle = OneCycleLR { max_lr: 0.1.into(), total_steps: 300, ..OneCycleLR::default() };
    check("OneCycleLR/defaults", one_cycle.into());
    let cyclic = CyclicLR {
        base_lr: 0.001.into(),
        max_lr: 0.1.into(),
        step_size_up: 40,
        step_size_down: None,
        ..CyclicLR::default()
    };
    check("CyclicLR/triangular", cyclic.into());
}
