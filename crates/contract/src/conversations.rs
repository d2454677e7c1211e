//! The laws of [`ConversationStore`](switchboard_domain::ports::ConversationStore).

use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::identifier::ConversationId;
use switchboard_domain::ports::Conversation;

use crate::concurrent::at_once;
use crate::prelude::*;
use crate::{Fixture, samples};

fn conversation(n: u8, organization: &OrganizationId, contact: &Address) -> Conversation {
    let ours = Address::parse("+14155550100").unwrap();
    Conversation {
        id: ConversationId::new(samples::at(0), [n; 10]),
        organization: organization.clone(),
        key: ConversationKey::new(&ours, contact),
        created_at: samples::at(n.into()),
    }
}

async fn found(fixture: &Fixture, conversation: &Conversation) -> ConversationId {
    fixture.conversations().find_or_add(conversation).await.unwrap()
}

#[laws(conversations::conversation_laws)]
pub mod laws {
    use super::*;

    /// The first id of a conversation is returned from then on.
    pub async fn a_conversation_is_added_once(fixture: &Fixture) {
        let contact = Address::parse("+14155550199").unwrap();
        let first = conversation(1, &fixture.ours, &contact);
        assert_eq!(found(fixture, &first).await, first.id);
        let again = conversation(2, &fixture.ours, &contact);
        assert_eq!(found(fixture, &again).await, first.id);
    }

    /// Another organization, and another contact of any kind, have another conversation.
    pub async fn conversations_are_told_apart(fixture: &Fixture) {
        let contact = Address::parse("+14155550199").unwrap();
        let ours = conversation(1, &fixture.ours, &contact);
        assert_eq!(found(fixture, &ours).await, ours.id);
        let theirs = conversation(2, &fixture.theirs, &contact);
        assert_eq!(found(fixture, &theirs).await, theirs.id);
        let mut known = vec![ours.key];
        for (n, address) in (3..).zip(samples::addresses()) {
            let new = conversation(n, &fixture.ours, &address);
            if !known.contains(&new.key) {
                assert_eq!(found(fixture, &new).await, new.id, "{address:?}");
                known.push(new.key);
            }
        }
    }

    /// Concurrent calls agree on one id.
    pub async fn concurrent_calls_add_one_conversation(fixture: &Fixture) {
        let contact = Address::parse("+14155550199").unwrap();
        let ids = at_once(|n| {
            let store = fixture.store();
            let new = conversation(u8::try_from(n).unwrap(), &fixture.ours, &contact);
            async move { store.conversations().find_or_add(&new).await.unwrap() }
        });
        let ids = ids.await;
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }
}
