//! How much of a list is printed, and where it goes on.

use std::io::Write as _;

use clap::Args;

use crate::command_line::output::Format;
use crate::failure::Failure;

/// The most entries that are read at once.
const PAGE: u32 = 200;

/// Which part of a list is printed.
#[derive(Clone, Debug, Args)]
pub(super) struct PageOptions {
    /// The most entries to print
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) limit: u32,
    /// Continue after this cursor, which the previous page printed
    #[arg(long)]
    pub(super) cursor: Option<String>,
    /// Show whole phone numbers
    #[arg(long)]
    pub(super) reveal: bool,
    #[command(flatten)]
    pub(super) format: Format,
}

impl PageOptions {
    /// How many of the `missing` entries are read next.
    pub(super) const fn next(missing: u32) -> u32 {
        if missing < PAGE { missing } else { PAGE }
    }

    /// Says on standard error how the list goes on, so that standard output has entries only.
    pub(super) fn announce(cursor: &str) -> Result<(), Failure> {
        let mut stderr = std::io::stderr();
        let written = writeln!(stderr, "more entries: repeat the command with --cursor {cursor}");
        written.map_err(Failure::Output)
    }
}
