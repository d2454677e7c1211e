//! No input makes the reader panic, and every problem points to a value of the document.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};
use switchboard_domain::plan::{PlanProblem, ProblemKind};
use switchboard_domain::ports::{MaterialCodec, PlanCodec};
use switchboard_plan_document::{MAX_BYTES, PlanDocuments};

use crate::worked::documented_plans;
use crate::{generated, schema};

/// Reads a document with every reader.
fn read_all(document: &str) -> Result<(), Vec<PlanProblem>> {
    let _ = PlanDocuments.hours(&document.into());
    let _ = PlanDocuments.calendar(document);
    let _ = PlanDocuments.numbers(document);
    PlanDocuments.plan(&document.into()).map(drop)
}

/// A document that is read is valid by the schema; the problems of any other point to values that it has.
fn check(document: &Value) -> Result<(), TestCaseError> {
    match read_all(&document.to_string()) {
        Ok(()) => prop_assert!(schema::validator().is_valid(document), "{document}"),
        Err(problems) => {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(document.pointer(problem.at.as_str()).is_some(), "{problem}");
            }
        }
    }
    Ok(())
}

fn any_json() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        proptest::sample::select(vec![
            "rules",
            "when",
            "then",
            "otherwise",
            "agents",
            "next",
            "dates",
            "weekly",
            "from",
            "to",
            "dial",
            "say",
        ])
        .prop_map(str::to_owned),
        ".{0,4}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// The JSON pointers of all values of a document.
fn pointers(document: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(item, &format!("{at}/{index}"), found);
                }
            }
            Value::Object(entries) => {
                for (key, item) in entries {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    walk(item, &format!("{at}/{key}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(document, "", &mut found);
    found
}

/// Replaces the value at a random pointer, or with `beside` adds an entry to it.
fn mutate(document: &mut Value, place: Index, put: Value, key: String, beside: bool) {
    let pointers = pointers(document);
    let at = document.pointer_mut(&pointers[place.index(pointers.len())]).unwrap();
    match at {
        Value::Object(entries) if beside => drop(entries.insert(key, put)),
        Value::Array(items) if beside => items.push(put),
        at => *at = put,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_read_or_refused(document in "(?s).{0,200}") {
        let _ = read_all(&document);
    }

    #[test]
    fn any_json_is_read_or_refused_at_existing_pointers(document in any_json()) {
        check(&document)?;
    }

    #[test]
    fn a_mutated_plan_is_read_or_refused_at_existing_pointers(
        mut document in generated::plan(),
        changes in prop::collection::vec((any::<Index>(), any_json(), ".{0,4}", any::<bool>()), 1..4),
    ) {
        for (place, put, key, beside) in changes {
            mutate(&mut document, place, put, key, beside);
        }
        check(&document)?;
    }

    #[test]
    fn a_documented_plan_with_a_moved_value_is_read_or_refused(
        example in any::<Index>(),
        (from, to) in any::<(Index, Index)>(),
        beside in any::<bool>(),
    ) {
        let examples = documented_plans();
        let mut document = examples[example.index(examples.len())].clone();
        let pointers = pointers(&document);
        let put = document.pointer(&pointers[from.index(pointers.len())]).unwrap().clone();
        mutate(&mut document, to, put, "next".to_owned(), beside);
        check(&document)?;
    }

    #[test]
    fn a_documented_plan_with_a_wrong_character_is_read_or_refused(
        example in any::<Index>(),
        at in any::<Index>(),
        letter in any::<char>(),
    ) {
        let examples = documented_plans();
        let plan = &examples[example.index(examples.len())];
        for text in [plan.to_string(), toml::to_string(plan).unwrap()] {
            let text: Vec<char> = text.chars().collect();
            let mut wrong = text.clone();
            wrong[at.index(text.len())] = letter;
            let _ = read_all(&wrong.iter().collect::<String>());
            let _ = read_all(&text[..at.index(text.len())].iter().collect::<String>());
        }
    }
}

#[test]
fn ten_megabytes_are_refused_before_they_are_parsed() {
    // Nothing in it can be parsed: only the size can be the problem.
    let document = "\u{1}".repeat(10 * 1024 * 1024);
    let refused = |problems: Vec<PlanProblem>| {
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].kind, ProblemKind::TooMany { most: MAX_BYTES, what: "bytes" });
    };
    refused(PlanDocuments.plan(&document.as_str().into()).unwrap_err());
    refused(PlanDocuments.hours(&document.as_str().into()).unwrap_err());
    refused(PlanDocuments.calendar(&document).unwrap_err());
    refused(PlanDocuments.numbers(&document).unwrap_err());
    refused(PlanDocuments.canonical(&document).unwrap_err());
}

#[test]
fn what_is_written_can_be_read() {
    // Written with a line for each number, it is larger than it was given.
    let with = |count: u64| {
        let numbers: Vec<_> = (0..count).map(|n| format!("+1415{:07}", 2_000_000 + n)).collect();
        let rule = json!({ "when": { "caller": { "numbers": numbers } }, "then": { "agents": ["sales"] } });
        json!({ "rules": [rule], "otherwise": { "agents": ["sales"] } }).to_string()
    };
    let written = PlanDocuments.canonical(&with(1_000)).unwrap();
    assert!(PlanDocuments.plan(&written).is_ok());
    let large = with(45_000);
    assert!(large.len() < MAX_BYTES && PlanDocuments.plan(&large.as_str().into()).is_ok());
    let problems = PlanDocuments.canonical(&large).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].kind, ProblemKind::TooMany { most: MAX_BYTES, what: "bytes" });
}

#[test]
fn of_a_hundred_thousand_problems_a_hundred_are_reported_and_the_rest_is_counted() {
    let problems = PlanDocuments
        .plan(&json!({"rules": vec![0; 100_000], "otherwise": {}}).to_string().into())
        .unwrap_err();
    assert_eq!(problems.len(), 101);
    assert_eq!(problems[100].to_string(), "the document: has 99900 more problems");
    let keys: Map<String, Value> = (0..60_000).map(|key| (format!("k{key}"), json!(0))).collect();
    assert_eq!(PlanDocuments.plan(&Value::Object(keys).to_string().into()).unwrap_err().len(), 101);
}
