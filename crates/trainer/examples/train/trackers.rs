//! The trackers of a run beside CSV and JSON lines.

use clap::ValueEnum;
use gradus_trainer::TrainerBuilder;
use gradus_trainer::trackers::{CometOfflineTracker, Opener, Parameter, TensorBoardTracker};
#[cfg(feature = "remote")]
use gradus_trainer::trackers::{CometTracker, MlflowTracker};
use serde::{Deserialize, Serialize};

use crate::config::Config;

/// A tracker, by the name that it goes by on the command line and in config.toml.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TrackerKind {
    /// Event files in the run folder's `tensorboard`, for `tensorboard --logdir runs`
    #[value(name = "tensorboard")]
    #[serde(rename = "tensorboard")]
    TensorBoard,
    /// An archive in the run folder's `comet`, for `comet upload`; no key needed. Reads COMET_PROJECT_NAME and
    /// COMET_WORKSPACE
    CometOffline,
    /// Comet's server. Reads COMET_API_KEY, COMET_PROJECT_NAME and COMET_WORKSPACE, or ~/.comet.config
    Comet,
    /// An MLflow server. Reads MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN and MLFLOW_EXPERIMENT_ID
    Mlflow,
}

impl TrackerKind {
    fn opener(self) -> Result<(&'static str, Opener), String> {
        Ok(match self {
            Self::TensorBoard => ("tensorboard", TensorBoardTracker::opener()),
            Self::CometOffline => ("comet-offline", CometOfflineTracker::opener()),
            #[cfg(feature = "remote")]
            Self::Comet => ("comet", CometTracker::opener()),
            #[cfg(feature = "remote")]
            Self::Mlflow => ("mlflow", MlflowTracker::opener()),
            #[cfg(not(feature = "remote"))]
            Self::Comet | Self::Mlflow => {
                return Err("this program was built without the trackers comet and mlflow; start it by `cargo xtask \
                            train`, or build it with the feature `remote`"
                    .to_owned());
            }
        })
    }
}

/// Adds a run's trackers, and what they show of its configuration.
pub(crate) fn add(mut builder: TrainerBuilder, config: &Config) -> Result<TrainerBuilder, String> {
    let mut kinds = config.trackers.clone();
    kinds.sort_unstable_by_key(|kind| *kind as u8);
    kinds.dedup();
    for kind in kinds {
        let (name, opener) = kind.opener()?;
        builder = builder.tracker(name, opener);
    }
    let parameters: [(&str, Parameter); 7] = [
        ("recipe", config.recipe.as_str().into()),
        ("model", config.model.as_str().into()),
        ("epochs", (config.epochs as f64).into()),
        ("batch_size", (config.batch_size as f64).into()),
        ("seed", (config.seed as f64).into()),
        ("optimizer", config.optimizer.as_str().into()),
        ("lr", config.lr.into()),
    ];
    Ok(builder.parameters(parameters.map(|(name, value)| (name.to_owned(), value))))
}
