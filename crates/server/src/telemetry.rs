//! Logging, and metrics of the server.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use switchboard_domain::printable::is_hidden;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::log_format::LogFormat;

/// Upper bounds of the latency buckets, in seconds. Twilio gives up after 15.
const LATENCY_BUCKETS: [f64; 12] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.0025, 0.01, 0.05, 0.25, 1.0, 5.0, 15.0];
/// How often samples are put into their buckets. Until then each takes memory; little of it stays in the CPU's
/// caches.
const UPKEEP_EVERY: Duration = Duration::from_secs(1);

/// The filter without `RUST_LOG`. The HTTP server's own start and stop messages repeat ours.
const DEFAULT_FILTER: &str = "info,actix_server=warn";

/// Starts logging to standard error, filtered by `RUST_LOG`, by default from `info` on. A separate thread writes the
/// lines: a stalled reader of the log, or a full disk, must not delay a call. Lines that do not fit the queue are
/// dropped. Dropping the guard writes what is left.
pub(crate) fn start_logging(format: LogFormat) -> WorkerGuard {
    let given = std::env::var(EnvFilter::DEFAULT_ENV).ok();
    let parsed = given.as_deref().map(EnvFilter::try_new).transpose();
    let mistake = parsed.as_ref().err().map(ToString::to_string);
    let filter = parsed.ok().flatten().unwrap_or_else(|| EnvFilter::new(DEFAULT_FILTER));
    let (writer, guard) = NonBlockingBuilder::default().lossy(true).finish(std::io::stderr());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    // An installed logger stays; only tests install two.
    let _started = match format {
        LogFormat::Text => {
            let ansi = std::io::stderr().is_terminal();
            let writer = move || LineWriter { out: writer.clone(), ansi };
            builder.with_ansi(ansi).with_writer(writer).try_init()
        }
        LogFormat::Json => builder.json().flatten_event(true).with_writer(writer).try_init(),
    };
    if let Some(mistake) = mistake {
        tracing::warn!("RUST_LOG is invalid ({mistake}); using the default filter");
    }
    guard
}

/// The rows that a command skips are named on standard error.
const COMMAND_FILTER: &str = "off,switchboard_store_diesel=error";

/// Starts logging of a command to standard error.
pub(crate) fn start_command_logging() {
    let writer = || LineWriter { out: std::io::stderr(), ansi: false };
    let builder = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(COMMAND_FILTER));
    let builder = builder.with_ansi(false).without_time().with_target(false);
    // The logger of a server stays.
    let _started = builder.with_writer(writer).try_init();
}

/// Writes each event, which comes in one piece, as one line, so that no text of others forges a line.
struct LineWriter<W> {
    out: W,
    /// Whether the formatter colors the line; it escapes the escape characters of others itself.
    ansi: bool,
}

impl<W: Write> Write for LineWriter<W> {
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let (line, end) = text.strip_suffix('\n').map_or((&*text, ""), |line| (line, "\n"));
        let is_own = |character| self.ansi && character == '\u{1b}';
        if line.chars().any(|character| is_hidden(character) && !is_own(character)) {
            let shown = |character| match character {
                '\n' | '\t' => ' ',
                other if is_hidden(other) && !is_own(other) => '\u{FFFD}',
                other => other,
            };
            // In one piece: the queue behind may drop one of two.
            let line: String = line.chars().map(shown).chain(end.chars()).collect();
            self.out.write_all(line.as_bytes())?;
        } else {
            self.out.write_all(event)?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Installs the metrics recorder. The handle renders the metrics.
pub(crate) fn start_metrics() -> Result<PrometheusHandle, metrics_exporter_prometheus::BuildError> {
    let handle = PrometheusBuilder::new().set_buckets(&LATENCY_BUCKETS)?.install_recorder()?;
    describe();
    let upkeep = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP_EVERY).await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!("switchboard_webhooks_total", "Webhooks by endpoint and outcome.");
    describe_counter!("switchboard_refusals_total", "Refused webhooks by endpoint and reason.");
    describe_counter!(
        "switchboard_unchecked_requests_total",
        "Webhooks taken without a signature check."
    );
    describe_counter!("switchboard_route_lookups_total", "Lookups of numbers by result.");
    describe_counter!(
        "switchboard_connections_failed_total",
        "Connections to agents that failed, by agent."
    );
    describe_counter!("switchboard_calls_recorded_total", "Call records written.");
    describe_counter!("switchboard_calls_unrecorded_total", "Call records that were dropped.");
    describe_counter!(
        "switchboard_plan_problems_total",
        "Problems found when routing plans were read; each disables a rule."
    );
    describe_counter!(
        "switchboard_plans_unreadable_total",
        "Routing plans that could not be read and decide nothing."
    );
    describe_counter!(
        "switchboard_unreadable_rows_total",
        "Database rows that could not be read and were skipped, by table."
    );
    describe_gauge!(
        "switchboard_changes_unapplied_seconds",
        "Seconds since the last time all changes were applied; 0 if they are."
    );
    describe_histogram!(
        "switchboard_webhook_seconds",
        "Time from a webhook's headers to its answer, in seconds."
    );
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::LineWriter;

    #[test]
    fn an_event_is_one_line() {
        let written = |ansi, event: &str| {
            let mut writer = LineWriter { out: Vec::new(), ansi };
            writer.write_all(event.as_bytes()).unwrap();
            String::from_utf8(writer.out).unwrap()
        };
        let event = "INFO \u{1b}[32mbad\r\n2026-11-28T18:00:00Z INFO fake \u{202e}\n";
        assert_eq!(
            written(false, event),
            "INFO \u{fffd}[32mbad\u{fffd} 2026-11-28T18:00:00Z INFO fake \u{fffd}\n"
        );
        assert!(written(true, event).starts_with("INFO \u{1b}[32mbad\u{fffd} 2026"));
        assert_eq!(written(false, "INFO fine\n"), "INFO fine\n");
    }
}
