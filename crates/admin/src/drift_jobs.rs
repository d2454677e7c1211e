//! Executes jobs about webhook configurations, by the use cases that the command line executes.

use std::pin::pin;
use std::sync::Arc;

use futures_util::future::{Either, select};
use serde::Serialize;
use switchboard_application_carrier::configuration::{
    CheckWebhooks, ConfigurationError, FixProgress, FixWebhooks, Fixed, NumberReport,
    RestoreWebhooks,
};
use switchboard_application_management::jobs::{Executed, Executing, JobControl, JobExecution};
use switchboard_domain::causes::Causes;
use switchboard_domain::configuration::OverridePolicy;
use switchboard_domain::job::{Job, JobError, JobKind};
use switchboard_domain::number::RepairPolicy;

use crate::drift_request::{DriftRequest, Numbers};
use crate::objects::{
    CheckedObject, FixResultObject, FixedObject, RestoreResultObject, RestoredObject,
};
use crate::own_urls::{OwnUrls, OwnUrlsError};
use crate::problem::ProblemCode;
use crate::refused::{configuration_code, is_of_carrier};
use crate::wording::Wording;

/// The numbers that the result of a job lists at most.
const MAX_LISTED: usize = 1_000;

/// Executes jobs about webhook configurations.
pub struct DriftJobs {
    /// Compares numbers with their desired configuration.
    pub check: CheckWebhooks,
    /// Writes desired configurations.
    pub fix: FixWebhooks,
    /// Restores previous configurations.
    pub restore: RestoreWebhooks,
    /// Checks the URLs of this server before they are written.
    pub own_urls: Arc<dyn OwnUrls>,
    /// Puts what remains into words.
    pub wording: Arc<dyn Wording>,
}

impl JobExecution for DriftJobs {
    fn execute<'a>(&'a self, job: &'a Job, control: &'a JobControl) -> Executing<'a> {
        Box::pin(async move {
            let request: DriftRequest =
                serde_json::from_str(&job.request).map_err(|error| unreadable(job, &error))?;
            let numbers = request.numbers().ok_or_else(|| failed_with(ProblemCode::Internal))?;
            match job.kind {
                JobKind::DriftCheck => self.check(job, numbers, control).await,
                JobKind::DriftFix => self.fix(job, &request, numbers, control).await,
                JobKind::DriftRestore => self.restore(job, &request, numbers, control).await,
            }
        })
    }
}

impl DriftJobs {
    async fn check(
        &self,
        job: &Job,
        numbers: Numbers,
        control: &JobControl,
    ) -> Result<Executed, JobError> {
        let mut report = |_checked: NumberReport| control.advance();
        let checking = async {
            match &numbers {
                Numbers::Chosen(chosen) => {
                    let overrides = OverridePolicy::Report;
                    let chosen = chosen.iter().copied().collect();
                    self.check.check_chosen(&job.author, &chosen, overrides, &mut report).await
                }
                Numbers::Selected(selection) => {
                    let overrides = OverridePolicy::Report;
                    self.check.check(&job.author, *selection, overrides, &mut report).await
                }
            }
        };
        // A check writes nothing at Twilio, so it can end anywhere.
        let (checking, stopped) = (pin!(checking), pin!(control.stopped()));
        let summary = match select(checking, stopped).await {
            Either::Left((checked, _)) => checked.map_err(|error| failed(job, &error))?,
            Either::Right(((), _)) => return executed(control, &CheckedObject::default()),
        };
        Ok(Executed::Whole(json(&CheckedObject::of(&summary))?))
    }

    async fn fix(
        &self,
        job: &Job,
        request: &DriftRequest,
        numbers: Numbers,
        control: &JobControl,
    ) -> Result<Executed, JobError> {
        self.own_urls.may_be_written().await.map_err(|error| urls_refused(job, error))?;
        let mut progress = Progress { control, wording: self.wording.as_ref(), fixed: Vec::new() };
        let overrides = request.overrides();
        let fixed = match &numbers {
            Numbers::Chosen(chosen) => {
                let chosen = chosen.iter().copied().collect();
                self.fix.fix_chosen(&job.author, &chosen, overrides, &mut progress).await
            }
            Numbers::Selected(selection) => {
                let policies = &RepairPolicy::ALL;
                let fixing =
                    self.fix.fix(&job.author, *selection, overrides, policies, None, &mut progress);
                fixing.await
            }
        };
        let summary = fixed.map_err(|error| failed(job, &error))?;
        executed(control, &FixResultObject::of(&summary, progress.fixed))
    }

