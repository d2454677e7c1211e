//! The laws of [`PlanStore`](switchboard_domain::ports::PlanStore).

use std::sync::Arc;

use switchboard_domain::agent::Label;
use switchboard_domain::identifier::PlanId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Change, Entity, Page, PlanPlace, SavedPlan, StoreError};

use crate::crowd::{CROWD, at_once};
use crate::{World, pages, refused, samples};

/// The word for a plan's key.
fn word(id: &PlanId) -> Label {
    samples::label(id.as_str())
}

async fn save(world: &World, plan: &SavedPlan) {
    world.plans.save(&world.us, plan).await.unwrap();
}

/// The newest version of a plan of ours.
async fn newest(world: &World, n: u32) -> Option<SavedPlan> {
    world.plans.find(&world.us, &word(&samples::plan_id(n))).await.unwrap()
}

/// All versions of a plan, for a scope.
async fn versions(world: &World, scope: &Scope, n: u32) -> Vec<SavedPlan> {
    world.plans.versions(scope, &samples::plan_id(n), &Page::first(1_000)).await.unwrap()
}

/// Tries a version that must be refused, and finds everything as it was before.
async fn refuse(world: &World, scope: &Scope, plan: &SavedPlan) -> Result<(), StoreError> {
    let everything = async || {
        let newest = world.plans.list(&Scope::Operator, &Page::first(1_000)).await.unwrap();
        let mut all = Vec::new();
        for plan in newest {
            let page = Page::first(1_000);
            all.push(world.plans.versions(&Scope::Operator, &plan.id, &page).await.unwrap());
            all.push(vec![plan]);
        }
        all
    };
    let before = everything().await;
    let version = world.changes.version().await.unwrap();
    let result = world.plans.save(scope, plan).await;
    assert_eq!(everything().await, before, "a refused version left something behind");
    assert_eq!(world.changes.version().await.unwrap(), version, "nothing has changed");
    result
}

/// Whether everything was told to be old, by a step that succeeds.
async fn tells_everything(world: &World, step: impl AsyncFnOnce()) {
    let before = world.changes.version().await.unwrap();
    step().await;
    let told = world.changes.since(before).await.unwrap();
    assert!(told.version > before && told.changes.contains(&Change::Everything), "{told:?}");
}

