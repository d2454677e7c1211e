//! Tests: every command that the documentation or a help text names exists.
#![cfg(feature = "simulator")]

use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, Parser as _};

use super::Arguments;

const NAME: &str = "switchboard";

/// The documents, by what they are called below the root.
fn documents() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = vec![root.join("docs")];
    let mut found: Vec<_> = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
        .map(|name| root.join(name))
        .into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    found.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// The words of a line as a shell reads them: quotes hold words together, `#` begins a comment, and a variable
/// stands for a word. `None` ends a command, or its arguments: `|`, `&&`, `;`, `>`.
fn words(line: &str) -> Vec<Option<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, ' ') => words.extend(word.take().map(Some)),
            (None, '|' | '&' | ';' | '>') => {
                words.extend(word.take().map(Some));
                words.push(None);
            }
            (_, _) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word.map(Some));
    words
}

/// The commands of ours in a line, each with its arguments.
fn commands(line: &str) -> Vec<Vec<String>> {
    let words = words(line);
    let commands = words.split(Option::is_none);
    let ours = commands.filter_map(|command| {
        let command: Vec<String> = command.iter().flatten().cloned().collect();
        // Settings may stand in front.
        let start = command.iter().position(|word| !word.contains('='))?;
        let is_ours = command[start].rsplit('/').next() == Some(NAME);
        is_ours.then(|| command[start..].to_vec())
    });
    ours.collect()
}

/// The lines between fences, continued ones joined.
fn fenced(text: &str) -> Vec<String> {
    let blocks = text.split("\n```").skip(1).step_by(2);
    let lines = blocks.flat_map(|block| {
        let block = block.split_once('\n').map_or("", |(_, lines)| lines).replace("\\\n", " ");
        block.lines().map(ToOwned::to_owned).collect::<Vec<_>>()
    });
    lines.collect()
}

/// The text between backticks outside of code blocks.
fn inline(text: &str) -> Vec<String> {
    let prose: Vec<_> = text.split("\n```").step_by(2).collect();
    let spans = prose.iter().flat_map(|prose| prose.split('`').skip(1).step_by(2));
    spans.map(|span| span.replace('\n', " ")).collect()
}

/// Whether the command that the words name exists; its arguments are not checked.
fn is_named(words: &[String]) -> bool {
    let mut command = Arguments::command();
    command.build();
    let names = words[1..].iter().take_while(|word| !word.starts_with('-'));
    for name in names {
        match command.find_subcommand(name) {
            Some(found) => command = found.clone(),
            // What follows are arguments, if the command takes some.
            None => return !command.has_subcommands(),
        }
    }
    true
}

#[test]
fn every_command_line_of_a_document_can_be_called() {
    let mut count = 0;
    for (path, text) in documents() {
        for line in fenced(&text) {
            for command in commands(&line) {
                count += 1;
                let parsed = Arguments::try_parse_from(&command);
                let error = parsed.err().map(|error| error.to_string()).unwrap_or_default();
                assert!(error.is_empty(), "{}: {line}\n{error}", path.display());
            }
        }
    }
    assert!(count > 30, "{count} command lines are not all that there are");
}

#[test]
fn every_command_that_a_document_mentions_is_there() {
    for (path, text) in documents() {
        for span in inline(&text) {
            for command in commands(&span) {
                assert!(is_named(&command), "{}: `{span}`", path.display());
            }
        }
    }
}

#[test]
fn every_example_of_a_help_text_can_be_called() {
    let mut command = Arguments::command();
    command.build();
    let mut waiting = vec![command];
    while let Some(command) = waiting.pop() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples = help.lines().skip_while(|line| !line.starts_with("Example"));
        for line in
            examples.take_while(|line| !line.is_empty()).filter(|line| line.starts_with("  "))
        {
            for command in commands(line.trim()) {
                let parsed = Arguments::try_parse_from(&command);
                let error = parsed.err().map(|error| error.to_string()).unwrap_or_default();
                assert!(error.is_empty(), "{line}\n{error}");
            }
        }
        waiting.extend(command.get_subcommands().cloned());
    }
}

#[test]
fn a_line_is_read_as_a_shell_reads_it() {
    let read = |line| commands(line);
    let expected =
        [["switchboard", "agent", "add", "--name", "A B"].map(ToOwned::to_owned).to_vec()];
    assert_eq!(read("X=1 switchboard agent add --name 'A B' # why"), expected);
    assert_eq!(read("pass a | switchboard migrate && target/release/switchboard doctor").len(), 2);
    assert!(read("cargo run -- serve").is_empty() && read("").is_empty());
}
