//! Loads a plan: reads it from the store and resolves the agents, calendars and lists that it names.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_domain::agent::{Label, Profile};
use switchboard_domain::identifier::{AgentId, OrganizationId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{
    Catalogue, CatalogueNames, DateRange, HoursDocument, KnownAgent, Plan, PlanDocument,
    PlanProblem, PlanSpec, ScheduleSpec,
};
use switchboard_domain::ports::{
    CatalogueAgent, CatalogueStore, Materials, PlanCodec, PlanStore, Retry, SavedPlan, StoreError,
};
use switchboard_domain::web_address::WebUrl;

/// The ports from which plans are loaded.
#[derive(Clone)]
pub struct PlanSources {
    /// Stores the plans.
    pub plans: Arc<dyn PlanStore>,
    /// Stores the agents, calendars and lists that plans refer to.
    pub catalogue: Arc<dyn CatalogueStore>,
    /// Encodes and decodes their documents.
    pub codec: Arc<dyn PlanCodec>,
}

/// Why a plan cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnreadablePlan {
    /// The document is invalid.
    #[error("the routing plan has {} mistakes; the first: {}", problems.len(), problems.first().map(ToString::to_string).unwrap_or_default())]
    Wrong {
        /// All problems.
        problems: Vec<PlanProblem>,
    },
    /// The store failed.
    #[error("the routing plan could not be read")]
    Store(#[source] StoreError),
}

impl UnreadablePlan {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Wrong { .. } => Retry::Never,
            Self::Store(source) => source.retry(),
        }
    }
}

/// A document of a routing plan, before and after its compilation.
#[derive(Debug)]
pub struct CompiledDocument {
    /// The document. It names agents by their ids.
    pub spec: PlanSpec,
    /// The compiled plan.
    pub plan: Plan,
    /// The agents, calendars and lists that it names.
    pub materials: Materials,
    /// Why rules are skipped, for a saved plan; empty if all rules can decide.
    pub problems: Vec<PlanProblem>,
}

/// A plan that can decide.
pub(crate) struct LoadedPlan {
    pub(crate) organization: OrganizationId,
    pub(crate) id: PlanId,
    pub(crate) version: u32,
    pub(crate) plan: Plan,
    pub(crate) health_urls: HashMap<AgentId, WebUrl>,
    /// Why rules are skipped; empty if all rules can decide.
    pub(crate) problems: Vec<PlanProblem>,
}

/// What is known of the URL of an agent's health check.
pub(crate) enum HealthUrl {
    /// It was read; `None` if the agent has none.
    Read(Option<WebUrl>),
    /// The store does not answer, or the agent cannot be read.
    Unreadable,
}

impl PlanSources {
    /// The newest version of a plan; `None` if it was removed.
    pub(crate) async fn load(&self, id: &PlanId) -> Result<Option<LoadedPlan>, UnreadablePlan> {
        let Ok(key) = Label::parse(id.as_str()) else { return Ok(None) };
        let saved = self.plans.find(&Scope::Operator, &key).await;
        // Another plan may have this id as its name.
        let saved = saved.map_err(UnreadablePlan::Store)?.filter(|saved| saved.id == *id);
        let Some(saved) = saved else { return Ok(None) };
        self.compile(&saved).await.map(Some)
    }

    /// The URL of the health check of an agent, which may have none.
    pub(crate) async fn health_url(
        &self,
        organization: &OrganizationId,
        agent: &AgentId,
    ) -> HealthUrl {
        let Ok(word) = Label::parse(agent.as_str()) else { return HealthUrl::Unreadable };
        let Ok(found) = self.agents(organization, vec![word]).await else {
            return HealthUrl::Unreadable;
        };
        let found = found.into_iter().find(|found| found.id == *agent);
        found.map_or(HealthUrl::Unreadable, |agent| HealthUrl::Read(agent.limits.health_url))
    }

    /// Compiles a version.
    async fn compile(&self, saved: &SavedPlan) -> Result<LoadedPlan, UnreadablePlan> {
        let CompiledDocument { plan, materials, problems, .. } = self.saved(saved).await?;
        let health_url = |agent: CatalogueAgent| agent.limits.health_url.map(|url| (agent.id, url));
        Ok(LoadedPlan {
            organization: saved.organization.clone(),
            id: saved.id.clone(),
            version: saved.version,
            plan,
            health_urls: materials.agents.into_iter().filter_map(health_url).collect(),
            problems,
        })
    }

    /// Compiles a saved version. A rule that names what was removed or cannot be read is skipped and does not stop the
    /// other rules. If nothing is left that can decide, the plan is unreadable.
    pub async fn saved(&self, saved: &SavedPlan) -> Result<CompiledDocument, UnreadablePlan> {
        let wrong = |problems| UnreadablePlan::Wrong { problems };
        let spec = self.codec.plan(&saved.document).map_err(wrong)?;
        let (materials, catalogue) = self.named(&saved.organization, &spec).await?;
        let (plan, problems) = Plan::compile_saved(saved.id.as_str(), &spec, &catalogue);
        if plan.decides_nothing() {
            return Err(wrong(problems));
        }
        Ok(CompiledDocument { spec, plan, materials, problems })
    }

