//! Numbers of ours, and the channels on which an agent answers them.

use std::fmt;

use crate::address::Channel;
use crate::identifier::{AgentId, OrganizationId};
use crate::phone_number::PhoneNumber;
use crate::sid::AccountSid;
use crate::string_enum;
use crate::time::Timestamp;

/// A phone number that Twilio delivers to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The number itself; no two rows share one.
    pub phone_number: PhoneNumber,
    /// The tenant that brought it: the same as its account's and its agent's.
    pub organization: OrganizationId,
    /// The Twilio account that owns it.
    pub account: AccountSid,
    /// Who answers it, if anybody.
    pub assignment: Option<Assignment>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// An agent, and the channels of a number that it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Who answers.
    pub agent: AgentId,
    /// On which channels.
    pub channels: Channels,
}

string_enum! {
    /// Whether the schedule may repair a number's configuration at the carrier by itself.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum RepairPolicy {
        /// Somebody does it by hand.
        #[default]
        Manual = "manual",
        /// The schedule does it.
        Automatic = "automatic",
    }
}

/// A set of channels that a number can have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Channels(u8);

/// Why a list of channels is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelsError {
    /// No channel at all: release the number instead.
    #[error(
        "names no channel; name at least one of voice, sms, whatsapp, rcs, or release the number"
    )]
    Empty,
    /// A word that is no channel.
    #[error("names {word:?}, which is none of voice, sms, whatsapp, rcs")]
    Unknown {
        /// The word.
        word: String,
    },
}

impl Channels {
    /// Voice and SMS: what a number has when nothing else is said.
    pub const VOICE_AND_SMS: Self = Self(Self::bit(Channel::Voice) | Self::bit(Channel::Sms));

    const fn bit(channel: Channel) -> u8 {
        match channel {
            Channel::Voice => 1,
            Channel::Sms => 2,
            Channel::WhatsApp => 4,
            Channel::Rcs => 8,
            // Pages are not numbers, so no number has this channel.
            Channel::Messenger => 0,
        }
    }

    /// Parses a list such as `voice,sms`.
    pub fn parse(text: &str) -> Result<Self, ChannelsError> {
        let mut bits = 0;
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match Channel::parse(word).map(Self::bit) {
                Some(bit) if bit != 0 => bits |= bit,
                _ => return Err(ChannelsError::Unknown { word: word.to_owned() }),
            }
        }
        if bits == 0 { Err(ChannelsError::Empty) } else { Ok(Self(bits)) }
    }

    /// These channels, if a number can have one of them.
    pub fn of(channels: impl IntoIterator<Item = Channel>) -> Option<Self> {
        let bits = channels.into_iter().fold(0, |bits, channel| bits | Self::bit(channel));
        (bits != 0).then_some(Self(bits))
    }

    /// The channels, in the order in which they are shown.
    pub fn iter(self) -> impl Iterator<Item = Channel> {
        Channel::ALL.into_iter().filter(move |channel| self.contains(*channel))
    }

    /// Whether a channel is among them.
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
    fn channels_are_written_as_they_are_read() {
        let channels = Channels::parse(" sms, voice ").unwrap();
        assert_eq!(channels, Channels::VOICE_AND_SMS);
        assert_eq!(channels.to_string(), "voice,sms");
        assert!(channels.contains(Channel::Sms) && !channels.contains(Channel::WhatsApp));
        assert!(!channels.contains(Channel::Messenger));
    }

    #[test]
    fn a_set_is_made_of_the_channels_that_a_number_can_have() {
        let channels = Channels::of([Channel::Sms, Channel::Voice, Channel::Messenger]).unwrap();
        assert_eq!(channels.iter().collect::<Vec<_>>(), [Channel::Voice, Channel::Sms]);
        assert_eq!(Channels::of([Channel::Messenger]), None);
    }

    #[test]
    fn a_list_that_names_nothing_known_is_refused() {
        assert_eq!(Channels::parse(","), Err(ChannelsError::Empty));
        for word in ["fax", "messenger"] {
            assert_eq!(
                Channels::parse(word),
                Err(ChannelsError::Unknown { word: word.to_owned() })
            );
        }
    }
}
