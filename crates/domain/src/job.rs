//! Jobs: long work that a request starts, and that a server executes after it has answered.

use crate::audit::Author;
use crate::identifier::{JobId, OrganizationId};
use crate::organization::Scope;
use crate::string_enum;
use crate::time::Timestamp;

string_enum! {
    /// What a job does.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum JobKind {
        /// Compares the webhook configuration of numbers with the desired one.
        DriftCheck = "drift_check",
        /// Writes the desired webhook configuration of numbers to the carrier.
        DriftFix = "drift_fix",
        /// Restores the previous webhook configuration of numbers at the carrier.
        DriftRestore = "drift_restore",
    }
}

string_enum! {
    /// How far a job is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum JobState {
        /// No server executes it yet.
        Queued = "queued",
        /// A server executes it, or was stopped while it did, so that another server continues.
        Running = "running",
        /// It is done.
        Succeeded = "succeeded",
        /// It ended early because of an error.
        Failed = "failed",
        /// It ended early because somebody canceled it.
        Canceled = "canceled",
    }
}

impl JobState {
    /// The states in which a job has not ended.
    pub const OPEN: [Self; 2] = [Self::Queued, Self::Running];

    /// Whether the job never runs again.
    pub const fn is_end(self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Succeeded | Self::Failed | Self::Canceled => true,
        }
    }
}

/// The parts of a job that are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobProgress {
    /// The parts that are done.
    pub done: u32,
    /// All parts; `None` as long as their number is not known.
    pub total: Option<u32>,
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobError {
    /// A stable word for the kind of error.
    pub code: String,
    /// What failed, in a sentence. It contains no phone numbers.
    pub detail: String,
}

/// How a job ended. A result is JSON, and that of a job that ended early covers the parts that were done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// It is done.
    Succeeded(String),
    /// It ended early because of an error.
    Failed(JobError),
    /// It ended early because somebody canceled it; without a result if it had not begun.
    Canceled(Option<String>),
}

impl JobEnd {
    /// The state of a job with this end.
    pub const fn state(&self) -> JobState {
        match self {
            Self::Succeeded(_) => JobState::Succeeded,
            Self::Failed(_) => JobState::Failed,
            Self::Canceled(_) => JobState::Canceled,
        }
    }

    /// The result, as JSON.
    pub fn result(&self) -> Option<&str> {
        match self {
            Self::Succeeded(result) => Some(result),
            Self::Canceled(result) => result.as_deref(),
            Self::Failed(_) => None,
        }
    }

    /// Why it failed.
    pub const fn error(&self) -> Option<&JobError> {
        match self {
            Self::Failed(error) => Some(error),
            Self::Succeeded(_) | Self::Canceled(_) => None,
        }
    }
}

/// A job, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Who started it, when, and what it may change. Its changes have this author.
    pub author: Author,
    /// What it does.
    pub kind: JobKind,
    /// What it does in detail, as JSON.
    pub request: String,
    /// How far it is.
    pub state: JobState,
    /// Whether somebody canceled it. A running job ends as soon as the part that it is at is done.
    pub is_canceled: bool,
    /// The parts that are done.
    pub progress: JobProgress,
    /// How many servers began to execute it.
    pub attempts: u32,
    /// When a server first began to execute it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The result, as JSON.
    pub result: Option<String>,
    /// Why it failed.
    pub error: Option<JobError>,
}

impl Job {
    /// A job that no server executes yet.
    pub const fn new(id: JobId, author: Author, kind: JobKind, request: String) -> Self {
        Self {
            id,
            author,
            kind,
            request,
            state: JobState::Queued,
            is_canceled: false,
            progress: JobProgress { done: 0, total: None },
            attempts: 0,
            started_at: None,
            finished_at: None,
            result: None,
            error: None,
        }
    }

    /// The organization that it belongs to; `None` for a job over all organizations, which only operators see.
    pub fn organization(&self) -> Option<&OrganizationId> {
        match self.author.scope() {
            Scope::Organization(id) => Some(id),
            Scope::Operator => None,
        }
    }

