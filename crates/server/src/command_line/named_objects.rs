//! The objects that the filters of a list name: each exists, and all belong to one organization, or nothing could match.

use switchboard_application_management::{find_account, find_agent};
use switchboard_domain::identifier::{AgentId, OrganizationId, PlanId, SubscriptionId};
use switchboard_domain::organization::Scope;
use switchboard_domain::sid::AccountSid;

use super::input::{account, given_account, looking_up, parse};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;

/// The named objects of one list.
pub(super) struct NamedObjects<'a> {
    installation: &'a Installation,
    /// The options, with the organizations of what they name.
    owners: Vec<(&'static str, OrganizationId)>,
}

impl<'a> NamedObjects<'a> {
    pub(super) const fn new(installation: &'a Installation) -> Self {
        Self { installation, owners: Vec::new() }
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
        let found = find_account(accounts, &Scope::Operator, sid).await;
        let found = found.doing(looking_up(ARGUMENT))?;
        self.owners.push((ARGUMENT, found.organization));
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
        let found = found.doing(looking_up(ARGUMENT))?;
        self.owners.push((ARGUMENT, found.organization));
        Ok(Some(found.id))
    }

    /// `--plan`: an id or a name.
    pub(super) async fn plan(&mut self, word: Option<&String>) -> Result<Option<PlanId>, Failure> {
        const ARGUMENT: &str = "--plan";
        let Some(word) = word else { return Ok(None) };
        let found = self.installation.plans().find(&Scope::Operator, word).await;
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
        let found = found.doing(looking_up(ARGUMENT))?.ok_or_else(|| {
            Failure::not_found(format!(
                "no subscription {id} is stored; `switchboard subscription list` lists them"
            ))
        })?;
        self.owners.push((ARGUMENT, found.organization));
        Ok(Some(id))
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
