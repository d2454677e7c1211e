//! Parses text as JSON or TOML into a tree.

use switchboard_domain::plan::{PlanProblem, Pointer, ProblemKind};

use crate::tree::Tree;

/// Parses JSON if the document begins with `{`, TOML otherwise.
pub(crate) fn table(document: &str) -> Result<Tree, Vec<PlanProblem>> {
    let document = without_byte_order_mark(document);
    let begin = document.trim_start();
    if begin.starts_with('{') {
        return json(document);
    }
    // A table header in TOML begins like a list in JSON; a document that parses as a JSON list is one.
    if begin.starts_with('[')
        && let Ok(list) = json(document)
    {
        return Ok(list);
    }
    let table: Result<toml::Table, _> = document.parse();
    table.map(Tree::from).map_err(|error: toml::de::Error| {
        let offset = error.span().map_or(0, |span| span.start);
        let (line, column) = line_and_column(document, offset);
        vec![unreadable(format!("line {line}, column {column}: {}", error.message()))]
    })
}

/// Parses JSON.
pub(crate) fn json(document: &str) -> Result<Tree, Vec<PlanProblem>> {
    let document = without_byte_order_mark(document);
    serde_json::from_str(document).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let what = text.strip_suffix(&format!(" at line {line} column {column}"));
        vec![unreadable(format!("line {line}, column {column}: {}", what.unwrap_or(&text)))]
    })
}

/// Some editors write a byte order mark before UTF-8.
pub(crate) fn without_byte_order_mark(document: &str) -> &str {
    document.strip_prefix('\u{feff}').unwrap_or(document)
}

/// A problem with the whole document.
pub(crate) fn unreadable(what: String) -> PlanProblem {
    PlanProblem { at: Pointer::root(), kind: ProblemKind::Unreadable(what) }
}

/// The line and column of a byte offset, both counted from 1.
fn line_and_column(document: &str, offset: usize) -> (usize, usize) {
    let before = document.get(..offset).unwrap_or(document);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::{json, table};
    use crate::tree::Tree;

    fn problem(document: &str) -> String {
        let problems = table(document).unwrap_err();
        assert_eq!(problems.len(), 1);
        problems[0].to_string()
    }

    #[test]
    fn a_syntax_error_in_json_is_reported_with_line_and_column() {
        assert_eq!(
            problem("{\n  \"name\": ,\n}"),
            "the document: line 2, column 11: expected value"
        );
        assert!(problem("{} {}").contains("line 1, column 4: trailing characters"));
        assert!(problem("{\"a\": 1").contains("EOF while parsing an object"));
    }

    #[test]
    fn a_syntax_error_in_toml_is_reported_with_line_and_column() {
        let found = problem("name = \"Ärger\"\nzone = = 1\n");
        assert!(found.starts_with("the document: line 2, column 8: "), "{found}");
        let found = problem("name = \"a\"\nname = \"b\"\n");
        assert!(found.starts_with("the document: line 2, column 1: duplicate key"), "{found}");
    }

    #[test]
    fn equivalent_toml_and_json_become_the_same_tree() {
        let toml = table(
            "dates = [2026-12-24]\nfrom = 09:00\nto = 17:00:00\nweight = 2\nshare = 0.5\non = true\n[a]\nb = \"c\"",
        )
        .unwrap();
        let json = json(
            r#"{"a":{"b":"c"},"dates":["2026-12-24"],"from":"09:00","on":true,"share":0.5,"to":"17:00","weight":2}"#,
        )
        .unwrap();
        let sorted = |tree| match tree {
            Tree::Table(mut entries) => {
                entries.sort_by(|(one, _), (other, _)| one.cmp(other));
                entries
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(sorted(toml), sorted(json));
    }

    #[test]
    fn too_deep_nesting_is_refused_without_recursion() {
        let deep = "[".repeat(900_000);
        for document in [
            format!("{{\"a\":{deep}"),
            format!("a = {deep}"),
            format!("a{} = 1", ".a".repeat(400_000)),
            format!("[a{}]", ".a".repeat(400_000)),
            format!("a = {}1", "{ a = ".repeat(100_000)),
        ] {
            assert!(problem(&document).contains("recur"), "{}", problem(&document));
        }
    }

    #[test]
    fn a_list_is_json_and_a_table_header_is_toml() {
        assert!(matches!(table("[1]"), Ok(Tree::List(_))));
        assert!(matches!(table("[otherwise]\nagents = []"), Ok(Tree::Table(_))));
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        assert!(table("\u{feff}{}").is_ok());
        assert!(table("\u{feff}name = \"a\"").is_ok());
    }
}
