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
