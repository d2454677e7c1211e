//! Messages to contacts: their content, and what is known about them at Twilio.

use crate::address::Address;
use crate::message::Body;
use crate::message_template::FilledTemplate;
use crate::sid::MessageSid;
use crate::string_enum;
use crate::time::Timestamp;
use crate::twiml::{MAX_MESSAGES, message_pieces};
use crate::web_address::WebUrl;

/// Maximum number of messages that answer one message.
pub const MAX_REPLIES: usize = MAX_MESSAGES;
/// Maximum number of media of a message (Twilio, "Message resource: `MediaUrl`").
pub const MAX_MEDIA: usize = 10;

string_enum! {
    /// Whether Twilio has an outgoing message.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum SendState {
        /// Not sent yet.
        Planned = "planned",
        /// Part of an answer to Twilio's webhook that may not have arrived.
        Offered = "offered",
        /// Twilio may have accepted it. It is looked up before anything is sent again.
        Unknown = "unknown",
        /// Twilio accepted it.
        Sent = "sent",
        /// Twilio refused it.
        Refused = "refused",
    }
}

/// What is known about an outgoing message at Twilio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendProgress {
    /// How far sending is.
    pub state: SendState,
    /// Its SID at Twilio; `None` until it is known. A reply in an answer to a webhook stays without one.
    pub sid: Option<MessageSid>,
}

impl SendProgress {
    /// A state without a SID.
    pub const fn without_sid(state: SendState) -> Self {
        Self { state, sid: None }
    }
}

/// The content of a message to a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingContent {
    /// The text; empty if there are only media. At most 1,600 characters.
    pub body: Body,
    /// URLs of media.
    pub media: Vec<WebUrl>,
    /// The template that is sent instead of a text and media; `None` for none.
    pub template: Option<FilledTemplate>,
}

/// Why a reply is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// It has neither a visible text nor media.
    #[error("a reply has neither a text nor media")]
    Empty,
    /// It has too many media.
    #[error("a reply has more than 10 media")]
    TooManyMedia,
    /// There are too many replies, or their texts are too long.
    #[error("the replies are more than 10 messages of 1,600 characters")]
    TooLong,
}

/// Why a text and media are not the content of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidContent {
    /// There is neither a visible text nor media.
    #[error("a message needs a text or media")]
    Empty,
    /// There are too many media.
    #[error("{count} media are more than the 10 that a message can have")]
    TooManyMedia {
        /// The number of media.
        count: usize,
    },
    /// The text is too long (Twilio, error 21617).
    #[error("the text has {characters} characters; a message can have at most 1,600")]
    TooLong {
        /// The number of characters.
        characters: usize,
    },
}

impl OutgoingContent {
    /// A text without media.
    pub fn of_text(body: &str) -> Self {
        Self { body: Body::new(body), media: Vec::new(), template: None }
    }

    /// A template, whose text only Twilio knows.
    pub fn of_template(template: FilledTemplate) -> Self {
        Self { template: Some(template), ..Self::of_text("") }
    }

    /// The content of one message, whose text is not split.
    pub fn of_message(body: &str, media: Vec<WebUrl>) -> Result<Self, InvalidContent> {
        if media.len() > MAX_MEDIA {
            return Err(InvalidContent::TooManyMedia { count: media.len() });
        }
        let body = with_plain_line_ends(body);
        let mut pieces = message_pieces(&body, 2).into_iter();
        match (pieces.next(), pieces.next()) {
            (None, _) if media.is_empty() => Err(InvalidContent::Empty),
            (_, Some(_)) => {
                Err(InvalidContent::TooLong { characters: body.trim().chars().count() })
            }
            (piece, None) => Ok(Self { media, ..Self::of_text(&piece.unwrap_or_default()) }),
        }
    }

