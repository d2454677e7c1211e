//! Webhooks as Twilio sends them, and everything that can be wrong with them.

use super::app::PUBLIC_URL;
use super::seed::Account;
use super::signing::{encoded, signature};

const CALLER: &str = "+14155550177";

/// A webhook that is still to be signed.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    method: &'static str,
    target: String,
    fields: Vec<(String, String)>,
    token: Option<String>,
    base: String,
    signature: Option<String>,
    headers: Vec<(String, String)>,
}

/// A request, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Webhook {
    fn new(path: &str, account: Account, fields: &[(&str, &str)]) -> Self {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self {
            method: "POST",
            target: path.to_owned(),
            fields: fields.collect(),
            token: Some(account.token.to_owned()),
            base: PUBLIC_URL.to_owned(),
            signature: None,
            headers: Vec::new(),
        }
    }

    /// A call of a number.
    pub(crate) fn call(account: Account, to: &str, call: &str) -> Self {
        let fields = [
            ("AccountSid", account.sid),
            ("ApiVersion", "2010-04-01"),
            ("CallSid", call),
            ("CallStatus", "ringing"),
            ("Called", to),
            ("Caller", CALLER),
            ("CallerCity", "SAN FRANCISCO"),
            ("Direction", "inbound"),
            ("From", CALLER),
            ("FromState", "CA"),
            ("FromZip", ""),
            ("To", to),
        ];
        Self::new("/api/twilio/voice", account, &fields)
    }

    /// A message to a number.
    pub(crate) fn message(account: Account, to: &str, message: &str, body: &str) -> Self {
        let fields = [
            ("AccountSid", account.sid),
            ("ApiVersion", "2010-04-01"),
            ("Body", body),
            ("From", CALLER),
            ("FromCountry", "US"),
            ("MessageSid", message),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
            ("SmsMessageSid", message),
            ("SmsSid", message),
            ("SmsStatus", "received"),
            ("To", to),
            ("ToCity", ""),
        ];
        Self::new("/api/twilio/webhook", account, &fields)
    }

    /// A status callback of a call.
    pub(crate) fn call_status(account: Account, to: &str, call: &str, status: &str) -> Self {
        Self::call(account, to, call).at("/api/twilio/status").with("CallStatus", status)
    }

    /// A status callback of an outbound message.
    pub(crate) fn message_status(
        account: Account,
        from: &str,
        message: &str,
        status: &str,
    ) -> Self {
        let fields = [
            ("AccountSid", account.sid),
            ("From", from),
            ("MessageSid", message),
            ("MessageStatus", status),
            ("SmsSid", message),
            ("SmsStatus", status),
            ("To", CALLER),
        ];
        Self::new("/api/twilio/status", account, &fields)
    }

    /// What Twilio asks when the stream of a call has ended.
    pub(crate) fn connected(account: Account, to: &str, call: &str) -> Self {
        Self::call(account, to, call)
            .at("/api/twilio/voice/connected")
            .with("CallStatus", "in-progress")
    }

    /// Sets a field.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.and(name, value)
    }

    /// Adds a field, even if one of that name exists.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes a field away.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(other, _)| other != name);
        self
    }

    /// Sends it to another path and query.
    pub(crate) fn at(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    /// Sends it by `GET`, with the fields in the query.
    pub(crate) fn by_get(mut self) -> Self {
        self.method = "GET";
        self
    }

    /// Sends it by `HEAD`, with the fields in the query.
    pub(crate) fn by_head(mut self) -> Self {
        self.method = "HEAD";
        self
    }

    /// Signs it with another token.
    pub(crate) fn signed_with(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Signs it for another public URL.
    pub(crate) fn signed_for(mut self, base: &str) -> Self {
        base.clone_into(&mut self.base);
        self
    }

    /// Signs it by this text, whatever is in it.
    pub(crate) fn signed_by(mut self, signature: &str) -> Self {
        self.signature = Some(signature.to_owned());
        self
    }

    /// Does not sign it.
    pub(crate) fn unsigned(mut self) -> Self {
        self.token = None;
        self
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What is signed and sent: the URL, and the form if there is one.
    pub(crate) fn signed_parts(&self) -> (String, &[(String, String)]) {
        if self.method != "POST" {
            let mark = if self.target.contains('?') { '&' } else { '?' };
            return (format!("{}{}{mark}{}", self.base, self.target, encoded(&self.fields)), &[]);
        }
        (format!("{}{}", self.base, self.target), &self.fields)
    }

    /// The request, signed.
    pub(crate) fn prepared(&self) -> Prepared {
        let (url, form) = self.signed_parts();
        let signed = self.token.as_ref().map(|token| signature(token, &url, form));
        let mut headers = self.headers.clone();
        if let Some(signature) = self.signature.clone().or(signed) {
            headers.push(("X-Twilio-Signature".to_owned(), signature));
        }
        let mut body = Vec::new();
        if self.method == "POST" {
            let form_type = "application/x-www-form-urlencoded; charset=UTF-8";
            headers.push(("Content-Type".to_owned(), form_type.to_owned()));
            body = encoded(form).into_bytes();
        }
        Prepared { method: self.method, target: url[self.base.len()..].to_owned(), headers, body }
    }
}

impl Prepared {
    /// The request as it is on the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes =
            format!("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        if self.method == "POST" || !self.body.is_empty() {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}
