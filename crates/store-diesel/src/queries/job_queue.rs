//! The execution of jobs by servers, whose leases run by the clock of the database.

use std::time::Duration;

use async_trait::async_trait;
use diesel::dsl::{exists, select, sql};
use diesel::sql_types::{BigInt, Bool, Nullable};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::identifier::{JobId, OrganizationId};
use switchboard_domain::job::{Execution, Job, JobEnd, JobProgress, JobState, OpenJob, next_job};
use switchboard_domain::ports::{JobHold, JobQueue, LeaseHolder, StoreError};
use switchboard_domain::time::Timestamp;

use super::delivery_leases::whole_seconds;
use super::dialect::{Conn, Moment, NOW, SECOND, Store, Ts};
use super::job_rows::JobRow;
use super::jobs_schema::jobs;
use crate::decode::Row;
use crate::failure::Failure;
use crate::unreadable::readable_rows;

/// How many open jobs are looked at. Each organization has a limited number of them.
const LOOKED_AT: i64 = 1_000;

/// The end of a lease of so many seconds.
macro_rules! in_seconds {
    ($seconds:expr) => {
        sql::<Nullable<Ts>>(&format!("{NOW} + {SECOND} * ")).bind::<BigInt, _>($seconds)
    };
}

/// The running job of a holder.
macro_rules! held_job {
    ($id:expr, $holder:expr) => {
        jobs::table
            .filter(jobs::id.eq($id))
            .filter(jobs::holder.eq($holder))
            .filter(jobs::state.eq(JobState::Running.as_str()))
    };
}

#[async_trait]
impl JobQueue for Store {
    async fn claim(
        &self,
        holder: &LeaseHolder,
        lease: Duration,
        at: Timestamp,
        most: u32,
    ) -> Result<Option<Job>, StoreError> {
        // Most of the time there is nothing to do, which a reader finds out.
        if !self.read("job.any_claimable", (), |conn, ()| any_claimable(conn).boxed()).await? {
            return Ok(None);
        }
        let wanted = (holder.as_str().to_owned(), whole_seconds(lease), Moment(at), most);
        let claimed = self
            .write("job.claim", wanted, |conn, (holder, seconds, at, most)| {
                claim(conn, holder, *seconds, *at, *most).boxed()
            })
            .await?;
        claimed.map(Job::try_from).transpose()
    }

    async fn report(
        &self,
        id: &JobId,
        holder: &LeaseHolder,
        lease: Duration,
        progress: JobProgress,
    ) -> Result<JobHold, StoreError> {
        let held = (id.as_str().to_owned(), holder.as_str().to_owned());
        let wanted = (held, whole_seconds(lease), progress);
        self.write("job.report", wanted, |conn, ((id, holder), seconds, progress)| {
            report(conn, id, holder, *seconds, *progress).boxed()
        })
        .await
    }

    async fn finish(
        &self,
        id: &JobId,
        holder: &LeaseHolder,
        end: &JobEnd,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let held = (id.as_str().to_owned(), holder.as_str().to_owned());
        let wanted = (held, end.clone(), Moment(at));
        self.write("job.finish", wanted, |conn, ((id, holder), end, at)| {
            finish(conn, id, holder, end, *at).boxed()
        })
        .await
    }

    async fn give_back(&self, id: &JobId, holder: &LeaseHolder) -> Result<(), StoreError> {
        let held = (id.as_str().to_owned(), holder.as_str().to_owned());
        self.write("job.give_back", held, |conn, (id, holder)| give_back(conn, id, holder).boxed())
            .await
    }
}

/// Whether any job waits for a server, or was abandoned by one.
async fn any_claimable(conn: &mut Conn) -> Result<bool, Failure> {
    let is_waiting = jobs::state.eq(JobState::Queued.as_str());
    let is_running = jobs::state.eq(JobState::Running.as_str());
    let waiting = jobs::table.filter(is_waiting);
    if select(exists(waiting)).get_result(conn).await? {
        return Ok(true);
    }
    let abandoned =
        jobs::table.filter(is_running).filter(jobs::leased_until.le(sql::<Nullable<Ts>>(NOW)));
    Ok(select(exists(abandoned)).get_result(conn).await?)
}

