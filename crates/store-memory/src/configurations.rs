//! What numbers are like at the carrier, and were before us.

use async_trait::async_trait;
use switchboard_domain::audit::{Action, Author, ObjectRef};
use switchboard_domain::configuration::AdoptedConfiguration;
use switchboard_domain::number::{Number, RepairPolicy};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    ConfigurationStore, ConfiguredNumber, Entity, NumberFilter, Observation, Page, StoreError,
};
use switchboard_domain::sender::Sender;

use crate::MemoryStore;
use crate::audited::Audited;
use crate::numbers::shown;
use crate::pages::page_of;
use crate::plan_places::deciding;
use crate::state::{Configured, State, missing};

#[async_trait]
impl ConfigurationStore for MemoryStore {
    async fn find(
        &self,
        scope: &Scope,
        sender: Sender,
    ) -> Result<Option<ConfiguredNumber>, StoreError> {
        let state = self.enter("configuration.find").await?;
        let number = state.numbers.get(&sender);
        let number = number.filter(|number| scope.covers(&number.organization));
        Ok(number.map(|number| configured(&state, number.clone())))
    }

    async fn list(
        &self,
        scope: &Scope,
        filter: &NumberFilter,
        page: &Page<Sender>,
    ) -> Result<Vec<ConfiguredNumber>, StoreError> {
        let state = self.enter("configuration.list").await?;
        let numbers = page_of(&state.numbers, page, |number| shown(scope, filter, number));
        Ok(numbers.into_iter().map(|number| configured(&state, number)).collect())
    }

    async fn take<'a>(
        &self,
        author: &Author,
        sender: Sender,
        before: Option<&'a AdoptedConfiguration>,
        adopted: Option<AdoptedConfiguration>,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("configuration.take").await?;
        let audited = Audited::begin(&state, ObjectRef::number(sender));
        let kept = kept(&mut state, author, sender)?;
        if kept.adopted.as_ref() != before {
            return Err(StoreError::Changed { entity: Entity::Number });
        }
        if adopted.is_none() {
            kept.drifting = None;
        }
        kept.adopted = match (kept.adopted.take(), adopted) {
            (Some(known), Some(later)) => Some(known.then(later)),
            (_, adopted) => adopted,
        };
        let action = match kept.adopted {
            Some(_) => Action::NumberConfigured,
            None => Action::NumberRestored,
        };
        audited.end(&mut state, author, action);
        Ok(())
    }

    async fn set_policy(
        &self,
        author: &Author,
        sender: Sender,
        policy: RepairPolicy,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("configuration.set_policy").await?;
        let audited = Audited::begin(&state, ObjectRef::number(sender));
        kept(&mut state, author, sender)?.policy = policy;
        audited.end(&mut state, author, Action::NumberRepairChanged);
        Ok(())
    }

    async fn observe(
        &self,
        scope: &Scope,
        observations: &[(Sender, Observation)],
    ) -> Result<(), StoreError> {
        let mut state = self.enter("configuration.observe").await?;
        for (sender, seen) in observations {
            // What is not there, or not for this scope, is passed over.
            let Ok(kept) = kept(&mut state, scope, *sender) else { continue };
            if kept.observation.as_ref().is_none_or(|known| known.at <= seen.at) {
                kept.observation = Some(seen.clone());
            }
        }
        Ok(())
    }
}

/// What is kept of a number that the scope covers.
pub(crate) fn kept<'a>(
    state: &'a mut State,
    scope: &Scope,
    sender: Sender,
) -> Result<&'a mut Configured, StoreError> {
    match state.numbers.get(&sender) {
        Some(number) if scope.covers(&number.organization) => {
            Ok(state.configurations.entry(sender).or_default())
        }
        _ => Err(missing(Entity::Number)),
    }
}

fn configured(state: &State, number: Number) -> ConfiguredNumber {
    let kept = state.configurations.get(&number.sender).cloned().unwrap_or_default();
    let Configured { adopted, policy, observation, .. } = kept;
    let plan = deciding(state, &number);
    ConfiguredNumber { number, adopted, policy, observation, plan }
}
