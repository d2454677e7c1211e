//! No import cycles: the modules at the top of a crate can be read one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::{root, source};

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Groups of modules that may use each other, each with the reason.
const ALLOWED: [(&str, &[&str], &str); 6] = [
    (
        "application",
        &["connect_agent", "plan_runtime", "route_cache", "router"],
        "the route cache prepares plans, which end in agents of the same cache",
    ),
    ("carrier-memory", &["desk", "failures", "state"], "one state, its faults and its operations"),
    (
        "domain",
        &["account", "call", "carrier", "configuration", "plan", "ports"],
        "models and ports of one vocabulary; a plan checks names against the catalogue port",
    ),
    (
        "domain",
        &["authentication", "routing"],
        "only a verified request is routed, and only routing binds it to its number",
    ),
    ("domain", &["sealing", "session"], "session keys are derived from the keyring"),
    ("voice-server", &["server", "stream"], "an example of three files"),
];

/// The folder of every crate of the workspace.
fn crates() -> Vec<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap();
    let folder = |package: &cargo_metadata::Package| {
        package.manifest_path.parent().unwrap().as_std_path().to_owned()
    };
    metadata.packages.iter().map(folder).collect()
}

/// The module path of a file below `src`, without `mod`, `lib` and `main`.
fn module(src: &Path, file: &Path) -> Vec<String> {
    let relative = file.strip_prefix(src).unwrap().with_extension("");
    let mut path: Vec<String> =
        relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if path.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        path.pop();
    }
    path
}

/// The paths that code names, as segments from the root of the crate, for code in `module`.
fn paths(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        let is_start = !code[..at]
            .ends_with(|before: char| before.is_alphanumeric() || "_:$".contains(before));
        if !is_start {
            continue;
        }
        let mut rest = &code[at..];
        let mut base: Vec<String> = module.to_vec();
        if let Some(behind) = rest.strip_prefix("crate::") {
            base.clear();
            rest = behind;
        }
        while let Some(behind) = rest.strip_prefix("super::") {
            base.pop();
            rest = behind;
        }
        found.extend(tree(rest).into_iter().map(|path| [base.clone(), path].concat()));
    }
    found
}

/// The paths of a use tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn tree(rest: &str) -> Vec<Vec<String>> {
    if let Some(group) = rest.strip_prefix('{') {
        let mut depth = 0_usize;
        let mut start = 0;
        let mut found = Vec::new();
        for (at, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    found.extend(tree(group[start..at].trim()));
                    start = at + 1;
                    if character == '}' {
                        break;
                    }
                }
                _ => {}
            }
        }
        return found;
    }
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    let end = rest.find(|character| !is_name(character)).unwrap_or(rest.len());
    let (name, behind) = rest.split_at(end);
    if name.is_empty() {
        return Vec::new();
    }
    match behind.strip_prefix("::") {
        Some(behind) => tree(behind)
            .into_iter()
            .map(|path| [vec![name.to_owned()], path].concat())
            .chain([vec![name.to_owned()]])
            .collect(),
        None => vec![vec![name.to_owned()]],
    }
}

/// Which module at the top of a crate uses which. Unit tests do not count.
fn graph(src: &Path) -> Graph {
    let files: Vec<_> =
        source::files(src).into_iter().filter(|file| !source::is_test(file)).collect();
    let tops: BTreeSet<String> =
        files.iter().filter_map(|file| module(src, file).into_iter().next()).collect();
    let exported = exported(&files, src, &tops);
    let mut graph = Graph::new();
    for file in &files {
        let path = module(src, file);
        let Some(from) = path.first().cloned() else { continue };
        let text = std::fs::read_to_string(file).unwrap();
        let code = source::code(source::without_tests(&text));
        let uses = paths(&code, &path).into_iter().filter_map(|path| path.into_iter().next());
        let uses = uses.map(|name| exported.get(&name).cloned().unwrap_or(name));
        let uses = uses.filter(|to| *to != from && tops.contains(to));
        graph.entry(from.clone()).or_default().extend(uses);
    }
    graph
}

/// What the root of the crate re-exports: each name, and the module that it comes from.
fn exported(files: &[PathBuf], src: &Path, tops: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for file in files.iter().filter(|file| module(src, file).is_empty()) {
        let code = source::code(source::without_tests(&std::fs::read_to_string(file).unwrap()));
        for statement in code.split("use ").skip(1) {
            let statement = statement.split(';').next().unwrap_or_default();
            let paths = tree(statement).into_iter().filter(|path| tops.contains(&path[0]));
            for path in paths.filter(|path| path.len() > 1) {
                names.insert(path[path.len() - 1].clone(), path[0].clone());
            }
        }
    }
    names
}

/// The groups of modules that use each other in a circle.
fn cycles(graph: &Graph) -> Vec<Vec<String>> {
    let reachable = |from: &String| {
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<&String> = graph[from].iter().collect();
        while let Some(next) = waiting.pop() {
            if seen.insert(next.clone()) {
                waiting.extend(graph.get(next).into_iter().flatten());
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> =
        graph.keys().map(|from| (from, reachable(from))).collect();
    let mut found = BTreeSet::new();
    for (from, to) in &reached {
        if to.contains(*from) {
            let group = to.iter().filter(|to| reached.get(to).is_some_and(|to| to.contains(*from)));
            found.insert(group.cloned().collect::<Vec<_>>());
        }
    }
    found.into_iter().collect()
}

/// The imports inside a group, for the message.
fn edges(graph: &Graph, group: &[String]) -> Vec<String> {
    let inside = |from: &String| {
        let to: Vec<_> = graph[from].iter().filter(|to| group.contains(to)).cloned().collect();
        format!("{from} -> {}", to.join(", "))
    };
    group.iter().map(inside).collect()
}

#[test]
fn no_crate_has_an_import_cycle_between_its_modules() {
    let mut found = Vec::new();
    for folder in crates() {
        let src = folder.join("src");
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let graph = graph(&src);
        for group in cycles(&graph) {
            let is_allowed = ALLOWED.iter().any(|(of, modules, _)| {
                *of == name && group.iter().all(|module| modules.contains(&module.as_str()))
            });
            if !is_allowed {
                found.push(format!("{name}: {:#?}", edges(&graph, &group)));
            }
        }
    }
    assert!(found.is_empty(), "import cycles:\n{}", found.join("\n"));
}

#[test]
fn a_cycle_is_found() {
    let graph = |edges: &[(&str, &[&str])]| -> Graph {
        let owned = |to: &&str| (*to).to_owned();
        edges.iter().map(|(from, to)| (owned(from), to.iter().map(owned).collect())).collect()
    };
    let free = graph(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])]);
    assert!(cycles(&free).is_empty());
    let round = graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["a"]), ("d", &["a"])]);
    assert_eq!(cycles(&round), [["a", "b", "c"]]);
}

#[test]
fn paths_of_use_trees_are_read_from_the_root() {
    let module = ["a".to_owned(), "b".to_owned()];
    let of = |code: &str| {
        let mut paths: Vec<_> = paths(code, &module).iter().map(|path| path.join("::")).collect();
        paths.sort();
        paths
    };
    assert_eq!(
        of("use crate::x::{y, z::{self, w}};"),
        ["x", "x::y", "x::z", "x::z::self", "x::z::w"]
    );
    assert_eq!(of("use super::c::D;"), ["a::c", "a::c::D"]);
    assert_eq!(of("use super::super::e::F;"), ["e", "e::F"]);
    assert_eq!(of("mycrate::x; $crate::y;"), [""; 0]);
}
