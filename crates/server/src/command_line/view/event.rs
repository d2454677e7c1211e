//! An event, as it is printed for people.

use switchboard_admin::objects::EventObject;

use super::or_none;
use crate::command_line::output::View;

/// The fields of an event that name what it happened to, the first one first.
fn subject_fields(kind: &str) -> &'static [&'static str] {
    match kind.split('.').next().unwrap_or_default() {
        "call" => &["call_sid"],
        "delivery" => &["delivery_id"],
        "target" => &["subscription_id", "agent_id"],
        "number" => &["number_sid", "account_sid"],
        "account" => &["account_sid"],
        _ => &["message_sid", "delivery_id"],
    }
}

impl View for EventObject {
    const COLUMNS: &'static [&'static str] =
        &["AT", "ID", "TYPE", "FROM", "TO", "SUBJECT", "DETAIL"];

    const WHOLE: &'static [usize] = &[0, 1];

    const OPTIONAL: &'static [usize] = &[6, 5];

    fn cells(&self) -> Vec<String> {
        let first = |fields: &[&str]| fields.iter().find_map(|name| self.text(name));
        vec![
            self.timestamp.clone(),
            self.id.clone(),
            self.kind.to_string(),
            or_none(self.text("from")).to_owned(),
            or_none(self.text("to")).to_owned(),
            or_none(first(subject_fields(&self.kind))).to_owned(),
            or_none(first(&["outcome", "state", "status", "reason"])).to_owned(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::event::EventKind;

    use super::subject_fields;

    #[test]
    fn only_events_of_messages_have_the_subject_of_a_message() {
        for kind in EventKind::ALL.map(EventKind::as_str) {
            let is_of_message = kind.starts_with("message.") || kind == "optout.changed";
            assert_eq!(subject_fields(kind)[0] == "message_sid", is_of_message, "{kind}");
        }
    }
}
