//! The laws of [`AgentStore`](switchboard_domain::ports::AgentStore).

use switchboard_domain::agent::MAX_PROMPT_BYTES;

use crate::concurrent::{TASKS, at_once};
use crate::expect_error::{
    assert_exists, assert_exists_but_for_one, assert_in_use, assert_missing,
};
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// Lists every agent in a scope.
async fn listed(fixture: &Fixture, scope: &Scope) -> Vec<Agent> {
    fixture.agents().list(scope, &Page::first(1_000)).await.unwrap()
}

/// Returns the agents in a scope that a word names.
async fn named(fixture: &Fixture, scope: &Scope, text: &str) -> Vec<Agent> {
    fixture.agents().named(scope, &samples::label(text)).await.unwrap()
}

/// An agent of our organization with a profile that differs from the samples.
fn with_profile(fixture: &Fixture, n: u32, change: impl FnOnce(&mut Profile)) -> Agent {
    let mut agent = samples::agent(n, &fixture.ours);
    change(&mut agent.profile);
    agent
}

/// An agent of our organization with this name and external id.
fn called(fixture: &Fixture, n: u32, name: &str, external_id: Option<&str>) -> Agent {
    with_profile(fixture, n, |profile| {
        profile.name = samples::label(name);
        profile.external_id = external_id.map(samples::label);
    })
}

/// Adds an agent to our organization and checks that it is found unchanged.
async fn survives(fixture: &Fixture, agent: Agent) {
    fixture.agents().add(&fixture.us, &agent).await.unwrap();
    let found = fixture.agents().find(&fixture.us, &agent.id).await.unwrap().unwrap();
    // The `Debug` output of a prompt shows only its length, so the text is compared first.
    assert_eq!(found.prompt.as_str(), agent.prompt.as_str());
    assert_eq!(found, agent);
}

#[laws(agents::agent_laws)]
pub mod laws {
    use super::*;

    /// Every part of the profile, the prompt and the creation time (to the microsecond) are stored
    /// exactly.
    pub async fn an_agent_is_found_as_it_was_added(fixture: &Fixture) {
        survives(fixture, samples::agent(1, &fixture.ours)).await;
    }

    /// A missing voice, model, language, external id or target stays missing, and an empty prompt
    /// stays empty.
    pub async fn an_agent_with_nothing_but_a_name_is_found_as_it_was_added(fixture: &Fixture) {
        let profile = samples::bare_profile();
        survives(
            fixture,
            Agent { profile, prompt: Prompt::default(), ..samples::agent(1, &fixture.ours) },
        )
        .await;
    }

    /// Streams, relays, redirects and dialed numbers are stored exactly.
    pub async fn every_voice_target_survives(fixture: &Fixture) {
        for (n, target) in (1..).zip(samples::voice_targets()) {
            survives(
                fixture,
                with_profile(fixture, n, |profile| profile.voice_target = Some(target)),
            )
            .await;
        }
    }

    /// Redirects and replies are stored exactly, including white space and the maximum length.
    pub async fn every_message_target_survives(fixture: &Fixture) {
        for (n, target) in (1..).zip(samples::message_targets()) {
            survives(
                fixture,
                with_profile(fixture, n, |profile| profile.message_target = Some(target)),
            )
            .await;
        }
    }

    /// The enabled and the disabled state are stored exactly.
    pub async fn every_state_of_an_agent_survives(fixture: &Fixture) {
        for (n, state) in (1..).zip([AgentState::Enabled, AgentState::Disabled]) {
            survives(fixture, with_profile(fixture, n, |profile| profile.state = state)).await;
        }
    }

    /// Long prompts are stored exactly: one of 20 kB in several scripts, and one of the maximum
    /// length.
    pub async fn a_long_prompt_survives(fixture: &Fixture) {
        let longest = Prompt::parse(&"é".repeat(MAX_PROMPT_BYTES / 2)).unwrap();
        for (n, prompt) in (1..).zip([samples::long_prompt(), longest]) {
            survives(fixture, Agent { prompt, ..samples::agent(n, &fixture.ours) }).await;
        }
    }

