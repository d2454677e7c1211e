//! What `switchboard delivery replay` and `switchboard message replay` have in common.

use serde::{Deserialize, Serialize};
use switchboard_application_delivery::{ReplaySelection, UncertainMessages};
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;

use crate::command_line::confirmation::Confirmation;
use crate::command_line::output::Format;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;

pub(super) const REPLAYING: &str = "replaying deliveries";

/// What a replay did.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Replayed {
    pub(super) replayed: u64,
}

/// Whether the deliveries are named or selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chosen {
    /// One, which is named.
    Named,
    /// All that a filter selects.
    Selected,
}

/// What a replay would do.
pub(super) struct Impact {
    pub(super) chosen: Chosen,
    /// The number of deliveries.
    pub(super) dead: usize,
    /// How many of them are messages that the contact may have already.
    pub(super) uncertain: usize,
}

impl Impact {
    /// Whether the replay may go on. One delivery that is named needs no confirmation, unless a contact could get a message
    /// twice.
    pub(super) fn allows(
        &self,
        confirmation: Confirmation,
        format: Format,
    ) -> Result<bool, Failure> {
        let Self { chosen, dead, uncertain } = *self;
        if chosen == Chosen::Named && uncertain == 0 && !confirmation.is_dry_run() {
            return Ok(true);
        }
        let mut impact = vec![format!("replays {}", deliveries(dead))];
        if uncertain > 0 {
            impact.push(format!(
                "the outcome of {} at Twilio is unknown, so the contact may already have the message; it is looked up at Twilio first",
                deliveries(uncertain)
            ));
        }
        confirmation.allows_deletion(dead as u64, &impact, format)
    }
}

/// Replays what is selected, once it is confirmed.
pub(super) async fn replay(
    installation: &Installation,
    selection: &ReplaySelection,
    confirmation: Confirmation,
    format: Format,
) -> Result<(), Failure> {
    let use_case = installation.replaying_deliveries();
    let plan = use_case.plan(&Scope::Operator, selection).await.doing(REPLAYING)?;
    let is_selected = matches!(selection, ReplaySelection::Dead(_));
    let chosen = if is_selected { Chosen::Selected } else { Chosen::Named };
    let impact = Impact { chosen, dead: plan.deliveries.len(), uncertain: plan.uncertain };
    if !impact.allows(confirmation, format)? {
        return Ok(());
    }
    // What is uncertain was confirmed.
    let replayed = use_case.run(&Scope::Operator, &plan, UncertainMessages::SendAgain).await;
    print(&Replayed { replayed: replayed.doing(REPLAYING)? }, format)
}

pub(super) fn print(done: &Replayed, format: Format) -> Result<(), Failure> {
    format.print(done, || {
        let are = match done.replayed {
            1 => "1 delivery is".to_owned(),
            replayed => format!("{replayed} deliveries are"),
        };
        format!("{are} attempted again at once; `switchboard delivery show` shows the result")
    })
}

fn deliveries(count: usize) -> String {
    if count == 1 { counted(count, "delivery") } else { format!("{count} deliveries") }
}
