//! `switchboard delivery …`

use clap::{Args, Subcommand};
use serde_json::json;
use switchboard_admin::CursorScope;
use switchboard_admin::objects::DeliveryObject;
use switchboard_application_delivery::{ReplayError, ReplaySelection};
use switchboard_domain::delivery::{DeliveryState, SendState};
use switchboard_domain::identifier::DeliveryId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::DeliveryFilter;
use switchboard_domain::sid::MessageSid;

use super::filters::{PeriodOptions, one_of};
use super::pages::PageOptions;
use super::reading;
use super::replay::{Chosen, Impact, REPLAYING, Replayed, print as print_replayed};
use super::reveal::Reveal;
use crate::command_line::confirmation::Confirmation;
use crate::command_line::input::{parse, parse_given};
use crate::command_line::named_objects::NamedObjects;
use crate::command_line::output::Format;
use crate::command_line::remote::{Client, Known as _, RemoteError, RemoteNames, Resource};
use crate::command_line::view::Sheet as _;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const LISTING: &str = "listing deliveries";
/// What is printed for an empty list.
const EMPTY: &str = "no deliveries match";
const SHOWING: &str = "showing the delivery";

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
    /// Only deliveries of events to this subscription
    #[arg(long, value_name = "sub_…")]
    subscription: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard delivery list --state dead --since 24h\n  \
    switchboard delivery list --agent Sales --json\n  \
    switchboard delivery list --subscription sub_01kb7y8m6q0123456789abcdef\n  \
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
    #[command(flatten)]
    reveal: Reveal,
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
    #[arg(value_name = "dlv_…", conflicts_with_all = ["since", "until", "agent", "subscription"], required_unless_present = "since")]
    id: Option<String>,
    #[command(flatten)]
    filter: FilterOptions,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
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
        let mut named = NamedObjects::new(installation);
        let agent = named.agent(self.agent.as_ref()).await?;
        let subscription = named.subscription(self.subscription.as_ref()).await?;
        named.of_one_organization()?;
        Ok(DeliveryFilter { period, agent, subscription, ..DeliveryFilter::default() })
    }

    /// The same for a list of the API.
    async fn select(&self, client: &Client, list: Resource) -> Result<Resource, Failure> {
        let list = self.period.select(list)?;
        let mut named = RemoteNames::new(client);
        let agent = named.agent(self.agent.as_ref()).await?;
        let subscription = named.subscription(self.subscription.as_ref()).await?;
        named.of_one_organization()?;
        Ok(list.with_given("agent_id", agent).with_given("subscription_id", subscription))
    }
}

fn parse_state(text: Option<&str>) -> Result<Option<DeliveryState>, Failure> {
    parse_given("--state", text, |text| {
        let states = DeliveryState::ALL.into_iter().map(DeliveryState::as_str);
        DeliveryState::parse(text).ok_or_else(|| one_of(states))
    })
}

fn parse_message(text: Option<&str>) -> Result<Option<MessageSid>, Failure> {
    parse_given("--message", text, |text| MessageSid::parse(text.trim()))
}

/// The error of a delivery that is not recorded.
fn unknown(id: &DeliveryId) -> Failure {
    Failure::not_found(format!(
        "no delivery {id} is recorded; `switchboard delivery list` lists them"
    ))
}

/// The same through the API of a running server.
pub(in crate::command_line) async fn run_remotely(
    client: &Client,
    command: Command,
) -> Result<(), Failure> {
    match command {
        Command::List(List { filter, state, message, page }) => {
            let state = parse_state(state.as_deref())?.map(DeliveryState::as_str);
            let message = parse_message(message.as_deref())?.map(|sid| sid.to_string());
            let list = filter.select(client, Resource::of(&["deliveries"])).await?;
            let list = list.with_given("state", state).with_given("message_sid", message);
            let list = page.reveal.select(list);
            page.print_remote::<DeliveryObject>(client, &list, LISTING, EMPTY).await
        }
        Command::Show(show) => {
            let id = parse("the delivery", show.id.trim(), DeliveryId::parse)?;
            let delivery = show.reveal.select(Resource::of(&["deliveries", id.as_str()]));
            let found = client.find::<DeliveryObject>(&delivery, "delivery_not_found").await;
            let object = found.doing(SHOWING)?.ok_or_else(|| unknown(&id))?;
            show.format.print(&object, || object.sheet())
        }
        Command::Replay(replay) => replay_remotely(client, replay).await,
    }
}

