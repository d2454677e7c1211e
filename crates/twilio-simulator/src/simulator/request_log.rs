//! The log of API requests, which tests use to assert what was and was not requested.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;
use serde_json::Value;
use switchboard_domain::sid::AccountSid;

/// How many requests are kept; older ones are dropped.
const MAX_ENTRIES: usize = 100_000;

/// An API request that has been answered.
#[derive(Clone, Debug, Serialize)]
pub struct RecordedRequest {
    /// The number of requests before it.
    pub number: u64,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The account of its credentials. `None` if the credentials name no account.
    #[serde(serialize_with = "account_text")]
    pub account: Option<AccountSid>,
    /// The HTTP status of the response.
    pub status: u16,
    /// The names of the parameters sent, in order.
    pub sent: Vec<String>,
    /// What it changed.
    pub changes: Vec<FieldChange>,
}

impl RecordedRequest {
    /// Whether its method is not `GET`.
    pub fn is_write(&self) -> bool {
        self.method != "GET"
    }
}

/// A field changed by a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// The SID of the changed resource.
    pub resource: String,
    /// The field's name in JSON; nested names are joined by dots.
    pub field: String,
    /// The value before the request.
    pub before: Value,
    /// The value after the request.
    pub after: Value,
}

/// The recorded requests, and the current and peak concurrency of each account.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    recorded: u64,
    entries: VecDeque<RecordedRequest>,
    concurrency: HashMap<AccountSid, Concurrency>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Concurrency {
    current: usize,
    peak: usize,
}

impl RequestLog {
    /// Counts the start of a request. Returns the account's current concurrency.
    pub(crate) fn begin(&mut self, account: AccountSid) -> usize {
        let count = self.concurrency.entry(account).or_default();
        count.current += 1;
        count.peak = count.peak.max(count.current);
        count.current
    }

    /// Counts the end of a request.
    pub(crate) fn end(&mut self, account: AccountSid) {
        if let Some(count) = self.concurrency.get_mut(&account) {
            count.current = count.current.saturating_sub(1);
        }
    }

    /// Records a request and sets its number.
    pub(crate) fn record(&mut self, request: RecordedRequest) {
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(RecordedRequest { number: self.recorded, ..request });
        self.recorded += 1;
    }

    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &RecordedRequest> {
        self.entries.iter()
    }

    pub(crate) fn peak_concurrency(&self, account: AccountSid) -> usize {
        self.concurrency.get(&account).map_or(0, |count| count.peak)
    }

    /// Clears the recorded requests. Requests in progress stay counted.
    pub(crate) fn forget(&mut self) {
        self.entries.clear();
        for count in self.concurrency.values_mut() {
            count.peak = count.current;
        }
    }
}

/// The fields that differ between two states of a resource, without `date_updated`.
pub(crate) fn differences(resource: &str, before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    collect(resource, "", before, after, &mut changes);
    changes
}

fn collect(
    resource: &str,
    prefix: &str,
    before: &Value,
    after: &Value,
    changes: &mut Vec<FieldChange>,
) {
    let Some(fields) = after.as_object() else { return };
    for (name, after) in fields.iter().filter(|(name, _)| *name != "date_updated") {
        let before = before.get(name).unwrap_or(&Value::Null);
        let field = format!("{prefix}{name}");
        if after.is_object() && before.is_object() {
            collect(resource, &format!("{field}."), before, after, changes);
        } else if before != after {
            let (before, after) = (before.clone(), after.clone());
            changes.push(FieldChange { resource: resource.to_owned(), field, before, after });
        }
    }
}

#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
fn account_text<S: serde::Serializer>(
    account: &Option<AccountSid>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    account.as_ref().map(AccountSid::as_str).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use switchboard_domain::sid::AccountSid;

    use super::{RequestLog, differences};

    #[test]
    fn only_changed_fields_are_recorded_and_never_the_date() {
        let before = json!({"voice_url": "", "sms_url": "a", "webhook": {"callback_url": null}, "date_updated": 1});
        let after = json!({"voice_url": "b", "sms_url": "a", "webhook": {"callback_url": "c"}, "date_updated": 2});
        let changes = differences("PN1", &before, &after);
        let fields: Vec<_> =
            changes.iter().map(|change| (&change.field[..], &change.after)).collect();
        assert_eq!(fields, [("voice_url", &json!("b")), ("webhook.callback_url", &json!("c"))]);
        assert_eq!(changes[0].before, json!(""));
    }

    #[test]
    fn the_peak_concurrency_is_counted_per_account() {
        let account = |digit: char| {
            AccountSid::parse(&format!("AC{}", digit.to_string().repeat(32))).unwrap()
        };
        let mut log = RequestLog::default();
        assert_eq!(
            [log.begin(account('1')), log.begin(account('1')), log.begin(account('2'))],
            [1, 2, 1]
        );
        log.end(account('1'));
        assert_eq!(log.begin(account('1')), 2);
        assert_eq!(
            [log.peak_concurrency(account('1')), log.peak_concurrency(account('2'))],
            [2, 1]
        );
        log.end(account('1'));
        log.forget();
        assert_eq!(log.peak_concurrency(account('1')), 1);
    }
}
