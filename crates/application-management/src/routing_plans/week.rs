//! Computes the decisions of a plan for each half hour of a week.

use switchboard_domain::address::{Address, Channel};
use switchboard_domain::plan::{
    Availability, CallerFacts, LocalDate, LocalDay, MinuteOfDay, Plan, Situation, Zone,
};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::EventSid;
use switchboard_domain::time::Timestamp;

use super::fallback_chain::{DestinationSummary, decided};

/// A hypothetical call or message at an unspecified time.
#[derive(Clone, Debug)]
pub struct Supposed {
    /// The channel of the call or message.
    pub channel: Channel,
    /// The called number.
    pub called: Sender,
    /// The caller.
    pub from: Address,
    /// The location and the attestation of the caller.
    pub facts: CallerFacts,
    /// The SID, which can influence splits.
    pub event: EventSid,
}

impl Supposed {
    /// The call or message at a given time.
    pub fn at(&self, at: Timestamp) -> Situation<'_> {
        Situation {
            channel: self.channel,
            called: self.called,
            caller: self.facts.caller(&self.from),
            event: self.event,
            at,
        }
    }
}

/// The destinations for each half hour of some days.
#[derive(Clone, Debug)]
pub struct Week {
    /// Whether other calls of the caller can be decided differently, because the number is withheld.
    pub is_random: bool,
    /// All destinations in the order of their appearance.
    pub destinations: Vec<DestinationSummary>,
    /// The days in order.
    pub days: Vec<WeekDay>,
}

/// One day.
#[derive(Clone, Debug)]
pub struct WeekDay {
    /// The date in the time zone of the plan.
    pub date: LocalDate,
    /// The weekday, from `mon` to `sun`.
    pub weekday: &'static str,
    /// The 48 half hours.
    pub cells: Vec<Cell>,
}

/// One half hour.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The local time at its beginning.
    pub begins: MinuteOfDay,
    /// The time, the deciding rule, and the index of the destination in [`Week::destinations`]. There is no entry if a
    /// change of the clocks skips the half hour, and two if it repeats the half hour.
    pub outcomes: Vec<(Timestamp, Option<usize>, usize)>,
}

impl Week {
    /// Decides at the beginning of each half hour of some days in a time zone.
    pub fn of(
        plan: &Plan,
        zone: &Zone,
        supposed: &Supposed,
        first: LocalDate,
        days: u16,
        availability: &dyn Availability,
    ) -> Self {
        let mut destinations: Vec<DestinationSummary> = Vec::new();
        let mut is_random = false;
        let mut outcome = |at: Timestamp| {
            let situation = supposed.at(at);
            let (choice, destination) = decided(plan, &situation, availability);
            is_random |= choice.is_random(&situation);
            let destination = DestinationSummary::of(&destination);
            let known = destinations.iter().position(|known| *known == destination);
            let place = known.unwrap_or_else(|| {
                destinations.push(destination);
                destinations.len() - 1
            });
            (at, choice.rule, place)
        };
        let days = LocalDay::row(zone, first, days).into_iter().map(|day| WeekDay {
            date: day.date,
            weekday: day.weekday,
            cells: day
                .half_hours
                .into_iter()
                .map(|half_hour| Cell {
                    begins: half_hour.begins,
                    outcomes: half_hour.instants.into_iter().map(&mut outcome).collect(),
                })
                .collect(),
        });
        let days = days.collect();
        Self { is_random, destinations, days }
    }

    /// The first time at which a rule decides.
    pub fn first_of(&self, rule: Option<usize>) -> Option<Timestamp> {
        self.outcomes().find(|(_, decided, _)| *decided == rule).map(|(at, ..)| *at)
    }

    /// The first time of the week.
    pub fn begin(&self) -> Option<Timestamp> {
        self.outcomes().next().map(|(at, ..)| *at)
    }

    fn outcomes(&self) -> impl Iterator<Item = &(Timestamp, Option<usize>, usize)> {
        self.days.iter().flat_map(|day| &day.cells).flat_map(|cell| &cell.outcomes)
    }
}
