//! Manages calendars and number lists, which plans refer to by name.

use switchboard_domain::agent::Label;
use switchboard_domain::audit::Author;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{CatalogueNames, DateRange};
use switchboard_domain::ports::{Entity, Expected, StoreError};

use super::PlanError;
use crate::nearest::nearest;
use crate::plan_references::names_of_plans;
use switchboard_application::PlanSources;

/// Manages the calendars and number lists of an organization.
pub struct KeepMaterial {
    /// Stores calendars, lists and the plans that refer to them.
    pub sources: PlanSources,
    /// The organization that owns them.
    pub organization: OrganizationId,
}

impl KeepMaterial {
    /// The names of all calendars and lists.
    pub async fn names(&self, scope: &Scope) -> Result<CatalogueNames, PlanError> {
        let names = self.sources.catalogue.names(scope, &self.organization).await;
        names.map_err(PlanError::store("reading the names"))
    }

    /// Replaces a calendar that is as expected, or removes it if neither a plan nor the hours of an agent refer to it.
    pub async fn set_calendar(
        &self,
        author: &Author,
        name: &Label,
        expected: &Expected<Vec<DateRange>>,
        days: Option<Vec<DateRange>>,
    ) -> Result<(), PlanError> {
        if days.is_none() {
            // An unknown one is reported with the names that are like it.
            self.calendar(author, name).await?;
            self.refuse_named(author, Entity::Calendar, name).await?;
        }
        let (catalogue, organization) = (&self.sources.catalogue, &self.organization);
        let set = catalogue.set_calendar(author, organization, name, expected, days).await;
        set.map_err(|error| refused("changing the calendar", Entity::Calendar, name, error))
    }

    /// Replaces a list that is as expected, or removes it if no plan refers to it.
    pub async fn set_list(
        &self,
        author: &Author,
        name: &Label,
        expected: &Expected<Vec<PhoneNumber>>,
        numbers: Option<Vec<PhoneNumber>>,
    ) -> Result<(), PlanError> {
        if numbers.is_none() {
            self.list(author, name).await?;
            self.refuse_named(author, Entity::List, name).await?;
        }
        let (catalogue, organization) = (&self.sources.catalogue, &self.organization);
        let set = catalogue.set_list(author, organization, name, expected, numbers).await;
        set.map_err(|error| refused("changing the list", Entity::List, name, error))
    }

    /// A plan that refers to a removed calendar or list would be invalid, so it must not be removed.
    async fn refuse_named(
        &self,
        scope: &Scope,
        entity: Entity,
        name: &Label,
    ) -> Result<(), PlanError> {
        let (plans, codec) = (self.sources.plans.as_ref(), self.sources.codec.as_ref());
        let named = names_of_plans(plans, codec, scope, &self.organization).await;
        for (plan, names) in named.map_err(PlanError::store("reading what plans name"))? {
            let is_named = match entity {
                Entity::List => names.lists.contains(name),
                Entity::Organization
                | Entity::Account
                | Entity::Agent
                | Entity::Number
                | Entity::Plan
                | Entity::Calendar
                | Entity::Delivery
                | Entity::Subscription
                | Entity::ApiKey
                | Entity::Job
                | Entity::Configuration => {
                    names.calendars.contains(name) || self.hours_name(&names, name).await?
                }
            };
            if is_named {
                return Err(PlanError::MaterialInUse { entity, name: name.clone(), plan });
            }
        }
        Ok(())
    }

    /// Whether the hours of an agent refer to a calendar.
    async fn hours_name(&self, names: &CatalogueNames, name: &Label) -> Result<bool, PlanError> {
        let names = CatalogueNames { agents: names.agents.clone(), ..CatalogueNames::default() };
        let materials = self.sources.catalogue.materials(&self.organization, &names).await;
        let materials = materials.map_err(PlanError::store("reading the hours of agents"))?;
        let mut documents = materials.agents.iter().filter_map(|agent| agent.limits.hours.as_ref());
        Ok(documents.any(|document| {
            let hours = self.sources.codec.hours(document);
            hours.is_ok_and(|hours| hours.calendars().any(|named| named == name))
        }))
    }

    /// The days of a calendar.
    pub async fn calendar(&self, scope: &Scope, name: &Label) -> Result<Vec<DateRange>, PlanError> {
        let known = self.names(scope).await?.calendars;
        let unknown = || unknown(Entity::Calendar, name, &known);
        known.contains(name).then_some(()).ok_or_else(unknown)?;
        let names = CatalogueNames { calendars: vec![name.clone()], ..CatalogueNames::default() };
        let materials = self.sources.catalogue.materials(&self.organization, &names).await;
        let materials = materials.map_err(PlanError::store("reading the calendar"))?;
        materials.calendars.into_iter().next().map(|(_, days)| days).ok_or_else(unknown)
    }

    /// The numbers of a list.
    pub async fn list(&self, scope: &Scope, name: &Label) -> Result<Vec<PhoneNumber>, PlanError> {
        let known = self.names(scope).await?.lists;
        let unknown = || unknown(Entity::List, name, &known);
        known.contains(name).then_some(()).ok_or_else(unknown)?;
        let names = CatalogueNames { lists: vec![name.clone()], ..CatalogueNames::default() };
        let materials = self.sources.catalogue.materials(&self.organization, &names).await;
        let materials = materials.map_err(PlanError::store("reading the list"))?;
        materials.lists.into_iter().next().map(|(_, numbers)| numbers).ok_or_else(unknown)
    }
}

fn unknown(entity: Entity, name: &Label, known: &[Label]) -> PlanError {
    let near = nearest(name.as_str(), known.iter().map(|known| known.as_str().to_owned()));
    PlanError::MaterialUnknown { entity, name: name.clone(), near }
}

fn refused(doing: &'static str, entity: Entity, name: &Label, error: StoreError) -> PlanError {
    match error {
        StoreError::Missing { entity: missing } if missing == entity => unknown(entity, name, &[]),
        StoreError::Changed { .. } => PlanError::MaterialChanged { entity, name: name.clone() },
        source @ (StoreError::Unavailable { .. }
        | StoreError::Exists { .. }
        | StoreError::Missing { .. }
        | StoreError::InUse { .. }
        | StoreError::Full { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Failed { .. }) => PlanError::Store { doing, source },
    }
}
