//! Compares JSON with the example in a document.

use serde_json::Value;

/// Checks that a value has exactly the fields of the first example of JSON in a document, and that a list has items if
/// the list of the example has.
#[track_caller]
pub(crate) fn assert_documented(document: &str, real: &Value) {
    let example = document.split("```json\n").nth(1).unwrap();
    let example = serde_json::from_str(example.split("```").next().unwrap()).unwrap();
    assert_eq!(field_names(&example), field_names(real));
}

/// The names of all fields with their places, sorted. The names of an agent's own parameters are free.
fn field_names(value: &Value) -> Vec<String> {
    let mut names = Vec::new();
    add_field_names("", value, &mut names);
    names.sort();
    names
}

fn add_field_names(place: &str, value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|_| place != "/parameters") {
                names.push(format!("{place}/{name}"));
                add_field_names(&format!("{place}/{name}"), value, names);
            }
        }
        Value::Array(entries) => {
            entries.iter().take(1).for_each(|entry| add_field_names(place, entry, names));
        }
        _ => {}
    }
}
