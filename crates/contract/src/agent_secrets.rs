//! The laws of [`AgentSecretStore`](switchboard_domain::ports::AgentSecretStore).

use switchboard_domain::ports::AgentSecret;
use switchboard_domain::sealing::Sealed;

use crate::expect_error::assert_missing;
use crate::prelude::*;
use crate::{Fixture, samples};

fn secret(agent: &Agent, number: i64) -> AgentSecret {
    AgentSecret {
        agent: agent.id.clone(),
        number,
        sealed: Sealed::from_bytes(format!("sealed {number}").into_bytes()),
        expires_at: None,
    }
}

async fn add(
    fixture: &Fixture,
    scope: &Author,
    secret: &AgentSecret,
    now: i64,
) -> Result<(), StoreError> {
    let (now, expires_at) = (samples::at(now), samples::at(now + 10));
    fixture.agent_secrets().add(scope, secret, now, expires_at).await
}

/// The numbers and the expiries of the secrets of an agent, newest first.
async fn known(fixture: &Fixture, scope: &Scope, agent: &Agent) -> Vec<(i64, Option<Timestamp>)> {
    let secrets = fixture.agent_secrets().of_agent(scope, &agent.id).await.unwrap();
    secrets.into_iter().map(|secret| (secret.number, secret.expires_at)).collect()
}

#[laws(agent_secrets::agent_secret_laws)]
pub mod laws {
    use super::*;

    /// A secret is stored exactly.
    pub async fn a_secret_is_found_as_it_was_added(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        add(fixture, &fixture.us, &secret(&agent, 1), 0).await.unwrap();
        let found = fixture.agent_secrets().of_agent(&fixture.us, &agent.id).await.unwrap();
        assert_eq!(found, [secret(&agent, 1)]);
    }

    /// A new secret makes the current one expire, and removes expired ones. Other agents keep theirs.
    pub async fn a_new_secret_makes_the_current_one_expire(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let other = fixture.agent(2, &fixture.ours).await;
        add(fixture, &fixture.us, &secret(&other, 1), 0).await.unwrap();
        for (number, now) in [(1, 0), (2, 100), (3, 105), (4, 111)] {
            add(fixture, &fixture.us, &secret(&agent, number), now).await.unwrap();
        }
        let expected = [(4, None), (3, Some(samples::at(121))), (2, Some(samples::at(115)))];
        assert_eq!(known(fixture, &fixture.us, &agent).await, expected);
        assert_eq!(known(fixture, &fixture.us, &other).await, [(1, None)]);
    }

    /// Whoever replaces the secret again and again leaves the newest ones: each signs every request.
    pub async fn only_the_newest_secrets_are_kept(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        for number in 1..=9 {
            add(fixture, &fixture.us, &secret(&agent, number), number).await.unwrap();
        }
        let known = known(fixture, &fixture.us, &agent).await;
        let numbers: Vec<_> = known.into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, [9, 8, 7, 6, 5]);
    }

    /// A number is used once for each agent. A refused secret changes nothing.
    pub async fn a_number_that_is_taken_is_refused(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        add(fixture, &fixture.us, &secret(&agent, 1), 0).await.unwrap();
        let again = add(fixture, &fixture.us, &secret(&agent, 1), 5).await;
        assert!(matches!(again, Err(StoreError::Exists { .. })), "{again:?}");
        assert_eq!(known(fixture, &fixture.us, &agent).await, [(1, None)]);
    }

    /// Another organization neither adds nor sees the secrets of an agent.
    pub async fn secrets_of_another_organization_are_missing(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let refused = add(fixture, &fixture.them, &secret(&agent, 1), 0).await;
        assert_missing(refused, Entity::Agent);
        add(fixture, &fixture.us, &secret(&agent, 1), 0).await.unwrap();
        assert_eq!(known(fixture, &fixture.them, &agent).await, []);
        assert_eq!(known(fixture, &samples::operator(), &agent).await, [(1, None)]);
    }

    /// The secrets of a removed agent are removed.
    pub async fn a_removed_agent_has_no_secrets(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        add(fixture, &fixture.us, &secret(&agent, 1), 0).await.unwrap();
        fixture.agents().remove(&fixture.us, &agent.id, None).await.unwrap();
        fixture.agent(1, &fixture.ours).await;
        assert_eq!(known(fixture, &fixture.us, &agent).await, []);
    }
}
