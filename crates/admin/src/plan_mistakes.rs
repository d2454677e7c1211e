//! Mistakes in the document of a routing plan, and in the days and numbers that it names, as problems.

use switchboard_domain::plan::{PlanProblem, ProblemKind};

use crate::problem::{Mistake, Problem};

/// The field of a body that has the document.
pub(crate) const DOCUMENT: &str = "document";

/// The problem of a document in the field [`DOCUMENT`].
pub(crate) fn of(problems: &[PlanProblem]) -> Problem {
    Problem::mistakes(within(DOCUMENT, problems))
}

/// The mistakes of a value in a field of the body.
pub(crate) fn within(field: &str, problems: &[PlanProblem]) -> Vec<Mistake> {
    let mistake = |problem: &PlanProblem| {
        let pointer = format!("/{field}{}", problem.at.as_str());
        let detail = format!("{}: {}", pointer.trim_start_matches('/'), problem.kind);
        Mistake { pointer, code: code(&problem.kind), detail }
    };
    problems.iter().map(mistake).collect()
}

/// The mistakes of a value that a field of the body only refers to: they are at the field.
pub(crate) fn at(field: &str, problems: &[PlanProblem]) -> Vec<Mistake> {
    let mistake = |problem: &PlanProblem| Mistake {
        pointer: format!("/{field}"),
        code: code(&problem.kind),
        detail: format!("{field}: {problem}"),
    };
    problems.iter().map(mistake).collect()
}

/// The stable word for the kind of a mistake.
const fn code(kind: &ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Unreadable(_) => "invalid",
        ProblemKind::TooMany { .. } => "too_many",
        ProblemKind::AgentUnknown { .. } => "agent_unknown",
        ProblemKind::AgentAmbiguous { .. } => "agent_ambiguous",
        ProblemKind::AgentRepeated => "agent_repeated",
        ProblemKind::CalendarUnknown { .. } => "calendar_unknown",
        ProblemKind::ListUnknown { .. } => "list_unknown",
        ProblemKind::HoursUnreadable { .. } => "hours_unreadable",
        ProblemKind::NoZone => "no_zone",
        ProblemKind::NoWeight => "no_weight",
        ProblemKind::NothingToDo => "nothing_to_do",
        ProblemKind::Contradiction(_) => "contradiction",
        ProblemKind::Unreachable { .. } => "unreachable",
        ProblemKind::Overlap { .. } => "overlap",
        ProblemKind::AfterTheEnd => "after_the_end",
        ProblemKind::NothingToChoose => "nothing_to_choose",
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::plan::{PlanProblem, Pointer, ProblemKind};

    use super::{at, within};

    #[test]
    fn a_mistake_is_at_its_place_in_the_body() {
        let rule = Pointer::root().at("rules").at(0);
        let problems = [
            PlanProblem { at: rule.at("then"), kind: ProblemKind::NoWeight },
            PlanProblem { at: Pointer::root(), kind: ProblemKind::NoZone },
        ];
        let mistakes = within("document", &problems);
        assert_eq!(mistakes[0].pointer, "/document/rules/0/then");
        assert_eq!(mistakes[0].code, "no_weight");
        let detail = &mistakes[0].detail;
        assert!(detail.starts_with("document/rules/0/then: all weights are 0"), "{detail}");
        assert_eq!((mistakes[1].pointer.as_str(), mistakes[1].code), ("/document", "no_zone"));
        let mistakes = at("restore", &problems);
        assert_eq!((mistakes[0].pointer.as_str(), mistakes[0].code), ("/restore", "no_weight"));
        let detail = &mistakes[0].detail;
        assert!(detail.starts_with("restore: /rules/0/then: all weights are 0"), "{detail}");
    }
}
