//! MLflow, over its REST interface 2.0.

use std::env;
use std::time::Duration;

use serde_json::{Value, json};

use super::remote::{Entry, Failure, Http, RemoteTracker, Secret, Service, now};
use super::{End, Opener, TrackerError};

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends a run to an MLflow server: see [`opener`](Self::opener).
pub struct MlflowTracker {
    http: Http,
    experiment: String,
}

impl MlflowTracker {
    /// Opens the tracker with its spool in the folder `mlflow` of a run: for
    /// [`TrainerBuilder::tracker`](crate::TrainerBuilder::tracker).
    ///
    /// The server is that of `MLFLOW_TRACKING_URI` (`http://` or `https://`), with the token `MLFLOW_TRACKING_TOKEN` if
    /// that is set; the run goes into the experiment of the id `MLFLOW_EXPERIMENT_ID`, by default `0`. Metrics of the
    /// validation data are called `val_...`. What is sent twice MLflow keeps once, as it is the same to the time.
    pub fn opener() -> Opener {
        Box::new(|run, position| {
            let setting = |name| env::var(name).ok().filter(|value| !value.is_empty());
            let uri = setting("MLFLOW_TRACKING_URI").unwrap_or_default();
            let token = setting("MLFLOW_TRACKING_TOKEN");
            let experiment = setting("MLFLOW_EXPERIMENT_ID").unwrap_or_else(|| "0".to_owned());
            let service = Self::new(&uri, token.as_deref(), experiment)?;
            Ok(Box::new(RemoteTracker::open(&run.path().join("mlflow"), position, service)?))
        })
    }

    pub(super) fn new(uri: &str, token: Option<&str>, experiment: String) -> Result<Self, TrackerError> {
        // Not shown, and no place for a password: one would end up in messages.
        let plain = uri.starts_with("http://") || uri.starts_with("https://");
        if !plain || uri.contains('@') {
            return Err(TrackerError::Setting {
                name: "MLFLOW_TRACKING_URI",
                cure: "set it to the server's address, such as http://localhost:5000, without a user; a token goes \
                       into MLFLOW_TRACKING_TOKEN",
            });
        }
        let http = Http::new(uri, "Bearer ", token.map(Secret::new), TIMEOUT);
        Ok(Self { http, experiment })
    }
}

impl Service for MlflowTracker {
    const NAME: &'static str = "MLflow";
    // A request takes 1,000 metrics, but 100 parameters and 100 tags.
    const CHUNK: usize = 1_000;
    const MOST: usize = usize::MAX;

    fn create(&mut self) -> Result<String, Failure> {
        let body = json!({ "experiment_id": self.experiment, "start_time": now() });
        let answer = self.http.post("api/2.0/mlflow/runs/create", &body)?;
        let id = answer["run"]["info"]["run_id"].as_str();
        id.map(str::to_owned).ok_or_else(|| Failure::Closed("the answer names no run; check the address".to_owned()))
    }

    fn send(&mut self, id: &str, entries: &[Entry]) -> Result<(), Failure> {
        let (mut metrics, mut params, mut tags) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries {
            match entry {
                Entry::Metric(record, time) => metrics.push(metric(record, *time)),
                Entry::Parameter(name, value) => params.push(json!({ "key": name, "value": value.to_string() })),
                Entry::Other(name, value) => tags.push(json!({ "key": name, "value": value })),
            }
        }
        let empty: &[Value] = &[];
        let mut rest = (params.chunks(100), tags.chunks(100));
        loop {
            let (params, tags) = (rest.0.next(), rest.1.next());
            if metrics.is_empty() && params.is_none() && tags.is_none() {
                return Ok(());
            }
            let body = json!({
                "run_id": id,
                "metrics": std::mem::take(&mut metrics),
                "params": params.unwrap_or(empty),
                "tags": tags.unwrap_or(empty),
            });
            self.http.post("api/2.0/mlflow/runs/log-batch", &body)?;
        }
    }

    fn finish(&mut self, id: &str, end: End) -> Result<(), Failure> {
        let status = match end {
            End::Finished => "FINISHED",
            End::Interrupted => "KILLED",
            End::Failed => "FAILED",
        };
        let body = json!({ "run_id": id, "status": status, "end_time": now() });
        self.http.post("api/2.0/mlflow/runs/update", &body).map(|_| ())
    }
}

fn metric(record: &super::Record, time: u64) -> Value {
    // Numbers as JSON spells them, and protobuf's JSON reads these words for what is not finite.
    let name = match record.split {
        super::Split::Val if !record.name.starts_with("val_") => format!("val_{}", record.name),
        _ => record.name.to_string(),
    };
    json!({ "key": name, "value": super::record::Number(record.value), "timestamp": time, "step": record.step })
}
