//! Documents from files, and the report of their mistakes.

use std::borrow::Cow;
use std::fmt;

use switchboard_admin::objects::PlanProblemObject;
use switchboard_application_management::routing_plans::PlanError;
use switchboard_domain::counted::counted;
use switchboard_domain::plan::PlanProblem;

use crate::command_line::input::text;
use crate::command_line::output::Format;
use crate::command_line::remedies;
use crate::command_line::remote::{Mistake, RemoteError};
use crate::failure::Failure;

/// The mistakes of a document, which are reported together.
#[derive(Debug, thiserror::Error)]
#[error("the document has {}, and nothing was changed:\n{}", counted(.0.len(), "mistake"), lines(.0))]
pub(in crate::command_line) struct DocumentMistakes(
    pub(in crate::command_line) Vec<DocumentMistake>,
);

fn lines(mistakes: &[DocumentMistake]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A mistake in a document, which was found here or by the API.
#[derive(Clone, Debug)]
pub(in crate::command_line) struct DocumentMistake {
    /// The JSON Pointer of the value.
    pub(in crate::command_line) at: String,
    /// What is wrong with it.
    pub(in crate::command_line) problem: String,
    /// The stable code.
    pub(in crate::command_line) code: &'static str,
    /// What to do about it, if the problem does not say it.
    pub(in crate::command_line) remedy: Option<&'static str>,
}

impl From<&PlanProblem> for DocumentMistake {
    fn from(problem: &PlanProblem) -> Self {
        Self {
            at: problem.at.as_str().to_owned(),
            problem: problem.kind.to_string(),
            code: remedies::plan_problem_code(&problem.kind),
            remedy: remedies::plan_problem(&problem.kind),
        }
    }
}

impl DocumentMistake {
    /// A mistake that the API found in the document of a request, or in an earlier version that the request names; `None` for
    /// another mistake.
    fn of_request(mistake: &Mistake) -> Option<Self> {
        let Mistake { pointer, code, detail } = mistake;
        let (code, remedy) = remedies::plan_mistake(code)?;
        let (at, problem) = if let Some(at) = pointer.strip_prefix("/document") {
            (at, detail.strip_prefix(&format!("document{at}: "))?)
        } else {
            let (at, problem) = detail.strip_prefix("restore: ")?.split_once(": ")?;
            (if at.starts_with('/') { at } else { "" }, problem)
        };
        Some(Self { at: at.to_owned(), problem: problem.to_owned(), code, remedy })
    }

    fn object(&self) -> PlanProblemObject {
        let (at, problem) = (self.at.clone(), self.problem.clone());
        PlanProblemObject { at, problem, remedy: self.remedy.map(Cow::Borrowed) }
    }
}

/// In one line, with what to do about it.
impl fmt::Display for DocumentMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.at.is_empty() { "the document" } else { self.at.as_str() };
        write!(f, "{at}: {}", self.problem)?;
        self.remedy.map_or(Ok(()), |remedy| write!(f, "; {remedy}"))
    }
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

/// For `map_err`: the same for an error of the API. `known` returns the error of the use case for the code of a problem.
pub(super) fn refused(
    format: Format,
    doing: &'static str,
    known: impl FnOnce(&str) -> Option<PlanError>,
) -> impl FnOnce(RemoteError) -> Failure {
    move |error| {
        let mistakes = mistakes(&error);
        if !mistakes.is_empty() {
            return mistaken(mistakes, format);
        }
        let is_nameless = error.problem().is_some_and(|problem| {
            matches!(problem.errors.as_slice(), [only] if only.pointer == "/name" && only.code == "required")
        });
        if is_nameless {
            return Failure::of(doing, PlanError::NoName);
        }
        Failure::of(doing, error.or_known(known))
    }
}

