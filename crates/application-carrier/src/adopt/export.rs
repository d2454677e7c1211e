//! Exports accounts, agents and numbers, except secrets, as rows that can be imported, and routing as documents.

mod routing;
mod rows;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::agent::{Agent, Label};
use switchboard_domain::carrier::AccountStatus;
use switchboard_domain::consent::Consent;
use switchboard_domain::counted::counted;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::CatalogueNames;
use switchboard_domain::ports::{
    AccountRow, AccountStore, AgentLimits, AgentRow, AgentStore, CatalogueStore,
    ConfigurationStore, ConsentFilter, ConsentStore, NumberFilter, NumberRow, Page, PlanCodec,
    PlanStore, StoreError, SubscriptionStore,
};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::subscription::Subscription;

pub use routing::ExportedRouting;
use rows::{account_row, agent_row, number_row};

/// Agents carry their prompts, so a page of them is smaller than one of accounts or numbers.
const AGENTS: u32 = 100;
const ROWS: u32 = 1_000;
/// How many objects an omission names.
const MAX_NAMED: usize = 5;

/// Exports accounts, agents and numbers as import rows, and routing plans, calendars and lists as documents.
pub struct ExportDirectory {
    /// Lists accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Lists agents.
    pub agents: Arc<dyn AgentStore>,
    /// Lists numbers, and whether the server may repair them.
    pub numbers: Arc<dyn ConfigurationStore>,
    /// The limits of agents, calendars and lists.
    pub catalogue: Arc<dyn CatalogueStore>,
    /// Lists the consent of contacts.
    pub consents: Arc<dyn ConsentStore>,
    /// Lists the subscriptions to events.
    pub subscriptions: Arc<dyn SubscriptionStore>,
    /// Lists routing plans.
    pub plans: Arc<dyn PlanStore>,
    /// Reads and writes the documents of routing plans.
    pub codec: Arc<dyn PlanCodec>,
}

/// The exported rows, and what they do not contain.
#[derive(Debug, Default)]
pub struct Exported {
    /// Accounts by SID, without their tokens.
    pub accounts: Vec<AccountRow>,
    /// Agents by external id. One without an external id is named by its own id.
    pub agents: Vec<AgentRow>,
    /// Numbers, in order.
    pub numbers: Vec<NumberRow>,
    /// The last change of the consent of each contact, in order. An import does not read them.
    pub consents: Vec<Consent>,
    /// The subscriptions to events, oldest first, without their secrets. An import does not read them.
    pub subscriptions: Vec<Subscription>,
    /// Routing plans, calendars and lists.
    pub routing: ExportedRouting,
    /// What is not exported.
    pub omissions: Vec<Omission>,
}

/// Stored data that is not exported. An import leaves such data unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Omission {
    /// Accounts with a next token or an API key, which are secrets, or with another status than active, which the
    /// carrier reports.
    Accounts(Vec<AccountSid>),
    /// What the exported routing plans are attached to, and their earlier versions.
    Places {
        /// How many plans are exported.
        plans: usize,
    },
    /// Routing plans whose documents cannot be read.
    UnreadablePlans(Vec<Label>),
}

impl ExportDirectory {
    /// Exports everything in the scope.
    pub async fn export(&self, scope: &Scope) -> Result<Exported, StoreError> {
        let mut exported = Exported::default();
        self.export_accounts(scope, &mut exported).await?;
        let names = self.export_agents(scope, &mut exported).await?;
        self.export_numbers(scope, &names, &mut exported).await?;
        self.export_consents(scope, &mut exported).await?;
        self.export_subscriptions(scope, &mut exported).await?;
        self.export_routing(scope, &names, &mut exported).await?;
        Ok(exported)
    }

    async fn export_subscriptions(
        &self,
        scope: &Scope,
        exported: &mut Exported,
    ) -> Result<(), StoreError> {
        let mut page = Page::first(ROWS);
        loop {
            let subscriptions = self.subscriptions.list(scope, &page).await?;
            match subscriptions.last() {
                Some(last) => page = Page::behind(last.id.clone(), ROWS),
                None => return Ok(()),
            }
            exported.subscriptions.extend(subscriptions);
        }
    }

