//! Executes jobs: claims them, renews their leases, stores their progress, and ends them.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use switchboard_domain::causes::Causes;
use switchboard_domain::job::{Job, JobEnd, JobError};
use switchboard_domain::ports::{
    Clock, JobHold, JobQueue, LeaseHolder, Randomness, Retry, StoreError,
};
use tokio::time::{Instant, sleep};

use super::JobControl;

/// The maximum number of jobs that all servers together execute at the same time.
const MAX_RUNNING: u32 = 2;
/// The duration of the lease of a job. After a crash, no other server continues it before the lease has expired.
const LEASE_DURATION: Duration = Duration::from_secs(12);
/// How often the lease is renewed if there is no progress to store.
const RENEWAL: Duration = Duration::from_secs(3);
/// How often progress is stored, if there is any.
const TICK: Duration = Duration::from_millis(250);
/// How often a server looks for a job.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// How long it waits after the store has failed.
const AFTER_ERROR: Duration = Duration::from_secs(5);
/// The waiting times between the attempts to store the end of a job. After the last one, another server executes it again.
const FINISH_DELAYS: [Duration; 3] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];
/// How many servers begin to execute a job. A job that stops every server that executes it must not do so forever.
const MAX_ATTEMPTS: u32 = 10;
/// The code of a job that was begun too often.
const INTERRUPTED: &str = "interrupted";

/// What was done of a job. The results are JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executed {
    /// All of it.
    Whole(String),
    /// A part of it, because it had to stop.
    Part(String),
}

/// The execution of a job.
pub type Executing<'a> = Pin<Box<dyn Future<Output = Result<Executed, JobError>> + Send + 'a>>;

/// Does what a job says. It can be dropped at any time and executed again, by this or another server, so that executing it again
/// MUST continue what was begun.
pub trait JobExecution: Send + Sync {
    /// Executes a job. Between two parts, it MUST look whether it has to stop.
    fn execute<'a>(&'a self, job: &'a Job, control: &'a JobControl) -> Executing<'a>;
}

/// Executes jobs, one at a time for each call of [`run`](JobWorker::run).
pub struct JobWorker {
    queue: Arc<dyn JobQueue>,
    execution: Arc<dyn JobExecution>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    is_draining: AtomicBool,
    running: AtomicUsize,
}

/// Counts a job as running as long as it lives.
struct Running<'a>(&'a AtomicUsize);

impl<'a> Running<'a> {
    fn count(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::AcqRel);
        Self(counter)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Why a job is not executed any more.
enum Stopped {
    Done(Result<Executed, JobError>),
    Lost,
}

impl JobWorker {
    /// How many jobs are worth executing in one process: as many as all servers together may execute.
    pub const CONCURRENCY: u32 = MAX_RUNNING;

    /// A worker that executes the jobs of a queue.
    pub const fn new(
        queue: Arc<dyn JobQueue>,
        execution: Arc<dyn JobExecution>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Self {
        let (is_draining, running) = (AtomicBool::new(false), AtomicUsize::new(0));
        Self { queue, execution, clock, randomness, is_draining, running }
    }

    /// Executes jobs forever. Errors of the store are logged.
    pub async fn run(&self) {
        loop {
            match self.execute_next().await {
                Ok(true) => {}
                Ok(false) => sleep(POLL_INTERVAL).await,
                Err(error) => {
                    tracing::error!(error = %Causes(&error), "jobs cannot be claimed");
                    sleep(AFTER_ERROR).await;
                }
            }
        }
    }

    /// Stops the running jobs after the parts that they are at, and gives them back, so that another server continues them.
    pub async fn drain(&self, patience: Duration) {
        self.is_draining.store(true, Ordering::Release);
        let began = Instant::now();
        while self.running.load(Ordering::Acquire) > 0 && began.elapsed() < patience {
            sleep(TICK / 5).await;
        }
    }

    /// Executes the next job, if there is one. Returns whether there was.
    pub async fn execute_next(&self) -> Result<bool, StoreError> {
        // Counted first, so that a drain waits for a job that is just being claimed.
        let _running = Running::count(&self.running);
        if self.is_draining() {
            return Ok(false);
        }
        let holder = LeaseHolder::random(self.randomness.as_ref());
        let now = self.clock.now();
        let claimed = self.queue.claim(&holder, LEASE_DURATION, now, MAX_RUNNING).await?;
        let Some(job) = claimed else { return Ok(false) };
        self.execute(&job, &holder).await;
        Ok(true)
    }

    fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Acquire)
    }

