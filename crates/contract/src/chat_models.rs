//! The laws of [`ChatModelStore`](switchboard_domain::ports::ChatModelStore).

use switchboard_domain::ports::Reservation;
use switchboard_domain::sealing::Sealed;
use switchboard_domain::time::UtcDay;

use crate::concurrent::at_once;
use crate::expect_error::assert_missing;
use crate::prelude::*;
use crate::{Fixture, samples};

const TODAY: UtcDay = Timestamp::from_seconds(20_786 * 86_400).day();
const TOMORROW: UtcDay = Timestamp::from_seconds(20_787 * 86_400).day();

fn sealed(n: u32) -> Sealed {
    samples::sealed(n)
}

async fn key(fixture: &Fixture, scope: &Scope, agent: &Agent) -> Option<Sealed> {
    fixture.chat_models().key(scope, &agent.id).await.unwrap()
}

async fn reserve(fixture: &Fixture, agent: &Agent, day: UtcDay, tokens: u32) -> Reservation {
    fixture.chat_models().reserve(&agent.id, day, tokens, 100).await.unwrap()
}

async fn settle(fixture: &Fixture, agent: &Agent, reserved: u32, used: u32) {
    fixture.chat_models().settle(&agent.id, TODAY, reserved, used).await.unwrap();
}

#[laws(chat_models::chat_model_laws)]
pub mod laws {
    use super::*;

    /// A key is stored exactly, replaced, and removed. Other agents keep theirs.
    pub async fn a_key_is_replaced_and_removed(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let other = fixture.agent(2, &fixture.ours).await;
        let models = fixture.chat_models();
        assert_eq!(key(fixture, &fixture.us, &agent).await, None);
        models.set_key(&fixture.us, &other.id, Some(sealed(9))).await.unwrap();
        for n in [1, 2] {
            models.set_key(&fixture.us, &agent.id, Some(sealed(n))).await.unwrap();
            assert_eq!(key(fixture, &fixture.us, &agent).await, Some(sealed(n)));
        }
        models.set_key(&fixture.us, &agent.id, None).await.unwrap();
        assert_eq!(key(fixture, &fixture.us, &agent).await, None);
        assert_eq!(key(fixture, &fixture.us, &other).await, Some(sealed(9)));
    }

    /// Another organization neither sets nor sees the key of an agent.
    pub async fn a_key_of_another_organization_is_missing(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let models = fixture.chat_models();
        let refused = models.set_key(&fixture.them, &agent.id, Some(sealed(1))).await;
        assert_missing(refused, Entity::Agent);
        models.set_key(&fixture.us, &agent.id, Some(sealed(1))).await.unwrap();
        assert_eq!(key(fixture, &fixture.them, &agent).await, None);
        assert_eq!(key(fixture, &Scope::Operator, &agent).await, Some(sealed(1)));
    }

    /// The key and the tokens of a removed agent are removed.
    pub async fn a_removed_agent_has_no_key_and_used_nothing(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        fixture.chat_models().set_key(&fixture.us, &agent.id, Some(sealed(1))).await.unwrap();
        assert_eq!(reserve(fixture, &agent, TODAY, 100).await, Reservation::Reserved);
        settle(fixture, &agent, 100, 100).await;
        fixture.agents().remove(&fixture.us, &agent.id, None).await.unwrap();
        fixture.agent(1, &fixture.ours).await;
        assert_eq!(key(fixture, &fixture.us, &agent).await, None);
        assert_eq!(reserve(fixture, &agent, TODAY, 100).await, Reservation::Reserved);
    }

    /// Tokens are reserved until those that are used and reserved reach the limit. What was used replaces a reservation.
    pub async fn tokens_are_reserved_up_to_the_limit(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let other = fixture.agent(2, &fixture.ours).await;
        assert_eq!(reserve(fixture, &agent, TODAY, 60).await, Reservation::Reserved);
        assert_eq!(reserve(fixture, &agent, TODAY, 60).await, Reservation::Reserved);
        assert_eq!(reserve(fixture, &agent, TODAY, 1).await, Reservation::Busy);
        settle(fixture, &agent, 60, 0).await;
        assert_eq!(reserve(fixture, &agent, TODAY, 60).await, Reservation::Reserved);
        settle(fixture, &agent, 60, 60).await;
        assert_eq!(reserve(fixture, &agent, TODAY, 60).await, Reservation::Busy);
        settle(fixture, &agent, 60, 40).await;
        assert_eq!(reserve(fixture, &agent, TODAY, 1).await, Reservation::UsedUp);
        assert_eq!(reserve(fixture, &other, TODAY, 1).await, Reservation::Reserved);
    }

    /// A later day begins with nothing used. A request that ends on the next day does not count there, and a process whose clock is
    /// behind uses the latest day.
    pub async fn a_later_day_begins_with_nothing_used(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        assert_eq!(reserve(fixture, &agent, TODAY, 60).await, Reservation::Reserved);
        settle(fixture, &agent, 60, 100).await;
        assert_eq!(reserve(fixture, &agent, TODAY, 1).await, Reservation::UsedUp);
        assert_eq!(reserve(fixture, &agent, TOMORROW, 99).await, Reservation::Reserved);
        settle(fixture, &agent, 99, 500).await;
        assert_eq!(reserve(fixture, &agent, TODAY, 1).await, Reservation::Reserved);
        assert_eq!(reserve(fixture, &agent, TOMORROW, 1).await, Reservation::Busy);
    }

    /// Concurrent requests reserve no more than the limit and one of them.
    pub async fn concurrent_reservations_share_the_limit(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let reserved = at_once(|_| {
            let (store, agent) = (fixture.store(), agent.id.clone());
            async move { store.chat_models().reserve(&agent, TODAY, 10, 100).await.unwrap() }
        });
        let reserved = reserved.await;
        let count = reserved.iter().filter(|one| **one == Reservation::Reserved).count();
        assert_eq!(count, 10, "{reserved:?}");
    }

    /// An agent that does not exist reserves nothing.
    pub async fn a_missing_agent_reserves_nothing(fixture: &Fixture) {
        let missing = samples::agent_id(77);
        let refused = fixture.chat_models().reserve(&missing, TODAY, 1, 100).await;
        assert_missing(refused, Entity::Agent);
    }
}
