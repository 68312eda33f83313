//! What a trainer can be asked beside epochs: accumulation, limits, callbacks, averages, policies, when to save; and
//! that none of it costs a bit when a run is cut and gone on with.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gradus_autograd::Var;
use gradus_data::{Batch, DataLoader, Subset, TensorDataset, digits, random_split};
use gradus_nn::{BatchNorm1d, Dropout, Layer, Linear, Members, Module, ReLU, Sequential, StateDict};
use gradus_optim::{Adam, Averaging, NonFinite, Optimizer, Sgd, WarmupCosine};
use gradus_tensor::Tensor;
use gradus_tensor::random::manual_seed;
use gradus_trainer::callbacks::{Callback, Control, EarlyStopping, Event, Norms, WhichNorms};
use gradus_trainer::{
    Accuracy, Classifier, Every, Fit, Monitor, Outcome, RunDir, StepError, Trainer, TrainerBuilder, TrainingStep,
    ValidateEvery, checkpoint,
};

type Loader = DataLoader<Subset<TensorDataset>>;

/// 180 digits to train on and 180 to validate on.
fn loaders(batch_size: usize) -> [Loader; 2] {
    let [train, validation, _] = random_split(digits().unwrap(), [0.1, 0.1, 0.8], 3).unwrap();
    let train = DataLoader::builder(train).batch_size(batch_size).shuffle(true).seed(5).build().unwrap();
    [train, DataLoader::builder(validation).batch_size(64).build().unwrap()]
}

/// What befalls a batch, counted from 1 over a whole session.
#[derive(Clone, Copy)]
enum Mishap {
    None,
    Stop(u64),
    Panic(u64),
    Error(u64),
    NaN(u64),
}

/// A classifier to which something happens.
struct Tested<L> {
    model: Classifier<L>,
    mishap: Mishap,
    batches: AtomicU64,
    stop: Arc<AtomicBool>,
}

impl<L: Layer> Module for Tested<L> {
    fn members(&self, members: &mut Members) {
        self.model.members(members);
    }
}

impl<L: Layer> TrainingStep for Tested<L> {
    type Batch = Batch;
    type Metric = Accuracy;

    fn training_step(&self, batch: &Batch) -> Result<(Var, Accuracy), StepError> {
        let number = self.batches.fetch_add(1, Ordering::Relaxed) + 1;
        let (loss, metric) = self.model.training_step(batch)?;
        match self.mishap {
            Mishap::Stop(at) if at == number => self.stop.store(true, Ordering::Relaxed),
            Mishap::Panic(at) if at == number => panic!("on purpose"),
            Mishap::Error(at) if at == number => return Err("on purpose".into()),
            Mishap::NaN(at) if at == number => return Ok((loss * f32::NAN, metric)),
            _ => {}
        }
        Ok((loss, metric))
    }

    fn validation_step(&self, batch: &Batch) -> Result<(Var, Accuracy), StepError> {
        self.model.validation_step(batch)
    }
}

/// Dropout and batch normalisation: random numbers and running statistics that a resume must give back.
fn layers() -> Sequential {
    let first: Sequential = Sequential::new().with(Linear::new(64, 16)).with(BatchNorm1d::new(16)).with(ReLU);
    first.with(Dropout::new(0.2)).with(Linear::new(16, 10))
}

fn tested(mishap: Mishap) -> Tested<Sequential> {
    manual_seed(1);
    Tested { model: Classifier { layer: layers() }, mishap, batches: AtomicU64::new(0), stop: Arc::default() }
}

/// A session of 3 epochs in batches of 16, with a schedule that warms up: its end, and everything there is then.
fn session(builder: TrainerBuilder, mishap: Mishap) -> (Fit, StateDict, f64) {
    let model = tested(mishap);
    let mut optimizer = Optimizer::new(model.named_parameters(), Adam { lr: 0.01, ..Adam::default() }).unwrap();
    optimizer.set_schedule(WarmupCosine { warmup_steps: 5, decay_steps: 40, floor: 0.1 }).unwrap();
    let [train, validation] = loaders(16);
    let builder = builder.epochs(3).schedule_every(Every::Step).stop_when(model.stop.clone());
    let fit = builder.build().fit(&model, &mut optimizer, &train, Some(&validation)).unwrap();
    (untimed(fit), StateDict::of(&model), optimizer.lr())
}

fn untimed(fit: Fit) -> Fit {
    Fit { seconds: 0.0, samples_per_second: 0.0, ..fit }
}

fn new_run(folder: &Path, name: &str) -> RunDir {
    RunDir::create(&folder.join(name)).unwrap()
}

