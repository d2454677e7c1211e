//! Tests of jobs and of their execution.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use switchboard_domain::audit::{Actor, Author};
use switchboard_domain::job::{Job, JobError, JobKind, JobProgress, JobState};
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::ports::{JobFilter, JobQueue as _, LeaseHolder, Page, Randomness};
use switchboard_domain::time::Timestamp;
use switchboard_store_memory::{Fault, MemoryStore};
use tokio::sync::Notify;

use super::{
    Executed, Executing, JobControl, JobExecution, JobWorker, Jobs, JobsError, MAX_OPEN_JOBS,
};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Random bytes that differ each time.
#[derive(Default)]
struct Counting(AtomicU32);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let next = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (byte, value) in bytes.iter_mut().zip(next.into_iter().cycle()) {
            *byte = value;
        }
    }
}

/// A job of three parts. Before the second one, it waits until the test lets it go on.
#[derive(Default)]
struct Parts {
    begun: Notify,
    go_on: Notify,
}

impl JobExecution for Parts {
    fn execute<'a>(&'a self, job: &'a Job, control: &'a JobControl) -> Executing<'a> {
        Box::pin(async move {
            match job.request.as_str() {
                "wrong" => {
                    let (code, detail) = ("internal".to_owned(), "It is wrong.".to_owned());
                    return Err(JobError { code, detail });
                }
                "quick" => return Ok(Executed::Whole("{}".to_owned())),
                _ => {}
            }
            control.begin(3);
            control.advance();
            self.begun.notify_one();
            self.go_on.notified().await;
            if control.is_stopped() {
                return Ok(Executed::Part("1".to_owned()));
            }
            control.advance();
            control.advance();
            Ok(Executed::Whole("3".to_owned()))
        })
    }
}

struct Fixture {
    store: Arc<MemoryStore>,
    jobs: Jobs,
    parts: Arc<Parts>,
    worker: Arc<JobWorker>,
    author: Author,
}

impl Fixture {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let (parts, randomness) = (Arc::<Parts>::default(), Arc::new(Counting::default()));
        let worker =
            JobWorker::new(store.clone(), parts.clone(), Arc::new(NOW), randomness.clone());
        let scope = Scope::Organization(default_organization());
        Self {
            jobs: Jobs { store: store.clone(), randomness, clock: Arc::new(NOW) },
            store,
            parts,
            worker: Arc::new(worker),
            author: Author::new(scope, Actor::CommandLine(None), None, NOW),
        }
    }

    async fn start(&self, request: &str) -> Job {
        let started = self.jobs.start(&self.author, JobKind::DriftCheck, request.to_owned());
        started.await.unwrap()
    }

    async fn stored(&self, job: &Job) -> Job {
        self.jobs.find(&self.author, &job.id).await.unwrap()
    }

    /// Executes the next job while the test does something else.
    fn executing(&self) -> tokio::task::JoinHandle<bool> {
        let worker = Arc::clone(&self.worker);
        tokio::spawn(async move { worker.execute_next().await.unwrap() })
    }
}

