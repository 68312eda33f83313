//! What cannot work is refused, with what to do.

use gradus_optim::{
    Adadelta, Algorithm, AnySchedule, ChainedScheduler, ConstantLR, CosineAnnealingLR, CosineAnnealingWarmRestarts,
    CyclicLR, CyclicMode, ExponentialLR, Function, InverseSqrt, LambdaLR, LinearLR, MultiStepLR, MultiplicativeLR,
    OneCycleLR, OptimError, PerGroup, PolynomialLR, ReduceLROnPlateau, Schedule, ScheduleState, SequentialLR, StepLR,
    WarmupCosine, WarmupStableDecay,
};

use crate::{adam, group, optimizer, present, sgd};

/// The error of setting this schedule, which changes nothing.
fn refused(schedule: impl Into<AnySchedule>) -> String {
    let mut optimizer = optimizer(&sgd(), &[0.1, 0.2]);
    let before = (optimizer.state(), present(&optimizer));
    let error = optimizer.set_schedule(schedule).unwrap_err().to_string();
    assert_eq!((optimizer.state(), present(&optimizer)), before);
    error
}

/// A function as a file has it.
fn nameless() -> PerGroup<Function> {
    PerGroup::All(Function::from("f".to_owned()))
}

#[test]
fn hyper_parameters_out_of_their_range() {
    let file = "the function f was read from a file, which holds its name alone; make it with Function::new";
    let one_cycle = || OneCycleLR { max_lr: 0.1.into(), total_steps: 9, ..OneCycleLR::default() };
    let cyclic = || CyclicLR { max_lr: 0.1.into(), ..CyclicLR::default() };
    let cosine = CosineAnnealingWarmRestarts { t_0: 3, ..Default::default() };
    let plateau = ReduceLROnPlateau::default;
    let cases: Vec<(AnySchedule, &str)> = vec![
        (LambdaLR { lr_lambda: nameless() }.into(), file),
        (MultiplicativeLR { lr_lambda: nameless() }.into(), file),
        (StepLR { step_size: 0, gamma: 0.1 }.into(), "step_size is 0, but must be at least 1"),
        (StepLR { step_size: 1, gamma: -1.0 }.into(), "gamma is -1, but must be a finite number of at least 0"),
        (MultiStepLR { gamma: f64::NAN, ..Default::default() }.into(), "gamma is NaN"),
        (ConstantLR { factor: 1.5, total_iters: 1 }.into(), "factor is 1.5, but must be from 0 to 1"),
        (ConstantLR { factor: 0.5, total_iters: 0 }.into(), "total_iters is 0, but must be at least 1"),
        (LinearLR { start_factor: 0.0, ..Default::default() }.into(), "start_factor is 0, but must be above 0 and"),
        (LinearLR { end_factor: -0.1, ..Default::default() }.into(), "end_factor is -0.1, but must be from 0 to 1"),
        (LinearLR { total_iters: 0, ..Default::default() }.into(), "total_iters is 0, but must be at least 1"),
        (ExponentialLR { gamma: f64::INFINITY }.into(), "gamma is inf, but must be a finite number of at least 0"),
        (PolynomialLR { total_iters: 0, power: 1.0 }.into(), "total_iters is 0"),
        (PolynomialLR { total_iters: 1, power: -1.0 }.into(), "power is -1, but must be a finite number of at least 0"),
        (CosineAnnealingLR::default().into(), "t_max is 0, but must be at least 1"),
        (CosineAnnealingLR { t_max: 1, eta_min: -1.0 }.into(), "eta_min is -1"),
        (CosineAnnealingWarmRestarts::default().into(), "t_0 is 0, but must be at least 1"),
        (CosineAnnealingWarmRestarts { t_mult: 0, ..cosine }.into(), "t_mult is 0"),
        (CosineAnnealingWarmRestarts { eta_min: f64::NAN, ..cosine }.into(), "eta_min is NaN"),
        (CosineAnnealingWarmRestarts { steps_per_epoch: 0, ..cosine }.into(), "steps_per_epoch is 0"),
        (
            OneCycleLR { total_steps: 9, ..Default::default() }.into(),
            "max_lr is 0, but must be a finite number above 0",
        ),
        (OneCycleLR { max_lr: 0.1.into(), ..Default::default() }.into(), "total_steps is 0, but must be at least 1"),
        (OneCycleLR { pct_start: 1.1, ..one_cycle() }.into(), "pct_start is 1.1, but must be from 0 to 1"),
        (OneCycleLR { base_momentum: 0.0.into(), ..one_cycle() }.into(), "base_momentum is 0, but must be above 0 and"),
        (OneCycleLR { max_momentum: 1.0.into(), ..one_cycle() }.into(), "max_momentum is 1, but must be above 0 and"),
        (OneCycleLR { div_factor: 0.0, ..one_cycle() }.into(), "div_factor is 0"),
        (OneCycleLR { final_div_factor: -1.0, ..one_cycle() }.into(), "final_div_factor is -1"),
        (CyclicLR::default().into(), "max_lr is 0, but must be a finite number above 0"),
        (CyclicLR { base_lr: vec![0.1, -0.1].into(), ..cyclic() }.into(), "base_lr is -0.1"),
        (CyclicLR { step_size_up: 0, ..cyclic() }.into(), "step_size_up is 0"),
        (CyclicLR { step_size_down: Some(0), ..cyclic() }.into(), "step_size_down is 0"),
        (CyclicLR { gamma: -1.0, ..cyclic() }.into(), "gamma is -1"),
        (CyclicLR { mode: CyclicMode::ScaleSteps("f".to_owned().into()), ..cyclic() }.into(), file),
        (CyclicLR { base_momentum: 1.5.into(), ..cyclic() }.into(), "base_momentum is 1.5"),
        (ReduceLROnPlateau { factor: 1.0, ..plateau() }.into(), "factor is 1, but must be at least 0 and below 1"),
        (ReduceLROnPlateau { threshold: -1.0, ..plateau() }.into(), "threshold is -1"),
        (ReduceLROnPlateau { min_lr: (-1.0).into(), ..plateau() }.into(), "min_lr is -1"),
        (ReduceLROnPlateau { eps: f64::NAN, ..plateau() }.into(), "eps is NaN"),
        (WarmupCosine { decay_steps: 9, warmup_steps: 9, floor: 0.1 }.into(), "decay_steps is 9, but must be above"),
        (WarmupCosine { floor: 2.0, ..Default::default() }.into(), "floor is 2, but must be from 0 to 1"),
        (WarmupStableDecay { floor: 2.0, ..Default::default() }.into(), "floor is 2, but must be from 0 to 1"),
        (InverseSqrt { warmup_steps: 0 }.into(), "warmup_steps is 0, but must be at least 1"),
    ];
    for (schedule, message) in cases {
        let expected = format!("{}: {message}", schedule.name());
        let error = refused(schedule);
        assert!(error.starts_with(&expected), "{error}, not {expected}");
    }
}

