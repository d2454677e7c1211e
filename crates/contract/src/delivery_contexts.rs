//! The laws of [`DeliveryContextStore`](switchboard_domain::ports::DeliveryContextStore).

use switchboard_domain::consent::{Consent, ConsentState};
use switchboard_domain::delivery::{AttemptOutcome, ConversationKey, Delivery};
use switchboard_domain::ports::{AgentContext, AgentSecret, Conversation, DeliveryContext};

use crate::delivery_queue::{conversation_id, expected, message};
use crate::gone_targets::answered;
use crate::prelude::*;
use crate::{Fixture, samples};

/// Message `n` of an agent, in a conversation of its own whose number depends on `n`.
async fn received(fixture: &Fixture, n: u32, agent: Option<&Agent>) -> Delivery {
    let conversation = u8::try_from(n).unwrap();
    let message = message(fixture, n, conversation);
    let from = Address::parse(&format!("+1415555{n:04}")).unwrap();
    let inbound = InboundMessage { from, ..message.inbound.clone() };
    let agent = agent.map(|agent| agent.id.clone());
    let message = ReceivedMessage { agent, inbound, ..message };
    let new = Conversation {
        id: conversation_id(conversation),
        organization: fixture.ours.clone(),
        key: ConversationKey::new(&message.inbound.to, &message.inbound.from),
        created_at: samples::at(0),
        stopped_until: None,
    };
    fixture.conversations().find_or_add(&new).await.unwrap();
    let _inserted = fixture.messages().insert_once(&message).await.unwrap();
    expected(&message)
}

async fn contexts(fixture: &Fixture, deliveries: &[Delivery]) -> Vec<Option<DeliveryContext>> {
    fixture.delivery_contexts().contexts(deliveries).await.unwrap()
}

/// The context of a delivery that is read alone.
async fn context(fixture: &Fixture, delivery: &Delivery) -> DeliveryContext {
    contexts(fixture, std::slice::from_ref(delivery)).await.remove(0).unwrap()
}

fn secret(agent: &Agent, number: i64, expires_at: Option<Timestamp>) -> AgentSecret {
    let sealed = Sealed::from_bytes(format!("sealed {number}").into_bytes());
    AgentSecret { agent: agent.id.clone(), number, sealed, expires_at }
}

#[laws(delivery_contexts::delivery_context_laws)]
pub mod laws {
    use super::*;

    /// A context has what the other ports return, in the order of the deliveries, of which several can have one agent.
    pub async fn a_context_has_what_is_stored(fixture: &Fixture) {
        let (one, two) =
            (fixture.agent(1, &fixture.ours).await, fixture.agent(2, &fixture.ours).await);
        for number in [1, 2] {
            let new = secret(&one, number, None);
            let secrets = fixture.agent_secrets();
            secrets.add(&fixture.us, &new, samples::at(0), samples::at(9)).await.unwrap();
        }
        let mut deliveries = Vec::new();
        for (n, agent) in [(3, Some(&one)), (1, Some(&two)), (2, Some(&one)), (4, None)] {
            deliveries.push(received(fixture, n, agent).await);
        }
        let read = contexts(fixture, &deliveries).await;
        assert_eq!(read.len(), 4);
        for (delivery, read) in deliveries.iter().zip(read) {
            let sid = delivery.item.message().unwrap();
            let message =
                fixture.messages().find(&fixture.us, delivery.account, sid).await.unwrap();
            let agent =
                [&one, &two].into_iter().find(|agent| delivery.agent == Some(agent.id.clone()));
            let secrets = match agent {
                Some(agent) if agent.id == one.id => {
                    vec![secret(&one, 2, None), secret(&one, 1, Some(samples::at(9)))]
                }
                _ => Vec::new(),
            };
            let agent =
                agent.map(|agent| AgentContext { agent: agent.clone(), gone_since: None, secrets });
            let (is_opted_out, stopped_until) = (false, None);
            let message = message.unwrap();
            assert_eq!(read, Some(DeliveryContext { message, is_opted_out, stopped_until, agent }));
        }
        assert_eq!(contexts(fixture, &[]).await, []);
    }

    /// A contact's consent and a stopped conversation are those of the delivery's conversation only.
    pub async fn a_context_has_the_state_of_its_conversation(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let delivery = received(fixture, 1, Some(&agent)).await;
        let other = received(fixture, 2, Some(&agent)).await;
        let record = context(fixture, &delivery).await.message;
        let key = ConversationKey::new(&record.to.unwrap(), &record.from.unwrap());
        let (organization, account) = (fixture.ours.clone(), delivery.account);
        let consent = |organization, state, at| Consent {
            organization,
            key: key.clone(),
            state,
            changed_at: samples::at(at),
            account,
            message: None,
        };
        let elsewhere = consent(fixture.theirs.clone(), ConsentState::OptedOut, 1);
        fixture.consents().record(&elsewhere).await.unwrap();
        assert!(!context(fixture, &delivery).await.is_opted_out);
        for (state, at) in [(ConsentState::OptedOut, 1), (ConsentState::OptedIn, 2)] {
            let change = consent(organization.clone(), state, at);
            fixture.consents().record(&change).await.unwrap();
            let is_opted_out = context(fixture, &delivery).await.is_opted_out;
            assert_eq!(is_opted_out, state == ConsentState::OptedOut);
            assert!(!context(fixture, &other).await.is_opted_out);
        }
        let until = samples::at(50);
        let conversation = delivery.conversation().unwrap();
        fixture.conversations().stop(&fixture.us, conversation, until).await.unwrap();
        assert_eq!(context(fixture, &delivery).await.stopped_until, Some(until));
        assert_eq!(context(fixture, &other).await.stopped_until, None);
    }

    /// A target that answered 410 is remembered in the context.
    pub async fn a_context_knows_that_the_target_is_gone(fixture: &Fixture) {
        let agent = answered(fixture, AttemptOutcome::Gone).await;
        let delivery = received(fixture, 2, Some(&agent)).await;
        let found = context(fixture, &delivery).await.agent.unwrap();
        let gone_since = fixture.gone_targets().gone_since(&fixture.us, &agent.id).await.unwrap();
        assert_eq!((found.gone_since.is_some(), found.gone_since), (true, gone_since));
    }

    /// What is not stored, or belongs to another organization, is missing.
    pub async fn a_context_of_another_organization_is_missing(fixture: &Fixture) {
        let theirs = fixture.agent(1, &fixture.theirs).await;
        let delivery = received(fixture, 1, Some(&theirs)).await;
        assert_eq!(context(fixture, &delivery).await.agent, None);
        let foreign = Delivery { organization: fixture.theirs.clone(), ..delivery.clone() };
        let unknown = expected(&message(fixture, 2, 1));
        let without_conversation = expected(&message(fixture, 1, 9));
        let missing = [foreign, unknown, without_conversation];
        assert_eq!(contexts(fixture, &missing).await, [None, None, None]);
        let both = [missing[0].clone(), delivery];
        let read = contexts(fixture, &both).await;
        assert!(read[0].is_none() && read[1].is_some());
    }
}