    /// Looking up an agent that does not exist is not an error.
    pub async fn an_agent_that_was_never_added_is_not_found(fixture: &Fixture) {
        assert_eq!(
            fixture.agents().find(&samples::operator(), &samples::agent_id(1)).await.unwrap(),
            None
        );
        assert_eq!(listed(fixture, &samples::operator()).await, []);
        assert_eq!(named(fixture, &samples::operator(), "nobody").await, []);
    }

    /// Adding an agent whose id exists fails and does not change the stored agent.
    pub async fn an_agent_cannot_be_added_twice(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        assert_exists(
            fixture.agents().add(&fixture.us, &called(fixture, 1, "again", None)).await,
            Entity::Agent,
        );
        assert_eq!(listed(fixture, &samples::operator()).await, [agent]);
    }

    /// An external id is unique within an organization.
    pub async fn an_external_id_is_taken_once_in_an_organization(fixture: &Fixture) {
        let agent = called(fixture, 1, "Sales", Some("sales"));
        fixture.agents().add(&fixture.us, &agent).await.unwrap();
        let second = called(fixture, 2, "Other", Some("sales"));
        assert_exists(fixture.agents().add(&fixture.us, &second).await, Entity::Agent);
        assert_eq!(listed(fixture, &samples::operator()).await, [agent]);
    }

    /// Any number of agents can be without an external id.
    pub async fn many_agents_can_be_without_an_external_id(fixture: &Fixture) {
        for n in 1..=3 {
            survives(fixture, called(fixture, n, "anonymous", None)).await;
        }
    }

    /// Two organizations can use the same external id.
    pub async fn two_organizations_can_use_the_same_external_id(fixture: &Fixture) {
        survives(fixture, called(fixture, 1, "Sales", Some("sales"))).await;
        let theirs = Agent {
            organization: fixture.theirs.clone(),
            ..called(fixture, 2, "Sales", Some("sales"))
        };
        fixture.agents().add(&fixture.them, &theirs).await.unwrap();
        assert_eq!(named(fixture, &fixture.them, "sales").await, [theirs]);
    }

    /// Names of agents do not have to be unique.
    pub async fn agents_can_share_a_name(fixture: &Fixture) {
        survives(fixture, called(fixture, 1, "Sales", Some("1"))).await;
        survives(fixture, called(fixture, 2, "Sales", Some("2"))).await;
    }

