//! `switchboard route simulate`

use clap::Args;
use switchboard_admin::explanation_request;
use switchboard_admin::objects::WeekObject;
use switchboard_admin::party::Party;
use switchboard_application_management::routing_plans::{SimulatePlan, Supposed};
use switchboard_domain::address::Address;
use switchboard_domain::organization::Scope;
use switchboard_domain::sender::Sender;

use super::caller::Reported;
use super::draft::{Tried, TriedPlan};
use super::explain;
use super::grid::GridView;
use crate::command_line::input::{parse, parse_given};
use crate::command_line::output::Format;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

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
    #[arg(long, value_name = "NUMBER", default_value = SimulatePlan::CALLER)]
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
    let day = parse("--at", &at, explanation_request::first_day)?;
    let facts = reported.facts(&from)?;
    let installation = Installation::open(settings).await?;
    let tried = tried.draft(&installation, format).await?;
    let called = match to {
        Some(to) => to,
        None => own_number(&installation, &tried).await?,
    };
    let event = explanation_request::sid(channel);
    let supposed = Supposed { channel, called, from, facts, event };
    let simulating =
        SimulatePlan { has_voice_server: installation.settings.voice_server.is_some() };
    let TriedPlan { name, draft, .. } = tried;
    let first = day.date(&draft.zone, installation.ambient.clock.now());
    let simulated = simulating.simulate(&draft, &supposed, first, days);
    let plan = (&draft.plan, name, &draft.zone);
    let view = GridView(WeekObject::of(plan, &supposed, &simulated));
    if let Some(path) = svg {
        std::fs::write(&path, view.drawing())
            .map_err(|error| Failure::local(format!("--svg {path} cannot be written: {error}")))?;
    }
    format.print(&view, || view.to_string())
}

/// The first number that a saved plan is attached to, or a fictional one.
async fn own_number(installation: &Installation, tried: &TriedPlan) -> Result<Sender, Failure> {
    let own = match &tried.saved {
        Some(saved) => {
            let places = installation.store.plan_places();
            let own = SimulatePlan::number(places, &Scope::Operator, &saved.id).await;
            own.doing("choosing the number")?
        }
        None => None,
    };
    own.map_or_else(|| Sender::parse(SimulatePlan::NUMBER), Ok).doing("choosing the number")
}
