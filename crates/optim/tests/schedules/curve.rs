//! Schedules as plots.

use gradus_optim::{Curve, LinearLR, Schedule, StepLR, WarmupCosine};

#[test]
fn a_curve_is_what_training_sees() {
    let schedule = Schedule::from(StepLR { step_size: 2, gamma: 0.5 });
    let curve = schedule.curve(0.8, 5);
    assert_eq!(curve.lrs, [0.8, 0.8, 0.4, 0.4, 0.2]);
}

#[test]
fn plots() {
    let steps = Schedule::from(StepLR { step_size: 10, gamma: 0.5 }).curve(0.1, 40).size(20, 4);
    assert_eq!(
        steps.to_string(),
        "\
0.1 ┤⠉⠉⠉⠉⠉⡇⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀
    │⠀⠀⠀⠀⠀⡇⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀
    │⠀⠀⠀⠀⠀⠉⠉⠉⠉⠉⣇⣀⣀⣀⣀⡀⠀⠀⠀⠀
  0 ┤⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠓⠒⠒⠒⠒
    └────────────────────
     0                 39"
    );
    let cosine = Schedule::from(WarmupCosine { warmup_steps: 50, decay_steps: 300, floor: 0.1 });
    println!("{}", cosine.curve(3e-4, 300));
    let _ = Schedule::from(LinearLR::default());
}

/// Whatever the numbers and the size are, it is a rectangle.
#[test]
fn plots_have_their_size() {
    for lrs in [vec![], vec![0.0], vec![0.5; 3], vec![1e-9, f64::NAN, -1e-9], vec![f64::INFINITY; 2], vec![1e-300; 500]]
    {
        for (width, height) in [(0, 0), (11, 3), (60, 10)] {
            let plot = Curve::new(lrs.clone()).size(width, height).to_string();
            let widths: Vec<usize> = plot.lines().map(|line| line.chars().count()).collect();
            assert_eq!(widths.len(), height.max(2) + 2, "{plot}");
            assert!(widths.iter().all(|w| *w == widths[0]), "{widths:?}:\n{plot}");
        }
    }
}
