//! The laws of [`OrganizationStore`](switchboard_domain::ports::OrganizationStore).

use switchboard_domain::organization::Organization;

use crate::prelude::*;
use crate::{Fixture, pages, samples};

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
        assert_eq!(find(fixture, &Scope::Operator, &fixture.ours).await, Some(ours));
        let theirs = find(fixture, &Scope::Operator, &fixture.theirs).await.unwrap();
        assert_eq!(theirs.name.as_str(), "the others");
        assert_eq!(find(fixture, &fixture.us, &fixture.theirs).await, None);
        assert_eq!(find(fixture, &Scope::Operator, &samples::organization(9)).await, None);
    }

    /// The operator lists all organizations in pages by id, and an organization lists itself.
    pub async fn organizations_are_listed_by_id(fixture: &Fixture) {
        let one = async |id| find(fixture, &Scope::Operator, id).await.unwrap();
        let (ours, theirs) = (one(&fixture.ours).await, one(&fixture.theirs).await);
        let hold = async |scope: &Scope, expected: &[Organization]| {
            let list = async |page| fixture.organizations().list(scope, &page).await;
            pages::hold(expected, |found: &Organization| found.id.clone(), list).await;
        };
        hold(&fixture.us, std::slice::from_ref(&ours)).await;
        hold(&fixture.them, std::slice::from_ref(&theirs)).await;
        hold(&Scope::Operator, &[ours, theirs]).await;
    }
}
