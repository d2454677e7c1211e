//! Consent: whether a contact wants messages from a number or sender, and the keywords with which the contact changes it.

use crate::address::{Address, Channel};
use crate::delivery::ConversationKey;
use crate::form::Form;
use crate::identifier::OrganizationId;
use crate::message::Body;
use crate::phone_number::PhoneNumber;
use crate::sid::{AccountSid, MessageSid};
use crate::string_enum;
use crate::time::Timestamp;

/// Twilio's error for a message to a contact who has opted out.
pub const TWILIO_OPTED_OUT: u32 = 21610;

string_enum! {
    /// Whether a contact wants messages.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum ConsentState {
        /// The contact wants no messages.
        OptedOut = "opted_out",
        /// The contact wants messages again.
        OptedIn = "opted_in",
    }
}

/// The last change of a contact's consent. A contact without one gets messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Organization that owns the number or sender.
    pub organization: OrganizationId,
    /// The number or sender, and the contact.
    pub key: ConversationKey,
    /// The state since then.
    pub state: ConsentState,
    /// When it changed.
    pub changed_at: Timestamp,
    /// The account at which it changed.
    pub account: AccountSid,
    /// The message that changed it; `None` if Twilio refused a message to the contact.
    pub message: Option<MessageSid>,
}

impl Consent {
    /// The consent of a contact that was given by a user id, as that of the number by which the contact is known now.
    #[must_use]
    pub fn of_number(&self, number: PhoneNumber) -> Self {
        let contact = ConversationKey::side(&Address::WhatsApp(number));
        Self { key: ConversationKey::stored(self.key.sender(), &contact), ..self.clone() }
    }

    /// Whether this change stands if both are known, regardless of the order in which they are. Of two changes at the same
    /// time, the one that opts out stands.
    pub fn supersedes(&self, other: &Self) -> bool {
        self.changed_at > other.changed_at
            || (self.changed_at == other.changed_at && self.state == ConsentState::OptedOut)
    }
}

/// What a message demands that consists of a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
    /// Information.
    Help,
}

impl Keyword {
    /// The state that the keyword demands; `None` if it changes none.
    pub const fn state(self) -> Option<ConsentState> {
        match self {
            Self::Stop => Some(ConsentState::OptedOut),
            Self::Start => Some(ConsentState::OptedIn),
            Self::Help => None,
        }
    }
}

/// A message that can be a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeywordMessage {
    keyword: Keyword,
    /// Whether the word is a keyword of a contact only who has opted out: `YES` answers questions, too.
    opted_out_only: bool,
    /// Whether Twilio recognized it, and has answered it therefore.
    is_twilios: bool,
}

impl KeywordMessage {
    /// Reads a message; `None` if it is none. Twilio sends `OptOutType` with a message that it has recognized (Twilio,
    /// "Advanced Opt-Out"). Otherwise the complete text must be a keyword (Twilio, "Support for opt-out keywords").
    pub fn read(body: &Body, form: &Form) -> Option<Self> {
        let opt_out_type = form.only("OptOutType").ok().flatten();
        if let Some(keyword) = opt_out_type.and_then(of_twilio) {
            return Some(Self { keyword, opted_out_only: false, is_twilios: true });
        }
        let text = body.as_str().trim();
        let text = text.trim_end_matches(|c: char| c.is_ascii_punctuation() || c.is_whitespace());
        let (keyword, opted_out_only) = match text.to_ascii_uppercase().as_str() {
            "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "OPTOUT"
            | "REVOKE" => (Keyword::Stop, false),
            "START" | "UNSTOP" => (Keyword::Start, false),
            "YES" => (Keyword::Start, true),
            "HELP" | "INFO" => (Keyword::Help, false),
            _ => return None,
        };
        Some(Self { keyword, opted_out_only, is_twilios: false })
    }

    /// The keyword, given the state of the contact before the message; `None` if the word is an ordinary message.
    pub fn keyword(self, before: Option<ConsentState>) -> Option<Keyword> {
        let is_opted_out = before == Some(ConsentState::OptedOut);
        (is_opted_out || !self.opted_out_only).then_some(self.keyword)
    }

