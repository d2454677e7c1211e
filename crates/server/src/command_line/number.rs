//! `switchboard number …`

use clap::{Args, Subcommand};
use switchboard_application_management::{ManageError, NewNumber, Removal, find_agent};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::number::{Channels, RepairPolicy};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{NumberFilter, Page, Store, StoreError};

use super::confirmation::Confirmation;
use super::input::{account, given_account, parse, parse_given};
use super::output::{Format, ListWriter};
use super::view::{AnswererNames, AssignedView, DecidingView, NumberView, PreviewView};
use super::webhooks::{Force, RestoredView, TakeOver};
use crate::carrier_use_cases::CarrierUseCases;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;
use crate::written_urls;

const PAGE: u32 = 1_000;
const LISTING: &str = "listing numbers";
const ASSIGNING: &str = "assigning the number";
const UNASSIGNING: &str = "unassigning the number";
const REMOVING: &str = "removing the number";
const SHOWING: &str = "showing the number";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a phone number of an account
    Add(Add),
    /// List numbers, and the agents and routing plans that answer them
    #[command(visible_alias = "ls")]
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
#[command(after_help = "Examples:\n  switchboard number list --agent Sales\n  \
    switchboard number list --account AC0123456789abcdef0123456789abcdef --json")]
pub(super) struct List {
    /// Only numbers of this account
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// Only numbers of this agent, by its id, external id or name
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
    /// The agent's id, external id or name
    #[arg(long)]
    agent: String,
    /// The channels that the agent answers: voice, sms, whatsapp
    #[arg(long, default_value = "voice,sms")]
    channels: String,
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
    /// Also discard the saved configuration; at Twilio, the number's webhooks keep pointing to this server
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard number unassign +14155550100 --dry-run\n  switchboard number unassign +14155550100 --force --yes"
)]
pub(super) struct Unassign {
    /// The number
    number: String,
    #[command(flatten)]
    force: Force,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => self::add(settings, add).await,
        Command::List(list) => self::list(settings, list).await,
        Command::Show(named) => show(settings, named).await,
        Command::Assign(assign) => self::assign(settings, assign).await,
        Command::Unassign(unassign) => self::unassign(settings, unassign).await,
        Command::Remove(remove) => self::remove(settings, remove).await,
    }
}

async fn add(settings: Settings, add: Add) -> Result<(), Failure> {
    let phone_number = number(&add.number)?;
    let account = account("--account", &add.account)?;
    let installation = Installation::open(settings).await?;
    let account = installation.account_sid(&account).await?;
    let numbers = installation.numbers();
    let added = numbers.add(&Scope::Operator, NewNumber { phone_number, account }).await;
    added.doing("adding the number")?;
    let view = stored(installation.store.as_ref(), phone_number).await?;
    let next = if view.has_plan() {
        format!("{} decides for it; configure it with `switchboard webhooks fix`", view.plan())
    } else {
        "assign it to an agent with `switchboard number assign`".to_owned()
    };
    add.format.print(&view, || {
        format!("added number {} of account {account}; {next}", phone_number.as_str())
    })
}

async fn list(settings: Settings, arguments: List) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let account = given_account(&installation, "--account", arguments.account.as_deref()).await?;
    let store = installation.store;
    if let Some(sid) = account {
        let found = store.accounts().find(&Scope::Operator, sid).await.doing(LISTING)?;
        found.ok_or(ManageError::AccountUnknown { sid }).doing(LISTING)?;
    }
    let agent = match &arguments.agent {
        Some(word) => {
            let found = find_agent(store.agents(), &Scope::Operator, word).await;
            Some(found.doing(LISTING)?.id)
        }
        None => None,
    };
    let filter = NumberFilter { account, agent };
    let mut names = AnswererNames::default();
    let mut listing = ListWriter::stdout(arguments.format);
    let mut page = Page::first(PAGE);
    loop {
        let numbers =
            store.configurations().list(&Scope::Operator, &filter, &page).await.doing(LISTING)?;
        let mut views = Vec::with_capacity(numbers.len());
        for number in &numbers {
            views.push(names.view(store.as_ref(), number).await.doing(LISTING)?);
        }
        listing.page(&views)?;
        match numbers.last() {
            Some(last) => page = Page::behind(last.number.phone_number, PAGE),
            None if filter == NumberFilter::default() => {
                return listing.end("no numbers yet; add one with `switchboard number add`");
            }
            None => return listing.end("no numbers match"),
        }
    }
}

async fn show(settings: Settings, named: Named) -> Result<(), Failure> {
    let number = number(&named.number)?;
    let store = Installation::open(settings).await?.store;
    let view = stored(store.as_ref(), number).await?;
    named.format.print(&view, || view.sheet())
}

/// A stored number, and who answers it.
async fn stored(store: &dyn Store, number: PhoneNumber) -> Result<NumberView, Failure> {
    let found = store.configurations().find(&Scope::Operator, number).await.doing(SHOWING)?;
    let found = found.ok_or(ManageError::NumberUnknown { number }).doing(SHOWING)?;
    AnswererNames::default().view(store, &found).await.doing(SHOWING)
}

