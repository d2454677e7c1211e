//! How a command ends when it does not succeed.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

type Cause = Box<dyn Error + Send + Sync>;

/// How a command ends when it does not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was asked for something that cannot be meant: arguments or settings are wrong.
    Usage(Cause),
    /// It was refused, or failed.
    Failed(Cause),
    /// It has said on its output what is wrong.
    Told,
    /// It has said on its output what is not as it should be at the carrier.
    Drift,
}

impl Failure {
    /// Arguments or settings are wrong.
    pub(crate) fn usage(cause: impl Into<Cause>) -> Self {
        Self::Usage(cause.into())
    }

    /// The program was refused something, and a sentence says all there is to say.
    pub(crate) fn refused(sentence: impl Into<String>) -> Self {
        Self::Failed(sentence.into().into())
    }

    /// Writes the error with all its causes, and what `remedy` says to do about it, to standard error. Returns the
    /// exit code.
    pub(crate) fn end(
        &self,
        remedy: impl FnOnce(&(dyn Error + 'static)) -> Option<String>,
    ) -> ExitCode {
        let (cause, code) = match self {
            Self::Usage(cause) => (cause, 2),
            Self::Failed(cause) if is_closed_pipe(cause.as_ref()) => return ExitCode::SUCCESS,
            Self::Failed(cause) => (cause, 1),
            Self::Told => return ExitCode::from(1),
            Self::Drift => return ExitCode::from(3),
        };
        let mut text = chain(cause.as_ref());
        if let Some(remedy) = remedy(cause.as_ref()) {
            text.push_str(&format!("  help: {remedy}\n"));
        }
        // If standard error is closed, there is nowhere to report that.
        let _written = io::stderr().write_all(text.as_bytes());
        ExitCode::from(code)
    }
}

/// Whoever read our output has enough of it, as `head` does: that is no failure of ours.
fn is_closed_pipe(cause: &(dyn Error + 'static)) -> bool {
    cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn chain(cause: &(dyn Error + 'static)) -> String {
    let mut text = format!("error: {cause}\n");
    let mut next = cause.source();
    while let Some(cause) = next {
        text.push_str("  because: ");
        text.push_str(&cause.to_string());
        text.push('\n');
        next = cause.source();
    }
    text
}

/// Whatever a command meets with `?` has failed it; only what says otherwise is a mistake in its use.
impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use switchboard_domain::ports::StoreError;

    use super::{chain, is_closed_pipe};

    #[test]
    fn every_cause_has_its_line() {
        let source = io::Error::other("connection refused");
        let error =
            StoreError::Unavailable { operation: "agents.list", source: Some(Box::new(source)) };
        assert_eq!(
            chain(&error),
            "error: store unavailable during agents.list\n  because: connection refused\n"
        );
    }

    #[test]
    fn a_reader_that_has_enough_is_no_failure() {
        assert!(is_closed_pipe(&io::Error::from(io::ErrorKind::BrokenPipe)));
        assert!(!is_closed_pipe(&io::Error::other("disk full")));
    }
}
