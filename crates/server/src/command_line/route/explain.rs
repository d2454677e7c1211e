//! `switchboard route explain`

use std::fmt;

use clap::Args;
use serde::Serialize;
use switchboard_admin::objects::{DecidedObject, TargetObject, address};
use switchboard_admin::party::Party;
use switchboard_application_management::routing_plans::DestinationSummary;
use switchboard_application_management::{Circumstances, Explanation, Target};
use switchboard_domain::address::{Address, Channel};
use switchboard_domain::call::{CallDirection, InboundCall};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::message::{Body, InboundMessage};
use switchboard_domain::organization::Scope;
use switchboard_domain::sid::{CallSid, EventSid, MessageSid};

use super::caller::{Reported, instant};
use super::document;
use crate::command_line::input::{parse, parse_given};
use crate::command_line::output::Format;
use crate::command_line::view::{explained, instant as shown};
use crate::command_line::voice_health::{self, DOWN, VoiceHealth};
use crate::command_line::wording::CommandLineWording;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const EXPLAINING: &str = "explaining the decision";

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route explain --to +14155550100 --from +14155550199\n  \
    switchboard route explain --to +14155550100 --from anonymous --at 2026-11-27T17:00:00-05:00 --json\n  \
    switchboard route explain --to +14155550100 --from whatsapp:+14155550199\n  \
    switchboard route explain --to +14155550100 --from +14155550199 --country US --state CA --attestation B\n  \
    switchboard route explain --call CA0123456789abcdef0123456789abcdef\n\n\
    The current calls of agents are counted, unless --at is a time other than now. Voice servers are assumed to be \
    reachable. The output lists those that do not answer this machine, because running servers skip them.")]
pub(in crate::command_line) struct Explain {
    /// A recorded call: repeat its decision as of the time of the call, with the version of the plan that decided it, but with the current agents
    #[arg(long, value_name = "CA…", conflicts_with_all = ["to", "from", "at", "channel", "country", "state", "city", "postal_code", "attestation"])]
    call: Option<String>,
    /// With --call: show full phone numbers
    #[arg(long, requires = "call")]
    reveal: bool,
    /// The number that is called or texted
    #[arg(long, value_name = "NUMBER", required_unless_present = "call")]
    to: Option<String>,
    /// The caller or sender: a number, anonymous, or another address as Twilio writes it
    #[arg(long, value_name = "NUMBER", required_unless_present = "call")]
    from: Option<String>,
    /// The time: RFC 3339 with an offset, or now
    #[arg(long, default_value = "now")]
    at: String,
    /// The channel: voice, sms or whatsapp; by default derived from the addresses, otherwise voice
    #[arg(long)]
    channel: Option<String>,
    #[command(flatten)]
    reported: Reported,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, explain: Explain) -> Result<(), Failure> {
    if let Some(call) = &explain.call {
        return recorded(settings, call, &explain).await;
    }
    let to = parse("--to", explain.to.as_deref().unwrap_or_default(), Party::parse)?.address;
    let from = parse("--from", explain.from.as_deref().unwrap_or_default(), Party::parse)?.address;
    let channel = channel(explain.channel.as_deref(), [&to, &from])?;
    let at = instant("--at", &explain.at)?;
    let facts = explain.reported.facts(&from)?;
    let installation = Installation::open(settings).await?;
    let now = installation.ambient.clock.now();
    let circumstances = Circumstances { at: at.unwrap_or(now), facts, counts_calls: at.is_none() };
    let (to, from) = (by(channel, to), by(channel, from));
    let explaining = installation.explaining();
    let explanation = if channel == Channel::Voice {
        let call = InboundCall {
            call: CallSid::SUPPOSED,
            from: from.clone(),
            to: to.clone(),
            direction: CallDirection::Inbound,
        };
        explaining.call(&Scope::Operator, &call, &circumstances).await.doing(EXPLAINING)?
    } else {
        let message = InboundMessage {
            message: MessageSid::SUPPOSED,
            from: from.clone(),
            to: to.clone(),
            body: Body::new(""),
            media_count: 0,
        };
        explaining.message(&Scope::Operator, &message, &circumstances).await.doing(EXPLAINING)?
    };
    // Whether a server is down now says nothing about another time.
    let down = if channel == Channel::Voice && at.is_none() {
        down(&installation, &explanation).await?
    } else {
        Vec::new()
    };
    let view = ExplanationView {
        down,
        to: to.to_text(),
        from: from.to_text(),
        channel: channel.as_str(),
        at: shown(circumstances.at),
        ..ExplanationView::of(&explanation)
    };
    explain.format.print(&view, || view.to_string())
}

