//! The fallback chain of a call (failover, hunt sequence): the next attempt, as TwiML and as a record.

use std::sync::Arc;

use switchboard_domain::address::Channel;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::call::{
    AttemptDestination, AttemptRecord, CallDirection, CallKey, InboundCall, RuleRef,
};
use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{
    Action, Caller, CallerFacts, Choice, Destination, PlanAgent, Situation, Skipped,
};
use switchboard_domain::ports::{Candidate, DecisionService, Question};
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::EventSid;
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::Twiml;
use switchboard_domain::web_address::WebUrl;
use tracing::Instrument;

use super::agent_load::AgentLoadTracker;
use super::compiled_plan::{AvailabilityNow, CompiledPlan};
use super::handler_attempts::{AskedHandlers, FailedAttempt};
use super::progress::{PlannedAttempts, Progress, Step};
use crate::call_lookup::CallLookup;
use crate::connect_agent::{ConnectAgent, Connecting, Freshness};
use crate::prepared_answer::{PreparedAgent, PreparedVoice, VoiceAddresses};
use crate::router::RoutedWebhook;
use crate::voice_handlers::VoiceHandlers;

/// The maximum number of skipped agents that are recorded for a call.
const MAX_SKIPPED: usize = 8;

/// Makes the attempts of routing plans, one after another within one call.
#[derive(Clone)]
pub struct FallbackChain {
    /// Connects calls.
    pub connect: ConnectAgent,
    /// Queried if a rule names a decision service.
    pub decisions: Arc<dyn DecisionService>,
    /// Counts the calls of agents.
    pub agent_load: Arc<AgentLoadTracker>,
    /// Determines whether a request is stale.
    pub calls: CallLookup,
    /// Asks the handlers of agents.
    pub handlers: Arc<VoiceHandlers>,
    /// Our own URLs, as responses contain them.
    pub addresses: VoiceAddresses,
    /// The default voice server, for agents without a voice target.
    pub voice_server: Option<VoiceTarget>,
}

/// A call of a number that a plan decides for.
pub(crate) struct PlannedCall<'a> {
    pub(crate) webhook: &'a RoutedWebhook<'a>,
    pub(crate) plan: &'a CompiledPlan,
    pub(crate) inbound: &'a InboundCall,
    pub(crate) caller: Caller<'a>,
    pub(crate) called: PhoneNumber,
    pub(crate) connecting: Connecting<'a>,
}

/// Whether a call has already been answered. An answered call cannot be rejected any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallStage {
    Ringing,
    Answered,
}

/// The next step of a call.
pub(crate) struct Attempt {
    pub(crate) twiml: Twiml,
    pub(crate) agent: Option<AgentId>,
    pub(crate) reason: Reason,
    pub(crate) rule: RuleRef,
    pub(crate) record: AttemptRecord,
    /// The attempts that failed before this one was made, because the handlers of their agents did not answer.
    pub(crate) failed: Vec<FailedAttempt>,
    pub(crate) facts: CallerFacts,
    /// The agents that were not tried because they were at capacity or their voice server was down. Empty after the
    /// first attempt.
    pub(crate) skipped: Vec<(AgentId, Skipped)>,
}

/// How a call reaches an agent.
enum Reached {
    By(Twiml),
    Handler(Arc<WebUrl>, Freshness),
}

