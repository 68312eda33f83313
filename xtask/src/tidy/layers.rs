//! The layers: which package of the workspace may use which, compared exactly with what the manifests say.

use cargo_metadata::DependencyKind::{self, Build, Development, Normal};
use cargo_metadata::{Metadata, Package};

use super::Violation;
use crate::report::Failure;

/// One line of the table: a package and all packages of the workspace that it uses as `kind`.
pub(crate) type Row = (&'static str, DependencyKind, &'static str);

/// The file and line of [`TABLE`], for messages.
const TABLE_AT: (&str, usize) = (file!(), line!() as usize + 6);

/// Every edge between packages of the workspace. Each package has at least one line; use further lines with
/// `Development` or `Build` for edges of these kinds.
///
/// Change it only with docs/architecture.md.
pub(crate) const TABLE: &[Row] = &[
    ("gradus-tensor", Normal, ""),
    ("gradus-autograd", Normal, "gradus-tensor"),
    ("gradus-nn-derive", Normal, ""),
    ("gradus-nn", Normal, "gradus-autograd gradus-tensor gradus-nn-derive"),
    ("gradus-optim", Normal, "gradus-autograd gradus-tensor"),
    ("gradus-data", Normal, "gradus-tensor"),
    ("gradus-trainer", Normal, "gradus-data gradus-optim gradus-nn gradus-autograd gradus-tensor"),
    ("gradus-benches", Normal, "gradus-data gradus-nn gradus-optim gradus-autograd gradus-tensor"),
    ("gradus-benches", Development, "gradus-trainer"),
    ("xtask", Normal, ""),
];

/// A package of the workspace as its manifest describes it.
#[derive(Debug)]
pub(crate) struct Node {
    name: String,
    /// Its Cargo.toml, relative to the repository root.
    manifest: String,
    edges: Vec<Edge>,
}

/// A dependency on another package of the workspace.
#[derive(Debug)]
struct Edge {
    kind: DependencyKind,
    to: String,
    /// Where the manifest says so.
    line: usize,
}

/// Where `packages` and `table` differ.
pub(crate) fn check(table: &[Row], packages: &[Node]) -> Vec<Violation> {
    let mut found = Vec::new();
    let (file, line) = TABLE_AT;
    for package in packages {
        let Node { name, manifest, edges } = package;
        if !table.iter().any(|(from, ..)| from == name) {
            let message = format!("{name} has no line in the table of layers at {file}:{line}; add one");
            found.push(Violation::new(manifest, 1, message));
        }
        for Edge { kind, to, line: at } in edges {
            if !allows(table, name, *kind, to) {
                let kind = section(*kind);
                let message = format!(
                    "{name} must not use {to} ({kind}): the table of layers at {file}:{line} has no such edge; \
                     remove the dependency, or change the design and the table"
                );
                found.push(Violation::new(manifest, *at, message));
            }
        }
    }
    found.extend(stale(table, packages));
    found
}

/// What the table says and no manifest does.
fn stale(table: &[Row], packages: &[Node]) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut complain = |message: String| found.push(Violation::new(TABLE_AT.0, TABLE_AT.1, message));
    for (from, kind, to) in table {
        let Some(package) = packages.iter().find(|package| package.name == *from) else {
            complain(format!("the table has a line for {from}, which is no package of the workspace; remove it"));
            continue;
        };
        for to in to.split_whitespace() {
            if !package.edges.iter().any(|edge| edge.kind == *kind && edge.to == to) {
                let (kind, manifest) = (section(*kind), &package.manifest);
                complain(format!(
                    "the table has an edge from {from} to {to} ({kind}) that {manifest} lacks; remove it"
                ));
            }
        }
    }
    found
}

fn allows(table: &[Row], from: &str, kind: DependencyKind, to: &str) -> bool {
    table.iter().any(|row| row.0 == from && row.1 == kind && row.2.split_whitespace().any(|allowed| allowed == to))
}

/// The manifest's section for dependencies of `kind`.
fn section(kind: DependencyKind) -> &'static str {
    match kind {
        Development => "dev-dependencies",
        Build => "build-dependencies",
        _ => "dependencies",
    }
}

