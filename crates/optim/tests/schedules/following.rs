//! An optimizer that follows a schedule: saved and loaded at every step, with groups that join, and on a plateau.

use gradus_optim::{
    AnySchedule, ChainedScheduler, CosineAnnealingLR, ExponentialLR, InverseSqrt, LambdaLR, LinearLR, OneCycleLR,
    Optimizer, PlateauState, ReduceLROnPlateau, SequentialLR, Sgd, StepLR, WarmupCosine, WarmupStableDecay,
};

use crate::parity::{cases, lrs};
use crate::{adam, group, optimizer, present, sgd};

/// A step of the optimizer and one of its schedule.
fn advance(optimizer: &mut Optimizer<f64>, step: u64) {
    optimizer.step().unwrap();
    match optimizer.schedule().unwrap().schedule {
        AnySchedule::Steps(_) => optimizer.schedule_step().unwrap(),
        AnySchedule::Metric(_) => optimizer.schedule_step_with(1.0 + (step % 3) as f64).unwrap(),
    }
}

#[test]
fn saved_at_any_step_it_goes_on_with_the_same_bits() {
    const STEPS: u64 = 40;
    let beyond: [AnySchedule; 3] =
        [WarmupCosine::default().into(), WarmupStableDecay::default().into(), InverseSqrt::default().into()];
    let cases = cases().into_iter().map(|case| (case.schedule, if case.optimizer == "adam" { adam() } else { sgd() }));
    for (schedule, algorithm) in cases.chain(beyond.map(|schedule| (schedule, sgd()))) {
        let steps = match &schedule {
            AnySchedule::Steps(steps) => steps.last_step().unwrap_or(STEPS).min(STEPS),
            AnySchedule::Metric(_) => STEPS,
        };
        let fresh = || {
            let mut optimizer = optimizer(&algorithm, &lrs());
            optimizer.set_schedule(schedule.clone()).unwrap();
            optimizer
        };
        let (mut whole, mut expected, mut states) = (fresh(), Vec::new(), Vec::new());
        for step in 0..steps {
            states.push(whole.state());
            advance(&mut whole, step);
            expected.push((present(&whole), whole.state()));
        }
        for (begin, state) in states.into_iter().enumerate().take(30) {
            let mut resumed = fresh();
            resumed.load_state(state).unwrap();
            // The values of the parameters are no part of the state, but what they do to it is: their gradients are 1.
            for (step, expected) in expected.iter().enumerate().skip(begin) {
                advance(&mut resumed, step as u64);
                assert_eq!((&present(&resumed), &resumed.state()), (&expected.0, &expected.1), "{schedule:?}");
            }
        }
    }
}

/// The learning rates of two groups, the second of which joins before step `join`.
fn joined(schedule: impl Into<AnySchedule>, join: u64, steps: u64) -> Vec<Vec<f64>> {
    let mut optimizer = optimizer(&sgd(), &[0.1]);
    optimizer.set_schedule(schedule).unwrap();
    let mut seen = Vec::new();
    for step in 0..steps {
        if step == join {
            optimizer.add_group(group("late", &sgd(), 0.4)).unwrap();
        }
        seen.push(optimizer.algorithms().iter().map(|algorithm| algorithm.lr()).collect());
        advance(&mut optimizer, step);
    }
    seen
}

#[test]
fn a_group_that_joins_is_at_the_present_step() {
    let halve = ExponentialLR { gamma: 0.5 };
    assert_eq!(joined(halve, 2, 4), [vec![0.1], vec![0.05], vec![0.025, 0.1], vec![0.0125, 0.05]]);
    // Those that depend on their own past as well.
    let chain = ChainedScheduler { schedulers: vec![halve.into(), StepLR { step_size: 2, gamma: 0.5 }.into()] };
    let chained = joined(chain, 3, 5);
    assert!(chained[3..].iter().all(|lrs| lrs[1] == 4.0 * lrs[0]), "{chained:?}");
    let one_cycle = OneCycleLR { max_lr: 0.1.into(), total_steps: 20, ..OneCycleLR::default() };
    let mut optimizer = optimizer(&adam(), &[0.1]);
    optimizer.set_schedule(one_cycle).unwrap();
    (0..5).for_each(|step| advance(&mut optimizer, step));
    optimizer.add_group(group("late", &adam(), 0.4)).unwrap();
    let both = present(&optimizer);
    assert_eq!(both[0], both[1]);
    let state = optimizer.schedule().unwrap();
    assert_eq!((&state.base_lrs[..], &state.base_momentums[..]), (&[0.1, 0.4][..], &[0.9, 0.9][..]));
    let mut algorithms = optimizer.algorithms().to_vec();
    state.undo(&mut algorithms);
    assert_eq!(
        algorithms.iter().map(|a| (a.lr(), a.momentum().unwrap())).collect::<Vec<_>>(),
        [(0.1, 0.9), (0.4, 0.9)]
    );
    // A plateau reduces what it finds.
    let plateau = ReduceLROnPlateau { patience: 1, factor: 0.5, ..ReduceLROnPlateau::default() };
    assert_eq!(joined(plateau, 1, 4), [vec![0.1], vec![0.1, 0.4], vec![0.1, 0.4], vec![0.05, 0.2]]);
}