impl FallbackChain {
    /// Makes the first attempt, or the one after those already made. A repeated request gets the
    /// same answer: the agent that has the call keeps it.
    pub(crate) async fn next_attempt(
        &self,
        call: &PlannedCall<'_>,
        before: &Progress,
        stage: CallStage,
    ) -> Attempt {
        let PlannedCall { webhook, plan, caller, called, connecting, .. } = call;
        let situation = Situation {
            channel: Channel::Voice,
            called: (*called).into(),
            caller: *caller,
            event: EventSid::Call(connecting.call),
            at: before.begun().unwrap_or(connecting.now),
        };
        let choice = webhook.choose(plan, &situation);
        log_unusable_rules(webhook, &choice);
        let holder = self.agent_load.holder(connecting.key());
        let here = plan.at(connecting.account, connecting.now, holder.as_ref());
        let is_first = before.is_fresh() && connecting.freshness == Freshness::Fresh;
        let preferred = match here.holder() {
            None if is_first => self.preferred(webhook, &choice, &situation).await,
            holder => holder,
        };
        let mut skipped =
            if is_first { skipped(plan, &choice, &situation, &here) } else { Vec::new() };
        let mut passed = before.tried(&plan.plan);
        let mut asked = AskedHandlers::default();
        let (attempt, twiml) = loop {
            let attempt = choice.destination(&situation, &here, &passed, preferred);
            let twiml = match attempt {
                Destination::Agent(place, agent) => {
                    match self.agent(call, (place, agent), before, &asked, situation.at) {
                        None => None,
                        Some(Reached::By(twiml)) => Some(twiml),
                        Some(Reached::Handler(url, freshness)) => {
                            let to = (agent, url.as_ref(), situation.at);
                            let answer = self.ask(call, to, before, &mut asked, freshness).await;
                            if answer.is_none() {
                                passed.agents.push(place);
                                continue;
                            }
                            answer
                        }
                    }
                }
                Destination::Action(place, action) => {
                    let before = asked.progress.as_ref().unwrap_or(before);
                    self.action(call, (place, action), before, stage, situation.at)
                }
                Destination::Exhausted => break (attempt, self.no_destination(call, stage)),
            };
            // An agent at capacity and an action that cannot be written as TwiML are skipped, so
            // each iteration leaves fewer destinations.
            if let Some(twiml) = twiml {
                break (attempt, twiml);
            }
            match attempt {
                Destination::Agent(place, agent) => {
                    passed.agents.push(place);
                    let is_first = before.is_fresh() && asked.failed.is_empty();
                    if is_first && skipped.len() < MAX_SKIPPED {
                        skipped.push((agent.id.clone(), Skipped::Full));
                    }
                }
                Destination::Action(place, _) => passed.actions = place + 1,
                // It has ended the loop.
                Destination::Exhausted => {}
            }
        };
        let step = Step::of(&attempt);
        let agent = match &step.destination {
            AttemptDestination::Agent(agent) => Some(agent.clone()),
            AttemptDestination::Action(_) | AttemptDestination::Exhausted => None,
        };
        let at = asked.next_at(connecting.now);
        Attempt {
            twiml,
            agent,
            reason: step.reason,
            rule: plan.rule(&choice),
            record: AttemptRecord { at, destination: step.destination },
            failed: asked.failed,
            facts: CallerFacts::of(caller),
            skipped,
        }
    }

    /// The action of a plan; `None` if it cannot be written as TwiML.
    fn action(
        &self,
        call: &PlannedCall<'_>,
        (place, action): (usize, &Action),
        before: &Progress,
        stage: CallStage,
        at: Timestamp,
    ) -> Option<Twiml> {
        if let Action::Reject(_) = action {
            // An answered call cannot be rejected any more: the caller hears why it ends.
            if stage == CallStage::Answered {
                return Some(self.connect.apologize());
            }
            if call.inbound.direction != CallDirection::Inbound {
                return Some(self.connect.hang_up());
            }
        }
        let caller_id = call.connecting.caller_id;
        let attempts = PlannedAttempts { action: &self.addresses.action, caller_id };
        let after = before.clone().with_action(place).begun_at(at);
        rendered(call.webhook, attempts.render(action, &after))
    }

    /// What the caller gets if no destination is left.
    fn no_destination(&self, call: &PlannedCall<'_>, stage: CallStage) -> Twiml {
        let direction = call.inbound.direction;
        if stage == CallStage::Answered || direction != CallDirection::Inbound {
            self.connect.apologize()
        } else {
            self.connect.no_agent(direction)
        }
    }

    /// Whether the request for the first TwiML of a call is stale according to the call's record.
    /// The record is read only if the call would take a place of an agent's capacity, or try a
    /// voice server that was down.
    pub(crate) async fn is_stale(
        &self,
        plan: &CompiledPlan,
        call: CallKey,
        now: Timestamp,
    ) -> bool {
        plan.is_limited()
            && !self.agent_load.is_live(call)
            && Box::pin(self.calls.find(call)).await.is_some_and(|record| record.is_stale(now))
    }

