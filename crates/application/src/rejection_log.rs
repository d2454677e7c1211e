//! The rejection log: refused requests, counted by kind and stored for operators after the answer.
//!
//! A flood of refused requests neither grows memory nor reaches the database: only a bounded number of kinds is counted
//! between two writes, each with one sample, and a write is one statement a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use switchboard_domain::form::Form;
use switchboard_domain::ports::{Identifiers, RejectionStore, StoreError};
use switchboard_domain::rejection::{Endpoint, Refusal, Rejection};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::signature::{Hints, NearMiss, PublicUrl, Signature, diagnose};
use switchboard_domain::time::Timestamp;

use crate::account_cache::AccountCache;
use crate::deadline::{BEHIND_ANSWERS, within};
use crate::webhook_request::{Parameters, WebhookRequest};

/// Most kinds that are counted between two writes.
const MOST_KINDS: usize = 64;
/// Longest target of a sample, in bytes.
const LONGEST_TARGET: usize = 4_096;

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
        (request.target.len() <= LONGEST_TARGET).then(|| Self {
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
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    endpoint: Endpoint,
    refusal: Refusal,
    /// `None` for unknown accounts: there are too many to tell apart.
    account: Option<AccountSid>,
}

struct Counted {
    count: u32,
    at: Timestamp,
    sample: Option<Sample>,
}

/// Counts refused requests and writes the counts to the store.
pub struct RejectionLog {
    store: Arc<dyn RejectionStore>,
    accounts: Arc<AccountCache>,
    identifiers: Arc<dyn Identifiers>,
    urls: Vec<PublicUrl>,
    counted: Mutex<HashMap<Kind, Counted>>,
}

impl RejectionLog {
    /// `urls` are the public URLs for which near misses are diagnosed.
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
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let kinds = counted.len();
        if let Some(known) = counted.get_mut(&Kind { endpoint, refusal, account }) {
            known.count = known.count.saturating_add(1);
            known.at = at;
        } else if kinds < MOST_KINDS {
            counted.insert(
                Kind { endpoint, refusal, account },
                Counted { count: 1, at, sample: sample() },
            );
        }
    }

    /// Writes the counts since the last time. Counts that cannot be written are dropped: the metrics have them, and an
    /// unavailable store must not grow memory.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let counted =
            std::mem::take(&mut *self.counted.lock().unwrap_or_else(PoisonError::into_inner));
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
        let near_miss = match (kind.refusal, kind.account, &counted.sample) {
            (Refusal::SignatureWrong, Some(account), Some(sample)) => {
                self.near_miss(account, sample)
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
