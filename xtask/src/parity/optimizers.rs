//! docs/optimizers.md: every algorithm and schedule of the registries, as their code documents them, and what the
//! comparison with PyTorch has shown.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::report::{Shown, files, wrapped};
use crate::report::Failure;

const HEAD: &str = "# Optimizers and schedules

Written by `cargo xtask parity --report` from the registries of `crates/optim`, the documentation in the code, and the
tests' own measurements. Errors are the worst |ours - PyTorch's| over the largest |PyTorch's| of a parameter, along 200
steps on a small network and on a badly scaled quadratic, at 1e-5 allowed in `f32` and 1e-10 in `f64`; of schedules, the
worst relative error of 300 values, 1e-12 allowed. Bytes are what a step reads and writes for each parameter in `f32`.
";

/// The document.
pub(super) fn document(root: &Path, shown: &BTreeMap<String, Shown>) -> Result<String, Failure> {
    let optim = root.join("crates/optim/src");
    let algorithms = entries(&optim.join("registry.rs"), &[&optim.join("algorithms")])?;
    let schedules = entries(&optim.join("schedules/mod.rs"), &[&optim.join("schedules")])?;
    let lbfgs = documented("Lbfgs", &sources(&[&optim.join("lbfgs")])?)?;
    let plateau = documented("ReduceLROnPlateau", &sources(&[&optim.join("schedules")])?)?;
    let mut out = String::from(HEAD);
    section(&mut out, "Algorithms", &[algorithms, vec![lbfgs]].concat(), shown);
    section(&mut out, "Schedules", &[schedules, vec![plateau]].concat(), shown);
    Ok(wrapped(&out))
}

/// What the code says of one entry of a registry.
#[derive(Clone)]
struct Documented {
    name: String,
    text: Vec<String>,
    fields: Vec<(String, String)>,
    defaults: Vec<String>,
}

/// The entries of the call of `registry!` in the file at `path`, documented in `folders`.
fn entries(path: &Path, folders: &[&Path]) -> Result<Vec<Documented>, Failure> {
    let text = read(path)?;
    let call = text.rsplit("registry! {").next().unwrap_or_default();
    let words = call.split(|c: char| !c.is_alphanumeric()).filter(|word| word.starts_with(char::is_uppercase));
    let sources = sources(folders)?;
    words.map(|name| documented(name, &sources)).collect()
}

fn sources(folders: &[&Path]) -> Result<Vec<String>, Failure> {
    let mut sources = Vec::new();
    for folder in folders {
        for path in files(folder)? {
            sources.push(read(&path)?);
        }
    }
    Ok(sources)
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

fn documented(name: &str, sources: &[String]) -> Result<Documented, Failure> {
    let opening = format!("pub struct {name} {{");
    let source = sources.iter().find(|source| source.contains(&opening));
    let source = source.ok_or_else(|| Failure::new(format!("no struct {name} is documented in crates/optim/src")))?;
    let lines: Vec<&str> = source.lines().collect();
    let at = |text: &str| lines.iter().position(|line| line.starts_with(text));
    let start = at(&opening).unwrap_or_default();
    let mut fields = Vec::new();
    let mut said = String::new();
    for line in lines[start + 1..].iter().take_while(|line| **line != "}") {
        match (line.trim().strip_prefix("/// "), line.trim().strip_prefix("pub ")) {
            (Some(doc), _) => said = format!("{said} {}", without_code_links(doc)),
            (_, Some(field)) => {
                let field = field.split(':').next().unwrap_or_default().to_owned();
                fields.push((field, std::mem::take(&mut said).trim().to_owned()));
            }
            _ => {}
        }
    }
    let defaults = at(&format!("impl Default for {name} ")).map_or_else(Vec::new, |line| docs_above(&lines[..line]));
    Ok(Documented { name: name.to_owned(), text: docs_above(&lines[..start]), fields, defaults })
}

/// The documentation that ends `lines`, attributes left out.
fn docs_above(lines: &[&str]) -> Vec<String> {
    let above = lines.iter().rev().take_while(|line| line.starts_with("///") || line.starts_with("#["));
    let docs = above.filter_map(|line| line.strip_prefix("///")).map(|line| line.strip_prefix(' ').unwrap_or(line));
    let mut docs: Vec<String> = docs.map(without_code_links).collect();
    docs.reverse();
    docs
}

/// Links to items of the crate lead nowhere outside its documentation.
fn without_code_links(line: &str) -> String {
    let mut line = line.to_owned();
    while let Some(start) = line.find("](crate::").or_else(|| line.find("](super::")) {
        let end = line[start..].find(')').map_or(line.len(), |end| start + end + 1);
        let open = line[..start].rfind('[').unwrap_or(start);
        line = format!("{}{}{}", &line[..open], &line[open + 1..start], &line[end..]);
    }
    line
}

fn section(out: &mut String, title: &str, all: &[Documented], shown: &BTreeMap<String, Shown>) {
    let _ = write!(out, "\n## {title}\n\n| name | bytes a parameter | cases | f32 | f64 |\n");
    out.push_str("| --- | ---: | ---: | ---: | ---: |\n");
    for Documented { name, text, .. } in all {
        let anchor = name.to_lowercase();
        let text = text.join(" ");
        let bytes = bytes(&text).unwrap_or_default();
        let _ = match shown.get(name) {
            Some(Shown { cases, single, double }) if single.is_finite() => {
                writeln!(out, "| [{name}](#{anchor}) | {bytes} | {cases} | {single:.1e} | {double:.1e} |")
            }
            Some(Shown { cases, double, .. }) => {
                writeln!(out, "| [{name}](#{anchor}) | {bytes} | {cases} | | {double:.1e} |")
            }
            None => writeln!(out, "| [{name}](#{anchor}) | {bytes} | beyond PyTorch | | |"),
        };
    }
    for Documented { name, text, fields, defaults } in all {
        let _ = write!(out, "\n### {name}\n\n{}\n\n", text.join("\n"));
        for (field, said) in fields {
            let _ = writeln!(out, "- `{field}`: {said}");
        }
        if !defaults.is_empty() {
            let _ = write!(out, "\nDefaults: {}\n", defaults.join("\n"));
        }
    }
}

/// The number before "bytes" in `text`.
fn bytes(text: &str) -> Option<&str> {
    text.split(" bytes").next().filter(|before| before.len() < text.len())?.rsplit(' ').next()
}
