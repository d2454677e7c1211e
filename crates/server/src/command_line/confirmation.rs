//! `--yes` and `--dry-run` of commands that cannot be undone or affect many numbers.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use clap::Args;
use serde::Serialize;

use super::output::Format;
use crate::failure::Failure;
use switchboard_domain::printable;

/// How a dangerous command is confirmed.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Confirmation {
    /// Do not ask for confirmation
    #[arg(long, short = 'y', conflicts_with = "dry_run")]
    yes: bool,
    /// Show the impact, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// The impact of a dry run, as JSON.
#[derive(Serialize)]
struct ImpactView<'a> {
    dry_run: bool,
    impact: &'a [String],
}

/// Nobody can be asked.
#[derive(Debug, thiserror::Error)]
#[error(
    "this needs a confirmation, and there is no terminal to ask on; confirm it with --yes, or look first with --dry-run. Impact:\n  {impact}"
)]
pub(super) struct Unconfirmed {
    impact: String,
}

impl Confirmation {
    /// Whether nobody has to be asked, so that the impact need not be known.
    pub(crate) const fn is_given(self) -> bool {
        self.yes
    }

    /// Whether nothing may be changed.
    pub(crate) const fn is_dry_run(self) -> bool {
        self.dry_run
    }

    /// Whether a command that deletes these many records may go on. Nobody is asked about none.
    pub(crate) fn allows_deletion(
        self,
        records: u64,
        impact: &[String],
        format: Format,
    ) -> Result<bool, Failure> {
        if records == 0 && !self.dry_run { Ok(true) } else { self.allows(impact, format) }
    }

    /// Whether the command may go on. A dry run prints the impact; otherwise it is shown and a person on a terminal is
    /// asked. Without a terminal and `--yes`, the command is refused.
    pub(crate) fn allows(self, impact: &[String], format: Format) -> Result<bool, Failure> {
        if self.dry_run {
            format.print(&ImpactView { dry_run: true, impact }, || impact.join("\n"))?;
            return Ok(false);
        }
        if self.yes {
            return Ok(true);
        }
        let (stdin, mut stderr) = (std::io::stdin(), std::io::stderr());
        if !stdin.is_terminal() || !stderr.is_terminal() {
            return Err(Failure::Usage(Box::new(Unconfirmed { impact: impact.join("\n  ") })));
        }
        let shown: String = impact.iter().map(|line| printable::lines(line) + "\n").collect();
        let asked = write!(stderr, "{shown}Continue? [y/N] ").and_then(|()| stderr.flush());
        asked.map_err(Failure::Output)?;
        let mut answer = String::new();
        stdin.lock().read_line(&mut answer).map_err(Failure::Output)?;
        if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
            Ok(true)
        } else {
            Err(Failure::local("not confirmed; nothing was changed"))
        }
    }
}
