//! A step length that meets the strong Wolfe conditions.

use gradus_tensor::{Float, Tensor};

/// The function along a direction, at step length `t`.
#[derive(Clone)]
pub(super) struct Point<T: Float> {
    pub(super) t: f64,
    pub(super) loss: f64,
    pub(super) gradient: Tensor<T>,
    /// The gradient times the direction.
    pub(super) slope: f64,
}

/// How much of the descent that the slope promises a step must bring, and how much of the slope may be left.
const ENOUGH: f64 = 1e-4;
const FLAT: f64 = 0.9;

/// Where a search may stop.
pub(super) struct Limits {
    /// The direction's largest element.
    pub(super) largest: f64,
    /// The smallest change of a parameter that a bracket is for.
    pub(super) change: f64,
    pub(super) evaluations: u64,
}

/// The point found from `start`, whose `t` is 0, with `t` as the first trial, and the number of evaluations: the
/// bracketing and zooming of PyTorch's `_strong_wolfe` (Nocedal and Wright, algorithms 3.5 and 3.6).
pub(super) fn strong_wolfe<T: Float, E>(
    mut evaluate: impl FnMut(f64) -> Result<Point<T>, E>,
    start: &Point<T>,
    t: f64,
    limits: &Limits,
) -> Result<(Point<T>, u64), E> {
    let too_high = |point: &Point<T>| point.loss > start.loss + ENOUGH * point.t * start.slope;
    let flat = |point: &Point<T>| point.slope.abs() <= -FLAT * start.slope;
    let (mut previous, mut new) = (start.clone(), evaluate(t)?);
    let (mut evaluations, mut trials) = (1, 0);
    let mut bracket = loop {
        if trials >= limits.evaluations {
            break [start.clone(), new];
        }
        if too_high(&new) || (trials > 1 && new.loss >= previous.loss) {
            break [previous, new];
        }
        if flat(&new) {
            return Ok((new, evaluations));
        }
        if new.slope >= 0.0 {
            break [previous, new];
        }
        let bounds = (new.t + 0.01 * (new.t - previous.t), new.t * 10.0);
        let t = cubic_minimum(&previous, &new, bounds);
        previous = std::mem::replace(&mut new, evaluate(t)?);
        evaluations += 1;
        trials += 1;
    };
    let lower = |bracket: &[Point<T>; 2]| usize::from(bracket[0].loss > bracket[1].loss || bracket[0].loss.is_nan());
    let (mut low, mut stuck) = (lower(&bracket), false);
    while trials < limits.evaluations {
        let (least, most) = ordered(bracket[0].t, bracket[1].t);
        if (most - least) * limits.largest < limits.change {
            break;
        }
        let t = cubic_minimum(&bracket[0], &bracket[1], (least, most));
        let t = away_from_ends(t, least, most, &mut stuck);
        let new = evaluate(t)?;
        evaluations += 1;
        trials += 1;
        let high = 1 - low;
        if too_high(&new) || new.loss >= bracket[low].loss {
            bracket[high] = new;
            low = lower(&bracket);
            continue;
        }
        let done = flat(&new);
        if !done && new.slope * (bracket[high].t - bracket[low].t) >= 0.0 {
            bracket[high] = bracket[low].clone();
        }
        bracket[low] = new;
        if done {
            break;
        }
    }
    let [first, second] = bracket;
    Ok((if low == 0 { first } else { second }, evaluations))
}

/// `t`, or a tenth of the bracket away from its nearer end where the last trial was that near too, or `t` is outside.
fn away_from_ends(t: f64, least: f64, most: f64, stuck: &mut bool) -> f64 {
    let margin = 0.1 * (most - least);
    if (most - t).min(t - least) >= margin {
        *stuck = false;
        return t;
    }
    if !*stuck && t < most && t > least {
        *stuck = true;
        return t;
    }
    *stuck = false;
    if (t - most).abs() < (t - least).abs() { most - margin } else { least + margin }
}

/// The minimum, within bounds, of the cubic with the values and slopes of two points; the bounds' middle where it has
/// none.
fn cubic_minimum<T: Float>(a: &Point<T>, b: &Point<T>, (least, most): (f64, f64)) -> f64 {
    let (a, b) = if a.t <= b.t { (a, b) } else { (b, a) };
    let d1 = a.slope + b.slope - 3.0 * (a.loss - b.loss) / (a.t - b.t);
    let square = d1 * d1 - a.slope * b.slope;
    if square < 0.0 || square.is_nan() {
        return (least + most) / 2.0;
    }
    let d2 = square.sqrt();
    let t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2));
    let t = if least > t { least } else { t };
    if most < t { most } else { t }
}

fn ordered(a: f64, b: f64) -> (f64, f64) {
    if b < a { (b, a) } else { (a, b) }
}
