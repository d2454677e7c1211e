//! Advice to operators is written in the command line: the crates below `server` name no command, option or setting.

use std::path::Path;

use crate::{root, source};

/// Crates that are run by themselves, whose own options and settings are not those of `switchboard`.
const PROGRAMS: [&str; 2] = ["server", "throwaway-postgres"];

/// Words that only the command line may use.
const WORDS: [&str; 7] = [
    "`switchboard ",
    "switchboard serve",
    "SWITCHBOARD_",
    "VOICE_SERVER_URL",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_API_URL",
];

/// The words of a line that are advice: commands, settings, and options such as `--take-over`.
fn advice(line: &str) -> Option<&str> {
    // A command for developers, such as the one that runs a benchmark.
    if line.contains("cargo ") {
        return None;
    }
    WORDS.into_iter().find(|word| line.contains(word)).or_else(|| {
        let option = |(at, _): &(usize, &str)| {
            let before = line[..*at].chars().next_back();
            let after = line[at + 2..].chars().next();
            before.is_none_or(|before| " `'\"(".contains(before))
                && after.is_some_and(|after| after.is_ascii_lowercase())
        };
        let at = line.match_indices("--").find(option)?.0;
        line[at..].split([' ', '`', '\'', '"', ')', ',']).next()
    })
}

fn crates() -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .filter(|path| !PROGRAMS.iter().any(|program| path.ends_with(program)))
        .collect();
    found.sort();
    found
}

/// What a crate is built from. Its own tests may run programs, and so may name options.
fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    source::files(&folder.join("src"))
}

#[test]
fn no_crate_below_the_server_advises_operators() {
    let mut found = Vec::new();
    for file in crates().iter().flat_map(|folder| sources(folder)) {
        for (index, line) in std::fs::read_to_string(&file).unwrap().lines().enumerate() {
            if let Some(word) = advice(line) {
                found.push(format!("{}:{}: {word}", file.display(), index + 1));
            }
        }
    }
    assert!(found.is_empty(), "advice belongs to command_line/remedies: {found:#?}");
}

#[test]
fn advice_is_recognized() {
    for line in [
        "\"add it with `switchboard account add`\"",
        "\"set SWITCHBOARD_PUBLIC_URL\"",
        "\"clear it with --take-over\"",
        "\"is VOICE_SERVER_URL set?\"",
    ] {
        assert!(advice(line).is_some(), "{line}");
    }
    for line in ["// a -- b", "let x = y--z;", "`<Connect>`--", "//! switchboard's own URL"] {
        assert_eq!(advice(line), None, "{line}");
    }
}
