//! The published schema is what the program says, and agrees with what the program reads.

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard_plan_document::schema;

use crate::worked::plans_of_the_page;
use crate::{docs, drawn};

/// Judges by the schema.
pub(crate) fn validator() -> &'static Validator {
    static VALIDATOR: LazyLock<Validator> =
        LazyLock::new(|| jsonschema::draft202012::new(&schema()).unwrap());
    &VALIDATOR
}

#[test]
fn the_published_schema_is_the_one_that_the_program_has() {
    let published = std::fs::read_to_string(docs("routing-plan.schema.json")).unwrap();
    let current = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    assert!(published == current, "the schema has changed: run `just schema-plan`");
}

#[test]
fn the_schema_is_a_schema() {
    jsonschema::draft202012::meta::validate(&schema()).unwrap();
}

#[test]
fn every_plan_of_the_page_is_valid() {
    for plan in plans_of_the_page() {
        assert!(validator().is_valid(&plan), "{plan}");
    }
}

#[test]
fn the_schema_refuses_what_it_can_tell() {
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
fn every_key_and_every_word_is_explained() {
    fn walk(schema: &Value, at: &str) {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
        for (key, property) in properties {
            // An action says what it is beside its only key.
            let is_explained =
                property.get("description").is_some() || schema.get("description").is_some();
            assert!(is_explained, "{at}/{key} has no description");
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
    fn whatever_is_drawn_is_valid(plan in drawn::plan()) {
        prop_assert!(validator().is_valid(&plan), "{plan}");
    }
}
