//! One term per idea: nothing uses a term that the vocabulary replaced.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// Terms that were replaced, and by what. Names are compared word by word, so `front_door` and `FrontDoor` count.
const REPLACED: [(&str, &str); 32] = [
    ("admission", "authentication"),
    ("admitted", "verified"),
    ("climb", "fall back"),
    ("courier", "webhook client"),
    ("crowd", "concurrent tasks"),
    ("dialled", "dialed"),
    ("detour", "URL override"),
    ("door", "endpoint"),
    ("doors", "endpoints"),
    ("earlier database", "legacy database"),
    ("earlier system", "legacy system"),
    ("estate", "fixture"),
    ("furnish", "seed"),
    ("hear workers", "wait for notification"),
    ("heir", "successor"),
    ("hindrance", "blocker"),
    ("keeper", "group commit"),
    ("ladder", "fallback chain"),
    ("ladders", "fallback chains"),
    ("licence", "license"),
    ("none of ours", "unknown"),
    ("postgres place", "postgres fixture"),
    ("rig", "fixture"),
    ("rung", "attempt"),
    ("rungs", "attempts"),
    ("sqlite place", "sqlite fixture"),
    ("switchroom", "dispatcher"),
    ("taker", "destination"),
    ("takers", "destinations"),
    ("tell workers", "notify workers"),
    ("test kit", "fixture"),
    ("turnstile", "concurrency limit"),
];

#[test]
fn nothing_uses_a_replaced_term() {
    let mut found = Vec::new();
    for file in files(&root()) {
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            let line_words = words(line);
            for (term, instead) in REPLACED {
                if line_words.contains(&format!(" {term} ")) {
                    found.push(format!("{}:{}: {term} → {instead}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{} replaced terms:\n{}", found.len(), found.join("\n"));
}

/// The words of a line in lower case, each between spaces; identifiers are split into their words.
fn words(line: &str) -> String {
    let mut words = String::from(" ");
    let mut before = ' ';
    for character in line.chars() {
        if character.is_alphanumeric() {
            if character.is_uppercase() && before.is_lowercase() {
                words.push(' ');
            }
            words.extend(character.to_lowercase());
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
        before = character;
    }
    if !words.ends_with(' ') {
        words.push(' ');
    }
    words
}

/// The documentation and all Rust sources except this one.
fn files(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders: Vec<_> = ["crates", "docs", "examples"].map(|name| root.join(name)).into();
    for name in ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "justfile"] {
        files.push(root.join(name));
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "md")
                && !path.ends_with("vocabulary.rs")
            {
                files.push(path);
            }
        }
    }
    files
}

#[test]
fn identifiers_are_compared_word_by_word() {
    assert_eq!(words("FrontDoor front_door, rung!"), " front door front door rung ");
}
