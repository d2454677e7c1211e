use crate::plan::{PlanProblem, PlanSpec, ScheduleSpec};

/// Reads the documents that plans and hours are kept as.
pub trait PlanReader: Send + Sync {
    /// Reads a plan, or tells everything in it that cannot be read.
    fn plan(&self, document: &str) -> Result<PlanSpec, Vec<PlanProblem>>;

    /// Reads an agent's hours.
    fn hours(&self, document: &str) -> Result<ScheduleSpec, Vec<PlanProblem>>;
}
