//! A week as a grid of letters, as JSON, and as a drawing.

use std::fmt;

use serde::Serialize;
use switchboard_admin::objects::{
    HalfHourObject, HalfHourOutcomeObject, RANDOM, RuleObject, SplitObject, SplitPartObject,
    WeekDayObject, WeekDestinationObject, WeekObject,
};
use switchboard_domain::counted::counted;

use super::drawing::{Drawing, Run};

/// The letter of destinations that have no letter of their own.
const MORE: char = '#';
/// A half hour that clocks skip.
const SKIPPED: char = '-';
/// A half hour that clocks repeat, with different destinations.
const TWICE: char = '*';

/// A week, and how rules split callers.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct GridView(pub(super) WeekObject);

impl GridView {
    /// The same as an SVG.
    pub(super) fn drawing(&self) -> String {
        let WeekObject { plan, time_zone, destinations, days, .. } = &self.0;
        let legend = destinations
            .iter()
            .map(|destination| (destination.letter, destination.destination.short()));
        let drawing = Drawing {
            title: format!("{plan}: who answers"),
            subtitle: format!("{}, {time_zone} time", self.supposed()),
            legend: legend.collect(),
            rows: days.iter().map(|day| (label(day), runs(day))).collect(),
        };
        drawing.to_string()
    }

    fn supposed(&self) -> String {
        let WeekObject { channel, from, to, .. } = &self.0;
        let what = if *channel == "voice" { "call" } else { channel };
        format!("{what} from {from} to {to}")
    }

    fn letter(&self, cell: &HalfHourObject) -> char {
        let letter = |outcome: &HalfHourOutcomeObject| {
            self.0.destinations.get(outcome.destination).map(|destination| destination.letter)
        };
        match cell.outcomes.as_slice() {
            [] => SKIPPED,
            [first, second] if first.destination != second.destination => TWICE,
            [first, ..] => letter(first).unwrap_or(MORE),
        }
    }

    fn has(&self, letter: char) -> bool {
        let mut cells = self.0.days.iter().flat_map(|day| &day.half_hours);
        cells.any(|cell| self.letter(cell) == letter)
    }
}

fn label(day: &WeekDayObject) -> String {
    format!("{} {}", day.weekday, day.date)
}

/// Half hours that the same takes, one after the other.
fn runs(day: &WeekDayObject) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for cell in &day.half_hours {
        let mut destinations: Vec<usize> =
            cell.outcomes.iter().map(|outcome| outcome.destination).collect();
        destinations.dedup();
        match runs.last_mut() {
            Some(run) if run.destinations == destinations => run.length += 1,
            _ => runs.push(Run { destinations, length: 1 }),
        }
    }
    runs
}

impl fmt::Display for GridView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WeekObject { plan, time_zone, destinations, days, splits, random, .. } = &self.0;
        writeln!(f, "plan {plan}, {time_zone} time: {}\n", self.supposed())?;
        let hours: Vec<String> = (0..24).step_by(2).map(|hour| format!("{hour:02}")).collect();
        writeln!(f, "{:14}  {}", "", hours.join("  "))?;
        for day in days {
            let letters: String = day.half_hours.iter().map(|cell| self.letter(cell)).collect();
            writeln!(f, "{}  {letters}", label(day))?;
        }
        for WeekDestinationObject { letter, destination } in destinations {
            write!(f, "\n{letter}  {destination}")?;
        }
        if self.has(SKIPPED) {
            write!(f, "\n{SKIPPED}  skipped by the clock")?;
        }
        if self.has(TWICE) {
            write!(f, "\n{TWICE}  repeated by the clock, with different destinations")?;
        }
        if *random {
            write!(f, "\n\n{RANDOM}")?;
        }
        splits.iter().try_for_each(|split| write_split(f, split))
    }
}

fn write_split(f: &mut fmt::Formatter<'_>, split: &SplitObject) -> fmt::Result {
    let SplitObject { rule, at, callers, parts } = split;
    write!(
        f,
        "\n\n{} splits {} by weight (at {at}):",
        RuleObject::named(rule.as_ref()),
        counted(*callers, "caller")
    )?;
    parts.iter().try_for_each(|part| {
        let percent = 100.0 * f64::from(part.callers) / f64::from(*callers);
        let SplitPartObject { destination, weight, callers } = part;
        write!(f, "\n  {percent:5.1} %  {callers:6}  {}, weight {weight}", destination.short())
    })
}
