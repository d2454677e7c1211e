//! Formatting of errors with their causes, for logs.

use std::error::Error;
use std::fmt;

/// Displays an error and all its causes in one line, the outermost first, separated by colons.
pub struct Causes<'a>(pub &'a (dyn Error + 'a));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Causes;
    use crate::ports::StoreError;

    #[test]
    fn every_cause_follows_its_effect() {
        let source = Some("connection refused".into());
        let error = StoreError::Unavailable { operation: "agent.find", source };
        assert_eq!(
            Causes(&error).to_string(),
            "store unavailable during agent.find: connection refused"
        );
    }
}