/// What a cut run must do: `settings` are given to every session anew.
fn check_cuts(settings: fn() -> TrainerBuilder, cuts: impl IntoIterator<Item = u64>) {
    let folder = tempfile::tempdir().unwrap();
    let whole = session(settings().run_dir(new_run(folder.path(), "whole")), Mishap::None);
    assert_eq!(whole.0.outcome, Outcome::Finished);
    for cut in cuts {
        let run = new_run(folder.path(), &format!("cut-{cut}"));
        let stopped = session(settings().run_dir(run.clone()), Mishap::Stop(cut));
        assert!(matches!(stopped.0.outcome, Outcome::Interrupted(Some(_))), "cut at batch {cut}");
        let resumed = session(settings().resume(run), Mishap::None);
        assert!(resumed == whole, "cut at batch {cut}: {:?} and {:?}", resumed.0, whole.0);
    }
}

#[test]
fn accumulated_gradients_are_those_of_the_big_batch() {
    // 180 = 3 x 48 + 36, and 36 = 16 + 16 + 4: the last window is short, and so is its last batch.
    let train = |batch_size: usize, accumulate: usize| {
        manual_seed(4);
        let layer: Sequential = Sequential::new().with(Linear::new(64, 10));
        let model = Classifier { layer };
        let mut optimizer = Optimizer::new(model.named_parameters(), Sgd { lr: 0.1, ..Sgd::default() }).unwrap();
        let [train, validation] = loaders(batch_size);
        let mut trainer = Trainer::builder().epochs(2).accumulate(accumulate).build();
        let fit = trainer.fit(&model, &mut optimizer, &train, Some(&validation)).unwrap();
        (fit, StateDict::of(&model))
    };
    let ((big, one), (small, several)) = (train(48, 1), train(16, 3));
    assert_eq!((big.steps, small.steps), (8, 8));
    for ((name, want), (_, got)) in one.entries().iter().zip(several.entries()) {
        assert!(got.relative_difference(want) < 1e-5, "{name}");
    }
    let losses = |fit: &Fit| fit.epochs.iter().map(|epoch| epoch.train_loss).collect::<Vec<_>>();
    losses(&big).iter().zip(losses(&small)).for_each(|(a, b)| assert!((a - b).abs() < 1e-5));
}

#[test]
fn a_run_cut_inside_a_window_of_accumulation_loses_no_bit() {
    // 12 batches an epoch: windows of 5, 5 and 2. The warm-up is cut too.
    check_cuts(|| Trainer::builder().accumulate(5), [1, 3, 5, 7, 12, 13, 23, 35]);
}

#[test]
fn averages_callbacks_and_limits_are_cut_and_lose_no_bit() {
    check_cuts(|| Trainer::builder().average_weights(Averaging::Ema { decay: 0.9 }), [1, 9, 30]);
    check_cuts(|| Trainer::builder().limit_train_batches(5), [1, 5, 6, 14]);
    check_cuts(|| Trainer::builder().overfit_batches(3), [2, 3, 4, 8]);
    check_cuts(|| Trainer::builder().validate_every(ValidateEvery::Steps(5)), [5, 6, 20]);
    check_cuts(|| Trainer::builder().clip_grad_norm(0.5).clip_grad_value(0.1), [7]);
}

#[test]
fn what_was_whole_is_saved_after_a_panic_and_after_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let whole = session(Trainer::builder(), Mishap::None);
    for at in [1, 8, 13, 30] {
        for (name, mishap) in [("panic", Mishap::Panic(at)), ("error", Mishap::Error(at))] {
            let run = new_run(folder.path(), &format!("{name}-{at}"));
            let ended = catch_unwind(AssertUnwindSafe(|| session(Trainer::builder().run_dir(run.clone()), mishap)));
            assert!(ended.is_err());
            assert_eq!(checkpoint::load_newest(&run.checkpoints()).unwrap().step, at - 1);
            assert!(session(Trainer::builder().resume(run), Mishap::None) == whole, "{name} at {at}");
        }
    }
}

#[test]
fn steps_and_time_end_a_run_that_can_be_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let whole = session(Trainer::builder(), Mishap::None);
    let run = new_run(folder.path(), "run");
    let part = session(Trainer::builder().max_steps(17).run_dir(run.clone()), Mishap::None);
    assert_eq!((part.0.outcome, part.0.steps, part.0.epochs.len()), (Outcome::Finished, 17, 1));
    let part = session(Trainer::builder().max_time(Duration::ZERO).resume(run.clone()), Mishap::None);
    assert_eq!(part.0.steps, 17);
    assert!(session(Trainer::builder().resume(run), Mishap::None) == whole);
}

#[test]
fn validation_between_steps_and_before_the_first_changes_no_bit() {
    let whole = session(Trainer::builder(), Mishap::None);
    let settings = Trainer::builder().validate_every(ValidateEvery::Steps(4)).sanity_validation(2);
    let (fit, state, _) = session(settings, Mishap::None);
    assert!(state == whole.1 && fit.epochs == whole.0.epochs);
    // Every fourth of 36 steps, but for those at an epoch's end.
    assert_eq!(fit.validations.iter().map(|record| record.step).collect::<Vec<_>>(), [4, 8, 16, 20, 28, 32]);
}

