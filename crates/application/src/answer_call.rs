//! Answers a call: decides which agent takes it, and returns the TwiML that connects it.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::call::{
    AttemptRecord, CallDecision, CallRecord, InboundCall, RuleRef, TimelineEntry, TimelineEvent,
};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{Caller, CallerFacts, Skipped};
use switchboard_domain::ports::Clock;
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::routing::Reason;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_domain::twiml::Twiml;

use crate::authenticate::Authenticator;
use crate::connect_agent::{Connecting, Freshness};
use crate::error::WebhookFailure;
use crate::plan_runtime::{Attempt, CallStage, CompiledPlan, FallbackChain, PlannedCall, Progress};
use crate::recorder::CallRecorder;
use crate::router::{OnOutage, RoutedWebhook, Router};
use crate::webhook_request::WebhookRequest;

/// The answer to a call.
pub struct CallAnswer {
    /// The response to Twilio.
    pub twiml: Twiml,
    /// The reason for the decision.
    pub reason: Reason,
    /// The agent that takes the call; `None` if none does.
    pub agent: Option<AgentId>,
    /// The account of the call.
    pub account: AccountSid,
    /// The SID of the call.
    pub call: CallSid,
}

impl CallAnswer {
    /// Whether an agent or an action of a routing plan, such as a dialed phone or a sentence, takes the call.
    pub fn is_answered(&self) -> bool {
        self.agent.is_some() || self.reason == Reason::PlannedAction
    }
}

/// The use case that answers calls.
pub struct AnswerCall {
    authenticator: Arc<Authenticator>,
    router: Arc<Router>,
    fallback_chain: FallbackChain,
    recorder: Arc<CallRecorder>,
    clock: Arc<dyn Clock>,
}

/// The decision about a call, by a routing plan or by the number's own agent.
struct Decided {
    twiml: Twiml,
    reason: Reason,
    agent: Option<AgentId>,
    rule: Option<RuleRef>,
    attempt: Option<AttemptRecord>,
    facts: Option<CallerFacts>,
    skipped: Vec<(AgentId, Skipped)>,
}

impl AnswerCall {
    /// Creates the use case.
    pub const fn new(
        authenticator: Arc<Authenticator>,
        router: Arc<Router>,
        fallback_chain: FallbackChain,
        recorder: Arc<CallRecorder>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { authenticator, router, fallback_chain, recorder, clock }
    }

    /// Answers a request for TwiML. For a known number, the store is not used.
    pub async fn answer(&self, request: WebhookRequest<'_>) -> Result<CallAnswer, WebhookFailure> {
        let webhook = self.authenticator.verify(Endpoint::Voice, &request)?;
        let inbound = webhook.read(InboundCall::parse)?;
        let number = inbound.own_address().and_then(Address::phone_number);
        let webhook = self.router.route(webhook, number.map(Sender::from), OnOutage::Fail).await?;
        let account = webhook.verified().account();
        let now = self.clock.now();
        let connecting = {
            let is_stale = self.router.agent_load().is_stale((account, inbound.call), now);
            Connecting::new(account, &inbound, number, now, Freshness::stale_if(is_stale))
        };
        let decided = match (webhook.plan(), number) {
            (Some(plan), Some(number)) => {
                self.by_plan(&webhook, plan, &inbound, number, connecting).await
            }
            _ => self.by_own_agent(&webhook, &inbound, connecting),
        };
        let answer = CallAnswer {
            twiml: decided.twiml,
            reason: decided.reason,
            agent: decided.agent,
            account,
            call: inbound.call,
        };
        let decision = CallDecision {
            agent: answer.agent.clone(),
            reason: answer.reason,
            verified_by: webhook.verified().verified_by(),
            rule: decided.rule,
            at: now,
        };
        for (agent, why) in decided.skipped {
            self.recorder.note_timeline(TimelineEntry {
                account,
                call: inbound.call,
                organization: webhook.verified().organization().clone(),
                at: now,
                event: TimelineEvent::AgentSkipped { agent, why },
            });
        }
        let recent = webhook.recent_decisions();
        self.recorder.note_decision(recent, (account, inbound.call), decision, |decision| {
            let organization = webhook.verified().organization().clone();
            CallRecord {
                facts: decided
                    .facts
                    .or_else(|| CallerFacts::known(&Caller::read(&inbound.from, webhook.form()))),
                from: Some(inbound.from),
                to: Some(inbound.to),
                direction: Some(inbound.direction),
                decision: Some(decision),
                attempts: decided.attempt.into_iter().collect(),
                ..CallRecord::of(account, organization, inbound.call, now)
            }
        });
        Ok(answer)
    }

    /// Makes the first attempt of the number's routing plan.
    async fn by_plan(
        &self,
        webhook: &RoutedWebhook<'_>,
        plan: &CompiledPlan,
        inbound: &InboundCall,
        called: PhoneNumber,
        mut connecting: Connecting<'_>,
    ) -> Decided {
        if connecting.freshness == Freshness::Fresh {
            let key = connecting.key();
            let is_stale = self.fallback_chain.is_stale(plan, key, connecting.now).await;
            connecting.freshness = Freshness::stale_if(is_stale);
        }
        let from = Caller::read(&inbound.from, webhook.form());
        let call = PlannedCall { webhook, plan, inbound, caller: from, called, connecting };
        let stage = CallStage::Ringing;
        let Attempt { twiml, agent, reason, rule, record, facts, skipped } =
            self.fallback_chain.next_attempt(&call, &Progress::default(), stage).await;
        // A stale request adds nothing to the record of its call.
        let attempt = (connecting.freshness == Freshness::Fresh).then_some(record);
        let (rule, facts) = (Some(rule), Some(facts));
        Decided { twiml, reason, agent, rule, attempt, facts, skipped }
    }

    /// Connects the number's own agent, or returns a busy signal.
    fn by_own_agent(
        &self,
        webhook: &RoutedWebhook<'_>,
        inbound: &InboundCall,
        connecting: Connecting<'_>,
    ) -> Decided {
        let own = webhook.own_agent();
        let connect = &self.fallback_chain.connect;
        let twiml = own.ok().and_then(|own| connect.own_agent(connecting, own));
        Decided {
            twiml: twiml.unwrap_or_else(|| connect.no_agent(inbound.direction)),
            reason: own.err().unwrap_or(Reason::Assigned),
            agent: own.ok().map(|own| own.id.clone()),
            rule: None,
            attempt: None,
            facts: None,
            skipped: Vec::new(),
        }
    }
}
