//! The stored form of routing plans, and the documents of what they name.

use crate::phone_number::PhoneNumber;
use crate::plan::{
    DateRange, HoursDocument, PlanDocument, PlanProblem, PlanSpec, Readable, ScheduleSpec,
};

/// Encodes and decodes the stored documents of routing plans and of agents' hours. Encoding and then decoding MUST yield
/// an equal plan (tested in `switchboard-plan-document`:
/// `the_canonical_form_of_a_plan_has_the_same_meaning_and_is_stable`).
pub trait PlanCodec: Send + Sync {
    /// Encodes a plan in its canonical form.
    fn encode(&self, plan: &PlanSpec) -> Result<PlanDocument, Vec<PlanProblem>>;

    /// Decodes a plan. Returns every problem of the document.
    fn plan(&self, document: &PlanDocument) -> Result<PlanSpec, Vec<PlanProblem>>;

    /// Decodes an agent's hours. Returns every problem of the document.
    fn hours(&self, document: &HoursDocument) -> Result<ScheduleSpec, Vec<PlanProblem>>;

    /// Reads what can be read of a plan with mistakes; `None` if that is not a plan.
    fn readable_plan(&self, document: &PlanDocument) -> Option<Readable<PlanSpec>>;

    /// Reads what can be read of an agent's hours with mistakes; `None` if those are no hours.
    fn readable_hours(&self, document: &HoursDocument) -> Option<Readable<ScheduleSpec>>;
}

/// Decodes calendars and number lists as people write them: JSON arrays, or one entry per line. Every method returns every
/// problem of the document.
pub trait MaterialCodec: Send + Sync {
    /// Decodes the days of a calendar.
    fn calendar(&self, document: &str) -> Result<Vec<DateRange>, Vec<PlanProblem>>;

    /// Decodes the numbers of a list.
    fn numbers(&self, document: &str) -> Result<Vec<PhoneNumber>, Vec<PlanProblem>>;
}
