//! What is said about an error besides its text.

use std::error::Error;

use switchboard_application_management::routing_plans::PlanError;
use switchboard_application_management::{ImportError, Remark};
use switchboard_domain::plan::PlanProblem;
use switchboard_domain::ports::RowKey;
use switchboard_domain::printable;

use super::{Judgment, judge};
use crate::command_line::remote::RemoteError;
use crate::command_line::route::document::{DocumentMistake, DocumentMistakes};
use crate::error_report::{ErrorDetail, ErrorReport};
use crate::failure::WrongArgument;
use crate::settings::Mistakes;

/// The report of an error: code, exit code and remedy of the first error in its chain of causes that has one.
pub(crate) fn report(error: &(dyn Error + 'static)) -> ErrorReport {
    let mut report = ErrorReport::default();
    let mut next = Some(error);
    while let Some(error) = next {
        let Judgment { code, remedy } = judge(error);
        if let (None, Some((code, exit))) = (report.code, code) {
            (report.code, report.exit) = (Some(code), exit);
        }
        report.hint = report.hint.or(remedy);
        if report.errors.is_empty() {
            report.errors = details(error);
        }
        if let Some(wrong) = error.downcast_ref::<WrongArgument>() {
            report.pointer = Some(wrong.argument.clone());
        }
        next = error.source();
    }
    report
}

/// The single mistakes of an error that is about several.
fn details(error: &(dyn Error + 'static)) -> Vec<ErrorDetail> {
    if let Some(DocumentMistakes(mistakes)) = error.downcast_ref() {
        return mistakes.iter().map(of_mistake).collect();
    }
    if let Some(RemoteError::Refused(problem)) = error.downcast_ref() {
        return problem.errors.iter().map(|one| detail(&one.pointer, &one.detail)).collect();
    }
    if let Some(mistakes) = error.downcast_ref::<Mistakes>() {
        return mistakes
            .iter()
            .map(|mistake| detail(&mistake.name, &mistake.to_string()))
            .collect();
    }
    match (error.downcast_ref(), error.downcast_ref()) {
        (Some(PlanError::Wrong { problems }), _) => problems.iter().map(of_problem).collect(),
        (_, Some(ImportError::Mistakes(mistakes))) => {
            mistakes.shown().iter().map(of_remark).collect()
        }
        _ => Vec::new(),
    }
}

fn detail(pointer: &str, message: &str) -> ErrorDetail {
    let (pointer, message) =
        (printable::one_line(pointer).into_owned(), printable::one_line(message).into_owned());
    ErrorDetail { pointer, code: "value_invalid", message, hint: None }
}

fn of_problem(problem: &PlanProblem) -> ErrorDetail {
    of_mistake(&problem.into())
}

fn of_mistake(mistake: &DocumentMistake) -> ErrorDetail {
    ErrorDetail {
        code: mistake.code,
        hint: mistake.remedy.map(str::to_owned),
        ..detail(&mistake.at, &mistake.problem)
    }
}

/// A row is named as compilers name places: `numbers.csv:12:account_sid`.
fn of_remark(remark: &Remark) -> ErrorDetail {
    let mut pointer = remark.table.to_string();
    match &remark.row {
        None => {}
        Some(RowKey::Line(line)) => pointer.extend([":", &line.to_string()]),
        Some(RowKey::Key(key)) => pointer.extend([":", key]),
    }
    if !remark.columns.is_empty() {
        pointer.push(':');
        pointer.push_str(&remark.columns);
    }
    let what = match remark.columns.as_str() {
        "" => remark.what.clone(),
        columns => format!("{columns} {}", remark.what),
    };
    detail(&pointer, &what)
}
