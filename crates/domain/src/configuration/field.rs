//! The fields of a number's configuration.

use std::fmt;

use crate::address::Channel;
use crate::string_enum;

/// The resource at the carrier that a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The number itself.
    Number,
    /// The number's WhatsApp or RCS sender.
    Sender,
    /// The Messaging Service whose pool the number is in.
    Service,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $text:literal in $part:ident for $use:ident;)+) => {
        string_enum! {
            /// One field of a number's configuration. Its stable name is the one in Twilio's API, prefixed with the
            /// name of its resource unless that is the number itself.
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum Field {
                $($(#[$doc])* $name = $text,)+
            }
        }

        impl Field {
            /// The resource that the field belongs to.
            pub const fn part(self) -> Part {
                match self { $(Self::$name => Part::$part,)+ }
            }

            const fn purpose(self) -> Purpose {
                match self { $(Self::$name => Purpose::$use,)+ }
            }
        }
    };
}

/// The purpose of a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Calls,
    Texts,
    Senders,
}

fields! {
    /// The URL for calls.
    VoiceUrl = "voice_url" in Number for Calls;
    /// The method of this URL.
    VoiceMethod = "voice_method" in Number for Calls;
    /// The URL for calls if the first URL fails.
    VoiceFallbackUrl = "voice_fallback_url" in Number for Calls;
    /// The method of this URL.
    VoiceFallbackMethod = "voice_fallback_method" in Number for Calls;
    /// The status callback of calls.
    StatusCallback = "status_callback" in Number for Calls;
    /// The method of this URL.
    StatusCallbackMethod = "status_callback_method" in Number for Calls;
    /// The TwiML application that gets calls instead of the URL.
    VoiceApplicationSid = "voice_application_sid" in Number for Calls;
    /// The SIP trunk that gets calls instead of both.
    TrunkSid = "trunk_sid" in Number for Calls;
    /// The URL for SMS and MMS.
    SmsUrl = "sms_url" in Number for Texts;
    /// The method of this URL.
    SmsMethod = "sms_method" in Number for Texts;
    /// The URL for messages if the first URL fails.
    SmsFallbackUrl = "sms_fallback_url" in Number for Texts;
    /// The method of this URL.
    SmsFallbackMethod = "sms_fallback_method" in Number for Texts;
    /// The TwiML application that gets messages instead of the URL.
    SmsApplicationSid = "sms_application_sid" in Number for Texts;
    /// Whether messages to the pool of the Messaging Service use the number's own URL: `true` or `false`.
    ServiceDefers = "service.use_inbound_webhook_on_number" in Service for Texts;
    /// The URL for messages to the sender.
    SenderCallbackUrl = "sender.callback_url" in Sender for Senders;
    /// The method of this URL.
    SenderCallbackMethod = "sender.callback_method" in Sender for Senders;
    /// The URL for messages if the first URL fails.
    SenderFallbackUrl = "sender.fallback_url" in Sender for Senders;
    /// The method of this URL.
    SenderFallbackMethod = "sender.fallback_method" in Sender for Senders;
    /// The status callback of sent messages.
    SenderStatusCallbackUrl = "sender.status_callback_url" in Sender for Senders;
    /// The method of this URL.
    SenderStatusCallbackMethod = "sender.status_callback_method" in Sender for Senders;
}

impl Field {
    /// Whether the field matters for a channel.
    pub const fn serves(self, channel: Channel) -> bool {
        match channel {
            Channel::Voice => matches!(self.purpose(), Purpose::Calls),
            Channel::Sms => matches!(self.purpose(), Purpose::Texts),
            Channel::WhatsApp | Channel::Rcs => matches!(self.purpose(), Purpose::Senders),
            Channel::Messenger => false,
        }
    }

    /// Whether the field makes another resource get the calls or messages instead of the number's URLs.
    pub const fn overrides(self) -> bool {
        matches!(
            self,
            Self::TrunkSid
                | Self::VoiceApplicationSid
                | Self::SmsApplicationSid
                | Self::ServiceDefers
        )
    }

    /// Whether the values are HTTP methods.
    pub const fn is_method(self) -> bool {
        matches!(
            self,
            Self::VoiceMethod
                | Self::VoiceFallbackMethod
                | Self::StatusCallbackMethod
                | Self::SmsMethod
                | Self::SmsFallbackMethod
                | Self::SenderCallbackMethod
                | Self::SenderFallbackMethod
                | Self::SenderStatusCallbackMethod
        )
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Field;
    use crate::address::Channel;

    #[test]
    fn every_field_is_read_as_it_is_written_and_serves_one_kind_of_channel() {
        for field in Field::ALL {
            assert_eq!(Field::parse(field.as_str()), Some(field));
            let kinds = [Channel::Voice, Channel::Sms, Channel::WhatsApp];
            assert_eq!(kinds.into_iter().filter(|channel| field.serves(*channel)).count(), 1);
            assert_eq!(field.serves(Channel::Rcs), field.serves(Channel::WhatsApp));
            assert_eq!(field.is_method(), field.as_str().ends_with("_method"));
        }
        assert_eq!(Field::parse("VoiceUrl"), None);
    }
}