    /// When it was requested.
    pub const fn created_at(&self) -> Timestamp {
        self.author.at()
    }

    /// Ends it, and removes nothing of its progress.
    pub fn end(&mut self, end: &JobEnd, at: Timestamp) {
        self.state = end.state();
        self.result = end.result().map(str::to_owned);
        self.error = end.error().cloned();
        self.finished_at = Some(at);
    }
}

/// Whether a server executes an open job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Execution {
    /// No server has begun.
    Waiting,
    /// A server executes it.
    Leased,
    /// A server began and does not renew its lease.
    Abandoned,
}

/// A job that has not ended, as it decides which job is executed next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenJob {
    /// Its id.
    pub id: JobId,
    /// Its organization; `None` for a job over all organizations.
    pub organization: Option<OrganizationId>,
    /// Whether a server executes it.
    pub execution: Execution,
}

/// Which job is executed next: an abandoned one, or else the one that has waited longest and whose organization has no running
/// job. `open` are all open jobs, in the order of their ids. At most `most` jobs run at the same time.
pub fn next_job(open: &[OpenJob], most: u32) -> Option<&OpenJob> {
    let leased = open.iter().filter(|job| job.execution == Execution::Leased).count();
    if leased >= most as usize {
        return None;
    }
    let is_busy = |wanted: &OpenJob| {
        open.iter().any(|job| {
            job.id != wanted.id
                && job.organization == wanted.organization
                && job.execution != Execution::Waiting
        })
    };
    let abandoned = open.iter().find(|job| job.execution == Execution::Abandoned);
    let waiting = || open.iter().find(|job| job.execution == Execution::Waiting && !is_busy(job));
    abandoned.or_else(waiting)
}

#[cfg(test)]
mod tests {
    use super::{Execution, JobState, OpenJob, next_job};
    use crate::identifier::{JobId, OrganizationId};
    use crate::time::Timestamp;

    fn open(n: u8, organization: u8, execution: Execution) -> OpenJob {
        let at = Timestamp::from_seconds(n.into());
        let organization = (organization > 0)
            .then(|| OrganizationId::new(Timestamp::from_seconds(0), [organization; 10]));
        OpenJob { id: JobId::new(at, [n; 10]), organization, execution }
    }

    fn next(open: &[OpenJob], most: u32) -> Option<usize> {
        let next = next_job(open, most)?;
        open.iter().position(|job| job == next)
    }

    #[test]
    fn the_one_that_waited_longest_is_next() {
        use Execution::Waiting;
        assert_eq!(next(&[], 2), None);
        assert_eq!(next(&[open(1, 1, Waiting), open(2, 2, Waiting)], 2), Some(0));
        assert_eq!(next(&[open(1, 1, Waiting)], 0), None);
    }

    #[test]
    fn an_organization_has_one_running_job_and_all_together_have_some() {
        use Execution::{Leased, Waiting};
        let of_one = [open(1, 1, Leased), open(2, 1, Waiting)];
        assert_eq!(next(&of_one, 2), None);
        let of_two = [open(1, 1, Leased), open(2, 1, Waiting), open(3, 2, Waiting)];
        assert_eq!(next(&of_two, 2), Some(2));
        assert_eq!(next(&of_two, 1), None);
        let of_operator = [open(1, 0, Leased), open(2, 0, Waiting), open(3, 1, Waiting)];
        assert_eq!(next(&of_operator, 2), Some(2));
    }

    #[test]
    fn an_abandoned_one_goes_first_and_keeps_its_place() {
        use Execution::{Abandoned, Leased, Waiting};
        let jobs = [open(1, 1, Waiting), open(2, 1, Abandoned), open(3, 2, Waiting)];
        assert_eq!(next(&jobs, 2), Some(1));
        assert_eq!(next(&[open(1, 1, Leased), open(2, 2, Abandoned)], 1), None);
    }

    #[test]
    fn open_states_are_those_that_are_no_end() {
        let open: Vec<_> = JobState::ALL.into_iter().filter(|state| !state.is_end()).collect();
        assert_eq!(open, JobState::OPEN);
    }
}
