//! How a command ends when it does not succeed.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use switchboard_domain::printable;

use crate::error_report::{ErrorForm, ErrorReport, Exit};

type Cause = Box<dyn Error + Send + Sync>;

/// How a command ends when it does not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Arguments or settings are wrong. Exit code 2.
    Usage(Cause),
    /// The command failed. The exit code depends on the error.
    Failed(Cause),
    /// What was asked for does not exist. Exit code 4.
    NotFound(Cause),
    /// Not possible in the current state. Exit code 5.
    Refused(Cause),
    /// The output could not be written. Exit code 1, but 0 if its reader closed the pipe.
    Output(io::Error),
    /// The command's own output says what is wrong. Exit code 1.
    Reported,
    /// The command's own output says what differs at the carrier. Exit code 3.
    Drift,
}

/// What was being done when an error occurred.
#[derive(Debug, thiserror::Error)]
#[error("{doing} failed")]
struct Context {
    doing: String,
    source: Cause,
}

/// An argument with a wrong value.
#[derive(Debug, thiserror::Error)]
#[error("{argument} {what}")]
pub(crate) struct WrongArgument {
    /// The argument, as it is written on the command line.
    pub(crate) argument: String,
    what: String,
}

/// Turns errors into failures that say what the command was doing.
pub(crate) trait Doing<T> {
    /// Adds what was being done, such as `listing numbers`. The error stays in the chain of causes.
    fn doing(self, what: impl Into<String>) -> Result<T, Failure>;
}

impl<T, E: Into<Cause>> Doing<T> for Result<T, E> {
    fn doing(self, what: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|error| Failure::of(what, error))
    }
}

impl Failure {
    /// An error, and what was being done, such as `listing numbers`.
    pub(crate) fn of(doing: impl Into<String>, error: impl Into<Cause>) -> Self {
        Self::Failed(Box::new(Context { doing: doing.into(), source: error.into() }))
    }

    /// Arguments or settings are wrong.
    pub(crate) fn usage(cause: impl Into<Cause>) -> Self {
        Self::Usage(cause.into())
    }

    /// An argument is wrong; `what` follows its name in a sentence.
    pub(crate) fn argument(argument: &str, what: impl fmt::Display) -> Self {
        let what = what.to_string();
        Self::Usage(Box::new(WrongArgument { argument: argument.to_owned(), what }))
    }

    /// The command was refused, and the sentence is all there is to say.
    pub(crate) fn refused(sentence: impl Into<String>) -> Self {
        Self::Refused(sentence.into().into())
    }

    /// A file or an address of this machine cannot be used, and the sentence is all there is to say.
    pub(crate) fn local(sentence: impl Into<String>) -> Self {
        Self::Failed(sentence.into().into())
    }

    /// What was asked for does not exist.
    pub(crate) fn not_found(sentence: impl Into<String>) -> Self {
        Self::NotFound(sentence.into().into())
    }

    /// The error with its causes, in one line; nothing if the command's own output says what is wrong.
    pub(crate) fn causes(&self) -> String {
        match self {
            Self::Usage(cause)
            | Self::Failed(cause)
            | Self::NotFound(cause)
            | Self::Refused(cause) => one_line(cause.as_ref()),
            Self::Output(error) => one_line(error),
            Self::Reported | Self::Drift => String::new(),
        }
    }

