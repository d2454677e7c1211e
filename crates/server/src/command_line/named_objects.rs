//! The objects that the filters of a list name: each is stored, or was removed and has records, and all belong to one organization, or nothing could match.

use switchboard_application_management::routing_plans::PlanError;
use switchboard_application_management::{ManageError, find_account, find_agent};
use switchboard_domain::history::HistoryFilter;
use switchboard_domain::identifier::{AgentId, OrganizationId, PlanId, SubscriptionId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Page, StoreError};
use switchboard_domain::sid::AccountSid;

use super::input::{account, given_account, looking_up, parse};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;

/// The error of the id of no subscription.
pub(super) fn unknown_subscription(id: &SubscriptionId) -> Failure {
    Failure::not_found(format!(
        "no subscription {id} is stored; `switchboard subscription list` lists them"
    ))
}

/// Whether an object that was removed can be named by its id.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Removed {
    /// No: it has no entries.
    Unknown,
    /// Yes, if it has calls or messages.
    Recorded,
}

/// The named objects of one list.
pub(super) struct NamedObjects<'a> {
    installation: &'a Installation,
    removed: Removed,
    /// The options, with the organizations of what they name.
    owners: Vec<(&'static str, OrganizationId)>,
}

impl<'a> NamedObjects<'a> {
    /// The objects of a list of stored objects.
    pub(super) const fn new(installation: &'a Installation) -> Self {
        Self { installation, removed: Removed::Unknown, owners: Vec::new() }
    }

    /// The objects of a list of records, which outlive what they name.
    pub(super) const fn of_records(installation: &'a Installation) -> Self {
        Self { installation, removed: Removed::Recorded, owners: Vec::new() }
    }

    /// `--account`: a SID or a name.
    pub(super) async fn account(
        &mut self,
        text: Option<&String>,
    ) -> Result<Option<AccountSid>, Failure> {
        const ARGUMENT: &str = "--account";
        let Some(text) = text else { return Ok(None) };
        let (word, accounts) = (account(ARGUMENT, text)?, self.installation.store.accounts());
        let sid = word.sid(accounts, &Scope::Operator).await.doing(looking_up(ARGUMENT))?;
        let owner = match find_account(accounts, &Scope::Operator, sid).await {
            Err(ManageError::AccountUnknown { sid }) => {
                let filter = HistoryFilter { account: Some(sid), ..HistoryFilter::default() };
                let removed = self.recorded(&filter).await.doing(looking_up(ARGUMENT))?;
                removed.ok_or(ManageError::AccountUnknown { sid })
            }
            found => found.map(|account| account.organization),
        };
        self.owners.push((ARGUMENT, owner.doing(looking_up(ARGUMENT))?));
        Ok(Some(sid))
    }

    /// `--account` of requests that were refused, whose account may be unknown: a SID, or the name of a stored account.
    pub(super) async fn refused_account(
        &self,
        text: Option<&String>,
    ) -> Result<Option<AccountSid>, Failure> {
        given_account(self.installation, "--account", text.map(String::as_str)).await
    }

    /// `--agent`: an id, an external id or a name.
    pub(super) async fn agent(
        &mut self,
        word: Option<&String>,
    ) -> Result<Option<AgentId>, Failure> {
        const ARGUMENT: &str = "--agent";
        let Some(word) = word else { return Ok(None) };
        let found = find_agent(self.installation.store.agents(), &Scope::Operator, word).await;
        if let (Err(ManageError::AgentUnknown { .. }), Ok(id)) =
            (&found, AgentId::parse(word.trim()))
        {
            let filter = HistoryFilter { agent: Some(id.clone()), ..HistoryFilter::default() };
            if let Some(owner) = self.recorded(&filter).await.doing(looking_up(ARGUMENT))? {
                self.owners.push((ARGUMENT, owner));
                return Ok(Some(id));
            }
        }
        let found = found.doing(looking_up(ARGUMENT))?;
        self.owners.push((ARGUMENT, found.organization));
        Ok(Some(found.id))
    }

    /// `--plan`: an id or a name.
    pub(super) async fn plan(&mut self, word: Option<&String>) -> Result<Option<PlanId>, Failure> {
        const ARGUMENT: &str = "--plan";
        let Some(word) = word else { return Ok(None) };
        let found = self.installation.plans().find(&Scope::Operator, word).await;
        if let (Err(PlanError::Unknown { .. }), Ok(id)) = (&found, PlanId::parse(word.trim())) {
            let filter = HistoryFilter { plan: Some(id.clone()), ..HistoryFilter::default() };
            if let Some(owner) = self.recorded(&filter).await.doing(looking_up(ARGUMENT))? {
                self.owners.push((ARGUMENT, owner));
                return Ok(Some(id));
            }
        }
        let found = found.doing(looking_up(ARGUMENT))?;
        self.owners.push((ARGUMENT, found.organization));
        Ok(Some(found.id))
    }

    /// `--subscription`: an id.
    pub(super) async fn subscription(
        &mut self,
        text: Option<&String>,
    ) -> Result<Option<SubscriptionId>, Failure> {
        const ARGUMENT: &str = "--subscription";
        let Some(text) = text else { return Ok(None) };
        let id = parse(ARGUMENT, text.trim(), SubscriptionId::parse)?;
        let found = self.installation.store.subscriptions().find(&Scope::Operator, &id).await;
        let found = found.doing(looking_up(ARGUMENT))?;
        let found = found.ok_or_else(|| unknown_subscription(&id))?;
        self.owners.push((ARGUMENT, found.organization));
        Ok(Some(id))
    }

    /// The organization of the records of an object that is no longer stored; `None` if there are none.
    async fn recorded(&self, filter: &HistoryFilter) -> Result<Option<OrganizationId>, StoreError> {
        if self.removed == Removed::Unknown {
            return Ok(None);
        }
        let store = self.installation.store.as_ref();
        let calls = store.newest_calls(&Scope::Operator, filter, &Page::first(1)).await?;
        if let Some(call) = calls.into_iter().next() {
            return Ok(Some(call.organization));
        }
        let messages = store.newest_messages(&Scope::Operator, filter, &Page::first(1)).await?;
        Ok(messages.into_iter().next().map(|message| message.organization))
    }

    /// Refuses objects of different organizations.
    pub(super) fn of_one_organization(self) -> Result<(), Failure> {
        let Some((first, organization)) = self.owners.first() else { return Ok(()) };
        let foreign = self.owners.iter().find(|(_, owner)| owner != organization);
        foreign.map_or(Ok(()), |(other, _)| {
            Err(Failure::usage(format!(
                "{first} and {other} belong to different organizations, so nothing can match"
            )))
        })
    }
}
