//! The laws of [`ChatModelStore`](switchboard_domain::ports::ChatModelStore).

use switchboard_domain::agent::{ChatModel, MessageTarget};
use switchboard_domain::ports::Reservation;
use switchboard_domain::sealing::Sealed;
use switchboard_domain::time::UtcDay;

use crate::concurrent::at_once;
use crate::expect_error::{assert_changed, assert_missing};
use crate::prelude::*;
use crate::{Fixture, samples};

const TODAY: UtcDay = Timestamp::from_seconds(20_786 * 86_400).day();
const TOMORROW: UtcDay = Timestamp::from_seconds(20_787 * 86_400).day();

fn sealed(n: u32) -> Sealed {
    samples::sealed(n)
}

fn url(n: u32) -> WebUrl {
    WebUrl::parse(&format!("https://models-{n}.example.com/v1")).unwrap()
}

/// The agent with its chat model at this URL.
fn at_url(agent: &Agent, url: &WebUrl) -> Agent {
    let chat = ChatModel { url: url.clone(), ..samples::chat_model() };
    let message_target = Some(MessageTarget::ChatModel(chat));
    Agent { profile: Profile { message_target, ..agent.profile.clone() }, ..agent.clone() }
}

/// Adds sample agent `n` with a chat model at this URL.
async fn chatting(fixture: &Fixture, n: u32, url: &WebUrl) -> Agent {
    let agent = at_url(&samples::agent(n, &fixture.ours), url);
    fixture.agents().add(&samples::operator(), &agent).await.unwrap();
    agent
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

    /// A key is stored exactly, and replaced. Other agents keep theirs.
    pub async fn a_key_is_replaced(fixture: &Fixture) {
        let agent = chatting(fixture, 1, &url(1)).await;
        let other = chatting(fixture, 2, &url(1)).await;
        let models = fixture.chat_models();
        assert_eq!(key(fixture, &fixture.us, &agent).await, None);
        models.set_key(&fixture.us, &other.id, &url(1), sealed(9)).await.unwrap();
        for n in [1, 2] {
            models.set_key(&fixture.us, &agent.id, &url(1), sealed(n)).await.unwrap();
            assert_eq!(key(fixture, &fixture.us, &agent).await, Some(sealed(n)));
        }
        assert_eq!(key(fixture, &fixture.us, &other).await, Some(sealed(9)));
    }

    /// Another organization neither sets nor sees the key of an agent.
    pub async fn a_key_of_another_organization_is_missing(fixture: &Fixture) {
        let agent = chatting(fixture, 1, &url(1)).await;
        let models = fixture.chat_models();
        let refused = models.set_key(&fixture.them, &agent.id, &url(1), sealed(1)).await;
        assert_missing(refused, Entity::Agent);
        models.set_key(&fixture.us, &agent.id, &url(1), sealed(1)).await.unwrap();
        assert_eq!(key(fixture, &fixture.them, &agent).await, None);
        assert_eq!(key(fixture, &samples::operator(), &agent).await, Some(sealed(1)));
    }

    /// Somebody reads an agent and stores the key for its URL. If others change the URL in between, the key is not stored, and
    /// their key for the new URL stays.
    pub async fn a_key_is_not_stored_for_a_url_that_others_have_set(fixture: &Fixture) {
        let read = chatting(fixture, 1, &url(1)).await;
        let (models, agents) = (fixture.chat_models(), fixture.agents());
        let moved = at_url(&read, &url(2));
        agents.change(&fixture.us, Some(&read), &moved).await.unwrap();
        models.set_key(&fixture.us, &read.id, &url(2), sealed(2)).await.unwrap();
        for scope in [&fixture.us, &samples::operator()] {
            let refused = models.set_key(scope, &read.id, &url(1), sealed(1)).await;
            assert_changed(refused, Entity::Agent);
        }
        assert_eq!(key(fixture, &fixture.us, &read).await, Some(sealed(2)));
        let without = Agent { profile: samples::bare_profile(), ..read.clone() };
        agents.change(&fixture.us, None, &without).await.unwrap();
        let refused = models.set_key(&fixture.us, &read.id, &url(2), sealed(1)).await;
        assert_changed(refused, Entity::Agent);
        assert_eq!(key(fixture, &fixture.us, &read).await, None);
    }

    /// A change of an agent, or an import of it, keeps the key for the same URL. A key does not survive its URL, even if the URL
    /// comes back.
    pub async fn a_key_is_removed_with_its_url(fixture: &Fixture) {
        let read = chatting(fixture, 1, &url(1)).await;
        let (models, agents) = (fixture.chat_models(), fixture.agents());
        let renamed = Profile { name: samples::label("other"), ..read.profile.clone() };
        let renamed = Agent { profile: renamed, ..read.clone() };
        let elsewhere =
            [at_url(&read, &url(2)), Agent { profile: samples::bare_profile(), ..read.clone() }];
        for by_import in [false, true] {
            let replace = async |wanted: &Agent| {
                if !by_import {
                    agents.change(&fixture.us, None, wanted).await.unwrap();
                    return;
                }
                let external_id = read.profile.external_id.clone();
                let profile = Profile { external_id, ..wanted.profile.clone() };
                let import = Import {
                    organization: fixture.ours.clone(),
                    accounts: Vec::new(),
                    agents: vec![Agent { profile, ..wanted.clone() }],
                    numbers: Vec::new(),
                    at: samples::at(500),
                };
                fixture.imports().import(&fixture.operator, &import).await.unwrap();
            };
            for elsewhere in &elsewhere {
                agents.change(&fixture.us, None, &read).await.unwrap();
                models.set_key(&fixture.us, &read.id, &url(1), sealed(1)).await.unwrap();
                replace(&renamed).await;
                assert_eq!(key(fixture, &fixture.us, &read).await, Some(sealed(1)), "{by_import}");
                replace(elsewhere).await;
                assert_eq!(key(fixture, &fixture.us, &read).await, None, "{by_import}");
                agents.change(&fixture.us, None, &read).await.unwrap();
                assert_eq!(key(fixture, &fixture.us, &read).await, None, "{by_import}");
            }
        }
    }

    /// While many tasks move an agent between two URLs and store keys for them, an agent never has the key of the URL where it is
    /// not.
    pub async fn keys_and_urls_that_change_at_once_stay_together(fixture: &Fixture) {
        let agent = chatting(fixture, 1, &url(1)).await;
        let tasks = at_once(|n| {
            let (store, us, agent) = (fixture.store(), fixture.us.clone(), agent.clone());
            async move {
                let place = 1 + n / 2 % 2;
                if n % 2 == 0 {
                    let moved = at_url(&agent, &url(place));
                    store.agents().change(&us, None, &moved).await
                } else {
                    let models = store.chat_models();
                    models.set_key(&us, &agent.id, &url(place), sealed(place)).await
                }
            }
        });
        for result in tasks.await {
            if result.is_err() {
                assert_changed(result, Entity::Agent);
            }
        }
        let stored = fixture.agents().find(&fixture.us, &agent.id).await.unwrap().unwrap();
        let target = stored.profile.message_target.as_ref();
        let place = if MessageTarget::chat_url(target) == Some(&url(1)) { 1 } else { 2 };
        let kept = key(fixture, &fixture.us, &agent).await;
        assert!(kept.is_none() || kept == Some(sealed(place)), "a key for another URL");
    }

    /// The key and the tokens of a removed agent are removed.
    pub async fn a_removed_agent_has_no_key_and_used_nothing(fixture: &Fixture) {
        let agent = chatting(fixture, 1, &url(1)).await;
        let models = fixture.chat_models();
        models.set_key(&fixture.us, &agent.id, &url(1), sealed(1)).await.unwrap();
        assert_eq!(reserve(fixture, &agent, TODAY, 100).await, Reservation::Reserved);
        settle(fixture, &agent, 100, 100).await;
        fixture.agents().remove(&fixture.us, &agent.id, None).await.unwrap();
        chatting(fixture, 1, &url(1)).await;
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
