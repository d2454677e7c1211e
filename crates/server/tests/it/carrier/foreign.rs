//! Conflicts: a change made by others at Twilio is never overwritten unseen.

use crate::prelude::*;

const THEIRS: &str = "https://theirs.example.org/voice";

#[apply(on_both_stores!)]
async fn a_change_between_plan_and_fix_is_not_overwritten(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    for index in [0, 1, 2] {
        let text = number(index).as_str().to_owned();
        app.run(&format!("number assign {text} --agent Sales")).exits(0);
        app.twilio()
            .change(number(index), |there| there.voice_url = "https://drift.example.com".into());
    }
    app.run("webhooks plan --out plan.json").exits(3);
    // Meanwhile one is changed again, and one is mended.
    app.twilio().change(number(0), |there| there.voice_url = THEIRS.into());
    app.twilio()
        .change(number(1), |there| there.voice_url = format!("{PUBLIC_URL}/api/twilio/voice"));
    app.twilio().take_writes();

    let fixed = app.run("webhooks fix --plan plan.json").exits(3);
    let ours = format!("{PUBLIC_URL}/api/twilio/voice");
    fixed.shows(&[
        "it was changed at Twilio after the plan was made",
        &format!("planned \"https://drift.example.com\" → \"{ours}\"; now it is \"{THEIRS}\""),
    ]);
    assert_eq!(app.twilio().settings(number(0)).voice_url, THEIRS);
    let writes = app.twilio().take_writes();
    let written: Vec<_> = writes.iter().map(|write| &*write.path).collect();
    let third = app.twilio().number(number(2)).sid;
    assert_eq!(written.len(), 1, "what is mended already is not written again: {written:?}");
    assert!(written[0].contains(third.as_str()), "{written:?}");
    app.run("webhooks check").exits(3).shows(&[number(0).as_str()]);

    // A new plan sees what is there now.
    app.run("webhooks plan --out plan.json").exits(3).shows(&[THEIRS]);
    app.run("webhooks fix --plan plan.json").exits(0);
    app.run("webhooks check").exits(0);
}

#[apply(on_both_stores!)]
async fn a_change_between_assignment_and_release_is_not_overwritten(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let (first, text) = (number(0), number(0).as_str().to_owned());
    let before = app.twilio().everything().await;
    app.run(&format!("number assign {text} --agent Sales")).exits(0);
    app.twilio().change(first, |there| there.voice_url = THEIRS.into());
    let changed = app.twilio().everything().await;
    app.twilio().take_writes();
    for command in [["number", "release"], ["webhooks", "restore"]] {
        let stopped = app.run(&[command[0], command[1], &text, "--yes"]).fails();
        stopped.shows(&[
            "was changed at Twilio since then; not restored",
            "--force",
            &format!(
                "voice_url  before \"https://old.example.com/voice?agentId=agent-0\", ours \"{PUBLIC_URL}/api/twilio/voice\", now \"{THEIRS}\""
            ),
        ]);
        assert!(app.twilio().take_writes().is_empty(), "nothing is written");
        assert_eq!(app.twilio().everything().await, changed);
    }
    let shown = app.run(&format!("number show {text}")).exits(0);
    shown.shows(&["Sales"]);

    app.run(&format!("number release {text} --force --yes")).exits(0);
    assert_eq!(app.twilio().everything().await, before);
}

#[apply(on_both_stores!)]
async fn a_change_of_what_is_not_ours_is_no_obstacle(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let (first, text) = (number(0), number(0).as_str().to_owned());
    let before = app.twilio().number(first);
    app.run(&format!("number assign {text} --agent Sales")).exits(0);
    assert!(app.twilio().simulator.change_number(first, |there| {
        there.friendly_name = "The shop".into();
        there.settings.voice_fallback_url = THEIRS.into();
    }));
    app.run("webhooks check").exits(0);
    app.run(&format!("number release {text} --yes")).exits(0);
    let mut expected = before;
    expected.friendly_name = "The shop".into();
    expected.settings.voice_fallback_url = THEIRS.into();
    assert!(app.twilio().number(first) == expected);
}

#[apply(on_both_stores!)]
async fn a_plan_that_is_none_is_refused(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let text = number(0).as_str().to_owned();
    app.run(&format!("number assign {text} --agent Sales")).exits(0);
    app.twilio().change(number(0), |there| there.voice_url = THEIRS.into());
    app.run("webhooks plan --out plan.json").exits(3);
    let plan = std::fs::read_to_string(app.path("plan.json")).unwrap();
    app.twilio().take_writes();
    let spoilt = [
        "{}".to_owned(),
        plan[..plan.len() / 2].to_owned(),
        plan.replace("\"version\": 1", "\"version\": 2"),
        plan.replace("voice_url", "friendly_name"),
        plan.replace("wrong_url", "because"),
        plan.replace(&text, "nobody"),
    ];
    for text in spoilt {
        assert_ne!(text, plan);
        app.write("spoilt.json", &text);
        let refused = app.run("webhooks fix --plan spoilt.json").fails();
        refused.shows(&["--plan spoilt.json is not a plan", "switchboard webhooks plan --out"]);
    }
    let missing = app.run("webhooks fix --plan nowhere.json").fails();
    missing.shows(&["--plan nowhere.json cannot be read"]);
    assert!(app.twilio().take_writes().is_empty());
}
