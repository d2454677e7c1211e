//! Reading Rust sources: files, and their code without comments, texts and tests.

use std::path::{Path, PathBuf};

/// Every Rust file below a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Whether the file holds unit tests only: `tests.rs`, or a file below a folder `tests`.
pub(crate) fn is_test(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "tests")
        || file.file_stem().is_some_and(|stem| stem == "tests")
}

/// The text of a file before its unit tests, which stand at its end.
pub(crate) fn without_tests(text: &str) -> &str {
    ["\n#[cfg(test)]\nmod tests {", "\n#[cfg(all(test"]
        .iter()
        .filter_map(|start| text.find(start))
        .min()
        .map_or(text, |end| &text[..end])
}

/// The code of a file: without comments and without the content of texts, with white space in place of both.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let length = match token(rest) {
            Token::Comment(length) => {
                code.push(' ');
                length
            }
            Token::Text(length) => {
                code.push_str("\"\"");
                length
            }
            Token::Code(length) => {
                code.push_str(&rest[..length]);
                length
            }
        };
        rest = &rest[length..];
    }
    code
}

/// A piece of source by its length in bytes.
enum Token {
    Comment(usize),
    Text(usize),
    Code(usize),
}

fn token(rest: &str) -> Token {
    let to_end = |found: Option<usize>| found.unwrap_or(rest.len());
    if rest.starts_with("//") {
        return Token::Comment(to_end(rest.find('\n')));
    }
    if rest.starts_with("/*") {
        return Token::Comment(to_end(rest.find("*/").map(|end| end + 2)));
    }
    if let Some(raw) = rest.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let start = 1 + hashes + 1;
            let end = format!("\"{}", "#".repeat(hashes));
            return Token::Text(to_end(rest[start..].find(&end).map(|at| start + at + end.len())));
        }
    }
    if rest.starts_with('"') {
        return Token::Text(text_length(rest));
    }
    // The characters '"' and '/' begin neither a text nor a comment.
    for character in ["'\"'", "'/'", "'\\\\'", "'\\''", "'\\\"'"] {
        if rest.starts_with(character) {
            return Token::Code(character.len());
        }
    }
    // A name is one piece, so that an `r` at its end does not begin a raw text.
    let name = |character: char| character.is_alphanumeric() || character == '_';
    let length = rest.find(|character| !name(character)).unwrap_or(rest.len());
    Token::Code(length.max(rest.chars().next().map_or(1, char::len_utf8)))
}

fn text_length(rest: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[test]
fn code_has_neither_comments_nor_texts() {
    let source = "use a; // use b;\nlet c = \"use d; \\\" //\"; /* use e; */ let f = r#\"use \"g\"\"#; '\"' for";
    let expected = "use a;  \nlet c = \"\";   let f = \"\"; '\"' for";
    assert_eq!(code(source), expected);
}
