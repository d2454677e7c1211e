//! `switchboard job …`

use clap::{Args, Subcommand};
use serde_json::json;
use switchboard_admin::objects::{AuditReader, JobObject};
use switchboard_application_management::jobs::JobsError;
use switchboard_domain::identifier::JobId;
use switchboard_domain::job::{Job, JobKind, JobState};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{JobFilter, Page};

use super::history::filters::one_of;
use super::input::{parse, parse_given};
use super::output::{Format, ListWriter};
use super::remote::{Client, Known as _, Resource, print_all};
use super::view::Sheet as _;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

/// How many jobs are read at a time.
const PAGE: u32 = 500;

const LISTING: &str = "listing jobs";
const SHOWING: &str = "showing the job";
const CANCELING: &str = "canceling the job";
/// What is printed for an empty list.
const EMPTY: &str =
    "no jobs match; requests of the API such as POST /api/v1/drift/check start them";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List jobs, newest first
    #[command(visible_alias = "ls")]
    List(List),
    /// Show a job: its progress, and its result or error
    Show(Named),
    /// Cancel a job; a running one ends after the numbers that it is at
    Cancel(Named),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard job list\n  switchboard job list --state running --json"
)]
pub(super) struct List {
    /// Only jobs of this kind: `drift_check`, `drift_fix` or `drift_restore`
    #[arg(long)]
    kind: Option<String>,
    /// Only jobs in this state: queued, running, succeeded, failed or canceled
    #[arg(long)]
    state: Option<String>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  switchboard job show job_01kb7y8m6q0123456789abcdef")]
pub(super) struct Named {
    /// The id of the job
    #[arg(value_name = "job_…")]
    id: String,
    #[command(flatten)]
    format: Format,
}

impl List {
    fn filter(&self) -> Result<JobFilter, Failure> {
        let kind = |text: &str| {
            JobKind::parse(text).ok_or_else(|| one_of(JobKind::ALL.map(JobKind::as_str)))
        };
        let state = |text: &str| {
            JobState::parse(text).ok_or_else(|| one_of(JobState::ALL.map(JobState::as_str)))
        };
        Ok(JobFilter {
            kind: parse_given("--kind", self.kind.as_deref(), kind)?,
            state: parse_given("--state", self.state.as_deref(), state)?,
        })
    }
}

fn id(text: &str) -> Result<JobId, Failure> {
    parse("the job", text.trim(), JobId::parse)
}

fn shown(job: &Job) -> JobObject {
    JobObject::of(job, AuditReader::Operator)
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(list) => self::list(settings, list).await,
        Command::Show(Named { id, format }) => {
            let id = self::id(&id)?;
            let jobs = Installation::open(settings).await?.jobs();
            let view = shown(&jobs.find(&Scope::Operator, &id).await.doing(SHOWING)?);
            format.print(&view, || view.sheet())
        }
        Command::Cancel(Named { id, format }) => {
            let id = self::id(&id)?;
            let jobs = Installation::open(settings).await?.jobs();
            let view = shown(&jobs.cancel(&Scope::Operator, &id).await.doing(CANCELING)?);
            format.print(&view, || canceled(&view))
        }
    }
}

async fn list(settings: Settings, options: List) -> Result<(), Failure> {
    let filter = options.filter()?;
    let jobs = Installation::open(settings).await?.jobs();
    let (mut listing, mut page) = (ListWriter::stdout(options.format), Page::first(PAGE));
    loop {
        let listed = jobs.newest(&Scope::Operator, &filter, &page).await.doing(LISTING)?;
        listing.page(&listed.iter().map(shown).collect::<Vec<_>>())?;
        let Some(last) = listed.last() else { return listing.end(EMPTY) };
        page = Page::behind(last.id.clone(), PAGE);
    }
}

/// The same through the API of a running server.
pub(super) async fn run_remotely(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(list) => {
            list.filter()?;
            let jobs = Resource::of(&["jobs"])
                .with_given("kind", list.kind.as_deref())
                .with_given("state", list.state.as_deref());
            print_all::<JobObject>(client, &jobs, list.format, LISTING, EMPTY).await
        }
        Command::Show(Named { id, format }) => {
            let id = self::id(&id)?;
            let found = client.get(&Resource::of(&["jobs", id.as_str()])).await;
            let view: JobObject = found.known(known).doing(SHOWING)?;
            format.print(&view, || view.sheet())
        }
        Command::Cancel(Named { id, format }) => {
            let id = self::id(&id)?;
            let cancel = Resource::of(&["jobs", id.as_str(), "cancel"]);
            let view: JobObject =
                client.post(&cancel, &json!({})).await.known(known).doing(CANCELING)?;
            format.print(&view, || canceled(&view))
        }
    }
}

/// The error of the use case for the code of a problem.
fn known(code: &str) -> Option<JobsError> {
    match code {
        "job_not_found" => Some(JobsError::Unknown),
        "job_ended" => Some(JobsError::Ended),
        _ => None,
    }
}

fn canceled(job: &JobObject) -> String {
    if job.finished_at.is_some() {
        format!("canceled {}", job.id)
    } else {
        format!("{} ends after the numbers that it is at", job.id)
    }
}
