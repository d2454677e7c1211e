//! Which records of a followed list are new.

use std::collections::HashMap;
use std::hash::Hash;

use switchboard_domain::time::Timestamp;

/// How many seconds of records are read again each time. A record is found if it is stored that much later than its time.
/// Records of calls are written within a second, and later only while the database cannot be reached.
pub(super) const OVERLAP_SECONDS: i64 = 60;
/// How many of the newest records are read again each time, if they are older than that.
pub(super) const OVERLAP_RECORDS: usize = 2_000;

/// A record as a list that is followed sees it.
pub(super) trait Followed {
    /// What tells it apart.
    type Key: Clone + Eq + Hash;

    /// What tells it apart.
    fn key(&self) -> Self::Key;
    /// What it is printed again for.
    fn state(&self) -> &'static str;
    /// When it began.
    fn began(&self) -> Timestamp;
}

/// How far a list was read. Records are not stored in the order of their times, so the last ones are read again, and those
/// that were printed are remembered.
#[derive(Debug)]
pub(super) struct Position<K> {
    since: Timestamp,
    printed: HashMap<K, (Timestamp, &'static str)>,
}

impl<K: Eq + Hash> Position<K> {
    pub(super) fn new(since: Timestamp) -> Self {
        Self { since, printed: HashMap::new() }
    }

    /// The time from which records are read again.
    pub(super) const fn since(&self) -> Timestamp {
        self.since
    }

    /// Whether a record is new or has another state than it was printed with.
    pub(super) fn is_news<R: Followed<Key = K>>(&self, record: &R) -> bool {
        let printed = self.printed.get(&record.key());
        printed.is_none_or(|(_, printed)| *printed != record.state())
    }

    /// Remembers that a record was printed.
    pub(super) fn remember<R: Followed<Key = K>>(&mut self, record: &R) {
        self.printed.insert(record.key(), (record.began(), record.state()));
    }

    /// Goes on to the last records, and forgets those before them. A record whose time is in the future, by the clock of
    /// another server, does not count.
    pub(super) fn advance(&mut self, now: Timestamp) {
        let Some(surplus) = self.printed.len().checked_sub(OVERLAP_RECORDS) else { return };
        let mut times: Vec<_> = self.printed.values().map(|(began, _)| *began).collect();
        let newest = times.iter().max().map_or(now, |newest| now.min(*newest));
        // One before the last ones: others of its time may not be among them.
        let Some(surplus) = surplus.checked_sub(1) else { return };
        let (_, of_last, _) = times.select_nth_unstable(surplus);
        let since = newest.plus_seconds(-OVERLAP_SECONDS).min(*of_last);
        self.since = self.since.max(since);
        self.printed.retain(|_, (began, _)| *began >= self.since);
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::time::Timestamp;

    use super::{Followed, OVERLAP_RECORDS, OVERLAP_SECONDS, Position};

    #[derive(Clone, Copy)]
    struct Record(i64, i64, &'static str);

    impl Followed for Record {
        type Key = i64;

        fn key(&self) -> i64 {
            self.0
        }

        fn state(&self) -> &'static str {
            self.2
        }

        fn began(&self) -> Timestamp {
            Timestamp::from_seconds(self.1)
        }
    }

    const LATER: Timestamp = Timestamp::from_seconds(1_000_000);

    impl Position<i64> {
        /// Prints a record if it is news.
        fn prints(&mut self, record: &Record) -> bool {
            let is_news = self.is_news(record);
            self.remember(record);
            is_news
        }
    }

    /// So many records of one second each, from an instant on.
    fn printed(count: usize, second: impl Fn(i64) -> i64) -> Position<i64> {
        let mut position = Position::new(Timestamp::from_seconds(0));
        for n in 0..i64::try_from(count).unwrap() {
            assert!(position.prints(&Record(n, second(n), "queued")));
        }
        position.advance(LATER);
        position
    }

    #[test]
    fn a_record_is_printed_again_when_its_state_changes() {
        let mut position = printed(2, |n| n);
        assert!(!position.prints(&Record(1, 1, "queued")));
        assert!(position.prints(&Record(1, 1, "sent")) && !position.prints(&Record(1, 1, "sent")));
        assert!(position.prints(&Record(2, 1, "sent")));
    }

    #[test]
    fn few_records_are_all_read_again() {
        let position = printed(OVERLAP_RECORDS, |n| n);
        assert_eq!(position.since(), Timestamp::from_seconds(0));
        assert_eq!(position.printed.len(), OVERLAP_RECORDS);
    }

    #[test]
    fn the_last_records_are_read_again_and_no_others_are_remembered() {
        let mut position = printed(3 * OVERLAP_RECORDS, |n| n);
        let since = i64::try_from(2 * OVERLAP_RECORDS).unwrap() - 1;
        assert_eq!(position.since(), Timestamp::from_seconds(since));
        assert_eq!(position.printed.len(), OVERLAP_RECORDS + 1);
        assert!(position.prints(&Record(-1, since, "queued")), "a record that was stored late");
        assert!(!position.prints(&Record(since, since, "queued")));
    }

    #[test]
    fn all_records_of_the_last_minute_are_read_again() {
        // A thousand records a second.
        let position = printed(100_000, |n| n / 1_000);
        assert_eq!(position.since(), Timestamp::from_seconds(99 - OVERLAP_SECONDS));
        assert_eq!(position.printed.len(), 61_000);
    }

    #[test]
    fn a_record_of_the_future_skips_no_others() {
        let mut position = printed(3 * OVERLAP_RECORDS, |n| 500_000 + n / 1_000);
        assert!(position.prints(&Record(-1, 2_000_000, "queued")));
        position.advance(Timestamp::from_seconds(500_010));
        assert!(position.since() <= Timestamp::from_seconds(500_010 - OVERLAP_SECONDS));
    }
}