    async fn export_accounts(
        &self,
        scope: &Scope,
        exported: &mut Exported,
    ) -> Result<(), StoreError> {
        let mut more = Vec::new();
        let mut page = Page::first(ROWS);
        loop {
            let accounts = self.accounts.list(scope, &page).await?;
            let Some(last) = accounts.last() else { break };
            page = Page::behind(last.sid, ROWS);
            more.extend(
                accounts.iter().filter(|account| has_omissions(account)).map(|one| one.sid),
            );
            exported.accounts.extend(accounts.iter().map(account_row));
        }
        if !more.is_empty() {
            exported.omissions.push(Omission::Accounts(more));
        }
        Ok(())
    }

    /// Returns what the rows of numbers call each agent.
    async fn export_agents(
        &self,
        scope: &Scope,
        exported: &mut Exported,
    ) -> Result<HashMap<AgentId, String>, StoreError> {
        let mut names = HashMap::new();
        let mut page = Page::first(AGENTS);
        loop {
            let agents = self.agents.list(scope, &page).await?;
            let Some(last) = agents.last() else { break };
            page = Page::behind(last.id.clone(), AGENTS);
            let mut limits = self.limits(&agents).await?;
            for agent in agents {
                let row = agent_row(&agent, &limits.remove(&agent.id).unwrap_or_default());
                names.insert(agent.id, row.external_id.clone());
                exported.agents.push(row);
            }
        }
        // Ids are those of one installation; another one makes its own, in another order.
        exported.agents.sort_by(|one, other| one.external_id.cmp(&other.external_id));
        Ok(names)
    }

    async fn limits(&self, agents: &[Agent]) -> Result<HashMap<AgentId, AgentLimits>, StoreError> {
        let mut of_organizations: HashMap<_, Vec<Label>> = HashMap::new();
        for agent in agents {
            let words = of_organizations.entry(agent.organization.clone()).or_default();
            words.extend(Label::parse(agent.id.as_str()));
        }
        let mut limits = HashMap::new();
        for (organization, agents) in of_organizations {
            let names = CatalogueNames { agents, ..CatalogueNames::default() };
            let found = self.catalogue.materials(&organization, &names).await?;
            limits.extend(found.agents.into_iter().map(|agent| (agent.id, agent.limits)));
        }
        Ok(limits)
    }

    async fn export_numbers(
        &self,
        scope: &Scope,
        names: &HashMap<AgentId, String>,
        exported: &mut Exported,
    ) -> Result<(), StoreError> {
        let mut page = Page::first(ROWS);
        loop {
            let numbers = self.numbers.list(scope, &NumberFilter::default(), &page).await?;
            let Some(last) = numbers.last() else { return Ok(()) };
            page = Page::behind(last.number.sender, ROWS);
            exported.numbers.extend(numbers.iter().map(|number| number_row(number, names)));
        }
    }

    async fn export_consents(
        &self,
        scope: &Scope,
        exported: &mut Exported,
    ) -> Result<(), StoreError> {
        let mut page = Page::first(ROWS);
        loop {
            let consents = self.consents.list(scope, &ConsentFilter::default(), &page).await?;
            let Some(last) = consents.last() else { return Ok(()) };
            page = Page::behind((last.organization.clone(), last.key.clone()), ROWS);
            exported.consents.extend(consents);
        }
    }
}

fn has_omissions(account: &Account) -> bool {
    account.tokens.next.is_some()
        || account.api_key.is_some()
        || account.status != AccountStatus::default()
}

impl fmt::Display for Omission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accounts(sids) => write!(
                f,
                "next token, API key or status of {}: {}",
                counted(sids.len(), "account"),
                named(sids.iter().map(AccountSid::as_str))
            ),
            Self::Places { plans } => write!(
                f,
                "the earlier versions of {}, and where they are attached",
                counted(*plans, "routing plan")
            ),
            Self::UnreadablePlans(names) => write!(
                f,
                "{} whose document cannot be read: {}",
                counted(names.len(), "routing plan"),
                named(names.iter().map(Label::as_str))
            ),
        }
    }
}

fn named<'a>(all: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = all.len().saturating_sub(MAX_NAMED);
    let text = all.take(MAX_NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{text} and {more} more") } else { text }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
