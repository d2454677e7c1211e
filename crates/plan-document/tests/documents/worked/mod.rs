//! The example plans of docs/routing.md: each is compiled, and each row of its table is evaluated.

mod fixture;
mod page;
mod row;
mod situation;

use serde_json::Value;
use switchboard_domain::plan::{Plan, PlanProblem};
use switchboard_domain::ports::PlanCodec;
use switchboard_plan_document::PlanDocuments;

use fixture::Fixture;
use page::{Page, Worked};

/// The id of every example plan. It determines which caller reaches which of several agents.
const PLAN_KEY: &str = "pln_docs";

/// The example plans, as JSON.
pub(crate) fn documented_plans() -> Vec<Value> {
    let page = Page::read();
    page.plans.iter().map(|worked| serde_json::from_str(&worked.json).unwrap()).collect()
}

fn compiled(fixture: &Fixture, worked: &Worked) -> Plan {
    let report = |problems: Vec<PlanProblem>| -> Plan {
        let report: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}: {report:#?}", worked.title)
    };
    let spec = PlanDocuments.plan(&worked.json.as_str().into()).map_err(report).unwrap();
    Plan::compile(PLAN_KEY, &spec, fixture).unwrap_or_else(report)
}

#[test]
fn every_row_of_every_table_is_right() {
    let page = Page::read();
    let fixture = Fixture::of(&page);
    let mut wrong = Vec::new();
    for worked in &page.plans {
        let plan = compiled(&fixture, worked);
        for row in &worked.rows {
            let found = row::outcome(&fixture, &plan, worked, row);
            if found != *row {
                wrong.push(format!("{}\n  says  {row}\n  finds {found}", worked.title));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_has_ten_plans_with_at_least_two_rows_each() {
    let page = Page::read();
    assert!(page.plans.len() >= 10, "{} plans", page.plans.len());
    for worked in &page.plans {
        assert!(worked.rows.len() > 1, "{} has {} rows", worked.title, worked.rows.len());
    }
    // Every rule of every plan decides in some row: a rule without a row is not tested.
    let fixture = Fixture::of(&page);
    for worked in &page.plans {
        let plan = compiled(&fixture, worked);
        let reached: Vec<_> =
            worked.rows.iter().flat_map(|row| row::decided(&plan, worked, row)).collect();
        let rules = PlanDocuments.plan(&worked.json.as_str().into()).unwrap().rules.len();
        let missing: Vec<_> = (0..rules).filter(|rule| !reached.contains(rule)).collect();
        assert!(missing.is_empty(), "{}: no row for the rules {missing:?}", worked.title);
    }
}

#[test]
fn a_plan_in_toml_equals_the_same_plan_in_json() {
    let page = Page::read();
    let mut pairs = 0;
    for worked in &page.plans {
        for toml in &worked.toml {
            assert_eq!(
                PlanDocuments.plan(&toml.as_str().into()),
                PlanDocuments.plan(&worked.json.as_str().into())
            );
            pairs += 1;
        }
    }
    assert!(pairs > 0, "the page shows no TOML");
}
