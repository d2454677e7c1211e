use crate::prelude::*;

/// From the first to the last state of an organization.
#[apply(on_both_stores!)]
fn an_organization_is_added_renamed_and_removed(store: Store) {
    let app = TestApp::migrated(store);
    let added = app.run(&["organization", "add", "--name", "Acme Ltd", "--json"]).exits(0).json();
    let id = added["id"].as_str().unwrap();
    assert!(id.starts_with("org_"), "{added}");
    app.run("organization list").exits(0).shows(&["default", "Acme Ltd", id]);
    app.run(&["organization", "set", id, "--name", "Ajax"]).exits(0).shows(&["renamed", "Ajax"]);
    app.run(&format!("organization show {id}")).exits(0).shows(&["Ajax"]);
    app.run(&format!("subscription add --url https://example.com --organization {id}")).exits(0);
    app.run(&format!("organization remove {id} --yes")).exits(5).shows(&["subscription"]);
    app.run(&format!("organization remove {id} --dry-run")).exits(0).shows(&["is deleted"]);
    let subscription = app.run("subscription list --json").exits(0).list();
    let subscription = subscription[0]["id"].as_str().unwrap();
    app.run(&format!("subscription remove {subscription} --yes")).exits(0);
    app.run(&format!("organization remove {id} --yes")).exits(0).shows(&["removed", id]);
    app.run(&format!("organization show {id}")).exits(4).shows(&["organization list"]);
    let default = "org_00000000000000000000000000";
    app.run(&format!("organization remove {default} --yes")).exits(5).shows(&["default"]);
    app.run(&["organization", "add", "--name", " "]).exits(2).shows(&["--name"]);
    app.run("organization show org_1").exits(2).shows(&["the organization"]);
}

/// Organizations and keys are named by their names, too, and a name that several have is refused with their ids.
#[apply(on_both_stores!)]
fn organizations_and_keys_are_named_by_their_names(store: Store) {
    let app = TestApp::migrated(store);
    let add = |name: &str| {
        let added = app.run(&["organization", "add", "--name", name, "--json"]).exits(0).json();
        added["id"].as_str().unwrap().to_owned()
    };
    let (acme, one, other) = (add("Acme Ltd"), add("Ajax"), add("Ajax"));
    app.run(&["organization", "show", "Acme Ltd"]).exits(0).shows(&[&acme]);
    app.run(&["organization", "show", "acme ltd"])
        .exits(4)
        .shows(&["no organization is named", "did you mean \"Acme Ltd\"?"]);
    app.run("organization set Ajax --name Hector").exits(5).shows(&[
        "2 organizations are named",
        &one,
        &other,
        "use the id of one of them",
    ]);
    let add = |name: &str, organization: &str| {
        let options = ["--name", name, "--organization", organization, "--json"];
        app.run(&[&["key", "add", "--scopes", "read"][..], &options].concat())
    };
    let key = add("ci", "Acme Ltd").exits(0).json();
    assert_eq!(key["organization"], json!(acme));
    let error = add("ci", "Ajax").exits(5).json_error();
    assert_eq!(error["code"], "organization_ambiguous");
    assert_eq!(add("ci", "Nobody").exits(4).json_error()["code"], "organization_not_found");
    let subscribe = ["subscription", "add", "--url", "https://example.com/events"];
    app.run(&[&subscribe[..], &["--organization", "Nobody"]].concat()).exits(4);
    app.run(&[&subscribe[..], &["--organization", "Acme Ltd"]].concat()).exits(0);
    let secret = app.run(&["route", "secret", "--organization", "Acme Ltd", "--json"]);
    assert_eq!(secret.exits(0).json()["organization"], json!(acme));

    add("ci", &one).exits(0);
    app.run("key revoke ci --yes").exits(5).shows(&["2 API keys are named", "key_"]);
    app.run(&["key", "revoke", key["id"].as_str().unwrap(), "--yes"]).exits(0);
    // The name of a revoked key is free again.
    app.run("key revoke ci --yes").exits(0).shows(&["(ci)"]);
    app.run("key revoke ci --yes").exits(4).shows(&["no API key is named", "key list"]);
    let secret = key["secret"].as_str().unwrap();
    app.run(&["key", "revoke", secret, "--yes"])
        .exits(2)
        .shows(&["use its id or its name"])
        .assert_hides(secret);
}