    /// Splits a reply into messages of at most 1,600 characters (Twilio, error 21617). The media belong to the first.
    pub fn of_reply(body: &str, media: Vec<WebUrl>) -> Result<Vec<Self>, ReplyError> {
        if media.len() > MAX_MEDIA {
            return Err(ReplyError::TooManyMedia);
        }
        let body = with_plain_line_ends(body);
        let mut pieces = message_pieces(&body, MAX_REPLIES + 1);
        if pieces.len() > MAX_REPLIES {
            return Err(ReplyError::TooLong);
        }
        if pieces.is_empty() {
            if media.is_empty() {
                return Err(ReplyError::Empty);
            }
            pieces.push(String::new());
        }
        let mut media = Some(media);
        let contents = pieces
            .into_iter()
            .map(|piece| Self { media: media.take().unwrap_or_default(), ..Self::of_text(&piece) });
        Ok(contents.collect())
    }
}

/// As readers of TwiML see line ends (XML 1.0, section 2.11), so that a look-up at Twilio finds the same text.
fn with_plain_line_ends(body: &str) -> String {
    body.replace("\r\n", "\n").replace('\r', "\n")
}

/// Why a text is not the JSON of replies. It quotes nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReply {
    /// It has another structure.
    #[error("{}", self.what())]
    Shape,
    /// It has both `reply` and `replies`.
    #[error("{}", self.what())]
    Both,
    /// A URL of a media file is not a `https://` URL.
    #[error("{}", self.what())]
    Media,
    /// A reply has no content, or too much.
    #[error("{}", self.what())]
    Content(ReplyError),
}

impl InvalidReply {
    /// What is wrong, after "the response" or "the body".
    pub const fn what(self) -> &'static str {
        match self {
            Self::Shape => {
                "is not a JSON object with \"reply\" or \"replies\", whose fields are \"body\" and \"media\""
            }
            Self::Both => "has both \"reply\" and \"replies\"",
            Self::Media => "has a URL in \"media\" that does not start with https://",
            Self::Content(ReplyError::Empty) => "has a reply with neither a text nor media",
            Self::Content(ReplyError::TooManyMedia) => "has a reply with more than 10 media",
            Self::Content(ReplyError::TooLong) => {
                "has replies of more than 10 messages of 1,600 characters"
            }
        }
    }
}

/// A message to a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The message that it answers; `None` if it answers none.
    pub in_reply_to: Option<MessageSid>,
    /// Distinguishes the replies to one message, or the messages of an organization that answer none, so that each is
    /// sent once.
    pub reply_key: String,
    /// Our number or sender.
    pub from: Address,
    /// The contact who gets the message.
    pub to: Address,
    /// Text and media.
    pub content: OutgoingContent,
    /// What is known about it at Twilio.
    pub progress: SendProgress,
}

/// A message that Twilio lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The SID that Twilio gave it.
    pub sid: MessageSid,
    /// Its text.
    pub body: Body,
    /// When Twilio created it.
    pub created_at: Timestamp,
}

/// What is known of other outgoing messages when one is looked up at Twilio.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherMessages {
    /// The SIDs of other messages.
    pub sids: Vec<MessageSid>,
    /// Whether another message has the same text and may be at Twilio under a SID that is not known.
    pub has_twin: bool,
}

impl Outgoing {
    /// Whether Twilio may list this message under a SID that is not known here, so that a message of this content can be
    /// confused with it.
    pub fn is_twin_of(&self, content: &OutgoingContent) -> bool {
        let may_be_listed = match self.progress.state {
            SendState::Offered | SendState::Unknown | SendState::Sent => true,
            SendState::Planned | SendState::Refused => false,
        };
        may_be_listed && self.progress.sid.is_none() && has_text_of(&self.content.body, content)
    }
}

fn has_text_of(body: &Body, content: &OutgoingContent) -> bool {
    body.as_str().trim() == content.body.as_str().trim()
}

/// Finds a message whose outcome is unknown among those that Twilio lists for its two addresses. A message at Twilio belongs
/// to one message here. Returns `Err` if it is not certain which one is meant.
pub fn settle(
    content: &OutgoingContent,
    listed: &[Sighting],
    others: &OtherMessages,
) -> Result<Option<MessageSid>, Ambiguous> {
    let is_same = |sighting: &&Sighting| {
        has_text_of(&sighting.body, content) && !others.sids.contains(&sighting.sid)
    };
    let mut same = listed.iter().filter(is_same).map(|sighting| sighting.sid);
    match (same.next(), same.next()) {
        (None, _) => Ok(None),
        (Some(_), None) if others.has_twin => Err(Ambiguous::Twin),
        (Some(found), None) => Ok(Some(found)),
        (Some(_), Some(_)) => Err(Ambiguous::Several),
    }
}

