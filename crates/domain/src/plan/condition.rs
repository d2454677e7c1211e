//! Evaluates the conditions of a rule.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use super::audience::{Attestation, Country, Share};
use super::caller::Situation;
use super::schedule::Schedule;
use super::sticky::mixed;
use super::zone::{WallClock, Zone};
use crate::address::{Address, Channel};
use crate::contact_number::contact_number;
use crate::phone_number::PhoneNumber;
use crate::string_enum;

string_enum! {
    /// The first condition of a rule that does not hold.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Mismatch {
        /// Another channel.
        Channel = "channel",
        /// Another number was called.
        Called = "called",
        /// Outside the schedule.
        Schedule = "schedule",
        /// The withheld status of the caller ID does not match.
        Withheld = "withheld",
        /// Another or unknown country.
        Country = "country",
        /// Another state, city or postal code.
        Region = "region",
        /// Another prefix of the number.
        Prefix = "prefix",
        /// Not one of the numbers and in none of the lists.
        Number = "number",
        /// An attestation that is too low or missing.
        Attestation = "attestation",
        /// Outside the share of callers.
        Share = "share",
        /// The rule names an agent, calendar or list that cannot be read, and is skipped.
        Unusable = "unusable",
    }
}

impl Mismatch {
    /// The reason as text for people.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Channel => "another channel",
            Self::Called => "another number was called",
            Self::Schedule => "outside the schedule",
            Self::Withheld => "the withheld status of the caller ID does not match",
            Self::Country => "another or unknown country",
            Self::Region => "another state, city or postal code",
            Self::Prefix => "another prefix",
            Self::Number => "the number is not listed",
            Self::Attestation => "the attestation is too low or missing",
            Self::Share => "outside the share of callers",
            Self::Unusable => "it names what cannot be read, so it is skipped",
        }
    }
}

/// A compiled condition.
#[derive(Clone, PartialEq, Eq)]
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

/// Shows no values, which include phone numbers and their beginnings.
impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condition").field("kind", &self.mismatch()).finish_non_exhaustive()
    }
}

/// The location of a caller. An empty list matches every location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) states: Box<[String]>,
    pub(super) cities: Box<[String]>,
    pub(super) postal_codes: Box<[String]>,
}

/// A set of phone numbers, as their digits.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Numbers(HashSet<u64, BuildHasherDefault<Spread>>);

impl Numbers {
    pub(super) fn of(numbers: &[PhoneNumber]) -> Self {
        Self(numbers.iter().map(PhoneNumber::digits).collect())
    }

    /// The numbers of contacts, however a channel spells them.
    pub(super) fn of_contacts(numbers: &[PhoneNumber]) -> Self {
        Self(numbers.iter().map(|number| contact_number(*number).digits()).collect())
    }

    fn contains(&self, digits: u64) -> bool {
        self.0.contains(&digits)
    }

    /// Whether this set has all numbers of the other. A list without numbers yet is within none: it will have some.
    pub(super) fn covers(&self, other: &Self) -> bool {
        !other.0.is_empty() && other.0.is_subset(&self.0)
    }

    /// Whether every number begins with one of the prefixes.
    pub(super) fn all_begin_with(&self, prefixes: &[String]) -> bool {
        let begins = |digits: &u64| {
            let number = format!("+{digits:x}");
            prefixes.iter().any(|prefix| number.starts_with(prefix))
        };
        !self.0.is_empty() && self.0.iter().all(begins)
    }
}

/// A fast hasher of digits. It is not keyed: a list is filled by its owner, who gains nothing from collisions.
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

/// A set of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChannelSet(u8);

impl ChannelSet {
    pub(super) fn of(channels: &[Channel]) -> Self {
        Self(channels.iter().fold(0, |bits, channel| bits | Self::bit(*channel)))
    }

    pub(super) const fn contains(self, channel: Channel) -> bool {
        self.0 & Self::bit(channel) != 0
    }

    /// Whether this set contains all channels of the other.
    pub(super) const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    const fn bit(channel: Channel) -> u8 {
        1 << channel as u8
    }
}

/// Time zones that one plan may use.
pub(super) const MAX_ZONES: usize = 16;

/// A situation, with values that are computed once for all rules.
pub(super) struct Evaluation<'a> {
    situation: &'a Situation<'a>,
    sticky: u64,
    /// The digits of the called number; `None` if another sender was written to.
    called: Option<u64>,
    /// The caller's number, and the digits of the contact that has it.
    caller: Option<(PhoneNumber, u64)>,
    zones: &'a [Zone],
    /// The local time of each zone, computed when first needed.
    shown: [Option<WallClock>; MAX_ZONES],
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(zones: &'a [Zone], situation: &'a Situation<'a>, sticky: u64) -> Self {
        let caller = situation.caller.address.phone_number();
        Self {
            situation,
            sticky,
            called: situation.called.phone_number().map(|number| number.digits()),
            caller: caller.map(|number| (number, contact_number(number).digits())),
            zones,
            shown: [None; MAX_ZONES],
        }
    }

    pub(super) fn is_open(&mut self, timed: &Timed) -> bool {
        let at = self.situation.at;
        let slot = &mut self.shown[timed.zone % MAX_ZONES];
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

    /// The schedule, if there is one.
    pub(super) fn schedule(&self) -> Option<&Timed> {
        self.iter().find_map(|condition| match condition {
            Condition::Schedule(timed) => Some(&**timed),
            _ => None,
        })
    }

    /// `Ok` if all conditions hold; otherwise the first one that does not.
    pub(super) fn check(&self, evaluation: &mut Evaluation<'_>) -> Result<(), Mismatch> {
        self.0.iter().try_for_each(|condition| {
            if condition.holds(evaluation) { Ok(()) } else { Err(condition.mismatch()) }
        })
    }
}

impl Condition {
    fn holds(&self, evaluation: &mut Evaluation<'_>) -> bool {
        let situation = evaluation.situation;
        let caller = &situation.caller;
        match self {
            Self::Channels(channels) => channels.contains(situation.channel),
            Self::Called(numbers) => {
                evaluation.called.is_some_and(|digits| numbers.contains(digits))
            }
            Self::Withheld(withheld) => *withheld == matches!(caller.address, Address::Withheld),
            Self::Countries(countries) => {
                caller.country.is_some_and(|country| countries.contains(&country))
            }
            Self::Region(region) => {
                among(&region.states, caller.state)
                    && among(&region.cities, caller.city)
                    && begins(&region.postal_codes, caller.postal_code)
            }
            Self::Prefixes(prefixes) => evaluation.caller.as_ref().is_some_and(|(number, _)| {
                let contact = contact_number(*number);
                let begins =
                    |prefix: &String| number.starts_with(prefix) || contact.starts_with(prefix);
                prefixes.iter().any(begins)
            }),
            Self::Numbers(numbers) => {
                evaluation.caller.is_some_and(|(_, digits)| numbers.contains(digits))
            }
            Self::Attestation(least) => {
                situation.channel == Channel::Voice
                    && caller.attestation.is_some_and(|given| given <= *least)
            }
            Self::Schedule(timed) => evaluation.is_open(timed),
            Self::Share(share, salt) => {
                mixed(evaluation.sticky, *salt) % 10_000 < u64::from(share.hundredths())
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
