//! Checks all numbers on a schedule, in one process at a time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::audit::{Actor, Author, BackgroundTask};
use switchboard_domain::causes::Causes;
use switchboard_domain::configuration::{Drift, DriftReason, OverridePolicy};
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Acquisition, LeaseHolder, LeaseName, LeaseStore, Randomness};

use super::{ConfigurationError, FixProgress, FixSummary, FixWebhooks, Fixed, Selection};
use crate::OperationError;

/// The lease that lets only one process check.
const LEASE: LeaseName = LeaseName::WebhookCheck;
/// The maximum duration of one check. The lease lasts a little longer.
const MAX_DURATION: Duration = Duration::from_secs(840);
const LEASE_DURATION: Duration = Duration::from_secs(900);

/// Checks all numbers on a schedule, and fixes those whose repair policy is automatic.
pub struct WebhookSchedule {
    fix: FixWebhooks,
    leases: Arc<dyn LeaseStore>,
    randomness: Arc<dyn Randomness>,
    interval: Duration,
    holder: LeaseHolder,
    repaired: &'static [RepairPolicy],
    runs: metrics::Counter,
    drifting: BTreeMap<DriftReason, metrics::Gauge>,
}

impl WebhookSchedule {
    /// A schedule with about `interval` between two checks. Numbers whose
    /// policy is one of `repaired` are fixed.
    pub fn new(
        fix: FixWebhooks,
        leases: Arc<dyn LeaseStore>,
        randomness: Arc<dyn Randomness>,
        interval: Duration,
        holder: LeaseHolder,
        repaired: &'static [RepairPolicy],
    ) -> Self {
        let gauge = |reason: DriftReason| metrics::gauge!("switchboard_drifting_numbers", "reason" => reason.as_str());
        Self {
            fix,
            leases,
            randomness,
            interval,
            holder,
            repaired,
            runs: metrics::counter!("switchboard_webhook_checks_total"),
            drifting: DriftReason::ALL.map(|reason| (reason, gauge(reason))).into(),
        }
    }

    /// Checks forever. Errors are logged, and the next check tries again.
    pub async fn run(&self) {
        loop {
            tokio::time::sleep(self.delay()).await;
            match self.check_once().await {
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

    /// Checks once. Returns `None` if another process is checking, or if the check took too long.
    pub async fn check_once(&self) -> Result<Option<FixSummary>, ConfigurationError> {
        let acquired = self.leases.acquire(LEASE, &self.holder, LEASE_DURATION).await;
        match acquired.map_err(OperationError::store("acquiring the lease of the check"))? {
            Acquisition::Acquired => {}
            Acquisition::HeldByAnother => return Ok(None),
        }
        let actor = Actor::Background(BackgroundTask::ConfigurationCheck);
        let author = Author::new(Scope::Operator, actor, None, self.fix.check.clock.now());
        let mut tally = Tally::default();
        let work = self.fix.fix(
            &author,
            Selection::All,
            OverridePolicy::Report,
            self.repaired,
            None,
            &mut tally,
        );
        let done = tokio::time::timeout(MAX_DURATION, work).await;
        let released = self.leases.release(LEASE, &self.holder).await;
        released.map_err(OperationError::store("releasing the lease of the check"))?;
        let Ok(done) = done else {
            tracing::warn!("the check of webhooks took too long and was stopped");
            return Ok(None);
        };
        let summary = done?;
        self.runs.increment(1);
        for (reason, gauge) in &self.drifting {
            gauge.set(f64::from(tally.0.get(reason).copied().unwrap_or_default()));
        }
        Ok(Some(summary))
    }

    /// A random delay between half of the interval and all of it, so that processes that started together spread out.
    fn delay(&self) -> Duration {
        let mut random = [0; 4];
        self.randomness.fill(&mut random);
        let fraction = f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX);
        self.interval.mul_f64(0.5 + fraction / 2.0)
    }
}

/// Counts the reasons of the remaining drift.
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
            // The next check reports it.
            Fixed::Changed { .. } => {}
            Fixed::Failed { number, error } => {
                tracing::warn!(number = %number.masked(), error = %Causes(&error), "a number could not be fixed");
            }
        }
    }
}
