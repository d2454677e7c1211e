//! The laws of [`SubscriptionStore`](switchboard_domain::ports::SubscriptionStore) and of
//! [`SubscriptionSecretStore`](switchboard_domain::ports::SubscriptionSecretStore) about subscriptions and their secrets.

use switchboard_domain::event::EventTypes;
use switchboard_domain::identifier::SubscriptionId;
use switchboard_domain::ports::SubscriptionSecret;
use switchboard_domain::subscription::{DisabledReason, Subscription, SubscriptionState};

use crate::concurrent::at_once;
use crate::expect_error::{assert_changed, assert_missing};
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// Subscription `n` of an organization to these types.
pub(crate) fn sample(n: u8, owner: &OrganizationId, types: &str) -> Subscription {
    Subscription {
        id: SubscriptionId::new(samples::at(n.into()), [n; 10]),
        organization: owner.clone(),
        url: WebUrl::parse(&format!("https://example.com/events/{n}?key=é")).unwrap(),
        types: EventTypes::parse(types).unwrap(),
        state: SubscriptionState::Enabled,
        created_at: samples::at(n.into()),
    }
}

fn secret(subscription: &Subscription, number: i64) -> SubscriptionSecret {
    SubscriptionSecret {
        subscription: subscription.id.clone(),
        number,
        sealed: Sealed::from_bytes(format!("sealed {number}").into_bytes()),
        expires_at: None,
    }
}

/// More subscriptions than the laws add to an organization.
const MANY: u32 = 100;

/// Adds subscription `n` of an organization to these types.
pub(crate) async fn subscribe(
    fixture: &Fixture,
    n: u8,
    owner: &OrganizationId,
    types: &str,
) -> Subscription {
    let new = sample(n, owner, types);
    let secret = secret(&new, 1);
    fixture.subscriptions().add(&samples::operator(), &new, &secret, MANY).await.unwrap();
    new
}

pub(crate) async fn find(fixture: &Fixture, known: &Subscription) -> Option<Subscription> {
    fixture.subscriptions().find(&samples::operator(), &known.id).await.unwrap()
}

pub(crate) fn disabled(known: &Subscription, second: i64) -> Subscription {
    let state = SubscriptionState::Disabled {
        reason: DisabledReason::Operator,
        since: samples::at(second),
    };
    Subscription { state, ..known.clone() }
}

/// The numbers and the expiries of the secrets of a subscription, newest first.
async fn known(
    fixture: &Fixture,
    scope: &Scope,
    subscription: &Subscription,
) -> Vec<(i64, Option<Timestamp>)> {
    let secrets = fixture.subscription_secrets().secrets(scope, &subscription.id).await.unwrap();
    secrets.into_iter().map(|secret| (secret.number, secret.expires_at)).collect()
}

#[laws(subscriptions::subscription_laws)]
pub mod laws {
    use super::*;

    /// Subscriptions are stored exactly, and listed oldest first.
    pub async fn subscriptions_are_found_as_they_were_added(fixture: &Fixture) {
        let later = subscribe(fixture, 2, &fixture.ours, "call.*,message.failed").await;
        let earlier = subscribe(fixture, 1, &fixture.ours, "*").await;
        let off = disabled(&sample(3, &fixture.theirs, "optout.changed"), 9);
        fixture.subscriptions().add(&fixture.them, &off, &secret(&off, 1), MANY).await.unwrap();
        for one in [&later, &earlier, &off] {
            assert_eq!(find(fixture, one).await.as_ref(), Some(one));
        }
        for (scope, listed) in [
            (&fixture.us, vec![earlier.clone(), later.clone()]),
            (&fixture.them, vec![off.clone()]),
            (&samples::operator(), vec![earlier.clone(), later, off]),
        ] {
            let read = async |page| fixture.subscriptions().list(scope, &page).await;
            pages::hold(&listed, |one| one.id.clone(), read).await;
        }
        let secrets =
            fixture.subscription_secrets().secrets(&fixture.us, &earlier.id).await.unwrap();
        assert_eq!(secrets, [secret(&earlier, 1)]);
    }

