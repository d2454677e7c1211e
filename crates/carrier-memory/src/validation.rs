//! Which configuration values the carrier accepts.

use switchboard_domain::configuration::{Configuration, Field};

use crate::account::StoredAccount;

/// The HTTP methods of a number's URLs.
const NUMBER_METHODS: [&str; 2] = ["GET", "POST"];
/// The HTTP methods of a sender's URLs; empty if there is no URL.
const SENDER_METHODS: [&str; 3] = ["POST", "PUT", ""];

/// The first field whose value is invalid for a number.
pub(crate) fn invalid_for_number(stored: &StoredAccount, changes: &Configuration) -> Option<Field> {
    let has_application = |sid: &str| stored.applications.keys().any(|own| own.as_str() == sid);
    first_invalid(changes, |field, value| match field {
        Field::VoiceApplicationSid | Field::SmsApplicationSid => has_application(value),
        Field::TrunkSid => value.starts_with("TK") && value.len() == 34,
        field if field.is_method() => NUMBER_METHODS.contains(&value),
        _ => is_url(value),
    })
}

/// The first field whose value is invalid for a sender.
pub(crate) fn invalid_for_sender(changes: &Configuration) -> Option<Field> {
    first_invalid(changes, |field, value| match field {
        field if field.is_method() => SENDER_METHODS.contains(&value),
        _ => is_url(value),
    })
}

/// Every field except a method may be cleared.
fn first_invalid(changes: &Configuration, fits: impl Fn(Field, &str) -> bool) -> Option<Field> {
    let is_invalid = |(field, value): &(Field, &str)| {
        let is_cleared = value.is_empty() && !field.is_method();
        !is_cleared && !fits(*field, value)
    };
    changes.iter().find(is_invalid).map(|(field, _)| field)
}

fn is_url(value: &str) -> bool {
    value.starts_with("https://") || value.starts_with("http://")
}
