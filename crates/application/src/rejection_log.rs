//! The rejection log: refused requests, counted by kind and stored for operators after the answer.
//!
//! A flood of refused requests neither increases memory use nor reaches the database: only a
//! limited number of kinds is counted between two writes, each with a few samples of limited size,
//! and a write is one statement per second. Each known account has its own places, so requests that
//! name other accounts cannot take them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use switchboard_domain::form::Form;
use switchboard_domain::ports::{Identifiers, RejectionStore, StoreError};
use switchboard_domain::rejection::{Endpoint, Refusal, Rejection};
use switchboard_domain::sid::{AccountSid, RecordSid};
use switchboard_domain::signature::{Hints, NearMiss, PublicUrl, Signature, diagnose};
use switchboard_domain::time::Timestamp;

use crate::account_cache::AccountCache;
use crate::deadline::{BEHIND_ANSWERS, within};
use crate::webhook_request::{Parameters, WebhookRequest};

/// The maximum number of kinds in shared places that are counted between two writes.
const SHARED_PLACES: usize = 64;
/// The maximum number of kinds of one known account in its own places.
const OWN_PLACES: usize = 4;
/// The maximum number of places of all known accounts.
const MAX_OWN_PLACES: usize = 4_096;
/// The maximum number of samples of one kind. It is more than one, because anyone could have sent
/// the first request of a kind.
const MAX_SAMPLES: usize = 4;
/// The maximum size of all samples in bytes.
const MAX_SAMPLE_BYTES: usize = 4 * 1024 * 1024;
/// The maximum length of a sample's target in bytes.
const MAX_TARGET_BYTES: usize = 4_096;

/// A refused request, stored until it is diagnosed off the hot path.
pub(crate) struct Sample {
    target: String,
    body: Body,
    signature: Option<String>,
    hosts: Vec<String>,
}

enum Body {
    Form(Vec<u8>),
    Query,
    Other(Vec<u8>),
}

impl Sample {
    pub(crate) fn of(request: &WebhookRequest<'_>) -> Option<Self> {
        (request.target.len() <= MAX_TARGET_BYTES).then(|| Self {
            target: request.target.to_owned(),
            body: match request.parameters {
                Parameters::Form(body) => Body::Form(body.to_vec()),
                Parameters::Query => Body::Query,
                Parameters::Body(body) => Body::Other(body.to_vec()),
            },
            signature: request.signature.map(str::to_owned),
            hosts: request.hosts.claimed_hosts(),
        })
    }

    /// The SID of the call or message, as the request claims it.
    fn sid(&self) -> Option<RecordSid> {
        let raw = match &self.body {
            Body::Form(body) => &body[..],
            Body::Query => self.target.split_once('?')?.1.as_bytes(),
            Body::Other(_) => return None,
        };
        let form = Form::parse(raw).ok()?;
        let names = ["MessageSid", "CallSid"];
        let mut given = names.iter().filter_map(|name| form.only(name).ok().flatten());
        given.find_map(|text| RecordSid::parse(text).ok())
    }

    fn bytes(&self) -> usize {
        let body = match &self.body {
            Body::Form(body) | Body::Other(body) => body.len(),
            Body::Query => 0,
        };
        let hosts: usize = self.hosts.iter().map(String::len).sum();
        self.target.len() + body + self.signature.as_ref().map_or(0, String::len) + hosts
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    endpoint: Endpoint,
    refusal: Refusal,
    /// `None` for unknown accounts, because there are too many to distinguish.
    account: Option<AccountSid>,
}

struct Counted {
    count: u32,
    at: Timestamp,
    samples: Vec<Sample>,
}

/// The counts since the last write.
#[derive(Default)]
struct Counts {
    kinds: HashMap<Kind, Counted>,
    /// Kinds in the places of known accounts, by account.
    own: HashMap<AccountSid, usize>,
    own_total: usize,
    sample_bytes: usize,
}

impl Counts {
    fn note(&mut self, kind: Kind, at: Timestamp, sample: impl FnOnce() -> Option<Sample>) {
        if !self.kinds.contains_key(&kind) && !self.takes_place(kind) {
            return;
        }
        let counted =
            self.kinds.entry(kind).or_insert(Counted { count: 0, at, samples: Vec::new() });
        counted.count = counted.count.saturating_add(1);
        counted.at = at;
        if counted.samples.len() < MAX_SAMPLES && self.sample_bytes < MAX_SAMPLE_BYTES {
            let sample = sample();
            self.sample_bytes += sample.as_ref().map_or(0, Sample::bytes);
            counted.samples.extend(sample);
        }
    }

