//! The laws of [`JobQueue`](switchboard_domain::ports::JobQueue).
//!
//! A lease of zero seconds expires at once, so the laws do not have to wait.

use std::time::Duration;

use switchboard_domain::job::{Job, JobEnd, JobProgress, JobState};
use switchboard_domain::ports::JobHold;

use crate::concurrent::at_once;
use crate::jobs::{MANY, added, claimed, finish, job, stored};
use crate::prelude::*;
use crate::{Fixture, samples};

const MINUTE: Duration = Duration::from_secs(60);

async fn claimed_for(fixture: &Fixture, holder: &str, lease: Duration, most: u32) -> Option<Job> {
    let holder = LeaseHolder::named(holder);
    fixture.job_queue().claim(&holder, lease, samples::at(50), most).await.unwrap()
}

async fn report(fixture: &Fixture, job: &Job, holder: &str, lease: Duration) -> JobHold {
    let (holder, progress) = (LeaseHolder::named(holder), JobProgress { done: 3, total: Some(7) });
    fixture.job_queue().report(&job.id, &holder, lease, progress).await.unwrap()
}

fn succeeded(result: &str) -> JobEnd {
    JobEnd::Succeeded(result.to_owned())
}

#[laws(job_queue::job_queue_laws)]
pub mod laws {
    use super::*;

    /// A job is claimed once, reports its progress, and ends with its result.
    pub async fn a_job_is_executed_once(fixture: &Fixture) {
        let job = added(fixture, 1, &fixture.ours).await;
        let running = claimed(fixture, "one", 10).await.unwrap();
        let started_at = Some(samples::at(10));
        let expected = Job { state: JobState::Running, attempts: 1, started_at, ..job.clone() };
        assert_eq!(running, expected);
        assert_eq!(claimed(fixture, "two", 11).await, None);
        assert_eq!(report(fixture, &job, "one", MINUTE).await, JobHold::Held);
        let progress = JobProgress { done: 3, total: Some(7) };
        assert_eq!(stored(fixture, &job).await, Job { progress, ..expected.clone() });
        let result = format!("{{\"text\":{:?}}}", samples::UNICODE);
        finish(fixture, &job, "one", &succeeded(&result), 20).await;
        let ended = Job {
            progress,
            state: JobState::Succeeded,
            result: Some(result),
            finished_at: Some(samples::at(20)),
            ..expected
        };
        assert_eq!(stored(fixture, &job).await, ended);
        assert_eq!(report(fixture, &job, "one", MINUTE).await, JobHold::Lost);
        finish(fixture, &job, "one", &succeeded("other"), 21).await;
        assert_eq!(stored(fixture, &job).await, ended);
        assert_eq!(claimed(fixture, "two", 22).await, None);
    }

    /// The jobs of an organization are executed one after another, in their order, beside those of others.
    pub async fn an_organization_has_one_running_job(fixture: &Fixture) {
        let first = added(fixture, 1, &fixture.ours).await;
        let second = added(fixture, 2, &fixture.ours).await;
        let theirs = added(fixture, 3, &fixture.theirs).await;
        let of_operator = job(4, Scope::Operator);
        fixture.jobs().add(&of_operator, MANY).await.unwrap();
        let next =
            async |most| claimed_for(fixture, "one", MINUTE, most).await.map(|claimed| claimed.id);
        assert_eq!(next(0).await, None);
        assert_eq!(next(2).await, Some(first.id.clone()));
        assert_eq!(next(2).await, Some(theirs.id.clone()));
        assert_eq!(next(2).await, None);
        assert_eq!(next(3).await, Some(of_operator.id.clone()));
        assert_eq!(next(9).await, None);
        finish(fixture, &first, "one", &succeeded("1"), 60).await;
        assert_eq!(next(2).await, None);
        assert_eq!(next(3).await, Some(second.id.clone()));
    }

