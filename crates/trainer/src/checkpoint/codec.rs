//! Small plain state as bytes and back: the one module that touches bincode.
//!
//! Fixed-width little-endian integers, lengths as `u64`, fields in the order of their declaration and without names:
//! a field added, removed or moved is another format. Bytes that come from a file are to be checked against a checksum
//! before they come here; hostile ones give an error all the same, without a panic or more memory than their own length
//! calls for.

use bincode::Options;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes that are not the value that was asked for.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {what} from its {length} bytes ({reason}); it was written by another version, or is damaged")]
pub struct CodecError {
    /// What was to be read, in words.
    pub what: String,
    /// The number of bytes given.
    pub length: usize,
    /// What bincode found wrong with them.
    pub reason: String,
}

fn options(limit: u64) -> impl Options {
    bincode::DefaultOptions::new().with_fixint_encoding().with_little_endian().with_limit(limit).reject_trailing_bytes()
}

/// The bytes of `value`.
///
/// # Panics
/// Where the type cannot be encoded at all: a sequence of unknown length, or one of serde's `flatten`, `untagged` and
/// `skip_serializing_if`, which need a format that names its fields.
#[track_caller]
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    match options(u64::MAX).serialize(value) {
        Ok(bytes) => bytes,
        Err(error) => panic!("cannot encode a {}: {error}", std::any::type_name::<T>()),
    }
}

/// Reads what [`encode`] wrote: these bytes, all of them, and nothing else. `what` names the value in the error.
///
/// # Errors
/// Where the bytes are too few, too many, or say what no `T` can be.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, CodecError> {
    options(bytes.len() as u64).deserialize(bytes).map_err(|error| CodecError {
        what: what.to_string(),
        length: bytes.len(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum Stream {
        Seeded { seed: u64, position: u128 },
        Named(String),
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct State {
        step: u64,
        order: Vec<u64>,
        best: Option<f64>,
        streams: BTreeMap<String, Stream>,
        done: bool,
    }

    fn state() -> State {
        let streams = [
            ("dropout".to_string(), Stream::Seeded { seed: 7, position: 1 << 90 }),
            ("order".to_string(), Stream::Named("é".to_string())),
        ];
        State { step: 3, order: vec![2, 0, 1], best: Some(0.5), streams: streams.into(), done: false }
    }

    #[test]
    fn the_layout_is_fixed_width_little_endian() {
        assert_eq!(encode(&(1u16, Some(2u32), "ab")), b"\x01\0\x01\x02\0\0\0\x02\0\0\0\0\0\0\0ab");
        assert_eq!(decode::<State>(&encode(&state()), "state").unwrap(), state());
    }

    #[test]
    fn every_truncation_and_every_addition_is_an_error() {
        let bytes = encode(&state());
        for n in 0..bytes.len() {
            assert!(decode::<State>(&bytes[..n], "state").is_err(), "the first {n} bytes");
        }
        let error = decode::<State>(&[bytes.as_slice(), &[0]].concat(), "the trainer's state").unwrap_err();
        assert!(error.to_string().starts_with("cannot read the trainer's state from its"), "{error}");
    }

    #[test]
    fn lengths_beyond_the_input_take_no_memory() {
        for length in [u64::MAX, u64::MAX / 8, 1 << 40, 1 << 32, 17] {
            let bytes = [length.to_le_bytes(), [0; 8]].concat();
            assert!(decode::<Vec<u64>>(&bytes, "x").is_err());
            assert!(decode::<Vec<u8>>(&bytes, "x").is_err());
            assert!(decode::<String>(&bytes, "x").is_err());
            assert!(decode::<BTreeMap<u64, String>>(&bytes, "x").is_err());
            assert!(decode::<Vec<Vec<[u64; 8]>>>(&bytes, "x").is_err());
        }
    }

    #[test]
    #[should_panic(expected = "cannot encode")]
    fn what_cannot_be_encoded_is_the_callers_bug() {
        #[derive(Serialize)]
        struct Flat {
            #[serde(flatten)]
            fields: BTreeMap<String, u64>,
        }
        encode(&Flat { fields: BTreeMap::new() });
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn random_bytes_never_panic(bytes: Vec<u8>) {
            // What is accepted must be just these bytes, or two inputs would stand for one state.
            if let Ok(state) = decode::<State>(&bytes, "state") {
                prop_assert_eq!(encode(&state), bytes);
            }
        }

        #[test]
        fn a_damaged_byte_never_panics(at in any::<proptest::sample::Index>(), byte: u8) {
            let mut bytes = encode(&state());
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = decode::<State>(&bytes, "state");
        }

        #[test]
        fn floats_keep_their_bits(bits: u64) {
            let value = decode::<f64>(&encode(&f64::from_bits(bits)), "x").unwrap();
            prop_assert_eq!(value.to_bits(), bits);
        }
    }
}
