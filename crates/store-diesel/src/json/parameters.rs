//! The stored form of an agent's own parameters and of its attributes of `ConversationRelay`: each an object of texts.

use std::collections::BTreeMap;

use switchboard_domain::agent::{AgentParameters, RelayAttributes};

use super::shape::{JsonError, read};

/// Reads parameters.
pub(crate) fn read_parameters(text: &str) -> Result<AgentParameters, JsonError> {
    let parameters = read::<BTreeMap<String, String>>(text)?;
    AgentParameters::new(parameters).map_err(|_not_accepted| JsonError::Value { key: "parameters" })
}

/// Writes parameters.
pub(crate) fn write_parameters(parameters: &AgentParameters) -> String {
    write(parameters.iter())
}

/// Reads attributes of `ConversationRelay`.
pub(crate) fn read_relay(text: &str) -> Result<RelayAttributes, JsonError> {
    let attributes = read::<BTreeMap<String, String>>(text)?;
    RelayAttributes::new(attributes).map_err(|_not_accepted| JsonError::Value { key: "relay" })
}

/// Writes attributes of `ConversationRelay`.
pub(crate) fn write_relay(attributes: &RelayAttributes) -> String {
    write(attributes.iter())
}

fn write<'v>(pairs: impl Iterator<Item = (impl Into<String>, &'v str)>) -> String {
    let object: serde_json::Map<_, _> =
        pairs.map(|(name, value)| (name.into(), value.into())).collect();
    serde_json::Value::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    use switchboard_domain::agent::AgentParameters;

    use super::{read_parameters, write_parameters};

    #[test]
    fn parameters_are_an_object_of_texts() {
        let parameters = AgentParameters::parse("tier=gold&a=%22").unwrap();
        let text = write_parameters(&parameters);
        assert_eq!(text, r#"{"a":"\"","tier":"gold"}"#);
        assert_eq!(read_parameters(&text).unwrap(), parameters);
        assert_eq!(read_parameters("{}").unwrap(), AgentParameters::default());
        for other in ["[]", r#"{"tier":1}"#, r#"{"from":"x"}"#] {
            let error = read_parameters(other).unwrap_err().to_string();
            assert!(!error.contains("gold"), "{error}");
        }
    }
}
