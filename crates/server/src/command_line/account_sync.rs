//! `switchboard account sync …`

mod views;

use std::io::{self, Write as _};

use clap::Args;
use switchboard_application_carrier::adopt::{Adopted, Discovery, NumberDiff, SyncAccounts};
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::input::{account, account_sid, parse};
use super::output::{Format, ListWriter};
use super::progress::{self, Done};
use super::remedies;
use crate::carrier_use_cases::CarrierUseCases;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;
use views::{AccountRow, NumberRow, Report};

/// Moved numbers and unknown agents that are listed at most.
const MAX_LISTED: usize = 20;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard account sync AC0123456789abcdef0123456789abcdef\n  \
    switchboard account sync AC0123456789abcdef0123456789abcdef --import\n  \
    switchboard account sync AC0123456789abcdef0123456789abcdef --import --only +14155550100 --only ACffffffffffffffffffffffffffffffff\n\n\
    This command changes nothing at Twilio; `switchboard webhooks plan` shows the changes that are needed there. With \
    --import, a number whose legacy URL names an agent (?agentId=…) is assigned to the agent with that external id or id.\n\
    Exit code 1: an account could not be read.")]
pub(super) struct Options {
    /// The account's SID or name; its subaccounts are included
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// Import new accounts and numbers
    #[arg(long)]
    import: bool,
    /// Only this number, or this account with all of its numbers (can be repeated)
    #[arg(long, value_name = "NUMBER|AC…")]
    only: Vec<String>,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, options: Options) -> Result<(), Failure> {
    let word = account("the account", &options.account)?;
    let chosen = Chosen::parse(&options.only)?;
    let installation = Installation::open(settings).await?;
    let sid = installation.account_sid(&word).await?;
    let syncing = syncing(&installation).await?;
    let done = Done::default();
    let discovering = syncing.discover(&Scope::Operator, sid);
    let discovery = progress::during("reading the accounts at Twilio", &done, discovering);
    let mut discovery = discovery.await.doing("reading the accounts at Twilio")?;
    chosen.narrow(&mut discovery, sid)?;
    let adopted = if options.import {
        let author = installation.author();
        let adopting = syncing.adopt(&author, &discovery);
        let adopted = progress::during("importing what is new", &done, adopting).await;
        Some(adopted.doing("importing what is new")?)
    } else {
        None
    };
    print(options.format, &discovery, adopted)?;
    if discovery.accounts.iter().any(|account| views::error(account).is_some()) {
        return Err(Failure::Reported);
    }
    Ok(())
}

async fn syncing(installation: &Installation) -> Result<SyncAccounts, Failure> {
    let use_cases = CarrierUseCases::of(installation).await?;
    let sealer = installation.sealer().await?;
    let Installation { store, ambient, .. } = installation;
    Ok(SyncAccounts {
        access: use_cases.access,
        carrier: use_cases.carrier,
        numbers: store.clone(),
        agents: store.clone(),
        imports: store.clone(),
        sealer,
        urls: use_cases.urls,
        clock: ambient.clock.clone(),
    })
}

/// What `--only` names.
struct Chosen {
    accounts: Vec<AccountSid>,
    numbers: Vec<Sender>,
}

impl Chosen {
    fn parse(only: &[String]) -> Result<Self, Failure> {
        let mut chosen = Self { accounts: Vec::new(), numbers: Vec::new() };
        for text in only {
            if text.trim().starts_with("AC") {
                chosen.accounts.push(parse("--only", text, account_sid)?);
            } else {
                chosen.numbers.push(parse("--only", text, Sender::parse_typed)?);
            }
        }
        Ok(chosen)
    }

