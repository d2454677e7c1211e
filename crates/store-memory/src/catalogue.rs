//! What routing plans name.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use switchboard_domain::agent::{Agent, Label};
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef, Snapshot};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{CatalogueNames, DateRange};
use switchboard_domain::ports::{
    AgentLimits, CatalogueAgent, CatalogueStore, Change, Entity, Expected, Materials, StoreError,
};

use crate::MemoryStore;
use crate::audited::{self, Audited};
use crate::state::missing;

/// What an organization has by name.
type Named<T> = BTreeMap<(OrganizationId, Label), T>;

/// A capacity of zero, which the databases refuse too.
#[derive(Debug)]
struct NoCapacity;

impl std::fmt::Display for NoCapacity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a capacity of no calls at all")
    }
}

impl std::error::Error for NoCapacity {}

#[async_trait]
impl CatalogueStore for MemoryStore {
    async fn set_calendar(
        &self,
        author: &Author,
        organization: &OrganizationId,
        name: &Label,
        expected: &Expected<Vec<DateRange>>,
        days: Option<Vec<DateRange>>,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("catalogue.set_calendar").await?;
        state.may_add(author, organization)?;
        let key = (organization.clone(), name.clone());
        let snapshot = |days: &Vec<DateRange>| {
            let text = Snapshot::default().text("name", Some(name.as_str()));
            text.text("days", Some(&format!("{days:?}")))
        };
        let before = state.calendars.get(&key).map(snapshot);
        let action = match days {
            Some(_) => Action::CalendarSaved,
            None => Action::CalendarRemoved,
        };
        set(&mut state.calendars, key.clone(), expected, days, Entity::Calendar)?;
        let after = state.calendars.get(&key).map(snapshot);
        let what = (action, ObjectRef::new(ObjectKind::Calendar, name.as_str()));
        let both = (before.as_ref(), after.as_ref());
        audited::record(&mut state, author, Some(organization.clone()), what, both);
        state.changes.record(Change::Everything);
        Ok(())
    }

    async fn set_list(
        &self,
        author: &Author,
        organization: &OrganizationId,
        name: &Label,
        expected: &Expected<Vec<PhoneNumber>>,
        numbers: Option<Vec<PhoneNumber>>,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("catalogue.set_list").await?;
        state.may_add(author, organization)?;
        let numbers = numbers.map(|numbers| numbers.into_iter().collect());
        let key = (organization.clone(), name.clone());
        let before = state.lists.get(&key).map(list_snapshot);
        let action = match numbers {
            Some(_) => Action::ListSaved,
            None => Action::ListRemoved,
        };
        let expected = expected.clone().map(BTreeSet::from_iter);
        set(&mut state.lists, key.clone(), &expected, numbers, Entity::List)?;
        let after = state.lists.get(&key).map(list_snapshot);
        let what = (action, ObjectRef::new(ObjectKind::List, name.as_str()));
        let both = (before.as_ref(), after.as_ref());
        audited::record(&mut state, author, Some(organization.clone()), what, both);
        state.changes.record(Change::Everything);
        Ok(())
    }

    async fn set_limits(
        &self,
        author: &Author,
        agent: &AgentId,
        limits: &AgentLimits,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("catalogue.set_limits").await?;
        if !state.agents.get(agent).is_some_and(|kept| author.covers(&kept.organization)) {
            return Err(missing(Entity::Agent));
        }
        if limits.capacity == Some(0) {
            let operation = "catalogue.set_limits";
            return Err(StoreError::Failed { operation, source: Box::new(NoCapacity) });
        }
        let audited = Audited::begin(&state, ObjectRef::agent(agent));
        state.limits.insert(agent.clone(), limits.clone());
        audited.end(&mut state, author, Action::AgentLimitsChanged);
        state.changes.record(Change::Agent(agent.clone()));
        Ok(())
    }

    async fn names(
        &self,
        scope: &Scope,
        organization: &OrganizationId,
    ) -> Result<CatalogueNames, StoreError> {
        if !scope.covers(organization) {
            return Ok(CatalogueNames::default());
        }
        let state = self.enter("catalogue.names").await?;
        Ok(CatalogueNames {
            agents: Vec::new(),
            calendars: of(&state.calendars, organization).map(|(name, _)| name.clone()).collect(),
            lists: of(&state.lists, organization).map(|(name, _)| name.clone()).collect(),
        })
    }

    async fn materials(
        &self,
        organization: &OrganizationId,
        names: &CatalogueNames,
    ) -> Result<Materials, StoreError> {
        let state = self.enter("catalogue.materials").await?;
        let is_wanted = |agent: &&Agent| {
            agent.organization == *organization
                && names.agents.iter().any(|word| is_called(agent, word))
        };
        let agents = state.agents.values().filter(is_wanted).map(|agent| CatalogueAgent {
            id: agent.id.clone(),
            profile: agent.profile.clone(),
            limits: state.limits.get(&agent.id).cloned().unwrap_or_default(),
        });
        let calendars = of(&state.calendars, organization)
            .filter(|(name, _)| names.calendars.contains(name))
            .map(|(name, days)| (name.clone(), days.clone()));
        let lists = of(&state.lists, organization)
            .filter(|(name, _)| names.lists.contains(name))
            .map(|(name, numbers)| (name.clone(), numbers.iter().copied().collect()));
        Ok(Materials {
            agents: agents.collect(),
            calendars: calendars.collect(),
            lists: lists.collect(),
        })
    }
}

/// A list as it is recorded: how many numbers it has, and whether they are others.
fn list_snapshot(numbers: &BTreeSet<PhoneNumber>) -> Snapshot {
    let all: String = numbers.iter().map(PhoneNumber::as_str).collect();
    let count = i64::try_from(numbers.len()).ok();
    Snapshot::default().integer("numbers", count).secret("entries", Some(all.as_bytes()))
}

/// Replaces a thing, or removes one that is there.
fn set<T: PartialEq>(
    things: &mut Named<T>,
    key: (OrganizationId, Label),
    expected: &Expected<T>,
    thing: Option<T>,
    entity: Entity,
) -> Result<(), StoreError> {
    let stored = things.get(&key);
    if (thing.is_some() || stored.is_some()) && !expected.is_met(stored) {
        return Err(StoreError::Changed { entity });
    }
    match thing {
        Some(thing) => {
            things.insert(key, thing);
            Ok(())
        }
        None => things.remove(&key).map(drop).ok_or(missing(entity)),
    }
}

/// The things of an organization, in the order of their names.
fn of<'a, T>(
    things: &'a Named<T>,
    organization: &'a OrganizationId,
) -> impl Iterator<Item = (&'a Label, &'a T)> {
    let own = things.iter().filter(move |((owner, _), _)| owner == organization);
    own.map(|((_, name), thing)| (name, thing))
}

/// Whether a word is an agent's id, external id or name.
fn is_called(agent: &Agent, word: &Label) -> bool {
    agent.id.as_str() == word.as_str()
        || agent.profile.name == *word
        || agent.profile.external_id.as_ref() == Some(word)
}
