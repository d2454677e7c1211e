//! What to do about jobs that cannot be started, shown or canceled.

use switchboard_application_management::jobs::JobsError;

use super::codes::Coded;
use crate::error_report::Exit;

pub(super) const fn code(error: &JobsError) -> Coded {
    Some(match error {
        JobsError::Unknown => ("job_not_found", Exit::NotFound),
        JobsError::Ended => ("job_ended", Exit::Refused),
        JobsError::Full => ("job_limit_reached", Exit::Refused),
        JobsError::OrganizationUnknown => ("organization_not_found", Exit::NotFound),
        JobsError::Store { .. } => return None,
    })
}

pub(super) fn remedy(error: &JobsError) -> Option<String> {
    let remedy = match error {
        JobsError::Unknown => "list the jobs with `switchboard job list`",
        JobsError::Full => "wait until a job ends, or cancel one with `switchboard job cancel`",
        JobsError::OrganizationUnknown => {
            "list the organizations with `switchboard organization list`"
        }
        JobsError::Ended | JobsError::Store { .. } => return None,
    };
    Some(remedy.to_owned())
}
