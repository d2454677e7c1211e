//! `switchboard number …`, and what it shares with `switchboard sender …`

pub(super) mod remote;
mod removal;

use clap::{Args, Subcommand};
use switchboard_admin::objects::{AssignedObject, NumberObject};
use switchboard_application_carrier::configuration::NewAssignment;
use switchboard_application_management::{ManageError, NewNumber};
use switchboard_domain::number::{Channels, RepairPolicy};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{NumberFilter, Page};
use switchboard_domain::sender::Sender;

use super::input::{account, parse, parse_given};
use super::named_objects::NamedObjects;
use super::output::{Format, ListWriter};
use super::remedies;
use super::view::{PreviewView, Sheet as _, assigned_lines, plan_of};
use super::webhooks::TakeOver;
use super::wording::CommandLineWording;
use crate::carrier_use_cases::CarrierUseCases;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;
use crate::written_urls;

pub(super) use removal::{RemoveOptions, UnassignOptions, remove, unassign};

const PAGE: u32 = 1_000;
const LISTING: &str = "listing numbers and senders";
const ADDING: &str = "adding the number or sender";
const ASSIGNING: &str = "assigning the number or sender";
const SHOWING: &str = "showing the number or sender";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a phone number of an account
    Add(Add),
    /// List numbers, and the agents and routing plans that answer them
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  switchboard number list --agent Sales\n  \
            switchboard number list --account AC0123456789abcdef0123456789abcdef --json"
    )]
    List(List),
    /// Show a number, and who answers it
    Show(Named),
    /// Assign a number to an agent, and configure it at Twilio
    Assign(Assign),
    /// Unassign a number from its agent, and restore its previous configuration at Twilio if no routing plan applies to it
    #[command(alias = "release")]
    Unassign(Unassign),
    /// Remove a number, even if it is assigned
    #[command(visible_alias = "rm")]
    Remove(Remove),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  switchboard number add +14155550100 --account AC0123456789abcdef0123456789abcdef"
)]
pub(super) struct Add {
    /// The phone number with its country code
    number: String,
    /// The account that owns the number
    #[arg(long, value_name = "ACCOUNT")]
    account: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those of this account
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// Only those of this agent, by its id, external id or name
    #[arg(long)]
    agent: Option<String>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard number assign +14155550100 --agent Sales --channels voice,sms\n  \
    switchboard number assign '+1 (415) 555-0100' --agent sales --channels voice"
)]
pub(super) struct Assign {
    /// The number
    number: String,
    /// The channels that the agent answers: voice, sms, whatsapp
    #[arg(long, default_value = "voice,sms")]
    channels: String,
    #[command(flatten)]
    options: AssignOptions,
}

/// How to assign a number or sender.
#[derive(Debug, Args)]
pub(super) struct AssignOptions {
    /// The agent's id, external id or name
    #[arg(long)]
    agent: String,
    #[command(flatten)]
    take_over: TakeOver,
    /// Show what would be written to Twilio, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// How drift is repaired: manual (by `webhooks fix`) or automatic (by the server, on a schedule)
    #[arg(long, value_name = "POLICY")]
    repair: Option<String>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  switchboard number show +14155550100")]
pub(super) struct Named {
    /// The number
    number: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard number remove +14155550100 --dry-run\n  switchboard number remove +14155550100 --force --yes"
)]
pub(super) struct Remove {
    /// The number
    number: String,
    #[command(flatten)]
    options: RemoveOptions,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard number unassign +14155550100 --dry-run\n  switchboard number unassign +14155550100 --force --yes"
)]
pub(super) struct Unassign {
    /// The number
    number: String,
    #[command(flatten)]
    options: UnassignOptions,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(Add { number, account, format }) => {
            add(settings, self::number(&number)?, &account, format).await
        }
        Command::List(options) => list(settings, Listed::Numbers, options).await,
        Command::Show(Named { number, format }) => {
            show(settings, self::number(&number)?, format).await
        }
        Command::Assign(Assign { number, channels, options }) => {
            assign(settings, self::number(&number)?, Some(channels), options).await
        }
        Command::Unassign(Unassign { number, options }) => {
            unassign(settings, self::number(&number)?, options).await
        }
        Command::Remove(Remove { number, options }) => {
            remove(settings, self::number(&number)?, options).await
        }
    }
}

/// What a list contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    /// Phone numbers.
    Numbers,
    /// Senders that are no phone numbers.
    Senders,
}

impl Listed {
    const fn noun(self) -> &'static str {
        match self {
            Self::Numbers => "number",
            Self::Senders => "sender",
        }
    }

    /// What is printed for an empty list with filters.
    fn no_match(self) -> String {
        format!("no {}s match", self.noun())
    }

    /// What is printed for an empty list without filters.
    fn none(self) -> String {
        let noun = self.noun();
        format!("no {noun}s yet; add one with `switchboard {noun} add`")
    }
}

