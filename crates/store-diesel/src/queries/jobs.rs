//! Jobs, as they are added, read and canceled.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::identifier::JobId;
use switchboard_domain::job::{Job, JobState};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Entity, JobFilter, JobStore, Page, StoreError};
use switchboard_domain::time::Timestamp;

use super::dialect::{Conn, Db, Moment, Store};
use super::job_rows::JobRow;
use super::jobs_schema::jobs;
use super::schema::organizations;
use super::{MISSING_ORGANIZATION, only};
use crate::failure::Failure;
use crate::unreadable::{readable_page, stored_page};

const MISSING: StoreError = StoreError::Missing { entity: Entity::Job };

/// Set in a row of a job that somebody canceled.
const CANCELED: i16 = 1;

/// Whether a job may be seen and canceled.
fn covers(scope: &Scope, organization: Option<&str>) -> bool {
    only(scope).is_none_or(|own| organization == Some(own))
}

#[async_trait]
impl JobStore for Store {
    async fn add(&self, job: &Job, most: u32) -> Result<(), StoreError> {
        let wanted = (JobRow::from(job), i64::from(most));
        self.write("job.add", wanted, |conn, (row, most)| add(conn, row, *most).boxed()).await
    }

    async fn find(&self, scope: &Scope, id: &JobId) -> Result<Option<Job>, StoreError> {
        let id = id.as_str().to_owned();
        let found = self.read("job.find", id, |conn, id| find(conn, id).boxed()).await?;
        let covered = found.filter(|row| covers(scope, row.organization_id.as_deref()));
        covered.map(Job::try_from).transpose()
    }

    async fn newest(
        &self,
        scope: &Scope,
        filter: &JobFilter,
        page: &Page<JobId>,
    ) -> Result<Vec<Job>, StoreError> {
        readable_page(
            stored_page(page, |id| id.as_str().to_owned()),
            |row: &JobRow| row.id.clone(),
            Job::try_from,
            |page| {
                let wanted = (scope.clone(), filter.clone(), page);
                self.read("job.newest", wanted, |conn, (scope, filter, page)| {
                    newest(conn, scope, filter, page).boxed()
                })
            },
        )
        .await
    }

    async fn cancel(&self, scope: &Scope, id: &JobId, at: Timestamp) -> Result<Job, StoreError> {
        let wanted = (scope.clone(), id.as_str().to_owned(), Moment(at));
        let canceled = self
            .write("job.cancel", wanted, |conn, (scope, id, at)| {
                cancel(conn, scope, id, *at).boxed()
            })
            .await?;
        Job::try_from(canceled)
    }
}

async fn add(conn: &mut Conn, row: &JobRow, most: i64) -> Result<(), Failure> {
    if find(conn, &row.id).await?.is_some() {
        return Ok(());
    }
    let open = jobs::table.filter(jobs::state.eq_any(JobState::OPEN.map(JobState::as_str)));
    let open: i64 = match &row.organization_id {
        Some(owner) => {
            // Of several that are added at once, each counts those before it.
            let query = organizations::table.find(owner).select(organizations::id);
            let known: Option<String> = held_by_one!(query).first(conn).await.optional()?;
            known.ok_or(MISSING_ORGANIZATION)?;
            open.filter(jobs::organization_id.eq(owner)).count().get_result(conn).await?
        }
        None => open.filter(jobs::organization_id.is_null()).count().get_result(conn).await?,
    };
    if open >= most {
        return Err(StoreError::Full { entity: Entity::Job }.into());
    }
    diesel::insert_into(jobs::table).values(row).on_conflict_do_nothing().execute(conn).await?;
    Ok(())
}

async fn find(conn: &mut Conn, id: &str) -> Result<Option<JobRow>, Failure> {
    let query = jobs::table.find(id).select(JobRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

async fn newest(
    conn: &mut Conn,
    scope: &Scope,
    filter: &JobFilter,
    page: &Page<String>,
) -> Result<Vec<JobRow>, Failure> {
    let mut query = jobs::table
        .select(JobRow::as_select())
        .order(jobs::id.desc())
        .limit(page.limit.into())
        .into_boxed::<Db>();
    if let Some(organization) = only(scope) {
        query = query.filter(jobs::organization_id.eq(organization));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(jobs::kind.eq(kind.as_str()));
    }
    if let Some(state) = filter.state {
        query = query.filter(jobs::state.eq(state.as_str()));
    }
    if let Some(after) = &page.after {
        query = query.filter(jobs::id.lt(after.as_str()));
    }
    Ok(query.load(conn).await?)
}

async fn cancel(conn: &mut Conn, scope: &Scope, id: &str, at: Moment) -> Result<JobRow, Failure> {
    let query = jobs::table.find(id).select(JobRow::as_select());
    let found: Option<JobRow> = held!(query).first(conn).await.optional()?;
    let found = found.filter(|row| covers(scope, row.organization_id.as_deref()));
    let found = found.ok_or(MISSING)?;
    let is_queued = found.state == JobState::Queued.as_str();
    if !is_queued && found.state != JobState::Running.as_str() {
        return Ok(found);
    }
    diesel::update(jobs::table.find(id)).set(jobs::is_canceled.eq(CANCELED)).execute(conn).await?;
    if is_queued {
        diesel::update(jobs::table.find(id))
            .set((jobs::state.eq(JobState::Canceled.as_str()), jobs::finished_at.eq(at)))
            .execute(conn)
            .await?;
    }
    find(conn, id).await?.ok_or_else(|| MISSING.into())
}
