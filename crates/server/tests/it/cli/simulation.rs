use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::cli::house::{Ended, House, NUMBER, OTHER_SID, SID, TOKEN, on_both_stores};

/// A server that runs until the test ends.
pub(crate) struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts the server on a port that is free.
    pub(crate) fn start(house: &House, settings: &[(&str, &str)]) -> Self {
        let mut command = house.command(&["serve"]);
        command
            .env("SWITCHBOARD_LISTEN", "127.0.0.1:0")
            .env("RUST_LOG", "info")
            .envs(settings.iter().copied());
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut lines = log.lines();
        let deadline = Instant::now() + Duration::from_secs(30);
        let address = loop {
            let line = lines.next().unwrap().unwrap();
            assert!(Instant::now() < deadline, "the server starts in time");
            if let Some((_, rest)) = line.split_once("address=") {
                break rest.split_whitespace().next().unwrap().to_owned();
            }
        };
        // Somebody has to read on, or the server waits for that.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    pub(crate) fn simulate(&self, house: &House, what: &str, more: &[&str]) -> Ended {
        let url = format!("http://{}", self.address);
        house.run(&[&["simulate", what, "--from", "+1 415 555 0199", "--url", &url], more].concat())
    }
}

impl Server {
    /// Lets the server end by itself: it writes down what it has in hand.
    pub(crate) fn leave(mut self) {
        // The shell's own `kill`: the program of that name is not installed everywhere.
        let arguments = ["-c", "kill -TERM \"$1\"", "kill", &self.child.id().to_string()];
        assert!(Command::new("sh").args(arguments).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}

on_both_stores! {
    /// The answer is shown with what was decided and why.
    fn a_call_and_a_message_are_answered(house: &House) {
        house.furnish();
        house.run(&["agent", "set", "Sales", "--stream-url", "ws://127.0.0.1:9/s"]).succeeded();
        let server = Server::start(house, &[]);
        let text = server.simulate(house, "voice", &["--to", NUMBER]).succeeded().stdout;
        for words in ["status 200, text/xml", "\n    <Stream url=\"ws://127.0.0.1:9/s\">\n", "answered by Sales (agt_", "the number is assigned to this agent"] {
            assert!(text.contains(words), "{words} in {text}");
        }
        let report = server.simulate(house, "message", &["--to", NUMBER, "--body", "Are you open? ☎ & <more>", "--json"]).json();
        assert_eq!((&report["status"], &report["decision"]["reason"]), (&200.into(), &"assigned".into()));
        assert!(report["twiml"].as_str().unwrap().contains("<Message>We are open.</Message>"), "{report}");

        let text = server.simulate(house, "message", &["--to", "whatsapp:+14155550100"]).succeeded().stdout;
        assert!(text.contains("not answered by Sales") && text.contains("--channels"), "{text}");
        let text = server.simulate(house, "voice", &["--to", "+14155550177", "--account", SID]).succeeded().stdout;
        assert!(text.contains("answered by nobody: the number is not known here"), "{text}");
    }

    /// A server that refuses is a failure, and the likely causes are told.
    fn a_wrong_signature_is_refused(house: &House) {
        house.furnish();
        house.add_account(OTHER_SID);
        house.write("wrong.txt", "0123456789abcdef0123456789abcdef");
        let server = Server::start(house, &[]);
        let refused = server.simulate(house, "voice", &["--to", NUMBER, "--token-file", "wrong.txt"]);
        assert!(refused.code == 1 && refused.stdout.contains("status 403"), "{refused:?}");
        assert!(refused.stdout.contains("has another token for it"), "{refused:?}");
        let refused = server.simulate(house, "voice", &["--to", NUMBER, "--account", OTHER_SID, "--json"]);
        assert_eq!(refused.code, 1);
        let report: serde_json::Value = serde_json::from_str(&refused.stdout).unwrap();
        assert_eq!((&report["status"], &report["twiml"]), (&403.into(), &"".into()));
        assert_eq!(report["decision"]["number_account_sid"], SID);
    }

    /// The account of the settings is there when the server is.
    fn the_main_account_comes_with_the_settings(house: &House) {
        let settings = [("TWILIO_ACCOUNT_SID", SID), ("TWILIO_AUTH_TOKEN", TOKEN)];
        let server = Server::start(house, &settings);
        let list = house.run(&["account", "list", "--json"]).json();
        assert_eq!((&list[0]["sid"], &list[0]["name"]), (&SID.into(), &"Main".into()));
        house.run(&["number", "add", NUMBER, "--account", SID]).succeeded();
        let text = server.simulate(house, "voice", &["--to", NUMBER]).succeeded().stdout;
        assert!(text.contains("nobody answers the number"), "{text}");
    }

    /// What cannot be sent is told before it is.
    fn what_cannot_be_sent_is_refused(house: &House) {
        house.furnish();
        let simulate = |more: &[&str]| house.run(&[&["simulate", "voice", "--url", "http://127.0.0.1:1"], more].concat());
        simulate(&["--to", NUMBER, "--from", "anonymous"]).failed("no server answers at http://127.0.0.1:1/");
        simulate(&["--to", "4155550100", "--from", NUMBER]).misused("--to has no country code");
        simulate(&["--to", "+14155550109", "--from", NUMBER]).failed("--to is no number that is known here");
        simulate(&["--to", NUMBER, "--from", NUMBER, "--call-sid", "CA1"]).misused("--call-sid");
        simulate(&["--to", NUMBER, "--from", NUMBER, "--account", OTHER_SID]).failed("is not known here");
        simulate(&["--to", NUMBER]).misused("--from");
        house.run(&["simulate", "voice", "--to", NUMBER, "--from", NUMBER, "--url", "localhost"]).misused("--url is not the address");
    }
}
