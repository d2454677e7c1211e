//! The laws of [`PlanStore`](switchboard_domain::ports::PlanStore).

use crate::concurrent::{TASKS, at_once};
use crate::expect_error::{
    assert_exists, assert_exists_but_for_one, assert_in_use_by, assert_missing,
};
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// The id of a plan as a word.
fn word(id: &PlanId) -> Label {
    samples::label(id.as_str())
}

async fn save(fixture: &Fixture, plan: &SavedPlan) {
    fixture.plans().save(&fixture.us, plan).await.unwrap();
}

/// Returns the newest version of a plan of our organization.
async fn newest(fixture: &Fixture, n: u32) -> Option<SavedPlan> {
    fixture.plans().find(&fixture.us, &word(&samples::plan_id(n))).await.unwrap()
}

/// Lists all versions of a plan, for a scope.
async fn versions(fixture: &Fixture, scope: &Scope, n: u32) -> Vec<SavedPlan> {
    fixture.plans().versions(scope, &samples::plan_id(n), &Page::first(1_000)).await.unwrap()
}

/// Saves a version that must be refused, and checks that nothing has changed.
async fn refuse(fixture: &Fixture, scope: &Author, plan: &SavedPlan) -> Result<(), StoreError> {
    let everything = async || {
        let newest = fixture.plans().list(&samples::operator(), &Page::first(1_000)).await.unwrap();
        let mut all = Vec::new();
        for plan in newest {
            let page = Page::first(1_000);
            all.push(
                fixture.plans().versions(&samples::operator(), &plan.id, &page).await.unwrap(),
            );
            all.push(vec![plan]);
        }
        all
    };
    let before = everything().await;
    let result = fixture.refuses(fixture.plans().save(scope, plan)).await;
    assert_eq!(everything().await, before, "a refused version left something behind");
    result
}

#[laws(plans::plan_laws)]
pub mod laws {
    use super::*;

    /// A plan is stored exactly: every character of its document, and its time to the microsecond.
    pub async fn a_plan_is_found_as_it_was_saved(fixture: &Fixture) {
        let plan = samples::plan(1, &fixture.ours, 1);
        assert_eq!(newest(fixture, 1).await, None);
        save(fixture, &plan).await;
        assert_eq!(newest(fixture, 1).await.as_ref(), Some(&plan));
        assert_eq!(versions(fixture, &fixture.us, 1).await, [plan]);
    }

    /// A document of one mebibyte is stored exactly, and so is an empty one.
    pub async fn long_and_empty_documents_survive(fixture: &Fixture) {
        let longest = samples::UNICODE.repeat(1024 * 1024 / samples::UNICODE.len());
        for (n, document) in [(1, longest), (2, String::new())] {
            let plan =
                SavedPlan { document: document.into(), ..samples::plan(n, &fixture.ours, 1) };
            save(fixture, &plan).await;
            assert!(newest(fixture, n).await == Some(plan), "document {n} is another one");
        }
    }

    /// A version follows the newest one. All versions stay unchanged, including their names and
    /// authors.
    pub async fn every_version_stays(fixture: &Fixture) {
        let mut saved = Vec::new();
        for version in 1..=12 {
            let name = samples::label(&format!("name {}", version / 2));
            let plan = SavedPlan { name, ..samples::plan(1, &fixture.ours, version) };
            save(fixture, &plan).await;
            assert_eq!(newest(fixture, 1).await.as_ref(), Some(&plan));
            saved.push(plan);
        }
        let list =
            async |page| fixture.plans().versions(&fixture.us, &samples::plan_id(1), &page).await;
        pages::hold(&saved, |plan| plan.version, list).await;
        fixture.plan(2, &fixture.ours).await;
        assert_eq!(versions(fixture, &fixture.us, 1).await, saved);
    }

    /// Only the first version of a plan and the version after the newest one are accepted.
    pub async fn a_version_that_does_not_follow_is_refused(fixture: &Fixture) {
        for version in [0, 2, u32::MAX] {
            let plan = samples::plan(1, &fixture.ours, version);
            assert_exists(refuse(fixture, &fixture.us, &plan).await, Entity::Plan);
        }
        save(fixture, &samples::plan(1, &fixture.ours, 1)).await;
        save(fixture, &samples::plan(1, &fixture.ours, 2)).await;
        for version in [0, 1, 2, 4, u32::MAX] {
            let plan = samples::plan(1, &fixture.ours, version);
            assert_exists(refuse(fixture, &fixture.us, &plan).await, Entity::Plan);
        }
    }

