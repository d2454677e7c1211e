//! Files stay small enough to be read.

use crate::{root, source};

/// Past this a file is split.
const MAX_LINES: usize = 500;
/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 10] =
    ["util", "utils", "helper", "helpers", "common", "misc", "types", "manager", "impl", "base"];

#[test]
fn no_file_is_longer_than_five_hundred_lines() {
    for path in source::files(&root().join("crates")) {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines", path.display());
    }
}

#[test]
fn every_file_is_named_for_what_is_inside() {
    for path in source::files(&root().join("crates")) {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        assert!(!EMPTY_NAMES.contains(&stem), "{} says nothing", path.display());
    }
}

#[test]
fn every_file_of_ports_says_what_it_is_for() {
    let files = source::files(&root().join("crates/domain/src/ports"));
    assert!(!files.is_empty());
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} begins without its purpose", path.display());
    }
}