/// The packages of the workspace and the edges between them.
pub(crate) fn packages(metadata: &Metadata) -> Result<Vec<Node>, Failure> {
    let packages = metadata.workspace_packages();
    packages.iter().map(|package| node(metadata, package, &packages)).collect()
}

fn node(metadata: &Metadata, package: &Package, all: &[&Package]) -> Result<Node, Failure> {
    let manifest = std::fs::read_to_string(&package.manifest_path)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", package.manifest_path)))?;
    let inside = package.dependencies.iter().filter(|to| all.iter().any(|package| *package.name == to.name));
    let edges = inside.map(|to| {
        let key = to.rename.as_deref().unwrap_or(&to.name);
        Edge { kind: to.kind, to: to.name.clone(), line: line_of(&manifest, to.kind, key) }
    });
    let edges = edges.collect();
    Ok(Node { name: package.name.to_string(), manifest: relative(metadata, &package.manifest_path), edges })
}

/// The line of `manifest` that declares the dependency `key`, or its first line.
fn line_of(manifest: &str, kind: DependencyKind, key: &str) -> usize {
    let mut header = "";
    for (number, line) in (1..).zip(manifest.lines().map(str::trim)) {
        // `[target.'cfg(unix)'.dependencies]` and `[dependencies.key]` are headers of the same section.
        let of_kind = |header: &str| header.split(['[', ']', '.']).any(|part| part == section(kind));
        if line.starts_with('[') {
            header = line;
            if of_kind(header) && header.trim_end_matches(']').ends_with(&format!(".{key}")) {
                return number;
            }
        }
        let is_key = line.strip_prefix(key).is_some_and(|rest| rest.starts_with([' ', '=', '.']));
        if is_key && of_kind(header) {
            return number;
        }
    }
    1
}

/// The folders of all packages, relative to the repository root.
pub(crate) fn folders(metadata: &Metadata) -> Vec<String> {
    let manifests = metadata.workspace_packages().into_iter().map(|package| relative(metadata, &package.manifest_path));
    manifests.filter_map(|manifest| manifest.strip_suffix("/Cargo.toml").map(str::to_owned)).collect()
}

