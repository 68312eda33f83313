//! The messages of event files: field numbers as in TensorBoard's `.proto` files.

use std::time::{SystemTime, UNIX_EPOCH};

use super::proto::Message;
use crate::trackers::{End, Histogram, Image, Parameter};

/// Where the values of a run's hyper-parameters are found.
pub(super) const SESSION_START: &str = "_hparams_/session_start_info";

/// What every file begins with.
pub(super) fn version(time: SystemTime) -> Vec<u8> {
    Message::new().double(1, seconds(time)).bytes(3, b"brain.Event:2").into_bytes()
}

pub(super) fn scalar(time: SystemTime, step: u64, tag: &str, value: f32) -> Vec<u8> {
    event(time, step, Message::new().bytes(1, tag.as_bytes()).float(2, value))
}

pub(super) fn histogram(time: SystemTime, step: u64, tag: &str, histogram: &Histogram) -> Vec<u8> {
    let (edges, counts) = (histogram.edges(), histogram.counts());
    let message = Message::new()
        .double(1, edges[0])
        .double(2, edges[counts.len()])
        .double(3, histogram.total() as f64)
        .double(4, histogram.sum)
        .double(5, histogram.sum_squares)
        // A limit is a bucket's upper edge; the first bucket, empty, says where the second begins.
        .doubles(6, edges.iter().copied())
        .doubles(7, [0.0].into_iter().chain(counts.iter().map(|&count| count as f64)));
    event(time, step, Message::new().bytes(1, tag.as_bytes()).message(5, message))
}

pub(super) fn image(time: SystemTime, step: u64, tag: &str, image: &Image) -> Vec<u8> {
    let message = Message::new()
        .varint(1, image.height().into())
        .varint(2, image.width().into())
        .varint(3, 3) // RGB; readers take what the PNG says
        .bytes(4, image.png());
    event(time, step, Message::new().bytes(1, tag.as_bytes()).message(4, message))
}

pub(super) fn text(time: SystemTime, step: u64, tag: &str, text: &str) -> Vec<u8> {
    const STRING: u64 = 7;
    let shape = Message::new().message(2, Message::new().varint(1, 1)); // [1]
    let tensor = Message::new().varint(1, STRING).message(2, shape).bytes(8, text.as_bytes());
    let tag = format!("{tag}/text_summary");
    let value = Message::new().bytes(1, tag.as_bytes()).message(8, tensor).message(9, plugin("text", Message::new()));
    event(time, step, value)
}

/// Which hyper-parameters there are, and of which type.
pub(super) fn experiment(time: SystemTime, settings: &[(String, Parameter)]) -> Vec<u8> {
    let experiment = settings.iter().fold(Message::new(), |message, (name, value)| {
        let kind = match value {
            Parameter::Text(_) => 1,
            Parameter::Bool(_) => 2,
            Parameter::Number(_) => 3,
        };
        message.message(4, Message::new().bytes(1, name.as_bytes()).varint(4, kind))
    });
    hparams(time, "_hparams_/experiment", 2, experiment.double(3, seconds(time)))
}

/// What the hyper-parameters are in this run.
pub(super) fn session_start(time: SystemTime, settings: &[(String, Parameter)]) -> Vec<u8> {
    let start = settings.iter().fold(Message::new(), |message, (name, value)| {
        let value = match value {
            Parameter::Number(value) => Message::new().double(2, *value),
            Parameter::Text(value) => Message::new().bytes(3, value.as_bytes()),
            Parameter::Bool(value) => Message::new().varint(4, u64::from(*value)),
        };
        message.message(1, Message::new().bytes(1, name.as_bytes()).message(2, value))
    });
    hparams(time, SESSION_START, 3, start.double(5, seconds(time)))
}

pub(super) fn session_end(time: SystemTime, end: End) -> Vec<u8> {
    let status = match end {
        End::Finished => 1,
        End::Failed => 2,
        End::Interrupted => 3, // it may go on
    };
    hparams(time, "_hparams_/session_end_info", 4, Message::new().varint(1, status).double(2, seconds(time)))
}

/// Hyper-parameters are summaries without a value: all is in what the plugin is told.
fn hparams(time: SystemTime, tag: &str, field: u32, content: Message) -> Vec<u8> {
    let content = Message::new().message(field, content);
    event(time, 0, Message::new().bytes(1, tag.as_bytes()).message(9, plugin("hparams", content)))
}

fn plugin(name: &str, content: Message) -> Message {
    Message::new().message(1, Message::new().bytes(1, name.as_bytes()).message(2, content))
}

fn event(time: SystemTime, step: u64, value: Message) -> Vec<u8> {
    Message::new().double(1, seconds(time)).varint(2, step).message(5, Message::new().message(1, value)).into_bytes()
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
