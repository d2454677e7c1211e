//! `switchboard import …`

mod prisma;
mod reading;

use std::time::Instant;

use clap::{Args, Subcommand};
use serde::Serialize;
use switchboard_application_management::{ImportDirectory, Problems};
use switchboard_domain::counted::counted;
use switchboard_domain::organization::default_organization;

use super::output::Format;
use super::token_check;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Import from CSV files; if a value is invalid, nothing is imported
    Csv(Csv),
    /// Import from the database of a legacy system; if a value is invalid, nothing is imported
    Prisma(prisma::Prisma),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    switchboard import csv --accounts accounts.csv --agents agents.csv --numbers numbers.csv\n\n\
    The first line contains the names of the columns. An empty cell means no value:\n  \
    accounts.csv  sid,name,auth_token,parent_sid\n  \
    agents.csv    external_id,name,prompt,voice,model,language,stream_url,reply,parameters\n  \
    numbers.csv   phone_number,account_sid,agent_external_id\n\n\
    New rows are added, and existing ones are changed. If a value is invalid, nothing is imported. \
    A known account keeps its token if the file has none. \
    Parameters are written as NAME=VALUE&NAME=VALUE, URL-encoded; a known agent keeps its parameters if the file has none.")]
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
    #[command(flatten)]
    format: Format,
}

/// What was imported.
#[derive(Debug, Serialize)]
struct Imported {
    accounts: u64,
    agents: u64,
    numbers: u64,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Csv(files) => csv(settings, files).await,
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
    let Installation { store, ambient, .. } = installation;
    let importing = ImportDirectory {
        accounts: store.clone(),
        agents: store.clone(),
        numbers: store.clone(),
        imports: store.clone(),
        sealer,
        identifiers: ambient.identifiers,
        clock: ambient.clock,
    };
    let counts = importing.import(&default_organization(), rows, problems).await;
    let counts = counts.doing("importing the files")?;
    let imported =
        Imported { accounts: counts.accounts, agents: counts.agents, numbers: counts.numbers };
    files.format.print(&imported, || {
        let Imported { accounts, agents, numbers } = imported;
        let seconds = started.elapsed().as_secs_f64();
        format!(
            "imported {}, {} and {} in {seconds:.1} s",
            counted(accounts, "account"),
            counted(agents, "agent"),
            counted(numbers, "number")
        )
    })
}
