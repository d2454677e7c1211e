//! Accounts, agents, numbers and decisions, as they are printed. Tokens never are.

mod account;
mod agent;
mod assigned;
mod call;
mod consent;
mod conversation;
mod decided;
mod deciding;
mod delivery;
mod destination;
mod event;
mod message;
mod message_story;
mod number;
mod party;
mod rejection;
mod subscription;
mod target;

use switchboard_domain::routing::Reason;
use switchboard_domain::time::Timestamp;

use super::remedies;

pub(super) use account::AccountView;
pub(super) use agent::AgentView;
pub(super) use assigned::{AssignedView, PreviewView};
pub(super) use call::{CallStory, CallView};
pub(super) use consent::ConsentView;
pub(super) use conversation::{ConversationStory, ConversationView, TurnView};
pub(super) use decided::{DecidedView, RuleView};
pub(super) use deciding::{AnswererNames, DecidingView};
pub(super) use delivery::DeliveryView;
pub(super) use destination::DestinationView;
pub(super) use event::EventView;
pub(super) use message::MessageView;
pub(super) use message_story::{MessageStory, ReplyView};
pub(super) use number::NumberView;
pub(super) use party::{AgentRefView, PlanRefView, address};
pub(super) use rejection::RejectionView;
pub(super) use subscription::SubscriptionView;
pub(super) use target::TargetView;

pub(super) const NONE: &str = "-";

/// What a reason means, and what to do about it.
pub(super) fn explained(reason: Reason) -> String {
    match remedies::decision(reason) {
        Some(remedy) => format!("{}; {remedy}", reason.explanation()),
        None => reason.explanation().to_owned(),
    }
}

/// An instant as RFC 3339 writes it, to the second.
pub(super) fn instant(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds())
        .map_or_else(|_beyond| NONE.to_owned(), |at| at.to_string())
}

fn or_none(text: Option<&str>) -> &str {
    text.unwrap_or(NONE)
}

pub(super) fn sheet(lines: &[(&str, &str)]) -> String {
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines = lines.iter().map(|(name, value)| format!("{name:width$}  {value}"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use switchboard_domain::time::Timestamp;

    use super::instant;

    #[test]
    fn instants_are_rfc_3339() {
        assert_eq!(instant(Timestamp::from_seconds(1_795_000_000)), "2026-11-18T11:06:40Z");
    }
}
