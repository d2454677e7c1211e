//! The laws of [`ConfigurationStore`](switchboard_domain::ports::ConfigurationStore).
//!
//! The laws cannot test that a saved configuration survives a power failure. Each adapter tests
//! this itself.

use switchboard_domain::number::RepairPolicy;
use switchboard_domain::ports::{ConfiguredNumber, DecidingPlan};

use crate::concurrent::at_once;
use crate::expect_error::{assert_changed, assert_missing};
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// A number for which no configuration is stored.
fn untouched(number: &Number) -> ConfiguredNumber {
    ConfiguredNumber {
        number: number.clone(),
        adopted: None,
        policy: RepairPolicy::Manual,
        observation: None,
        plan: None,
    }
}

/// Adds a number with its own account.
async fn number(fixture: &Fixture, n: u32, owner: &Author) -> Number {
    let owner = if *owner == fixture.us { &fixture.ours } else { &fixture.theirs };
    let account = fixture.account(n, owner).await;
    fixture.number(n, &account, None).await
}

/// Returns what is stored about a number, as the operator sees it.
async fn found(fixture: &Fixture, sender: Sender) -> Option<ConfiguredNumber> {
    fixture.configurations().find(&samples::operator(), sender).await.unwrap()
}

/// Lists every number in a scope that a filter selects.
async fn filtered(
    fixture: &Fixture,
    scope: &Scope,
    filter: &NumberFilter,
) -> Vec<ConfiguredNumber> {
    fixture.configurations().list(scope, filter, &Page::first(1_000)).await.unwrap()
}

/// Saves as one who has just read what is saved.
async fn take(fixture: &Fixture, number: &Number, adopted: Option<AdoptedConfiguration>) {
    let before = found(fixture, number.sender).await.unwrap().adopted;
    let store = fixture.configurations();
    store.take(&fixture.us, number.sender, before.as_ref(), adopted).await.unwrap();
}

async fn observe(fixture: &Fixture, scope: &Scope, seen: &[(Sender, Observation)]) {
    fixture.configurations().observe(scope, seen).await.unwrap();
}

/// Stores every value that can be stored about a number, and returns the expected result.
async fn fill(fixture: &Fixture, number: &Number) -> ConfiguredNumber {
    let filled = ConfiguredNumber {
        number: number.clone(),
        adopted: Some(samples::adopted(1)),
        policy: RepairPolicy::Automatic,
        observation: Some(samples::observation("seen", 1)),
        plan: None,
    };
    let (scope, sender) = (&samples::operator(), number.sender);
    fixture.configurations().take(scope, sender, None, filled.adopted.clone()).await.unwrap();
    fixture.configurations().set_policy(scope, sender, filled.policy).await.unwrap();
    observe(fixture, scope, &[(sender, filled.observation.clone().unwrap())]).await;
    filled
}

/// A number of account 1, as an import contains it.
fn imported(n: u32) -> ImportedNumber {
    ImportedNumber {
        sender: samples::sender(n),
        account: samples::account_sid(1),
        agent: None,
        channels: Channels::VOICE_AND_SMS,
    }
}

/// An import of account 1 and some of its numbers.
fn import(fixture: &Fixture, numbers: impl IntoIterator<Item = ImportedNumber>) -> Import {
    Import {
        organization: fixture.ours.clone(),
        accounts: vec![samples::account(1, &fixture.ours)],
        agents: Vec::new(),
        numbers: numbers.into_iter().collect(),
        at: samples::at(0),
    }
}

#[laws(configurations::configuration_laws)]
pub mod laws {
    use super::*;

