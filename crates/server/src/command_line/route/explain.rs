//! `switchboard route explain`

use clap::Args;
use serde_json::{Map, Value, json};
use switchboard_admin::explanation_request::{self, ExplanationRequest};
use switchboard_admin::objects::{
    DownAgentObject, ExplanationObject, NumberDisplay, RecordedDecisionObject, address,
};
use switchboard_admin::party::Party;
use switchboard_application_management::Explanation;
use switchboard_application_management::routing_plans::DestinationSummary;
use switchboard_domain::address::{Address, Channel};
use switchboard_domain::call::CallDecision;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::sid::CallSid;

use super::caller::{Reported, instant};
use crate::command_line::input::{parse, parse_given};
use crate::command_line::output::Format;
use crate::command_line::remote::{Client, Resource};
use crate::command_line::view::instant as shown;
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
    /// A recorded call: repeat its decision as of the time of the call, with the version of the plan that decided it, but with the current agents. The recorded decision is printed, too
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

impl Explain {
    /// What is asked about a hypothetical call or message.
    fn asked(&self) -> Result<ExplanationRequest, Failure> {
        let party = |argument, text: Option<&str>| {
            parse(argument, text.unwrap_or_default(), Party::parse).map(|party| party.address)
        };
        let to = party("--to", self.to.as_deref())?;
        let from = party("--from", self.from.as_deref())?;
        let channel =
            parse_given("--channel", self.channel.as_deref(), explanation_request::channel)?;
        let at = instant("--at", &self.at)?;
        let facts = self.reported.facts(&from)?;
        let asked = ExplanationRequest { to, from, channel, at, facts };
        asked.check().map_err(|why| Failure::usage(format!("--channel {why}")))?;
        Ok(asked)
    }
}

/// Whether the health of voice servers matters. Whether a server is down now says nothing about another time.
fn checks_voice_servers(asked: &ExplanationRequest) -> bool {
    asked.channel() == Channel::Voice && asked.at.is_none()
}

/// The same through the API of a running server, which leaves the voice servers to the machine of the server.
pub(super) async fn run_remotely(client: &Client, explain: Explain) -> Result<(), Failure> {
    if explain.call.is_some() {
        return Err(Failure::usage(
            "--call needs the records of the call, so it works only on the machine of the server, without --url",
        ));
    }
    let asked = explain.asked()?;
    let given = [
        ("to", explain.to.as_deref()),
        ("from", explain.from.as_deref()),
        ("at", Some(explain.at.as_str())),
        ("channel", explain.channel.as_deref()),
    ];
    let given = given.into_iter().chain(explain.reported.fields());
    let body: Map<String, Value> =
        given.filter_map(|(name, text)| Some((name.to_owned(), json!(text?)))).collect();
    let explaining = Resource::of(&["routes", "explain"]);
    let object: ExplanationObject = client.post(&explaining, &body).await.doing(EXPLAINING)?;
    let down = (!checks_voice_servers(&asked)).then(Vec::new);
    print(explain.format, &ExplanationObject { down, ..object })
}

pub(super) async fn run(settings: Settings, explain: Explain) -> Result<(), Failure> {
    if let Some(call) = &explain.call {
        return recorded(settings, call, &explain).await;
    }
    let asked = explain.asked()?;
    let installation = Installation::open(settings).await?;
    let now = installation.ambient.clock.now();
    let explaining = installation.explaining();
    let answer = asked.ask(&explaining, &Scope::Operator, now, &CommandLineWording).await;
    let (explanation, object) = answer.doing(EXPLAINING)?;
    let down = if checks_voice_servers(&asked) {
        down(&installation, &explanation).await?
    } else {
        Vec::new()
    };
    print(explain.format, &ExplanationObject { down: Some(down), ..object })
}

/// Prints the decision, and the agents whose voice servers do not answer.
fn print(format: Format, object: &ExplanationObject) -> Result<(), Failure> {
    format.print(object, || {
        let down = object.down.iter().flatten().map(|DownAgentObject { id, name }| {
            format!("\ndown: agent {name} ({id}), {DOWN}; a running server skips it in a routing plan if it sees the same")
        });
        format!("{object}{}", down.collect::<String>())
    })
}

/// The agents of the decision whose voice servers do not answer this machine.
async fn down(
    installation: &Installation,
    explanation: &Explanation,
) -> Result<Vec<DownAgentObject>, Failure> {
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
        .map(|(id, name)| DownAgentObject { id: id.to_string(), name: name.as_str().to_owned() })
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
    let phone_numbers =
        if explain.reveal { NumberDisplay::Revealed } else { NumberDisplay::Masked };
    let shown_address =
        |side: Option<&Address>| side.map(|side| address(side, phone_numbers)).unwrap_or_default();
    let object = ExplanationObject {
        to: shown_address(record.to.as_ref()),
        from: shown_address(record.from.as_ref()),
        channel: Channel::Voice.as_str().into(),
        at: shown(decision.at),
        down: Some(Vec::new()),
        recorded: Some(recorded_decision(&installation, decision).await?),
        ..ExplanationObject::of(&explanation, &CommandLineWording)
    };
    print(explain.format, &object)
}

/// The decision as it was recorded.
async fn recorded_decision(
    installation: &Installation,
    decision: &CallDecision,
) -> Result<RecordedDecisionObject, Failure> {
    let agent = match &decision.agent {
        Some(id) => {
            let found = installation.store.agents().find(&Scope::Operator, id).await;
            found.doing(EXPLAINING)?
        }
        None => None,
    };
    Ok(RecordedDecisionObject {
        agent_id: decision.agent.as_ref().map(ToString::to_string),
        agent_name: agent.map(|agent| agent.profile.name.as_str().to_owned()),
        reason: decision.reason.as_str().into(),
        explanation: decision.reason.explanation().to_owned(),
    })
}

/// The given channel, or the one that the addresses imply, or else voice.
pub(super) fn channel<'a>(
    given: Option<&str>,
    addresses: impl IntoIterator<Item = &'a Address>,
) -> Result<Channel, Failure> {
    let given = parse_given("--channel", given, explanation_request::channel)?;
    Ok(given.unwrap_or_else(|| explanation_request::implied(addresses)))
}
