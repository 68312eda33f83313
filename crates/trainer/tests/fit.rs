//! The loop: its semantics, resuming to the same bits, and what stops it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gradus_autograd::{Var, no_grad};
use gradus_data::{Batch, DataLoader, Subset, TensorDataset, digits, random_split};
use gradus_nn::models::Mlp;
use gradus_nn::{Dropout, Layer, Linear, Members, Module, StateDict};
use gradus_optim::{
    Adam, AdamW, Algorithm, AnySchedule, ChainedScheduler, ExponentialLR, LambdaLR, OneCycleLR, OptimError, Optimizer,
    ReduceLROnPlateau, Sgd,
};
use gradus_tensor::random::manual_seed;
use gradus_tensor::{Tensor, parallel};
use gradus_trainer::{
    Accuracy, Classifier, Every, Fit, FitError, Metric, Outcome, RunDir, StepError, Trainer, TrainerBuilder,
    TrainingStep, validate,
};

type Loader = DataLoader<Subset<TensorDataset>>;

/// A tenth of the digits to train on and a tenth to validate on: 6 batches an epoch, the last one short.
fn loaders() -> (Loader, Loader) {
    let [train, validation, _] = random_split(digits().unwrap(), [0.1, 0.1, 0.8], 3).unwrap();
    let train = DataLoader::builder(train).batch_size(32).shuffle(true).seed(5).build().unwrap();
    (train, DataLoader::builder(validation).batch_size(64).build().unwrap())
}

/// Says stop after a number of training steps.
struct StopAfter<M> {
    model: M,
    steps: AtomicU64,
    flag: Arc<AtomicBool>,
}

impl<M: Module> Module for StopAfter<M> {
    fn members(&self, members: &mut Members) {
        self.model.members(members);
    }
}

impl<M: TrainingStep> TrainingStep for StopAfter<M> {
    type Batch = M::Batch;
    type Metric = M::Metric;

    fn training_step(&self, batch: &M::Batch) -> Result<(Var, M::Metric), StepError> {
        let left = self.steps.load(Ordering::Relaxed);
        self.steps.store(left.saturating_sub(1), Ordering::Relaxed);
        self.flag.store(left <= 1, Ordering::Relaxed);
        self.model.training_step(batch)
    }

    fn validation_step(&self, batch: &M::Batch) -> Result<(Var, M::Metric), StepError> {
        self.model.validation_step(batch)
    }
}

/// Trains 3 epochs of an MLP with dropout, as many steps as are allowed; a new model, optimizer and loader each time.
fn session(algorithm: &Algorithm, steps: u64, builder: TrainerBuilder) -> (Fit, StateDict) {
    let (fit, state, _) = scheduled(algorithm, None, steps, builder);
    (fit, state)
}

/// The same with a schedule; the learning rate at the end as well.
fn scheduled(
    algorithm: &Algorithm,
    schedule: Option<AnySchedule>,
    steps: u64,
    builder: TrainerBuilder,
) -> (Fit, StateDict, f64) {
    manual_seed(1);
    let flag = Arc::new(AtomicBool::new(false));
    let model = Classifier { layer: Mlp::with_dropout(&[64, 16, 10], 0.2) };
    let model = StopAfter { model, steps: AtomicU64::new(steps), flag: flag.clone() };
    let mut optimizer = Optimizer::new(model.named_parameters(), algorithm.clone()).unwrap();
    schedule.into_iter().for_each(|schedule| optimizer.set_schedule(schedule).unwrap());
    let (train, validation) = loaders();
    let mut trainer = builder.epochs(3).stop_when(flag).build();
    let fit = trainer.fit(&model, &mut optimizer, &train, Some(&validation)).unwrap();
    (fit, StateDict::of(&model), optimizer.lr())
}

fn algorithms() -> Vec<Algorithm> {
    // Muon takes matrices alone, and the model has biases.
    let names = Algorithm::NAMES.iter().filter(|name| **name != "muon");
    let mut all: Vec<Algorithm> = names.map(|name| Algorithm::by_name(name).unwrap()).collect();
    all.push(Sgd { lr: 0.05, momentum: 0.9, nesterov: true, ..Sgd::default() }.into());
    all
}