pub(super) async fn add(
    settings: Settings,
    sender: Sender,
    account: &str,
    format: Format,
) -> Result<(), Failure> {
    let account = self::account("--account", account)?;
    let installation = Installation::open(settings).await?;
    let account = installation.account_sid(&account).await?;
    let numbers = installation.numbers();
    let added = numbers.add(&installation.author(), NewNumber { sender, account }).await;
    added.doing(ADDING)?;
    let view = stored(&installation, sender).await?;
    format.print(&view, || self::added(&view, sender))
}

/// What was added, and what to do next.
fn added(view: &NumberObject, sender: Sender) -> String {
    let next = if view.plan.is_some() {
        format!("{} decides for it; configure it with `switchboard webhooks fix`", plan_of(view))
    } else {
        format!("assign it to an agent with `switchboard {} assign`", remedies::command_of(&sender))
    };
    let (noun, account) = (sender.kind().noun(), &view.account_sid);
    format!("added {noun} {} of account {account}; {next}", sender.as_str())
}

pub(super) async fn list(
    settings: Settings,
    listed: Listed,
    arguments: List,
) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let store = &installation.store;
    let mut named = NamedObjects::new(&installation);
    let account = named.account(arguments.account.as_ref()).await?;
    let agent = named.agent(arguments.agent.as_ref()).await?;
    named.of_one_organization()?;
    let hint = if account.is_some() || agent.is_some() { listed.no_match() } else { listed.none() };
    let filter = NumberFilter { account, agent, is_phone: Some(listed == Listed::Numbers) };
    let mut answerers = installation.answerers();
    let mut listing = ListWriter::stdout(arguments.format);
    let mut page = Page::first(PAGE);
    loop {
        let numbers =
            store.configurations().list(&Scope::Operator, &filter, &page).await.doing(LISTING)?;
        let mut views = Vec::with_capacity(numbers.len());
        for number in &numbers {
            let answerer = answerers.of(number).await.doing(LISTING)?;
            views.push(NumberObject::of(number, &answerer));
        }
        listing.page(&views)?;
        match numbers.last() {
            Some(last) => page = Page::behind(last.number.sender, PAGE),
            None => return listing.end(&hint),
        }
    }
}

pub(super) async fn show(
    settings: Settings,
    sender: Sender,
    format: Format,
) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let view = stored(&installation, sender).await?;
    format.print(&view, || view.sheet())
}

/// A stored number or sender, and who answers it.
async fn stored(installation: &Installation, sender: Sender) -> Result<NumberObject, Failure> {
    let configurations = installation.store.configurations();
    let found = configurations.find(&Scope::Operator, sender).await.doing(SHOWING)?;
    let found = found.ok_or(ManageError::NumberUnknown { number: sender }).doing(SHOWING)?;
    let answerer = installation.answerers().of(&found).await.doing(SHOWING)?;
    Ok(NumberObject::of(&found, &answerer))
}

/// Assigns a number or sender. Without channels, the agent answers those that the kind of sender has.
pub(super) async fn assign(
    settings: Settings,
    sender: Sender,
    channels: Option<String>,
    options: AssignOptions,
) -> Result<(), Failure> {
    let AssignOptions { agent, take_over, dry_run, repair, format } = options;
    let channels = assigned_channels(channels.as_deref(), &sender)?;
    let repair = repair_policy(repair.as_deref())?;
    let installation = Installation::open(settings).await?;
    written_urls::may_be_written(&installation).await?;
    let assigning = CarrierUseCases::of(&installation).await?.assign(&installation);
    let overrides = take_over.overrides();
    let new = NewAssignment { sender, agent, channels, overrides, repair };
    if dry_run {
        let planned = assigning.preview(&installation.author(), &new).await;
        let (agent, drift) = planned.doing(ASSIGNING)?;
        let view = PreviewView::of(sender, &agent, &drift);
        return format.print(&view, || view.lines());
    }
    let assigned = assigning.assign(&installation.author(), &new).await.doing(ASSIGNING)?;
    let number = stored(&installation, sender).await?;
    let view = AssignedObject::of(number, &assigned.carrier, &CommandLineWording);
    format.print(&view, || assigned_lines(&view))
}

fn assigned_channels(given: Option<&str>, sender: &Sender) -> Result<Channels, Failure> {
    match given {
        Some(text) => parse("--channels", text, |text| Channels::parse_assigned(text, sender)),
        None => Ok(sender.default_channels()),
    }
}

fn repair_policy(given: Option<&str>) -> Result<Option<RepairPolicy>, Failure> {
    parse_given("--repair", given, |text| {
        RepairPolicy::parse(text).ok_or("is neither manual nor automatic")
    })
}

fn number(text: &str) -> Result<Sender, Failure> {
    parse("the number", text, PhoneNumber::parse_typed).map(Sender::from)
}
