//! The laws of [`PlanPlaceStore`](switchboard_domain::ports::PlanPlaceStore). What follows for the routes of numbers
//! is among the laws of routes.

use std::sync::Arc;

use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Change, Entity, PlanPlace, SavedPlan, StoreError};

use crate::crowd::at_once;
use crate::{World, refused, samples};

/// What there is to attach a plan to in a small organization of ours: itself, an account and a number of it.
async fn our_places(world: &World) -> [PlanPlace; 3] {
    let account = world.account(1, &world.ours).await;
    let number = world.number(1, &account, None).await;
    [
        PlanPlace::Organization(world.ours.clone()),
        PlanPlace::Account(account.sid),
        PlanPlace::Number(number.phone_number),
    ]
}

/// What a plan is attached to, for a scope.
async fn places(world: &World, scope: &Scope, plan: &SavedPlan) -> Vec<PlanPlace> {
    world.plan_places.places(scope, &plan.id).await.unwrap()
}

/// The kind of a place.
const fn kind(place: &PlanPlace) -> Entity {
    match place {
        PlanPlace::Organization(_) => Entity::Organization,
        PlanPlace::Account(_) => Entity::Account,
        PlanPlace::Number(_) => Entity::Number,
    }
}

/// Tries what must be refused, which changes nothing that anybody has a copy of.
async fn refuse(
    world: &World,
    scope: &Scope,
    place: &PlanPlace,
    plan: Option<&SavedPlan>,
) -> Result<(), StoreError> {
    let version = world.changes.version().await.unwrap();
    let plan = plan.map(|plan| plan.id.clone());
    let result = world.plan_places.attach(scope, place, plan).await;
    assert_eq!(world.changes.version().await.unwrap(), version);
    result
}