async fn list(settings: Settings, list: List) -> Result<(), Failure> {
    let List { filter, state, message, page: options } = list;
    let cursors = CursorScope::new("deliveries", &format!("{filter:?} {state:?} {message:?}"));
    let after = parse_given("--cursor", options.cursor.as_deref(), |text| {
        cursors.place(text, |key| DeliveryId::parse(key).ok())
    })?;
    let (state, message) = (parse_state(state.as_deref())?, parse_message(message.as_deref())?);
    let installation = Installation::open(settings).await?;
    let filter = DeliveryFilter { state, message, ..filter.filter(&installation).await? };
    let mut reading = reading(&installation, options.reveal.phone_numbers());
    let read = async |page| {
        let deliveries = installation.store.deliveries();
        let found = deliveries.newest(&Scope::Operator, &filter, &page).await.doing(LISTING)?;
        let mut entries = Vec::new();
        for delivery in found {
            let object = reading.delivery(&delivery).await.doing(LISTING)?;
            entries.push(((delivery.created_at, delivery.id), object));
        }
        Ok(entries)
    };
    options.print(&cursors, after, EMPTY, read).await
}

async fn show(settings: Settings, show: Show) -> Result<(), Failure> {
    let id = parse("the delivery", show.id.trim(), DeliveryId::parse)?;
    let installation = Installation::open(settings).await?;
    let found = installation.store.deliveries().find(&Scope::Operator, &id).await.doing(SHOWING)?;
    let delivery = found.ok_or_else(|| unknown(&id))?;
    let mut reading = reading(&installation, show.reveal.phone_numbers());
    let object = reading.delivery(&delivery).await.doing(SHOWING)?;
    show.format.print(&object, || object.sheet())
}

async fn replay(settings: Settings, replay: Replay) -> Result<(), Failure> {
    let Replay { id, filter, confirmation, format } = replay;
    let id = parse_given("the delivery", id.as_deref().map(str::trim), DeliveryId::parse)?;
    let installation = Installation::open(settings).await?;
    let selection = match id {
        Some(id) => ReplaySelection::Delivery(id),
        None => ReplaySelection::Dead(filter.filter(&installation).await?),
    };
    super::replay::replay(&installation, &selection, confirmation, format).await
}

/// The same through the API of a running server, which replays each delivery by itself.
async fn replay_remotely(client: &Client, replay: Replay) -> Result<(), Failure> {
    let Replay { id, filter, confirmation, format } = replay;
    let id = parse_given("the delivery", id.as_deref().map(str::trim), DeliveryId::parse)?;
    let (chosen, dead) = if let Some(id) = &id {
        (Chosen::Named, vec![dead(client, id).await?])
    } else {
        let list = filter.select(client, Resource::of(&["deliveries"])).await?;
        let list = list.with("state", DeliveryState::Dead.as_str());
        let mut dead: Vec<DeliveryObject> = client.all(&list).await.doing(REPLAYING)?;
        // The oldest first, in the order of its conversation.
        dead.reverse();
        (Chosen::Selected, dead)
    };
    let may_have_arrived = |delivery: &&DeliveryObject| {
        let outgoing = delivery.outgoing.as_ref();
        outgoing.is_some_and(|outgoing| outgoing.state == SendState::Unknown.as_str())
    };
    let uncertain = dead.iter().filter(may_have_arrived).count();
    if !(Impact { chosen, dead: dead.len(), uncertain }).allows(confirmation, format)? {
        return Ok(());
    }
    let mut done = Replayed::default();
    for delivery in &dead {
        let replay = Resource::of(&["deliveries", &delivery.id, "replay"]);
        // What became uncertain since then was not confirmed.
        let uncertain = may_have_arrived(&delivery).then_some("true");
        let replay = replay.with_given("accept_uncertain", uncertain);
        match client.post::<Replayed>(&replay, &json!({})).await {
            Ok(one) => done.replayed += one.replayed,
            // Another replay came first, or the delivery was deleted.
            Err(RemoteError::Refused(problem))
                if ["delivery_not_dead", "delivery_not_found"].contains(&problem.code.as_str()) => {
            }
            Err(error) => return Err(error).doing(REPLAYING),
        }
    }
    print_replayed(&done, format)
}

/// A delivery that is dead.
async fn dead(client: &Client, id: &DeliveryId) -> Result<DeliveryObject, Failure> {
    let found = client.get::<DeliveryObject>(&Resource::of(&["deliveries", id.as_str()])).await;
    let found = found.known(|code| {
        let is_missing = code == "delivery_not_found";
        is_missing.then(|| ReplayError::DeliveryUnknown { id: id.clone() })
    });
    let found = found.doing(REPLAYING)?;
    match DeliveryState::parse(&found.state) {
        Some(state) if state != DeliveryState::Dead => {
            Err(ReplayError::NotDead { state }).doing(REPLAYING)
        }
        // The server has the last word about a state of a later version.
        Some(_) | None => Ok(found),
    }
}
