//! Follows a list: prints each record when it begins, and again when its state changes.

use std::error::Error;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use switchboard_domain::ports::{Clock, Page, Retry, StoreError};
use switchboard_domain::time::Timestamp;

use super::followed::{Followed, OVERLAP_RECORDS, OVERLAP_SECONDS, Position};
use crate::command_line::output::{Format, ListWriter, View};
use crate::failure::{Failure, note};

/// How often the store is asked, at most. A busy list is asked less often, so that it takes half of the time at most.
const INTERVAL: Duration = Duration::from_secs(1);
/// The number of records that are read at once.
const PAGE: u32 = 500;

/// Which records are printed first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    /// Those that began at this time or later.
    Since(Timestamp),
    /// Those that begin or are stored from now on. Records that are already stored are skipped. Their times alone do not tell,
    /// because the clocks of servers differ.
    Now(Timestamp),
}

/// Whether somebody reads the output.
#[derive(PartialEq, Eq)]
enum Output {
    Open,
    Closed,
}

/// The help of a command that follows a list: examples, and what it prints of each record, for example of a call.
pub(super) fn help(examples: &str, record: &str, changes: Option<&str>) -> String {
    let changes = changes.map_or_else(String::new, |changes| {
        format!(
            "\nThe {record} is printed again when its {changes} changes, if it is one of the latest {OVERLAP_RECORDS} or not \
             older than {OVERLAP_SECONDS} seconds."
        )
    });
    format!(
        "{examples}\n\n\
         Each {record} that is recorded after the start of the command, or that began after --since, is printed, however many \
         there are at once, and in the order of time.\n\
         If a {record} is recorded late, up to {OVERLAP_SECONDS} seconds after its time, it follows later ones.{changes}\n\
         The command runs until you stop it or the reader closes the pipe. If the database can no longer be reached, the command \
         says so and goes on as soon as it can."
    )
}

/// Follows a list until the reader of the output closes the pipe. `read` gives a page of the records from an instant on, oldest
/// first. Once the list was read, an outage of the store is waited for.
pub(super) async fn follow<R: Followed, V: View>(
    format: Format,
    clock: &dyn Clock,
    start: Start,
    read: impl AsyncFnMut(Timestamp, Page<(Timestamp, R::Key)>) -> Result<Vec<R>, Failure>,
    view: impl AsyncFnMut(&R) -> Result<V, Failure>,
) -> Result<(), Failure> {
    let since = match start {
        Start::Since(since) => since,
        Start::Now(now) => now.plus_seconds(-OVERLAP_SECONDS),
    };
    let (position, listing) = (Position::new(since), ListWriter::stdout(format));
    let mut list = List { position, listing, clock, read, view };
    let mut skipped_before = match start {
        Start::Since(_) => None,
        Start::Now(now) => Some(now),
    };
    let (mut was_read, mut is_out) = (false, false);
    loop {
        let began = Instant::now();
        match list.read(skipped_before).await {
            Ok(Output::Closed) => return Ok(()),
            Ok(Output::Open) => (skipped_before, was_read, is_out) = (None, true, false),
            Err(failure) if was_read && is_outage(&failure) => {
                if !is_out {
                    note("warning", &format!("{}; trying again", failure.causes()))?;
                }
                is_out = true;
            }
            Err(failure) => return Err(failure),
        }
        tokio::time::sleep(INTERVAL.max(began.elapsed())).await;
    }
}

/// A list that is followed.
struct List<'a, K, W: std::io::Write, Read, Show> {
    position: Position<K>,
    listing: ListWriter<W>,
    clock: &'a dyn Clock,
    read: Read,
    view: Show,
}

impl<K: Clone + Eq + std::hash::Hash, W: std::io::Write, Read, Show> List<'_, K, W, Read, Show> {
    /// Reads the list from its position to its end, and prints what is new, except what began before `skipped_before`. What
    /// was printed is not printed again after an error.
    async fn read<R: Followed<Key = K>, V: View>(
        &mut self,
        skipped_before: Option<Timestamp>,
    ) -> Result<Output, Failure>
    where
        Read: AsyncFnMut(Timestamp, Page<(Timestamp, K)>) -> Result<Vec<R>, Failure>,
        Show: AsyncFnMut(&R) -> Result<V, Failure>,
    {
        let since = self.position.since();
        let mut page = Page::first(PAGE);
        loop {
            if is_output_closed() {
                return Ok(Output::Closed);
            }
            let records = (self.read)(since, page).await?;
            let is_printed = |record: &&R| {
                skipped_before.is_none_or(|start| record.began() >= start)
                    && self.position.is_news(*record)
            };
            let mut views = Vec::new();
            for record in records.iter().filter(is_printed) {
                views.push((self.view)(record).await?);
            }
            self.listing.page(&views)?;
            for record in &records {
                self.position.remember(record);
            }
            self.position.advance(self.clock.now());
            match records.last() {
                Some(last) if records.len() >= PAGE as usize => {
                    page = Page::behind((last.began(), last.key()), PAGE);
                }
                _ => return Ok(Output::Open),
            }
        }
    }
}

/// Whether the store could not be read, and can be later.
fn is_outage(failure: &Failure) -> bool {
    let Failure::Failed(cause) = failure else { return false };
    let mut next: Option<&(dyn Error + 'static)> = Some(cause.as_ref());
    while let Some(cause) = next {
        if let Some(error) = cause.downcast_ref::<StoreError>() {
            return error.retry() == Retry::Later;
        }
        next = cause.source();
    }
    false
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
