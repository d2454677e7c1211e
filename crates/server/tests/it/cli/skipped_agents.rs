//! `route explain` shows who is not tried, and why.

use crate::prelude::*;

#[apply(on_both_stores!)]
async fn skipped_agents_are_shown_with_the_reason(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    let agents = [
        ("Voice", "--stream-url wss://voice.example.com/a"),
        ("Off", "--stream-url wss://voice.example.com/b --disable"),
        ("Never", "--stream-url wss://voice.example.com/c --reply Hi"),
        ("Mute", "--reply Hi"),
    ];
    for (name, more) in agents {
        app.run(&format!("agent add --name {name} {more}")).succeeded();
    }
    app.write(
        "plan.json",
        r#"{"name":"Plan","rules":[],"otherwise":{"agents":["Voice","Off",{"agent":"Never","weight":0},"Mute"]}}"#,
    );
    app.run("route plan save plan.json").succeeded();
    app.run(&format!("route attach Plan --number {SALES}")).succeeded();
    let skipped = |channel: &str| {
        let explain = format!("route explain --to {SALES} --from +12125550199 --channel {channel}");
        let view = app.run(&format!("{explain} --json")).succeeded().json();
        let text = app.run(&explain).succeeded().stdout;
        let skipped = view["plan"]["skipped"].as_array().unwrap().clone();
        for agent in &skipped {
            let name = agent["agent_name"].as_str().unwrap();
            assert!(text.contains(&format!("skipped: agent {name} (agt_")), "{text}");
        }
        let pairs = skipped.iter().map(|agent| json!([agent["agent_name"], agent["reason"]]));
        pairs.collect::<Vec<_>>()
    };
    assert_eq!(
        skipped("voice"),
        [json!(["Off", "disabled"]), json!(["Never", "zero_weight"]), json!(["Mute", "no_target"])]
    );
    assert_eq!(
        skipped("sms"),
        [
            json!(["Voice", "no_target"]),
            json!(["Off", "disabled"]),
            json!(["Never", "zero_weight"])
        ]
    );
}
