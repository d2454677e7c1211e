//! What `switchboard delivery replay` and `switchboard message replay` have in common.

use serde::Serialize;
use switchboard_application_delivery::{ReplaySelection, UncertainMessages};
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;

use crate::command_line::confirmation::Confirmation;
use crate::command_line::output::Format;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;

const REPLAYING: &str = "replaying deliveries";

/// What a replay did.
#[derive(Serialize)]
struct Replayed {
    replayed: u64,
}

/// Replays what is selected, once it is confirmed. One delivery that is named needs no confirmation, unless a contact could
/// get a message twice.
pub(super) async fn replay(
    installation: &Installation,
    selection: &ReplaySelection,
    confirmation: Confirmation,
    format: Format,
) -> Result<(), Failure> {
    let use_case = installation.replaying_deliveries();
    let plan = use_case.plan(&Scope::Operator, selection).await.doing(REPLAYING)?;
    let is_named = !matches!(selection, ReplaySelection::Dead(_));
    if !is_named || plan.uncertain > 0 || confirmation.is_dry_run() {
        let dead = plan.deliveries.len();
        let mut impact = vec![format!("replays {}", deliveries(dead))];
        if plan.uncertain > 0 {
            impact.push(format!(
                "the outcome of {} at Twilio is unknown, so the contact may already have the message; it is looked up at Twilio first",
                deliveries(plan.uncertain)
            ));
        }
        if !confirmation.allows_deletion(dead as u64, &impact, format)? {
            return Ok(());
        }
    }
    // What is uncertain was confirmed.
    let replayed = use_case.run(&Scope::Operator, &plan, UncertainMessages::SendAgain).await;
    let replayed = replayed.doing(REPLAYING)?;
    format.print(&Replayed { replayed }, || {
        let are = if replayed == 1 {
            "1 delivery is".to_owned()
        } else {
            format!("{replayed} deliveries are")
        };
        format!("{are} attempted again at once; `switchboard delivery show` shows the result")
    })
}

fn deliveries(count: usize) -> String {
    if count == 1 { counted(count, "delivery") } else { format!("{count} deliveries") }
}
