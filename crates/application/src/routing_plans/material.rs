//! Calendars and lists of numbers, which plans name.

use std::sync::Arc;

use switchboard_domain::agent::Label;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::DateRange;
use switchboard_domain::ports::{CatalogueNames, CatalogueStore, Entity, StoreError};

use super::PlanError;

/// Keeps calendars and lists of numbers of an organization.
pub struct KeepMaterial {
    /// Where they are kept.
    pub catalogue: Arc<dyn CatalogueStore>,
    /// Whose they are.
    pub organization: OrganizationId,
}

impl KeepMaterial {
    /// The names of all calendars and lists.
    pub async fn names(&self, scope: &Scope) -> Result<CatalogueNames, PlanError> {
        let names = self.catalogue.names(scope, &self.organization).await;
        names.map_err(PlanError::store("reading the names"))
    }

    /// Replaces a calendar, or removes it.
    pub async fn set_calendar(
        &self,
        scope: &Scope,
        name: &Label,
        days: Option<Vec<DateRange>>,
    ) -> Result<(), PlanError> {
        let set = self.catalogue.set_calendar(scope, &self.organization, name, days).await;
        set.map_err(|error| refused("changing the calendar", Entity::Calendar, name, error))
    }

    /// Replaces a list, or removes it.
    pub async fn set_list(
        &self,
        scope: &Scope,
        name: &Label,
        numbers: Option<Vec<PhoneNumber>>,
    ) -> Result<(), PlanError> {
        let set = self.catalogue.set_list(scope, &self.organization, name, numbers).await;
        set.map_err(|error| refused("changing the list", Entity::List, name, error))
    }

    /// The days of a calendar.
    pub async fn calendar(&self, scope: &Scope, name: &Label) -> Result<Vec<DateRange>, PlanError> {
        let unknown = || unknown(Entity::Calendar, name);
        self.names(scope).await?.calendars.contains(name).then_some(()).ok_or_else(unknown)?;
        let names = CatalogueNames { calendars: vec![name.clone()], ..CatalogueNames::default() };
        let materials = self.catalogue.materials(&self.organization, &names).await;
        let materials = materials.map_err(PlanError::store("reading the calendar"))?;
        materials.calendars.into_iter().next().map(|(_, days)| days).ok_or_else(unknown)
    }

    /// The numbers of a list.
    pub async fn list(&self, scope: &Scope, name: &Label) -> Result<Vec<PhoneNumber>, PlanError> {
        let unknown = || unknown(Entity::List, name);
        self.names(scope).await?.lists.contains(name).then_some(()).ok_or_else(unknown)?;
        let names = CatalogueNames { lists: vec![name.clone()], ..CatalogueNames::default() };
        let materials = self.catalogue.materials(&self.organization, &names).await;
        let materials = materials.map_err(PlanError::store("reading the list"))?;
        materials.lists.into_iter().next().map(|(_, numbers)| numbers).ok_or_else(unknown)
    }
}

fn unknown(entity: Entity, name: &Label) -> PlanError {
    PlanError::MaterialUnknown { entity, name: name.clone() }
}

fn refused(doing: &'static str, entity: Entity, name: &Label, error: StoreError) -> PlanError {
    match error {
        StoreError::Missing { entity: missing } if missing == entity => unknown(entity, name),
        source => PlanError::Store { doing, source },
    }
}
