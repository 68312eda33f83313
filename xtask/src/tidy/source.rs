//! A Rust file taken apart into code and comments, so that a rule about code does not trip over text.

/// A Rust file.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) lines: Vec<Line>,
}

/// One line of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// What the compiler sees, with empty literals: `f("a") // b` is `f("") `.
    pub(crate) code: String,
    /// The comments of the line, with their slashes and stars.
    pub(crate) comment: String,
}

impl Source {
    pub(crate) fn new(path: String, text: String) -> Self {
        let lines = split(&text);
        Self { path, text, lines }
    }

    /// The numbered lines outside `#[cfg(test)] mod … { }`.
    ///
    /// Other items under `#[cfg(test)]` are not recognised and count as code of the library.
    pub(crate) fn lines_outside_tests(&self) -> Vec<(usize, &Line)> {
        let mut outside = Vec::new();
        let mut lines = self.lines.iter().enumerate().map(|(index, line)| (index + 1, line)).peekable();
        while let Some((number, line)) = lines.next() {
            outside.push((number, line));
            if !line.code.contains("#[cfg(test)]") {
                continue;
            }
            // Between the attribute and its item: comments and further attributes.
            while let Some(next) = lines.next_if(|(_, line)| {
                let code = line.code.trim();
                code.is_empty() || code.starts_with("#[")
            }) {
                outside.push(next);
            }
            let mut depth = 0_isize;
            let is_module = |line: &Line| find_word(&line.code, "mod").is_some();
            if lines.peek().is_some_and(|(_, line)| is_module(line)) {
                for (_, line) in lines.by_ref() {
                    depth += braces(&line.code);
                    if depth <= 0 {
                        break;
                    }
                }
            }
        }
        outside
    }
}

fn braces(code: &str) -> isize {
    code.chars().map(|c| isize::from(c == '{') - isize::from(c == '}')).sum()
}

/// Where `word` stands in `code` as a word of its own, not as a part of a longer name.
pub(crate) fn find_word(code: &str, word: &str) -> Option<usize> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    // `println!` ends as a word by its own last character.
    let open_ended = !word.ends_with(is_name);
    code.match_indices(word)
        .find(|(at, _)| {
            !code[..*at].ends_with(is_name) && (open_ended || !code[at + word.len()..].starts_with(is_name))
        })
        .map(|(at, _)| at)
}

fn split(text: &str) -> Vec<Line> {
    let mut splitter = Splitter { rest: text, lines: vec![Line::default()] };
    while !splitter.rest.is_empty() {
        splitter.step();
    }
    splitter.lines
}

/// What a stretch of text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

struct Splitter<'a> {
    rest: &'a str,
    lines: Vec<Line>,
}

impl Splitter<'_> {
    /// Takes the next comment, literal, name or other character.
    fn step(&mut self) {
        let rest = self.rest;
        if rest.starts_with("//") {
            self.take(rest.find('\n').unwrap_or(rest.len()), Kind::Comment);
        } else if rest.starts_with("/*") {
            self.take(block_comment(rest), Kind::Comment);
        } else if let Some(length) = raw_string(rest) {
            self.literal(length, "\"\"");
        } else if rest.starts_with('"') {
            self.literal(quoted(rest, '"'), "\"\"");
        } else if let Some(length) = character(rest) {
            self.literal(length, "''");
        } else {
            // A name is taken whole, or the `r` that ends it would be seen as the start of a raw string.
            let name = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            self.take(name.max(rest.chars().next().map_or(0, char::len_utf8)), Kind::Code);
        }
    }

    fn literal(&mut self, length: usize, shown: &str) {
        self.line().code.push_str(shown);
        self.take(length, Kind::Literal);
    }

    fn take(&mut self, length: usize, kind: Kind) {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        for (index, piece) in taken.split('\n').enumerate() {
            if index > 0 {
                self.lines.push(Line::default());
            }
            match kind {
                Kind::Code => self.line().code.push_str(piece),
                Kind::Comment => self.line().comment.push_str(piece),
                Kind::Literal => {}
            }
        }
    }

    fn line(&mut self) -> &mut Line {
        self.lines.last_mut().expect("there is a line from the start")
    }
}

