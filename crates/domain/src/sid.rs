//! Twilio's identifiers: two letters that tell the kind, and 32 hexadecimal digits.

use std::fmt;

/// Why a text is not a SID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} followed by 32 hexadecimal digits")]
pub struct SidError {
    /// The prefixes that would do, for example `AC`.
    pub expected: &'static str,
}

const LENGTH: usize = 34;

fn parse(text: &str, prefixes: &[&str], expected: &'static str) -> Result<[u8; LENGTH], SidError> {
    let error = SidError { expected };
    let Ok(bytes) = <[u8; LENGTH]>::try_from(text.as_bytes()) else {
        return Err(error);
    };
    let known = prefixes.iter().any(|prefix| text.starts_with(prefix));
    // Every digit is looked at, whatever the first ones are: without a way out the loop is a few instructions.
    let is_hexadecimal = bytes[2..].iter().fold(true, |all, byte| all & byte.is_ascii_hexdigit());
    if known && is_hexadecimal { Ok(bytes) } else { Err(error) }
}

macro_rules! sids {
    ($($(#[$doc:meta])* $name:ident, [$($prefix:literal),+], $expected:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; LENGTH]);

        impl $name {
            /// Parses the text of a SID. The case of the digits is kept as it came.
            pub fn parse(text: &str) -> Result<Self, SidError> {
                parse(text, &[$($prefix),+], $expected).map(Self)
            }

            /// Its ASCII text as bytes, which nobody has to check again.
            pub const fn as_bytes(&self) -> &[u8; LENGTH] {
                &self.0
            }

            /// The SID as Twilio writes it.
            pub fn as_str(&self) -> &str {
                // The bytes were ASCII when they were parsed, and nothing changes them.
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

sids! {
    /// A Twilio account, subaccount or Connect account.
    AccountSid, ["AC"], "AC";
    /// A call, or one leg of it.
    CallSid, ["CA"], "CA";
    /// A message: `SM…` for text, `MM…` where media came with it.
    MessageSid, ["SM", "MM"], "SM or MM";
    /// A phone number as Twilio keeps it for an account.
    NumberSid, ["PN"], "PN";
    /// A TwiML application.
    ApplicationSid, ["AP"], "AP";
    /// A Messaging Service.
    ServiceSid, ["MG"], "MG";
    /// A sender of a channel: WhatsApp, RCS.
    SenderSid, ["XE"], "XE";
    /// An API key.
    ApiKeySid, ["SK"], "SK";
}

#[cfg(test)]
mod tests {
    use super::{AccountSid, CallSid, MessageSid};

    const DIGITS: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_sid_is_shown_as_it_was_given() {
        let text = format!("AC{DIGITS}");
        let sid = AccountSid::parse(&text).unwrap();
        assert_eq!(sid.as_str(), text);
        assert_eq!(format!("{sid} {sid:?}"), format!("{text} {text}"));
    }

    #[test]
    fn a_message_is_known_by_either_prefix() {
        assert!(MessageSid::parse(&format!("SM{DIGITS}")).is_ok());
        assert!(MessageSid::parse(&format!("MM{DIGITS}")).is_ok());
        assert!(MessageSid::parse(&format!("CA{DIGITS}")).is_err());
    }

    #[test]
    fn what_is_not_a_sid_is_refused_with_what_was_expected() {
        for wrong in ["", "CA", "AC0123", &format!("CA{DIGITS}0"), &format!("CA{}g", &DIGITS[1..])]
        {
            let error = CallSid::parse(wrong).unwrap_err();
            assert_eq!(error.to_string(), "expected CA followed by 32 hexadecimal digits");
        }
    }

    #[test]
    fn text_beyond_ascii_is_refused() {
        assert!(CallSid::parse(&format!("CA{}é", &DIGITS[2..])).is_err());
    }
}
