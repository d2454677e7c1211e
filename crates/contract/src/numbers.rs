//! The laws of [`NumberStore`](switchboard_domain::ports::NumberStore).

use switchboard_domain::ports::SavedConfiguration::{Discard, Refuse};

use crate::concurrent::{TASKS, at_once};
use crate::expect_error::{
    assert_changed, assert_exists, assert_exists_but_for_one, assert_in_use, assert_in_use_by,
    assert_missing, assert_missing_but_for_one,
};
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// Lists every number in a scope that a filter selects.
async fn filtered(fixture: &Fixture, scope: &Scope, filter: &NumberFilter) -> Vec<Number> {
    fixture.numbers().list(scope, filter, &Page::first(1_000)).await.unwrap()
}

/// Lists every number in a scope.
async fn listed(fixture: &Fixture, scope: &Scope) -> Vec<Number> {
    filtered(fixture, scope, &NumberFilter::default()).await
}

/// Every set of channels that a number can have.
fn channel_sets() -> Vec<Channels> {
    let words = ["voice", "sms", "whatsapp", "rcs"];
    let chosen =
        |set: usize| words.into_iter().enumerate().filter(move |(bit, _)| set >> bit & 1 == 1);
    let list = |set| chosen(set).map(|(_, word)| word).collect::<Vec<_>>().join(",");
    (1..16).map(|set| Channels::parse(&list(set)).unwrap()).collect()
}

/// An assignment to an agent that does not exist.
fn to_nobody() -> Assignment {
    Assignment { agent: samples::agent_id(404), channels: Channels::VOICE_AND_SMS }
}

/// The number as it is with this assignment.
fn assigned(number: &Number, agent: Option<&Agent>) -> Number {
    Number { assignment: agent.map(samples::assignment), ..number.clone() }
}

/// Senders that are no phone numbers, in the order of their texts.
const SENDERS: [&str; 6] = [
    "12345",
    "messenger:1234567890",
    "rcs:+14150000001",
    "rcs:acme_agent",
    "whatsapp:+14150000001",
    "whatsapp:+442079460958",
];

#[laws(numbers::number_laws)]
pub mod laws {
    use super::*;

    /// The account, assignment and creation time (to the microsecond) are stored exactly.
    pub async fn a_number_is_found_as_it_was_added(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        for number in
            [samples::number(1, &account, Some(&agent)), samples::number(2, &account, None)]
        {
            fixture.numbers().add(&fixture.us, &number).await.unwrap();
            assert_eq!(
                fixture.numbers().find(&fixture.us, number.sender).await.unwrap(),
                Some(number)
            );
        }
    }

    /// Every set of channels is stored exactly, both when a number is added and when it is
    /// assigned.
    pub async fn every_set_of_channels_survives(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let assigned = fixture.number(100, &account, None).await;
        for (n, channels) in (1..).zip(channel_sets()) {
            let assignment = Some(Assignment { agent: agent.id.clone(), channels });
            let added =
                Number { assignment: assignment.clone(), ..samples::number(n, &account, None) };
            fixture.numbers().add(&fixture.us, &added).await.unwrap();
            assert_eq!(
                fixture.numbers().find(&fixture.us, added.sender).await.unwrap(),
                Some(added)
            );
            fixture
                .numbers()
                .assign(&fixture.us, assigned.sender, assignment.clone())
                .await
                .unwrap();
            let found = fixture.numbers().find(&fixture.us, assigned.sender).await.unwrap();
            assert_eq!(found, Some(Number { assignment, ..assigned.clone() }));
        }
    }

    /// Looking up a number that does not exist is not an error.
    pub async fn a_number_that_was_never_added_is_not_found(fixture: &Fixture) {
        assert_eq!(
            fixture.numbers().find(&samples::operator(), samples::sender(1)).await.unwrap(),
            None
        );
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// Adding a number that exists fails and does not change the stored number.
    pub async fn a_number_cannot_be_added_twice(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let number = fixture.number(1, &account, None).await;
        assert_exists(
            fixture.numbers().add(&fixture.us, &assigned(&number, Some(&agent))).await,
            Entity::Number,
        );
        assert_eq!(listed(fixture, &samples::operator()).await, [number]);
    }

    /// A number is unique across organizations, even for an organization that cannot see it.
    pub async fn a_number_of_another_organization_cannot_be_added_again(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.theirs).await;
        let number = fixture.number(1, &account, None).await;
        let own = fixture.account(2, &fixture.ours).await;
        let again = samples::number(1, &own, None);
        assert_exists(fixture.numbers().add(&fixture.us, &again).await, Entity::Number);
        assert_exists(fixture.numbers().add(&samples::operator(), &again).await, Entity::Number);
        assert_eq!(listed(fixture, &samples::operator()).await, [number]);
    }

