//! Rules for lengths: of lines, functions and files.

use super::Violation;
use super::source::{Source, find_word};

/// The columns of rustfmt.toml, which leaves comments and strings alone.
const MOST_COLUMNS: usize = 120;

/// Past this a function does not fit a screen.
const MOST_LINES_OF_FUNCTION: usize = 70;

/// Past this a file asks to be two.
const MOST_LINES: usize = 400;

/// What is wrong with one Rust file.
pub(crate) fn check(source: &Source) -> Vec<Violation> {
    let mut found = check_lines(&source.path, &source.text);
    found.extend(functions(source));
    let lines = source.text.lines().count();
    if lines > MOST_LINES {
        let message = format!("{lines} lines, more than {MOST_LINES}; split the file by concern");
        found.push(Violation::new(&source.path, lines, message));
    }
    found
}

/// The lines of any text that are too long, but those that cannot be broken: rows of tables, and addresses.
pub(crate) fn check_lines(path: &str, text: &str) -> Vec<Violation> {
    let is_whole = |line: &str| line.trim_start_matches([' ', '/', '!']).starts_with('|') || line.contains("://");
    let columns = |line: &str| line.chars().count();
    let long = (1..).zip(text.lines()).filter(|(_, line)| columns(line) > MOST_COLUMNS && !is_whole(line));
    long.map(|(number, line)| {
        let message = format!("{} columns, more than {MOST_COLUMNS}; break the line", columns(line));
        Violation::new(path, number, message)
    })
    .collect()
}

/// The functions whose lines, from `fn` to the closing brace, are too many.
fn functions(source: &Source) -> Vec<Violation> {
    let code: String = source.lines.iter().map(|line| line.code.clone() + "\n").collect();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = find_word(&code[from..], "fn").map(|at| from + at) {
        from = at + "fn".len();
        let name = code[from..].trim_start();
        let name = &name[..name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len())];
        let lines = 1 + code[at..at + item(&code[at..])].matches('\n').count();
        // Without a name it is the type of a pointer, and what follows is not its body.
        if !name.is_empty() && lines > MOST_LINES_OF_FUNCTION {
            let message = format!("`{name}` has {lines} lines, more than {MOST_LINES_OF_FUNCTION}; split it by step");
            found.push(Violation::new(&source.path, 1 + code[..at].matches('\n').count(), message));
        }
    }
    found
}

/// The length of the item that `code` starts with: to its closing brace, or to the semicolon of one without a body.
fn item(code: &str) -> usize {
    let mut depth = 0_isize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(c, '}' | ';') {
            return at + 1;
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::super::assert_tidy;
    use super::*;

    #[track_caller]
    fn check_body(body: &str, expected: &[&str]) {
        assert_tidy(check, "a.rs", &format!("//! A.\n{body}"), expected);
    }

    #[test]
    fn files_are_short() {
        check_body(&"x\n".repeat(399), &[]);
        check_body(&"x\n".repeat(400), &["a.rs:401: 401 lines, more than 400; split the file by concern"]);
    }

    #[test]
    fn lines_are_short_unless_they_cannot_be_broken() {
        let x = |columns: usize| "é".repeat(columns);
        check_body(&x(120), &[]);
        check_body(&x(121), &["a.rs:2: 121 columns, more than 120; break the line"]);
        check_body(&format!("/// {}", x(117)), &["a.rs:2: 121 columns, more than 120; break the line"]);
        check_body(&format!("/// | {} |\n| {} |\n/// [a]: https://{}", x(120), x(120), x(120)), &[]);
    }

    #[test]
    fn functions_fit_a_screen() {
        let message =
            |line: usize, lines: usize| format!("a.rs:{line}: `f` has {lines} lines, more than 70; split it by step");
        let body = |lines: usize| "    let a = [{ 1 }; 2];\n".repeat(lines);
        check_body(&format!("fn f() {{\n{}}}\n", body(68)), &[]);
        check_body(&format!("fn f() {{\n{}}}\n", body(69)), &[&message(2, 71)]);
        check_body(&format!("#[x]\npub fn f(\n    a: [u8; 2],\n) {{\n{}}}\n", body(69)), &[&message(3, 73)]);
        check_body(&format!("fn f(a: [u8; 2]);\nmod m {{\n{}}}\n", body(80)), &[]);
        check_body(&format!("type F = fn(u8);\nmod m {{\n{}}}\n", body(80)), &[]);
    }
}
