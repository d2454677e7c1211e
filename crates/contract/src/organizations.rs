//! The laws of [`OrganizationStore`](switchboard_domain::ports::OrganizationStore).

use switchboard_domain::organization::Organization;

use crate::concurrent::at_once;
use crate::expect_error::{assert_changed, assert_exists, assert_in_use_by, assert_missing};
use crate::prelude::*;
use crate::subscriptions::subscribe;
use crate::{Fixture, api_keys, pages, samples};

/// An organization that the fixture does not have.
fn new() -> Organization {
    Organization {
        id: samples::organization(7),
        name: samples::label("New é"),
        created_at: samples::at(7),
    }
}

async fn find(fixture: &Fixture, scope: &Scope, id: &OrganizationId) -> Option<Organization> {
    fixture.organizations().find(scope, id).await.unwrap()
}

#[laws(organizations::organization_laws)]
pub mod laws {
    use super::*;

    /// An organization finds itself and no other.
    pub async fn an_organization_finds_itself_only(fixture: &Fixture) {
        let ours = find(fixture, &fixture.us, &fixture.ours).await.unwrap();
        assert_eq!((&ours.id, ours.name.as_str()), (&fixture.ours, "default"));
        assert_eq!(find(fixture, &samples::operator(), &fixture.ours).await, Some(ours));
        let theirs = find(fixture, &samples::operator(), &fixture.theirs).await.unwrap();
        assert_eq!(theirs.name.as_str(), "the others");
        assert_eq!(find(fixture, &fixture.us, &fixture.theirs).await, None);
        assert_eq!(find(fixture, &samples::operator(), &samples::organization(9)).await, None);
    }

    /// An organization is stored exactly, and its id once. Only the operator adds one.
    pub async fn an_organization_is_found_as_it_was_added(fixture: &Fixture) {
        let new = new();
        assert_missing(fixture.organizations().add(&fixture.us, &new).await, Entity::Organization);
        let own = samples::author(Scope::Organization(new.id.clone()));
        assert_missing(fixture.organizations().add(&own, &new).await, Entity::Organization);
        assert_eq!(find(fixture, &samples::operator(), &new.id).await, None);
        fixture.organizations().add(&samples::operator(), &new).await.unwrap();
        assert_eq!(find(fixture, &own, &new.id).await, Some(new.clone()));
        let again = Organization { name: samples::label("Again"), ..new.clone() };
        let again = fixture.organizations().add(&samples::operator(), &again).await;
        assert_exists(again, Entity::Organization);
        assert_eq!(find(fixture, &own, &new.id).await, Some(new));
    }

    /// A rename changes the name only, and of the organization only.
    pub async fn an_organization_is_renamed(fixture: &Fixture) {
        let ours = find(fixture, &fixture.us, &fixture.ours).await.unwrap();
        let theirs = find(fixture, &fixture.them, &fixture.theirs).await.unwrap();
        let name = samples::label("Renamed");
        let wanted =
            Organization { name: name.clone(), created_at: samples::at(9), ..ours.clone() };
        let renaming = fixture.organizations();
        assert_missing(renaming.rename(&fixture.them, None, &wanted).await, Entity::Organization);
        let missing = Organization { id: samples::organization(9), ..wanted.clone() };
        let missing = renaming.rename(&samples::operator(), None, &missing).await;
        assert_missing(missing, Entity::Organization);
        renaming.rename(&fixture.us, Some(&ours), &wanted).await.unwrap();
        let renamed = Organization { name, ..ours.clone() };
        assert_eq!(find(fixture, &fixture.us, &fixture.ours).await, Some(renamed.clone()));
        assert_eq!(find(fixture, &fixture.them, &fixture.theirs).await, Some(theirs));
        // Whoever has not seen the new name changes nothing.
        let outrun = renaming.rename(&samples::operator(), Some(&ours), &ours).await;
        assert_changed(outrun, Entity::Organization);
        let outrun = renaming.remove(&samples::operator(), &ours.id, Some(&ours)).await;
        assert_changed(outrun, Entity::Organization);
        renaming.rename(&samples::operator(), Some(&renamed), &ours).await.unwrap();
        assert_eq!(find(fixture, &fixture.us, &fixture.ours).await, Some(ours));
    }

