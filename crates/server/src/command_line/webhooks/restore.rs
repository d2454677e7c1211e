//! `webhooks restore`, and the report of a restoration.

use clap::Args;
use switchboard_admin::objects::{ConflictObject, RestoredObject};
use switchboard_application_carrier::configuration::{ForeignChanges, Selection};
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;

use super::Selected;
use super::plan_file::{change_lines_without_reasons, shown};
use crate::carrier_use_cases::CarrierUseCases;
use crate::command_line::confirmation::Confirmation;
use crate::command_line::output::Format;
use crate::command_line::remedies;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

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
    let restoring = CarrierUseCases::of(&installation).await?.restore();
    let numbers = restoring.saved(&Scope::Operator, selection).await;
    let numbers = numbers.doing("listing saved configurations")?;
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
    let mut views = Vec::new();
    let mut failed = false;
    for number in numbers {
        let view = match restoring
            .restore(&installation.author(), number, restore.force.foreign())
            .await
        {
            Ok(restored) => RestoredObject::of(number, &restored),
            // The other numbers are restored all the same.
            Err(error) if selection == Selection::All => {
                RestoredObject::failed(number, remedies::sentence(&error))
            }
            Err(error) => return Err(error).doing("restoring the configuration"),
        };
        failed |= !view.is_done();
        views.push(view);
    }
    restore.format.print_each(&views, || match views.len() {
        0 => "no saved configurations".to_owned(),
        _ => views.iter().map(restored_lines).collect::<Vec<_>>().join("\n"),
    })?;
    if failed { Err(Failure::Reported) } else { Ok(()) }
}

/// The result for one number, for people.
pub(in crate::command_line) fn restored_lines(restored: &RestoredObject) -> String {
    let number = &restored.phone_number;
    let mut lines = vec![match &*restored.outcome {
        "nothing" => format!("{number}  has no saved configuration"),
        "kept" => format!(
            "{number}  keeps its configuration at Twilio, because a routing plan decides for it"
        ),
        "gone" => format!("{number}  is no longer at Twilio; nothing to restore"),
        "restored" if restored.changes.is_empty() => {
            format!("{number}  already has its previous configuration at Twilio")
        }
        "restored" => format!("{number}  has its previous configuration at Twilio again"),
        "failed" => format!("{number}  failed: {}", restored.error.as_deref().unwrap_or_default()),
        _ => format!(
            "{number}  was changed at Twilio since then; not restored. Overwrite the changes with --force, or revert them there"
        ),
    }];
    lines.extend(change_lines_without_reasons(&restored.changes));
    lines.extend(restored.conflicts.iter().map(conflict_line));
    lines.join("\n")
}

fn conflict_line(conflict: &ConflictObject) -> String {
    format!(
        "    {}  before {}, ours {}, now {}",
        conflict.field,
        shown(&conflict.before),
        shown(&conflict.ours),
        shown(&conflict.now)
    )
}
