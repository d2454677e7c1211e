use crate::kit::{MAIN_SID, OTHER_SID, SALES, Store, TestApp, apply, on_both_stores};

/// From the first day of a number to its release.
#[apply(on_both_stores!)]
fn a_number_is_added_assigned_listed_shown_and_released(store: Store) {
    let app = TestApp::migrated(store);
    app.add_account(MAIN_SID);
    app.run(&["agent", "add", "--name", "Sales"]).succeeded();
    let added = app.run(&["number", "add", "+1 (415) 555-0100", "--account", MAIN_SID]).succeeded();
    assert!(added.stdout.starts_with("added number +14155550100"), "{added:?}");
    let shown = app.run(&["number", "show", SALES, "--json"]).succeeded().json();
    assert_eq!(
        (&shown["agent_id"], &shown["channels"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );

    app.run(&["number", "assign", SALES, "--agent", "Sales", "--channels", "voice,whatsapp"])
        .succeeded();
    let list = app.run(&["number", "list", "--json"]).succeeded().json();
    assert_eq!(list[0]["phone_number"], SALES);
    assert_eq!(list[0]["account_sid"], MAIN_SID);
    assert_eq!(list[0]["agent_name"], "Sales");
    let channels = serde_json::json!({"voice": true, "sms": false, "whatsapp": true, "rcs": false});
    assert_eq!(list[0]["channels"], channels);
    let table =
        app.run(&["number", "list", "--agent", "Sales", "--account", MAIN_SID]).succeeded().stdout;
    assert!(table.contains("voice,whatsapp"), "{table}");

    app.run(&["agent", "add", "--name", "Idle"]).succeeded();
    assert_eq!(
        app.run(&["number", "list", "--agent", "Idle"]).succeeded().stdout,
        "no numbers match\n"
    );
    assert!(
        app.run(&["number", "release", SALES])
            .succeeded()
            .stdout
            .contains("unassigned +14155550100 from agent agt_")
    );
    assert!(
        app.run(&["number", "release", SALES])
            .succeeded()
            .stdout
            .contains("was not assigned to an agent")
    );
    assert_eq!(
        app.run(&["number", "show", SALES, "--json"]).succeeded().json()["agent_id"],
        serde_json::Value::Null
    );
}

/// A number goes although it is answered, then the agent and the account go that it was in the way of.
#[apply(on_both_stores!)]
fn a_number_is_removed_and_what_it_kept_after_it(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    app.run(&["account", "remove", MAIN_SID])
        .failed("remove them with `switchboard number remove`");
    assert_eq!(
        app.run(&["number", "remove", "+1 (415) 555-0100"]).succeeded().stdout,
        format!("removed number {SALES}\n")
    );
    app.run(&["number", "show", SALES]).failed("number …00 is unknown");
    assert_eq!(app.run(&["number", "list", "--json"]).succeeded().json(), serde_json::json!([]));
    app.run(&["number", "add", SALES, "--account", MAIN_SID]).succeeded();
    assert_eq!(
        app.run(&["number", "remove", SALES, "--json"]).succeeded().json(),
        serde_json::json!({"removed": SALES})
    );
    app.run(&["agent", "remove", "Sales"]).succeeded();
    app.run(&["account", "remove", MAIN_SID]).succeeded();
}

/// Each refusal says what to do.
#[apply(on_both_stores!)]
fn a_number_that_cannot_be_is_refused(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    app.run(&["number", "add", SALES, "--account", MAIN_SID]).failed("number …00 already exists");
    app.run(&["number", "add", "+14155550101", "--account", OTHER_SID])
        .failed("add it with `switchboard account add");
    app.run(&["number", "add", "4155550101", "--account", MAIN_SID])
        .misused("the number has no country code");
    app.run(&["number", "add", "+1415CALLNOW", "--account", MAIN_SID])
        .misused("is not valid in a phone number");
    app.run(&["number", "add", "+14155550101"]).misused("--account");
    app.run(&["number", "assign", "+14155550101", "--agent", "Sales"])
        .failed("number …01 is unknown");
    app.run(&["number", "assign", SALES, "--agent", "nobody"]).failed("no agent has");
    app.run(&["number", "assign", SALES, "--agent", "Sales", "--channels", "fax"])
        .misused("--channels names \"fax\"");
    app.run(&["number", "assign", SALES, "--agent", "Sales", "--channels", ","])
        .misused("names no channel");
    app.run(&["number", "show", "+14155550101"]).failed("number …01 is unknown");
    app.run(&["number", "release", "+14155550101"]).failed("number …01 is unknown");
    app.run(&["number", "remove", "+14155550101"]).failed("number …01 is unknown");
    app.run(&["number", "remove", "4155550100"]).misused("the number has no country code");
    app.run(&["number", "list", "--account", OTHER_SID]).failed("is unknown");
    app.run(&["number", "list", "--agent", "nobody"]).failed("no agent has");
}
