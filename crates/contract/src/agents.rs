//! The laws of [`AgentStore`](switchboard_domain::ports::AgentStore).

use std::sync::Arc;

use switchboard_domain::agent::{Agent, AgentState, MAX_PROMPT_BYTES, Profile, Prompt};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Entity, Page, StoreError};

use crate::crowd::{CROWD, at_once};
use crate::{World, pages, refused, samples};

/// Every agent of a scope.
async fn listed(world: &World, scope: &Scope) -> Vec<Agent> {
    world.agents.list(scope, &Page::first(1_000)).await.unwrap()
}

/// The agents of a scope that a word names.
async fn named(world: &World, scope: &Scope, text: &str) -> Vec<Agent> {
    world.agents.named(scope, &samples::label(text)).await.unwrap()
}

/// An agent of ours with another profile than the samples have.
fn with_profile(world: &World, n: u32, change: impl FnOnce(&mut Profile)) -> Agent {
    let mut agent = samples::agent(n, &world.ours);
    change(&mut agent.profile);
    agent
}

/// An agent of ours with that name and external id.
fn called(world: &World, n: u32, name: &str, external_id: Option<&str>) -> Agent {
    with_profile(world, n, |profile| {
        profile.name = samples::label(name);
        profile.external_id = external_id.map(samples::label);
    })
}

/// Adds an agent of ours and finds it as it was added.
async fn survives(world: &World, agent: Agent) {
    world.agents.add(&world.us, &agent).await.unwrap();
    let found = world.agents.find(&world.us, &agent.id).await.unwrap().unwrap();
    // The `Debug` of a prompt tells its length only, so the text is compared by itself first.
    assert_eq!(found.prompt.as_str(), agent.prompt.as_str());
    assert_eq!(found, agent);
}

