//! From rows without mistakes to the records to write: only what is new or differs.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::agent::{Agent, Label, Profile, Prompt};
use switchboard_domain::audit::Author;
use switchboard_domain::carrier::Region;
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::number::{Number, RepairPolicy};
use switchboard_domain::ports::{AgentLimits, Import, ImportedNumber, StoreError};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::known::Known;
use super::validation::Validated;
use super::{ChangedRecords, ImportDirectory, ImportError, ImportSummary, Remark};
use crate::edit::Edit;
use crate::routing_plans::hour_problems_of;

/// What is written after the records, because the transaction of an import has no place for it. Each change can be
/// repeated.
#[derive(Debug, Default)]
pub(super) struct Afterwards {
    /// Agents without an external id, which the transaction cannot find.
    agents: Vec<Agent>,
    limits: Vec<(AgentId, AgentLimits)>,
    policies: Vec<(Sender, RepairPolicy)>,
    /// Accounts whose region differs.
    regions: Vec<(AccountSid, Region)>,
}

impl ImportDirectory {
    /// Adds the mistakes in the hours of agents.
    pub(super) async fn check_hours(
        &self,
        organization: &OrganizationId,
        table: &Arc<str>,
        validated: &mut Validated,
    ) -> Result<(), ImportError> {
        let limited = validated.agents.iter().filter_map(|agent| match &agent.limits.hours {
            Edit::Set(hours) => Some((agent.key.clone(), agent.name.clone(), hours)),
            Edit::Keep | Edit::Clear => None,
        });
        for (row, name, hours) in limited {
            let agent = self.bare_agent(organization, name);
            let (catalogue, codec) = (self.catalogue.as_ref(), self.codec.as_ref());
            let problems = hour_problems_of(catalogue, codec, &agent, hours).await;
            let problems = problems
                .map_err(|source| ImportError::Store { doing: "reading calendars", source })?;
            for problem in problems {
                validated.problems.push(Remark {
                    table: Arc::clone(table),
                    row: Some(row.clone()),
                    columns: "hours".to_owned(),
                    what: format!("cannot be used: {problem}"),
                });
            }
        }
        Ok(())
    }

    /// An agent with nothing but a name, whose hours are checked.
    fn bare_agent(&self, organization: &OrganizationId, name: Label) -> Agent {
        Agent {
            id: self.identifiers.agent(),
            organization: organization.clone(),
            profile: Profile::named(name),
            prompt: Prompt::default(),
            created_at: self.clock.now(),
        }
    }

    /// The records that are new or differ from the stored ones, and how many known ones differ.
    pub(super) fn completed(
        &self,
        organization: &OrganizationId,
        validated: Validated,
        mut known: Known,
        summary: &mut ImportSummary,
    ) -> Result<(Import, Afterwards), ImportError> {
        let at = self.clock.now();
        let mut after = Afterwards::default();
        let mut changed = ChangedRecords::default();
        let mut accounts = Vec::new();
        for account in validated.accounts {
            let before = known.accounts.remove(&account.sid);
            let (is_known, region) = (before.is_some(), before.as_ref().map(|one| one.region));
            let complete = account.complete(organization, &self.sealer, before, at);
            let Some(account) = complete.map_err(ImportError::Seal)? else { continue };
            changed.accounts += usize::from(is_known);
            if region.is_some_and(|region| region != account.region) {
                after.regions.push((account.sid, account.region));
            }
            accounts.push(account);
        }
        let mut agents = Vec::new();
        let mut ids = HashMap::new();
        for agent in validated.agents {
            let (key, limits) = (agent.external_id.clone(), agent.limits.clone());
            let before = known.agents.get(&key);
            let complete = agent.complete(organization, before, || self.identifiers.agent(), at);
            let stored = known.limits.get(&complete.id).cloned().unwrap_or_default();
            let wanted = AgentLimits {
                capacity: limits.capacity.apply(stored.capacity),
                hours: limits.hours.apply(stored.hours.clone()),
                health_url: limits.health_url.apply(stored.health_url.clone()),
            };
            let is_limited = wanted != stored;
            if is_limited {
                after.limits.push((complete.id.clone(), wanted));
            }
            ids.insert(key, complete.id.clone());
            match before {
                Some(before) if *before == complete => changed.agents += usize::from(is_limited),
                Some(before) if before.profile.external_id.is_none() => {
                    changed.agents += 1;
                    after.agents.push(complete);
                }
                Some(_) => {
                    changed.agents += 1;
                    agents.push(complete);
                }
                None => agents.push(complete),
            }
        }
        let mut numbers = Vec::new();
        for number in validated.numbers {
            let agent = number.agent.as_ref().and_then(|label| {
                ids.get(label).or_else(|| known.agents.get(label).map(|agent| &agent.id))
            });
            match known.numbers.get(&number.sender) {
                Some(stored) if is_same(stored, &number, agent) => {}
                Some(_) => {
                    changed.numbers += 1;
                    numbers.push(number);
                }
                None => numbers.push(number),
            }
        }
        let written: HashSet<_> = numbers.iter().map(|one| one.sender).collect();
        for (number, policy) in validated.policies {
            let stored = known.policies.get(&number).copied().unwrap_or_default();
            if stored != policy {
                changed.numbers += usize::from(!written.contains(&number));
                after.policies.push((number, policy));
            }
        }
        summary.changed = changed;
        let import = Import { organization: organization.clone(), accounts, agents, numbers, at };
        Ok((import, after))
    }

    /// Writes what is not part of the transaction. Returns the number of agents.
    pub(super) async fn write_afterwards(
        &self,
        author: &Author,
        after: &Afterwards,
    ) -> Result<u64, StoreError> {
        for agent in &after.agents {
            // An import replaces what is stored, as its transaction does.
            self.agents.change(author, None, agent).await?;
        }
        for (agent, limits) in &after.limits {
            self.catalogue.set_limits(author, agent, limits).await?;
        }
        for (number, policy) in &after.policies {
            self.configurations.set_policy(author, *number, *policy).await?;
        }
        for (sid, region) in &after.regions {
            if let Some(before) = self.accounts.find(author, *sid).await? {
                let after = Account { region: *region, ..before.clone() };
                self.accounts.change(author, Some(&before), &after).await?;
            }
        }
        Ok(u64::try_from(after.agents.len()).unwrap_or(u64::MAX))
    }
}

/// Whether a stored number equals its row.
fn is_same(stored: &Number, row: &ImportedNumber, agent: Option<&AgentId>) -> bool {
    let assigned = stored.assignment.as_ref();
    stored.account == row.account
        && assigned.map(|assignment| &assignment.agent) == agent
        && assigned.is_none_or(|assignment| assignment.channels == row.channels)
}
