//! The laws of [`PlanPlaceStore`](switchboard_domain::ports::PlanPlaceStore). The laws of routes
//! cover the effect on routes.

use crate::concurrent::at_once;
use crate::expect_error::assert_missing;
use crate::prelude::*;
use crate::{Fixture, samples};

/// Adds an account and a number, and returns the places of our organization: itself, the account
/// and the number.
async fn our_places(fixture: &Fixture) -> [PlanPlace; 3] {
    let account = fixture.account(1, &fixture.ours).await;
    let number = fixture.number(1, &account, None).await;
    [
        PlanPlace::Organization(fixture.ours.clone()),
        PlanPlace::Account(account.sid),
        PlanPlace::Number(number.sender),
    ]
}

/// Lists what a plan is attached to, for a scope.
async fn places(fixture: &Fixture, scope: &Scope, plan: &SavedPlan) -> Vec<PlanPlace> {
    fixture.plan_places().places(scope, &plan.id).await.unwrap()
}

/// The kind of object of a place.
const fn kind(place: &PlanPlace) -> Entity {
    match place {
        PlanPlace::Organization(_) => Entity::Organization,
        PlanPlace::Account(_) => Entity::Account,
        PlanPlace::Number(_) => Entity::Number,
    }
}

/// Attaches a plan, which must be refused without reporting a change.
async fn refuse(
    fixture: &Fixture,
    scope: &Author,
    place: &PlanPlace,
    plan: Option<&SavedPlan>,
) -> Result<(), StoreError> {
    let plan = plan.map(|plan| plan.id.clone());
    fixture.refuses(fixture.plan_places().attach(scope, place, plan)).await
}

#[laws(plan_places::plan_place_laws)]
pub mod laws {
    use super::*;

    /// A plan can be attached to an organization, an account and a number, also to all of them.
    pub async fn a_plan_is_attached_where_it_was_put(fixture: &Fixture) {
        let plan = fixture.plan(1, &fixture.ours).await;
        let mut attached = Vec::new();
        for place in our_places(fixture).await {
            fixture.plan_places().attach(&fixture.us, &place, Some(plan.id.clone())).await.unwrap();
            attached.push(place);
            assert_eq!(places(fixture, &fixture.us, &plan).await, attached);
            assert_eq!(places(fixture, &samples::operator(), &plan).await, attached);
        }
    }

    /// The organization is listed first, then accounts, then numbers, each in order.
    pub async fn places_come_in_their_order(fixture: &Fixture) {
        let plan = fixture.plan(1, &fixture.ours).await;
        let other = fixture.plan(2, &fixture.ours).await;
        let mut numbers = Vec::new();
        let mut accounts = Vec::new();
        for n in [3, 1, 2, 4] {
            let account = fixture.account(n, &fixture.ours).await;
            for place in [10 - n, 20 - n] {
                let number = PlanPlace::Number(fixture.number(place, &account, None).await.sender);
                let attached = if n == 4 { &other } else { &plan };
                fixture.attach(&number, Some(attached)).await;
                numbers.extend((n != 4).then_some(number));
            }
            let account = PlanPlace::Account(account.sid);
            fixture.attach(&account, Some(if n == 4 { &other } else { &plan })).await;
            accounts.extend((n != 4).then_some(account));
        }
        let organization = PlanPlace::Organization(fixture.ours.clone());
        fixture.attach(&organization, Some(&plan)).await;
        numbers.sort_unstable();
        accounts.sort_unstable();
        let expected = [vec![organization], accounts, numbers].concat();
        assert_eq!(places(fixture, &fixture.us, &plan).await, expected);
    }

    /// A place has at most one plan. Attaching another plan replaces it.
    pub async fn a_place_has_one_plan(fixture: &Fixture) {
        let [one, two] =
            [fixture.plan(1, &fixture.ours).await, fixture.plan(2, &fixture.ours).await];
        for place in our_places(fixture).await {
            fixture.attach(&place, Some(&one)).await;
            fixture.attach(&place, Some(&two)).await;
            assert_eq!(places(fixture, &fixture.us, &one).await, []);
            assert_eq!(places(fixture, &fixture.us, &two).await, std::slice::from_ref(&place));
            for _ in 0..2 {
                fixture.attach(&place, None).await;
                assert_eq!(places(fixture, &fixture.us, &two).await, []);
            }
        }
    }

    /// A new version of a plan stays attached to the same places.
    pub async fn a_new_version_stays_attached(fixture: &Fixture) {
        let plan = fixture.plan(1, &fixture.ours).await;
        let all = our_places(fixture).await;
        for place in &all {
            fixture.attach(place, Some(&plan)).await;
        }
        fixture.plans().save(&fixture.us, &samples::plan(1, &fixture.ours, 2)).await.unwrap();
        assert_eq!(places(fixture, &fixture.us, &plan).await, all);
    }

    /// A place that does not exist can have no plan, and none can be detached from it.
    pub async fn a_place_that_is_not_there_is_refused(fixture: &Fixture) {
        let plan = fixture.plan(1, &fixture.ours).await;
        for place in [
            PlanPlace::Organization(samples::organization(99)),
            PlanPlace::Account(samples::account_sid(99)),
            PlanPlace::Number(samples::sender(99)),
        ] {
            for wanted in [Some(&plan), None] {
                let refused = refuse(fixture, &samples::operator(), &place, wanted).await;
                assert_missing(refused, kind(&place));
            }
        }
    }

