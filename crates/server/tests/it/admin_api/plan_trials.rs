//! What a plan or its next version would decide is simulated and replayed as by the commands.

use super::api::{Api, OTHERS_ID, added_key, code};
use crate::prelude::*;

const PLANS: &str = "/api/v1/plans";

/// A server with a call to a number, for which a plan decides since then.
async fn called(store: Store) -> (TestApp, Server, Api) {
    let (app, server) = TestApp::served(store).await;
    assert_eq!(server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1))).await.status, 200);
    app.store.holds(1, "calls").await;
    let api = Api::with(&server, &added_key(&app, "--scopes read,configure").1);
    let document = json!({
        "time_zone": "America/New_York",
        "rules": [{
            "name": "Open",
            "when": { "schedule": { "weekly": [{ "days": ["mon"], "from": "09:00", "to": "17:00" }] } },
            "then": { "next": [{ "reject": "busy" }] },
        }],
        "otherwise": { "agents": [{ "agent": "sales", "weight": 3 }, "hours"] },
    });
    let added = api.post(PLANS, &json!({ "name": "Desk", "document": document })).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let place = format!("/api/v1/numbers/{SALES}/plan");
    assert_eq!(api.submit("PUT", &place, &[], &json!({ "plan": "Desk" })).await.status, 200);
    (app, server, api)
}

#[apply(on_both_stores!)]
async fn a_week_is_simulated_as_by_the_command(store: Store) {
    let (app, _server, api) = called(store).await;
    let simulate = format!("{PLANS}/Desk/simulate");
    for (body, options) in [
        (json!({ "at": "2026-11-30" }), "--at 2026-11-30"),
        (
            json!({ "from": "anonymous", "at": "2026-11-30T03:00:00Z", "days": 2, "channel": "voice" }),
            "--from anonymous --at 2026-11-30T03:00:00Z --days 2 --channel voice",
        ),
        (
            json!({ "from": "+14155550177", "to": SILENT, "at": "2027-03-14", "days": 1, "country": "US", "channel": "sms" }),
            &format!(
                "--from +14155550177 --to {SILENT} --at 2027-03-14 --days 1 --country US --channel sms"
            ),
        ),
    ] {
        let answer = api.post(&simulate, &body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text());
        let printed = app.run(&format!("route simulate Desk {options} --json")).exits(0).json();
        assert_eq!(answer.json(), printed, "{body}");
    }
    let week = api.post(&simulate, &json!({ "at": "2026-11-30" })).await.json();
    assert_eq!(week["to"], json!(SALES));
    let mut destinations = week["destinations"].as_array().unwrap().iter();
    assert!(
        destinations.any(|destination| destination["destination"]["kind"] == "reject"),
        "{week}"
    );
    let next = json!({ "otherwise": { "next": [{ "say": { "text": "Closed." } }] } });
    let next = api.post(&simulate, &json!({ "document": next, "days": 1 })).await.json();
    let destination = &next["destinations"][0]["destination"];
    assert_eq!((&destination["kind"], &next["days"][1]), (&json!("say"), &Value::Null));
}

#[apply(on_both_stores!)]
async fn recorded_calls_are_replayed_as_by_the_command(store: Store) {
    let (app, _server, api) = called(store).await;
    let replay = format!("{PLANS}/Desk/replay");
    let next = json!({ "otherwise": { "agents": ["support"] } });
    app.write("next.json", &next.to_string());
    for (path, body, options) in [
        (replay.clone(), json!({ "document": next }), ""),
        (format!("{replay}?reveal=true"), json!({ "document": next, "days": 30 }), "--days 30"),
        (
            replay.clone(),
            json!({ "document": next, "number": SILENT }),
            &format!("--number {SILENT}"),
        ),
        (
            replay.clone(),
            json!({ "document": next, "account_sid": MAIN_SID }),
            &format!("--account {MAIN_SID}"),
        ),
    ] {
        let answer = api.post(&path, &body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text());
        let mut replayed = answer.json();
        let incomplete = replayed.as_object_mut().unwrap().remove("incomplete");
        assert_eq!(incomplete, Some(json!(false)));
        let command = format!("route replay next.json --plan Desk {options} --json");
        let mut printed = app.run(&command).exits(0).json();
        if !path.contains("reveal") && printed["changed"] == 1 {
            let from = printed["changes"][0]["from"].take();
            let shown = replayed["changes"][0]["from"].take();
            let (from, shown) = (from.as_str().unwrap(), shown.as_str().unwrap());
            assert!(shown != from && shown.ends_with(&from[from.len() - 2..]), "{shown}");
        }
        assert_eq!(replayed, printed, "{body}");
    }
    // The stored plan splits callers by its id, so its decision differs between runs of the test.
    let stored = api.post(&replay, &json!({})).await.json();
    assert_eq!((&stored["calls"], &stored["incomplete"]), (&json!(1), &json!(false)));
    let changed = api.post(&replay, &json!({ "document": next })).await.json();
    let change = &changed["changes"][0];
    assert_eq!(
        (&change["before"]["name"], &change["after"]["name"], &change["rule"]),
        (&json!("Sales & \"Co\" <1>"), &json!("Support"), &Value::Null)
    );
}

#[apply(on_both_stores!)]
async fn a_wrong_trial_is_a_problem_that_names_each_mistake(store: Store) {
    let (app, server, api) = called(store).await;
    super::api::add_others(&app).await;
    let (simulate, replay) = (format!("{PLANS}/Desk/simulate"), format!("{PLANS}/Desk/replay"));
    let unknown = json!({ "otherwise": { "agents": ["nobody"] } });
    for (path, body, expected) in [
        (
            &simulate,
            json!({ "from": 1, "to": "+1", "channel": "fax", "at": "soon", "days": 32, "country": "UK", "x": 1 }),
            vec!["/at", "/channel", "/country", "/days", "/from", "/to", "/x"],
        ),
        (
            &replay,
            json!({ "days": 91, "number": "+1", "account_sid": "AC1" }),
            vec!["/account_sid", "/days", "/number"],
        ),
        (&replay, json!({ "number": SALES, "account_sid": MAIN_SID }), vec!["/account_sid"]),
        (&simulate, json!({ "document": unknown }), vec!["/document/otherwise/agents/0"]),
        (&replay, json!({ "document": unknown }), vec!["/document/otherwise/agents/0"]),
        (&replay, json!({ "document": "{}" }), vec!["/document"]),
    ] {
        let answer = api.post(path, &body).await;
        assert_eq!(code(&answer, 422), "body_invalid", "{body}");
        let errors = answer.json()["errors"].take();
        let pointers = errors.as_array().unwrap().iter();
        let mut pointers: Vec<_> = pointers.map(|one| one["pointer"].as_str().unwrap()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, expected, "{body}");
    }
    let options = format!("--scopes read --organization {OTHERS_ID}");
    let theirs = Api::with(&server, &added_key(&app, &options).1);
    for path in [&simulate, &replay] {
        assert_eq!(code(&theirs.post(path, &json!({})).await, 404), "plan_not_found");
        assert_eq!(code(&api.get(path).await, 405), "method_not_allowed");
    }
    app.store.execute("UPDATE routing_plan_versions SET document = '{}'").await;
    for path in [&simulate, &replay] {
        assert_eq!(code(&api.post(path, &json!({})).await, 409), "plan_unreadable");
    }
    let shown = api.json(&format!("{PLANS}/Desk")).await;
    assert!(!shown["problems"].as_array().unwrap().is_empty(), "{shown}");
}
