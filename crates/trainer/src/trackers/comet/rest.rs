//! Comet, over its REST interface v2.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;

use super::message::context;
use crate::error::{FileError, Operation};
use crate::trackers::record::Number;
use crate::trackers::remote::{Entry, Failure, Http, RemoteTracker, Secret, Service, now};
use crate::trackers::{End, Opener, Parameter, TrackerError};

const SERVER: &str = "https://www.comet.com/api/rest/v2";
/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Comet takes 12,000 metrics a minute, 10,000 parameters and 8,000 others; this keeps below all of them.
const BETWEEN: Duration = Duration::from_millis(8);

/// Sends a run to Comet: see [`opener`](Self::opener).
pub struct CometTracker {
    http: Http,
    workspace: Option<String>,
    project: Option<String>,
    /// When the last request was made, and how far apart they are.
    last: Option<Instant>,
    between: Duration,
    started: u64,
}

impl CometTracker {
    /// Opens the tracker with its spool in the folder `comet-rest` of a run: for
    /// [`TrainerBuilder::tracker`](crate::TrainerBuilder::tracker).
    ///
    /// Key, workspace and project are those of `COMET_API_KEY`, `COMET_WORKSPACE` and `COMET_PROJECT_NAME`, or of
    /// `api_key`, `workspace` and `project_name` in the section `[comet]` of `~/.comet.config` (another file with
    /// `COMET_CONFIG`). The key goes into no file and no message.
    ///
    /// Comet's interface takes a metric a request, 12,000 a minute. Where more wait, numbers of one name that follow
    /// one another are sent as their mean, at the last one's step; [`CometOfflineTracker`] keeps all of them.
    ///
    /// [`CometOfflineTracker`]: super::CometOfflineTracker
    pub fn opener() -> Opener {
        Box::new(|run, position| {
            let config = config()?;
            let setting = |variable: &str, name: &str| {
                let given = env::var(variable).ok().filter(|value| !value.is_empty());
                given.or_else(|| value_in(&config, name))
            };
            let key = setting("COMET_API_KEY", "api_key").ok_or(TrackerError::Setting {
                name: "COMET_API_KEY",
                cure: "set it to your API key, or write it into ~/.comet.config as api_key in the section [comet]",
            })?;
            let (workspace, project) =
                (setting("COMET_WORKSPACE", "workspace"), setting("COMET_PROJECT_NAME", "project_name"));
            let service = Self::new(SERVER, &key, workspace, project, BETWEEN);
            Ok(Box::new(RemoteTracker::open(&run.path().join("comet-rest"), position, service)?))
        })
    }

    pub(in crate::trackers) fn new(
        server: &str,
        key: &str,
        workspace: Option<String>,
        project: Option<String>,
        between: Duration,
    ) -> Self {
        let http = Http::new(server, "", Some(Secret::new(key)), TIMEOUT);
        Self { http, workspace, project, last: None, between, started: now() }
    }

    fn post(&mut self, path: &str, body: &serde_json::Value) -> Result<serde_json::Value, Failure> {
        if let Some(last) = self.last {
            std::thread::sleep(self.between.saturating_sub(last.elapsed()));
        }
        self.last = Some(Instant::now());
        self.http.post(&format!("write/experiment/{path}"), body)
    }
}

impl Service for CometTracker {
    const NAME: &'static str = "Comet";
    const CHUNK: usize = 1;
    const MOST: usize = 64;

    fn create(&mut self) -> Result<String, Failure> {
        let mut body = json!({ "projectName": self.project.as_deref().unwrap_or("general") });
        if let Some(workspace) = &self.workspace {
            body["workspaceName"] = json!(workspace);
        }
        let answer = self.post("create", &body)?;
        let key = answer["experimentKey"].as_str();
        key.map(str::to_owned).ok_or_else(|| Failure::Closed("the answer names no experiment".to_owned()))
    }

    fn send(&mut self, id: &str, entries: &[Entry]) -> Result<(), Failure> {
        for entry in entries {
            match entry {
                Entry::Metric(record, time) => {
                    let mut body = json!({
                        "experimentKey": id,
                        "metricName": &*record.name,
                        "metricValue": Number(record.value),
                        "step": record.step,
                        "epoch": record.epoch,
                        "timestamp": time,
                    });
                    if let Some(context) = context(record) {
                        body["context"] = json!(context);
                    }
                    self.post("metric", &body)?
                }
                Entry::Parameter(name, value) => {
                    let value = match value {
                        Parameter::Bool(value) => json!(value),
                        Parameter::Number(value) => json!(value),
                        Parameter::Text(value) => json!(value),
                    };
                    let body = json!({ "experimentKey": id, "parameterName": name, "parameterValue": value });
                    self.post("parameter", &body)?
                }
                Entry::Other(name, value) => {
                    self.post("log-other", &json!({ "experimentKey": id, "key": name, "value": value }))?
                }
            };
        }
        Ok(())
    }

    fn finish(&mut self, id: &str, _end: End) -> Result<(), Failure> {
        let body = json!({ "experimentKey": id, "startTimeMillis": self.started, "endTimeMillis": now() });
        self.post("set-start-end-time", &body).map(|_| ())
    }
}

/// The text of the configuration file; none where there is no file.
fn config() -> Result<String, TrackerError> {
    let home = || env::home_dir().map(|home| home.join(".comet.config"));
    let Some(path) = env::var_os("COMET_CONFIG").map(PathBuf::from).or_else(home) else { return Ok(String::new()) };
    read(&path)
}

fn read(path: &Path) -> Result<String, TrackerError> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        read => Ok(read.map_err(FileError::on(Operation::Read, path))?),
    }
}

/// The value of a name in the section `[comet]` of an INI file.
fn value_in(config: &str, name: &str) -> Option<String> {
    let mut inside = false;
    for line in config.lines().map(str::trim) {
        let Some((key, value)) = line.split_once('=').filter(|_| inside) else {
            inside = if line.starts_with('[') { line == "[comet]" } else { inside };
            continue;
        };
        if key.trim() == name && !value.trim().is_empty() {
            return Some(value.trim().to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_is_that_of_its_section() {
        let config =
            "api_key=0\n[other]\napi_key = 1\n[comet]\nworkspace=\n# api_key = 2\napi_key = a=b \n[x]\nproject_name=p";
        assert_eq!(value_in(config, "api_key").as_deref(), Some("a=b"));
        assert_eq!(
            (value_in(config, "workspace"), value_in(config, "project_name"), value_in("", "x")),
            (None, None, None)
        );
    }
}