    /// Writes the error with all its causes, and what `report` says about it, to standard error: as text, or as one
    /// JSON object. Returns the exit code.
    pub(crate) fn end(
        &self,
        form: ErrorForm,
        report: impl FnOnce(&(dyn Error + 'static)) -> ErrorReport,
    ) -> ExitCode {
        let (cause, fallback): (&(dyn Error + 'static), _) = match self {
            Self::Usage(cause) => (cause.as_ref(), Some((Exit::Usage, "usage"))),
            Self::Failed(cause) => (cause.as_ref(), None),
            Self::NotFound(cause) => (cause.as_ref(), Some((Exit::NotFound, "not_found"))),
            Self::Refused(cause) => (cause.as_ref(), Some((Exit::Refused, "refused"))),
            // The reader of the output has enough of it, as `head` does.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                return ExitCode::SUCCESS;
            }
            Self::Output(error) => (error, Some((Exit::Failed, "output_failed"))),
            Self::Reported => return ExitCode::from(1),
            Self::Drift => return ExitCode::from(3),
        };
        let mut report = report(cause);
        if let Some((exit, code)) = fallback {
            report.exit = exit;
            report.code = report.code.or(Some(code));
        }
        let text = match form {
            ErrorForm::Json => report.json(&one_line(cause)),
            ErrorForm::Text => match &report.hint {
                Some(hint) => format!("{}  help: {hint}\n", chain("error", cause)),
                None => chain("error", cause),
            },
        };
        // If standard error is closed, there is nowhere to report that.
        let _written = io::stderr().write_all(text.as_bytes());
        ExitCode::from(report.exit as u8)
    }
}

/// An error with its causes, in one line unless it is a list.
fn one_line(cause: &(dyn Error + 'static)) -> String {
    let mut text = printable_lines(cause);
    let mut next = cause.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&printable_lines(cause));
        next = cause.source();
    }
    text
}

/// The text of an error, which may quote others. Only our own lists have more lines, which begin with a space or a
/// pointer: a line that somebody else wrote must not look like ours.
fn printable_lines(cause: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for (index, line) in cause.to_string().split('\n').enumerate() {
        if index > 0 {
            text.push(if line.starts_with("  ") || line.starts_with('/') { '\n' } else { ' ' });
        }
        text.push_str(&printable::one_line(line));
    }
    text
}

/// Writes an error with its causes to standard error as a warning. The command continues without the failed part.
pub(crate) fn warn(cause: &(dyn Error + 'static)) {
    let text = match ErrorForm::of_process() {
        ErrorForm::Text => chain("warning", cause),
        ErrorForm::Json => format!("{}\n", serde_json::json!({ "warning": one_line(cause) })),
    };
    // If standard error is closed, there is nowhere to report that.
    let _written = io::stderr().write_all(text.as_bytes());
}

/// Writes a sentence about a command that succeeds to standard error: text of a severity such as `hint`, or a JSON object with
/// the severity as its field.
pub(crate) fn note(severity: &str, sentence: &str) -> Result<(), Failure> {
    let text = match ErrorForm::of_process() {
        ErrorForm::Text => format!("{severity}: {}\n", printable::one_line(sentence)),
        ErrorForm::Json => format!("{}\n", serde_json::json!({ severity: sentence })),
    };
    io::stderr().write_all(text.as_bytes()).map_err(Failure::Output)
}

fn chain(severity: &str, cause: &(dyn Error + 'static)) -> String {
    let mut text = format!("{severity}: {}\n", printable_lines(cause));
    let mut next = cause.source();
    while let Some(cause) = next {
        text.push_str("  because: ");
        text.push_str(&printable_lines(cause));
        text.push('\n');
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use switchboard_domain::ports::StoreError;

    use super::{Doing as _, Failure, chain};
    use crate::error_report::{ErrorForm, ErrorReport};

    #[test]
    fn every_cause_has_its_line_below_what_was_being_done() {
        let source = io::Error::other("connection refused");
        let error =
            StoreError::Unavailable { operation: "agent.list", source: Some(Box::new(source)) };
        let Err(Failure::Failed(error)) = Err::<(), _>(error).doing("listing agents") else {
            panic!("not a failure")
        };
        assert_eq!(
            chain("error", error.as_ref()),
            "error: listing agents failed\n  because: store unavailable during agent.list\n  because: connection refused\n"
        );
    }

    #[test]
    fn a_cause_forges_no_line_and_steers_no_terminal() {
        let error = io::Error::other("bad \u{1b}[31m\r\nerror: fake\n  because: \u{202e}fake");
        assert_eq!(
            chain("error", &error),
            "error: bad \u{fffd}[31m\u{fffd} error: fake\n  because: \u{fffd}fake\n"
        );
    }

    #[test]
    fn a_reader_that_closes_the_pipe_is_no_failure() {
        let code = |kind| {
            let failure = Failure::Output(io::Error::from(kind));
            format!("{:?}", failure.end(ErrorForm::Text, |_| ErrorReport::default()))
        };
        assert_ne!(code(io::ErrorKind::BrokenPipe), code(io::ErrorKind::StorageFull));
    }
}
