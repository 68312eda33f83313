//! Tokens for frequent sequences of bytes: byte-pair encoding.

mod train;
mod words;

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::sources::text::read_text;
use crate::tokens::bpe::words::words;

/// Tokens below this are bytes.
const BYTES: usize = 256;

/// Byte-pair encoding: 256 tokens for bytes, and one for each pair of tokens that was the most frequent when it was
/// made (R. Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", 2016; over bytes as in
/// GPT-2, A. Radford et al., 2019). Any text has tokens, and comes back from them.
///
/// Pairs are joined within words only. A word is a run of letters, of digits, or of other characters that are no white
/// space, each with the one space before it, if there is one; other white space is a word of its own.
///
/// ```
/// use gradus_data::Bpe;
///
/// let bpe = Bpe::train("low lower lowest low low", 260);
/// assert_eq!(bpe.len(), 260);
/// let tokens = bpe.encode("low slower");
/// assert!(tokens.len() < "low slower".len());
/// assert_eq!(bpe.decode(&tokens)?, "low slower");
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct Bpe {
    /// What token `256 + i` is made of: two tokens before it.
    merges: Vec<(u32, u32)>,
    /// The place of each pair in `merges`.
    ranks: HashMap<(u32, u32), u32>,
}

impl Bpe {
    /// Makes tokens of `text` until there are `vocabulary` in all, or no pair comes twice.
    ///
    /// Of pairs that are equally frequent, the one whose tokens are older is joined first, so the result depends on the
    /// text alone. A `vocabulary` below 256 is 256.
    pub fn train(text: &str, vocabulary: usize) -> Self {
        Self::of(train::merges(words(text), vocabulary.saturating_sub(BYTES)))
    }

    /// The number of tokens.
    pub fn len(&self) -> usize {
        BYTES + self.merges.len()
    }

    /// Whether there is no token: never.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The tokens of `text`: in each word, pairs are joined in the order in which they were made.
    pub fn encode(&self, text: &str) -> Vec<i64> {
        let mut tokens = Vec::new();
        let mut known: HashMap<&str, Vec<u32>> = HashMap::new();
        for word in words(text) {
            let word = known.entry(word).or_insert_with(|| self.encode_word(word));
            tokens.extend(word.iter().map(|&token| i64::from(token)));
        }
        tokens
    }

    fn encode_word(&self, word: &str) -> Vec<u32> {
        let mut tokens: Vec<u32> = word.bytes().map(u32::from).collect();
        while let Some((rank, pair)) =
            tokens.windows(2).filter_map(|pair| Some((*self.ranks.get(&(pair[0], pair[1]))?, (pair[0], pair[1])))).min()
        {
            join(&mut tokens, pair, BYTES as u32 + rank);
        }
        tokens
    }

    /// The bytes of `tokens`.
    ///
    /// # Errors
    /// At the first number that is no token.
    pub fn decode_bytes(&self, tokens: &[i64]) -> Result<Vec<u8>, DataError> {
        let mut bytes = Vec::new();
        let mut rest = Vec::new();
        for &token in tokens {
            let known = u32::try_from(token).ok().filter(|&known| (known as usize) < self.len());
            rest.push(known.ok_or(DataError::UnknownToken { token, tokens: self.len() })?);
            while let Some(token) = rest.pop() {
                match u8::try_from(token) {
                    Ok(byte) => bytes.push(byte),
                    Err(_) => {
                        let (left, right) = self.merges[token as usize - BYTES];
                        rest.extend([right, left]);
                    }
                }
            }
        }
        Ok(bytes)
    }

    /// The text of `tokens`; bytes that are no UTF-8, as a model may write them, become `\u{fffd}`.
    ///
    /// # Errors
    /// At the first number that is no token.
    pub fn decode(&self, tokens: &[i64]) -> Result<String, DataError> {
        Ok(String::from_utf8_lossy(&self.decode_bytes(tokens)?).into_owned())
    }