fn metrics(path: &Path) -> (String, String) {
    let read = |name| std::fs::read_to_string(path.join(name)).unwrap();
    (read("metrics.csv"), read("metrics.jsonl"))
}

/// Everything that a fit reports but times.
fn untimed(fit: Fit) -> Fit {
    Fit { seconds: 0.0, samples_per_second: 0.0, ..fit }
}

#[test]
fn a_run_stopped_and_resumed_anywhere_ends_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    for (index, algorithm) in algorithms().into_iter().enumerate() {
        let run = |name: &str| RunDir::create(&folder.path().join(format!("{index}-{name}"))).unwrap();
        let whole = run("whole");
        let (fit, state) = session(&algorithm, u64::MAX, Trainer::builder().run_dir(whole.clone()));
        assert_eq!((fit.outcome.clone(), fit.steps), (Outcome::Finished, 18));
        // The first step, in the middle, at a boundary, just after one, in the last epoch, and the last step.
        for cut in [1, 4, 6, 7, 15, 18] {
            let part = run(&format!("cut-{cut}"));
            let (stopped, _) = session(&algorithm, cut, Trainer::builder().run_dir(part.clone()));
            assert!(matches!(stopped.outcome, Outcome::Interrupted(Some(_))), "{} at {cut}", algorithm.name());
            assert_eq!(stopped.steps, cut);
            let (resumed, resumed_state) = session(&algorithm, u64::MAX, Trainer::builder().resume(part.clone()));
            assert_eq!(resumed_state, state, "weights, {} cut at {cut}", algorithm.name());
            assert_eq!(untimed(resumed), untimed(fit.clone()), "epochs, {} cut at {cut}", algorithm.name());
            assert_eq!(metrics(part.path()), metrics(whole.path()), "metrics, {} cut at {cut}", algorithm.name());
        }
    }
}

#[test]
fn a_run_with_a_schedule_is_resumed_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let one_cycle = OneCycleLR { max_lr: 0.1.into(), total_steps: 18, ..OneCycleLR::default() };
    let plateau = ReduceLROnPlateau { patience: 0, factor: 0.5, threshold: 0.5, ..ReduceLROnPlateau::default() };
    let chain = ChainedScheduler {
        schedulers: vec![ExponentialLR { gamma: 0.9 }.into(), LambdaLR::new("half", |_| 0.5).into()],
    };
    let algorithm = Sgd { lr: 0.05, momentum: 0.9, ..Sgd::default() }.into();
    let schedules: [(AnySchedule, _, _); 3] = [
        (one_cycle.into(), Every::Step, 4e-7),
        (plateau.into(), Every::Epoch, 0.0125),
        (chain.into(), Every::Step, 0.025),
    ];
    for (index, (schedule, every, end)) in schedules.into_iter().enumerate() {
        let train = |steps, builder: TrainerBuilder| {
            scheduled(&algorithm, Some(schedule.clone()), steps, builder.schedule_every(every))
        };
        let (fit, state, lr) = train(u64::MAX, Trainer::builder());
        assert!((lr / end - 1.0).abs() < 1e-9, "{schedule:?} ends with {lr}");
        for cut in [1, 6, 7, 12, 15, 18] {
            let run = RunDir::create(&folder.path().join(format!("{index}-{cut}"))).unwrap();
            train(cut, Trainer::builder().run_dir(run.clone()));
            let (resumed, resumed_state, resumed_lr) = train(u64::MAX, Trainer::builder().resume(run));
            assert_eq!((resumed_state, resumed_lr), (state.clone(), lr), "{schedule:?} cut at {cut}");
            assert_eq!(untimed(resumed), untimed(fit.clone()));
        }
    }
}

