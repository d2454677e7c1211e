use crate::prelude::*;

/// The whole life of an account.
#[apply(on_both_stores!)]
fn an_account_is_added_listed_shown_changed_and_removed(store: Store) {
    let app = TestApp::migrated(store);
    assert!(app.run("account list").succeeded().stdout.contains("switchboard account add"));
    assert_eq!(app.run("account list --json").succeeded().list(), serde_json::json!([]));

    app.write("token.txt", &format!("{MAIN_TOKEN}\n"));
    let add = [
        "account",
        "add",
        MAIN_SID,
        "--name",
        "Main",
        "--token-file",
        "token.txt",
        "--parent",
        OTHER_SID,
        "--no-verify",
    ];
    assert_eq!(app.run(&add).succeeded().stdout, format!("added account {MAIN_SID}\n"));
    assert_snapshot!(app.run("account list --json").succeeded().list_snapshot(), @r#"
    [
      {
        "api_key_sid": null,
        "connect_app_sid": null,
        "created_at": "…",
        "disconnected_at": null,
        "encryption_key_id": "…",
        "has_next_token": false,
        "kind": "subaccount",
        "name": "Main",
        "organization_id": "org_00000000000000000000000000",
        "parent_sid": "AC00000000000000000000000000000b03",
        "region": "us1",
        "sid": "AC00000000000000000000000000000a01",
        "status": "active",
        "validation": null
      }
    ]
    "#);
    assert!(app.run("account list").succeeded().stdout.contains(MAIN_SID));

    app.run_reading(
        MAIN_TOKEN,
        &[
            "account",
            "set",
            MAIN_SID,
            "--name",
            "Sales",
            "--no-parent",
            "--next-token-file",
            "-",
            "--no-verify",
        ],
    )
    .succeeded();
    let shown = app.run(&format!("account show {MAIN_SID} --json")).succeeded().json();
    assert_eq!(shown["name"], "Sales");
    assert_eq!(shown["parent_sid"], serde_json::Value::Null);
    assert_eq!(shown["has_next_token"], true);
    app.run(&format!("account set {MAIN_SID} --no-next-token")).succeeded();
    assert!(
        app.run(&format!("account show {MAIN_SID}"))
            .succeeded()
            .stdout
            .contains("Next token      -")
    );

    app.run(&format!("account remove {MAIN_SID} --yes")).succeeded();
    app.run(&format!("account show {MAIN_SID}"))
        .failed(&format!("account {MAIN_SID} is unknown\n  help: add it with"));
}

/// Each refusal names the remedy.
#[apply(on_both_stores!)]
fn an_account_that_cannot_be_is_refused(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    let add = |sid: &str, text: &str| {
        app.run_reading(text, &["account", "add", sid, "--name", "Main", "--token-file", "-"])
    };
    add(MAIN_SID, MAIN_TOKEN).failed("already exists");
    add(OTHER_SID, "").failed("--token-file -: the token is empty");
    add(OTHER_SID, "two words").failed("the token contains white space");
    add("AC123", MAIN_TOKEN).misused("the account is not an account SID");
    // A token where the SID belongs is not repeated.
    add(MAIN_TOKEN, MAIN_TOKEN).misused("the account is not an account SID");
    app.run(&format!("account add {MAIN_SID} --name Main")).misused("--token-file");
    app.run(&["account", "add", OTHER_SID, "--name", " ", "--token-file", "t"])
        .misused("--name is empty");
    app.run(&format!("account add {OTHER_SID} --name A --token-file gone.txt"))
        .failed("gone.txt cannot be read");
    app.run_reading(
        MAIN_TOKEN,
        &["account", "add", OTHER_SID, "--name", "A", "--token-file", "-", "--parent", OTHER_SID],
    )
    .failed("cannot be its own parent");
    app.run_reading(
        MAIN_TOKEN,
        &["account", "set", MAIN_SID, "--token-file", "-", "--next-token-file", "-"],
    )
    .misused("standard input (-) can be read only once");
    app.run(&format!("account set {MAIN_SID}")).misused("nothing to change");
    app.run(&format!("account set {OTHER_SID} --name A")).failed("is unknown");
    app.run(&format!("account remove {MAIN_SID} --yes")).failed("still owns numbers");
    assert!(app.run(&format!("number show {SALES}")).succeeded().stdout.contains(MAIN_SID));
}
