//! The laws of [`ApiKeyStore`](switchboard_domain::ports::ApiKeyStore).

use switchboard_domain::api_key::{ApiKey, KeyDigest, KeyScopes};
use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::source_networks::SourceNetworks;

use crate::expect_error::assert_missing;
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// Key `n` of an organization, or of the operator, and its digest.
pub(crate) fn sample(n: u8, owner: Option<&OrganizationId>) -> (ApiKey, KeyDigest) {
    let key = ApiKey {
        id: ApiKeyId::new(samples::at(n.into()), [n; 10]),
        organization: owner.cloned(),
        name: Label::parse(&format!("key {n} é")).unwrap(),
        scopes: KeyScopes::parse("read,configure").unwrap(),
        networks: SourceNetworks::default(),
        created_at: samples::at(n.into()),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    };
    (key, KeyDigest::new_key(&[n; 32]).1)
}

async fn add(fixture: &Fixture, n: u8, owner: Option<&OrganizationId>) -> ApiKey {
    let (key, digest) = sample(n, owner);
    fixture.api_keys().add(&samples::operator(), &key, &digest).await.unwrap();
    key
}

async fn find(fixture: &Fixture, n: u8) -> Option<ApiKey> {
    fixture.api_keys().find(&sample(n, None).1).await.unwrap()
}

#[laws(api_keys::api_key_laws)]
pub mod laws {
    use super::*;

    /// A key is found by the digest of its secret, exactly as it was added.
    pub async fn a_key_is_found_by_its_digest(fixture: &Fixture) {
        let plain = add(fixture, 1, None).await;
        let (key, digest) = sample(2, Some(&fixture.ours));
        let whole = ApiKey {
            networks: SourceNetworks::parse("10.0.0.0/8,fd00::/8").unwrap(),
            expires_at: Some(samples::at(50)),
            revoked_at: Some(samples::at(40)),
            last_used_at: Some(samples::at(30)),
            ..key
        };
        fixture.api_keys().add(&fixture.us, &whole, &digest).await.unwrap();
        assert_eq!(find(fixture, 1).await, Some(plain));
        assert_eq!(find(fixture, 2).await, Some(whole));
        assert_eq!(find(fixture, 3).await, None);
    }

    /// Keys are listed in pages by id. Only the operator sees operator keys.
    pub async fn each_scope_lists_its_keys(fixture: &Fixture) {
        let operator = add(fixture, 4, None).await;
        let later = add(fixture, 3, Some(&fixture.ours)).await;
        let theirs = add(fixture, 2, Some(&fixture.theirs)).await;
        let earlier = add(fixture, 1, Some(&fixture.ours)).await;
        let hold = async |scope: &Scope, expected: &[ApiKey]| {
            let list = async |page| fixture.api_keys().list(scope, &page).await;
            pages::hold(expected, |key: &ApiKey| key.id.clone(), list).await;
        };
        hold(&fixture.us, &[earlier.clone(), later.clone()]).await;
        hold(&fixture.them, std::slice::from_ref(&theirs)).await;
        hold(&samples::operator(), &[earlier, theirs, later, operator]).await;
    }

    /// An id and a digest are used once, and only for an organization that exists and that the scope covers.
    pub async fn a_refused_key_changes_nothing(fixture: &Fixture) {
        let first = add(fixture, 1, Some(&fixture.ours)).await;
        let try_add = async |scope: &Author, key: &ApiKey, digest: &KeyDigest| {
            fixture.api_keys().add(scope, key, digest).await
        };
        let (second, digest) = sample(2, Some(&fixture.ours));
        let same_id = ApiKey { id: first.id.clone(), ..second.clone() };
        let same_digest = sample(1, None).1;
        for (key, digest) in [(&same_id, &digest), (&second, &same_digest)] {
            let added = try_add(&samples::operator(), key, digest).await;
            assert!(matches!(added, Err(StoreError::Exists { entity: Entity::ApiKey })));
        }
        assert_missing(try_add(&fixture.them, &second, &digest).await, Entity::Organization);
        let operator = ApiKey { organization: None, ..second.clone() };
        assert_missing(try_add(&fixture.us, &operator, &digest).await, Entity::Organization);
        let nobody = ApiKey { organization: Some(samples::organization(9)), ..second };
        assert_missing(try_add(&samples::operator(), &nobody, &digest).await, Entity::Organization);
        assert_eq!(find(fixture, 1).await, Some(first));
        assert_eq!(find(fixture, 2).await, None);
    }

    /// A key is revoked once; the first time stays.
    pub async fn a_revoked_key_stays_revoked(fixture: &Fixture) {
        let key = add(fixture, 1, Some(&fixture.ours)).await;
        let other = add(fixture, 2, Some(&fixture.ours)).await;
        let revoked = ApiKey { revoked_at: Some(samples::at(60)), ..key.clone() };
        for second in [60, 70] {
            let at = samples::at(second);
            let returned = fixture.api_keys().revoke(&fixture.us, &key.id, at).await.unwrap();
            assert_eq!(returned, revoked);
        }
        assert_eq!(find(fixture, 1).await, Some(revoked));
        assert_eq!(find(fixture, 2).await, Some(other));
    }

    /// Another organization cannot revoke a key, and no organization can revoke an operator key.
    pub async fn a_key_of_another_organization_is_missing(fixture: &Fixture) {
        let ours = add(fixture, 1, Some(&fixture.ours)).await;
        let operator = add(fixture, 2, None).await;
        let store = fixture.api_keys();
        let at = samples::at(60);
        assert_missing(store.revoke(&fixture.them, &ours.id, at).await, Entity::ApiKey);
        assert_missing(store.revoke(&fixture.us, &operator.id, at).await, Entity::ApiKey);
        let unknown = sample(9, None).0.id;
        assert_missing(store.revoke(&samples::operator(), &unknown, at).await, Entity::ApiKey);
        assert_eq!(find(fixture, 1).await, Some(ours));
        assert_eq!(find(fixture, 2).await, Some(operator));
    }

    /// The last use moves forward only, and only of keys that exist.
    pub async fn the_last_use_of_a_key_moves_forward(fixture: &Fixture) {
        let first = add(fixture, 1, None).await;
        let second = add(fixture, 2, Some(&fixture.ours)).await;
        let unknown = sample(9, None).0.id;
        let used = async |used: &[(&ApiKeyId, i64)]| {
            let used: Vec<_> =
                used.iter().map(|(id, second)| ((*id).clone(), samples::at(*second))).collect();
            fixture.api_keys().record_use(&used).await.unwrap();
        };
        used(&[(&first.id, 100), (&unknown, 100), (&second.id, 90)]).await;
        used(&[(&first.id, 95), (&second.id, 110)]).await;
        used(&[]).await;
        let last = async |n: u8| find(fixture, n).await.unwrap().last_used_at;
        assert_eq!(last(1).await, Some(samples::at(100)));
        assert_eq!(last(2).await, Some(samples::at(110)));
        assert_eq!(find(fixture, 9).await, None);
    }
}