    /// If many tasks rename an organization as they read it, exactly one of them succeeds.
    pub async fn of_many_renames_of_what_was_read_one_wins(fixture: &Fixture) {
        let ours = find(fixture, &fixture.us, &fixture.ours).await.unwrap();
        let results = at_once(|n| {
            let (store, us, ours) = (fixture.store(), fixture.us.clone(), ours.clone());
            let name = samples::label(&format!("Name {n}"));
            let wanted = Organization { name, ..ours.clone() };
            async move { store.organizations().rename(&us, Some(&ours), &wanted).await }
        });
        let results = results.await;
        assert_eq!(results.iter().filter(|one| one.is_ok()).count(), 1, "{results:?}");
        for result in results.into_iter().filter(Result::is_err) {
            assert_changed(result, Entity::Organization);
        }
    }

    /// An empty organization is removed by the operator only, with its revoked keys. Others keep theirs.
    pub async fn an_empty_organization_is_removed(fixture: &Fixture) {
        let new = new();
        fixture.organizations().add(&samples::operator(), &new).await.unwrap();
        let own = samples::author(Scope::Organization(new.id.clone()));
        let removing = fixture.organizations();
        assert_missing(removing.remove(&own, &new.id, None).await, Entity::Organization);
        let nobody = samples::organization(9);
        let missing = removing.remove(&samples::operator(), &nobody, None).await;
        assert_missing(missing, Entity::Organization);
        let (key, digest) = api_keys::sample(1, Some(&new.id));
        fixture.api_keys().add(&own, &key, &digest).await.unwrap();
        let in_use = removing.remove(&samples::operator(), &new.id, None).await;
        assert_in_use_by(in_use, Entity::Organization, Entity::ApiKey);
        fixture.api_keys().revoke(&own, &key.id, samples::at(5)).await.unwrap();
        removing.remove(&samples::operator(), &new.id, Some(&new)).await.unwrap();
        assert_eq!(find(fixture, &samples::operator(), &new.id).await, None);
        assert_eq!(fixture.api_keys().find(&digest).await.unwrap(), None);
        assert!(find(fixture, &samples::operator(), &fixture.ours).await.is_some());
        // The id can be used again.
        fixture.organizations().add(&samples::operator(), &new).await.unwrap();
    }

    /// An organization that owns something is not removed.
    pub async fn an_organization_that_owns_something_is_not_removed(fixture: &Fixture) {
        let removing = fixture.organizations();
        let owns = async |by| {
            let in_use = removing.remove(&samples::operator(), &fixture.theirs, None).await;
            assert_in_use_by(in_use, Entity::Organization, by);
        };
        let (key, digest) = api_keys::sample(1, Some(&fixture.theirs));
        fixture.api_keys().add(&fixture.them, &key, &digest).await.unwrap();
        owns(Entity::ApiKey).await;
        subscribe(fixture, 1, &fixture.theirs, "*").await;
        owns(Entity::Subscription).await;
        fixture.agent(1, &fixture.theirs).await;
        owns(Entity::Agent).await;
        fixture.account(1, &fixture.theirs).await;
        owns(Entity::Account).await;
        assert!(find(fixture, &fixture.them, &fixture.theirs).await.is_some());
        assert_eq!(fixture.api_keys().find(&digest).await.unwrap(), Some(key));
    }

    /// The operator lists all organizations in pages by id, and an organization lists itself.
    pub async fn organizations_are_listed_by_id(fixture: &Fixture) {
        let one = async |id| find(fixture, &samples::operator(), id).await.unwrap();
        let (ours, theirs) = (one(&fixture.ours).await, one(&fixture.theirs).await);
        let hold = async |scope: &Scope, expected: &[Organization]| {
            let list = async |page| fixture.organizations().list(scope, &page).await;
            pages::hold(expected, |found: &Organization| found.id.clone(), list).await;
        };
        hold(&fixture.us, std::slice::from_ref(&ours)).await;
        hold(&fixture.them, std::slice::from_ref(&theirs)).await;
        hold(&samples::operator(), &[ours, theirs]).await;
    }
}
