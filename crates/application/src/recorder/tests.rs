use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

use async_trait::async_trait;
use switchboard_domain::address::Address;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::call::{Disconnection, FailureCause, TimelineEvent};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::ports::Page;
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_domain::status::{CallProgress, CallStatus};
use switchboard_domain::time::Timestamp;
use switchboard_store_memory::{Fault, MemoryStore};
use tokio::sync::Notify;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn account() -> AccountSid {
    AccountSid::parse("AC00000000000000000000000000000000").unwrap()
}

fn record(call: u32) -> CallRecord {
    let call = CallSid::parse(&format!("CA{call:032x}")).unwrap();
    CallRecord::of(account(), default_organization(), call, Timestamp::from_seconds(1))
}

/// Stores records, or fails as configured.
#[derive(Default)]
struct FaultyCallStore {
    batches: Mutex<Vec<Vec<CallRecord>>>,
    state: AtomicU8,
    asked: AtomicUsize,
    /// Whether a write waits until it is released.
    slow: AtomicBool,
    /// The call whose record is never accepted.
    refused: Mutex<Option<CallSid>>,
    begun: Notify,
    go_on: Notify,
}

const WELL: u8 = 0;
const AWAY: u8 = 1;
const HANGING: u8 = 2;

impl FaultyCallStore {
    fn becomes(&self, state: u8) {
        self.state.store(state, Ordering::SeqCst);
    }

    fn kept(&self) -> Vec<CallRecord> {
        self.batches.lock().unwrap().concat()
    }
}

#[async_trait]
impl CallStore for FaultyCallStore {
    async fn record(&self, records: &[CallRecord]) -> Result<(), StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.begun.notify_one();
        if self.slow.load(Ordering::SeqCst) {
            self.go_on.notified().await;
        }
        let refused = *self.refused.lock().unwrap();
        if records.iter().any(|record| Some(record.call) == refused) {
            return Err(StoreError::Failed { operation: "test", source: "refused".into() });
        }
        match self.state.load(Ordering::SeqCst) {
            WELL => {
                self.batches.lock().unwrap().push(records.to_vec());
                Ok(())
            }
            AWAY => Err(StoreError::Unavailable { operation: "test", source: None }),
            HANGING => std::future::pending().await,
            _ => Err(StoreError::Failed { operation: "test", source: "it broke".into() }),
        }
    }

    async fn find(
        &self,
        _: &Scope,
        _: AccountSid,
        _: CallSid,
    ) -> Result<Option<CallRecord>, StoreError> {
        Ok(None)
    }

    async fn latest_of_contact(
        &self,
        _: &OrganizationId,
        _: &[Address],
        _: &[Address],
        _: u32,
    ) -> Result<Vec<CallRecord>, StoreError> {
        Ok(Vec::new())
    }

    async fn list(
        &self,
        _: &Scope,
        _: &Page<(AccountSid, CallSid)>,
    ) -> Result<Vec<CallRecord>, StoreError> {
        Ok(self.kept())
    }
}

fn recorder(limits: RecorderLimits) -> (Arc<CallRecorder>, Arc<FaultyCallStore>) {
    let store = Arc::new(FaultyCallStore::default());
    let timelines = Arc::new(MemoryStore::new());
    (Arc::new(CallRecorder::new(store.clone(), timelines, limits)), store)
}

fn note_all(recorder: &CallRecorder, calls: std::ops::Range<u32>) {
    for call in calls {
        recorder.note(record(call));
    }
}

fn running(recorder: &Arc<CallRecorder>) -> tokio::task::JoinHandle<()> {
    let recorder = Arc::clone(recorder);
    tokio::spawn(async move { recorder.run().await })
}

