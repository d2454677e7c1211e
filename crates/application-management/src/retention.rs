//! Deletes old records in small batches, so that no webhook waits long for one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::causes::Causes;
use switchboard_domain::ports::{
    Acquisition, Clock, IdempotencyStore, LeaseHolder, LeaseName, LeaseStore, RetentionStore,
    StoreError,
};
use switchboard_domain::repeatable_request::KEPT_SECONDS;
use switchboard_domain::retention::{RecordKind, RetentionPolicy};
use tokio::time::Instant;

use crate::error::ManageError;

/// The maximum number of records that one transaction deletes.
const BATCH: u32 = 200;
/// After a batch, other writers get this many times its duration.
const PAUSES: u32 = 2;
/// The lease that lets only one process delete records.
const LEASE: LeaseName = LeaseName::Retention;
const LEASE_DURATION: Duration = Duration::from_secs(300);
/// How often the lease is renewed during a deletion.
const RENEWAL: Duration = Duration::from_secs(60);
/// How often a server checks for old records.
const INTERVAL: Duration = Duration::from_secs(3_600);

/// The number of records of each kind that are old or were deleted.
pub type PruneCounts = BTreeMap<RecordKind, u64>;

/// Deletes the records that exceed their retention period.
pub struct Prune {
    /// Stores the records.
    pub store: Arc<dyn RetentionStore>,
    /// The clock that determines the age of records.
    pub clock: Arc<dyn Clock>,
    /// How long records are kept.
    pub policy: RetentionPolicy,
}

/// Receives the progress of a deletion, and can stop it.
pub trait PruneProgress: Send {
    /// Called after each batch with the number of deleted records. Returns whether to continue.
    fn deleted(&mut self, kind: RecordKind, count: u32) -> impl Future<Output = bool> + Send;
}

impl Prune {
    /// Counts the records to delete.
    pub async fn count(&self) -> Result<PruneCounts, ManageError> {
        let now = self.clock.now();
        let mut counts = PruneCounts::new();
        for kind in RecordKind::ALL {
            let count = match self.policy.cutoff(kind, now) {
                Some(before) => self.store.count_older(kind, before).await,
                None => Ok(0),
            };
            counts.insert(kind, count.map_err(ManageError::store("counting old records"))?);
        }
        Ok(counts)
    }

    /// Deletes the records, and reports each batch.
    pub async fn prune(
        &self,
        progress: &mut impl PruneProgress,
    ) -> Result<PruneCounts, ManageError> {
        let now = self.clock.now();
        let mut counts: PruneCounts = RecordKind::ALL.map(|kind| (kind, 0)).into();
        for kind in RecordKind::ALL {
            let Some(before) = self.policy.cutoff(kind, now) else { continue };
            loop {
                let began = Instant::now();
                let deleted = self.store.delete_older(kind, before, BATCH).await;
                let deleted = deleted.map_err(ManageError::store("deleting old records"))?;
                *counts.entry(kind).or_default() += u64::from(deleted);
                if !progress.deleted(kind, deleted).await {
                    return Ok(counts);
                }
                if deleted < BATCH {
                    break;
                }
                tokio::time::sleep(began.elapsed() * PAUSES).await;
            }
        }
        Ok(counts)
    }
}

/// Deletes old records and expired idempotency keys every hour, in one process at a time.
pub struct RetentionSchedule {
    prune: Prune,
    idempotency: Arc<dyn IdempotencyStore>,
    leases: Arc<dyn LeaseStore>,
    holder: LeaseHolder,
}

impl RetentionSchedule {
    /// Creates a schedule.
    pub fn new(
        prune: Prune,
        idempotency: Arc<dyn IdempotencyStore>,
        leases: Arc<dyn LeaseStore>,
        holder: LeaseHolder,
    ) -> Self {
        Self { prune, idempotency, leases, holder }
    }

