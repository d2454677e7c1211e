//! Twilio's identifiers: a two-letter prefix for the kind, and 32 hexadecimal digits
//! (Twilio, Glossary: "String Identifier (SID)").

use std::fmt;

use crate::fixed_ascii::fixed_ascii;

/// The text is not a SID of the expected kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} followed by 32 hexadecimal digits")]
pub struct SidError {
    /// The accepted prefixes, for example `AC`.
    pub expected: &'static str,
}

const LENGTH: usize = 34;

fn parse(text: &str, prefixes: &[&str], expected: &'static str) -> Result<[u8; LENGTH], SidError> {
    let error = SidError { expected };
    let Ok(bytes) = <[u8; LENGTH]>::try_from(text.as_bytes()) else {
        return Err(error);
    };
    let known = prefixes.iter().any(|prefix| text.starts_with(prefix));
    // Checks every digit, whatever the result so far: without an early exit the loop compiles to a few vector
    // instructions.
    let is_hexadecimal = bytes[2..].iter().fold(true, |all, byte| all & byte.is_ascii_hexdigit());
    if known && is_hexadecimal { Ok(bytes) } else { Err(error) }
}

macro_rules! sids {
    ($($(#[$doc:meta])* $name:ident, [$($prefix:literal),+], $expected:literal;)+) => {$(
        fixed_ascii! {
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name([u8; LENGTH]);
        }

        impl $name {
            /// Parses a SID. Keeps the case of the digits.
            pub fn parse(text: &str) -> Result<Self, SidError> {
                parse(text, &[$($prefix),+], $expected).map(Self)
            }
        }
    )+};
}

sids! {
    /// Identifies a Twilio account, subaccount or Connect account.
    AccountSid, ["AC"], "AC";
    /// Identifies a call, or one leg of it.
    CallSid, ["CA"], "CA";
    /// Identifies a message: `SM…` for text, `MM…` for a message with media.
    MessageSid, ["SM", "MM"], "SM or MM";
    /// Identifies a phone number, a short code or another sender of an account.
    NumberSid, ["PN", "SC", "XE"], "PN, SC or XE";
    /// Identifies a TwiML application.
    ApplicationSid, ["AP"], "AP";
    /// Identifies a Messaging Service.
    ServiceSid, ["MG"], "MG";
    /// Identifies a WhatsApp or RCS sender.
    SenderSid, ["XE"], "XE";
    /// Identifies a content template.
    ContentSid, ["HX"], "HX";
    /// Identifies a Connect app.
    ConnectAppSid, ["CN"], "CN";
    /// Identifies an API key.
    ApiKeySid, ["SK"], "SK";
    /// Identifies a call or a message.
    RecordSid, ["CA", "SM", "MM"], "CA, SM or MM";
    /// Identifies a file of a message.
    MediaSid, ["ME"], "ME";
    /// Identifies a media stream of a call.
    StreamSid, ["MZ"], "MZ";
}

/// The SID of a call or message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventSid {
    /// The SID of a call.
    Call(CallSid),
    /// The SID of a message.
    Message(MessageSid),
}

impl EventSid {
    /// The text of the SID.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Call(call) => call.as_str(),
            Self::Message(message) => message.as_str(),
        }
    }

    /// Returns the SID of a call; `None` for a message.
    pub const fn call(&self) -> Option<&CallSid> {
        match self {
            Self::Call(call) => Some(call),
            Self::Message(_) => None,
        }
    }

    /// Returns the SID of a message; `None` for a call.
    pub const fn message(&self) -> Option<&MessageSid> {
        match self {
            Self::Call(_) => None,
            Self::Message(message) => Some(message),
        }
    }
}

impl fmt::Display for EventSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl NumberSid {
    /// Whether it identifies a short code.
    pub fn is_short_code(&self) -> bool {
        self.0.starts_with(b"SC")
    }
}

impl From<SenderSid> for NumberSid {
    fn from(sender: SenderSid) -> Self {
        Self(sender.0)
    }
}

/// The first characters of the SIDs of simulated calls. Twilio's SIDs are random; one in 2^48 begins with them.
const SIMULATED: &str = "CA5e1f7e57ca11";

impl MessageSid {
    /// The SID of a message that only an explanation supposes.
    pub const SUPPOSED: Self = Self(*b"SM00000000000000000000000000000000");
}

impl CallSid {
    /// The SID of a call that only an explanation supposes.
    pub const SUPPOSED: Self = Self(*b"CA00000000000000000000000000000000");

    /// The SID of a simulated call, made from another SID.
    #[must_use]
    pub fn simulated(self) -> Self {
        let mut bytes = self.0;
        bytes[..SIMULATED.len()].copy_from_slice(SIMULATED.as_bytes());
        Self(bytes)
    }

    /// Whether an operator simulated the call. It is answered like a real one, but takes no capacity, does not affect the
    /// health of voice servers, and is not part of the history.
    pub fn is_simulated(&self) -> bool {
        self.as_str().starts_with(SIMULATED)
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountSid, CallSid, MessageSid};

    const DIGITS: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_sid_is_displayed_as_it_was_parsed() {
        let text = format!("AC{DIGITS}");
        let sid = AccountSid::parse(&text).unwrap();
        assert_eq!(sid.as_str(), text);
        assert_eq!(format!("{sid} {sid:?}"), format!("{text} {text}"));
    }

    #[test]
    fn a_simulated_call_is_distinguished_from_a_real_one() {
        let real = CallSid::parse(&format!("CA{DIGITS}")).unwrap();
        let simulated = real.simulated();
        assert!(!real.is_simulated() && simulated.is_simulated());
        assert_eq!(CallSid::parse(simulated.as_str()).unwrap(), simulated);
        assert_eq!(simulated.as_str()[14..], real.as_str()[14..]);
    }

    #[test]
    fn a_message_sid_has_either_prefix() {
        assert!(MessageSid::parse(&format!("SM{DIGITS}")).is_ok());
        assert!(MessageSid::parse(&format!("MM{DIGITS}")).is_ok());
        assert!(MessageSid::parse(&format!("CA{DIGITS}")).is_err());
    }

    #[test]
    fn an_invalid_sid_is_refused_with_the_expected_prefix() {
        for wrong in ["", "CA", "AC0123", &format!("CA{DIGITS}0"), &format!("CA{}g", &DIGITS[1..])]
        {
            let error = CallSid::parse(wrong).unwrap_err();
            assert_eq!(error.to_string(), "expected CA followed by 32 hexadecimal digits");
        }
    }

    #[test]
    fn text_that_is_not_ascii_is_refused() {
        assert!(CallSid::parse(&format!("CA{}é", &DIGITS[2..])).is_err());
    }
}