    async fn restore(
        &self,
        job: &Job,
        request: &DriftRequest,
        numbers: Numbers,
        control: &JobControl,
    ) -> Result<Executed, JobError> {
        let numbers = match numbers {
            Numbers::Chosen(chosen) => chosen,
            Numbers::Selected(selection) => {
                let saved = self.restore.saved(&job.author, selection).await;
                saved.map_err(|error| failed(job, &error))?
            }
        };
        control.begin(numbers.len());
        let mut result = RestoreResultObject::default();
        for number in numbers {
            if control.is_stopped() {
                break;
            }
            let restored = self.restore.restore(&job.author, number, request.foreign()).await;
            let restored = match restored {
                Ok(restored) => RestoredObject::of(number, &restored),
                // The other numbers are restored all the same.
                Err(error) => {
                    RestoredObject::failed(number, self.wording.configuration_error(&error))
                }
            };
            if restored.is_done() {
                result.restored += 1;
            } else {
                result.left += 1;
            }
            if result.numbers.len() < MAX_LISTED {
                result.numbers.push(restored);
            }
            control.advance();
        }
        executed(control, &result)
    }
}

/// Counts the numbers that are fixed, and keeps their results.
struct Progress<'a> {
    control: &'a JobControl,
    wording: &'a dyn Wording,
    fixed: Vec<FixedObject>,
}

impl FixProgress for Progress<'_> {
    fn begun(&mut self, numbers: usize) {
        self.control.begin(numbers);
    }

    fn done(&mut self, fixed: Fixed) {
        // Those that are left are not among the numbers to write.
        if !matches!(fixed, Fixed::Left { .. }) {
            self.control.advance();
        }
        if self.fixed.len() < MAX_LISTED {
            self.fixed.extend(FixedObject::of(&fixed, self.wording));
        }
    }

    fn is_stopped(&self) -> bool {
        self.control.is_stopped()
    }
}

/// The result of what was done: all of it, unless the job had to stop.
fn executed(control: &JobControl, result: &impl Serialize) -> Result<Executed, JobError> {
    let result = json(result)?;
    Ok(if control.is_stopped() { Executed::Part(result) } else { Executed::Whole(result) })
}

fn json(result: &impl Serialize) -> Result<String, JobError> {
    serde_json::to_string(result).map_err(|error| {
        tracing::error!(error = %Causes(&error), "the result of a job cannot be written");
        failed_with(ProblemCode::Internal)
    })
}

fn failed_with(code: ProblemCode) -> JobError {
    let (_, title) = code.meaning();
    JobError { code: code.as_str().to_owned(), detail: format!("{title}.") }
}

fn unreadable(job: &Job, error: &serde_json::Error) -> JobError {
    tracing::error!(job.id = job.id.as_str(), error = %Causes(error), "the request of a job cannot be read");
    failed_with(ProblemCode::Internal)
}

fn failed(job: &Job, error: &ConfigurationError) -> JobError {
    let code = configuration_code(error);
    if !is_of_carrier(error) {
        tracing::error!(job.id = job.id.as_str(), error = %Causes(error), "job failed");
    }
    failed_with(code)
}

fn urls_refused(job: &Job, error: OwnUrlsError) -> JobError {
    match error {
        OwnUrlsError::Refused(detail) => {
            JobError { code: ProblemCode::PublicUrlRefused.as_str().to_owned(), detail }
        }
        OwnUrlsError::Store(source) => {
            tracing::error!(job.id = job.id.as_str(), error = %Causes(&source), "job failed");
            failed_with(ProblemCode::Unavailable)
        }
    }
}