async fn assign(settings: Settings, assign: Assign) -> Result<(), Failure> {
    let phone_number = number(&assign.number)?;
    let channels = parse("--channels", &assign.channels, Channels::parse_assigned)?;
    let policy = parse_given("--repair", assign.repair.as_deref(), |text| {
        RepairPolicy::parse(text).ok_or("is neither manual nor automatic")
    })?;
    let installation = Installation::open(settings).await?;
    let store = installation.store.as_ref();
    written_urls::may_be_written(&installation).await?;
    let assigning = CarrierUseCases::of(&installation).await?.assign(&installation);
    let overrides = assign.take_over.overrides();
    if assign.dry_run {
        // An agent that does not exist is refused here, too.
        let agent = find_agent(store.agents(), &Scope::Operator, &assign.agent).await;
        let agent = agent.doing(ASSIGNING)?;
        let drift = assigning.preview(&Scope::Operator, phone_number, channels, overrides).await;
        let view = PreviewView::of(phone_number, &agent, &drift.doing(ASSIGNING)?);
        return assign.format.print(&view, || view.lines());
    }
    let assigned = assigning
        .assign(&Scope::Operator, phone_number, &assign.agent, channels, overrides)
        .await
        .doing(ASSIGNING)?;
    if let Some(policy) = policy {
        let set = store.configurations().set_policy(&Scope::Operator, phone_number, policy).await;
        set.doing("setting the repair policy of the number")?;
    }
    let number = stored(store, phone_number).await?;
    let view = AssignedView::of(number, &assigned.carrier);
    assign.format.print(&view, || view.lines())
}

async fn unassign(settings: Settings, unassign: Unassign) -> Result<(), Failure> {
    let phone_number = number(&unassign.number)?;
    let installation = Installation::open(settings).await?;
    let impact = impact(&installation, phone_number).await.doing(UNASSIGNING)?;
    if let Some(answering) = impact.answering() {
        let restored = if impact.plan.is_some() {
            "its configuration at Twilio stays, because the plan needs it".to_owned()
        } else {
            "its previous configuration is restored at Twilio".to_owned()
        };
        if !unassign.confirmation.allows(&[answering, restored], unassign.format)? {
            return Ok(());
        }
    } else if unassign.confirmation.is_dry_run() {
        let nothing = "the number is not assigned, and nothing is changed".to_owned();
        return unassign.confirmation.allows(&[nothing], unassign.format).map(drop);
    }
    let releasing = CarrierUseCases::of(&installation).await?.release(&installation);
    let foreign = unassign.force.foreign();
    let released = releasing.release(&Scope::Operator, phone_number, foreign).await;
    let released = released.doing(UNASSIGNING)?;
    let carrier = RestoredView::of(phone_number, &released.restored);
    let agent = released.before.map(|assignment| assignment.agent);
    let is_done = carrier.is_done();
    let view = serde_json::json!({
        "unassigned": is_done.then(|| phone_number.as_str()),
        "agent_id": agent.as_ref().map(AgentId::as_str),
        "carrier": carrier,
        "plan": impact.plan,
    });
    unassign.format.print(&view, || {
        let here = match &agent {
            _ if !is_done => return carrier.lines(),
            Some(agent) => {
                format!("unassigned {} from agent {agent}", phone_number.as_str())
            }
            None => format!("{} was not assigned to an agent", phone_number.as_str()),
        };
        format!("{here}\n{}", carrier.lines())
    })?;
    if is_done { Ok(()) } else { Err(Failure::Reported) }
}

async fn remove(settings: Settings, remove: Remove) -> Result<(), Failure> {
    let phone_number = number(&remove.number)?;
    let installation = Installation::open(settings).await?;
    let impact = impact(&installation, phone_number).await.doing(REMOVING)?;
    let mut lines: Vec<String> = impact.answering().into_iter().collect();
    if let (None, Some(plan)) = (&impact.agent, &impact.plan) {
        lines.push(format!("{} no longer decides for the number", plan.text()));
    }
    lines.push("the number is deleted here; its calls and messages are then refused".to_owned());
    if impact.is_adopted && remove.force {
        lines.push("its saved configuration is discarded, and its webhooks at Twilio keep pointing to this server".to_owned());
    }
    if !remove.confirmation.allows(&lines, remove.format)? {
        return Ok(());
    }
    let numbers = installation.numbers();
    let removal = if remove.force { Removal::Forgetting } else { Removal::Careful };
    let removed = numbers.remove(&Scope::Operator, phone_number, removal).await;
    removed.doing(REMOVING)?;
    let removed = serde_json::json!({ "removed": phone_number.as_str() });
    remove.format.print(&removed, || format!("removed number {}", phone_number.as_str()))
}

/// What a number has to lose.
struct Impact {
    agent: Option<String>,
    plan: Option<DecidingView>,
    is_adopted: bool,
}

impl Impact {
    /// What ends when the number is unassigned, if anything does.
    fn answering(&self) -> Option<String> {
        match (&self.agent, &self.plan) {
            (Some(agent), Some(plan)) => Some(format!(
                "agent {agent} no longer answers the number; {} decides for it",
                plan.text()
            )),
            (Some(agent), None) => Some(format!("agent {agent} no longer answers the number")),
            (None, None) if self.is_adopted => {
                Some("the number no longer reaches this server".to_owned())
            }
            (None, _) => None,
        }
    }
}

async fn impact(installation: &Installation, number: PhoneNumber) -> Result<Impact, ManageError> {
    let store = installation.store.as_ref();
    let failed = |source| ManageError::Store { doing: "finding the number", source };
    let found = match store.configurations().find(&Scope::Operator, number).await {
        // A row that cannot be read can be removed.
        Err(StoreError::Corrupt { .. }) => {
            return Ok(Impact { agent: None, plan: None, is_adopted: true });
        }
        found => found.map_err(failed)?,
    };
    let configured = found.ok_or(ManageError::NumberUnknown { number })?;
    let mut names = AnswererNames::default();
    let view = names.view(store, &configured).await.map_err(failed)?;
    let agent = configured.number.assignment.is_some().then(|| view.agent());
    let plan = names.deciding(store, &configured).await.map_err(failed)?;
    Ok(Impact { agent, plan, is_adopted: configured.adopted.is_some() })
}

fn number(text: &str) -> Result<PhoneNumber, Failure> {
    parse("the number", text, PhoneNumber::parse_typed)
}
