use crate::prelude::*;

/// The whole life of a number, to its release.
#[apply(on_both_stores!)]
fn a_number_is_added_assigned_listed_shown_and_released(store: Store) {
    let app = TestApp::migrated(store);
    app.add_account(MAIN_SID);
    app.run("agent add --name Sales").exits(0);
    let added = app.run(&["number", "add", "+1 (415) 555-0100", "--account", MAIN_SID]).succeeded();
    assert!(added.stdout.starts_with("added number +14155550100"), "{added:?}");
    let shown = app.run(&format!("number show {SALES} --json")).succeeded().json();
    assert_eq!(
        (&shown["agent_id"], &shown["channels"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );

    app.run(&format!("number assign {SALES} --agent Sales --channels voice,whatsapp")).succeeded();
    assert_snapshot!(app.run("number list --json").succeeded().list_snapshot(), @r#"
    [
      {
        "account_sid": "AC00000000000000000000000000000a01",
        "agent_id": "agt_…",
        "agent_name": "Sales",
        "answered_by": "agent",
        "channels": {
          "messenger": false,
          "rcs": false,
          "sms": false,
          "voice": true,
          "whatsapp": true
        },
        "created_at": "…",
        "observed_at": null,
        "organization_id": "org_00000000000000000000000000",
        "phone_number": "+14155550100",
        "plan": null,
        "previous_configuration_saved": false,
        "repair_policy": "manual"
      }
    ]
    "#);
    let table =
        app.run(&format!("number list --agent Sales --account {MAIN_SID}")).succeeded().stdout;
    assert!(table.contains("voice,whatsapp"), "{table}");

    app.run("agent add --name Idle").exits(0);
    assert_eq!(app.run("number list --agent Idle").succeeded().stdout, "no numbers match\n");
    assert!(
        app.run(&format!("number release {SALES} --yes"))
            .succeeded()
            .stdout
            .contains("unassigned +14155550100 from agent agt_")
    );
    assert!(
        app.run(&format!("number release {SALES} --yes"))
            .succeeded()
            .stdout
            .contains("was not assigned to an agent")
    );
    assert_eq!(
        app.run(&format!("number show {SALES} --json")).succeeded().json()["agent_id"],
        serde_json::Value::Null
    );
}

/// Removing an assigned number makes its agent and its account removable.
#[apply(on_both_stores!)]
fn a_number_is_removed_and_what_it_kept_after_it(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    app.run(&format!("account remove {MAIN_SID} --yes"))
        .failed("remove them with `switchboard number remove`");
    assert_eq!(
        app.run(&["number", "remove", "+1 (415) 555-0100", "--yes"]).succeeded().stdout,
        format!("removed number {SALES}\n")
    );
    app.run(&format!("number show {SALES}")).failed("number …00 is unknown");
    assert_eq!(app.run("number list --json").succeeded().list(), serde_json::json!([]));
    app.run(&format!("number add {SALES} --account {MAIN_SID}")).succeeded();
    assert_eq!(
        app.run(&format!("number remove {SALES} --json --yes")).succeeded().json(),
        serde_json::json!({"removed": SALES})
    );
    app.run("agent remove Sales --yes").succeeded();
    app.run(&format!("account remove {MAIN_SID} --yes")).succeeded();
}

/// Each refusal names the remedy.
#[apply(on_both_stores!)]
fn a_number_that_cannot_be_is_refused(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    app.run(&format!("number add {SALES} --account {MAIN_SID}"))
        .failed("number …00 already exists");
    app.run(&format!("number add +14155550101 --account {OTHER_SID}"))
        .failed("add it with `switchboard account add");
    app.run(&format!("number add 4155550101 --account {MAIN_SID}"))
        .misused("the number has no country code");
    app.run(&format!("number add +1415CALLNOW --account {MAIN_SID}"))
        .misused("is not valid in a phone number");
    app.run("number add +14155550101").misused("--account");
    app.run("number assign +14155550101 --agent Sales").failed("number …01 is unknown");
    app.run(&format!("number assign {SALES} --agent nobody")).failed("no agent has");
    app.run(&format!("number assign {SALES} --agent Sales --channels fax"))
        .misused("--channels contains \"fax\"");
    app.run(&format!("number assign {SALES} --agent Sales --channels ,"))
        .misused("contains no channel");
    app.run("number show +14155550101").failed("number …01 is unknown");
    app.run("number release +14155550101 --yes").failed("number …01 is unknown");
    app.run("number remove +14155550101 --yes").failed("number …01 is unknown");
    app.run("number remove 4155550100 --yes").misused("the number has no country code");
    app.run(&format!("number list --account {OTHER_SID}")).failed("is unknown");
    app.run("number list --agent nobody").failed("no agent has");
}

/// The nearest plan answers before the assigned agent, and lists, views and impacts name it.
#[apply(on_both_stores!)]
fn the_plan_that_decides_for_a_number_is_named(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    app.write("busy.json", r#"{"otherwise": {"next": [{"reject": "busy"}]}}"#);
    let places = [
        ("Office", "--organization".to_owned(), "organization"),
        ("Clinic", format!("--account {MAIN_SID}"), "account"),
        ("Own", format!("--number {SALES}"), "number"),
    ];
    for (plan, place, attached_to) in &places {
        app.run(&format!("route plan save busy.json --name {plan}")).succeeded();
        app.run(&format!("route attach {plan} {place}")).succeeded();
        let shown = app.run(&format!("number show {SALES} --json")).succeeded().json();
        assert_eq!(shown["plan"]["name"], *plan);
        assert_eq!(shown["plan"]["attached_to"], *attached_to);
        assert_eq!(
            (&shown["answered_by"], &shown["agent_name"]),
            (&"plan".into(), &"Sales".into())
        );
        let of = format!(") of the {attached_to}");
        for command in ["number list".to_owned(), format!("number show {SALES}")] {
            app.run(&command).succeeded().shows(&[&format!("plan {plan} (pln_"), &of]);
        }
        app.run(&format!("number unassign {SALES} --dry-run")).succeeded().shows(&[
            "no longer answers the number; plan",
            "decides for it",
            "its configuration at Twilio stays",
        ]);
    }
    app.run(&format!("number unassign {SALES} --yes")).succeeded();
    app.run(&format!("number show {SALES}")).succeeded().shows(&["Answered by  plan Own"]);
    for (_, place, _) in places.iter().rev() {
        app.run(&format!("route detach {place} --yes")).succeeded();
    }
    app.run(&format!("number show {SALES}")).succeeded().shows(&["Answered by  nobody"]);
}

/// RCS and Messenger senders are not phone numbers, so nothing offers them for a number.
#[apply(on_both_stores!)]
fn a_channel_that_numbers_cannot_have_is_refused(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    let before = app.run("number list --json").succeeded().stdout;
    for channel in ["rcs", "messenger"] {
        app.run(&format!("number assign {SALES} --agent Sales --channels voice,{channel}"))
            .misused(&format!(
                "contains {channel}, which this number does not have; it has voice,sms,whatsapp"
            ));
    }
    assert_eq!(app.run("number list --json").succeeded().stdout, before);
    let help = app.run("number assign --help").succeeded().stdout;
    assert!(!help.contains("rcs"), "{help}");
}
