//! Accounts.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use switchboard_domain::account::Account;
use switchboard_domain::audit::{Action, Author, ObjectRef};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AccountStore, Change, Entity, Page, PlanPlace, StoreError};
use switchboard_domain::sid::AccountSid;

use crate::MemoryStore;
use crate::audited::Audited;
use crate::pages::page_of;
use crate::state::{exists, missing, used_by_number};

#[async_trait]
impl AccountStore for MemoryStore {
    async fn add(&self, author: &Author, account: &Account) -> Result<(), StoreError> {
        let mut state = self.enter("account.add").await?;
        state.may_add(author, &account.organization)?;
        let audited = Audited::begin(&state, ObjectRef::account(account.sid));
        match state.accounts.entry(account.sid) {
            Entry::Occupied(_) => return Err(exists(Entity::Account)),
            Entry::Vacant(place) => place.insert(account.clone()),
        };
        audited.end(&mut state, author, Action::AccountAdded);
        state.changes.record(Change::Accounts);
        Ok(())
    }

    async fn find(&self, scope: &Scope, sid: AccountSid) -> Result<Option<Account>, StoreError> {
        let state = self.enter("account.find").await?;
        Ok(state.accounts.get(&sid).filter(|account| scope.covers(&account.organization)).cloned())
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<AccountSid>,
    ) -> Result<Vec<Account>, StoreError> {
        Ok(page_of(&self.enter("account.list").await?.accounts, page, |account| {
            scope.covers(&account.organization)
        }))
    }

    async fn change<'a>(
        &self,
        author: &Author,
        before: Option<&'a Account>,
        account: &Account,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("account.change").await?;
        let audited = Audited::begin(&state, ObjectRef::account(account.sid));
        let kept =
            state.accounts.get_mut(&account.sid).filter(|kept| author.covers(&kept.organization));
        let kept = kept.ok_or(missing(Entity::Account))?;
        must_be_as(kept, before)?;
        replace(kept, account);
        audited.end(&mut state, author, Action::AccountChanged);
        state.changes.record(Change::Accounts);
        Ok(())
    }

    async fn remove<'a>(
        &self,
        author: &Author,
        sid: AccountSid,
        before: Option<&'a Account>,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("account.remove").await?;
        let kept = state.accounts.get(&sid).filter(|kept| author.covers(&kept.organization));
        must_be_as(kept.ok_or(missing(Entity::Account))?, before)?;
        if state.numbers.values().any(|number| number.account == sid) {
            return Err(used_by_number(Entity::Account));
        }
        let audited = Audited::begin(&state, ObjectRef::account(sid));
        state.accounts.remove(&sid);
        state.plan_places.remove(&PlanPlace::Account(sid));
        audited.end(&mut state, author, Action::AccountRemoved);
        state.changes.record(Change::Accounts);
        Ok(())
    }
}

/// Replaces what can be changed of an account.
fn replace(kept: &mut Account, account: &Account) {
    kept.name = account.name.clone();
    kept.parent = account.parent;
    kept.tokens = account.tokens.clone();
    kept.api_key.clone_from(&account.api_key);
    kept.region = account.region;
    kept.status = account.status;
    kept.validation = account.validation;
    kept.connection = account.connection;
}

/// An account is still as the caller read it.
fn must_be_as(kept: &Account, before: Option<&Account>) -> Result<(), StoreError> {
    if before.is_none_or(|before| before == kept) {
        Ok(())
    } else {
        Err(StoreError::Changed { entity: Entity::Account })
    }
}
