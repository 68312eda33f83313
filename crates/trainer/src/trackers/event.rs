//! What a run tells its trackers beside numbers: settings, texts, histograms, images, files.

use std::path::PathBuf;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{Histogram, Image};

/// Something other than a number, and when it was logged.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Optimizer steps taken then.
    pub step: u64,
    /// The epoch, counted from 0.
    pub epoch: u64,
    /// When it was logged.
    pub time: SystemTime,
    /// What was logged.
    pub content: Content,
}

/// What was logged.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// Settings of the run, its hyper-parameters: name and value of each.
    Parameters(Vec<(String, Parameter)>),
    /// A text of a name.
    Text(String, String),
    /// How numbers of a name are distributed.
    Histogram(String, Histogram),
    /// An image of a name.
    Image(String, Image),
    /// A file of the run, by the name it is to go by.
    Artifact(String, PathBuf),
    /// Something else worth keeping: a name and what it says.
    Other(String, String),
}

impl Content {
    /// About how much memory it takes, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Parameters(parameters) => parameters.iter().map(|(name, value)| name.len() + value.size()).sum(),
            Self::Text(name, text) | Self::Other(name, text) => name.len() + text.len(),
            Self::Histogram(name, histogram) => name.len() + 16 * histogram.counts().len(),
            Self::Image(name, image) => name.len() + image.png().len(),
            Self::Artifact(name, path) => name.len() + path.as_os_str().len(),
        }
    }
}

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Parameter {
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A word.
    Text(String),
}

impl Parameter {
    fn size(&self) -> usize {
        if let Self::Text(text) = self { text.len() } else { 0 }
    }
}

impl std::fmt::Display for Parameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
        }
    }
}

impl From<bool> for Parameter {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Parameter {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Parameter {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// All its epochs are done.
    Finished,
    /// It was asked to stop and may be resumed.
    Interrupted,
    /// An error ended it.
    Failed,
}