    /// A new number has no observation, no saved configuration, and the manual repair policy.
    pub async fn nothing_is_kept_of_a_new_number(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.us).await;
        assert_eq!(found(fixture, number.sender).await, Some(untouched(&number)));
        assert_eq!(
            filtered(fixture, &fixture.us, &NumberFilter::default()).await,
            [untouched(&number)]
        );
    }

    /// The previous and the written configuration, the SIDs, the policy and the observation (with
    /// its time to the microsecond) are stored exactly, together with the assignment.
    pub async fn everything_that_is_kept_is_found(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let number = fixture.number(1, &account, Some(&agent)).await;
        let filled = fill(fixture, &number).await;
        assert_eq!(found(fixture, number.sender).await.as_ref(), Some(&filled));
        assert_eq!(filtered(fixture, &fixture.us, &NumberFilter::default()).await, [filled]);
    }

    /// The nearest plan decides: the number's own, or else its account's, or else its
    /// organization's.
    pub async fn the_deciding_plan_is_found(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.us).await;
        let places = [
            PlanPlace::Organization(fixture.ours.clone()),
            PlanPlace::Account(number.account),
            PlanPlace::Number(number.sender),
        ];
        let mut deciding = Vec::new();
        for (n, place) in (1..).zip(places) {
            let plan = fixture.plan(n, &fixture.ours).await;
            fixture.attach(&place, Some(&plan)).await;
            deciding.push(DecidingPlan { id: plan.id, place });
            let expected = deciding.last().cloned();
            let expected = ConfiguredNumber { plan: expected, ..untouched(&number) };
            assert_eq!(found(fixture, number.sender).await.as_ref(), Some(&expected));
            assert_eq!(filtered(fixture, &fixture.us, &NumberFilter::default()).await, [expected]);
        }
        for nearest in deciding.iter().rev() {
            let plan = found(fixture, number.sender).await.unwrap().plan;
            assert_eq!(plan.as_ref(), Some(nearest));
            fixture.attach(&nearest.place, None).await;
        }
        assert_eq!(found(fixture, number.sender).await, Some(untouched(&number)));
    }

    /// A saved configuration and an observation without any field differ from none.
    pub async fn empty_configurations_differ_from_none(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.us).await;
        let silent = AdoptedConfiguration {
            sender: None,
            service: None,
            before: Configuration::new(),
            ours: Configuration::new(),
            ..samples::adopted(1)
        };
        take(fixture, &number, Some(silent.clone())).await;
        let seen = Observation { configuration: Configuration::new(), at: samples::at(1) };
        observe(fixture, &fixture.us, &[(number.sender, seen.clone())]).await;
        let expected = ConfiguredNumber {
            adopted: Some(silent),
            observation: Some(seen),
            ..untouched(&number)
        };
        assert_eq!(found(fixture, number.sender).await, Some(expected));
    }

    /// Looking up a number that does not exist is not an error.
    pub async fn what_was_never_added_is_not_found(fixture: &Fixture) {
        assert_eq!(found(fixture, samples::sender(1)).await, None);
        assert_eq!(filtered(fixture, &samples::operator(), &NumberFilter::default()).await, []);
    }

    /// What is stored about one number does not affect another number.
    pub async fn other_numbers_stay_as_they_are(fixture: &Fixture) {
        let (one, two) =
            (number(fixture, 1, &fixture.us).await, number(fixture, 2, &fixture.us).await);
        let filled = fill(fixture, &one).await;
        let listed = filtered(fixture, &fixture.us, &NumberFilter::default()).await;
        assert_eq!(listed, [filled, untouched(&two)]);
    }

    /// Assigning a number or importing it again keeps its stored configuration.
    pub async fn who_answers_does_not_touch_what_is_kept(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.us).await;
        let filled = fill(fixture, &number).await;
        fixture.imports().import(&fixture.operator, &import(fixture, [imported(1)])).await.unwrap();
        assert_eq!(found(fixture, number.sender).await.as_ref(), Some(&filled));
        let agent = fixture.agent(1, &fixture.ours).await;
        fixture.assign(&number, Some(&agent)).await;
        let assignment = Some(samples::assignment(&agent));
        let expected =
            ConfiguredNumber { number: Number { assignment, ..number.clone() }, ..filled };
        assert_eq!(found(fixture, number.sender).await, Some(expected));
    }

    /// Saving again keeps the previous values that were saved first, and replaces the written
    /// values.
    pub async fn what_is_taken_again_keeps_what_was_there_first(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.us).await;
        let first = AdoptedConfiguration {
            before: Configuration::new().with(Field::VoiceUrl, "https://first"),
            ours: Configuration::new().with(Field::VoiceUrl, "https://ours"),
            ..samples::adopted(1)
        };
        let again = samples::adopted(2);
        take(fixture, &number, Some(first.clone())).await;
        take(fixture, &number, Some(again.clone())).await;
        let kept = found(fixture, number.sender).await.unwrap().adopted.unwrap();
        assert_eq!(kept.before.get(Field::VoiceUrl), Some("https://first"));
        assert_eq!(kept.before.get(Field::SmsUrl), again.before.get(Field::SmsUrl));
        assert_eq!(kept, first.then(again));
    }

    /// After the saved configuration is deleted, the next one is saved as the first one.
    pub async fn what_was_given_back_is_forgotten(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.us).await;
        take(fixture, &number, Some(samples::adopted(1))).await;
        for _ in 0..2 {
            take(fixture, &number, None).await;
            assert_eq!(found(fixture, number.sender).await, Some(untouched(&number)));
        }
        take(fixture, &number, Some(samples::adopted(2))).await;
        let kept = found(fixture, number.sender).await.unwrap().adopted;
        assert_eq!(kept, Some(samples::adopted(2)));
    }

    /// Of many tasks that save, or delete, what they have read at the same time, exactly one succeeds.
    pub async fn of_many_who_take_at_once_one_succeeds(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.us).await;
        for before in [None, Some(samples::adopted(100))] {
            take(fixture, &number, None).await;
            take(fixture, &number, before.clone()).await;
            let results = at_once(|n| {
                let store = fixture.store();
                let (us, sender, before) = (fixture.us.clone(), number.sender, before.clone());
                let adopted = (n > 0 || before.is_none()).then(|| samples::adopted(n));
                async move {
                    let taken = store.configurations().take(&us, sender, before.as_ref(), adopted);
                    (n, taken.await)
                }
            });
            let mut winners = Vec::new();
            for (n, result) in results.await {
                match result {
                    Ok(()) => winners.push(n),
                    refused => assert_changed(refused, Entity::Number),
                }
            }
            let [winner] = *winners else { panic!("{winners:?} have saved from {before:?}") };
            let kept = found(fixture, number.sender).await.unwrap().adopted;
            let expected = match &before {
                None => Some(samples::adopted(winner)),
                Some(_) if winner == 0 => None,
                Some(before) => Some(before.clone().then(samples::adopted(winner))),
            };
            assert_eq!(kept, expected);
        }
    }

    /// Nothing is saved or deleted by one who has read something else, not even by one who has read nothing.
    pub async fn what_was_read_before_another_took_it_changes_nothing(fixture: &Fixture) {
        let (number, store) = (number(fixture, 1, &fixture.us).await, fixture.configurations());
        let one = samples::adopted(1);
        let (us, sender) = (&fixture.us, number.sender);
        let early = store.take(us, sender, Some(&one), Some(samples::adopted(2))).await;
        assert_changed(early, Entity::Number);
        assert_eq!(found(fixture, sender).await, Some(untouched(&number)));
        take(fixture, &number, Some(one.clone())).await;
        for before in [None, Some(&samples::adopted(3))] {
            for adopted in [Some(samples::adopted(2)), None] {
                assert_changed(store.take(us, sender, before, adopted).await, Entity::Number);
            }
        }
        assert_eq!(found(fixture, sender).await.unwrap().adopted, Some(one));
    }

    /// Nothing can be stored about a number that does not exist.
    pub async fn a_number_that_is_not_there_cannot_be_taken_and_has_no_policy(fixture: &Fixture) {
        let (store, phone) = (fixture.configurations(), samples::sender(1));
        for scope in [&fixture.us, &samples::operator()] {
            for adopted in [Some(samples::adopted(1)), None] {
                assert_missing(store.take(scope, phone, None, adopted).await, Entity::Number);
            }
            let policy = RepairPolicy::Automatic;
            assert_missing(store.set_policy(scope, phone, policy).await, Entity::Number);
        }
        assert_eq!(found(fixture, phone).await, None);
    }

    /// Both repair policies are stored exactly.
    pub async fn every_policy_survives(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.us).await;
        for policy in RepairPolicy::ALL.into_iter().rev() {
            fixture.configurations().set_policy(&fixture.us, number.sender, policy).await.unwrap();
            let expected = ConfiguredNumber { policy, ..untouched(&number) };
            assert_eq!(found(fixture, number.sender).await, Some(expected));
        }
    }

    /// A later observation replaces an earlier one completely, and an earlier one never replaces a
    /// later one.
    pub async fn what_was_seen_earlier_changes_nothing(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.us).await;
        for (word, second, stands) in [
            ("first", 5, "first"),
            ("earlier", 4, "first"),
            ("later", 6, "later"),
            ("old", 0, "later"),
        ] {
            observe(fixture, &fixture.us, &[(number.sender, samples::observation(word, second))])
                .await;
            let seen = found(fixture, number.sender).await.unwrap().observation.unwrap();
            assert_eq!(seen.configuration, samples::configuration(stands), "{word}");
        }
        let bare = Configuration::new().with(Field::SmsUrl, "");
        let last = Observation { configuration: bare, at: samples::at(7) };
        observe(fixture, &fixture.us, &[(number.sender, last.clone())]).await;
        assert_eq!(found(fixture, number.sender).await.unwrap().observation, Some(last));
    }

    /// If a number is observed twice in one call, the later observation is stored.
    pub async fn of_a_number_that_was_seen_twice_the_last_time_counts(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.us).await;
        let seen = [("one", 3), ("two", 9), ("three", 5)];
        let seen = seen.map(|(word, second)| (number.sender, samples::observation(word, second)));
        observe(fixture, &fixture.us, &seen).await;
        let kept = found(fixture, number.sender).await.unwrap().observation;
        assert_eq!(kept, Some(samples::observation("two", 9)));
        observe(fixture, &fixture.us, &[]).await;
    }

    /// An observation of a number that does not exist is ignored, and the others are stored.
    pub async fn what_was_seen_of_a_number_that_is_gone_changes_nothing(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.us).await;
        let seen = [2, 1, 3].map(|n| (samples::sender(n), samples::observation("seen", 1)));
        observe(fixture, &fixture.us, &seen).await;
        let expected = ConfiguredNumber {
            observation: Some(samples::observation("seen", 1)),
            ..untouched(&number)
        };
        assert_eq!(
            filtered(fixture, &samples::operator(), &NumberFilter::default()).await,
            [expected]
        );
    }

    /// Thousands of numbers can be observed in one call, by several tasks at the same time and in
    /// any order.
    pub async fn thousands_of_numbers_are_seen_at_once(fixture: &Fixture) {
        const MANY: u32 = 3_000;
        fixture
            .imports()
            .import(&fixture.operator, &import(fixture, (0..MANY).map(imported)))
            .await
            .unwrap();
        let results = at_once(|writer| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            let seen = samples::observation("seen", i64::from(writer % 2));
            let mut all: Vec<_> = (0..MANY).map(|n| (samples::sender(n), seen.clone())).collect();
            if writer % 4 < 2 {
                all.reverse();
            }
            async move {
                if writer < 4 { store.configurations().observe(&us, &all).await } else { Ok(()) }
            }
        });
        results.await.into_iter().for_each(Result::unwrap);
        let page = async |page| {
            fixture.configurations().list(&fixture.us, &NumberFilter::default(), &page).await
        };
        let kept = pages::all(1_000, |kept| kept.number.sender, page).await;
        let expected = samples::observation("seen", 1);
        assert_eq!(kept.len(), MANY as usize);
        assert!(kept.iter().all(|kept| kept.observation.as_ref() == Some(&expected)));
    }

    /// Knowing a number of another organization does not give access to its configuration.
    pub async fn what_is_kept_for_another_organization_is_not_found(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.them).await;
        let filled = fill(fixture, &number).await;
        let phone = number.sender;
        assert_eq!(fixture.configurations().find(&fixture.us, phone).await.unwrap(), None);
        assert_eq!(
            fixture.configurations().find(&fixture.them, phone).await.unwrap().as_ref(),
            Some(&filled)
        );
        assert_eq!(found(fixture, phone).await, Some(filled));
    }

    /// An organization lists only its own numbers. The operator lists all of them.
    pub async fn what_is_kept_for_another_organization_is_not_listed(fixture: &Fixture) {
        let mine = number(fixture, 2, &fixture.us).await;
        let first = fill(fixture, &number(fixture, 1, &fixture.them).await).await;
        let last = fill(fixture, &number(fixture, 3, &fixture.them).await).await;
        let all = NumberFilter::default();
        assert_eq!(filtered(fixture, &fixture.us, &all).await, [untouched(&mine)]);
        assert_eq!(filtered(fixture, &fixture.them, &all).await, [first.clone(), last.clone()]);
        assert_eq!(
            filtered(fixture, &samples::operator(), &all).await,
            [first, untouched(&mine), last]
        );
        let theirs =
            NumberFilter { account: Some(samples::account_sid(1)), ..NumberFilter::default() };
        assert_eq!(filtered(fixture, &fixture.us, &theirs).await, []);
    }

    /// An organization cannot change the configuration, policy or observation of a number of
    /// another organization.
    pub async fn what_is_kept_for_another_organization_is_not_changed(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.them).await;
        let filled = fill(fixture, &number).await;
        let (store, phone) = (fixture.configurations(), number.sender);
        for adopted in [Some(samples::adopted(2)), None] {
            assert_missing(store.take(&fixture.us, phone, None, adopted).await, Entity::Number);
        }
        for policy in RepairPolicy::ALL {
            assert_missing(store.set_policy(&fixture.us, phone, policy).await, Entity::Number);
        }
        observe(fixture, &fixture.us, &[(phone, samples::observation("later", 100))]).await;
        assert_eq!(found(fixture, phone).await, Some(filled));
    }

    /// The operator and the owner can read and change the configuration of a number.
    pub async fn what_one_may_see_one_may_change(fixture: &Fixture) {
        for (n, scope) in (1..).zip([&fixture.us, &fixture.them, &fixture.operator]) {
            let owner = if *scope == fixture.us { &fixture.us } else { &fixture.them };
            let number = number(fixture, n, owner).await;
            let (store, phone) = (fixture.configurations(), number.sender);
            store.take(scope, phone, None, Some(samples::adopted(n))).await.unwrap();
            store.set_policy(scope, phone, RepairPolicy::Automatic).await.unwrap();
            observe(fixture, scope, &[(phone, samples::observation("seen", 1))]).await;
            let kept = store.find(scope, phone).await.unwrap().unwrap();
            assert_eq!(kept.adopted, Some(samples::adopted(n)));
            assert_eq!(kept.policy, RepairPolicy::Automatic);
            assert!(kept.observation.is_some());
        }
    }

    /// A filter selects the numbers of an account, of an agent, or of both.
    pub async fn a_filter_shows_the_numbers_of_an_account_and_of_an_agent(fixture: &Fixture) {
        let one = fixture.account(1, &fixture.ours).await;
        let two = fixture.account(2, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let numbers = [
            fixture.number(1, &one, Some(&agent)).await,
            fixture.number(2, &one, None).await,
            fixture.number(3, &two, Some(&agent)).await,
        ];
        let shown = async |account: Option<u32>, agent: Option<u32>| {
            let filter = NumberFilter {
                account: account.map(samples::account_sid),
                agent: agent.map(samples::agent_id),
                is_phone: None,
            };
            let kept = filtered(fixture, &fixture.us, &filter).await;
            kept.into_iter().map(|kept| kept.number).collect::<Vec<_>>()
        };
        assert_eq!(shown(None, None).await, numbers);
        assert_eq!(shown(Some(1), None).await, numbers[..2]);
        assert_eq!(shown(None, Some(1)).await, [numbers[0].clone(), numbers[2].clone()]);
        assert_eq!(shown(Some(2), Some(1)).await, numbers[2..]);
        assert_eq!(shown(Some(404), None).await, []);
    }

    /// Pages of any size return each number once, in order.
    pub async fn pages_of_what_is_kept_follow_each_other(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let foreign = fixture.account(2, &fixture.theirs).await;
        let mut expected = Vec::new();
        for n in [4, 1, 5, 3, 2] {
            expected.push(fill(fixture, &fixture.number(n, &account, None).await).await);
            fixture.number(100 + n, &foreign, None).await;
        }
        expected.sort_by_key(|kept| kept.number.sender);
        let list = async |page| {
            fixture.configurations().list(&fixture.us, &NumberFilter::default(), &page).await
        };
        pages::hold(&expected, |kept| kept.number.sender, list).await;
    }

    /// Removing a number deletes its stored configuration, which does not return if the number is
    /// added again.
    pub async fn what_is_kept_goes_with_its_number(fixture: &Fixture) {
        let number = number(fixture, 1, &fixture.us).await;
        fill(fixture, &number).await;
        fixture
            .numbers()
            .remove(&fixture.us, number.sender, SavedConfiguration::Discard)
            .await
            .unwrap();
        assert_eq!(found(fixture, number.sender).await, None);
        fixture.numbers().add(&fixture.us, &number).await.unwrap();
        assert_eq!(found(fixture, number.sender).await, Some(untouched(&number)));
    }
}
