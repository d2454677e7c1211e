//! What a failed command says about its error: the exit code, a stable code, and what to do.

use serde::Serialize;
use switchboard_domain::printable;

/// The exit codes of failed commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Anything else, such as a file that cannot be read.
    #[default]
    Failed = 1,
    /// Arguments or settings are wrong.
    Usage = 2,
    /// The object does not exist.
    NotFound = 4,
    /// Not possible in the current state, or refused by Twilio; the same command fails again.
    Refused = 5,
    /// The database or Twilio is unavailable, or another process changes the same objects; the same command can succeed
    /// later. Follows from the `retry` of the error.
    Later = 6,
}

/// Whether errors are written for people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorForm {
    Text,
    Json,
}

impl ErrorForm {
    /// JSON if an argument of this process is `--json`. The arguments themselves are read, because one that cannot be
    /// parsed is reported in this form, too.
    pub(crate) fn of_process() -> Self {
        let mut options = std::env::args_os().skip(1).take_while(|argument| argument != "--");
        if options.any(|argument| argument == "--json") { Self::Json } else { Self::Text }
    }
}

/// What is said about an error besides its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorReport {
    pub(crate) exit: Exit,
    /// A stable word in snake case; `None` for an error without one.
    pub(crate) code: Option<&'static str>,
    /// What to do.
    pub(crate) hint: Option<String>,
    /// The argument, setting or place in a document that is wrong.
    pub(crate) pointer: Option<String>,
    /// The single mistakes, if the error is about several.
    pub(crate) errors: Vec<ErrorDetail>,
}

/// One of several mistakes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ErrorDetail {
    pub(crate) pointer: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

/// An error as JSON.
#[derive(Serialize)]
struct ErrorView<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
    #[serde(skip_serializing_if = "<[ErrorDetail]>::is_empty")]
    errors: &'a [ErrorDetail],
}

impl ErrorReport {
    /// One JSON object in one line.
    pub(crate) fn json(&self, message: &str) -> String {
        let view = ErrorView {
            code: self.code.unwrap_or("failed"),
            message,
            hint: self.hint.as_deref(),
            pointer: self.pointer.as_deref(),
            errors: &self.errors,
        };
        // Texts and lists of them always have a JSON form.
        serde_json::to_string(&view).unwrap_or_default() + "\n"
    }

    /// A usage error of the parser of the command line.
    pub(crate) fn of_arguments(error: &clap::Error) -> (Self, String) {
        use clap::error::{ContextKind, ContextValue, ErrorKind};
        let code = match error.kind() {
            ErrorKind::UnknownArgument => "unknown_argument",
            ErrorKind::InvalidSubcommand => "unknown_command",
            ErrorKind::MissingRequiredArgument => "missing_argument",
            ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                "missing_command"
            }
            ErrorKind::ArgumentConflict => "argument_conflict",
            ErrorKind::InvalidValue
            | ErrorKind::ValueValidation
            | ErrorKind::NoEquals
            | ErrorKind::TooManyValues
            | ErrorKind::TooFewValues
            | ErrorKind::WrongNumberOfValues
            | ErrorKind::InvalidUtf8 => "invalid_value",
            _ => "usage",
        };
        let text = |kind| match error.get(kind) {
            Some(ContextValue::String(text)) => Some(text.clone()),
            Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
            _ => None,
        };
        let pointer = text(ContextKind::InvalidArg)
            .or_else(|| text(ContextKind::InvalidSubcommand))
            .map(|pointer| printable::one_line(&pointer).into_owned());
        let similar = text(ContextKind::SuggestedArg)
            .or_else(|| text(ContextKind::SuggestedSubcommand))
            .or_else(|| text(ContextKind::SuggestedValue));
        let hint = similar.map(|similar| format!("did you mean {similar}?"));
        let usage = text(ContextKind::Usage);
        let report = Self {
            exit: Exit::Usage,
            code: Some(code),
            hint: hint.or(usage).or_else(|| Some("see --help".to_owned())),
            pointer,
            errors: Vec::new(),
        };
        let rendered = error.render().to_string();
        // The message ends where tips and usage begin.
        let message = rendered.split("\n\n").next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(message);
        let words: Vec<_> = message.split_whitespace().collect();
        let message = match code {
            "missing_command" => "the command is incomplete".to_owned(),
            _ => printable::one_line(&words.join(" ")).into_owned(),
        };
        (report, message)
    }
}

#[cfg(test)]
mod tests {
    use super::{ErrorReport, Exit};

    #[test]
    fn an_error_is_one_line_without_empty_fields() {
        let report = ErrorReport {
            code: Some("agent_not_found"),
            exit: Exit::NotFound,
            ..ErrorReport::default()
        };
        assert_eq!(
            report.json("no\nagent"),
            "{\"code\":\"agent_not_found\",\"message\":\"no\\nagent\"}\n"
        );
    }
}
