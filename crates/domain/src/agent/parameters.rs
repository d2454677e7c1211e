//! An agent's own parameters, which its voice server gets with every call.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::twiml::Parameter;

/// Maximum number of parameters of an agent.
pub const MAX_PARAMETERS: usize = 64;
/// Maximum length of the name of a parameter in characters.
pub const MAX_PARAMETER_NAME_CHARACTERS: usize = 100;
/// Maximum length of the value of a parameter in bytes.
pub const MAX_PARAMETER_VALUE_BYTES: usize = 8 * 1024;
/// Maximum size of all names and values of an agent in bytes: they are kept in memory with the agent's numbers.
const MAX_TOTAL_BYTES: usize = 16 * 1024;
/// Maximum size of the parameters in an answer in bytes. The rest of an answer fits into what Twilio's limit leaves.
const MAX_XML_BYTES: usize = 40_000;

/// The names that every call uses itself.
pub const RESERVED_PARAMETERS: [&str; 13] = [
    "callSid",
    "from",
    "to",
    "direction",
    "agentId",
    "externalId",
    "agentName",
    "voice",
    "model",
    "language",
    "sessionUrl",
    "sessionToken",
    "traceparent",
];

/// Parameters are not accepted. The text names the parameter, but never its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// The name is empty.
    #[error("has an empty name; write NAME=VALUE")]
    NoName,
    /// The name is longer than [`MAX_PARAMETER_NAME_CHARACTERS`].
    #[error("has a name of {characters} characters; shorten it to {MAX_PARAMETER_NAME_CHARACTERS}")]
    LongName {
        /// Length of the name.
        characters: usize,
    },
    /// The name contains white space, a control character or `=`.
    #[error(
        "{name:?} contains white space, a control character or \"=\" in its name; use letters, digits, \"_\", \"-\" and \".\""
    )]
    MalformedName {
        /// The name of the parameter.
        name: String,
    },
    /// The name is one that every call uses itself.
    #[error("{name:?} is a name that switchboard sends itself; choose another one")]
    Reserved {
        /// The name of the parameter.
        name: String,
    },
    /// Two parameters have one name.
    #[error("{name:?} is given twice; keep one of them")]
    Repeated {
        /// The name of the parameter.
        name: String,
    },
    /// The value is empty.
    #[error("{name:?} has no value; give it one, or leave the parameter out")]
    NoValue {
        /// The name of the parameter.
        name: String,
    },
    /// The value contains a control character other than a line break or a tab.
    #[error("{name:?} contains a control character in its value; remove it")]
    ControlCharacter {
        /// The name of the parameter.
        name: String,
    },
    /// The value is longer than [`MAX_PARAMETER_VALUE_BYTES`].
    #[error("{name:?} has a value of {bytes} bytes; shorten it to {MAX_PARAMETER_VALUE_BYTES}")]
    LongValue {
        /// The name of the parameter.
        name: String,
        /// Length of the value.
        bytes: usize,
    },
    /// The agent would have more than [`MAX_PARAMETERS`].
    #[error("has {count} parameters; an agent can have {MAX_PARAMETERS}, so remove some")]
    TooMany {
        /// How many there would be.
        count: usize,
    },
    /// All parameters together are too large.
    #[error(
        "makes {bytes} bytes of parameters; an agent can have {max}, so shorten or remove some"
    )]
    TooLarge {
        /// Their size.
        bytes: usize,
        /// The maximum size in bytes.
        max: usize,
    },
    /// A parameter to remove does not exist.
    #[error("{name:?} is not a parameter of the agent; look at its parameters")]
    Unknown {
        /// The name of the parameter.
        name: String,
    },
}

/// An agent's own parameters, by name. A parameter whose name and value have fewer than 500 characters is sent at the
/// start of each stream; the session contains all of them. `Debug` shows names only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct AgentParameters(Arc<BTreeMap<String, String>>);

impl AgentParameters {
    /// Accepts parameters if each name is used once and no limit is exceeded.
    pub fn new(
        parameters: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ParameterError> {
        let mut accepted = BTreeMap::new();
        for (name, value) in parameters {
            check_name(&name)?;
            check_value(&name, &value)?;
            if accepted.contains_key(&name) {
                return Err(ParameterError::Repeated { name });
            }
            accepted.insert(name, value);
        }
        Self::within_limits(accepted)
    }

    /// These parameters with `set` added or replaced and `removed` taken away.
    pub fn changed(&self, set: &Self, removed: &[String]) -> Result<Self, ParameterError> {
        let mut changed = BTreeMap::clone(&self.0);
        for name in removed {
            if changed.remove(name).is_none() {
                return Err(ParameterError::Unknown { name: name.clone() });
            }
        }
        changed.extend(set.iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        Self::within_limits(changed)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The parameters as form-encoded text, for a cell of a table.
    pub fn to_text(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.iter()).finish()
    }

    /// Parses form-encoded text.
    pub fn parse(text: &str) -> Result<Self, ParameterError> {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Self::new(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())))
    }

    fn within_limits(parameters: BTreeMap<String, String>) -> Result<Self, ParameterError> {
        let count = parameters.len();
        if count > MAX_PARAMETERS {
            return Err(ParameterError::TooMany { count });
        }
        let within = |bytes: usize, max: usize| {
            if bytes > max { Err(ParameterError::TooLarge { bytes, max }) } else { Ok(()) }
        };
        within(
            parameters.iter().map(|(name, value)| name.len() + value.len()).sum(),
            MAX_TOTAL_BYTES,
        )?;
        let in_xml = parameters.iter().map(|(name, value)| {
            Parameter { name: name.clone().into(), value: value.clone() }.xml_length()
        });
        within(in_xml.sum(), MAX_XML_BYTES)?;
        Ok(Self(Arc::new(parameters)))
    }
}

