//! A week as a grid of letters, as JSON, and as a drawing.

use std::fmt;

use serde::Serialize;
use switchboard_admin::objects::{DestinationObject, RANDOM, RuleObject};
use switchboard_application_management::routing_plans::{Cell, Split, Supposed, Week};
use switchboard_domain::counted::counted;

use super::draft::TriedPlan;
use super::drawing::{Drawing, Run};
use crate::command_line::view::instant;

/// The letters of destinations, in the order of appearance.
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// The letter of all further destinations.
const MORE: char = '#';
/// A half hour that clocks skip.
const SKIPPED: char = '-';
/// A half hour that clocks repeat, with different destinations.
const TWICE: char = '*';

/// A week, and how rules split callers.
#[derive(Debug, Serialize)]
pub(super) struct GridView {
    plan: String,
    time_zone: String,
    channel: &'static str,
    from: String,
    to: String,
    /// Whether each call of this caller is decided at random, because its number is withheld.
    random: bool,
    destinations: Vec<LegendView>,
    days: Vec<DayView>,
    splits: Vec<SplitView>,
}

#[derive(Debug, Serialize)]
struct LegendView {
    letter: char,
    #[serde(flatten)]
    destination: DestinationObject,
}

#[derive(Debug, Serialize)]
struct DayView {
    date: String,
    weekday: &'static str,
    half_hours: Vec<CellView>,
}

#[derive(Debug, Serialize)]
struct CellView {
    begins: String,
    /// Empty where clocks skip the half hour, two where they repeat it.
    outcomes: Vec<OutcomeView>,
}

#[derive(Debug, Serialize)]
struct OutcomeView {
    at: String,
    rule: Option<RuleObject>,
    /// The index of the destination.
    destination: usize,
}

#[derive(Debug, Serialize)]
struct SplitView {
    rule: Option<RuleObject>,
    at: String,
    callers: u32,
    parts: Vec<PartView>,
}

#[derive(Debug, Serialize)]
struct PartView {
    #[serde(flatten)]
    destination: DestinationObject,
    weight: u32,
    callers: u32,
}

impl GridView {
    pub(super) fn of(
        tried: &TriedPlan,
        supposed: &Supposed,
        week: &Week,
        splits: &[Split],
    ) -> Self {
        let plan = &tried.draft.plan;
        let name = |rule| plan.rule_name(rule).map(ToOwned::to_owned);
        let rule = |rule: Option<usize>| rule.map(|rule| RuleObject::of(rule, name(rule)));
        let cell = |cell: &Cell| CellView {
            begins: cell.begins.to_string(),
            outcomes: cell
                .outcomes
                .iter()
                .map(|(at, by, destination)| OutcomeView {
                    at: instant(*at),
                    rule: rule(*by),
                    destination: *destination,
                })
                .collect(),
        };
        let letters = LETTERS.chars().chain(std::iter::repeat(MORE));
        Self {
            plan: tried.name.clone(),
            time_zone: tried.draft.zone.as_str().to_owned(),
            channel: supposed.channel.as_str(),
            from: supposed.from.to_text(),
            to: supposed.called.as_str().to_owned(),
            random: week.is_random,
            destinations: week
                .destinations
                .iter()
                .zip(letters)
                .map(|(destination, letter)| LegendView {
                    letter,
                    destination: DestinationObject::of(destination),
                })
                .collect(),
            days: week
                .days
                .iter()
                .map(|day| DayView {
                    date: day.date.to_string(),
                    weekday: day.weekday,
                    half_hours: day.cells.iter().map(cell).collect(),
                })
                .collect(),
            splits: splits
                .iter()
                .map(|split| SplitView {
                    rule: rule(split.rule),
                    at: instant(split.at),
                    callers: split.callers,
                    parts: split
                        .parts
                        .iter()
                        .map(|part| PartView {
                            destination: DestinationObject::of(&part.destination),
                            weight: part.weight,
                            callers: part.callers,
                        })
                        .collect(),
                })
                .collect(),
        }
    }

    /// The same as an SVG.
    pub(super) fn drawing(&self) -> String {
        let legend = self
            .destinations
            .iter()
            .map(|destination| (destination.letter, destination.destination.short()));
        let drawing = Drawing {
            title: format!("{}: who answers", self.plan),
            subtitle: format!("{}, {} time", self.supposed(), self.time_zone),
            legend: legend.collect(),
            rows: self.days.iter().map(|day| (day.label(), day.runs())).collect(),
        };
        drawing.to_string()
    }

    fn supposed(&self) -> String {
        let what = if self.channel == "voice" { "call" } else { self.channel };
        format!("{what} from {} to {}", self.from, self.to)
    }

    fn letter(&self, cell: &CellView) -> char {
        let letter = |outcome: &OutcomeView| {
            self.destinations.get(outcome.destination).map(|destination| destination.letter)
        };
        match cell.outcomes.as_slice() {
            [] => SKIPPED,
            [first, second] if first.destination != second.destination => TWICE,
            [first, ..] => letter(first).unwrap_or(MORE),
        }
    }

    fn has(&self, letter: char) -> bool {
        let mut cells = self.days.iter().flat_map(|day| &day.half_hours);
        cells.any(|cell| self.letter(cell) == letter)
    }
}

impl DayView {
    fn label(&self) -> String {
        format!("{} {}", self.weekday, self.date)
    }

    /// Half hours that the same takes, one after the other.
    fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for cell in &self.half_hours {
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
}

impl fmt::Display for GridView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "plan {}, {} time: {}\n", self.plan, self.time_zone, self.supposed())?;
        let hours: Vec<String> = (0..24).step_by(2).map(|hour| format!("{hour:02}")).collect();
        writeln!(f, "{:14}  {}", "", hours.join("  "))?;
        for day in &self.days {
            let letters: String = day.half_hours.iter().map(|cell| self.letter(cell)).collect();
            writeln!(f, "{}  {letters}", day.label())?;
        }
        for LegendView { letter, destination } in &self.destinations {
            write!(f, "\n{letter}  {destination}")?;
        }
        if self.has(SKIPPED) {
            write!(f, "\n{SKIPPED}  skipped by the clock")?;
        }
        if self.has(TWICE) {
            write!(f, "\n{TWICE}  repeated by the clock, with different destinations")?;
        }
        if self.random {
            write!(f, "\n\n{RANDOM}")?;
        }
        self.splits.iter().try_for_each(|split| write!(f, "\n\n{split}"))
    }
}

impl fmt::Display for SplitView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, at, callers, parts } = self;
        write!(
            f,
            "{} splits {} by weight (at {at}):",
            RuleObject::named(rule.as_ref()),
            counted(*callers, "caller")
        )?;
        parts.iter().try_for_each(|part| {
            let percent = 100.0 * f64::from(part.callers) / f64::from(*callers);
            let PartView { destination, weight, callers } = part;
            write!(f, "\n  {percent:5.1} %  {callers:6}  {}, weight {weight}", destination.short())
        })
    }
}
