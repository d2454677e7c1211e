use crate::prelude::*;

fn check<'a>(checks: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
    checks.as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()
}

/// Correct settings are ok, settings that only work locally are warnings.
#[apply(on_both_stores!)]
fn a_working_installation_has_only_warnings(store: Store) {
    let mut app = TestApp::migrated(store);
    app.set("SWITCHBOARD_ENCRYPTION_KEYS", &format!("k1:{ENCRYPTION_KEY}"));
    app.add_sales();
    let checks = app.run("doctor --json").succeeded().list();
    for name in ["configuration", "database", "clock", "encryption keys", "signatures"] {
        assert_eq!(check(&checks, name)["state"], "ok", "{checks}");
    }
    assert_eq!(check(&checks, "public URL")["state"], "warn");
    // The agent has no voice target, so it needs the installation's voice server.
    assert_eq!(check(&checks, "voice server")["state"], "warn");
    let checks = app
        .run_with("VOICE_SERVER_URL", "wss://voice.example.com", &["doctor", "--json"])
        .succeeded()
        .list();
    assert_eq!(check(&checks, "voice server")["state"], "ok");
}

/// Each warning names its remedy.
#[apply(on_both_stores!)]
fn signatures_that_are_not_checked_are_warned_of(store: Store) {
    let mut app = TestApp::migrated(store);
    app.set("SWITCHBOARD_ENCRYPTION_KEYS", &format!("k1:{ENCRYPTION_KEY}"));
    for mode in ["report", "disabled"] {
        let text =
            app.run_with("TWILIO_SIGNATURE_VALIDATION", mode, &["doctor"]).succeeded().stdout;
        assert!(text.contains("warn  signatures"), "{text}");
        assert!(text.contains("-> set TWILIO_SIGNATURE_VALIDATION=enforced"), "{text}");
    }
    let text = app.run_with("REDIS_URL", "redis://localhost", &["doctor"]).succeeded().stdout;
    assert!(text.contains("REDIS_URL: has no effect in this version"), "{text}");
    app.add_account(MAIN_SID);
}

/// An entry of the audit log is neither changed nor deleted by mistake. If the database is told to let it happen, it is noticed.
#[apply(on_both_stores!)]
async fn a_changed_and_a_missing_entry_of_the_audit_log_are_noticed(store: Store) {
    let mut app = TestApp::migrated(store);
    app.set("SWITCHBOARD_ENCRYPTION_KEYS", &format!("k1:{ENCRYPTION_KEY}"));
    for name in ["Sales", "Support", "Billing"] {
        app.run(&format!("agent add --name {name} --reply Hello")).succeeded();
    }
    let checks = app.run("doctor --json").succeeded().list();
    let found = check(&checks, "audit log");
    assert_eq!(found["state"], "ok", "{checks}");
    let detail = found["detail"].as_str().unwrap();
    let newest = app.run("audit list --limit 1 --json").exits(0).list();
    assert!(detail.starts_with("3 entries in an unbroken chain"), "{detail}");
    assert!(detail.ends_with(newest[0]["hash"].as_str().unwrap()), "{detail}");
    let allow = match &app.store {
        Store::Sqlite(_) => "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_kept;",
        Store::Postgres(_) | Store::Cluster(_) | Store::Unknown => {
            "ALTER TABLE audit DISABLE TRIGGER USER;"
        }
    };
    // Somebody inserts an entry with the right hashes, which a switchboard never recorded.
    let columns = "at, actor_kind, actor_name, source, organization_id, action, object_kind, object_id, \
        fields_before, fields_after, previous_hash, hash";
    let insert = format!(
        "INSERT INTO audit (sequence, {columns}) SELECT 4, {columns} FROM audit WHERE sequence = 3"
    );
    app.store.execute(&insert).await;
    let broken = app.run("doctor --json").exits(1).list();
    let found = check(&broken, "audit log")["detail"].clone();
    assert_eq!(found, "entry 4 does not follow the entry before it, which was replaced");
    app.store.execute(&format!("{allow} DELETE FROM audit WHERE sequence = 4")).await;
    let rename = "UPDATE audit SET fields_after = replace(fields_after, 'Support', 'Nobody');";
    app.store.execute(rename).await;
    let broken = app.run("doctor --json").exits(1).list();
    let found = check(&broken, "audit log");
    assert_eq!(found["state"], "fail", "{broken}");
    assert!(found["detail"].as_str().unwrap().starts_with("entry 2 was changed"), "{broken}");
    app.store.execute("DELETE FROM audit WHERE sequence = 1").await;
    let broken = app.run("doctor --json").exits(1).list();
    let detail = check(&broken, "audit log")["detail"].clone();
    assert_eq!(detail, "entry 1 is missing");
}
