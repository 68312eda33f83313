//! One session of a run: from data and model to a trained model in a run folder.

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use gradus_autograd::profile;
use gradus_data::{Batch, DataLoader, Dataset};
use gradus_nn::{Layer, Module, StateDict};
use gradus_optim::{Optimizer, StepLR};
use gradus_tensor::{parallel, random};
use gradus_trainer::{
    Classifier, Every, Fit, Outcome as Ending, RunDir, RunDirError, Summary, Trainer, TrainingStep, peak_rss_bytes,
    profile_table, progress,
};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::config::Config;
use crate::options::Options;
use crate::recipes::Outcome;
use crate::trackers;

/// What a recipe trains, on what and how.
pub(crate) struct Job<M, D: Dataset, V: Dataset> {
    pub(crate) model: M,
    pub(crate) optimizer: Optimizer,
    pub(crate) train: DataLoader<D>,
    pub(crate) validation: DataLoader<V>,
    /// The largest norm of all gradients together.
    pub(crate) clip_grad_norm: Option<f64>,
    /// When the optimizer's schedule moves.
    pub(crate) schedule_every: Every,
    /// What the run folder holds beside the usual, by file name.
    pub(crate) files: Vec<(&'static str, Vec<u8>)>,
}

/// How a session ended: the program's exit code, and the run.
pub(crate) struct Ended {
    pub(crate) code: ExitCode,
    pub(crate) run: RunDir,
}

/// Trains the layer that `build` makes, as a classifier; the schedule moves with the epoch.
pub(crate) fn classify<L: Layer>(
    config: &Config,
    options: &Options,
    resume: Option<RunDir>,
    build: impl FnOnce() -> L,
    (train, validation): (impl Dataset<Batch = Batch>, impl Dataset<Batch = Batch>),
    schedule: Option<StepLR>,
) -> Outcome {
    run(config, options, resume, || {
        let model = Classifier { layer: build() };
        let mut optimizer = Optimizer::new(model.named_parameters(), config.algorithm()?)?;
        if let Some(schedule) = schedule {
            optimizer.set_schedule(schedule)?;
        }
        Ok(Job {
            model,
            optimizer,
            train: DataLoader::builder(train).batch_size(config.batch_size).shuffle(true).seed(config.seed).build()?,
            validation: DataLoader::builder(validation).batch_size(config.batch_size.max(256)).build()?,
            clip_grad_norm: None,
            schedule_every: Every::Epoch,
            files: Vec::new(),
        })
    })
}

/// Runs the job that `prepare` makes once threads and random numbers are set.
pub(crate) fn run<M: TrainingStep, D: Dataset<Batch = M::Batch>, V: Dataset<Batch = M::Batch>>(
    config: &Config,
    options: &Options,
    resume: Option<RunDir>,
    prepare: impl FnOnce() -> Result<Job<M, D, V>, Box<dyn Error>>,
) -> Outcome {
    let interrupt = Interrupt::watch()?;
    parallel::set_threads(options.threads.unwrap_or(0).into())?;
    random::manual_seed(config.seed);
    let Job { model, mut optimizer, train, validation, clip_grad_norm, schedule_every, files } = prepare()?;

    let resumed = resume.is_some();
    let run_dir = resume.map_or_else(|| new_run_dir(config, options), Ok)?;
    let say = |line: &dyn Display| {
        if !options.quiet {
            say(line);
        }
    };
    let samples = [train.dataset().len(), validation.dataset().len()];
    say(&description(config, samples, model.num_parameters()));
    let mut builder = Trainer::builder().epochs(config.epochs).progress(progress::for_terminal(options.quiet));
    builder = trackers::add(builder, config)?.schedule_every(schedule_every);
    if let Some(max_norm) = clip_grad_norm {
        builder = builder.clip_grad_norm(max_norm);
    }
    let builder = builder.stop_when(interrupt.flag.clone());
    let mut trainer = if resumed { builder.resume(run_dir.clone()) } else { builder.run_dir(run_dir.clone()) }.build();
    if !resumed {
        run_dir.write_config(config)?;
        for (name, bytes) in files {
            run_dir.write_atomically(name, &bytes)?;
        }
    }
    if options.profile {
        profile::start();
    }
    let fit = trainer.fit(&model, &mut optimizer, &train, Some(&validation))?;
    let entries = profile::stop();
    // A resumed run may have more epochs now; a folder that could not be resumed stays as it was.
    run_dir.write_config(config)?;
    if let Ending::Interrupted(checkpoint) = &fit.outcome {
        let checkpoint = checkpoint.as_ref().map_or_else(String::new, |path| path.display().to_string());
        say(&format_args!("interrupted after step {}; checkpoint: {checkpoint}", fit.steps));
        say(&format_args!("go on with: cargo xtask train --resume {}", run_dir.path().display()));
        return Ok(Ended { code: interrupt.exit_code(), run: run_dir });
    }
    run_dir.write_atomically("model.safetensors", &StateDict::of(&model).to_safetensors())?;
    let summary = summary(config, &fit, model.num_parameters());
    run_dir.write_summary(&summary)?;
    say(&format_args!(
        "validation accuracy {:.2} %, loss {:.4} after {} epoch{} ({} steps) in {:.1} s",
        summary.val_accuracy.unwrap_or(f64::NAN) * 100.0,
        summary.val_loss.unwrap_or(f64::NAN),
        summary.epochs,
        if summary.epochs == 1 { "" } else { "s" },
        summary.steps,
        summary.train_seconds
    ));
    if options.profile {
        // Not those of former sessions of a resumed run.
        let steps = entries.iter().find(|entry| entry.name == "optimizer.step").map_or(0, |entry| entry.calls);
        say(&format_args!("\n{}", profile_table(&entries, steps)));
    }
    say(&format_args!("everything is in {}", run_dir.path().display()));
    Ok(Ended { code: ExitCode::SUCCESS, run: run_dir })
}

/// Prints a line.
pub(crate) fn say(line: &dyn Display) {
    // Whoever reads this may have gone; that is no reason to stop training.
    let _ = writeln!(io::stdout(), "{line}");
}

fn new_run_dir(config: &Config, options: &Options) -> Result<RunDir, RunDirError> {
    match &options.run_dir {
        Some(path) => RunDir::create(path),
        None => RunDir::create_named(Path::new("runs"), &config.recipe),
    }
}

/// What is trained, on what and how, in a line.
fn description(config: &Config, [samples, held_out]: [usize; 2], parameters: usize) -> String {
    format!(
        "{}: {samples} samples to train on, {held_out} to validate on; {} with {parameters} parameters; {} lr {}, \
         batches of {}, seed {}, {} threads",
        config.recipe,
        config.model,
        config.optimizer,
        config.lr,
        config.batch_size,
        config.seed,
        parallel::threads(),
    )
}

fn summary(config: &Config, fit: &Fit, parameters: usize) -> Summary {
    let last = fit.epochs.last();
    Summary {
        recipe: config.recipe.clone(),
        epochs: fit.epochs.len() as u64,
        steps: fit.steps,
        seed: config.seed,
        train_loss: last.map_or(f64::NAN, |epoch| epoch.train_loss),
        val_loss: last.and_then(|epoch| epoch.val_loss),
        val_accuracy: last.and_then(|epoch| epoch.val_metric),
        train_seconds: fit.seconds,
        samples_per_second: fit.samples_per_second,
        peak_rss_bytes: peak_rss_bytes(),
        threads: parallel::threads() as u64,
        parameters: parameters as u64,
    }
}

/// Ctrl-C and the termination signal, as a flag. The second one ends the program at once.
struct Interrupt {
    flag: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Interrupt {
    fn watch() -> io::Result<Self> {
        let this = Self { flag: Arc::default(), signal: Arc::default() };
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag down, the second up.
            flag::register_conditional_shutdown(signal, 128 + signal, this.flag.clone())?;
            flag::register(signal, this.flag.clone())?;
            flag::register_usize(signal, this.signal.clone(), signal as usize)?;
        }
        Ok(this)
    }

    /// 128 plus the signal's number, as shells have it: 130 for Ctrl-C.
    fn exit_code(&self) -> ExitCode {
        ExitCode::from(128 + self.signal.load(Ordering::Relaxed) as u8)
    }
}