    /// Writes the tokens as JSON: `{"merges":[[left,right],...]}`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), DataError> {
        let json = serde_json::to_vec(self).expect("pairs of numbers are JSON");
        let path = path.as_ref();
        fs::write(path, json).map_err(|cause| DataError::Write { path: path.to_path_buf(), cause })
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// If the file cannot be read, or is not what `save` writes: other keys, a pair of tokens that do not come before
    /// it, a pair twice.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref();
        serde_json::from_str(&read_text(path)?).map_err(|cause| DataError::Tokens { path: path.to_path_buf(), cause })
    }

    fn of(merges: Vec<(u32, u32)>) -> Self {
        let ranks = merges.iter().zip(0..).map(|(&pair, rank)| (pair, rank)).collect();
        Self { merges, ranks }
    }
}

/// Puts `token` in the place of each `pair`, from the left.
fn join(tokens: &mut Vec<u32>, pair: (u32, u32), token: u32) {
    let mut kept = 0;
    let mut at = 0;
    while at < tokens.len() {
        let is_pair = tokens[at] == pair.0 && tokens.get(at + 1) == Some(&pair.1);
        tokens[kept] = if is_pair { token } else { tokens[at] };
        at += 1 + usize::from(is_pair);
        kept += 1;
    }
    tokens.truncate(kept);
}

/// As it stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    merges: Vec<(u32, u32)>,
}

impl From<Bpe> for Saved {
    fn from(bpe: Bpe) -> Self {
        Self { merges: bpe.merges }
    }
}

impl TryFrom<Saved> for Bpe {
    type Error = String;

    fn try_from(saved: Saved) -> Result<Self, String> {
        for (i, &(left, right)) in saved.merges.iter().enumerate() {
            if left.max(right) as usize >= BYTES + i {
                return Err(format!("pair {i} joins {left} and {right}, but there are {} tokens before it", BYTES + i));
            }
        }
        let pairs = saved.merges.len();
        let bpe = Self::of(saved.merges);
        if bpe.ranks.len() < pairs { Err("a pair is there twice".to_owned()) } else { Ok(bpe) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_most_frequent_pair_comes_first_and_ties_go_to_the_older() {
        let bpe = Bpe::train("abab abab cdcd", 259);
        // "ab" comes 4 times; then "cd" and "ab" + "ab" twice each, and "c" is the older token.
        let pair = |left: u8, right: u8| (u32::from(left), u32::from(right));
        assert_eq!(bpe.merges, [pair(b'a', b'b'), pair(b'c', b'd'), (256, 256)]);
    }

    #[test]
    fn what_is_saved_is_loaded_and_what_is_wrong_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.json");
        let bpe = Bpe::train("la la la land", 300);
        bpe.save(&path).unwrap();
        assert_eq!(Bpe::load(&path).unwrap(), bpe);
        let check = |json: &str, want: &str| {
            fs::write(&path, json).unwrap();
            let message = Bpe::load(&path).unwrap_err().to_string();
            assert!(
                message.contains("tokens.json: holds no tokens that Bpe::save wrote (") && message.contains(want),
                "{message}"
            );
        };
        check("", "EOF");
        check(r#"{"merges":[[97,98]"#, "EOF");
        check(r#"{"merges":[[97]]}"#, "invalid length");
        check(r#"{"merges":[[-1, 2]]}"#, "invalid value");
        check(r#"{"merges":[],"more":1}"#, "unknown field");
        check(r#"{"merges":[[97,98],[257,97]]}"#, "pair 1 joins 257 and 97, but there are 257 tokens before it");
        check(r#"{"merges":[[97,98],[97,98]]}"#, "a pair is there twice");
        assert!(bpe.decode(&[bpe.len() as i64]).is_err() && bpe.decode(&[-1]).is_err());
        assert_eq!(Bpe::train("", 1000).len(), 256);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(
            training in "[a-c ]{0,60}",
            text in "\\PC{0,40}|[a-c \\n\\t0-9é]{0,60}",
            size in 0usize..300,
        ) {
            let bpe = Bpe::train(&training, size);
            let tokens = bpe.encode(&text);
            prop_assert!(tokens.len() <= text.len());
            prop_assert_eq!(bpe.decode(&tokens).unwrap(), text);
        }
    }
}
