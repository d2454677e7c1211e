//! Nothing of an organization is shown to another one: every path of the document is tried.

use super::api::{Api, OTHERS_ID, OURS_ID, added_key, code};
use super::records::served_with_records;
use crate::prelude::*;

/// The list of a path of one object, the field of an entry that fills it, and a key that does not exist.
fn list_of(path: &str) -> Option<(&str, &str, String)> {
    let (list, rest) = path.split_once("/{")?;
    let (parameter, rest) = rest.split_once('}').unwrap();
    assert!(!rest.contains('{'), "{path}: fill it here");
    let missing = match list {
        "/api/v1/organizations" => "org_01m8jwaxz29rbqtyphtjq1q9h7".to_owned(),
        "/api/v1/accounts" => sid("AC", 99),
        "/api/v1/agents" => "agt_01m8jwaxz29rbqtyphtjq1q9h6".to_owned(),
        "/api/v1/numbers" => UNKNOWN.to_owned(),
        "/api/v1/senders" => "rcs:nothing".to_owned(),
        "/api/v1/calls" => sid("CA", 99),
        "/api/v1/messages" => sid("SM", 99),
        "/api/v1/conversations" => "cnv_01m8jwaxz29rbqtyphtjq1q9h6".to_owned(),
        "/api/v1/deliveries" => "dlv_01m8jwaxz29rbqtyphtjq1q9h6".to_owned(),
        "/api/v1/plans" => "pln_01m8jwaxz29rbqtyphtjq1q9h6".to_owned(),
        "/api/v1/calendars" | "/api/v1/lists" => "nothing".to_owned(),
        "/api/v1/subscriptions" => "sub_01m8jwaxz29rbqtyphtjq1q9h6".to_owned(),
        "/api/v1/jobs" => "job_01m8jwaxz29rbqtyphtjq1q9h6".to_owned(),
        _ => panic!("{path}: name an object that does not exist here"),
    };
    // The address of a sender is shown as that of a number.
    let field = if parameter == "sender" { "phone_number" } else { parameter };
    Some((list, field, missing))
}

/// The organization of an entry of a list.
fn owner(path: &str, entry: &Value) -> Value {
    match path {
        "/api/v1/organizations" => entry["id"].clone(),
        "/api/v1/events" => entry["data"]["organization"].clone(),
        _ if entry.get("organization_id").is_some() => entry["organization_id"].clone(),
        _ => entry["organization"].clone(),
    }
}

/// Adds a plan of an organization, and a calendar and a list with the names of its agent.
async fn add_plan(app: &TestApp, server: &Server, id: &str, agent: &str) {
    let api =
        Api::with(server, &added_key(app, &format!("--scopes configure --organization {id}")).1);
    let document = json!({ "otherwise": { "agents": [agent] } });
    let plan = api.post("/api/v1/plans", &json!({ "name": agent, "document": document })).await;
    assert_eq!(plan.status, 201, "{}", plan.text());
    for (list, body) in [("calendars", json!({ "days": [] })), ("lists", json!({ "numbers": [] }))]
    {
        let path = format!("/api/v1/{list}/{agent}");
        assert_eq!(api.submit("PUT", &path, &[], &body).await.status, 201, "{path}");
    }
}

/// Checks the numbers of an organization by a job.
async fn check_numbers(app: &TestApp, server: &Server, id: &str) {
    let key = added_key(app, &format!("--scopes read,configure --organization {id}")).1;
    let api = Api::with(server, &key);
    let started = api.post("/api/v1/drift/check", &json!({})).await;
    assert_eq!(started.status, 202, "{}", started.text());
    let job = format!("/api/v1/jobs/{}", started.json()["id"].as_str().unwrap());
    within(DONE, "the numbers are checked", async || {
        (api.json(&job).await["state"] == "succeeded").then_some(())
    })
    .await;
}

