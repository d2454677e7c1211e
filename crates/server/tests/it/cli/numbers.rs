use crate::cli::house::{House, NUMBER, OTHER_SID, SID, on_both_stores};

on_both_stores! {
    /// From the first day of a number to its release.
    fn a_number_is_added_assigned_listed_shown_and_released(house: &House) {
        house.add_account(SID);
        house.run(&["agent", "add", "--name", "Sales"]).succeeded();
        let added = house.run(&["number", "add", "+1 (415) 555-0100", "--account", SID]).succeeded();
        assert!(added.stdout.starts_with("added number +14155550100"), "{added:?}");
        let shown = house.run(&["number", "show", NUMBER, "--json"]).json();
        assert_eq!((&shown["agent_id"], &shown["channels"]), (&serde_json::Value::Null, &serde_json::Value::Null));

        house.run(&["number", "assign", NUMBER, "--agent", "Sales", "--channels", "voice,whatsapp"]).succeeded();
        let list = house.run(&["number", "list", "--json"]).json();
        assert_eq!(list[0]["phone_number"], NUMBER);
        assert_eq!(list[0]["account_sid"], SID);
        assert_eq!(list[0]["agent_name"], "Sales");
        let channels = serde_json::json!({"voice": true, "sms": false, "whatsapp": true, "rcs": false});
        assert_eq!(list[0]["channels"], channels);
        let table = house.run(&["number", "list", "--agent", "Sales", "--account", SID]).succeeded().stdout;
        assert!(table.contains("voice,whatsapp"), "{table}");

        house.run(&["agent", "add", "--name", "Idle"]).succeeded();
        assert_eq!(house.run(&["number", "list", "--agent", "Idle"]).succeeded().stdout, "no such numbers\n");
        assert!(house.run(&["number", "release", NUMBER]).succeeded().stdout.contains("nobody answers it now"));
        assert!(house.run(&["number", "release", NUMBER]).succeeded().stdout.contains("nobody answered"));
        assert_eq!(house.run(&["number", "show", NUMBER, "--json"]).json()["agent_id"], serde_json::Value::Null);
    }

    /// A number goes although it is answered, then the agent and the account go that it was in the way of.
    fn a_number_is_removed_and_what_it_kept_after_it(house: &House) {
        house.furnish();
        house.run(&["account", "remove", SID]).failed("remove them with `switchboard number remove`");
        assert_eq!(house.run(&["number", "remove", "+1 (415) 555-0100"]).succeeded().stdout, format!("removed number {NUMBER}\n"));
        house.run(&["number", "show", NUMBER]).failed("number …00 is not known here");
        assert_eq!(house.run(&["number", "list", "--json"]).json(), serde_json::json!([]));
        house.run(&["number", "add", NUMBER, "--account", SID]).succeeded();
        assert_eq!(house.run(&["number", "remove", NUMBER, "--json"]).json(), serde_json::json!({"removed": NUMBER}));
        house.run(&["agent", "remove", "Sales"]).succeeded();
        house.run(&["account", "remove", SID]).succeeded();
    }

    /// Each refusal says what to do.
    fn a_number_that_cannot_be_is_refused(house: &House) {
        house.furnish();
        house.run(&["number", "add", NUMBER, "--account", SID]).failed("number …00 is known already");
        house.run(&["number", "add", "+14155550101", "--account", OTHER_SID]).failed("is not known here; add it with `switchboard account add`");
        house.run(&["number", "add", "4155550101", "--account", SID]).misused("the number has no country code");
        house.run(&["number", "add", "+1415CALLNOW", "--account", SID]).misused("has no place in a phone number");
        house.run(&["number", "add", "+14155550101"]).misused("--account");
        house.run(&["number", "assign", "+14155550101", "--agent", "Sales"]).failed("number …01 is not known here; add it with");
        house.run(&["number", "assign", NUMBER, "--agent", "nobody"]).failed("no agent has");
        house.run(&["number", "assign", NUMBER, "--agent", "Sales", "--channels", "fax"]).misused("--channels names \"fax\"");
        house.run(&["number", "assign", NUMBER, "--agent", "Sales", "--channels", ","]).misused("names no channel");
        house.run(&["number", "show", "+14155550101"]).failed("number …01 is not known here");
        house.run(&["number", "release", "+14155550101"]).failed("number …01 is not known here");
        house.run(&["number", "remove", "+14155550101"]).failed("number …01 is not known here");
        house.run(&["number", "remove", "4155550100"]).misused("the number has no country code");
        house.run(&["number", "list", "--account", OTHER_SID]).failed("is not known here");
        house.run(&["number", "list", "--agent", "nobody"]).failed("no agent has");
    }
}
