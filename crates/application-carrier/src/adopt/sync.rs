//! Finds the numbers of an account and its subaccounts at the carrier, and stores the new ones.

mod adopted;
mod error;
mod family;

use std::collections::HashSet;
use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::agent::Label;
use switchboard_domain::configuration::WebhookUrls;
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::carrier::{AccountCarrier, Carrier};
use switchboard_domain::ports::{AgentStore, Clock, ImportStore, NumberFilter, NumberStore, Page};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

pub use adopted::Adopted;
pub use error::SyncError;

use super::{
    AccountFinding, Contents, FoundAccount, Inventory, NumberFinding, Proposal, ProposedAgent,
    Stored, UrlOwner, compare,
};
use crate::OperationError;
use crate::configuration::OpenAccess;
use family::Family;
use switchboard_application_management::{TokenSealer, all_accounts, find_account};

const PAGE: u32 = 1_000;

/// Finds the numbers of an account and its subaccounts at the carrier, and stores them.
pub struct SyncAccounts {
    /// Provides credentials and stores accounts.
    pub access: OpenAccess,
    /// Lists accounts, numbers and senders.
    pub carrier: Arc<dyn Carrier>,
    /// Stores numbers.
    pub numbers: Arc<dyn NumberStore>,
    /// Stores agents.
    pub agents: Arc<dyn AgentStore>,
    /// Adds accounts and numbers in one transaction.
    pub imports: Arc<dyn ImportStore>,
    /// Encrypts tokens.
    pub sealer: TokenSealer,
    /// The URLs of this server.
    pub urls: Arc<WebhookUrls>,
    /// Provides the time of creation.
    pub clock: Arc<dyn Clock>,
}

/// The accounts and numbers found at the carrier.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// The organization of the main account.
    organization: OrganizationId,
    /// The main account.
    owner: AccountSid,
    /// Accounts in the order of their SIDs, with their numbers in order.
    pub accounts: Vec<AccountFinding>,
}

impl Discovery {
    /// All numbers, with their accounts.
    pub fn numbers(&self) -> impl Iterator<Item = (&AccountFinding, &NumberFinding)> {
        let of =
            |account| AccountFinding::numbers(account).iter().map(move |number| (account, number));
        self.accounts.iter().flat_map(of)
    }

    /// The agent ids in legacy URLs that match no stored agent, each once.
    pub fn unknown_agents(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self
            .numbers()
            .filter_map(|(_, number)| {
                let Proposal::Unknown(id) = &number.proposal else { return None };
                Some(id.as_str())
            })
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Keeps only these accounts with all of their numbers, and these numbers with their accounts.
    pub fn only(&mut self, accounts: &[AccountSid], numbers: &[Sender]) {
        self.accounts.retain_mut(|account| {
            if accounts.contains(&account.sid) {
                return true;
            }
            let Inventory::Listed(contents) = &mut account.inventory else { return false };
            contents.numbers.retain(|number| numbers.contains(&number.sender));
            !contents.numbers.is_empty()
        });
    }
}

impl SyncAccounts {
    /// Reads the account and its subaccounts at the carrier, and compares them with the store. Changes nothing.
    pub async fn discover(&self, scope: &Scope, sid: AccountSid) -> Result<Discovery, SyncError> {
        let own = find_account(self.access.accounts.as_ref(), scope, sid).await?;
        let access = self.access.for_account(&own).await?;
        let listed = AccountCarrier::list(self.carrier.as_ref(), &access).await;
        let listed = listed.map_err(OperationError::carrier(sid, "listing the subaccounts"))?;
        let mut stored = self.stored(&own).await?;
        let (carrier, urls) = (self.carrier.as_ref(), self.urls.as_ref());
        let family = Family { access: &self.access, carrier, urls, main: &access };
        let found = family.read(listed, &stored).await;
        self.find_agents(&own, &found, &mut stored).await?;
        let accounts = compare(sid, found, &stored);
        Ok(Discovery { organization: own.organization, owner: sid, accounts })
    }

    async fn stored(&self, own: &Account) -> Result<Stored, SyncError> {
        let scope = Scope::Organization(own.organization.clone());
        let mut stored = Stored::default();
        for account in all_accounts(self.access.accounts.as_ref(), &scope).await? {
            stored.accounts.insert(account.sid, account);
        }
        let mut page = Page::first(PAGE);
        loop {
            let listed = self.numbers.list(&scope, &NumberFilter::default(), &page).await;
            let listed = listed.map_err(OperationError::store("listing numbers"))?;
            match listed.last() {
                Some(last) => page = Page::behind(last.sender, PAGE),
                None => return Ok(stored),
            }
            stored.numbers.extend(listed.into_iter().map(|number| (number.sender, number)));
        }
    }

    /// Finds the agents that legacy URLs name, by external id and then by id.
    async fn find_agents(
        &self,
        own: &Account,
        found: &[FoundAccount],
        stored: &mut Stored,
    ) -> Result<(), SyncError> {
        let scope = Scope::Organization(own.organization.clone());
        let finding = || OperationError::store("finding the agents of legacy URLs");
        for id in named(found) {
            let mut agent = None;
            if let Ok(label) = Label::parse(id) {
                let of_that_name = self.agents.named(&scope, &label).await.map_err(finding())?;
                agent = of_that_name
                    .into_iter()
                    .find(|agent| agent.profile.external_id.as_ref() == Some(&label));
            }
            if let (None, Ok(key)) = (&agent, AgentId::parse(id)) {
                agent = self.agents.find(&scope, &key).await.map_err(finding())?;
            }
            if let Some(agent) = agent {
                let (external_id, name) = (agent.profile.external_id, agent.profile.name);
                stored
                    .agents
                    .insert(id.to_owned(), ProposedAgent { id: agent.id, external_id, name });
            }
        }
        Ok(())
    }
}

/// The agent ids in legacy URLs, each once.
fn named(found: &[FoundAccount]) -> HashSet<&str> {
    let mut ids = HashSet::new();
    for account in found {
        let Inventory::Listed(Contents { numbers, .. }) = &account.inventory else { continue };
        for number in numbers {
            let senders = number.whatsapp.iter().chain(&number.rcs);
            let all = [&number.voice, &number.messages].into_iter().chain(senders);
            ids.extend(all.filter_map(UrlOwner::agent));
        }
    }
    ids
}

#[cfg(test)]
mod tests;
