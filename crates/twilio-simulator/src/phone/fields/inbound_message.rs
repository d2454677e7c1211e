//! Webhook parameters of messages (Twilio, "Twilio's request to your incoming message webhook URL").

use switchboard_domain::sid::AccountSid;

use super::location::location;
use super::{Fields, push};

/// Characters of a single-segment message, and per segment of a longer one, in the GSM alphabet.
const GSM_SEGMENTS: (usize, usize) = (160, 153);
/// The same in UCS-2, in 16-bit units.
const UCS2_SEGMENTS: (usize, usize) = (70, 67);

/// The values common to all requests about an incoming message.
#[derive(Clone, Debug)]
pub(crate) struct MessageFacts {
    pub(crate) sid: String,
    pub(crate) account: AccountSid,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) body: String,
    /// The URLs and content types of its media.
    pub(crate) media: Vec<(String, String)>,
    pub(crate) service: Option<String>,
    /// Additional parameters, such as `ButtonPayload`, `OptOutType` and `Latitude`.
    pub(crate) special: Fields,
}

/// The parameters of an incoming message, in Twilio's order.
pub(crate) fn message_fields(facts: &MessageFacts) -> Fields {
    let is_whatsapp = facts.from.starts_with("whatsapp:");
    // Twilio sends locations only for numbers of the telephone network.
    let [to_city, to_state, to_zip, to_country] = location(&facts.to);
    let [from_city, from_state, from_zip, from_country] = location(&facts.from);
    let media = facts.media.len().to_string();
    let segments = segments(&facts.body).to_string();
    let sid = facts.sid.as_str();
    let has_place = facts.from.starts_with('+');
    let mut fields = Vec::new();
    if has_place {
        push(&mut fields, "ToCountry", to_country);
        push(&mut fields, "ToState", to_state);
    }
    push(&mut fields, "SmsMessageSid", sid);
    push(&mut fields, "NumMedia", media);
    if has_place {
        push(&mut fields, "ToCity", to_city);
        push(&mut fields, "FromZip", from_zip);
    }
    if is_whatsapp {
        push(&mut fields, "ProfileName", "Simulated");
        push(&mut fields, "MessageType", if facts.media.is_empty() { "text" } else { "image" });
    }
    push(&mut fields, "SmsSid", sid);
    if is_whatsapp {
        push(&mut fields, "WaId", facts.from.trim_start_matches("whatsapp:+"));
    }
    if has_place {
        push(&mut fields, "FromState", from_state);
    }
    push(&mut fields, "SmsStatus", "received");
    if has_place {
        push(&mut fields, "FromCity", from_city);
    }
    push(&mut fields, "Body", &facts.body);
    if has_place {
        push(&mut fields, "FromCountry", from_country);
    }
    push(&mut fields, "To", &facts.to);
    if has_place {
        push(&mut fields, "ToZip", to_zip);
    }
    if let Some(service) = &facts.service {
        push(&mut fields, "MessagingServiceSid", service);
    }
    push(&mut fields, "NumSegments", segments);
    push(&mut fields, "MessageSid", sid);
    push(&mut fields, "AccountSid", facts.account.as_str());
    push(&mut fields, "From", &facts.from);
    push(&mut fields, "ApiVersion", "2010-04-01");
    for (index, (url, content_type)) in facts.media.iter().enumerate() {
        push(&mut fields, &format!("MediaContentType{index}"), content_type);
        push(&mut fields, &format!("MediaUrl{index}"), url);
    }
    fields.extend(facts.special.iter().cloned());
    fields
}

/// The parameters of a message status callback (Twilio, "Track the Message Status of Outbound Messages").
pub(crate) fn delivery_fields(
    account: AccountSid,
    sid: &str,
    from: &str,
    to: &str,
    status: &str,
) -> Fields {
    let ordered = [
        ("SmsSid", sid),
        ("SmsStatus", status),
        ("MessageStatus", status),
        ("To", to),
        ("MessageSid", sid),
        ("AccountSid", account.as_str()),
        ("From", from),
        ("ApiVersion", "2010-04-01"),
    ];
    ordered.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The number of segments of a text, at least 1 (Twilio, Message resource: `num_segments`).
fn segments(body: &str) -> usize {
    let fits_gsm = body.chars().all(|character| {
        character.is_ascii() && character != '`' || "£¥èéùìòÇØøÅåÄÖÑÜ§¿äöñüà€".contains(character)
    });
    let (length, (one, each)) = if fits_gsm {
        // These characters take two positions.
        let extended = body.chars().filter(|character| "^{}\\[~]|€".contains(*character)).count();
        (body.chars().count() + extended, GSM_SEGMENTS)
    } else {
        (body.encode_utf16().count(), UCS2_SEGMENTS)
    };
    if length <= one { 1 } else { length.div_ceil(each) }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::form::Form;
    use switchboard_domain::message::InboundMessage;
    use switchboard_domain::sid::AccountSid;

    use super::{MessageFacts, message_fields, segments};
    use crate::phone::fields::encode;

    fn facts(from: &str, to: &str) -> MessageFacts {
        MessageFacts {
            sid: "SM0123456789abcdef0123456789abcdef".to_owned(),
            account: AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap(),
            from: from.to_owned(),
            to: to.to_owned(),
            body: "äh?".to_owned(),
            media: vec![("https://a.example/1".to_owned(), "image/png".to_owned())],
            service: None,
            special: Vec::new(),
        }
    }

    #[test]
    fn the_parameters_are_accepted_by_the_webhook_parser() {
        for (from, to) in
            [("+14155550199", "+14155550100"), ("whatsapp:+14155550199", "whatsapp:+14155550100")]
        {
            let text = encode(&message_fields(&facts(from, to)));
            assert!(text.contains("Body=%C3%A4h%3F&"), "{text}");
            assert!(
                text.ends_with(
                    "MediaContentType0=image%2Fpng&MediaUrl0=https%3A%2F%2Fa.example%2F1"
                )
            );
            assert_eq!(text.contains("WaId=14155550199"), from.starts_with('w'));
            assert_eq!(text.contains("FromCity="), from.starts_with('+'));
            assert!(InboundMessage::parse(&Form::parse(text.as_bytes()).unwrap()).is_ok());
        }
    }

    #[test]
    fn segments_are_counted_by_alphabet() {
        assert_eq!(segments(""), 1);
        assert_eq!(segments(&"a".repeat(160)), 1);
        assert_eq!(segments(&"a".repeat(161)), 2);
        assert_eq!(segments(&"€".repeat(81)), 2);
        assert_eq!(segments(&"ł".repeat(70)), 1);
        assert_eq!(segments(&"👋".repeat(36)), 2);
    }
}
