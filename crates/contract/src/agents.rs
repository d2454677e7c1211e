//! The laws of [`AgentStore`](switchboard_domain::ports::AgentStore).

use switchboard_domain::agent::MAX_PROMPT_BYTES;

use crate::concurrent::{TASKS, at_once};
use crate::expect_error::{
    assert_exists, assert_exists_but_for_one, assert_in_use, assert_missing,
};
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// Every agent of a scope.
async fn listed(fixture: &Fixture, scope: &Scope) -> Vec<Agent> {
    fixture.agents().list(scope, &Page::first(1_000)).await.unwrap()
}

/// The agents of a scope that a word names.
async fn named(fixture: &Fixture, scope: &Scope, text: &str) -> Vec<Agent> {
    fixture.agents().named(scope, &samples::label(text)).await.unwrap()
}

/// An agent of ours with another profile than the samples have.
fn with_profile(fixture: &Fixture, n: u32, change: impl FnOnce(&mut Profile)) -> Agent {
    let mut agent = samples::agent(n, &fixture.ours);
    change(&mut agent.profile);
    agent
}

/// An agent of ours with that name and external id.
fn called(fixture: &Fixture, n: u32, name: &str, external_id: Option<&str>) -> Agent {
    with_profile(fixture, n, |profile| {
        profile.name = samples::label(name);
        profile.external_id = external_id.map(samples::label);
    })
}

/// Adds an agent of ours and finds it as it was added.
async fn survives(fixture: &Fixture, agent: Agent) {
    fixture.agents().add(&fixture.us, &agent).await.unwrap();
    let found = fixture.agents().find(&fixture.us, &agent.id).await.unwrap().unwrap();
    // The `Debug` of a prompt tells its length only, so the text is compared by itself first.
    assert_eq!(found.prompt.as_str(), agent.prompt.as_str());
    assert_eq!(found, agent);
}

#[laws(agents::agent_laws)]
pub mod laws {
    use super::*;

    /// Every part of profile and prompt and the time to the microsecond survive.
    pub async fn an_agent_is_found_as_it_was_added(fixture: &Fixture) {
        survives(fixture, samples::agent(1, &fixture.ours)).await;
    }

    /// No voice, model, language, external id and targets and an empty prompt stay none and empty.
    pub async fn an_agent_with_nothing_but_a_name_is_found_as_it_was_added(fixture: &Fixture) {
        let profile = samples::bare_profile();
        survives(
            fixture,
            Agent { profile, prompt: Prompt::default(), ..samples::agent(1, &fixture.ours) },
        )
        .await;
    }

    /// A stream, a relay, a redirect and a dialed number each come back as what they were.
    pub async fn every_voice_target_survives(fixture: &Fixture) {
        for (n, target) in (1..).zip(samples::voice_targets()) {
            survives(
                fixture,
                with_profile(fixture, n, |profile| profile.voice_target = Some(target)),
            )
            .await;
        }
    }

    /// A reply, white space and greatest length included, and a redirect come back as what they were.
    pub async fn every_message_target_survives(fixture: &Fixture) {
        for (n, target) in (1..).zip(samples::message_targets()) {
            survives(
                fixture,
                with_profile(fixture, n, |profile| profile.message_target = Some(target)),
            )
            .await;
        }
    }

    /// An agent that answers and one that does not stay what they are.
    pub async fn every_state_of_an_agent_survives(fixture: &Fixture) {
        for (n, state) in (1..).zip([AgentState::Enabled, AgentState::Disabled]) {
            survives(fixture, with_profile(fixture, n, |profile| profile.state = state)).await;
        }
    }

    /// Prompts are long: one of 20 kB in several scripts and one of the greatest length survive.
    pub async fn a_long_prompt_survives(fixture: &Fixture) {
        let longest = Prompt::parse(&"é".repeat(MAX_PROMPT_BYTES / 2)).unwrap();
        for (n, prompt) in (1..).zip([samples::long_prompt(), longest]) {
            survives(fixture, Agent { prompt, ..samples::agent(n, &fixture.ours) }).await;
        }
    }