#[test]
fn values_for_other_numbers_of_groups() {
    let three = || PerGroup::Each(vec![0.1; 3]);
    let functions = || PerGroup::Each(vec![Function::new("f", |_| 1.0)]);
    let max_lr = || PerGroup::All(0.1);
    let cases: Vec<(AnySchedule, &str)> = vec![
        (LambdaLR { lr_lambda: functions() }.into(), "lr_lambda has 1 values"),
        (MultiplicativeLR { lr_lambda: functions() }.into(), "lr_lambda has 1 values"),
        (OneCycleLR { max_lr: three(), total_steps: 9, ..Default::default() }.into(), "max_lr has 3 values"),
        (CyclicLR { max_lr: max_lr(), base_lr: three(), ..Default::default() }.into(), "base_lr has 3 values"),
        (CyclicLR { max_lr: max_lr(), max_momentum: three(), ..Default::default() }.into(), "max_momentum has 3"),
        (ReduceLROnPlateau { min_lr: three(), ..Default::default() }.into(), "min_lr has 3 values"),
    ];
    for (schedule, message) in cases {
        let expected = format!("{}: {message}", schedule.name());
        let inner = if let AnySchedule::Steps(schedule) = &schedule { Some(schedule.clone()) } else { None };
        let error = refused(schedule);
        assert!(error.starts_with(&expected) && error.contains("but there are 2 groups; give one for all"), "{error}");
        // In a composition as well.
        if let Some(inner) = inner {
            assert_eq!(refused(ChainedScheduler { schedulers: vec![inner.clone()] }), error);
            assert_eq!(refused(SequentialLR { schedulers: vec![inner], milestones: vec![] }), error);
        }
    }
    let mut optimizer = optimizer(&sgd(), &[0.1, 0.2]);
    optimizer.set_schedule(ReduceLROnPlateau { min_lr: vec![0.1; 2].into(), ..Default::default() }).unwrap();
    let before = optimizer.state();
    let error = optimizer.add_group(group("late", &sgd(), 0.1)).unwrap_err().to_string();
    assert!(error.contains("min_lr has 2 values, but there are 3 groups"), "{error}");
    assert_eq!(optimizer.state(), before);
}

