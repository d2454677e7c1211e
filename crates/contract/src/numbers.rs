//! The laws of [`NumberStore`](switchboard_domain::ports::NumberStore).

use std::sync::Arc;

use switchboard_domain::agent::Agent;
use switchboard_domain::number::{Assignment, Channels, Number};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{Entity, NumberFilter, Page};

use crate::crowd::{CROWD, at_once};
use crate::{World, pages, refused, samples};

/// Every number of a scope that a filter lets through.
async fn filtered(world: &World, scope: &Scope, filter: &NumberFilter) -> Vec<Number> {
    world.numbers.list(scope, filter, &Page::first(1_000)).await.unwrap()
}

/// Every number of a scope.
async fn listed(world: &World, scope: &Scope) -> Vec<Number> {
    filtered(world, scope, &NumberFilter::default()).await
}

/// Every set of channels that a number can be answered on.
fn channel_sets() -> Vec<Channels> {
    let words = ["voice", "sms", "whatsapp", "rcs"];
    let chosen =
        |set: usize| words.into_iter().enumerate().filter(move |(bit, _)| set >> bit & 1 == 1);
    let list = |set| chosen(set).map(|(_, word)| word).collect::<Vec<_>>().join(",");
    (1..16).map(|set| Channels::parse(&list(set)).unwrap()).collect()
}

/// An assignment of an agent that was never added.
fn to_nobody() -> Assignment {
    Assignment { agent: samples::agent_id(404), channels: Channels::VOICE_AND_SMS }
}

/// What a number would be like with that assignment.
fn assigned(number: &Number, agent: Option<&Agent>) -> Number {
    Number { assignment: agent.map(samples::assignment), ..number.clone() }
}

