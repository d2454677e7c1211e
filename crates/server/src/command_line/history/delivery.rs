//! `switchboard delivery …`

use clap::{Args, Subcommand};
use serde::Serialize;
use switchboard_application_management::find_agent;
use switchboard_domain::agent::MessageTarget;
use switchboard_domain::counted::counted;
use switchboard_domain::delivery::{Delivery, DeliveryState};
use switchboard_domain::identifier::DeliveryId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{DeliveryFilter, Page, StoreError};
use switchboard_domain::sid::MessageSid;

use super::cursor::CursorScope;
use super::filters::{PeriodOptions, one_of};
use super::names::Names;
use super::pages::PageOptions;
use crate::command_line::confirmation::Confirmation;
use crate::command_line::input::{looking_up, parse, parse_given};
use crate::command_line::output::Format;
use crate::command_line::view::{DeliveryView, may_have_arrived};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const LISTING: &str = "listing deliveries";
const SHOWING: &str = "showing the delivery";
const REPLAYING: &str = "replaying deliveries";
/// The number of deliveries that are read at once.
const PAGE: u32 = 200;

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// List deliveries, newest first
    #[command(visible_alias = "ls")]
    List(List),
    /// Show the attempts of a delivery, and what to do about them
    Show(Show),
    /// Attempt dead deliveries again: one, or all of a period
    Replay(Replay),
}

#[derive(Clone, Debug, Args)]
struct FilterOptions {
    #[command(flatten)]
    period: PeriodOptions,
    /// Only deliveries of this agent, by its id, external id or name
    #[arg(long)]
    agent: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard delivery list --state dead --since 24h\n  \
    switchboard delivery list --agent Sales --json\n  \
    switchboard delivery list --message SM0123456789abcdef0123456789abcdef")]
pub(in crate::command_line) struct List {
    #[command(flatten)]
    filter: FilterOptions,
    /// Only deliveries in this state: pending, delivering, delivered, dead or canceled
    #[arg(long)]
    state: Option<String>,
    /// Only deliveries of this inbound message and of the replies to it
    #[arg(long, value_name = "SM…")]
    message: Option<String>,
    #[command(flatten)]
    page: PageOptions,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  switchboard delivery show dlv_01kb7y8m6q0123456789abcdef --reveal"
)]
pub(in crate::command_line) struct Show {
    /// The id of the delivery
    #[arg(value_name = "dlv_…")]
    id: String,
    /// Show full phone numbers
    #[arg(long)]
    reveal: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard delivery replay dlv_01kb7y8m6q0123456789abcdef\n  \
    switchboard delivery replay --since 24h --agent Sales --dry-run\n  \
    switchboard delivery replay --since 24h --yes\n\n\
    A message whose outcome at Twilio is unknown is looked up at Twilio before it is sent again."
)]
pub(in crate::command_line) struct Replay {
    /// The id of a dead delivery
    #[arg(value_name = "dlv_…", conflicts_with_all = ["since", "until", "agent"], required_unless_present = "since")]
    id: Option<String>,
    #[command(flatten)]
    filter: FilterOptions,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

/// What a replay did.
#[derive(Serialize)]
struct Replayed {
    replayed: u64,
}

pub(in crate::command_line) async fn run(
    settings: Settings,
    command: Command,
) -> Result<(), Failure> {
    match command {
        Command::List(list) => self::list(settings, list).await,
        Command::Show(show) => self::show(settings, show).await,
        Command::Replay(replay) => self::replay(settings, replay).await,
    }
}

impl FilterOptions {
    async fn filter(&self, installation: &Installation) -> Result<DeliveryFilter, Failure> {
        let period = self.period.period(installation.ambient.clock.now())?;
        let agent = match &self.agent {
            Some(word) => {
                let agents = installation.store.agents();
                let found = find_agent(agents, &Scope::Operator, word).await;
                Some(found.doing(looking_up("--agent"))?.id)
            }
            None => None,
        };
        Ok(DeliveryFilter { period, agent, ..DeliveryFilter::default() })
    }
}

async fn list(settings: Settings, list: List) -> Result<(), Failure> {
    let List { filter, state, message, page: options } = list;
    let cursors = CursorScope::new("deliveries", &format!("{filter:?} {state:?} {message:?}"));
    let after = parse_given("--cursor", options.cursor.as_deref(), |text| {
        cursors.place(text, |key| DeliveryId::parse(key).ok())
    })?;
    let state = parse_given("--state", state.as_deref(), |text| {
        let states = DeliveryState::ALL.into_iter().map(DeliveryState::as_str);
        DeliveryState::parse(text).ok_or_else(|| one_of(states))
    })?;
    let message =
        parse_given("--message", message.as_deref(), |text| MessageSid::parse(text.trim()))?;
    let installation = Installation::open(settings).await?;
    let filter = DeliveryFilter { state, message, ..filter.filter(&installation).await? };
    let mut names = Names::new(installation.store.as_ref());
    let read = async |page| {
        let deliveries = installation.store.deliveries();
        let found = deliveries.newest(&Scope::Operator, &filter, &page).await.doing(LISTING)?;
        let mut entries = Vec::new();
        for delivery in found {
            let view = view(&installation, &mut names, &delivery, options.reveal);
            let view = view.await.doing(LISTING)?;
            entries.push(((delivery.created_at, delivery.id), view));
        }
        Ok(entries)
    };
    options.print(&cursors, after, "no deliveries match", read).await
}

async fn show(settings: Settings, show: Show) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let delivery = find(&installation, &show.id, SHOWING).await?;
    let mut names = Names::new(installation.store.as_ref());
    let view = view(&installation, &mut names, &delivery, show.reveal).await.doing(SHOWING)?;
    show.format.print(&view, || view.sheet())
}