#[test]
fn compositions_that_do_not_hold_together() {
    let step = || Schedule::from(StepLR { step_size: 3, gamma: 0.5 });
    let sequence = |count: usize, milestones: &[u64]| {
        refused(SequentialLR { schedulers: vec![step(); count], milestones: milestones.to_vec() })
    };
    assert_eq!(sequence(0, &[]), "SequentialLR: 0 schedules need 0 milestones, not 0");
    assert_eq!(sequence(2, &[]), "SequentialLR: 2 schedules need 1 milestones, not 0");
    assert_eq!(sequence(2, &[0]), "SequentialLR: the milestones [0] must rise from above 0");
    assert_eq!(sequence(3, &[5, 5]), "SequentialLR: the milestones [5, 5] must rise from above 0");
    assert_eq!(refused(ChainedScheduler { schedulers: vec![] }), "ChainedScheduler: there is no schedule in it");
    let frozen = ConstantLR { factor: 0.0, total_iters: 3 };
    let error = refused(ChainedScheduler { schedulers: vec![frozen.into()] });
    assert_eq!(error, "ChainedScheduler: the factor of a ConstantLR in it must be above 0");
    let bad = StepLR { step_size: 0, gamma: 0.5 };
    assert!(refused(ChainedScheduler { schedulers: vec![step(), bad.into()] }).contains("step_size is 0"));
    assert!(refused(SequentialLR { schedulers: vec![bad.into()], milestones: vec![] }).contains("step_size is 0"));
    let one_cycle = || OneCycleLR { max_lr: 0.1.into(), total_steps: 10, ..OneCycleLR::default() };
    let short = SequentialLR { schedulers: vec![one_cycle().into(), step()], milestones: vec![12] };
    assert_eq!(refused(short), "SequentialLR: OneCycleLR ends after 10 steps, but the next begins at step 12");
    let fits = SequentialLR { schedulers: vec![one_cycle().into(), one_cycle().into()], milestones: vec![11] };
    assert_eq!((fits.clone().milestones.len(), Schedule::from(fits.clone()).last_step()), (1, Some(21)));
    assert!(Schedule::from(fits).check().is_ok());
}

#[test]
fn momentum_where_there_is_none() {
    let mut optimizer = optimizer(&Adadelta::default().into(), &[0.1]);
    let one_cycle = OneCycleLR { max_lr: 0.1.into(), total_steps: 10, ..OneCycleLR::default() };
    let error = optimizer.set_schedule(one_cycle.clone()).unwrap_err().to_string();
    let cure = "adadelta has neither momentum nor betas to cycle; set cycle_momentum to false";
    assert_eq!(error, format!("OneCycleLR: {cure}"));
    let chain = ChainedScheduler { schedulers: vec![one_cycle.clone().into()] };
    assert_eq!(optimizer.set_schedule(chain).unwrap_err().to_string(), format!("ChainedScheduler: {cure}"));
    optimizer.set_schedule(OneCycleLR { cycle_momentum: false, ..one_cycle }).unwrap();
}

/// As in PyTorch, what has `momentum` or `betas` has a momentum to cycle.
#[test]
fn every_algorithm_names_its_momentum() {
    for name in Algorithm::NAMES {
        let mut algorithm = Algorithm::by_name(name).unwrap();
        let read = |algorithm: &Algorithm| {
            let json = serde_json::to_value(algorithm).unwrap();
            let fields = json.as_object().unwrap().values().next().unwrap();
            fields.get("momentum").or(fields.get("betas").and_then(|betas| betas.get(0))).and_then(|x| x.as_f64())
        };
        assert_eq!(algorithm.momentum(), read(&algorithm), "{name}: Rule::momentum_mut");
        if let Some(momentum) = algorithm.momentum_mut() {
            *momentum = 0.625;
            assert_eq!(read(&algorithm), Some(0.625), "{name}");
        }
    }
}