    /// If many tasks add the same number at the same time, exactly one succeeds.
    pub async fn a_number_that_is_added_by_many_at_once_is_there_once(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let results = at_once(|_| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            let number = samples::number(1, &account, None);
            async move { store.numbers().add(&us, &number).await }
        });
        assert_exists_but_for_one(results.await, Entity::Number);
    }

    /// A number cannot be added to an organization that the scope does not cover.
    pub async fn a_number_cannot_be_added_into_a_foreign_organization(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.theirs).await;
        let number = samples::number(1, &account, None);
        assert_missing(fixture.numbers().add(&fixture.us, &number).await, Entity::Organization);
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// A number can be added only with an account of its own organization, even by the operator.
    pub async fn a_number_needs_an_account_of_its_own_organization(fixture: &Fixture) {
        let foreign = fixture.account(1, &fixture.theirs).await;
        let mine = fixture.account(2, &fixture.ours).await;
        for account in [foreign.sid, samples::account_sid(404)] {
            let number = Number { account, ..samples::number(1, &mine, None) };
            for scope in [&fixture.us, &samples::operator()] {
                assert_missing(fixture.numbers().add(scope, &number).await, Entity::Account);
            }
        }
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// A number can be added only with an agent of its own organization, even by the operator.
    pub async fn a_number_is_added_with_an_agent_of_its_own_organization_only(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let foreign = fixture.agent(1, &fixture.theirs).await;
        for assignment in [samples::assignment(&foreign), to_nobody()] {
            let number =
                Number { assignment: Some(assignment), ..samples::number(1, &account, None) };
            for scope in [&fixture.us, &samples::operator()] {
                assert_missing(fixture.numbers().add(scope, &number).await, Entity::Agent);
            }
        }
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// Knowing a number of another organization does not give access to it.
    pub async fn a_number_of_another_organization_is_not_found(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.theirs).await;
        let number = fixture.number(1, &account, None).await;
        assert_eq!(fixture.numbers().find(&fixture.us, number.sender).await.unwrap(), None);
        assert_eq!(
            fixture.numbers().find(&fixture.them, number.sender).await.unwrap().as_ref(),
            Some(&number)
        );
        assert_eq!(
            fixture.numbers().find(&samples::operator(), number.sender).await.unwrap(),
            Some(number)
        );
    }

    /// An organization lists only its own numbers. The operator lists all of them.
    pub async fn numbers_of_another_organization_are_not_listed(fixture: &Fixture) {
        let (ours, theirs) =
            (fixture.account(1, &fixture.ours).await, fixture.account(2, &fixture.theirs).await);
        let mine = fixture.number(2, &ours, None).await;
        let first = fixture.number(1, &theirs, None).await;
        let last = fixture.number(3, &theirs, None).await;
        assert_eq!(listed(fixture, &fixture.us).await, std::slice::from_ref(&mine));
        assert_eq!(listed(fixture, &fixture.them).await, [first.clone(), last.clone()]);
        assert_eq!(listed(fixture, &samples::operator()).await, [first, mine, last]);
    }

    /// A filter selects no numbers that the scope does not cover.
    pub async fn a_filter_does_not_reach_into_another_organization(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.theirs).await;
        let agent = fixture.agent(1, &fixture.theirs).await;
        let number = fixture.number(1, &account, Some(&agent)).await;
        let by_account = NumberFilter { account: Some(account.sid), ..NumberFilter::default() };
        let by_agent = NumberFilter { agent: Some(agent.id), ..NumberFilter::default() };
        for filter in [by_account, by_agent] {
            assert_eq!(filtered(fixture, &fixture.us, &filter).await, []);
            assert_eq!(
                filtered(fixture, &fixture.them, &filter).await,
                std::slice::from_ref(&number)
            );
        }
    }

    /// A filter selects numbers by account, by agent, or by both.
    pub async fn a_filter_lets_through_what_fits_all_of_it(fixture: &Fixture) {
        let accounts =
            [fixture.account(1, &fixture.ours).await, fixture.account(2, &fixture.ours).await];
        let agents = [fixture.agent(1, &fixture.ours).await, fixture.agent(2, &fixture.ours).await];
        let numbers = [
            fixture.number(1, &accounts[0], Some(&agents[0])).await,
            fixture.number(2, &accounts[0], Some(&agents[1])).await,
            fixture.number(3, &accounts[1], Some(&agents[0])).await,
            fixture.number(4, &accounts[1], None).await,
        ];
        let (account, agent) = (Some(accounts[0].sid), Some(agents[0].id.clone()));
        let listed = async |account, agent| {
            filtered(fixture, &fixture.us, &NumberFilter { account, agent, is_phone: None }).await
        };
        assert_eq!(listed(account, None).await, numbers[..2]);
        assert_eq!(listed(None, agent.clone()).await, [numbers[0].clone(), numbers[2].clone()]);
        assert_eq!(listed(account, agent).await, numbers[..1]);
        assert_eq!(listed(Some(samples::account_sid(404)), None).await, []);
        assert_eq!(listed(None, None).await, numbers);
    }

    /// Pages of any size return each number once, in the order of the texts, with or without a
    /// filter.
    pub async fn pages_of_numbers_follow_each_other(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let mut expected = Vec::new();
        // In this order, a number precedes longer numbers that begin with it.
        for text in
            ["+1415555", "+14155550", "+14155550100", "+1415556", "+442079460958", "+6421555010"]
                .into_iter()
                .chain(SENDERS)
        {
            let sender = Sender::parse(text).unwrap();
            expected.push(Number { sender, ..samples::number(1, &account, Some(&agent)) });
        }
        for number in expected.iter().rev() {
            fixture.numbers().add(&fixture.us, number).await.unwrap();
        }
        let foreign = fixture.account(2, &fixture.theirs).await;
        fixture.number(5, &foreign, None).await;
        let both = NumberFilter {
            account: Some(account.sid),
            agent: Some(agent.id),
            ..NumberFilter::default()
        };
        for filter in [NumberFilter::default(), both] {
            let list = async |page| fixture.numbers().list(&fixture.us, &filter, &page).await;
            pages::hold(&expected, |number| number.sender, list).await;
        }
    }

    /// Senders that are no phone numbers are stored, found and removed like numbers. A filter
    /// selects one or the other.
    pub async fn senders_of_every_kind_are_stored_like_numbers(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let number = fixture.number(1, &account, None).await;
        let mut senders = Vec::new();
        for text in SENDERS {
            let sender = Sender::parse(text).unwrap();
            let assignment =
                Assignment { agent: agent.id.clone(), channels: sender.default_channels() };
            let added = Number {
                sender,
                assignment: Some(assignment),
                ..samples::number(1, &account, None)
            };
            fixture.numbers().add(&fixture.us, &added).await.unwrap();
            let found = fixture.numbers().find(&fixture.us, sender).await.unwrap();
            assert_eq!(found.as_ref(), Some(&added));
            senders.push(added);
        }
        for (is_phone, expected) in
            [(true, std::slice::from_ref(&number)), (false, senders.as_slice())]
        {
            let filter = NumberFilter { is_phone: Some(is_phone), ..NumberFilter::default() };
            assert_eq!(filtered(fixture, &fixture.us, &filter).await, expected);
        }
        for sender in &senders {
            fixture.numbers().remove(&fixture.us, sender.sender, Refuse).await.unwrap();
        }
        assert_eq!(listed(fixture, &fixture.us).await, [number]);
    }

    /// A number can be assigned to an agent, reassigned and unassigned. Nothing else about it
    /// changes.
    pub async fn a_number_is_assigned_and_released(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agents = [fixture.agent(1, &fixture.ours).await, fixture.agent(2, &fixture.ours).await];
        let number = fixture.number(1, &account, None).await;
        let other = fixture.number(2, &account, Some(&agents[0])).await;
        for agent in [Some(&agents[0]), Some(&agents[1]), Some(&agents[1]), None, None] {
            let wanted = assigned(&number, agent);
            fixture
                .numbers()
                .assign(&fixture.us, number.sender, wanted.assignment.clone())
                .await
                .unwrap();
            assert_eq!(listed(fixture, &fixture.us).await, [wanted, other.clone()]);
        }
    }

    /// Assigning a number that does not exist does not add it.
    pub async fn a_number_that_is_not_there_cannot_be_assigned(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        for assignment in [Some(samples::assignment(&agent)), None] {
            for scope in [&fixture.us, &samples::operator()] {
                let result =
                    fixture.numbers().assign(scope, samples::sender(1), assignment.clone()).await;
                assert_missing(result, Entity::Number);
            }
        }
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// A number of another organization looks as if it did not exist, whichever agent it is
    /// assigned to.
    pub async fn a_number_of_another_organization_cannot_be_assigned(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.theirs).await;
        let (mine, theirs) =
            (fixture.agent(1, &fixture.ours).await, fixture.agent(2, &fixture.theirs).await);
        let number = fixture.number(1, &account, Some(&theirs)).await;
        for agent in [Some(&mine), Some(&theirs), None] {
            let assignment = agent.map(samples::assignment);
            let result = fixture.numbers().assign(&fixture.us, number.sender, assignment).await;
            assert_missing(result, Entity::Number);
        }
        assert_eq!(listed(fixture, &fixture.them).await, [number]);
    }

    /// A number can be assigned only to an agent of its own organization, even by the operator.
    pub async fn a_number_is_assigned_to_an_agent_of_its_own_organization_only(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let (mine, theirs) =
            (fixture.agent(1, &fixture.ours).await, fixture.agent(2, &fixture.theirs).await);
        let number = fixture.number(1, &account, Some(&mine)).await;
        for assignment in [samples::assignment(&theirs), to_nobody()] {
            for scope in [&fixture.us, &samples::operator()] {
                let result =
                    fixture.numbers().assign(scope, number.sender, Some(assignment.clone())).await;
                assert_missing(result, Entity::Agent);
            }
        }
        assert_eq!(listed(fixture, &samples::operator()).await, [number]);
    }

    /// If many tasks assign the same number at the same time, all succeed, and one of their
    /// assignments is stored.
    pub async fn a_number_that_is_assigned_by_many_at_once_has_one_of_their_agents(
        fixture: &Fixture,
    ) {
        let account = fixture.account(1, &fixture.ours).await;
        let number = fixture.number(1, &account, None).await;
        let mut agents = Vec::new();
        for n in 0..TASKS {
            agents.push(fixture.agent(n, &fixture.ours).await);
        }
        let results = at_once(|n| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            let assignment = samples::assignment(&agents[n as usize]);
            async move { store.numbers().assign(&us, samples::sender(1), Some(assignment)).await }
        });
        results.await.into_iter().for_each(Result::unwrap);
        let found = fixture.numbers().find(&fixture.us, number.sender).await.unwrap();
        assert!(agents.iter().any(|agent| found.as_ref() == Some(&assigned(&number, Some(agent)))));
    }

    /// A removed number no longer exists, whether it was assigned or not, and any organization can
    /// add it.
    pub async fn a_removed_number_is_gone_and_can_come_back(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let foreign = fixture.account(2, &fixture.theirs).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let other = fixture.number(3, &account, Some(&agent)).await;
        for (n, agent) in [(1, Some(&agent)), (2, None)] {
            let number = fixture.number(n, &account, agent).await;
            fixture.numbers().remove(&fixture.us, number.sender, Refuse).await.unwrap();
            assert_eq!(fixture.numbers().find(&fixture.us, number.sender).await.unwrap(), None);
            assert_eq!(listed(fixture, &fixture.us).await, std::slice::from_ref(&other));
            fixture.number(n, &foreign, None).await;
        }
        fixture.numbers().remove(&samples::operator(), other.sender, Refuse).await.unwrap();
        assert_eq!(listed(fixture, &fixture.us).await, []);
    }

    /// Removing a number that does not exist fails with `Missing`.
    pub async fn a_number_that_is_not_there_cannot_be_removed(fixture: &Fixture) {
        for scope in [&fixture.us, &samples::operator()] {
            assert_missing(
                fixture.numbers().remove(scope, samples::sender(1), Refuse).await,
                Entity::Number,
            );
        }
    }

    /// A number of another organization looks as if it did not exist, and cannot be removed.
    pub async fn a_number_of_another_organization_cannot_be_removed(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.theirs).await;
        let agent = fixture.agent(1, &fixture.theirs).await;
        let number = fixture.number(1, &account, Some(&agent)).await;
        let result = fixture.numbers().remove(&fixture.us, number.sender, Refuse).await;
        assert_missing(result, Entity::Number);
        assert_eq!(listed(fixture, &fixture.them).await, [number]);
    }

    /// The account and the agent of a removed number can be removed.
    pub async fn the_account_and_the_agent_of_a_removed_number_can_be_removed(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let number = fixture.number(1, &account, Some(&agent)).await;
        assert_in_use(
            fixture.accounts().remove(&fixture.us, account.sid, None).await,
            Entity::Account,
        );
        assert_in_use(fixture.agents().remove(&fixture.us, &agent.id, None).await, Entity::Agent);
        fixture.numbers().remove(&fixture.us, number.sender, Refuse).await.unwrap();
        fixture.accounts().remove(&fixture.us, account.sid, None).await.unwrap();
        fixture.agents().remove(&fixture.us, &agent.id, None).await.unwrap();
    }

    /// If many tasks remove the same number at the same time, exactly one succeeds.
    pub async fn a_number_that_is_removed_by_many_at_once_is_removed_once(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let number = fixture.number(1, &account, None).await;
        let results = at_once(|_| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            async move { store.numbers().remove(&us, number.sender, Refuse).await }
        });
        assert_missing_but_for_one(results.await, Entity::Number);
    }

    /// `Refuse` keeps a number whose configuration is saved, and `Discard` removes it with what is saved.
    pub async fn a_number_with_a_saved_configuration_stays(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let number = fixture.number(1, &account, None).await;
        let (numbers, configurations) = (fixture.numbers(), fixture.configurations());
        let (us, sender, saved) = (&fixture.us, number.sender, samples::adopted(1));
        configurations.take(us, sender, None, Some(saved.clone())).await.unwrap();
        let kept = numbers.remove(us, sender, Refuse).await;
        assert_in_use_by(kept, Entity::Number, Entity::Configuration);
        for saved in [Refuse, Discard] {
            assert_missing(numbers.remove(&fixture.them, sender, saved).await, Entity::Number);
        }
        assert_eq!(listed(fixture, us).await, [number]);
        configurations.take(us, sender, Some(&saved), None).await.unwrap();
        configurations.take(us, sender, None, Some(saved)).await.unwrap();
        numbers.remove(us, sender, Discard).await.unwrap();
        assert_eq!(listed(fixture, us).await, []);
    }

    /// A number is either removed or its configuration saved, if both are tried at the same time.
    pub async fn a_number_is_removed_or_its_configuration_saved(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let number = fixture.number(1, &account, None).await;
        let results = at_once(|n| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            async move {
                let sender = number.sender;
                if n % 2 == 0 {
                    (true, store.numbers().remove(&us, sender, Refuse).await)
                } else {
                    let saved = Some(samples::adopted(n));
                    (false, store.configurations().take(&us, sender, None, saved).await)
                }
            }
        });
        let results = results.await;
        let done: Vec<_> =
            results.iter().filter(|(_, result)| result.is_ok()).map(|(is, _)| *is).collect();
        let [was_removed] = *done else { panic!("{results:?}") };
        for (removes, result) in results {
            match result {
                Ok(()) => {}
                missing if was_removed => assert_missing(missing, Entity::Number),
                kept if removes => assert_in_use_by(kept, Entity::Number, Entity::Configuration),
                later => assert_changed(later, Entity::Number),
            }
        }
        assert_eq!(listed(fixture, &fixture.us).await.len(), usize::from(!was_removed));
    }
}