    /// Keeps what was chosen; all of it has to exist.
    fn narrow(&self, discovery: &mut Discovery, sid: AccountSid) -> Result<(), Failure> {
        if self.accounts.is_empty() && self.numbers.is_empty() {
            return Ok(());
        }
        let is_there =
            |wanted: &AccountSid| discovery.accounts.iter().any(|account| account.sid == *wanted);
        if let Some(account) = self.accounts.iter().find(|account| !is_there(account)) {
            return Err(Failure::not_found(format!(
                "account {account} is not a subaccount of {sid} at Twilio"
            )));
        }
        let has = |wanted: &Sender| discovery.numbers().any(|(_, number)| number.sender == *wanted);
        if let Some(number) = self.numbers.iter().find(|number| !has(number)) {
            return Err(Failure::not_found(format!(
                "{} is in none of the accounts of {sid} that could be read at Twilio",
                number.named()
            )));
        }
        discovery.only(&self.accounts, &self.numbers);
        Ok(())
    }
}

fn print(format: Format, discovery: &Discovery, adopted: Option<Adopted>) -> Result<(), Failure> {
    if format.json {
        return format.print(&Report::of(discovery, adopted), String::new);
    }
    let mut accounts = ListWriter::stdout(format);
    accounts.page(&discovery.accounts.iter().map(AccountRow::of).collect::<Vec<_>>())?;
    accounts.end("no accounts")?;
    writeln!(io::stdout()).map_err(Failure::Output)?;
    let mut numbers = ListWriter::stdout(format);
    let rows: Vec<_> =
        discovery.numbers().map(|(account, number)| NumberRow::of(account.sid, number)).collect();
    numbers.page(&rows)?;
    numbers.end("no numbers")?;
    let mut out = io::stdout().lock();
    let mut lines = sentences(discovery, adopted).into_iter();
    lines
        .try_for_each(|line| writeln!(out, "{line}"))
        .and_then(|()| out.flush())
        .map_err(Failure::Output)
}

/// The sentences below the tables: errors, decisions to make, and what was done.
fn sentences(discovery: &Discovery, adopted: Option<Adopted>) -> Vec<String> {
    let mut lines = vec![String::new()];
    for account in &discovery.accounts {
        if let Some(why) = views::error(account) {
            lines.push(format!("account {} could not be read: {why}", account.sid));
        }
    }
    let moved = discovery.numbers().filter_map(|(account, number)| match number.diff {
        NumberDiff::Moved(kept) => Some((number.sender, kept, account.sid)),
        _ => None,
    });
    limited(&mut lines, "more moved number", moved.map(|(number, kept, now)| {
        let command = remedies::command_of(&number);
        let number = number.as_str();
        format!(
            "{number} moved from {kept} to {now}: `switchboard {command} remove {number}`, then `switchboard {command} add {number} --account {now}`"
        )
    }));
    let unknown = discovery.unknown_agents().into_iter();
    limited(&mut lines, "more unknown agent", unknown.map(|id| {
        format!(
            "no agent has the external id or id {id:?} of old URLs; add it with `switchboard import prisma` or `switchboard agent add`, then sync again"
        )
    }));
    lines.push(match adopted {
        None => "nothing was changed; use --import to import what is new".to_owned(),
        Some(adopted) if adopted == Adopted::default() => {
            "nothing is new".to_owned()
        }
        Some(Adopted { accounts, statuses, numbers, senders, assigned }) => format!(
            "imported {}, {} and {}, assigned {} to the agents of their old URLs, and changed the status of {}; see `switchboard webhooks plan` for changes at Twilio",
            counted(accounts, "account"),
            counted(numbers, "number"),
            counted(senders, "other sender"),
            counted(assigned, "number"),
            counted(statuses, "account"),
        ),
    });
    lines
}

fn limited(lines: &mut Vec<String>, what: &str, all: impl Iterator<Item = String>) {
    let mut more = 0_usize;
    for (index, line) in all.enumerate() {
        if index < MAX_LISTED { lines.push(line) } else { more += 1 }
    }
    if more > 0 {
        lines.push(format!("and {}; use --json for all of them", counted(more, what)));
    }
}
