//! What the documents name is there.

use std::path::{Path, PathBuf};

use crate::root;

/// Folders and files at the root whose mention is a promise.
const PLACES: [&str; 15] = [
    "crates/",
    "docs/",
    "examples/",
    "scripts/",
    "migrations/",
    ".ci/",
    ".github/",
    ".config/",
    "Cargo.toml",
    "justfile",
    "deny.toml",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
];

fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.extend(
        ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
            .map(|name| root().join(name)),
    );
    found.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    found
}

/// What stands between backticks, and the targets of links.
fn mentions(text: &str) -> Vec<&str> {
    let code = text.split('`').skip(1).step_by(2);
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    code.chain(links).collect()
}

/// Whether a link leads to a page of ours.
fn is_page(mention: &str) -> bool {
    Path::new(mention.split('#').next().unwrap_or_default())
        .extension()
        .is_some_and(|extension| extension == "md")
}

fn exists(document: &Path, mention: &str) -> bool {
    let path = mention.split('#').next().unwrap_or_default();
    root().join(path).exists() || document.parent().unwrap().join(path).exists()
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut missing = Vec::new();
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for mention in mentions(&text) {
            let is_link = is_page(mention) && !mention.contains("://") && !mention.contains(' ');
            let is_place = PLACES.iter().any(|place| mention.starts_with(place))
                && !mention.contains([' ', '*', '<', '{', '…', '\n']);
            if (is_link || is_place) && !exists(&document, mention) {
                missing.push(format!("{}: {mention}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_recipe_and_command_that_a_document_names_exists() {
    let justfile = std::fs::read_to_string(root().join("justfile")).unwrap();
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for mention in mentions(&text) {
            let Some(recipe) =
                mention.strip_prefix("just ").and_then(|rest| rest.split_whitespace().next())
            else {
                continue;
            };
            let is_there = justfile.lines().any(|line| {
                line.strip_prefix(recipe).is_some_and(|rest| rest.starts_with([':', ' ']))
            });
            assert!(is_there, "{}: no recipe {recipe}", document.display());
        }
    }
}
