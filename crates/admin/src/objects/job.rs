//! A job as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_domain::audit::Actor;
use switchboard_domain::job::Job;
use utoipa::ToSchema;

use super::{AuditReader, instant};

/// The parts of a job that are done.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = JobProgress)]
pub struct JobProgressObject {
    /// How many parts are done, for example numbers. It begins anew when another server continues the job.
    pub done: u32,
    /// How many parts there are; `null` as long as that is not known.
    #[schema(required)]
    pub total: Option<u32>,
}

/// Why a job failed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = JobError)]
pub struct JobErrorObject {
    /// A stable word for the kind of error: a code of problems, or `interrupted`.
    pub code: String,
    /// What failed.
    pub detail: String,
}

/// Long work that a request started, and that a server executes after it has answered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Job)]
pub struct JobObject {
    /// Its id.
    pub id: String,
    /// The organization whose objects it reads and changes; `null` for those of all organizations.
    #[schema(required)]
    pub organization_id: Option<String>,
    /// What it does: `drift_check`, `drift_fix` or `drift_restore`.
    pub kind: Cow<'static, str>,
    /// How far it is: `queued`, `running`, `succeeded`, `failed` or `canceled`.
    pub state: Cow<'static, str>,
    /// Whether it is canceled. A running job ends after the numbers that it is at.
    pub cancel_requested: bool,
    /// What it was started with.
    #[schema(value_type = Object)]
    pub request: Value,
    /// The parts that are done.
    pub progress: JobProgressObject,
    /// What it did: `null` until it ends. That of a canceled job covers what was done.
    #[schema(required, value_type = Option<Object>)]
    pub result: Option<Value>,
    /// Why it failed.
    #[schema(required)]
    pub error: Option<JobErrorObject>,
    /// Who started it: the id of an API key. `null` if an operator did, and the key of an organization looks.
    #[schema(required)]
    pub created_by: Option<String>,
    /// When it was requested.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When a server first began to execute it.
    #[schema(required, format = DateTime)]
    pub started_at: Option<String>,
    /// When it ended.
    #[schema(required, format = DateTime)]
    pub finished_at: Option<String>,
}

impl JobObject {
    /// Renders a job.
    pub fn of(job: &Job, reader: AuditReader) -> Self {
        let actor = job.author.actor();
        let is_shown = match (actor, reader) {
            (Actor::ApiKey(_), _) | (_, AuditReader::Operator) => true,
            (_, AuditReader::Organization) => false,
        };
        let json = |text: &str| serde_json::from_str(text).unwrap_or_default();
        Self {
            id: job.id.to_string(),
            organization_id: job.organization().map(ToString::to_string),
            kind: job.kind.as_str().into(),
            state: job.state.as_str().into(),
            cancel_requested: job.is_canceled,
            request: json(&job.request),
            progress: JobProgressObject { done: job.progress.done, total: job.progress.total },
            result: job.result.as_deref().map(json),
            error: job.error.as_ref().map(|error| JobErrorObject {
                code: error.code.clone(),
                detail: error.detail.clone(),
            }),
            created_by: is_shown.then(|| actor.to_string()),
            created_at: instant(job.created_at()),
            started_at: job.started_at.map(instant),
            finished_at: job.finished_at.map(instant),
        }
    }
}
