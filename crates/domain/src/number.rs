//! Numbers, and their assignment to agents by channel.

use std::fmt;

use crate::address::Channel;
use crate::identifier::{AgentId, OrganizationId};
use crate::sender::{Sender, SenderKind};
use crate::sid::AccountSid;
use crate::string_enum;
use crate::time::Timestamp;

/// A phone number or another sender whose calls and messages Twilio delivers to switchboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The number or sender, which is unique.
    pub sender: Sender,
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
    /// The agent that answers the number.
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
    #[error("contains no channel; name at least one, or unassign the number or sender")]
    Empty,
    /// The list contains an unknown channel.
    #[error("contains {name:?}, which is not one of voice, sms, whatsapp, rcs, messenger")]
    Unknown {
        /// The unknown name.
        name: String,
    },
    /// Senders of this kind do not have the channel.
    #[error("contains {name}, which this {kind} does not have; it has {supported}")]
    Unsupported {
        /// The name of the channel that the number lacks.
        name: &'static str,
        /// The kind of sender.
        kind: &'static str,
        /// The channels that the kind has.
        supported: Channels,
    },
}

impl Channels {
    /// Voice and SMS, the default.
    pub const VOICE_AND_SMS: Self = Self(Self::bit(Channel::Voice) | Self::bit(Channel::Sms));

    /// The channels that a phone number can have.
    pub(crate) const OF_NUMBERS: Self = Self(Self::VOICE_AND_SMS.0 | Self::bit(Channel::WhatsApp));

    const fn bit(channel: Channel) -> u8 {
        match channel {
            Channel::Voice => 1,
            Channel::Sms => 2,
            Channel::WhatsApp => 4,
            Channel::Rcs => 8,
            Channel::Messenger => 16,
        }
    }

    /// The set of one channel.
    pub const fn only(channel: Channel) -> Self {
        Self(Self::bit(channel))
    }

    /// Parses a list such as `voice,sms`.
    pub fn parse(text: &str) -> Result<Self, ChannelsError> {
        let mut bits = 0;
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match Channel::parse(name).map(Self::bit) {
                Some(bit) => bits |= bit,
                None => return Err(ChannelsError::Unknown { name: name.to_owned() }),
            }
        }
        if bits == 0 { Err(ChannelsError::Empty) } else { Ok(Self(bits)) }
    }

    /// Parses a list of channels that this sender can be assigned for. Earlier assignments of numbers with RCS can still be
    /// read.
    pub fn parse_assigned(text: &str, sender: &Sender) -> Result<Self, ChannelsError> {
        let channels = Self::parse(text)?;
        let supported = sender.channels();
        match channels.iter().find(|channel| !supported.contains(*channel)) {
            None => Ok(channels),
            Some(other) => Err(ChannelsError::Unsupported {
                name: other.as_str(),
                kind: sender.kind().noun(),
                supported,
            }),
        }
    }

    /// Creates a set of channels; `None` if there are none.
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

impl Sender {
    /// The channels that an agent can answer. `WhatsApp` messages to a number are its own channel, unless they have a
    /// sender of their own.
    pub fn channels(&self) -> Channels {
        match self.kind() {
            SenderKind::Number => Channels::OF_NUMBERS,
            SenderKind::ShortCode => Channels::only(Channel::Sms),
            SenderKind::WhatsApp => Channels::only(Channel::WhatsApp),
            SenderKind::Rcs => Channels::only(Channel::Rcs),
            SenderKind::Messenger => Channels::only(Channel::Messenger),
        }
    }

    /// The channels of an assignment that names none.
    pub fn default_channels(&self) -> Channels {
        match self.kind() {
            SenderKind::Number => Channels::VOICE_AND_SMS,
            _ => self.channels(),
        }
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
    use crate::sender::Sender;

    #[test]
    fn channels_are_written_in_the_form_they_are_parsed_from() {
        let channels = Channels::parse(" sms, voice ").unwrap();
        assert_eq!(channels, Channels::VOICE_AND_SMS);
        assert_eq!(channels.to_string(), "voice,sms");
        assert!(channels.contains(Channel::Sms) && !channels.contains(Channel::WhatsApp));
        let all = Channels::of(Channel::ALL).unwrap();
        assert_eq!(all.to_string(), "voice,sms,whatsapp,rcs,messenger");
        assert_eq!(Channels::parse(&all.to_string()), Ok(all));
        assert_eq!(Channels::of([]), None);
    }

    #[test]
    fn a_sender_is_assigned_only_for_channels_that_it_has() {
        let assigned =
            |text, sender| Channels::parse_assigned(text, &Sender::parse(sender).unwrap());
        for (text, sender, error) in [
            (
                "voice,rcs",
                "+14155550100",
                "contains rcs, which this number does not have; it has voice,sms,whatsapp",
            ),
            (
                "messenger",
                "+14155550100",
                "contains messenger, which this number does not have; it has voice,sms,whatsapp",
            ),
            (
                "voice",
                "rcs:acme_agent",
                "contains voice, which this RCS sender does not have; it has rcs",
            ),
            (
                "sms,whatsapp",
                "12345",
                "contains whatsapp, which this short code does not have; it has sms",
            ),
        ] {
            assert_eq!(assigned(text, sender).unwrap_err().to_string(), error);
        }
        assert_eq!(assigned("sms,voice", "+14155550100"), Ok(Channels::VOICE_AND_SMS));
        assert_eq!(assigned("rcs", "rcs:acme_agent"), Channels::parse("rcs"));
        assert_eq!(assigned("whatsapp", "whatsapp:+14155550100"), Channels::parse("whatsapp"));
    }

    #[test]
    fn an_empty_list_and_unknown_channels_are_refused() {
        assert_eq!(Channels::parse(","), Err(ChannelsError::Empty));
        let unknown = ChannelsError::Unknown { name: "fax".to_owned() };
        assert_eq!(Channels::parse("sms,fax"), Err(unknown));
    }
}
