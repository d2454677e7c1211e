//! The laws of [`JobStore`](switchboard_domain::ports::JobStore).

use std::time::Duration;
use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::job::{Job, JobEnd, JobError, JobKind, JobProgress, JobState};
use switchboard_domain::ports::{JobFilter, JobHold};
use switchboard_domain::retention::RecordKind;

use crate::concurrent::at_once;
use crate::expect_error::assert_missing;
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// More open jobs than any law adds.
pub(crate) const MANY: u32 = 100;
const MINUTE: Duration = Duration::from_secs(60);

/// Job `n` within a scope. A greater number sorts later.
pub(crate) fn job(n: u8, scope: Scope) -> Job {
    let at = samples::at(n.into());
    let id = switchboard_domain::identifier::JobId::new(at, [n; 10]);
    let author = samples::author(scope);
    let request =
        format!("{{\"n\":{n},\"text\":\"{}\"}}", samples::UNICODE.replace(['"', '\\'], ""));
    Job::new(id, author, JobKind::DriftCheck, request)
}

/// Job `n` of an organization.
pub(crate) fn job_of(n: u8, owner: &OrganizationId) -> Job {
    job(n, Scope::Organization(owner.clone()))
}

/// Adds job `n` of an organization.
pub(crate) async fn added(fixture: &Fixture, n: u8, owner: &OrganizationId) -> Job {
    let job = job_of(n, owner);
    fixture.jobs().add(&job, MANY).await.unwrap();
    job
}

/// Executes the next job as a holder of this name.
pub(crate) async fn claimed(fixture: &Fixture, holder: &str, second: i64) -> Option<Job> {
    let holder = LeaseHolder::named(holder);
    fixture.job_queue().claim(&holder, MINUTE, samples::at(second), MANY).await.unwrap()
}

/// Ends a job of a holder.
pub(crate) async fn finish(fixture: &Fixture, job: &Job, holder: &str, end: &JobEnd, second: i64) {
    let (holder, at) = (LeaseHolder::named(holder), samples::at(second));
    fixture.job_queue().finish(&job.id, &holder, end, at).await.unwrap();
}

/// A job as it is stored.
pub(crate) async fn stored(fixture: &Fixture, job: &Job) -> Job {
    fixture.jobs().find(&Scope::Operator, &job.id).await.unwrap().unwrap()
}

async fn listed(fixture: &Fixture, scope: &Scope, filter: &JobFilter) -> Vec<Job> {
    fixture.jobs().newest(scope, filter, &Page::first(MANY)).await.unwrap()
}

#[laws(jobs::job_laws)]
pub mod laws {
    use super::*;

    /// A job is found as it was added, with its author, within its scope.
    pub async fn a_job_is_found_as_it_was_added(fixture: &Fixture) {
        let source = Some("2001:db8::1".parse().unwrap());
        let key = ApiKeyId::new(samples::at(0), [1; 10]);
        let scope = Scope::Organization(fixture.ours.clone());
        let author = Author::new(scope, Actor::ApiKey(key), source, samples::at(7));
        let ours = Job { author, ..job_of(1, &fixture.ours) };
        let theirs = job_of(2, &fixture.theirs);
        let of_operator = job(3, Scope::Operator);
        for job in [&ours, &theirs, &of_operator] {
            fixture.jobs().add(job, MANY).await.unwrap();
            fixture.jobs().add(job, MANY).await.unwrap();
        }
        let find =
            async |scope: &Scope, job: &Job| fixture.jobs().find(scope, &job.id).await.unwrap();
        assert_eq!(find(&fixture.us, &ours).await, Some(ours.clone()));
        assert_eq!(find(&fixture.us, &theirs).await, None);
        assert_eq!(find(&fixture.us, &of_operator).await, None);
        assert_eq!(find(&fixture.them, &theirs).await, Some(theirs.clone()));
        for job in [&ours, &theirs, &of_operator] {
            assert_eq!(find(&fixture.operator, job).await.as_ref(), Some(job));
        }
        let unknown = job_of(9, &fixture.ours);
        assert_eq!(find(&fixture.operator, &unknown).await, None);
    }

