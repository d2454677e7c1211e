//! Which values the carrier takes.

use switchboard_domain::configuration::{Configuration, Field};

use crate::holding::Holding;

/// The methods by which a number's URLs are asked.
const NUMBER_METHODS: [&str; 2] = ["GET", "POST"];
/// The methods by which a sender's URLs are asked; none where there is no URL.
const SENDER_METHODS: [&str; 3] = ["POST", "PUT", ""];

/// The first field whose value a number does not take.
pub(crate) fn unfit_for_number(holding: &Holding, changes: &Configuration) -> Option<Field> {
    let has_application = |sid: &str| holding.applications.keys().any(|own| own.as_str() == sid);
    first_unfit(changes, |field, value| match field {
        Field::VoiceApplicationSid | Field::SmsApplicationSid => has_application(value),
        Field::TrunkSid => value.starts_with("TK") && value.len() == 34,
        field if field.is_method() => NUMBER_METHODS.contains(&value),
        _ => is_url(value),
    })
}

/// The first field whose value a sender does not take.
pub(crate) fn unfit_for_sender(changes: &Configuration) -> Option<Field> {
    first_unfit(changes, |field, value| match field {
        field if field.is_method() => SENDER_METHODS.contains(&value),
        _ => is_url(value),
    })
}

/// Every field but a method may be cleared.
fn first_unfit(changes: &Configuration, fits: impl Fn(Field, &str) -> bool) -> Option<Field> {
    let is_unfit = |(field, value): &(Field, &str)| {
        let is_cleared = value.is_empty() && !field.is_method();
        !is_cleared && !fits(*field, value)
    };
    changes.iter().find(is_unfit).map(|(field, _)| field)
}

fn is_url(value: &str) -> bool {
    value.starts_with("https://") || value.starts_with("http://")
}