    async fn execute(&self, job: &Job, holder: &LeaseHolder) {
        let (id, kind) = (job.id.as_str(), job.kind.as_str());
        if job.is_canceled {
            return self.finish(job, holder, &JobEnd::Canceled(None)).await;
        }
        if job.attempts > MAX_ATTEMPTS {
            let detail = format!("It was interrupted {MAX_ATTEMPTS} times.");
            let error = JobError { code: INTERRUPTED.to_owned(), detail };
            return self.finish(job, holder, &JobEnd::Failed(error)).await;
        }
        tracing::info!(job.id = id, job.kind = kind, attempt = job.attempts, "job started");
        let control = JobControl::default();
        let was_canceled = AtomicBool::new(false);
        let stopped = tokio::select! {
            biased;
            done = self.execution.execute(job, &control) => Stopped::Done(done),
            () = self.hold(job, holder, &control, &was_canceled) => Stopped::Lost,
        };
        let end = match stopped {
            Stopped::Lost => {
                tracing::warn!(job.id = id, job.kind = kind, "job lost to another server");
                return;
            }
            Stopped::Done(Ok(Executed::Whole(result))) => JobEnd::Succeeded(result),
            Stopped::Done(Ok(Executed::Part(result))) if was_canceled.load(Ordering::Acquire) => {
                JobEnd::Canceled(Some(result))
            }
            Stopped::Done(Ok(Executed::Part(_))) => return self.give_back(job, holder).await,
            Stopped::Done(Err(error)) => JobEnd::Failed(error),
        };
        // The progress of the last parts. If the store fails, the end is stored all the same.
        let reported = self.queue.report(&job.id, holder, LEASE_DURATION, control.progress()).await;
        if let Err(error) = reported.map(drop) {
            tracing::warn!(job.id = id, error = %Causes(&error), "the progress of a job was not stored");
        }
        self.finish(job, holder, &end).await;
    }

    /// Stores the progress of a job and renews its lease, until the job is lost.
    async fn hold(
        &self,
        job: &Job,
        holder: &LeaseHolder,
        control: &JobControl,
        was_canceled: &AtomicBool,
    ) {
        let (mut stored, mut renewed) = (control.progress(), Instant::now());
        loop {
            sleep(TICK).await;
            if self.is_draining() {
                control.stop();
            }
            let progress = control.progress();
            if progress == stored && renewed.elapsed() < RENEWAL {
                continue;
            }
            let began = Instant::now();
            match self.queue.report(&job.id, holder, LEASE_DURATION, progress).await {
                Ok(JobHold::Lost) => return,
                Ok(held) => {
                    (stored, renewed) = (progress, began);
                    if held == JobHold::Canceled {
                        was_canceled.store(true, Ordering::Release);
                        control.stop();
                    }
                }
                Err(error) => {
                    tracing::warn!(job.id = job.id.as_str(), error = %Causes(&error), "the lease of a job was not renewed");
                    if renewed.elapsed() >= LEASE_DURATION {
                        return;
                    }
                }
            }
        }
    }

    async fn finish(&self, job: &Job, holder: &LeaseHolder, end: &JobEnd) {
        let (id, kind, state) = (job.id.as_str(), job.kind.as_str(), end.state().as_str());
        metrics::counter!("switchboard_jobs_total", "kind" => kind, "state" => state).increment(1);
        let code = end.error().map(|error| error.code.as_str());
        tracing::info!(job.id = id, job.kind = kind, job.state = state, code, "job ended");
        let mut delays = FINISH_DELAYS.into_iter();
        loop {
            let finished = self.queue.finish(&job.id, holder, end, self.clock.now()).await;
            let Err(error) = finished else { return };
            match delays.next() {
                Some(delay) if error.retry() == Retry::Later => sleep(delay).await,
                Some(_) | None => {
                    tracing::error!(job.id = id, error = %Causes(&error), "the end of a job was not stored; it is executed again");
                    return;
                }
            }
        }
    }

    async fn give_back(&self, job: &Job, holder: &LeaseHolder) {
        tracing::info!(job.id = job.id.as_str(), "job given back");
        if let Err(error) = self.queue.give_back(&job.id, holder).await {
            tracing::warn!(job.id = job.id.as_str(), error = %Causes(&error), "a job was not given back; another server continues it when its lease has run out");
        }
    }
}