#[tokio::test]
async fn a_job_is_executed_and_ends_with_its_result() {
    let fixture = Fixture::new();
    assert!(!fixture.worker.execute_next().await.unwrap());
    let (quick, wrong) = (fixture.start("quick").await, fixture.start("wrong").await);
    assert!(fixture.worker.execute_next().await.unwrap());
    assert!(fixture.worker.execute_next().await.unwrap());
    let quick = fixture.stored(&quick).await;
    assert_eq!((quick.state, quick.result.as_deref()), (JobState::Succeeded, Some("{}")));
    let wrong = fixture.stored(&wrong).await;
    assert_eq!((wrong.state, wrong.error.unwrap().code.as_str()), (JobState::Failed, "internal"));
    let ended = fixture.jobs.cancel(&fixture.author, &quick.id).await;
    assert!(matches!(ended, Err(JobsError::Ended)), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn progress_is_stored_while_a_job_runs() {
    let fixture = Fixture::new();
    let job = fixture.start("parts").await;
    let executing = fixture.executing();
    fixture.parts.begun.notified().await;
    // Longer than a lease, which the worker renews.
    tokio::time::sleep(Duration::from_secs(60)).await;
    let running = fixture.stored(&job).await;
    assert_eq!(running.state, JobState::Running);
    assert_eq!(running.progress, JobProgress { done: 1, total: Some(3) });
    fixture.parts.go_on.notify_one();
    assert!(executing.await.unwrap());
    let ended = fixture.stored(&job).await;
    assert_eq!((ended.state, ended.progress.done), (JobState::Succeeded, 3));
}

#[tokio::test(start_paused = true)]
async fn a_running_job_that_is_canceled_stops_between_its_parts() {
    let fixture = Fixture::new();
    let job = fixture.start("parts").await;
    let executing = fixture.executing();
    fixture.parts.begun.notified().await;
    let canceled = fixture.jobs.cancel(&fixture.author, &job.id).await.unwrap();
    assert_eq!(canceled.state, JobState::Running);
    tokio::time::sleep(Duration::from_secs(5)).await;
    fixture.parts.go_on.notify_one();
    assert!(executing.await.unwrap());
    let ended = fixture.stored(&job).await;
    assert_eq!((ended.state, ended.result.as_deref()), (JobState::Canceled, Some("1")));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_shuts_down_gives_its_job_back() {
    let fixture = Fixture::new();
    let job = fixture.start("parts").await;
    let executing = fixture.executing();
    fixture.parts.begun.notified().await;
    let draining = {
        let worker = Arc::clone(&fixture.worker);
        tokio::spawn(async move { worker.drain(Duration::from_secs(60)).await })
    };
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!draining.is_finished());
    fixture.parts.go_on.notify_one();
    draining.await.unwrap();
    assert!(executing.await.unwrap());
    assert_eq!(fixture.stored(&job).await.state, JobState::Queued);
    assert!(!fixture.worker.execute_next().await.unwrap(), "it claims no other job");
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_lease_cannot_be_renewed_is_dropped() {
    let fixture = Fixture::new();
    let job = fixture.start("parts").await;
    let executing = fixture.executing();
    fixture.parts.begun.notified().await;
    fixture.store.fail_next("job.report", usize::MAX, Fault::Unavailable);
    assert!(executing.await.unwrap());
    assert_eq!(fixture.stored(&job).await.state, JobState::Running);
}

#[tokio::test]
async fn a_canceled_job_that_was_given_back_does_not_begin() {
    let fixture = Fixture::new();
    let job = fixture.start("quick").await;
    let holder = LeaseHolder::named("other");
    let lease = Duration::from_secs(60);
    fixture.store.claim(&holder, lease, NOW, 2).await.unwrap().unwrap();
    fixture.jobs.cancel(&fixture.author, &job.id).await.unwrap();
    fixture.store.give_back(&job.id, &holder).await.unwrap();
    assert!(fixture.worker.execute_next().await.unwrap());
    let ended = fixture.stored(&job).await;
    assert_eq!((ended.state, ended.result), (JobState::Canceled, None));
}

#[tokio::test]
async fn a_job_that_stops_every_server_fails_at_last() {
    let fixture = Fixture::new();
    let job = fixture.start("quick").await;
    let holder = LeaseHolder::named("other");
    for _ in 0..10 {
        fixture.store.claim(&holder, Duration::ZERO, NOW, 2).await.unwrap().unwrap();
    }
    assert!(fixture.worker.execute_next().await.unwrap());
    let ended = fixture.stored(&job).await;
    assert_eq!(
        (ended.state, ended.error.unwrap().code.as_str()),
        (JobState::Failed, "interrupted")
    );
}

#[tokio::test]
async fn an_organization_has_a_limited_number_of_open_jobs() {
    let fixture = Fixture::new();
    for _ in 0..MAX_OPEN_JOBS {
        fixture.start("quick").await;
    }
    let full = fixture.jobs.start(&fixture.author, JobKind::DriftCheck, String::new()).await;
    assert!(matches!(full, Err(JobsError::Full)), "{full:?}");
    let page = Page::first(100);
    let all = fixture.jobs.newest(&fixture.author, &JobFilter::default(), &page).await.unwrap();
    assert_eq!(all.len(), MAX_OPEN_JOBS as usize);
}
