//! docs/parity.md: every operation, layer and loss of PyTorch with ours, and what proves it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::names::OURS;
use super::optimizers;
use crate::command;
use crate::report::{Failure, say};

const INVENTORY: &str = "xtask/parity/inventory.txt";

const HEAD: &str = "# Parity with PyTorch

Every operation, layer and loss of PyTorch 2.15 with ours, the stored cases that prove it, and the worst difference seen
in them: largest |ours - PyTorch's| over largest |PyTorch's| of a tensor. Outputs and the gradients of all inputs are
compared in `f32` (at most 1e-5) and in `f64` (1e-10), second derivatives in `f64` (1e-8; they are in the column of
`f64`), each with inputs that lie in memory without gaps and with inputs that do not. Written by `cargo xtask parity
--report` from the tests' own measurements; the cases are in `xtask/parity/families`, a line each.

The names are those of PyTorch's own list of operations with tested gradients (OpInfo), and of `torch.nn`. Where no case
is stored there is nothing to compare: containers, what draws random numbers (tested by their distribution), and what
makes tensors.
";

/// What the cases of one operation have shown.
#[derive(Clone, Copy, Default)]
pub(super) struct Shown {
    pub(super) cases: u64,
    /// NaN where nothing is computed in it.
    pub(super) single: f64,
    pub(super) double: f64,
}

/// Runs the comparison and writes docs/parity.md.
pub(super) fn write(root: &Path, target: &Path) -> Result<(), Failure> {
    let folder = target.join("parity");
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    fs::create_dir_all(&folder).map_err(failed)?;
    let mut test = command::cargo();
    test.args(["test", "--package", "gradus-nn", "--package", "gradus-optim", "--test", "parity"]);
    test.args(["--test", "schedules"]).env("GRADUS_PARITY_REPORT", &folder);
    command::run(test.current_dir(root), "its messages are above")?;
    let shown = read(&folder)?;
    let inventory = fs::read_to_string(root.join(INVENTORY))
        .map_err(|error| Failure::new(format!("{INVENTORY}: {error}; restore it from the repository")))?;
    let sources = Sources::read(root)?;
    // Optimizers and schedules have names without a space of names.
    let (of_torch, of_optim) = shown.into_iter().partition(|(name, _)| name.contains('.'));
    put(&root.join("docs/parity.md"), &document(&inventory, &of_torch, &sources))?;
    put(&root.join("docs/optimizers.md"), &optimizers::document(root, &of_optim)?)
}

fn put(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    say(format!("wrote {}", path.display()));
    Ok(())
}

/// What the tests wrote, by PyTorch's names.
fn read(folder: &Path) -> Result<BTreeMap<String, Shown>, Failure> {
    let bad = |error: String| Failure::new(format!("{}: {error}; run this again", folder.display()));
    let mut all: BTreeMap<String, Shown> = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|error| bad(error.to_string()))? {
        let text = fs::read_to_string(entry.map_err(|error| bad(error.to_string()))?.path());
        let rows: Value = serde_json::from_str(&text.map_err(|error| bad(error.to_string()))?)
            .map_err(|error| bad(error.to_string()))?;
        for row in rows.as_array().into_iter().flatten() {
            // Cases over all elements have a name of their own.
            let name = row[0].as_str().unwrap_or_default();
            let shown = all.entry(name.strip_suffix("_all").unwrap_or(name).to_owned()).or_default();
            shown.cases += row[1].as_u64().unwrap_or(0);
            // Schedules are computed in f64 alone.
            shown.single = row[2].as_f64().map_or(f64::NAN, |single| shown.single.max(single));
            shown.double = shown.double.max(row[3].as_f64().unwrap_or(f64::INFINITY));
        }
    }
    Ok(all)
}

/// The public names of our sources.
struct Sources {
    methods: BTreeSet<String>,
    tensor_methods: BTreeSet<String>,
    functions: BTreeSet<String>,
    types: BTreeSet<String>,
}