/// A row of an open job: its id, its organization, its state, and whether its lease has run out.
type OpenRow = (String, Option<String>, String, Option<bool>);

/// All open jobs are held in the order of their ids, so that those who claim at the same time do so one after the other.
async fn claim(
    conn: &mut Conn,
    holder: &str,
    seconds: i64,
    at: Moment,
    most: u32,
) -> Result<Option<JobRow>, Failure> {
    let open = jobs::table
        .filter(jobs::state.eq_any(JobState::OPEN.map(JobState::as_str)))
        .order(jobs::id)
        .limit(LOOKED_AT)
        .select((
            jobs::id,
            jobs::organization_id,
            jobs::state,
            sql::<Nullable<Bool>>(&format!("leased_until <= {NOW}")),
        ));
    let open: Vec<OpenRow> = held!(open).load(conn).await?;
    let open = readable_rows(open.into_iter().map(open_job))?;
    let Some(next) = next_job(&open, most) else { return Ok(None) };
    let id = next.id.as_str();
    diesel::update(jobs::table.find(id))
        .set((
            jobs::state.eq(JobState::Running.as_str()),
            jobs::done.eq(0_i64),
            jobs::total.eq(None::<i64>),
            jobs::attempts.eq(jobs::attempts + 1_i64),
            jobs::holder.eq(holder),
            jobs::leased_until.eq(in_seconds!(seconds)),
        ))
        .execute(conn)
        .await?;
    diesel::update(jobs::table.find(id).filter(jobs::started_at.is_null()))
        .set(jobs::started_at.eq(at))
        .execute(conn)
        .await?;
    let claimed = jobs::table.find(id).select(JobRow::as_select());
    Ok(claimed.first(conn).await.optional()?)
}

fn open_job((id, organization, state, is_expired): OpenRow) -> Result<OpenJob, StoreError> {
    let at = Row::new("jobs", &id);
    let state = at.word("state", JobState::parse(&state))?;
    Ok(OpenJob {
        id: at.read("id", JobId::parse(&id))?,
        organization: at.optional(
            "organization_id",
            organization.as_deref(),
            OrganizationId::parse,
        )?,
        execution: match (state, is_expired) {
            (JobState::Running, Some(false)) => Execution::Leased,
            (JobState::Running, Some(true) | None) => Execution::Abandoned,
            (JobState::Queued | JobState::Succeeded | JobState::Failed | JobState::Canceled, _) => {
                Execution::Waiting
            }
        },
    })
}

async fn report(
    conn: &mut Conn,
    id: &str,
    holder: &str,
    seconds: i64,
    progress: JobProgress,
) -> Result<JobHold, Failure> {
    let reported: Option<i16> = diesel::update(held_job!(id, holder))
        .set((
            jobs::done.eq(i64::from(progress.done)),
            jobs::total.eq(progress.total.map(i64::from)),
            jobs::leased_until.eq(in_seconds!(seconds)),
        ))
        .returning(jobs::is_canceled)
        .get_result(conn)
        .await
        .optional()?;
    Ok(match reported {
        None => JobHold::Lost,
        Some(0) => JobHold::Held,
        Some(_) => JobHold::Canceled,
    })
}

async fn finish(
    conn: &mut Conn,
    id: &str,
    holder: &str,
    end: &JobEnd,
    at: Moment,
) -> Result<(), Failure> {
    let error = end.error();
    diesel::update(held_job!(id, holder))
        .set((
            jobs::state.eq(end.state().as_str()),
            jobs::result.eq(end.result()),
            jobs::error_code.eq(error.map(|error| error.code.as_str())),
            jobs::error_detail.eq(error.map(|error| error.detail.as_str())),
            jobs::finished_at.eq(at),
            jobs::holder.eq(None::<String>),
            jobs::leased_until.eq(None::<Moment>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

async fn give_back(conn: &mut Conn, id: &str, holder: &str) -> Result<(), Failure> {
    diesel::update(held_job!(id, holder))
        .set((
            jobs::state.eq(JobState::Queued.as_str()),
            jobs::holder.eq(None::<String>),
            jobs::leased_until.eq(None::<Moment>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
