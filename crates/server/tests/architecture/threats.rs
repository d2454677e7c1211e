//! Every row of the threat tables in `docs/threats.md` names tests, and each of them exists and is run.
//!
//! A file that no `mod` declares counts as run: only the attributes of its functions are read.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::{root, source};

/// The head of a threat table.
const COLUMNS: [&str; 3] = ["an attacker …", "what prevents it", "test"];
/// With fewer rows than this, the tables are not read.
const AT_LEAST: usize = 100;
/// What makes a function a test that is run. Tests on both databases are registered by a macro.
const RUN: [&str; 4] = ["#[test]", "#[tokio::test]", "#[tokio::test(", "#[apply(on_both_"];

fn cells(line: &str) -> Vec<&str> {
    let row = line.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    row.strip_suffix('|').unwrap_or(row).split('|').map(str::trim).collect()
}

/// The rows of all threat tables of a document.
fn rows(document: &str) -> Vec<&str> {
    let mut rows = Vec::new();
    let mut is_threats = false;
    for line in document.lines() {
        if !line.starts_with('|') {
            is_threats = false;
        } else if cells(line) == COLUMNS {
            is_threats = true;
        } else if is_threats && !line.starts_with("|---") {
            rows.push(line);
        }
    }
    rows
}

/// How many lines of tables name a test, whatever the head of their table is.
fn lines_with_tests(document: &str) -> usize {
    document.lines().filter(|line| line.starts_with('|') && line.contains(".rs#")).count()
}

/// The tests that a row names, each as `path#function`.
fn named(row: &str) -> Result<Vec<&str>, &'static str> {
    let cells = cells(row);
    let [threat, prevention, tests] = cells.as_slice() else {
        return Err("has not three cells");
    };
    if threat.is_empty() || prevention.is_empty() {
        return Err("has an empty cell");
    }
    let names: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
    if names.is_empty() {
        return Err("names no test");
    }
    let mut between = tests.split('`').step_by(2);
    if between.any(|text| !matches!(text.trim(), "" | ",")) {
        return Err("has text beside its tests");
    }
    Ok(names)
}

