//! The WhatsApp user id of a contact whose number is known, too.
//!
//! Twilio passes on a user id (`ExternalUserId`) beside the number, and may send the user id alone as `From` once a user
//! hides the number. What links the two is read only where nobody but Twilio can have written it: the fields of a webhook
//! are signed without delimiters, so a captured one could be cut so that a text of the contact becomes this field.

use crate::address::Address;
use crate::form::Form;
use crate::phone_number::PhoneNumber;

/// Signed between the texts of a contact and the user id in every WhatsApp message.
const METADATA: &str = "ChannelMetadata";
const USER_ID: &str = "ExternalUserId";
/// The maximum length of a user id behind its country (Meta, "Business-scoped user IDs").
const MAX_CHARACTERS: usize = 128;

/// The user id and the number of the contact who sent a message, if its form names both.
pub fn linked_user(form: &Form, from: &Address) -> Option<(Address, PhoneNumber)> {
    let Address::WhatsApp(number) = from else { return None };
    let only = |name| form.only(name).ok().flatten();
    let (metadata, user) = (only(METADATA)?, only(USER_ID)?);
    let is_once = |name: &str| form.text().matches(name).count() == 1;
    if !is_once(METADATA) || !is_once(USER_ID) || !is_whole_object(metadata) || !is_user_id(user) {
        return None;
    }
    Some((Address::parse(user).ok()?, *number))
}

/// `whatsapp:` with a country and an id, such as `whatsapp:US.13491208655302741918`.
fn is_user_id(text: &str) -> bool {
    let parts = text.strip_prefix("whatsapp:").and_then(|text| text.split_once('.'));
    parts.is_some_and(|(country, id)| {
        country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=MAX_CHARACTERS).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Whether a text begins and ends as one JSON object: a part that was cut off ends in a string or in an inner object.
fn is_whole_object(text: &str) -> bool {
    let (mut depth, mut is_text, mut is_escaped, mut ended) = (0_u32, false, false, false);
    for byte in text.bytes() {
        if ended || (depth == 0 && byte != b'{') {
            return false;
        }
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'{' if !is_text => depth += 1,
            b'}' if !is_text => {
                depth -= 1;
                ended = depth == 0;
            }
            _ => {}
        }
    }
    ended
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::linked_user;
    use crate::address::Address;
    use crate::form::Form;

    const METADATA: &str =
        r#"{"type":"whatsapp","data":{"context":{"ProfileName":"A \"}","WaId":"14155550199"}}}"#;
    const USER: &str = "whatsapp:US.13491208655302741918";

    fn linked(fields: &[(&str, &str)], from: &str) -> Option<String> {
        let percent = |mut text: String, byte| {
            write!(text, "%{byte:02x}").unwrap();
            text
        };
        let encoded = |(name, value): &(&str, &str)| {
            format!("{name}={}", value.bytes().fold(String::new(), percent))
        };
        let encoded: Vec<_> = fields.iter().map(encoded).collect();
        let form = Form::parse(encoded.join("&").as_bytes()).unwrap();
        linked_user(&form, &Address::parse(from).unwrap())
            .map(|(user, number)| format!("{} {}", user.to_text(), number.as_str()))
    }

    #[test]
    fn a_message_with_a_number_and_a_user_id_links_them() {
        let fields = [("Body", "hi"), ("ChannelMetadata", METADATA), ("ExternalUserId", USER)];
        let expected = Some(format!("{USER} +14155550199"));
        assert_eq!(linked(&fields, "whatsapp:+14155550199"), expected);
        assert_eq!(linked(&fields, "+14155550199"), None);
        assert_eq!(linked(&fields, USER), None);
    }

    #[test]
    fn what_a_contact_may_have_written_links_nothing() {
        let from = "whatsapp:+14155550199";
        let cut = r#"{"type":"whatsapp","data":{"context":{"ProfileName":"}"#;
        let inner = r#"{"type":"whatsapp","data":{"a":{}}"#;
        for fields in [
            &[("Body", "hi"), ("ExternalUserId", USER)][..],
            // Cut out of the text of the message.
            &[("Body", "hi"), ("ExternalUserId", USER), ("F", METADATA)],
            &[
                ("Body", "hi"),
                ("ChannelMetadata", "{}"),
                ("ExternalUserId", USER),
                ("F", "ChannelMetadata{}"),
            ],
            &[("Body", "ExternalUserId"), ("ChannelMetadata", METADATA), ("ExternalUserId", USER)],
            // Cut out of the name of the profile.
            &[("Body", "hi"), ("ChannelMetadata", cut), ("ExternalUserId", USER), ("F", "\"}}}")],
            &[("Body", "hi"), ("ChannelMetadata", inner), ("ExternalUserId", USER), ("F", "}")],
            &[
                ("Body", "hi"),
                ("ChannelMetadata", METADATA),
                ("ExternalUserId", "whatsapp:+14155550198"),
            ],
            &[("Body", "hi"), ("ChannelMetadata", METADATA), ("ExternalUserId", "whatsapp:US.")],
        ] {
            assert_eq!(linked(fields, from), None, "{fields:?}");
        }
    }
}
