//! L-BFGS: a method of all parameters together, whose step evaluates the loss several times.

mod history;
mod line_search;
mod settings;
mod state;

use gradus_autograd::{AutogradError, Param, Var};
use gradus_tensor::{Float, Tensor};

use crate::error::OptimError;
use history::{History, dot, largest, plus};
use line_search::{Limits, Point, strong_wolfe};
pub use settings::{Lbfgs, LineSearch};
pub use state::LbfgsState;

/// Runs [`Lbfgs`] over named parameters. A step gets the loss as a closure, which it calls as often as it needs:
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::{Lbfgs, LbfgsOptimizer};
/// use gradus_tensor::Tensor;
///
/// let w = Param::new(Tensor::from_vec(vec![3.0f32], [1]));
/// let mut optimizer = LbfgsOptimizer::new([("w".to_owned(), w.clone())], Lbfgs::default())?;
/// optimizer.step(|| (w.var() * w.var()).sum())?;
/// assert!(w.value().item().abs() < 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The closure must give the same loss for the same parameters: whole data, no dropout. There are no groups, as in
/// PyTorch; a parameter without gradient counts as one whose gradient is 0.
#[derive(Debug)]
pub struct LbfgsOptimizer<T: Float = f32> {
    settings: Lbfgs,
    parameters: Vec<(String, Param<T>)>,
    n_iter: u64,
    func_evals: u64,
    /// None before the first direction.
    history: Option<History<T>>,
}

impl<T: Float> LbfgsOptimizer<T> {
    /// An optimizer of these parameters: give it `model.named_parameters()`.
    ///
    /// # Errors
    /// If there are no parameters, one comes twice, or a hyper-parameter is out of its range.
    pub fn new(
        named_parameters: impl IntoIterator<Item = (String, Param<T>)>,
        settings: Lbfgs,
    ) -> Result<Self, OptimError> {
        settings.check()?;
        let mut parameters: Vec<(String, Param<T>)> = Vec::new();
        for (name, parameter) in named_parameters {
            let same = |(other, present): &&(String, Param<T>)| present.is_same(&parameter) || *other == name;
            if let Some((first, _)) = parameters.iter().find(same) {
                return Err(OptimError::Duplicate { first: first.clone(), second: name });
            }
            parameters.push((name, parameter));
        }
        if parameters.is_empty() {
            return Err(OptimError::NoParameters);
        }
        Ok(Self { settings, parameters, n_iter: 0, func_evals: 0, history: None })
    }

    /// The hyper-parameters.
    pub fn settings(&self) -> &Lbfgs {
        &self.settings
    }

    /// The hyper-parameters, to be changed for the steps to come.
    pub fn settings_mut(&mut self) -> &mut Lbfgs {
        &mut self.settings
    }

    /// How often the loss has been evaluated.
    pub fn evaluations(&self) -> u64 {
        self.func_evals
    }

    /// Takes up to `max_iter` directions, and gives back the loss before the first. Sets the gradients of the
    /// parameters to none before each evaluation, and leaves those of the last one.
    ///
    /// # Errors
    /// If the loss has no gradient, as [`Var::backward`] says; parameters are those of that evaluation then.
    pub fn step(&mut self, mut loss: impl FnMut() -> Var<T>) -> Result<f64, AutogradError> {
        let settings = self.settings;
        let sign = if settings.maximize { -1.0 } else { 1.0 };
        let (mut now, mut gradient) = self.evaluate(&mut loss)?;
        let first = sign * now;
        if largest(&gradient) <= settings.tolerance_grad {
            return Ok(first);
        }
        let mut evaluations = 1;
        for iteration in 1..=settings.max_iter {
            self.n_iter += 1;
            let mut history = match self.history.take() {
                Some(mut history) => {
                    history.turn(&gradient, now, settings.history_size);
                    history
                }
                None => History::begin(&gradient, now),
            };
            let steepest: f64 = gradient.map(|g| g.abs()).sum().item().as_();
            history.t = settings.lr * if self.n_iter == 1 { (1.0 / steepest).min(1.0) } else { 1.0 };
            let slope = dot(&gradient, &history.direction);
            let history = self.history.insert(history);
            if slope > -settings.tolerance_change {
                break;
            }
            let (direction, t) = (history.direction.clone(), history.t);
            let before = self.values();
            if settings.line_search_fn == Some(LineSearch::StrongWolfe) {
                let start = Point { t: 0.0, loss: now, gradient: gradient.clone(), slope };
                let limits = Limits {
                    largest: largest(&direction),
                    change: settings.tolerance_change,
                    evaluations: settings.max_eval().saturating_sub(evaluations),
                };
                let evaluate = |t| -> Result<_, AutogradError> {
                    self.move_to(&before, &direction, t);
                    let (loss, gradient) = self.evaluate(&mut loss)?;
                    let slope = dot(&gradient, &direction);
                    Ok(Point { t, loss, gradient, slope })
                };
                let (point, used) = strong_wolfe(evaluate, &start, t, &limits)?;
                self.move_to(&before, &direction, point.t);
                evaluations += used;
                (now, gradient) = (point.loss, point.gradient);
                self.history.as_mut().expect("set above").t = point.t;
            } else {
                self.move_to(&before, &direction, t);
                if iteration == settings.max_iter {
                    break;
                }
                (now, gradient) = self.evaluate(&mut loss)?;
                evaluations += 1;
            }
            let history = self.history.as_ref().expect("set above");
            let settled = largest(&gradient) <= settings.tolerance_grad
                || largest(&direction) * history.t.abs() <= settings.tolerance_change
                || (now - history.loss).abs() < settings.tolerance_change;
            if evaluations >= settings.max_eval() || settled {
                break;
            }
        }
        Ok(first)
    }

    /// The loss to be made small, and its gradient as one vector.
    fn evaluate(&mut self, loss: &mut impl FnMut() -> Var<T>) -> Result<(f64, Tensor<T>), AutogradError> {
        self.parameters.iter().for_each(|(_, parameter)| parameter.zero_grad());
        self.func_evals += 1;
        let loss = loss();
        loss.backward()?;
        let mut gradient = Vec::new();
        for (_, parameter) in &self.parameters {
            match parameter.grad() {
                Some(grad) => gradient.extend(grad.to_vec()),
                None => gradient.resize(gradient.len() + parameter.numel(), T::zero()),
            }
        }
        let (size, value): (usize, f64) = (gradient.len(), loss.item().as_());
        let gradient = Tensor::from_vec(gradient, [size]);
        Ok(if self.settings.maximize { (-value, -&gradient) } else { (value, gradient) })
    }

    fn values(&self) -> Vec<Tensor<T>> {
        self.parameters.iter().map(|(_, parameter)| parameter.value()).collect()
    }

    /// Moves parameters by `t` along `direction`, from `before`.
    fn move_to(&self, before: &[Tensor<T>], direction: &Tensor<T>, t: f64) {
        let mut start = 0;
        for ((_, parameter), before) in self.parameters.iter().zip(before) {
            let end = start + parameter.numel();
            let part = direction.slice(0, start..end).reshape(parameter.shape());
            parameter.set_value(plus(before, t, &part));
            start = end;
        }
    }
}