    /// Whether there is a place for a new kind: one of its account, or a shared one.
    fn takes_place(&mut self, kind: Kind) -> bool {
        if let Some(account) = kind.account
            && self.own_total < MAX_OWN_PLACES
        {
            let own = self.own.entry(account).or_default();
            if *own < OWN_PLACES {
                *own += 1;
                self.own_total += 1;
                return true;
            }
        }
        self.kinds.len() - self.own_total < SHARED_PLACES
    }
}

/// Counts refused requests and writes the counts to the store.
pub struct RejectionLog {
    store: Arc<dyn RejectionStore>,
    accounts: Arc<AccountCache>,
    identifiers: Arc<dyn Identifiers>,
    urls: Vec<PublicUrl>,
    counted: Mutex<Counts>,
}

impl RejectionLog {
    /// Creates the log. `urls` are the public URLs for which near misses are diagnosed.
    pub fn new(
        store: Arc<dyn RejectionStore>,
        accounts: Arc<AccountCache>,
        identifiers: Arc<dyn Identifiers>,
        urls: Vec<PublicUrl>,
    ) -> Self {
        Self { store, accounts, identifiers, urls, counted: Mutex::default() }
    }

    pub(crate) fn note(
        &self,
        endpoint: Endpoint,
        refusal: Refusal,
        claimed: AccountSid,
        at: Timestamp,
        sample: impl FnOnce() -> Option<Sample>,
    ) {
        // A refused request can name any account.
        let account = self.accounts.with(claimed, |keys| keys.is_some()).then_some(claimed);
        self.count(Kind { endpoint, refusal, account }, at, sample);
    }

    /// Counts a request of which only its endpoint is known, and the account that signed it, if any.
    pub(crate) fn note_endpoint(
        &self,
        endpoint: Endpoint,
        refusal: Refusal,
        account: Option<AccountSid>,
        at: Timestamp,
    ) {
        self.count(Kind { endpoint, refusal, account }, at, || None);
    }

    fn count(&self, kind: Kind, at: Timestamp, sample: impl FnOnce() -> Option<Sample>) {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).note(kind, at, sample);
    }

