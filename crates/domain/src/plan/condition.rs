//! Whether a rule matches, and if not, by which of its conditions.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use super::audience::{Attestation, Country, Share};
use super::caller::Situation;
use super::schedule::Schedule;
use super::sticky::mixed;
use super::zone::{WallClock, Zone};
use crate::address::{Address, Channel};
use crate::phone_number::PhoneNumber;
use crate::string_enum;

string_enum! {
    /// The condition that does not hold. The first one is told.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Mismatch {
        /// Another channel.
        Channel = "channel",
        /// Another number was called.
        Called = "called",
        /// Another time.
        Schedule = "schedule",
        /// The number is withheld, or is not.
        Withheld = "withheld",
        /// Another country, or one that is not known.
        Country = "country",
        /// Another state, city or postal code.
        Region = "region",
        /// Another beginning of the number.
        Prefix = "prefix",
        /// Not among the numbers and lists.
        Number = "number",
        /// Not vouched for so far.
        Attestation = "attestation",
        /// Not among that part of the callers.
        Share = "share",
    }
}

impl Mismatch {
    /// What it means, for people.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Channel => "another channel",
            Self::Called => "another number was called",
            Self::Schedule => "not at this time",
            Self::Withheld => "whether the number is withheld",
            Self::Country => "another country, or none is known",
            Self::Region => "another state, city or postal code",
            Self::Prefix => "the number begins differently",
            Self::Number => "the number is not among those named",
            Self::Attestation => "the caller's carrier does not vouch for it so far",
            Self::Share => "the caller is not in this part of all callers",
        }
    }
}

/// A condition, ready to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Channels(ChannelSet),
    Called(Numbers),
    Withheld(bool),
    Countries(Box<[Country]>),
    Region(Box<Region>),
    Prefixes(Box<[String]>),
    Numbers(Numbers),
    Attestation(Attestation),
    Schedule(Box<Timed>),
    Share(Share, u64),
}

/// Where a caller is. What is empty is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) states: Box<[String]>,
    pub(super) cities: Box<[String]>,
    pub(super) postal_codes: Box<[String]>,
}

/// Some phone numbers, as their digits: a list may have many, and each call looks for its own once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbers(HashSet<u64, BuildHasherDefault<Spread>>);

impl Numbers {
    pub(super) fn of(numbers: &[PhoneNumber]) -> Self {
        Self(numbers.iter().map(PhoneNumber::digits).collect())
    }

    fn contains(&self, digits: u64) -> bool {
        self.0.contains(&digits)
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        other.0.is_subset(&self.0)
    }
}

/// Spreads digits. Who fills a list is its owner, so nobody gains by choosing numbers that meet.
#[derive(Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64((*byte).into());
        }
    }

    fn write_u64(&mut self, digits: u64) {
        self.0 = mixed(self.0, digits);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Conditions that must all hold, the cheap ones first. Only those that are given take room and time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conditions(Box<[Condition]>);

/// A schedule, and which of the plan's zones its clocks are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Timed {
    pub(super) schedule: Schedule,
    pub(super) zone: usize,
}

/// Some of the channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChannelSet(u8);

impl ChannelSet {
    pub(super) fn of(channels: &[Channel]) -> Self {
        Self(channels.iter().fold(0, |bits, channel| bits | Self::bit(*channel)))
    }

    pub(super) const fn contains(self, channel: Channel) -> bool {
        self.0 & Self::bit(channel) != 0
    }

    /// Whether all of the other are in this one.
    pub(super) const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    const fn bit(channel: Channel) -> u8 {
        1 << channel as u8
    }
}

/// Zones that one plan may name.
pub(super) const MOST_ZONES: usize = 16;

/// What rules are asked about, with what is looked up once for all of them.
pub(super) struct Occasion<'a> {
    situation: &'a Situation<'a>,
    sticky: u64,
    called: u64,
    /// The caller's number, and its digits.
    caller: Option<(PhoneNumber, u64)>,
    zones: &'a [Zone],
    /// What the clocks of each zone show, once it was asked for.
    shown: [Option<WallClock>; MOST_ZONES],
}

