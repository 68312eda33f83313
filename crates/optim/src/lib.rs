//! Optimizers: each algorithm is its hyper-parameters and one update; one driver does the rest for all.
//!
//! An optimizer computes no gradient: it reads what `backward` has stored and applies its rule.
//!
//! ```
//! use gradus_autograd::Param;
//! use gradus_optim::{Adam, Optimizer};
//! use gradus_tensor::Tensor;
//!
//! let w = Param::new(Tensor::from_vec(vec![3.0f32], [1]));
//! let mut optimizer = Optimizer::new([("w".to_owned(), w.clone())], Adam { lr: 0.1, ..Adam::default() })?;
//! for _ in 0..100 {
//!     let loss = (w.var() * w.var()).sum();
//!     loss.backward()?;
//!     optimizer.step()?;
//!     optimizer.zero_grad();
//! }
//! assert!(w.value().item().abs() < 0.1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A schedule is a value that the optimizer follows, part of its state. It can be looked at before anything is trained:
//!
//! ```
//! use gradus_autograd::Param;
//! use gradus_optim::{Optimizer, Schedule, Sgd, WarmupCosine};
//! use gradus_tensor::Tensor;
//!
//! let schedule = Schedule::from(WarmupCosine { warmup_steps: 10, decay_steps: 100, floor: 0.1 });
//! println!("{}", schedule.curve(0.1, 100));
//! let w: Param = Param::new(Tensor::zeros([1]));
//! let mut optimizer = Optimizer::new([("w".to_owned(), w)], Sgd { lr: 0.1, ..Sgd::default() })?;
//! optimizer.set_schedule(schedule)?;
//! for _ in 0..100 {
//!     // Here the loss, and `backward`.
//!     optimizer.step()?;
//!     optimizer.schedule_step()?;
//!     optimizer.zero_grad();
//! }
//! assert!((optimizer.lr() - 0.01).abs() < 1e-12);
//! # Ok::<(), gradus_optim::OptimError>(())
//! ```
#![forbid(unsafe_code)]

mod accumulate;
mod algorithms;
mod apply;
mod average;
mod clip;
mod error;
mod group;
mod hooks;
mod lbfgs;
mod member;
mod non_finite;
mod optimizer;
mod registry;
mod rule;
mod scheduled;
mod schedules;
mod state;
mod torch;

pub use accumulate::Accumulation;
pub use algorithms::{
    adadelta::Adadelta, adafactor::Adafactor, adagrad::Adagrad, adam::Adam, adamax::Adamax, adamw::AdamW, asgd::Asgd,
    lamb::Lamb, lion::Lion, muon::AdjustLr, muon::Muon, nadam::NAdam, radam::RAdam, rmsprop::RMSprop, rprop::Rprop,
    schedule_free_adamw::ScheduleFreeAdamW, sgd::Sgd,
};
pub use average::{AppliedAverages, AveragedState, AveragedWeights, Averaging};
pub use clip::{clip_grad_norm, clip_grad_value};
pub use error::OptimError;
pub use group::ParamGroup;
pub use hooks::StepHook;
pub use lbfgs::{Lbfgs, LbfgsOptimizer, LbfgsState, LineSearch};
pub use non_finite::NonFinite;
pub use optimizer::Optimizer;
pub use registry::Algorithm;
pub use rule::{Slot, Start};
pub use schedules::{
    Schedule,
    any::AnySchedule,
    chained_scheduler::ChainedScheduler,
    constant_lr::ConstantLR,
    cosine_annealing_lr::CosineAnnealingLR,
    cosine_annealing_warm_restarts::CosineAnnealingWarmRestarts,
    curve::Curve,
    cyclic_lr::{CyclicLR, CyclicMode},
    exponential_lr::ExponentialLR,
    function::Function,
    inverse_sqrt::InverseSqrt,
    lambda_lr::LambdaLR,
    linear_lr::LinearLR,
    multi_step_lr::MultiStepLR,
    multiplicative_lr::MultiplicativeLR,
    one_cycle_lr::{Anneal, OneCycleLR},
    per_group::PerGroup,
    polynomial_lr::PolynomialLR,
    reduce_lr_on_plateau::{PlateauMode, PlateauState, ReduceLROnPlateau, ThresholdMode},
    rule::Group,
    sequential_lr::SequentialLR,
    step_lr::StepLR,
    swa_lr::SWALR,
    warmup_cosine::WarmupCosine,
    warmup_stable_decay::{Decay, WarmupStableDecay},
};
pub use state::{OptimizerState, ScheduleState};
pub use torch::TorchState;
