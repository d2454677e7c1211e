//! `/api/v1/jobs`

use actix_web::web::{Data, Json};
use serde::Deserialize;
use switchboard_domain::identifier::JobId;
use switchboard_domain::job::{Job, JobKind, JobState};
use switchboard_domain::ports::JobFilter;
use utoipa::IntoParams;

use crate::caller::{Caller, Configure, Needs, Read};
use crate::cursor::CursorScope;
use crate::list::{List, NoParams, PageParams, read_page};
use crate::objects::{AuditReader, JobObject};
use crate::parameters::word;
use crate::problem::{Problem, ProblemCode};
use crate::responses::{ChangeProblems, ItemProblems, ListProblems};
use crate::state::AdminState;

/// What selects jobs.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct JobParams {
    /// Only jobs of this kind: `drift_check`, `drift_fix` or `drift_restore`.
    kind: Option<String>,
    /// Only jobs in this state: `queued`, `running`, `succeeded`, `failed` or `canceled`.
    state: Option<String>,
    /// The maximum number of entries.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

impl JobParams {
    fn filter(&self) -> Result<JobFilter, Problem> {
        let kinds = JobKind::ALL.map(JobKind::as_str);
        let states = JobState::ALL.map(JobState::as_str);
        Ok(JobFilter {
            kind: word("kind", self.kind.as_deref(), JobKind::parse, kinds)?,
            state: word("state", self.state.as_deref(), JobState::parse, states)?,
        })
    }
}

/// The job as its caller sees it.
pub(super) fn shown<N: Needs>(job: &Job, caller: &Caller<N>) -> JobObject {
    let reader = if caller.is_operator { AuditReader::Operator } else { AuditReader::Organization };
    JobObject::of(job, reader)
}

/// List jobs, newest first
#[utoipa::path(
    get, path = "/api/v1/jobs", tag = "Jobs", operation_id = "list_jobs",
    params(JobParams),
    responses((status = 200, description = "A page of the list.", body = List<JobObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<JobObject>>, Problem> {
    let params: JobParams = caller.query()?;
    let filter = params.filter()?;
    let cursors = CursorScope::new("jobs", &format!("{filter:?}"));
    let JobParams { limit, cursor, .. } = params;
    let page = PageParams { limit, cursor }.page(&cursors, |key| JobId::parse(key).ok())?;
    let store = state.store.jobs();
    let read = async |page| store.newest(&caller.scope, &filter, &page).await;
    let (jobs, next) = read_page(page, |job| job.id.to_string(), &cursors, read).await?;
    Ok(Json(List::new(jobs.iter().map(|job| shown(job, &caller)).collect(), next)))
}

/// Show a job and its progress
#[utoipa::path(
    get, path = "/api/v1/jobs/{id}", tag = "Jobs", operation_id = "show_job",
    params(("id" = String, Path, description = "The id of the job, `job_…`.")),
    responses((status = 200, description = "The job.", body = JobObject), ItemProblems),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<JobObject>, Problem> {
    caller.query::<NoParams>()?;
    let job = state.jobs.find(&caller.scope, &id(&caller).await?).await?;
    Ok(Json(shown(&job, &caller)))
}

/// Cancel a job
///
/// A job that no server executes has ended then. A running one ends after the numbers that it is at, and its result says what was
/// done. Canceling a job again changes nothing.
#[utoipa::path(
    post, path = "/api/v1/jobs/{id}/cancel", tag = "Jobs", operation_id = "cancel_job",
    params(("id" = String, Path, description = "The id of the job, `job_…`.")),
    responses((status = 200, description = "The job.", body = JobObject), ChangeProblems),
)]
pub(crate) async fn cancel(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<Json<JobObject>, Problem> {
    caller.query::<NoParams>()?;
    let job = state.jobs.cancel(&caller.scope, &id(&caller).await?).await?;
    Ok(Json(shown(&job, &caller)))
}

async fn id<N: Needs>(caller: &Caller<N>) -> Result<JobId, Problem> {
    let id = caller.path().await.and_then(|text| JobId::parse(&text).ok());
    id.ok_or_else(|| Problem::of(ProblemCode::JobNotFound))
}
