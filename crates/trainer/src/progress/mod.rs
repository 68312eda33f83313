//! What a person sees while a model trains.
//!
//! [`for_terminal`] chooses: a bar on a terminal, a line an epoch where there is none, nothing where that is asked for.

#[cfg(feature = "progress")]
mod bar;
#[cfg(feature = "progress")]
mod bar_line;
mod lines;
mod silent;
mod text;

use std::io;

#[cfg(feature = "progress")]
pub use bar::Bar;
pub use lines::Lines;
pub use silent::Silent;

/// Is told how training goes, and shows it.
///
/// Nothing here can fail: training goes on when nobody can see it. [`batch_done`](Self::batch_done) is called after
/// every step and must take next to no time.
pub trait Progress: Send {
    /// An epoch of `epochs` begins, counted from 0. It has `batches` batches, of which a run that was stopped in the
    /// middle has `already_done` behind it.
    fn epoch_started(&mut self, epoch: u64, epochs: u64, batches: u64, already_done: u64);

    /// A training step was taken.
    fn batch_done(&mut self, batch: &BatchProgress);

    /// An epoch and its validation are done.
    fn epoch_done(&mut self, report: &EpochReport);

    /// Something else to tell the user, in one line.
    fn message(&mut self, text: &str);

    /// Training has ended, however it did.
    fn finished(&mut self);
}

/// One training step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchProgress {
    /// The batch's mean loss.
    pub loss: f64,
    /// The part of it that was classified right, from 0 to 1, where that is measured.
    pub accuracy: Option<f64>,
    /// Its samples.
    pub samples: u64,
    /// Which batch of the epoch, counted from 0.
    pub batch: u64,
}

/// One epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochReport {
    /// Which, counted from 0.
    pub epoch: u64,
    /// How many there are in all.
    pub epochs: u64,
    /// The mean loss over its samples.
    pub train_loss: f64,
    /// The part of its samples that was classified right, from 0 to 1, where that is measured.
    pub train_accuracy: Option<f64>,
    /// The mean loss on the validation data, where there is any.
    pub val_loss: Option<f64>,
    /// The part of the validation data that is classified right, from 0 to 1, where that is measured.
    pub val_accuracy: Option<f64>,
    /// Seconds since training began.
    pub seconds: f64,
    /// Training samples per second.
    pub samples_per_second: f64,
}

/// What suits the place that the program's output goes to: nothing if `quiet`; with the feature `progress`, a bar if
/// standard error is a terminal; else [`Lines`] on standard output.
pub fn for_terminal(quiet: bool) -> Box<dyn Progress> {
    if quiet {
        return Box::new(Silent);
    }
    #[cfg(feature = "progress")]
    if io::IsTerminal::is_terminal(&io::stderr()) && can_move_its_cursor() {
        return Box::new(Bar::stderr());
    }
    Box::new(Lines::new(Box::new(io::stdout())))
}

/// Whether a terminal redraws a line. Editors' shells and some logs call themselves dumb.
#[cfg(feature = "progress")]
fn can_move_its_cursor() -> bool {
    match std::env::var_os("TERM") {
        Some(term) => term != "dumb",
        None => cfg!(windows),
    }
}
