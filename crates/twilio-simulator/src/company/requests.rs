//! What was asked of the company, so that tests can say what must not have been asked.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;
use serde_json::Value;
use switchboard_domain::sid::AccountSid;

/// Requests that are remembered. Older ones are forgotten.
const MOST_REMEMBERED: usize = 100_000;

/// One request to the REST API, after it was answered.
#[derive(Clone, Debug, Serialize)]
pub struct RecordedRequest {
    /// How many there were before it.
    pub number: u64,
    /// Its method.
    pub method: String,
    /// Its path, without the query.
    pub path: String,
    /// The account that it was made for. `None` if its credentials were no account's.
    #[serde(serialize_with = "account_text")]
    pub account: Option<AccountSid>,
    /// The status of the answer.
    pub status: u16,
    /// Names of the parameters that it sent, in their order.
    pub sent: Vec<String>,
    /// What it changed.
    pub changes: Vec<FieldChange>,
}

impl RecordedRequest {
    /// Whether it could change something: it was no `GET`.
    pub fn is_write(&self) -> bool {
        self.method != "GET"
    }
}

/// A field that a request changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// The SID of what was changed.
    pub resource: String,
    /// The field, by its name in JSON. A field inside another comes after its name and a dot.
    pub field: String,
    /// What it was.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

/// The requests so far, and how many there are at once.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    answered: u64,
    remembered: VecDeque<RecordedRequest>,
    at_once: HashMap<AccountSid, AtOnce>,
}

#[derive(Clone, Copy, Debug, Default)]
struct AtOnce {
    now: usize,
    most: usize,
}

impl RequestLog {
    /// A request begins. Returns how many there are now of this account.
    pub(crate) fn enter(&mut self, account: AccountSid) -> usize {
        let count = self.at_once.entry(account).or_default();
        count.now += 1;
        count.most = count.most.max(count.now);
        count.now
    }

    /// A request has ended.
    pub(crate) fn leave(&mut self, account: AccountSid) {
        if let Some(count) = self.at_once.get_mut(&account) {
            count.now = count.now.saturating_sub(1);
        }
    }

    /// Keeps a request. Its number is given here.
    pub(crate) fn record(&mut self, request: RecordedRequest) {
        if self.remembered.len() == MOST_REMEMBERED {
            self.remembered.pop_front();
        }
        self.remembered.push_back(RecordedRequest { number: self.answered, ..request });
        self.answered += 1;
    }

    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &RecordedRequest> {
        self.remembered.iter()
    }

    pub(crate) fn most_at_once(&self, account: AccountSid) -> usize {
        self.at_once.get(&account).map_or(0, |count| count.most)
    }

    /// Forgets what was asked. What is being asked now stays counted.
    pub(crate) fn forget(&mut self) {
        self.remembered.clear();
        for count in self.at_once.values_mut() {
            count.most = count.now;
        }
    }
}

/// The fields that differ between two states of a resource. Dates of changes are not told.
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

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
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
    fn only_fields_that_differ_are_told_and_never_the_date() {
        let before = json!({"voice_url": "", "sms_url": "a", "webhook": {"callback_url": null}, "date_updated": 1});
        let after = json!({"voice_url": "b", "sms_url": "a", "webhook": {"callback_url": "c"}, "date_updated": 2});
        let changes = differences("PN1", &before, &after);
        let told: Vec<_> =
            changes.iter().map(|change| (&change.field[..], &change.after)).collect();
        assert_eq!(told, [("voice_url", &json!("b")), ("webhook.callback_url", &json!("c"))]);
        assert_eq!(changes[0].before, json!(""));
    }

    #[test]
    fn the_most_requests_at_once_are_counted_for_each_account() {
        let account = |digit: char| {
            AccountSid::parse(&format!("AC{}", digit.to_string().repeat(32))).unwrap()
        };
        let mut log = RequestLog::default();
        assert_eq!(
            [log.enter(account('1')), log.enter(account('1')), log.enter(account('2'))],
            [1, 2, 1]
        );
        log.leave(account('1'));
        assert_eq!(log.enter(account('1')), 2);
        assert_eq!([log.most_at_once(account('1')), log.most_at_once(account('2'))], [2, 1]);
        log.leave(account('1'));
        log.forget();
        assert_eq!(log.most_at_once(account('1')), 1);
    }
}
