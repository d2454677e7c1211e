//! Accounts, agents, numbers and decisions, as they are printed. Tokens never are.

mod account;
mod agent;
mod api_key;
mod assigned;
mod audit_entry;
mod call;
mod consent;
mod conversation;
mod delivery;
mod event;
mod job;
mod message;
mod message_story;
mod number;
mod organization;
mod rejection;
mod subscription;

pub(super) use switchboard_admin::objects::instant;
use switchboard_domain::routing::Reason;

use super::remedies;

pub(super) use assigned::{PreviewView, assigned_lines};
pub(super) use call::CallView;
pub(super) use consent::ConsentView;
pub(super) use delivery::attempt as recorded_attempt;
pub(super) use number::{agent_of, plan_of, plan_text};
pub(super) use subscription::subscription_row;

pub(super) const NONE: &str = "-";

/// What a reason means, and what to do about it.
pub(super) fn explained(reason: Reason) -> String {
    match remedies::decision(reason) {
        Some(remedy) => format!("{}; {remedy}", reason.explanation()),
        None => reason.explanation().to_owned(),
    }
}

/// An object that is shown line by line, for people.
pub(super) trait Sheet {
    /// The lines.
    fn sheet(&self) -> String;
}

fn or_none(text: Option<&str>) -> &str {
    text.unwrap_or(NONE)
}

pub(super) fn sheet(lines: &[(&str, &str)]) -> String {
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines = lines.iter().map(|(name, value)| format!("{name:width$}  {value}"));
    lines.collect::<Vec<_>>().join("\n")
}
