//! The laws of [`TokenCarrier`](switchboard_domain::ports::carrier::TokenCarrier).

use super::expect_error::{assert_inactive, assert_missing, assert_refused, assert_unauthorized};
use super::{CarrierFixture, Holding};
use crate::prelude::*;

/// How the account is acted for by another token of its own.
fn with(owner: &Holding, token: &Secret) -> CarrierAccess {
    CarrierAccess { token: token.clone(), ..owner.access() }
}

#[laws(carrier::tokens::token_carrier_laws)]
pub mod laws {
    use super::*;

    /// And the primary one as well.
    pub async fn a_secondary_token_opens_the_account(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let token = fixture.tokens().create_secondary(&owner.access()).await.unwrap();
        assert_ne!(token.expose(), owner.token.expose());
        fixture.accounts().fetch(&with(owner, &token)).await.unwrap();
        fixture.accounts().fetch(&owner.access()).await.unwrap();
    }

    /// One at a time, and the first one stays.
    pub async fn there_is_no_second_secondary_token(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let token = fixture.tokens().create_secondary(&owner.access()).await.unwrap();
        let again = fixture.tokens().create_secondary(&owner.access()).await;
        assert_refused(again, "token.create");
        fixture.accounts().fetch(&with(owner, &token)).await.unwrap();
    }

    /// And another one can be made.
    pub async fn a_secondary_token_that_was_deleted_opens_nothing(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let token = fixture.tokens().create_secondary(&owner.access()).await.unwrap();
        fixture.tokens().delete_secondary(&owner.access()).await.unwrap();
        let fetched = fixture.accounts().fetch(&with(owner, &token)).await;
        assert_unauthorized(fetched, "account.fetch", owner);
        let other = fixture.tokens().create_secondary(&owner.access()).await.unwrap();
        assert_ne!(token.expose(), other.expose());
    }

    /// The old primary token opens nothing any more, and the account says so of the new one.
    pub async fn a_promoted_token_takes_the_place_of_the_primary_one(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let token = fixture.tokens().create_secondary(&owner.access()).await.unwrap();
        fixture.tokens().promote(&owner.access()).await.unwrap();
        let old = fixture.accounts().fetch(&owner.access()).await;
        assert_unauthorized(old, "account.fetch", owner);
        let account = fixture.accounts().fetch(&with(owner, &token)).await.unwrap();
        assert_eq!(account.token.map(|told| told.expose() == token.expose()), Some(true));
        fixture.tokens().create_secondary(&with(owner, &token)).await.unwrap();
    }

    /// The primary token stays as it is.
    pub async fn without_a_secondary_token_there_is_nothing_to_delete_or_promote(
        fixture: &CarrierFixture,
    ) {
        let owner = fixture.sub();
        let deleted = fixture.tokens().delete_secondary(&owner.access()).await;
        assert_missing(deleted, "token.delete", owner);
        let promoted = fixture.tokens().promote(&owner.access()).await;
        assert_missing(promoted, "token.promote", owner);
        fixture.accounts().fetch(&owner.access()).await.unwrap();
    }

    /// A token of another account stays what it is.
    pub async fn the_tokens_of_other_accounts_stay(fixture: &CarrierFixture) {
        let token = fixture.tokens().create_secondary(&fixture.sub().access()).await.unwrap();
        fixture.tokens().promote(&fixture.sub().access()).await.unwrap();
        fixture.accounts().fetch(&fixture.main().access()).await.unwrap();
        let foreign = fixture.accounts().fetch(&with(fixture.main(), &token)).await;
        assert_unauthorized(foreign, "account.fetch", fixture.main());
    }

    /// Neither an API key nor the owner's token changes tokens.
    pub async fn only_the_accounts_own_token_changes_tokens(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        for access in [owner.wrong(), owner.by_key(), owner.by_parent(fixture.main())] {
            let created = fixture.tokens().create_secondary(&access).await;
            assert_unauthorized(created, "token.create", owner);
            let deleted = fixture.tokens().delete_secondary(&access).await;
            assert_unauthorized(deleted, "token.delete", owner);
            let promoted = fixture.tokens().promote(&access).await;
            assert_unauthorized(promoted, "token.promote", owner);
        }
    }

    /// An account that is suspended or closed changes no tokens.
    pub async fn an_account_that_is_not_active_is_told(fixture: &CarrierFixture) {
        for owner in fixture.inactive() {
            let created = fixture.tokens().create_secondary(&owner.access()).await;
            assert_inactive(created, "token.create", owner);
        }
    }
}
