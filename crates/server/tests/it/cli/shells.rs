//! What shells and `man` get.

use crate::prelude::*;

/// What bash offers after these words, the last of which is being typed.
fn completed(app: &TestApp, words: &[&str]) -> Vec<String> {
    let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "source completions.bash || exit 1; COMP_WORDS=({}); COMP_CWORD={}; \
         $(complete -p switchboard | sed 's/.*-F \\([^ ]*\\).*/\\1/') switchboard '{}' '{}'; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        quoted.join(" "),
        words.len() - 1,
        words[words.len() - 1],
        words[words.len() - 2],
    );
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", &script]).current_dir(app.folder());
    let output = tokio::task::block_in_place(|| bash.output()).unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The script works in a real bash: it completes commands, aliases and options.
#[tokio::test(flavor = "multi_thread")]
async fn bash_completes_commands_and_options() {
    let app = TestApp::without_settings();
    let script = app.run("completions bash").succeeded().stdout;
    app.write("completions.bash", &script);
    assert_eq!(completed(&app, &["switchboard", "acc"]), ["account"]);
    let commands = completed(&app, &["switchboard", "route", "plan", ""]);
    for command in ["list", "ls", "save", "remove", "rm"] {
        assert!(commands.iter().any(|offered| offered == command), "{commands:?}");
    }
    assert_eq!(completed(&app, &["switchboard", "call", "list", "--outc"]), ["--outcome"]);
    let shells = completed(&app, &["switchboard", "completions", ""]);
    assert!(shells.iter().any(|offered| offered == "zsh"), "{shells:?}");
}

/// Every shell gets a script, and another word names those that there are.
#[tokio::test(flavor = "multi_thread")]
async fn every_shell_has_a_script() {
    let app = TestApp::without_settings();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = app.run(&["completions", shell]).succeeded().stdout;
        assert!(script.contains("switchboard") && script.contains("rotate-token"), "{shell}");
    }
    app.run("completions tcsh").misused("bash, elvish, fish, powershell, zsh");
}

/// `man` shows a page for each command, with its options and examples.
#[tokio::test(flavor = "multi_thread")]
async fn man_shows_a_page_for_each_command() {
    let app = TestApp::without_settings();
    let written = app.run("man --to pages/man1 --json").succeeded().json();
    let pages = written["pages"].as_array().unwrap();
    assert!(
        pages.contains(&json!("switchboard.1"))
            && pages.contains(&json!("switchboard-route-plan-save.1"))
    );
    for (page, texts) in [
        ("switchboard.1", ["SUBCOMMANDS", "switchboard-account"]),
        ("switchboard-call-list.1", ["--outcome", "Examples:"]),
        ("switchboard-account-rotate-token.1", ["--skip-verify", "switchboard account rotate"]),
    ] {
        let mut groff = Command::new("groff");
        groff.args(["-man", "-Tutf8", "-ww", "-P-cbou", page]).current_dir(app.path("pages/man1"));
        let shown = tokio::task::block_in_place(|| groff.output()).unwrap();
        let (text, complaints) = (shown.stdout, shown.stderr);
        let text = String::from_utf8(text).unwrap();
        assert!(complaints.is_empty(), "{page}: {}", String::from_utf8_lossy(&complaints));
        for expected in texts {
            assert!(text.contains(expected), "{page} has no {expected}: {text}");
        }
    }
    app.write("file", "");
    app.run("man --to file").failed("pages cannot be written there");
}
