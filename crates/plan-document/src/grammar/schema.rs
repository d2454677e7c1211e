//! The JSON Schema of plans, collected from the grammar.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Grammar, Plan};

/// The keywords of one schema.
pub(crate) type Schema = Map<String, Value>;

/// The JSON Schema (draft 2020-12) of a routing plan, which `docs/routing-plan.schema.json` publishes.
pub fn schema() -> Value {
    let mut definitions = Definitions::default();
    let mut schema = Plan::schema(&mut definitions);
    schema.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    schema.insert("title".to_owned(), "Routing plan".into());
    schema.insert("$defs".to_owned(), json!(definitions.0));
    Value::Object(schema)
}

/// The named parts of the grammar that were referred to, each once.
#[derive(Default)]
pub(crate) struct Definitions(BTreeMap<&'static str, Schema>);

impl Definitions {
    /// The schema of a part where it is used: a reference, if the part has a name.
    pub(super) fn reference<G: Grammar>(&mut self) -> Schema {
        let Some(name) = G::NAME else { return G::schema(self) };
        if !self.0.contains_key(name) {
            // Reserves the name first, so that a part may contain itself.
            self.0.insert(name, Schema::new());
            let schema = G::schema(self);
            self.0.insert(name, schema);
        }
        keywords(json!({"$ref": format!("#/$defs/{name}")}))
    }
}

/// The schema of an object, key by key. No other keys are allowed.
pub(super) struct ObjectSchema<'d> {
    definitions: &'d mut Definitions,
    properties: Schema,
    required: Vec<&'static str>,
}

impl<'d> ObjectSchema<'d> {
    pub(super) fn new(definitions: &'d mut Definitions) -> Self {
        Self { definitions, properties: Schema::new(), required: Vec::new() }
    }

    /// Adds a key. It is required if the grammar has no value for a missing key.
    pub(super) fn property<G: Grammar>(&mut self, key: &'static str, description: String) {
        let mut schema = self.definitions.reference::<G>();
        schema.insert("description".to_owned(), description.into());
        self.properties.insert(key.to_owned(), schema.into());
        if G::absent().is_none() {
            self.required.push(key);
        }
    }

    pub(super) fn finish(self, description: &str) -> Schema {
        let mut schema = keywords(json!({
            "type": "object",
            "description": description,
            "properties": self.properties,
            "additionalProperties": false,
        }));
        if !self.required.is_empty() {
            schema.insert("required".to_owned(), json!(self.required));
        }
        schema
    }
}

/// The schema of a list.
pub(super) fn array(items: Schema) -> Schema {
    keywords(json!({"type": "array", "items": Value::Object(items)}))
}

/// The schema of a value that is either of two parts.
pub(super) fn either(description: &str, one: Schema, other: Schema) -> Schema {
    keywords(
        json!({"description": description, "anyOf": [Value::Object(one), Value::Object(other)]}),
    )
}

/// The entries of a JSON object; nothing for other JSON.
pub(super) fn keywords(json: Value) -> Schema {
    match json {
        Value::Object(keywords) => keywords,
        _ => Schema::new(),
    }
}

/// A description from the lines of its doc comment.
pub(super) fn description(lines: &[String]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}