fn check_name(name: &str) -> Result<(), ParameterError> {
    if name.is_empty() {
        return Err(ParameterError::NoName);
    }
    let characters = name.chars().count();
    if characters > MAX_PARAMETER_NAME_CHARACTERS {
        return Err(ParameterError::LongName { characters });
    }
    let is_malformed =
        |character: char| character.is_control() || character.is_whitespace() || character == '=';
    if name.chars().any(is_malformed) {
        return Err(ParameterError::MalformedName { name: name.to_owned() });
    }
    if RESERVED_PARAMETERS.contains(&name) {
        return Err(ParameterError::Reserved { name: name.to_owned() });
    }
    Ok(())
}

fn check_value(name: &str, value: &str) -> Result<(), ParameterError> {
    let name = || name.to_owned();
    if value.is_empty() {
        return Err(ParameterError::NoValue { name: name() });
    }
    let bytes = value.len();
    if bytes > MAX_PARAMETER_VALUE_BYTES {
        return Err(ParameterError::LongValue { name: name(), bytes });
    }
    let is_refused = |character: char| {
        (character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
            || matches!(character, '\u{fffe}' | '\u{ffff}')
    };
    if value.chars().any(is_refused) {
        return Err(ParameterError::ControlCharacter { name: name() });
    }
    Ok(())
}

impl fmt::Debug for AgentParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{AgentParameters, MAX_PARAMETERS, ParameterError, RESERVED_PARAMETERS};

    fn new(pairs: &[(&str, &str)]) -> Result<AgentParameters, ParameterError> {
        AgentParameters::new(
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    fn listed(parameters: &AgentParameters) -> Vec<(&str, &str)> {
        parameters.iter().collect()
    }

    #[test]
    fn parameters_are_sorted_by_name() {
        let parameters = new(&[("tier", "gold"), ("_agentHost", "a.b")]).unwrap();
        assert_eq!(listed(&parameters), [("_agentHost", "a.b"), ("tier", "gold")]);
        assert_eq!(format!("{parameters:?}"), r#"{"_agentHost", "tier"}"#);
    }

    #[test]
    fn names_that_every_call_uses_are_refused() {
        for name in RESERVED_PARAMETERS {
            let error = new(&[(name, "x")]).unwrap_err();
            assert_eq!(error, ParameterError::Reserved { name: name.to_owned() });
        }
        assert!(new(&[("From", "x"), ("callsid", "x")]).is_ok());
    }

    #[test]
    fn an_error_names_the_parameter_and_the_fix_but_not_the_value() {
        let long = "s3cret".repeat(2_000);
        for (pairs, text) in [
            (vec![("", "s3cret")], "has an empty name; write NAME=VALUE"),
            (vec![("tier", "")], r#""tier" has no value; give it one, or leave the parameter out"#),
            (
                vec![("tier", "s3cret\u{1}")],
                r#""tier" contains a control character in its value; remove it"#,
            ),
            (vec![("tier", "s3cret"), ("tier", "x")], r#""tier" is given twice; keep one of them"#),
            (
                vec![("tier", long.as_str())],
                r#""tier" has a value of 12000 bytes; shorten it to 8192"#,
            ),
        ] {
            assert_eq!(new(&pairs).unwrap_err().to_string(), text);
        }
        for name in ["a b", "a\n", "a=b"] {
            assert!(matches!(new(&[(name, "x")]), Err(ParameterError::MalformedName { .. })));
        }
        assert!(matches!(new(&[(&"n".repeat(101), "x")]), Err(ParameterError::LongName { .. })));
    }

    #[test]
    fn the_number_and_the_size_of_parameters_are_limited() {
        let many = |count: usize| {
            let pairs = (0..count).map(|index| (format!("p{index}"), "v".to_owned()));
            AgentParameters::new(pairs)
        };
        assert!(many(MAX_PARAMETERS).is_ok());
        assert_eq!(many(MAX_PARAMETERS + 1), Err(ParameterError::TooMany { count: 65 }));
        let large = "v".repeat(8_000);
        assert!(new(&[("a", &large), ("b", &large)]).is_ok());
        let error = new(&[("a", &large), ("b", &large), ("c", &large)]);
        assert!(matches!(error, Err(ParameterError::TooLarge { .. })));
        // Escaped as XML, a quotation mark takes six bytes.
        let quotes = (0..30).map(|index| (format!("p{index}"), "\"".repeat(400)));
        assert!(matches!(
            AgentParameters::new(quotes),
            Err(ParameterError::TooLarge { max: 40_000, .. })
        ));
    }

    #[test]
    fn a_change_adds_replaces_and_removes() {
        let before = new(&[("tier", "gold"), ("region", "eu")]).unwrap();
        let set = new(&[("tier", "silver"), ("team", "blue")]).unwrap();
        let after = before.changed(&set, &["region".to_owned()]).unwrap();
        assert_eq!(listed(&after), [("team", "blue"), ("tier", "silver")]);
        assert_eq!(
            before.changed(&set, &["other".to_owned()]),
            Err(ParameterError::Unknown { name: "other".to_owned() })
        );
    }

    #[test]
    fn text_is_read_back() {
        let parameters = new(&[("tier", "gold & more=é\nx"), ("a.b-c_d", "1")]).unwrap();
        assert_eq!(AgentParameters::parse(&parameters.to_text()).unwrap(), parameters);
        assert_eq!(AgentParameters::parse(""), Ok(AgentParameters::default()));
    }
}