/// A plateau follows what it is told to, once an epoch, and says so where it cannot.
#[test]
fn a_plateau_follows_a_metric_of_the_epoch() {
    let train = |builder: TrainerBuilder, validate: bool| {
        let model = Classifier { layer: Mlp::new(&[64, 10]) };
        let mut optimizer = Optimizer::new(model.named_parameters(), Sgd::default()).unwrap();
        // Nothing is below a tenth of the best: each epoch but the first is a bad one.
        let plateau = ReduceLROnPlateau { patience: 0, threshold: 0.9, ..ReduceLROnPlateau::default() };
        optimizer.set_schedule(plateau).unwrap();
        let (train, validation) = loaders();
        let fit = builder.epochs(2).build().fit(&model, &mut optimizer, &train, validate.then_some(&validation));
        fit.map(|fit| {
            let best = optimizer.schedule().unwrap().plateau.unwrap().best.unwrap();
            assert_eq!(optimizer.lr(), 1e-4);
            (best, fit.epochs[0].clone())
        })
    };
    let (best, epoch) = train(Trainer::builder(), true).unwrap();
    assert_eq!(Some(best), epoch.val_loss);
    let (best, epoch) = train(Trainer::builder().schedule_metric(|epoch| Some(epoch.train_loss)), false).unwrap();
    assert_eq!(best, epoch.train_loss);
    let error = train(Trainer::builder(), false).unwrap_err();
    assert!(error.to_string().starts_with("epoch 1: ReduceLROnPlateau follows a metric that this epoch"), "{error}");
    let error = train(Trainer::builder().schedule_every(Every::Step), true).unwrap_err();
    assert!(matches!(error, FitError::Optim(OptimError::MetricNeeded { .. })), "{error}");
}

#[test]
fn ten_cuts_in_one_run_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let algorithm = AdamW::default().into();
    let (_, state) = session(&algorithm, u64::MAX, Trainer::builder());
    let run = RunDir::create(&folder.path().join("run")).unwrap();
    session(&algorithm, 2, Trainer::builder().run_dir(run.clone()));
    for _ in 0..9 {
        session(&algorithm, 1, Trainer::builder().resume(run.clone()));
    }
    let (fit, resumed) = session(&algorithm, u64::MAX, Trainer::builder().resume(run));
    assert_eq!((fit.steps, resumed), (18, state));
}

#[test]
fn threads_do_not_change_a_bit() {
    let train = |threads| {
        parallel::set_threads(threads).unwrap();
        let (fit, state) = session(&Adam::default().into(), u64::MAX, Trainer::builder());
        (untimed(fit), state)
    };
    let one = train(1);
    assert_eq!(train(2), one);
    assert_eq!(train(3), one);
    parallel::set_threads(0).unwrap();
}

/// The trainer's loop is the loop by hand.
#[test]
fn fit_is_the_loop_by_hand() {
    let (_, fitted) = session(&Adam::default().into(), u64::MAX, Trainer::builder());
    manual_seed(1);
    let model = Classifier { layer: Mlp::with_dropout(&[64, 16, 10], 0.2) };
    let mut optimizer = Optimizer::new(model.named_parameters(), Adam::default()).unwrap();
    let (train, _) = loaders();
    for _ in 0..3 {
        for batch in &train {
            let (loss, _) = model.training_step(&batch.unwrap()).unwrap();
            loss.backward().unwrap();
            optimizer.step().unwrap();
            optimizer.zero_grad();
        }
    }
    assert_eq!(StateDict::of(&model), fitted);
}

/// Without `zero_grad` the second gradient is the sum of both.
#[test]
fn two_backwards_without_zero_grad_double_the_gradient() {
    let model = Classifier { layer: Mlp::new(&[64, 10]) };
    let (train, _) = loaders();
    let batch = train.iter().next().unwrap().unwrap();
    let gradients = |times: usize| {
        for _ in 0..times {
            model.training_step(&batch).unwrap().0.backward().unwrap();
        }
        let gradients: Vec<Tensor> = model.parameters().iter().map(|p| p.grad().unwrap()).collect();
        model.parameters().iter().for_each(|p| p.zero_grad());
        gradients
    };
    let (once, twice) = (gradients(1), gradients(2));
    assert!(once.iter().zip(&twice).all(|(once, twice)| &(once * 2.0) == twice));
}