impl<'a> Occasion<'a> {
    pub(super) fn new(zones: &'a [Zone], situation: &'a Situation<'a>, sticky: u64) -> Self {
        let caller = situation.caller.address.phone_number();
        Self {
            situation,
            sticky,
            called: situation.called.digits(),
            caller: caller.map(|number| (number, number.digits())),
            zones,
            shown: [None; MOST_ZONES],
        }
    }

    pub(super) fn is_open(&mut self, timed: &Timed) -> bool {
        let at = self.situation.at;
        let slot = &mut self.shown[timed.zone % MOST_ZONES];
        let shown = *slot.get_or_insert_with(|| self.zones[timed.zone].wall_clock(at));
        timed.schedule.is_open(shown)
    }
}

impl Conditions {
    pub(super) fn new(conditions: Vec<Condition>) -> Self {
        Self(conditions.into_boxed_slice())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Condition> {
        self.0.iter()
    }

    /// The schedule, if one is given.
    pub(super) fn schedule(&self) -> Option<&Timed> {
        self.iter().find_map(|condition| match condition {
            Condition::Schedule(timed) => Some(&**timed),
            _ => None,
        })
    }

    /// Whether all of them hold; if not, the first one that does not.
    pub(super) fn check(&self, occasion: &mut Occasion<'_>) -> Result<(), Mismatch> {
        self.0.iter().try_for_each(|condition| {
            if condition.holds(occasion) { Ok(()) } else { Err(condition.mismatch()) }
        })
    }
}

impl Condition {
    fn holds(&self, occasion: &mut Occasion<'_>) -> bool {
        let situation = occasion.situation;
        let caller = &situation.caller;
        match self {
            Self::Channels(channels) => channels.contains(situation.channel),
            Self::Called(numbers) => numbers.contains(occasion.called),
            Self::Withheld(withheld) => *withheld == matches!(caller.address, Address::Withheld),
            Self::Countries(countries) => {
                caller.country.is_some_and(|country| countries.contains(&country))
            }
            Self::Region(region) => {
                among(&region.states, caller.state)
                    && among(&region.cities, caller.city)
                    && begins(&region.postal_codes, caller.postal_code)
            }
            Self::Prefixes(prefixes) => occasion.caller.as_ref().is_some_and(|(number, _)| {
                prefixes.iter().any(|prefix| number.starts_with(prefix))
            }),
            Self::Numbers(numbers) => {
                occasion.caller.is_some_and(|(_, digits)| numbers.contains(digits))
            }
            Self::Attestation(least) => caller.attestation.is_some_and(|given| given <= *least),
            Self::Schedule(timed) => occasion.is_open(timed),
            Self::Share(share, salt) => {
                mixed(occasion.sticky, *salt) % 10_000 < u64::from(share.hundredths())
            }
        }
    }

    const fn mismatch(&self) -> Mismatch {
        match self {
            Self::Channels(_) => Mismatch::Channel,
            Self::Called(_) => Mismatch::Called,
            Self::Withheld(_) => Mismatch::Withheld,
            Self::Countries(_) => Mismatch::Country,
            Self::Region(_) => Mismatch::Region,
            Self::Prefixes(_) => Mismatch::Prefix,
            Self::Numbers(_) => Mismatch::Number,
            Self::Attestation(_) => Mismatch::Attestation,
            Self::Schedule(_) => Mismatch::Schedule,
            Self::Share(..) => Mismatch::Share,
        }
    }
}

fn among(known: &[String], text: &str) -> bool {
    known.is_empty() || known.iter().any(|known| known.eq_ignore_ascii_case(text))
}

fn begins(known: &[String], text: &str) -> bool {
    known.is_empty() || known.iter().any(|known| text.starts_with(known.as_str()))
}
