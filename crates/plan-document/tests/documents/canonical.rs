//! The canonical form of a plan has the same meaning as the original.

use proptest::prelude::*;
use switchboard_domain::ports::PlanCodec;
use switchboard_plan_document::PlanDocuments;

use crate::generated;

const DOCUMENTS: PlanDocuments = PlanDocuments;

#[test]
fn keys_are_in_the_order_of_the_grammar_and_defaults_are_left_out() {
    let toml = r#"
        time_zone = "america/new_york"
        name = " Main line "
        [otherwise]
        next = [{ dial = { number = "+1 (415) 555-0142" } }, { say = { text = "Goodbye." } }]
        agents = ["sales"]
        strategy = "weighted"
        [[rules]]
        then = { agents = [{ weight = 3, agent = "a" }, "b"], ask = { url = "https://example.com" } }
        [rules.when]
        share_percent = 12.50
        caller = { countries = ["us"] }
        schedule = { dates = [2026-12-24, { from = 2026-12-24, to = 2026-12-26 }], weekly = [{ from = 17:00, to = 00:00 }] }
    "#;
    let expected = r#"{
  "name": "Main line",
  "time_zone": "America/New_York",
  "rules": [
    {
      "when": {
        "schedule": {
          "weekly": [
            {
              "from": "17:00",
              "to": "24:00"
            }
          ],
          "dates": [
            "2026-12-24",
            {
              "from": "2026-12-24",
              "to": "2026-12-26"
            }
          ]
        },
        "caller": {
          "countries": [
            "US"
          ]
        },
        "share_percent": 12.5
      },
      "then": {
        "agents": [
          {
            "agent": "a",
            "weight": 3
          },
          {
            "agent": "b",
            "weight": 1
          }
        ],
        "strategy": "weighted",
        "ask": {
          "url": "https://example.com",
          "timeout_ms": 1000
        }
      }
    }
  ],
  "otherwise": {
    "agents": [
      "sales"
    ],
    "next": [
      {
        "dial": {
          "number": "+14155550142",
          "timeout_seconds": 20
        }
      },
      {
        "say": {
          "text": "Goodbye."
        }
      }
    ]
  }
}"#;
    assert_eq!(&*DOCUMENTS.canonical(toml).unwrap(), expected);
}

proptest! {
    #[test]
    fn the_canonical_form_of_a_plan_has_the_same_meaning_and_is_stable(plan in generated::plan()) {
        let written = plan.to_string();
        let spec = DOCUMENTS.plan(&written.as_str().into()).unwrap();
        let canonical = DOCUMENTS.canonical(&written).unwrap();
        prop_assert_eq!(&DOCUMENTS.plan(&canonical).unwrap(), &spec);
        prop_assert_eq!(&DOCUMENTS.canonical(&canonical).unwrap(), &canonical);
        // The same in TOML.
        let toml = toml::to_string(&plan).unwrap();
        prop_assert_eq!(&DOCUMENTS.plan(&toml.as_str().into()).unwrap(), &spec);
        prop_assert_eq!(&DOCUMENTS.canonical(&DOCUMENTS.toml(&written).unwrap()).unwrap(), &canonical);
    }

    #[test]
    fn the_canonical_form_of_hours_has_the_same_meaning(hours in generated::schedule()) {
        let spec = DOCUMENTS.hours(&hours.to_string().into()).unwrap();
        let canonical = DOCUMENTS.canonical_hours(&hours.to_string()).unwrap();
        prop_assert_eq!(&DOCUMENTS.hours(&canonical).unwrap(), &spec);
        prop_assert_eq!(&DOCUMENTS.canonical_hours(&canonical).unwrap(), &canonical);
    }
}