    /// If many tasks add agents with the same external id at the same time, exactly one succeeds.
    pub async fn an_external_id_that_many_want_at_once_is_taken_once(fixture: &Fixture) {
        let results = at_once(|n| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            let agent = called(fixture, n, "Sales", Some("sales"));
            async move { store.agents().add(&us, &agent).await }
        });
        assert_exists_but_for_one(results.await, Entity::Agent);
    }

    /// An agent cannot be added to an organization that the scope does not cover.
    pub async fn an_agent_cannot_be_added_into_a_foreign_organization(fixture: &Fixture) {
        let agent = samples::agent(1, &fixture.theirs);
        assert_missing(fixture.agents().add(&fixture.us, &agent).await, Entity::Organization);
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// Not even the operator can add an agent to an organization that does not exist.
    pub async fn an_agent_needs_an_organization_that_is_there(fixture: &Fixture) {
        let nowhere = samples::organization(404);
        let agent = samples::agent(1, &nowhere);
        let own = samples::author(Scope::Organization(nowhere));
        assert_missing(
            fixture.agents().add(&samples::operator(), &agent).await,
            Entity::Organization,
        );
        assert_missing(fixture.agents().add(&own, &agent).await, Entity::Organization);
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// Knowing the id of an agent of another organization does not give access to it.
    pub async fn an_agent_of_another_organization_is_not_found(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.theirs).await;
        assert_eq!(fixture.agents().find(&fixture.us, &agent.id).await.unwrap(), None);
        assert_eq!(
            fixture.agents().find(&fixture.them, &agent.id).await.unwrap().as_ref(),
            Some(&agent)
        );
        assert_eq!(
            fixture.agents().find(&samples::operator(), &agent.id).await.unwrap(),
            Some(agent)
        );
    }

    /// An organization lists only its own agents. The operator lists all of them.
    pub async fn agents_of_another_organization_are_not_listed(fixture: &Fixture) {
        let mine = fixture.agent(2, &fixture.ours).await;
        let first = fixture.agent(1, &fixture.theirs).await;
        let last = fixture.agent(3, &fixture.theirs).await;
        assert_eq!(listed(fixture, &fixture.us).await, std::slice::from_ref(&mine));
        assert_eq!(listed(fixture, &fixture.them).await, [first.clone(), last.clone()]);
        assert_eq!(listed(fixture, &samples::operator()).await, [first, mine, last]);
    }

    /// Pages of any size return each agent once, ordered by id.
    pub async fn pages_of_agents_follow_each_other(fixture: &Fixture) {
        for n in [4, 1, 5, 3, 2] {
            fixture.agent(n, &fixture.ours).await;
            fixture.agent(100 + n, &fixture.theirs).await;
        }
        let expected: Vec<_> = (1..=5).map(|n| samples::agent(n, &fixture.ours)).collect();
        let list = async |page| fixture.agents().list(&fixture.us, &page).await;
        pages::hold(&expected, |agent| agent.id.clone(), list).await;
    }

    /// A word is compared with names and external ids. Every agent that it names is returned once,
    /// ordered by id.
    pub async fn agents_are_named_by_their_name_or_by_their_external_id(fixture: &Fixture) {
        let agents = [
            called(fixture, 1, "sales", Some("7")),
            called(fixture, 2, "Sales", Some("sales")),
            called(fixture, 3, "sales", None),
            called(fixture, 4, "support", Some("support")),
        ];
        for agent in agents.iter().rev() {
            fixture.agents().add(&fixture.us, agent).await.unwrap();
        }
        assert_eq!(named(fixture, &fixture.us, "sales").await, agents[..3]);
        assert_eq!(named(fixture, &fixture.us, "support").await, agents[3..]);
        assert_eq!(named(fixture, &fixture.us, "7").await, agents[..1]);
    }

    /// A word is compared literally: case is significant, and no character is a wildcard.
    pub async fn a_word_names_an_agent_only_as_it_is_written(fixture: &Fixture) {
        let agent = called(fixture, 1, "Zoë’s 100%_", None);
        fixture.agents().add(&fixture.us, &agent).await.unwrap();
        for word in [
            "zoë’s 100%_",
            "Zoe’s 100%_",
            "Zoë’s 100%",
            "%",
            "Zoë’s 100__",
            "Zo\u{65}\u{308}’s 100%_",
        ] {
            assert_eq!(named(fixture, &fixture.us, word).await, [], "{word}");
        }
        assert_eq!(named(fixture, &fixture.us, "Zoë’s 100%_").await, [agent]);
    }

    /// A word does not name agents of another organization.
    pub async fn agents_of_another_organization_are_not_named(fixture: &Fixture) {
        let theirs = Agent {
            organization: fixture.theirs.clone(),
            ..called(fixture, 1, "Sales", Some("sales"))
        };
        fixture.agents().add(&fixture.them, &theirs).await.unwrap();
        for word in ["Sales", "sales"] {
            assert_eq!(named(fixture, &fixture.us, word).await, []);
            assert_eq!(
                named(fixture, &samples::operator(), word).await,
                std::slice::from_ref(&theirs)
            );
        }
    }

    /// A change replaces the profile and the prompt, but not the organization and creation time.
    pub async fn a_changed_agent_keeps_its_organization_and_its_time_of_creation(
        fixture: &Fixture,
    ) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let other = fixture.agent(2, &fixture.ours).await;
        let wanted = Agent {
            organization: fixture.theirs.clone(),
            profile: samples::bare_profile(),
            prompt: Prompt::default(),
            created_at: samples::at(99),
            ..agent.clone()
        };
        fixture.agents().change(&samples::operator(), None, &wanted).await.unwrap();
        let expected =
            Agent { organization: agent.organization, created_at: agent.created_at, ..wanted };
        assert_eq!(listed(fixture, &samples::operator()).await, [expected, other]);
    }

    /// A change can add values that the agent did not have.
    pub async fn a_changed_agent_gets_what_it_did_not_have(fixture: &Fixture) {
        let bare = Agent {
            profile: samples::bare_profile(),
            prompt: Prompt::default(),
            ..samples::agent(1, &fixture.ours)
        };
        fixture.agents().add(&fixture.us, &bare).await.unwrap();
        let wanted = samples::agent(1, &fixture.ours);
        fixture.agents().change(&fixture.us, None, &wanted).await.unwrap();
        assert_eq!(listed(fixture, &fixture.us).await, [wanted]);
    }

    /// Changing an agent that does not exist does not add it.
    pub async fn an_agent_that_is_not_there_cannot_be_changed(fixture: &Fixture) {
        let agent = samples::agent(1, &fixture.ours);
        assert_missing(fixture.agents().change(&fixture.us, None, &agent).await, Entity::Agent);
        assert_missing(
            fixture.agents().change(&samples::operator(), None, &agent).await,
            Entity::Agent,
        );
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// Access depends on the organization of the stored agent, not on the one in the given agent.
    pub async fn an_agent_of_another_organization_cannot_be_changed(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.theirs).await;
        for said in [&fixture.ours, &fixture.theirs] {
            let wanted =
                Agent { organization: said.clone(), ..called(fixture, 1, "taken over", None) };
            assert_missing(
                fixture.agents().change(&fixture.us, None, &wanted).await,
                Entity::Agent,
            );
        }
        assert_eq!(listed(fixture, &samples::operator()).await, [agent]);
    }

    /// A change cannot take the external id of another agent.
    pub async fn an_agent_cannot_be_given_the_external_id_of_another(fixture: &Fixture) {
        let agents =
            [called(fixture, 1, "Sales", Some("sales")), called(fixture, 2, "Support", None)];
        for agent in &agents {
            fixture.agents().add(&fixture.us, agent).await.unwrap();
        }
        let wanted = called(fixture, 2, "Changed", Some("sales"));
        // The organization of the stored agent counts, not the one in the given agent.
        for organization in [&fixture.ours, &fixture.theirs] {
            let wanted = Agent { organization: organization.clone(), ..wanted.clone() };
            for scope in [&fixture.us, &samples::operator()] {
                assert_exists(fixture.agents().change(scope, None, &wanted).await, Entity::Agent);
            }
        }
        assert_eq!(listed(fixture, &fixture.us).await, agents);
    }

    /// A changed agent can keep its external id, use one that another organization uses, or use one
    /// that another agent no longer has.
    pub async fn a_changed_agent_takes_any_external_id_that_is_free(fixture: &Fixture) {
        let theirs = Agent {
            organization: fixture.theirs.clone(),
            ..called(fixture, 9, "Sales", Some("theirs"))
        };
        fixture.agents().add(&fixture.them, &theirs).await.unwrap();
        fixture
            .agents()
            .add(&fixture.us, &called(fixture, 1, "Sales", Some("sales")))
            .await
            .unwrap();
        fixture.agents().add(&fixture.us, &called(fixture, 2, "Support", None)).await.unwrap();
        let kept = called(fixture, 1, "Renamed", Some("sales"));
        fixture.agents().change(&fixture.us, None, &kept).await.unwrap();
        let changed = [
            called(fixture, 1, "Renamed", Some("theirs")),
            called(fixture, 2, "Support", Some("sales")),
        ];
        for agent in &changed {
            fixture.agents().change(&fixture.us, None, agent).await.unwrap();
        }
        assert_eq!(listed(fixture, &fixture.us).await, changed);
    }

    /// A removed agent no longer exists, and its external id can be used again.
    pub async fn a_removed_agent_is_gone(fixture: &Fixture) {
        let agent = called(fixture, 1, "Sales", Some("sales"));
        fixture.agents().add(&fixture.us, &agent).await.unwrap();
        let other = fixture.agent(2, &fixture.ours).await;
        fixture.agents().remove(&fixture.us, &agent.id, None).await.unwrap();
        assert_eq!(fixture.agents().find(&fixture.us, &agent.id).await.unwrap(), None);
        assert_eq!(named(fixture, &fixture.us, "sales").await, []);
        assert_eq!(listed(fixture, &fixture.us).await, [other]);
        survives(fixture, called(fixture, 3, "Sales", Some("sales"))).await;
    }

    /// Removing an agent that does not exist fails with `Missing`.
    pub async fn an_agent_that_is_not_there_cannot_be_removed(fixture: &Fixture) {
        let id = samples::agent_id(1);
        assert_missing(fixture.agents().remove(&fixture.us, &id, None).await, Entity::Agent);
        assert_missing(
            fixture.agents().remove(&samples::operator(), &id, None).await,
            Entity::Agent,
        );
    }

    /// An agent of another organization looks as if it did not exist, even if numbers are assigned
    /// to it.
    pub async fn an_agent_of_another_organization_cannot_be_removed(fixture: &Fixture) {
        let idle = fixture.agent(1, &fixture.theirs).await;
        let busy = fixture.agent(2, &fixture.theirs).await;
        let account = fixture.account(1, &fixture.theirs).await;
        fixture.number(1, &account, Some(&busy)).await;
        for agent in [&idle, &busy] {
            assert_missing(
                fixture.agents().remove(&fixture.us, &agent.id, None).await,
                Entity::Agent,
            );
        }
        assert_eq!(listed(fixture, &fixture.them).await, [idle, busy]);
    }

    /// An agent that is assigned to a number cannot be removed until the number is unassigned.
    pub async fn an_agent_with_numbers_cannot_be_removed(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let account = fixture.account(1, &fixture.ours).await;
        let number = fixture.number(1, &account, Some(&agent)).await;
        assert_in_use(fixture.agents().remove(&fixture.us, &agent.id, None).await, Entity::Agent);
        assert_eq!(listed(fixture, &fixture.us).await, std::slice::from_ref(&agent));
        fixture.assign(&number, None).await;
        fixture.agents().remove(&fixture.us, &agent.id, None).await.unwrap();
        assert_eq!(listed(fixture, &fixture.us).await, []);
    }

    /// If an agent is removed while numbers are assigned to it, one of the operations fails.
    pub async fn an_agent_is_not_removed_from_under_a_number_that_comes(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let account = fixture.account(1, &fixture.ours).await;
        for n in 0..TASKS {
            fixture.number(n, &account, None).await;
        }
        let results = at_once(|n| {
            let store = fixture.store();
            let assignment = samples::assignment(&agent);
            async move {
                if n % 4 == 0 {
                    store.agents().remove(&samples::operator(), &assignment.agent, None).await
                } else {
                    store
                        .numbers()
                        .assign(&samples::operator(), samples::sender(n), Some(assignment))
                        .await
                }
            }
        });
        let (mut removed, mut assigned) = (false, false);
        for (n, result) in results.await.into_iter().enumerate() {
            match result {
                Ok(()) if n % 4 == 0 => removed = true,
                Ok(()) => assigned = true,
                Err(StoreError::InUse { entity: Entity::Agent, .. }) if n % 4 == 0 => {}
                result => assert_missing(result, Entity::Agent),
            }
        }
        assert_ne!(removed, assigned, "either the agent went or numbers came to it");
        assert_eq!(listed(fixture, &fixture.us).await.is_empty(), removed);
    }
}
