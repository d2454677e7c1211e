//! What enforcing the signatures of an account's webhooks refuses.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use switchboard_domain::account_validation::AccountValidation;
use switchboard_domain::authentication::{Validation, VerifiedBy};
use switchboard_domain::counted::counted;
use switchboard_domain::history::{Period, RejectionFilter};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Clock, Page, RejectionHistory, StoreError, VerificationStore};
use switchboard_domain::rejection::{Refusal, Rejection};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::signature::NearMiss;
use switchboard_domain::time::Timestamp;

const PAGE: u32 = 1_000;
/// Rejections that are looked at, at most. Each is the count of a kind in one second.
const MAX_PAGES: u32 = 200;
/// The hours that are looked back.
const HOURS: i64 = 24;

/// Requests that are refused for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRequests {
    /// The reason.
    pub refusal: Refusal,
    /// The single change that would have made the signature match.
    pub near_miss: Option<NearMiss>,
    /// How many there were.
    pub count: u64,
}

impl RefusedRequests {
    /// Whether Twilio sent them, as far as the signature tells: it is right for another URL or another token of ours, or for a number
    /// of another account.
    pub const fn are_genuine(&self) -> bool {
        self.near_miss.is_some() || matches!(self.refusal, Refusal::AccountMismatch)
    }
}

/// The requests of an account that did not verify in the last 24 hours. While its validation only reports, those of its own
/// numbers were answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverified {
    /// The beginning of the 24 hours.
    pub since: Timestamp,
    /// By reason and near miss, the most frequent first.
    pub requests: Vec<RefusedRequests>,
    /// Whether there were more than are counted.
    pub is_partial: bool,
    /// When a token of the account last verified a call or a message within the 24 hours.
    pub verified_at: Option<Timestamp>,
}

impl Unverified {
    /// How many requests Twilio sent that enforcement refuses.
    pub fn genuine(&self) -> u64 {
        self.requests.iter().filter(|one| one.are_genuine()).map(|one| one.count).sum()
    }

    /// Why enforcement may lose requests of Twilio; `None` if nothing suggests it.
    pub fn loss(&self) -> Option<Loss> {
        let genuine = self.genuine();
        if genuine > 0 {
            Some(Loss::Genuine(genuine))
        } else if self.is_partial {
            Some(Loss::Uncounted)
        } else if self.verified_at.is_none() && !self.requests.is_empty() {
            Some(Loss::NothingVerified)
        } else {
            None
        }
    }
}

/// Why enforcement may lose requests of Twilio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Twilio sent so many of the requests that did not verify.
    Genuine(u64),
    /// No request verified, as with a wrong token or a proxy that removes the signature.
    NothingVerified,
    /// There were too many requests to look at all of them.
    Uncounted,
}

impl Loss {
    /// The reason, as a sentence without a period.
    pub fn sentence(self) -> String {
        match self {
            Self::Genuine(count) => format!(
                "{} of the last 24 hours that Twilio sent would be refused",
                counted(count, "request")
            ),
            Self::NothingVerified => {
                "no request of the last 24 hours verified, as with a wrong auth token or a proxy that removes the signature"
                    .to_owned()
            }
            Self::Uncounted => {
                "too many requests of the last 24 hours did not verify to look at all of them".to_owned()
            }
        }
    }
}

/// Counts what enforcement refuses.
pub struct Enforcement {
    /// The recorded rejections.
    pub history: Arc<dyn RejectionHistory>,
    /// What tokens have verified.
    pub verifications: Arc<dyn VerificationStore>,
    /// How strictly the installation checks signatures.
    pub installation: Validation,
    /// The end of the 24 hours.
    pub clock: Arc<dyn Clock>,
}

impl Enforcement {
    /// Whether a change of the setting of an account enforces its signatures, which are not enforced so far.
    pub fn begins(
        &self,
        before: Option<AccountValidation>,
        after: Option<AccountValidation>,
    ) -> bool {
        let is_enforced = |own| self.installation.with(own) == Validation::Enforced;
        !is_enforced(before) && is_enforced(after)
    }

