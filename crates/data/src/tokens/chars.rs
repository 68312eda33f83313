//! A token for each character.

use serde::{Deserialize, Serialize};

use crate::error::DataError;

/// The characters of a text, sorted; each one's place is its token.
///
/// ```
/// use gradus_data::CharVocabulary;
///
/// let vocabulary = CharVocabulary::of("hello");
/// assert_eq!(vocabulary.len(), 4); // e h l o
/// assert_eq!(vocabulary.encode("hole")?, [1, 3, 2, 0]);
/// assert_eq!(vocabulary.decode(&[1, 3, 2, 0])?, "hole");
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CharVocabulary {
    /// Ascending.
    characters: Vec<char>,
}

impl CharVocabulary {
    /// The characters of `text`.
    pub fn of(text: &str) -> Self {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters.dedup();
        Self { characters }
    }

    /// The number of tokens.
    pub fn len(&self) -> usize {
        self.characters.len()
    }

    /// Whether there is no token.
    pub fn is_empty(&self) -> bool {
        self.characters.is_empty()
    }

    /// The tokens of `text`.
    ///
    /// # Errors
    /// At the first character that is not in the vocabulary.
    pub fn encode(&self, text: &str) -> Result<Vec<i64>, DataError> {
        let token = |(place, character): (usize, char)| {
            let found = self.characters.binary_search(&character);
            found.map(|token| token as i64).map_err(|_| DataError::UnknownCharacter { character, place })
        };
        text.chars().enumerate().map(token).collect()
    }

    /// The text of `tokens`.
    ///
    /// # Errors
    /// At the first number that is no token.
    pub fn decode(&self, tokens: &[i64]) -> Result<String, DataError> {
        let character = |&token: &i64| {
            let found = usize::try_from(token).ok().and_then(|token| self.characters.get(token)).copied();
            found.ok_or(DataError::UnknownToken { token, tokens: self.len() })
        };
        tokens.iter().map(character).collect()
    }
}

impl From<CharVocabulary> for String {
    fn from(vocabulary: CharVocabulary) -> Self {
        vocabulary.characters.into_iter().collect()
    }
}

impl TryFrom<String> for CharVocabulary {
    type Error = String;

    fn try_from(characters: String) -> Result<Self, String> {
        let vocabulary = Self::of(&characters);
        if String::from(vocabulary.clone()) == characters {
            Ok(vocabulary)
        } else {
            Err("the characters of a vocabulary stand once each, in ascending order".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_the_vocabulary_is_named() {
        let vocabulary = CharVocabulary::of("añb");
        let error = vocabulary.encode("abc").unwrap_err().to_string();
        assert!(error.contains("character 'c' at place 2"), "{error}");
        assert!(vocabulary.decode(&[0, 3]).unwrap_err().to_string().contains("token 3"));
        assert!(vocabulary.decode(&[-1]).is_err());
    }

    #[test]
    fn a_vocabulary_is_saved_as_its_characters() {
        let vocabulary = CharVocabulary::of("cab\n");
        let json = serde_json::to_string(&vocabulary).unwrap();
        assert_eq!(json, r#""\nabc""#);
        assert_eq!(serde_json::from_str::<CharVocabulary>(&json).unwrap(), vocabulary);
        assert!(serde_json::from_str::<CharVocabulary>(r#""ba""#).is_err());
    }
}
