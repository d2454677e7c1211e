//! `switchboard import …`

mod prisma;
mod reading;

use std::time::Instant;

use clap::{Args, Subcommand};
use serde::Serialize;
use switchboard_application_management::{ImportDirectory, Problems};
use switchboard_domain::organization::default_organization;

use super::open::Installation;
use super::output::Format;
use crate::failure::Failure;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Import from CSV files: all of them or nothing
    Csv(Csv),
    /// Import from the database of the earlier system: all of it or nothing
    Prisma(prisma::Prisma),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    switchboard import csv --accounts accounts.csv --agents agents.csv --numbers numbers.csv\n\n\
    Columns are found by the names in the first line; an empty cell is none:\n  \
    accounts.csv  sid,name,auth_token,parent_sid\n  \
    agents.csv    external_id,name,prompt,voice,model,language,stream_url,reply\n  \
    numbers.csv   phone_number,account_sid,agent_external_id\n\n\
    What is new is added, what is there is changed. With a single mistake nothing is. \
    An account that is known keeps its token where the file has none.")]
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
    #[command(flatten)]
    format: Format,
}

/// What an import brought.
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
    let Installation { stores, ambient, .. } = installation;
    let mut problems = Problems::default();
    let sheets = reading::sheets(&files, &mut problems);
    let importing = ImportDirectory {
        accounts: stores.accounts,
        agents: stores.agents,
        numbers: stores.numbers,
        imports: stores.imports,
        sealer,
        identifiers: ambient.identifiers,
        clock: ambient.clock,
    };
    let counts = importing.import(&default_organization(), sheets, problems).await?;
    let imported =
        Imported { accounts: counts.accounts, agents: counts.agents, numbers: counts.numbers };
    Ok(files.format.print(&imported, || {
        let Imported { accounts, agents, numbers } = imported;
        let seconds = started.elapsed().as_secs_f64();
        format!(
            "imported {accounts} accounts, {agents} agents and {numbers} numbers in {seconds:.1} s"
        )
    })?)
}
