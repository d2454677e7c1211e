//! The laws of [`TokenCarrier`](switchboard_domain::ports::carrier::TokenCarrier).

use switchboard_domain::carrier::CarrierAccess;
use switchboard_domain::secret::Secret;

use super::{CarrierWorld, Holding, refused};

/// How the account is acted for by another token of its own.
fn with(owner: &Holding, token: &Secret) -> CarrierAccess {
    CarrierAccess { token: token.clone(), ..owner.access() }
}

carrier_laws! {
    $
    /// Stamps the laws of `TokenCarrier` on a harness.
    token_carrier_laws in tokens;

    /// And the primary one as well.
    async fn a_secondary_token_opens_the_account(world: &CarrierWorld) {
        let owner = world.sub();
        let token = world.tokens.create_secondary(&owner.access()).await.unwrap();
        assert_ne!(token.expose(), owner.token.expose());
        world.accounts.fetch(&with(owner, &token)).await.unwrap();
        world.accounts.fetch(&owner.access()).await.unwrap();
    }

    /// One at a time, and the first one stays.
    async fn there_is_no_second_secondary_token(world: &CarrierWorld) {
        let owner = world.sub();
        let token = world.tokens.create_secondary(&owner.access()).await.unwrap();
        let again = world.tokens.create_secondary(&owner.access()).await;
        refused::refused(again, "token.create");
        world.accounts.fetch(&with(owner, &token)).await.unwrap();
    }

    /// And another one can be made.
    async fn a_secondary_token_that_was_deleted_opens_nothing(world: &CarrierWorld) {
        let owner = world.sub();
        let token = world.tokens.create_secondary(&owner.access()).await.unwrap();
        world.tokens.delete_secondary(&owner.access()).await.unwrap();
        let fetched = world.accounts.fetch(&with(owner, &token)).await;
        refused::unauthorized(fetched, "account.fetch", owner);
        let other = world.tokens.create_secondary(&owner.access()).await.unwrap();
        assert_ne!(token.expose(), other.expose());
    }

    /// The old primary token opens nothing any more, and the account says so of the new one.
    async fn a_promoted_token_takes_the_place_of_the_primary_one(world: &CarrierWorld) {
        let owner = world.sub();
        let token = world.tokens.create_secondary(&owner.access()).await.unwrap();
        world.tokens.promote(&owner.access()).await.unwrap();
        let old = world.accounts.fetch(&owner.access()).await;
        refused::unauthorized(old, "account.fetch", owner);
        let account = world.accounts.fetch(&with(owner, &token)).await.unwrap();
        assert_eq!(account.token.map(|told| told.expose() == token.expose()), Some(true));
        world.tokens.create_secondary(&with(owner, &token)).await.unwrap();
    }

    /// The primary token stays as it is.
    async fn without_a_secondary_token_there_is_nothing_to_delete_or_promote(world: &CarrierWorld) {
        let owner = world.sub();
        let deleted = world.tokens.delete_secondary(&owner.access()).await;
        refused::missing(deleted, "token.delete", owner);
        let promoted = world.tokens.promote(&owner.access()).await;
        refused::missing(promoted, "token.promote", owner);
        world.accounts.fetch(&owner.access()).await.unwrap();
    }

    /// A token of another account stays what it is.
    async fn the_tokens_of_other_accounts_stay(world: &CarrierWorld) {
        let token = world.tokens.create_secondary(&world.sub().access()).await.unwrap();
        world.tokens.promote(&world.sub().access()).await.unwrap();
        world.accounts.fetch(&world.main().access()).await.unwrap();
        let foreign = world.accounts.fetch(&with(world.main(), &token)).await;
        refused::unauthorized(foreign, "account.fetch", world.main());
    }

    /// Neither an API key nor the owner's token changes tokens.
    async fn only_the_accounts_own_token_changes_tokens(world: &CarrierWorld) {
        let owner = world.sub();
        for access in [owner.wrong(), owner.by_key(), owner.by_parent(world.main())] {
            let created = world.tokens.create_secondary(&access).await;
            refused::unauthorized(created, "token.create", owner);
            let deleted = world.tokens.delete_secondary(&access).await;
            refused::unauthorized(deleted, "token.delete", owner);
            let promoted = world.tokens.promote(&access).await;
            refused::unauthorized(promoted, "token.promote", owner);
        }
    }

    /// An account that is suspended or closed changes no tokens.
    async fn an_account_that_is_not_active_is_told(world: &CarrierWorld) {
        for owner in world.inactive() {
            let created = world.tokens.create_secondary(&owner.access()).await;
            refused::inactive(created, "token.create", owner);
        }
    }
}