#[tokio::test]
async fn what_waits_is_bounded_and_the_oldest_stay() {
    let (recorder, store) = recorder(RecorderLimits { waiting: 20, ..RecorderLimits::default() });
    for index in 0..1_000 {
        recorder.note(record(index));
    }
    assert_eq!(recorder.waiting(), 10);
    recorder.drain().await.unwrap();
    assert_eq!(store.kept(), (0..10).map(record).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_note_never_waits_for_a_store_that_hangs() {
    let (recorder, store) = recorder(RecorderLimits::default());
    store.becomes(HANGING);
    recorder.note(record(0));
    let running = running(&recorder);
    store.begun.notified().await;
    let before = tokio::time::Instant::now();
    for index in 1..1_000 {
        recorder.note(record(index));
    }
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!(recorder.waiting(), 999);
    running.abort();
}

#[tokio::test]
async fn the_records_of_one_call_become_one() {
    let (recorder, store) = recorder(RecorderLimits::default());
    let from = Address::parse("+14155550199").unwrap();
    let end = Disconnection { error_code: Some(31_921), at: Timestamp::from_seconds(9) };
    recorder.note(record(1));
    recorder.note(record(2));
    recorder.note(CallRecord { from: Some(from.clone()), ..record(1) });
    recorder.note(CallRecord { disconnection: Some(end), ..record(1) });
    recorder.drain().await.unwrap();
    let whole = CallRecord { from: Some(from), disconnection: Some(end), ..record(1) };
    assert_eq!(store.kept(), [whole, record(2)]);
}

#[tokio::test]
async fn one_sid_of_two_accounts_stays_two_records() {
    let (recorder, store) = recorder(RecorderLimits::default());
    let other = AccountSid::parse("AC00000000000000000000000000000001").unwrap();
    recorder.note(record(1));
    recorder.note(CallRecord { account: other, ..record(1) });
    recorder.drain().await.unwrap();
    assert_eq!(store.kept().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_written_after_each_pause_and_no_more() {
    let limits = RecorderLimits { batch: 10, pause: SECOND, ..RecorderLimits::default() };
    let (recorder, store) = recorder(limits);
    note_all(&recorder, 0..35);
    let running = running(&recorder);
    tokio::time::sleep(SECOND / 2).await;
    for kept in [0, 10, 20, 30, 35, 35] {
        assert_eq!(store.kept().len(), kept);
        tokio::time::sleep(SECOND).await;
    }
    assert_eq!(store.asked.load(Ordering::SeqCst), 4, "an empty queue asks nothing of the store");
    running.abort();
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_records_wait_in_their_order_and_are_written_when_it_is_back() {
    let limits = RecorderLimits { batch: 10, ..RecorderLimits::default() };
    let (recorder, store) = recorder(limits);
    let running = running(&recorder);
    for state in [AWAY, HANGING] {
        let before = store.kept().len();
        store.becomes(state);
        note_all(&recorder, 0..25);
        tokio::time::sleep(60 * SECOND).await;
        store.becomes(WELL);
        tokio::time::sleep(60 * SECOND).await;
        assert_eq!(store.kept()[before..], (0..25).map(record).collect::<Vec<_>>());
    }
    running.abort();
}

#[tokio::test]
async fn what_comes_back_from_a_store_that_is_away_stays_within_the_bound() {
    let limits = RecorderLimits { waiting: 26, batch: 10, ..RecorderLimits::default() };
    let (recorder, store) = recorder(limits);
    note_all(&recorder, 0..10);
    store.becomes(AWAY);
    store.slow.store(true, Ordering::SeqCst);
    let writing = tokio::spawn({
        let recorder = Arc::clone(&recorder);
        async move { recorder.write_batch().await.is_err() }
    });
    store.begun.notified().await;
    note_all(&recorder, 10..16);
    store.go_on.notify_one();
    assert!(writing.await.unwrap());
    assert_eq!(recorder.waiting(), 13);
    store.becomes(WELL);
    store.slow.store(false, Ordering::SeqCst);
    recorder.drain().await.unwrap();
    assert_eq!(store.kept(), (0..13).map(record).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_the_store_will_never_take_is_dropped_and_the_next_is_written() {
    let store = Arc::new(MemoryStore::new());
    store.fail_next("call.record", 1, Fault::Failed);
    let recorder = CallRecorder::new(store.clone(), store.clone(), RecorderLimits::default());
    recorder.note(record(1));
    assert!(recorder.write_batch().await.is_err());
    assert_eq!(recorder.waiting(), 0);
    recorder.note(record(2));
    assert!(recorder.write_batch().await.is_ok());
    assert_eq!(store.requests(), 2);
}

#[tokio::test]
async fn a_drain_writes_everything_without_pauses() {
    let limits = RecorderLimits {
        batch: 10,
        pause: Duration::from_secs(3_600),
        ..RecorderLimits::default()
    };
    let (recorder, store) = recorder(limits);
    note_all(&recorder, 0..95);
    recorder.drain().await.unwrap();
    assert_eq!((store.kept().len(), recorder.waiting()), (95, 0));
}

#[tokio::test]
async fn a_drain_ends_with_an_error_while_the_store_is_away_and_loses_nothing() {
    let (recorder, store) = recorder(RecorderLimits { batch: 10, ..RecorderLimits::default() });
    note_all(&recorder, 0..25);
    store.becomes(AWAY);
    assert_eq!(recorder.drain().await.unwrap_err().retry(), Retry::Later);
    assert_eq!(recorder.waiting(), 25);
}

#[tokio::test]
async fn of_a_batch_that_the_store_will_never_take_only_the_record_at_fault_is_dropped() {
    let (recorder, store) = recorder(RecorderLimits { batch: 10, ..RecorderLimits::default() });
    *store.refused.lock().unwrap() = Some(record(13).call);
    note_all(&recorder, 0..30);
    assert_eq!(recorder.drain().await.unwrap_err().retry(), Retry::Never);
    let kept: Vec<_> = (0..30).filter(|index| *index != 13).map(record).collect();
    assert_eq!((store.kept(), recorder.waiting()), (kept, 0));
}

#[tokio::test]
async fn a_repeated_status_takes_no_place_and_is_written_once() {
    let (recorder, store) = recorder(RecorderLimits::default());
    let completed = |at| {
        let at = Timestamp::from_seconds(at);
        let progress =
            CallProgress { status: CallStatus::Completed, duration_seconds: Some(7), at };
        CallRecord { progress: Some(progress), ..record(1) }
    };
    assert!((0..80_000).all(|second| recorder.note_status(completed(second))));
    assert_eq!(recorder.waiting(), 1);
    recorder.drain().await.unwrap();
    assert!(recorder.note_status(completed(80_000)));
    assert_eq!((store.kept(), recorder.waiting()), (vec![completed(0)], 0));
}

#[tokio::test]
async fn a_repeated_event_of_a_call_takes_no_place() {
    let (recorder, store) = recorder(RecorderLimits::default());
    let entry = |second| TimelineEntry {
        account: record(1).account,
        call: record(1).call,
        organization: record(1).organization,
        at: Timestamp::from_seconds(second),
        event: TimelineEvent::AttemptFailed { tried: 1, cause: FailureCause::Unknown },
    };
    for second in 0..80_000 {
        recorder.note_timeline_of(Some(record(1)), entry(second));
    }
    assert_eq!((recorder.waiting(), recorder.timeline().take(9)), (1, vec![entry(0)]));
    recorder.drain().await.unwrap();
    recorder.note_timeline_of(Some(record(1)), entry(80_000));
    assert_eq!((store.kept().len(), recorder.waiting()), (1, 0));
}

#[tokio::test]
async fn no_record_of_another_account_is_lost_in_a_flood_of_one_account() {
    let (recorder, store) = recorder(RecorderLimits::default());
    let other = AccountSid::parse("AC00000000000000000000000000000001").unwrap();
    let mut lost = 0;
    for index in 0..80_000 {
        lost += u32::from(!recorder.note(record(index)));
        if index % 100 == 0 {
            assert!(recorder.note(CallRecord { account: other, ..record(index) }), "{index}");
        }
    }
    assert!(lost > 0);
    recorder.drain().await.unwrap();
    assert_eq!(store.kept().iter().filter(|record| record.account == other).count(), 800);
}

#[tokio::test]
async fn a_drain_waits_for_the_batch_that_is_being_written() {
    for end in [WELL, AWAY] {
        let (recorder, store) =
            recorder(RecorderLimits { pause: Duration::ZERO, ..RecorderLimits::default() });
        note_all(&recorder, 0..5);
        store.slow.store(true, Ordering::SeqCst);
        let running = running(&recorder);
        store.begun.notified().await;
        let draining = tokio::spawn({
            let recorder = Arc::clone(&recorder);
            async move { recorder.drain().await.is_ok() }
        });
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        assert!(!draining.is_finished(), "five records are still on their way");
        store.becomes(end);
        store.slow.store(false, Ordering::SeqCst);
        store.go_on.notify_one();
        if end == WELL {
            assert!(draining.await.unwrap());
            assert_eq!(store.kept().len(), 5);
        } else {
            draining.await.unwrap();
            assert_eq!(recorder.waiting(), 5);
        }
        running.abort();
    }
}

#[tokio::test]
async fn the_same_decision_again_is_not_written_again_but_another_one_is() {
    let (recorder, store) = recorder(RecorderLimits::default());
    let noted = RecentDecisions::default();
    let decide = |reason, second| {
        let call = (account(), record(1).call);
        let at = Timestamp::from_seconds(second);
        let decision = CallDecision {
            agent: None,
            reason,
            verified_by: VerifiedBy::PrimaryToken,
            rule: None,
            at,
        };
        recorder.note_decision(Some(&noted), call, decision, |it| CallRecord {
            decision: Some(it),
            ..record(1)
        });
    };
    decide(Reason::Unassigned, 1);
    recorder.drain().await.unwrap();
    decide(Reason::Unassigned, 2);
    recorder.drain().await.unwrap();
    assert_eq!(store.kept().len(), 1);
    decide(Reason::ChannelOff, 3);
    recorder.drain().await.unwrap();
    assert_eq!(store.kept().len(), 2);
}

#[tokio::test]
async fn a_decision_that_found_no_room_is_written_when_it_is_made_again() {
    let (recorder, store) = recorder(RecorderLimits { waiting: 1, ..RecorderLimits::default() });
    let noted = RecentDecisions::default();
    let decide = || {
        let decision = CallDecision {
            agent: None,
            reason: Reason::Unassigned,
            verified_by: VerifiedBy::PrimaryToken,
            rule: None,
            at: Timestamp::from_seconds(1),
        };
        let call = (account(), record(1).call);
        recorder.note_decision(Some(&noted), call, decision, |it| CallRecord {
            decision: Some(it),
            ..record(1)
        });
    };
    recorder.note(record(0));
    decide();
    recorder.drain().await.unwrap();
    assert_eq!(store.kept(), [record(0)]);
    decide();
    decide();
    recorder.drain().await.unwrap();
    let calls: Vec<_> = store.kept().iter().map(|record| record.call).collect();
    assert_eq!(calls, [record(0).call, record(1).call]);
}
