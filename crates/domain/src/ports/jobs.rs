//! The stored jobs, and their execution by servers.

use std::time::Duration;

use async_trait::async_trait;

use super::{LeaseHolder, Page, StoreError};
use crate::identifier::JobId;
use crate::job::{Job, JobEnd, JobKind, JobProgress, JobState};
use crate::organization::Scope;
use crate::time::Timestamp;

/// Selects jobs. Every field that is set must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Jobs of this kind.
    pub kind: Option<JobKind>,
    /// Jobs in this state.
    pub state: Option<JobState>,
}

/// Stores jobs. Laws: `switchboard_contract::jobs`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobStore: Send + Sync {
    /// Adds a queued job. Adding the same job again changes nothing. MUST return `Missing` if its organization does not exist,
    /// and `Full` if its organization has `most` open jobs already; the jobs over all organizations count together.
    async fn add(&self, job: &Job, most: u32) -> Result<(), StoreError>;

    /// Returns the job, if the scope covers it. A job over all organizations is covered by the operator scope only.
    async fn find(&self, scope: &Scope, id: &JobId) -> Result<Option<Job>, StoreError>;

    /// Lists the jobs that the scope covers and the filter selects, newest first, which is by descending id.
    async fn newest(
        &self,
        scope: &Scope,
        filter: &JobFilter,
        page: &Page<JobId>,
    ) -> Result<Vec<Job>, StoreError>;

    /// Cancels a job, and returns it as it is afterwards: a queued one has ended at this instant, a running one is canceled, and
    /// one that has ended is unchanged. MUST return `Missing` if the scope does not cover it.
    async fn cancel(&self, scope: &Scope, id: &JobId, at: Timestamp) -> Result<Job, StoreError>;
}

/// What the server that executes a job has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum JobHold {
    /// Continue.
    Held,
    /// End the job after the part that it is at.
    Canceled,
    /// Stop at once: another server executes the job, or it does not exist any more.
    Lost,
}

/// Hands jobs to servers. Expiry of leases uses the clock of the store. Laws: `switchboard_contract::job_queue`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Leases the job that [`next_job`](crate::job::next_job) chooses for this duration, of which only whole seconds count, and
    /// returns it as running. Its progress begins anew. `at` is when it started, if it did not before. Of several calls at the
    /// same time, each MUST get another job, and all of them MUST obey the limits of `next_job`. A job that cannot be read MUST
    /// be passed over.
    async fn claim(
        &self,
        holder: &LeaseHolder,
        lease: Duration,
        at: Timestamp,
        most: u32,
    ) -> Result<Option<Job>, StoreError>;

    /// Stores the progress of a running job of this holder, and renews its lease. MUST return `Lost`, and change nothing, if the
    /// holder does not have it, even if no other server has it.
    async fn report(
        &self,
        id: &JobId,
        holder: &LeaseHolder,
        lease: Duration,
        progress: JobProgress,
    ) -> Result<JobHold, StoreError>;

    /// Ends a running job of this holder. Does nothing if the holder does not have it.
    async fn finish(
        &self,
        id: &JobId,
        holder: &LeaseHolder,
        end: &JobEnd,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Gives back a running job of this holder, so that another server continues it at once. Does nothing if the holder does not
    /// have it.
    async fn give_back(&self, id: &JobId, holder: &LeaseHolder) -> Result<(), StoreError>;
}