    /// Absence is no error.
    pub async fn an_agent_that_was_never_added_is_not_found(fixture: &Fixture) {
        assert_eq!(
            fixture.agents().find(&Scope::Operator, &samples::agent_id(1)).await.unwrap(),
            None
        );
        assert_eq!(listed(fixture, &Scope::Operator).await, []);
        assert_eq!(named(fixture, &Scope::Operator, "nobody").await, []);
    }

    /// An id is taken once; what is there stays as it was.
    pub async fn an_agent_cannot_be_added_twice(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        assert_exists(
            fixture.agents().add(&fixture.us, &called(fixture, 1, "again", None)).await,
            Entity::Agent,
        );
        assert_eq!(listed(fixture, &Scope::Operator).await, [agent]);
    }

    /// An external id names one agent of an organization.
    pub async fn an_external_id_is_taken_once_in_an_organization(fixture: &Fixture) {
        let agent = called(fixture, 1, "Sales", Some("sales"));
        fixture.agents().add(&fixture.us, &agent).await.unwrap();
        let second = called(fixture, 2, "Other", Some("sales"));
        assert_exists(fixture.agents().add(&fixture.us, &second).await, Entity::Agent);
        assert_eq!(listed(fixture, &Scope::Operator).await, [agent]);
    }

    /// Having no external id is nothing that could be taken.
    pub async fn many_agents_can_be_without_an_external_id(fixture: &Fixture) {
        for n in 1..=3 {
            survives(fixture, called(fixture, n, "anonymous", None)).await;
        }
    }

    /// Each organization has its own external ids.
    pub async fn two_organizations_can_use_the_same_external_id(fixture: &Fixture) {
        survives(fixture, called(fixture, 1, "Sales", Some("sales"))).await;
        let theirs = Agent {
            organization: fixture.theirs.clone(),
            ..called(fixture, 2, "Sales", Some("sales"))
        };
        fixture.agents().add(&fixture.them, &theirs).await.unwrap();
        assert_eq!(named(fixture, &fixture.them, "sales").await, [theirs]);
    }

    /// Names need not be unique.
    pub async fn agents_can_share_a_name(fixture: &Fixture) {
        survives(fixture, called(fixture, 1, "Sales", Some("1"))).await;
        survives(fixture, called(fixture, 2, "Sales", Some("2"))).await;
    }