async fn find(
    installation: &Installation,
    id: &str,
    doing: &'static str,
) -> Result<Delivery, Failure> {
    let id = parse("the delivery", id.trim(), DeliveryId::parse)?;
    let found = installation.store.deliveries().find(&Scope::Operator, &id).await.doing(doing)?;
    found.ok_or_else(|| {
        Failure::not_found(format!(
            "no delivery {id} is recorded; `switchboard delivery list` lists them"
        ))
    })
}

async fn view(
    installation: &Installation,
    names: &mut Names<'_>,
    delivery: &Delivery,
    reveal: bool,
) -> Result<DeliveryView, StoreError> {
    let name = names.agent_of(delivery.agent.as_ref()).await?;
    let agent = match &delivery.agent {
        Some(id) => installation.store.agents().find(&Scope::Operator, id).await?,
        None => None,
    };
    let target = agent.as_ref().and_then(|agent| agent.profile.message_target.as_ref());
    let endpoint = target.and_then(MessageTarget::endpoint);
    Ok(DeliveryView::of(delivery, name, endpoint, reveal))
}

async fn replay(settings: Settings, replay: Replay) -> Result<(), Failure> {
    let Replay { id, filter, confirmation, format } = replay;
    let installation = Installation::open(settings).await?;
    let dead = match id {
        Some(id) => {
            let delivery = find(&installation, &id, REPLAYING).await?;
            if delivery.state != DeliveryState::Dead {
                return Err(Failure::refused(format!(
                    "the delivery is {}; only a dead delivery can be replayed",
                    delivery.state.as_str()
                )));
            }
            // One delivery that is named needs no confirmation, unless a contact could get a message twice.
            if !may_have_arrived(&delivery) && !confirmation.is_dry_run() {
                return again(&installation, &[delivery.id], format).await;
            }
            vec![(delivery.id.clone(), may_have_arrived(&delivery))]
        }
        None => dead(&installation, filter.filter(&installation).await?).await?,
    };
    let uncertain = dead.iter().filter(|(_, may_have_arrived)| *may_have_arrived).count();
    let mut impact = vec![format!("replays {}", deliveries(dead.len() as u64))];
    if uncertain > 0 {
        impact.push(format!(
            "the outcome of {} at Twilio is unknown, so the contact may already have the message; it is looked up at Twilio first",
            deliveries(uncertain as u64)
        ));
    }
    if !confirmation.allows_deletion(dead.len() as u64, &impact, format)? {
        return Ok(());
    }
    let ids: Vec<_> = dead.into_iter().map(|(id, _)| id).collect();
    again(&installation, &ids, format).await
}

/// The dead deliveries that the filter selects, oldest first.
async fn dead(
    installation: &Installation,
    filter: DeliveryFilter,
) -> Result<Vec<(DeliveryId, bool)>, Failure> {
    let filter = DeliveryFilter { state: Some(DeliveryState::Dead), ..filter };
    let mut dead = Vec::new();
    let mut page = Page::first(PAGE);
    loop {
        let deliveries = installation.store.deliveries();
        let found = deliveries.newest(&Scope::Operator, &filter, &page).await.doing(REPLAYING)?;
        let Some(last) = found.last() else { break };
        page = Page::behind((last.created_at, last.id.clone()), PAGE);
        dead.extend(found.iter().map(|found| (found.id.clone(), may_have_arrived(found))));
    }
    dead.reverse();
    Ok(dead)
}

/// Replays deliveries. One that is not dead any more, because another command replayed it, is left out.
async fn again(
    installation: &Installation,
    ids: &[DeliveryId],
    format: Format,
) -> Result<(), Failure> {
    let mut replayed = 0;
    for id in ids {
        match installation.store.deliveries().replay(&Scope::Operator, id).await {
            Ok(()) => replayed += 1,
            Err(StoreError::Missing { .. }) => {}
            Err(error) => return Err(error).doing(REPLAYING),
        }
    }
    format.print(&Replayed { replayed }, || {
        format!(
            "{} attempted again at once; `switchboard delivery show` shows the result",
            if replayed == 1 {
                "1 delivery is".to_owned()
            } else {
                format!("{replayed} deliveries are")
            }
        )
    })
}

fn deliveries(count: u64) -> String {
    if count == 1 { counted(count, "delivery") } else { format!("{count} deliveries") }
}
