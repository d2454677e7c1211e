//! The laws of [`AgentStore`](switchboard_domain::ports::AgentStore) about changes of agents as they were read.

use crate::concurrent::at_once;
use crate::expect_error::{assert_changed, assert_in_use, assert_missing};
use crate::prelude::*;
use crate::{Fixture, samples};

/// The agent with another value in one place, for each place.
fn variations(agent: &Agent) -> Vec<Agent> {
    let profile = |change: fn(&mut Profile)| {
        let mut varied = agent.clone();
        change(&mut varied.profile);
        varied
    };
    vec![
        Agent { prompt: Prompt::parse("Another prompt.").unwrap(), ..agent.clone() },
        profile(|profile| profile.name = samples::label("other")),
        profile(|profile| profile.external_id = Some(samples::label("other"))),
        profile(|profile| profile.voice = None),
        profile(|profile| profile.model = Some(samples::label("other"))),
        profile(|profile| profile.language = None),
        profile(|profile| profile.voice_target = None),
        profile(|profile| profile.message_target = None),
        profile(|profile| profile.state = AgentState::Disabled),
    ]
}

async fn stored(fixture: &Fixture, agent: &Agent) -> Option<Agent> {
    fixture.agents().find(&fixture.us, &agent.id).await.unwrap()
}

#[laws(agent_changes::agent_change_laws)]
pub mod laws {
    use super::*;

    /// An agent that is still as it was read is changed and removed.
    pub async fn an_agent_is_changed_as_it_was_read(fixture: &Fixture) {
        let mut before = fixture.agent(1, &fixture.ours).await;
        for wanted in variations(&before) {
            fixture.agents().change(&fixture.us, Some(&before), &wanted).await.unwrap();
            assert_eq!(stored(fixture, &before).await.as_ref(), Some(&wanted));
            before = wanted;
        }
        fixture.agents().remove(&fixture.us, &before.id, Some(&before)).await.unwrap();
        assert_eq!(stored(fixture, &before).await, None);
    }

    /// After any change of an agent, it is neither changed nor removed by someone who has not seen the change.
    pub async fn a_change_that_was_not_seen_is_not_overwritten(fixture: &Fixture) {
        let before = fixture.agent(1, &fixture.ours).await;
        let mine = Agent { prompt: Prompt::parse("Mine.").unwrap(), ..before.clone() };
        for changed in variations(&before) {
            fixture.agents().change(&fixture.us, None, &changed).await.unwrap();
            for scope in [&fixture.us, &samples::operator()] {
                let outrun = fixture.agents().change(scope, Some(&before), &mine).await;
                assert_changed(outrun, Entity::Agent);
                let outrun = fixture.agents().remove(scope, &before.id, Some(&before)).await;
                assert_changed(outrun, Entity::Agent);
            }
            assert_eq!(stored(fixture, &before).await, Some(changed));
        }
    }

    /// An agent of another organization, or one that does not exist, is missing, whatever was read.
    pub async fn what_was_read_gives_no_access(fixture: &Fixture) {
        let theirs = fixture.agent(1, &fixture.theirs).await;
        let nobody = samples::agent(2, &fixture.ours);
        for agent in [&theirs, &nobody] {
            let changed = fixture.agents().change(&fixture.us, Some(agent), agent).await;
            assert_missing(changed, Entity::Agent);
            let other = samples::agent(3, &fixture.ours);
            let changed = fixture.agents().change(&fixture.us, Some(&other), agent).await;
            assert_missing(changed, Entity::Agent);
            let removed = fixture.agents().remove(&fixture.us, &agent.id, Some(agent)).await;
            assert_missing(removed, Entity::Agent);
        }
        let found = fixture.agents().find(&fixture.them, &theirs.id).await.unwrap();
        assert_eq!(found, Some(theirs));
    }

    /// An agent that is still as it was read is not removed while numbers are assigned to it.
    pub async fn an_agent_with_numbers_is_not_removed_as_it_was_read(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let account = fixture.account(1, &fixture.ours).await;
        fixture.number(1, &account, Some(&agent)).await;
        let removed = fixture.agents().remove(&fixture.us, &agent.id, Some(&agent)).await;
        assert_in_use(removed, Entity::Agent);
    }

    /// If many tasks change the same agent as they read it, exactly one of them succeeds.
    pub async fn of_many_changes_of_what_was_read_one_wins(fixture: &Fixture) {
        let before = fixture.agent(1, &fixture.ours).await;
        let wanted = |n: u32| {
            let prompt = Prompt::parse(&format!("Prompt {n}")).unwrap();
            Agent { prompt, ..before.clone() }
        };
        let results = at_once(|n| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            let (before, wanted) = (before.clone(), wanted(n));
            async move { store.agents().change(&us, Some(&before), &wanted).await }
        });
        let results = results.await;
        let winners: Vec<_> = (0..).zip(&results).filter(|(_, one)| one.is_ok()).collect();
        assert_eq!(winners.len(), 1, "{results:?}");
        assert_eq!(stored(fixture, &before).await, Some(wanted(winners[0].0)));
        for result in results.into_iter().filter(Result::is_err) {
            assert_changed(result, Entity::Agent);
        }
    }

    /// If an agent is changed and removed at the same time as it was read, one of both succeeds.
    pub async fn a_change_and_a_removal_of_what_was_read_exclude_each_other(fixture: &Fixture) {
        let before = fixture.agent(1, &fixture.ours).await;
        let results = at_once(|n| {
            let (store, us, before) = (fixture.store(), fixture.us.clone(), before.clone());
            async move {
                if n % 2 == 0 {
                    return store.agents().remove(&us, &before.id, Some(&before)).await;
                }
                let prompt = Prompt::parse(&format!("Prompt {n}")).unwrap();
                let wanted = Agent { prompt, ..before.clone() };
                store.agents().change(&us, Some(&before), &wanted).await
            }
        });
        let results = results.await;
        assert_eq!(results.iter().filter(|one| one.is_ok()).count(), 1, "{results:?}");
        let is_there = stored(fixture, &before).await.is_some();
        for result in results.into_iter().filter(Result::is_err) {
            if is_there {
                assert_changed(result, Entity::Agent);
            } else {
                assert_missing(result, Entity::Agent);
            }
        }
    }
}
