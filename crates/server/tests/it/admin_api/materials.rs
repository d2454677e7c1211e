//! Calendars and number lists are kept as by the commands.

use super::api::{Api, OTHERS_ID, OURS_ID, add_others, added_key, code};
use crate::prelude::*;

const CALENDARS: &str = "/api/v1/calendars";
const LISTS: &str = "/api/v1/lists";

/// A client that may change calendars and lists.
fn configuring(app: &TestApp, server: &Server) -> Api {
    Api::with(server, &added_key(app, "--scopes read,configure").1)
}

fn tag(answer: &Answer) -> String {
    answer.header("etag").unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

async fn put(api: &Api, path: &str, body: &Value) -> Answer {
    api.submit("PUT", path, &[], body).await
}

#[apply(on_both_stores!)]
async fn calendars_and_lists_are_added_replaced_and_removed(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let (key, secret) = added_key(&app, "--scopes read,configure,admin");
    let api = Api::with(&server, &secret);
    let range = json!({ "from": "2026-12-24", "to": "2027-01-01" });
    for (list, kind, name, first, second, stored) in [
        (
            CALENDARS,
            "calendar",
            "holidays/us",
            json!({ "days": ["2026-11-26"] }),
            json!({ "days": [range, { "from": "2026-07-04", "to": "2026-07-04" }] }),
            json!([range, "2026-07-04"]),
        ),
        (
            LISTS,
            "list",
            "VIP 100%",
            json!({ "numbers": [] }),
            json!({ "numbers": ["+1 (415) 555-0199", "+14155550177", "+14155550199"] }),
            json!(["+14155550177", "+14155550199"]),
        ),
    ] {
        let encoded = name.replace('%', "%25").replace('/', "%2F").replace(' ', "%20");
        let path = format!("{list}/{encoded}");
        // Numbers are shown in full on request.
        let revealed = if list == LISTS { format!("{path}?reveal=true") } else { path.clone() };
        let added = put(&api, &path, &first).await;
        assert_eq!((added.status, added.header("location")), (201, Some(&*path)), "{path}");
        assert_eq!(
            (&added.json()["name"], &added.json()["organization_id"]),
            (&json!(name), &json!(OURS_ID))
        );
        let field = first.as_object().unwrap().keys().next().unwrap();
        let replace =
            async |tag: &str| api.submit("PUT", &revealed, &[("If-Match", tag)], &second).await;
        let replaced = replace(&tag(&added)).await;
        assert_eq!((replaced.status, &replaced.json()[field]), (200, &stored));
        let stale = replace(&tag(&added)).await;
        assert_eq!(
            (code(&stale, 412), tag(&stale)),
            ("precondition_failed".into(), tag(&replaced))
        );
        let shown = api.get(&revealed).await;
        assert_eq!((shown.json(), tag(&shown)), (replaced.json(), tag(&replaced)));
        let printed = app.run(&["route", kind, "show", name, "--json"]).exits(0).json();
        assert_eq!(printed, replaced.json());
        let listed = app.run(&["route", kind, "list", "--json"]).exits(0).list();
        assert_eq!(api.json(list).await["data"], listed);
        assert_eq!(listed[0].get(field), None);

        let audited = api.json(&format!("/api/v1/audit?action={kind}.saved&actor={key}")).await;
        assert_eq!(audited["data"].as_array().unwrap().len(), 2, "{audited}");
        let stale = api.submit("DELETE", &path, &[("If-Match", &tag(&added))], &json!({})).await;
        assert_eq!(code(&stale, 412), "precondition_failed");
        let seen = [("If-Match", &*tag(&replaced))];
        let removed = api.submit("DELETE", &path, &seen, &json!({})).await;
        assert_eq!((removed.status, removed.text()), (204, ""));
        for method in ["GET", "DELETE"] {
            let answer = api.request(method, &path).await;
            assert_eq!(code(&answer, 404), format!("{kind}_not_found"), "{method}");
        }
        // What was seen is no longer there.
        let gone = replace(&tag(&replaced)).await;
        assert_eq!((code(&gone, 412), gone.header("etag")), ("precondition_failed".into(), None));
        assert_eq!(code(&api.get(&path).await, 404), format!("{kind}_not_found"));
    }
}

#[apply(on_both_stores!)]
async fn numbers_are_masked_unless_they_are_revealed(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let (path, revealed) = (format!("{LISTS}/vip"), format!("{LISTS}/vip?reveal=true"));
    let body = json!({ "numbers": ["+14155550199", "+14155550177"] });
    let (masked, all) = (json!(["…77", "…99"]), json!(["+14155550177", "+14155550199"]));
    let mut tags = Vec::new();
    for (answer, numbers) in [
        (put(&api, &path, &body).await, &masked),
        (put(&api, &revealed, &body).await, &all),
        (api.get(&path).await, &masked),
        (api.get(&revealed).await, &all),
    ] {
        assert_eq!(&answer.json()["numbers"], numbers);
        tags.push(tag(&answer));
    }
    tags.dedup();
    assert_eq!(tags.len(), 1, "{tags:?}");
    // Other numbers that look the same have another tag.
    let alike = put(&api, &path, &json!({ "numbers": ["+14155550277", "+14155550299"] })).await;
    assert_eq!(alike.json()["numbers"], masked);
    assert_ne!(tag(&alike), tags[0]);
    assert_eq!(code(&api.get(&format!("{path}?reveal=maybe")).await, 400), "query_invalid");
}

#[apply(on_both_stores!)]
async fn what_exists_is_replaced_and_what_is_missing_is_added_only_as_the_headers_say(
    store: Store,
) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    for (path, first, second) in [
        (format!("{CALENDARS}/days"), json!({ "days": [] }), json!({ "days": ["2026-12-24"] })),
        (format!("{LISTS}/vip"), json!({ "numbers": [] }), json!({ "numbers": ["+14155550199"] })),
    ] {
        let put = async |header: &str, value: &str, body: &Value| {
            api.submit("PUT", &path, &[(header, value)], body).await
        };
        for value in ["*", "\"a\""] {
            let missing = put("If-Match", value, &first).await;
            assert_eq!(code(&missing, 412), "precondition_failed", "{value}");
        }
        for value in ["\"a\"", "x"] {
            let wrong = put("If-None-Match", value, &first).await;
            assert_eq!(code(&wrong, 400), "if_match_invalid", "{value}");
        }
        assert!(code(&api.get(&path).await, 404).ends_with("_not_found"));
        let added = put("If-None-Match", "*", &first).await;
        assert_eq!(added.status, 201, "{}", added.text());
        let kept = put("If-None-Match", "*", &second).await;
        assert_eq!((code(&kept, 412), tag(&kept)), ("precondition_failed".into(), tag(&added)));
        assert_eq!(tag(&api.get(&path).await), tag(&added));
        assert_eq!(put("If-Match", "*", &second).await.status, 200);
        assert_ne!(tag(&api.get(&path).await), tag(&added));
    }
}

