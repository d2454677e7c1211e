//! `switchboard import …`

mod archive;
mod archive_secrets;
pub(super) mod columns;
mod map_file;
mod prisma;
mod reading;

use std::sync::Arc;
use std::time::Instant;

use clap::{Args, Subcommand};
use serde::Serialize;
use switchboard_application_management::{
    ChangedRecords, ImportDirectory, ImportSummary, Problems, TokenSealer,
};
use switchboard_domain::counted::counted;
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::Store;

use super::output::Format;
use super::progress::{self, Done};
use super::token_check;
use crate::ambient::Ambient;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;
use crate::wiring;

const IMPORTING: &str = "importing the files";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Import from CSV files
    Csv(Csv),
    /// Import the whole configuration of an export into a new database
    Archive(archive::Archive),
    /// Import from the database of a legacy system
    Prisma(prisma::Prisma),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    switchboard import csv --accounts accounts.csv --agents agents.csv --numbers numbers.csv\n\n\
    The first line contains the names of the columns. An empty cell means no value:\n  \
    accounts.csv  sid,name,auth_token,parent_sid,region\n  \
    agents.csv    external_id,name,prompt,voice,model,language,stream_url,reply,parameters,\n                \
    relay_url,voice_redirect_url,dial,voice_twilio,message_redirect_url,message_webhook,\n                \
    message_twilio,chat_model,chat_url,chat_max_tokens,chat_daily_limit,whatsapp_template,\n                \
    relay_attributes,state,capacity,hours,health_url\n  \
    numbers.csv   phone_number,account_sid,agent_external_id,channels,repair\n\n\
    New rows are added, and existing ones are changed. If a value is invalid, nothing is imported. \
    An existing account keeps its token if the file has none. An existing agent or number keeps its value if the file \
    does not have the column. Numbers refer to an agent without an external id by its own id.\n\n\
    Parameters and attributes of ConversationRelay are written as NAME=VALUE&NAME=VALUE, URL-encoded; an existing agent keeps \
    its parameters if the cell is empty. Hours are a JSON document, as `switchboard export` writes them.")]
pub(super) struct Csv {
    /// File with accounts
    #[arg(long, value_name = "FILE")]
    accounts: Option<String>,
    /// File with agents
    #[arg(long, value_name = "FILE")]
    agents: Option<String>,
    /// File with numbers
    #[arg(long, value_name = "FILE")]
    numbers: Option<String>,
    /// Verify the tokens of the accounts with Twilio; if one is wrong, nothing is imported
    #[arg(long, requires = "accounts")]
    verify: bool,
    /// Check the files and show what would change, and import nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

/// What was or would be imported.
#[derive(Debug, Serialize)]
struct Imported {
    dry_run: bool,
    /// New and changed ones.
    accounts: usize,
    agents: usize,
    numbers: usize,
    new: Counts,
    changed: Counts,
    unchanged: Counts,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Counts {
    accounts: usize,
    agents: usize,
    numbers: usize,
}

impl Counts {
    const fn is_zero(self) -> bool {
        self.accounts == 0 && self.agents == 0 && self.numbers == 0
    }

    fn text(self) -> String {
        format!(
            "{}, {} and {}",
            counted(self.accounts, "account"),
            counted(self.agents, "agent"),
            counted(self.numbers, "number")
        )
    }
}

impl Imported {
    fn of(options: &Csv, summary: ImportSummary, rows: Counts) -> Self {
        let ImportSummary { accounts, agents, numbers, changed, .. } = summary;
        let new = Counts { accounts, agents, numbers };
        let ChangedRecords { accounts, agents, numbers } = changed;
        let changed = Counts { accounts, agents, numbers };
        let unchanged = Counts {
            accounts: rows.accounts.saturating_sub(new.accounts + accounts),
            agents: rows.agents.saturating_sub(new.agents + agents),
            numbers: rows.numbers.saturating_sub(new.numbers + numbers),
        };
        Self {
            dry_run: options.dry_run,
            accounts: new.accounts + accounts,
            agents: new.agents + agents,
            numbers: new.numbers + numbers,
            new,
            changed,
            unchanged,
        }
    }

    fn text(&self, seconds: f64) -> String {
        let all = Counts { accounts: self.accounts, agents: self.agents, numbers: self.numbers };
        let all = all.text();
        let mut lines = vec![if self.dry_run {
            format!("would import {all}; nothing was changed")
        } else {
            format!("imported {all} in {seconds:.1} s")
        }];
        for (what, counts) in
            [("new", self.new), ("changed", self.changed), ("unchanged", self.unchanged)]
        {
            if !counts.is_zero() {
                lines.push(format!("  {what}: {}", counts.text()));
            }
        }
        lines.join("\n")
    }
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Csv(files) => csv(settings, files).await,
        Command::Archive(options) => archive::run(settings, options).await,
        Command::Prisma(prisma) => prisma::run(settings, prisma).await,
    }
}

async fn csv(settings: Settings, files: Csv) -> Result<(), Failure> {
    if files.accounts.is_none() && files.agents.is_none() && files.numbers.is_none() {
        return Err(Failure::usage(
            "no file to import; name at least one of --accounts, --agents and --numbers",
        ));
    }
    let started = Instant::now();
    let installation = Installation::open(settings).await?;
    let sealer = installation.sealer().await?;
    let mut problems = Problems::default();
    let rows = reading::rows(&files, &mut problems);
    if files.verify {
        token_check::verify_rows(&installation, &rows.accounts.rows).await?;
    }
    let author = installation.author();
    let Installation { store, ambient, .. } = installation;
    let importing = directory(&store, sealer, ambient);
    let given = Counts {
        accounts: rows.accounts.rows.len(),
        agents: rows.agents.rows.len(),
        numbers: rows.numbers.rows.len(),
    };
    let organization = default_organization();
    let preparing = importing.prepare_update(&organization, rows, problems);
    let done = Done::default();
    let prepared = progress::during("checking the files", &done, preparing).await;
    let prepared = prepared.doing(IMPORTING)?;
    if !files.dry_run {
        let writing = importing.write(&author, &prepared);
        progress::during("importing", &done, writing).await.doing(IMPORTING)?;
    }
    let imported = Imported::of(&files, prepared.summary(), given);
    files.format.print(&imported, || imported.text(started.elapsed().as_secs_f64()))
}

/// The use case of imports.
fn directory(store: &Arc<dyn Store>, sealer: TokenSealer, ambient: Ambient) -> ImportDirectory {
    ImportDirectory {
        accounts: store.clone(),
        agents: store.clone(),
        numbers: store.clone(),
        configurations: store.clone(),
        catalogue: store.clone(),
        codec: wiring::plan_codec(),
        imports: store.clone(),
        sealer,
        identifiers: ambient.identifiers,
        clock: ambient.clock,
    }
}