laws! {
    $
    /// Stamps the laws of `PlanPlaceStore` on a harness.
    plan_place_laws in plan_places;

    /// A plan can be attached to an organization, to an account and to a number, and to all of them.
    async fn a_plan_is_attached_where_it_was_put(world: &World) {
        let plan = world.plan(1, &world.ours).await;
        let mut attached = Vec::new();
        for place in our_places(world).await {
            world.plan_places.attach(&world.us, &place, Some(plan.id.clone())).await.unwrap();
            attached.push(place);
            assert_eq!(places(world, &world.us, &plan).await, attached);
            assert_eq!(places(world, &Scope::Operator, &plan).await, attached);
        }
    }

    /// The organization comes first, then the accounts, then the numbers, each in their order.
    async fn places_come_in_their_order(world: &World) {
        let plan = world.plan(1, &world.ours).await;
        let other = world.plan(2, &world.ours).await;
        let mut numbers = Vec::new();
        let mut accounts = Vec::new();
        for n in [3, 1, 2, 4] {
            let account = world.account(n, &world.ours).await;
            for place in [10 - n, 20 - n] {
                let number = PlanPlace::Number(world.number(place, &account, None).await.phone_number);
                let attached = if n == 4 { &other } else { &plan };
                world.attach(&number, Some(attached)).await;
                numbers.extend((n != 4).then_some(number));
            }
            let account = PlanPlace::Account(account.sid);
            world.attach(&account, Some(if n == 4 { &other } else { &plan })).await;
            accounts.extend((n != 4).then_some(account));
        }
        let organization = PlanPlace::Organization(world.ours.clone());
        world.attach(&organization, Some(&plan)).await;
        numbers.sort_unstable();
        accounts.sort_unstable();
        let expected = [vec![organization], accounts, numbers].concat();
        assert_eq!(places(world, &world.us, &plan).await, expected);
    }

    /// A place has one plan: another one takes the place of the one before, and none leaves none.
    async fn a_place_has_one_plan(world: &World) {
        let [one, two] = [world.plan(1, &world.ours).await, world.plan(2, &world.ours).await];
        for place in our_places(world).await {
            world.attach(&place, Some(&one)).await;
            world.attach(&place, Some(&two)).await;
            assert_eq!(places(world, &world.us, &one).await, []);
            assert_eq!(places(world, &world.us, &two).await, std::slice::from_ref(&place));
            for _ in 0..2 {
                world.attach(&place, None).await;
                assert_eq!(places(world, &world.us, &two).await, []);
            }
        }
    }

    /// New versions of a plan leave it where it is.
    async fn a_new_version_stays_attached(world: &World) {
        let plan = world.plan(1, &world.ours).await;
        let all = our_places(world).await;
        for place in &all {
            world.attach(place, Some(&plan)).await;
        }
        world.plans.save(&world.us, &samples::plan(1, &world.ours, 2)).await.unwrap();
        assert_eq!(places(world, &world.us, &plan).await, all);
    }

    /// What is not there cannot have a plan, nor lose one.
    async fn a_place_that_is_not_there_is_refused(world: &World) {
        let plan = world.plan(1, &world.ours).await;
        for place in [
            PlanPlace::Organization(samples::organization(99)),
            PlanPlace::Account(samples::account_sid(99)),
            PlanPlace::Number(samples::phone(99)),
        ] {
            for wanted in [Some(&plan), None] {
                let refused = refuse(world, &Scope::Operator, &place, wanted).await;
                refused::missing(refused, kind(&place));
            }
        }
    }

    /// A plan that is not there is attached to nothing, and what was attached stays.
    async fn a_plan_that_is_not_there_is_not_attached(world: &World) {
        let plan = world.plan(1, &world.ours).await;
        let none = samples::plan(99, &world.ours, 1);
        for place in our_places(world).await {
            world.attach(&place, Some(&plan)).await;
            refused::missing(refuse(world, &world.us, &place, Some(&none)).await, Entity::Plan);
            assert_eq!(places(world, &world.us, &plan).await, std::slice::from_ref(&place));
            world.attach(&place, None).await;
        }
        assert_eq!(places(world, &world.us, &none).await, []);
    }

    /// No place has a plan of another organization, whoever asks for it.
    async fn a_plan_of_another_organization_is_not_attached(world: &World) {
        let theirs = world.plan(1, &world.theirs).await;
        for place in our_places(world).await {
            for scope in [&world.us, &Scope::Operator] {
                let refused = refuse(world, scope, &place, Some(&theirs)).await;
                refused::missing(refused, Entity::Plan);
            }
        }
        assert_eq!(places(world, &Scope::Operator, &theirs).await, []);
    }

    /// Nobody gives a plan to, takes one from, or sees where there is one, in another organization.
    async fn places_of_another_organization_are_not_seen_or_changed(world: &World) {
        let plan = world.plan(1, &world.ours).await;
        let theirs = world.plan(2, &world.theirs).await;
        let all = our_places(world).await;
        for place in &all {
            world.attach(place, Some(&plan)).await;
            for wanted in [None, Some(&plan), Some(&theirs)] {
                refused::missing(refuse(world, &world.them, place, wanted).await, kind(place));
            }
        }
        assert_eq!(places(world, &world.them, &plan).await, []);
        assert_eq!(places(world, &world.us, &plan).await, all);
    }

    /// A number or an account that goes takes nothing with it, and one that comes again begins without a plan.
    async fn a_place_that_is_removed_has_no_plan_any_more(world: &World) {
        let plan = world.plan(1, &world.ours).await;
        let account = world.account(1, &world.ours).await;
        let number = world.number(1, &account, None).await;
        world.attach(&PlanPlace::Number(number.phone_number), Some(&plan)).await;
        world.attach(&PlanPlace::Account(account.sid), Some(&plan)).await;
        world.numbers.remove(&world.us, number.phone_number).await.unwrap();
        assert_eq!(places(world, &world.us, &plan).await, [PlanPlace::Account(account.sid)]);
        world.accounts.remove(&world.us, account.sid).await.unwrap();
        assert_eq!(places(world, &world.us, &plan).await, []);
        world.accounts.add(&world.us, &account).await.unwrap();
        world.numbers.add(&world.us, &number).await.unwrap();
        assert_eq!(places(world, &world.us, &plan).await, []);
        world.plans.remove(&world.us, &plan.id).await.unwrap();
    }

    /// A number's plan is told as a change of the number, all others as one of everything.
    async fn every_change_of_a_place_is_told(world: &World) {
        let plan = world.plan(1, &world.ours).await;
        for place in our_places(world).await {
            let expected = match &place {
                PlanPlace::Number(phone_number) => Change::Number(*phone_number),
                _ => Change::Everything,
            };
            for wanted in [Some(&plan), None] {
                let before = world.changes.version().await.unwrap();
                world.attach(&place, wanted).await;
                let told = world.changes.since(before).await.unwrap();
                assert!(told.version > before);
                let is_told = |told: &Change| *told == expected || *told == Change::Everything;
                assert!(told.changes.iter().any(is_told), "{expected:?} is not in {told:?}");
            }
        }
    }

    /// Where a plan is removed and attached at once, it either stays and is attached, or is gone and is not.
    async fn a_plan_is_not_attached_while_it_goes(world: &World) {
        let place = PlanPlace::Number(
            world.number(1, &world.account(1, &world.ours).await, None).await.phone_number,
        );
        for n in 1..=8 {
            let plan = world.plan(n, &world.ours).await;
            let results = at_once(|task| {
                let (plans, plan_places) = (Arc::clone(&world.plans), Arc::clone(&world.plan_places));
                let (scope, place, id) = (world.us.clone(), place.clone(), plan.id.clone());
                async move {
                    if task % 2 == 0 {
                        plans.remove(&scope, &id).await.map_err(|error| (task, error))
                    } else {
                        let attached = plan_places.attach(&scope, &place, Some(id)).await;
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
            let attached = places(world, &world.us, &plan).await;
            assert_eq!(attached.is_empty(), is_removed);
            world.attach(&place, None).await;
        }
    }
}
