use crate::plan::{PlanProblem, PlanSpec, Readable, ScheduleSpec};

/// Encodes and decodes the documents that plans and agents' hours are stored as.
pub trait PlanCodec: Send + Sync {
    /// Writes a plan in the form in which it is stored.
    fn encode(&self, plan: &PlanSpec) -> Result<String, Vec<PlanProblem>>;

    /// Reads a plan. Returns every mistake in it.
    fn plan(&self, document: &str) -> Result<PlanSpec, Vec<PlanProblem>>;

    /// Reads an agent's hours. Returns every mistake in them.
    fn hours(&self, document: &str) -> Result<ScheduleSpec, Vec<PlanProblem>>;

    /// Reads what can be read of a plan with mistakes; `None` if that is not a plan.
    fn readable_plan(&self, document: &str) -> Option<Readable<PlanSpec>>;

    /// Reads what can be read of an agent's hours with mistakes; `None` if those are no hours.
    fn readable_hours(&self, document: &str) -> Option<Readable<ScheduleSpec>>;
}
