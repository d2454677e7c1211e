//! The queue of call records: one record for each call, and a share of the places for each account.

use std::collections::{HashMap, VecDeque};

use quick_cache::DefaultHashBuilder;
use switchboard_domain::call::{CallKey, CallRecord};
use switchboard_domain::sid::AccountSid;

/// The number of records by which an empty queue grows.
const FEWEST_MORE: usize = 64;

/// Records in the order in which their calls were first seen.
///
/// An account gets a place only while it holds fewer places than are free. Therefore, one account
/// fills at most half of the queue, and an account without records always gets a place.
pub(super) struct Queue {
    places: usize,
    records: VecDeque<CallRecord>,
    /// The number of each call's record, counted from the first record ever queued.
    numbers: HashMap<CallKey, i64, DefaultHashBuilder>,
    /// The number of the first record in the queue.
    front: i64,
    /// The number of places of each account: queued records and records that are being written.
    held: HashMap<AccountSid, usize, DefaultHashBuilder>,
    taken: usize,
}

impl Queue {
    pub(super) fn new(places: usize) -> Self {
        Self {
            places,
            records: VecDeque::new(),
            numbers: HashMap::default(),
            front: 0,
            held: HashMap::default(),
            taken: 0,
        }
    }

    /// How many records wait.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Adds a record, or merges it into the record of its call, which takes no further place.
    /// Returns `false` if its account has no place left.
    pub(super) fn add(&mut self, record: CallRecord) -> bool {
        let key = (record.account, record.call);
        if let Some(known) = self.waiting(key) {
            let before = take(known);
            *known = before.merge(record);
            return true;
        }
        let free = self.places.saturating_sub(self.taken);
        let held = self.held.get(&record.account).copied().unwrap_or_default();
        if held >= free {
            return false;
        }
        self.held.insert(record.account, held + 1);
        self.taken += 1;
        if self.records.len() == self.records.capacity() {
            // Doubles, up to the limit.
            self.records.reserve_exact(self.records.len().max(FEWEST_MORE).min(free));
        }
        let number = self.front + i64::try_from(self.records.len()).unwrap_or(i64::MAX);
        self.numbers.insert(key, number);
        self.records.push_back(record);
        true
    }

    /// Takes the oldest records to be written. They keep their places until they are released or put back.
    pub(super) fn take(&mut self, most: usize) -> Vec<CallRecord> {
        let count = self.records.len().min(most);
        let batch: Vec<_> = self.records.drain(..count).collect();
        self.front += i64::try_from(count).unwrap_or(i64::MAX);
        for record in &batch {
            self.numbers.remove(&(record.account, record.call));
        }
        batch
    }

    /// Frees the places of records that were written or dropped.
    pub(super) fn release(&mut self, records: &[CallRecord]) {
        for record in records {
            self.free_place(record.account);
        }
    }

    /// Puts records back to the front, merged with records about their calls that arrived in the
    /// meantime.
    pub(super) fn put_back(&mut self, records: Vec<CallRecord>) {
        for record in records.into_iter().rev() {
            let (account, key) = (record.account, (record.account, record.call));
            if let Some(later) = self.waiting(key) {
                let after = take(later);
                *later = record.merge(after);
                self.free_place(account);
            } else {
                self.front -= 1;
                self.numbers.insert(key, self.front);
                self.records.push_front(record);
            }
        }
    }

    /// Returns the queued record of a call.
    pub(super) fn get(&self, key: CallKey) -> Option<&CallRecord> {
        let number = *self.numbers.get(&key)?;
        self.records.get(usize::try_from(number - self.front).ok()?)
    }

    fn waiting(&mut self, key: CallKey) -> Option<&mut CallRecord> {
        let number = *self.numbers.get(&key)?;
        self.records.get_mut(usize::try_from(number - self.front).ok()?)
    }

    fn free_place(&mut self, account: AccountSid) {
        self.taken -= 1;
        if let Some(held) = self.held.get_mut(&account) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(&account);
            }
        }
    }
}

/// Takes the record of a slot that the caller fills again immediately.
fn take(record: &mut CallRecord) -> CallRecord {
    let CallRecord { account, call, first_seen_at, .. } = *record;
    let empty = CallRecord::of(account, record.organization.clone(), call, first_seen_at);
    std::mem::replace(record, empty)
}

#[cfg(test)]
mod tests {
    use switchboard_domain::organization::default_organization;
    use switchboard_domain::sid::{AccountSid, CallSid};
    use switchboard_domain::time::Timestamp;

    use super::{CallRecord, Queue};

    fn record(account: u32, call: u32, second: i64) -> CallRecord {
        let account = AccountSid::parse(&format!("AC{account:032x}")).unwrap();
        let call = CallSid::parse(&format!("CA{call:032x}")).unwrap();
        CallRecord::of(account, default_organization(), call, Timestamp::from_seconds(second))
    }

    #[test]
    fn one_account_fills_half_and_the_next_ones_always_find_places() {
        let mut queue = Queue::new(1_000);
        let mut fills =
            |account| (0..1_000).filter(|call| queue.add(record(account, *call, 1))).count();
        assert_eq!([fills(1), fills(2), fills(3)], [500, 250, 125]);
        for account in 10..100 {
            assert!(queue.add(record(account, 1, 1)), "{account}");
        }
    }

    #[test]
    fn a_repeated_record_takes_no_place_even_in_a_full_queue() {
        let mut queue = Queue::new(1);
        assert!(queue.add(record(1, 1, 2)));
        assert!(!queue.add(record(1, 2, 2)) && !queue.add(record(2, 1, 2)));
        assert!((0..1_000).all(|_| queue.add(record(1, 1, 1))));
        assert_eq!(queue.take(9), [record(1, 1, 1)]);
    }

    #[test]
    fn records_keep_their_places_until_they_are_released() {
        let mut queue = Queue::new(2);
        assert!(queue.add(record(1, 1, 1)));
        let batch = queue.take(9);
        assert!(!queue.add(record(1, 2, 1)));
        assert!(queue.add(record(2, 1, 1)));
        queue.release(&batch);
        assert!(queue.add(record(3, 1, 1)));
        assert_eq!(queue.len(), 2);
    }

    #[test]
    fn what_is_put_back_is_in_front_and_merged_with_what_arrived() {
        let mut queue = Queue::new(100);
        assert!((1..=3).all(|call| queue.add(record(1, call, 1))));
        let batch = queue.take(2);
        assert!([2, 4, 5].into_iter().all(|call| queue.add(record(1, call, 9))));
        queue.put_back(batch);
        let expected = [(1, 1), (3, 1), (2, 1), (4, 9), (5, 9)];
        let all = queue.take(9);
        assert_eq!(all, expected.map(|(call, second)| record(1, call, second)));
        queue.release(&all);
        assert_eq!((queue.taken, queue.held.len(), queue.numbers.len()), (0, 0, 0));
    }
}
