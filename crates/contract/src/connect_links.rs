//! The laws of [`ConnectLinkStore`](switchboard_domain::ports::ConnectLinkStore).

use switchboard_domain::audit::Actor;
use switchboard_domain::connect_link::{ConnectLink, StateDigest};
use switchboard_domain::identifier::ApiKeyId;

use crate::concurrent::at_once;
use crate::expect_error::assert_missing;
use crate::prelude::*;
use crate::{Fixture, samples};

/// More links than any law keeps.
const MOST: u32 = 100;

/// Link `n` of an organization, which expires at a second.
fn link(n: u8, organization: &OrganizationId, expires: i64) -> ConnectLink {
    ConnectLink {
        digest: StateDigest::of(&n.to_string()),
        organization: organization.clone(),
        actor: Actor::ApiKey(ApiKeyId::new(samples::at(1), [n; 10])),
        expires_at: samples::at(expires),
    }
}

async fn add(fixture: &Fixture, link: &ConnectLink) {
    fixture.connect_links().add(link, MOST).await.unwrap();
}

async fn take(fixture: &Fixture, link: &ConnectLink, second: i64) -> Option<ConnectLink> {
    fixture.connect_links().take(&link.digest, samples::at(second)).await.unwrap()
}

#[laws(connect_links::connect_link_laws)]
pub mod laws {
    use super::*;

    /// A link is taken as it was added, once. Another link stays.
    pub async fn a_link_is_taken_once(fixture: &Fixture) {
        let ours = link(1, &fixture.ours, 100);
        let user = Label::parse("alice").unwrap();
        let theirs =
            ConnectLink { actor: Actor::CommandLine(Some(user)), ..link(2, &fixture.theirs, 100) };
        let unnamed = ConnectLink { actor: Actor::CommandLine(None), ..link(3, &fixture.ours, 9) };
        for one in [&ours, &theirs, &unnamed] {
            add(fixture, one).await;
        }
        assert_eq!(take(fixture, &ours, 99).await, Some(ours.clone()));
        assert_eq!(take(fixture, &ours, 99).await, None);
        assert_eq!(take(fixture, &theirs, 5).await, Some(theirs));
        assert_eq!(take(fixture, &unnamed, 5).await, Some(unnamed));
        assert_eq!(take(fixture, &link(4, &fixture.ours, 100), 5).await, None);
    }

    /// A link that has expired is not returned, and an attempt uses it up.
    pub async fn an_expired_link_is_not_taken(fixture: &Fixture) {
        let expired = link(1, &fixture.ours, 100);
        add(fixture, &expired).await;
        assert_eq!(take(fixture, &expired, 100).await, None);
        assert_eq!(take(fixture, &expired, 99).await, None);
    }

    /// Of several that take a link at the same time, one gets it.
    pub async fn of_several_at_once_one_takes_a_link(fixture: &Fixture) {
        let wanted = link(1, &fixture.ours, 100);
        add(fixture, &wanted).await;
        let taken = at_once(|_| {
            let (store, digest) = (fixture.store(), wanted.digest);
            async move { store.connect_links().take(&digest, samples::at(1)).await.unwrap() }
        })
        .await;
        let taken: Vec<_> = taken.into_iter().flatten().collect();
        assert_eq!(taken, [wanted]);
    }

    /// The links of an organization that expire first are forgotten; those of another one stay.
    pub async fn an_organization_has_a_limited_number_of_links(fixture: &Fixture) {
        let foreign = link(9, &fixture.theirs, 1);
        add(fixture, &foreign).await;
        for (n, expires) in [(1, 102), (2, 101), (3, 103)] {
            fixture.connect_links().add(&link(n, &fixture.ours, expires), 2).await.unwrap();
        }
        assert_eq!(take(fixture, &link(2, &fixture.ours, 101), 0).await, None);
        for n in [1, 3] {
            assert!(take(fixture, &link(n, &fixture.ours, 0), 0).await.is_some());
        }
        assert_eq!(take(fixture, &foreign, 0).await, Some(foreign));
    }

    /// An organization that does not exist gets no links.
    pub async fn a_link_needs_an_organization(fixture: &Fixture) {
        let unknown = OrganizationId::new(samples::at(1), [200; 10]);
        let added = fixture.connect_links().add(&link(1, &unknown, 100), MOST).await;
        assert_missing(added, Entity::Organization);
    }
}
