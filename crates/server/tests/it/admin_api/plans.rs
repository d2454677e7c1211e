//! Routing plans are saved, attached, changed and removed as by the commands.

use super::api::{Api, OTHERS_ID, OURS_ID, added_key, code};
use super::records::add_others;
use crate::prelude::*;

const PLANS: &str = "/api/v1/plans";
const EXPLAIN: &str = "/api/v1/routes/explain";

/// A client that may change plans.
fn configuring(app: &TestApp, server: &Server) -> Api {
    Api::with(server, &added_key(app, "--scopes read,configure").1)
}

/// A plan that rejects friends on weekdays, and leads others to an agent.
fn document(agent: &str) -> Value {
    let weekly =
        [json!({ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00" })];
    let schedule = json!({ "weekly": weekly, "except": { "calendars": ["holidays"] } });
    json!({
        "time_zone": "America/New_York",
        "rules": [{
            "name": "Friends",
            "when": { "caller": { "lists": ["friends"] }, "schedule": schedule },
            "then": { "next": [{ "reject": "busy" }] },
        }],
        "otherwise": { "agents": [agent] },
    })
}

fn tag(answer: &Answer) -> String {
    answer.header("etag").unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

/// The pointers and codes of the mistakes of an answer, in order.
fn mistakes(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(code(answer, 422), "body_invalid");
    let errors = answer.json()["errors"].take();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mistake = |one: &Value| (text(&one["pointer"]), text(&one["code"]));
    let mut found: Vec<_> = errors.as_array().unwrap().iter().map(mistake).collect();
    found.sort_unstable();
    found
}

/// Adds what the plan names.
async fn add_materials(api: &Api) {
    for (path, body) in [
        ("/api/v1/lists/friends", json!({ "numbers": ["+1 (212) 555-0177"] })),
        ("/api/v1/calendars/holidays", json!({ "days": ["2026-11-26"] })),
    ] {
        let added = api.submit("PUT", path, &[], &body).await;
        assert_eq!(added.status, 201, "{}", added.text());
    }
}

/// From the first version to the removal.
#[apply(on_both_stores!)]
async fn a_plan_is_added_attached_changed_restored_and_removed(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let (key, secret) = added_key(&app, "--scopes read,configure,admin");
    let api = Api::with(&server, &secret);
    add_materials(&api).await;
    let body = json!({ "name": "Front desk", "document": document("sales") });
    let planned = api.post(&format!("{PLANS}?dry_run=true"), &body).await;
    assert_eq!((planned.status, &planned.json()["saved"]), (200, &json!(false)));
    assert_eq!((planned.header("etag"), planned.header("location")), (None, None));
    assert_eq!((planned.json().get("id"), &planned.json()["version"]), (None, &json!(1)));
    app.store.holds(0, "routing_plans").await;

    let added = api.post(PLANS, &body).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let mut plan = added.json();
    let fields = plan.as_object_mut().unwrap();
    assert_eq!(fields.remove("saved"), Some(json!(true)));
    let nothing = json!({ "organization": false, "accounts": [], "numbers": 0 });
    assert_eq!(fields.remove("touches"), Some(nothing));
    assert_eq!((&plan["version"], &plan["author"]), (&json!(1), &json!("operator")));
    assert_eq!((&plan["attached"], &plan["problems"]), (&json!([]), &json!([])));
    let path = format!("{PLANS}/{}", plan["id"].as_str().unwrap());
    assert_eq!(added.header("location"), Some(path.as_str()));
    for path in [&path, &format!("{PLANS}/Front%20desk")] {
        let shown = api.get(path).await;
        assert_eq!((shown.json(), tag(&shown)), (plan.clone(), tag(&added)));
    }
    let printed = app.run(&["route", "plan", "show", "Front desk", "--json"]).exits(0).json();
    assert_eq!(printed, plan);
    let agent = &plan["document"]["otherwise"]["agents"][0];
    assert!(agent.as_str().unwrap().starts_with("agt_"), "{agent}");

    let place = format!("/api/v1/numbers/{SALES}/plan");
    let attached = api.submit("PUT", &place, &[], &json!({ "plan": "Front desk" })).await;
    assert_eq!((attached.status, &attached.json()["numbers"]), (200, &json!(1)));
    let explained = async |at: &str| {
        let call = json!({ "to": SALES, "from": "+12125550177", "at": at });
        let answer = api.post(EXPLAIN, &call).await.json();
        (answer["plan"]["version"].clone(), answer["plan"]["fallback_chain"][0]["kind"].clone())
    };
    // A Wednesday, and Thanksgiving.
    assert_eq!(explained("2026-11-25T15:00:00Z").await, (json!(1), json!("reject")));
    assert_eq!(explained("2026-11-26T15:00:00Z").await, (json!(1), json!("agent")));
    let listed = api.json(PLANS).await["data"][0].take();
    assert_eq!(listed["attached"], json!([{ "number": SALES }]));
    assert_eq!((listed.get("document"), listed.get("problems")), (None, None));
    let mut printed = app.run("route plan list --json").exits(0).list();
    assert_eq!(printed[0].as_object_mut().unwrap().remove("problems"), Some(json!([])));
    assert_eq!(printed, json!([listed]));

    // Attaching changed the plan as it is shown.
    let versions = format!("{path}/versions");
    let next = async |tag: &str, body: Value| {
        api.submit("POST", &versions, &[("If-Match", tag)], &body).await
    };
    let mut changed = document("support");
    changed["rules"] = json!([]);
    let stale = next(&tag(&added), json!({ "document": changed })).await;
    assert_eq!(code(&stale, 412), "precondition_failed");
    let second = next(&tag(&stale), json!({ "document": changed, "author": "ci" })).await;
    assert_eq!(second.status, 201, "{}", second.text());
    let saved = second.json();
    assert_eq!((&saved["version"], &saved["author"]), (&json!(2), &json!("ci")));
    assert_eq!(saved["touches"]["numbers"], json!(1));
    assert_eq!(tag(&api.get(&path).await), tag(&second));
    assert_eq!(explained("2026-11-25T15:00:00Z").await, (json!(2), json!("agent")));
    let same = api.post(&versions, &json!({ "document": changed })).await;
    assert_eq!((same.status, tag(&same)), (200, tag(&second)));
    assert_eq!((&same.json()["saved"], &same.json()["touches"]), (&json!(false), &Value::Null));

    let restored = next(&tag(&second), json!({ "restore": 1 })).await;
    assert_eq!((restored.status, &restored.json()["version"]), (201, &json!(3)));
    assert_eq!(restored.json()["document"], plan["document"]);
    assert_eq!(explained("2026-11-25T15:00:00Z").await, (json!(3), json!("reject")));
    let old = api.get(&format!("{path}?version=2")).await;
    assert_eq!((old.status, old.header("etag")), (200, None));
    let old = old.json();
    assert_eq!((&old["version"], &old["document"]), (&json!(2), &saved["document"]));
    assert_eq!(tag(&api.get(&format!("{path}?version=3")).await), tag(&restored));
    let page = api.json(&format!("{versions}?limit=2")).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = api.json(&format!("{versions}?cursor={cursor}")).await;
    let numbers = |page: &Value| {
        let data = page["data"].as_array().unwrap().iter();
        data.map(|one| one["version"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((numbers(&page), numbers(&rest)), (vec![1, 2], vec![3]));
    let printed = app.run(&["route", "plan", "versions", "Front desk", "--json"]).exits(0).list();
    assert_eq!(api.json(&versions).await["data"], printed);

    assert_eq!(code(&api.request("DELETE", &path).await, 409), "plan_in_use");
    assert_eq!(api.request("DELETE", &place).await.status, 204);
    let stale = api.submit("DELETE", &path, &[("If-Match", &tag(&restored))], &json!({})).await;
    assert_eq!(code(&stale, 412), "precondition_failed");
    let removed = api.submit("DELETE", &path, &[("If-Match", &tag(&stale))], &json!({})).await;
    assert_eq!((removed.status, removed.text()), (204, ""));
    for method in ["GET", "DELETE"] {
        assert_eq!(code(&api.request(method, &path).await, 404), "plan_not_found");
    }
    let object = plan["id"].as_str().unwrap();
    let audited = api.json(&format!("/api/v1/audit?object={object}&actor={key}")).await;
    let actions = audited["data"].as_array().unwrap().iter().map(|one| one["action"].clone());
    let actions: Vec<_> = actions.collect();
    let (saved, removed) = (json!("plan.saved"), json!("plan.removed"));
    assert_eq!(actions, [removed, saved.clone(), saved.clone(), saved]);
}

#[apply(on_both_stores!)]
async fn all_mistakes_of_a_document_are_named_and_nothing_is_saved(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let plain = json!({ "otherwise": { "agents": ["sales"] } });
    let added = api.post(PLANS, &json!({ "name": "Day", "document": plain })).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let versions = format!("{PLANS}/Day/versions");
    let named = json!({
        "rules": [{
            "when": { "caller": { "lists": ["foes"] }, "schedule": { "time_zone": "Etc/UTC", "calendars": ["never"] } },
            "then": { "agents": ["nobody"] },
        }],
        "otherwise": { "agents": [{ "agent": "sales", "weight": 0 }] },
    });
    let grammar = json!({ "time_zone": "Nowhere", "rules": [{ "then": {}, "x": 1 }], "otherwise": { "agents": "sales" } });
    let found = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect()
    };
    let nothing = ("/document", "invalid");
    for (body, expected) in [
        (json!({ "document": 7 }), found(&[("/document", "type")])),
        (json!({}), found(&[("/document", "required")])),
        (
            json!({ "document": {}, "name": " ", "author": 1, "plan": "Day", "a/b": 1 }),
            found(&[
                ("/author", "type"),
                ("/a~1b", "unknown"),
                nothing,
                ("/name", "invalid"),
                ("/plan", "unknown"),
            ]),
        ),
        (
            json!({ "name": "Day", "document": named }),
            found(&[
                ("/document/otherwise/agents", "no_weight"),
                ("/document/rules/0/then/agents/0", "agent_unknown"),
                ("/document/rules/0/when/caller/lists/0", "list_unknown"),
                ("/document/rules/0/when/schedule/calendars/0", "calendar_unknown"),
            ]),
        ),
        (
            json!({ "name": "Day", "document": grammar }),
            found(&[
                ("/document/otherwise/agents", "invalid"),
                ("/document/rules/0/then", "nothing_to_do"),
                ("/document/rules/0/x", "invalid"),
                ("/document/time_zone", "invalid"),
            ]),
        ),
    ] {
        for path in [PLANS, &versions] {
            assert_eq!(mistakes(&api.post(path, &body).await), expected, "{path} {body}");
        }
    }
    let unnamed = api.post(PLANS, &json!({ "document": {} })).await;
    assert_eq!(mistakes(&unnamed), found(&[nothing, ("/name", "required")]));
    let unnamed = api.post(PLANS, &json!({ "document": plain })).await;
    assert_eq!(mistakes(&unnamed), found(&[("/name", "required")]));
    let both = api.post(&versions, &json!({ "document": plain, "restore": 1 })).await;
    assert_eq!(mistakes(&both), found(&[("/restore", "invalid")]));
    for (number, wrong) in [(json!("1"), "type"), (json!(0), "invalid"), (json!(1.5), "type")] {
        let refused = api.post(&versions, &json!({ "restore": number })).await;
        assert_eq!(mistakes(&refused), found(&[("/restore", wrong)]));
    }
    let later = api.post(&versions, &json!({ "restore": 2 })).await;
    assert_eq!(code(&later, 404), "plan_version_not_found");
    assert!(later.json()["detail"].as_str().unwrap().ends_with(" has no version 2"));
    let missing = format!("{PLANS}/Night/versions");
    let missing = api.post(&missing, &json!({ "document": plain })).await;
    assert_eq!(code(&missing, 404), "plan_not_found");
    for (path, status, expected) in [
        ("/Day?version=0", 400, "query_invalid"),
        ("/Day?version=2", 404, "plan_version_not_found"),
        ("/Day?dry_run=true", 400, "query_invalid"),
        ("/%20", 404, "plan_not_found"),
        ("/%FF", 404, "plan_not_found"),
        ("/Day/versions?cursor=1", 400, "cursor_invalid"),
    ] {
        assert_eq!(code(&api.get(&format!("{PLANS}{path}")).await, status), expected, "{path}");
    }
    let twice = api.post(&format!("{PLANS}?dry_run=maybe"), &json!({})).await;
    assert_eq!(code(&twice, 400), "query_invalid");
    let reading = Api::operator(&app, &server);
    for (method, path) in [("POST", PLANS), ("POST", &*versions), ("DELETE", "/api/v1/plans/Day")] {
        let refused = reading.submit(method, path, &[], &json!({ "document": plain })).await;
        assert_eq!(code(&refused, 403), "key_scope", "{method} {path}");
    }
    assert_eq!(app.store.count("routing_plan_versions").await, 1);
}

/// A dry run refuses what the real one refuses, and each mistake is at the field that it comes from.
#[apply(on_both_stores!)]
async fn a_name_that_another_plan_has_is_refused_where_it_is_given(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let plain = |name: Option<&str>| match name {
        Some(name) => json!({ "name": name, "otherwise": { "agents": ["support"] } }),
        None => json!({ "otherwise": { "agents": ["support"] } }),
    };
    for name in ["Day", "Night"] {
        let added = api.post(PLANS, &json!({ "name": name, "document": plain(None) })).await;
        assert_eq!(added.status, 201, "{}", added.text());
    }
    let versions = format!("{PLANS}/Night/versions");
    for dry_run in ["", "?dry_run=true"] {
        for (path, body, pointer) in [
            (PLANS, json!({ "name": "Day", "document": plain(None) }), "/name"),
            (PLANS, json!({ "document": plain(Some("Day")) }), "/document/name"),
            (&*versions, json!({ "name": "Day", "restore": 1 }), "/name"),
            (&*versions, json!({ "document": plain(Some("Day")) }), "/document/name"),
        ] {
            let taken = api.post(&format!("{path}{dry_run}"), &body).await;
            assert_eq!(code(&taken, 409), "plan_name_taken", "{path}{dry_run} {body}");
            assert_eq!(taken.json()["errors"][0]["pointer"], json!(pointer), "{body}");
        }
    }
    // The first name of the plan is that of another one by now, and then its agent is gone.
    let renamed = api.post(&versions, &json!({ "name": "Late", "document": plain(None) })).await;
    assert_eq!(renamed.status, 201, "{}", renamed.text());
    let night = json!({ "name": "Night", "document": { "otherwise": { "agents": ["sales"] } } });
    assert_eq!(api.post(PLANS, &night).await.status, 201);
    let versions = format!("{PLANS}/Late/versions");
    let restored = api.post(&versions, &json!({ "restore": 1 })).await;
    assert_eq!(code(&restored, 409), "plan_name_taken");
    assert_eq!(restored.json()["errors"][0]["pointer"], json!("/restore"));
    let broken = "UPDATE routing_plan_versions SET document = replace(document, 'agt_', 'agt-')";
    app.store.execute(broken).await;
    let restored = api.post(&versions, &json!({ "restore": 1, "name": "Later", "x": 1 })).await;
    let expected = [("/restore", "agent_unknown"), ("/x", "unknown")];
    assert_eq!(mistakes(&restored), expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
}

/// It is smaller than a body, but stored with a line for each number.
#[apply(on_both_stores!)]
async fn a_document_that_would_be_stored_too_large_to_be_read_is_refused(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let numbers: Vec<_> = (0..45_000).map(|n| format!("+1415{:07}", 2_000_000 + n)).collect();
    let when = json!({ "caller": { "numbers": numbers } });
    let rule = json!({ "when": when, "then": { "agents": ["sales"] } });
    let document = json!({ "rules": [rule], "otherwise": { "agents": ["sales"] } });
    let refused = api.post(PLANS, &json!({ "name": "Day", "document": document })).await;
    assert_eq!(mistakes(&refused), [("/document".to_owned(), "too_many".to_owned())]);
    app.store.holds(0, "routing_plans").await;
}

/// Of several people who change what they saw, one succeeds.
#[apply(on_both_stores!)]
async fn of_versions_at_once_one_follows_the_one_that_was_seen(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let of = |agent: &str| json!({ "otherwise": { "agents": [agent] } });
    let added = api.post(PLANS, &json!({ "name": "Day", "document": of("sales") })).await;
    let seen = tag(&added);
    let save = async |n: usize| {
        let body = json!({ "name": format!("Day {n}"), "document": of("support") });
        let id = added.json()["id"].as_str().unwrap().to_owned();
        api.submit("POST", &format!("{PLANS}/{id}/versions"), &[("If-Match", &seen)], &body).await
    };
    let answers = join_all((0..8).map(save)).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((won.len(), app.store.count("routing_plan_versions").await), (1, 2));
    for answer in lost {
        assert_eq!(code(answer, 412), "precondition_failed");
        assert_eq!(tag(answer), tag(won[0]));
    }
}

/// Without a tag, a version follows the one that was read for it: of several at once, none is lost.
#[apply(on_both_stores!)]
async fn of_versions_at_once_without_a_tag_each_is_saved_or_refused(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let of = |agent: &str| json!({ "otherwise": { "agents": [agent] } });
    let added = api.post(PLANS, &json!({ "name": "Day", "document": of("sales") })).await;
    let versions = format!("{PLANS}/{}/versions", added.json()["id"].as_str().unwrap());
    let save = async |n: usize| {
        let body = json!({ "name": format!("Day {n}"), "document": of("support") });
        api.post(&versions, &body).await
    };
    let answers = join_all((0..8).map(save)).await;
    let (saved, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 201);
    assert!(!saved.is_empty());
    for answer in refused {
        assert_eq!(code(answer, 409), "plan_changed");
    }
    let mut numbers: Vec<_> =
        saved.iter().map(|answer| answer.json()["version"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (2..).take(saved.len()).collect::<Vec<_>>());
    assert_eq!(app.store.count("routing_plan_versions").await, saved.len() + 1);
}

/// The entries belong to the organization of the object, whoever changes it.
#[apply(on_both_stores!)]
async fn changes_are_recorded_for_the_organization_that_they_are_made_in(store: Store) {
    let app = TestApp::seeded(store);
    add_others(&app).await;
    let server = app.serve().await;
    let key = added_key(&app, "--scopes read,configure,admin");
    let operator = Api::with(&server, &key.1);
    let options = format!("--scopes read,configure,admin --organization {OTHERS_ID}");
    let their_key = added_key(&app, &options);
    let theirs = Api::with(&server, &their_key.1);
    let selecting = operator.selecting(OTHERS_ID);
    for (api, name, kind, actor) in [
        (&theirs, "own", "api_key", Some(&their_key.0)),
        (&selecting, "selected", "operator_key", None),
    ] {
        let document = json!({ "otherwise": { "agents": ["support"] } });
        let plan = api.post(PLANS, &json!({ "name": name, "document": document })).await;
        assert_eq!(plan.status, 201, "{}", plan.text());
        let id = plan.json()["id"].as_str().unwrap().to_owned();
        let mut changed = vec![("plan", id.clone())];
        for (noun, body) in
            [("calendar", json!({ "days": [] })), ("list", json!({ "numbers": [] }))]
        {
            let path = format!("/api/v1/{noun}s/{name}");
            assert_eq!(api.submit("PUT", &path, &[], &body).await.status, 201, "{path}");
            assert_eq!(api.request("DELETE", &path).await.status, 204, "{path}");
            changed.push((noun, name.to_owned()));
        }
        assert_eq!(api.request("DELETE", &format!("{PLANS}/{id}")).await.status, 204);
        for (noun, object) in changed {
            let path = format!("/api/v1/audit?object={object}");
            let shown = theirs.json(&path).await["data"].take();
            let of_noun =
                |entry: &&Value| entry["action"].as_str().unwrap().starts_with(&format!("{noun}."));
            let entries: Vec<_> = shown.as_array().unwrap().iter().filter(of_noun).collect();
            let actions: Vec<_> = entries.iter().map(|entry| entry["action"].clone()).collect();
            let expected = ["removed", "saved"].map(|done| json!(format!("{noun}.{done}")));
            assert_eq!(actions, expected, "{shown}");
            for entry in entries {
                assert_eq!(entry["organization"], json!(OTHERS_ID), "{entry}");
                assert_eq!(entry["actor"], json!({ "kind": kind, "name": actor }), "{entry}");
            }
            let ours = operator.selecting(OURS_ID).json(&path).await;
            assert_eq!(ours["data"], json!([]), "{object}");
        }
    }
}

#[apply(on_both_stores!)]
async fn a_plan_belongs_to_the_organization_of_the_key(store: Store) {
    let app = TestApp::seeded(store);
    add_others(&app).await;
    let server = app.serve().await;
    let operator = configuring(&app, &server);
    let of = |id| added_key(&app, &format!("--scopes read,configure --organization {id}"));
    let ours = Api::with(&server, &of(OURS_ID).1);
    let their_key = of(OTHERS_ID);
    let theirs = Api::with(&server, &their_key.1);
    let body =
        |agent: &str| json!({ "name": "Day", "document": { "otherwise": { "agents": [agent] } } });
    // The agent of another organization does not exist.
    let foreign = theirs.post(PLANS, &body("sales")).await;
    assert_eq!(
        mistakes(&foreign),
        [("/document/otherwise/agents/0".to_owned(), "agent_unknown".to_owned())]
    );
    let mut ids = Vec::new();
    // Theirs is the older one. Nobody sees the key of an operator.
    for (api, id, agent, author) in [
        (&theirs, OTHERS_ID, "support", their_key.0.as_str()),
        (&operator, OURS_ID, "sales", "operator"),
    ] {
        let added = api.post(PLANS, &body(agent)).await;
        assert_eq!((added.status, &added.json()["organization_id"]), (201, &json!(id)));
        assert_eq!(added.json()["author"], json!(author));
        ids.insert(0, added.json()["id"].as_str().unwrap().to_owned());
    }
    // Without a selected organization, a name is that of the default one, and an id is that of any.
    assert_eq!(operator.json(&format!("{PLANS}/{}", ids[1])).await["id"], json!(ids[1]));
    let version = json!({ "document": { "otherwise": { "agents": ["sales"] } }, "name": "Night" });
    let saved = operator.post(&format!("{PLANS}/Day/versions"), &version).await;
    assert_eq!((saved.status, &saved.json()["id"]), (201, &json!(ids[0])), "{}", saved.text());
    assert_eq!(
        code(&operator.request("DELETE", &format!("{PLANS}/Day")).await, 404),
        "plan_not_found"
    );
    let back = operator.post(&format!("{PLANS}/Night/versions"), &json!({ "restore": 1 })).await;
    assert_eq!(back.status, 201, "{}", back.text());
    assert_eq!(operator.json(&format!("{PLANS}/Day")).await["id"], json!(ids[0]));
    for (api, own) in [(&ours, 0), (&theirs, 1), (&operator.selecting(OTHERS_ID), 1)] {
        assert_eq!(api.json(&format!("{PLANS}/Day")).await["id"], json!(ids[own]));
        let foreign = format!("{PLANS}/{}", ids[1 - own]);
        for (method, path) in
            [("GET", &foreign), ("DELETE", &foreign), ("POST", &format!("{foreign}/versions"))]
        {
            let answer = api.submit(method, path, &[], &json!({ "restore": 1 })).await;
            assert_eq!(code(&answer, 404), "plan_not_found", "{method}");
        }
    }
    let both = operator.json(PLANS).await["data"].take();
    assert_eq!(both.as_array().unwrap().len(), 2);
}
