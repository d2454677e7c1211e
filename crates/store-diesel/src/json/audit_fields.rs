//! The fields of an entry of the audit log, as a JSON object of texts, numbers and nulls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use switchboard_domain::audit::{FieldValue, Fields};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredValue {
    Integer(i64),
    Text(String),
    Null(()),
}

/// Reads fields.
pub(crate) fn read_audit_fields(text: &str) -> Result<Fields, serde_json::Error> {
    let fields: BTreeMap<String, StoredValue> = serde_json::from_str(text)?;
    let value = |value| match value {
        StoredValue::Integer(number) => FieldValue::Integer(number),
        StoredValue::Text(text) => FieldValue::Text(text),
        StoredValue::Null(()) => FieldValue::Null,
    };
    Ok(fields.into_iter().map(|(name, stored)| (name, value(stored))).collect())
}

/// Writes fields.
pub(crate) fn write_audit_fields(fields: &Fields) -> String {
    let value = |value: &FieldValue| match value {
        FieldValue::Integer(number) => serde_json::Value::from(*number),
        FieldValue::Text(text) => serde_json::Value::from(text.as_str()),
        FieldValue::Null => serde_json::Value::Null,
    };
    let fields: serde_json::Map<_, _> =
        fields.iter().map(|(name, stored)| (name.clone(), value(stored))).collect();
    serde_json::Value::from(fields).to_string()
}

#[cfg(test)]
mod tests {
    use switchboard_domain::audit::{FieldValue, Fields};

    use super::{read_audit_fields, write_audit_fields};

    #[test]
    fn fields_are_read_as_they_were_written() {
        let fields = Fields::from([
            ("a".to_owned(), FieldValue::Text("\"é\" 😀\u{0}\n".to_owned())),
            ("b".to_owned(), FieldValue::Integer(i64::MIN)),
            ("c".to_owned(), FieldValue::Null),
            ("d".to_owned(), FieldValue::Text("1".to_owned())),
        ]);
        for fields in [fields, Fields::new()] {
            assert_eq!(read_audit_fields(&write_audit_fields(&fields)).unwrap(), fields);
        }
        assert!(read_audit_fields("{\"a\":true}").is_err());
    }
}
