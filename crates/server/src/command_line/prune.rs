//! `switchboard prune`

use std::io::{IsTerminal as _, Write as _};

use clap::Args;
use serde::Serialize;
use switchboard_application_management::{PruneCounts, PruneProgress};
use switchboard_domain::counted::counted;
use switchboard_domain::retention::RecordKind;

use super::confirmation::Confirmation;
use super::output::Format;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard prune --dry-run\n  switchboard prune --yes\n  \
    SWITCHBOARD_RETENTION=calls=90d,messages=30d switchboard prune --dry-run\n\n\
    SWITCHBOARD_RETENTION sets how long calls, messages, refused requests, deliveries, events and jobs are kept: 400, 400, 30, 30, 30 and 30 days by default. The audit log is kept forever by default.")]
pub(super) struct Options {
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

/// How many records were deleted.
#[derive(Debug, Serialize)]
struct Report {
    calls: u64,
    messages: u64,
    rejections: u64,
    deliveries: u64,
    events: u64,
    jobs: u64,
    audit: u64,
}

impl Report {
    fn of(counts: &PruneCounts) -> Self {
        let of = |kind| counts.get(&kind).copied().unwrap_or_default();
        Self {
            calls: of(RecordKind::Calls),
            messages: of(RecordKind::Messages),
            rejections: of(RecordKind::Rejections),
            deliveries: of(RecordKind::Deliveries),
            events: of(RecordKind::Events),
            jobs: of(RecordKind::Jobs),
            audit: of(RecordKind::Audit),
        }
    }

    const fn total(&self) -> u64 {
        self.calls
            + self.messages
            + self.rejections
            + self.deliveries
            + self.events
            + self.jobs
            + self.audit
    }

    fn sentence(&self) -> String {
        format!(
            "{}, {}, {}, {}, {}, {} and {}",
            counted(self.calls, "call"),
            counted(self.messages, "message"),
            counted(self.rejections, "refused request"),
            counted(self.deliveries, "delivery"),
            counted(self.events, "event"),
            counted(self.jobs, "job"),
            counted(self.audit, "audit entry")
        )
    }
}

pub(super) async fn run(settings: Settings, options: Options) -> Result<(), Failure> {
    const PRUNING: &str = "deleting old records";
    let Options { confirmation, format } = options;
    let installation = Installation::open(settings).await?;
    let prune = installation.prune();
    let counts = prune.count().await.doing(PRUNING)?;
    let old = Report::of(&counts);
    let impact = [format!("deletes {}", old.sentence())];
    if !confirmation.allows_deletion(old.total(), &impact, format)? {
        return Ok(());
    }
    let mut progress =
        Progress { total: old.total(), done: 0, is_shown: std::io::stderr().is_terminal() };
    let deleted = prune.prune(&mut progress).await.doing(PRUNING)?;
    progress.end();
    let report = Report::of(&deleted);
    format.print(&report, || format!("deleted {}", report.sentence()))
}

/// Shows on a terminal how far the deletion is.
struct Progress {
    total: u64,
    done: u64,
    is_shown: bool,
}

impl PruneProgress for Progress {
    async fn deleted(&mut self, _kind: RecordKind, count: u32) -> bool {
        self.done += u64::from(count);
        if self.is_shown {
            // If standard error is closed, there is nowhere to report that.
            let _written = write!(std::io::stderr(), "\r{} of {} deleted", self.done, self.total);
        }
        true
    }
}

impl Progress {
    fn end(&self) {
        if self.is_shown && self.done > 0 {
            let _written = writeln!(std::io::stderr());
        }
    }
}
