//! One number of a run, and how it is spelled in files.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;
use std::time::SystemTime;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One number: which, when, and on which data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Optimizer steps taken when it was measured.
    pub step: u64,
    /// The epoch it belongs to, counted from 0.
    pub epoch: u64,
    /// The data it was measured on.
    pub split: Split,
    /// What it measures, such as `loss` or `accuracy`. Shared, as the same few names come again and again.
    pub name: Arc<str>,
    /// The number. Files that have no number for it hold the string `NaN`, `Infinity` or `-Infinity`.
    #[serde(serialize_with = "write_value", deserialize_with = "read_value")]
    pub value: f64,
    /// When it was logged. CSV and JSON lines leave it out, so that a resumed run's files are those of one that was
    /// never stopped, to the byte.
    #[serde(skip, default = "unknown")]
    pub time: SystemTime,
}

fn unknown() -> SystemTime {
    SystemTime::UNIX_EPOCH
}

/// The part of the data that a number was measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Split {
    /// What the model learns from.
    Train,
    /// What it is judged by along the way.
    Val,
}

impl Split {
    /// What a metric's name says of it: `val_` at the beginning is of the validation data, every other of the training
    /// data.
    pub(super) fn of(name: &str) -> Self {
        if name.starts_with("val_") { Self::Val } else { Self::Train }
    }
}

impl Display for Split {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Val => "val",
        })
    }
}

#[cfg(test)]
impl Record {
    /// A training metric of epoch 1 at no known time.
    pub(super) fn sample(step: u64, name: &str, value: f64) -> Self {
        Self { step, epoch: 1, split: Split::Train, name: name.into(), value, time: unknown() }
    }
}

/// A number in JSON. JSON has none for what is not finite, and serde_json would write null, which does not tell them
/// apart; the spellings are JavaScript's and Python's, and those that Comet's schemas ask for.
pub(super) struct Number(pub(super) f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.0;
        if value.is_finite() {
            serializer.serialize_f64(value)
        } else if value.is_nan() {
            serializer.serialize_str("NaN")
        } else {
            serializer.serialize_str(if value > 0.0 { "Infinity" } else { "-Infinity" })
        }
    }
}

fn write_value<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    Number(*value).serialize(serializer)
}

fn read_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    deserializer.deserialize_any(Value)
}

struct Value;

impl Visitor<'_> for Value {
    type Value = f64;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a number, \"NaN\", \"Infinity\" or \"-Infinity\"")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<f64, E> {
        Ok(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<f64, E> {
        Ok(value as f64)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<f64, E> {
        Ok(value as f64)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<f64, E> {
        match value {
            "NaN" => Ok(f64::NAN),
            "Infinity" => Ok(f64::INFINITY),
            "-Infinity" => Ok(f64::NEG_INFINITY),
            other => Err(E::invalid_value(serde::de::Unexpected::Str(other), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_reads_back() {
        for value in [0.0, -0.0, 1.0, 0.1, 1e-300, f64::MAX, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let record = Record { split: Split::Val, ..Record::sample(1, "loss", value) };
            let json = serde_json::to_string(&record).unwrap();
            let back: Record = serde_json::from_str(&json).unwrap();
            assert!(back.value.to_bits() == value.to_bits() || back.value.is_nan() && value.is_nan(), "{json}");
        }
        let read = |value| {
            serde_json::from_str::<Record>(&format!(
                r#"{{"step":1,"epoch":0,"split":"train","name":"x","value":{value}}}"#
            ))
        };
        assert_eq!(read("-3").unwrap().value, -3.0);
        assert_eq!(read("3").unwrap().value, 3.0);
        assert!(read("null").is_err());
        assert!(read("\"nan\"").unwrap_err().to_string().contains("expected a number, \"NaN\""));
    }
}
