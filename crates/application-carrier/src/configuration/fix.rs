//! Fixes the webhook configuration of many numbers.

use std::collections::{BTreeSet, HashMap, HashSet};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use switchboard_domain::audit::Author;
use switchboard_domain::carrier::CarrierAccess;
use switchboard_domain::causes::Causes;
use switchboard_domain::configuration::{Drift, OverridePolicy, Part};
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::ports::ConfiguredNumber;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::findings::Findings;
use super::number_leases::WhenHeld;
use super::shared_service::same_without_service;
use super::worklist::{Task, Worklist};
use super::{
    Applied, ApplyChanges, CheckWebhooks, ConfigurationError, FixProgress, FixSummary, Fixed,
    NumberReport, OpenAccess, PlannedNumber, Selection, Survey,
};
use crate::OperationError;

/// How many numbers are fixed concurrently. The carrier limits the concurrent requests of each account.
const MAX_CONCURRENT_NUMBERS: usize = 16;

/// Checks numbers and writes the changes that remove their drift.
#[derive(Clone)]
pub struct FixWebhooks {
    /// Finds the drift.
    pub check: CheckWebhooks,
    /// Writes the changes.
    pub apply: ApplyChanges,
}

impl FixWebhooks {
    /// Fixes the numbers of a selection whose repair policy is one of `policies`. With a `plan`, exactly the planned
    /// changes are written, and `overrides` and `policies` are ignored.
    pub async fn fix(
        &self,
        author: &Author,
        selection: Selection,
        overrides: OverridePolicy,
        policies: &[RepairPolicy],
        plan: Option<Vec<PlannedNumber>>,
        progress: &mut (dyn FixProgress + Send),
    ) -> Result<FixSummary, ConfigurationError> {
        // A plan may clear overriding fields, so the check must report them as changes and not as blockers.
        let overrides = if plan.is_some() { OverridePolicy::TakeOver } else { overrides };
        let mut reports = Vec::new();
        let mut correct = HashSet::new();
        let checked = self
            .check
            .check(author, selection, overrides, &mut |report: NumberReport| {
                if report.drift.is_none() {
                    correct.insert(report.configured.number.sender);
                } else {
                    reports.push(report);
                }
            })
            .await?;
        let mut summary = FixSummary { numbers: checked.numbers, ..FixSummary::default() };
        let worklist = match plan {
            Some(plan) => Worklist::of_plan(plan, selection, reports, &correct),
            None => Worklist::of_reports(reports, policies),
        };
        self.work_off(author, worklist, &mut summary, progress).await;
        Ok(summary)
    }

    /// Fixes these numbers, whatever their repair policy is. Numbers that are not stored any more are left out.
    pub async fn fix_chosen(
        &self,
        author: &Author,
        chosen: &BTreeSet<Sender>,
        overrides: OverridePolicy,
        progress: &mut (dyn FixProgress + Send),
    ) -> Result<FixSummary, ConfigurationError> {
        let mut reports = Vec::new();
        let mut report = |report: NumberReport| {
            if !report.drift.is_none() {
                reports.push(report);
            }
        };
        let checked = self.check.check_chosen(author, chosen, overrides, &mut report).await?;
        let mut summary = FixSummary { numbers: checked.numbers, ..FixSummary::default() };
        let worklist = Worklist::of_reports(reports, &RepairPolicy::ALL);
        self.work_off(author, worklist, &mut summary, progress).await;
        Ok(summary)
    }

    /// Writes the changes of a worklist, until there are no more or the progress is stopped.
    async fn work_off(
        &self,
        author: &Author,
        worklist: Worklist,
        summary: &mut FixSummary,
        progress: &mut (dyn FixProgress + Send),
    ) {
        progress.begun(worklist.tasks.len());
        summary.left = worklist.skipped.len() + worklist.unplanned;
        worklist.skipped.into_iter().for_each(|fixed| progress.done(fixed));
        let open = Accesses::open(&self.check.access, author, &worklist.tasks).await;
        let mut waiting = worklist.tasks.into_iter();
        let mut work = FuturesUnordered::new();
        loop {
            while work.len() < MAX_CONCURRENT_NUMBERS && !progress.is_stopped() {
                let Some(task) = waiting.next() else { break };
                work.push(self.fix_number(author, &open, task));
            }
            let Some(fixed) = work.next().await else { break };
            match &fixed {
                Fixed::Written { changes, blockers, .. } => {
                    summary.changed += usize::from(!changes.is_empty());
                    summary.fields += changes.len();
                    summary.left += usize::from(!blockers.is_empty());
                }
                Fixed::Left { .. } | Fixed::Changed { .. } | Fixed::Failed { .. } => {
                    summary.left += 1;
                }
            }
            progress.done(fixed);
        }
        summary.left += waiting.len();
    }

