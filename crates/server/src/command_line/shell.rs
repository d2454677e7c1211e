//! `switchboard completions` and `switchboard man`: what shells and `man` read about the commands.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use switchboard_domain::counted::counted;

use super::Arguments;
use super::output::Format;
use crate::failure::Failure;

const NAME: &str = "switchboard";

#[derive(Clone, Copy, Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard completions bash > ~/.local/share/bash-completion/completions/switchboard\n  \
    switchboard completions zsh > ~/.zfunc/_switchboard\n  \
    switchboard completions fish > ~/.config/fish/completions/switchboard.fish")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  switchboard man --to ~/.local/share/man/man1 && man switchboard-call-list"
)]
pub(super) struct Man {
    /// The folder; created if it does not exist
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    #[command(flatten)]
    format: Format,
}

/// Prints the script that completes commands in a shell.
pub(super) fn completions(options: Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), NAME, &mut script);
    io::stdout().write_all(&script).map_err(Failure::Output)
}

/// Writes one page for each command. Existing pages are overwritten, as after an upgrade.
pub(super) fn man(options: &Man) -> Result<(), Failure> {
    let folder = options.to.display();
    let failed = |error: io::Error| {
        Failure::local(format!("--to {folder}: pages cannot be written there: {error}"))
    };
    std::fs::create_dir_all(&options.to).map_err(failed)?;
    let command = Arguments::command().disable_help_subcommand(true);
    clap_mangen::generate_to(command.clone(), &options.to).map_err(failed)?;
    let mut pages = Vec::new();
    let mut waiting = vec![(NAME.to_owned(), command)];
    while let Some((name, command)) = waiting.pop() {
        pages.push(format!("{name}.1"));
        let children = command.get_subcommands().filter(|child| !child.is_hide_set());
        waiting
            .extend(children.map(|child| (format!("{name}-{}", child.get_name()), child.clone())));
    }
    pages.sort();
    options.format.print(&serde_json::json!({ "folder": options.to, "pages": pages }), || {
        format!("wrote {} to {folder}", counted(pages.len(), "man page"))
    })
}
