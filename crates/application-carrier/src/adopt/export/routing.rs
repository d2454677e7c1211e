//! Routing plans, calendars and lists of numbers, as documents.

use std::collections::HashMap;
use std::fmt;

use switchboard_domain::agent::Label;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{CatalogueNames, DateRange, PlanDocument};
use switchboard_domain::ports::{Page, SavedPlan, StoreError};

use super::{ExportDirectory, Exported, Omission, ROWS};

/// The routing plans, calendars and lists of an export, each kind in the order of its names.
#[derive(Default)]
pub struct ExportedRouting {
    /// Calendars with their days.
    pub calendars: Vec<(Label, Vec<DateRange>)>,
    /// Lists with their numbers.
    pub lists: Vec<(Label, Vec<PhoneNumber>)>,
    /// The newest version of each plan as a document that contains the plan's name, and names agents as the rows of agents
    /// do.
    pub plans: Vec<(Label, PlanDocument)>,
}

impl ExportDirectory {
    pub(super) async fn export_routing(
        &self,
        scope: &Scope,
        agents: &HashMap<AgentId, String>,
        exported: &mut Exported,
    ) -> Result<(), StoreError> {
        let organization = default_organization();
        let names = self.catalogue.names(scope, &organization).await?;
        let names = CatalogueNames { agents: Vec::new(), ..names };
        let materials = self.catalogue.materials(&organization, &names).await?;
        let mut unreadable = Vec::new();
        let mut plans = Vec::new();
        let mut page = Page::first(ROWS);
        loop {
            let listed = self.plans.list(scope, &page).await?;
            let Some(last) = listed.last() else { break };
            page = Page::behind(last.id.clone(), ROWS);
            for plan in listed {
                match self.document(&plan, agents) {
                    Some(document) => plans.push((plan.name, document)),
                    None => unreadable.push(plan.name),
                }
            }
        }
        if !unreadable.is_empty() {
            exported.omissions.push(Omission::UnreadablePlans(unreadable));
        }
        if !plans.is_empty() {
            exported.omissions.push(Omission::Places { plans: plans.len() });
        }
        let mut routing =
            ExportedRouting { calendars: materials.calendars, lists: materials.lists, plans };
        routing.calendars.sort_by(|(one, _), (other, _)| one.cmp(other));
        routing.lists.sort_by(|(one, _), (other, _)| one.cmp(other));
        routing.plans.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (_, numbers) in &mut routing.lists {
            numbers.sort_unstable();
        }
        exported.routing = routing;
        Ok(())
    }

    /// The document of a plan for another installation; `None` if it cannot be read.
    fn document(
        &self,
        plan: &SavedPlan,
        agents: &HashMap<AgentId, String>,
    ) -> Option<PlanDocument> {
        let spec = self.codec.plan(&plan.document).ok()?;
        let mut spec = spec.with_agents(|word| {
            let external_id = agents.get(&AgentId::parse(word.as_str()).ok()?)?;
            Label::parse(external_id).ok()
        });
        spec.name = Some(plan.name.clone());
        self.codec.encode(&spec).ok()
    }
}

/// Lists hold phone numbers, and documents can, so only counts are shown.
impl fmt::Debug for ExportedRouting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportedRouting")
            .field("calendars", &self.calendars.len())
            .field("lists", &self.lists.len())
            .field("plans", &self.plans.len())
            .finish()
    }
}
