//! Refusals: the answer never says why, the operator sees the reason.

use crate::fixture::signature;
use crate::prelude::*;

const STRANGER: Account = Account {
    sid: "AC000000000000000000000000000ffffe",
    token: "00112233445566778899aabbccddeeff",
};

/// A webhook at each endpoint.
fn at_every_endpoint(account: Account, number: &str) -> [Webhook; 4] {
    [
        Webhook::call(account, number, &sid("CA", 1)),
        Webhook::message(account, number, &sid("SM", 1), "Let me in"),
        Webhook::call_status(account, number, &sid("CA", 1), "completed"),
        Webhook::connected(account, number, &sid("CA", 1)),
    ]
}

/// Everything that must be refused.
fn refused(webhook: &Webhook, account: Account) -> Vec<(&'static str, Webhook)> {
    let right = webhook
        .prepared()
        .headers
        .iter()
        .find(|(name, _)| name == "X-Twilio-Signature")
        .unwrap()
        .1
        .clone();
    let flipped = if right.starts_with('A') {
        right.replacen('A', "B", 1)
    } else {
        format!("A{}", &right[1..])
    };
    let other = if account == MAIN { OTHER } else { MAIN };
    let (url, fields) = webhook.signed_parts();
    vec![
        ("unsigned", webhook.clone().unsigned()),
        ("empty signature", webhook.clone().signed_by("")),
        ("signature is no base64", webhook.clone().signed_by("not a signature at all !!!!!")),
        ("signature cut short", webhook.clone().signed_by(&right[..20])),
        ("signature with more behind it", webhook.clone().signed_by(&format!("{right}AAAA"))),
        ("first character changed", webhook.clone().signed_by(&flipped)),
        ("signature in lower case", webhook.clone().signed_by(&right.to_lowercase())),
        ("two signatures", webhook.clone().header("X-Twilio-Signature", &right)),
        ("another account's token", webhook.clone().signed_with(other.token)),
        ("empty token", webhook.clone().signed_with("")),
        ("the SID as token", webhook.clone().signed_with(account.sid)),
        ("token in upper case", webhook.clone().signed_with(&account.token.to_uppercase())),
        ("another host", webhook.clone().signed_for("https://calls.example.org")),
        ("another scheme", webhook.clone().signed_for("http://calls.example.com")),
        ("where it listens", webhook.clone().signed_for("http://127.0.0.1")),
        (
            "another path",
            webhook.clone().signed_by(&signature(account.token, &format!("{url}/"), fields)),
        ),
        (
            "another query",
            webhook.clone().signed_by(&signature(account.token, &format!("{url}?a=1"), fields)),
        ),
        ("without its fields", webhook.clone().signed_by(&signature(account.token, &url, &[]))),
        (
            "account unknown",
            webhook.clone().with("AccountSid", STRANGER.sid).signed_with(STRANGER.token),
        ),
        (
            "account unknown and unsigned",
            webhook.clone().with("AccountSid", STRANGER.sid).unsigned(),
        ),
        (
            "account of another case",
            webhook.clone().with("AccountSid", &account.sid.to_uppercase()),
        ),
        (
            "number of another account",
            webhook.clone().with("AccountSid", other.sid).signed_with(other.token),
        ),
    ]
}

#[apply(on_both_stores!)]
async fn every_refusal_looks_the_same(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let mut first: Option<Answer> = None;
    for (account, number) in [(MAIN, SALES), (SUB, SUBS), (OTHER, OTHERS)] {
        for webhook in at_every_endpoint(account, number) {
            for (why, refused) in refused(&webhook, account) {
                let answer = server.send(&refused).await;
                answer.assert_refused(why);
                let expected = first.get_or_insert_with(|| answer.clone());
                assert_eq!(answer.appearance(), expected.appearance(), "{why}");
            }
        }
    }
    for webhook in
        [Webhook::call(SUB, SUBS, &sid("CA", 2)), Webhook::message(SUB, SUBS, &sid("SM", 2), "Hi")]
    {
        let answer = server.send(&webhook.signed_with(MAIN.token)).await;
        answer.assert_refused("a subaccount signed by its parent's token");
        assert_eq!(answer.appearance(), first.as_ref().unwrap().appearance());
    }
    // Statuses of messages that we sent are bound by who sent them.
    let theirs = Webhook::message_status(MAIN, OTHERS, &sid("SM", 3), "delivered");
    server.send(&theirs).await.assert_refused("the status of another account's message");
    let theirs = Webhook::call(MAIN, "+4915112345678", &sid("CA", 3))
        .with("From", OTHERS)
        .with("Direction", "outbound-api");
    server.send(&theirs).await.assert_refused("a call begun by another account's number");

    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 9))).await.twiml();
    within(BEHIND, "the call that was let in", async || {
        (app.store.count("calls").await > 0).then_some(())
    })
    .await;
    assert_eq!(app.store.count("calls").await, 1);
    assert_eq!(app.store.count("messages").await, 0);
}

