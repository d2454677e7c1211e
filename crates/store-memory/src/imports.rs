//! Accounts, agents and numbers that come together, all or nothing.

use std::collections::HashMap;
use std::collections::btree_map::Entry;

use async_trait::async_trait;
use switchboard_domain::account::Account;
use switchboard_domain::agent::{Agent, Label};
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::number::{Assignment, Number};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Change, Entity, Import, ImportCounts, ImportStore, ImportedNumber, StoreError,
};
use switchboard_domain::time::Timestamp;

use crate::audited;
use crate::state::{State, exists, missing};
use crate::{MemoryStore, agents};

#[async_trait]
impl ImportStore for MemoryStore {
    async fn import(&self, author: &Author, import: &Import) -> Result<ImportCounts, StoreError> {
        let mut state = self.enter("import").await?;
        let kept = (state.accounts.clone(), state.agents.clone(), state.numbers.clone());
        let before = (kept, state.chat_keys.clone());
        let brought = bring_in(&mut state, import);
        if let Ok(counts) = &brought {
            let owner = import.organization.clone();
            let object = ObjectRef::new(ObjectKind::Organization, owner.as_str());
            let (what, after) = ((Action::ImportWritten, object), counts.snapshot());
            audited::record(&mut state, author, Some(owner), what, (None, Some(&after)));
            state.changes.record(Change::Everything);
        } else {
            ((state.accounts, state.agents, state.numbers), state.chat_keys) = before;
        }
        brought
    }
}

fn bring_in(state: &mut State, import: &Import) -> Result<ImportCounts, StoreError> {
    let owner = &import.organization;
    state.may_add(&Scope::Operator, owner)?;
    let mut counts = ImportCounts::default();
    for account in &import.accounts {
        bring_account(state, owner, account)?;
        counts.accounts += 1;
    }
    let mut ids = ids_by_external_id(state, owner);
    for agent in &import.agents {
        bring_agent(state, owner, &mut ids, agent)?;
        counts.agents += 1;
    }
    for number in &import.numbers {
        bring_number(state, owner, &ids, number, import.at)?;
        counts.numbers += 1;
    }
    Ok(counts)
}

fn bring_account(
    state: &mut State,
    owner: &OrganizationId,
    account: &Account,
) -> Result<(), StoreError> {
    match state.accounts.entry(account.sid) {
        Entry::Occupied(place) if place.get().organization != *owner => {
            return Err(exists(Entity::Account));
        }
        Entry::Occupied(mut place) => {
            let kept = place.get_mut();
            kept.name = account.name.clone();
            kept.parent = account.parent;
            kept.tokens.primary = account.tokens.primary.clone();
            // What an import does not contain stays: here, and in the API key, the region and the status.
            kept.tokens.next = account.tokens.next.clone().or(kept.tokens.next.take());
        }
        Entry::Vacant(place) => {
            place.insert(Account { organization: owner.clone(), ..account.clone() });
        }
    }
    Ok(())
}

/// The organization's agents by external id; those without one by their own id.
fn ids_by_external_id(state: &State, owner: &OrganizationId) -> HashMap<Label, AgentId> {
    let own = state.agents.values().filter(|agent| agent.organization == *owner);
    let own_id = |agent: &Agent| Label::parse(agent.id.as_str()).ok();
    own.filter_map(|agent| {
        let name = agent.profile.external_id.clone().or_else(|| own_id(agent))?;
        Some((name, agent.id.clone()))
    })
    .collect()
}

fn bring_agent(
    state: &mut State,
    owner: &OrganizationId,
    ids: &mut HashMap<Label, AgentId>,
    agent: &Agent,
) -> Result<(), StoreError> {
    let known = agent.profile.external_id.as_ref().and_then(|external_id| ids.get(external_id));
    if let Some(id) = known.filter(|id| state.agents.contains_key(id)) {
        agents::replace(state, id, agent);
        return Ok(());
    }
    match state.agents.entry(agent.id.clone()) {
        Entry::Occupied(_) => return Err(exists(Entity::Agent)),
        Entry::Vacant(place) => {
            place.insert(Agent { organization: owner.clone(), ..agent.clone() })
        }
    };
    ids.extend(
        agent.profile.external_id.clone().map(|external_id| (external_id, agent.id.clone())),
    );
    Ok(())
}

fn bring_number(
    state: &mut State,
    owner: &OrganizationId,
    ids: &HashMap<Label, AgentId>,
    number: &ImportedNumber,
    at: Timestamp,
) -> Result<(), StoreError> {
    state.must_own_account(owner, number.account)?;
    let assignment = match &number.agent {
        Some(external_id) => {
            let agent = ids.get(external_id).ok_or(missing(Entity::Agent))?.clone();
            Some(Assignment { agent, channels: number.channels })
        }
        None => None,
    };
    match state.numbers.entry(number.sender) {
        Entry::Occupied(place) if place.get().organization != *owner => {
            return Err(exists(Entity::Number));
        }
        Entry::Occupied(mut place) => {
            let kept = place.get_mut();
            kept.account = number.account;
            kept.assignment = assignment;
        }
        Entry::Vacant(place) => {
            place.insert(Number {
                sender: number.sender,
                organization: owner.clone(),
                account: number.account,
                assignment,
                created_at: at,
            });
        }
    }
    Ok(())
}