laws! {
    $
    /// Stamps the laws of `PlanStore` on a harness.
    plan_laws in plans;

    /// A plan survives with every letter of its document and its time to the microsecond.
    async fn a_plan_is_found_as_it_was_saved(world: &World) {
        let plan = samples::plan(1, &world.ours, 1);
        assert_eq!(newest(world, 1).await, None);
        save(world, &plan).await;
        assert_eq!(newest(world, 1).await.as_ref(), Some(&plan));
        assert_eq!(versions(world, &world.us, 1).await, [plan]);
    }

    /// A document of a mebibyte survives, and an empty one.
    async fn long_and_empty_documents_survive(world: &World) {
        let longest = samples::UNICODE.repeat(1024 * 1024 / samples::UNICODE.len());
        for (n, document) in [(1, longest), (2, String::new())] {
            let plan = SavedPlan { document, ..samples::plan(n, &world.ours, 1) };
            save(world, &plan).await;
            assert!(newest(world, n).await == Some(plan), "document {n} is another one");
        }
    }

    /// Each version follows the newest one; all of them stay as they were saved, their names and authors too.
    async fn every_version_stays(world: &World) {
        let mut saved = Vec::new();
        for version in 1..=12 {
            let name = samples::label(&format!("name {}", version / 2));
            let plan = SavedPlan { name, ..samples::plan(1, &world.ours, version) };
            save(world, &plan).await;
            assert_eq!(newest(world, 1).await.as_ref(), Some(&plan));
            saved.push(plan);
        }
        let list = async |page| {
            world.plans.versions(&world.us, &samples::plan_id(1), &page).await
        };
        pages::hold(&saved, |plan| plan.version, list).await;
        world.plan(2, &world.ours).await;
        assert_eq!(versions(world, &world.us, 1).await, saved);
    }

    /// Nothing but the version behind the newest one is taken, and the first one of a plan.
    async fn a_version_that_does_not_follow_is_refused(world: &World) {
        for version in [0, 2, u32::MAX] {
            let plan = samples::plan(1, &world.ours, version);
            refused::exists(refuse(world, &world.us, &plan).await, Entity::Plan);
        }
        save(world, &samples::plan(1, &world.ours, 1)).await;
        save(world, &samples::plan(1, &world.ours, 2)).await;
        for version in [0, 1, 2, 4, u32::MAX] {
            let plan = samples::plan(1, &world.ours, version);
            refused::exists(refuse(world, &world.us, &plan).await, Entity::Plan);
        }
    }

    /// No two plans of an organization have a name at the same time; a name that was given up is free, and those of
    /// other organizations are.
    async fn a_name_is_one_plan_of_an_organization(world: &World) {
        let named = |n, version, name| SavedPlan {
            name: samples::label(name),
            ..samples::plan(n, &world.ours, version)
        };
        save(world, &named(1, 1, "Front desk")).await;
        refused::exists(refuse(world, &world.us, &named(2, 1, "Front desk")).await, Entity::Plan);
        save(world, &named(2, 1, "front desk")).await;
        refused::exists(refuse(world, &world.us, &named(2, 2, "Front desk")).await, Entity::Plan);
        save(world, &named(1, 2, "Back endpoint")).await;
        save(world, &named(2, 2, "Front desk")).await;
        let theirs = SavedPlan {
            name: samples::label("Front desk"),
            ..samples::plan(3, &world.theirs, 1)
        };
        world.plans.save(&world.them, &theirs).await.unwrap();
        let found = world.plans.find(&world.us, &samples::label("Front desk")).await.unwrap();
        assert_eq!(found, Some(named(2, 2, "Front desk")));
    }

    /// A plan is found by its id and by the name of its newest version, and by no older one.
    async fn a_plan_is_found_by_its_id_and_its_newest_name(world: &World) {
        let first = SavedPlan { name: samples::label("old"), ..samples::plan(1, &world.ours, 1) };
        let second = SavedPlan { name: samples::label("new"), ..samples::plan(1, &world.ours, 2) };
        save(world, &first).await;
        save(world, &second).await;
        let find = async |word: Label| world.plans.find(&world.us, &word).await.unwrap();
        assert_eq!(find(samples::label("new")).await.as_ref(), Some(&second));
        assert_eq!(find(word(&second.id)).await, Some(second));
        let others = ["old", "New", "new."].map(samples::label);
        for other in others.into_iter().chain([word(&samples::plan_id(2))]) {
            assert_eq!(find(other.clone()).await, None, "{other:?}");
        }
    }

    /// A word that is one plan's id and another one's name is the id.
    async fn an_id_goes_before_a_name(world: &World) {
        let named_so = SavedPlan {
            name: word(&samples::plan_id(2)),
            ..samples::plan(1, &world.ours, 1)
        };
        save(world, &named_so).await;
        assert_eq!(newest(world, 2).await, Some(named_so));
        let plan = world.plan(2, &world.ours).await;
        assert_eq!(newest(world, 2).await, Some(plan));
    }

    /// Pages of any size give the newest version of each plan once, in the order of the ids.
    async fn pages_of_plans_follow_each_other(world: &World) {
        let mut expected = Vec::new();
        for n in [7, 3, 5, 1] {
            world.plan(n, &world.ours).await;
            world.plan(10 + n, &world.theirs).await;
            let newest = samples::plan(n, &world.ours, 2);
            save(world, &newest).await;
            expected.push(newest);
        }
        expected.sort_by(|one, two| one.id.cmp(&two.id));
        let list = async |page| world.plans.list(&world.us, &page).await;
        pages::hold(&expected, |plan| plan.id.clone(), list).await;
    }

    /// Nobody adds to, sees, goes on with or removes a plan of another organization, whatever he knows of it.
    async fn a_plan_of_another_organization_is_not_seen_or_changed(world: &World) {
        let plan = world.plan(1, &world.theirs).await;
        for word in [word(&plan.id), plan.name.clone()] {
            assert_eq!(world.plans.find(&world.us, &word).await.unwrap(), None);
            assert_eq!(world.plans.find(&world.them, &word).await.unwrap().as_ref(), Some(&plan));
        }
        assert_eq!(world.plans.list(&world.us, &Page::first(9)).await.unwrap(), []);
        assert_eq!(versions(world, &world.us, 1).await, []);
        let next = samples::plan(1, &world.theirs, 2);
        refused::missing(refuse(world, &world.us, &next).await, Entity::Organization);
        for version in [1, 2] {
            let ours = samples::plan(1, &world.ours, version);
            refused::exists(refuse(world, &world.us, &ours).await, Entity::Plan);
        }
        refused::missing(world.plans.remove(&world.us, &plan.id).await, Entity::Plan);
        assert_eq!(versions(world, &world.them, 1).await, std::slice::from_ref(&plan));
        assert_eq!(versions(world, &Scope::Operator, 1).await, [plan]);
    }

    /// A plan belongs to an organization that is there.
    async fn a_plan_of_no_organization_is_refused(world: &World) {
        for version in [1, 2] {
            let plan = samples::plan(1, &samples::organization(99), version);
            refused::missing(refuse(world, &Scope::Operator, &plan).await, Entity::Organization);
        }
    }

    /// A plan goes with all its versions, and its name is free.
    async fn a_removed_plan_is_gone(world: &World) {
        let plan = world.plan(1, &world.ours).await;
        save(world, &samples::plan(1, &world.ours, 2)).await;
        let other = world.plan(2, &world.ours).await;
        world.plans.remove(&world.us, &plan.id).await.unwrap();
        assert_eq!(newest(world, 1).await, None);
        assert_eq!(versions(world, &world.us, 1).await, []);
        assert_eq!(world.plans.list(&world.us, &Page::first(9)).await.unwrap(), [other]);
        refused::missing(world.plans.remove(&world.us, &plan.id).await, Entity::Plan);
        let name = plan.name.clone();
        save(world, &SavedPlan { name, ..samples::plan(3, &world.ours, 1) }).await;
        let again = SavedPlan { name: samples::label("again"), ..plan };
        save(world, &again).await;
        assert_eq!(versions(world, &world.us, 1).await.len(), 1);
    }

    /// A plan that is attached to anything stays, with all its versions.
    async fn a_plan_that_is_attached_is_not_removed(world: &World) {
        let account = world.account(1, &world.ours).await;
        let number = world.number(1, &account, None).await;
        let plan = world.plan(1, &world.ours).await;
        for (place, by) in [
            (PlanPlace::Number(number.phone_number), Entity::Number),
            (PlanPlace::Account(account.sid), Entity::Account),
            (PlanPlace::Organization(world.ours.clone()), Entity::Organization),
        ] {
            world.attach(&place, Some(&plan)).await;
            let refused = world.plans.remove(&world.us, &plan.id).await;
            refused::in_use_by(refused, Entity::Plan, by);
            assert_eq!(versions(world, &world.us, 1).await, std::slice::from_ref(&plan));
            world.attach(&place, None).await;
        }
        world.plans.remove(&world.us, &plan.id).await.unwrap();
    }

    /// Whoever keeps a copy hears of every version, and of the end of a plan.
    async fn every_change_of_a_plan_is_told(world: &World) {
        for version in 1..=2 {
            let plan = samples::plan(1, &world.ours, version);
            tells_everything(world, async || save(world, &plan).await).await;
        }
        let id = samples::plan_id(1);
        tells_everything(world, async || world.plans.remove(&world.us, &id).await.unwrap()).await;
    }

    /// Of many who save a first version at once, and then a second, one does, and the others hear of it.
    async fn a_version_is_saved_by_one_of_many_at_once(world: &World) {
        for version in 1..=2 {
            let results = at_once(|n| {
                let plans = Arc::clone(&world.plans);
                let scope = world.us.clone();
                let document = format!("document {n}");
                let plan = SavedPlan { document, ..samples::plan(1, &world.ours, version) };
                async move { plans.save(&scope, &plan).await }
            });
            refused::exists_but_for_one(results.await, Entity::Plan);
        }
        let kept = versions(world, &world.us, 1).await;
        assert_eq!(kept.iter().map(|plan| plan.version).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(newest(world, 1).await.as_ref(), kept.last());
    }

    /// Of many who give their plans the same name at once, new ones or those that there are, one does.
    async fn a_name_is_given_to_one_of_many_plans_at_once(world: &World) {
        for n in 0..CROWD {
            world.plan(n, &world.ours).await;
        }
        for (begin, version, name) in [(100, 1, "wanted by new ones"), (0, 2, "wanted by others")] {
            let results = at_once(|n| {
                let (plans, scope) = (Arc::clone(&world.plans), world.us.clone());
                let plan = samples::plan(begin + n, &world.ours, version);
                let plan = SavedPlan { name: samples::label(name), ..plan };
                async move { plans.save(&scope, &plan).await }
            });
            refused::exists_but_for_one(results.await, Entity::Plan);
        }
    }

    /// Many who save other plans at once all do.
    async fn many_plans_are_saved_at_once(world: &World) {
        let results = at_once(|n| {
            let (plans, scope) = (Arc::clone(&world.plans), world.us.clone());
            let versions = [1, 2].map(|version| samples::plan(n, &world.ours, version));
            async move {
                for plan in &versions {
                    plans.save(&scope, plan).await.unwrap();
                }
                versions[1].clone()
            }
        });
        let expected = results.await;
        assert_eq!(world.plans.list(&world.us, &Page::first(100)).await.unwrap(), expected);
    }
}
