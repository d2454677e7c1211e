//! Follows a list: prints each record when it begins, and again when its state changes.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use switchboard_domain::ports::{Clock, Page};
use switchboard_domain::time::Timestamp;

use super::followed::{Followed, OVERLAP_RECORDS, OVERLAP_SECONDS, Position};
use crate::command_line::output::{Format, ListWriter, View};
use crate::failure::Failure;

/// How often the store is asked, at most. A busy list is asked less often, so that it takes half of the time at most.
const INTERVAL: Duration = Duration::from_secs(1);
/// The number of records that are read at once.
const PAGE: u32 = 500;

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
         Each {record} since the start of the command, or since --since, is printed, however many there are at once, and in \
         the order of time.\n\
         If a {record} is recorded late, up to {OVERLAP_SECONDS} seconds after its time, it follows later ones.{changes}\n\
         The command runs until you stop it or the reader closes the pipe."
    )
}

/// Follows a list from an instant on, until the reader of the output closes the pipe. `read` gives a page of the records
/// from an instant on, oldest first.
pub(super) async fn follow<R: Followed, V: View>(
    format: Format,
    clock: &dyn Clock,
    since: Timestamp,
    mut read: impl AsyncFnMut(Timestamp, Page<(Timestamp, R::Key)>) -> Result<Vec<R>, Failure>,
    mut view: impl AsyncFnMut(&R) -> Result<V, Failure>,
) -> Result<(), Failure> {
    let mut position = Position::new(since);
    let mut listing = ListWriter::stdout(format);
    loop {
        let (began, since) = (Instant::now(), position.since());
        let mut page = Page::first(PAGE);
        loop {
            if is_output_closed() {
                return Ok(());
            }
            let records = read(since, page).await?;
            let mut views = Vec::new();
            for record in &records {
                if position.is_news(record) {
                    views.push(view(record).await?);
                }
            }
            listing.page(&views)?;
            position.advance(clock.now());
            match records.last() {
                Some(last) if records.len() >= PAGE as usize => {
                    page = Page::behind((last.began(), last.key()), PAGE);
                }
                _ => break,
            }
        }
        tokio::time::sleep(INTERVAL.max(began.elapsed())).await;
    }
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