    /// Attaching a plan that does not exist fails, and the previous plan stays attached.
    pub async fn a_plan_that_is_not_there_is_not_attached(fixture: &Fixture) {
        let plan = fixture.plan(1, &fixture.ours).await;
        let none = samples::plan(99, &fixture.ours, 1);
        for place in our_places(fixture).await {
            fixture.attach(&place, Some(&plan)).await;
            assert_missing(refuse(fixture, &fixture.us, &place, Some(&none)).await, Entity::Plan);
            assert_eq!(places(fixture, &fixture.us, &plan).await, std::slice::from_ref(&place));
            fixture.attach(&place, None).await;
        }
        assert_eq!(places(fixture, &fixture.us, &none).await, []);
    }

    /// A plan cannot be attached to a place of another organization, even by the operator.
    pub async fn a_plan_of_another_organization_is_not_attached(fixture: &Fixture) {
        let theirs = fixture.plan(1, &fixture.theirs).await;
        for place in our_places(fixture).await {
            for scope in [&fixture.us, &samples::operator()] {
                let refused = refuse(fixture, scope, &place, Some(&theirs)).await;
                assert_missing(refused, Entity::Plan);
            }
        }
        assert_eq!(places(fixture, &samples::operator(), &theirs).await, []);
    }

    /// An organization can neither attach, detach nor see the plans of places of another
    /// organization.
    pub async fn places_of_another_organization_are_not_seen_or_changed(fixture: &Fixture) {
        let plan = fixture.plan(1, &fixture.ours).await;
        let theirs = fixture.plan(2, &fixture.theirs).await;
        let all = our_places(fixture).await;
        for place in &all {
            fixture.attach(place, Some(&plan)).await;
            for wanted in [None, Some(&plan), Some(&theirs)] {
                assert_missing(refuse(fixture, &fixture.them, place, wanted).await, kind(place));
            }
        }
        assert_eq!(places(fixture, &fixture.them, &plan).await, []);
        assert_eq!(places(fixture, &fixture.us, &plan).await, all);
    }

    /// Removing a number or an account detaches its plan, which does not return if the object is
    /// added again.
    pub async fn a_place_that_is_removed_has_no_plan_any_more(fixture: &Fixture) {
        let plan = fixture.plan(1, &fixture.ours).await;
        let account = fixture.account(1, &fixture.ours).await;
        let number = fixture.number(1, &account, None).await;
        fixture.attach(&PlanPlace::Number(number.sender), Some(&plan)).await;
        fixture.attach(&PlanPlace::Account(account.sid), Some(&plan)).await;
        fixture
            .numbers()
            .remove(&fixture.us, number.sender, SavedConfiguration::Refuse)
            .await
            .unwrap();
        assert_eq!(places(fixture, &fixture.us, &plan).await, [PlanPlace::Account(account.sid)]);
        fixture.accounts().remove(&fixture.us, account.sid, None).await.unwrap();
        assert_eq!(places(fixture, &fixture.us, &plan).await, []);
        fixture.accounts().add(&fixture.us, &account).await.unwrap();
        fixture.numbers().add(&fixture.us, &number).await.unwrap();
        assert_eq!(places(fixture, &fixture.us, &plan).await, []);
        fixture.plans().remove(&fixture.us, &plan.id).await.unwrap();
    }

    /// Attaching a plan to a number appears in the change log as a change of the number, any other
    /// place as `Change::Everything`.
    pub async fn every_change_of_a_place_is_recorded(fixture: &Fixture) {
        let plan = fixture.plan(1, &fixture.ours).await;
        for place in our_places(fixture).await {
            let expected = match &place {
                PlanPlace::Number(sender) => Change::Number(*sender),
                _ => Change::Everything,
            };
            for wanted in [Some(&plan), None] {
                let id = wanted.map(|plan| plan.id.clone());
                let step = fixture.plan_places().attach(&fixture.operator, &place, id);
                fixture.records(std::slice::from_ref(&expected), step).await;
            }
        }
    }

    /// If a plan is removed while it is attached, it either stays and is attached, or is removed
    /// and not attached.
    pub async fn a_plan_is_not_attached_while_it_goes(fixture: &Fixture) {
        let place = PlanPlace::Number(
            fixture.number(1, &fixture.account(1, &fixture.ours).await, None).await.sender,
        );
        for n in 1..=8 {
            let plan = fixture.plan(n, &fixture.ours).await;
            let results = at_once(|task| {
                let store = fixture.store();
                let (scope, place, id) = (fixture.us.clone(), place.clone(), plan.id.clone());
                async move {
                    if task % 2 == 0 {
                        store.plans().remove(&scope, &id).await.map_err(|error| (task, error))
                    } else {
                        let attached = store.plan_places().attach(&scope, &place, Some(id)).await;
                        attached.map_err(|error| (task, error))
                    }
                }
            });
            let mut is_removed = false;
            for (task, result) in results.await.into_iter().enumerate() {
                match result {
                    Ok(()) => is_removed |= task % 2 == 0,
                    Err((_, StoreError::InUse { entity: Entity::Plan, by: Entity::Number })) => {}
                    Err((_, StoreError::Missing { entity: Entity::Plan })) => is_removed = true,
                    Err(other) => panic!("{other:?}"),
                }
            }
            let attached = places(fixture, &fixture.us, &plan).await;
            assert_eq!(attached.is_empty(), is_removed);
            fixture.attach(&place, None).await;
        }
    }
}