    async fn fix_number(&self, author: &Author, open: &Accesses<'_>, task: Task) -> Fixed {
        let number = task.configured.number.sender;
        let fixing = async {
            let configured = self.found_as_checked(author, &task).await?;
            let applied = self.write(author, open, &configured, &task).await?;
            if let Applied::Written(_) = applied {
                self.repaired(author, &task).await;
            }
            Ok(applied)
        };
        match self.apply.leases.exclusively(number, WhenHeld::Wait, Box::pin(fixing)).await {
            Ok(Applied::Written(changes)) => {
                Fixed::Written { number, changes, blockers: task.blockers }
            }
            Ok(Applied::Changed(mismatches)) => Fixed::Changed { number, mismatches },
            Err(error) => Fixed::Failed { number, error },
        }
    }

    /// The number, unless it was assigned, unassigned or fixed since the check: it is then left to whoever did that. The
    /// setting of a service may have been passed on to it by another number that is fixed.
    async fn found_as_checked(
        &self,
        author: &Author,
        task: &Task,
    ) -> Result<ConfiguredNumber, ConfigurationError> {
        let checked = &task.configured;
        let number = checked.number.sender;
        let found = self.apply.configurations.find(author, number).await;
        let found = found.map_err(OperationError::store("finding the number"))?;
        let is_as_checked = |found: &ConfiguredNumber| {
            found.number == checked.number
                && found.plan == checked.plan
                && same_without_service(found.adopted.as_ref(), checked.adopted.as_ref())
        };
        found.filter(is_as_checked).ok_or(ConfigurationError::Changed { number })
    }

    /// Records that a number does not drift any more. If the store fails, the next check records it.
    async fn repaired(&self, author: &Author, task: &Task) {
        let mut findings = Findings::default();
        let report = NumberReport {
            configured: task.configured.clone(),
            drift: Drift { changes: Vec::new(), blockers: task.blockers.clone() },
            observed: Some(task.observed.clone()),
        };
        findings.add_number(&report, self.check.clock.now());
        if let Err(error) = findings.record(self.check.findings.as_ref(), author).await {
            tracing::warn!(error = %Causes(&error), "a repaired number was not recorded");
        }
    }

    /// Reads the number again right before it is written, to notice changes made since the check.
    async fn write(
        &self,
        author: &Author,
        open: &Accesses<'_>,
        configured: &ConfiguredNumber,
        task: &Task,
    ) -> Result<Applied, ConfigurationError> {
        let Task { observed, changes, .. } = task;
        let account = configured.number.account;
        let access = open.of(author, account).await?;
        let parts: Vec<Part> = changes.iter().map(|change| change.field.part()).collect();
        let survey = Survey::new(self.apply.carrier.as_ref(), &access);
        let reread = survey.again(observed, &parts).await;
        let Some(observed) =
            reread.map_err(OperationError::carrier(account, "reading the configuration"))?
        else {
            let number = configured.number.sender;
            return Err(ConfigurationError::NotThere { number, account });
        };
        self.apply.apply(author, &access, configured, &observed, changes).await
    }
}

/// The credentials of the accounts of all tasks, opened once per account.
struct Accesses<'a> {
    open: &'a OpenAccess,
    opened: HashMap<AccountSid, CarrierAccess>,
}

impl<'a> Accesses<'a> {
    async fn open(open: &'a OpenAccess, author: &Author, tasks: &[Task]) -> Accesses<'a> {
        let mut opened = HashMap::new();
        for task in tasks {
            let account = task.configured.number.account;
            if !opened.contains_key(&account)
                && let Ok(access) = open.of(author, account).await
            {
                opened.insert(account, access);
            }
        }
        Self { open, opened }
    }

    /// Opens credentials that failed to open once more, to return the error.
    async fn of(
        &self,
        author: &Author,
        account: AccountSid,
    ) -> Result<CarrierAccess, ConfigurationError> {
        match self.opened.get(&account) {
            Some(access) => Ok(access.clone()),
            None => Ok(self.open.of(author, account).await?),
        }
    }
}