    /// A name is unique among the plans of an organization. A name that a plan no longer has can be
    /// used again, and other organizations can use the same name.
    pub async fn a_name_is_one_plan_of_an_organization(fixture: &Fixture) {
        let named = |n, version, name| SavedPlan {
            name: samples::label(name),
            ..samples::plan(n, &fixture.ours, version)
        };
        save(fixture, &named(1, 1, "Front desk")).await;
        assert_exists(refuse(fixture, &fixture.us, &named(2, 1, "Front desk")).await, Entity::Plan);
        save(fixture, &named(2, 1, "front desk")).await;
        assert_exists(refuse(fixture, &fixture.us, &named(2, 2, "Front desk")).await, Entity::Plan);
        save(fixture, &named(1, 2, "Back desk")).await;
        save(fixture, &named(2, 2, "Front desk")).await;
        let theirs = SavedPlan {
            name: samples::label("Front desk"),
            ..samples::plan(3, &fixture.theirs, 1)
        };
        fixture.plans().save(&fixture.them, &theirs).await.unwrap();
        let found = fixture.plans().find(&fixture.us, &samples::label("Front desk")).await.unwrap();
        assert_eq!(found, Some(named(2, 2, "Front desk")));
    }

    /// A plan is found by its id and by the name of its newest version, but not by an older name.
    pub async fn a_plan_is_found_by_its_id_and_its_newest_name(fixture: &Fixture) {
        let first = SavedPlan { name: samples::label("old"), ..samples::plan(1, &fixture.ours, 1) };
        let second =
            SavedPlan { name: samples::label("new"), ..samples::plan(1, &fixture.ours, 2) };
        save(fixture, &first).await;
        save(fixture, &second).await;
        let find = async |word: Label| fixture.plans().find(&fixture.us, &word).await.unwrap();
        assert_eq!(find(samples::label("new")).await.as_ref(), Some(&second));
        assert_eq!(find(word(&second.id)).await, Some(second));
        let others = ["old", "New", "new."].map(samples::label);
        for other in others.into_iter().chain([word(&samples::plan_id(2))]) {
            assert_eq!(find(other.clone()).await, None, "{other:?}");
        }
    }

    /// If a word is the id of one plan and the name of another, the plan with the id is found.
    pub async fn an_id_goes_before_a_name(fixture: &Fixture) {
        let named_so =
            SavedPlan { name: word(&samples::plan_id(2)), ..samples::plan(1, &fixture.ours, 1) };
        save(fixture, &named_so).await;
        assert_eq!(newest(fixture, 2).await, Some(named_so));
        let plan = fixture.plan(2, &fixture.ours).await;
        assert_eq!(newest(fixture, 2).await, Some(plan));
    }

    /// Pages of any size return the newest version of each plan once, ordered by id.
    pub async fn pages_of_plans_follow_each_other(fixture: &Fixture) {
        let mut expected = Vec::new();
        for n in [7, 3, 5, 1] {
            fixture.plan(n, &fixture.ours).await;
            fixture.plan(10 + n, &fixture.theirs).await;
            let newest = samples::plan(n, &fixture.ours, 2);
            save(fixture, &newest).await;
            expected.push(newest);
        }
        expected.sort_by(|one, two| one.id.cmp(&two.id));
        let list = async |page| fixture.plans().list(&fixture.us, &page).await;
        pages::hold(&expected, |plan| plan.id.clone(), list).await;
    }

    /// An organization can neither see, change nor remove a plan of another organization, even if
    /// it knows the id and the name.
    pub async fn a_plan_of_another_organization_is_not_seen_or_changed(fixture: &Fixture) {
        let plan = fixture.plan(1, &fixture.theirs).await;
        for word in [word(&plan.id), plan.name.clone()] {
            assert_eq!(fixture.plans().find(&fixture.us, &word).await.unwrap(), None);
            assert_eq!(
                fixture.plans().find(&fixture.them, &word).await.unwrap().as_ref(),
                Some(&plan)
            );
        }
        assert_eq!(fixture.plans().list(&fixture.us, &Page::first(9)).await.unwrap(), []);
        assert_eq!(versions(fixture, &fixture.us, 1).await, []);
        let next = samples::plan(1, &fixture.theirs, 2);
        assert_missing(refuse(fixture, &fixture.us, &next).await, Entity::Organization);
        for version in [1, 2] {
            let ours = samples::plan(1, &fixture.ours, version);
            assert_exists(refuse(fixture, &fixture.us, &ours).await, Entity::Plan);
        }
        assert_missing(fixture.plans().remove(&fixture.us, &plan.id).await, Entity::Plan);
        assert_eq!(versions(fixture, &fixture.them, 1).await, std::slice::from_ref(&plan));
        assert_eq!(versions(fixture, &samples::operator(), 1).await, [plan]);
    }

    /// A plan requires an existing organization.
    pub async fn a_plan_of_no_organization_is_refused(fixture: &Fixture) {
        for version in [1, 2] {
            let plan = samples::plan(1, &samples::organization(99), version);
            assert_missing(
                refuse(fixture, &samples::operator(), &plan).await,
                Entity::Organization,
            );
        }
    }

