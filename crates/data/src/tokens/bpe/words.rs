//! A text cut into the words that pairs are joined within.

/// What a word is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letters,
    Digits,
    Space,
    Others,
}

impl Kind {
    fn of(character: char) -> Self {
        match character {
            c if c.is_alphabetic() => Self::Letters,
            c if c.is_numeric() => Self::Digits,
            c if c.is_whitespace() => Self::Space,
            _ => Self::Others,
        }
    }
}

/// The words of `text` in order; together they are the text.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (word, after) = rest.split_at(first_word(rest));
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

/// The bytes of the first word.
fn first_word(text: &str) -> usize {
    let run = |text: &str, kind: Kind| text.find(|c| Kind::of(c) != kind).unwrap_or(text.len());
    let Some(first) = text.chars().next() else { return 0 };
    if Kind::of(first) != Kind::Space {
        return run(text, Kind::of(first));
    }
    let spaces = run(text, Kind::Space);
    let next = text[spaces..].chars().next().map(Kind::of);
    match next {
        // The last space belongs to the word after it.
        Some(kind) if text[..spaces].ends_with(' ') => match spaces {
            1 => 1 + run(&text[1..], kind),
            _ => spaces - 1,
        },
        _ => spaces,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_kinds_of_characters() {
        let check = |text: &str, want: &[&str]| assert_eq!(words(text).collect::<Vec<_>>(), want);
        check("", &[]);
        check("Hello, wörld 42!", &["Hello", ",", " wörld", " 42", "!"]);
        check("  a\n\n b ", &[" ", " a", "\n\n", " b", " "]);
        check("\ta", &["\t", "a"]);
        check("日本 x1", &["日本", " x", "1"]);
    }
}
