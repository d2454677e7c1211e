//! Accounts and numbers at the carrier become accounts and numbers here.

mod error;
mod looking;
mod taking;

use std::collections::HashSet;
use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::agent::Label;
use switchboard_domain::configuration::WebhookUrls;
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::carrier::{AccountCarrier, Carrier};
use switchboard_domain::ports::{AgentStore, Clock, ImportStore, NumberFilter, NumberStore, Page};
use switchboard_domain::sid::AccountSid;

pub use error::SyncError;
pub use taking::Adopted;

use super::{
    AccountFinding, Choice, Contents, FoundAccount, Kept, NumberFinding, Proposal, Reach, UrlOwner,
    compare,
};
use crate::configuration::{ConfigurationError, OpenAccess};
use looking::Family;
use switchboard_application_management::{TokenSealer, all_accounts, find_account};

const PAGE: u32 = 1_000;

/// Finds what an account and those that it owns have at the carrier, and takes it in.
pub struct SyncAccounts {
    /// Opens accounts; its store keeps them.
    pub access: OpenAccess,
    /// Where is looked.
    pub carrier: Arc<dyn Carrier>,
    /// Where numbers are kept.
    pub numbers: Arc<dyn NumberStore>,
    /// Where agents are kept.
    pub agents: Arc<dyn AgentStore>,
    /// Takes accounts and numbers in.
    pub imports: Arc<dyn ImportStore>,
    /// Seals tokens.
    pub sealer: TokenSealer,
    /// Our own addresses.
    pub urls: Arc<WebhookUrls>,
    /// Tells when things were added.
    pub clock: Arc<dyn Clock>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// The tenant of the account that was named.
    organization: OrganizationId,
    /// That account.
    owner: AccountSid,
    /// Accounts and their numbers, in the order of SIDs and of texts.
    pub accounts: Vec<AccountFinding>,
}

impl Discovery {
    /// Every number of every account.
    pub fn numbers(&self) -> impl Iterator<Item = (&AccountFinding, &NumberFinding)> {
        let of =
            |account| AccountFinding::numbers(account).iter().map(move |number| (account, number));
        self.accounts.iter().flat_map(of)
    }

    /// The ids in old URLs by which no agent is known here, each once.
    pub fn unknown_agents(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self
            .numbers()
            .filter_map(|(_, number)| match &number.proposal {
                Proposal::Unknown(id) => Some(id.as_str()),
                _ => None,
            })
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Only these accounts, with all of their numbers, and these numbers, with their accounts.
    pub fn only(&mut self, accounts: &[AccountSid], numbers: &[PhoneNumber]) {
        self.accounts.retain_mut(|account| {
            if accounts.contains(&account.sid) {
                return true;
            }
            let Reach::Reached(contents) = &mut account.contents else { return false };
            contents.numbers.retain(|number| numbers.contains(&number.phone_number));
            !contents.numbers.is_empty()
        });
    }
}

impl SyncAccounts {
    /// Looks at the account and at all that it owns. Nothing is changed.
    pub async fn look(&self, scope: &Scope, sid: AccountSid) -> Result<Discovery, SyncError> {
        let own = find_account(self.access.accounts.as_ref(), scope, sid).await?;
        let access = self.access.for_account(&own).await?;
        let listed =
            AccountCarrier::list(self.carrier.as_ref(), &access).await.map_err(|source| {
                ConfigurationError::Carrier { account: sid, doing: "looked at", source }
            })?;
        let mut kept = self.kept(&own).await?;
        let (carrier, urls) = (self.carrier.as_ref(), self.urls.as_ref());
        let family = Family { access: &self.access, carrier, urls, own: &access };
        let found = family.look(listed, &kept).await;
        self.name_agents(&own, &found, &mut kept).await?;
        let accounts = compare(sid, found, &kept);
        Ok(Discovery { organization: own.organization, owner: sid, accounts })
    }

    async fn kept(&self, own: &Account) -> Result<Kept, SyncError> {
        let tenant = Scope::Organization(own.organization.clone());
        let mut kept = Kept::default();
        for account in all_accounts(self.access.accounts.as_ref(), &tenant).await? {
            kept.accounts.insert(account.sid, account);
        }
        let mut page = Page::first(PAGE);
        loop {
            let listed = self.numbers.list(&tenant, &NumberFilter::default(), &page).await;
            let listed = listed.map_err(SyncError::store("listing numbers"))?;
            match listed.last() {
                Some(last) => page = Page::behind(last.phone_number, PAGE),
                None => return Ok(kept),
            }
            kept.numbers.extend(listed.into_iter().map(|number| (number.phone_number, number)));
        }
    }

    /// Finds the agents that old URLs name: by the platform's id of them, then by ours.
    async fn name_agents(
        &self,
        own: &Account,
        found: &[FoundAccount],
        kept: &mut Kept,
    ) -> Result<(), SyncError> {
        let tenant = Scope::Organization(own.organization.clone());
        let finding = || SyncError::store("finding the agents of old URLs");
        for id in named(found) {
            let mut agent = None;
            if let Ok(label) = Label::parse(id) {
                let of_that_name = self.agents.named(&tenant, &label).await.map_err(finding())?;
                agent = of_that_name
                    .into_iter()
                    .find(|agent| agent.profile.external_id.as_ref() == Some(&label));
            }
            if let (None, Ok(key)) = (&agent, AgentId::parse(id)) {
                agent = self.agents.find(&tenant, &key).await.map_err(finding())?;
            }
            if let Some(agent) = agent {
                let (external_id, name) = (agent.profile.external_id, agent.profile.name);
                kept.agents.insert(id.to_owned(), Choice { id: agent.id, external_id, name });
            }
        }
        Ok(())
    }
}

/// The ids in old URLs, each once.
fn named(found: &[FoundAccount]) -> HashSet<&str> {
    let mut ids = HashSet::new();
    for account in found {
        let Reach::Reached(Contents { numbers, .. }) = &account.contents else { continue };
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
