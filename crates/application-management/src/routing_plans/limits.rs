//! Manages the limits of agents: concurrent calls, hours, and health checks of their voice servers.

use std::sync::Arc;

use switchboard_domain::agent::{Agent, Label};
use switchboard_domain::audit::Author;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{
    AgentShare, Catalogue, CatalogueNames, DateRange, HoursDocument, KnownAgent, Plan, PlanAgent,
    PlanProblem, PlanSpec, Pointer, ProblemKind, ScheduleSpec, ThenSpec,
};
use switchboard_domain::ports::{AgentLimits, CatalogueStore, Entity, PlanCodec, StoreError};
use switchboard_domain::web_address::WebUrl;

use super::PlanError;
use crate::{Edit, ManageError};

/// Changes to the limits of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LimitChange {
    /// The maximum number of concurrent calls; unlimited if it is removed.
    pub capacity: Edit<u32>,
    /// The hours, as a document; the agent is always available if they are removed.
    pub hours: Edit<HoursDocument>,
    /// The URL of the health check; if it is removed, a health check only opens a connection.
    pub health_url: Edit<WebUrl>,
}

/// Reads and changes the limits of agents.
pub struct ChangeLimits {
    /// Stores limits.
    pub catalogue: Arc<dyn CatalogueStore>,
    /// Parses hours.
    pub codec: Arc<dyn PlanCodec>,
}

/// The limits of an agent that was just read.
pub async fn limits_of(
    catalogue: &dyn CatalogueStore,
    agent: &Agent,
) -> Result<AgentLimits, StoreError> {
    // An id matches one agent.
    let word = Label::parse(agent.id.as_str()).into_iter().collect();
    let names = CatalogueNames { agents: word, ..CatalogueNames::default() };
    let materials = catalogue.materials(&agent.organization, &names).await?;
    let mut found = materials.agents.into_iter().filter(|known| known.id == agent.id);
    Ok(found.next().map(|known| known.limits).unwrap_or_default())
}

impl ChangeLimits {
    /// The limits of an agent.
    pub async fn limits(&self, agent: &Agent) -> Result<AgentLimits, PlanError> {
        let found = limits_of(self.catalogue.as_ref(), agent).await;
        found.map_err(PlanError::store("reading the agent's limits"))
    }

    /// Changes the given limits and keeps all others. Hours must be valid in any plan: they must parse, name a time zone,
    /// and refer only to stored calendars.
    pub async fn change(
        &self,
        author: &Author,
        agent: &Agent,
        change: LimitChange,
    ) -> Result<AgentLimits, PlanError> {
        if let Edit::Set(hours) = &change.hours {
            self.check(agent, hours).await?;
        }
        let before = self.limits(agent).await?;
        let limits = AgentLimits {
            capacity: change.capacity.apply(before.capacity),
            hours: change.hours.apply(before.hours),
            health_url: change.health_url.apply(before.health_url),
        };
        match self.catalogue.set_limits(author, &agent.id, &limits).await {
            Ok(()) => Ok(limits),
            Err(StoreError::Missing { entity: Entity::Agent }) => {
                Err(ManageError::AgentUnknown { word: agent.id.to_string(), near: Vec::new() }
                    .into())
            }
            Err(source) => Err(PlanError::Store { doing: "changing the agent's limits", source }),
        }
    }

    /// Invalid hours would invalidate every plan that names the agent.
    async fn check(&self, agent: &Agent, document: &HoursDocument) -> Result<(), PlanError> {
        let (catalogue, codec) = (self.catalogue.as_ref(), self.codec.as_ref());
        let problems = hour_problems_of(catalogue, codec, agent, document).await;
        let problems = problems.map_err(PlanError::store("reading calendars"))?;
        if problems.is_empty() { Ok(()) } else { Err(PlanError::Wrong { problems }) }
    }
}

/// The problems of a document with the hours of an agent.
pub(crate) async fn hour_problems_of(
    catalogue: &dyn CatalogueStore,
    codec: &dyn PlanCodec,
    agent: &Agent,
    document: &HoursDocument,
) -> Result<Vec<PlanProblem>, StoreError> {
    match codec.hours(document) {
        Ok(hours) => problems_with_calendars(catalogue, agent, hours).await,
        Err(mut problems) => {
            if let Some(readable) = codec.readable_hours(document) {
                let more =
                    problems_with_calendars(catalogue, agent, readable.value.clone()).await?;
                problems.extend(more.into_iter().filter_map(|one| readable.in_document(one)));
            }
            Ok(problems)
        }
    }
}

async fn problems_with_calendars(
    catalogue: &dyn CatalogueStore,
    agent: &Agent,
    hours: ScheduleSpec,
) -> Result<Vec<PlanProblem>, StoreError> {
    let calendars = hours.calendars().cloned().collect();
    let names = CatalogueNames { calendars, ..CatalogueNames::default() };
    let materials = catalogue.materials(&agent.organization, &names).await?;
    Ok(hour_problems(agent, hours, materials.calendars))
}

/// The problems of the hours, found by compiling a plan whose only agent has them.
fn hour_problems(
    agent: &Agent,
    hours: ScheduleSpec,
    calendars: Vec<(Label, Vec<DateRange>)>,
) -> Vec<PlanProblem> {
    if hours.weekly.is_empty() && hours.dates.is_empty() && hours.calendars.is_empty() {
        let never = "hours that never come; name windows, dates or calendars";
        return vec![PlanProblem { at: Pointer::root(), kind: ProblemKind::Contradiction(never) }];
    }
    let known = KnownAgent {
        id: agent.id.clone(),
        profile: Arc::new(agent.profile.clone()),
        capacity: None,
        hours: Some(Ok(hours)),
    };
    let share = AgentShare { agent: agent.profile.name.clone(), weight: 1 };
    let spec = PlanSpec {
        name: None,
        zone: None,
        rules: Vec::new(),
        otherwise: ThenSpec { agents: vec![share], ..ThenSpec::default() },
    };
    let compiled = Plan::compile("hours", &spec, &Alone { known, calendars });
    let of_hours = |problem: PlanProblem| {
        // The hours are those of the only agent of the plan.
        let place = problem.at.as_str().strip_prefix("/otherwise/agents/0").unwrap_or_default();
        let at = place.split('/').skip(1).fold(Pointer::root(), |at, token| at.at(token));
        PlanProblem { at, ..problem }
    };
    match compiled {
        Ok(plan) if plan.agents().iter().any(PlanAgent::is_never_open) => {
            let never = "all dates are excepted, so the hours never come";
            vec![PlanProblem { at: Pointer::root(), kind: ProblemKind::Contradiction(never) }]
        }
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(of_hours).collect(),
    }
}

/// A catalogue of one agent and the calendars of its hours.
struct Alone {
    known: KnownAgent,
    calendars: Vec<(Label, Vec<DateRange>)>,
}

impl Catalogue for Alone {
    fn agents(&self, _word: &Label) -> Vec<KnownAgent> {
        vec![self.known.clone()]
    }

    fn calendar(&self, name: &Label) -> Option<Vec<DateRange>> {
        self.calendars.iter().find(|(known, _)| known == name).map(|(_, days)| days.clone())
    }

    fn list(&self, _name: &Label) -> Option<Vec<PhoneNumber>> {
        None
    }
}
