//! The files of an inbound message (Twilio, "Twilio's request to your incoming message webhook URL": `MediaUrl{N}`). Agents
//! read them through us, because Twilio may ask for the credentials of the account.

use switchboard_domain::carrier::MediaLocation;
use switchboard_domain::form::Form;
use switchboard_domain::message::{Body, MessageRecord};
use switchboard_domain::ports::Media;
use switchboard_domain::session::MediaGrant;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;

use crate::reply_addresses::ReplyAddresses;

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
/// Seconds for which a file can be read. Each attempt of a delivery has new URLs.
const READABLE_SECONDS: i64 = 3_600;

/// A file of a message at Twilio.
pub(crate) struct StoredMedia {
    pub(crate) n: usize,
    pub(crate) location: MediaLocation,
    pub(crate) content_type: String,
}

/// The files of a message, in order. One that is not at Twilio, in the account of the message, is left out.
pub(crate) fn stored_media(message: &MessageRecord) -> Vec<StoredMedia> {
    let parameters = message.parameters.as_ref().map(Body::as_str).unwrap_or_default();
    let Ok(form) = Form::parse(parameters.as_bytes()) else { return Vec::new() };
    let value = |name| form.only(name).ok().flatten().unwrap_or_default();
    let files = FIELDS.iter().enumerate().filter_map(|(n, (url, content_type))| {
        let location = MediaLocation::read(value(url))?;
        let content_type = value(content_type).to_owned();
        let is_own = location.account == message.account;
        is_own.then_some(StoredMedia { n, location, content_type })
    });
    files.collect()
}

impl ReplyAddresses {
    /// The files of a message with URLs at which they can be read for an hour.
    pub(crate) fn media(&self, message: &MessageRecord, now: Timestamp) -> Vec<Media> {
        let readable = |file: StoredMedia| {
            let media = file.location.media;
            let token = self.keys.media_token(&MediaGrant {
                account: message.account,
                message: message.message,
                media,
                expires_at: now.plus_seconds(READABLE_SECONDS),
            });
            let url = format!(
                "{}/api/messages/{}/media/{media}?token={}",
                self.base.without_credentials(),
                message.message,
                token.expose()
            );
            let url = WebUrl::parse(&url).ok()?;
            Some(Media { n: file.n, url, content_type: file.content_type })
        };
        stored_media(message).into_iter().filter_map(readable).collect()
    }
}
