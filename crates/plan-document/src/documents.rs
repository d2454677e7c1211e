//! Reads and writes the kinds of documents.

use switchboard_domain::phone_number;
use switchboard_domain::plan::{
    DateRange, HoursDocument, PlanDocument, PlanProblem, PlanSpec, Pointer, ProblemKind, Readable,
    ScheduleSpec,
};
use switchboard_domain::ports::{MaterialCodec, PlanCodec};

use crate::grammar::{Dates, Grammar, PhoneNumber, Plan, Schedule, dates, number};
use crate::problems::{Node, Problems};
use crate::tree::Tree;
use crate::{lines, syntax};

/// Size limit of a document, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// How often a document is read to find what can be read of it. Each time, up to a hundred values are left out.
const ROUNDS: usize = 16;

/// Reads and writes plans, hours, calendars and number lists. Plans and hours are JSON if they begin with `{`, and TOML
/// otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlanDocuments;

impl PlanCodec for PlanDocuments {
    fn encode(&self, plan: &PlanSpec) -> Result<PlanDocument, Vec<PlanProblem>> {
        json(&Plan::write(plan)).map(PlanDocument::from)
    }

    fn plan(&self, document: &PlanDocument) -> Result<PlanSpec, Vec<PlanProblem>> {
        read_table::<Plan>(document)
    }

    fn hours(&self, document: &HoursDocument) -> Result<ScheduleSpec, Vec<PlanProblem>> {
        read_table::<Schedule>(document)
    }

    fn readable_plan(&self, document: &PlanDocument) -> Option<Readable<PlanSpec>> {
        check_size(document).ok()?;
        readable::<Plan>(syntax::table(document).ok()?)
    }

    fn readable_hours(&self, document: &HoursDocument) -> Option<Readable<ScheduleSpec>> {
        check_size(document).ok()?;
        readable::<Schedule>(syntax::table(document).ok()?)
    }
}

impl PlanDocuments {
    /// The same plan as JSON in its canonical form, which is what gets stored: keys in the order of the grammar, defaults
    /// left out, numbers in E.164.
    pub fn canonical(&self, document: &str) -> Result<PlanDocument, Vec<PlanProblem>> {
        self.encode(&read_table::<Plan>(document)?)
    }

    /// The same plan as TOML, for editing: keys in the order of the grammar, defaults left out.
    pub fn toml(&self, document: &str) -> Result<String, Vec<PlanProblem>> {
        toml::to_string_pretty(&Plan::write(&read_table::<Plan>(document)?))
            .map_err(|error| vec![syntax::unreadable(format!("cannot be written: {error}"))])
    }

    /// The same hours as JSON in their canonical form.
    pub fn canonical_hours(&self, document: &str) -> Result<HoursDocument, Vec<PlanProblem>> {
        json(&Schedule::write(&read_table::<Schedule>(document)?)).map(HoursDocument::from)
    }
}

/// Calendars are dates and ranges as in plans, or `2026-12-24..2027-01-01` in a line; numbers are as people type them. Text
/// after a `#` in a line is a comment.
impl MaterialCodec for PlanDocuments {
    fn calendar(&self, document: &str) -> Result<Vec<DateRange>, Vec<PlanProblem>> {
        check_size(document)?;
        if is_array(document) {
            return read::<Vec<Dates>>(&syntax::json(document)?);
        }
        lines::entries(document, dates)
    }

    fn numbers(&self, document: &str) -> Result<Vec<phone_number::PhoneNumber>, Vec<PlanProblem>> {
        check_size(document)?;
        if is_array(document) {
            return read::<Vec<PhoneNumber>>(&syntax::json(document)?);
        }
        lines::entries(document, number)
    }
}

fn check_size(document: &str) -> Result<(), Vec<PlanProblem>> {
    if document.len() <= MAX_BYTES {
        return Ok(());
    }
    let kind = ProblemKind::TooMany { most: MAX_BYTES, what: "bytes" };
    Err(vec![PlanProblem { at: Pointer::root(), kind }])
}

fn read_table<G: Grammar>(document: &str) -> Result<G::Value, Vec<PlanProblem>> {
    check_size(document)?;
    read::<G>(&syntax::table(document)?)
}

fn is_array(document: &str) -> bool {
    syntax::without_byte_order_mark(document).trim_start().starts_with('[')
}

fn read<G: Grammar>(tree: &Tree) -> Result<G::Value, Vec<PlanProblem>> {
    let mut problems = Problems::default();
    match G::read(&Node { tree, at: Pointer::root() }, &mut problems) {
        Ok(value) => problems.finish(value),
        Err(reported) => Err(problems.refused(reported)),
    }
}

/// Reads a document after leaving out each value that cannot be read. An object that lacks a key, or has too many, is
/// such a value.
fn readable<G: Grammar>(mut tree: Tree) -> Option<Readable<G::Value>> {
    let mut left_out = Vec::new();
    for _ in 0..ROUNDS {
        let problems = match read::<G>(&tree) {
            Ok(value) => return Some(Readable { value, left_out }),
            Err(problems) => problems,
        };
        for PlanProblem { at, .. } in problems {
            if at.parent().is_some() && tree.leave_out(&at.keys()) {
                left_out.push(at);
            }
        }
        if tree == Tree::LeftOut {
            return None;
        }
    }
    None
}

/// Writes a document, which must not be larger than one that is read: the written form has more spaces than the given one.
fn json(tree: &Tree) -> Result<String, Vec<PlanProblem>> {
    let written = serde_json::to_string_pretty(tree)
        .map_err(|error| vec![syntax::unreadable(format!("cannot be written: {error}"))])?;
    check_size(&written)?;
    Ok(written)
}
