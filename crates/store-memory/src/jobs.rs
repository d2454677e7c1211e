//! Jobs, and their execution by servers.

use std::time::Duration;

use async_trait::async_trait;
use switchboard_domain::identifier::JobId;
use switchboard_domain::job::{Job, JobEnd, JobProgress, JobState, next_job};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Entity, JobFilter, JobHold, JobQueue, JobStore, LeaseHolder, Page, StoreError,
};
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::job_records::JobRecord;
use crate::pages::newest;
use crate::probe::now;
use crate::state::missing;

fn covers(scope: &Scope, job: &Job) -> bool {
    match scope {
        Scope::Operator => true,
        Scope::Organization(own) => job.organization() == Some(own),
    }
}

fn until(now: Timestamp, lease: Duration) -> Timestamp {
    now.plus_seconds(i64::try_from(lease.as_secs()).unwrap_or(i64::MAX))
}

#[async_trait]
impl JobStore for MemoryStore {
    async fn add(&self, job: &Job, most: u32) -> Result<(), StoreError> {
        let mut state = self.enter("job.add").await?;
        if let Some(owner) = job.organization()
            && !state.organizations.contains_key(owner)
        {
            return Err(missing(Entity::Organization));
        }
        if state.jobs.0.contains_key(&job.id) {
            return Ok(());
        }
        let open =
            state.jobs.0.values().map(|record| &record.job).filter(|known| {
                !known.state.is_end() && known.organization() == job.organization()
            });
        if open.count() >= most as usize {
            return Err(StoreError::Full { entity: Entity::Job });
        }
        state.jobs.0.insert(job.id.clone(), JobRecord { job: job.clone(), lease: None });
        Ok(())
    }

    async fn find(&self, scope: &Scope, id: &JobId) -> Result<Option<Job>, StoreError> {
        let jobs = &self.enter("job.find").await?.jobs.0;
        let found = jobs.get(id).map(|record| &record.job);
        Ok(found.filter(|job| covers(scope, job)).cloned())
    }

    async fn newest(
        &self,
        scope: &Scope,
        filter: &JobFilter,
        page: &Page<JobId>,
    ) -> Result<Vec<Job>, StoreError> {
        let jobs = &self.enter("job.newest").await?.jobs.0;
        let shown = jobs.values().map(|record| &record.job).filter(|job| {
            covers(scope, job)
                && filter.kind.is_none_or(|kind| kind == job.kind)
                && filter.state.is_none_or(|state| state == job.state)
        });
        Ok(newest(shown, page, |job| job.id.clone()))
    }

    async fn cancel(&self, scope: &Scope, id: &JobId, at: Timestamp) -> Result<Job, StoreError> {
        let jobs = &mut self.enter("job.cancel").await?.jobs.0;
        let found = jobs.get_mut(id).map(|record| &mut record.job);
        let job = found.filter(|job| covers(scope, job)).ok_or(missing(Entity::Job))?;
        match job.state {
            JobState::Queued => {
                job.is_canceled = true;
                job.end(&JobEnd::Canceled(None), at);
            }
            JobState::Running => job.is_canceled = true,
            JobState::Succeeded | JobState::Failed | JobState::Canceled => {}
        }
        Ok(job.clone())
    }
}

#[async_trait]
impl JobQueue for MemoryStore {
    async fn claim(
        &self,
        holder: &LeaseHolder,
        lease: Duration,
        at: Timestamp,
        most: u32,
    ) -> Result<Option<Job>, StoreError> {
        let jobs = &mut self.enter("job.claim").await?.jobs;
        let now = now();
        let open = jobs.open(now);
        let Some(next) = next_job(&open, most) else { return Ok(None) };
        let Some(record) = jobs.0.get_mut(&next.id) else { return Ok(None) };
        record.lease = Some((holder.clone(), until(now, lease)));
        let job = &mut record.job;
        job.state = JobState::Running;
        job.progress = JobProgress::default();
        job.attempts += 1;
        job.started_at.get_or_insert(at);
        Ok(Some(job.clone()))
    }

    async fn report(
        &self,
        id: &JobId,
        holder: &LeaseHolder,
        lease: Duration,
        progress: JobProgress,
    ) -> Result<JobHold, StoreError> {
        let jobs = &mut self.enter("job.report").await?.jobs;
        let Some(record) = jobs.held(id, holder) else { return Ok(JobHold::Lost) };
        record.lease = Some((holder.clone(), until(now(), lease)));
        record.job.progress = progress;
        Ok(if record.job.is_canceled { JobHold::Canceled } else { JobHold::Held })
    }

    async fn finish(
        &self,
        id: &JobId,
        holder: &LeaseHolder,
        end: &JobEnd,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let jobs = &mut self.enter("job.finish").await?.jobs;
        if let Some(record) = jobs.held(id, holder) {
            record.job.end(end, at);
            record.lease = None;
        }
        Ok(())
    }

    async fn give_back(&self, id: &JobId, holder: &LeaseHolder) -> Result<(), StoreError> {
        let jobs = &mut self.enter("job.give_back").await?.jobs;
        if let Some(record) = jobs.held(id, holder) {
            record.job.state = JobState::Queued;
            record.lease = None;
        }
        Ok(())
    }
}