/// It is not certain which message at Twilio is the one that is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ambiguous {
    /// Several messages can be the one.
    #[error("Twilio lists several messages that can be this one")]
    Several,
    /// The message can be another one here, which has the same text.
    #[error("Twilio lists a message that can be this one or another one with the same text")]
    Twin,
}

#[cfg(test)]
mod tests {
    use super::{
        Ambiguous, InvalidContent, OtherMessages, OutgoingContent, SendProgress, SendState,
        Sighting, settle,
    };
    use crate::address::Address;
    use crate::delivery::Outgoing;
    use crate::message::Body;
    use crate::sid::MessageSid;
    use crate::time::Timestamp;
    use crate::web_address::WebUrl;

    fn sid(n: u8) -> MessageSid {
        MessageSid::parse(&format!("SM{n:032x}")).unwrap()
    }

    #[test]
    fn a_message_at_twilio_belongs_to_one_message() {
        let seen = |n, body: &str| Sighting {
            sid: sid(n),
            body: Body::new(body),
            created_at: Timestamp::from_seconds(0),
        };
        let listed = [seen(1, "hello"), seen(2, "hello "), seen(3, "bye")];
        let settle = |content: &str, known: &[u8], has_twin| {
            let sids = known.iter().copied().map(sid).collect();
            let others = OtherMessages { sids, has_twin };
            settle(&OutgoingContent::of_text(content), &listed, &others)
        };
        assert_eq!(settle("hello", &[], false), Err(Ambiguous::Several));
        assert_eq!(settle("hello", &[1], false), Ok(Some(sid(2))));
        assert_eq!(settle("hello", &[1], true), Err(Ambiguous::Twin));
        assert_eq!(settle("hello", &[1, 2], true), Ok(None));
        assert_eq!(settle("bye", &[], false), Ok(Some(sid(3))));
        assert_eq!(settle("?", &[], true), Ok(None));
    }

    #[test]
    fn only_a_message_that_twilio_can_have_is_a_twin() {
        let content = OutgoingContent::of_text("hello");
        let is_twin = |state, sid, body| {
            let outgoing = Outgoing {
                in_reply_to: None,
                reply_key: "key".to_owned(),
                from: Address::parse("+14155550100").unwrap(),
                to: Address::parse("+14155550199").unwrap(),
                content: OutgoingContent::of_text(body),
                progress: SendProgress { state, sid },
            };
            outgoing.is_twin_of(&content)
        };
        for (state, expected) in [
            (SendState::Planned, false),
            (SendState::Offered, true),
            (SendState::Unknown, true),
            (SendState::Sent, true),
            (SendState::Refused, false),
        ] {
            assert_eq!(is_twin(state, None, "hello"), expected, "{state:?}");
            assert!(!is_twin(state, Some(sid(1)), "hello"));
            assert!(!is_twin(state, None, "hello?"));
        }
    }

    fn media(count: usize) -> Vec<WebUrl> {
        vec![WebUrl::parse("https://example.com/a.png").unwrap(); count]
    }

    #[test]
    fn a_message_has_at_most_1600_characters_and_10_media() {
        let content = |text: &str, count| OutgoingContent::of_message(text, media(count));
        let longest = "é".repeat(1_600);
        assert_eq!(content(&format!(" {longest}\r\n"), 10).unwrap().body.as_str(), longest);
        let too_long = Err(InvalidContent::TooLong { characters: 1_601 });
        assert_eq!(content(&format!("{longest}!"), 0), too_long);
        assert_eq!(content("hello", 11), Err(InvalidContent::TooManyMedia { count: 11 }));
        assert_eq!(content(" \n", 0), Err(InvalidContent::Empty));
        assert_eq!(content("", 1).unwrap().body.as_str(), "");
        assert_eq!(content("a\r\nb\rc", 0).unwrap().body.as_str(), "a\nb\nc");
    }
}