    /// The requests of an account that did not verify in the last 24 hours.
    pub async fn unverified(
        &self,
        scope: &Scope,
        account: AccountSid,
    ) -> Result<Unverified, StoreError> {
        let since = self.clock.now().plus_seconds(-HOURS * 3_600);
        let period = Period { since: Some(since), until: None };
        let filter = RejectionFilter { period, account: Some(account), refusal: None };
        let mut counts: BTreeMap<(&'static str, Option<String>), RefusedRequests> = BTreeMap::new();
        let mut page = Page::first(PAGE);
        let mut is_partial = true;
        for _ in 0..MAX_PAGES {
            let rejections = self.history.newest_rejections(scope, &filter, &page).await?;
            for rejection in &rejections {
                add(&mut counts, rejection);
            }
            let Some(last) = rejections.last() else {
                is_partial = false;
                break;
            };
            page = Page::behind((last.at, last.id.clone()), PAGE);
        }
        let mut requests: Vec<_> = counts.into_values().collect();
        requests.sort_by_key(|one| Reverse(one.count));
        let verified_at = self.verified_at(account, since).await?;
        Ok(Unverified { since, requests, is_partial, verified_at })
    }

    async fn verified_at(
        &self,
        account: AccountSid,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let primary = self.verifications.last_seen(account, VerifiedBy::PrimaryToken).await?;
        let next = self.verifications.last_seen(account, VerifiedBy::NextToken).await?;
        let owner = self.verifications.last_seen(account, VerifiedBy::OwnerToken).await?;
        Ok(primary.max(next).max(owner).filter(|at| *at >= since))
    }
}

fn add(
    counts: &mut BTreeMap<(&'static str, Option<String>), RefusedRequests>,
    rejection: &Rejection,
) {
    let is_of_signature = matches!(
        rejection.refusal,
        Refusal::SignatureMissing | Refusal::SignatureWrong | Refusal::AccountMismatch
    );
    // Others are refused whatever the setting is.
    if !is_of_signature {
        return;
    }
    let near_miss = rejection.near_miss.as_ref();
    let near_miss =
        near_miss.map(|one| format!("{} {}", one.as_str(), one.public_url().unwrap_or_default()));
    let counted = counts.entry((rejection.refusal.as_str(), near_miss)).or_insert_with(|| {
        let near_miss = rejection.near_miss.clone();
        RefusedRequests { refusal: rejection.refusal, near_miss, count: 0 }
    });
    counted.count += u64::from(rejection.count);
}

#[cfg(test)]
mod tests {
    use switchboard_domain::identifier::RejectionId;
    use switchboard_domain::ports::RejectionStore as _;
    use switchboard_domain::rejection::Endpoint;

    use super::*;
    use crate::fixtures::{clock, sid};
    use crate::test_prelude::{MemoryStore, default_organization};

    /// So many requests of an account, `before` seconds ago.
    fn rejected(
        n: u8,
        account: char,
        refusal: Refusal,
        near_miss: Option<NearMiss>,
        (count, before): (u32, i64),
    ) -> Rejection {
        let at = clock().now().plus_seconds(-before);
        Rejection {
            id: RejectionId::new(at, [n; 10]),
            organization: Some(default_organization()),
            endpoint: Endpoint::Voice,
            refusal,
            account: Some(sid(account)),
            near_miss,
            count,
            at,
            sample: None,
        }
    }

    #[tokio::test]
    async fn the_requests_of_a_day_are_counted_by_reason_and_near_miss() {
        let store = Arc::new(MemoryStore::new());
        let scheme =
            || Some(NearMiss::Scheme { public_url: "http://voice.example.com".to_owned() });
        let hours = |hours: i64| 3_600 * hours;
        let (wrong, missing) = (Refusal::SignatureWrong, Refusal::SignatureMissing);
        let rejections = [
            rejected(1, 'a', wrong, scheme(), (3, hours(1))),
            rejected(2, 'a', wrong, scheme(), (4, hours(23))),
            rejected(3, 'a', wrong, Some(NearMiss::TrailingSlash), (1, hours(2))),
            rejected(4, 'a', wrong, None, (100, hours(2))),
            rejected(5, 'a', missing, None, (50, hours(3))),
            rejected(6, 'a', Refusal::AccountMismatch, None, (2, hours(4))),
            rejected(7, 'a', wrong, scheme(), (1_000, hours(25))),
            rejected(8, 'b', wrong, scheme(), (1_000, hours(1))),
        ];
        store.record(&rejections).await.unwrap();
        let enforcement = Enforcement {
            history: store.clone(),
            verifications: store,
            installation: Validation::Enforced,
            clock: clock(),
        };
        let (enforced, report) =
            (Some(AccountValidation::Enforced), Some(AccountValidation::Report));
        assert!(enforcement.begins(report, None) && enforcement.begins(report, enforced));
        assert!(!enforcement.begins(None, enforced) && !enforcement.begins(None, report));
        let unverified = enforcement.unverified(&Scope::Operator, sid('a')).await.unwrap();
        let counts: Vec<_> = unverified
            .requests
            .iter()
            .map(|one| (one.count, one.refusal, one.near_miss.is_some(), one.are_genuine()))
            .collect();
        let expected = [
            (100, wrong, false, false),
            (50, missing, false, false),
            (7, wrong, true, true),
            (2, Refusal::AccountMismatch, false, true),
            (1, wrong, true, true),
        ];
        assert_eq!(counts, expected);
        assert_eq!((unverified.genuine(), unverified.is_partial), (10, false));
        assert_eq!(unverified.loss(), Some(Loss::Genuine(10)));
        let forged = Unverified { requests: unverified.requests[..2].to_vec(), ..unverified };
        assert_eq!(forged.loss(), Some(Loss::NothingVerified));
        let verified = Unverified { verified_at: Some(forged.since), ..forged };
        assert_eq!(verified.loss(), None);
        assert_eq!(Unverified { is_partial: true, ..verified }.loss(), Some(Loss::Uncounted));
    }
}
