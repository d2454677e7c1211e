//! The media of an inbound message (Twilio, "Twilio's request to your incoming message webhook URL": `MediaUrl{N}`).

use switchboard_domain::form::Form;
use switchboard_domain::message::{Body, MessageRecord};
use switchboard_domain::ports::Media;
use switchboard_domain::web_address::WebUrl;

/// The names of the fields of each file. Twilio sends at most ten files.
const FIELDS: [(&str, &str); 10] = [
    ("MediaUrl0", "MediaContentType0"),
    ("MediaUrl1", "MediaContentType1"),
    ("MediaUrl2", "MediaContentType2"),
    ("MediaUrl3", "MediaContentType3"),
    ("MediaUrl4", "MediaContentType4"),
    ("MediaUrl5", "MediaContentType5"),
    ("MediaUrl6", "MediaContentType6"),
    ("MediaUrl7", "MediaContentType7"),
    ("MediaUrl8", "MediaContentType8"),
    ("MediaUrl9", "MediaContentType9"),
];

/// The files of a message, in order. A repeated or invalid URL is left out.
pub(crate) fn media(message: &MessageRecord) -> Vec<Media> {
    let parameters = message.parameters.as_ref().map(Body::as_str).unwrap_or_default();
    let Ok(form) = Form::parse(parameters.as_bytes()) else { return Vec::new() };
    let value = |name| form.only(name).ok().flatten().unwrap_or_default();
    let files = FIELDS.iter().filter_map(|(url, content_type)| {
        let url = WebUrl::parse(value(url)).ok()?;
        Some(Media { url, content_type: value(content_type).to_owned() })
    });
    files.collect()
}
