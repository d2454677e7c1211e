use std::os::unix::fs::PermissionsExt;

use crate::cli::house::{House, OTHER_SID, SID, TOKEN, on_both_stores};

const ONE: &str = "one:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const TWO: &str = "two:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const KEYS: &str = "SWITCHBOARD_ENCRYPTION_KEYS";

fn add(house: &House, sid: &str, keys: &str) -> crate::cli::house::Ended {
    house.write("token.txt", TOKEN);
    house.run_with(
        KEYS,
        keys,
        &["account", "add", sid, "--name", "Main", "--token-file", "token.txt"],
    )
}

on_both_stores! {
    /// The first key seals, all open, and a missing one is told by its id.
    fn a_token_that_no_key_opens_names_the_key(house: &House) {
        add(house, SID, ONE).succeeded();
        add(house, OTHER_SID, &format!("{TWO},{ONE}")).succeeded();
        let shown = house.run(&["account", "show", OTHER_SID, "--json"]).json();
        assert_eq!(shown["encryption_key_id"], "two");

        let doctor = house.run_with(KEYS, TWO, &["doctor"]);
        assert_eq!(doctor.code, 1);
        assert!(doctor.stdout.contains("sealed by key one, which is not among the encryption keys"), "{doctor:?}");
        let doctor = house.run_with(KEYS, &format!("{TWO},{ONE}"), &["doctor"]).succeeded();
        assert!(doctor.stdout.contains("every token opens: 1 by one, 1 by two"), "{doctor:?}");

        house.run(&["agent", "add", "--name", "Sales"]).succeeded();
        house.run(&["number", "add", "+14155550100", "--account", SID]).succeeded();
        house
            .run_with(KEYS, TWO, &["simulate", "voice", "--to", "+14155550100", "--from", "+14155550199"])
            .failed("sealed by key one, which is not among the encryption keys");
    }

    /// Nothing is sealed by keys that open nothing of what is there, so that nobody loses the way back.
    fn keys_that_open_no_token_seal_none(house: &House) {
        add(house, SID, ONE).succeeded();
        house.write("accounts.csv", &format!("sid,name,auth_token\n{OTHER_SID},Other,{TOKEN}\n"));
        house.write("token.txt", TOKEN);
        let seal: [&[&str]; 4] = [
            &["account", "add", OTHER_SID, "--name", "Other", "--token-file", "token.txt"],
            &["account", "set", SID, "--token-file", "token.txt"],
            &["import", "csv", "--accounts", "accounts.csv"],
            &["serve"],
        ];
        let same_id = TWO.replace("two:", "one:");
        for command in seal {
            for (keys, given) in [(TWO, "two"), (same_id.as_str(), "one")] {
                let refused = house.run_with(KEYS, keys, command);
                assert_eq!(refused.code, 1, "{refused:?}");
                let words = format!("the encryption keys that are given ({given}) open none of the tokens in the database; put key one");
                assert!(refused.stderr.contains(&words) && refused.stderr.contains(KEYS), "{refused:?}");
            }
        }
        assert_eq!(house.run(&["account", "list", "--json"]).json().as_array().unwrap().len(), 1);
        house.run_with(KEYS, ONE, &["doctor"]).succeeded();
        house.run_with(KEYS, &format!("{TWO},{ONE}"), seal[0]).succeeded();
    }

    /// The file of another installation is told by the id of its key.
    fn a_key_file_of_another_machine_is_told_apart(house: &House) {
        let other = House::empty();
        for house in [house, &other] {
            house.add_account(SID);
        }
        let path = ["store/encryption.keys", "data/encryption.keys"].map(|name| house.path(name));
        let path = path.iter().find(|path| path.exists()).unwrap();
        let ours = house.run(&["account", "show", SID, "--json"]).json();
        std::fs::copy(other.path("data/encryption.keys"), path).unwrap();
        let words = format!("sealed by key {}, which is not among the encryption keys", ours["encryption_key_id"].as_str().unwrap());
        house
            .run_reading(TOKEN, &["account", "add", OTHER_SID, "--name", "Other", "--token-file", "-"])
            .failed(&words);
    }

    /// Keys that are not given are made once, for us alone, and never replaced by new ones.
    fn keys_are_made_once_and_kept_in_a_file_of_ours_alone(house: &House) {
        house.add_account(SID);
        let path = ["store/encryption.keys", "data/encryption.keys"].map(|name| house.path(name));
        let path = path.iter().find(|path| path.exists()).unwrap();
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        let keys = std::fs::read_to_string(path).unwrap();
        house.add_account(OTHER_SID);
        assert_eq!(std::fs::read_to_string(path).unwrap(), keys);

        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let set = ["account", "set", SID, "--token-file", "-"];
        let refused = house.run_reading(TOKEN, &set).failed("can be read by others; run `chmod 600");
        assert!(!refused.stderr.contains(keys.trim()));
        let doctor = house.run(&["doctor"]);
        assert!(doctor.code == 1 && doctor.stdout.contains("can be read by others"), "{doctor:?}");

        std::fs::remove_file(path).unwrap();
        house.run_reading(TOKEN, &set).failed("the database holds sealed tokens, but the encryption key file");
        assert!(!path.exists());
        std::fs::write(path, "k1:nonsense\n").unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let refused = house.run_reading(TOKEN, &set).failed("does not hold keys of the form id:base64");
        assert!(!refused.stderr.contains("nonsense"));
    }
}
