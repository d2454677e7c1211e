use crate::cli::house::{House, NUMBER, OTHER_SID, SID, TOKEN, on_both_stores};

on_both_stores! {
    /// From the first to the last day of an account.
    fn an_account_is_added_listed_shown_changed_and_removed(house: &House) {
        assert!(house.run(&["account", "list"]).succeeded().stdout.contains("switchboard account add"));
        assert_eq!(house.run(&["account", "list", "--json"]).json(), serde_json::json!([]));

        house.write("token.txt", &format!("{TOKEN}\n"));
        let add = ["account", "add", SID, "--name", "Main", "--token-file", "token.txt", "--parent", OTHER_SID];
        assert_eq!(house.run(&add).succeeded().stdout, format!("added account {SID}\n"));
        let list = house.run(&["account", "list", "--json"]).json();
        assert_eq!((&list[0]["sid"], &list[0]["name"], &list[0]["parent_sid"]), (&SID.into(), &"Main".into(), &OTHER_SID.into()));
        assert!(house.run(&["account", "list"]).succeeded().stdout.contains(SID));

        house.run_reading(TOKEN, &["account", "set", SID, "--name", "Sales", "--no-parent", "--next-token-file", "-"]).succeeded();
        let shown = house.run(&["account", "show", SID, "--json"]).json();
        assert_eq!(shown["name"], "Sales");
        assert_eq!(shown["parent_sid"], serde_json::Value::Null);
        assert_eq!(shown["has_next_token"], true);
        house.run(&["account", "set", SID, "--no-next-token"]).succeeded();
        assert!(house.run(&["account", "show", SID]).succeeded().stdout.contains("Next token     -"));

        house.run(&["account", "remove", SID]).succeeded();
        house.run(&["account", "show", SID]).failed(&format!("account {SID} is not known here; add it with"));
    }

    /// Each refusal says what to do.
    fn an_account_that_cannot_be_is_refused(house: &House) {
        house.furnish();
        let add = |sid: &str, text: &str| house.run_reading(text, &["account", "add", sid, "--name", "Main", "--token-file", "-"]);
        add(SID, TOKEN).failed("is known already; change it with `switchboard account set`");
        add(OTHER_SID, "").failed("--token-file -: the token is empty");
        add(OTHER_SID, "two words").failed("the token contains white space");
        add("AC123", TOKEN).misused("the account is not an account SID");
        // A token where the SID belongs is not repeated.
        add(TOKEN, TOKEN).misused("the account is not an account SID");
        house.run(&["account", "add", SID, "--name", "Main"]).misused("--token-file");
        house.run(&["account", "add", OTHER_SID, "--name", " ", "--token-file", "t"]).misused("--name is empty");
        house.run(&["account", "add", OTHER_SID, "--name", "A", "--token-file", "gone.txt"]).failed("gone.txt cannot be read");
        house.run_reading(TOKEN, &["account", "add", OTHER_SID, "--name", "A", "--token-file", "-", "--parent", OTHER_SID])
            .failed("cannot be its own parent");
        house.run_reading(TOKEN, &["account", "set", SID, "--token-file", "-", "--next-token-file", "-"])
            .misused("standard input (-) can be read once only");
        house.run(&["account", "set", SID]).misused("nothing to change");
        house.run(&["account", "set", OTHER_SID, "--name", "A"]).failed("is not known here");
        house.run(&["account", "remove", SID]).failed("still owns numbers");
        assert!(house.run(&["number", "show", NUMBER]).succeeded().stdout.contains(SID));
    }
}
