//! Rules for documents: links lead somewhere, and the architecture knows every crate.

use super::Violation;

/// The document that tells where everything is.
pub(crate) const ARCHITECTURE: &str = "docs/architecture.md";

/// The relative links of a document that lead to no file. Anchors are not looked at.
pub(crate) fn check_links(path: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<Violation> {
    let mut found = Vec::new();
    for (line, target) in links(text) {
        let file = target.split(['#', '?']).next().unwrap_or_default().replace("%20", " ");
        if file.is_empty() || target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let message = match resolve(path, &file) {
            Some(file) if exists(&file) => continue,
            Some(file) => format!("`{target}` leads to {file}, which does not exist; mend or remove the link"),
            None => format!("`{target}` leads out of the repository; use a full address"),
        };
        found.push(Violation::new(path, line, message));
    }
    found
}

/// The packages' folders of which the architecture document says nothing.
pub(crate) fn check_architecture(text: Option<&str>, folders: &[String]) -> Vec<Violation> {
    let Some(text) = text else {
        return vec![Violation::new(ARCHITECTURE, 1, format!("{ARCHITECTURE} is missing; write it"))];
    };
    let unknown = folders.iter().filter(|folder| !is_mentioned(text, folder, folders));
    unknown
        .map(|folder| Violation::new(ARCHITECTURE, 1, format!("`{folder}` is not mentioned; say what it is for")))
        .collect()
}

/// Whether `folder` stands in `text` as itself, not as the start of another folder's path (`crates/nn/derive`).
fn is_mentioned(text: &str, folder: &str, folders: &[String]) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(folder).any(|(at, _)| {
        let is_other = |other: &String| {
            other.len() > folder.len() && other.starts_with(folder) && text[at..].starts_with(other.as_str())
        };
        !text[..at].ends_with(is_name)
            && !text[at + folder.len()..].starts_with(is_name)
            && !folders.iter().any(is_other)
    })
}

/// The path from the repository root that `target` means in the document `path`; none if it leaves the repository.
fn resolve(path: &str, target: &str) -> Option<String> {
    // GitHub takes an absolute path from the repository's root.
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { path.split('/').collect() };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The targets of a document's links and images, with their lines; those in code are text and no links.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let marks = fence_marks(line);
        match fence {
            // A longer row of the same marks, with nothing after it, ends the block.
            Some(open) if marks.starts_with(open) && line.trim().len() == marks.len() => fence = None,
            Some(_) => {}
            None if !marks.is_empty() => fence = Some(marks),
            None => found.extend(line_links(&without_code(line)).into_iter().map(|target| (number, target))),
        }
    }
    found
}

/// The row of three or more backticks or tildes that `line` starts with, or nothing.
fn fence_marks(line: &str) -> &str {
    let line = line.trim_start();
    let mark = line.chars().next().unwrap_or_default();
    let length = line.len() - line.trim_start_matches(mark).len();
    if matches!(mark, '`' | '~') && length >= 3 { &line[..length] } else { "" }
}

/// `line` without its code spans.
fn without_code(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let (before, span) = rest.split_at(start);
        let marks = span.len() - span.trim_start_matches('`').len();
        kept.push_str(before);
        let body = &span[marks..];
        match closing(body, marks) {
            Some(end) => rest = &body[end..],
            None => {
                kept.push_str(&span[..marks]);
                rest = body;
            }
        }
    }
    kept + rest
}

/// Where a row of exactly `marks` backticks in `text` ends.
fn closing(text: &str, marks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(start) = text[at..].find('`').map(|start| at + start) {
        let length = text[start..].len() - text[start..].trim_start_matches('`').len();
        at = start + length;
        if length == marks {
            return Some(at);
        }
    }
    None
}