    /// Compiles a document that need not be saved, or returns every problem. `key` seeds the assignment of callers to
    /// agents.
    pub async fn document(
        &self,
        organization: &OrganizationId,
        key: &str,
        document: &PlanDocument,
    ) -> Result<CompiledDocument, UnreadablePlan> {
        let wrong = |problems| UnreadablePlan::Wrong { problems };
        let spec = match self.codec.plan(document) {
            Ok(spec) => spec,
            Err(problems) => {
                return Err(wrong(self.all_problems(organization, document, problems).await?));
            }
        };
        let (materials, catalogue) = self.named(organization, &spec).await?;
        let plan = Plan::compile(key, &spec, &catalogue).map_err(wrong)?;
        let spec = spec.with_agent_ids(&catalogue);
        Ok(CompiledDocument { spec, plan, materials, problems: Vec::new() })
    }

    /// The problems of a document that cannot be read completely: those that reading found, and those of the rest.
    async fn all_problems(
        &self,
        organization: &OrganizationId,
        document: &PlanDocument,
        mut problems: Vec<PlanProblem>,
    ) -> Result<Vec<PlanProblem>, UnreadablePlan> {
        if let Some(readable) = self.codec.readable_plan(document) {
            let (_, catalogue) = self.named(organization, &readable.value).await?;
            let more = Plan::compile("", &readable.value, &catalogue).err().unwrap_or_default();
            problems.extend(more.into_iter().filter_map(|problem| readable.in_document(problem)));
        }
        Ok(problems)
    }

    /// What a plan names.
    async fn named(
        &self,
        organization: &OrganizationId,
        spec: &PlanSpec,
    ) -> Result<(Materials, MaterialCatalogue), UnreadablePlan> {
        let materials = self.catalogue.materials(organization, &spec.names()).await;
        let materials = materials.map_err(UnreadablePlan::Store)?;
        let catalogue = self.catalogue_of(organization, &materials).await?;
        Ok((materials, catalogue))
    }

    /// Returns a stored document with the names of its agents, for people. An agent that was
    /// removed, or whose name is not unique, stays as it is in the document.
    pub async fn with_agent_names(
        &self,
        organization: &OrganizationId,
        document: &PlanDocument,
    ) -> Result<PlanDocument, UnreadablePlan> {
        let wrong = |problems| UnreadablePlan::Wrong { problems };
        let spec = self.codec.plan(document).map_err(wrong)?;
        let mut words = spec.names().agents;
        let agents = self.agents(organization, words.clone()).await?;
        // Whether a name is unique depends on the other agents with this name.
        words.extend(agents.iter().map(|agent| agent.profile.name.clone()));
        let agents = self.agents(organization, words).await?;
        let known = |agent: CatalogueAgent| KnownAgent {
            id: agent.id,
            profile: Arc::new(agent.profile),
            capacity: None,
            hours: None,
        };
        let agents = agents.into_iter().map(known).collect();
        let catalogue = MaterialCatalogue { agents, ..MaterialCatalogue::default() };
        self.codec.encode(&spec.with_agent_names(&catalogue)).map_err(wrong)
    }

    async fn agents(
        &self,
        organization: &OrganizationId,
        words: Vec<Label>,
    ) -> Result<Vec<CatalogueAgent>, UnreadablePlan> {
        let names = CatalogueNames { agents: words, ..CatalogueNames::default() };
        let materials = self.catalogue.materials(organization, &names).await;
        Ok(materials.map_err(UnreadablePlan::Store)?.agents)
    }

    /// The hours of agents refer to calendars too, which are read in a second step.
    async fn catalogue_of(
        &self,
        organization: &OrganizationId,
        materials: &Materials,
    ) -> Result<MaterialCatalogue, UnreadablePlan> {
        let mut catalogue = MaterialCatalogue::default();
        let mut calendars = Vec::new();
        for agent in &materials.agents {
            let hours = agent.limits.hours.as_ref().map(|document| self.hours(document));
            let readable = hours.iter().flatten();
            calendars.extend(readable.flat_map(ScheduleSpec::calendars).cloned());
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
            let names = CatalogueNames { calendars, ..CatalogueNames::default() };
            let more = self.catalogue.materials(organization, &names).await;
            catalogue.calendars.extend(more.map_err(UnreadablePlan::Store)?.calendars);
        }
        Ok(catalogue)
    }

    /// An agent's hours, or their first problem.
    fn hours(&self, document: &HoursDocument) -> Result<ScheduleSpec, String> {
        let first = |problems: Vec<PlanProblem>| problems.first().map(ToString::to_string);
        self.codec.hours(document).map_err(|problems| first(problems).unwrap_or_default())
    }
}

/// The agents, calendars and lists that a plan names.
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
