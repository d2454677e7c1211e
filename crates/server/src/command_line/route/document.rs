//! Documents from files, and the report of their mistakes.

use switchboard_admin::objects::PlanProblemObject;
use switchboard_application_management::routing_plans::PlanError;
use switchboard_domain::counted::counted;
use switchboard_domain::plan::PlanProblem;

use crate::command_line::input::text;
use crate::command_line::output::Format;
use crate::command_line::remedies;
use crate::failure::Failure;

/// The mistakes of a document, which are reported together.
#[derive(Debug, thiserror::Error)]
#[error("the document has {}, and nothing was changed:\n{}", counted(.0.len(), "mistake"), lines(.0))]
pub(in crate::command_line) struct DocumentMistakes(pub(in crate::command_line) Vec<PlanProblem>);

fn lines(problems: &[PlanProblem]) -> String {
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Reads a document from a file or standard input; reports all mistakes at once. With `--json`, a file that cannot be
/// read is a problem on standard output, too, as mistakes are.
pub(in crate::command_line) fn read<T>(
    argument: &str,
    path: &str,
    format: Format,
    read: impl FnOnce(&str) -> Result<T, Vec<PlanProblem>>,
) -> Result<T, Failure> {
    let text = match text(argument, path) {
        Err(Failure::Failed(cause)) if format.json => {
            let problem = serde_json::json!({
                "at": "", "problem": cause.to_string(), "remedy": serde_json::Value::Null,
            });
            format.print(&serde_json::json!({ "problems": [problem] }), String::new)?;
            return Err(Failure::Failed(cause));
        }
        text => text?,
    };
    read(&text).map_err(|problems| wrong(&problems, format))
}

/// For `map_err`: an error of `doing`. Mistakes in a document are reported each in its own line, or as JSON.
pub(in crate::command_line) fn failed(
    format: Format,
    doing: &'static str,
) -> impl FnOnce(PlanError) -> Failure {
    move |error| match &error {
        PlanError::Wrong { problems } => wrong(problems, format),
        PlanError::Unknown { .. }
        | PlanError::VersionUnknown { .. }
        | PlanError::NoName
        | PlanError::NameTaken { .. }
        | PlanError::Outrun { .. }
        | PlanError::InUse { .. }
        | PlanError::OtherOrganization
        | PlanError::MaterialUnknown { .. }
        | PlanError::MaterialInUse { .. }
        | PlanError::MaterialChanged { .. }
        | PlanError::Manage(_)
        | PlanError::Store { .. } => Failure::of(doing, error),
    }
}

/// The mistakes of a document. With `--json`, they are also on standard output.
pub(super) fn wrong(mistakes: &[PlanProblem], format: Format) -> Failure {
    if format.json
        && let Err(failure) =
            format.print(&serde_json::json!({ "problems": problems(mistakes) }), String::new)
    {
        return failure;
    }
    Failure::Failed(Box::new(DocumentMistakes(mistakes.to_vec())))
}

/// A mistake, and what to do about it.
pub(in crate::command_line) fn line(problem: &PlanProblem) -> String {
    match remedies::plan_problem(&problem.kind) {
        Some(remedy) => format!("{problem}; {remedy}"),
        None => problem.to_string(),
    }
}

/// Mistakes as JSON.
pub(super) fn problems(problems: &[PlanProblem]) -> Vec<PlanProblemObject> {
    let problem = |problem: &PlanProblem| {
        PlanProblemObject::of(problem, remedies::plan_problem(&problem.kind))
    };
    problems.iter().map(problem).collect()
}
