//! The stored records that an import refers to.

use std::collections::HashMap;

use switchboard_domain::account::Account;
use switchboard_domain::agent::{Agent, Label};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::number::{Number, RepairPolicy};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::CatalogueNames;
use switchboard_domain::ports::{
    AccountStore, AgentLimits, AgentStore, CatalogueStore, ConfigurationStore, NumberFilter,
    NumberStore, Page, StoreError,
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
    /// Agents by their external id; those without one by their own id, as exports name them.
    pub(super) agents: HashMap<Label, Agent>,
    /// The limits of agents, if the import has some.
    pub(super) limits: HashMap<AgentId, AgentLimits>,
    pub(super) numbers: HashMap<PhoneNumber, Number>,
    /// Whether the server may repair the numbers, if the import says so.
    pub(super) policies: HashMap<PhoneNumber, RepairPolicy>,
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
                let own_id = || Label::parse(agent.id.as_str()).ok();
                Some((agent.profile.external_id.clone().or_else(own_id)?, agent))
            }));
        }
    }

    /// Reads the limits of all known agents.
    pub(super) async fn read_limits(
        &mut self,
        catalogue: &dyn CatalogueStore,
        organization: &OrganizationId,
    ) -> Result<(), StoreError> {
        let ids = self.agents.values().filter_map(|agent| Label::parse(agent.id.as_str()).ok());
        let ids: Vec<_> = ids.collect();
        for agents in ids.chunks(AGENTS_PER_PAGE as usize) {
            let names = CatalogueNames { agents: agents.to_vec(), ..CatalogueNames::default() };
            let found = catalogue.materials(organization, &names).await?;
            self.limits.extend(found.agents.into_iter().map(|agent| (agent.id, agent.limits)));
        }
        Ok(())
    }

    /// Reads whether the server may repair the numbers.
    pub(super) async fn read_policies(
        &mut self,
        store: &dyn ConfigurationStore,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let mut page = Page::first(ROWS_PER_PAGE);
        loop {
            let numbers = store.list(scope, &NumberFilter::default(), &page).await?;
            let Some(last) = numbers.last() else { return Ok(()) };
            page = Page::behind(last.number.phone_number, ROWS_PER_PAGE);
            let policies = numbers.into_iter().map(|one| (one.number.phone_number, one.policy));
            self.policies.extend(policies);
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
