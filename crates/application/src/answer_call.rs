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
use switchboard_domain::web_address::WebUrl;

use crate::authenticate::Authenticator;
use crate::connect_agent::{Connecting, Freshness};
use crate::error::WebhookFailure;
use crate::plan_runtime::{
    Attempt, CallStage, CompiledPlan, FailedAttempt, FallbackChain, PlannedCall, Progress,
    Unanswered,
};
use crate::prepared_answer::PreparedVoice;
use crate::recorder::CallRecorder;
use crate::route_cache::OwnAgent;
use crate::router::{OnOutage, RoutedWebhook, Router};
use crate::webhook_request::WebhookRequest;

/// What Twilio gets for a call, and what it was decided by.
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
    failed: Vec<FailedAttempt>,
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
        let decided = if let (Some(plan), Some(number)) = (webhook.plan(), number) {
            self.by_plan(&webhook, plan, &inbound, number, connecting).await
        } else {
            let own = webhook.own_agent();
            match own_handler(own) {
                None => self.by_own_agent(own, &inbound, connecting),
                // Boxed, so that the future of other calls does not contain its state.
                Some(own) => Box::pin(self.by_own_handler(&webhook, own, connecting)).await,
            }
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
        let note_timeline = |at, event| {
            let (call, organization) = (inbound.call, webhook.verified().organization().clone());
            self.recorder.note_timeline(TimelineEntry { account, call, organization, at, event });
        };
        for (agent, why) in decided.skipped {
            note_timeline(now, TimelineEvent::AgentSkipped { agent, why });
        }
        for FailedAttempt { at, tried, cause, .. } in &decided.failed {
            note_timeline(
                *at,
                TimelineEvent::AttemptFailed { tried: *tried, cause: cause.clone() },
            );
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
                attempts: decided
                    .failed
                    .into_iter()
                    .map(|failed| failed.record)
                    .chain(decided.attempt)
                    .collect(),
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
        let Attempt { twiml, agent, reason, rule, record, failed, facts, skipped } =
            self.fallback_chain.next_attempt(&call, &Progress::default(), stage).await;
        // A stale request adds nothing to the record of its call.
        let attempt = (connecting.freshness == Freshness::Fresh).then_some(record);
        let (rule, facts) = (Some(rule), Some(facts));
        Decided { twiml, reason, agent, rule, attempt, failed, facts, skipped }
    }

    /// Connects the number's own agent, or returns a busy signal.
    fn by_own_agent(
        &self,
        own: Result<OwnAgent<'_>, Reason>,
        inbound: &InboundCall,
        connecting: Connecting<'_>,
    ) -> Decided {
        let connect = &self.fallback_chain.connect;
        let twiml = match own {
            Ok(OwnAgent { id, voice: Some(PreparedVoice::Answer(answer)), calls, .. }) => {
                Some(connect.connect(connecting, id, answer, calls))
            }
            _ => None,
        };
        Decided {
            twiml: twiml.unwrap_or_else(|| connect.no_agent(inbound.direction)),
            reason: own.err().unwrap_or(Reason::Assigned),
            agent: own.ok().map(|own| own.id.clone()),
            rule: None,
            attempt: None,
            failed: Vec::new(),
            facts: None,
            skipped: Vec::new(),
        }
    }

    /// Lets the handler of the number's own agent answer. If it does not, the caller gets a busy signal.
    async fn by_own_handler(
        &self,
        webhook: &RoutedWebhook<'_>,
        (own, url): (OwnAgent<'_>, &WebUrl),
        mut connecting: Connecting<'_>,
    ) -> Decided {
        let chain = &self.fallback_chain;
        if connecting.freshness == Freshness::Fresh {
            let record = chain.calls.find(connecting.key()).await;
            let is_stale = record.is_some_and(|record| record.is_stale(connecting.now));
            connecting.freshness = Freshness::stale_if(is_stale);
        }
        let nobody = || chain.connect.no_agent(connecting.direction);
        let decided = |twiml, reason, agent: Option<&AgentId>, attempt, failed| Decided {
            twiml,
            reason,
            agent: agent.cloned(),
            rule: None,
            attempt,
            failed,
            facts: None,
            skipped: Vec::new(),
        };
        // Nobody waits for the answer to a stale request, so the handler does not work for it.
        if connecting.freshness == Freshness::Stale {
            return decided(nobody(), Reason::Assigned, Some(own.id), None, Vec::new());
        }
        let before = Progress::default().begun_at(connecting.now);
        match chain.ask_own(webhook, (own, url), &before, connecting).await {
            Ok(twiml) => decided(twiml, Reason::Assigned, Some(own.id), None, Vec::new()),
            Err(unanswered) => {
                let Unanswered { exhausted, failed, skipped } = *unanswered;
                let failed = failed.into_iter().collect();
                let decided =
                    decided(nobody(), Reason::HandlerFailed, None, Some(exhausted), failed);
                Decided { skipped: skipped.into_iter().collect(), ..decided }
            }
        }
    }
}

/// The number's own agent and the URL of its handler; `None` if it has no handler.
fn own_handler(own: Result<OwnAgent<'_>, Reason>) -> Option<(OwnAgent<'_>, &WebUrl)> {
    match own {
        Ok(own) => match own.voice {
            Some(PreparedVoice::Handler(url)) => Some((own, url)),
            Some(PreparedVoice::Answer(_)) | None => None,
        },
        Err(_) => None,
    }
}
