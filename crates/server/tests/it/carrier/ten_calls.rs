//! `call show` tells what happened to ten kinds of calls and what to do, so that somebody who never saw the product
//! understands it. Each call comes from the offline Twilio, and its streams go to voice servers that answer, refuse or
//! stay silent.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::prelude::*;
use switchboard_twilio_simulator::{CallRequest, Dispatcher};

const CHAIN: &str =
    r#"{"rules": [], "otherwise": {"agents": ["support", "sales"], "strategy": "priority"}}"#;

/// A voice server that refuses every handshake with 404.
async fn refusing() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            let _read = socket.read(&mut request).await;
            let refusal = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
            let _written = socket.write_all(refusal).await;
        }
    });
    format!("ws://{address}/")
}

/// A voice server that closes every stream without a word.
async fn silent() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            if let Ok(mut stream) = tokio_tungstenite::accept_async(socket).await {
                let _closed = stream.close(None).await;
            }
        }
    });
    format!("ws://{address}/")
}

/// A server behind the offline Twilio, with a number for each kind of call.
struct TenCalls {
    app: TestApp,
    server: Server,
    dispatcher: Dispatcher,
}

impl TenCalls {
    async fn new(store: Store) -> Self {
        let mut seed = three_accounts();
        seed.accounts[0].numbers.extend(numbers([7]));
        let mut app = TestApp::with_fleet(store, seed);
        let public = PublicUrl::new().await;
        app.set("SWITCHBOARD_PUBLIC_URL", &public.url);
        let echo = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = format!("ws://{}/", echo.local_addr().unwrap());
        tokio::spawn(voice_server::serve(echo, Url::parse(&public.url).unwrap()));
        let (refusing, silent) = (refusing().await, silent().await);
        let add = |name: &str, url: &str| {
            app.run(&format!("agent add --name {name} --stream-url {url}")).succeeded();
        };
        app.run(&format!("agent set Sales --stream-url {stream}")).succeeded();
        app.run("agent set Support --stream-url ws://127.0.0.1:9/").succeeded();
        add("Refusing", &refusing);
        add("Silent", &silent);
        add("Off", &stream);
        let agents = ["Sales", "Support", "Refusing", "Silent", "Off", "Sales", "Sales"];
        for (index, agent) in agents.iter().enumerate() {
            let number = number(index);
            app.run(&format!("number assign {} --agent {agent}", number.as_str())).succeeded();
        }
        app.run("agent set Off --disable").succeeded();
        app.write("chain.json", CHAIN);
        for (name, index) in [("Chain", 1), ("Broken", 5)] {
            app.run(&format!("route plan save chain.json --name {name}")).succeeded();
            let number = number(index);
            app.run(&format!("route attach {name} --number {}", number.as_str())).succeeded();
        }
        app.store
            .execute("UPDATE routing_plan_versions SET document = '{' WHERE name = 'Broken'")
            .await;
        app.write("wrong.txt", "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f");
        app.run(&["account", "set", OTHER_SID, "--token-file", "wrong.txt", "--no-verify"])
            .succeeded();
        app.run(&format!("number remove {} --yes", number(7).as_str())).succeeded();
        let voice = format!("{}/api/twilio/voice", public.url);
        let status = format!("{}/api/twilio/status", public.url);
        app.twilio().change(number(7), |settings| {
            settings.voice_url = voice;
            settings.voice_method = WebhookMethod::Post;
            settings.status_callback = status;
            settings.status_callback_method = WebhookMethod::Post;
        });
        let server = app.serve().await;
        public.leads_to(server.address);
        let network = phone_network();
        let simulator = Arc::clone(&app.twilio().simulator);
        let dispatcher = Dispatcher::new(simulator, Arc::new(network));
        Self { app, server, dispatcher }
    }

    /// Calls a number, and returns the SID of the call.
    async fn calls(&self, from: &str, index: usize) -> String {
        let order = CallRequest {
            from: from.to_owned(),
            to: number(index).as_str().to_owned(),
            speech_ms: Some(100),
            hang_up_after_ms: Some(200),
            ..CallRequest::default()
        };
        self.dispatcher.call(order, &|_entry| {}).await.unwrap().sid
    }

