//! Schedule-free AdamW.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Start, Step, lerp, require, require_betas, require_not_negative};

/// AdamW that averages in place of a schedule (Defazio et al., NeurIPS 2024, [arXiv:2405.15682]). At step t, with
/// `lr(t) = lr min(1, t / warmup_steps)` and the weight `w(t) = t^r (largest lr so far)^weight_lr_power`:
///
/// ```text
/// v <- beta2 v + (1 - beta2) g^2
/// d = g / (sqrt(v / (1 - beta2^t)) + eps) + weight_decay y
/// c = w(t) / (w(1) + ... + w(t))
/// y <- y + c (z - y) - lr(t) (1 - beta1 (1 - c)) d
/// z <- z - lr(t) d
/// ```
///
/// The parameter is `y`, where gradients are taken, while training, and the average `x = y + (1 - 1 / beta1) (z - y)`
/// after [`Optimizer::eval`](crate::Optimizer::eval); [`Optimizer::train`](crate::Optimizer::train) goes back. The two
/// moves undo each other up to rounding. 28 bytes a parameter pass through memory in f32.
///
/// [arXiv:2405.15682]: https://arxiv.org/abs/2405.15682
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleFreeAdamW {
    /// Learning rate.
    pub lr: f64,
    /// How near to the average gradients are taken, and how slowly the mean of squares forgets.
    pub betas: [f64; 2],
    /// Keeps the divisor from 0.
    pub eps: f64,
    /// The part of itself that a parameter loses a step, times lr.
    pub weight_decay: f64,
    /// Steps in which the learning rate grows from 0.
    pub warmup_steps: u64,
    /// How much more late steps weigh in the average.
    pub r: f64,
    /// How much more steps of a large learning rate weigh in the average.
    pub weight_lr_power: f64,
    /// Whether parameters are where gradients are taken; [`Optimizer::eval`](crate::Optimizer::eval) and
    /// [`Optimizer::train`](crate::Optimizer::train) change it.
    pub train_mode: bool,
}

/// Those of the authors' program: lr 2.5e-3, betas 0.9 and 0.999, eps 1e-8, weight_lr_power 2, all else off.
impl Default for ScheduleFreeAdamW {
    fn default() -> Self {
        Self {
            lr: 2.5e-3,
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 0.0,
            warmup_steps: 0,
            r: 0.0,
            weight_lr_power: 2.0,
            train_mode: true,
        }
    }
}

impl Rule for ScheduleFreeAdamW {
    const NAME: &'static str = "schedule_free_adamw";

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        let z = Slot { name: "z", shape: shape.to_vec(), start: Start::Parameter };
        let numbers = Slot::zeros(&["lr_max", "weight_sum"], &[]);
        [z, Slot::filled("exp_avg_sq", shape, 0.0)].into_iter().chain(numbers).collect()
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        require_betas::<Self>(self.betas)?;
        require::<Self>(self.betas[0] > 0.0, "beta1", self.betas[0], "above 0 and below 1")?;
        require_not_negative::<Self>("eps", self.eps)?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)?;
        require_not_negative::<Self>("r", self.r)?;
        require_not_negative::<Self>("weight_lr_power", self.weight_lr_power)
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.weight_decay)
    }

    fn momentum_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.betas[0])
    }

    fn is_training(&self) -> bool {
        self.train_mode
    }

    fn switch(&mut self, training: bool) -> Option<f64> {
        let beta1 = self.betas[0];
        let weight = if training { 1.0 - beta1 } else { 1.0 - 1.0 / beta1 };
        (std::mem::replace(&mut self.train_mode, training) != training).then_some(weight)
    }
}

impl Elementwise for ScheduleFreeAdamW {
    const NUMBERS: usize = 2;

    /// The step's learning rate and `c`.
    fn advance<T: Float>(&self, step: u64, numbers: &mut [T]) -> [f64; 2] {
        let warmed = if step < self.warmup_steps { step as f64 / self.warmup_steps as f64 } else { 1.0 };
        let lr = self.lr * warmed;
        let largest = lr.max(numbers[0].as_());
        let weight = (step as f64).powf(self.r) * largest.powf(self.weight_lr_power);
        let sum = weight + numbers[1].as_();
        (numbers[0], numbers[1]) = (T::from_f64(largest), T::from_f64(sum));
        [lr, if sum > 0.0 { weight / sum } else { 0.0 }]
    }

    #[inline(always)]
    fn update<T: Float>(&self, step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let [lr, c] = step.numbers;
        let correction = T::from_f64(1.0 - self.betas[1].powf(step.count as f64));
        let y_step = T::from_f64(lr * (self.betas[0] * (1.0 - c) - 1.0));
        let [lr, eps, weight_decay] = [lr, self.eps, self.weight_decay].map(T::from_f64);
        let [beta2, one_minus_beta2] = [self.betas[1], 1.0 - self.betas[1]].map(T::from_f64);
        let average = lerp(c);
        let [z, v] = slots else { panic!("schedule-free AdamW keeps two tensors a parameter") };
        for (((y, &g), z), v) in param.iter_mut().zip(grad).zip(z.iter_mut()).zip(v.iter_mut()) {
            *v = beta2 * *v + one_minus_beta2 * g * g;
            let d = g / ((*v / correction).sqrt() + eps) + weight_decay * *y;
            *y = average(*y, *z) + y_step * d;
            *z -= lr * d;
        }
    }
}