laws! {
    $
    /// Stamps the laws of `AgentStore` on a harness.
    agent_laws in agents;

    /// Every part of profile and prompt and the time to the microsecond survive.
    async fn an_agent_is_found_as_it_was_added(world: &World) {
        survives(world, samples::agent(1, &world.ours)).await;
    }

    /// No voice, model, language, external id and targets and an empty prompt stay none and empty.
    async fn an_agent_with_nothing_but_a_name_is_found_as_it_was_added(world: &World) {
        let profile = samples::bare_profile();
        survives(
            world,
            Agent { profile, prompt: Prompt::default(), ..samples::agent(1, &world.ours) },
        )
        .await;
    }

    /// A stream, a relay, a redirect and a dialed number each come back as what they were.
    async fn every_voice_target_survives(world: &World) {
        for (n, target) in (1..).zip(samples::voice_targets()) {
            survives(world, with_profile(world, n, |profile| profile.voice_target = Some(target)))
                .await;
        }
    }

    /// A reply, white space and greatest length included, and a redirect come back as what they were.
    async fn every_message_target_survives(world: &World) {
        for (n, target) in (1..).zip(samples::message_targets()) {
            survives(
                world,
                with_profile(world, n, |profile| profile.message_target = Some(target)),
            )
            .await;
        }
    }

    /// An agent that answers and one that does not stay what they are.
    async fn every_state_of_an_agent_survives(world: &World) {
        for (n, state) in (1..).zip([AgentState::Enabled, AgentState::Disabled]) {
            survives(world, with_profile(world, n, |profile| profile.state = state)).await;
        }
    }

    /// Prompts are long: one of 20 kB in several scripts and one of the greatest length survive.
    async fn a_long_prompt_survives(world: &World) {
        let longest = Prompt::parse(&"é".repeat(MAX_PROMPT_BYTES / 2)).unwrap();
        for (n, prompt) in (1..).zip([samples::long_prompt(), longest]) {
            survives(world, Agent { prompt, ..samples::agent(n, &world.ours) }).await;
        }
    }

    /// Absence is no error.
    async fn an_agent_that_was_never_added_is_not_found(world: &World) {
        assert_eq!(world.agents.find(&Scope::Operator, &samples::agent_id(1)).await.unwrap(), None);
        assert_eq!(listed(world, &Scope::Operator).await, []);
        assert_eq!(named(world, &Scope::Operator, "nobody").await, []);
    }

    /// An id is taken once; what is there stays as it was.
    async fn an_agent_cannot_be_added_twice(world: &World) {
        let agent = world.agent(1, &world.ours).await;
        refused::exists(
            world.agents.add(&world.us, &called(world, 1, "again", None)).await,
            Entity::Agent,
        );
        assert_eq!(listed(world, &Scope::Operator).await, [agent]);
    }

    /// An external id names one agent of an organization.
    async fn an_external_id_is_taken_once_in_an_organization(world: &World) {
        let agent = called(world, 1, "Sales", Some("sales"));
        world.agents.add(&world.us, &agent).await.unwrap();
        let second = called(world, 2, "Other", Some("sales"));
        refused::exists(world.agents.add(&world.us, &second).await, Entity::Agent);
        assert_eq!(listed(world, &Scope::Operator).await, [agent]);
    }

    /// Having no external id is nothing that could be taken.
    async fn many_agents_can_be_without_an_external_id(world: &World) {
        for n in 1..=3 {
            survives(world, called(world, n, "anonymous", None)).await;
        }
    }

    /// Each organization has its own external ids.
    async fn two_organizations_can_use_the_same_external_id(world: &World) {
        survives(world, called(world, 1, "Sales", Some("sales"))).await;
        let theirs = Agent {
            organization: world.theirs.clone(),
            ..called(world, 2, "Sales", Some("sales"))
        };
        world.agents.add(&world.them, &theirs).await.unwrap();
        assert_eq!(named(world, &world.them, "sales").await, [theirs]);
    }

    /// Names need not be unique.
    async fn agents_can_share_a_name(world: &World) {
        survives(world, called(world, 1, "Sales", Some("1"))).await;
        survives(world, called(world, 2, "Sales", Some("2"))).await;
    }

    /// Of many who add agents with the same external id at once, one does.
    async fn an_external_id_that_many_want_at_once_is_taken_once(world: &World) {
        let results = at_once(|n| {
            let (agents, us) = (Arc::clone(&world.agents), world.us.clone());
            let agent = called(world, n, "Sales", Some("sales"));
            async move { agents.add(&us, &agent).await }
        });
        refused::exists_but_for_one(results.await, Entity::Agent);
    }

    /// Nothing is added for an organization that the scope does not cover.
    async fn an_agent_cannot_be_added_into_a_foreign_organization(world: &World) {
        let agent = samples::agent(1, &world.theirs);
        refused::missing(world.agents.add(&world.us, &agent).await, Entity::Organization);
        assert_eq!(listed(world, &Scope::Operator).await, []);
    }

    /// Not even the operator adds an agent of nobody.
    async fn an_agent_needs_an_organization_that_is_there(world: &World) {
        let nowhere = samples::organization(404);
        let agent = samples::agent(1, &nowhere);
        let own = Scope::Organization(nowhere);
        refused::missing(world.agents.add(&Scope::Operator, &agent).await, Entity::Organization);
        refused::missing(world.agents.add(&own, &agent).await, Entity::Organization);
        assert_eq!(listed(world, &Scope::Operator).await, []);
    }

    /// Who knows the id of somebody else's agent still does not see it.
    async fn an_agent_of_another_organization_is_not_found(world: &World) {
        let agent = world.agent(1, &world.theirs).await;
        assert_eq!(world.agents.find(&world.us, &agent.id).await.unwrap(), None);
        assert_eq!(world.agents.find(&world.them, &agent.id).await.unwrap().as_ref(), Some(&agent));
        assert_eq!(world.agents.find(&Scope::Operator, &agent.id).await.unwrap(), Some(agent));
    }

    /// Each organization lists its own agents, the operator all of them.
    async fn agents_of_another_organization_are_not_listed(world: &World) {
        let mine = world.agent(2, &world.ours).await;
        let first = world.agent(1, &world.theirs).await;
        let last = world.agent(3, &world.theirs).await;
        assert_eq!(listed(world, &world.us).await, std::slice::from_ref(&mine));
        assert_eq!(listed(world, &world.them).await, [first.clone(), last.clone()]);
        assert_eq!(listed(world, &Scope::Operator).await, [first, mine, last]);
    }

    /// Pages of any size give each agent once, in the order of the ids.
    async fn pages_of_agents_follow_each_other(world: &World) {
        for n in [4, 1, 5, 3, 2] {
            world.agent(n, &world.ours).await;
            world.agent(100 + n, &world.theirs).await;
        }
        let expected: Vec<_> = (1..=5).map(|n| samples::agent(n, &world.ours)).collect();
        let list = async |page| world.agents.list(&world.us, &page).await;
        pages::hold(&expected, |agent| agent.id.clone(), list).await;
    }

    /// A word is looked for among names and external ids, and every agent that it names comes once, in the
    /// order of the ids.
    async fn agents_are_named_by_their_name_or_by_their_external_id(world: &World) {
        let agents = [
            called(world, 1, "sales", Some("7")),
            called(world, 2, "Sales", Some("sales")),
            called(world, 3, "sales", None),
            called(world, 4, "support", Some("support")),
        ];
        for agent in agents.iter().rev() {
            world.agents.add(&world.us, agent).await.unwrap();
        }
        assert_eq!(named(world, &world.us, "sales").await, agents[..3]);
        assert_eq!(named(world, &world.us, "support").await, agents[3..]);
        assert_eq!(named(world, &world.us, "7").await, agents[..1]);
    }

    /// A word is taken as it is: its case counts, and no sign in it means something else.
    async fn a_word_names_an_agent_only_as_it_is_written(world: &World) {
        let agent = called(world, 1, "Zoë’s 100%_", None);
        world.agents.add(&world.us, &agent).await.unwrap();
        for word in [
            "zoë’s 100%_",
            "Zoe’s 100%_",
            "Zoë’s 100%",
            "%",
            "Zoë’s 100__",
            "Zo\u{65}\u{308}’s 100%_",
        ] {
            assert_eq!(named(world, &world.us, word).await, [], "{word}");
        }
        assert_eq!(named(world, &world.us, "Zoë’s 100%_").await, [agent]);
    }

    /// A word of somebody else names nobody here.
    async fn agents_of_another_organization_are_not_named(world: &World) {
        let theirs = Agent {
            organization: world.theirs.clone(),
            ..called(world, 1, "Sales", Some("sales"))
        };
        world.agents.add(&world.them, &theirs).await.unwrap();
        for word in ["Sales", "sales"] {
            assert_eq!(named(world, &world.us, word).await, []);
            assert_eq!(named(world, &Scope::Operator, word).await, std::slice::from_ref(&theirs));
        }
    }

    /// Profile and prompt are replaced; organization and time of creation are not.
    async fn a_changed_agent_keeps_its_organization_and_its_time_of_creation(world: &World) {
        let agent = world.agent(1, &world.ours).await;
        let other = world.agent(2, &world.ours).await;
        let wanted = Agent {
            organization: world.theirs.clone(),
            profile: samples::bare_profile(),
            prompt: Prompt::default(),
            created_at: samples::at(99),
            ..agent.clone()
        };
        world.agents.change(&Scope::Operator, &wanted).await.unwrap();
        let expected =
            Agent { organization: agent.organization, created_at: agent.created_at, ..wanted };
        assert_eq!(listed(world, &Scope::Operator).await, [expected, other]);
    }

    /// What an agent was without can come later.
    async fn a_changed_agent_gets_what_it_did_not_have(world: &World) {
        let bare = Agent {
            profile: samples::bare_profile(),
            prompt: Prompt::default(),
            ..samples::agent(1, &world.ours)
        };
        world.agents.add(&world.us, &bare).await.unwrap();
        let wanted = samples::agent(1, &world.ours);
        world.agents.change(&world.us, &wanted).await.unwrap();
        assert_eq!(listed(world, &world.us).await, [wanted]);
    }

    /// A change adds nothing.
    async fn an_agent_that_is_not_there_cannot_be_changed(world: &World) {
        let agent = samples::agent(1, &world.ours);
        refused::missing(world.agents.change(&world.us, &agent).await, Entity::Agent);
        refused::missing(world.agents.change(&Scope::Operator, &agent).await, Entity::Agent);
        assert_eq!(listed(world, &Scope::Operator).await, []);
    }

    /// What counts is whose agent it is, not whose it is said to be.
    async fn an_agent_of_another_organization_cannot_be_changed(world: &World) {
        let agent = world.agent(1, &world.theirs).await;
        for said in [&world.ours, &world.theirs] {
            let wanted =
                Agent { organization: said.clone(), ..called(world, 1, "taken over", None) };
            refused::missing(world.agents.change(&world.us, &wanted).await, Entity::Agent);
        }
        assert_eq!(listed(world, &Scope::Operator).await, [agent]);
    }

    /// A change does not take an external id from another agent.
    async fn an_agent_cannot_be_given_the_external_id_of_another(world: &World) {
        let agents = [called(world, 1, "Sales", Some("sales")), called(world, 2, "Support", None)];
        for agent in &agents {
            world.agents.add(&world.us, agent).await.unwrap();
        }
        let wanted = called(world, 2, "Changed", Some("sales"));
        // The organization that counts is the one that the agent has, not the one that it is said to have.
        for organization in [&world.ours, &world.theirs] {
            let wanted = Agent { organization: organization.clone(), ..wanted.clone() };
            for scope in [&world.us, &Scope::Operator] {
                refused::exists(world.agents.change(scope, &wanted).await, Entity::Agent);
            }
        }
        assert_eq!(listed(world, &world.us).await, agents);
    }

    /// An agent may keep its external id in a change, take one of another organization, and take one that
    /// another agent has given up.
    async fn a_changed_agent_takes_any_external_id_that_is_free(world: &World) {
        let theirs = Agent {
            organization: world.theirs.clone(),
            ..called(world, 9, "Sales", Some("theirs"))
        };
        world.agents.add(&world.them, &theirs).await.unwrap();
        world.agents.add(&world.us, &called(world, 1, "Sales", Some("sales"))).await.unwrap();
        world.agents.add(&world.us, &called(world, 2, "Support", None)).await.unwrap();
        let kept = called(world, 1, "Renamed", Some("sales"));
        world.agents.change(&world.us, &kept).await.unwrap();
        let changed = [
            called(world, 1, "Renamed", Some("theirs")),
            called(world, 2, "Support", Some("sales")),
        ];
        for agent in &changed {
            world.agents.change(&world.us, agent).await.unwrap();
        }
        assert_eq!(listed(world, &world.us).await, changed);
    }

    /// What was removed is gone, and its external id is free again.
    async fn a_removed_agent_is_gone(world: &World) {
        let agent = called(world, 1, "Sales", Some("sales"));
        world.agents.add(&world.us, &agent).await.unwrap();
        let other = world.agent(2, &world.ours).await;
        world.agents.remove(&world.us, &agent.id).await.unwrap();
        assert_eq!(world.agents.find(&world.us, &agent.id).await.unwrap(), None);
        assert_eq!(named(world, &world.us, "sales").await, []);
        assert_eq!(listed(world, &world.us).await, [other]);
        survives(world, called(world, 3, "Sales", Some("sales"))).await;
    }

    /// Whoever removes an agent that is not there is told so.
    async fn an_agent_that_is_not_there_cannot_be_removed(world: &World) {
        let id = samples::agent_id(1);
        refused::missing(world.agents.remove(&world.us, &id).await, Entity::Agent);
        refused::missing(world.agents.remove(&Scope::Operator, &id).await, Entity::Agent);
    }

    /// An agent of another organization is as if it were not there, also if numbers are assigned to it.
    async fn an_agent_of_another_organization_cannot_be_removed(world: &World) {
        let idle = world.agent(1, &world.theirs).await;
        let busy = world.agent(2, &world.theirs).await;
        let account = world.account(1, &world.theirs).await;
        world.number(1, &account, Some(&busy)).await;
        for agent in [&idle, &busy] {
            refused::missing(world.agents.remove(&world.us, &agent.id).await, Entity::Agent);
        }
        assert_eq!(listed(world, &world.them).await, [idle, busy]);
    }

    /// No number is left with an agent that is gone; once it is released the agent may go.
    async fn an_agent_with_numbers_cannot_be_removed(world: &World) {
        let agent = world.agent(1, &world.ours).await;
        let account = world.account(1, &world.ours).await;
        let number = world.number(1, &account, Some(&agent)).await;
        refused::in_use(world.agents.remove(&world.us, &agent.id).await, Entity::Agent);
        assert_eq!(listed(world, &world.us).await, std::slice::from_ref(&agent));
        world.assign(&number, None).await;
        world.agents.remove(&world.us, &agent.id).await.unwrap();
        assert_eq!(listed(world, &world.us).await, []);
    }

    /// Of a removal and assignments that come at once, one side fails.
    async fn an_agent_is_not_removed_from_under_a_number_that_comes(world: &World) {
        let agent = world.agent(1, &world.ours).await;
        let account = world.account(1, &world.ours).await;
        for n in 0..CROWD {
            world.number(n, &account, None).await;
        }
        let results = at_once(|n| {
            let (agents, numbers) = (Arc::clone(&world.agents), Arc::clone(&world.numbers));
            let assignment = samples::assignment(&agent);
            async move {
                if n % 4 == 0 {
                    agents.remove(&Scope::Operator, &assignment.agent).await
                } else {
                    numbers.assign(&Scope::Operator, samples::phone(n), Some(assignment)).await
                }
            }
        });
        let (mut removed, mut assigned) = (false, false);
        for (n, result) in results.await.into_iter().enumerate() {
            match result {
                Ok(()) if n % 4 == 0 => removed = true,
                Ok(()) => assigned = true,
                Err(StoreError::InUse { entity: Entity::Agent, .. }) if n % 4 == 0 => {}
                result => refused::missing(result, Entity::Agent),
            }
        }
        assert_ne!(removed, assigned, "either the agent went or numbers came to it");
        assert_eq!(listed(world, &world.us).await.is_empty(), removed);
    }
}
