//! Signatures of Twilio's own libraries are accepted, and refused if one character changes.

use crate::fixture::setting;
use crate::prelude::*;

const PYTHON: &str = r"
import json, sys
from twilio.request_validator import RequestValidator
token, url, fields = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
print(RequestValidator(token).compute_signature(url, fields))
";
const NODE: &str = r"
const [library, token, url, fields] = process.argv.slice(1);
console.log(require(library).getExpectedTwilioSignature(token, url, JSON.parse(fields)));
";

#[apply(on_both_stores!)]
async fn what_twilio_for_python_signs_is_taken(store: Store) {
    let python = setting("SWITCHBOARD_SDK_PYTHON");
    assert_taken(store, |url, fields| {
        let mut command = Command::new(&python);
        command.args(["-c", PYTHON, MAIN.token, url, fields]);
        command
    })
    .await;
}

#[apply(on_both_stores!)]
async fn what_twilio_for_node_signs_is_taken(store: Store) {
    let library = Path::new(&setting("SWITCHBOARD_SDK_NODE"))
        .join("node_modules/twilio/lib/webhooks/webhooks.js");
    assert_taken(store, |url, fields| {
        let mut command = Command::new("node");
        command.args(["-e", NODE]).arg(&library).args([MAIN.token, url, fields]);
        command
    })
    .await;
}

/// Sends what the library signs: unchanged, and with one character changed in each signed part.
async fn assert_taken(store: Store, library: impl Fn(&str, &str) -> Command) {
    let (_app, server) = TestApp::served(store).await;
    let text = "Grüße & \"mehr\" = 100 % + 1\r\n👋";
    let webhooks = [
        Webhook::call(MAIN, SALES, &sid("CA", 1)),
        Webhook::call(MAIN, SALES, &sid("CA", 2)).at("/api/twilio/voice?agentId=clx0&x=%2F"),
        Webhook::call(MAIN, SALES, &sid("CA", 3)).by_get(),
        Webhook::message(MAIN, SALES, &sid("SM", 1), text),
        Webhook::message(MAIN, &format!("whatsapp:{SALES}"), &sid("SM", 2), "")
            .and("ProfileName", "Zoë"),
    ];
    for webhook in webhooks {
        let (url, form) = webhook.signed_parts();
        let fields: serde_json::Map<_, _> =
            form.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        let output = library(&url, &serde_json::Value::from(fields).to_string()).output();
        let output =
            output.unwrap_or_else(|error| panic!("Twilio's library does not run: {error}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let signature = String::from_utf8(output.stdout).unwrap().trim().to_owned();

        let signed = webhook.clone().signed_by(&signature);
        assert_eq!(server.send(&signed).await.status, 200, "{webhook:?}");
        let other = if signature.starts_with('x') { "y" } else { "x" };
        let changed = format!("{other}{}", &signature[1..]);
        server.send(&signed.clone().signed_by(&changed)).await.assert_refused("another signature");
        server
            .send(&signed.clone().with("ApiVersion", "2010-04-02"))
            .await
            .assert_refused("another value");
        server.send(&signed.clone().and("Added", "")).await.assert_refused("another field");
        server.send(&signed.without("ApiVersion")).await.assert_refused("one field less");
    }
}