/// What is wrong with the rows of a document. `tests_of` returns the tests of a file, if it is there.
fn mistakes(
    document: &str,
    mut tests_of: impl FnMut(&str) -> Option<BTreeSet<String>>,
) -> Vec<String> {
    let mut mistakes = Vec::new();
    for row in rows(document) {
        let names = match named(row) {
            Ok(names) => names,
            Err(mistake) => {
                mistakes.push(format!("{row}: {mistake}"));
                continue;
            }
        };
        for name in names {
            let found = name
                .split_once('#')
                .and_then(|(path, function)| tests_of(path).map(|tests| tests.contains(function)));
            match found {
                Some(true) => {}
                Some(false) => mistakes.push(format!("{name}: the file has no such test")),
                None => mistakes.push(format!("{name}: no path#function of a file")),
            }
        }
    }
    mistakes
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Where laws are: every public function of such a module is registered for each adapter.
fn laws(code: &str) -> Vec<Range<usize>> {
    let modules = code.match_indices("#[laws(");
    let ends = modules.map(|(start, _)| {
        start..code[start..].find("\n}").map_or(code.len(), |length| start + length)
    });
    ends.collect()
}

/// Whether the attributes of a function, without white space, say that it is not run, always or under a condition.
fn is_ignored(head: &str) -> bool {
    head.contains("#[ignore") || (head.contains("#[cfg_attr(") && head.contains(",ignore"))
}

/// The names of the functions of a source that are run as tests.
fn tests(text: &str) -> BTreeSet<String> {
    let code = source::code(text);
    let laws = laws(&code);
    let mut found = BTreeSet::new();
    for (at, keyword) in code.match_indices("fn ") {
        let before = &code[..at];
        let rest = &code[at + keyword.len()..];
        let name = rest.split(|character| !is_of_name(character)).next().unwrap_or_default();
        if name.is_empty() || before.ends_with(is_of_name) {
            continue;
        }
        // The attributes of a function stand between it and what is before it.
        let head = before.rsplit([';', '{', '}']).next().unwrap_or_default();
        let head: String = head.split_whitespace().collect();
        let is_test = RUN.iter().any(|run| head.contains(run)) && !is_ignored(&head);
        let is_law = head.ends_with("pubasync") && laws.iter().any(|laws| laws.contains(&at));
        if is_test || is_law {
            found.insert(name.to_owned());
        }
    }
    found
}

#[test]
fn every_threat_names_tests_that_exist() {
    let document = std::fs::read_to_string(root().join("docs/threats.md")).unwrap();
    let count = rows(&document).len();
    assert!(count >= AT_LEAST, "{count} rows are not all that there are");
    assert_eq!(lines_with_tests(&document), count, "a row is in no table that is read");
    let mut read = HashMap::new();
    let mistakes = mistakes(&document, |path| {
        let known = read.entry(path.to_owned()).or_insert_with(|| {
            let text = std::fs::read_to_string(root().join(path)).ok();
            text.map(|text| tests(&text))
        });
        known.clone()
    });
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[test]
fn a_row_without_a_test_that_exists_is_found() {
    let table = |row: &str| {
        format!(
            "| {} |\n|---|---|---|\n{row}\n\n| other | table |\n|---|---|\n",
            COLUMNS.join(" | ")
        )
    };
    let found = |row: &str| {
        let tests = |path: &str| (path == "a.rs").then(|| BTreeSet::from(["works".to_owned()]));
        mistakes(&table(row), tests).len()
    };
    assert_eq!(found("| a | b | `a.rs#works` |"), 0);
    assert_eq!(found("| a | b | `a.rs#works`, `a.rs#works` |"), 0);
    for wrong in [
        "| a | b | |",
        "| a | b | works |",
        "| a | b | a.rs#works |",
        "| a | b | `a.rs#works` and others |",
        "| a | b | `a.rs#work` |",
        "| a | b | `a.rs#works_` |",
        "| a | b | `b.rs#works` |",
        "| a | b | `works` |",
        "| a | | `a.rs#works` |",
        "| a | `a.rs#works` |",
        "| a | b | `a.rs#works` | c |",
    ] {
        assert_eq!(found(wrong), 1, "{wrong}");
    }
    assert_eq!(found("| a | b | `a.rs#works`, `a.rs#missing` |"), 1);
    let outside = format!("{}\n| a | b | `a.rs#works` |\n", table("| a | b | `a.rs#works` |"));
    assert_eq!((lines_with_tests(&outside), rows(&outside).len()), (2, 1));
}

#[test]
fn only_what_is_run_is_a_test() {
    let text = "
        #[test]
        fn one() { fn helper() {} }
        #[tokio::test(flavor = \"multi_thread\")]
        #[expect(clippy::unwrap_used, reason = \"a test; fails {by} panicking\")]
        async fn two() {}
        #[apply(on_both_stores!)]
        async fn three(store: Store) {}
        // #[test] fn in_a_comment() {}
        fn in_a_text() { let text = \"#[test] fn inside() {}\"; }
        #[test]
        #[ignore]
        fn ignored() {}
        #[test]
        #[cfg_attr(miri, ignore = \"slow\")]
        fn ignored_under_a_condition() {}
        #[test]
        #[cfg_attr(miri, expect(dead_code))]
        fn run() {}
        #[cfg(test)]
        fn fixture() {}
        #[test]
        const NOTHING: usize = 0;
        fn after_a_constant() {}
";
    let laws = "
#[laws(agents::agent_laws)]
pub mod laws {
    use super::*;

    /// What must hold.
    pub async fn a_law(fixture: &Fixture) {
        async fn inside() {}
    }

    /// What must hold, too.
    pub async fn another_law(fixture: &Fixture) {}
}

pub async fn no_law() {}
";
    let names = |text: &str| tests(text).into_iter().collect::<Vec<_>>();
    assert_eq!(names(text), ["one", "run", "three", "two"]);
    assert_eq!(names(laws), ["a_law", "another_law"]);
}