/// Records in which mode it is called.
#[derive(Module)]
struct Modes {
    linear: Linear,
    on: Dropout,
    off: Dropout,
}

impl Modes {
    /// Whether each dropout drops at present.
    fn dropping(&self) -> [bool; 2] {
        let ones: Var = Var::new(Tensor::ones([64]));
        [&self.on, &self.off].map(|dropout| no_grad(|| dropout.forward(&ones)).value() != ones.value())
    }
}

impl TrainingStep for Modes {
    type Batch = Batch;
    type Metric = Accuracy;

    fn training_step(&self, batch: &Batch) -> Result<(Var, Accuracy), StepError> {
        assert_eq!(self.dropping(), [true, false], "the caller's modes hold in training");
        let logits = self.linear.forward(&Var::new(batch.inputs.clone()));
        Ok((gradus_nn::cross_entropy(&logits, &batch.targets)?, Accuracy::of(logits.value(), &batch.targets)))
    }

    fn validation_step(&self, batch: &Batch) -> Result<(Var, Accuracy), StepError> {
        assert_eq!(self.dropping(), [false, false], "validation is in evaluation mode");
        let logits = self.linear.forward(&Var::new(batch.inputs.clone()));
        assert!(!logits.requires_grad(), "validation does not record");
        Ok((gradus_nn::cross_entropy(&logits, &batch.targets)?, Accuracy::of(logits.value(), &batch.targets)))
    }
}

#[test]
fn validation_leaves_modes_gradients_and_training_as_they_were() {
    let model = Modes { linear: Linear::new(64, 10), on: Dropout::default(), off: Dropout::default() };
    Module::<f32>::eval(&model.off);
    let mut optimizer = Optimizer::new(model.named_parameters(), Sgd::default()).unwrap();
    let (train, validation) = loaders();
    Trainer::builder().epochs(2).build().fit(&model, &mut optimizer, &train, Some(&validation)).unwrap();
    assert_eq!(model.dropping(), [true, false]);
    let validated = validate(&model, &validation).unwrap();
    assert_eq!(validated.metric.samples(), 180);
    assert!(model.parameters().iter().all(|p| p.grad().is_none()));
}

#[test]
fn a_loss_that_is_no_number_ends_training_before_the_step() {
    struct Poisoned(Mlp);
    impl Module for Poisoned {
        fn members(&self, members: &mut Members) {
            self.0.members(members);
        }
    }
    impl TrainingStep for Poisoned {
        type Batch = Batch;
        type Metric = Accuracy;
        fn training_step(&self, batch: &Batch) -> Result<(Var, Accuracy), StepError> {
            let logits = self.0.forward(&Var::new(batch.inputs.clone())) * f32::NAN;
            Ok((gradus_nn::cross_entropy(&logits, &batch.targets)?, Accuracy::default()))
        }
    }
    let model = Poisoned(Mlp::new(&[64, 10]));
    let before = StateDict::of(&model);
    let mut optimizer = Optimizer::new(model.named_parameters(), Sgd::default()).unwrap();
    let (train, validation) = loaders();
    let error = Trainer::builder().build().fit(&model, &mut optimizer, &train, Some(&validation)).unwrap_err();
    assert!(matches!(error, FitError::NonFiniteLoss { epoch: 1, batch: 1, .. }), "{error}");
    assert!(error.to_string().starts_with("epoch 1, batch 1: the loss is NaN; no step was taken"), "{error}");
    assert_eq!(StateDict::of(&model), before);
}

