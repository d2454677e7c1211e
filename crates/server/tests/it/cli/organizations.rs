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
    app.run("organization show acme").exits(2).shows(&["the organization"]);
}
