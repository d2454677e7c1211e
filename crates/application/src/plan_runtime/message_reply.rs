//! The reply to a message, by a plan or by the number's own agent.

use switchboard_domain::agent::MessageTarget;
use switchboard_domain::call::RuleRef;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::{Action, Destination, Situation, Tried};
use switchboard_domain::routing::{Decision, Reason};
use switchboard_domain::twiml::{MessageResponse, MessageVerb};

use super::compiled_plan::CompiledPlan;
use super::fallback_chain::{FallbackChain, log_unusable_rules};
use super::progress::Step;
use crate::router::RoutedWebhook;

/// How a message is answered.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// With this response.
    Respond(MessageResponse),
    /// By the endpoint of the agent, to which the message is delivered.
    Deliver,
}

/// An answer, and the agent that gives it.
pub(crate) struct MessageReply {
    pub(crate) answer: Answer,
    pub(crate) agent: Option<AgentId>,
    pub(crate) rule: Option<RuleRef>,
    pub(crate) reason: Reason,
}

impl MessageReply {
    /// The number's own agent answers.
    pub(crate) fn of(decision: &Decision<'_, MessageTarget>) -> Self {
        let answer = match decision {
            Decision::Agent { target, .. } => by_target(target),
            Decision::Nobody(_) => Answer::Respond(MessageResponse::new()),
        };
        let agent = decision.agent().cloned();
        Self { answer, agent, rule: None, reason: decision.reason() }
    }
}

impl FallbackChain {
    /// Returns the reply that the plan chooses. Agents without a message target are skipped.
    pub(crate) async fn reply(
        &self,
        webhook: &RoutedWebhook<'_>,
        plan: &CompiledPlan,
        situation: &Situation<'_>,
    ) -> MessageReply {
        let choice = webhook.choose(plan, situation);
        log_unusable_rules(webhook, &choice);
        let preferred = self.preferred(webhook, &choice, situation).await;
        let here = plan.at(webhook.verified().account(), situation.at, None);
        let mut tried = Tried::default();
        loop {
            let attempt = choice.destination(situation, &here, &tried, preferred);
            let answer = match attempt {
                Destination::Agent(place, agent) => {
                    tried.agents.push(place);
                    agent.profile.message_target.as_ref().map(by_target)
                }
                Destination::Action(place, action) => {
                    tried.actions = place + 1;
                    by_action(action)
                }
                Destination::Exhausted => Some(Answer::Respond(MessageResponse::new())),
            };
            if let Some(answer) = answer {
                let agent = match attempt {
                    Destination::Agent(_, agent) => Some(agent.id.clone()),
                    Destination::Action(..) | Destination::Exhausted => None,
                };
                let (rule, reason) = (Some(plan.rule(&choice)), Step::of(&attempt).reason);
                return MessageReply { answer, agent, rule, reason };
            }
        }
    }
}

fn by_target(target: &MessageTarget) -> Answer {
    let verb = match target {
        MessageTarget::Reply(reply) => MessageVerb::text(reply.as_str()),
        MessageTarget::Redirect(url) => MessageVerb::Redirect { url: url.as_str().to_owned() },
        MessageTarget::Webhook(_) | MessageTarget::Twilio(_) | MessageTarget::ChatModel(_) => {
            return Answer::Deliver;
        }
    };
    Answer::Respond(MessageResponse::new().then(verb))
}

fn by_action(action: &Action) -> Option<Answer> {
    let verb = match action {
        Action::Say(greeting) => MessageVerb::text(greeting.text.as_str()),
        Action::Redirect(url) => MessageVerb::Redirect { url: url.as_str().to_owned() },
        Action::Dial { .. } | Action::Voicemail { .. } | Action::Reject(_) | Action::Enqueue(_) => {
            return None;
        }
    };
    Some(Answer::Respond(MessageResponse::new().then(verb)))
}
