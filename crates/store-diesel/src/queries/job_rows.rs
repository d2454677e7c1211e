//! The rows of jobs.

use std::net::IpAddr;

use diesel::{Insertable, Queryable, Selectable};
use switchboard_domain::audit::{Actor, Author};
use switchboard_domain::identifier::{JobId, OrganizationId};
use switchboard_domain::job::{Job, JobError, JobKind, JobProgress, JobState};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::StoreError;

use super::dialect::{Db, Moment};
use super::jobs_schema::jobs;
use crate::decode::Row;

/// A job, as stored, without its lease.
#[derive(Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(Db))]
pub(super) struct JobRow {
    pub(super) id: String,
    pub(super) organization_id: Option<String>,
    kind: String,
    request: String,
    actor_kind: String,
    actor_name: Option<String>,
    source: Option<String>,
    created_at: Moment,
    pub(super) state: String,
    is_canceled: i16,
    done: i64,
    total: Option<i64>,
    attempts: i64,
    started_at: Option<Moment>,
    finished_at: Option<Moment>,
    result: Option<String>,
    error_code: Option<String>,
    error_detail: Option<String>,
}

impl From<&Job> for JobRow {
    fn from(job: &Job) -> Self {
        let (actor, source) = (job.author.actor(), job.author.source());
        Self {
            id: job.id.as_str().to_owned(),
            organization_id: job.organization().map(|id| id.as_str().to_owned()),
            kind: job.kind.as_str().to_owned(),
            request: job.request.clone(),
            actor_kind: actor.kind().to_owned(),
            actor_name: actor.name().map(str::to_owned),
            source: source.map(|source| source.to_string()),
            created_at: Moment(job.created_at()),
            state: job.state.as_str().to_owned(),
            is_canceled: i16::from(job.is_canceled),
            done: job.progress.done.into(),
            total: job.progress.total.map(i64::from),
            attempts: job.attempts.into(),
            started_at: job.started_at.map(Moment),
            finished_at: job.finished_at.map(Moment),
            result: job.result.clone(),
            error_code: job.error.as_ref().map(|error| error.code.clone()),
            error_detail: job.error.as_ref().map(|error| error.detail.clone()),
        }
    }
}

impl TryFrom<JobRow> for Job {
    type Error = StoreError;

    fn try_from(row: JobRow) -> Result<Self, StoreError> {
        let at = Row::new("jobs", &row.id);
        let owner = row.organization_id.as_deref();
        let owner = at.optional("organization_id", owner, OrganizationId::parse)?;
        let actor = Actor::of(&row.actor_kind, row.actor_name.as_deref());
        let actor = at.word("actor_kind", actor)?;
        let source = at.optional("source", row.source.as_deref(), str::parse::<IpAddr>)?;
        let scope = owner.map_or(Scope::Operator, Scope::Organization);
        let error = match row.error_code {
            Some(code) => {
                let detail = at.filled("error_detail", row.error_detail)?;
                Some(JobError { code, detail })
            }
            None => None,
        };
        Ok(Self {
            id: at.read("id", JobId::parse(&row.id))?,
            author: Author::new(scope, actor, source, row.created_at.0),
            kind: at.word("kind", JobKind::parse(&row.kind))?,
            state: at.word("state", JobState::parse(&row.state))?,
            is_canceled: row.is_canceled != 0,
            progress: JobProgress {
                done: at.read("done", u32::try_from(row.done))?,
                total: at.read("total", row.total.map(u32::try_from).transpose())?,
            },
            attempts: at.read("attempts", u32::try_from(row.attempts))?,
            started_at: row.started_at.map(|moment| moment.0),
            finished_at: row.finished_at.map(|moment| moment.0),
            request: row.request,
            result: row.result,
            error,
        })
    }
}