#[test]
fn steps_in_the_wrong_order_or_of_the_wrong_kind() {
    let one_cycle = OneCycleLR { max_lr: 0.1.into(), total_steps: 3, ..OneCycleLR::default() };
    let mut followed = optimizer(&adam(), &[0.1]);
    followed.schedule_step().unwrap();
    followed.schedule_step_with(1.0).unwrap();
    followed.step().unwrap();
    followed.set_schedule(one_cycle).unwrap();
    let early = followed.schedule_step().unwrap_err();
    assert_eq!(early, OptimError::ScheduleBeforeStep { schedule: "OneCycleLR" });
    assert!(early.to_string().contains("call step first, schedule_step after it"));
    followed.step().unwrap();
    let kind = followed.schedule_step_with(1.0).unwrap_err();
    assert_eq!(kind.to_string(), "OneCycleLR follows no metric; call schedule_step in place of schedule_step_with");
    (0..3).for_each(|_| followed.schedule_step().unwrap());
    let before = present(&followed);
    let ended = followed.schedule_step().unwrap_err();
    assert_eq!(ended, OptimError::ScheduleEnded { schedule: "OneCycleLR", last: 3 });
    assert_eq!((present(&followed), followed.schedule().unwrap().step), (before, 3));
    let again = followed.set_schedule(StepLR::default()).unwrap_err().to_string();
    assert!(again.contains("follows the schedule OneCycleLR already") && again.contains("ChainedScheduler"), "{again}");

    let mut plateau = optimizer(&adam(), &[0.1]);
    plateau.set_schedule(ReduceLROnPlateau::default()).unwrap();
    assert!(matches!(plateau.schedule_step_with(1.0), Err(OptimError::ScheduleBeforeStep { .. })));
    plateau.step().unwrap();
    let kind = plateau.schedule_step().unwrap_err().to_string();
    assert!(kind.starts_with("ReduceLROnPlateau follows a metric; call schedule_step_with(metric)"), "{kind}");
    assert_eq!(plateau.schedule().unwrap().step, 0);
}

#[test]
fn states_of_other_schedules() {
    let build = |schedule: Option<AnySchedule>| {
        let mut optimizer = optimizer(&sgd(), &[0.1]);
        schedule.into_iter().for_each(|schedule| optimizer.set_schedule(schedule).unwrap());
        optimizer
    };
    let refused = |ours: Option<AnySchedule>, theirs: Option<AnySchedule>| {
        let mut optimizer = build(ours);
        let before = optimizer.state();
        let error = optimizer.load_state(build(theirs).state()).unwrap_err().to_string();
        assert_eq!(optimizer.state(), before);
        error
    };
    let step = |step_size| Some(StepLR { step_size, gamma: 0.5 }.into());
    let plateau = || Some(ReduceLROnPlateau::default().into());
    let late = refused(None, step(2));
    assert!(late.contains("its schedule is StepLR, this one's none; call set_schedule with the same"), "{late}");
    let begun = refused(step(2), None);
    assert!(begun.contains("it has no schedule, this one StepLR; load it first"), "{begun}");
    let other = refused(step(3), step(2));
    assert!(other.contains("StepLR { step_size: 2, gamma: 0.5 }") && other.contains("step_size: 3"), "{other}");
    assert!(refused(step(2), plateau()).contains("its schedule is Metric(ReduceLROnPlateau {"));

    // States that no optimizer wrote.
    let good = build(plateau()).state();
    let check = |change: fn(&mut ScheduleState), message: &str| {
        let mut state = good.clone();
        change(state.schedule.as_mut().unwrap());
        let error = build(plateau()).load_state(state).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    };
    check(|state| state.base_lrs.clear(), "its ReduceLROnPlateau has 0 base_lrs for 1 groups");
    check(|state| state.base_momentums.push(0.9), "its ReduceLROnPlateau has 1 base_momentums, not 0");
    check(|state| state.plateau = None, "its ReduceLROnPlateau has no plateau");

    // A file of before, and one from elsewhere.
    let read = |json: &str| serde_json::from_str::<ScheduleState>(json).unwrap_err().to_string();
    let old = r#"{"schedule": {"StepLR": {"step_size": 2, "gamma": 0.5}}, "base_lrs": [0.1], "step": 3}"#;
    assert!(read(old).contains("unknown variant `StepLR`, expected `Steps` or `Metric`"), "{}", read(old));
    let partial =
        r#"{"schedule": {"Steps": {"StepLR": {"step_size": 2, "gamma": 0.5}}}, "base_lrs": [0.1], "step": 3}"#;
    assert!(read(partial).contains("missing field `base_momentums`"), "{}", read(partial));
    let more = r#"{"schedule": {"Steps": {"StepLR": {"step_size": 2, "gamma": 0.5, "verbose": true}}}}"#;
    assert!(read(more).contains("unknown field `verbose`"), "{}", read(more));
}
