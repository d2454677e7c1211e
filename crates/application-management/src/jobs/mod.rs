//! Jobs: long work that a request starts, and that a server executes after it has answered.

mod control;
mod worker;

use std::sync::Arc;

use switchboard_domain::audit::Author;
use switchboard_domain::identifier::JobId;
use switchboard_domain::job::{Job, JobKind, JobState};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Clock, Entity, JobFilter, JobStore, Page, Randomness, Retry, StoreError,
};

pub use control::JobControl;
pub use worker::{Executed, Executing, JobExecution, JobWorker};

/// The maximum number of open jobs of an organization.
pub const MAX_OPEN_JOBS: u32 = 20;

/// Why a job was not started, found or canceled.
#[derive(Debug, thiserror::Error)]
pub enum JobsError {
    /// It does not exist, or belongs to another organization.
    #[error("the job does not exist")]
    Unknown,
    /// It has ended, so it cannot be canceled.
    #[error("the job has ended")]
    Ended,
    /// The organization has as many open jobs as it may have.
    #[error("the organization has {MAX_OPEN_JOBS} jobs that have not ended")]
    Full,
    /// The organization does not exist.
    #[error("the organization does not exist")]
    OrganizationUnknown,
    /// The store failed.
    #[error("{doing} failed")]
    Store {
        /// The step, for example `starting the job`.
        doing: &'static str,
        /// The underlying error.
        source: StoreError,
    },
}

impl JobsError {
    /// Whether the same call can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Full => Retry::Later,
            Self::Store { source, .. } => source.retry(),
            Self::Unknown | Self::Ended | Self::OrganizationUnknown => Retry::Never,
        }
    }

    fn store(doing: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |source| match source {
            StoreError::Missing { entity: Entity::Job } => Self::Unknown,
            StoreError::Missing { entity: Entity::Organization } => Self::OrganizationUnknown,
            StoreError::Full { entity: Entity::Job } => Self::Full,
            source @ (StoreError::Unavailable { .. }
            | StoreError::Exists { .. }
            | StoreError::Missing { .. }
            | StoreError::Changed { .. }
            | StoreError::InUse { .. }
            | StoreError::Full { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Failed { .. }) => Self::Store { doing, source },
        }
    }
}

/// Starts, finds and cancels jobs.
#[derive(Clone)]
pub struct Jobs {
    /// Stores the jobs.
    pub store: Arc<dyn JobStore>,
    /// Makes their ids unique.
    pub randomness: Arc<dyn Randomness>,
    /// The time at which they are started and canceled.
    pub clock: Arc<dyn Clock>,
}

impl Jobs {
    /// Starts a job. A server executes it with this author. `request` is JSON.
    pub async fn start(
        &self,
        author: &Author,
        kind: JobKind,
        request: String,
    ) -> Result<Job, JobsError> {
        let mut random = [0; 10];
        self.randomness.fill(&mut random);
        let id = JobId::new(self.clock.now(), random);
        let job = Job::new(id, author.clone(), kind, request);
        let added = self.store.add(&job, MAX_OPEN_JOBS).await;
        added.map_err(JobsError::store("starting the job"))?;
        Ok(job)
    }

    /// Finds a job.
    pub async fn find(&self, scope: &Scope, id: &JobId) -> Result<Job, JobsError> {
        let found = self.store.find(scope, id).await;
        found.map_err(JobsError::store("finding the job"))?.ok_or(JobsError::Unknown)
    }

    /// Lists jobs, newest first.
    pub async fn newest(
        &self,
        scope: &Scope,
        filter: &JobFilter,
        page: &Page<JobId>,
    ) -> Result<Vec<Job>, JobsError> {
        let found = self.store.newest(scope, filter, page).await;
        found.map_err(JobsError::store("listing jobs"))
    }

    /// Cancels a job. A queued one has ended then, and a running one ends when the part that it is at is done. Canceling a job
    /// again changes nothing.
    pub async fn cancel(&self, scope: &Scope, id: &JobId) -> Result<Job, JobsError> {
        let canceled = self.store.cancel(scope, id, self.clock.now()).await;
        let job = canceled.map_err(JobsError::store("canceling the job"))?;
        match job.state {
            JobState::Succeeded | JobState::Failed => Err(JobsError::Ended),
            JobState::Queued | JobState::Running | JobState::Canceled => Ok(job),
        }
    }
}

#[cfg(test)]
mod tests;