/// The agents of the decision whose voice servers do not answer this machine.
async fn down(
    installation: &Installation,
    explanation: &Explanation,
) -> Result<Vec<DownView>, Failure> {
    let Some(route) = &explanation.route else { return Ok(Vec::new()) };
    let chain = explanation.plan.iter().flat_map(|plan| &plan.fallback_chain);
    let planned = chain.filter_map(|destination| match destination {
        DestinationSummary::Agent { id, profile } => Some((id, &profile.name)),
        _ => None,
    });
    let own = explanation.agent().filter(|_| explanation.plan.is_none());
    let agents: Vec<_> = planned.chain(own).collect();
    let settings = &installation.settings;
    let ids = agents.iter().map(|(id, _)| *id);
    let catalogue = installation.store.catalogue();
    let health = voice_health::check(catalogue, settings, &route.organization, ids).await?;
    let is_down = |id: &AgentId| health.get(id) == Some(&VoiceHealth::Down);
    let down = agents.into_iter().filter(|(id, _)| is_down(id));
    Ok(down
        .map(|(id, name)| DownView { id: id.to_string(), name: name.as_str().to_owned() })
        .collect())
}

/// Decides a recorded call again.
async fn recorded(settings: Settings, sid: &str, explain: &Explain) -> Result<(), Failure> {
    let sid = parse("--call", sid.trim(), CallSid::parse)?;
    let installation = Installation::open(settings).await?;
    let found = installation.store.call_by_sid(&Scope::Operator, sid).await.doing(EXPLAINING)?;
    let record = found.ok_or_else(|| Failure::not_found(format!("no call {sid} is recorded")))?;
    let explaining = installation.explaining();
    let explanation =
        explaining.recorded_call(&Scope::Operator, &record).await.doing(EXPLAINING)?;
    let (Some(explanation), Some(decision)) = (explanation, &record.decision) else {
        return Err(Failure::refused(format!("no decision about call {sid} is recorded")));
    };
    let shown_address =
        |side: Option<&Address>| side.map(|side| address(side, explain.reveal)).unwrap_or_default();
    let view = ExplanationView {
        to: shown_address(record.to.as_ref()),
        from: shown_address(record.from.as_ref()),
        channel: Channel::Voice.as_str(),
        at: shown(decision.at),
        ..ExplanationView::of(&explanation)
    };
    explain.format.print(&view, || view.to_string())
}

/// What withheld numbers mean for a decision by weight or share.
pub(super) const RANDOM: &str =
    "the caller ID is withheld, so each call is decided at random; this is one possible decision";

/// The SID of the hypothetical call or message.
pub(super) const fn sid(channel: Channel) -> EventSid {
    match channel {
        Channel::Voice => EventSid::Call(CallSid::SUPPOSED),
        Channel::Sms | Channel::WhatsApp | Channel::Rcs | Channel::Messenger => {
            EventSid::Message(MessageSid::SUPPOSED)
        }
    }
}

/// The given channel, or the one that the addresses imply, or else voice.
pub(super) fn channel<'a>(
    given: Option<&str>,
    addresses: impl IntoIterator<Item = &'a Address>,
) -> Result<Channel, Failure> {
    let given = parse_given("--channel", given, |text| {
        Channel::parse(text).ok_or("is neither voice, sms, whatsapp, rcs nor messenger")
    })?;
    let implied = || {
        let mut channels = addresses.into_iter().map(Address::message_channel);
        channels.find(|channel| *channel != Channel::Sms).unwrap_or(Channel::Voice)
    };
    Ok(given.unwrap_or_else(implied))
}

/// A phone number as Twilio writes it on a channel.
fn by(channel: Channel, address: Address) -> Address {
    match (channel, address) {
        (Channel::WhatsApp, Address::Phone(number)) => Address::WhatsApp(number),
        (Channel::Rcs, Address::Phone(number)) => Address::RcsPhone(number),
        (_, address) => address,
    }
}

