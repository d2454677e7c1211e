//! A plan is read from the store and held against what it names.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_domain::agent::{Label, Profile};
use switchboard_domain::identifier::{AgentId, OrganizationId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{
    Catalogue, DateRange, KnownAgent, Plan, PlanProblem, Pointer, ProblemKind, ScheduleSpec,
};
use switchboard_domain::ports::{
    CatalogueStore, Materials, PlanReader, PlanStore, SavedPlan, StoreError,
};
use switchboard_domain::web_address::WebUrl;

/// Where plans come from.
#[derive(Clone)]
pub struct PlanSources {
    /// Where they are kept.
    pub plans: Arc<dyn PlanStore>,
    /// Where it is kept what they name.
    pub catalogue: Arc<dyn CatalogueStore>,
    /// Reads their documents.
    pub reader: Arc<dyn PlanReader>,
}

/// A plan that cannot decide.
#[derive(Debug, thiserror::Error)]
pub enum UnreadablePlan {
    /// Something is wrong with it.
    #[error("the routing plan has {} mistakes; the first: {}", problems.len(), problems.first().map(ToString::to_string).unwrap_or_default())]
    Wrong {
        /// Everything that is.
        problems: Vec<PlanProblem>,
    },
    /// The store did not give it.
    #[error("the routing plan could not be read")]
    Store(#[source] StoreError),
}

/// A plan that can.
pub(crate) struct LoadedPlan {
    pub(crate) id: PlanId,
    pub(crate) version: u32,
    pub(crate) plan: Plan,
    pub(crate) health_urls: HashMap<AgentId, WebUrl>,
}

impl PlanSources {
    /// The newest version of a plan, or none if it is gone.
    pub(crate) async fn load(&self, id: &PlanId) -> Result<Option<LoadedPlan>, UnreadablePlan> {
        let Ok(word) = Label::parse(id.as_str()) else { return Ok(None) };
        let saved = self.plans.find(&Scope::Operator, &word).await;
        // A word may be another plan's name, too.
        let saved = saved.map_err(UnreadablePlan::Store)?.filter(|saved| saved.id == *id);
        let Some(saved) = saved else { return Ok(None) };
        self.compile(&saved).await.map(Some)
    }

    /// Makes a version ready.
    async fn compile(&self, saved: &SavedPlan) -> Result<LoadedPlan, UnreadablePlan> {
        let (plan, materials) =
            self.draft(&saved.organization, saved.id.as_str(), &saved.document).await?;
        let health_url = |agent: switchboard_domain::ports::CatalogueAgent| {
            agent.limits.health_url.map(|url| (agent.id, url))
        };
        Ok(LoadedPlan {
            id: saved.id.clone(),
            version: saved.version,
            plan,
            health_urls: materials.agents.into_iter().filter_map(health_url).collect(),
        })
    }

    /// Makes a document ready that need not be saved. Callers stick to agents by `key`.
    pub async fn draft(
        &self,
        organization: &OrganizationId,
        key: &str,
        document: &str,
    ) -> Result<(Plan, Materials), UnreadablePlan> {
        let wrong = |problems| UnreadablePlan::Wrong { problems };
        let spec = self.reader.plan(document).map_err(wrong)?;
        let materials = self.catalogue.materials(organization, &spec.names()).await;
        let materials = materials.map_err(UnreadablePlan::Store)?;
        let catalogue = self.catalogue_of(organization, &materials).await?;
        let plan = Plan::compile(key, &spec, &catalogue).map_err(wrong)?;
        Ok((plan, materials))
    }

    /// Hours name calendars too, which are asked for once it is known which.
    async fn catalogue_of(
        &self,
        organization: &OrganizationId,
        materials: &Materials,
    ) -> Result<MaterialCatalogue, UnreadablePlan> {
        let mut catalogue = MaterialCatalogue::default();
        let mut calendars = Vec::new();
        for agent in &materials.agents {
            let hours = match &agent.limits.hours {
                Some(document) => Some(self.hours(&agent.id, document)?),
                None => None,
            };
            calendars.extend(hours.iter().flat_map(ScheduleSpec::calendars).cloned());
            catalogue.agents.push(KnownAgent {
                id: agent.id.clone(),
                profile: Arc::new(agent.profile.clone()),
                capacity: agent.limits.capacity,
                hours,
            });
        }
        catalogue.calendars.extend(materials.calendars.iter().cloned());
        catalogue.lists.extend(materials.lists.iter().cloned());
        calendars.retain(|name| !catalogue.calendars.contains_key(name));
        if !calendars.is_empty() {
            let names = switchboard_domain::ports::CatalogueNames {
                calendars,
                ..switchboard_domain::ports::CatalogueNames::default()
            };
            let more = self.catalogue.materials(organization, &names).await;
            catalogue.calendars.extend(more.map_err(UnreadablePlan::Store)?.calendars);
        }
        Ok(catalogue)
    }

    fn hours(&self, agent: &AgentId, document: &str) -> Result<ScheduleSpec, UnreadablePlan> {
        self.reader.hours(document).map_err(|problems| {
            let of_agent = |problem: PlanProblem| PlanProblem {
                at: Pointer::root(),
                kind: ProblemKind::Unreadable(format!(
                    "the hours of agent {agent} cannot be read: {problem}"
                )),
            };
            UnreadablePlan::Wrong { problems: problems.into_iter().map(of_agent).collect() }
        })
    }
}

/// What a plan names, as the store gave it.
#[derive(Default)]
pub struct MaterialCatalogue {
    agents: Vec<KnownAgent>,
    calendars: HashMap<Label, Vec<DateRange>>,
    lists: HashMap<Label, Vec<PhoneNumber>>,
}

impl Catalogue for MaterialCatalogue {
    fn agents(&self, word: &Label) -> Vec<KnownAgent> {
        let is_called = |id: &AgentId, profile: &Profile| {
            id.as_str() == word.as_str()
                || profile.external_id.as_ref() == Some(word)
                || profile.name == *word
        };
        self.agents.iter().filter(|agent| is_called(&agent.id, &agent.profile)).cloned().collect()
    }

    fn calendar(&self, name: &Label) -> Option<Vec<DateRange>> {
        self.calendars.get(name).cloned()
    }

    fn list(&self, name: &Label) -> Option<Vec<PhoneNumber>> {
        self.lists.get(name).cloned()
    }
}
