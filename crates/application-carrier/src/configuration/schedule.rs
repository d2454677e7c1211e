//! The fleet is looked at every now and then, by one process at a time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::causes::Causes;
use switchboard_domain::configuration::{Drift, DriftReason, OverridePolicy};
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{LeaseStore, Randomness};

use super::fix::FixProgress;
use super::{ConfigurationError, FixSummary, FixWebhooks, Fixed, Selection};

/// The name of the lease.
const LEASE: &str = "webhooks.check";
/// How long one look may take; the lease lasts a little longer.
const LONGEST: Duration = Duration::from_secs(840);
const LEASE_SECONDS: u32 = 900;

/// Looks at the fleet on a schedule, and repairs the numbers whose policy says so.
pub struct WebhookSchedule {
    fix: FixWebhooks,
    leases: Arc<dyn LeaseStore>,
    randomness: Arc<dyn Randomness>,
    interval: Duration,
    holder: String,
    runs: metrics::Counter,
    drifting: BTreeMap<DriftReason, metrics::Gauge>,
}

impl WebhookSchedule {
    /// A schedule that looks about every `interval`. `holder` is unlike that of any other process.
    pub fn new(
        fix: FixWebhooks,
        leases: Arc<dyn LeaseStore>,
        randomness: Arc<dyn Randomness>,
        interval: Duration,
        holder: String,
    ) -> Self {
        let gauge = |reason: DriftReason| metrics::gauge!("switchboard_drifting_numbers", "reason" => reason.as_str());
        Self {
            fix,
            leases,
            randomness,
            interval,
            holder,
            runs: metrics::counter!("switchboard_webhook_checks_total"),
            drifting: DriftReason::ALL.map(|reason| (reason, gauge(reason))).into(),
        }
    }

    /// Looks, for ever. What fails is told of and tried again the next time.
    pub async fn run(&self) {
        loop {
            tokio::time::sleep(self.pause()).await;
            match self.look().await {
                Ok(Some(summary)) => tracing::info!(
                    numbers = summary.numbers,
                    numbers.changed = summary.changed,
                    numbers.drifting = summary.left,
                    "webhooks checked"
                ),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(error = %Causes(&error), "webhooks cannot be checked");
                }
            }
        }
    }

    /// Looks once, unless another process does; tells what it came to.
    pub async fn look(&self) -> Result<Option<FixSummary>, ConfigurationError> {
        let held = self.leases.acquire(LEASE, &self.holder, LEASE_SECONDS).await;
        if !held.map_err(ConfigurationError::store("taking the lease of the check"))? {
            return Ok(None);
        }
        let mut tally = Tally::default();
        let work = self.fix.fix(
            &Scope::Operator,
            Selection::All,
            OverridePolicy::Report,
            &[RepairPolicy::Automatic],
            None,
            &mut tally,
        );
        let done = tokio::time::timeout(LONGEST, work).await;
        let released = self.leases.release(LEASE, &self.holder).await;
        released.map_err(ConfigurationError::store("giving back the lease of the check"))?;
        let Ok(done) = done else {
            tracing::warn!("webhooks were not all checked in time; the next check goes on");
            return Ok(None);
        };
        let summary = done?;
        self.runs.increment(1);
        for (reason, gauge) in &self.drifting {
            gauge.set(f64::from(tally.0.get(reason).copied().unwrap_or_default()));
        }
        Ok(Some(summary))
    }

    /// Between half and the whole of the interval, so that processes that started together drift apart.
    fn pause(&self) -> Duration {
        let mut chance = [0; 4];
        self.randomness.fill(&mut chance);
        let part = f64::from(u32::from_le_bytes(chance)) / f64::from(u32::MAX);
        self.interval.mul_f64(0.5 + part / 2.0)
    }
}

/// Counts reasons of what is left.
#[derive(Default)]
struct Tally(BTreeMap<DriftReason, u32>);

impl Tally {
    fn count(&mut self, drift: &Drift) {
        for reason in drift.reasons() {
            *self.0.entry(reason).or_default() += 1;
        }
    }
}

impl FixProgress for Tally {
    fn begun(&mut self, _numbers: usize) {}

    fn done(&mut self, fixed: Fixed) {
        match fixed {
            Fixed::Written { blockers, .. } => {
                self.count(&Drift { blockers, changes: Vec::new() });
            }
            Fixed::Left { drift, .. } => self.count(&drift),
            // It is looked at again the next time.
            Fixed::Changed { .. } => {}
            Fixed::Failed { number, error } => {
                tracing::warn!(number = %number.masked(), error = %Causes(&error), "number not repaired");
            }
        }
    }
}