/// The targets in one line: `[text](target "title")` and `[name]: target`.
fn line_links(line: &str) -> Vec<String> {
    let inline = line.match_indices("](").map(|(at, mark)| &line[at + mark.len()..]);
    let definition = line.trim_start().strip_prefix('[').filter(|rest| !rest.starts_with('^'));
    let definition = definition.and_then(|rest| rest.split_once(']')).and_then(|(_, rest)| rest.strip_prefix(':'));
    inline.chain(definition).map(|rest| target(rest.trim_start()).to_owned()).collect()
}

/// The link target that `text` starts with.
fn target(text: &str) -> &str {
    if let Some((target, _)) = text.strip_prefix('<').and_then(|text| text.split_once('>')) {
        return target;
    }
    let mut depth = 0_isize;
    let end = text.find(|c: char| {
        depth += isize::from(c == '(') - isize::from(c == ')');
        c.is_whitespace() || depth < 0
    });
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::super::assert_violations;
    use super::*;

    const PRESENT: [&str; 4] = ["README.md", "docs/guide.md", "docs/a b (c).md", "crates/nn"];

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        assert_violations(&check_links(path, text, |file| PRESENT.contains(&file)), expected);
    }

    #[test]
    fn links_lead_somewhere() {
        check("README.md", "[a](docs/guide.md) and [b](docs/guide.md#part \"title\")", &[]);
        check("README.md", "[`a`](crates/nn/) ![i](./docs/guide.md)\n[r]: docs/guide.md\n[r]: <docs/guide.md>", &[]);
        check("docs/guide.md", "[a](../README.md) [b](guide.md) [c](/README.md) [d](#here)", &[]);
        check("README.md", "[a](https://x.y/z.md) <http://x> [m](mailto:a@b) [^1]: a note", &[]);
        check("README.md", "[a](<docs/a b (c).md>) [b](docs/a%20b%20(c).md)", &[]);
        let message = |line: usize, target: &str, file: &str| {
            format!("docs/guide.md:{line}: `{target}` leads to {file}, which does not exist; mend or remove the link")
        };
        check("docs/guide.md", "\n[a](README.md)", &[&message(2, "README.md", "docs/README.md")]);
        check("docs/guide.md", "[a](guide.md) [b](../x#y)", &[&message(1, "../x#y", "x")]);
        check("docs/guide.md", "[r]: gone.md", &[&message(1, "gone.md", "docs/gone.md")]);
        check("docs/guide.md", "[![i](a.png)](b)", &[&message(1, "a.png", "docs/a.png"), &message(1, "b", "docs/b")]);
        let out = "docs/guide.md:1: `../../x` leads out of the repository; use a full address";
        check("docs/guide.md", "[a](../../x)", &[out]);
    }

    #[test]
    fn code_holds_no_links() {
        check("README.md", "```\n[a](gone)\n```\n~~~~ md\n[a](gone)\n~~~\n[a](gone)\n~~~~\n", &[]);
        check("README.md", "a `x[i](gone)` b ``[`](gone)`` c", &[]);
        let message = |line: usize| {
            format!("README.md:{line}: `gone` leads to gone, which does not exist; mend or remove the link")
        };
        check("README.md", "```\n```\n[a](gone)", &[&message(3)]);
        check("README.md", "a ` b [a](gone)", &[&message(1)]);
    }

    #[test]
    fn the_architecture_knows_every_crate() {
        let folders = ["crates/nn", "crates/nn/derive", "xtask"].map(str::to_owned);
        let unknown = |folder: &str| format!("docs/architecture.md:1: `{folder}` is not mentioned; say what it is for");
        let check = |text: Option<&str>, expected: &[&str]| {
            assert_violations(&check_architecture(text, &folders), expected);
        };
        check(Some("`xtask`, crates/nn/src, crates/nn/derive"), &[]);
        check(Some("xtask crates/nn/derive"), &[&unknown("crates/nn")]);
        check(Some("xtasks crates/nn crates/nn/derive-x"), &[&unknown("crates/nn/derive"), &unknown("xtask")]);
        check(None, &["docs/architecture.md:1: docs/architecture.md is missing; write it"]);
    }
}