    /// An id is used once, and only for an organization that exists and that the scope covers.
    pub async fn a_refused_subscription_changes_nothing(fixture: &Fixture) {
        let first = subscribe(fixture, 1, &fixture.ours, "*").await;
        let add = async |scope: &Author, new: &Subscription| {
            fixture.subscriptions().add(scope, new, &secret(new, 2), MANY).await
        };
        let again = Subscription { organization: fixture.theirs.clone(), ..first.clone() };
        let again = add(&samples::operator(), &again).await;
        assert!(matches!(again, Err(StoreError::Exists { entity: Entity::Subscription })));
        let new = sample(2, &fixture.ours, "*");
        assert_missing(add(&fixture.them, &new).await, Entity::Organization);
        let nobody = sample(2, &samples::organization(9), "*");
        assert_missing(add(&samples::operator(), &nobody).await, Entity::Organization);
        let all =
            fixture.subscriptions().list(&samples::operator(), &Page::first(9)).await.unwrap();
        assert_eq!(all, std::slice::from_ref(&first));
        assert_eq!(known(fixture, &fixture.us, &first).await, [(1, None)]);
    }

    /// An organization has no more subscriptions than the maximum, even if many are added at the same time. Those of others do not
    /// count.
    pub async fn no_more_subscriptions_are_added_than_there_may_be(fixture: &Fixture) {
        const MAX: u32 = 3;
        for n in 101..=105 {
            subscribe(fixture, n, &fixture.theirs, "*").await;
        }
        subscribe(fixture, 100, &fixture.ours, "*").await;
        let results = at_once(|n| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            let new = sample(u8::try_from(n).unwrap(), &fixture.ours, "*");
            async move { store.subscriptions().add(&us, &new, &secret(&new, 1), MAX).await }
        });
        let (added, refused): (Vec<_>, Vec<_>) = results.await.into_iter().partition(Result::is_ok);
        assert_eq!(added.len(), 2);
        for refused in refused {
            let is_full = matches!(refused, Err(StoreError::Full { entity: Entity::Subscription }));
            assert!(is_full, "{refused:?}");
        }
        let page = Page::first(MANY);
        let listed = fixture.subscriptions().list(&fixture.us, &page).await.unwrap();
        assert_eq!(listed.len(), MAX as usize);
        fixture.subscriptions().remove(&fixture.us, &listed[0].id, None).await.unwrap();
        let new = sample(99, &fixture.ours, "*");
        let added = fixture.subscriptions().add(&fixture.us, &new, &secret(&new, 1), MAX).await;
        added.unwrap();
    }

    /// URL, types and state can be changed.
    pub async fn a_subscription_can_be_changed(fixture: &Fixture) {
        let first = subscribe(fixture, 1, &fixture.ours, "*").await;
        let other = subscribe(fixture, 2, &fixture.ours, "*").await;
        let changed = Subscription {
            url: WebUrl::parse("https://example.com/other").unwrap(),
            types: EventTypes::parse("message.*").unwrap(),
            ..disabled(&first, 7)
        };
        fixture.subscriptions().update(&fixture.us, None, &changed).await.unwrap();
        assert_eq!(find(fixture, &first).await, Some(changed.clone()));
        assert_eq!(find(fixture, &other).await, Some(other));
        let enabled = Subscription { state: SubscriptionState::Enabled, ..changed };
        fixture.subscriptions().update(&fixture.us, None, &enabled).await.unwrap();
        assert_eq!(find(fixture, &first).await, Some(enabled));
    }

    /// After any change of a subscription, it is neither changed nor removed by someone who has not seen the change.
    pub async fn a_change_of_a_subscription_that_was_not_seen_is_not_overwritten(
        fixture: &Fixture,
    ) {
        let first = subscribe(fixture, 1, &fixture.ours, "*").await;
        let store = fixture.subscriptions();
        let mine = Subscription { types: EventTypes::parse("call.*").unwrap(), ..first.clone() };
        let url = WebUrl::parse("https://example.com/other").unwrap();
        let types = EventTypes::parse("message.*").unwrap();
        for changed in [
            Subscription { url, ..first.clone() },
            Subscription { types, ..first.clone() },
            disabled(&first, 7),
            disabled(&first, 8),
        ] {
            store.update(&fixture.us, None, &changed).await.unwrap();
            for scope in [&fixture.us, &samples::operator()] {
                let outrun = store.update(scope, Some(&first), &mine).await;
                assert_changed(outrun, Entity::Subscription);
                let outrun = store.remove(scope, &first.id, Some(&first)).await;
                assert_changed(outrun, Entity::Subscription);
            }
            let foreign = store.update(&fixture.them, Some(&changed), &mine).await;
            assert_missing(foreign, Entity::Subscription);
            let foreign = store.remove(&fixture.them, &first.id, Some(&changed)).await;
            assert_missing(foreign, Entity::Subscription);
            assert_eq!(find(fixture, &first).await, Some(changed.clone()));
            store.update(&fixture.us, Some(&changed), &first).await.unwrap();
        }
        store.remove(&fixture.us, &first.id, Some(&first)).await.unwrap();
        assert_eq!(find(fixture, &first).await, None);
    }

    /// If many tasks change the same subscription as they read it, exactly one of them succeeds.
    pub async fn of_many_changes_of_a_subscription_as_it_was_read_one_wins(fixture: &Fixture) {
        let first = subscribe(fixture, 1, &fixture.ours, "*").await;
        let results = at_once(|n| {
            let (store, us, first) = (fixture.store(), fixture.us.clone(), first.clone());
            let wanted = disabled(&first, n.into());
            async move { store.subscriptions().update(&us, Some(&first), &wanted).await }
        });
        let results = results.await;
        let winners: Vec<_> = (0..).zip(&results).filter(|(_, one)| one.is_ok()).collect();
        assert_eq!(winners.len(), 1, "{results:?}");
        assert_eq!(find(fixture, &first).await, Some(disabled(&first, winners[0].0)));
        for result in results.into_iter().filter(Result::is_err) {
            assert_changed(result, Entity::Subscription);
        }
    }

    /// Another organization neither sees, changes nor removes a subscription, and cannot use its secrets.
    pub async fn a_subscription_of_another_organization_is_missing(fixture: &Fixture) {
        let ours = subscribe(fixture, 1, &fixture.ours, "*").await;
        let store = fixture.subscriptions();
        let them = &fixture.them;
        assert_eq!(store.find(them, &ours.id).await.unwrap(), None);
        assert_missing(store.update(them, None, &disabled(&ours, 1)).await, Entity::Subscription);
        assert_missing(store.remove(them, &ours.id, None).await, Entity::Subscription);
        let second = secret(&ours, 2);
        let secrets = fixture.subscription_secrets();
        let added = secrets.add_secret(them, &second, samples::at(1), samples::at(2)).await;
        assert_missing(added, Entity::Subscription);
        assert_eq!(known(fixture, them, &ours).await, []);
        assert_eq!(find(fixture, &ours).await, Some(ours.clone()));
        assert_eq!(known(fixture, &fixture.us, &ours).await, [(1, None)]);
    }

    /// A subscription is removed with its secrets.
    pub async fn a_removed_subscription_has_no_secrets(fixture: &Fixture) {
        let first = subscribe(fixture, 1, &fixture.ours, "*").await;
        fixture.subscriptions().remove(&fixture.us, &first.id, None).await.unwrap();
        assert_eq!(find(fixture, &first).await, None);
        assert_eq!(known(fixture, &fixture.us, &first).await, []);
        let again = fixture.subscriptions().remove(&fixture.us, &first.id, None).await;
        assert_missing(again, Entity::Subscription);
        let changed = fixture.subscriptions().update(&fixture.us, None, &first).await;
        assert_missing(changed, Entity::Subscription);
    }

    /// A new secret makes the current one expire, and removes expired ones. Other subscriptions keep theirs, and a number
    /// is used once.
    pub async fn a_new_secret_makes_the_current_one_expire(fixture: &Fixture) {
        let first = subscribe(fixture, 1, &fixture.ours, "*").await;
        let other = subscribe(fixture, 2, &fixture.ours, "*").await;
        let add = async |number: i64, now: i64| {
            let secret = secret(&first, number);
            let (now, expires_at) = (samples::at(now), samples::at(now + 10));
            fixture.subscription_secrets().add_secret(&fixture.us, &secret, now, expires_at).await
        };
        for (number, now) in [(2, 100), (3, 105), (4, 111)] {
            add(number, now).await.unwrap();
        }
        let expected = [(4, None), (3, Some(samples::at(121))), (2, Some(samples::at(115)))];
        assert_eq!(known(fixture, &fixture.us, &first).await, expected);
        assert_eq!(known(fixture, &fixture.us, &other).await, [(1, None)]);
        assert!(matches!(add(4, 112).await, Err(StoreError::Exists { .. })));
        assert_eq!(known(fixture, &fixture.us, &first).await, expected);
        // Each signs every request, so only the newest are kept.
        for number in 5..=9 {
            add(number, 112).await.unwrap();
        }
        let kept = known(fixture, &fixture.us, &first).await.into_iter().map(|(number, _)| number);
        assert_eq!(kept.collect::<Vec<_>>(), [9, 8, 7, 6, 5]);
    }
}