laws! {
    $
    /// Stamps the laws of `NumberStore` on a harness.
    number_laws in numbers;

    /// Account, assignment and the time to the microsecond survive.
    async fn a_number_is_found_as_it_was_added(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agent = world.agent(1, &world.ours).await;
        for number in
            [samples::number(1, &account, Some(&agent)), samples::number(2, &account, None)]
        {
            world.numbers.add(&world.us, &number).await.unwrap();
            assert_eq!(
                world.numbers.find(&world.us, number.phone_number).await.unwrap(),
                Some(number)
            );
        }
    }

    /// Every set of channels survives, as it is added and as it is assigned.
    async fn every_set_of_channels_survives(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agent = world.agent(1, &world.ours).await;
        let assigned = world.number(100, &account, None).await;
        for (n, channels) in (1..).zip(channel_sets()) {
            let assignment = Some(Assignment { agent: agent.id.clone(), channels });
            let added =
                Number { assignment: assignment.clone(), ..samples::number(n, &account, None) };
            world.numbers.add(&world.us, &added).await.unwrap();
            assert_eq!(
                world.numbers.find(&world.us, added.phone_number).await.unwrap(),
                Some(added)
            );
            world
                .numbers
                .assign(&world.us, assigned.phone_number, assignment.clone())
                .await
                .unwrap();
            let found = world.numbers.find(&world.us, assigned.phone_number).await.unwrap();
            assert_eq!(found, Some(Number { assignment, ..assigned.clone() }));
        }
    }

    /// Absence is no error.
    async fn a_number_that_was_never_added_is_not_found(world: &World) {
        assert_eq!(world.numbers.find(&Scope::Operator, samples::phone(1)).await.unwrap(), None);
        assert_eq!(listed(world, &Scope::Operator).await, []);
    }

    /// A number is there once; what is there stays as it was.
    async fn a_number_cannot_be_added_twice(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agent = world.agent(1, &world.ours).await;
        let number = world.number(1, &account, None).await;
        refused::exists(
            world.numbers.add(&world.us, &assigned(&number, Some(&agent))).await,
            Entity::Number,
        );
        assert_eq!(listed(world, &Scope::Operator).await, [number]);
    }

    /// A number is taken for every organization, also for those that cannot see it.
    async fn a_number_of_another_organization_cannot_be_added_again(world: &World) {
        let account = world.account(1, &world.theirs).await;
        let number = world.number(1, &account, None).await;
        let own = world.account(2, &world.ours).await;
        let again = samples::number(1, &own, None);
        refused::exists(world.numbers.add(&world.us, &again).await, Entity::Number);
        refused::exists(world.numbers.add(&Scope::Operator, &again).await, Entity::Number);
        assert_eq!(listed(world, &Scope::Operator).await, [number]);
    }

    /// Of many who add the same number at once, one does.
    async fn a_number_that_is_added_by_many_at_once_is_there_once(world: &World) {
        let account = world.account(1, &world.ours).await;
        let results = at_once(|_| {
            let (numbers, us) = (Arc::clone(&world.numbers), world.us.clone());
            let number = samples::number(1, &account, None);
            async move { numbers.add(&us, &number).await }
        });
        refused::exists_but_for_one(results.await, Entity::Number);
    }

    /// Nothing is added for an organization that the scope does not cover.
    async fn a_number_cannot_be_added_into_a_foreign_organization(world: &World) {
        let account = world.account(1, &world.theirs).await;
        let number = samples::number(1, &account, None);
        refused::missing(world.numbers.add(&world.us, &number).await, Entity::Organization);
        assert_eq!(listed(world, &Scope::Operator).await, []);
    }

    /// A number belongs to an account of its own organization, whoever adds it.
    async fn a_number_needs_an_account_of_its_own_organization(world: &World) {
        let foreign = world.account(1, &world.theirs).await;
        let mine = world.account(2, &world.ours).await;
        for account in [foreign.sid, samples::account_sid(404)] {
            let number = Number { account, ..samples::number(1, &mine, None) };
            for scope in [&world.us, &Scope::Operator] {
                refused::missing(world.numbers.add(scope, &number).await, Entity::Account);
            }
        }
        assert_eq!(listed(world, &Scope::Operator).await, []);
    }

    /// A number is answered by an agent of its own organization, whoever adds it.
    async fn a_number_is_added_with_an_agent_of_its_own_organization_only(world: &World) {
        let account = world.account(1, &world.ours).await;
        let foreign = world.agent(1, &world.theirs).await;
        for assignment in [samples::assignment(&foreign), to_nobody()] {
            let number =
                Number { assignment: Some(assignment), ..samples::number(1, &account, None) };
            for scope in [&world.us, &Scope::Operator] {
                refused::missing(world.numbers.add(scope, &number).await, Entity::Agent);
            }
        }
        assert_eq!(listed(world, &Scope::Operator).await, []);
    }

    /// Who knows a number of somebody else still does not see whose it is.
    async fn a_number_of_another_organization_is_not_found(world: &World) {
        let account = world.account(1, &world.theirs).await;
        let number = world.number(1, &account, None).await;
        assert_eq!(world.numbers.find(&world.us, number.phone_number).await.unwrap(), None);
        assert_eq!(
            world.numbers.find(&world.them, number.phone_number).await.unwrap().as_ref(),
            Some(&number)
        );
        assert_eq!(
            world.numbers.find(&Scope::Operator, number.phone_number).await.unwrap(),
            Some(number)
        );
    }

    /// Each organization lists its own numbers, the operator all of them.
    async fn numbers_of_another_organization_are_not_listed(world: &World) {
        let (ours, theirs) =
            (world.account(1, &world.ours).await, world.account(2, &world.theirs).await);
        let mine = world.number(2, &ours, None).await;
        let first = world.number(1, &theirs, None).await;
        let last = world.number(3, &theirs, None).await;
        assert_eq!(listed(world, &world.us).await, std::slice::from_ref(&mine));
        assert_eq!(listed(world, &world.them).await, [first.clone(), last.clone()]);
        assert_eq!(listed(world, &Scope::Operator).await, [first, mine, last]);
    }

    /// A filter shows nothing that the scope does not cover.
    async fn a_filter_does_not_reach_into_another_organization(world: &World) {
        let account = world.account(1, &world.theirs).await;
        let agent = world.agent(1, &world.theirs).await;
        let number = world.number(1, &account, Some(&agent)).await;
        let by_account = NumberFilter { account: Some(account.sid), agent: None };
        let by_agent = NumberFilter { account: None, agent: Some(agent.id) };
        for filter in [by_account, by_agent] {
            assert_eq!(filtered(world, &world.us, &filter).await, []);
            assert_eq!(filtered(world, &world.them, &filter).await, std::slice::from_ref(&number));
        }
    }

    /// Numbers are listed by account, by agent, and by both.
    async fn a_filter_lets_through_what_fits_all_of_it(world: &World) {
        let accounts = [world.account(1, &world.ours).await, world.account(2, &world.ours).await];
        let agents = [world.agent(1, &world.ours).await, world.agent(2, &world.ours).await];
        let numbers = [
            world.number(1, &accounts[0], Some(&agents[0])).await,
            world.number(2, &accounts[0], Some(&agents[1])).await,
            world.number(3, &accounts[1], Some(&agents[0])).await,
            world.number(4, &accounts[1], None).await,
        ];
        let (account, agent) = (Some(accounts[0].sid), Some(agents[0].id.clone()));
        let listed = async |account, agent| {
            filtered(world, &world.us, &NumberFilter { account, agent }).await
        };
        assert_eq!(listed(account, None).await, numbers[..2]);
        assert_eq!(listed(None, agent.clone()).await, [numbers[0].clone(), numbers[2].clone()]);
        assert_eq!(listed(account, agent).await, numbers[..1]);
        assert_eq!(listed(Some(samples::account_sid(404)), None).await, []);
        assert_eq!(listed(None, None).await, numbers);
    }

    /// Pages of any size give each number once, in the order of the texts, filtered or not.
    async fn pages_of_numbers_follow_each_other(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agent = world.agent(1, &world.ours).await;
        let mut expected = Vec::new();
        // In the order of the texts a number stands before the longer ones that begin with it.
        for text in
            ["+1415555", "+14155550", "+14155550100", "+1415556", "+442079460958", "+6421555010"]
        {
            let phone_number = PhoneNumber::parse(text).unwrap();
            expected.push(Number { phone_number, ..samples::number(1, &account, Some(&agent)) });
        }
        for number in expected.iter().rev() {
            world.numbers.add(&world.us, number).await.unwrap();
        }
        let foreign = world.account(2, &world.theirs).await;
        world.number(5, &foreign, None).await;
        let both = NumberFilter { account: Some(account.sid), agent: Some(agent.id) };
        for filter in [NumberFilter::default(), both] {
            let list = async |page| world.numbers.list(&world.us, &filter, &page).await;
            pages::hold(&expected, |number| number.phone_number, list).await;
        }
    }

    /// A number goes to an agent, to another one and to nobody; nothing else of it changes.
    async fn a_number_is_assigned_and_released(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agents = [world.agent(1, &world.ours).await, world.agent(2, &world.ours).await];
        let number = world.number(1, &account, None).await;
        let other = world.number(2, &account, Some(&agents[0])).await;
        for agent in [Some(&agents[0]), Some(&agents[1]), Some(&agents[1]), None, None] {
            let wanted = assigned(&number, agent);
            world
                .numbers
                .assign(&world.us, number.phone_number, wanted.assignment.clone())
                .await
                .unwrap();
            assert_eq!(listed(world, &world.us).await, [wanted, other.clone()]);
        }
    }

    /// An assignment adds no number.
    async fn a_number_that_is_not_there_cannot_be_assigned(world: &World) {
        let agent = world.agent(1, &world.ours).await;
        for assignment in [Some(samples::assignment(&agent)), None] {
            for scope in [&world.us, &Scope::Operator] {
                let result =
                    world.numbers.assign(scope, samples::phone(1), assignment.clone()).await;
                refused::missing(result, Entity::Number);
            }
        }
        assert_eq!(listed(world, &Scope::Operator).await, []);
    }

    /// A number of another organization is as if it were not there, to whomever it is to be given.
    async fn a_number_of_another_organization_cannot_be_assigned(world: &World) {
        let account = world.account(1, &world.theirs).await;
        let (mine, theirs) =
            (world.agent(1, &world.ours).await, world.agent(2, &world.theirs).await);
        let number = world.number(1, &account, Some(&theirs)).await;
        for agent in [Some(&mine), Some(&theirs), None] {
            let assignment = agent.map(samples::assignment);
            let result = world.numbers.assign(&world.us, number.phone_number, assignment).await;
            refused::missing(result, Entity::Number);
        }
        assert_eq!(listed(world, &world.them).await, [number]);
    }

    /// A number is answered by an agent of its own organization, whoever assigns it.
    async fn a_number_is_assigned_to_an_agent_of_its_own_organization_only(world: &World) {
        let account = world.account(1, &world.ours).await;
        let (mine, theirs) =
            (world.agent(1, &world.ours).await, world.agent(2, &world.theirs).await);
        let number = world.number(1, &account, Some(&mine)).await;
        for assignment in [samples::assignment(&theirs), to_nobody()] {
            for scope in [&world.us, &Scope::Operator] {
                let result = world
                    .numbers
                    .assign(scope, number.phone_number, Some(assignment.clone()))
                    .await;
                refused::missing(result, Entity::Agent);
            }
        }
        assert_eq!(listed(world, &Scope::Operator).await, [number]);
    }

    /// Of many who assign the same number at once, each succeeds, and one of them has the last word.
    async fn a_number_that_is_assigned_by_many_at_once_has_one_of_their_agents(world: &World) {
        let account = world.account(1, &world.ours).await;
        let number = world.number(1, &account, None).await;
        let mut agents = Vec::new();
        for n in 0..CROWD {
            agents.push(world.agent(n, &world.ours).await);
        }
        let results = at_once(|n| {
            let (numbers, us) = (Arc::clone(&world.numbers), world.us.clone());
            let assignment = samples::assignment(&agents[n as usize]);
            async move { numbers.assign(&us, samples::phone(1), Some(assignment)).await }
        });
        for result in results.await {
            result.unwrap();
        }
        let found = world.numbers.find(&world.us, number.phone_number).await.unwrap();
        assert!(agents.iter().any(|agent| found.as_ref() == Some(&assigned(&number, Some(agent)))));
    }

    /// What was removed is gone, assigned or not, and free for every organization.
    async fn a_removed_number_is_gone_and_can_come_back(world: &World) {
        let account = world.account(1, &world.ours).await;
        let foreign = world.account(2, &world.theirs).await;
        let agent = world.agent(1, &world.ours).await;
        let other = world.number(3, &account, Some(&agent)).await;
        for (n, agent) in [(1, Some(&agent)), (2, None)] {
            let number = world.number(n, &account, agent).await;
            world.numbers.remove(&world.us, number.phone_number).await.unwrap();
            assert_eq!(world.numbers.find(&world.us, number.phone_number).await.unwrap(), None);
            assert_eq!(listed(world, &world.us).await, std::slice::from_ref(&other));
            world.number(n, &foreign, None).await;
        }
        world.numbers.remove(&Scope::Operator, other.phone_number).await.unwrap();
        assert_eq!(listed(world, &world.us).await, []);
    }

    /// Whoever removes a number that is not there is told so.
    async fn a_number_that_is_not_there_cannot_be_removed(world: &World) {
        for scope in [&world.us, &Scope::Operator] {
            refused::missing(world.numbers.remove(scope, samples::phone(1)).await, Entity::Number);
        }
    }

    /// A number of another organization is as if it were not there, and stays.
    async fn a_number_of_another_organization_cannot_be_removed(world: &World) {
        let account = world.account(1, &world.theirs).await;
        let agent = world.agent(1, &world.theirs).await;
        let number = world.number(1, &account, Some(&agent)).await;
        let result = world.numbers.remove(&world.us, number.phone_number).await;
        refused::missing(result, Entity::Number);
        assert_eq!(listed(world, &world.them).await, [number]);
    }

    /// Nothing of a removed number keeps its account or its agent.
    async fn the_account_and_the_agent_of_a_removed_number_can_be_removed(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agent = world.agent(1, &world.ours).await;
        let number = world.number(1, &account, Some(&agent)).await;
        refused::in_use(world.accounts.remove(&world.us, account.sid).await, Entity::Account);
        refused::in_use(world.agents.remove(&world.us, &agent.id).await, Entity::Agent);
        world.numbers.remove(&world.us, number.phone_number).await.unwrap();
        world.accounts.remove(&world.us, account.sid).await.unwrap();
        world.agents.remove(&world.us, &agent.id).await.unwrap();
    }

    /// Of many who remove the same number at once, one does.
    async fn a_number_that_is_removed_by_many_at_once_is_removed_once(world: &World) {
        let account = world.account(1, &world.ours).await;
        let number = world.number(1, &account, None).await;
        let results = at_once(|_| {
            let (numbers, us) = (Arc::clone(&world.numbers), world.us.clone());
            async move { numbers.remove(&us, number.phone_number).await }
        });
        refused::missing_but_for_one(results.await, Entity::Number);
    }
}