    /// What `call show` prints, once it has the last of these texts; it has to have all of them.
    async fn shown(&self, call: &str, texts: &[&str]) -> String {
        let command = format!("call show {call}");
        let last = texts.last().copied().unwrap_or_default();
        let shown = within(BEHIND, &command, async || {
            let shown = self.app.run(&command);
            (shown.code == Some(0) && shown.stdout.contains(last)).then_some(shown.stdout)
        });
        let shown = shown.await;
        for text in texts.iter().chain(&["what to do"]) {
            assert!(shown.contains(text), "{text:?} is not in {shown}");
        }
        shown
    }

    /// Calls a number, and returns what is shown.
    async fn tells(&self, from: &str, index: usize, texts: &[&str]) -> String {
        let call = self.calls(from, index).await;
        self.shown(&call, texts).await
    }
}

#[apply(on_both_stores!)]
async fn ten_kinds_of_calls_are_reported(store: Store) {
    const CALLER: &str = "+14155550177";
    let ten = TenCalls::new(store).await;

    let texts = [
        "answered: Sales took the call",
        "started: Twilio is connected to the voice server",
        "requested the session of the call: its stream is open",
        "what to do\n  nothing",
        "Twilio reported: completed",
    ];
    ten.tells(CALLER, 0, &texts).await;

    let texts = [
        "fell_back: ",
        "), then agent Sales (agt_",
        "attempt 1: sent to agent Support",
        "attempt 1 failed: Twilio's error 31902",
        "attempt 2: sent to agent Sales",
        "(attempt 2) requested the session",
        "switchboard agent show agt_",
        "Twilio reported: completed",
    ];
    ten.tells(CALLER, 1, &texts).await;

    let texts = [
        "failed: ",
        "Twilio's error 31920, the voice server refused the WebSocket handshake",
        "that the voice server answers it with 101",
        "Twilio reported: completed",
    ];
    ten.tells(CALLER, 2, &texts).await;

    let texts = [
        "answered, but the caller probably heard nothing",
        "did not request the session",
        "it has to request the session",
        "stopped",
        "Twilio reported: completed",
    ];
    ten.tells(CALLER, 3, &texts).await;

    let texts = [
        "unanswered: the agent is disabled",
        "the agent is disabled: agent Off",
        "none; the number is assigned to agent Off",
        "switchboard agent set agt_",
        "Twilio reported: busy",
    ];
    ten.tells(CALLER, 4, &texts).await;

    ten.tells("anonymous", 0, &["from       anonymous", "answered: ", "completed"]).await;

    let refused = ten.calls(CALLER, 6).await;
    let rejections = within(BEHIND, "the refused requests are listed", async || {
        let listed = ten.app.run("rejection list").succeeded().stdout;
        listed.contains(&refused).then_some(listed)
    });
    let rejections = rejections.await;
    assert!(rejections.contains("signature_wrong"), "{rejections}");
    let unknown = ten.app.run(&format!("call show {refused}")).exits(4).stderr;
    assert!(
        unknown.contains("its request was refused at") && unknown.contains("doctor"),
        "{unknown}"
    );

    let texts = [
        "unanswered: the destination number is unknown",
        "switchboard number add NUMBER --account AC",
        " --reveal`; if it is yours",
        "busy",
    ];
    ten.tells(CALLER, 7, &texts).await;

    let texts = [
        "answered: Sales took the call, because routing plan Broken cannot be read",
        "plan       not used, because routing plan Broken cannot be read",
        "the routing plan \"Broken\" of the number cannot be read, so it is not used",
        "switchboard route plan show pln_",
        "Twilio reported: completed",
    ];
    ten.tells(CALLER, 5, &texts).await;

    let simulate = format!(
        "simulate voice --to {} --from {CALLER} --no-stream --json --url http://{}",
        number(0).as_str(),
        ten.server.address
    );
    let report = ten.app.run(&simulate).succeeded().json();
    let simulated = report["request"]["sid"].as_str().unwrap();
    let texts = [
        "(simulated)",
        "answered: only the response to Twilio was simulated, so nothing was connected",
        "nothing; to test the voice server",
        "the simulation reported",
    ];
    ten.shown(simulated, &texts).await;
}