    /// Removing a plan removes all its versions, and its name can be used again.
    pub async fn a_removed_plan_is_gone(fixture: &Fixture) {
        let plan = fixture.plan(1, &fixture.ours).await;
        save(fixture, &samples::plan(1, &fixture.ours, 2)).await;
        let other = fixture.plan(2, &fixture.ours).await;
        fixture.plans().remove(&fixture.us, &plan.id).await.unwrap();
        assert_eq!(newest(fixture, 1).await, None);
        assert_eq!(versions(fixture, &fixture.us, 1).await, []);
        assert_eq!(fixture.plans().list(&fixture.us, &Page::first(9)).await.unwrap(), [other]);
        assert_missing(fixture.plans().remove(&fixture.us, &plan.id).await, Entity::Plan);
        let name = plan.name.clone();
        save(fixture, &SavedPlan { name, ..samples::plan(3, &fixture.ours, 1) }).await;
        let again = SavedPlan { name: samples::label("again"), ..plan };
        save(fixture, &again).await;
        assert_eq!(versions(fixture, &fixture.us, 1).await.len(), 1);
    }

    /// A plan that is attached cannot be removed.
    pub async fn a_plan_that_is_attached_is_not_removed(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let number = fixture.number(1, &account, None).await;
        let plan = fixture.plan(1, &fixture.ours).await;
        for (place, by) in [
            (PlanPlace::Number(number.sender), Entity::Number),
            (PlanPlace::Account(account.sid), Entity::Account),
            (PlanPlace::Organization(fixture.ours.clone()), Entity::Organization),
        ] {
            fixture.attach(&place, Some(&plan)).await;
            let refused = fixture.plans().remove(&fixture.us, &plan.id).await;
            assert_in_use_by(refused, Entity::Plan, by);
            assert_eq!(versions(fixture, &fixture.us, 1).await, std::slice::from_ref(&plan));
            fixture.attach(&place, None).await;
        }
        fixture.plans().remove(&fixture.us, &plan.id).await.unwrap();
    }

    /// Every saved version and the removal of a plan appear in the change log.
    pub async fn every_change_of_a_plan_is_recorded(fixture: &Fixture) {
        for version in 1..=2 {
            let plan = samples::plan(1, &fixture.ours, version);
            fixture.records(&[Change::Everything], fixture.plans().save(&fixture.us, &plan)).await;
        }
        let id = samples::plan_id(1);
        let step = fixture.plans().remove(&fixture.us, &id);
        fixture.records(&[Change::Everything], step).await;
    }

    /// If many tasks save the same version at the same time, exactly one succeeds.
    pub async fn a_version_is_saved_by_one_of_many_at_once(fixture: &Fixture) {
        for version in 1..=2 {
            let results = at_once(|n| {
                let store = fixture.store();
                let scope = fixture.us.clone();
                let document = format!("document {n}");
                let plan = SavedPlan {
                    document: document.into(),
                    ..samples::plan(1, &fixture.ours, version)
                };
                async move { store.plans().save(&scope, &plan).await }
            });
            assert_exists_but_for_one(results.await, Entity::Plan);
        }
        let kept = versions(fixture, &fixture.us, 1).await;
        assert_eq!(kept.iter().map(|plan| plan.version).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(newest(fixture, 1).await.as_ref(), kept.last());
    }

    /// If many tasks give the same name to their plans at the same time, exactly one succeeds, for
    /// new and for existing plans.
    pub async fn a_name_is_given_to_one_of_many_plans_at_once(fixture: &Fixture) {
        for n in 0..TASKS {
            fixture.plan(n, &fixture.ours).await;
        }
        for (begin, version, name) in [(100, 1, "wanted by new ones"), (0, 2, "wanted by others")] {
            let results = at_once(|n| {
                let (store, scope) = (fixture.store(), fixture.us.clone());
                let plan = samples::plan(begin + n, &fixture.ours, version);
                let plan = SavedPlan { name: samples::label(name), ..plan };
                async move { store.plans().save(&scope, &plan).await }
            });
            assert_exists_but_for_one(results.await, Entity::Plan);
        }
    }

    /// Many tasks can save different plans at the same time.
    pub async fn many_plans_are_saved_at_once(fixture: &Fixture) {
        let results = at_once(|n| {
            let (store, scope) = (fixture.store(), fixture.us.clone());
            let versions = [1, 2].map(|version| samples::plan(n, &fixture.ours, version));
            async move {
                for plan in &versions {
                    store.plans().save(&scope, plan).await.unwrap();
                }
                versions[1].clone()
            }
        });
        let expected = results.await;
        assert_eq!(fixture.plans().list(&fixture.us, &Page::first(100)).await.unwrap(), expected);
    }
}
