//! Who takes it in each half hour of a week.

use switchboard_domain::address::{Address, Channel};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{
    Availability, CallerFacts, LocalDate, LocalDay, MinuteOfDay, Plan, Situation, Zone,
};
use switchboard_domain::time::Timestamp;

use super::fallback_chain::{DestinationSummary, decided};

/// A call or message of which everything but the time is supposed.
#[derive(Clone, Debug)]
pub struct Supposed {
    /// By which channel it comes.
    pub channel: Channel,
    /// Which number is called.
    pub called: PhoneNumber,
    /// Who calls.
    pub from: Address,
    /// Where he is said to be, and how far he is vouched for.
    pub facts: CallerFacts,
    /// The call's or message's SID.
    pub event: String,
}

impl Supposed {
    /// The same at an instant.
    pub fn at(&self, at: Timestamp) -> Situation<'_> {
        Situation {
            channel: self.channel,
            called: self.called,
            caller: self.facts.caller(&self.from),
            event: &self.event,
            at,
        }
    }
}

/// Who takes it in each half hour of some days.
#[derive(Clone, Debug)]
pub struct Week {
    /// Everybody who takes something, in the order of appearance.
    pub destinations: Vec<DestinationSummary>,
    /// The days.
    pub days: Vec<WeekDay>,
}

/// A day of it.
#[derive(Clone, Debug)]
pub struct WeekDay {
    /// Which one.
    pub date: LocalDate,
    /// Its name: `mon` to `sun`.
    pub weekday: &'static str,
    /// Its 48 half hours.
    pub cells: Vec<Cell>,
}

/// A half hour of it.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What clocks show when it begins.
    pub begins: MinuteOfDay,
    /// When that is, the rule that decides then, and who takes it by the place in [`Week::destinations`]: nothing where
    /// clocks skip the half hour, two where they repeat it.
    pub outcomes: Vec<(Timestamp, Option<usize>, usize)>,
}

impl Week {
    /// Asks a plan for the beginning of each half hour of so many days, by the clocks of a zone.
    pub fn of(
        plan: &Plan,
        zone: &Zone,
        supposed: &Supposed,
        first: LocalDate,
        days: u16,
        availability: &dyn Availability,
    ) -> Self {
        let mut destinations: Vec<DestinationSummary> = Vec::new();
        let mut outcome = |at: Timestamp| {
            let (choice, destination) = decided(plan, &supposed.at(at), availability);
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
        Self { destinations, days }
    }

    /// The first instant at which a rule decides.
    pub fn first_of(&self, rule: Option<usize>) -> Option<Timestamp> {
        self.outcomes().find(|(_, decided, _)| *decided == rule).map(|(at, ..)| *at)
    }

    /// The first instant of all.
    pub fn begin(&self) -> Option<Timestamp> {
        self.outcomes().next().map(|(at, ..)| *at)
    }

    fn outcomes(&self) -> impl Iterator<Item = &(Timestamp, Option<usize>, usize)> {
        self.days.iter().flat_map(|day| &day.cells).flat_map(|cell| &cell.outcomes)
    }
}
