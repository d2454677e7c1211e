//! Somebody else changes a number while it is ours: nothing of his is overwritten unseen.

use crate::carrier::rig::{Desk, PUBLIC_URL, Store, number, three_accounts};

on_both_stores! {
    a_change_between_plan_and_fix_is_not_overwritten,
    a_change_between_assignment_and_release_is_not_overwritten,
    a_change_of_what_is_not_ours_is_no_obstacle,
    a_plan_that_is_none_is_refused,
}

const THEIRS: &str = "https://theirs.example.org/voice";

async fn a_change_between_plan_and_fix_is_not_overwritten(store: Store) {
    let desk = Desk::over(store, three_accounts()).await;
    for index in [0, 1, 2] {
        let text = number(index).as_str().to_owned();
        desk.run(&["number", "assign", &text, "--agent", "Sales"]).await.with(0);
        desk.by_hand(number(index), |there| there.voice_url = "https://drift.example.com".into());
    }
    desk.run(&["webhooks", "plan", "--out", "plan.json"]).await.with(3);
    // Meanwhile one is changed again, and one is mended.
    desk.by_hand(number(0), |there| there.voice_url = THEIRS.into());
    desk.by_hand(number(1), |there| there.voice_url = format!("{PUBLIC_URL}/api/twilio/voice"));
    desk.writes();

    let fixed = desk.run(&["webhooks", "fix", "--plan", "plan.json"]).await.with(3);
    let ours = format!("{PUBLIC_URL}/api/twilio/voice");
    fixed.tells(&[
        "somebody else changed it since the plan was made",
        &format!(
            "the plan saw \"https://drift.example.com\" and would write \"{ours}\"; now it is \"{THEIRS}\""
        ),
    ]);
    assert_eq!(desk.settings(number(0)).voice_url, THEIRS);
    let writes = desk.writes();
    let written: Vec<_> = writes.iter().map(|write| &*write.path).collect();
    let third = desk.number(number(2)).sid;
    assert_eq!(written.len(), 1, "what is mended already is not written again: {written:?}");
    assert!(written[0].contains(third.as_str()), "{written:?}");
    desk.run(&["webhooks", "check"]).await.with(3).tells(&[number(0).as_str()]);

    // A new plan sees what is there now.
    desk.run(&["webhooks", "plan", "--out", "plan.json"]).await.with(3).tells(&[THEIRS]);
    desk.run(&["webhooks", "fix", "--plan", "plan.json"]).await.with(0);
    desk.run(&["webhooks", "check"]).await.with(0);
}

async fn a_change_between_assignment_and_release_is_not_overwritten(store: Store) {
    let desk = Desk::over(store, three_accounts()).await;
    let (first, text) = (number(0), number(0).as_str().to_owned());
    let before = desk.everything().await;
    desk.run(&["number", "assign", &text, "--agent", "Sales"]).await.with(0);
    desk.by_hand(first, |there| there.voice_url = THEIRS.into());
    let changed = desk.everything().await;
    desk.writes();
    for command in [["number", "release"], ["webhooks", "restore"]] {
        let stopped = desk.run(&[command[0], command[1], &text]).await.with(1);
        stopped.tells(&[
            "was changed at Twilio by somebody else; nothing is given back",
            "--force",
            &format!(
                "voice_url  before us \"https://old.example.com/voice?agentId=agent-0\", ours \"{PUBLIC_URL}/api/twilio/voice\", now \"{THEIRS}\""
            ),
        ]);
        assert!(desk.writes().is_empty(), "nothing is written");
        assert_eq!(desk.everything().await, changed);
    }
    let shown = desk.run(&["number", "show", &text]).await.with(0);
    shown.tells(&["Sales"]);

    desk.run(&["number", "release", &text, "--force"]).await.with(0);
    assert_eq!(desk.everything().await, before);
}

async fn a_change_of_what_is_not_ours_is_no_obstacle(store: Store) {
    let desk = Desk::over(store, three_accounts()).await;
    let (first, text) = (number(0), number(0).as_str().to_owned());
    let before = desk.number(first);
    desk.run(&["number", "assign", &text, "--agent", "Sales"]).await.with(0);
    assert!(desk.company.change_number(first, |there| {
        there.friendly_name = "The shop".into();
        there.settings.voice_fallback_url = THEIRS.into();
    }));
    desk.run(&["webhooks", "check"]).await.with(0);
    desk.run(&["number", "release", &text]).await.with(0);
    let mut expected = before;
    expected.friendly_name = "The shop".into();
    expected.settings.voice_fallback_url = THEIRS.into();
    assert!(desk.number(first) == expected);
}

async fn a_plan_that_is_none_is_refused(store: Store) {
    let desk = Desk::over(store, three_accounts()).await;
    let text = number(0).as_str().to_owned();
    desk.run(&["number", "assign", &text, "--agent", "Sales"]).await.with(0);
    desk.by_hand(number(0), |there| there.voice_url = THEIRS.into());
    desk.run(&["webhooks", "plan", "--out", "plan.json"]).await.with(3);
    let plan = std::fs::read_to_string(desk.folder().join("plan.json")).unwrap();
    desk.writes();
    let spoilt = [
        "{}".to_owned(),
        plan[..plan.len() / 2].to_owned(),
        plan.replace("\"version\": 1", "\"version\": 2"),
        plan.replace("voice_url", "friendly_name"),
        plan.replace("wrong_url", "because"),
        plan.replace(&text, "0800"),
    ];
    for text in spoilt {
        assert_ne!(text, plan);
        desk.write("spoilt.json", &text);
        let refused = desk.run(&["webhooks", "fix", "--plan", "spoilt.json"]).await.with(1);
        refused.tells(&["--plan spoilt.json is no plan", "switchboard webhooks plan --out"]);
    }
    let missing = desk.run(&["webhooks", "fix", "--plan", "nowhere.json"]).await.with(1);
    missing.tells(&["--plan nowhere.json cannot be read"]);
    assert!(desk.writes().is_empty());
}
