//! The stored records that an import refers to.

use std::collections::HashMap;

use switchboard_domain::account::Account;
use switchboard_domain::agent::{Agent, Label};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::number::{Number, RepairPolicy};
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::CatalogueNames;
use switchboard_domain::ports::{
    AccountStore, AgentLimits, AgentStore, CatalogueStore, ConfigurationStore, ConfiguredNumber,
    NumberFilter, NumberStore, Page, StoreError,
};
use switchboard_domain::sender::Sender;
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
    pub(super) numbers: HashMap<Sender, Number>,
    /// Whether the server may repair the numbers, if the import says so.
    pub(super) policies: HashMap<Sender, RepairPolicy>,
}

impl Known {
    pub(super) async fn read_accounts(
        &mut self,
        store: &dyn AccountStore,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let read = async |page| store.list(scope, &page).await;
        let accounts = all(ROWS_PER_PAGE, |account: &Account| account.sid, read).await?;
        self.accounts = accounts.into_iter().map(|account| (account.sid, account)).collect();
        Ok(())
    }

    pub(super) async fn read_agents(
        &mut self,
        store: &dyn AgentStore,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let read = async |page| store.list(scope, &page).await;
        let agents = all(AGENTS_PER_PAGE, |agent: &Agent| agent.id.clone(), read).await?;
        self.agents.extend(agents.into_iter().filter_map(|agent| {
            let own_id = || Label::parse(agent.id.as_str()).ok();
            Some((agent.profile.external_id.clone().or_else(own_id)?, agent))
        }));
        Ok(())
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

    /// Reads the numbers, and whether the server may repair them.
    pub(super) async fn read_numbers_with_policies(
        &mut self,
        store: &dyn ConfigurationStore,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let read = async |page| store.list(scope, &NumberFilter::default(), &page).await;
        let key = |one: &ConfiguredNumber| one.number.sender;
        for one in all(ROWS_PER_PAGE, key, read).await? {
            self.policies.insert(one.number.sender, one.policy);
            self.numbers.insert(one.number.sender, one.number);
        }
        Ok(())
    }

    pub(super) async fn read_numbers(
        &mut self,
        store: &dyn NumberStore,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let read = async |page| store.list(scope, &NumberFilter::default(), &page).await;
        let numbers = all(ROWS_PER_PAGE, |number: &Number| number.sender, read).await?;
        self.numbers = numbers.into_iter().map(|number| (number.sender, number)).collect();
        Ok(())
    }
}

/// All entries of a list, page by page.
async fn all<K, T>(
    limit: u32,
    key: impl Fn(&T) -> K,
    mut read: impl AsyncFnMut(Page<K>) -> Result<Vec<T>, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut entries = Vec::new();
    let mut page = Page::first(limit);
    loop {
        let found = read(page).await?;
        let Some(last) = found.last() else { return Ok(entries) };
        page = Page::behind(key(last), limit);
        entries.extend(found);
    }
}
