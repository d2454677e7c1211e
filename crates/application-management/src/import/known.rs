//! What is kept already of the things that an import speaks of.

use std::collections::HashMap;

use switchboard_domain::account::Account;
use switchboard_domain::agent::{Label, Profile};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::number::Channels;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{
    AccountStore, AgentStore, NumberFilter, NumberStore, Page, StoreError,
};
use switchboard_domain::sid::AccountSid;

/// Agents carry their prompts, so a page of them is smaller than one of accounts or numbers.
const AGENTS: u32 = 100;
const ROWS: u32 = 1_000;

/// What the files do not say about things that are there already, and what therefore stays as it is.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Accounts, with their tokens.
    pub(super) accounts: HashMap<AccountSid, Account>,
    /// Agents that have an external id, by it.
    pub(super) agents: HashMap<Label, (AgentId, Profile)>,
    /// The channels of numbers that have others than an import gives.
    pub(super) channels: HashMap<PhoneNumber, Channels>,
}

impl Known {
    pub(super) async fn read_accounts(
        &mut self,
        store: &dyn AccountStore,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let mut page = Page::first(ROWS);
        loop {
            let accounts = store.list(scope, &page).await?;
            let Some(last) = accounts.last() else { return Ok(()) };
            page = Page::behind(last.sid, ROWS);
            self.accounts.extend(accounts.into_iter().map(|account| (account.sid, account)));
        }
    }

    pub(super) async fn read_agents(
        &mut self,
        store: &dyn AgentStore,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let mut page = Page::first(AGENTS);
        loop {
            let agents = store.list(scope, &page).await?;
            let Some(last) = agents.last() else { return Ok(()) };
            page = Page::behind(last.id.clone(), AGENTS);
            self.agents.extend(agents.into_iter().filter_map(|agent| {
                let external_id = agent.profile.external_id.clone()?;
                Some((external_id, (agent.id, agent.profile)))
            }));
        }
    }

    pub(super) async fn read_numbers(
        &mut self,
        store: &dyn NumberStore,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let mut page = Page::first(ROWS);
        loop {
            let numbers = store.list(scope, &NumberFilter::default(), &page).await?;
            let Some(last) = numbers.last() else { return Ok(()) };
            page = Page::behind(last.phone_number, ROWS);
            self.channels.extend(numbers.into_iter().filter_map(|number| {
                let channels = number.assignment?.channels;
                (channels != Channels::VOICE_AND_SMS).then_some((number.phone_number, channels))
            }));
        }
    }
}
