//! The state of jobs.

use std::collections::BTreeMap;

use switchboard_domain::identifier::JobId;
use switchboard_domain::job::{Execution, Job, JobState, OpenJob};
use switchboard_domain::ports::LeaseHolder;
use switchboard_domain::time::Timestamp;

/// All jobs, each with the holder and the expiry of its lease while it is running.
#[derive(Debug, Default)]
pub(crate) struct JobRecords(pub(crate) BTreeMap<JobId, JobRecord>);

#[derive(Clone, Debug)]
pub(crate) struct JobRecord {
    pub(crate) job: Job,
    pub(crate) lease: Option<(LeaseHolder, Timestamp)>,
}

impl JobRecords {
    /// The jobs that have not ended, in the order of their ids.
    pub(crate) fn open(&self, now: Timestamp) -> Vec<OpenJob> {
        let open = self.0.values().filter(|record| !record.job.state.is_end());
        let open = open.map(|record| OpenJob {
            id: record.job.id.clone(),
            organization: record.job.organization().cloned(),
            execution: match &record.lease {
                None => Execution::Waiting,
                Some((_, until)) if *until > now => Execution::Leased,
                Some(_) => Execution::Abandoned,
            },
        });
        open.collect()
    }

    /// The running job of a holder.
    pub(crate) fn held(&mut self, id: &JobId, holder: &LeaseHolder) -> Option<&mut JobRecord> {
        self.0.get_mut(id).filter(|record| {
            record.job.state == JobState::Running
                && record.lease.as_ref().is_some_and(|(by, _)| by == holder)
        })
    }

    /// How many ended before an instant.
    pub(crate) fn count_ended(&self, before: Timestamp) -> usize {
        self.ended(before).len()
    }

    /// Deletes those that ended first before an instant.
    pub(crate) fn delete_ended(&mut self, before: Timestamp, limit: u32) -> u32 {
        let mut deleted = 0;
        for (_, id) in self.ended(before).into_iter().take(limit as usize) {
            self.0.remove(&id);
            deleted += 1;
        }
        deleted
    }

    /// Those that ended before an instant, in the order in which they ended.
    fn ended(&self, before: Timestamp) -> Vec<(Timestamp, JobId)> {
        let ended = self.0.values().filter_map(|record| {
            let at = record.job.finished_at.filter(|at| *at < before)?;
            Some((at, record.job.id.clone()))
        });
        let mut ended: Vec<_> = ended.collect();
        ended.sort_unstable();
        ended
    }
}