impl Sources {
    fn read(root: &Path) -> Result<Self, Failure> {
        let words = |folder: &str, before: &str| -> Result<BTreeSet<String>, Failure> {
            let mut found = BTreeSet::new();
            for path in files(&root.join(folder))? {
                let text =
                    fs::read_to_string(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
                for line in text.lines() {
                    if let Some(rest) = line.trim_start().strip_prefix(before) {
                        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                        found.insert(rest[..end].to_owned());
                    }
                }
            }
            Ok(found)
        };
        Ok(Self {
            methods: words("crates/autograd/src/ops", "pub fn ")?,
            tensor_methods: words("crates/tensor/src/ops", "pub fn ")?,
            functions: words("crates/nn/src", "pub fn ")?,
            types: exported(root)?,
        })
    }

    /// What the operation `name` is called here.
    fn ours(&self, name: &str) -> Option<String> {
        if let Some((_, ours, _)) = OURS.iter().find(|(theirs, ..)| *theirs == name) {
            return (!ours.is_empty()).then(|| (*ours).to_owned());
        }
        let (space, last) = name.split_once('.')?;
        match space {
            "nn" if self.types.contains(last) => Some(format!("`{last}`")),
            "nn" => None,
            _ if self.methods.contains(last) => Some(format!("`Var::{last}`")),
            _ if self.functions.contains(last) => Some(format!("`nn::{last}`")),
            _ if self.tensor_methods.contains(last) => Some(format!("`Tensor::{last}`")),
            _ => None,
        }
    }
}

/// The types that the crate nn gives to its users.
fn exported(root: &Path) -> Result<BTreeSet<String>, Failure> {
    let path = root.join("crates/nn/src/lib.rs");
    let text = fs::read_to_string(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    let uses = text.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next());
    let words = uses.flat_map(|path| path.split(|c: char| !c.is_alphanumeric() && c != '_'));
    Ok(words.filter(|word| word.starts_with(char::is_uppercase)).map(str::to_owned).collect())
}

/// The Rust files below a folder.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

fn document(inventory: &str, shown: &BTreeMap<String, Shown>, sources: &Sources) -> String {
    let listed: BTreeSet<&str> = inventory.lines().collect();
    // A case's `Tensor.x` is the operation `torch.x`, `special.x` is `torch.special.x`.
    let direct = |name: &str| {
        let last = name.strip_prefix("torch.")?;
        shown.get(name).or_else(|| shown.get(last)).or_else(|| shown.get(&format!("Tensor.{last}")))
    };
    let proof = |name: &str| shown.get(name).or_else(|| direct(name));
    let elsewhere = |name: &str| OURS.iter().find(|(theirs, ..)| *theirs == name).and_then(|(.., proof)| *proof);
    let cases: u64 = shown.values().map(|shown| shown.cases).sum();
    let worst = |of: fn(&Shown) -> f64| shown.values().map(of).fold(0.0, f64::max);
    let (single, double) = (worst(|shown| shown.single), worst(|shown| shown.double));
    let mut out = format!("{HEAD}\n{cases} cases; worst difference {single:.1e} in `f32`, {double:.1e} in `f64`.\n");
    for (title, space) in [("Layers and losses", "nn."), ("Functions of `torch.nn`", "F."), ("Operations", "torch.")] {
        let _ =
            write!(out, "\n## {title}\n\n| PyTorch | here | cases | f32 | f64 |\n| --- | --- | ---: | ---: | ---: |\n");
        let names: BTreeSet<&str> = listed.iter().copied().chain(shown.keys().map(String::as_str)).collect();
        for name in names.into_iter().filter(|name| name.starts_with(space)) {
            let Some(ours) = sources.ours(name).or_else(|| proof(name).map(|_| "here".to_owned())) else { continue };
            let _ = match (proof(name), elsewhere(name)) {
                (Some(Shown { cases, single, double }), _) => {
                    writeln!(out, "| `{name}` | {ours} | {cases} | {single:.1e} | {double:.1e} |")
                }
                (None, Some(proof)) => writeln!(out, "| `{name}` | {ours} | those of `{proof}` | | |"),
                (None, None) => writeln!(out, "| `{name}` | {ours} | - | | |"),
            };
        }
    }
    out.push_str("\n## What PyTorch has and Gradus does not\n\n");
    let missing: Vec<&str> =
        listed.into_iter().filter(|name| sources.ours(name).is_none() && proof(name).is_none()).collect();
    for space in ["nn.", "F.", "torch.linalg.", "torch.fft.", "torch.special.", "torch.signal.", "torch."] {
        let nested = |name: &str| space == "torch." && name["torch.".len()..].contains('.');
        let names: Vec<String> = missing
            .iter()
            .filter(|name| name.starts_with(space) && !nested(name))
            .map(|name| format!("`{}`", &name[space.len()..]))
            .collect();
        if !names.is_empty() {
            let _ = writeln!(out, "- `{}`: {}", space.trim_end_matches('.'), names.join(", "));
        }
    }
    wrapped(&out)
}

/// Long lists broken into lines of at most 120 characters; tables stay as they are.
pub(super) fn wrapped(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        if line.len() <= 120 || line.starts_with('|') {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let mut width = 0;
        for (i, word) in line.split(' ').enumerate() {
            if i > 0 && width + 1 + word.len() > 120 {
                out.push_str("\n  ");
                width = 2;
            } else if i > 0 {
                out.push(' ');
                width += 1;
            }
            out.push_str(word);
            width += word.len();
        }
        out.push('\n');
    }
    out
}
