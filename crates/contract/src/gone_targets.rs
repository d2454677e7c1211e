//! The laws of [`GoneTargetStore`](switchboard_domain::ports::GoneTargetStore) about message targets that do not exist any more.

use switchboard_domain::agent::MessageTarget;
use switchboard_domain::delivery::{Attempt, AttemptOutcome, AttemptResult, Next};
use switchboard_domain::event::EventKind;
use switchboard_domain::ports::{EventFilter, Recorded};

use crate::delivery_queue::{self, MINUTE, claim, message};
use crate::expect_error::assert_missing;
use crate::prelude::*;
use crate::{Fixture, samples};

fn webhook(path: &str) -> MessageTarget {
    MessageTarget::Webhook(WebUrl::parse(&format!("https://example.com/{path}")).unwrap())
}

fn with_target(agent: &Agent, target: MessageTarget) -> Agent {
    let profile = Profile { message_target: Some(target), ..agent.profile.clone() };
    Agent { profile, ..agent.clone() }
}

/// An agent with an endpoint, which answers its message with this outcome.
pub(crate) async fn answered(fixture: &Fixture, outcome: AttemptOutcome) -> Agent {
    let new = samples::agent(1, &fixture.ours);
    let agent = with_target(&new, webhook("one"));
    fixture.agents().add(&fixture.us, &agent).await.unwrap();
    answer(fixture, &agent, "one", outcome).await;
    agent
}

/// The endpoint of this path answers a message of an agent with this outcome.
async fn answer(fixture: &Fixture, agent: &Agent, path: &str, outcome: AttemptOutcome) {
    let message = ReceivedMessage { agent: Some(agent.id.clone()), ..message(fixture, 1, 1) };
    fixture.messages().insert_once(&message).await.unwrap();
    let delivery = claim(fixture, "worker", MINUTE).await.remove(0).id;
    let attempt =
        Attempt { at: samples::at(50), milliseconds: 1, outcome, code: Some(410), detail: None };
    let (next, replies) = (Next::Dead, Vec::new());
    let endpoint = webhook(path).endpoint().cloned();
    let result = AttemptResult { delivery, attempt, endpoint, next, progress: None, replies };
    assert_eq!(delivery_queue::record(fixture, "worker", &result).await, Recorded::Recorded);
}

async fn gone_since(fixture: &Fixture, scope: &Scope, agent: &Agent) -> Option<Timestamp> {
    fixture.gone_targets().gone_since(scope, &agent.id).await.unwrap()
}

#[laws(gone_targets::gone_target_laws)]
pub mod laws {
    use super::*;

    /// That a target is gone is remembered with the result of the attempt, for the agent only, until it is enabled.
    pub async fn a_target_that_is_gone_is_remembered(fixture: &Fixture) {
        let other = samples::agent(2, &fixture.ours);
        let other = with_target(&other, webhook("one"));
        fixture.agents().add(&fixture.us, &other).await.unwrap();
        let agent = answered(fixture, AttemptOutcome::Gone).await;
        assert_eq!(gone_since(fixture, &fixture.us, &agent).await, Some(samples::at(50)));
        assert_eq!(gone_since(fixture, &samples::operator(), &agent).await, Some(samples::at(50)));
        assert_eq!(gone_since(fixture, &fixture.them, &agent).await, None);
        assert_eq!(gone_since(fixture, &fixture.us, &other).await, None);
        let refused = fixture.gone_targets().enable_target(&fixture.them, &agent.id).await;
        assert_missing(refused, Entity::Agent);
        assert_eq!(gone_since(fixture, &fixture.us, &agent).await, Some(samples::at(50)));
        fixture.gone_targets().enable_target(&fixture.us, &agent.id).await.unwrap();
        assert_eq!(gone_since(fixture, &fixture.us, &agent).await, None);
    }

    /// A target that refused a message for another reason is not gone.
    pub async fn another_outcome_is_not_remembered(fixture: &Fixture) {
        let agent = answered(fixture, AttemptOutcome::InvalidResponse).await;
        assert_eq!(gone_since(fixture, &fixture.us, &agent).await, None);
        fixture.gone_targets().enable_target(&fixture.us, &agent.id).await.unwrap();
    }

    /// Another target of the same agent is not gone, and other changes of the agent do not matter.
    pub async fn a_changed_target_is_not_gone(fixture: &Fixture) {
        let agent = answered(fixture, AttemptOutcome::Gone).await;
        let renamed = Agent { prompt: Prompt::default(), ..agent.clone() };
        fixture.agents().change(&fixture.us, None, &renamed).await.unwrap();
        assert_eq!(gone_since(fixture, &fixture.us, &agent).await, Some(samples::at(50)));
        let moved = with_target(&renamed, webhook("two"));
        fixture.agents().change(&fixture.us, None, &moved).await.unwrap();
        assert_eq!(gone_since(fixture, &fixture.us, &agent).await, None);
    }

    /// That an endpoint is gone is not remembered of an agent that has another one by then.
    pub async fn an_earlier_target_is_not_remembered(fixture: &Fixture) {
        let agent = with_target(&samples::agent(1, &fixture.ours), webhook("two"));
        fixture.agents().add(&fixture.us, &agent).await.unwrap();
        answer(fixture, &agent, "one", AttemptOutcome::Gone).await;
        assert_eq!(gone_since(fixture, &fixture.us, &agent).await, None);
        let (store, filter) = (fixture.store(), EventFilter::default());
        let found = store.events().newest(&fixture.us, &filter, &Page::first(10)).await.unwrap();
        assert!(!found.iter().any(|event| event.kind == EventKind::TargetDisabled));
    }

    /// An agent that was removed meanwhile is not remembered.
    pub async fn a_removed_agent_is_not_remembered(fixture: &Fixture) {
        let agent = answered(fixture, AttemptOutcome::Gone).await;
        fixture.agents().remove(&fixture.us, &agent.id, None).await.unwrap();
        assert_eq!(gone_since(fixture, &fixture.us, &agent).await, None);
        fixture.agents().add(&fixture.us, &agent).await.unwrap();
        assert_eq!(gone_since(fixture, &fixture.us, &agent).await, None);
    }
}
