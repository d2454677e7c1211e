//! The types of events, and how they are selected.

use crate::string_enum;

string_enum! {
    /// What happened. The part before the point is the group that a pattern such as `call.*` selects.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum EventKind {
        /// A message arrived.
        MessageReceived = "message.received",
        /// Twilio accepted an outgoing message, or the carrier did.
        MessageSent = "message.sent",
        /// An outgoing message arrived.
        MessageDelivered = "message.delivered",
        /// An outgoing message does not arrive.
        MessageFailed = "message.failed",
        /// A delivery became a dead letter.
        DeliveryDead = "delivery.dead",
        /// A contact opted out, or in again.
        OptoutChanged = "optout.changed",
        /// The destination of a call was decided for the first time.
        CallStarted = "call.started",
        /// An attempt of a call to reach a destination failed, and the next one begins.
        CallAttemptFailed = "call.attempt_failed",
        /// A call ended.
        CallEnded = "call.ended",
        /// The endpoint of an agent or of a subscription answered 410: it does not exist any more.
        TargetDisabled = "target.disabled",
        /// A check could not read an account at Twilio, which it could before.
        AccountUnreachable = "account.unreachable",
        /// A check found that a number is not configured as desired any more.
        NumberDrifted = "number.drifted",
        /// A number that was not is configured as desired again.
        NumberRepaired = "number.repaired",
    }
}

/// A text that selects no type of events.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{pattern:?} is not a type of events; the types are {}, and a group is such as call.*",
    known()
)]
pub struct InvalidEventTypes {
    /// The part of the text that is wrong.
    pub pattern: String,
}

fn known() -> String {
    EventKind::ALL.map(EventKind::as_str).join(", ")
}

/// The types that a text such as `call.*,message.failed` selects, each once. `*` selects all.
///
/// ```
/// use switchboard_domain::event::{EventKind, parse_types};
///
/// let selected = parse_types("call.*, message.failed").unwrap();
/// assert_eq!(selected.len(), 4);
/// assert!(selected.contains(&EventKind::MessageFailed) && selected.contains(&EventKind::CallEnded));
/// assert!(parse_types("calls.*").is_err());
/// ```
pub fn parse_types(text: &str) -> Result<Vec<EventKind>, InvalidEventTypes> {
    let mut selected = Vec::new();
    for pattern in text.split(',').map(str::trim) {
        let before = selected.len();
        selected.extend(EventKind::ALL.into_iter().filter(|kind| kind.matches(pattern)));
        if selected.len() == before {
            return Err(InvalidEventTypes { pattern: pattern.to_owned() });
        }
    }
    selected.sort_unstable();
    selected.dedup();
    Ok(selected)
}

impl EventKind {
    /// Whether a type, or a group such as `call.*`, selects it.
    pub(crate) fn matches(self, pattern: &str) -> bool {
        let name = self.as_str();
        match pattern.strip_suffix('*') {
            Some("") => true,
            Some(group) => group.ends_with('.') && name.starts_with(group),
            None => pattern == name,
        }
    }

    /// Whether it is about a delivery or its target.
    pub const fn is_about_delivery(self) -> bool {
        matches!(self, Self::DeliveryDead | Self::TargetDisabled)
    }
}

#[cfg(test)]
mod tests {
    use super::{EventKind, parse_types};

    #[test]
    fn patterns_select_types_once_each_and_mistakes_are_named() {
        assert_eq!(parse_types("*").unwrap().len(), EventKind::ALL.len());
        let twice = parse_types("optout.changed,optout.*").unwrap();
        assert_eq!(twice, [EventKind::OptoutChanged]);
        for wrong in ["", "call", "call*", "c*", ".*", "call.*,", "**", "call.started.*"] {
            assert!(parse_types(wrong).is_err(), "{wrong}");
        }
        let error = parse_types("call.*,message.lost").unwrap_err();
        assert!(error.to_string().starts_with("\"message.lost\" is not a type of events"));
    }
}
