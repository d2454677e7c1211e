//! The documents that there are, and what becomes of them.

use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{
    DateRange, PlanProblem, PlanSpec, Pointer, ProblemKind, ScheduleSpec,
};
use switchboard_domain::ports::PlanReader;

use crate::reading::{self, Place, Read, Reading};
use crate::tree::Tree;
use crate::{lines, shape, syntax};

/// Largest document that is read, in bytes.
pub const MOST_BYTES: usize = 1024 * 1024;

/// Reads plans, hours, calendars and lists of numbers from text. Plans and hours are JSON if they begin with `{`, TOML
/// otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlanDocuments;

impl PlanReader for PlanDocuments {
    fn plan(&self, document: &str) -> Result<PlanSpec, Vec<PlanProblem>> {
        check_size(document)?;
        read(&syntax::table(document)?, reading::plan)
    }

    fn hours(&self, document: &str) -> Result<ScheduleSpec, Vec<PlanProblem>> {
        check_size(document)?;
        read(&syntax::table(document)?, reading::schedule)
    }
}

impl PlanDocuments {
    /// The same plan as JSON in its one form, which is what is worth keeping: keys in the order of the schema, nothing that
    /// goes without saying, numbers in E.164.
    pub fn canonical(&self, document: &str) -> Result<String, Vec<PlanProblem>> {
        written(&shape::Plan::from(&self.plan(document)?))
    }

    /// The same plan as TOML, to be edited: keys in the order of the schema, nothing that goes without saying.
    pub fn toml(&self, document: &str) -> Result<String, Vec<PlanProblem>> {
        toml::to_string_pretty(&shape::Plan::from(&self.plan(document)?))
            .map_err(|error| vec![syntax::unreadable(format!("cannot be written: {error}"))])
    }

    /// The same hours as JSON in their one form.
    pub fn canonical_hours(&self, document: &str) -> Result<String, Vec<PlanProblem>> {
        written(&shape::Schedule::from(&self.hours(document)?))
    }

    /// Reads a calendar: a JSON array of days and ranges as plans have them, or a day or range (`2026-12-24..2027-01-01`)
    /// a line, with comments behind `#`.
    pub fn calendar(&self, document: &str) -> Result<Vec<DateRange>, Vec<PlanProblem>> {
        check_size(document)?;
        if is_array(document) {
            return read(&syntax::json(document)?, |place, reading| {
                reading::list(place, reading, reading::dates)
            });
        }
        lines::entries(document, reading::dates_in)
    }

    /// Reads a list of numbers: a JSON array, or a number a line as people type them, with comments behind `#`.
    pub fn numbers(&self, document: &str) -> Result<Vec<PhoneNumber>, Vec<PlanProblem>> {
        check_size(document)?;
        if is_array(document) {
            return read(&syntax::json(document)?, |place, reading| {
                reading::list(place, reading, reading::phone_number)
            });
        }
        lines::entries(document, reading::phone_number_in)
    }
}

fn check_size(document: &str) -> Result<(), Vec<PlanProblem>> {
    if document.len() <= MOST_BYTES {
        return Ok(());
    }
    let kind = ProblemKind::TooMany { most: MOST_BYTES, what: "bytes" };
    Err(vec![PlanProblem { at: Pointer::root(), kind }])
}

fn is_array(document: &str) -> bool {
    syntax::without_mark(document).trim_start().starts_with('[')
}

fn read<T>(
    tree: &Tree,
    read: impl FnOnce(&Place<'_>, &mut Reading) -> Read<T>,
) -> Result<T, Vec<PlanProblem>> {
    let mut reading = Reading::default();
    match read(&Place { tree, at: Pointer::root() }, &mut reading) {
        Ok(value) => reading.finish(value),
        Err(refused) => Err(reading.refused(refused)),
    }
}

fn written(shape: &impl serde::Serialize) -> Result<String, Vec<PlanProblem>> {
    serde_json::to_string_pretty(shape)
        .map_err(|error| vec![syntax::unreadable(format!("cannot be written: {error}"))])
}
