//! The published schema is the generated one and agrees with what is read.

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard_plan_document::schema;

use crate::worked::documented_plans;
use crate::{docs, generated};

/// Validates documents by the schema.
pub(crate) fn validator() -> &'static Validator {
    static VALIDATOR: LazyLock<Validator> =
        LazyLock::new(|| jsonschema::draft202012::new(&schema()).unwrap());
    &VALIDATOR
}

#[test]
fn the_published_schema_is_the_generated_one() {
    let published = std::fs::read_to_string(docs("routing-plan.schema.json")).unwrap();
    let current = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    assert!(published == current, "the schema has changed: run `just schema-plan`");
}

#[test]
fn the_schema_is_a_schema() {
    jsonschema::draft202012::meta::validate(&schema()).unwrap();
}

#[test]
fn every_documented_plan_is_valid() {
    for plan in documented_plans() {
        assert!(validator().is_valid(&plan), "{plan}");
    }
}

#[test]
fn the_schema_refuses_invalid_plans() {
    for wrong in [
        json!({}),
        json!([]),
        json!({"otherwise": {"agents": ["a"]}, "timezone": "Etc/UTC"}),
        json!({"otherwise": {"agents": [{"weight": 1}]}}),
        json!({"otherwise": {"agents": [{"agent": "a", "weight": -1}]}}),
        json!({"otherwise": {"next": [{"dial": {}}]}}),
        json!({"otherwise": {"next": [{"dial": {"number": "+14155550142", "sip": "sip:a@b"}}]}}),
        json!({"otherwise": {"next": [{"reject": "later"}]}}),
        json!({"otherwise": {"strategy": "round_robin"}}),
        json!({"otherwise": {}, "rules": [{"when": {}}]}),
        json!({"otherwise": {}, "rules": [{"then": {}, "when": {"share_percent": 0}}]}),
        json!({"otherwise": {}, "rules": [{"then": {}, "when": {"schedule": {"weekly": [{"from": "24:30", "to": "09:00"}]}}}]}),
        json!({"otherwise": {}, "rules": [{"then": {}, "when": {"schedule": {"dates": ["Christmas"]}}}]}),
        json!({"otherwise": {}, "name": Value::Null}),
    ] {
        assert!(!validator().is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn every_key_and_every_definition_has_a_description() {
    fn walk(schema: &Value, at: &str) {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
        for (key, property) in properties {
            // A description of the whole object counts for its keys.
            let is_described =
                property.get("description").is_some() || schema.get("description").is_some();
            assert!(is_described, "{at}/{key} has no description");
        }
    }
    let schema = schema();
    walk(&schema, "");
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        assert!(definition.get("description").is_some(), "{name} has no description");
        walk(definition, name);
    }
}

proptest! {
    #[test]
    fn every_generated_plan_is_valid(plan in generated::plan()) {
        prop_assert!(validator().is_valid(&plan), "{plan}");
    }
}
