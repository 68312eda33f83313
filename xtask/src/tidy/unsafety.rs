//! Rules for `unsafe`: only where raw memory is the work, and never without the reason why it holds.

use super::Violation;
use super::source::{Line, Source, find_word};

/// The two folders that are the homes of all unsafe code.
const KERNELS: &str = "crates/tensor/src/kernels/";
const STORAGE: &str = "crates/tensor/src/storage/";

/// The package that may hold unsafe code, so that its root forbids none.
const TENSOR: &str = "crates/tensor/";

/// What is wrong with one Rust file.
pub(crate) fn check(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    found.extend(root_attribute(source));
    for (index, line) in source.lines.iter().enumerate() {
        let mut code = line.code.as_str();
        while let Some(at) = find_word(code, "unsafe") {
            code = &code[at + "unsafe".len()..];
            let message = if is_home(&source.path) {
                missing_reason(&source.lines, index, code)
            } else {
                Some(format!("`unsafe` outside {KERNELS} and {STORAGE}; move it there or write it safely"))
            };
            found.extend(message.map(|message| Violation::new(&source.path, index + 1, message)));
        }
    }
    found
}

fn is_home(path: &str) -> bool {
    path.starts_with(KERNELS) || path.starts_with(STORAGE)
}

/// The compiler holds a crate to the rule only where its root says so.
fn root_attribute(source: &Source) -> Option<Violation> {
    let path = source.path.as_str();
    let is_root = path.ends_with("/lib.rs") || path.ends_with("/src/main.rs");
    let attribute = "#![forbid(unsafe_code)]";
    let present = source.lines.iter().any(|line| line.code.trim() == attribute);
    let message = format!("the root of a crate other than gradus-tensor says `{attribute}`");
    (is_root && !path.starts_with(TENSOR) && !present).then(|| Violation::new(path, 1, message))
}

/// What is missing above the `unsafe` on line `index`, of which `code` is what follows the word.
fn missing_reason(lines: &[Line], index: usize, code: &str) -> Option<String> {
    let following = |line: &&Line| !line.code.trim().is_empty();
    let next = lines[index + 1..].iter().find(following).map_or("", |line| line.code.as_str());
    let code = if code.trim().is_empty() { next } else { code }.trim();
    let comments = comments_above(lines, index);
    let says = |mark: &str| comments.iter().any(|comment| comment.contains(mark));
    let is_function = function_name(code).is_some();
    if is_function || code.starts_with("trait") {
        let inherited = is_function && is_in_trait_impl(lines, index);
        let message = "an unsafe function or trait says what its user must promise: add a `# Safety` doc section";
        return (!inherited && !says("# Safety")).then(|| message.to_owned());
    }
    let is_type = code.starts_with("fn") || code.starts_with("extern") && find_word(code, "fn").is_some();
    let message = "`unsafe` without its reason: say in a `// SAFETY:` comment directly above why it holds";
    (!is_type && !says("SAFETY:")).then(|| message.to_owned())
}

/// The name of the function that `code` declares: none in a function pointer's type.
fn function_name(code: &str) -> Option<&str> {
    let at = find_word(code, "fn").filter(|at| *at == 0 || code.starts_with("extern"))?;
    let name = code[at + "fn".len()..].trim_start();
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
    (end > 0).then(|| &name[..end])
}

/// The comments on the lines directly above, looking through attributes.
fn comments_above(lines: &[Line], index: usize) -> Vec<&str> {
    // Going up, an attribute over several lines starts with its last one.
    let mut in_attribute = false;
    let is_between = |line: &&Line| {
        let code = line.code.trim();
        let is_end = code == ")]";
        let is_attribute = in_attribute || is_end || code.starts_with("#[");
        in_attribute = (in_attribute || is_end) && !code.starts_with("#[");
        is_attribute || (code.is_empty() && !line.comment.is_empty())
    };
    lines[..index].iter().rev().take_while(is_between).map(|line| line.comment.as_str()).collect()
}

/// Whether the line stands in `impl Trait for Type`, where the trait's own documentation holds.
///
/// Finds the enclosing block by indentation, which `cargo fmt --check` keeps right.
fn is_in_trait_impl(lines: &[Line], index: usize) -> bool {
    let indent = |line: &Line| line.code.len() - line.code.trim_start().len();
    let is_outside = |line: &&Line| !line.code.trim().is_empty() && indent(line) < indent(&lines[index]);
    let Some(parent) = lines[..index].iter().rposition(|line| is_outside(&line)) else { return false };
    // The header may take several lines (`impl … for …`, `where`, `{`): all since the item before it ended.
    let is_other = |line: &Line| line.code.trim_end().ends_with(['}', ';']);
    let start = lines[..parent].iter().rposition(is_other).map_or(0, |other| other + 1);
    let header: Vec<_> = lines[start..=parent].iter().map(|line| line.code.as_str()).collect();
    let header = header.join(" ");
    find_word(&header, "impl").is_some_and(|at| header[at..].contains(" for "))
}

#[cfg(test)]
mod tests {
    use super::super::assert_tidy;
    use super::*;

    #[track_caller]
    fn check_file(path: &str, text: &str, expected: &[&str]) {
        assert_tidy(check, path, text, expected);
    }

