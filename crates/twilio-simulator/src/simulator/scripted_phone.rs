//! Phones of contacts that react to messages as a script says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use serde::{Deserialize, Serialize};

/// How long after a contact's message any text may be sent by `WhatsApp`, in seconds (Twilio, error 63016).
pub(crate) const WINDOW_SECONDS: i64 = 24 * 60 * 60;

/// A phone. Messages to it are delivered, with status callbacks, and it answers. Messages to other addresses stay queued. It
/// contains a phone number, so `Debug` shows nothing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScriptedPhone {
    /// Its address: `+E164`, `whatsapp:+E164` or another one.
    pub address: String,
    /// Whether it is a landline, which gets no SMS (Twilio, error 21614).
    pub landline: bool,
    /// The numbers and senders that it wants no messages from (Twilio, error 21610). STOP and START change it.
    pub opted_out_of: BTreeSet<String>,
    /// What it answers: each message that it gets takes the next text.
    pub answers: VecDeque<String>,
}

/// Shows nothing, because phone numbers and texts must not be logged.
impl fmt::Debug for ScriptedPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedPhone").finish_non_exhaustive()
    }
}

/// The phones by their addresses.
pub(crate) type ScriptedPhones = BTreeMap<String, ScriptedPhone>;

impl ScriptedPhone {
    /// Obeys a keyword that the contact sends to one of our senders, as Twilio does.
    pub(crate) fn sends(&mut self, to: &str, body: &str) {
        match body.trim().to_ascii_uppercase().as_str() {
            "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "OPTOUT"
            | "REVOKE" => {
                self.opted_out_of.insert(to.to_owned());
            }
            "START" | "UNSTOP" | "YES" => {
                self.opted_out_of.remove(to);
            }
            _ => {}
        }
    }

    /// Why Twilio refuses a message to it: an error code and its text.
    pub(crate) fn refusal(&self, from: &str) -> Option<(u32, &'static str)> {
        if self.landline && !self.address.contains(':') {
            return Some((21_614, "'To' number is not a valid mobile number"));
        }
        let is_unwanted = self.opted_out_of.contains(from);
        is_unwanted.then_some((21_610, "Attempt to send to unsubscribed recipient"))
    }
}

#[cfg(test)]
mod tests {
    use super::ScriptedPhone;

    #[test]
    fn keywords_and_kinds_decide_what_is_refused() {
        let mut phone =
            ScriptedPhone { address: "+14155550177".to_owned(), ..ScriptedPhone::default() };
        let code = |phone: &ScriptedPhone, from| phone.refusal(from).map(|(code, _)| code);
        assert_eq!(code(&phone, "+1"), None);
        phone.sends("+1", " stop ");
        assert_eq!((code(&phone, "+1"), code(&phone, "+2")), (Some(21_610), None));
        phone.sends("+1", "hello");
        assert_eq!(code(&phone, "+1"), Some(21_610));
        phone.sends("+1", "START");
        assert_eq!(code(&phone, "+1"), None);
        phone.landline = true;
        assert_eq!(code(&phone, "+1"), Some(21_614));
    }
}
