//! The laws of [`TokenCarrier`](switchboard_domain::ports::carrier::TokenCarrier).

use super::expect_error::{assert_inactive, assert_missing, assert_refused, assert_unauthorized};
use super::{CarrierFixture, Holding};
use crate::prelude::*;

/// Access with another token of the same account.
fn with(owner: &Holding, token: &Secret) -> CarrierAccess {
    CarrierAccess { token: token.clone(), ..owner.access() }
}

#[laws(carrier::tokens::token_carrier_laws)]
pub mod laws {
    use super::*;

    /// After a secondary token is created, both it and the primary token are valid.
    pub async fn a_secondary_token_opens_the_account(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let token = fixture.tokens().create_secondary(&owner.access()).await.unwrap();
        assert_ne!(token.expose(), owner.token.expose());
        fixture.accounts().fetch(&with(owner, &token)).await.unwrap();
        fixture.accounts().fetch(&owner.access()).await.unwrap();
    }

    /// An account can have only one secondary token, and creating another one leaves it unchanged.
    pub async fn there_is_no_second_secondary_token(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let token = fixture.tokens().create_secondary(&owner.access()).await.unwrap();
        let again = fixture.tokens().create_secondary(&owner.access()).await;
        assert_refused(again, "token.create");
        fixture.accounts().fetch(&with(owner, &token)).await.unwrap();
    }

    /// A deleted secondary token is invalid, and a new one can be created.
    pub async fn a_secondary_token_that_was_deleted_opens_nothing(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let token = fixture.tokens().create_secondary(&owner.access()).await.unwrap();
        fixture.tokens().delete_secondary(&owner.access()).await.unwrap();
        let fetched = fixture.accounts().fetch(&with(owner, &token)).await;
        assert_unauthorized(fetched, "account.fetch", owner);
        let other = fixture.tokens().create_secondary(&owner.access()).await.unwrap();
        assert_ne!(token.expose(), other.expose());
    }

    /// After a promotion, the old primary token is invalid, and the account returns the promoted
    /// one as its token.
    pub async fn a_promoted_token_takes_the_place_of_the_primary_one(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let token = fixture.tokens().create_secondary(&owner.access()).await.unwrap();
        fixture.tokens().promote(&owner.access()).await.unwrap();
        let old = fixture.accounts().fetch(&owner.access()).await;
        assert_unauthorized(old, "account.fetch", owner);
        let account = fixture.accounts().fetch(&with(owner, &token)).await.unwrap();
        assert_eq!(account.token.map(|reported| reported.expose() == token.expose()), Some(true));
        fixture.tokens().create_secondary(&with(owner, &token)).await.unwrap();
    }

    /// Without a secondary token, deleting and promoting fail, and the primary token stays valid.
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

    /// A rotation of one account does not change the tokens of another account.
    pub async fn the_tokens_of_other_accounts_stay(fixture: &CarrierFixture) {
        let token = fixture.tokens().create_secondary(&fixture.sub().access()).await.unwrap();
        fixture.tokens().promote(&fixture.sub().access()).await.unwrap();
        fixture.accounts().fetch(&fixture.main().access()).await.unwrap();
        let foreign = fixture.accounts().fetch(&with(fixture.main(), &token)).await;
        assert_unauthorized(foreign, "account.fetch", fixture.main());
    }

    /// Neither an API key nor the owner's token can change tokens.
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

    /// A suspended or closed account cannot change its tokens.
    pub async fn an_inactive_account_is_reported(fixture: &CarrierFixture) {
        for owner in fixture.inactive() {
            let created = fixture.tokens().create_secondary(&owner.access()).await;
            assert_inactive(created, "token.create", owner);
        }
    }
}
