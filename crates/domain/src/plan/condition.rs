//! Whether a rule matches, and if not, by which of its conditions.

use super::audience::{Attestation, Country, Share};
use super::caller::Situation;
use super::schedule::Schedule;
use super::sticky::mixed;
use super::zone::{WallClock, Zone};
use crate::address::{Address, Channel};
use crate::phone_number::PhoneNumber;

/// The condition that does not hold. The first one is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mismatch {
    /// Another channel.
    Channel,
    /// Another number was called.
    Called,
    /// Another time.
    Schedule,
    /// The number is withheld, or is not.
    Withheld,
    /// Another country, or one that is not known.
    Country,
    /// Another state, city or postal code.
    Region,
    /// Another beginning of the number.
    Prefix,
    /// Not among the numbers and lists.
    Number,
    /// Not vouched for so far.
    Attestation,
    /// Not among that part of the callers.
    Share,
}

impl Mismatch {
    /// The word for it in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Called => "called",
            Self::Schedule => "schedule",
            Self::Withheld => "withheld",
            Self::Country => "country",
            Self::Region => "region",
            Self::Prefix => "prefix",
            Self::Number => "number",
            Self::Attestation => "attestation",
            Self::Share => "share",
        }
    }

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

/// Conditions, ready to be asked. Cheap ones first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conditions {
    pub(super) channels: Option<ChannelSet>,
    pub(super) called: Option<Vec<PhoneNumber>>,
    pub(super) withheld: Option<bool>,
    pub(super) countries: Vec<Country>,
    pub(super) states: Vec<String>,
    pub(super) cities: Vec<String>,
    pub(super) postal_codes: Vec<String>,
    pub(super) prefixes: Vec<String>,
    /// In order; none where neither numbers nor lists are named.
    pub(super) numbers: Option<Vec<PhoneNumber>>,
    pub(super) attestation: Option<Attestation>,
    pub(super) schedule: Option<Timed>,
    pub(super) share: Option<(Share, u64)>,
}

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

/// What clocks show, looked up once a zone.
pub(super) struct Clocks<'a> {
    zones: &'a [Zone],
    shown: [Option<WallClock>; MOST_ZONES],
    situation: &'a Situation<'a>,
}

/// Zones that one plan may name.
pub(super) const MOST_ZONES: usize = 16;

impl<'a> Clocks<'a> {
    pub(super) const fn new(zones: &'a [Zone], situation: &'a Situation<'a>) -> Self {
        Self { zones, shown: [None; MOST_ZONES], situation }
    }

    pub(super) fn is_open(&mut self, timed: &Timed) -> bool {
        let at = self.situation.at;
        let slot = &mut self.shown[timed.zone % MOST_ZONES];
        let shown = *slot.get_or_insert_with(|| self.zones[timed.zone].wall_clock(at));
        timed.schedule.is_open(shown)
    }
}

impl Conditions {
    /// Whether all of them hold; if not, the first one that does not.
    pub(super) fn check(
        &self,
        situation: &Situation<'_>,
        sticky: u64,
        clocks: &mut Clocks<'_>,
    ) -> Result<(), Mismatch> {
        let holds = |holds: bool, mismatch| if holds { Ok(()) } else { Err(mismatch) };
        if let Some(channels) = self.channels {
            holds(channels.contains(situation.channel), Mismatch::Channel)?;
        }
        if let Some(called) = &self.called {
            holds(called.binary_search(&situation.called).is_ok(), Mismatch::Called)?;
        }
        self.check_caller(situation)?;
        if let Some(timed) = &self.schedule {
            holds(clocks.is_open(timed), Mismatch::Schedule)?;
        }
        if let Some((share, salt)) = self.share {
            let part = mixed(sticky, salt) % 10_000;
            holds(part < u64::from(share.hundredths()), Mismatch::Share)?;
        }
        Ok(())
    }

    fn check_caller(&self, situation: &Situation<'_>) -> Result<(), Mismatch> {
        let caller = &situation.caller;
        let number = caller.address.phone_number();
        let among = |known: &[String], text: &str| {
            known.is_empty() || known.iter().any(|known| known.eq_ignore_ascii_case(text))
        };
        let begins = |known: &[String], text: &str| {
            known.is_empty() || known.iter().any(|known| text.starts_with(known.as_str()))
        };
        if let Some(withheld) = self.withheld
            && withheld != matches!(caller.address, Address::Withheld)
        {
            return Err(Mismatch::Withheld);
        }
        let in_country = |country| self.countries.contains(&country);
        if !self.countries.is_empty() && !caller.country.is_some_and(in_country) {
            return Err(Mismatch::Country);
        }
        if !among(&self.states, caller.state)
            || !among(&self.cities, caller.city)
            || !begins(&self.postal_codes, caller.postal_code)
        {
            return Err(Mismatch::Region);
        }
        let text = number.as_ref().map_or("", PhoneNumber::as_str);
        if !begins(&self.prefixes, text) {
            return Err(Mismatch::Prefix);
        }
        if let Some(numbers) = &self.numbers
            && number.is_none_or(|number| numbers.binary_search(&number).is_err())
        {
            return Err(Mismatch::Number);
        }
        match (self.attestation, caller.attestation) {
            (Some(least), given) if given.is_none_or(|given| given > least) => {
                Err(Mismatch::Attestation)
            }
            _ => Ok(()),
        }
    }
}
