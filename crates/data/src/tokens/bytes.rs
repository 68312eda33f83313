//! A token for each byte.

use crate::error::DataError;

/// Bytes as tokens, 0 to 255: any text, no vocabulary to keep.
///
/// ```
/// use gradus_data::ByteTokens;
///
/// assert_eq!(ByteTokens.encode("né"), [110, 195, 169]);
/// assert_eq!(ByteTokens.decode(&[110, 195, 169])?, "né");
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByteTokens;

impl ByteTokens {
    /// The number of tokens, 256.
    pub fn len(&self) -> usize {
        256
    }

    /// Whether there is no token: never.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The tokens of `text`: its bytes in UTF-8.
    pub fn encode(&self, text: &str) -> Vec<i64> {
        text.bytes().map(i64::from).collect()
    }

    /// The text of `tokens`; bytes that are no UTF-8, as a model may write them, become `\u{fffd}`.
    ///
    /// # Errors
    /// At the first number that is not from 0 to 255.
    pub fn decode(&self, tokens: &[i64]) -> Result<String, DataError> {
        let byte =
            |&token: &i64| u8::try_from(token).map_err(|_| DataError::UnknownToken { token, tokens: self.len() });
        let bytes = tokens.iter().map(byte).collect::<Result<Vec<u8>, _>>()?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
