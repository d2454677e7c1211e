//! Parses situations of the page: `CHANNEL from CALLER (facts about the caller) at DATE TIME; further assumptions`.

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use switchboard_domain::address::{Address, Channel};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{
    AgentLoad, Attestation, Availability, Caller, Country, PlanAgent, Situation,
};
use switchboard_domain::sid::{CallSid, EventSid};
use switchboard_domain::time::Timestamp;

use super::fixture::Fixture;

/// The called number if the page does not give one.
const CALLED: &str = "+14155550100";

/// A situation of the page.
pub(super) struct GivenSituation {
    channel: Channel,
    address: Address,
    country: Option<Country>,
    state: String,
    city: String,
    postal_code: String,
    attestation: Option<Attestation>,
    at: Timestamp,
    called: PhoneNumber,
    /// The load of agents.
    agent_load: Vec<(AgentId, AgentLoad)>,
    /// The agent that the decision service chooses.
    pub(super) chosen: Option<AgentId>,
}

impl GivenSituation {
    /// Parses a situation; its time is local time of `zone`.
    pub(super) fn parse(text: &str, fixture: Option<&Fixture>, zone: &str) -> Self {
        let mut parts = text.split("; ");
        let (who, at) = parts.next().unwrap().rsplit_once(" at ").unwrap();
        let (channel, caller) = who.split_once(" from ").unwrap();
        let (caller, known) = caller.split_once(" (").unwrap_or((caller, ")"));
        let mut given = Self {
            channel: Channel::parse(channel.replace("call", "voice").as_str()).unwrap(),
            address: address(caller, channel),
            country: None,
            state: String::new(),
            city: String::new(),
            postal_code: String::new(),
            attestation: None,
            at: instant(at, zone),
            called: PhoneNumber::parse(CALLED).unwrap(),
            agent_load: Vec::new(),
            chosen: None,
        };
        let known = known.strip_suffix(')').unwrap();
        known.split(", ").filter(|fact| !fact.is_empty()).for_each(|fact| given.add_fact(fact));
        parts.for_each(|part| given.assume(part, fixture));
        given
    }

    /// Adds a fact about the caller.
    fn add_fact(&mut self, fact: &str) {
        let (kind, value) = fact.rsplit_once(' ').unwrap();
        match kind {
            "country" => self.country = Some(Country::parse(value).unwrap()),
            "state" => value.clone_into(&mut self.state),
            "city" => value.clone_into(&mut self.city),
            "postal code" => value.clone_into(&mut self.postal_code),
            "attestation" => self.attestation = Some(Attestation::parse(value).unwrap()),
            other => panic!("unknown fact {other:?}"),
        }
    }

    /// Adds an assumption about the called number or an agent.
    fn assume(&mut self, part: &str, fixture: Option<&Fixture>) {
        if let Some(number) = part.strip_prefix("to ") {
            self.called = PhoneNumber::parse_typed(number).unwrap();
            return;
        }
        let Some(fixture) = fixture else { return };
        if let Some(name) = part.strip_prefix("the service chooses ") {
            self.chosen = Some(fixture.id(name).clone());
        } else if let Some(name) = part.strip_suffix(" is down") {
            self.agent_load.push((fixture.id(name).clone(), AgentLoad { calls: 0, is_down: true }));
        } else {
            let (name, calls) = part.split_once(" has ").unwrap();
            let calls = calls.split_once(' ').unwrap().0.parse().unwrap();
            self.agent_load.push((fixture.id(name).clone(), AgentLoad { calls, is_down: false }));
        }
    }

    /// The situation to decide.
    pub(super) fn situation(&self) -> Situation<'_> {
        Situation {
            channel: self.channel,
            called: self.called.into(),
            caller: Caller {
                address: &self.address,
                country: self.country,
                state: &self.state,
                city: &self.city,
                postal_code: &self.postal_code,
                attestation: self.attestation,
            },
            event: EventSid::Call(CallSid::parse("CA0123456789abcdef0123456789abcdef").unwrap()),
            at: self.at,
        }
    }
}

impl Availability for GivenSituation {
    fn agent_load(&self, _place: usize, agent: &PlanAgent) -> AgentLoad {
        let known = self.agent_load.iter().find(|(id, _)| *id == agent.id);
        known.map(|(_, agent_load)| *agent_load).unwrap_or_default()
    }
}

fn address(caller: &str, channel: &str) -> Address {
    if caller == "a withheld number" {
        return Address::Withheld;
    }
    let number = PhoneNumber::parse_typed(caller).unwrap();
    let prefix = if channel == "whatsapp" { "whatsapp:" } else { "" };
    Address::parse(&format!("{prefix}{}", number.as_str())).unwrap()
}

fn time_zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

/// The instant of a local time: the earlier of two.
fn instant(text: &str, zone: &str) -> Timestamp {
    let shown: DateTime = text.replace(' ', "T").parse().unwrap();
    let instant = time_zone(zone).to_ambiguous_timestamp(shown).earlier().unwrap();
    Timestamp::from_seconds(instant.as_second())
}

/// The local time of an instant.
pub(super) fn shown(at: Timestamp, zone: &str) -> String {
    let shown = jiff::Timestamp::from_second(at.seconds()).unwrap();
    time_zone(zone).to_datetime(shown).strftime("%Y-%m-%d %H:%M").to_string()
}
