//! The lines of `messages.json`, as the JSON schemas in Comet's Python package `comet_ml` (3.58) have them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::trackers::record::Number;
use crate::trackers::{Parameter, Record, Split};

/// The part of the data, in Comet's words. A name that says it already is left alone: Comet shows the part before it.
pub(super) fn context(record: &Record) -> Option<&'static str> {
    match record.split {
        _ if record.name.starts_with("train_") || record.name.starts_with("val_") => None,
        Split::Train => Some("train"),
        Split::Val => Some("validate"),
    }
}

pub(super) fn metric(record: &Record, id: u64) -> Value {
    let metric = json!({
        "metricName": &*record.name,
        "metricValue": Number(record.value),
        "step": record.step,
        "epoch": record.epoch,
    });
    let payload = json!({
        "context": context(record),
        "local_timestamp": milliseconds(record.time),
        "message_id": id,
        "metric": metric,
    });
    line("metric_msg", payload)
}

pub(super) fn parameter(name: &str, value: &Parameter, step: u64, time: SystemTime, id: u64) -> Value {
    let value = match value {
        Parameter::Bool(value) => json!(value),
        Parameter::Number(value) => json!(Number(*value)),
        Parameter::Text(value) => json!(value),
    };
    let param = json!({ "paramName": name, "paramValue": value, "step": step });
    line("parameter_msg", json!({ "local_timestamp": milliseconds(time), "message_id": id, "param": param }))
}

pub(super) fn other(name: &str, value: &str, id: u64) -> Value {
    line("log_other", json!({ "key": name, "message_id": id, "value": value }))
}

/// A file: by which name it lies in the archive, and by which it is shown.
pub(super) struct Asset<'a> {
    pub(super) file: &'a str,
    pub(super) name: &'a str,
    /// `asset`, or `visualization` for an image.
    pub(super) kind: &'a str,
}

pub(super) fn asset(asset: &Asset<'_>, (step, epoch): (u64, u64), time: SystemTime, id: u64) -> Value {
    let mut params = json!({ "context": null, "fileName": asset.name, "step": step, "epoch": epoch });
    if asset.kind == "visualization" {
        params["figName"] = json!(asset.name);
    }
    let payload = json!({
        "additional_params": params,
        "file_path": asset.file,
        "local_timestamp": milliseconds(time),
        "message_id": id,
        "upload_type": asset.kind,
    });
    line("file_upload", payload)
}

fn line(kind: &str, payload: Value) -> Value {
    json!({ "type": kind, "payload": payload })
}

pub(super) fn milliseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