    /// Checks code where unsafe is allowed; `expected` is the line and the first word of each message.
    #[track_caller]
    fn check_home(text: &str, expected: &[(usize, &str)]) {
        let found = check(&Source::new(format!("{KERNELS}a.rs"), text.to_owned()));
        let found: Vec<_> = found.iter().map(|v| (v.line, v.message.split(' ').next().unwrap())).collect();
        assert_eq!(found, expected, "{text}");
    }

    const BLOCK: &str = "`unsafe`";
    const FUNCTION: &str = "an";

    #[test]
    fn unsafe_code_is_at_home() {
        let text = "// SAFETY: x.\nunsafe { a }\n";
        let message = "unsafe` outside crates/tensor/src/kernels/ and crates/tensor/src/storage/; \
                       move it there or write it safely";
        check_file("crates/tensor/src/kernels/simd/a.rs", text, &[]);
        check_file("crates/tensor/src/storage/mod.rs", text, &[]);
        for path in ["crates/tensor/src/a.rs", "crates/nn/tests/a.rs", "xtask/src/a.rs"] {
            check_file(path, text, &[&format!("{path}:2: `{message}")]);
            check_file(path, "/// unsafe\nfn unsafe_x() { \"unsafe\" }\n#![deny(unsafe_code)]\n", &[]);
        }
        check_file("a.rs", "#[unsafe(no_mangle)]\n", &[&format!("a.rs:1: `{message}")]);
    }

    #[test]
    fn roots_forbid_it() {
        let message = "the root of a crate other than gradus-tensor says `#![forbid(unsafe_code)]`";
        for path in ["crates/nn/src/lib.rs", "crates/nn/derive/src/lib.rs", "benches/lib.rs", "xtask/src/main.rs"] {
            check_file(path, "//! A.\n#![forbid(unsafe_code)]\n", &[]);
            check_file(path, "//! A.\n// #![forbid(unsafe_code)]\n", &[&format!("{path}:1: {message}")]);
        }
        check_file("crates/tensor/src/lib.rs", "//! A.\n", &[]);
        check_file("crates/nn/src/module.rs", "//! A.\n", &[]);
    }

    #[test]
    fn blocks_and_impls_say_why() {
        check_home("// SAFETY: x.\nunsafe { a }", &[]);
        check_home("// SAFETY: x, which\n// takes two lines.\n#[allow(y)]\nlet a = unsafe { a };", &[]);
        check_home("// SAFETY: x.\n#[cfg(\n    y\n)]\n#[allow(z)]\nunsafe { a }", &[]);
        check_home("#[cfg(\n    y\n)]\nunsafe { a }", &[(4, BLOCK)]);
        check_home("// SAFETY: x.\nunsafe impl A for B {}\n// SAFETY: y.\nunsafe impl C for B {}", &[]);
        check_home("// SAFETY: x.\nunsafe impl A for B {}\nunsafe impl C for B {}", &[(3, BLOCK)]);
        check_home("unsafe { a }", &[(1, BLOCK)]);
        check_home("// a\nunsafe { a }", &[(2, BLOCK)]);
        check_home("// SAFETY: x.\n\nunsafe { a }", &[(3, BLOCK)]);
        check_home("// SAFETY: x.\nlet a = 1;\nunsafe { a }", &[(3, BLOCK)]);
        check_home("unsafe { a } // SAFETY: too late.", &[(1, BLOCK)]);
        check_home("let a = f(unsafe { a }, unsafe { b });", &[(1, BLOCK), (1, BLOCK)]);
        check_home("unsafe\n{ a }", &[(1, BLOCK)]);
        check_home("#[unsafe(no_mangle)]", &[(1, BLOCK)]);
    }

    #[test]
    fn functions_and_traits_say_what_to_promise() {
        check_home("/// A.\n///\n/// # Safety\n/// x.\n#[inline]\npub unsafe fn a() {}", &[]);
        check_home("/// # Safety\n/// x.\npub unsafe trait A {}", &[]);
        check_home("/// A.\nunsafe fn a() {}", &[(2, FUNCTION)]);
        check_home("// SAFETY: x.\nunsafe fn a() {}", &[(2, FUNCTION)]);
        check_home("unsafe extern \"C\" fn a() {}", &[(1, FUNCTION)]);
        check_home("unsafe trait A {}", &[(1, FUNCTION)]);
        check_home("type A = unsafe fn(u8);\ntype B = unsafe extern \"C\" fn(u8);", &[]);
    }

    #[test]
    fn functions_of_a_trait_impl_take_the_traits_promise() {
        check_home("impl A for B {\n    fn b() {\n    }\n\n    unsafe fn a() {}\n}", &[]);
        check_home("impl<T> A for B<T>\nwhere\n    T: C,\n{\n    unsafe fn a() {}\n}", &[]);
        check_home("impl B {\n    unsafe fn a() {}\n}", &[(2, FUNCTION)]);
        check_home("impl A for B {}\nmod c {\n    unsafe fn a() {}\n}", &[(3, FUNCTION)]);
        check_home("trait A {\n    unsafe fn a();\n}", &[(2, FUNCTION)]);
    }
}
