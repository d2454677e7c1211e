//! Saves, finds, attaches and removes plans. Every save creates a new version.

use std::sync::Arc;

use switchboard_application::{CompiledDocument, PlanSources};
use switchboard_domain::agent::Label;
use switchboard_domain::audit::Author;
use switchboard_domain::identifier::{AgentId, OrganizationId, PlanId};
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::plan::{Plan, PlanDocument, PlanProblem, PlanSpec, Zone};
use switchboard_domain::ports::{
    Clock, Entity, Identifiers, Page, PlanPlace, PlanPlaceStore, SavedPlan, StoreError,
};

use super::PlanError;
use crate::ManageError;
use crate::nearest::nearest;

/// The use cases of plans.
pub struct Plans {
    /// The stored plans, and the catalogue that they refer to.
    pub sources: PlanSources,
    /// The port that stores what plans are attached to.
    pub places: Arc<dyn PlanPlaceStore>,
    /// Generates the ids of new plans.
    pub identifiers: Arc<dyn Identifiers>,
    /// The time at which versions are saved.
    pub clock: Arc<dyn Clock>,
}

/// A version to save.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// The organization of a new plan. The next version of a plan keeps its organization.
    pub organization: OrganizationId,
    /// The document. It may name agents by id, external id or name; the ids are stored.
    pub document: PlanDocument,
    /// The id or name of the plan whose next version it is; `None` for a new plan.
    pub plan: Option<String>,
    /// The name; `None` for the name in the document, or else the previous name.
    pub name: Option<Label>,
    /// The person who saves it.
    pub author: Label,
}

/// A compiled version that can be saved.
#[derive(Debug)]
pub struct Prepared {
    /// The version to save.
    pub version: SavedPlan,
    /// The compiled plan.
    pub plan: Plan,
    /// The newest version, if it has the same document and the same name: then there is nothing to save.
    pub same: Option<SavedPlan>,
}

/// What is wrong with a stored plan.
#[derive(Debug)]
pub struct CheckedPlan {
    /// All problems. Rules that have one are skipped.
    pub problems: Vec<PlanProblem>,
    /// Whether the document cannot be read at all, so that the plan decides nothing.
    pub is_unreadable: bool,
    /// Whether agents are named by external ids or names, as earlier releases stored them: renaming an agent then
    /// changes the plan.
    pub names_agents: bool,
}

/// Plans that are compared with an unknown name at most.
const COMPARED: u32 = 500;

impl Plans {
    /// Finds the newest version of the plan with this id or name. A name is unique in an organization only: for an operator, it
    /// is that of a plan of the default organization.
    pub async fn find(&self, scope: &Scope, word: &str) -> Result<SavedPlan, PlanError> {
        let default;
        let scope = match scope {
            Scope::Operator if PlanId::parse(word.trim()).is_err() => {
                default = Scope::Organization(default_organization());
                &default
            }
            Scope::Operator | Scope::Organization(_) => scope,
        };
        let unknown = |near| PlanError::Unknown { word: word.trim().to_owned(), near };
        let label = Label::parse(word).map_err(|_blank| unknown(Vec::new()))?;
        let found = self.sources.plans.find(scope, &label).await;
        if let Some(plan) = found.map_err(PlanError::store("finding the plan"))? {
            return Ok(plan);
        }
        let some = self.sources.plans.list(scope, &Page::first(COMPARED)).await;
        let some = some.map_err(PlanError::store("finding the plan"))?;
        let names = some.into_iter().map(|plan| plan.name.as_str().to_owned());
        Err(unknown(nearest(word, names)))
    }

    /// Finds one version of a plan.
    pub async fn version(
        &self,
        scope: &Scope,
        id: &PlanId,
        version: u32,
    ) -> Result<SavedPlan, PlanError> {
        let page = Page { after: version.checked_sub(1), limit: 1 };
        let found = self.sources.plans.versions(scope, id, &page).await;
        let mut found = found.map_err(PlanError::store("finding the version"))?;
        let found = found.pop().filter(|plan| plan.version == version);
        found.ok_or_else(|| PlanError::VersionUnknown { id: id.clone(), version })
    }

    /// Checks a stored plan: what it names may have been removed, or its document was changed in the database.
    pub async fn check(&self, plan: &SavedPlan) -> Result<CheckedPlan, PlanError> {
        match Draft::of_saved(&self.sources, plan).await {
            Ok((draft, problems)) => {
                let names = draft.spec.names().agents;
                let is_name = |word: &Label| AgentId::parse(word.as_str()).is_err();
                let names_agents = names.iter().any(is_name);
                Ok(CheckedPlan { problems, is_unreadable: false, names_agents })
            }
            Err(PlanError::Wrong { problems }) => {
                Ok(CheckedPlan { problems, is_unreadable: true, names_agents: false })
            }
            Err(error) => Err(error),
        }
    }