#[apply(on_both_stores!)]
async fn no_path_shows_anything_of_another_organization(store: Store) {
    let (app, server) = served_with_records(store).await;
    for id in [OURS_ID, OTHERS_ID] {
        let add = format!("subscription add --url https://example.com/events --organization {id}");
        app.run(&add).exits(0);
    }
    for (sender, account) in [("rcs:ours", MAIN_SID), ("rcs:theirs", OTHER_SID)] {
        app.run(&format!("sender add {sender} --account {account}")).exits(0);
    }
    for (id, agent) in [(OURS_ID, "sales"), (OTHERS_ID, "support")] {
        add_plan(&app, &server, id, agent).await;
        check_numbers(&app, &server, id).await;
    }
    // Twilio cannot be reached, so that the checks find no drift.
    for drift in [
        "UPDATE numbers SET drifting_since = created_at",
        "INSERT INTO drifts (phone_number, reasons, changes, blockers, found_at)
            SELECT phone_number, ',wrong_url,', '[]', '[]', created_at FROM numbers",
    ] {
        app.store.execute(drift).await;
    }
    let key = |id| added_key(&app, &format!("--scopes read,admin --organization {id}")).1;
    let (ours, theirs) = (key(OURS_ID), key(OTHERS_ID));
    let (ours, theirs) = (Api::with(&server, &ours), Api::with(&server, &theirs));
    let operator = Api::with(&server, &added_key(&app, "--scopes read,admin").1);
    let (own, selected) = (operator.selecting(OURS_ID), operator.selecting(OTHERS_ID));
    let sides = [(&ours, OURS_ID), (&theirs, OTHERS_ID), (&own, OURS_ID), (&selected, OTHERS_ID)];
    let document = server.admin().get("/api/openapi.json", &[]).await.json();
    let (mut lists, mut objects) = (0, 0);
    for (path, methods) in document["paths"].as_object().unwrap() {
        if methods.get("get").is_none() {
            continue;
        }
        let Some((list, field, missing)) = list_of(path) else {
            lists += 1;
            for (side, id) in sides {
                let shown = side.json(path).await["data"].take();
                let shown = shown.as_array().unwrap();
                assert!(!shown.is_empty(), "{path} shows nothing to {id}");
                assert!(shown.iter().all(|entry| owner(path, entry) == id), "{path}: {shown:?}");
            }
            continue;
        };
        objects += 1;
        let (_, rest) = path.split_once('}').unwrap();
        let filled = |key: &str| format!("{list}/{key}{rest}");
        for (side, id) in sides {
            let mine = side.json(list).await["data"][0][field].take();
            let mine = filled(mine.as_str().unwrap());
            assert_eq!(side.get(&mine).await.status, 200, "{mine}");
            for (foreign, _) in sides.iter().filter(|(_, other)| *other != id) {
                let (found, missing) =
                    (foreign.get(&mine).await, foreign.get(&filled(&missing)).await);
                assert!(code(&found, 404).ends_with("_not_found"), "{path}");
                assert_eq!(found.appearance(), missing.appearance(), "{path}");
            }
        }
    }
    assert!(lists >= 13 && objects >= 12, "{lists} lists, {objects} objects");
}

/// A plan, a calendar and a list have names, which are unique in an organization only.
#[apply(on_both_stores!)]
async fn a_name_that_only_others_have_names_nothing(store: Store) {
    let (app, server) = served_with_records(store).await;
    add_plan(&app, &server, OTHERS_ID, "support").await;
    let ours = added_key(&app, &format!("--scopes read --organization {OURS_ID}")).1;
    let (ours, operator) = (Api::with(&server, &ours), Api::operator(&app, &server));
    let (own, others) = (operator.selecting(OURS_ID), operator.selecting(OTHERS_ID));
    for path in ["plans/NAME", "plans/NAME/versions", "calendars/NAME", "lists/NAME"] {
        let filled = |name: &str| format!("/api/v1/{}", path.replace("NAME", name));
        assert_eq!(others.get(&filled("support")).await.status, 200, "{path}");
        for api in [&ours, &own, &operator] {
            let (found, missing) =
                (api.get(&filled("support")).await, api.get(&filled("nothing")).await);
            assert!(code(&found, 404).ends_with("_not_found"), "{path}");
            assert_eq!(found.appearance(), missing.appearance(), "{path}");
        }
    }
}

#[apply(on_both_stores!)]
async fn a_cursor_or_a_filter_leads_to_no_other_organization(store: Store) {
    let (app, server) = served_with_records(store).await;
    let theirs = added_key(&app, &format!("--scopes read --organization {OTHERS_ID}")).1;
    let (operator, theirs) = (Api::operator(&app, &server), Api::with(&server, &theirs));
    for path in
        ["accounts", "agents", "numbers", "calls", "messages", "deliveries", "rejections", "events"]
    {
        let path = format!("/api/v1/{path}");
        let first = operator.json(&format!("{path}?limit=1")).await;
        let cursor = first["next_cursor"].as_str().unwrap();
        let next = theirs.json(&format!("{path}?cursor={cursor}")).await["data"].take();
        let next = next.as_array().unwrap();
        assert!(next.iter().all(|entry| owner(&path, entry) == OTHERS_ID), "{path}: {next:?}");
    }
    let sales = operator.json(&format!("/api/v1/numbers/{SALES}")).await["agent_id"].take();
    let sales = sales.as_str().unwrap();
    for filtered in [
        format!("numbers?account_sid={MAIN_SID}"),
        format!("calls?account_sid={MAIN_SID}"),
        format!("calls?agent_id={sales}"),
        format!("messages?account_sid={MAIN_SID}"),
        format!("conversations?account_sid={MAIN_SID}"),
        format!("deliveries?agent_id={sales}"),
        format!("deliveries?message_sid={}", sid("SM", 1)),
        format!("rejections?account_sid={MAIN_SID}"),
        format!("events?account_sid={MAIN_SID}"),
        format!("events?subject={}", sid("CA", 1)),
    ] {
        let found = theirs.json(&format!("/api/v1/{filtered}")).await;
        assert_eq!(found["data"], json!([]), "{filtered}");
    }
}

#[apply(on_both_stores!)]
async fn requests_of_unknown_accounts_are_shown_to_operators_only(store: Store) {
    let (app, server) = served_with_records(store).await;
    let operator = Api::operator(&app, &server);
    let unknown = "/api/v1/rejections?reason=account_unknown";
    assert_eq!(operator.json(unknown).await["data"].as_array().unwrap().len(), 1);
    for id in [OURS_ID, OTHERS_ID] {
        assert_eq!(operator.selecting(id).json(unknown).await["data"], json!([]), "{id}");
    }
}
