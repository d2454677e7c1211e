//! Requests as Twilio sends and signs them.

use switchboard_application::{Parameters, WebhookRequest};
use switchboard_domain::form::Form;
use switchboard_domain::signature::{Content, SignedRequest, sign, with_body_hash};
use url::form_urlencoded;

use crate::fixture::{TestAccount, public_url};

/// Requests without host headers.
static NO_HOSTS: Vec<String> = Vec::new();

pub(crate) const VOICE: &str = "/api/twilio/voice";
pub(crate) const MESSAGE: &str = "/api/twilio/webhook";
pub(crate) const STATUS: &str = "/api/twilio/status";
pub(crate) const CONNECTED: &str = "/api/twilio/voice/connected";
pub(crate) const HANDLER: &str = "/api/twilio/voice/handler";

pub(crate) const CALL: &str = "CA0123456789abcdef0123456789abcdef";
pub(crate) const TEXT: &str = "SM0123456789abcdef0123456789abcdef";
pub(crate) const CALLER: &str = "+14155550199";

/// Names and values.
pub(crate) type Fields = Vec<(String, String)>;

/// A request that can be sent repeatedly.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) target: String,
    pub(crate) content: Kind,
    pub(crate) signature: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Form(Vec<u8>),
    Query,
    Body(Vec<u8>),
}

impl Request {
    /// A form, not yet signed.
    pub(crate) fn post(target: &str, fields: &Fields) -> Self {
        Self {
            target: target.to_owned(),
            content: Kind::Form(encoded(fields).into_bytes()),
            signature: None,
        }
    }

    /// The same fields by GET, not yet signed.
    pub(crate) fn get(target: &str, fields: &Fields) -> Self {
        Self {
            target: format!("{target}?{}", encoded(fields)),
            content: Kind::Query,
            signature: None,
        }
    }

    /// The same fields in the query with a body of another type, not yet signed.
    pub(crate) fn body(target: &str, fields: &Fields, body: &[u8]) -> Self {
        let target = with_body_hash(&format!("{target}?{}", encoded(fields)), body);
        Self { target, content: Kind::Body(body.to_vec()), signature: None }
    }

    /// Signed with the account's token.
    pub(crate) fn signed_by(mut self, account: &TestAccount) -> Self {
        let form = match &self.content {
            Kind::Form(body) => Form::parse(body).unwrap(),
            Kind::Query | Kind::Body(_) => Form::EMPTY,
        };
        let content = match &self.content {
            Kind::Form(_) => Content::Form(&form),
            Kind::Query => Content::Query,
            Kind::Body(body) => Content::Raw(body),
        };
        let request = SignedRequest { target: &self.target, content };
        self.signature = Some(sign(&account.key, &public_url(), &request));
        self
    }

    /// The request with another signature, or without one.
    pub(crate) fn with_signature(mut self, signature: Option<&str>) -> Self {
        self.signature = signature.map(ToOwned::to_owned);
        self
    }

    /// The request in the form that the use cases take.
    pub(crate) fn webhook(&self) -> WebhookRequest<'_> {
        WebhookRequest {
            target: &self.target,
            parameters: match &self.content {
                Kind::Form(body) => Parameters::Form(body),
                Kind::Query => Parameters::Query,
                Kind::Body(body) => Parameters::Body(body),
            },
            signature: self.signature.as_deref(),
            hosts: &NO_HOSTS,
        }
    }
}

/// `application/x-www-form-urlencoded`.
pub(crate) fn encoded(fields: &Fields) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Owned fields of borrowed ones.
pub(crate) fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The fields with one of them changed or added.
pub(crate) fn with(mut fields: Fields, name: &str, value: &str) -> Fields {
    match fields.iter_mut().find(|(other, _)| other == name) {
        Some((_, old)) => value.clone_into(old),
        None => fields.push((name.to_owned(), value.to_owned())),
    }
    fields
}

/// The fields without one of them.
pub(crate) fn without(fields: &Fields, name: &str) -> Fields {
    fields.iter().filter(|(other, _)| other != name).cloned().collect()
}

/// The fields that Twilio sends for an inbound call.
pub(crate) fn call(account: &TestAccount, from: &str, to: &str) -> Fields {
    fields(&[
        ("AccountSid", account.sid.as_str()),
        ("ApiVersion", "2010-04-01"),
        ("CallSid", CALL),
        ("CallStatus", "ringing"),
        ("CallToken", "%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9%22%7D"),
        ("Called", to),
        ("CalledCity", "SAN FRANCISCO"),
        ("CalledCountry", "US"),
        ("CalledState", "CA"),
        ("CalledZip", ""),
        ("Caller", from),
        ("CallerCity", "OAKLAND"),
        ("CallerCountry", "US"),
        ("CallerState", "CA"),
        ("CallerZip", "94601"),
        ("Direction", "inbound"),
        ("From", from),
        ("FromCity", "OAKLAND"),
        ("FromCountry", "US"),
        ("FromState", "CA"),
        ("FromZip", "94601"),
        ("StirVerstat", "TN-Validation-Passed-A"),
        ("To", to),
        ("ToCity", "SAN FRANCISCO"),
        ("ToCountry", "US"),
        ("ToState", "CA"),
        ("ToZip", ""),
    ])
}

/// The fields that Twilio sends for an inbound message.
pub(crate) fn message(account: &TestAccount, from: &str, to: &str, body: &str) -> Fields {
    fields(&[
        ("ToCountry", "US"),
        ("ToState", "CA"),
        ("SmsMessageSid", TEXT),
        ("NumMedia", "0"),
        ("ToCity", ""),
        ("FromZip", "94601"),
        ("SmsSid", TEXT),
        ("FromState", "CA"),
        ("SmsStatus", "received"),
        ("FromCity", "OAKLAND"),
        ("Body", body),
        ("FromCountry", "US"),
        ("To", to),
        ("ToZip", ""),
        ("NumSegments", "1"),
        ("MessageSid", TEXT),
        ("AccountSid", account.sid.as_str()),
        ("From", from),
        ("ApiVersion", "2010-04-01"),
    ])
}
