//! The worked plans of docs/routing.md: each is compiled, and each line of its table is asked.

mod house;
mod line;
mod page;
mod situation;

use serde_json::Value;
use switchboard_domain::plan::{Plan, PlanProblem};
use switchboard_domain::ports::PlanReader;
use switchboard_plan_document::PlanDocuments;

use house::House;
use page::{Page, Worked};

/// The key of every plan of the page. It decides which caller reaches which of several agents.
const PLAN_KEY: &str = "pln_docs";

/// The plans of the page, as JSON.
pub(crate) fn plans_of_the_page() -> Vec<Value> {
    let page = Page::read();
    page.plans.iter().map(|worked| serde_json::from_str(&worked.json).unwrap()).collect()
}

fn compiled(house: &House, worked: &Worked) -> Plan {
    let told = |problems: Vec<PlanProblem>| -> Plan {
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}: {told:#?}", worked.title)
    };
    let spec = PlanDocuments.plan(&worked.json).map_err(told).unwrap();
    Plan::compile(PLAN_KEY, &spec, house).unwrap_or_else(told)
}

#[test]
fn every_line_of_every_table_comes_out_as_it_says() {
    let page = Page::read();
    let house = House::of(&page);
    let mut wrong = Vec::new();
    for worked in &page.plans {
        let plan = compiled(&house, worked);
        for row in &worked.rows {
            let found = line::outcome(&house, &plan, worked, row);
            if found != *row {
                wrong.push(format!("{}\n  says  {row}\n  finds {found}", worked.title));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_has_ten_plans_and_more_than_one_line_for_each() {
    let page = Page::read();
    assert!(page.plans.len() >= 10, "{} plans", page.plans.len());
    for worked in &page.plans {
        assert!(worked.rows.len() > 1, "{} has {} lines", worked.title, worked.rows.len());
    }
    // Every rule of every plan decides in some line: a rule that no line reaches is not shown to work.
    let house = House::of(&page);
    for worked in &page.plans {
        let plan = compiled(&house, worked);
        let reached: Vec<_> =
            worked.rows.iter().flat_map(|row| line::decided(&plan, worked, row)).collect();
        let rules = PlanDocuments.plan(&worked.json).unwrap().rules.len();
        let missing: Vec<_> = (0..rules).filter(|rule| !reached.contains(rule)).collect();
        assert!(missing.is_empty(), "{}: no line for the rules {missing:?}", worked.title);
    }
}

#[test]
fn a_plan_in_toml_is_the_same_as_beside_it_in_json() {
    let page = Page::read();
    let mut pairs = 0;
    for worked in &page.plans {
        for toml in &worked.toml {
            assert_eq!(PlanDocuments.plan(toml), PlanDocuments.plan(&worked.json));
            pairs += 1;
        }
    }
    assert!(pairs > 0, "the page shows no TOML");
}
