//! Follows a list: prints each record when it begins, and again when its state changes.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use switchboard_domain::time::Timestamp;

use crate::command_line::output::{Format, ListWriter, View};
use crate::failure::Failure;

/// How often the store is asked.
const INTERVAL: Duration = Duration::from_secs(1);
/// The most records that are followed at a time. Older ones are not printed again.
pub(super) const MAX_ENTRIES: u32 = 500;

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

/// Follows a list from an instant on, until the reader of the output closes the pipe. `read` gives the newest records from an
/// instant on, at most [`MAX_ENTRIES`], newest first.
pub(super) async fn follow<R: Followed, V: View>(
    format: Format,
    mut since: Timestamp,
    mut read: impl AsyncFnMut(Timestamp) -> Result<Vec<R>, Failure>,
    mut view: impl AsyncFnMut(&R) -> Result<V, Failure>,
) -> Result<(), Failure> {
    let mut printed = Printed::new();
    let mut listing = ListWriter::lines(format);
    while !is_output_closed() {
        let mut records = read(since).await?;
        records.reverse();
        printed.keep(records.iter().map(Followed::key));
        if let Some(oldest) = records.first().filter(|_| records.len() >= MAX_ENTRIES as usize) {
            since = oldest.began();
        }
        let mut views = Vec::new();
        for record in &records {
            if printed.is_news(record.key(), record.state()) {
                views.push(view(record).await?);
            }
        }
        listing.page(&views)?;
        tokio::time::sleep(INTERVAL).await;
    }
    Ok(())
}

/// Whether the reader of standard output closed the pipe. Without this, a quiet list would not notice.
fn is_output_closed() -> bool {
    let stdout = std::io::stdout();
    let mut polled = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let is_ready = poll(&mut polled, Some(&at_once)).is_ok_and(|ready| ready > 0);
    is_ready
        && polled.iter().any(|output| output.revents().intersects(PollFlags::ERR | PollFlags::HUP))
}

/// The last printed state of each record that is followed.
struct Printed<K>(HashMap<K, &'static str>);

impl<K: Eq + Hash> Printed<K> {
    fn new() -> Self {
        Self(HashMap::new())
    }

    /// Forgets the records that are not among these.
    fn keep(&mut self, followed: impl Iterator<Item = K>) {
        let followed: HashSet<K> = followed.collect();
        self.0.retain(|key, _| followed.contains(key));
    }

    /// Whether a record is new or has another state than it was printed with.
    fn is_news(&mut self, key: K, state: &'static str) -> bool {
        self.0.insert(key, state) != Some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::Printed;

    #[test]
    fn a_record_is_printed_again_when_its_state_changes() {
        let mut printed = Printed::new();
        assert!(printed.is_news(1, "in_progress") && !printed.is_news(1, "in_progress"));
        assert!(printed.is_news(1, "answered") && printed.is_news(2, "answered"));
        printed.keep([2].into_iter());
        assert_eq!(printed.0.len(), 1);
    }
}
