use crate::prelude::*;

/// The whole life of an agent.
#[apply(on_both_stores!)]
fn an_agent_is_added_listed_shown_changed_and_removed(store: Store) {
    let app = TestApp::migrated(store);
    let prompt = "You sell things.\n".repeat(1_200);
    app.write("p.txt", &prompt);
    let add = "agent add --name Sales --external-id sales --prompt-file p.txt --voice alloy --model gpt-4o --language en-US --stream-url wss://voice.example.com/s --reply Hello --json";
    let id = app.run(&add).succeeded().json()["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("agt_"));

    assert_snapshot!(app.run("agent list --json").succeeded().list_snapshot(), @r#"
    [
      {
        "created_at": "…",
        "enabled": true,
        "external_id": "sales",
        "id": "agt_…",
        "language": "en-US",
        "message_target": {
          "kind": "reply",
          "text": "Hello"
        },
        "model": "gpt-4o",
        "name": "Sales",
        "organization_id": "org_00000000000000000000000000",
        "parameters": {},
        "voice": "alloy",
        "voice_target": {
          "kind": "stream",
          "url": "wss://voice.example.com/s"
        }
      }
    ]
    "#);
    for word in [id.as_str(), "sales", "Sales"] {
        let shown = app.run(&format!("agent show {word} --json")).succeeded().json();
        assert_eq!(
            (&shown["id"], &shown["prompt"]),
            (&id.as_str().into(), &prompt.as_str().into())
        );
    }

    app.run(&[
        "agent",
        "set",
        "Sales",
        "--dial",
        "+1 415 555 0123",
        "--no-message-target",
        "--no-prompt",
        "--disable",
    ])
    .succeeded();
    let shown = app.run("agent show sales --json").succeeded().json();
    assert_eq!(
        shown["voice_target"],
        serde_json::json!({"kind": "dial", "phone_number": "+14155550123"})
    );
    assert_eq!(
        (&shown["prompt"], &shown["enabled"], &shown["model"]),
        (&"".into(), &false.into(), &"gpt-4o".into())
    );
    app.run("agent set Sales --relay-url wss://relay.example.com --enable --name Seller")
        .succeeded();
    let text = app.run("agent show Seller").succeeded().stdout;
    assert!(
        text.contains("conversation relay to wss://relay.example.com") && text.contains("enabled"),
        "{text}"
    );

    app.run("agent remove sales --yes").succeeded();
    assert!(app.run("agent list").succeeded().stdout.contains("no agents yet"));
}

/// Each refusal names the remedy.
#[apply(on_both_stores!)]
fn an_agent_that_cannot_be_is_refused(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    let add = |more: &[&str]| app.run(&[&["agent", "add", "--name", "Sales"], more].concat());
    add(&["--external-id", "sales"]).failed("another agent has the external id \"sales\"");
    add(&["--stream-url", "https://a.example.com"]).misused("--stream-url must start with wss://");
    add(&["--stream-url", "wss://a.example.com?x=1"]).misused("has a query");
    add(&["--dial", "4155550123"]).misused("--dial has no country code");
    add(&["--reply", " "]).misused("--reply is empty");
    let too_long = "&".repeat(1_601);
    for refused in
        [add(&["--reply", &too_long]), app.run(&format!("agent set Sales --reply {too_long}"))]
    {
        refused.misused("--reply is longer than 1600 characters");
    }
    add(&["--stream-url", "wss://a.example.com", "--dial", "+14155550123"])
        .misused("cannot be used with");
    add(&["--prompt-file", "gone.txt"]).failed("--prompt-file gone.txt cannot be read");
    app.run("agent add").misused("--name");
    app.run("agent set Sales").misused("nothing to change");
    app.run("agent set Sales --voice a --no-voice").misused("cannot be used with");
    app.run("agent set nobody --enable")
        .failed("no agent has the id, external id or name \"nobody\"");
    app.run("agent remove Sales --yes").failed("still answers numbers");
    add(&[]).exits(0);
    app.run("agent show Sales").failed("2 agents are named \"Sales\": agt_");
}

/// Parameters are added, replaced, removed, and kept by everything else.
#[apply(on_both_stores!)]
fn the_parameters_of_an_agent_are_kept_by_name(store: Store) {
    let app = TestApp::migrated(store);
    let add = [
        "agent",
        "add",
        "--name",
        "Sales",
        "--external-id",
        "sales",
        "--parameter",
        "tier=gold=1",
        "--parameter",
        "region=eu",
    ];
    app.run(&add).exits(0);
    let shown = || app.run("agent show sales --json").succeeded().json()["parameters"].clone();
    assert_eq!(shown(), serde_json::json!({"region": "eu", "tier": "gold=1"}));
    let text = app.run("agent show sales").succeeded().stdout;
    assert!(text.contains("region=eu, tier=gold=1"), "{text}");
    app.run("agent set sales --parameter tier=silver --no-parameter region --voice echo")
        .succeeded();
    assert_eq!(shown(), serde_json::json!({"tier": "silver"}));

    app.run("export --to out").succeeded();
    app.run("agent set sales --no-parameters").succeeded();
    assert_eq!(shown(), serde_json::json!({}));
    app.run("import csv --agents out/agents.csv").succeeded();
    assert_eq!(shown(), serde_json::json!({"tier": "silver"}));
    app.write("old.csv", "external_id,name\nsales,Sales\n");
    app.run("import csv --agents old.csv").succeeded();
    assert_eq!(
        shown(),
        serde_json::json!({"tier": "silver"}),
        "a file without the column keeps them"
    );
    app.write("wrong.csv", "external_id,name,parameters\nsales,Sales,from=x\n");
    app.run("import csv --agents wrong.csv")
        .failed("parameters \"from\" is a name that switchboard sends itself");

    let set = |more: &[&str]| app.run(&[&["agent", "set", "sales"], more].concat());
    set(&["--parameter", "tier"])
        .misused("--parameter \"tier\" has no value; give it one, or leave the parameter out");
    set(&["--parameter", "callSid=x"])
        .misused("--parameter \"callSid\" is a name that switchboard sends itself");
    set(&["--parameter", "a b=x"]).misused("contains white space");
    set(&["--no-parameter", "gone"]).failed("parameter \"gone\" is not a parameter of the agent");
}

#[apply(on_both_stores!)]
fn attributes_of_conversation_relay_are_those_that_twilio_knows(store: Store) {
    let app = TestApp::migrated(store);
    let add = "agent add --name Relay --external-id relay --relay-url wss://relay.example.com --relay-attribute ttsProvider=Google --relay-attribute hints=coffee,tea";
    app.run(add).succeeded();
    let set = |more: &[&str]| app.run(&[&["agent", "set", "relay"], more].concat());
    set(&["--relay-attribute", "ttsProvider=Amazon", "--no-relay-attribute", "hints"]).succeeded();
    let shown = app.run("agent show relay --json").succeeded().json();
    assert_eq!(shown["relay_attributes"], serde_json::json!({"ttsProvider": "Amazon"}));
    set(&["--relay-attribute", "ttsProvider=amazon"])
        .misused("--relay-attribute \"ttsProvider\" must be Google, Amazon, ElevenLabs");
    set(&["--relay-attribute", "voices=x"])
        .misused("--relay-attribute \"voices\" is not one of welcomeGreeting");
    set(&["--no-relay-attribute", "hints"])
        .failed("attribute \"hints\" is not an attribute of the agent");
}