/// A run that is to end otherwise than planned.
#[test]
fn a_schedule_may_end_and_another_begin() {
    let mut optimizer = optimizer(&sgd(), &[0.1, 0.2]);
    optimizer.set_schedule(StepLR { step_size: 1, gamma: 0.5 }).unwrap();
    advance(&mut optimizer, 0);
    let saved = optimizer.state();
    let ended = optimizer.end_schedule().unwrap();
    assert_eq!((Some(&ended), ended.step), (saved.schedule.as_ref(), 1));
    assert!(optimizer.end_schedule().is_none());
    optimizer.set_schedule(LinearLR { start_factor: 1.0, end_factor: 0.0, total_iters: 2 }).unwrap();
    let mut seen = vec![present(&optimizer)[1].0];
    for step in 0..2 {
        advance(&mut optimizer, step);
        seen.push(present(&optimizer)[1].0);
    }
    assert_eq!(seen, [0.1, 0.05, 0.0]);
}

/// A momentum that a schedule begins after steps without: the state holds it at once.
#[test]
fn a_momentum_may_begin_late() {
    let build = || optimizer(&Sgd { lr: 0.1, ..Sgd::default() }.into(), &[0.1, 0.2]);
    let one_cycle = OneCycleLR { max_lr: 0.1.into(), total_steps: 20, ..OneCycleLR::default() };
    let mut late = build();
    late.step().unwrap();
    assert!(late.state().tensors.is_empty());
    late.set_schedule(one_cycle.clone()).unwrap();
    let state = late.state();
    assert_eq!(state.tensor("p1.momentum_buffer").unwrap().to_vec(), [0.0]);
    let mut loaded = build();
    loaded.set_schedule(one_cycle).unwrap();
    loaded.load_state(state).unwrap();
    for optimizer in [&mut late, &mut loaded] {
        advance(optimizer, 0);
    }
    assert_eq!(late.state(), loaded.state());
    assert_eq!(late.state().tensor("p1.momentum_buffer").unwrap().to_vec(), [1.0]);
}

/// What a plateau has seen goes along, to the bit.
#[test]
fn a_plateau_remembers() {
    let plateau = ReduceLROnPlateau { patience: 1, cooldown: 2, factor: 0.5, ..ReduceLROnPlateau::default() };
    let mut optimizer = optimizer(&sgd(), &[0.1]);
    optimizer.set_schedule(plateau).unwrap();
    let mut seen = Vec::new();
    for metric in [0.3, 0.1 + 0.2, 0.5, 0.4, f64::NAN, 0.2] {
        optimizer.step().unwrap();
        optimizer.schedule_step_with(metric).unwrap();
        let state = optimizer.schedule().unwrap();
        let PlateauState { best, num_bad_epochs, cooldown_counter } = state.plateau.unwrap();
        seen.push((best.unwrap(), num_bad_epochs, cooldown_counter, optimizer.lr()));
        let read: gradus_optim::ScheduleState =
            serde_json::from_str(&serde_json::to_string(optimizer.schedule().unwrap()).unwrap()).unwrap();
        assert_eq!(&read, state);
    }
    let want = [(0.3, 0, 0, 0.1), (0.3, 1, 0, 0.1), (0.3, 0, 2, 0.05), (0.3, 0, 1, 0.05), (0.3, 0, 0, 0.05)];
    assert_eq!(seen[..5], want);
    assert_eq!(seen[5], (0.2, 0, 0, 0.05));
}

/// A function is taken from the schedule there is: a file holds its name.
#[test]
fn a_function_is_known_by_its_name() {
    let build = |name: &str| {
        let mut optimizer = optimizer(&sgd(), &[0.8]);
        optimizer.set_schedule(LambdaLR::new(name, |step| 1.0 / (1 + step) as f64)).unwrap();
        optimizer
    };
    let mut first = build("inverse");
    advance(&mut first, 0);
    let mut state = first.state();
    let json = serde_json::to_string(&state.schedule).unwrap();
    assert!(json.contains(r#""lr_lambda":{"all":"inverse"}"#), "{json}");
    state.schedule = serde_json::from_str(&json).unwrap();
    let other = build("cubic").load_state(state.clone()).unwrap_err().to_string();
    assert!(other.contains("Function(\"inverse\")") && other.contains("Function(\"cubic\")"), "{other}");
    let mut second = build("inverse");
    second.load_state(state).unwrap();
    advance(&mut second, 1);
    assert_eq!(second.lr(), 0.8 / 3.0);
}

/// Compositions hold compositions.
#[test]
fn compositions_nest() {
    let warm_up = LinearLR { start_factor: 0.5, end_factor: 1.0, total_iters: 2 };
    let inner = SequentialLR {
        schedulers: vec![warm_up.into(), StepLR { step_size: 2, gamma: 0.5 }.into()],
        milestones: vec![2],
    };
    let chain = ChainedScheduler { schedulers: vec![StepLR { step_size: 1, gamma: 0.5 }.into(), warm_up.into()] };
    let outer = SequentialLR { schedulers: vec![inner.into(), chain.into()], milestones: vec![6] };
    let expected = [0.5, 0.75, 1.0, 1.0, 0.5, 0.5, 0.5, 0.375, 0.25, 0.125];
    assert_eq!(joined(outer.clone(), 99, 10), expected.map(|lr| vec![lr * 0.1]));
    let cosine = CosineAnnealingLR { t_max: 4, eta_min: 0.0 };
    let twice = SequentialLR { schedulers: vec![outer.into(), cosine.into()], milestones: vec![8] };
    let lrs = joined(twice, 99, 13);
    assert_eq!((lrs[7][0], lrs[8][0], lrs[12][0]), (0.1 * 0.375, 0.1, 0.0));
}
