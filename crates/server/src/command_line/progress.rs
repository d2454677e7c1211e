//! Progress of long work, on standard error if it is a terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, interval_at};

/// Short work shows nothing.
const FIRST: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_millis(500);

/// How many things are done.
#[derive(Clone, Debug, Default)]
pub(super) struct Done(Arc<AtomicUsize>);

impl Done {
    pub(super) fn add(&self, count: usize) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn set(&self, count: usize) {
        self.0.store(count, Ordering::Relaxed);
    }
}

/// Waits for the work. Meanwhile a line on the terminal shows what is being done, for how long, and how many things are
/// done.
pub(super) async fn during<T>(what: &str, done: &Done, work: impl Future<Output = T>) -> T {
    if !io::stderr().is_terminal() {
        return work.await;
    }
    let began = Instant::now();
    let mut ticks = interval_at(began + FIRST, INTERVAL);
    let mut work = std::pin::pin!(work);
    let mut is_shown = false;
    let result = loop {
        tokio::select! {
            result = &mut work => break result,
            _ = ticks.tick() => {
                is_shown = true;
                write(&line(what, done.0.load(Ordering::Relaxed), began.elapsed()));
            }
        }
    };
    if is_shown {
        write("");
    }
    result
}

fn line(what: &str, done: usize, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match done {
        0 => format!("{what}… {seconds} s"),
        done => format!("{what}… {done} done, {seconds} s"),
    }
}

/// Clears the line before something else is printed, while work goes on.
pub(super) fn clear() {
    if io::stderr().is_terminal() {
        write("");
    }
}

/// Replaces the line on the terminal.
fn write(line: &str) {
    // If standard error is closed, there is nowhere to report that.
    let _written = write!(io::stderr(), "\r\x1b[K{line}");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::line;

    #[test]
    fn the_line_counts_what_is_countable() {
        let elapsed = Duration::from_millis(2_700);
        assert_eq!(line("importing", 0, elapsed), "importing… 2 s");
        assert_eq!(line("checking numbers", 41, elapsed), "checking numbers… 41 done, 2 s");
    }
}
