//! The next step of a call's fallback chain, as TwiML and as a record.

use std::sync::Arc;

use switchboard_domain::address::Channel;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::call::{
    AttemptDestination, AttemptRecord, CallDirection, InboundCall, RuleRef,
};
use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{Caller, CallerFacts, Choice, Destination, PlanAgent, Situation};
use switchboard_domain::ports::{DecisionService, Question};
use switchboard_domain::routing::Reason;
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::Twiml;

use super::agent_load::AgentLoadTracker;
use super::compiled_plan::CompiledPlan;
use super::progress::{PlannedAttempts, Progress, Step};
use crate::connect_agent::{ConnectAgent, Connecting};
use crate::prepared_answer::{PreparedAgent, VoiceAddresses};

/// Climbs fallback chains of routing plans.
#[derive(Clone)]
pub struct FallbackChain {
    /// Connects calls.
    pub connect: ConnectAgent,
    /// Asked where a rule says so.
    pub decisions: Arc<dyn DecisionService>,
    /// Counts calls.
    pub agent_load: Arc<AgentLoadTracker>,
    /// Our own addresses.
    pub addresses: VoiceAddresses,
    /// For agents without a voice target of their own.
    pub voice_server: Option<VoiceTarget>,
}

/// A call of a number that a plan decides for.
pub(crate) struct PlannedCall<'a> {
    pub(crate) plan: &'a CompiledPlan,
    pub(crate) inbound: &'a InboundCall,
    pub(crate) caller: Caller<'a>,
    pub(crate) called: PhoneNumber,
    pub(crate) connecting: Connecting,
}

/// What is done with a call next.
pub(crate) struct Attempt {
    pub(crate) twiml: Twiml,
    pub(crate) agent: Option<AgentId>,
    pub(crate) reason: Reason,
    pub(crate) rule: RuleRef,
    pub(crate) record: AttemptRecord,
    pub(crate) facts: CallerFacts,
}

impl FallbackChain {
    /// The first step, or the one after what was tried. A call that was `answered` already cannot be refused any more.
    /// Asked twice, it answers the same: an agent who has the call keeps it.
    pub(crate) async fn next_attempt(
        &self,
        call: &PlannedCall<'_>,
        before: &Progress,
        answered: bool,
    ) -> Attempt {
        let PlannedCall { plan, inbound, caller, called, connecting } = call;
        let situation = Situation {
            channel: Channel::Voice,
            called: *called,
            caller: *caller,
            event: connecting.call.as_str(),
            at: before.begun().unwrap_or(connecting.now),
        };
        let choice = plan.plan.choose(&situation);
        let holder = self.agent_load.holder(connecting.call);
        let here = plan.at(connecting.now, holder.as_ref());
        let preferred = match here.holder() {
            None if before.is_fresh() => self.preferred(&choice, &situation).await,
            holder => holder,
        };
        let fallback_chain = PlannedAttempts {
            action: &self.addresses.action,
            called: *called,
            shows_caller: inbound.from.phone_number().is_some(),
            is_answered: answered || inbound.direction != CallDirection::Inbound,
        };
        let mut passed = before.tried(&plan.plan);
        let (attempt, twiml) = loop {
            let attempt = choice.destination(&situation, &here, &passed, preferred);
            let twiml = match attempt {
                Destination::Agent(place, agent) => {
                    self.agent(call, (place, agent), before, situation.at)
                }
                Destination::Action(place, action) => {
                    let after = before.clone().with_action(place).begun_at(situation.at);
                    told(fallback_chain.render(action, &after))
                }
                Destination::Nobody if fallback_chain.is_answered => {
                    break (attempt, self.connect.hang_up());
                }
                Destination::Nobody => break (attempt, self.connect.nobody(inbound.direction)),
            };
            // Who has no room after all and what cannot be written as TwiML are passed over; each turn leaves less to
            // try.
            if let Some(twiml) = twiml {
                break (attempt, twiml);
            }
            match attempt {
                Destination::Agent(place, _) => passed.agents.push(place),
                Destination::Action(place, _) => passed.actions = place + 1,
                Destination::Nobody => {}
            }
        };
        let step = Step::of(&attempt);
        let agent = match &step.destination {
            AttemptDestination::Agent(agent) => Some(agent.clone()),
            AttemptDestination::Action(_) | AttemptDestination::Exhausted => None,
        };
        Attempt {
            twiml,
            agent,
            reason: step.reason,
            rule: RuleRef {
                plan: plan.id.clone(),
                version: plan.version,
                rule: choice.rule.and_then(|rule| u32::try_from(rule).ok()),
            },
            record: AttemptRecord { at: connecting.now, destination: step.destination },
            facts: CallerFacts::of(caller),
        }
    }

    /// The TwiML that connects a call to an agent of its plan, whose calls it is counted among from here on; none if
    /// the agent has no room after all.
    fn agent(
        &self,
        call: &PlannedCall<'_>,
        (place, agent): (usize, &PlanAgent),
        before: &Progress,
        begun: Timestamp,
    ) -> Option<Twiml> {
        let planned = &call.plan.agents[place];
        let made;
        let compiled = if before.is_fresh() {
            planned.compiled.as_ref()?
        } else {
            // What was tried before stands in the URL that Twilio asks next, so this answer is made for this call.
            let after = before.clone().with_agent(&agent.id).begun_at(begun);
            let addresses = self.addresses.with_action(after.action(&self.addresses.action));
            let server = self.voice_server.as_ref();
            made = told(PreparedAgent::new(&agent.id, &agent.profile, server, &addresses))?;
            &made
        };
        let connecting = call.connecting;
        let begins = || {
            self.agent_load.begins(connecting.call, &planned.load, agent.capacity, connecting.now)
        };
        let voice = compiled.voice.as_ref()?;
        begins().then(|| self.connect.connect(connecting, &agent.id, voice, &compiled.calls))
    }

    /// Whom the operator's own service chooses; whatever goes wrong there, the plan goes on.
    pub(super) async fn preferred(
        &self,
        choice: &Choice<'_>,
        situation: &Situation<'_>,
    ) -> Option<usize> {
        let ask = choice.ask()?;
        let external_id =
            |agent: &PlanAgent| agent.profile.external_id.as_ref().map(|id| id.as_str().to_owned());
        let question = Question {
            channel: situation.channel.as_str(),
            event: situation.event.to_owned(),
            to: situation.called.as_str().to_owned(),
            from: situation.caller.address.to_text(),
            candidates: choice
                .candidates()
                .map(|(_, agent)| (agent.id.clone(), external_id(agent)))
                .collect(),
        };
        // The service has its own time-out; this one holds whatever it does.
        let answer = tokio::time::timeout(ask.timeout, self.decisions.ask(ask, &question)).await;
        match answer {
            Ok(Ok(chosen)) => {
                choice.candidates().find(|(_, agent)| agent.id == chosen).map(|(place, _)| place)
            }
            Ok(Err(error)) => {
                tracing::warn!(error = %Causes(&error), "the decision service chose nobody; the plan decides");
                None
            }
            Err(_elapsed) => {
                tracing::warn!("the decision service did not answer in time; the plan decides");
                None
            }
        }
    }
}

/// What was made, or none with the reason told.
fn told<T, E: std::error::Error + 'static>(made: Result<T, E>) -> Option<T> {
    made.inspect_err(
        |error| tracing::error!(error = %Causes(error), "a step of a plan is passed over"),
    )
    .ok()
}
