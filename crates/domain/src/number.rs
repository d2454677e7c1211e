//! Numbers, and their assignment to agents by channel.

use std::fmt;

use crate::address::Channel;
use crate::identifier::{AgentId, OrganizationId};
use crate::phone_number::PhoneNumber;
use crate::sid::AccountSid;
use crate::string_enum;
use crate::time::Timestamp;

/// A phone number whose calls and messages Twilio delivers to switchboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The phone number, which is unique.
    pub phone_number: PhoneNumber,
    /// Organization that owns the number, its account and its agent.
    pub organization: OrganizationId,
    /// Twilio account that owns the number.
    pub account: AccountSid,
    /// The assigned agent; `None` if the number is unassigned.
    pub assignment: Option<Assignment>,
    /// When the number was added.
    pub created_at: Timestamp,
}

/// The assignment of a number to an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The agent.
    pub agent: AgentId,
    /// Channels on which the agent answers.
    pub channels: Channels,
}

string_enum! {
    /// Whether the scheduled check may repair a number's configuration at the carrier.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum RepairPolicy {
        /// Only an operator repairs it.
        #[default]
        Manual = "manual",
        /// The scheduled check repairs it.
        Automatic = "automatic",
    }
}

/// A nonempty set of channels of a number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Channels(u8);

/// A list of channels is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelsError {
    /// The list is empty.
    #[error(
        "contains no channel; use at least one of voice, sms, whatsapp, or unassign the number"
    )]
    Empty,
    /// The list contains an unknown channel.
    #[error("contains {name:?}, which is not one of voice, sms, whatsapp")]
    Unknown {
        /// The unknown name.
        name: String,
    },
    /// No number can have the channel: its senders have addresses of their own.
    #[error(
        "contains {name}, but {name} senders are not phone numbers and are not supported yet; use voice, sms or whatsapp"
    )]
    Unsupported {
        /// The channel.
        name: &'static str,
    },
}

impl Channels {
    /// Voice and SMS, the default.
    pub const VOICE_AND_SMS: Self = Self(Self::bit(Channel::Voice) | Self::bit(Channel::Sms));

    const fn bit(channel: Channel) -> u8 {
        match channel {
            Channel::Voice => 1,
            Channel::Sms => 2,
            Channel::WhatsApp => 4,
            Channel::Rcs => 8,
            // Messenger pages are not numbers, so no number has this channel.
            Channel::Messenger => 0,
        }
    }

    /// Parses a list such as `voice,sms`.
    pub fn parse(text: &str) -> Result<Self, ChannelsError> {
        let mut bits = 0;
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match Channel::parse(name).map(Self::bit) {
                Some(bit) if bit != 0 => bits |= bit,
                _ => return Err(ChannelsError::Unknown { name: name.to_owned() }),
            }
        }
        if bits == 0 { Err(ChannelsError::Empty) } else { Ok(Self(bits)) }
    }

    /// Parses a list of channels that a number can be assigned for. RCS senders are agent ids, and Messenger senders
    /// are pages, so both are refused here. Earlier assignments with RCS can still be read.
    pub fn parse_assigned(text: &str) -> Result<Self, ChannelsError> {
        for name in text.split(',').map(str::trim) {
            if let Some(channel) = Channel::parse(name)
                && !channel.is_delivered()
            {
                return Err(ChannelsError::Unsupported { name: channel.as_str() });
            }
        }
        Self::parse(text)
    }

    /// Creates a set from the channels that a number can have; `None` if there are none.
    pub fn of(channels: impl IntoIterator<Item = Channel>) -> Option<Self> {
        let bits = channels.into_iter().fold(0, |bits, channel| bits | Self::bit(channel));
        (bits != 0).then_some(Self(bits))
    }

    /// The channels, in the order in which they are shown.
    pub fn iter(self) -> impl Iterator<Item = Channel> {
        Channel::ALL.into_iter().filter(move |channel| self.contains(*channel))
    }

    /// Whether the set contains a channel.
    pub const fn contains(self, channel: Channel) -> bool {
        self.0 & Self::bit(channel) != 0
    }
}

impl fmt::Display for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for channel in self.iter() {
            if !first {
                f.write_str(",")?;
            }
            first = false;
            f.write_str(channel.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Channels, ChannelsError};
    use crate::address::Channel;

    #[test]
    fn channels_are_written_in_the_form_they_are_parsed_from() {
        let channels = Channels::parse(" sms, voice ").unwrap();
        assert_eq!(channels, Channels::VOICE_AND_SMS);
        assert_eq!(channels.to_string(), "voice,sms");
        assert!(channels.contains(Channel::Sms) && !channels.contains(Channel::WhatsApp));
        assert!(!channels.contains(Channel::Messenger));
    }

    #[test]
    fn a_set_contains_only_channels_that_a_number_can_have() {
        let channels = Channels::of([Channel::Sms, Channel::Voice, Channel::Messenger]).unwrap();
        assert_eq!(channels.iter().collect::<Vec<_>>(), [Channel::Voice, Channel::Sms]);
        assert_eq!(Channels::of([Channel::Messenger]), None);
    }

    #[test]
    fn a_number_is_not_assigned_for_channels_whose_senders_are_not_numbers() {
        for name in ["rcs", "messenger"] {
            assert_eq!(
                Channels::parse_assigned(&format!("voice, {name}")),
                Err(ChannelsError::Unsupported { name })
            );
        }
        assert_eq!(Channels::parse_assigned("sms,voice"), Ok(Channels::VOICE_AND_SMS));
        assert!(Channels::parse("rcs").is_ok(), "earlier assignments can be read");
    }

    #[test]
    fn an_empty_list_and_unknown_channels_are_refused() {
        assert_eq!(Channels::parse(","), Err(ChannelsError::Empty));
        for name in ["fax", "messenger"] {
            assert_eq!(
                Channels::parse(name),
                Err(ChannelsError::Unknown { name: name.to_owned() })
            );
        }
    }
}
