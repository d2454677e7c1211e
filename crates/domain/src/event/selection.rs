//! Which types of events somebody wants.

use std::fmt;

use crate::event_kind::{EventKind, InvalidEventTypes, parse_types};

/// A selection of types such as `call.*,message.failed`. A group also selects the types that later releases add to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTypes(Vec<String>);

impl EventTypes {
    /// All types.
    pub fn all() -> Self {
        Self(vec!["*".to_owned()])
    }

    /// Parses types and groups, separated by commas.
    ///
    /// ```
    /// use switchboard_domain::event::{EventKind, EventTypes};
    ///
    /// let types = EventTypes::parse("call.*, message.failed").unwrap();
    /// assert!(types.selects(EventKind::CallEnded) && !types.selects(EventKind::MessageSent));
    /// assert_eq!(types.to_string(), "call.*,message.failed");
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidEventTypes> {
        let mut patterns: Vec<String> = Vec::new();
        for pattern in text.split(',').map(str::trim) {
            parse_types(pattern)?;
            if !patterns.iter().any(|known| known == pattern) {
                patterns.push(pattern.to_owned());
            }
        }
        Ok(Self(patterns))
    }

    /// Whether a type is selected.
    pub fn selects(&self, kind: EventKind) -> bool {
        self.0.iter().any(|pattern| kind.matches(pattern))
    }

    /// The types and groups.
    pub fn patterns(&self) -> &[String] {
        &self.0
    }
}

/// Separated by commas, as they are parsed.
impl fmt::Display for EventTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::{EventKind, EventTypes};

    #[test]
    fn types_are_kept_as_they_were_given_once_each() {
        let types = EventTypes::parse(" call.* ,optout.changed,call.*").unwrap();
        assert_eq!(types.patterns(), ["call.*", "optout.changed"]);
        assert!(EventKind::ALL.iter().all(|kind| EventTypes::all().selects(*kind)));
    }

    #[test]
    fn a_mistake_is_named() {
        for (text, wrong) in [("call.*,message.lost", "message.lost"), ("", ""), ("call.*,", "")] {
            assert_eq!(EventTypes::parse(text).unwrap_err().pattern, wrong);
        }
    }
}
