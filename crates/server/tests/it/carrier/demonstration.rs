//! `serve --demo`: what it shows, and every line that it tells to paste.

use crate::prelude::*;

/// A demonstration that serves, and a terminal beside it.
struct Demonstration {
    app: TestApp,
    server: Process,
}

impl Demonstration {
    /// Starts it, and returns when all of it is shown.
    async fn start() -> Self {
        let mut app = TestApp::without_settings();
        app.set("SWITCHBOARD_LISTEN", "127.0.0.1:0");
        let mut server = app.start(&["serve", "--demo"]);
        let last = |line: &str| line.contains(" number unassign ").then_some(());
        server.line("the demonstration is shown", last).await;
        Self { app, server }
    }

    /// The line to paste that has these words.
    fn line(&self, words: &str) -> String {
        let lines = self.server.out();
        let found = lines.iter().find(|line| line.starts_with("  ") && line.contains(words));
        found.unwrap_or_else(|| panic!("{words}: {lines:#?}")).trim().to_owned()
    }

    /// Runs a line in another terminal.
    fn paste(&self, words: &str) -> Finished {
        self.app.paste(&self.line(words))
    }

    /// Does what the line with `curl` does: that program is not installed everywhere.
    async fn by_hand(&self) {
        let line = self.line("curl ");
        let words: Vec<_> = line.split(' ').collect();
        let ["curl", "-u", credentials, "-d", field, url] = words[..] else { panic!("{line}") };
        let (user, password) = credentials.split_once(':').unwrap();
        let form = "application/x-www-form-urlencoded";
        let request =
            http().post(url).basic_auth(user, Some(password)).header("Content-Type", form);
        let answer = request.body(field.to_owned()).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_and_a_message_are_shown_whole() {
    let begun = Instant::now();
    let demonstration = Demonstration::start().await;
    let taken = begun.elapsed();
    let shown = demonstration.server.out().join("\n");
    for words in [
        "== A call ==",
        "call CA",
        "status 200, text/xml",
        "answered by Sales (agt_",
        "the number is assigned to this agent",
        "agentName = Sales",
        "audio from the agent: 1.0 s",
        "== A message ==",
        "<Message>Thank you for writing.",
        "== Next steps ==",
    ] {
        assert!(shown.contains(words), "{words} is not in {shown}");
    }
    // It is unoptimized, and the machine has much else to do.
    assert!(taken < Duration::from_secs(20), "{taken:?}");
    let log = demonstration.server.log().join("\n");
    assert!(log.contains("stream opened") && log.contains("agent=\"Sales\""), "{log}");
    assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_to_paste_does_what_it_says() {
    let mut demonstration = Demonstration::start().await;
    let demo = &demonstration;
    demo.paste(" simulate voice ").exits(0).shows(&["audio from the agent: "]);
    demo.paste(" webhooks check").exits(0).shows(&["all 4 numbers are configured correctly"]);
    let assigned = demo.paste(" number assign ").exits(0);
    assigned.shows(&["changed at Twilio: voice_url, status_callback, sms_url, sms_method"]);
    demo.paste(" webhooks check").exits(0).shows(&["all 5 numbers are configured correctly"]);
    demo.by_hand().await;
    demo.paste(" webhooks check").exits(3).shows(&["+14155550100", "wrong_url"]);
    demo.paste(" webhooks plan").exits(3).shows(&["https://elsewhere.example.com/voice"]);
    demo.paste(" webhooks fix").exits(0).shows(&["1 changed (1 field)"]);
    demo.paste(" webhooks check").exits(0);
    let released = demo.paste(" number unassign ").exits(0);
    released.shows(&[
        "→ \"https://old.example.com/voice?agentId=bakery\"",
        "→ \"https://shop.example.net/inbox\"",
        "\"POST\" → \"GET\"",
    ]);
    demonstration.server.signal(Signal::INT);
    assert!(demonstration.server.ended(DONE).await.success());
}
