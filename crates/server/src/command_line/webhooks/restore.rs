//! `webhooks restore`, and the report of a restoration.

use clap::Args;
use serde::Serialize;
use switchboard_application_carrier::configuration::{ForeignChanges, Restored, Selection};
use switchboard_domain::configuration::Conflict;
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{NumberFilter, Page};
use switchboard_domain::sender::Sender;

use super::Selected;
use super::plan_file::{ChangeView, shown};
use crate::carrier_use_cases::CarrierUseCases;
use crate::command_line::confirmation::Confirmation;
use crate::command_line::output::Format;
use crate::command_line::remedies;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const PAGE: u32 = 1_000;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard webhooks restore +14155550100\n  \
    switchboard webhooks restore --account AC0123456789abcdef0123456789abcdef\n  switchboard webhooks restore --all --dry-run\n  \
    switchboard webhooks restore --all --yes")]
pub(in crate::command_line) struct Restore {
    #[command(flatten)]
    selected: Selected,
    /// Restore every number with a saved configuration
    #[arg(long, conflicts_with_all = ["number", "account"])]
    all: bool,
    #[command(flatten)]
    force: Force,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

/// What to do about changes at Twilio since then.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Force {
    /// Overwrite changes that someone else has made at Twilio
    #[arg(long)]
    force: bool,
}

impl Force {
    pub(crate) const fn foreign(self) -> ForeignChanges {
        if self.force { ForeignChanges::Overwrite } else { ForeignChanges::Respect }
    }
}

pub(super) async fn run(settings: Settings, restore: Restore) -> Result<(), Failure> {
    if restore.selected.is_everything() && !restore.all {
        return Err(Failure::usage("pass a number, --account or --all"));
    }
    let installation = Installation::open(settings).await?;
    let selection = restore.selected.selection(&installation).await?;
    let numbers = taken_over(&installation, selection).await?;
    let is_chosen = matches!(selection, Selection::Number(_)) && !restore.confirmation.is_dry_run();
    if !is_chosen && !numbers.is_empty() {
        let many = counted(numbers.len(), "number");
        let impact = format!(
            "the previous webhook configuration of {many} is restored at Twilio; their calls and messages no longer reach this server"
        );
        if !restore.confirmation.allows(&[impact], restore.format)? {
            return Ok(());
        }
    }
    let restoring = CarrierUseCases::of(&installation).await?.restore();
    let mut views = Vec::new();
    let mut failed = false;
    for number in numbers {
        let view = match restoring.restore(&Scope::Operator, number, restore.force.foreign()).await
        {
            Ok(restored) => RestoredView::of(number, &restored),
            // The other numbers are restored all the same.
            Err(error) if selection == Selection::All => RestoredView::failed(number, &error),
            Err(error) => return Err(error).doing("restoring the configuration"),
        };
        failed |= !view.is_done();
        views.push(view);
    }
    restore.format.print(&views, || match views.len() {
        0 => "no saved configurations".to_owned(),
        _ => views.iter().map(RestoredView::lines).collect::<Vec<_>>().join("\n"),
    })?;
    if failed { Err(Failure::Reported) } else { Ok(()) }
}

async fn taken_over(
    installation: &Installation,
    selection: Selection,
) -> Result<Vec<Sender>, Failure> {
    let account = match selection {
        Selection::Number(number) => return Ok(vec![number]),
        Selection::Account(sid) => Some(sid),
        Selection::All => None,
    };
    let filter = NumberFilter { account, ..NumberFilter::default() };
    let mut numbers = Vec::new();
    let mut page = Page::first(PAGE);
    loop {
        let configurations = installation.store.configurations();
        let listed = configurations.list(&Scope::Operator, &filter, &page).await;
        let listed = listed.doing("listing saved configurations")?;
        match listed.last() {
            Some(last) => page = Page::behind(last.number.sender, PAGE),
            None => return Ok(numbers),
        }
        let taken = listed.iter().filter(|configured| configured.adopted.is_some());
        numbers.extend(taken.map(|configured| configured.number.sender));
    }
}

/// The result for one number.
#[derive(Serialize)]
pub(crate) struct RestoredView {
    phone_number: String,
    outcome: &'static str,
    changes: Vec<ChangeView>,
    conflicts: Vec<ConflictView>,
    error: Option<String>,
}

#[derive(Serialize)]
struct ConflictView {
    field: String,
    before: String,
    ours: String,
    now: String,
}

impl RestoredView {
    pub(crate) fn of(number: Sender, restored: &Restored) -> Self {
        let view = |outcome| Self {
            phone_number: number.as_str().to_owned(),
            outcome,
            changes: Vec::new(),
            conflicts: Vec::new(),
            error: None,
        };
        match restored {
            Restored::Nothing => view("nothing"),
            Restored::Gone => view("gone"),
            Restored::Kept(_) => view("kept"),
            Restored::Written(changes) => {
                Self { changes: changes.iter().map(ChangeView::of).collect(), ..view("restored") }
            }
            Restored::Conflicts(conflicts) => Self {
                conflicts: conflicts.iter().map(ConflictView::of).collect(),
                ..view("conflicts")
            },
        }
    }

    fn failed(number: Sender, error: &(dyn std::error::Error + 'static)) -> Self {
        Self {
            outcome: "failed",
            error: Some(remedies::sentence(error)),
            ..Self::of(number, &Restored::Nothing)
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.conflicts.is_empty() && self.error.is_none()
    }

    pub(crate) fn lines(&self) -> String {
        let number = &self.phone_number;
        let mut lines = vec![match self.outcome {
            "nothing" => format!("{number}  has no saved configuration"),
            "kept" => format!(
                "{number}  keeps its configuration at Twilio, because a routing plan decides for it"
            ),
            "gone" => format!("{number}  is no longer at Twilio; nothing to restore"),
            "restored" if self.changes.is_empty() => {
                format!("{number}  already has its previous configuration at Twilio")
            }
            "restored" => format!("{number}  has its previous configuration at Twilio again"),
            "failed" => format!("{number}  failed: {}", self.error.as_deref().unwrap_or_default()),
            _ => format!(
                "{number}  was changed at Twilio since then; not restored. Overwrite the changes with --force, or revert them there"
            ),
        }];
        lines.extend(ChangeView::lines_without_reasons(&self.changes));
        lines.extend(self.conflicts.iter().map(ConflictView::line));
        lines.join("\n")
    }
}

impl ConflictView {
    fn of(conflict: &Conflict) -> Self {
        Self {
            field: conflict.field.to_string(),
            before: conflict.before.clone(),
            ours: conflict.ours.clone(),
            now: conflict.now.clone(),
        }
    }

    fn line(&self) -> String {
        format!(
            "    {}  before {}, ours {}, now {}",
            self.field,
            shown(&self.before),
            shown(&self.ours),
            shown(&self.now)
        )
    }
}
