//! `switchboard import archive`

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;
use switchboard_domain::counted::counted;
use switchboard_domain::ports::{ArchiveRow, RestoreError, Restoring};

use super::archive_secrets;
use crate::command_line::archive_file;
use crate::command_line::input::refuse_two_standard_inputs;
use crate::command_line::output::Format;
use crate::command_line::progress::{Done, during};
use crate::failure::{Doing as _, Failure, note};
use crate::installation::Installation;
use crate::settings::Settings;
use crate::wiring;

const IMPORTING: &str = "importing the archive";

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard import archive backup/configuration.jsonl --accounts backup/accounts.csv --dry-run\n  \
    switchboard import archive backup/configuration.jsonl --accounts backup/accounts.csv\n\n\
    The archive has the whole configuration of all organizations, so `switchboard export` writes the same file from the new \
    database. The database has to be new: it may have been migrated and served, but has no accounts, agents or other objects.\n\n\
    Secrets are not in the archive. Fill in the column auth_token of accounts.csv for every account. Afterwards, give agents with \
    endpoints and subscriptions new secrets with `switchboard agent rotate-secret` and `switchboard subscription rotate-secret`, \
    agents with a chat model its key with `switchboard agent set`, and accounts their secondary tokens and Twilio API keys with \
    `switchboard account set`. Keys of the admin API work as before. `switchboard doctor` checks the routing plans.")]
pub(in crate::command_line) struct Archive {
    /// The file configuration.jsonl of an export (- for standard input)
    file: String,
    /// The file accounts.csv of the export with the tokens of the accounts
    #[arg(long, value_name = "FILE")]
    accounts: Option<String>,
    /// Check the files and the database, and import nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

/// What was or would be imported.
#[derive(Debug, Serialize)]
struct Imported {
    dry_run: bool,
    /// The number of rows of each table.
    rows: BTreeMap<String, usize>,
}

impl Imported {
    fn of(dry_run: bool, rows: &[ArchiveRow]) -> Self {
        let mut counts = BTreeMap::new();
        for row in rows {
            *counts.entry(row.table.clone()).or_default() += 1;
        }
        Self { dry_run, rows: counts }
    }

    fn text(&self) -> String {
        let all = counted(self.rows.values().sum::<usize>(), "row");
        let mut lines = vec![if self.dry_run {
            format!("would import {all}; nothing was changed")
        } else {
            format!("imported {all}")
        }];
        lines.extend(self.rows.iter().map(|(table, count)| format!("  {table}: {count}")));
        lines.join("\n")
    }
}

pub(super) async fn run(settings: Settings, options: Archive) -> Result<(), Failure> {
    let Archive { file, accounts, dry_run, format } = options;
    refuse_two_standard_inputs(&[Some(&file), accounts.as_deref()])?;
    let location = settings.database.location.clone();
    let installation = Installation::open(settings).await?;
    let sealer = installation.sealer().await?;
    let rows = archive_file::rows(&file)?;
    let tokens = archive_secrets::tokens(&sealer, &rows, accounts, format)?;
    let imported = Imported::of(dry_run, &rows);
    let missing = archive_secrets::missing(&rows);
    let restoring = if dry_run { Restoring::Checked } else { Restoring::Written };
    let author = installation.author();
    let archive = wiring::archive(&location).await.doing("opening the database")?;
    let work = archive.restore_archive(&author, rows, &tokens, restoring);
    during("importing the archive", &Done::default(), work).await.map_err(|error| match error {
        RestoreError::NotEmpty { .. } => Failure::refused(format!(
            "{error}; import the archive into a new database, or change this one with `switchboard import csv`"
        )),
        RestoreError::Store(error) => Failure::of(IMPORTING, error),
        error => Failure::of(format!("reading {file}"), error),
    })?;
    format.print(&imported, || imported.text())?;
    missing.iter().try_for_each(|hint| note("hint", hint))
}