    /// Of several servers that claim at the same time, each gets another job, and none gets one too many.
    pub async fn servers_that_claim_at_once_get_different_jobs(fixture: &Fixture) {
        for n in 1..=4 {
            added(fixture, n, &fixture.ours).await;
            added(fixture, n + 10, &fixture.theirs).await;
        }
        let of_operator = job(20, Scope::Operator);
        fixture.jobs().add(&of_operator, MANY).await.unwrap();
        let results = at_once(|n| {
            let store = fixture.store();
            let holder = LeaseHolder::named(format!("holder {n}"));
            async move { store.job_queue().claim(&holder, MINUTE, samples::at(9), 2).await.unwrap() }
        });
        let claimed: Vec<_> = results.await.into_iter().flatten().collect();
        assert_eq!(claimed.len(), 2, "{claimed:?}");
        assert_ne!(claimed[0].author.scope(), claimed[1].author.scope());
    }

    /// A job whose server does not renew the lease is given to another one, and is lost for the first. Its progress begins anew.
    pub async fn an_abandoned_job_is_given_to_another_server(fixture: &Fixture) {
        let job = added(fixture, 1, &fixture.ours).await;
        added(fixture, 2, &fixture.ours).await;
        assert!(claimed(fixture, "one", 5).await.is_some());
        assert_eq!(report(fixture, &job, "one", Duration::ZERO).await, JobHold::Held);
        let again = claimed_for(fixture, "two", MINUTE, 1).await.unwrap();
        assert_eq!((&again.id, again.attempts), (&job.id, 2));
        assert_eq!(again.started_at, Some(samples::at(5)));
        assert_eq!(again.progress, JobProgress::default());
        assert_eq!(report(fixture, &job, "one", MINUTE).await, JobHold::Lost);
        finish(fixture, &job, "one", &succeeded("late"), 60).await;
        let holder = LeaseHolder::named("one");
        fixture.job_queue().give_back(&job.id, &holder).await.unwrap();
        assert_eq!(stored(fixture, &job).await, again);
        assert_eq!(report(fixture, &job, "two", MINUTE).await, JobHold::Held);
    }

    /// A lease that has run out can be renewed as long as no other server has the job.
    pub async fn a_lease_that_has_run_out_is_renewed(fixture: &Fixture) {
        let job = added(fixture, 1, &fixture.ours).await;
        claimed_for(fixture, "one", Duration::ZERO, MANY).await.unwrap();
        assert_eq!(report(fixture, &job, "one", MINUTE).await, JobHold::Held);
        assert_eq!(claimed_for(fixture, "two", MINUTE, MANY).await, None);
    }

    /// A job that is given back continues on another server at once.
    pub async fn a_job_that_is_given_back_is_claimed_again(fixture: &Fixture) {
        let job = added(fixture, 1, &fixture.ours).await;
        claimed(fixture, "one", 5).await.unwrap();
        fixture.job_queue().give_back(&job.id, &LeaseHolder::named("other")).await.unwrap();
        assert_eq!(claimed(fixture, "two", 6).await, None);
        fixture.job_queue().give_back(&job.id, &LeaseHolder::named("one")).await.unwrap();
        assert_eq!(stored(fixture, &job).await.state, JobState::Queued);
        assert_eq!(report(fixture, &job, "one", MINUTE).await, JobHold::Lost);
        let again = claimed(fixture, "two", 7).await.unwrap();
        assert_eq!((again.attempts, again.started_at), (2, Some(samples::at(5))));
    }

    /// The server of a job that is canceled gets to know it with its next report, and so does one that takes the job over.
    pub async fn a_canceled_job_is_reported_as_canceled(fixture: &Fixture) {
        let job = added(fixture, 1, &fixture.ours).await;
        claimed(fixture, "one", 5).await.unwrap();
        fixture.jobs().cancel(&fixture.us, &job.id, samples::at(6)).await.unwrap();
        for lease in [MINUTE, Duration::ZERO] {
            assert_eq!(report(fixture, &job, "one", lease).await, JobHold::Canceled);
        }
        assert!(claimed(fixture, "two", 7).await.unwrap().is_canceled);
        assert_eq!(report(fixture, &job, "two", MINUTE).await, JobHold::Canceled);
    }
}
