//! Schedules that PyTorch does not have, against their formulas, and what PyTorch's do where its own have no value.

use gradus_optim::{
    CosineAnnealingWarmRestarts, CyclicLR, Decay, Group, InverseSqrt, OneCycleLR, PerGroup, Schedule, WarmupCosine,
    WarmupStableDecay,
};

fn check(schedule: impl Into<Schedule>, formula: impl Fn(f64) -> f64) {
    let schedule = schedule.into();
    schedule.check().unwrap();
    for base in [0.1, 0.037] {
        let curve = schedule.curve(base, 300);
        for (step, &lr) in curve.lrs.iter().enumerate() {
            let expected = base * formula(step as f64);
            assert!((lr - expected).abs() <= 1e-12 * expected.abs(), "{schedule:?}, step {step}: {lr}, not {expected}");
            assert_eq!(schedule.lr(base, step as u64), lr);
        }
    }
}

#[test]
fn formulas() {
    use std::f64::consts::PI;
    check(WarmupCosine { warmup_steps: 20, decay_steps: 250, floor: 0.1 }, |step| match step {
        ..20.0 => (step + 1.0) / 21.0,
        ..=250.0 => 0.1 + 0.9 * (0.5 + 0.5 * (PI * (step - 20.0) / 230.0).cos()),
        _ => 0.1,
    });
    for (decay, shape) in [
        (Decay::Linear, (|t| 1.0 - t) as fn(f64) -> f64),
        (Decay::Cosine, |t| (1.0 + (PI * t).cos()) / 2.0),
        (Decay::OneMinusSqrt, |t| 1.0 - t.sqrt()),
    ] {
        let schedule = WarmupStableDecay { warmup_steps: 10, stable_steps: 200, decay_steps: 50, decay, floor: 0.05 };
        check(schedule, |step| match step {
            ..10.0 => (step + 1.0) / 11.0,
            ..210.0 => 1.0,
            ..260.0 => 0.05 + 0.95 * shape((step - 210.0) / 50.0),
            _ => 0.05,
        });
    }
    let sudden = WarmupStableDecay { warmup_steps: 0, stable_steps: 2, decay_steps: 0, ..Default::default() };
    check(sudden, |step| if step < 2.0 { 1.0 } else { 0.0 });
    let peak = 40f64.powf(-0.5);
    check(InverseSqrt { warmup_steps: 40 }, |step| (step + 1.0).powf(-0.5).min((step + 1.0) * 40f64.powf(-1.5)) / peak);
}

/// PyTorch's formula goes past its end after the last call, and below 0 where it is linear.
#[test]
fn one_cycle_holds_its_end() {
    use gradus_optim::Anneal;
    for anneal_strategy in [Anneal::Cos, Anneal::Linear] {
        let one_cycle = OneCycleLR { max_lr: 0.1.into(), total_steps: 10, anneal_strategy, ..OneCycleLR::default() };
        let schedule = Schedule::from(one_cycle);
        let end = 0.1 / 25.0 / 1e4;
        for step in [9, 10, 1000] {
            assert!((schedule.lr(1.0, step) / end - 1.0).abs() < 1e-9);
            assert_eq!(schedule.momentum(0, step), Some(0.95));
        }
        assert_eq!(schedule.last_step(), Some(10));
    }
    // A way up of no length, where PyTorch divides by 0.
    let one_cycle = OneCycleLR { max_lr: 0.1.into(), total_steps: 10, pct_start: 0.1, ..OneCycleLR::default() };
    assert_eq!(Schedule::from(one_cycle).lr(1.0, 0), 0.1);
}

/// Restarts are at whole numbers, however far: PyTorch takes a logarithm where steps are fractions, which misses some.
#[test]
fn restarts_are_exact() {
    let schedule = |steps_per_epoch| {
        Schedule::from(CosineAnnealingWarmRestarts { t_0: 1, t_mult: 3, steps_per_epoch, ..Default::default() })
    };
    let mut restart = 0;
    for period in (0..30).map(|n| 3u64.pow(n)) {
        assert_eq!(schedule(1).lr(0.1, restart), 0.1);
        assert_eq!(schedule(7).lr(0.1, 7 * restart), 0.1);
        restart += period;
    }
    assert_eq!(schedule(1).lr(0.1, 1 + 3 + 4), schedule(7).lr(0.1, 7 * (1 + 3 + 4)));
    assert!(schedule(u64::MAX).lr(0.1, u64::MAX).is_finite());
}

#[test]
fn groups_have_values_of_their_own() {
    let schedule = Schedule::from(CyclicLR {
        base_lr: vec![0.01, 0.02].into(),
        max_lr: PerGroup::Each(vec![0.1, 0.2]),
        step_size_up: 2,
        ..CyclicLR::default()
    });
    let second = Group { index: 1, base_lr: 7.0 };
    assert_eq!([schedule.lr(7.0, 2), schedule.lr(second, 2), schedule.lr(second, 4)], [0.1, 0.2, 0.02]);
    assert_eq!((schedule.momentum(1, 2), schedule.momentum(1, 4)), (Some(0.8), Some(0.9)));
}
