//! The stored records that an import refers to.

use std::collections::HashMap;

use switchboard_domain::account::Account;
use switchboard_domain::agent::{Agent, Label};
use switchboard_domain::number::Number;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{
    AccountStore, AgentStore, NumberFilter, NumberStore, Page, StoreError,
};
use switchboard_domain::sid::AccountSid;

/// Agents include their prompts, so a page of them is smaller than one of accounts or numbers.
const AGENTS_PER_PAGE: u32 = 100;
const ROWS_PER_PAGE: u32 = 1_000;

/// The stored records of one organization.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Accounts, with their sealed tokens.
    pub(super) accounts: HashMap<AccountSid, Account>,
    /// Agents that have an external id, by that id.
    pub(super) agents: HashMap<Label, Agent>,
    pub(super) numbers: HashMap<PhoneNumber, Number>,
}

impl Known {
    pub(super) async fn read_accounts(
        &mut self,
        store: &dyn AccountStore,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let mut page = Page::first(ROWS_PER_PAGE);
        loop {
            let accounts = store.list(scope, &page).await?;
            let Some(last) = accounts.last() else { return Ok(()) };
            page = Page::behind(last.sid, ROWS_PER_PAGE);
            self.accounts.extend(accounts.into_iter().map(|account| (account.sid, account)));
        }
    }

    pub(super) async fn read_agents(
        &mut self,
        store: &dyn AgentStore,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let mut page = Page::first(AGENTS_PER_PAGE);
        loop {
            let agents = store.list(scope, &page).await?;
            let Some(last) = agents.last() else { return Ok(()) };
            page = Page::behind(last.id.clone(), AGENTS_PER_PAGE);
            self.agents.extend(agents.into_iter().filter_map(|agent| {
                let external_id = agent.profile.external_id.clone()?;
                Some((external_id, agent))
            }));
        }
    }

    pub(super) async fn read_numbers(
        &mut self,
        store: &dyn NumberStore,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let mut page = Page::first(ROWS_PER_PAGE);
        loop {
            let numbers = store.list(scope, &NumberFilter::default(), &page).await?;
            let Some(last) = numbers.last() else { return Ok(()) };
            page = Page::behind(last.phone_number, ROWS_PER_PAGE);
            self.numbers.extend(numbers.into_iter().map(|number| (number.phone_number, number)));
        }
    }
}
