//! Documents that people give, and what is told of their mistakes.

use switchboard_application_management::routing_plans::PlanError;
use switchboard_domain::plan::PlanProblem;

use crate::command_line::input::text;
use crate::command_line::output::Format;
use crate::command_line::remedies;
use crate::failure::Failure;
use crate::wiring::PlanDocuments;

/// A document from a file or standard input, read by `read`; mistakes are told all at once.
pub(in crate::command_line) fn read<T>(
    argument: &str,
    path: &str,
    format: Format,
    read: impl FnOnce(&PlanDocuments, &str) -> Result<T, Vec<PlanProblem>>,
) -> Result<T, Failure> {
    let text = text(argument, path)?;
    read(&PlanDocuments, &text).map_err(|problems| failed(format)(PlanError::Wrong { problems }))
}

/// For `map_err`: every mistake of a document is told in a line of its own, `pointer: sentence`, or as JSON.
pub(in crate::command_line) fn failed(format: Format) -> impl FnOnce(PlanError) -> Failure {
    move |error| match &error {
        PlanError::Wrong { problems } if format.json => told(problems, format),
        PlanError::Wrong { problems } => {
            let lines: Vec<String> = problems.iter().map(line).collect();
            Failure::refused(format!("{error}:\n{}", lines.join("\n")))
        }
        _ => error.into(),
    }
}

/// A mistake, and what to do about it.
pub(super) fn line(problem: &PlanProblem) -> String {
    match remedies::plan_problem(&problem.kind) {
        Some(remedy) => format!("{problem}; {remedy}"),
        None => problem.to_string(),
    }
}

fn told(problems: &[PlanProblem], format: Format) -> Failure {
    let problem = |problem: &PlanProblem| serde_json::json!({ "at": problem.at.as_str(), "problem": problem.kind.to_string(), "remedy": remedies::plan_problem(&problem.kind) });
    let problems: Vec<_> = problems.iter().map(problem).collect();
    match format.print(&serde_json::json!({ "problems": problems }), String::new) {
        Ok(()) => Failure::Told,
        Err(error) => error.into(),
    }
}