/// The length of the block comment that `text` starts with; they nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
        } else {
            at += 1;
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The length of the raw string that `text` starts with, if it does.
fn raw_string(text: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"]
        .into_iter()
        .find(|prefix| text.strip_prefix(prefix).is_some_and(|rest| rest.trim_start_matches('#').starts_with('"')))?;
    let hashes = text[prefix.len()..].find('"')?;
    let body = prefix.len() + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(text[body..].find(&end).map_or(text.len(), |at| body + at + end.len()))
}

/// The length of the literal that `text` starts with, to the next `quote` that no backslash precedes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// The length of the character that `text` starts with, if it does: `'a'`, but not the lifetime `'a`.
fn character(text: &str) -> Option<usize> {
    let mut body = text.strip_prefix('\'')?.chars();
    match (body.next()?, body.next()?) {
        ('\\', _) | (_, '\'') => Some(quoted(text, '\'')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    #[track_caller]
    fn check(text: &str, code: &[&str], comments: &[&str]) {
        let lines = split(text);
        assert_eq!(lines.iter().map(|line| line.code.as_str()).collect::<Vec<_>>(), code);
        assert_eq!(lines.iter().map(|line| line.comment.as_str()).collect::<Vec<_>>(), comments);
    }

    #[test]
    fn code_and_comments_part() {
        check("a // b\n/// c", &["a ", ""], &["// b", "/// c"]);
        check("a /* b /* c */\n d */ e", &["a ", " e"], &["/* b /* c */", " d */"]);
        check("a /* never closed\n", &["a ", ""], &["/* never closed", ""]);
        check("1 / 2", &["1 / 2"], &[""]);
    }

    #[test]
    fn literals_are_empty() {
        check(r#"f("a // b", c)"#, &[r#"f("", c)"#], &[""]);
        check(r#"f("a \" b") // c"#, &[r#"f("") "#], &["// c"]);
        check("f(\"a\nb\")", &["f(\"\"", ")"], &["", ""]);
        check(r###"r#"a "b" // c"# d"###, &["\"\" d"], &[""]);
        check(r###"br##"a"# // c"## d"###, &["\"\" d"], &[""]);
        check(r#"var"a" r"\" b"#, &["var\"\" \"\" b"], &[""]);
        check(r#"'"' '\'' '\\' '/' '\u{22}' "x""#, &[r#"'' '' '' '' '' """#], &[""]);
        check("fn f<'a>(x: &'a str) // c", &["fn f<'a>(x: &'a str) "], &["// c"]);
        check("r#type // c", &["r#type "], &["// c"]);
        check("'é' ü", &["'' ü"], &[""]);
    }

    #[test]
    fn words_stand_alone() {
        for (code, word, expected) in [
            ("unsafe {", "unsafe", Some(0)),
            ("forbid(unsafe_code)", "unsafe", None),
            ("x.unsafe_code; unsafe", "unsafe", Some(15)),
            ("eprintln!()", "println!", None),
            ("std::println!()", "println!", Some(5)),
        ] {
            assert_eq!(find_word(code, word), expected, "{word} in {code}");
        }
    }

    #[test]
    fn modules_of_tests_are_left_out() {
        for (text, expected) in [
            ("a\n#[cfg(test)]\nmod t {\n b { }\n}\nc", &[1, 2, 6][..]),
            ("a\n#[cfg(test)]\n// why\n#[allow(x)]\npub mod t {\n}\nc", &[1, 2, 3, 4, 7]),
            ("#[cfg(test)]\nmod t;\nc", &[1, 3]),
            ("#[cfg(test)]\nfn f() {\n}\nc", &[1, 2, 3, 4]),
            ("#[cfg(test)]\nmod t {\n \"}\" // }\n}\nc", &[1, 5]),
        ] {
            let source = Source::new(String::new(), text.to_owned());
            let numbers: Vec<_> = source.lines_outside_tests().iter().map(|(number, _)| *number).collect();
            assert_eq!(numbers, expected, "{text}");
        }
    }

    /// Whoever takes a quote for the wrong one loses braces from there on.
    #[test]
    fn the_braces_of_every_file_balance() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let files = tree::walk(&root, &["crates", "xtask", "benches"], "rs").unwrap();
        assert!(files.iter().any(|file| file.path == "xtask/src/tidy/source.rs"));
        for file in files {
            let depth: isize = split(&file.text).iter().map(|line| braces(&line.code)).sum();
            assert_eq!(depth, 0, "{}", file.path);
        }
    }
}