    /// Writes the counts since the last call. Counts that cannot be written are dropped: the
    /// metrics contain them, and an unavailable store must not increase memory use.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let counted =
            std::mem::take(&mut *self.counted.lock().unwrap_or_else(PoisonError::into_inner)).kinds;
        if counted.is_empty() {
            return Ok(());
        }
        let rejections: Vec<_> =
            counted.into_iter().map(|(kind, counted)| self.explain(kind, &counted)).collect();
        for rejection in &rejections {
            tracing::warn!(
                endpoint = rejection.endpoint.as_str(),
                reason = rejection.refusal.as_str(),
                account.sid = rejection.account.map(tracing::field::display),
                near_miss = rejection.near_miss.as_ref().map(NearMiss::as_str),
                public_url = rejection.near_miss.as_ref().and_then(NearMiss::public_url),
                count = rejection.count,
                "requests refused"
            );
        }
        within(BEHIND_ANSWERS, "rejection.record", self.store.record(&rejections)).await
    }

    fn explain(&self, kind: Kind, counted: &Counted) -> Rejection {
        let near_miss = match (kind.refusal, kind.account) {
            (Refusal::SignatureWrong, Some(account)) => {
                counted.samples.iter().find_map(|sample| self.near_miss(account, sample))
            }
            _ => None,
        };
        let organization = kind.account.and_then(|sid| {
            self.accounts.with(sid, |keys| keys.map(|keys| keys.organization.clone()))
        });
        Rejection {
            id: self.identifiers.rejection(),
            organization,
            endpoint: kind.endpoint,
            refusal: kind.refusal,
            account: kind.account,
            near_miss,
            count: counted.count,
            at: counted.at,
            sample: counted.samples.iter().find_map(Sample::sid),
        }
    }

    fn near_miss(&self, account: AccountSid, sample: &Sample) -> Option<NearMiss> {
        let signature = Signature::parse(sample.signature.as_deref()?)?;
        let hosts: Vec<&str> = sample.hosts.iter().map(String::as_str).collect();
        let (parameters, raw) = match &sample.body {
            Body::Form(body) => (Parameters::Form(body), &body[..]),
            Body::Query => (Parameters::Query, &[][..]),
            Body::Other(body) => (Parameters::Body(body), &[][..]),
        };
        let form = Form::parse(raw).ok()?;
        let request = WebhookRequest {
            target: &sample.target,
            parameters,
            signature: None,
            hosts: &Vec::new(),
        };
        let (own_keys, parent) = self
            .accounts
            .with(account, |keys| keys.map(|keys| (keys.keys.clone(), keys.parent)))?;
        let parent_keys = parent
            .and_then(|parent| {
                self.accounts.with(parent, |keys| keys.map(|keys| keys.keys.clone()))
            })
            .unwrap_or_default();
        let hints =
            Hints { own_keys: &own_keys, parent_keys: &parent_keys, hosts: &hosts, queries: &[] };
        diagnose(&hints, &self.urls, &request.signed(&form), &signature)
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::rejection::{Endpoint, Refusal};
    use switchboard_domain::sid::AccountSid;
    use switchboard_domain::time::Timestamp;

    use super::{Body, Counts, Kind, MAX_OWN_PLACES, MAX_SAMPLE_BYTES, SHARED_PLACES, Sample};

    const AT: Timestamp = Timestamp::from_seconds(0);

    fn account(number: usize) -> AccountSid {
        AccountSid::parse(&format!("AC{number:032x}")).unwrap()
    }

    /// Counts every kind of refusal of an account, or of unknown accounts.
    fn note_all(counts: &mut Counts, account: Option<AccountSid>) {
        for endpoint in Endpoint::ALL {
            for refusal in Refusal::ALL {
                counts.note(Kind { endpoint, refusal, account }, AT, || None);
            }
        }
    }

    fn has(counts: &Counts, account: AccountSid) -> bool {
        counts.kinds.keys().any(|kind| kind.account == Some(account))
    }

    #[test]
    fn requests_that_name_other_accounts_take_no_place_of_an_account() {
        let mut counts = Counts::default();
        note_all(&mut counts, None);
        for number in 0..1_000 {
            note_all(&mut counts, Some(account(number)));
        }
        note_all(&mut counts, Some(account(5_000)));
        assert!(has(&counts, account(5_000)));
    }

    #[test]
    fn kinds_and_samples_are_bounded() {
        let mut counts = Counts::default();
        for number in 0..2 * MAX_OWN_PLACES {
            note_all(&mut counts, Some(account(number)));
        }
        assert_eq!(counts.kinds.len(), MAX_OWN_PLACES + SHARED_PLACES);
        assert!(counts.own.len() <= MAX_OWN_PLACES);
        let large = || {
            let body = Body::Form(vec![0; 60_000]);
            Some(Sample { target: String::new(), body, signature: None, hosts: Vec::new() })
        };
        let mut counts = Counts::default();
        for number in 0..1_000 {
            let (endpoint, refusal) = (Endpoint::Voice, Refusal::SignatureWrong);
            counts.note(Kind { endpoint, refusal, account: Some(account(number)) }, AT, large);
        }
        assert!(counts.sample_bytes < MAX_SAMPLE_BYTES + 60_001);
    }
}