fn relative(metadata: &Metadata, path: &cargo_metadata::camino::Utf8Path) -> String {
    path.strip_prefix(&metadata.workspace_root).unwrap_or(path).as_str().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::assert_violations;
    use super::*;

    const SMALL: &[Row] =
        &[("tensor", Normal, ""), ("nn", Normal, "tensor"), ("nn", Development, "data"), ("data", Build, "tensor")];

    /// Checks a graph, written as one `(from, [(kind, to)])` a package, against [`SMALL`].
    #[track_caller]
    fn check_graph(graph: &[(&str, &[(DependencyKind, &str)])], expected: &[&str]) {
        let node = |(name, edges): &(&str, &[(DependencyKind, &str)])| Node {
            name: (*name).to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            edges: edges.iter().map(|(kind, to)| Edge { kind: *kind, to: (*to).to_owned(), line: 7 }).collect(),
        };
        let at = format!("{}:{}", TABLE_AT.0, TABLE_AT.1);
        let expected: Vec<_> = expected.iter().map(|message| message.replace("TABLE", &at)).collect();
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        assert_violations(&check(SMALL, &graph.iter().map(node).collect::<Vec<_>>()), &expected);
    }

    #[test]
    fn edges_are_exactly_those_of_the_table() {
        let tensor = ("tensor", &[][..]);
        let nn = ("nn", &[(Normal, "tensor"), (Development, "data")][..]);
        let data = ("data", &[(Build, "tensor")][..]);
        check_graph(&[tensor, nn, data], &[]);

        let cure =
            "the table of layers at TABLE has no such edge; remove the dependency, or change the design and the table";
        let upward = format!("crates/tensor/Cargo.toml:7: tensor must not use nn (dev-dependencies): {cure}");
        check_graph(&[("tensor", &[(Development, "nn")]), nn, data], &[&upward]);
        let upward = format!("crates/tensor/Cargo.toml:7: tensor must not use nn (build-dependencies): {cure}");
        check_graph(&[("tensor", &[(Build, "nn")]), nn, data], &[&upward]);

        let other_kind = format!("crates/data/Cargo.toml:7: data must not use tensor (dependencies): {cure}");
        let gone = "TABLE: the table has an edge from data to tensor (build-dependencies) that \
                    crates/data/Cargo.toml lacks; remove it";
        check_graph(&[tensor, nn, ("data", &[(Normal, "tensor")])], &[&other_kind, gone]);
        check_graph(&[tensor, nn, ("data", &[])], &[gone]);
    }

    #[test]
    fn packages_are_exactly_those_of_the_table() {
        let tensor = ("tensor", &[][..]);
        let nn = ("nn", &[(Normal, "tensor"), (Development, "data")][..]);
        let data = ("data", &[(Build, "tensor")][..]);
        let new = "crates/new/Cargo.toml:1: new has no line in the table of layers at TABLE; add one";
        check_graph(&[tensor, nn, data, ("new", &[])], &[new]);
        let gone = "TABLE: the table has a line for tensor, which is no package of the workspace; remove it";
        check_graph(&[nn, data], &[gone]);
    }

    #[test]
    fn the_line_named_is_the_dependencys_own() {
        let manifest = "[package]\nb = 1\n[dependencies]\nb-c = 1\nb.workspace = true\n[dev-dependencies]\nb = 1\n\
                        [target.'cfg(unix)'.build-dependencies]\nb = 1\n[dependencies.d]\npath = \"d\"\n";
        for (kind, key, expected) in
            [(Normal, "b", 5), (Development, "b", 7), (Build, "b", 9), (Normal, "d", 10), (Normal, "gone", 1)]
        {
            assert_eq!(line_of(manifest, kind, key), expected, "{key} as {kind}");
        }
    }

    /// The edges as cargo tells them: a made-up workspace with a forbidden upward edge.
    #[test]
    fn cargo_tells_edges_of_every_kind() {
        let root = tempfile::tempdir().unwrap();
        let write = |folder: &str, text: &str| {
            let folder = root.path().join(folder);
            std::fs::create_dir_all(folder.join("src")).unwrap();
            std::fs::write(folder.join("src/lib.rs"), "").unwrap();
            std::fs::write(folder.join("Cargo.toml"), text).unwrap();
        };
        let package = |name: &str, rest: &str| format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n{rest}");
        write("", "[workspace]\nmembers = [\"tensor\", \"nn\"]\nresolver = \"3\"\n");
        write("tensor", &package("tensor", "[dev-dependencies]\nnn = { path = \"../nn\" }\n"));
        write(
            "nn",
            &package("nn", "[target.'cfg(unix)'.dependencies]\nx = { path = \"../tensor\", package = \"tensor\" }\n"),
        );
        let table: &[Row] = &[("tensor", Normal, ""), ("nn", Normal, "tensor")];
        let found = check(table, &packages(&metadata(&root.path().join("Cargo.toml"))).unwrap());
        let found: Vec<_> = found.iter().map(Violation::to_string).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("tensor/Cargo.toml:5: tensor must not use nn (dev-dependencies): "), "{found:?}");
    }

    #[test]
    fn this_workspace_keeps_to_its_table() {
        let metadata = metadata(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"));
        assert_violations(&check(TABLE, &packages(&metadata).unwrap()), &[]);
        let folders = folders(&metadata);
        assert!(
            folders.contains(&"crates/nn/derive".to_owned()) && folders.contains(&"xtask".to_owned()),
            "{folders:?}"
        );
    }

    #[test]
    fn messages_name_the_tables_own_line() {
        let line = include_str!("layers.rs").lines().nth(TABLE_AT.1 - 1).unwrap();
        assert!(line.contains("const TABLE"), "{line}");
    }

    #[track_caller]
    fn metadata(manifest: &Path) -> Metadata {
        cargo_metadata::MetadataCommand::new().no_deps().manifest_path(manifest).exec().unwrap()
    }
}
