//! `switchboard route simulate`

use clap::Args;
use switchboard_admin::party::Party;
use switchboard_application_management::routing_plans::{
    Reachable, Supposed, Week, split_by_weight,
};
use switchboard_domain::address::Address;
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::{LocalDate, Zone};
use switchboard_domain::ports::PlanPlace;
use switchboard_domain::sender::Sender;
use switchboard_domain::time::Timestamp;

use super::caller::{Reported, instant};
use super::draft::{Tried, TriedPlan};
use super::explain;
use super::grid::GridView;
use crate::command_line::input::{parse, parse_given};
use crate::command_line::output::Format;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

/// Callers that rules with weights are tried on.
const CALLERS: u32 = 10_000;
/// An unknown caller, and the number of plans that are attached to none; both are reserved for fiction.
const CALLER: &str = "+12025550123";
const CALLED: &str = "+12025550100";

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route simulate plan.json\n  \
    switchboard route simulate 'Front desk' --from +14155550199 --at 2026-12-21 --svg week.svg\n  \
    switchboard route simulate plan.toml --channel sms --country US --state CA --json\n\n\
    The grid shows one caller at the beginning of each half hour. All agents are assumed to be reachable.")]
pub(in crate::command_line) struct Simulate {
    #[command(flatten)]
    tried: Tried,
    /// The caller or sender; by default a fictional number
    #[arg(long, value_name = "NUMBER", default_value = CALLER)]
    from: String,
    /// The number that is called; by default the plan's first number
    #[arg(long, value_name = "NUMBER")]
    to: Option<String>,
    /// The channel: voice, sms or whatsapp; by default derived from --from, otherwise voice
    #[arg(long)]
    channel: Option<String>,
    #[command(flatten)]
    reported: Reported,
    /// The first day: a date, a time with an offset, or now
    #[arg(long, default_value = "now", value_name = "DATE")]
    at: String,
    /// The number of days
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
    /// Write the grid to this SVG file
    #[arg(long, value_name = "FILE.svg")]
    svg: Option<String>,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, simulate: Simulate) -> Result<(), Failure> {
    let Simulate { tried, from, to, channel, reported, at, days, svg, format } = simulate;
    let from: Address = parse("--from", &from, Party::parse)?.address;
    let to = parse_given("--to", to.as_deref(), Sender::parse_typed)?;
    let channel = explain::channel(channel.as_deref(), [&from])?;
    let day = FirstDay::parse(&at)?;
    let facts = reported.facts(&from)?;
    let installation = Installation::open(settings).await?;
    let tried = tried.draft(&installation, format).await?;
    let called = match to {
        Some(to) => to,
        None => own_number(&installation, &tried).await?,
    };
    let event = explain::sid(channel);
    let supposed = Supposed { channel, called, from, facts, event };
    let reachable = Reachable {
        has_voice_server: installation.settings.voice_server.is_some(),
        ..Reachable::default()
    };
    let (plan, zone) = (&tried.draft.plan, &tried.draft.zone);
    let first = day.date(zone, installation.ambient.clock.now());
    let week = Week::of(plan, zone, &supposed, first, days, &reachable);
    let splits = split_by_weight(plan, &week, &supposed, CALLERS, &reachable);
    let view = GridView::of(&tried, &supposed, &week, &splits);
    if let Some(path) = svg {
        std::fs::write(&path, view.drawing())
            .map_err(|error| Failure::local(format!("--svg {path} cannot be written: {error}")))?;
    }
    format.print(&view, || view.to_string())
}

/// The first day of the grid.
enum FirstDay {
    Date(LocalDate),
    At(Timestamp),
    Today,
}

impl FirstDay {
    fn parse(text: &str) -> Result<Self, Failure> {
        if let Some(date) = LocalDate::parse(text) {
            return Ok(Self::Date(date));
        }
        Ok(instant("--at", text)?.map_or(Self::Today, Self::At))
    }

    fn date(&self, zone: &Zone, now: Timestamp) -> LocalDate {
        match self {
            Self::Date(date) => *date,
            Self::At(at) => zone.shown(*at).0,
            Self::Today => zone.shown(now).0,
        }
    }
}

/// The first number that a saved plan is attached to, or a fictional one.
async fn own_number(installation: &Installation, tried: &TriedPlan) -> Result<Sender, Failure> {
    let places = match &tried.saved {
        Some(saved) => {
            let places = installation.store.plan_places().places(&Scope::Operator, &saved.id).await;
            places.doing("reading what the routing plan is attached to")?
        }
        None => Vec::new(),
    };
    let number = places.iter().find_map(|place| match place {
        PlanPlace::Number(number) => Some(*number),
        PlanPlace::Account(_) | PlanPlace::Organization(_) => None,
    });
    number.map_or_else(|| Sender::parse(CALLED), Ok).doing("choosing the number")
}