#[apply(on_both_stores!)]
async fn names_are_listed_in_pages(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    for (list, body) in [(CALENDARS, json!({ "days": [] })), (LISTS, json!({ "numbers": [] }))] {
        for name in ["b", "a.1", "B", "ä", "a"] {
            assert_eq!(put(&api, &format!("{list}/{name}"), &body).await.status, 201, "{name}");
        }
        let mut names = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = api.json(&format!("{list}?limit=2{cursor}")).await;
            let data = page["data"].as_array().unwrap();
            names.extend(data.iter().map(|one| one["name"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(names, ["B", "a", "a.1", "b", "ä"], "{list}");
        let other = if list == LISTS { CALENDARS } else { LISTS };
        let foreign = api.get(&format!("{other}?limit=2{cursor}")).await;
        assert_eq!(code(&foreign, 400), "cursor_invalid");
    }
}

/// Of several requests with the same condition, one succeeds, and the others get the tag of what it stored.
#[apply(on_both_stores!)]
async fn one_of_many_requests_with_the_same_condition_succeeds(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    for (path, field, [first, second]) in [
        (format!("{CALENDARS}/days"), "days", ["2026-12-1", "2026-12-2"]),
        (format!("{LISTS}/vip"), "numbers", ["+1415555010", "+1415555011"]),
    ] {
        let at_once = async |header: (&str, &str), entry: &str, status: u16| {
            let headers = [header];
            let body = |n: usize| json!({ field: [format!("{entry}{n}")] });
            let bodies: Vec<Value> = (0..8).map(body).collect();
            let puts = bodies.iter().map(|body| api.submit("PUT", &path, &headers, body));
            let (done, outrun): (Vec<_>, Vec<_>) =
                join_all(puts).await.into_iter().partition(|answer| answer.status == status);
            assert_eq!(done.len(), 1, "{path}: {header:?}");
            for answer in outrun {
                assert_eq!(code(&answer, 412), "precondition_failed");
            }
            tag(&done[0])
        };
        let added = at_once(("If-None-Match", "*"), first, 201).await;
        let replaced = at_once(("If-Match", &added), second, 200).await;
        assert_eq!(tag(&api.get(&path).await), replaced, "{path}");
    }
}

#[apply(on_both_stores!)]
async fn a_wrong_calendar_or_list_is_a_problem_and_changes_nothing(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let (calendar, list) = (format!("{CALENDARS}/days"), format!("{LISTS}/vip"));
    for (path, body, expected) in [
        (
            &calendar,
            json!({ "days": ["2026-02-30", "2026-12-24", { "from": "2026-12-24" }, 7], "name": "x" }),
            vec!["/days/0", "/days/2", "/days/3", "/name"],
        ),
        (&calendar, json!({ "days": "2026-12-24" }), vec!["/days"]),
        (&calendar, json!({}), vec!["/days"]),
        (&list, json!({ "numbers": ["555", "+14155550199", 7] }), vec!["/numbers/0", "/numbers/2"]),
        (&list, json!({ "numbers": null }), vec!["/numbers"]),
    ] {
        let answer = put(&api, path, &body).await;
        assert_eq!(code(&answer, 422), "body_invalid", "{body}");
        let errors = answer.json()["errors"].take();
        let pointers = errors.as_array().unwrap().iter();
        let mut pointers: Vec<_> = pointers.map(|one| one["pointer"].as_str().unwrap()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, expected, "{body}");
    }
    for (name, why) in [("%20", "is empty"), ("%FF", "is not UTF-8")] {
        let path = format!("{LISTS}/{name}");
        let nameless = put(&api, &path, &json!({ "numbers": [] })).await;
        assert_eq!(code(&nameless, 422), "body_invalid");
        let problem = nameless.json();
        assert_eq!(problem["detail"], json!(format!("the name in the path {why}")));
        assert_eq!(problem.get("errors"), None);
        // The mistakes of the body come first, because they have places.
        let both = put(&api, &path, &json!({ "numbers": 7 })).await;
        assert_eq!(both.json()["errors"][0]["pointer"], json!("/numbers"));
    }
    let reading = Api::operator(&app, &server);
    for (path, body) in [(&calendar, json!({ "days": [] })), (&list, json!({ "numbers": [] }))] {
        assert_eq!(code(&put(&reading, path, &body).await, 403), "key_scope");
        assert_eq!(code(&reading.request("DELETE", path).await, 403), "key_scope");
        let wrong = api.submit("PUT", path, &[("If-Match", "x")], &body).await;
        assert_eq!(code(&wrong, 400), "if_match_invalid");
    }
    app.store.holds(0, "calendars").await;

    // A plan that names them keeps them.
    assert_eq!(put(&api, &calendar, &json!({ "days": ["2026-12-24"] })).await.status, 201);
    assert_eq!(put(&api, &list, &json!({ "numbers": ["+14155550199"] })).await.status, 201);
    let when = json!({ "caller": { "lists": ["vip"] }, "schedule": { "time_zone": "Etc/UTC", "calendars": ["days"] } });
    let rule = json!({ "when": when, "then": { "next": [{ "reject": "busy" }] } });
    let document = json!({ "rules": [rule], "otherwise": { "agents": ["sales"] } });
    let added = api.post("/api/v1/plans", &json!({ "name": "Desk", "document": document })).await;
    assert_eq!(added.status, 201, "{}", added.text());
    for (path, expected) in [(&calendar, "calendar_in_use"), (&list, "list_in_use")] {
        let refused = api.request("DELETE", path).await;
        assert_eq!(code(&refused, 409), expected);
        assert!(refused.json()["detail"].as_str().unwrap().contains("\"Desk\""));
    }
}

#[apply(on_both_stores!)]
async fn each_organization_has_its_own_names(store: Store) {
    let (app, server) = TestApp::served(store).await;
    add_others(&app).await;
    let operator = configuring(&app, &server);
    let theirs = added_key(&app, &format!("--scopes read,configure --organization {OTHERS_ID}")).1;
    let theirs = Api::with(&server, &theirs);
    let (path, revealed) = (format!("{LISTS}/vip"), format!("{LISTS}/vip?reveal=true"));
    let numbers = |number: &str| json!({ "numbers": [number] });
    assert_eq!(put(&operator, &path, &numbers("+14155550177")).await.status, 201);
    assert_eq!(code(&theirs.get(&path).await, 404), "list_not_found");
    assert_eq!(code(&theirs.request("DELETE", &path).await, 404), "list_not_found");
    assert_eq!(put(&theirs, &path, &numbers("+14155550188")).await.status, 201);
    for (api, number) in [
        (&operator, "+14155550177"),
        (&operator.selecting(OURS_ID), "+14155550177"),
        (&operator.selecting(OTHERS_ID), "+14155550188"),
        (&theirs, "+14155550188"),
    ] {
        assert_eq!(api.json(&revealed).await["numbers"], json!([number]));
    }
    assert_eq!(theirs.request("DELETE", &path).await.status, 204);
    assert_eq!(operator.json(&revealed).await["numbers"], json!(["+14155550177"]));
}