    /// The answer to the keyword; `None` if it gets none. Twilio answers by itself where it handles keywords: by SMS and
    /// RCS, and where it has recognized this one. A change is confirmed once, and a contact who has opted out gets no help.
    pub fn answer(self, channel: Channel, before: Option<ConsentState>) -> Option<&'static str> {
        let is_ours = matches!(channel, Channel::WhatsApp | Channel::Messenger) && !self.is_twilios;
        let is_opted_out = before == Some(ConsentState::OptedOut);
        match (is_ours, self.keyword(before)?, is_opted_out) {
            (true, Keyword::Stop, false) => Some(STOPPED),
            (true, Keyword::Start, true) => Some(STARTED),
            (true, Keyword::Help, false) => Some(HELP),
            _ => None,
        }
    }
}

const STOPPED: &str =
    "You get no more messages from this number. Reply START to get messages again.";
const STARTED: &str = "You get messages from this number again. Reply STOP to get no more.";
const HELP: &str =
    "Reply STOP to get no more messages from this number, or START to get them again.";

fn of_twilio(text: &str) -> Option<Keyword> {
    match text {
        "STOP" => Some(Keyword::Stop),
        "START" => Some(Keyword::Start),
        "HELP" => Some(Keyword::Help),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{ConsentState, Keyword, KeywordMessage};
    use crate::address::Channel;
    use crate::form::Form;
    use crate::message::Body;

    const OUT: Option<ConsentState> = Some(ConsentState::OptedOut);

    fn read(body: &str, form: &str) -> Option<KeywordMessage> {
        KeywordMessage::read(&Body::new(body), &Form::parse(form.as_bytes()).unwrap())
    }

    fn keyword(body: &str, before: Option<ConsentState>) -> Option<Keyword> {
        read(body, "").and_then(|message| message.keyword(before))
    }

    #[test]
    fn a_text_is_a_keyword_only_as_a_whole() {
        for stop in
            ["STOP", " stop\n", "Stop.", "stop !!", "STOPALL", "unsubscribe", "Cancel", "END"]
        {
            assert_eq!(keyword(stop, None), Some(Keyword::Stop), "{stop}");
        }
        for stop in ["quit", "optout", "REVOKE"] {
            assert_eq!(keyword(stop, OUT), Some(Keyword::Stop), "{stop}");
        }
        for start in ["START", "unstop?"] {
            assert_eq!(keyword(start, None), Some(Keyword::Start), "{start}");
        }
        for help in ["help", "INFO."] {
            assert_eq!(keyword(help, None), Some(Keyword::Help), "{help}");
        }
        for other in
            ["", "!", "stop calling me", "please stop", "non-stop", "st op", "helpful", "ſtop"]
        {
            assert_eq!(keyword(other, OUT), None, "{other}");
        }
    }

    #[test]
    fn yes_is_an_ordinary_message_unless_the_contact_has_opted_out() {
        assert_eq!(keyword("Yes!", None), None);
        assert_eq!(keyword("yes", Some(ConsentState::OptedIn)), None);
        assert_eq!(keyword("yes", OUT), Some(Keyword::Start));
    }

    #[test]
    fn what_twilio_recognized_counts_whatever_the_text_is() {
        let keyword = |body, form| read(body, form).and_then(|message| message.keyword(None));
        assert_eq!(keyword("ARRET", "OptOutType=STOP"), Some(Keyword::Stop));
        assert_eq!(keyword("yes", "OptOutType=START"), Some(Keyword::Start));
        assert_eq!(keyword("AIDE", "OptOutType=HELP"), Some(Keyword::Help));
        assert_eq!(keyword("stop", "OptOutType=NEW"), Some(Keyword::Stop));
        assert_eq!(keyword("hello", "OptOutType=STOP&OptOutType=HELP"), None);
    }

    #[test]
    fn a_keyword_is_answered_once_and_only_where_twilio_does_not_answer() {
        let answers = |channel, before, form| {
            ["stop", "start", "help"]
                .map(|body| read(body, form).unwrap().answer(channel, before).is_some())
        };
        for channel in [Channel::WhatsApp, Channel::Messenger] {
            assert_eq!(answers(channel, None, ""), [true, false, true]);
            assert_eq!(answers(channel, OUT, ""), [false, true, false]);
            assert_eq!(answers(channel, None, "OptOutType=STOP"), [false; 3]);
        }
        for channel in [Channel::Sms, Channel::Rcs] {
            assert_eq!(answers(channel, None, ""), [false; 3]);
            assert_eq!(answers(channel, OUT, ""), [false; 3]);
        }
    }
}
