//! A job, as it is printed for people.

use switchboard_admin::objects::{JobObject, JobProgressObject};

use super::{Sheet, or_none, sheet};
use crate::command_line::output::View;

/// The parts that are done, for example `3 of 50`.
fn progress(progress: &JobProgressObject) -> String {
    match progress.total {
        Some(total) => format!("{} of {total}", progress.done),
        None => progress.done.to_string(),
    }
}

impl Sheet for JobObject {
    fn sheet(&self) -> String {
        let error = self.error.as_ref().map(|error| format!("{}: {}", error.code, error.detail));
        let result = self.result.as_ref().map(ToString::to_string);
        sheet(&[
            ("job", &self.id),
            ("kind", &self.kind),
            ("state", &self.state),
            ("progress", &progress(&self.progress)),
            ("request", &self.request.to_string()),
            ("result", or_none(result.as_deref())),
            ("error", or_none(error.as_deref())),
            ("created", &self.created_at),
            ("created by", or_none(self.created_by.as_deref())),
            ("started", or_none(self.started_at.as_deref())),
            ("finished", or_none(self.finished_at.as_deref())),
            ("organization", or_none(self.organization_id.as_deref())),
        ])
    }
}

impl View for JobObject {
    const COLUMNS: &'static [&'static str] =
        &["ID", "KIND", "STATE", "PROGRESS", "CREATED", "FINISHED", "ORGANIZATION"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.kind.to_string(),
            self.state.to_string(),
            progress(&self.progress),
            self.created_at.clone(),
            or_none(self.finished_at.as_deref()).to_owned(),
            or_none(self.organization_id.as_deref()).to_owned(),
        ]
    }
}
