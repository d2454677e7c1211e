//! What routing plans are attached to.

use async_trait::async_trait;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef};
use switchboard_domain::identifier::{OrganizationId, PlanId};
use switchboard_domain::number::Number;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Change, DecidingPlan, Entity, PlanPlace, PlanPlaceStore, StoreError,
};

use crate::MemoryStore;
use crate::audited::Audited;
use crate::plans::owner;
use crate::state::{State, missing};

#[async_trait]
impl PlanPlaceStore for MemoryStore {
    async fn attach(
        &self,
        author: &Author,
        place: &PlanPlace,
        plan: Option<PlanId>,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("plan.attach").await?;
        let organization = organization_of(&state, place);
        let organization = organization.filter(|organization| author.covers(organization));
        let organization = organization.ok_or(missing(match place {
            PlanPlace::Number(_) => Entity::Number,
            PlanPlace::Account(_) => Entity::Account,
            PlanPlace::Organization(_) => Entity::Organization,
        }))?;
        let audited = Audited::begin(&state, object(place));
        let action = match plan {
            Some(_) => Action::PlanAttached,
            None => Action::PlanDetached,
        };
        match plan {
            Some(plan) if owner(&state, &plan) == Some(organization) => {
                state.plan_places.insert(place.clone(), plan);
            }
            Some(_) => return Err(missing(Entity::Plan)),
            None => {
                state.plan_places.remove(place);
            }
        }
        audited.end(&mut state, author, action);
        state.changes.record(match place {
            PlanPlace::Number(phone_number) => Change::Number(*phone_number),
            PlanPlace::Account(_) | PlanPlace::Organization(_) => Change::Everything,
        });
        Ok(())
    }

    async fn places(&self, scope: &Scope, id: &PlanId) -> Result<Vec<PlanPlace>, StoreError> {
        let state = self.enter("plan.places").await?;
        if !owner(&state, id).is_some_and(|owner| scope.covers(owner)) {
            return Ok(Vec::new());
        }
        let places = state.plan_places.iter().filter(|(_, plan)| *plan == id);
        let mut places: Vec<_> = places.map(|(place, _)| place.clone()).collect();
        // The map has numbers first. Within one kind they stay in their order.
        places.sort_by_key(|place| match place {
            PlanPlace::Organization(_) => 0,
            PlanPlace::Account(_) => 1,
            PlanPlace::Number(_) => 2,
        });
        Ok(places)
    }
}

fn object(place: &PlanPlace) -> ObjectRef {
    match place {
        PlanPlace::Number(number) => ObjectRef::number(*number),
        PlanPlace::Account(sid) => ObjectRef::account(*sid),
        PlanPlace::Organization(id) => ObjectRef::new(ObjectKind::Organization, id.as_str()),
    }
}

/// The organization that a place belongs to, if there is such a place.
fn organization_of<'a>(state: &'a State, place: &PlanPlace) -> Option<&'a OrganizationId> {
    match place {
        PlanPlace::Number(phone_number) => {
            state.numbers.get(phone_number).map(|number| &number.organization)
        }
        PlanPlace::Account(sid) => state.accounts.get(sid).map(|account| &account.organization),
        PlanPlace::Organization(id) => state.organizations.get(id).map(|found| &found.id),
    }
}

/// The nearest plan of a number.
pub(crate) fn nearest(state: &State, number: &Number) -> Option<PlanId> {
    deciding(state, number).map(|plan| plan.id)
}

/// The nearest plan of a number, and what it is attached to.
pub(crate) fn deciding(state: &State, number: &Number) -> Option<DecidingPlan> {
    let places = [
        PlanPlace::Number(number.sender),
        PlanPlace::Account(number.account),
        PlanPlace::Organization(number.organization.clone()),
    ];
    places.into_iter().find_map(|place| {
        let id = state.plan_places.get(&place)?.clone();
        Some(DecidingPlan { id, place })
    })
}