#[apply(on_both_stores!)]
async fn headers_have_no_influence_on_what_is_signed(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let headers = [
        ("Host", "evil.example.net"),
        ("X-Forwarded-Host", "evil.example.net"),
        ("X-Forwarded-Host", "calls.example.com"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Port", "8443"),
        ("X-Forwarded-For", "54.172.60.0"),
        ("X-Forwarded-Prefix", "/evil"),
        ("X-Original-URL", "/api/twilio/status"),
        ("X-Original-Host", "evil.example.net"),
        ("X-Rewrite-URL", "/evil"),
        ("X-Url-Scheme", "http"),
        ("X-Real-IP", "127.0.0.1"),
        ("Forwarded", "for=127.0.0.1;host=evil.example.net;proto=http"),
        ("Ngrok-Skip-Browser-Warning", "1"),
        ("X-HTTP-Method-Override", "GET"),
        ("Front-End-Https", "off"),
    ];
    for (name, value) in headers {
        let call = Webhook::call(MAIN, SALES, &sid("CA", 1)).header(name, value);
        server.send(&call).await.twiml().stream();
        for base in [
            "https://evil.example.net",
            "http://evil.example.net",
            "https://calls.example.com:8443",
            "http://calls.example.com",
            "https://calls.example.com/evil",
        ] {
            let why = format!("{name}: {value}, signed for {base}");
            server.send(&call.clone().signed_for(base)).await.assert_refused(&why);
        }
        server.send(&call.unsigned()).await.assert_refused(name);
    }
}

#[apply(on_both_stores!)]
async fn refusals_are_counted_by_reason(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let call = Webhook::call(MAIN, SALES, &sid("CA", 1));
    let message = Webhook::message(MAIN, SALES, &sid("SM", 1), "Hi");
    let cases = [
        ("voice", "signature_missing", call.clone().unsigned()),
        ("voice", "signature_wrong", call.clone().signed_with(OTHER.token)),
        ("voice", "account_mismatch", call.with("AccountSid", OTHER.sid).signed_with(OTHER.token)),
        (
            "message",
            "account_unknown",
            message.with("AccountSid", STRANGER.sid).signed_with(STRANGER.token),
        ),
    ];
    for (times, (endpoint, reason, webhook)) in (1_u64..).zip(cases) {
        for _ in 0..times {
            server.send(&webhook).await.assert_refused(reason);
        }
        let labels = [format!("endpoint=\"{endpoint}\""), format!("reason=\"{reason}\"")];
        let labels = labels.each_ref().map(String::as_str);
        assert_eq!(
            server.counted("switchboard_refusals_total", &labels).await,
            times,
            "{endpoint} {reason}"
        );
    }
    assert_eq!(server.counted("switchboard_refusals_total", &[]).await, 1 + 2 + 3 + 4);
}

#[apply(on_both_stores!)]
async fn a_host_in_upper_case_is_signed_as_it_is_or_in_lower_case(store: Store) {
    let mut app = TestApp::seeded(store);
    app.set("SWITCHBOARD_PUBLIC_URL", "https://Calls.Example.com");
    let server = app.serve().await;
    let call = Webhook::call(MAIN, SALES, &sid("CA", 6));
    for (host, status) in
        [("Calls.Example.com", 200), ("calls.example.com", 200), ("CALLS.example.com", 403)]
    {
        let call = call.clone().signed_for(&format!("https://{host}"));
        assert_eq!(server.send(&call).await.status, status, "{host}");
    }
}

#[apply(on_both_stores!)]
async fn a_refusal_is_stored_with_its_near_miss_and_remedy(store: Store) {
    let mut app = TestApp::seeded(store);
    app.set("SWITCHBOARD_PUBLIC_URL", &format!("{PUBLIC_URL}, https://old.example.com/twilio"));
    let server = app.serve().await;
    let old = Webhook::call_status(MAIN, SALES, &sid("CA", 5), "ringing")
        .signed_for("https://old.example.com/twilio");
    assert_eq!(server.send(&old).await.status, 204, "each of the URLs that are listed is ours");

    let [call, message, status, connected] = at_every_endpoint(MAIN, SALES);
    let [subs_call, subs_message, subs_status, ..] = at_every_endpoint(SUB, SUBS);
    let changed = connected.clone().at("/api/twilio/voice/connected?utm=1");
    let changed = changed.signed_by(&signature(
        MAIN.token,
        &connected.signed_parts().0,
        connected.signed_parts().1,
    ));
    let (url, fields) = message.signed_parts();
    let slash = signature(MAIN.token, &format!("{url}/"), fields);
    let cases = [
        (
            call.signed_for("http://calls.example.com"),
            "voice",
            MAIN,
            "scheme",
            "http://calls.example.com",
        ),
        (message.signed_by(&slash), "message", MAIN, "trailing_slash", ""),
        (
            status.signed_for("https://calls.example.com:8443"),
            "status",
            MAIN,
            "port",
            "https://calls.example.com:8443",
        ),
        (changed, "connected", MAIN, "query", ""),
        (
            subs_status.signed_for("https://old.example.com"),
            "status",
            SUB,
            "path_prefix",
            "https://old.example.com",
        ),
        (subs_call.signed_with(MAIN.token), "voice", SUB, "parent_token", ""),
        (
            subs_message
                .signed_for("https://tunnel.example.net")
                .header("X-Forwarded-Host", "tunnel.example.net"),
            "message",
            SUB,
            "host",
            "https://tunnel.example.net",
        ),
    ];
    for (webhook, _, _, near_miss, _) in &cases {
        server.send(webhook).await.assert_refused(near_miss);
        server.send(webhook).await.assert_refused(near_miss);
    }
    for (_, endpoint, account, near_miss, public_url) in cases {
        let query = format!(
            "SELECT coalesce(near_miss, 'nothing') || ' ' || coalesce(near_miss_url, '') AS value FROM rejections \
            WHERE endpoint = '{endpoint}' AND account_sid = '{}' AND refusal = 'signature_wrong' AND count >= 1",
            account.sid
        );
        let reported =
            within(BEHIND, near_miss, async || app.store.texts(&query).await.pop()).await;
        assert!(
            reported.starts_with(near_miss) && reported.ends_with(public_url),
            "{endpoint}: {reported}"
        );
    }
    let counts = "SELECT CAST(sum(count) AS text) AS value FROM rejections";
    within(BEHIND, "each refusal is counted", async || {
        (app.store.text(counts).await == "14").then_some(())
    })
    .await;
}

#[apply(on_both_stores!)]
async fn unknown_accounts_are_not_stored_one_by_one(store: Store) {
    let (app, server) = TestApp::served(store).await;
    for number in 0..100 {
        invented(&server, number).await;
    }
    let ours = Webhook::call(MAIN, SALES, &sid("CA", 1)).signed_for("http://calls.example.com");
    server.send(&ours).await.assert_refused("ours");
    let about_us =
        format!("rejections WHERE account_sid = '{}' AND near_miss = 'scheme'", MAIN.sid);
    app.store.holds(1, &about_us).await;
    let named =
        format!("rejections WHERE account_sid IS NOT NULL AND account_sid <> '{}'", MAIN.sid);
    assert_eq!(app.store.count(&named).await, 0, "rows that name unknown accounts");
}

/// A request of an account that does not exist, unsigned or signed by whatever.
async fn invented(client: &Client, number: u128) {
    let sid = sid("AC", 0xdead_0000 + number);
    let webhook =
        Webhook::call(MAIN, SALES, "CA00000000000000000000000000000001").with("AccountSid", &sid);
    let webhook = if number.is_multiple_of(2) { webhook.unsigned() } else { webhook };
    client.send(&webhook).await.assert_refused("made up");
}