    /// Jobs are listed newest first, by scope, kind and state, in pages of any size.
    pub async fn jobs_are_listed_newest_first(fixture: &Fixture) {
        let mut all = Vec::new();
        for n in 1..=6 {
            let owner = [&fixture.ours, &fixture.theirs][usize::from(n) % 2];
            let kind = [JobKind::DriftCheck, JobKind::DriftFix][usize::from(n) % 2];
            let job = Job { kind, ..job_of(n, owner) };
            fixture.jobs().add(&job, MANY).await.unwrap();
            all.insert(0, job);
        }
        let of_operator = job(7, Scope::Operator);
        fixture.jobs().add(&of_operator, MANY).await.unwrap();
        let none = JobFilter::default();
        let (ours, theirs): (Vec<_>, Vec<_>) =
            all.clone().into_iter().partition(|job| job.organization() == Some(&fixture.ours));
        assert_eq!(listed(fixture, &fixture.us, &none).await, ours);
        assert_eq!(listed(fixture, &fixture.them, &none).await, theirs);
        let fixes = JobFilter { kind: Some(JobKind::DriftFix), ..none.clone() };
        assert_eq!(listed(fixture, &fixture.operator, &fixes).await, theirs);
        assert_eq!(listed(fixture, &fixture.us, &fixes).await, []);
        let queued = JobFilter { state: Some(JobState::Queued), ..none.clone() };
        assert_eq!(listed(fixture, &fixture.us, &queued).await, ours);
        let running = JobFilter { state: Some(JobState::Running), ..none.clone() };
        assert_eq!(listed(fixture, &fixture.us, &running).await, []);
        all.insert(0, of_operator);
        let read = async |page| fixture.jobs().newest(&fixture.operator, &none, &page).await;
        pages::hold(&all, |job| job.id.clone(), read).await;
    }

    /// An organization has a limited number of open jobs, and so have operators. Jobs that have ended do not count.
    pub async fn open_jobs_are_limited(fixture: &Fixture) {
        let add = async |job: Job| fixture.jobs().add(&job, 2).await;
        let first = job_of(1, &fixture.ours);
        add(first.clone()).await.unwrap();
        add(job_of(2, &fixture.ours)).await.unwrap();
        let full = add(job_of(3, &fixture.ours)).await;
        assert!(matches!(full, Err(StoreError::Full { entity: Entity::Job })), "{full:?}");
        add(first.clone()).await.unwrap();
        add(job_of(4, &fixture.theirs)).await.unwrap();
        add(job(5, Scope::Operator)).await.unwrap();
        add(job(6, Scope::Operator)).await.unwrap();
        let full = add(job(7, Scope::Operator)).await;
        assert!(matches!(full, Err(StoreError::Full { entity: Entity::Job })), "{full:?}");
        fixture.jobs().cancel(&fixture.us, &first.id, samples::at(9)).await.unwrap();
        add(job_of(3, &fixture.ours)).await.unwrap();
        let nobody = samples::organization(99);
        assert_missing(add(job_of(8, &nobody)).await, Entity::Organization);
    }

    /// The limit also holds for jobs that are added at the same time.
    pub async fn jobs_that_are_added_at_once_are_limited(fixture: &Fixture) {
        let results = at_once(|n| {
            let (store, job) = (fixture.store(), job_of(u8::try_from(n).unwrap(), &fixture.ours));
            async move { store.jobs().add(&job, 2).await }
        });
        let added = results.await.into_iter().flatten().count();
        assert_eq!(added, 2);
    }