/// The decision, and its reason.
#[derive(Debug, Serialize)]
struct ExplanationView {
    to: String,
    from: String,
    channel: &'static str,
    at: String,
    agent_id: Option<String>,
    agent_name: Option<String>,
    target: Option<TargetObject>,
    reason: &'static str,
    explanation: String,
    number_account_sid: Option<String>,
    plan: Option<DecidedObject>,
    /// Why the attached plan cannot decide.
    plan_problems: Vec<String>,
    /// The agents whose voice servers do not answer a health check from this machine. Running servers check for
    /// themselves, and skip an agent of a routing plan while its server is down.
    down: Vec<DownView>,
}

/// An agent whose voice server does not answer.
#[derive(Debug, Serialize)]
struct DownView {
    id: String,
    name: String,
}

impl ExplanationView {
    fn of(explanation: &Explanation) -> Self {
        let agent = explanation.agent();
        let problems = explanation.problems.iter().map(document::line);
        Self {
            to: String::new(),
            from: String::new(),
            channel: "",
            at: String::new(),
            agent_id: agent.map(|(id, _)| id.to_string()),
            agent_name: agent.map(|(_, name)| name.as_str().to_owned()),
            target: explanation.target.as_ref().map(|target| match target {
                Target::Voice(target) => TargetObject::of_voice(target),
                Target::Message(target) => TargetObject::of_message(target),
            }),
            reason: explanation.reason.as_str(),
            explanation: explained(explanation.reason),
            number_account_sid: explanation.route.as_ref().map(|route| route.account.to_string()),
            plan: explanation
                .plan
                .as_ref()
                .map(|plan| DecidedObject::of(plan, &CommandLineWording)),
            plan_problems: problems.collect(),
            down: Vec::new(),
        }
    }

    /// The decision without a routing plan.
    fn without_plan(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.plan_problems.is_empty() {
            writeln!(f, "no routing plan is attached to the number")?;
        } else {
            writeln!(
                f,
                "the routing plan of the number is not used until these problems are fixed:"
            )?;
            self.plan_problems.iter().try_for_each(|problem| writeln!(f, "  {problem}"))?;
        }
        match (&self.agent_name, &self.agent_id, &self.target) {
            (Some(name), Some(id), Some(target)) => {
                write!(f, "answered by agent {name} ({id}): {}\ntarget: {target}", self.explanation)
            }
            (Some(name), Some(id), None) => {
                write!(f, "not answered by agent {name} ({id}): {}", self.explanation)
            }
            _ => write!(f, "not answered: {}", self.explanation),
        }
    }
}

impl fmt::Display for ExplanationView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decision(f)?;
        self.down.iter().try_for_each(|DownView { id, name }| {
            write!(f, "\ndown: agent {name} ({id}), {DOWN}; a running server skips it in a routing plan if it sees the same")
        })
    }
}

impl ExplanationView {
    fn decision(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { to, from, channel, at, .. } = self;
        let what = if *channel == "voice" { "call" } else { channel };
        writeln!(f, "{what} from {from} to {to} at {at}")?;
        let Some(plan) = &self.plan else { return self.without_plan(f) };
        writeln!(f, "{plan}\n")?;
        plan.rules.iter().try_for_each(|rule| writeln!(f, "  {rule}"))?;
        let mut otherwise =
            plan.problems.iter().filter(|problem| problem.starts_with("/otherwise"));
        otherwise.try_for_each(|problem| writeln!(f, "  otherwise is incomplete: {problem}"))?;
        if !plan.rules.is_empty() {
            writeln!(f)?;
        }
        if let Some(url) = &plan.asks {
            writeln!(
                f,
                "the decision service at {url} may choose another agent of the rule first"
            )?;
        }
        if plan.random {
            writeln!(f, "{RANDOM}")?;
        }
        let mut destinations = plan.fallback_chain.iter();
        match destinations.next() {
            Some(first) => write!(f, "answered by {first}")?,
            None => write!(f, "not answered: {}", self.explanation)?,
        }
        if let Some(target) = &self.target {
            write!(f, ", target: {target}")?;
        }
        destinations.try_for_each(|next| {
            write!(f, "\n  then {next}")?;
            next.if_answered().map_or(Ok(()), |what| write!(f, ": {what}"))
        })?;
        plan.skipped.iter().try_for_each(|skipped| write!(f, "\n{skipped}"))?;
        match &plan.next {
            Some(next) => write!(f, "\nnext change {next}"),
            None => write!(f, "\nno change by time of day or date within a year"),
        }
    }
}
