//! The JSON Schema of plans.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use crate::shape::Plan;

/// The JSON Schema (draft 2020-12) of a routing plan. `docs/routing-plan.schema.json` keeps what it says.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(RecursiveTransform(without_null))
        .with_transform(RecursiveTransform(without_format_of_numbers))
        .with_transform(RecursiveTransform(with_description_of_one_line));
    let mut schema = settings.into_generator().into_root_schema_for::<Plan<'static>>();
    schema.insert("title".to_owned(), "Routing plan".into());
    schema.to_value()
}

/// What has no value is left out of a document, never written as null.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(forms)) = schema.get_mut("anyOf") else { return };
    forms.retain(|form| form.get("type").is_none_or(|kind| kind != "null"));
    if let [Value::Object(only)] = forms.as_slice() {
        let only = only.clone();
        schema.remove("anyOf");
        for (key, value) in only {
            schema.insert(key, value);
        }
    }
}

/// `uint32` and the like say nothing that `minimum` and `maximum` do not.
fn without_format_of_numbers(schema: &mut Schema) {
    let kind = schema.get("type").and_then(Value::as_str);
    if matches!(kind, Some("integer" | "number")) {
        schema.remove("format");
    }
}

/// The lines of the source are not the reader's.
fn with_description_of_one_line(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
}