    /// Determines how a call reaches an agent of its plan, and counts the call for the agent; `None`
    /// if the agent is at capacity.
    fn agent(
        &self,
        call: &PlannedCall<'_>,
        (place, agent): (usize, &PlanAgent),
        before: &Progress,
        asked: &AskedHandlers,
        begun: Timestamp,
    ) -> Option<Reached> {
        let planned = &call.plan.agents[place];
        let before = asked.progress.as_ref().unwrap_or(before);
        let made;
        let prepared = if before.is_fresh() {
            planned.prepared.as_ref()?
        } else {
            // The next URL contains the destinations already tried, so this answer is rendered for
            // this call.
            let after = before.clone().with_agent(&agent.id).begun_at(begun);
            let addresses = self.addresses.with_action(after.action(&self.addresses.action));
            let server = self.voice_server.as_ref();
            let again = PreparedAgent::new(&agent.id, &agent.profile, server, &addresses);
            made = rendered(call.webhook, again)?;
            &made
        };
        let mut connecting = call.connecting;
        let (key, now) = (connecting.key(), connecting.now);
        if self.agent_load.is_stale_attempt(key, &agent.id, now) {
            connecting.freshness = Freshness::Stale;
        }
        let begins = || {
            connecting.freshness == Freshness::Stale
                || self.agent_load.try_begin(key, &planned.tracked, agent.capacity, now)
        };
        match prepared.voice.as_ref()? {
            PreparedVoice::Answer(answer) => begins().then(|| {
                Reached::By(self.connect.connect(connecting, &agent.id, answer, &prepared.calls))
            }),
            // The handlers that were asked before have used up the time.
            PreparedVoice::Handler(_) if asked.is_out_of_time() => None,
            PreparedVoice::Handler(url) => {
                self.connect.prefetch(&agent.id, &prepared.calls);
                begins().then(|| Reached::Handler(Arc::clone(url), connecting.freshness))
            }
        }
    }

    /// Returns the agent that the operator's decision service chooses. If the service fails, the
    /// plan decides.
    pub(super) async fn preferred(
        &self,
        webhook: &RoutedWebhook<'_>,
        choice: &Choice<'_>,
        situation: &Situation<'_>,
    ) -> Option<usize> {
        let ask = choice.ask()?;
        let question = Question {
            organization: webhook.verified().organization().clone(),
            channel: situation.channel,
            event: situation.event,
            to: situation.called,
            from: situation.caller.address.clone(),
            candidates: choice
                .candidates()
                .map(|(_, agent)| Candidate {
                    agent: agent.id.clone(),
                    external_id: agent.profile.external_id.clone(),
                })
                .collect(),
            verified_by: webhook.verified().verified_by(),
        };
        let span = webhook.context.span();
        // The service has its own timeout; this one applies in any case.
        let answer = tokio::time::timeout(ask.timeout, self.decisions.ask(ask, &question));
        let answer = answer.instrument(span.clone()).await;
        let _in_span = span.enter();
        match answer {
            Ok(Ok(chosen)) => {
                choice.candidates().find(|(_, agent)| agent.id == chosen).map(|(place, _)| place)
            }
            Ok(Err(error)) => {
                tracing::warn!(error = %Causes(&error), "decision service failed; the plan decides");
                None
            }
            Err(_elapsed) => {
                tracing::warn!("decision service timed out; the plan decides");
                None
            }
        }
    }
}

/// The agents of the deciding rule that are not tried for a reason that only this moment knows. Disabled agents and
/// those outside of their hours can be found later.
fn skipped(
    plan: &CompiledPlan,
    choice: &Choice<'_>,
    situation: &Situation<'_>,
    here: &AvailabilityNow<'_>,
) -> Vec<(AgentId, Skipped)> {
    if !plan.is_limited() {
        return Vec::new();
    }
    let skipped = choice.skipped(situation, here).into_iter();
    let passing = skipped.filter(|(_, why)| matches!(why, Skipped::Down | Skipped::Full));
    passing.take(MAX_SKIPPED).map(|(agent, why)| (agent.id.clone(), why)).collect()
}

/// Rules that name what cannot be read are skipped; without them, another destination may be chosen.
pub(super) fn log_unusable_rules(webhook: &RoutedWebhook<'_>, choice: &Choice<'_>) {
    if let Some((rule, problem)) = choice.unusable_rules().next() {
        let _in_span = webhook.context.span().enter();
        tracing::warn!(plan.rule = rule + 1, reason = %problem, "a rule of the routing plan is skipped");
    }
}

/// What was rendered; a failure is logged, and the attempt is skipped.
fn rendered<T, E>(webhook: &RoutedWebhook<'_>, made: Result<T, E>) -> Option<T>
where
    E: std::error::Error + 'static,
{
    made.inspect_err(|error| {
        let _in_span = webhook.context.span().enter();
        tracing::error!(error = %Causes(error), "attempt is too large for TwiML and is skipped");
    })
    .ok()
}