    /// A queued job that is canceled has ended. A running one goes on until its server ends it. One that has ended stays as it is.
    pub async fn a_job_is_canceled(fixture: &Fixture) {
        let (running, queued) =
            (added(fixture, 1, &fixture.ours).await, added(fixture, 2, &fixture.ours).await);
        claimed(fixture, "one", 5).await.unwrap();
        let cancel = async |scope: &Scope, job: &Job, second| {
            fixture.jobs().cancel(scope, &job.id, samples::at(second)).await
        };
        assert_missing(cancel(&fixture.them, &queued, 6).await, Entity::Job);
        assert_eq!(stored(fixture, &queued).await, queued);
        for second in [6, 7] {
            let canceled = cancel(&fixture.us, &queued, second).await.unwrap();
            assert_eq!((canceled.state, canceled.is_canceled), (JobState::Canceled, true));
            assert_eq!(canceled.finished_at, Some(samples::at(6)));
            assert_eq!(stored(fixture, &queued).await, canceled);
        }
        let canceled = cancel(&fixture.operator, &running, 8).await.unwrap();
        assert_eq!((canceled.state, canceled.is_canceled), (JobState::Running, true));
        assert_eq!(canceled.finished_at, None);
        let end = JobEnd::Canceled(Some("[1]".to_owned()));
        finish(fixture, &running, "one", &end, 9).await;
        let ended = cancel(&fixture.us, &running, 10).await.unwrap();
        assert_eq!((ended.state, ended.finished_at), (JobState::Canceled, Some(samples::at(9))));
        assert_eq!(ended.result.as_deref(), Some("[1]"));
        assert_eq!(claimed(fixture, "two", 11).await, None);
        let unknown = job_of(9, &fixture.ours);
        assert_missing(cancel(&fixture.us, &unknown, 12).await, Entity::Job);
    }

    /// Jobs that ended before an instant are deleted, those that ended first before the others. Open jobs are kept.
    pub async fn jobs_that_have_ended_are_deleted_by_age(fixture: &Fixture) {
        for n in 1..=4 {
            let job = added(fixture, n, &fixture.ours).await;
            claimed(fixture, "one", 1).await.unwrap();
            let error =
                JobError { code: "internal".to_owned(), detail: samples::UNICODE.to_owned() };
            finish(fixture, &job, "one", &JobEnd::Failed(error.clone()), 20 - i64::from(n)).await;
            let failed = stored(fixture, &job).await;
            assert_eq!((failed.state, failed.error), (JobState::Failed, Some(error)));
        }
        let open = added(fixture, 5, &fixture.ours).await;
        let (kind, retention) = (RecordKind::Jobs, fixture.retention());
        let left = async || {
            let all = listed(fixture, &fixture.us, &JobFilter::default()).await;
            all.iter().map(|job| job.finished_at).collect::<Vec<_>>()
        };
        let at = |second| Some(samples::at(second));
        assert_eq!(retention.count_older(kind, samples::at(18)).await.unwrap(), 2);
        assert_eq!(retention.delete_older(kind, samples::at(18), 1).await.unwrap(), 1);
        assert_eq!(left().await, [None, at(17), at(18), at(19)]);
        assert_eq!(retention.delete_older(kind, samples::at(99), 100).await.unwrap(), 3);
        assert_eq!(stored(fixture, &open).await, open);
    }

    /// An organization can be removed with its jobs, and its running job is lost.
    pub async fn the_jobs_of_a_removed_organization_are_removed(fixture: &Fixture) {
        let theirs = added(fixture, 1, &fixture.theirs).await;
        let ours = added(fixture, 2, &fixture.ours).await;
        claimed(fixture, "one", 5).await.unwrap();
        fixture.organizations().remove(&fixture.operator, &fixture.theirs, None).await.unwrap();
        assert_eq!(fixture.jobs().find(&fixture.operator, &theirs.id).await.unwrap(), None);
        let (holder, progress) = (LeaseHolder::named("one"), JobProgress::default());
        let held = fixture.job_queue().report(&theirs.id, &holder, MINUTE, progress).await.unwrap();
        assert_eq!(held, JobHold::Lost);
        assert_eq!(stored(fixture, &ours).await, ours);
    }
}