/// The loss is finite, its gradient is not: the epoch's end names the parameter, and no checkpoint is made of it.
#[test]
fn parameters_that_are_no_numbers_are_named_and_not_saved() {
    #[derive(Module)]
    struct Root {
        w: gradus_autograd::Param,
    }
    impl TrainingStep for Root {
        type Batch = Batch;
        type Metric = Accuracy;
        fn training_step(&self, _: &Batch) -> Result<(Var, Accuracy), StepError> {
            Ok((self.w.var().sqrt().sum() * 0.0, Accuracy::default()))
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::create(&folder.path().join("run")).unwrap();
    let model = Root { w: gradus_autograd::Param::new(Tensor::zeros([1])) };
    let mut optimizer = Optimizer::new(model.named_parameters(), Sgd::default()).unwrap();
    let one = TensorDataset::new(Tensor::zeros([1, 1]), Tensor::zeros([1])).unwrap();
    let loader = DataLoader::builder(one).build().unwrap();
    let mut trainer = Trainer::builder().run_dir(run.clone()).build();
    let error = trainer.fit(&model, &mut optimizer, &loader, None::<&Loader>).unwrap_err();
    assert!(error.to_string().starts_with("epoch 1, step 1: parameter w holds a number that is not finite"), "{error}");
    assert_eq!(std::fs::read_dir(run.checkpoints()).unwrap().count(), 0);
}

#[test]
fn errors_name_epoch_and_batch() {
    let model = Classifier { layer: Mlp::new(&[4, 3]) };
    let mut optimizer = Optimizer::new(model.named_parameters(), Sgd::default()).unwrap();
    let labels = Tensor::from_vec(vec![0, 1, 2, 0, 7], [5]);
    let data = TensorDataset::new(Tensor::zeros([5, 4]), labels).unwrap();
    let loader = DataLoader::builder(data).batch_size(2).build().unwrap();
    let error = Trainer::builder().build().fit(&model, &mut optimizer, &loader, Some(&loader)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "epoch 1, batch 3: label 7 in row 0 of the batch is outside the 3 classes that the logits have (0 to 2)"
    );
    let none = TensorDataset::new(Tensor::zeros([0, 4]), Tensor::zeros([0])).unwrap();
    let loader = DataLoader::builder(none).build().unwrap();
    let error = Trainer::builder().build().fit(&model, &mut optimizer, &loader, Some(&loader)).unwrap_err();
    assert!(matches!(error, FitError::NoBatches), "{error}");
}

#[test]
fn a_checkpoint_of_another_model_or_optimizer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::create(&folder.path().join("run")).unwrap();
    session(&Adam::default().into(), 3, Trainer::builder().run_dir(run.clone()));
    let (train, validation) = loaders();
    let resume = |sizes: &[usize], algorithm: Algorithm| {
        let model = Classifier { layer: Mlp::with_dropout(sizes, 0.2) };
        let mut optimizer = Optimizer::new(model.named_parameters(), algorithm).unwrap();
        let mut trainer = Trainer::builder().epochs(3).resume(run.clone()).build();
        trainer.fit(&model, &mut optimizer, &train, Some(&validation)).unwrap_err().to_string()
    };
    let error = resume(&[64, 17, 10], Adam::default().into());
    assert!(error.contains("layers.1.weight has shape [16, 64], not [17, 64]"), "{error}");
    let error = resume(&[64, 16, 10], Sgd::default().into());
    assert!(error.contains("saved with adam (lr 0.001), and is resumed with sgd (lr 0.001)"), "{error}");
    let error = resume(&[64, 16, 10], Adam { lr: 0.5, ..Adam::default() }.into());
    assert!(error.contains("saved with adam (lr 0.001), and is resumed with adam (lr 0.5)"), "{error}");
}

/// A loss that is kept does not keep its graph alive.
#[test]
fn kept_losses_hold_no_graph() {
    let model = Classifier { layer: Mlp::new(&[64, 10]) };
    let (train, _) = loaders();
    let batch = train.iter().next().unwrap().unwrap();
    let (loss, _) = model.training_step(&batch).unwrap();
    loss.backward().unwrap();
    let parameter = &model.parameters()[0];
    let before = parameter.value().as_slice().unwrap().as_ptr();
    parameter.value_mut().as_mut_slice()[0] += 1.0;
    assert_eq!(parameter.value().as_slice().unwrap().as_ptr(), before, "nothing else reads the parameter");
    assert!(loss.item().is_finite());
}
