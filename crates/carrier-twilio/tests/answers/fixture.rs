//! A server with configured responses, and a carrier that sends requests to it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use switchboard_carrier_twilio::{Limits, TwilioCarrier, TwilioOptions};
use switchboard_domain::carrier::{ApiKey, CarrierAccess, ParentToken, Region};
use switchboard_domain::ports::Randomness;
use switchboard_domain::secret::Secret;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::{AccountSid, ApiKeySid, NumberSid};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// The token of the account. No output may contain it.
pub(crate) const TOKEN: &str = "s3cret-token";
/// The secret of its API key.
pub(crate) const KEY: &str = "s3cret-key";
/// The token of its owner.
pub(crate) const PARENT: &str = "s3cret-parent";

/// A carrier that sends its requests to a server of the test, and retries them without delay.
pub(crate) struct Fixture {
    pub(crate) carrier: TwilioCarrier,
}

impl Fixture {
    pub(crate) fn at(base: &str) -> Self {
        Self::with_timeout(base, Duration::from_secs(30))
    }

    /// A carrier that waits for an answer no longer than `answering`.
    pub(crate) fn with_timeout(base: &str, answering: Duration) -> Self {
        let options = TwilioOptions {
            limits: Limits { answering, ..Limits::default() },
            ..TwilioOptions::new(Some(base.parse().unwrap()), Arc::new(Zeros))
        };
        Self { carrier: TwilioCarrier::new(options).unwrap() }
    }
}

/// A server that sends each response once and in order, and a carrier that uses it.
pub(crate) async fn answering(
    answers: impl IntoIterator<Item = ResponseTemplate>,
) -> (Fixture, MockServer) {
    let server = MockServer::start().await;
    for answer in answers {
        let mock = Mock::given(any()).respond_with(answer).up_to_n_times(1).expect(1);
        mock.mount(&server).await;
    }
    (Fixture::at(&server.uri()), server)
}

/// Makes every backoff zero. The tests of the module `retry` cover the durations with a paused clock, which cannot be
/// used with sockets: it would also end the timeouts of the HTTP client.
struct Zeros;

impl Randomness for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

pub(crate) fn account() -> AccountSid {
    AccountSid::parse(&format!("AC{}", "1".repeat(32))).unwrap()
}

pub(crate) fn number_sid() -> NumberSid {
    NumberSid::parse(&format!("PN{}", "1".repeat(32))).unwrap()
}

pub(crate) fn phone() -> Sender {
    Sender::parse("+14155550142").unwrap()
}

/// Access with the account's own token only.
pub(crate) fn access() -> CarrierAccess {
    CarrierAccess {
        account: account(),
        region: Region::Us1,
        token: Secret::new(TOKEN.to_owned()),
        next_token: None,
        api_key: None,
        parent: None,
    }
}

/// Access with an API key and the token of the parent.
pub(crate) fn full_access() -> CarrierAccess {
    let sid = ApiKeySid::parse(&format!("SK{}", "1".repeat(32))).unwrap();
    let owner = AccountSid::parse(&format!("AC{}", "2".repeat(32))).unwrap();
    CarrierAccess {
        next_token: None,
        api_key: Some(ApiKey { sid, secret: Secret::new(KEY.to_owned()) }),
        parent: Some(ParentToken { account: owner, token: Secret::new(PARENT.to_owned()) }),
        ..access()
    }
}

/// A number in the format of Twilio.
pub(crate) fn number() -> Value {
    json!({
        "sid": number_sid().as_str(),
        "account_sid": account().as_str(),
        "phone_number": phone().as_str(),
        "capabilities": {"voice": true, "sms": false, "mms": false, "fax": false},
        "voice_url": "https://example.com/voice",
        "sms_url": null,
        "a_field_of_tomorrow": {"deep": [1, 2]},
    })
}

/// A page with these numbers.
pub(crate) fn page(numbers: &[Value], next: Option<&str>) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({"incoming_phone_numbers": numbers, "next_page_uri": next}))
}

/// An error in the format of Twilio.
pub(crate) fn error(status: u16, code: u32, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_json(json!({"code": code, "message": message, "status": status}))
}