    /// Of many who add agents with the same external id at once, one does.
    pub async fn an_external_id_that_many_want_at_once_is_taken_once(fixture: &Fixture) {
        let results = at_once(|n| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            let agent = called(fixture, n, "Sales", Some("sales"));
            async move { store.agents().add(&us, &agent).await }
        });
        assert_exists_but_for_one(results.await, Entity::Agent);
    }

    /// Nothing is added for an organization that the scope does not cover.
    pub async fn an_agent_cannot_be_added_into_a_foreign_organization(fixture: &Fixture) {
        let agent = samples::agent(1, &fixture.theirs);
        assert_missing(fixture.agents().add(&fixture.us, &agent).await, Entity::Organization);
        assert_eq!(listed(fixture, &Scope::Operator).await, []);
    }

    /// Not even the operator adds an agent of nobody.
    pub async fn an_agent_needs_an_organization_that_is_there(fixture: &Fixture) {
        let nowhere = samples::organization(404);
        let agent = samples::agent(1, &nowhere);
        let own = Scope::Organization(nowhere);
        assert_missing(fixture.agents().add(&Scope::Operator, &agent).await, Entity::Organization);
        assert_missing(fixture.agents().add(&own, &agent).await, Entity::Organization);
        assert_eq!(listed(fixture, &Scope::Operator).await, []);
    }

    /// Who knows the id of somebody else's agent still does not see it.
    pub async fn an_agent_of_another_organization_is_not_found(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.theirs).await;
        assert_eq!(fixture.agents().find(&fixture.us, &agent.id).await.unwrap(), None);
        assert_eq!(
            fixture.agents().find(&fixture.them, &agent.id).await.unwrap().as_ref(),
            Some(&agent)
        );
        assert_eq!(fixture.agents().find(&Scope::Operator, &agent.id).await.unwrap(), Some(agent));
    }

    /// Each organization lists its own agents, the operator all of them.
    pub async fn agents_of_another_organization_are_not_listed(fixture: &Fixture) {
        let mine = fixture.agent(2, &fixture.ours).await;
        let first = fixture.agent(1, &fixture.theirs).await;
        let last = fixture.agent(3, &fixture.theirs).await;
        assert_eq!(listed(fixture, &fixture.us).await, std::slice::from_ref(&mine));
        assert_eq!(listed(fixture, &fixture.them).await, [first.clone(), last.clone()]);
        assert_eq!(listed(fixture, &Scope::Operator).await, [first, mine, last]);
    }

    /// Pages of any size give each agent once, in the order of the ids.
    pub async fn pages_of_agents_follow_each_other(fixture: &Fixture) {
        for n in [4, 1, 5, 3, 2] {
            fixture.agent(n, &fixture.ours).await;
            fixture.agent(100 + n, &fixture.theirs).await;
        }
        let expected: Vec<_> = (1..=5).map(|n| samples::agent(n, &fixture.ours)).collect();
        let list = async |page| fixture.agents().list(&fixture.us, &page).await;
        pages::hold(&expected, |agent| agent.id.clone(), list).await;
    }

    /// A word is looked for among names and external ids, and every agent that it names comes once, in the
    /// order of the ids.
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

    /// A word is taken as it is: its case counts, and no sign in it means something else.
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

    /// A word of somebody else names nobody here.
    pub async fn agents_of_another_organization_are_not_named(fixture: &Fixture) {
        let theirs = Agent {
            organization: fixture.theirs.clone(),
            ..called(fixture, 1, "Sales", Some("sales"))
        };
        fixture.agents().add(&fixture.them, &theirs).await.unwrap();
        for word in ["Sales", "sales"] {
            assert_eq!(named(fixture, &fixture.us, word).await, []);
            assert_eq!(named(fixture, &Scope::Operator, word).await, std::slice::from_ref(&theirs));
        }
    }

    /// Profile and prompt are replaced; organization and time of creation are not.
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
        fixture.agents().change(&Scope::Operator, &wanted).await.unwrap();
        let expected =
            Agent { organization: agent.organization, created_at: agent.created_at, ..wanted };
        assert_eq!(listed(fixture, &Scope::Operator).await, [expected, other]);
    }

    /// What an agent was without can come later.
    pub async fn a_changed_agent_gets_what_it_did_not_have(fixture: &Fixture) {
        let bare = Agent {
            profile: samples::bare_profile(),
            prompt: Prompt::default(),
            ..samples::agent(1, &fixture.ours)
        };
        fixture.agents().add(&fixture.us, &bare).await.unwrap();
        let wanted = samples::agent(1, &fixture.ours);
        fixture.agents().change(&fixture.us, &wanted).await.unwrap();
        assert_eq!(listed(fixture, &fixture.us).await, [wanted]);
    }

    /// A change adds nothing.
    pub async fn an_agent_that_is_not_there_cannot_be_changed(fixture: &Fixture) {
        let agent = samples::agent(1, &fixture.ours);
        assert_missing(fixture.agents().change(&fixture.us, &agent).await, Entity::Agent);
        assert_missing(fixture.agents().change(&Scope::Operator, &agent).await, Entity::Agent);
        assert_eq!(listed(fixture, &Scope::Operator).await, []);
    }

    /// What counts is whose agent it is, not whose it is said to be.
    pub async fn an_agent_of_another_organization_cannot_be_changed(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.theirs).await;
        for said in [&fixture.ours, &fixture.theirs] {
            let wanted =
                Agent { organization: said.clone(), ..called(fixture, 1, "taken over", None) };
            assert_missing(fixture.agents().change(&fixture.us, &wanted).await, Entity::Agent);
        }
        assert_eq!(listed(fixture, &Scope::Operator).await, [agent]);
    }

    /// A change does not take an external id from another agent.
    pub async fn an_agent_cannot_be_given_the_external_id_of_another(fixture: &Fixture) {
        let agents =
            [called(fixture, 1, "Sales", Some("sales")), called(fixture, 2, "Support", None)];
        for agent in &agents {
            fixture.agents().add(&fixture.us, agent).await.unwrap();
        }
        let wanted = called(fixture, 2, "Changed", Some("sales"));
        // The organization that counts is the one that the agent has, not the one that it is said to have.
        for organization in [&fixture.ours, &fixture.theirs] {
            let wanted = Agent { organization: organization.clone(), ..wanted.clone() };
            for scope in [&fixture.us, &Scope::Operator] {
                assert_exists(fixture.agents().change(scope, &wanted).await, Entity::Agent);
            }
        }
        assert_eq!(listed(fixture, &fixture.us).await, agents);
    }

    /// An agent may keep its external id in a change, take one of another organization, and take one that
    /// another agent has given up.
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
        fixture.agents().change(&fixture.us, &kept).await.unwrap();
        let changed = [
            called(fixture, 1, "Renamed", Some("theirs")),
            called(fixture, 2, "Support", Some("sales")),
        ];
        for agent in &changed {
            fixture.agents().change(&fixture.us, agent).await.unwrap();
        }
        assert_eq!(listed(fixture, &fixture.us).await, changed);
    }

    /// What was removed is gone, and its external id is free again.
    pub async fn a_removed_agent_is_gone(fixture: &Fixture) {
        let agent = called(fixture, 1, "Sales", Some("sales"));
        fixture.agents().add(&fixture.us, &agent).await.unwrap();
        let other = fixture.agent(2, &fixture.ours).await;
        fixture.agents().remove(&fixture.us, &agent.id).await.unwrap();
        assert_eq!(fixture.agents().find(&fixture.us, &agent.id).await.unwrap(), None);
        assert_eq!(named(fixture, &fixture.us, "sales").await, []);
        assert_eq!(listed(fixture, &fixture.us).await, [other]);
        survives(fixture, called(fixture, 3, "Sales", Some("sales"))).await;
    }

    /// Whoever removes an agent that is not there is told so.
    pub async fn an_agent_that_is_not_there_cannot_be_removed(fixture: &Fixture) {
        let id = samples::agent_id(1);
        assert_missing(fixture.agents().remove(&fixture.us, &id).await, Entity::Agent);
        assert_missing(fixture.agents().remove(&Scope::Operator, &id).await, Entity::Agent);
    }

    /// An agent of another organization is as if it were not there, also if numbers are assigned to it.
    pub async fn an_agent_of_another_organization_cannot_be_removed(fixture: &Fixture) {
        let idle = fixture.agent(1, &fixture.theirs).await;
        let busy = fixture.agent(2, &fixture.theirs).await;
        let account = fixture.account(1, &fixture.theirs).await;
        fixture.number(1, &account, Some(&busy)).await;
        for agent in [&idle, &busy] {
            assert_missing(fixture.agents().remove(&fixture.us, &agent.id).await, Entity::Agent);
        }
        assert_eq!(listed(fixture, &fixture.them).await, [idle, busy]);
    }

    /// No number is left with an agent that is gone; once it is released the agent may go.
    pub async fn an_agent_with_numbers_cannot_be_removed(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let account = fixture.account(1, &fixture.ours).await;
        let number = fixture.number(1, &account, Some(&agent)).await;
        assert_in_use(fixture.agents().remove(&fixture.us, &agent.id).await, Entity::Agent);
        assert_eq!(listed(fixture, &fixture.us).await, std::slice::from_ref(&agent));
        fixture.assign(&number, None).await;
        fixture.agents().remove(&fixture.us, &agent.id).await.unwrap();
        assert_eq!(listed(fixture, &fixture.us).await, []);
    }

    /// Of a removal and assignments that come at once, one side fails.
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
                    store.agents().remove(&Scope::Operator, &assignment.agent).await
                } else {
                    store
                        .numbers()
                        .assign(&Scope::Operator, samples::phone(n), Some(assignment))
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
