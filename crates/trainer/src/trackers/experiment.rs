//! A handle that user code logs through, wherever it is.

use std::path::Path;
use std::sync::Arc;

use super::queue::Queue;
use super::{Content, Histogram, Image, Parameter};

/// A run's trackers as code of your own sees them: in `training_step`, in a callback, on another thread.
///
/// Clones log to the same run. What is logged belongs to the step that was [set](Self::set_step) last; within
/// [`Trainer::fit`](crate::Trainer::fit) the loop does that. Nothing here fails or waits: where there are no trackers,
/// or they are done, what is logged goes nowhere.
///
/// ```
/// use gradus_trainer::trackers::{JsonlTracker, Trackers};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("metrics.jsonl");
/// let mut trackers = Trackers::none();
/// trackers.add("metrics.jsonl", JsonlTracker::create(&path)?);
///
/// let experiment = trackers.experiment();
/// experiment.set_step(7);
/// experiment.log_metric("train_batch_loss", 0.5);
/// trackers.flush()?;
/// assert!(std::fs::read_to_string(&path)?.starts_with(r#"{"step":7,"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Experiment(pub(super) Arc<Queue>);

impl Experiment {
    /// Sets the step that the following belongs to. At first, 0.
    pub fn set_step(&self, step: u64) {
        self.0.set_step(step);
    }

    /// Sets the epoch that the following belongs to, counted from 0. At first, 0.
    pub fn set_epoch(&self, epoch: u64) {
        self.0.set_epoch(epoch);
    }

    /// Logs a number. A name that begins with `val_` is of the validation data, every other of the training data.
    pub fn log_metric(&self, name: &str, value: impl Into<f64>) {
        if let Err(error) = self.0.log(name, value.into(), None, None) {
            self.0.tell(error.to_string());
        }
    }

    /// Logs a setting of the run, such as the learning rate.
    pub fn log_parameter(&self, name: &str, value: impl Into<Parameter>) {
        self.log_parameters([(name.to_owned(), value.into())]);
    }

    /// Logs settings of the run.
    pub fn log_parameters(&self, parameters: impl IntoIterator<Item = (String, Parameter)>) {
        self.0.event(Content::Parameters(parameters.into_iter().collect()), None);
    }

    /// Logs a text.
    pub fn log_text(&self, name: &str, text: &str) {
        self.0.event(Content::Text(name.to_owned(), text.to_owned()), None);
    }

    /// Logs how numbers are distributed.
    pub fn log_histogram(&self, name: &str, histogram: Histogram) {
        self.0.event(Content::Histogram(name.to_owned(), histogram), None);
    }

    /// Logs an image.
    pub fn log_image(&self, name: &str, image: Image) {
        self.0.event(Content::Image(name.to_owned(), image), None);
    }

    /// Logs a file by the name it is to go by. It is read when the tracker comes to it: leave it there until the end.
    pub fn log_asset(&self, name: &str, path: &Path) {
        self.0.event(Content::Artifact(name.to_owned(), path.to_path_buf()), None);
    }

    /// Logs something else worth keeping about the run, such as the commit it was built from.
    pub fn log_other(&self, name: &str, value: &str) {
        self.0.event(Content::Other(name.to_owned(), value.to_owned()), None);
    }
}