    /// Deletes immediately and then every hour, forever. Errors are logged, and the next run tries
    /// again.
    pub async fn run(&self) {
        loop {
            match self.prune_once().await {
                Ok(Some(counts)) if counts.values().any(|count| *count > 0) => {
                    let of = |kind| counts.get(&kind).copied().unwrap_or_default();
                    tracing::info!(
                        calls = of(RecordKind::Calls),
                        messages = of(RecordKind::Messages),
                        rejections = of(RecordKind::Rejections),
                        deliveries = of(RecordKind::Deliveries),
                        events = of(RecordKind::Events),
                        jobs = of(RecordKind::Jobs),
                        "old records deleted"
                    );
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(error = %Causes(&error), "old records cannot be deleted");
                }
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Deletes once. Returns `None` if another process is deleting.
    pub async fn prune_once(&self) -> Result<Option<PruneCounts>, ManageError> {
        let mut lease =
            Lease { leases: self.leases.as_ref(), holder: &self.holder, renewed: Instant::now() };
        let acquired = lease.acquire().await;
        match acquired.map_err(ManageError::store("acquiring the lease of the deletion"))? {
            Acquisition::Acquired => {}
            Acquisition::HeldByAnother => return Ok(None),
        }
        let forgotten = self.forget_requests(&mut lease).await;
        let forgotten = forgotten.map_err(ManageError::store("deleting expired idempotency keys"));
        let done = self.prune.prune(&mut lease).await;
        let released = self.leases.release(LEASE, &self.holder).await;
        let released = released.map_err(ManageError::store("releasing the lease of the deletion"));
        match done {
            Ok(counts) => {
                forgotten?;
                released?;
                Ok(Some(counts))
            }
            Err(error) => {
                // Only one error is returned.
                for other in [forgotten, released].into_iter().filter_map(Result::err) {
                    tracing::error!(error = %Causes(&other), "the deletion of old records failed");
                }
                Err(error)
            }
        }
    }
}

impl RetentionSchedule {
    /// Deletes idempotency keys with their answers, however long records are kept: the answers contain secrets.
    async fn forget_requests(&self, lease: &mut Lease<'_>) -> Result<(), StoreError> {
        let before = self.prune.clock.now().plus_seconds(-KEPT_SECONDS);
        loop {
            let began = Instant::now();
            let deleted = self.idempotency.delete_expired(before, BATCH).await?;
            if deleted < BATCH || !lease.renew().await {
                return Ok(());
            }
            tokio::time::sleep(began.elapsed() * PAUSES).await;
        }
    }
}

/// The lease of a deletion, which is renewed while batches are deleted.
struct Lease<'a> {
    leases: &'a dyn LeaseStore,
    holder: &'a LeaseHolder,
    renewed: Instant,
}

impl Lease<'_> {
    async fn acquire(&mut self) -> Result<Acquisition, StoreError> {
        self.leases.acquire(LEASE, self.holder, LEASE_DURATION).await
    }

    /// Renews it if that is due. Returns whether this process has it still. If not, the next call tries again, so the whole
    /// deletion ends.
    async fn renew(&mut self) -> bool {
        if self.renewed.elapsed() < RENEWAL {
            return true;
        }
        let began = Instant::now();
        let is_held = matches!(self.acquire().await, Ok(Acquisition::Acquired));
        if is_held {
            self.renewed = began;
        }
        is_held
    }
}

impl PruneProgress for Lease<'_> {
    async fn deleted(&mut self, kind: RecordKind, count: u32) -> bool {
        metrics::counter!("switchboard_records_deleted_total", "kind" => kind.as_str())
            .increment(count.into());
        self.renew().await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchboard_domain::api_key::{ApiKey, KeyDigest, KeyScopes};
    use switchboard_domain::identifier::{ApiKeyId, RejectionId};
    use switchboard_domain::organization::default_organization;
    use switchboard_domain::ports::{
        Acquisition, ApiKeyStore, BegunRequest, Clock, IdempotencyStore as _, LeaseHolder,
        LeaseStore as _, RejectionStore as _,
    };
    use switchboard_domain::rejection::{Endpoint, Refusal, Rejection};
    use switchboard_domain::repeatable_request::{KEPT_SECONDS, RepeatableRequest, RequestDigest};
    use switchboard_domain::retention::{RecordKind, RetentionPolicy};
    use switchboard_domain::source_networks::SourceNetworks;
    use switchboard_domain::time::Timestamp;
    use switchboard_store_memory::{MemoryStore, operator};

    use super::{BATCH, LEASE, LEASE_DURATION, Prune, RetentionSchedule};
    use crate::fixtures::label;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            NOW
        }
    }

    /// A store with `count` rejections. The first `old` of them are two days old.
    async fn store(count: u8, old: u8) -> Arc<MemoryStore> {
        let store = Arc::new(MemoryStore::new());
        for n in 0..count {
            let at = NOW.plus_seconds(if n < old { -2 * 86_400 } else { -3_600 });
            let rejection = Rejection {
                id: RejectionId::new(at, [n; 10]),
                organization: Some(default_organization()),
                endpoint: Endpoint::Voice,
                refusal: Refusal::SignatureWrong,
                account: None,
                near_miss: None,
                count: 1,
                at,
                sample: None,
            };
            store.record(&[rejection]).await.unwrap();
        }
        store
    }

    fn prune(store: &Arc<MemoryStore>, policy: &str) -> Prune {
        let policy = RetentionPolicy::parse(policy).unwrap();
        Prune { store: store.clone(), clock: Arc::new(Fixed), policy }
    }

    #[tokio::test]
    async fn one_process_deletes_what_the_policy_does_not_keep() {
        let store = store(230, 220).await;
        let counted = prune(&store, "rejections=1d").count().await.unwrap();
        assert_eq!(counted[&RecordKind::Rejections], 220);
        let schedule = |holder: &str| {
            let holder = LeaseHolder::named(holder);
            let prune = prune(&store, "rejections=1d");
            RetentionSchedule::new(prune, store.clone(), store.clone(), holder)
        };
        let another = LeaseHolder::named("another");
        let acquired = store.acquire(LEASE, &another, LEASE_DURATION).await.unwrap();
        assert_eq!(acquired, Acquisition::Acquired);
        assert_eq!(schedule("one").prune_once().await.unwrap(), None);
        store.release(LEASE, &another).await.unwrap();
        let deleted = schedule("one").prune_once().await.unwrap().unwrap();
        assert_eq!(deleted[&RecordKind::Rejections], 220);
        let deleted = schedule("two").prune_once().await.unwrap().unwrap();
        assert_eq!(deleted[&RecordKind::Rejections], 0, "the lease was released");
    }

    #[tokio::test]
    async fn expired_idempotency_keys_are_deleted_whatever_is_kept() {
        let store = Arc::new(MemoryStore::new());
        let api_key = ApiKey {
            id: ApiKeyId::new(NOW, [1; 10]),
            organization: None,
            name: label("ci"),
            scopes: KeyScopes::parse("admin").unwrap(),
            networks: SourceNetworks::default(),
            created_at: NOW,
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        };
        let digest = KeyDigest::new_key(&[1; 32]).1;
        ApiKeyStore::add(store.as_ref(), &operator(), &api_key, &digest).await.unwrap();
        let holder = LeaseHolder::named("one");
        for n in 0..=BATCH {
            let key = RequestDigest::of(&[&n.to_be_bytes()]);
            let request = RepeatableRequest { api_key: api_key.id.clone(), key, content: key };
            // The last one is a day old, and the others are older.
            let at = NOW.plus_seconds(-KEPT_SECONDS - i64::from(n < BATCH));
            let begun = store.begin(&request, &holder, at, at).await.unwrap();
            assert_eq!(begun, BegunRequest::First);
        }
        let prune = prune(&store, "rejections=forever");
        let schedule = RetentionSchedule::new(prune, store.clone(), store.clone(), holder);
        schedule.prune_once().await.unwrap().unwrap();
        assert_eq!(store.delete_expired(NOW, BATCH).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn what_is_kept_forever_is_not_deleted() {
        let store = store(3, 3).await;
        let counted = prune(&store, "rejections=forever").count().await.unwrap();
        assert_eq!(counted[&RecordKind::Rejections], 0);
    }
}