/// The mistakes of the document that the API refused; none if it refused something else.
pub(super) fn mistakes(error: &RemoteError) -> Vec<DocumentMistake> {
    let all = error.problem().map(|problem| problem.errors.as_slice()).unwrap_or_default();
    // A document with mistakes is refused before its name.
    let all = all.iter().filter(|mistake| mistake.pointer != "/name");
    let mistakes: Option<Vec<_>> = all.map(DocumentMistake::of_request).collect();
    mistakes.unwrap_or_default()
}

/// The mistakes of a document. With `--json`, they are also on standard output.
pub(super) fn wrong(problems: &[PlanProblem], format: Format) -> Failure {
    mistaken(problems.iter().map(DocumentMistake::from).collect(), format)
}

pub(super) fn mistaken(mistakes: Vec<DocumentMistake>, format: Format) -> Failure {
    let objects: Vec<_> = mistakes.iter().map(DocumentMistake::object).collect();
    if format.json
        && let Err(failure) = format.print(&serde_json::json!({ "problems": objects }), String::new)
    {
        return failure;
    }
    Failure::Failed(Box::new(DocumentMistakes(mistakes)))
}

/// A mistake, and what to do about it.
pub(in crate::command_line) fn line(problem: &PlanProblem) -> String {
    DocumentMistake::from(problem).to_string()
}

/// Mistakes as JSON.
pub(super) fn problems(problems: &[PlanProblem]) -> Vec<PlanProblemObject> {
    let problem = |problem: &PlanProblem| {
        PlanProblemObject::of(problem, remedies::plan_problem(&problem.kind))
    };
    problems.iter().map(problem).collect()
}

#[cfg(test)]
mod tests {
    use switchboard_domain::agent::Label;
    use switchboard_domain::plan::{PlanProblem, Pointer, ProblemKind};

    use super::{DocumentMistake, mistakes};
    use crate::command_line::remote::RemoteError;

    #[test]
    fn a_mistake_that_the_api_finds_reads_as_one_that_is_found_here() {
        let problem = r#"{"code":"body_invalid","detail":"the body has 3 mistakes","errors":[
            {"pointer":"/document/rules/0/then/agents/0","code":"agent_unknown",
             "detail":"document/rules/0/then/agents/0: no agent of the organization has the id, external id or name \"nobody\""},
            {"pointer":"/document","code":"no_zone",
             "detail":"document: has no time zone; add one, for example \"time_zone\": \"America/New_York\""},
            {"pointer":"/name","code":"required","detail":"name is missing"}]}"#;
        let error = RemoteError::Refused(serde_json::from_str(problem).unwrap());
        let word = Label::parse("nobody").unwrap();
        let agent = Pointer::root().at("rules").at(0).at("then").at("agents").at(0);
        let here = [
            PlanProblem { at: agent, kind: ProblemKind::AgentUnknown { word } },
            PlanProblem { at: Pointer::root(), kind: ProblemKind::NoZone },
        ];
        let here = here.iter().map(DocumentMistake::from);
        let all = |mistake: &DocumentMistake| (mistake.to_string(), mistake.code);
        let found: Vec<_> = mistakes(&error).iter().map(all).collect();
        assert_eq!(found, here.map(|mistake| all(&mistake)).collect::<Vec<_>>());
    }

    #[test]
    fn a_mistake_of_an_earlier_version_is_at_its_place_and_no_other_is_one_of_a_document() {
        let of = |errors: &str| {
            let json = format!(r#"{{"code":"body_invalid","detail":"","errors":[{errors}]}}"#);
            mistakes(&RemoteError::Refused(serde_json::from_str(&json).unwrap()))
        };
        let found = of(
            r#"{"pointer":"/restore","code":"no_weight","detail":"restore: /rules/0/then: all weights are 0"}"#,
        );
        assert_eq!(found[0].to_string(), "/rules/0/then: all weights are 0");
        let author = r#"{"pointer":"/author","code":"invalid","detail":"author is empty"}"#;
        assert!(of(author).is_empty());
        assert!(of("").is_empty());
    }
}
