//! Objects are those that the commands print, in pages that lead through the whole list.

use super::api::{Api, OURS_ID};
use crate::prelude::*;

/// All entries of a list, in pages of `limit`.
async fn pages(api: &Api, path: &str, limit: usize) -> Vec<Value> {
    pages_of(api, path, "", limit).await
}

/// The same of a list with a filter, which ends with `&`.
pub(super) async fn pages_of(api: &Api, path: &str, filter: &str, limit: usize) -> Vec<Value> {
    let mut entries = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.json(&format!("{path}?{filter}limit={limit}{cursor}")).await;
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= limit && page.as_object().unwrap().len() == 2, "{page}");
        entries.extend(data.iter().cloned());
        match &page["next_cursor"] {
            Value::Null => return entries,
            next => cursor = format!("&cursor={}", next.as_str().unwrap()),
        }
    }
}

fn printed(app: &TestApp, command: &str) -> Value {
    app.run(&format!("{command} --json")).exits(0).json()
}

fn printed_list(app: &TestApp, command: &str) -> Value {
    app.run(&format!("{command} --json")).exits(0).list()
}

#[apply(on_both_stores!)]
async fn lists_are_those_of_the_commands(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = Api::operator(&app, &server);
    for (path, command) in [
        ("/api/v1/accounts", "account list"),
        ("/api/v1/agents", "agent list"),
        ("/api/v1/numbers", "number list"),
    ] {
        let printed = printed_list(&app, command);
        for limit in [1, 2, 200] {
            assert_eq!(json!(pages(&api, path, limit).await), printed, "{path} {limit}");
        }
    }
    let organizations = pages(&api, "/api/v1/organizations", 1).await;
    assert_eq!(organizations.len(), 1);
    assert_eq!(organizations[0]["id"], json!(OURS_ID));
}

#[apply(on_both_stores!)]
async fn numbers_are_selected_by_account_and_agent(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = Api::operator(&app, &server);
    let sales = printed(&app, "agent show sales");
    let sales = sales["id"].as_str().unwrap();
    for (query, options) in [
        (format!("account_sid={MAIN_SID}"), format!("--account {MAIN_SID}")),
        (format!("agent_id={sales}"), "--agent sales".to_owned()),
        (
            format!("account_sid={SUB_SID}&agent_id={sales}"),
            format!("--account {SUB_SID} --agent sales"),
        ),
    ] {
        let found = api.json(&format!("/api/v1/numbers?{query}")).await;
        assert_eq!(found["data"], printed_list(&app, &format!("number list {options}")), "{query}");
    }
}

#[apply(on_both_stores!)]
async fn one_object_is_that_of_the_command(store: Store) {
    let (app, server) = TestApp::served(store).await;
    app.run("agent set sales --capacity 3").exits(0);
    let api = Api::operator(&app, &server);
    let mut agent = printed(&app, "agent show sales");
    // The command asks the voice server from its own machine.
    agent.as_object_mut().unwrap().remove("voice_health");
    let path = format!("/api/v1/agents/{}", agent["id"].as_str().unwrap());
    assert_eq!(api.json(&path).await, agent);
    assert_eq!(agent["capacity"], json!(3));
    let account = api.json(&format!("/api/v1/accounts/{MAIN_SID}")).await;
    assert_eq!(account, printed(&app, &format!("account show {MAIN_SID}")));
    let number = printed(&app, &format!("number show {SALES}"));
    for written in [SALES.to_owned(), SALES.replace('+', "%2B")] {
        assert_eq!(api.json(&format!("/api/v1/numbers/{written}")).await, number);
    }
    let head = api.request("HEAD", &path).await;
    assert_eq!((head.status, head.text()), (200, ""));
}