#[test]
fn averaged_weights_are_validated_and_trained_ones_kept() {
    let whole = session(Trainer::builder(), Mishap::None);
    let (fit, state, _) = session(Trainer::builder().average_weights(Averaging::Ema { decay: 0.9 }), Mishap::None);
    assert!(state == whole.1 && fit.epochs[0].train_loss == whole.0.epochs[0].train_loss);
    assert!(fit.epochs[0].val_loss != whole.0.epochs[0].val_loss);
}

#[test]
fn losses_that_are_no_numbers_are_skipped_and_counted() {
    let (fit, state, _) = session(Trainer::builder().non_finite(NonFinite::Skip), Mishap::NaN(7));
    assert_eq!((fit.skipped, fit.steps), (1, 35));
    assert!(state.entries().iter().all(|(_, tensor)| tensor.all_finite()));
    let stopped = catch_unwind(|| session(Trainer::builder().non_finite(NonFinite::Stop), Mishap::NaN(7)));
    assert!(stopped.is_err());
}

/// Notes every event's name.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Callback for Notes {
    fn name(&self) -> &str {
        "notes"
    }

    fn on_event(&mut self, event: Event<'_>, _: &mut Control<'_>) -> Result<(), StepError> {
        let name = format!("{event:?}");
        let name = name.split([' ', '(', '{']).next().unwrap().to_owned();
        self.0.lock().unwrap().push(name);
        Ok(())
    }
}

#[test]
fn events_come_in_the_documented_order() {
    let (notes, folder) = (Notes::default(), tempfile::tempdir().unwrap());
    let settings = Trainer::builder().limit_train_batches(2).accumulate(2).callback(notes.clone());
    session(settings.run_dir(new_run(folder.path(), "run")), Mishap::None);
    let epoch = ["EpochStart", "BatchStart", "BatchStart", "BackwardEnd", "StepEnd", "ValidationEnd", "EpochEnd"];
    let want: Vec<&str> =
        ["FitStart"].into_iter().chain(epoch.repeat(3)).chain(["CheckpointSaved", "FitEnd"]).collect();
    assert_eq!(*notes.0.lock().unwrap(), want);
}

#[test]
fn early_stopping_remembers_over_a_resume() {
    let settings = || Trainer::builder().callback(EarlyStopping::new(Monitor::ValLoss, 1).with_min_delta(10.0));
    let (fit, _, _) = session(settings(), Mishap::None);
    let reason = "the validation loss has not got better than";
    assert!(matches!(&fit.outcome, Outcome::Stopped(why) if why.starts_with(reason)), "{:?}", fit.outcome);
    assert_eq!(fit.epochs.len(), 2, "the first is the best, and the second too many");
    // Cut after the first epoch: the resumed run knows its value.
    let folder = tempfile::tempdir().unwrap();
    let run = new_run(folder.path(), "run");
    session(settings().run_dir(run.clone()), Mishap::Stop(14));
    let (resumed, _, _) = session(settings().resume(run), Mishap::None);
    assert_eq!((resumed.outcome, resumed.epochs.len()), (fit.outcome, 2));
}

#[test]
fn checkpoints_are_written_beside_training_and_the_best_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let run = new_run(folder.path(), "run");
    let settings = Trainer::builder().checkpoint_every_steps(4).keep_checkpoints(100).keep_best(Monitor::ValLoss, 2);
    let settings = settings.callback(Norms::every(6, WhichNorms::Total));
    let (fit, state, _) = session(settings.run_dir(run.clone()), Mishap::None);
    assert!(
        (fit, state) == {
            let plain = session(Trainer::builder(), Mishap::None);
            (plain.0, plain.1)
        }
    );
    let steps = |path: &Path| {
        let mut steps: Vec<u64> = std::fs::read_dir(path)
            .unwrap()
            .map(|entry| checkpoint::load(&entry.unwrap().path()).unwrap().step)
            .collect();
        steps.sort_unstable();
        steps
    };
    // How many of those between were written depends on the disk: one that comes due meanwhile waits.
    let saved = steps(&run.checkpoints());
    assert!(saved.first() == Some(&4) && saved.last() == Some(&36), "{saved:?}");
    assert!(steps(&run.best()).len() <= 2 && !steps(&run.best()).is_empty());
    let metrics = std::fs::read_to_string(run.metrics_csv()).unwrap();
    assert_eq!(metrics.lines().filter(|line| line.contains(",grad_norm,")).count(), 6);
}

#[test]
fn a_trained_model_predicts_batch_by_batch() {
    let model = tested(Mishap::None).model;
    let [_, validation] = loaders(16);
    let predicted: Vec<Tensor> = Trainer::builder().build().predict(&model, &validation).unwrap();
    assert_eq!(predicted.iter().map(|batch| batch.shape()[0]).collect::<Vec<_>>(), [64, 64, 52]);
    assert!(predicted.iter().all(|batch| (batch.sum().item() - batch.shape()[0] as f32).abs() < 1e-3));
}
