//! The consent of a contact, as it is printed.

use serde::Serialize;
use switchboard_admin::objects::{NumberDisplay, side};
use switchboard_domain::consent::Consent;

use super::{instant, or_none};
use crate::command_line::output::View;

/// The last change of a contact's consent.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct ConsentView {
    organization: String,
    sender: String,
    contact: String,
    state: &'static str,
    changed_at: String,
    account_sid: String,
    /// The message that changed it; `None` if Twilio refused a message to the contact.
    message_sid: Option<String>,
}

impl ConsentView {
    pub(in crate::command_line) fn of(consent: &Consent, phone_numbers: NumberDisplay) -> Self {
        Self {
            organization: consent.organization.to_string(),
            sender: side(consent.key.sender(), phone_numbers),
            contact: side(consent.key.contact(), phone_numbers),
            state: consent.state.as_str(),
            changed_at: instant(consent.changed_at),
            account_sid: consent.account.to_string(),
            message_sid: consent.message.map(|sid| sid.to_string()),
        }
    }

    /// The row of an export.
    pub(in crate::command_line) fn row(self) -> [String; 7] {
        let Self { organization, sender, contact, state, changed_at, account_sid, message_sid } =
            self;
        let message_sid = message_sid.unwrap_or_default();
        [organization, sender, contact, state.to_owned(), changed_at, account_sid, message_sid]
    }
}

impl View for ConsentView {
    const COLUMNS: &'static [&'static str] = &["CHANGED", "SENDER", "CONTACT", "STATE", "MESSAGE"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.changed_at.clone(),
            self.sender.clone(),
            self.contact.clone(),
            self.state.to_owned(),
            or_none(self.message_sid.as_deref()).to_owned(),
        ]
    }
}