    /// Removes a plan that is attached to nothing, with all its versions. `word` is its id or name.
    pub async fn remove(&self, author: &Author, word: &str) -> Result<SavedPlan, PlanError> {
        let plan = self.find(author, word).await?;
        self.remove_found(author, plan).await
    }

    /// Removes a plan as it was read. Returns `Outrun` if it has a newer version, and `Unknown` if it is removed.
    pub async fn remove_as_read(
        &self,
        author: &Author,
        before: &SavedPlan,
    ) -> Result<SavedPlan, PlanError> {
        let plan = self.find(author, before.id.as_str()).await?;
        // Another plan can have the id of a removed one as its name.
        if plan.id != before.id {
            return Err(PlanError::Unknown { word: before.id.to_string(), near: Vec::new() });
        }
        if plan.version != before.version {
            return Err(PlanError::Outrun { id: plan.id, version: plan.version });
        }
        self.remove_found(author, plan).await
    }

    async fn remove_found(&self, author: &Author, plan: SavedPlan) -> Result<SavedPlan, PlanError> {
        match self.sources.plans.remove(author, &plan.id).await {
            Ok(()) => Ok(plan),
            Err(StoreError::InUse { by, .. }) => Err(PlanError::InUse { by }),
            Err(StoreError::Missing { entity: Entity::Plan }) => {
                Err(PlanError::Unknown { word: plan.id.to_string(), near: Vec::new() })
            }
            Err(source) => Err(PlanError::Store { doing: "removing the plan", source }),
        }
    }

    /// Compiles a version without saving it. Returns every problem of the document.
    pub async fn prepare(&self, scope: &Scope, new: NewVersion) -> Result<Prepared, PlanError> {
        let before = match &new.plan {
            Some(word) => Some(self.find(scope, word).await?),
            None => None,
        };
        self.prepare_after(before, new).await
    }

    /// Compiles the version after one that was read, without saving it. [`Self::save`] refuses it if the plan was changed
    /// since then.
    pub async fn prepare_as_read(
        &self,
        before: SavedPlan,
        new: NewVersion,
    ) -> Result<Prepared, PlanError> {
        self.prepare_after(Some(before), new).await
    }

    async fn prepare_after(
        &self,
        before: Option<SavedPlan>,
        new: NewVersion,
    ) -> Result<Prepared, PlanError> {
        let (id, organization, number) = match &before {
            Some(before) => {
                (before.id.clone(), before.organization.clone(), before.version.saturating_add(1))
            }
            None => (self.identifiers.plan(), new.organization, 1),
        };
        let draft = Draft::of(&self.sources, &organization, id.as_str(), &new.document).await?;
        let document = self.sources.codec.encode(&draft.spec);
        let document = document.map_err(|problems| PlanError::Wrong { problems })?;
        let previous = before.as_ref().map(|plan| plan.name.clone());
        let name = new.name.or(draft.spec.name).or(previous).ok_or(PlanError::NoName)?;
        self.refuse_taken(&organization, &id, &name).await?;
        let version = SavedPlan {
            id,
            organization,
            name,
            version: number,
            document,
            author: new.author,
            saved_at: self.clock.now(),
        };
        let is_same =
            |plan: &SavedPlan| plan.document == version.document && plan.name == version.name;
        Ok(Prepared { same: before.filter(is_same), version, plan: draft.plan })
    }

    /// Refuses the name of another plan of the organization. [`Self::save`] refuses a name that is taken later.
    async fn refuse_taken(
        &self,
        organization: &OrganizationId,
        id: &PlanId,
        name: &Label,
    ) -> Result<(), PlanError> {
        let found = self.sources.plans.find(&Scope::Organization(organization.clone()), name).await;
        let found = found.map_err(PlanError::store("finding the name"))?;
        // A name can look like the id of another plan.
        if found.is_some_and(|other| other.id != *id && other.name == *name) {
            return Err(PlanError::NameTaken { name: name.clone() });
        }
        Ok(())
    }

    /// Saves a prepared version, unless another version was saved meanwhile.
    pub async fn save(&self, author: &Author, version: &SavedPlan) -> Result<(), PlanError> {
        match self.sources.plans.save(author, version).await {
            Ok(()) => Ok(()),
            Err(StoreError::Exists { .. }) => Err(self.conflict(author, version).await?),
            Err(StoreError::Missing { .. }) => {
                Err(PlanError::Unknown { word: version.id.to_string(), near: Vec::new() })
            }
            Err(source) => Err(PlanError::Store { doing: "saving the plan", source }),
        }
    }

    /// Saves the document of an earlier version as a new version. Everything that the document
    /// refers to must still exist.
    pub async fn roll_back(
        &self,
        author: &Author,
        word: &str,
        to: u32,
        saved_by: Label,
    ) -> Result<Prepared, PlanError> {
        let newest = self.find(author, word).await?;
        let new = self.earlier(author, &newest.id, to, saved_by).await?;
        let prepared = self.prepare(author, new).await?;
        self.save(author, &prepared.version).await?;
        Ok(prepared)
    }

    /// The next version of a plan, with the document and the name of an earlier one.
    pub async fn earlier(
        &self,
        scope: &Scope,
        id: &PlanId,
        version: u32,
        author: Label,
    ) -> Result<NewVersion, PlanError> {
        let old = self.version(scope, id, version).await?;
        Ok(NewVersion {
            organization: old.organization,
            document: old.document,
            plan: Some(old.id.to_string()),
            name: Some(old.name),
            author,
        })
    }

    /// A save is refused because either the version or the name exists already.
    async fn conflict(&self, scope: &Scope, version: &SavedPlan) -> Result<PlanError, PlanError> {
        let page = Page { after: version.version.checked_sub(1), limit: 1 };
        let same = self.sources.plans.versions(scope, &version.id, &page).await;
        let is_outrun = !same.map_err(PlanError::store("saving the plan"))?.is_empty();
        Ok(if is_outrun {
            PlanError::Outrun { id: version.id.clone(), version: version.version }
        } else {
            PlanError::NameTaken { name: version.name.clone() }
        })
    }

    /// Attaches a plan to a number, account or organization, and detaches the previous plan.
    pub async fn attach(
        &self,
        author: &Author,
        word: &str,
        place: impl FnOnce(&SavedPlan) -> PlanPlace,
    ) -> Result<SavedPlan, PlanError> {
        let plan = self.find(author, word).await?;
        let place = place(&plan);
        let attached = self.places.attach(author, &place, Some(plan.id.clone())).await;
        attached.map_err(|error| refused("attaching the plan", &place, error))?;
        Ok(plan)
    }

    /// Detaches the plan of a number, account or organization.
    pub async fn detach(&self, author: &Author, place: &PlanPlace) -> Result<(), PlanError> {
        let detached = self.places.attach(author, place, None).await;
        detached.map_err(|error| refused("detaching the plan", place, error))
    }
}

fn refused(doing: &'static str, place: &PlanPlace, error: StoreError) -> PlanError {
    match (error, place) {
        (StoreError::Missing { entity: Entity::Number }, PlanPlace::Number(number)) => {
            ManageError::NumberUnknown { number: *number }.into()
        }
        (StoreError::Missing { entity: Entity::Account }, PlanPlace::Account(sid)) => {
            ManageError::AccountUnknown { sid: *sid }.into()
        }
        // The plan was found just before, so it belongs to another organization.
        (StoreError::Missing { entity: Entity::Plan }, _) => PlanError::OtherOrganization,
        (source, _) => PlanError::Store { doing, source },
    }
}

/// A compiled document that is not saved.
#[derive(Debug)]
pub struct Draft {
    /// The document. It names agents by their ids.
    pub spec: PlanSpec,
    /// The compiled plan.
    pub plan: Plan,
    /// The time zone of the document, or else of its first schedule, or else UTC.
    pub zone: Zone,
}

impl Draft {
    /// Compiles a document of an organization. Returns every problem of the document. `key` determines which caller
    /// reaches which agent: for a saved plan, its id.
    pub async fn of(
        sources: &PlanSources,
        organization: &OrganizationId,
        key: &str,
        document: &PlanDocument,
    ) -> Result<Self, PlanError> {
        let compiled = sources.document(organization, key, document).await;
        Ok(Self::of_compiled(compiled.map_err(PlanError::unreadable)?))
    }

    /// Compiles a saved version as it decides, and returns why some of its rules are skipped.
    pub async fn of_saved(
        sources: &PlanSources,
        saved: &SavedPlan,
    ) -> Result<(Self, Vec<PlanProblem>), PlanError> {
        let mut compiled = sources.saved(saved).await.map_err(PlanError::unreadable)?;
        let problems = std::mem::take(&mut compiled.problems);
        Ok((Self::of_compiled(compiled), problems))
    }

    fn of_compiled(compiled: CompiledDocument) -> Self {
        let CompiledDocument { spec, plan, .. } = compiled;
        let first_zone = || plan.zones().first().cloned();
        let zone = spec.zone.clone().or_else(first_zone).unwrap_or_else(Zone::utc);
        Self { spec, plan, zone }
    }
}
